//! Periods as publishers write them: in one column, in a year's and a month's, by fiscal year, or as the headers of columns.

use super::super::DecodeError;
use super::super::options::{OptionError, PeriodOptions};
use super::columns::Columns;
use crate::domain::time::{Cadence, Period};
use jiff::civil::Date;
use std::collections::HashMap;

/// Where a row's period is and how it is written.
#[derive(Clone, Debug)]
pub struct PeriodRule {
    cadence: Cadence,
    place: Place,
    from: Option<Period>,
}

#[derive(Clone, Debug)]
enum Place {
    Column { names: Vec<String>, format: Option<String> },
    YearAndMonth { year: Vec<String>, month: Vec<String>, starts: i8 },
    Wide(Pattern),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl PeriodRule {
    /// Checks the options.
    pub fn new(options: &PeriodOptions) -> Result<Self, OptionError> {
        let fiscal = options.kind == "fiscal-month";
        let cadence = if fiscal { Some(Cadence::Month) } else { Cadence::from_word(&options.kind) };
        let cadence = cadence.ok_or_else(|| {
            OptionError::new(
                "period.kind",
                format!("\"{}\" is none", options.kind),
                "write one of day, week, month, quarter, year, fiscal-month",
            )
        })?;
        let place = match (&options.column, &options.wide, &options.year, &options.month) {
            (Some(column), None, None, None) if !fiscal => {
                Place::Column { names: column.all().to_vec(), format: options.format.clone() }
            }
            (None, Some(wide), None, None) if !fiscal => Place::Wide(Pattern::new(wide)?),
            (None, None, Some(year), Some(month)) if cadence == Cadence::Month => Place::YearAndMonth {
                year: year.all().to_vec(),
                month: month.all().to_vec(),
                starts: starts(options, fiscal)?,
            },
            _ => {
                return Err(OptionError::new(
                    "period",
                    "it must say one place of the period".to_owned(),
                    "write column = \"…\", or wide = \"MMMYYYY\", or year = \"…\" and month = \"…\" (fiscal months need these)",
                ));
            }
        };
        let from = match &options.from {
            None => None,
            Some(from) => {
                let period = from.parse::<Period>().ok().filter(|period| period.cadence() == cadence);
                Some(period.ok_or_else(|| {
                    let what = format!("\"{from}\" is no {cadence}");
                    OptionError::new("period.from", what, "write it as 2020-01-31, 2020-W05, 2020-01, 2020-Q1 or 2020")
                })?)
            }
        };
        Ok(Self { cadence, place, from })
    }

    /// How often the table has values.
    pub const fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// Whether each period has a column.
    pub const fn is_wide(&self) -> bool {
        matches!(self.place, Place::Wide(_))
    }

    /// Whether it goes by fiscal years.
    pub const fn is_fiscal(&self) -> bool {
        self.year_starts() != 1
    }

    /// The month with which the table's year starts.
    pub const fn year_starts(&self) -> i8 {
        match self.place {
            Place::YearAndMonth { starts, .. } => starts,
            Place::Column { .. } | Place::Wide(_) => 1,
        }
    }

    /// Every column name that it uses.
    pub fn column_names(&self) -> Vec<&str> {
        match &self.place {
            Place::Column { names, .. } => names.iter().map(String::as_str).collect(),
            Place::YearAndMonth { year, month, .. } => year.iter().chain(month).map(String::as_str).collect(),
            Place::Wide(_) => Vec::new(),
        }
    }
}

fn starts(options: &PeriodOptions, fiscal: bool) -> Result<i8, OptionError> {
    match &options.starts {
        None if fiscal => Err(OptionError::new(
            "period.starts",
            "a fiscal year needs its first month".to_owned(),
            "write starts = \"October\"",
        )),
        None => Ok(1),
        Some(name) => month(name).ok_or_else(|| {
            OptionError::new(
                "period.starts",
                format!("\"{name}\" is no month"),
                "write an English month, such as \"October\"",
            )
        }),
    }
}

/// Reads the periods of one table's rows.
pub struct PeriodReader<'a> {
    rule: &'a PeriodRule,
    columns: (usize, usize),
    wide: Vec<(usize, Period)>,
    read: HashMap<String, Option<Period>>,
}

impl<'a> PeriodReader<'a> {
    /// Finds the columns.
    pub fn new(rule: &'a PeriodRule, columns: &Columns<'_>) -> Result<Self, DecodeError> {
        let mut wide = Vec::new();
        let found = match &rule.place {
            Place::Column { names, .. } => (columns.find(names, "period.column")?, 0),
            Place::YearAndMonth { year, month, .. } => {
                (columns.find(year, "period.year")?, columns.find(month, "period.month")?)
            }
            Place::Wide(pattern) => {
                let named = columns.names().iter().enumerate();
                wide = named
                    .filter_map(|(at, name)| Some((at, Period::containing(rule.cadence, pattern.read(name)?))))
                    .collect();
                wide.retain(|(_, period)| rule.from.is_none_or(|from| *period >= from));
                if wide.is_empty() {
                    return Err(DecodeError::NoColumn {
                        wanted: format!("after the pattern \"{}\"", pattern.text),
                        found: columns
                            .names()
                            .iter()
                            .take(12)
                            .map(|name| format!("\"{name}\""))
                            .collect::<Vec<_>>()
                            .join(", "),
                        key: "period.wide",
                    });
                }
                (0, 0)
            }
        };
        Ok(Self { rule, columns: found, wide, read: HashMap::new() })
    }

    /// The columns that are periods.
    pub fn wide(&self) -> &[(usize, Period)] {
        &self.wide
    }

    /// The period of a row; `None` where it is before what counts; what stood there where it is no period.
    pub fn read<'c>(&mut self, cell: &dyn Fn(usize) -> &'c str) -> Result<Option<Period>, String> {
        let period = match &self.rule.place {
            Place::Column { format, .. } => {
                let text = cell(self.columns.0);
                match self.read.get(text) {
                    Some(known) => *known,
                    None => {
                        let period = parse(text, self.rule.cadence, format.as_deref());
                        self.read.insert(text.to_owned(), period);
                        period
                    }
                }
                .ok_or_else(|| text.trim().to_owned())?
            }
            Place::YearAndMonth { starts, .. } => {
                let (year, name) = (cell(self.columns.0), cell(self.columns.1));
                let period = || Period::fiscal_month(leading_year(year)?, month(name)?, *starts);
                period().ok_or_else(|| format!("{} {}", year.trim(), name.trim()))?
            }
            Place::Wide(_) => return Ok(None),
        };
        Ok(Some(period).filter(|period| self.rule.from.is_none_or(|from| *period >= from)))
    }
}

/// A period as text: ISO dates and instants, the labels of [`Period`], `2022M05`, or a given format.
fn parse(text: &str, cadence: Cadence, format: Option<&str>) -> Option<Period> {
    let text = text.trim();
    if let Some(format) = format {
        let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
        let date = parsed.to_date().ok().or_else(|| {
            // A month alone has no day: it begins on its first.
            Date::new(parsed.year()?, parsed.month().unwrap_or(1), 1).ok()
        })?;
        return Some(Period::containing(cadence, date));
    }
    if let Ok(period) = text.parse::<Period>()
        && (period.cadence() == cadence || period.cadence() == Cadence::Day)
    {
        return Some(Period::containing(cadence, period.start()));
    }
    let date = text.get(..10).filter(|_| text.len() == 10 || matches!(text.as_bytes().get(10), Some(b'T' | b' ')));
    if let Some(date) = date.and_then(|date| date.parse::<Date>().ok()) {
        return Some(Period::containing(cadence, date));
    }
    let (year, number) = text.split_once('M').filter(|_| cadence == Cadence::Month)?;
    Period::fiscal_month(year.parse().ok()?, number.parse().ok()?, 1)
}

/// A year with whatever follows it: `2024 (FYTD)`, `2021.0`.
fn leading_year(text: &str) -> Option<i16> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4).then(|| text[..4].parse().ok()).flatten()
}

/// A month by number, or by its English name, whole or its first three letters.
fn month(text: &str) -> Option<i8> {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    if let Ok(number) = text.parse::<i8>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let start = text.get(..3)?;
    let at = MONTHS.iter().position(|name| *name == start)?;
    let whole = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ][at];
    (whole.starts_with(text.as_str()) || text == "sept").then(|| i8::try_from(at + 1).ok()).flatten()
}

/// How the headers of period columns are written: `YYYY`, `MMM`, `MM`, `DD` stand for themselves, all else is literal.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    pieces: Vec<PatternPiece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PatternPiece {
    Year,
    MonthName,
    Month,
    Day,
    Literal(char),
}

impl Pattern {
    fn new(text: &str) -> Result<Self, OptionError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let known = [
                ("YYYY", PatternPiece::Year),
                ("MMM", PatternPiece::MonthName),
                ("MM", PatternPiece::Month),
                ("DD", PatternPiece::Day),
            ];
            let (length, piece) = known
                .into_iter()
                .find(|(letters, _)| rest.starts_with(letters))
                .map_or_else(|| (c.len_utf8(), PatternPiece::Literal(c)), |(letters, piece)| (letters.len(), piece));
            pieces.push(piece);
            rest = &rest[length..];
        }
        if !pieces.contains(&PatternPiece::Year) {
            return Err(OptionError::new(
                "period.wide",
                format!("\"{text}\" has no YYYY"),
                "write the headers' pattern with YYYY, MMM or MM, DD, such as \"MMMYYYY\" for JAN2022",
            ));
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    fn read(&self, header: &str) -> Option<Date> {
        let mut rest = header.trim();
        let (mut year, mut month_number, mut day) = (None, 1, 1);
        for piece in &self.pieces {
            let mut take = |length: usize| {
                let taken = rest.get(..length)?;
                rest = &rest[length..];
                Some(taken)
            };
            match piece {
                PatternPiece::Year => year = Some(take(4)?.parse::<i16>().ok()?),
                PatternPiece::MonthName => month_number = month(take(3)?).filter(|_| true)?,
                PatternPiece::Month => month_number = take(2)?.parse().ok()?,
                PatternPiece::Day => day = take(2)?.parse().ok()?,
                PatternPiece::Literal(c) => {
                    take(c.len_utf8()).filter(|taken| taken.chars().eq([*c]))?;
                }
            }
        }
        if rest.is_empty() { Date::new(year?, month_number, day).ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn periods_of_real_tables() {
        let month = |text: &str| parse(text, Cadence::Month, None).map(Period::label);
        for text in ["2022-03-01", "2022-03", "2022M03", "2022-03-17T00:00:00", " 2022-03-01 "] {
            assert_eq!(month(text).as_deref(), Some("2022-03"), "{text}");
        }
        for text in ["", "March", "2022", "2022-13-01", "2022-03-01x"] {
            assert_eq!(month(text), None, "{text}");
        }
        assert_eq!(
            parse("17/03/2022", Cadence::Day, Some("%d/%m/%Y")).map(Period::label).as_deref(),
            Some("2022-03-17")
        );
        assert_eq!(parse("Mar 2022", Cadence::Month, Some("%b %Y")).map(Period::label).as_deref(), Some("2022-03"));
        assert_eq!(leading_year("2024 (FYTD)"), Some(2024));
        assert_eq!(
            [
                super::month("OCT"),
                super::month("September"),
                super::month("Sept."),
                super::month("Octo"),
                super::month("Mars"),
                super::month("13")
            ],
            [Some(10), Some(9), Some(9), Some(10), None, None]
        );
    }

    #[test]
    fn headers_that_are_periods() {
        let read =
            |pattern: &str, header: &str| Pattern::new(pattern).unwrap().read(header).map(|date| date.to_string());
        assert_eq!(read("MMMYYYY", "JAN2009").as_deref(), Some("2009-01-01"));
        assert_eq!(read("YYYYYMM", "Y2015").as_deref(), None);
        assert_eq!(read("YYYYMMM", "2012M01"), None);
        assert_eq!(read("YYYY\u{4d}MM", "2012"), None);
        assert_eq!(read("YYYY-MM", "2015-07").as_deref(), Some("2015-07-01"));
        assert_eq!(read("MMMYYYY", "Nationality"), None);
        assert!(Pattern::new("MMM").is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,14}", format in "[%a-zA-Z /-]{0,6}") {
            for cadence in Cadence::ALL {
                let _ = parse(&text, cadence, None);
                let _ = parse(&text, cadence, Some(&format));
            }
            let _ = (month(&text), leading_year(&text));
            if let Ok(pattern) = Pattern::new(&format!("YYYY{format}")) {
                let _ = pattern.read(&text);
            }
        }
    }
}
