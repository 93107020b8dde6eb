//! Bytes to text: by a mark at the beginning, by what the configuration or the server says, as UTF-8 where it is
//! that, else by a guess. No bytes are lost to an error: what cannot be decoded becomes U+FFFD.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// What is said of a text's encoding beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The configuration's word: it is believed.
    pub given: Option<&'static Encoding>,
    /// The media type that the server gave: its charset is believed where the bytes are no UTF-8.
    pub content_type: Option<&'a str>,
}

/// The encoding of a name such as `windows-1252`; `None` where there is no such.
pub fn encoding(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes())
}

/// The text, with nothing said of it.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    decode(bytes, Hints::default())
}

/// The text.
pub fn decode<'b>(bytes: &'b [u8], hints: Hints<'_>) -> Cow<'b, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    match other_than_utf8(bytes, hints) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => String::from_utf8_lossy(bytes),
    }
}

/// In which encoding bytes without a mark are read; `None` where they are UTF-8.
pub fn other_than_utf8(bytes: &[u8], hints: Hints<'_>) -> Option<&'static Encoding> {
    if hints.given.is_some() {
        return hints.given;
    }
    if Encoding::for_bom(bytes).is_some() || std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let declared = hints.content_type.and_then(charset).or_else(|| charset_of_page(bytes));
    // A declaration of UTF-8 is wrong here.
    Some(declared.filter(|declared| *declared != UTF_8).unwrap_or_else(|| guess(bytes)))
}

/// The charset that a media type names: `text/csv; charset=iso-8859-1`.
pub fn charset(content_type: &str) -> Option<&'static Encoding> {
    let named = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    });
    encoding(named?)
}

/// The charset that a web page names near its beginning: `<meta charset="…">`, or in a `content` attribute.
fn charset_of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    const WITHIN: usize = 2_048;
    let start = bytes[..bytes.len().min(WITHIN)].to_ascii_lowercase();
    let start = String::from_utf8_lossy(&start);
    let meta = start.find("<meta")?;
    let at = meta + start[meta..].find("charset=")? + "charset=".len();
    let name = start[at..].trim_start_matches(['"', '\'', ' ']);
    encoding(name.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).next()?)
}

/// What text that is no UTF-8 most likely is, by its letters.
fn guess(bytes: &[u8]) -> &'static Encoding {
    const ENOUGH: usize = 256 * 1024;
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let sample = &bytes[first.saturating_sub(ENOUGH / 4)..];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample[..sample.len().min(ENOUGH)], sample.len() <= ENOUGH);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    // A broken sequence of UTF-8 in a text of it costs itself, not the whole.
    let lossy = String::from_utf8_lossy(bytes);
    let wrong = lossy.matches(char::REPLACEMENT_CHARACTER).count();
    let other = lossy.chars().filter(|c| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER).count();
    match (other > 4 * wrong, guessed) {
        (true, _) => UTF_8,
        (false, encoding) if encoding.is_single_byte() || !encoding.decode_without_bom_handling(bytes).1 => encoding,
        _ => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_becomes_something() {
        assert_eq!(text(b"\xef\xbb\xbfa,b"), "a,b");
        assert_eq!(text("é".as_bytes()), "é");
        assert_eq!(text("Panamá,1".as_bytes()), "Panamá,1");
        assert_eq!(text(b"a\xf1o,mes,n\n2022,Ene,5"), "año,mes,n\n2022,Ene,5");
        assert_eq!(text(b"\xff\xfea\0,\0b\0"), "a,b");
        assert_eq!(text(b"\xfe\xff\0a\0,"), "a,\u{fffd}".trim_end_matches('\u{fffd}'));
        // One byte that is wrong in a text of UTF-8 costs itself.
        let mut broken = "è così, più là, né qua né là, perché città".as_bytes().to_vec();
        broken.push(0xff);
        assert_eq!(text(&broken), "è così, più là, né qua né là, perché città\u{fffd}");
    }

    #[test]
    fn what_is_said_is_believed_where_it_can_be() {
        let russian = encoding_rs::WINDOWS_1251.encode("Новости области").0.into_owned();
        let hints = |given, content_type| Hints { given, content_type };
        assert_eq!(decode(&russian, hints(encoding("cp1251"), None)), "Новости области");
        assert_eq!(decode(&russian, hints(None, Some("text/csv; charset=\"windows-1251\""))), "Новости области");
        assert_eq!(text(&russian), "Новости области", "guessed by its letters");
        assert_eq!(decode("año".as_bytes(), hints(None, Some("text/csv; charset=iso-8859-1"))), "año");
        assert_eq!(decode(b"a\xf1o", hints(None, Some("text/csv; charset=utf-8"))), "año");
        let page = b"<html><head><META http-equiv=x content=\"text/html; charset=ISO-8859-2\"></head>\xb1";
        assert!(text(page).ends_with('ą'));
        assert_eq!((encoding("latin1").map(Encoding::name), encoding("klingon")), (Some("windows-1252"), None));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = text(&bytes);
        }
    }
}
