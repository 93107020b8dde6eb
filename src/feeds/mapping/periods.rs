//! Where a row's period stands: in one column, in a year's and a month's, by fiscal year, or as the headers of columns.

use super::super::DecodeError;
use super::super::options::{OptionError, PeriodOptions};
use super::Cells;
use super::columns::{Columns, Names};
use super::dates;
use super::pattern::Pattern;
use crate::domain::time::{Cadence, Period};
use crate::feeds::months;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Where a row's period is and how it is written.
#[derive(Clone, Debug)]
pub struct PeriodRule {
    cadence: Cadence,
    place: Place,
    starts: i8,
    from: Option<Period>,
    until: Option<Period>,
}

#[derive(Clone, Debug)]
enum Place {
    Column { names: Names, pattern: Option<Pattern> },
    YearAndMonth { year: Names, month: Names },
    Wide { pattern: Option<Pattern>, text: String },
}

impl PeriodRule {
    /// Checks the options.
    pub fn new(options: &PeriodOptions) -> Result<Self, OptionError> {
        let fiscal = options.kind == "fiscal-month";
        let cadence = if fiscal { Some(Cadence::Month) } else { Cadence::from_word(&options.kind) };
        let cadence = cadence.ok_or_else(|| {
            OptionError::new(
                "period.kind",
                format!("\"{}\" is no kind of period", options.kind),
                "write one of day, week, month, quarter, year, fiscal-month",
            )
        })?;
        Ok(Self {
            cadence,
            place: place(options, fiscal, cadence)?,
            starts: starts(options, fiscal)?,
            from: bound(options.from.as_ref(), "period.from")?,
            until: bound(options.until.as_ref(), "period.until")?,
        })
    }

    /// How often the table has values.
    pub const fn cadence(&self) -> Cadence {
        self.cadence
    }

    /// Whether each period has a column.
    pub const fn is_wide(&self) -> bool {
        matches!(self.place, Place::Wide { .. })
    }

    /// Whether the table goes by fiscal years, and so may carry the rest of a year before it is reached.
    pub const fn is_fiscal(&self) -> bool {
        matches!(self.place, Place::YearAndMonth { .. }) && self.starts != 1
    }

    /// The month with which the publisher's year starts.
    pub const fn year_starts(&self) -> i8 {
        self.starts
    }

    /// Every column that it reads.
    pub fn columns(&self) -> Vec<&Names> {
        match &self.place {
            Place::Column { names, .. } => vec![names],
            Place::YearAndMonth { year, month } => vec![year, month],
            Place::Wide { .. } => Vec::new(),
        }
    }

    /// What a text names, as a period of the table; `None` where it names none.
    fn period(&self, text: &str, pattern: Option<&Pattern>, zone: &TimeZone) -> Option<Period> {
        let named = pattern.map_or_else(|| dates::read(text), |pattern| pattern.read(text, zone))?;
        dates::within(named, self.cadence)
    }

    fn counts(&self, period: Period) -> bool {
        self.from.is_none_or(|from| period.start() >= from.start())
            && self.until.is_none_or(|until| period.end() <= until.end())
    }
}

fn place(options: &PeriodOptions, fiscal: bool, cadence: Cadence) -> Result<Place, OptionError> {
    let column = options.column.as_ref().map(|names| Names::new(names, "period.column"));
    let year = options.year.as_ref().map(|names| Names::new(names, "period.year"));
    let month = options.month.as_ref().map(|names| Names::new(names, "period.month"));
    let place = match (column, options.wide.as_ref(), year, month) {
        (Some(names), None, None, None) if !fiscal => {
            let pattern = options.format.as_ref().map(|text| Pattern::new(text, "period.format")).transpose()?;
            return Ok(Place::Column { names, pattern });
        }
        (None, Some(text), None, None) if !fiscal => {
            let auto = text.eq_ignore_ascii_case("auto");
            let pattern = if auto { None } else { Some(Pattern::new(text, "period.wide")?) };
            Some(Place::Wide { pattern, text: text.clone() })
        }
        (None, None, Some(year), Some(month)) if cadence == Cadence::Month => Some(Place::YearAndMonth { year, month }),
        _ => None,
    };
    let place = place.ok_or_else(|| {
        let remedy = if fiscal {
            "write year = \"Fiscal Year\", month = \"Month\", starts = \"October\", and no column or wide"
        } else {
            "write one of column = \"Month\", wide = \"MMMYYYY\", or (for months) year = \"Year\" with month = \"Month\""
        };
        OptionError::new("period", "it must say one place of the period, and only one", remedy)
    })?;
    if options.format.is_some() {
        return Err(OptionError::new(
            "period.format",
            "this says how the text of period.column is written, and there is none",
            "leave it out; the pattern of column headers goes into period.wide",
        ));
    }
    Ok(place)
}

fn starts(options: &PeriodOptions, fiscal: bool) -> Result<i8, OptionError> {
    match &options.starts {
        None if fiscal => {
            Err(OptionError::new("period.starts", "a fiscal year needs its first month", "write starts = \"October\""))
        }
        None => Ok(1),
        Some(name) => months::month(name).ok_or_else(|| {
            let what = format!("\"{name}\" is no month");
            OptionError::new("period.starts", what, "write an English month, such as \"October\"")
        }),
    }
}

fn bound(text: Option<&String>, key: &str) -> Result<Option<Period>, OptionError> {
    let read = |text: &String| {
        text.parse::<Period>().map_err(|_| {
            let what = format!("\"{text}\" is no period");
            OptionError::new(key, what, "write it as 2020-01-31, 2020-W05, 2020-01, 2020-Q1 or 2020")
        })
    };
    text.map(read).transpose()
}

/// What a row says of its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// This one.
    Period(Period),
    /// One that does not count.
    Outside,
    /// None; what stood there.
    None(String),
}

/// Reads the periods of one table's rows. A text is understood once and then known.
pub struct PeriodReader<'a> {
    rule: &'a PeriodRule,
    zone: &'a TimeZone,
    columns: (usize, usize),
    wide: Vec<(usize, Period)>,
    known: HashMap<String, Option<Period>>,
    newest: Option<(String, Option<Period>)>,
    text: String,
}

/// Between the texts of two columns.
const BETWEEN: char = '\u{1f}';
/// How many texts are remembered.
const MOST_KNOWN: usize = 20_000;

impl<'a> PeriodReader<'a> {
    /// Finds the columns.
    pub fn new(rule: &'a PeriodRule, zone: &'a TimeZone, columns: &Columns<'_>) -> Result<Self, DecodeError> {
        let mut wide = Vec::new();
        let found = match &rule.place {
            Place::Column { names, .. } => (columns.find(names)?, 0),
            Place::YearAndMonth { year, month } => (columns.find(year)?, columns.find(month)?),
            Place::Wide { pattern, text } => {
                wide = wide_columns(rule, pattern.as_ref(), zone, columns);
                if wide.is_empty() {
                    return Err(DecodeError::NoColumn {
                        wanted: format!("after a {} of the pattern \"{text}\"", rule.cadence).as_str().into(),
                        found: columns.list(),
                        key: "period.wide",
                    });
                }
                wide.retain(|(_, period)| rule.counts(*period));
                (0, 0)
            }
        };
        Ok(Self { rule, zone, columns: found, wide, known: HashMap::new(), newest: None, text: String::new() })
    }

    /// The columns that are periods.
    pub fn wide(&self) -> &[(usize, Period)] {
        &self.wide
    }

    /// The period of a row.
    pub fn read<C: Cells>(&mut self, cells: &C) -> Said {
        self.text.clear();
        self.text.push_str(cells.cell(self.columns.0).trim());
        if matches!(self.rule.place, Place::YearAndMonth { .. }) {
            self.text.push(BETWEEN);
            self.text.push_str(cells.cell(self.columns.1).trim());
        }
        let period = match &self.newest {
            Some((text, period)) if *text == self.text => *period,
            _ => self.look_up(),
        };
        match period {
            Some(period) if self.rule.counts(period) => Said::Period(period),
            Some(_) => Said::Outside,
            None => Said::None(self.text.replace(BETWEEN, " ").trim().to_owned()),
        }
    }

    fn look_up(&mut self) -> Option<Period> {
        let period = match self.known.get(self.text.as_str()) {
            Some(period) => *period,
            None => {
                let period = self.understand();
                if self.known.len() < MOST_KNOWN {
                    self.known.insert(self.text.clone(), period);
                }
                period
            }
        };
        let (text, newest) = self.newest.get_or_insert_default();
        text.clone_from(&self.text);
        *newest = period;
        period
    }

    fn understand(&self) -> Option<Period> {
        match &self.rule.place {
            Place::Column { pattern, .. } => self.rule.period(&self.text, pattern.as_ref(), self.zone),
            Place::YearAndMonth { .. } => {
                let (year, month) = self.text.split_once(BETWEEN)?;
                Period::fiscal_month(dates::leading_year(year)?, months::month(month)?, self.rule.starts)
            }
            Place::Wide { .. } => None,
        }
    }
}

fn wide_columns(
    rule: &PeriodRule,
    pattern: Option<&Pattern>,
    zone: &TimeZone,
    columns: &Columns<'_>,
) -> Vec<(usize, Period)> {
    let headers = columns.names().iter().enumerate();
    let found = headers.filter_map(|(column, header)| Some((column, rule.period(header, pattern, zone)?)));
    // Any four digits are a year: a column called "5000" is something else.
    found.filter(|(_, period)| (1800..2300).contains(&period.start().year())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    struct Row<'a>(&'a [&'a str]);

    impl Cells for Row<'_> {
        fn cell(&self, column: usize) -> Cow<'_, str> {
            Cow::Borrowed(self.0[column])
        }
    }

    fn rule(text: &str) -> Result<PeriodRule, String> {
        PeriodRule::new(&toml::from_str(text).map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }

    fn read(text: &str, headers: &[&str], rows: &[&[&str]]) -> Vec<String> {
        let rule = rule(text).unwrap();
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let zone = TimeZone::UTC;
        let mut reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers)).unwrap();
        let said = rows.iter().map(|row| match reader.read(&Row(row)) {
            Said::Period(period) => period.label(),
            Said::Outside => "outside".to_owned(),
            Said::None(text) => format!("none: {text}"),
        });
        said.collect()
    }

    #[test]
    fn fiscal_years_become_calendar_years() {
        let rule = "kind = \"fiscal-month\"\nyear = \"Fiscal Year\"\nmonth = \"Month\"\nstarts = \"October\"";
        let rows: [&[&str]; 5] =
            [&["OCT", "2022"], &["SEP", "2022"], &["Dec.", "2024 (FYTD)"], &["Total", "2022"], &["OCT", ""]];
        assert_eq!(
            read(rule, &["Month", "Fiscal Year"], &rows),
            ["2021-10", "2022-09", "2023-12", "none: 2022 Total", "none: OCT"]
        );
        let plain = "kind = \"month\"\nyear = \"y\"\nmonth = \"m\"";
        assert_eq!(read(plain, &["y", "m"], &[&["2022", "10"], &["2021.0", "3"]]), ["2022-10", "2021-03"]);
    }

    #[test]
    fn year_totals_are_told_from_months() {
        let months = "kind = \"month\"\ncolumn = \"t\"\nfrom = \"2020-01\"";
        let years = "kind = \"year\"\ncolumn = \"t\"\nuntil = \"2019\"";
        let rows: [&[&str]; 3] = [&["2019-01-01"], &["2020-01-01"], &["2020-02-01"]];
        assert_eq!(read(months, &["t"], &rows), ["outside", "2020-01", "2020-02"]);
        assert_eq!(read(years, &["t"], &rows), ["2019", "outside", "outside"]);
        assert_eq!(read(months, &["t"], &[&["2020"], &["soon"]]), ["none: 2020", "none: soon"]);
    }

    #[test]
    fn headers_may_be_periods() {
        let headers = ["GEO", "2012M01", "Y2015M02", "JAN2009", "2013", "Total"].map(str::to_owned);
        let wide = |text: &str| {
            let rule = rule(text).unwrap();
            let zone = TimeZone::UTC;
            let reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers));
            reader.map(|reader| reader.wide().iter().map(|(at, period)| format!("{at} {period}")).collect::<Vec<_>>())
        };
        assert_eq!(wide("kind = \"month\"\nwide = \"auto\"").unwrap(), ["1 2012-01", "2 2015-02", "3 2009-01"]);
        assert_eq!(wide("kind = \"month\"\nwide = \"MMMYYYY\"").unwrap(), ["3 2009-01"]);
        assert_eq!(wide("kind = \"month\"\nwide = \"YYYY'M'MM\"\nfrom = \"2013\"").unwrap(), Vec::<String>::new());
        assert_eq!(wide("kind = \"year\"\nwide = \"YYYY\"").unwrap(), ["4 2013"]);
        let error = wide("kind = \"day\"\nwide = \"auto\"").unwrap_err().to_string();
        assert!(error.contains("a day of the pattern \"auto\"") && error.contains("\"JAN2009\""), "{error}");
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (text, phrase) in [
            ("kind = \"moon\"", "no kind of period"),
            ("kind = \"month\"", "only one"),
            ("kind = \"month\"\ncolumn = \"a\"\nwide = \"auto\"", "only one"),
            ("kind = \"day\"\nyear = \"a\"\nmonth = \"b\"", "only one"),
            ("kind = \"fiscal-month\"\ncolumn = \"a\"", "starts = \"October\""),
            ("kind = \"fiscal-month\"\nyear = \"a\"\nmonth = \"b\"", "needs its first month"),
            ("kind = \"fiscal-month\"\nyear = \"a\"\nmonth = \"b\"\nstarts = \"Mars\"", "\"Mars\" is no month"),
            ("kind = \"month\"\ncolumn = \"a\"\nfrom = \"soon\"", "\"soon\" is no period"),
            ("kind = \"month\"\nwide = \"auto\"\nformat = \"YYYY\"", "leave it out"),
            ("kind = \"month\"\ncolumn = \"a\"\nformat = \"MM\"", "no YYYY"),
        ] {
            let error = rule(text).unwrap_err();
            assert!(error.contains(phrase), "{text}: {error}");
        }
    }
}
