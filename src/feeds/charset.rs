//! Bytes to text, whatever the publisher says of their encoding: a mark at the beginning, what the configuration says, what the
//! bytes prove, what the reply and the document declare, and a guess, in this order.

use super::OptionError;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// What is said of a body's encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// By the configuration: it is believed.
    pub configured: Option<&'static Encoding>,
    /// By the server, as a media type: `text/xml; charset=utf-8`.
    pub content_type: Option<&'a str>,
    /// The address, whose country helps to guess.
    pub address: Option<&'a str>,
}

/// A body's text.
#[derive(Debug)]
pub struct Read<'a> {
    /// The text; what could not be read is U+FFFD.
    pub text: Cow<'a, str>,
    /// In which encoding it was read.
    pub encoding: &'static Encoding,
    /// What is doubtful about it: `it says utf-8 and is not; it was read as windows-1252`.
    pub doubt: Option<String>,
}

/// Reads a body.
pub fn text<'a>(bytes: &'a [u8], said: &Said<'_>) -> Read<'a> {
    let sure = |encoding: &'static Encoding, bytes: &'a [u8]| Read {
        text: encoding.decode_without_bom_handling(bytes).0,
        encoding,
        doubt: None,
    };
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        // A mark of UTF-8 before other bytes is a publisher's mistake: go on as without it.
        let rest = &bytes[length..];
        if encoding != UTF_8 || std::str::from_utf8(rest).is_ok() {
            return sure(encoding, rest);
        }
    }
    if let Some(encoding) = said.configured {
        return sure(encoding, bytes);
    }
    match bytes {
        [b'<' | b'{' | b'[', 0, _, 0, ..] => return sure(UTF_16LE, bytes),
        [0, b'<' | b'{' | b'[', 0, _, ..] => return sure(UTF_16BE, bytes),
        _ => {}
    }
    let by_server = said.content_type.and_then(charset_of);
    let by_document = declared(bytes).or_else(|| declared_in_page(bytes));
    let said_so = [by_server, by_document];
    if let Ok(text) = std::str::from_utf8(bytes) {
        // Nothing else looks like UTF-8 by chance; but one encoding is ASCII in its bytes.
        if said_so.contains(&Some(ISO_2022_JP)) && text.contains('\u{1b}') {
            return sure(ISO_2022_JP, bytes);
        }
        let plain = Read { text: Cow::Borrowed(text), encoding: UTF_8, doubt: None };
        return encoded_twice(text).map_or(plain, |text| Read {
            text: Cow::Owned(text),
            encoding: UTF_8,
            doubt: Some("its UTF-8 was encoded twice; it was read as it was meant".to_owned()),
        });
    }
    for encoding in in_order(by_server, by_document) {
        let (text, _, damaged) = encoding.decode(bytes);
        if !damaged {
            return Read { text, encoding, doubt: None };
        }
    }
    guess(bytes, said_so.into_iter().flatten().next(), said.address)
}

/// The encodings that are worth a try, the likelier first. Servers say Latin-1 of everything.
fn in_order(by_server: Option<&'static Encoding>, by_document: Option<&'static Encoding>) -> Vec<&'static Encoding> {
    let mut all: Vec<&'static Encoding> = [by_server, by_document].into_iter().flatten().collect();
    all.retain(|encoding| *encoding != UTF_8);
    all.sort_by_key(|encoding| *encoding == WINDOWS_1252);
    all
}

/// A text that somebody took for windows-1252 when it was UTF-8 already: `Ð¯Ð½Ð´ÐµÐºÑ`. No text looks like that by chance, if there is
/// enough of it.
fn encoded_twice(text: &str) -> Option<String> {
    const ENOUGH: usize = 8;
    let mut beyond = text.chars().skip_while(char::is_ascii);
    let (first, second) = (beyond.next()?, beyond.next()?);
    // The first byte of a character, taken for one, and what cannot be its second: then nothing else has to be looked at.
    if !('\u{c2}'..='\u{f4}').contains(&first) || second.is_ascii() {
        return None;
    }
    let (bytes, _, unlike) = WINDOWS_1252.encode(text);
    let once = (!unlike).then(|| String::from_utf8(bytes.into_owned()).ok()).flatten()?;
    (once.chars().filter(|c| !c.is_ascii()).count() >= ENOUGH).then_some(once)
}

fn guess<'a>(bytes: &'a [u8], said: Option<&'static Encoding>, address: Option<&str>) -> Read<'a> {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good <= bad {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let country = address.and_then(country);
        let guessed = detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Deny);
        let guessed = if is_western(bytes) { WINDOWS_1252 } else { guessed };
        let (text, _, damaged) = guessed.decode(bytes);
        if !damaged {
            let says = said.map_or_else(
                || "it does not say its encoding".to_owned(),
                |said| format!("it says {} and is not", said.name().to_lowercase()),
            );
            let doubt = format!("{says}; it was read as {}", guessed.name().to_lowercase());
            return Read { text, encoding: guessed, doubt: Some(doubt) };
        }
    }
    let text = Cow::Owned(String::from_utf8_lossy(bytes).into_owned());
    let s = if bad == 1 { "" } else { "s" };
    Read { text, encoding: UTF_8, doubt: Some(format!("{bad} byte{s} that are no UTF-8")) }
}

/// Whether bytes read as windows-1252 have no signs beyond ASCII but letters and marks of western Europe: then its neighbours, which
/// have most of them at the same places, would be a worse guess.
fn is_western(bytes: &[u8]) -> bool {
    const LETTERS: &str = "áéíóúàèìòùâêîôûäëïöüãõçñåæøßÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÄËÏÖÜÃÕÇÑÅÆØ¿¡ºª«»–—‘’“”€\u{a0}°";
    let (text, damaged) = WINDOWS_1252.decode_without_bom_handling(bytes);
    let mut beyond = text.chars().filter(|c| !c.is_ascii()).peekable();
    let western = |c: char| LETTERS.contains(c);
    // Two letters in a row that are not ASCII are hardly ever western, and the rule of other alphabets.
    let runs = text.chars().zip(text.chars().skip(1)).any(|(a, b)| both_letters(a, b));
    !damaged && beyond.peek().is_some() && beyond.all(western) && !runs
}

fn both_letters(a: char, b: char) -> bool {
    !a.is_ascii() && !b.is_ascii() && a.is_alphabetic() && b.is_alphabetic()
}

/// The last part of an address's host: `gr`.
fn country(address: &str) -> Option<String> {
    let host = url::Url::parse(address).ok()?.host_str()?.to_ascii_lowercase();
    let last = host.rsplit('.').next()?;
    // The guesser wants letters only.
    (last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| last.to_owned())
}

/// The encoding of a media type: `text/xml; charset="windows-1251"`.
fn charset_of(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset=")?;
    Encoding::for_label(rest.split([';', ' ', ',']).next()?.trim_matches(['"', '\'']).as_bytes())
}

/// The encoding that the configuration names.
pub(super) fn configured(name: &str) -> Result<&'static Encoding, OptionError> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        OptionError::new(
            "encoding",
            format!("\"{name}\" is no encoding that is known"),
            "write its name as web pages do, such as \"windows-1251\" or \"shift_jis\", or leave it out: it is found out",
        )
    })
}

/// The encoding that a web page names near its beginning: `<meta charset="…">`, or in a `content` attribute.
fn declared_in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    const WITHIN: usize = 2_048;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(WITHIN)]).to_ascii_lowercase();
    let meta = start.find("<meta")?;
    let at = meta + start[meta..].find("charset=")? + "charset=".len();
    let name = start[at..].trim_start_matches(['"', '\'', ' ']);
    Encoding::for_label(name.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).next()?.as_bytes())
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const ENOUGH: usize = 512;
    let start = bytes.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let start = &start[..start.len().min(ENOUGH)];
    let end = start.iter().position(|byte| *byte == b'>')?;
    let declaration = std::str::from_utf8(start[..end].strip_prefix(b"<?xml")?).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(rest[1..].split(quote).next()?.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RUSSIAN: &str = "Новости Оренбурга: город и область, происшествия, спорт и культура, погода на завтра";

    fn read(bytes: &[u8], content_type: Option<&str>) -> (String, Option<String>) {
        let said = Said { content_type, ..Said::default() };
        let read = text(bytes, &said);
        (read.text.into_owned(), read.doubt)
    }

    fn xml(encoding: &str) -> String {
        format!("<?xml version='1.0' encoding=\"{encoding}\" ?><a>{RUSSIAN}</a>")
    }

    #[test]
    fn declared_misdeclared_and_undeclared() {
        let in_1251 = |text: &str| encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
        let declared = xml("windows-1251");
        for (bytes, content_type) in [
            (in_1251(&declared), None),
            (in_1251(&declared), Some("text/xml; charset=ISO-8859-1")),
            (in_1251(&declared), Some("text/xml; charset=utf-8")),
            // The document says one thing and is UTF-8.
            (declared.clone().into_bytes(), Some("application/rss+xml")),
        ] {
            assert_eq!(read(&bytes, content_type), (declared.clone(), None), "{content_type:?}");
        }
        let silent = format!("<a>{RUSSIAN}</a>");
        assert_eq!(read(&in_1251(&silent), Some("text/xml; charset='windows-1251'")), (silent.clone(), None));
        let (text, doubt) = read(&in_1251(&silent), None);
        assert_eq!(text, silent);
        assert_eq!(doubt.unwrap(), "it does not say its encoding; it was read as windows-1251");
        let wrong = xml("utf-8");
        let (text, doubt) = read(&in_1251(&wrong), None);
        assert_eq!(text, wrong);
        assert_eq!(doubt.unwrap(), "it says utf-8 and is not; it was read as windows-1251");
    }

    #[test]
    fn western_text_is_western() {
        let spanish = encoding_rs::WINDOWS_1252.encode("Año;España;Número\n2022;Haití;5").0.into_owned();
        assert!(read(&spanish, None).0.starts_with("Año;España;Número"));
        let polish =
            encoding_rs::WINDOWS_1250.encode("Województwo łódzkie, Gdańsk i Śląsk: zażółć gęślą jaźń").0.into_owned();
        assert!(read(&polish, None).0.contains("łódzkie"));
    }

    #[test]
    fn pages_say_it_in_a_meta() {
        for meta in ["<meta charset=\"ISO-8859-2\">", "<META http-equiv=x content='text/html; charset=iso-8859-2'>"] {
            let mut page = format!("<!doctype html><html><head>{meta}</head>").into_bytes();
            page.push(0xb1);
            let (text, doubt) = read(&page, None);
            assert!(text.ends_with('ą') && doubt.is_none(), "{text}");
        }
    }

    #[test]
    fn marks_and_wide_encodings() {
        let wide = |big: bool, mark: bool| -> Vec<u8> {
            let units = mark.then_some(0xfeff).into_iter().chain("<a>é</a>".encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        for (big, mark) in [(true, true), (true, false), (false, true), (false, false)] {
            assert_eq!(read(&wide(big, mark), Some("text/xml; charset=utf-8")), ("<a>é</a>".to_owned(), None));
        }
        assert_eq!(read(b"\xef\xbb\xbf<a>\xc3\xa9</a>", None), ("<a>é</a>".to_owned(), None));
        let japanese = encoding_rs::ISO_2022_JP.encode("<?xml encoding='iso-2022-jp'?>ニュース").0.into_owned();
        assert_eq!(read(&japanese, None), ("<?xml encoding='iso-2022-jp'?>ニュース".to_owned(), None));
    }

    #[test]
    fn what_was_encoded_twice_is_read_once() {
        let twice = |text: &str| WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
        let (text, doubt) = read(twice(RUSSIAN).as_bytes(), None);
        assert_eq!(
            (text.as_str(), doubt.unwrap().as_str()),
            (RUSSIAN, "its UTF-8 was encoded twice; it was read as it was meant")
        );
        for once in ["École à la française où l’été dura", "Ã© stands for é here", "Größe, Übermaß, Ärger, Öl"]
        {
            assert_eq!(read(once.as_bytes(), None), (once.to_owned(), None));
        }
    }

    #[test]
    fn one_bad_byte_does_not_turn_everything_into_another_encoding() {
        let mut bytes = "<a>é ü ö".as_bytes().to_vec();
        bytes.push(0xe9);
        assert_eq!(read(&bytes, None), ("<a>é ü ö\u{fffd}".to_owned(), Some("1 byte that are no UTF-8".to_owned())));
        assert_eq!(read(b"<a>Caf\xe9 de Flore</a>", None).0, "<a>Café de Flore</a>");
        let said = Said { configured: Some(encoding_rs::ISO_8859_2), ..Said::default() };
        assert_eq!(text(b"\xb1", &said).text, "ą");
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_utf8_stays(bytes in prop::collection::vec(any::<u8>(), 0..60), word in "\\PC{0,20}") {
            let _ = read(&bytes, Some("text/xml; charset=shift_jis"));
            let _ = text(&bytes, &Said { address: Some("https://a.co.jp/"), ..Said::default() });
            let plain = format!("<{word}");
            prop_assert_eq!(read(plain.as_bytes(), Some("text/xml; charset=big5")).0, plain);
        }
    }
}
