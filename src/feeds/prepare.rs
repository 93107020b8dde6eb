//! What is done to every feed before it is parsed. Names that RSS had in its youth become the one that the parser
//! knows. Elements that nobody here reads are taken out: people, media, podcasts. They are the larger part of many
//! feeds, and where the parser stops dead (feed-rs 3.0 cuts a name such as `Ann—ann@example.org` inside a character).

use std::borrow::Cow;

/// A feed as the parser should have it; borrowed where nothing is to be done, or where the encoding is not one of
/// ASCII's kin.
pub fn prepare(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !is_ascii_kin(bytes) {
        return Cow::Borrowed(bytes);
    }
    match old_namespace(bytes) {
        Some((from, until)) => {
            let renamed = [&bytes[..from], NAMESPACE, &bytes[until..]].concat();
            Cow::Owned(without_unread(&renamed).into_owned())
        }
        None => without_unread(bytes),
    }
}

/// The namespace of RSS that the parser knows.
const NAMESPACE: &[u8] = b"http://purl.org/rss/1.0/";

/// Other names for the same.
const OLD_NAMESPACES: [&[u8]; 5] = [
    b"http://my.netscape.com/rdf/simple/0.9/",
    b"http://channel.netscape.com/rdf/simple/0.9/",
    b"http://backend.userland.com/rss2",
    b"http://backend.userland.com/RSS2",
    b"http://blogs.law.harvard.edu/tech/rss",
];

/// Where an old name stands as the namespace of the document.
fn old_namespace(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    let open = loop {
        let open = find(bytes, at, b"<")?;
        match passed_over(bytes, open) {
            Passed::To(end) => at = end,
            Passed::ToTheEnd => return None,
            Passed::Nothing => break open,
        }
    };
    let tag = &bytes[..tag_end(bytes, open + 1)?];
    let from = find(tag, open, b"xmlns=")? + b"xmlns=\"".len();
    let old = OLD_NAMESPACES.iter().find(|old| tag.get(from..).is_some_and(|rest| rest.starts_with(old)))?;
    let until = from + old.len();
    matches!(tag.get(until), Some(b'"' | b'\'')).then_some((from, until))
}

fn without_unread(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    let mut unclosed: Vec<&[u8]> = Vec::new();
    while let Some(open) = find(bytes, at, b"<") {
        match passed_over(bytes, open) {
            Passed::To(end) => {
                at = end;
                continue;
            }
            Passed::ToTheEnd => break,
            Passed::Nothing => {}
        }
        let name = name(bytes, open + 1);
        at = open + 1;
        if !is_unread(name) || unclosed.contains(&name) {
            continue;
        }
        match element_end(bytes, open, name) {
            Some(end) => {
                out.extend_from_slice(&bytes[copied..open]);
                copied = end;
                at = end;
            }
            // Looked for once each, and not for many names: a feed that leaves so much open is not read anyway.
            None if unclosed.len() < MOST_UNCLOSED => unclosed.push(name),
            None => break,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(&bytes[copied..]);
    Cow::Owned(out)
}

const MOST_UNCLOSED: usize = 8;

/// Whether `<` is a byte of its own: not in UTF-16 and UTF-32.
pub fn is_ascii_kin(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") && !bytes.iter().take(4).any(|byte| *byte == 0)
}

/// What a `<` begins that is no element.
pub enum Passed {
    /// A comment, a CDATA section, a closing tag …: it ends here.
    To(usize),
    /// One that never ends.
    ToTheEnd,
    /// It may be an element.
    Nothing,
}

/// What begins at `open`, which is a `<`.
pub fn passed_over(bytes: &[u8], open: usize) -> Passed {
    let rest = &bytes[open..];
    let close: &[u8] = if rest.starts_with(b"<!--") {
        b"-->"
    } else if rest.starts_with(b"<![CDATA[") {
        b"]]>"
    } else if rest.starts_with(b"<?") {
        b"?>"
    } else if matches!(rest.get(1), Some(b'/' | b'!')) {
        return Passed::To(open + 2);
    } else {
        return Passed::Nothing;
    };
    find(bytes, open + 2, close).map_or(Passed::ToTheEnd, |at| Passed::To(at + close.len()))
}

/// The first place of `what` at or after `from`.
pub fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let first = what[0];
    let mut at = 0;
    loop {
        at += rest[at..].iter().position(|byte| *byte == first)?;
        if rest[at..].starts_with(what) {
            return Some(from + at);
        }
        at += 1;
    }
}

fn name(bytes: &[u8], from: usize) -> &[u8] {
    let rest = &bytes[from..];
    let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'));
    &rest[..end.unwrap_or(rest.len())]
}

fn is_unread(name: &[u8]) -> bool {
    matches!(name, b"author" | b"contributor" | b"managingEditor" | b"webMaster" | b"dc:creator")
        || [b"media:".as_slice(), b"itunes:", b"podcast:"].iter().any(|prefix| name.starts_with(prefix))
}

/// The byte after an element, however deep elements of its name are nested in it.
fn element_end(bytes: &[u8], open: usize, name: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = open;
    loop {
        let tag = find(bytes, at, b"<")?;
        let closing = bytes.get(tag + 1) == Some(&b'/');
        if !closing {
            match passed_over(bytes, tag) {
                Passed::To(end) => {
                    at = end;
                    continue;
                }
                Passed::ToTheEnd => return None,
                Passed::Nothing => {}
            }
        }
        let from = tag + 1 + usize::from(closing);
        at = from;
        if self::name(bytes, from) != name {
            continue;
        }
        let end = tag_end(bytes, from)?;
        if closing {
            depth = depth.checked_sub(1)?;
        } else if bytes.get(end - 2) != Some(&b'/') {
            depth += 1;
        }
        at = end;
        if depth == 0 {
            return Some(end);
        }
    }
}

/// The byte after the `>` of a tag; one in quotes does not count.
fn tag_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prepared(text: &str) -> String {
        String::from_utf8(prepare(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn old_names_of_rss_become_the_known_one() {
        for (text, after) in [
            (
                "<?xml?><!-- <a> --><rss version='2.0' xmlns='http://backend.userland.com/rss2'><author/>x</rss>",
                "<?xml?><!-- <a> --><rss version='2.0' xmlns='http://purl.org/rss/1.0/'>x</rss>",
            ),
            ("<a xmlns=\"http://example.org/\">", "<a xmlns=\"http://example.org/\">"),
            ("<a xmlns=\"http://backend.userland.com/rss2x\">", "<a xmlns=\"http://backend.userland.com/rss2x\">"),
            ("<a><b xmlns=\"http://backend.userland.com/rss2\">", "<a><b xmlns=\"http://backend.userland.com/rss2\">"),
            ("<a xmlns=", "<a xmlns="),
        ] {
            assert_eq!(prepared(text), after, "{text}");
        }
    }

    #[test]
    fn people_and_media_go_and_the_rest_stays() {
        for (text, left) in [
            ("<a><author>Ann—ann@example.org</author><b/></a>", "<a><b/></a>"),
            ("<a><media:thumbnail url='x>y'/>b</a>", "<a>b</a>"),
            ("<media:group><media:group/><media:text>t</media:text></media:group>b", "b"),
            ("<author><author>x</author></author>y", "y"),
            ("<author><name>x</name></author>y", "y"),
            ("<![CDATA[<author>x</author>]]>", "<![CDATA[<author>x</author>]]>"),
            ("<media:text><![CDATA[</media:text>]]></media:text>y", "y"),
            ("<!-- <author>x</author> -->", "<!-- <author>x</author> -->"),
            ("<authors>x</authors>", "<authors>x</authors>"),
            ("<author>x", "<author>x"),
            ("<author>a<title>b</title>", "<author>a<title>b</title>"),
            ("a < b <author/>", "a < b "),
        ] {
            assert_eq!(prepared(text), left, "{text}");
        }
    }

    #[test]
    fn no_feed_takes_long() {
        for part in ["<author>", "<media:a", "<author ", "<!--", "<![CDATA[", "<", "<author/>", "</author>", "<?"] {
            let text = part.repeat(1_000_000 / part.len());
            assert!(prepare(text.as_bytes()).len() <= text.len());
        }
        let many: String = (0..100_000).map(|number| format!("<media:x{number}>")).collect();
        assert_eq!(prepare(many.as_bytes()).len(), many.len());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in "(<|>|/|author|media:a|!--|-->|<!\\[CDATA\\[|\\]\\]>|'|\"| |x|\\?){0,30}", bytes in prop::collection::vec(any::<u8>(), 0..30)) {
            let once = prepared(&text);
            prop_assert!(once.len() <= text.len());
            let _ = prepare(&bytes);
        }
    }
}
