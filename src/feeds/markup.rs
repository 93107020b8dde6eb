//! Markup to text: tags dropped, entities decoded, in one pass over the characters, so that no nesting can
//! make it slow.

use super::entities;
use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Plain text of a title or a summary that may hold HTML. Block tags and line breaks become spaces; what scripts and
/// styles hold is left out.
pub fn plain(text: &str) -> Cow<'_, str> {
    if next_sign(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Once there is no `>` (no `-->`) ahead, nobody looks for one again: that is what keeps this linear.
    let mut closers = true;
    let mut comment_closers = true;
    while let Some(at) = next_sign(rest) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            rest = entity(rest, &mut out);
            continue;
        }
        if rest.starts_with("<!--") && comment_closers {
            if let Some(end) = rest.find("-->") {
                rest = &rest[end + 3..];
                continue;
            }
            comment_closers = false;
        }
        let end = if closers && begins_tag(rest) { tag_end(rest) } else { None };
        if let Some(end) = end {
            rest = after_tag(&rest[..end], &rest[end..], &mut out);
        } else {
            closers = closers && (!begins_tag(rest) || rest.contains('>'));
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Where the next `<` or `&` is.
fn next_sign(text: &str) -> Option<usize> {
    memchr2(b'<', b'&', text.as_bytes())
}

/// A text with its references to characters decoded, by number and by HTML's names; what is no reference stays. Tags stay too.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = entity(&rest[at..], &mut out);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A letter, a slash, `!` or `?` after the `<`: all else is a sign that stands for itself, as in `a < b`.
fn begins_tag(rest: &str) -> bool {
    let mut next = rest.chars().skip(1);
    match next.next() {
        Some('/') => next.next().is_some_and(|c| c.is_ascii_alphabetic()),
        Some(c) => c.is_ascii_alphabetic() || matches!(c, '!' | '?'),
        None => false,
    }
}

/// The byte after the tag that begins here. A `>` in quotes does not end it, unless the quotes go on for long: then
/// somebody forgot one.
fn tag_end(rest: &str) -> Option<usize> {
    const LONG: usize = 1_024;
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().take(LONG) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    rest.find('>').map(|at| at + 1)
}

/// What follows a tag; writes the space that it stands for.
fn after_tag<'a>(tag: &str, after: &'a str, out: &mut String) -> &'a str {
    let name = tag[1..].trim_start_matches('/');
    let end = name.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len());
    let name = &name[..end];
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    if ["script", "style"].iter().any(is) && !tag.starts_with("</") && !tag.ends_with("/>") {
        let close = format!("</{name}");
        let found = after.as_bytes().windows(close.len()).position(|part| part.eq_ignore_ascii_case(close.as_bytes()));
        return found.map_or("", |at| &after[at..]);
    }
    let is_inline = INLINE.iter().any(is);
    if !is_inline {
        out.push(' ');
    }
    after
}

/// Elements that stand within a line: where they begin and end is no space.
const INLINE: [&str; 25] = [
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
];

/// Decodes an entity; an `&` that begins none stands for itself.
fn entity<'a>(rest: &'a str, out: &mut String) -> &'a str {
    const LONGEST: usize = 12;
    let end = rest.char_indices().take(LONGEST).find(|(_, c)| *c == ';').map(|(at, _)| at);
    let decoded = end.and_then(|end| Some((entities::decode(&rest[1..end])?, end)));
    let (c, length) = decoded.map_or(('&', 1), |(c, end)| (c, end + 1));
    out.push(c);
    &rest[length..]
}

#[cfg(test)]
mod tests {
    use super::plain;
    use proptest::prelude::*;

    #[test]
    fn titles_of_real_feeds() {
        for (raw, text) in [
            ("no markup", "no markup"),
            ("<p>One</p><p>two &amp; three</p>", " One  two & three "),
            ("5 &lt; 6 < 7", "5 < 6 < 7"),
            ("I <3 you <", "I <3 you <"),
            ("It&rsquo;s <b>bold</b>&#8230;&#x21; &#146;", "It’s bold…! ’"),
            ("a &bogus; b & c", "a &bogus; b & c"),
            ("x<script>if (a<b) {}</SCRIPT>y", "x y"),
            ("x<style>p{}", "x"),
            ("unclosed <a href=", "unclosed <a href="),
            ("<img alt=\"a > b\">c<br/>d", " c d"),
            ("<a href=\"x>c</a> d", "c d"),
            ("a<!-- <b> -->b<!-- c", "ab<!-- c"),
            ("</3 & </b>", "</3 & "),
        ] {
            assert_eq!(plain(raw), text, "{raw}");
        }
    }

    /// Each of these took time that grew with the square of the length in some reader of feeds. A million characters
    /// are read here, so that a square would not end.
    #[test]
    fn no_text_takes_long() {
        for part in [
            "<a",
            "<a>",
            "<!--",
            "&",
            "&a",
            "<a \">\" ",
            "<a x='",
            "<script>",
            "< ",
            "</",
            "<script/>",
            "<a \"",
            "\u{10000}<",
        ] {
            let text = part.repeat(1_000_000 / part.len());
            assert!(plain(&text).len() <= 2 * text.len());
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[<>&;#xa-z/ é\"'!-]{0,40}") {
            let _ = plain(&text);
        }
    }
}
