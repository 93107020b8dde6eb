//! Printable: text proven free of control and escape characters. Text from outside becomes
//! `Printable` once, where it enters, so that nothing further on has to clean again: not the
//! screen, not a log, not JSON, not a window title.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cleaned text on one line: no C0, C1, bidi, zero-width, tag or variation characters, no soft hyphen,
/// white space collapsed and trimmed, few combining marks a base character (two accents, or as many signs as scripts stack),
/// joined emoji shrunk to their first character (terminals disagree about the width of the rest).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Printable(Arc<str>);

impl Printable {
    /// The most characters that a title, a name or a reason may have.
    pub const LINE: usize = 500;
    /// The most characters that a summary may have.
    pub const PARAGRAPH: usize = 4_000;

    /// Cleans `text` and keeps at most [`Printable::LINE`] characters of it.
    pub fn clean(text: &str) -> Self {
        Self::clean_to(text, Self::LINE)
    }

    /// Cleans `text` and keeps at most `most` characters; what is cut ends in `…`.
    pub fn clean_to(text: &str, most: usize) -> Self {
        let as_it_is = plain_words(text.as_bytes());
        if as_it_is == text.len() && as_it_is <= most {
            return Self(text.into());
        }
        let mut cleaner = Cleaner { out: String::with_capacity(text.len().min(most * 4)), ..Cleaner::default() };
        let mut rest = text;
        while cleaner.count <= most {
            // Most of most texts are words of ASCII with a space between: they are taken as they are.
            let words = plain_words(&rest.as_bytes()[..rest.len().min(most + 1 - cleaner.count)]);
            if words > 0 && !cleaner.joined {
                cleaner.push_words(&rest[..words]);
                rest = &rest[words..];
                continue;
            }
            let mut chars = rest.chars();
            let Some(c) = chars.next() else { break };
            cleaner.push(c);
            rest = chars.as_str();
        }
        let (mut out, count) = (cleaner.out, cleaner.count);
        if count > most {
            out = out.chars().take(most.saturating_sub(1)).collect();
            out.truncate(out.trim_end().len());
            if most > 0 {
                out.push('…');
            }
        }
        out.truncate(out.trim_end().len());
        Self(out.into())
    }

    /// A path, as messages name it: whatever stands in a file's name, it is on one line and controls no terminal.
    pub fn path(path: &Path) -> Self {
        Self::clean_to(&path.to_string_lossy(), Self::PARAGRAPH)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing printable was left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Columns on a terminal.
    pub fn width(&self) -> usize {
        width(&self.0)
    }
}

/// Text of many lines without what a terminal might obey and what reorders a line: its lines and tabs stay as they are.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmless = |c: char| matches!(c, '\n' | '\t') || !is_dropped(c);
    if text.chars().all(is_harmless) { text.into() } else { text.chars().filter(|c| is_harmless(*c)).collect() }
}

/// How far a text is made of graphic ASCII characters with single spaces between.
fn plain_words(bytes: &[u8]) -> usize {
    let mut end = 0;
    loop {
        end += bytes[end..].iter().take_while(|byte| byte.is_ascii_graphic()).count();
        match bytes[end..] {
            [b' ', next, ..] if end > 0 && next.is_ascii_graphic() => end += 1,
            _ => return end,
        }
    }
}

/// Columns of a text on a terminal: those of its characters, one after the other, as they are drawn. A text as a whole may be taken for
/// less (Arabic letters that a book would join), but no terminal joins them.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.width();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cuts text to at most `columns` columns at a character border; what is cut ends in `ellipsis`.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let own = grapheme.width();
        if used + own > room {
            break;
        }
        out.push_str(grapheme);
        used += own;
    }
    out.truncate(out.trim_end().len());
    if width(ellipsis) <= columns {
        out.push_str(ellipsis);
    }
    out
}

/// Breaks text into lines of at most `columns` columns, at spaces where there are any.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= columns {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + grapheme.width() > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if grapheme.width() <= columns {
                line.push_str(grapheme);
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The state of cleaning: what stands before the next character.
#[derive(Default)]
struct Cleaner {
    out: String,
    count: usize,
    marks: usize,
    space: bool,
    joined: bool,
}

impl Cleaner {
    fn push_words(&mut self, words: &str) {
        if std::mem::take(&mut self.space) {
            self.out.push(' ');
            self.count += 1;
        }
        self.marks = 0;
        self.out.push_str(words);
        self.count += words.len();
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.space = !self.out.is_empty();
            self.joined = false;
            return;
        }
        if c == '\u{200d}' {
            // A joiner glues the next character to this one: the next is dropped.
            self.joined = true;
            return;
        }
        if is_dropped(c) {
            return;
        }
        if std::mem::take(&mut self.joined) && !c.is_alphabetic() {
            return;
        }
        if is_mark(c) {
            self.marks += 1;
            // No script stacks the same sign twice.
            let again = !is_accent(c) && self.out.ends_with(c);
            if self.marks > most_marks(c) || again || self.out.is_empty() || self.space {
                return;
            }
        } else {
            self.marks = 0;
        }
        if std::mem::take(&mut self.space) {
            self.out.push(' ');
            self.count += 1;
        }
        self.out.push(c);
        self.count += 1;
    }
}

/// Characters that a terminal might obey, that reorder a line, or whose width terminals do not agree on
/// (dependencies.md section 4.2).
fn is_dropped(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{20e3}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// How many marks may stand on a character: two accents, which is more than any language needs; what Hebrew, Burmese or Tibetan stack.
const fn most_marks(mark: char) -> usize {
    if is_accent(mark) { 2 } else { 5 }
}

/// The marks that go with every script, of which towers are built for fun.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// A combining mark: no width of its own on a terminal, after what is dropped has gone.
fn is_mark(c: char) -> bool {
    // Below there is none but what is dropped.
    c >= '\u{300}' && unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for Printable {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Printable {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Self {
        Self::clean(text)
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Self {
        Self::clean(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_is_gone() {
        let cases = [
            ("plain", "plain"),
            ("two\r\nlines\tand  blanks ", "two lines and blanks"),
            ("\u{1b}[31mred\u{1b}]0;title\u{7}", "[31mred]0;title"),
            ("\u{9b}31mred", "31mred"),
            ("left\u{202e}thgir", "leftthgir"),
            ("soft\u{ad}hyphen zero\u{200b}width", "softhyphen zerowidth"),
            ("\u{26a0}\u{fe0f} careful", "\u{26a0} careful"),
            ("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} family", "\u{1f468} family"),
            ("\u{1f44d}\u{1f3fd} yes", "\u{1f44d} yes"),
            ("Darie\u{301}n", "Darie\u{301}n"),
            ("a\u{301}\u{301}\u{301}\u{301}", "a\u{301}\u{301}"),
            ("\u{301}mark first", "mark first"),
            ("", ""),
        ];
        for (raw, clean) in cases {
            assert_eq!(Printable::clean(raw).as_str(), clean, "{raw:?}");
        }
    }

    #[test]
    fn lines_and_tabs_of_a_text_stay_and_its_controls_go() {
        assert_eq!(harmless("one\n\ttwo  \u{1b}[31mthree\r\u{9b}\u{7f}\u{202e}\n"), "one\n\ttwo  [31mthree\n");
        assert!(matches!(harmless("as it is\n"), Cow::Borrowed(_)));
        assert_eq!(Printable::path(Path::new("a\u{1b}[31m\nb/c.db")).as_str(), "a[31m b/c.db");
    }

    #[test]
    fn scripts_keep_their_signs_and_their_columns() {
        for (raw, columns) in [
            // Right to left, with and without the signs above and below; letters that print joins are two.
            ("\u{5e9}\u{5c1}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}", 4),
            ("\u{644}\u{627}\u{62c}\u{626}\u{648}\u{646}", 6),
            ("\u{645}\u{64f}\u{62d}\u{64e}\u{645}\u{651}\u{64e}\u{62f}", 4),
            ("\u{e17}\u{e35}\u{e48}", 1),
            // Burmese, five signs on a letter; Tibetan, a stack.
            ("\u{1000}\u{103d}\u{103e}\u{102d}\u{102f}\u{1037}", 1),
            ("\u{f66}\u{fa4}\u{fb1}\u{f72}", 1),
            ("日本語のニュース", 16),
        ] {
            let clean = Printable::clean(raw);
            assert_eq!((clean.as_str(), clean.width()), (raw, columns), "{raw:?}");
        }
        // Marks and overrides of direction go, the letters stay in their order.
        assert_eq!(Printable::clean("\u{202b}\u{5d0}\u{200f} 1\u{202c}\u{2067}2\u{2069}").as_str(), "\u{5d0} 12");
    }

    #[test]
    fn towers_of_signs_are_taken_down() {
        for mark in ['\u{301}', '\u{489}', '\u{e47}', '\u{64b}', '\u{20dd}'] {
            let tower: String = std::iter::once('a').chain(std::iter::repeat_n(mark, 10_000)).collect();
            let clean = Printable::clean(&tower);
            assert!(clean.as_str().chars().count() <= 3 && clean.width() == 1, "{clean:?}");
        }
        let mixed: String = std::iter::once('a').chain(('\u{300}'..='\u{36f}').chain('\u{610}'..='\u{61a}')).collect();
        assert!(Printable::clean(&mixed).as_str().chars().count() <= 6);
    }

    #[test]
    fn long_text_is_cut_with_a_mark() {
        assert_eq!(Printable::clean_to("abcdef", 4).as_str(), "abc…");
        assert_eq!(Printable::clean_to("abcd", 4).as_str(), "abcd");
        assert_eq!(cut("ab 日本語", 6, "…"), "ab 日…");
        assert_eq!(cut("abc", 2, "…"), "a…");
        assert_eq!(cut("abc", 0, "…"), "");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    proptest! {
        #[test]
        fn printable_has_no_control_and_is_stable(text in "\\PC{0,40}|.{0,40}") {
            let once = Printable::clean(&text);
            let harmless = |c: char| !is_dropped(c) && c != '\u{200d}' && (c == ' ' || !c.is_whitespace());
            prop_assert!(once.as_str().chars().all(harmless));
            prop_assert_eq!(once.as_str().trim(), once.as_str());
            prop_assert_eq!(Printable::clean(once.as_str()), once.clone());
            prop_assert!(once.as_str().chars().count() <= Printable::LINE);
        }

        #[test]
        fn cuts_and_lines_fit(text in ".{0,60}", columns in 0_usize..20) {
            let text = Printable::clean(&text);
            prop_assert!(width(&cut(text.as_str(), columns, "…")) <= columns);
            for line in wrap(text.as_str(), columns) {
                prop_assert!(width(&line) <= columns);
            }
        }

        #[test]
        fn a_text_is_as_wide_as_its_parts(parts in prop::collection::vec("[\\u{5d0}-\\u{5ea}\\u{5b0}-\\u{5bc}]{1,4}|[\\u{620}-\\u{655}]{1,4}|[\\u{900}-\\u{97f}]{1,4}|[\\u{1000}-\\u{104f}]{1,4}|\\PC{1,3}", 0..8)) {
            let text = Printable::clean(&parts.join(" "));
            let columns: usize = text.as_str().graphemes(true).map(UnicodeWidthStr::width).sum();
            prop_assert_eq!(text.width(), columns);
            prop_assert_eq!(cut(text.as_str(), columns, "…"), text.as_str());
        }
    }
}
