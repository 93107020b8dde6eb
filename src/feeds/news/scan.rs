//! Markup as pieces, from left to right, whatever it is: nothing is refused, each byte is looked at a few times at most.
//! What is no tag is text.

/// A piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text, its references not decoded.
    Text(&'a str),
    /// What a CDATA section holds.
    Literal(&'a str),
    /// A tag that opens an element.
    Open(Tag<'a>),
    /// A tag that closes one: its name.
    Close(&'a str),
}

/// A tag that opens an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name with its prefix: `dc:date`.
    pub name: &'a str,
    /// Whether it closes itself.
    pub ends: bool,
    attributes: &'a str,
}

/// A walk through markup. A copy of it stays where it is.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether the ends of comments, sections … are still ahead: where one was looked for in vain nobody looks again.
    ahead: Ahead,
    /// From a place on, where the next end of a section is.
    section: Option<(usize, usize)>,
    /// Bare signs up to here have been counted.
    counted: usize,
    /// `&` that begin no reference, outside of sections.
    pub ampersands: usize,
    /// `<` that begin no tag.
    pub angles: usize,
}

#[derive(Clone, Copy, Debug)]
struct Ahead {
    comments: bool,
    sections: bool,
    instructions: bool,
    declarations: bool,
}

impl<'a> Scanner<'a> {
    /// At the beginning of a text.
    pub const fn new(text: &'a str) -> Self {
        let ahead = Ahead { comments: true, sections: true, instructions: true, declarations: true };
        Self { text, at: 0, ahead, section: None, counted: 0, ampersands: 0, angles: 0 }
    }

    /// The byte before which the next piece begins.
    pub const fn place(&self) -> usize {
        self.at
    }

    /// The text between two places.
    pub fn between(&self, from: usize, until: usize) -> &'a str {
        &self.text[from..until.max(from)]
    }

    /// Goes back to a place; what was counted stays counted, once.
    pub const fn back_to(&mut self, place: usize) {
        self.at = place;
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                return Some(self.take_text(0));
            }
            if let Some(inside) = rest.strip_prefix("<!--").filter(|_| self.ahead.comments) {
                match inside.find("-->") {
                    Some(end) => self.at += end + "<!---->".len(),
                    None => self.ahead.comments = false,
                }
                continue;
            }
            if let Some(inside) = rest.strip_prefix("<![CDATA[").filter(|_| self.ahead.sections) {
                let from = self.at + "<![CDATA[".len();
                match self.section_end(from) {
                    Some(end) if !is_unclosed(&inside[..end - from]) => {
                        self.at = end + "]]>".len();
                        return Some(Piece::Literal(&inside[..end - from]));
                    }
                    Some(_) => return Some(self.take_text(1)),
                    None => self.ahead.sections = false,
                }
                continue;
            }
            if let Some(inside) = rest.strip_prefix("<?").filter(|_| self.ahead.instructions) {
                match inside.find("?>") {
                    Some(end) => self.at += end + "<??>".len(),
                    None => self.ahead.instructions = false,
                }
                continue;
            }
            if rest.starts_with("<!") && self.ahead.declarations {
                match declaration_end(rest) {
                    Some(end) => self.at += end,
                    None => self.ahead.declarations = false,
                }
                continue;
            }
            return Some(self.take_tag(rest).unwrap_or_else(|| self.take_text(1)));
        }
    }

    /// Where the next `]]>` is. Between two known places nobody looks twice.
    fn section_end(&mut self, from: usize) -> Option<usize> {
        const END: &str = "]]>";
        let bytes = self.text.as_bytes();
        let end = match self.section {
            Some((known, end)) if from <= end => {
                let before = bytes.get(from..(known + END.len() - 1).min(end)).unwrap_or_default();
                let found = before.windows(END.len()).position(|part| part == END.as_bytes());
                found.map_or(end, |at| from + at)
            }
            _ => from + self.text[from..].find(END)?,
        };
        self.section = Some((from, end));
        Some(end)
    }

    /// Text up to the next `<`, of which the first bytes are no tag.
    fn take_text(&mut self, signs: usize) -> Piece<'a> {
        let rest = &self.text[self.at..];
        let end = rest[signs..].find('<').map_or(rest.len(), |at| signs + at);
        let text = &rest[..end];
        let until = self.at + end;
        if until > self.counted {
            self.counted = until;
            self.angles += signs;
            self.ampersands += bare_ampersands(text);
        }
        self.at = until;
        Piece::Text(text)
    }

    fn take_tag(&mut self, rest: &'a str) -> Option<Piece<'a>> {
        let closing = rest.as_bytes().get(1) == Some(&b'/');
        let from = 1 + usize::from(closing);
        let first = *rest.as_bytes().get(from)?;
        if !(first.is_ascii_alphabetic() || first == b'_' || first >= 0x80) {
            return None;
        }
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<');
        let name_end = rest.bytes().skip(from).position(is_end).map_or(rest.len(), |at| from + at);
        let name = &rest[from..name_end];
        if closing {
            // `</title` before the next tag closes as well.
            let end = rest.bytes().skip(name_end).position(|byte| matches!(byte, b'>' | b'<'));
            let end = name_end + end?;
            self.at += end + usize::from(rest.as_bytes()[end] == b'>');
            return Some(Piece::Close(name));
        }
        let end = tag_end(rest, name_end)?;
        self.at += end;
        let inside = &rest[name_end..end - 1];
        let ends = inside.ends_with('/');
        let attributes = inside.strip_suffix('/').unwrap_or(inside);
        Some(Piece::Open(Tag { name, ends, attributes }))
    }
}

impl<'a> Tag<'a> {
    /// An attribute as it is written, by its name whatever its case.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        // Most tags have none.
        if self.attributes.len() <= name.len() {
            return None;
        }
        self.attributes().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All of them.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            loop {
                rest = rest.trim_start();
                if rest.is_empty() {
                    return None;
                }
                let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
                let name = &rest[..end];
                let after = rest[end..].trim_start();
                let Some(value) = after.strip_prefix('=') else {
                    // A name alone; a sign that is no name must not stop the walk.
                    rest = if end == 0 { &rest[rest.chars().next().map_or(0, char::len_utf8)..] } else { after };
                    continue;
                };
                let value = value.trim_start();
                let (value, left) = match value.chars().next() {
                    Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                    _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
                };
                rest = left;
                return Some((name, value));
            }
        })
    }
}

/// Whether a section lost its end: an item ends in it, and another section begins behind that.
fn is_unclosed(section: &str) -> bool {
    section.split_once("<![CDATA[").is_some_and(|(first, _)| first.contains("</item>") || first.contains("</entry>"))
}

/// The byte after the `>` of a tag. One in quotes does not count, unless the quotes do not end before the next tag: then
/// somebody forgot one.
fn tag_end(rest: &str, from: usize) -> Option<usize> {
    let (mut quote, mut first) = (None, None);
    let bytes = rest.as_bytes();
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            // A bare `<` in an attribute.
            (Some(_), b'<') if bytes.get(at + 1) == Some(&b' ') => {}
            (_, b'<') => return first,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (Some(_), b'>') if first.is_none() => first = Some(at + 1),
            _ => {}
        }
    }
    first
}

/// The byte after a declaration such as `<!DOCTYPE a [<!ENTITY b "c">]>`.
fn declaration_end(rest: &str) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'[') => depth += 1,
            (None, b']') => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn bare_ampersands(text: &str) -> usize {
    if !text.contains('&') {
        return 0;
    }
    text.match_indices('&').filter(|(at, _)| !begins_reference(&text.as_bytes()[at + 1..])).count()
}

/// Whether what follows an `&` makes a reference: a name (known or not), or the number of a character.
fn begins_reference(rest: &[u8]) -> bool {
    const LONGEST: usize = 32;
    let Some(end) = rest.iter().take(LONGEST).position(|byte| *byte == b';') else { return false };
    let Ok(name) = std::str::from_utf8(&rest[..end]) else { return false };
    let Some(number) = name.strip_prefix('#') else {
        return name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    };
    let hexadecimal = number.strip_prefix('x');
    let digits = hexadecimal.unwrap_or(number);
    let number = u32::from_str_radix(digits, if hexadecimal.is_some() { 16 } else { 10 });
    !digits.starts_with('+') && number.is_ok_and(|number| number > 0 && char::from_u32(number).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> String {
        let mut scanner = Scanner::new(text);
        let mut out = Vec::new();
        while let Some(piece) = scanner.next() {
            out.push(match piece {
                Piece::Text(text) => format!("{text:?}"),
                Piece::Literal(text) => format!("[{text}]"),
                Piece::Open(tag) => {
                    let attributes: String = tag.attributes().map(|(name, value)| format!(" {name}={value}")).collect();
                    format!("<{}{attributes}{}>", tag.name, if tag.ends { "/" } else { "" })
                }
                Piece::Close(name) => format!("</{name}>"),
            });
        }
        out.join("")
    }

    #[test]
    fn pieces_of_sound_and_broken_markup() {
        for (text, pieces) in [
            ("<a>b</a>", "<a>\"b\"</a>"),
            ("<?xml?><!DOCTYPE a [<!ENTITY b '>'>]><a b = 'c' d=\"e>f\" g=h/>", "<a b=c d=e>f g=h/>"),
            ("<!-- <a> --><![CDATA[<b>]]>c", "[<b>]\"c\""),
            ("5 < 6 <3 </ <", "\"5 \"\"< 6 \"\"<3 \"\"</ \"\"<\""),
            ("<a b=\"c>d<e>", "<a b=\"c>\"d\"<e>"),
            ("<a b=\"c < d\">", "<a b=c < d>"),
            ("<a <b>", "\"<a \"<b>"),
            ("<a></a<b></b >", "<a></a><b></b>"),
            ("<a", "\"<a\""),
            ("x<!-- y", "\"x\"\"<!-- y\""),
            ("<![CDATA[ <a>", "\"<![CDATA[ \"<a>"),
            ("<![CDATA[a]]</item><![CDATA[b]]>", "\"<![CDATA[a]]\"</item>[b]"),
            ("<![CDATA[a</item>b]]>", "[a</item>b]"),
            ("<a b c='1' ='2' d>", "<a c=1 =2>"),
        ] {
            let shown = said(text);
            assert_eq!(shown, pieces.replace("<a b=\"c>", "<a b=c>"), "{text}");
        }
    }

    #[test]
    fn bare_signs_are_counted_once() {
        let text = "a & b &amp; &x; &#0; <3 <a>&</a><![CDATA[&]]>";
        let mut scanner = Scanner::new(text);
        while scanner.next().is_some() {}
        scanner.back_to(0);
        while scanner.next().is_some() {}
        assert_eq!((scanner.ampersands, scanner.angles), (3, 1));
    }

    #[test]
    fn no_markup_takes_long() {
        for part in [
            "<a",
            "<a ",
            "<a \"",
            "<a b='",
            "<!--",
            "<![CDATA[",
            "<?",
            "<!",
            "<!a[",
            "&",
            "&a",
            "</a",
            "<",
            "</",
            "<a b=",
            ">",
        ] {
            let text = part.repeat(1_000_000 / part.len());
            for text in [text.clone(), text + "]]>"] {
                let mut scanner = Scanner::new(&text);
                while let Some(piece) = scanner.next() {
                    if let Piece::Open(tag) = piece {
                        assert_eq!(tag.attribute("zzz"), None);
                    }
                }
                assert_eq!(scanner.place(), text.len());
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_or_stops(text in "(<|>|/|a|!--|-->|<!\\[CDATA\\[|\\]\\]>|'|\"| |=|é|&|\\?|;){0,40}") {
            let mut scanner = Scanner::new(&text);
            let mut before = 0;
            while let Some(piece) = scanner.next() {
                prop_assert!(scanner.place() > before);
                before = scanner.place();
                if let Piece::Open(tag) = piece {
                    let _ = tag.attributes().count();
                }
            }
            prop_assert_eq!(scanner.place(), text.len());
        }
    }
}
