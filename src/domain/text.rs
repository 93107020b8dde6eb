//! Printable: text proven free of control and escape characters. Text from outside becomes
//! `Printable` once, where it enters, so that nothing further on has to clean again: not the
//! screen, not a log, not JSON, not a window title.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cleaned text on one line: no C0, C1, bidi, zero-width, tag or variation characters, no soft hyphen,
/// white space collapsed and trimmed, at most two combining marks a base character,
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
        let mut cleaner = Cleaner { out: String::with_capacity(text.len().min(most * 4)), ..Cleaner::default() };
        for c in text.chars() {
            if cleaner.count > most {
                break;
            }
            cleaner.push(c);
        }
        let mut out = cleaner.out;
        if out.chars().count() > most {
            out = out.chars().take(most.saturating_sub(1)).collect();
            out.truncate(out.trim_end().len());
            if most > 0 {
                out.push('…');
            }
        }
        out.truncate(out.trim_end().len());
        Self(out.into())
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
        self.0.width()
    }
}

/// Cuts text to at most `columns` columns at a character border; what is cut ends in `ellipsis`.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let width = grapheme.width();
        if used + width > room {
            break;
        }
        out.push_str(grapheme);
        used += width;
    }
    out.truncate(out.trim_end().len());
    if ellipsis.width() <= columns {
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
        if line.width() + gap + word.width() <= columns {
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
            if line.width() + grapheme.width() > columns && !line.is_empty() {
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
            if self.marks > 2 || self.out.is_empty() || self.space {
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
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{20e3}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// A combining mark: no width of its own on a terminal, after what is dropped has gone.
fn is_mark(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0)
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
            prop_assert!(cut(text.as_str(), columns, "…").width() <= columns);
            for line in wrap(text.as_str(), columns) {
                prop_assert!(line.width() <= columns);
            }
        }
    }
}
