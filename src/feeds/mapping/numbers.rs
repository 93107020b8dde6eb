//! Numbers as publishers write them: `9584.0`, `1,891`, `225 150 p`, `-` for none, `<5` for withheld.

use super::filters::{even, is_even};

/// Which marks a publisher uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    decimal: char,
    /// Whether nobody said which mark is the decimal one.
    supposed: bool,
    times: f64,
    /// What stands for no data beside the usual marks, with case and spaces even.
    missing: Vec<String>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// A number.
    Value(f64),
    /// Somebody, not how many: `<5`, `*`.
    Withheld,
    /// No data: empty, `-`, `:`, `..`.
    Nothing,
    /// Something else.
    NotOne(String),
}

/// A cell as it was read: the number, and the footnote or flag behind it (`p` of `1,234 p`), empty where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The number.
    pub number: Number,
    /// The mark, without its brackets.
    pub mark: String,
}

/// What a point in a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// It may stand between thousands: `1.891`.
    PerhapsThousands,
    /// It stands before a fraction: `9584.0`.
    Decimal,
}

/// Counts above this cannot be told apart in 64-bit floats (surge.md section 2): 2^53.
const LARGEST: f64 = 9_007_199_254_740_992.0;

impl Style {
    /// `.` or `,` as decimal mark; the other one separates thousands.
    pub fn new(decimal: Option<char>, times: f64, missing: &[String]) -> Option<Self> {
        let missing = missing.iter().map(|word| even(word)).collect();
        let (supposed, decimal) = (decimal.is_none(), decimal.unwrap_or('.'));
        matches!(decimal, '.' | ',').then_some(Self { decimal, supposed, times, missing })
    }

    /// What a cell says of the marks, where nobody said which is the decimal one: three digits behind a point may be thousands.
    pub fn point(&self, cell: &str) -> Option<Point> {
        let (whole, behind) = cell.trim().split_once('.').filter(|_| self.supposed)?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(behind) {
            return None;
        }
        let grouped = behind.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
        Some(if grouped { Point::PerhapsThousands } else { Point::Decimal })
    }

    /// Reads a cell.
    pub fn read(&self, cell: &str) -> Figure {
        let cell = cell.trim();
        if let Some(value) = self.plain(cell) {
            return Figure { number: Number::Value(self.scaled(value)), mark: String::new() };
        }
        if let Some(number) = self.unmarked(cell) {
            return Figure { number, mark: String::new() };
        }
        let (rest, mark) = without_mark(cell);
        match self.unmarked(rest).filter(|_| !rest.is_empty() && !mark.is_empty()) {
            Some(number) => Figure { number, mark },
            None => Figure { number: Number::NotOne(cell.to_owned()), mark: String::new() },
        }
    }

    /// A cell without a mark behind it; `None` where it is nothing that is known.
    fn unmarked(&self, cell: &str) -> Option<Number> {
        if is_nothing(cell) || self.missing.iter().any(|word| is_even(cell, word)) {
            return Some(Number::Nothing);
        }
        if is_withheld(cell) {
            return Some(Number::Withheld);
        }
        let value = self.plain(cell).or_else(|| self.marked(cell)).map(|value| self.scaled(value))?;
        (value.abs() <= LARGEST).then_some(Number::Value(value))
    }

    fn scaled(&self, value: f64) -> f64 {
        value * self.times
    }

    /// The common case: a plain count, perhaps with a point.
    fn plain(&self, cell: &str) -> Option<f64> {
        let mut points = 0;
        let plain = cell.bytes().all(|byte| {
            points += usize::from(byte == b'.');
            byte.is_ascii_digit() || (byte == b'.' && points == 1 && self.decimal == '.')
        });
        let fits = plain && (1..16).contains(&cell.len()) && cell.as_bytes()[0] != b'.';
        fits.then(|| cell.parse().ok()).flatten()
    }

    /// A number with thousands marks, in groups of three, and a decimal mark.
    fn marked(&self, cell: &str) -> Option<f64> {
        let thousands = if self.decimal == '.' { ',' } else { '.' };
        let (sign, digits) = cell.strip_prefix(['-', '\u{2212}']).map_or((1.0, cell), |rest| (-1.0, rest));
        let (whole, fraction) = digits.split_once(self.decimal).unwrap_or((digits, ""));
        let mut plain = String::with_capacity(digits.len());
        let is_mark = |c: char| c == thousands || is_gap(c) || matches!(c, '\'' | '\u{2019}');
        for (at, group) in whole.split(is_mark).enumerate() {
            let right_length = if at == 0 { !group.is_empty() } else { group.len() == 3 };
            if !right_length || !group.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            plain.push_str(group);
        }
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push('.');
        plain.push_str(if fraction.is_empty() { "0" } else { fraction });
        plain.parse::<f64>().ok().map(|value| sign * value)
    }
}

/// Spaces that stand between thousands: plain, no-break, narrow, thin, figure.
const fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

fn is_nothing(cell: &str) -> bool {
    const WORDS: [&str; 8] = ["n/a", "na", "n.a.", "null", "nil", "nan", "none", "nd"];
    matches!(cell, "" | "-" | "--" | "–" | "—" | ":" | ".." | "..." | "…")
        || WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn is_withheld(cell: &str) -> bool {
    let bound = cell.strip_prefix('<').or_else(|| cell.strip_prefix('\u{2264}'));
    let bound = bound.map(|rest| rest.strip_prefix('=').unwrap_or(rest).trim());
    cell == "*" || bound.is_some_and(|bound| !bound.is_empty() && bound.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A cell without the footnote or flag behind it, and that: `*`, `†`, `¹`, `(1)`, `[note 2]`, and after a space up to three
/// letters. Digits in brackets are a footnote only where there are no more than two.
fn without_mark(cell: &str) -> (&str, String) {
    let is_sign = |c: char| matches!(c, '*' | '†' | '‡' | '§' | '#' | '^' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹');
    let bare = cell.trim_end_matches(is_sign);
    if bare.len() < cell.len() {
        return (bare.trim_end(), cell[bare.len()..].to_owned());
    }
    for (open, close) in [('(', ')'), ('[', ']')] {
        let Some((rest, inside)) = cell.strip_suffix(close).and_then(|cell| cell.rsplit_once(open)) else { continue };
        let inside = inside.trim();
        let short = inside.len() <= 2 || inside.get(..4).is_some_and(|note| note.eq_ignore_ascii_case("note"));
        if short && !inside.is_empty() {
            return (rest.trim_end(), inside.to_owned());
        }
    }
    let letters = cell.trim_end_matches(|c: char| c.is_alphabetic());
    let flag = &cell[letters.len()..];
    if letters.ends_with(is_gap) && (1..=3).contains(&flag.chars().count()) {
        return (letters.trim_end_matches(is_gap), flag.to_owned());
    }
    (cell, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn style(decimal: char) -> Style {
        Style::new(Some(decimal), 1.0, &["k. A.".to_owned()]).unwrap()
    }

    fn read(cell: &str) -> Number {
        style('.').read(cell).number
    }

    #[test]
    fn cells_of_real_tables() {
        for (cell, value) in [
            ("9584.0", 9584.0),
            ("1,891", 1891.0),
            (" 0 ", 0.0),
            ("225 150", 225_150.0),
            ("-12", -12.0),
            ("1'000", 1000.0),
            ("7.", 7.0),
            ("12,345,678.25", 12_345_678.25),
        ] {
            assert_eq!(read(cell), Number::Value(value), "{cell}");
        }
        for cell in ["", "-", ":", "..", "  ", "N/A", "NaN", "K.  a."] {
            assert_eq!(read(cell), Number::Nothing, "{cell:?}");
        }
        for cell in ["<5", "*", "< 10", "<=4", "≤ 4"] {
            assert_eq!(read(cell), Number::Withheld, "{cell:?}");
        }
        for cell in [
            "1,89",
            "12a",
            "0[VALORE]0",
            "1.2.3",
            ",5",
            "inf",
            "<",
            "12 persons",
            "p",
            "(1)",
            "12 (345)",
            "1e5",
            "99999999999999999999",
            ".5",
            "1.891.000",
        ] {
            assert!(matches!(read(cell), Number::NotOne(_)), "{cell:?}");
        }
        let comma = |cell: &str| style(',').read(cell).number;
        assert_eq!(comma("1.891,5"), Number::Value(1891.5));
        assert_eq!((comma("1.891"), comma("1891")), (Number::Value(1891.0), Number::Value(1891.0)));
        assert!(Style::new(Some(';'), 1.0, &[]).is_none());
        let thousands = Style::new(None, 1_000.0, &[]).unwrap();
        assert_eq!(thousands.read("22.5").number, Number::Value(22_500.0));
    }

    #[test]
    fn a_point_may_stand_between_thousands() {
        let supposed = Style::new(None, 1.0, &[]).unwrap();
        for (cell, point) in [
            ("1.891", Some(Point::PerhapsThousands)),
            ("12.5", Some(Point::Decimal)),
            ("9584.0", Some(Point::Decimal)),
            ("0.123", Some(Point::Decimal)),
            ("1234.567", Some(Point::Decimal)),
            ("1891", None),
            ("1.891.000", None),
        ] {
            assert_eq!(supposed.point(cell), point, "{cell}");
        }
        assert_eq!(style('.').point("1.891"), None, "somebody said so");
    }

    #[test]
    fn footnotes_and_flags_stand_behind_the_number() {
        for (cell, number, mark) in [
            ("225 150 p", Number::Value(225_150.0), "p"),
            ("1,234*", Number::Value(1_234.0), "*"),
            ("1,234 ¹²", Number::Value(1_234.0), "¹²"),
            ("17 (1)", Number::Value(17.0), "1"),
            ("17[note 2]", Number::Value(17.0), "note 2"),
            ("17 [b]", Number::Value(17.0), "b"),
            (": c", Number::Nothing, "c"),
            ("12 bep", Number::Value(12.0), "bep"),
            ("<5 (e)", Number::Withheld, "e"),
        ] {
            assert_eq!(style('.').read(cell), Figure { number, mark: mark.to_owned() }, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(cell in ".{0,12}") {
            let _ = read(&cell);
        }

        #[test]
        fn every_style_of_the_same_number_is_the_same(value in 0_u32..2_000_000_000) {
            let digits = value.to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push('|');
                }
                grouped.push(digit);
            }
            for mark in [",", " ", "\u{a0}", "'"] {
                prop_assert_eq!(read(&grouped.replace('|', mark)), Number::Value(f64::from(value)));
            }
            prop_assert_eq!(style(',').read(&grouped.replace('|', ".")).number, Number::Value(f64::from(value)));
        }
    }
}
