//! Small faults that make the parser refuse a whole feed, mended: a bare `&` or `<`, bytes that are no UTF-8, a
//! version of RSS that nobody knows, numbers for ids. What cannot be mended here is told; item by item rescue is
//! another file's work.

use super::prepare::{Passed, find, is_ascii_kin, passed_over};
use serde_json::Value;

/// A mended feed and what was mended, for a warning.
#[derive(Debug, PartialEq, Eq)]
pub struct Mended {
    /// The feed.
    pub bytes: Vec<u8>,
    /// What was mended: `3 bare "&"`.
    pub what: String,
}

/// A mended copy; `None` where there is nothing to mend.
pub fn mend(bytes: &[u8]) -> Option<Mended> {
    if !is_ascii_kin(bytes) {
        return None;
    }
    let first = bytes.iter().find(|byte| matches!(byte, b'<' | b'{'))?;
    if *first == b'{' { mend_json(bytes) } else { mend_xml(bytes) }
}

fn mend_xml(bytes: &[u8]) -> Option<Mended> {
    let mut what = Vec::new();
    let text;
    let mut bytes = bytes;
    if std::str::from_utf8(bytes).is_err() && claims_utf8(bytes) {
        text = String::from_utf8_lossy(bytes).into_owned();
        what.push(format!("{} bytes that are no UTF-8", text.matches(char::REPLACEMENT_CHARACTER).count()));
        bytes = text.as_bytes();
    }
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let (mut copied, mut at) = (0, 0);
    let (mut ampersands, mut angles, mut version) = (0_usize, 0_usize, false);
    while let Some(offset) = bytes[at..].iter().position(|byte| matches!(byte, b'<' | b'&')) {
        let sign = at + offset;
        at = sign + 1;
        if bytes[sign] == b'&' {
            if !begins_entity(&bytes[at..]) {
                out.extend_from_slice(&bytes[copied..at]);
                out.extend_from_slice(b"amp;");
                copied = at;
                ampersands += 1;
            }
            continue;
        }
        match passed_over(bytes, sign) {
            Passed::To(end) => at = end,
            Passed::ToTheEnd => break,
            Passed::Nothing
                if !bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80) =>
            {
                out.extend_from_slice(&bytes[copied..sign]);
                out.extend_from_slice(b"&lt;");
                copied = at;
                angles += 1;
            }
            Passed::Nothing => {
                if let Some((from, until, known)) = rss_version(bytes, sign) {
                    out.extend_from_slice(&bytes[copied..from]);
                    out.extend_from_slice(known);
                    copied = until;
                    at = until;
                    version = true;
                }
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    if ampersands > 0 {
        what.push(format!("{ampersands} bare \"&\""));
    }
    if angles > 0 {
        what.push(format!("{angles} bare \"<\""));
    }
    if version {
        what.push("the version of RSS".to_owned());
    }
    if what.is_empty() { None } else { Some(Mended { bytes: out, what: what.join(", ") }) }
}

/// Whether the declaration names UTF-8, or nothing.
fn claims_utf8(bytes: &[u8]) -> bool {
    let declaration = if bytes.starts_with(b"\xef\xbb\xbf") { &bytes[3..] } else { bytes };
    let declaration = declaration.trim_ascii_start();
    if !declaration.starts_with(b"<?xml") {
        return true;
    }
    let end = find(declaration, 0, b"?>").unwrap_or(declaration.len());
    let declaration = declaration[..end].to_ascii_lowercase();
    find(&declaration, 0, b"encoding").is_none() || find(&declaration, 0, b"utf-8").is_some()
}

/// Whether an `&` begins a reference that the parser takes: a name (known or not), or the number of a character.
fn begins_entity(rest: &[u8]) -> bool {
    const LONGEST: usize = 32;
    let Some(end) = rest.iter().take(LONGEST).position(|byte| *byte == b';') else { return false };
    let Ok(name) = std::str::from_utf8(&rest[..end]) else { return false };
    match name.strip_prefix('#') {
        Some(number) => {
            let hexadecimal = number.strip_prefix('x');
            let digits = hexadecimal.unwrap_or(number);
            let number = u32::from_str_radix(digits, if hexadecimal.is_some() { 16 } else { 10 });
            !digits.starts_with('+') && number.is_ok_and(|number| number > 0 && char::from_u32(number).is_some())
        }
        None => {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
    }
}

/// Where an `<rss>` tag states a version that the parser does not know, and what to put there: all of them are read
/// alike.
fn rss_version(bytes: &[u8], open: usize) -> Option<(usize, usize, &'static [u8])> {
    let rest = &bytes[open..];
    if !rest.starts_with(b"<rss") || !rest.get(4).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>') {
        return None;
    }
    let end = rest.iter().position(|byte| *byte == b'>')?;
    let tag = &rest[..end];
    let Some(named) = find(tag, 0, b"version").filter(|at| tag[at - 1].is_ascii_whitespace()) else {
        return Some((open + 4, open + 4, b" version=\"2.0\""));
    };
    let quote = named + tag[named..].iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let close = quote + 1 + tag[quote + 1..].iter().position(|byte| *byte == tag[quote])?;
    let known = matches!(&tag[quote + 1..close], b"2.0" | b"0.91" | b"0.92" | b"");
    if known { None } else { Some((open + quote + 1, open + close, b"2.0")) }
}

/// JSON Feed wants texts for ids, and some publishers write numbers; what nobody here reads may be of any type.
fn mend_json(bytes: &[u8]) -> Option<Mended> {
    const UNREAD: [&str; 4] = ["author", "authors", "tags", "attachments"];
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut feed: Value = serde_json::from_slice(bytes).ok()?;
    let (mut numbers, mut unread) = (0_usize, 0_usize);
    let mut drop_unread = |value: &mut Value| {
        let map = value.as_object_mut()?;
        unread += UNREAD.iter().filter(|key| map.shift_remove(**key).is_some()).count();
        Some(())
    };
    drop_unread(&mut feed)?;
    for item in feed.get_mut("items")?.as_array_mut()? {
        drop_unread(item)?;
        if let Some(id) = item.get_mut("id").filter(|id| id.is_number()) {
            *id = Value::String(id.to_string());
            numbers += 1;
        }
    }
    let bytes = serde_json::to_vec(&feed).ok()?;
    let what = match (numbers, unread) {
        (0, 0) => return None,
        (0, _) => "people, tags or attachments of another shape".to_owned(),
        (numbers, _) => format!("{numbers} ids that are numbers"),
    };
    Some(Mended { bytes, what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mended(text: &[u8]) -> Option<(String, String)> {
        mend(text).map(|mended| (String::from_utf8(mended.bytes).unwrap(), mended.what))
    }

    #[test]
    fn small_faults_are_mended_and_told() {
        for (text, after, what) in [
            ("<a>b & c &amp; d&e;</a>", "<a>b &amp; c &amp; d&e;</a>", "1 bare \"&\""),
            ("<a>&#0; &#x41; &#xd800;</a>", "<a>&amp;#0; &#x41; &amp;#xd800;</a>", "2 bare \"&\""),
            ("<a>5 < 6, I <3 you</a>", "<a>5 &lt; 6, I &lt;3 you</a>", "2 bare \"<\""),
            ("<rss><a/>", "<rss version=\"2.0\"><a/>", "the version of RSS"),
            ("<rss x='1' version='0.94'>", "<rss x='1' version='2.0'>", "the version of RSS"),
            (
                "{\"items\": [{\"id\": 7}, {\"id\": \"8\"}]}",
                "{\"items\":[{\"id\":\"7\"},{\"id\":\"8\"}]}",
                "1 ids that are numbers",
            ),
            (
                "{\"items\": [{\"id\": \"7\", \"tags\": \"a,b\"}], \"author\": 1}",
                "{\"items\":[{\"id\":\"7\"}]}",
                "people, tags or attachments of another shape",
            ),
        ] {
            assert_eq!(mended(text.as_bytes()), Some((after.to_owned(), what.to_owned())), "{text}");
        }
        for sound in [
            "<a>b &amp; c</a>",
            "<![CDATA[ a & b < c ]]>",
            "<!-- & -->",
            "<rss version='2.0'>",
            "plain & simple",
            "{\"items\": []}",
        ] {
            assert_eq!(mended(sound.as_bytes()), None, "{sound}");
        }
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>";
        assert_eq!(mended(latin), None);
        assert_eq!(mended(b"<a>\xe9</a>").unwrap().0, "<a>\u{fffd}</a>");
    }

    proptest! {
        #[test]
        fn what_is_mended_needs_no_mending(text in "<a>(<|>|&|;|#|amp|x41|!--|-->|<!\\[CDATA\\[|\\]\\]>|rss|version|=|'| |é){0,30}") {
            if let Some(mended) = mend(text.as_bytes()) {
                prop_assert_eq!(mend(&mended.bytes), None);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = mend(&bytes);
        }
    }
}
