//! How a publisher writes its dates, where it must be said: `DD/MM/YYYY`, `'Y'YYYY'M'MM`, `%d/%m/%Y`, `unix`.

use super::super::options::OptionError;
use crate::domain::time::{Cadence, Period};
use crate::feeds::months::named;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A way of writing dates.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Letters: each piece in its order; `*` at either end stands for anything.
    Letters {
        /// The pieces.
        pieces: Vec<Piece>,
        /// Anything may stand before them.
        after_anything: bool,
        /// Anything may stand behind them.
        before_anything: bool,
    },
    /// strftime's directives.
    Directives(String),
    /// Seconds since 1970, or milliseconds where there are thirteen digits; the day is that in the publisher's zone.
    Unix,
}

/// A piece of a pattern in letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `YYYY`
    Year,
    /// `YY`: 70 to 99 are of the twentieth century.
    ShortYear,
    /// `MMM`, `MMMM`: a name, short or whole.
    MonthName,
    /// `MM` (two digits) or `M` (one or two).
    Month(usize),
    /// `DD` or `D`.
    Day(usize),
    /// `Q`
    Quarter,
    /// `WW`: the ISO week.
    Week,
    /// White space, however much.
    Space,
    /// A character that stands for itself.
    Literal(char),
}

impl Pattern {
    /// Reads a pattern as the configuration writes it; `key` is where it stands.
    pub fn new(text: &str, key: &str) -> Result<Self, OptionError> {
        if text.eq_ignore_ascii_case("unix") {
            return Ok(Self::Unix);
        }
        if text.contains('%') {
            // A directive that does not exist can be told only by using it.
            let written = strtime::format(text, &Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC));
            let pattern = Self::Directives(text.to_owned());
            return match written.map(|written| pattern.read(&written, &TimeZone::UTC)) {
                Ok(Some(_)) => Ok(pattern),
                _ => Err(OptionError::new(
                    key,
                    format!("\"{text}\" is no strftime pattern that gives a year"),
                    "write it like \"%d/%m/%Y\", or in letters like \"DD/MM/YYYY\"",
                )),
            };
        }
        let pattern = Self::in_letters(text, key)?;
        if !pattern.has_year() {
            return Err(OptionError::new(
                key,
                format!("\"{text}\" has no YYYY"),
                "write it with YYYY and MMM, MM, DD, Q or WW, such as \"MMMYYYY\" for JAN2022; where the year stands elsewhere, say where: of_year",
            ));
        }
        Ok(pattern)
    }

    /// Reads a pattern that may leave out the year, for it is known from elsewhere.
    pub fn yearless(text: &str, key: &str) -> Result<Self, OptionError> {
        if text.contains('%') || text.eq_ignore_ascii_case("unix") {
            Self::new(text, key)
        } else {
            Self::in_letters(text, key)
        }
    }

    fn in_letters(text: &str, key: &str) -> Result<Self, OptionError> {
        let text = text.trim();
        let (after_anything, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (before_anything, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        Ok(Self::Letters { pieces: pieces(rest, key)?, after_anything, before_anything })
    }

    /// Whether the year is part of it.
    pub fn has_year(&self) -> bool {
        match self {
            Self::Letters { pieces, .. } => pieces.iter().any(|piece| matches!(piece, Piece::Year | Piece::ShortYear)),
            Self::Directives(_) | Self::Unix => true,
        }
    }

    /// The period that a text names, of the finest cadence that it speaks of.
    pub fn read(&self, text: &str, zone: &TimeZone) -> Option<Period> {
        self.read_in(text, None, zone)
    }

    /// The same, of this year where the text says none.
    pub fn read_in(&self, text: &str, year: Option<i16>, zone: &TimeZone) -> Option<Period> {
        let text = text.trim();
        match self {
            Self::Letters { pieces, after_anything: false, before_anything } => {
                read_pieces(pieces, text, year, *before_anything)
            }
            Self::Letters { pieces, after_anything: true, before_anything } => text
                .char_indices()
                // Not in the middle of a number: 2022 would also be read from 12022.
                .filter(|(at, c)| !(c.is_ascii_digit() && text[..*at].ends_with(|c: char| c.is_ascii_digit())))
                .find_map(|(at, _)| read_pieces(pieces, &text[at..], year, *before_anything)),
            Self::Directives(format) => read_directives(format, text),
            Self::Unix => read_unix(text, zone),
        }
    }
}

fn pieces(text: &str, key: &str) -> Result<Vec<Piece>, OptionError> {
    let mut pieces = Vec::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            let mut closed = false;
            for quoted in chars.by_ref() {
                if quoted == '\'' {
                    closed = true;
                    break;
                }
                pieces.push(Piece::Literal(quoted));
            }
            if !closed {
                let what = format!("\"{text}\" has a quote without its partner");
                return Err(OptionError::new(
                    key,
                    what,
                    "put letters that stand for themselves in quotes: 'Y'YYYY'M'MM",
                ));
            }
            continue;
        }
        if c.is_whitespace() {
            if pieces.last() != Some(&Piece::Space) {
                pieces.push(Piece::Space);
            }
            continue;
        }
        let mut run = 1;
        while matches!(c, 'Y' | 'M' | 'D' | 'Q' | 'W') && chars.peek() == Some(&c) {
            chars.next();
            run += 1;
        }
        pieces.push(match (c, run) {
            ('Y', 4) => Piece::Year,
            ('Y', 2) => Piece::ShortYear,
            ('M', 3 | 4) => Piece::MonthName,
            ('M', 1 | 2) => Piece::Month(run),
            ('D', 1 | 2) => Piece::Day(run),
            ('Q', 1) => Piece::Quarter,
            ('W', 2) => Piece::Week,
            ('Y' | 'M' | 'D' | 'Q', _) => {
                let letters: String = std::iter::repeat_n(c, run).collect();
                return Err(OptionError::new(
                    key,
                    format!("{letters} in \"{text}\" means nothing"),
                    "use YYYY, YY, MMM, MM, M, DD, D, Q, WW; letters that stand for themselves go in quotes: 'Y'YYYY'M'MM",
                ));
            }
            ('W', 1) => Piece::Literal('W'),
            (c, _) => Piece::Literal(c),
        });
    }
    Ok(pieces)
}

fn read_pieces(pieces: &[Piece], text: &str, of_year: Option<i16>, before_anything: bool) -> Option<Period> {
    let mut rest = text;
    let (mut year, mut month, mut day, mut quarter, mut week) = (of_year, None, None, None, None);
    for (at, piece) in pieces.iter().enumerate() {
        match *piece {
            Piece::Year => year = Some(number(&mut rest, 4, 4)?),
            Piece::ShortYear => {
                let short = number(&mut rest, 2, 2)?;
                year = Some(if short < 70 { 2000 + short } else { 1900 + short });
            }
            Piece::MonthName => {
                let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                month = Some(i16::from(named(&rest[..length])?));
                rest = &rest[length..];
                // A point after a short name belongs to it, unless the pattern has one there.
                if pieces.get(at + 1) != Some(&Piece::Literal('.')) {
                    rest = rest.strip_prefix('.').unwrap_or(rest);
                }
            }
            Piece::Month(digits) => month = Some(number(&mut rest, digits, 2)?),
            Piece::Day(digits) => day = Some(number(&mut rest, digits, 2)?),
            Piece::Quarter => quarter = Some(number(&mut rest, 1, 1).filter(|number| (1..=4).contains(number))?),
            Piece::Week => week = Some(number(&mut rest, 2, 2)?),
            Piece::Space => {
                let after = rest.trim_start();
                if after.len() == rest.len() {
                    return None;
                }
                rest = after;
            }
            Piece::Literal(c) => {
                let found = rest.chars().next().filter(|found| found.to_lowercase().eq(c.to_lowercase()))?;
                rest = &rest[found.len_utf8()..];
            }
        }
    }
    if !rest.is_empty() && (!before_anything || rest.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let part = |number: i16| i8::try_from(number).ok();
    let date = |month: i16, day: i16| Date::new(year?, part(month)?, part(day)?).ok();
    let (cadence, start) = match (month, day, quarter, week) {
        (Some(month), Some(day), _, _) => (Cadence::Day, date(month, day)?),
        (Some(month), None, _, _) => (Cadence::Month, date(month, 1)?),
        (None, _, Some(quarter), _) => (Cadence::Quarter, date(quarter * 3 - 2, 1)?),
        (None, _, None, Some(week)) => {
            (Cadence::Week, ISOWeekDate::new(year?, part(week)?, Weekday::Monday).ok()?.date())
        }
        (None, _, None, None) => (Cadence::Year, date(1, 1)?),
    };
    Some(Period::containing(cadence, start))
}

/// A number of `least` to `most` digits at the front.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<i16> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return None;
    }
    let number = rest[..digits].parse().ok();
    *rest = &rest[digits..];
    number
}

fn read_directives(format: &str, text: &str) -> Option<Period> {
    let said = strtime::parse(format, text).ok()?;
    if let Ok(date) = said.to_date() {
        return Some(Period::containing(Cadence::Day, date));
    }
    // What has no day begins on its first.
    let month = said.month().map(|month| (Cadence::Month, month));
    let (cadence, month) = month.unwrap_or((Cadence::Year, 1));
    Some(Period::containing(cadence, Date::new(said.year()?, month, 1).ok()?))
}

fn read_unix(text: &str, zone: &TimeZone) -> Option<Period> {
    let whole = text.split('.').next().unwrap_or(text);
    let count: i64 = whole.parse().ok()?;
    let milliseconds = if whole.trim_start_matches('-').len() >= 13 { count } else { count.checked_mul(1_000)? };
    let instant = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_millis(milliseconds)).ok()?;
    Some(Period::containing(Cadence::Day, instant.to_zoned_datetime(zone.clone()).date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pattern: &str, text: &str) -> Option<String> {
        Pattern::new(pattern, "period.format").unwrap().read(text, &TimeZone::UTC).map(Period::label)
    }

    #[test]
    fn dates_as_publishers_write_them() {
        for (pattern, text, label) in [
            ("MMMYYYY", "JAN2009", "2009-01"),
            ("MMM YYYY", "Sept.  2022", "2022-09"),
            ("'Y'YYYY'M'MM", "Y2015M07", "2015-07"),
            ("YYYY'M'MM", "2012M01", "2012-01"),
            ("YYYY-MM", "2015-07", "2015-07"),
            ("DD/MM/YYYY", "05/01/2020", "2020-01-05"),
            ("D-MMM-YY", "13-Jan-20", "2020-01-13"),
            ("D-MMM-YY", "3-jan-98", "1998-01-03"),
            ("M/D/YYYY", "1/2/2026", "2026-01-02"),
            ("MMMM DD, YYYY", "January 05, 2020", "2020-01-05"),
            ("'Q'Q/YYYY", "q3/2021", "2021-Q3"),
            ("YYYY 'week' WW", "2022 Week 09", "2022-W09"),
            ("YYYY", "2022", "2022"),
            ("%d/%m/%Y", "17/03/2022", "2022-03-17"),
            ("%b %Y", "Mar 2022", "2022-03"),
            ("%Y", "2022", "2022"),
            ("*MM/DD/YYYY*", "Thu, 01/02/2026 - 12:00", "2026-01-02"),
            ("*YYYY_MM_DD*", "Monthly_detections_of_IBC_2026_09_02.xlsx", "2026-09-02"),
            ("MMM. YYYY", "Ene. 2022", "2022-01"),
            ("unix", "1645660800", "2022-02-24"),
            ("unix", "1645660800000", "2022-02-24"),
        ] {
            assert_eq!(read(pattern, text).as_deref(), Some(label), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("MMMYYYY", "Nationality"),
            ("MMMYYYY", "JAN09"),
            ("MMMYYYY", "JAN2009 total"),
            ("DD/MM/YYYY", "31/02/2022"),
            ("DD/MM/YYYY", "01/13/2022"),
            ("'Q'Q/YYYY", "Q5/2021"),
            ("%d/%m/%Y", "2022-03-17"),
            ("*YYYY", "in 12022"),
            ("YYYY*", "20221"),
            ("unix", "soon"),
            ("unix", "99999999999999999999"),
        ] {
            assert_eq!(read(pattern, text), None, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_is_told() {
        for (pattern, phrase) in [
            ("MMM", "no YYYY"),
            ("YYYYYMM", "means nothing"),
            ("'Y", "without its partner"),
            ("%d/%m", "gives a year"),
            ("%!", "gives a year"),
        ] {
            let error = Pattern::new(pattern, "period.format").unwrap_err().to_string();
            assert!(error.contains(phrase), "{pattern}: {error}");
        }
    }

    #[test]
    fn the_year_may_come_from_elsewhere() {
        let read = |pattern: &str, text: &str| {
            let pattern = Pattern::yearless(pattern, "period.wide").unwrap();
            pattern.read_in(text, Some(2019), &TimeZone::UTC).map(Period::label)
        };
        assert_eq!(read("MMMM", "October").as_deref(), Some("2019-10"));
        assert_eq!(read("D MMM", "5 avr.").as_deref(), Some("2019-04-05"));
        assert_eq!(read("MMM YYYY", "Oct 2021").as_deref(), Some("2021-10"));
        assert_eq!((read("MMMM", "Total"), Pattern::yearless("MMM", "k").unwrap().has_year()), (None, false));
    }

    #[test]
    fn the_day_of_an_instant_is_that_of_the_zone() {
        let zone = TimeZone::get("America/Panama").unwrap();
        let read = Pattern::Unix.read("1645660800", &zone).unwrap();
        assert_eq!(read.label(), "2022-02-23");
    }

    proptest! {
        #[test]
        fn nothing_panics(pattern in "[%a-zA-ZYMDQW' /é-]{0,8}", text in ".{0,12}|[0-9/-]{0,12}") {
            if let Ok(pattern) = Pattern::new(&pattern, "period.format") {
                let _ = pattern.read(&text, &TimeZone::UTC);
            }
        }
    }
}
