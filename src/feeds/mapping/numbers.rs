//! Numbers as publishers write them: `9584.0`, `1,891`, `225 150`, `-` for none, `<5` for withheld.

/// Which marks a publisher uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    decimal: char,
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

/// Counts above this cannot be told apart in 64-bit floats (surge.md section 2): 2^53.
const LARGEST: f64 = 9_007_199_254_740_992.0;

impl Style {
    /// `.` or `,` as decimal mark; the other one separates thousands.
    pub const fn new(decimal: char) -> Option<Self> {
        if matches!(decimal, '.' | ',') { Some(Self { decimal }) } else { None }
    }

    /// Reads a cell.
    pub fn read(self, cell: &str) -> Number {
        let cell = cell.trim();
        if let Some(value) = self.plain(cell) {
            return Number::Value(value);
        }
        match cell {
            "" | "-" | "–" | "—" | ":" | ".." | "..." | "…" | "n/a" | "N/A" | "NA" | "null" => {
                return Number::Nothing;
            }
            "*" => return Number::Withheld,
            _ if cell.starts_with('<') && cell[1..].trim().bytes().all(|byte| byte.is_ascii_digit()) => {
                return Number::Withheld;
            }
            _ => {}
        }
        self.marked(cell)
            .filter(|value| value.abs() <= LARGEST)
            .map_or_else(|| Number::NotOne(cell.to_owned()), Number::Value)
    }

    /// The common case: a plain count, perhaps with a point.
    fn plain(self, cell: &str) -> Option<f64> {
        let mut points = 0;
        let plain = cell.bytes().all(|byte| {
            points += usize::from(byte == b'.');
            byte.is_ascii_digit() || (byte == b'.' && points == 1 && self.decimal == '.')
        });
        let fits = plain && (1..16).contains(&cell.len()) && cell.as_bytes()[0] != b'.';
        fits.then(|| cell.parse().ok()).flatten()
    }

    /// A number with thousands marks, in groups of three, and a decimal mark.
    fn marked(self, cell: &str) -> Option<f64> {
        let thousands = if self.decimal == '.' { ',' } else { '.' };
        let (sign, digits) = cell.strip_prefix(['-', '\u{2212}']).map_or((1.0, cell), |rest| (-1.0, rest));
        let (whole, fraction) = digits.split_once(self.decimal).unwrap_or((digits, ""));
        let mut plain = String::with_capacity(digits.len());
        let is_mark = |c: char| c == thousands || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(cell: &str) -> Number {
        Style { decimal: '.' }.read(cell)
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
        for cell in ["", "-", ":", "..", "  "] {
            assert_eq!(read(cell), Number::Nothing, "{cell:?}");
        }
        for cell in ["<5", "*", "< 10"] {
            assert_eq!(read(cell), Number::Withheld, "{cell:?}");
        }
        for cell in
            ["1,89", "12a", "0[VALORE]0", "1.2.3", ",5", "NaN", "inf", "1e5", "99999999999999999999", ".5", "1.891.000"]
        {
            assert!(matches!(read(cell), Number::NotOne(_)), "{cell:?}");
        }
        let comma = Style { decimal: ',' };
        assert_eq!(comma.read("1.891,5"), Number::Value(1891.5));
        assert_eq!((comma.read("1.891"), comma.read("1891")), (Number::Value(1891.0), Number::Value(1891.0)));
        assert!(Style::new(';').is_none());
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
            let comma = Style { decimal: ',' };
            prop_assert_eq!(comma.read(&grouped.replace('|', ".")), Number::Value(f64::from(value)));
        }
    }
}
