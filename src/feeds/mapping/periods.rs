//! The periods of a table's rows: read by the rule of `period_rule`, a text understood once and then known.

use super::super::DecodeError;
use super::Cells;
use super::columns::Columns;
use super::dates;
use super::expression::first_group;
use super::pattern::Pattern;
use super::period_rule::{Part, PeriodRule, Place, Year, part_of_year};
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, Period};
use crate::feeds::months;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use regex::Regex;
use std::collections::HashMap;

/// What a row says of its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// This one, and the month in which it is dated.
    Period(Period, i8),
    /// One that does not count.
    Outside,
    /// Nothing: the cell is empty.
    Nothing,
    /// None; what stood there.
    None(String),
}

/// Reads the periods of one table's rows. A text is understood once and then known.
pub struct PeriodReader<'a> {
    rule: &'a PeriodRule,
    zone: &'a TimeZone,
    /// The columns of the row's own parts: year first where it is one, then the rest.
    columns: Vec<usize>,
    /// The year of the whole table, where it is said around it.
    of_year: Option<i16>,
    wide: Vec<(usize, Period)>,
    /// The columns by whose values years are looked at, where rows may be totals of their year.
    year_totals_of: Vec<usize>,
    known: HashMap<String, Option<(Period, i8)>>,
    newest: Option<(String, Option<(Period, i8)>)>,
    text: String,
}

/// Between the texts of two columns.
const BETWEEN: char = '\u{1f}';
/// How many texts are remembered.
const MOST_KNOWN: usize = 20_000;
/// Stands for the year in headers that have none.
const ANY_YEAR: i16 = 2000;

impl<'a> PeriodReader<'a> {
    /// Finds the columns. `around` is what stands around the table: title, sheet, file name.
    pub fn new(
        rule: &'a PeriodRule,
        zone: &'a TimeZone,
        columns: &Columns<'_>,
        around: &str,
    ) -> Result<Self, DecodeError> {
        let mut found = Vec::new();
        let mut of_year = None;
        let year = match &rule.place {
            Place::Column { year, .. } | Place::Wide { year, .. } => year.as_ref(),
            Place::Parts { year, .. } => Some(year),
        };
        match year {
            Some(Year::Column(names)) => found.push(columns.find(names)?),
            Some(Year::Given(year)) => of_year = Some(*year),
            Some(Year::Around(regex)) => of_year = Some(year_around(regex, around, rule.year_starts() != 1)?),
            None => {}
        }
        let mut wide = Vec::new();
        match &rule.place {
            Place::Column { names, .. } => found.push(columns.find(names)?),
            Place::Parts { part, .. } => match part {
                Part::Month(a) | Part::Quarter(a) | Part::Week(a) => found.push(columns.find(a)?),
                Part::MonthAndDay(a, b) => found.extend([columns.find(a)?, columns.find(b)?]),
            },
            Place::Wide { pattern, text, year, month } => {
                if let Some(month) = month {
                    found.push(columns.find(month)?);
                }
                let any_year = year.as_ref().map(|_| ANY_YEAR);
                wide = wide_columns(rule, pattern.as_ref(), any_year, month.is_some(), zone, columns);
                if wide.is_empty() {
                    return Err(DecodeError::NoColumn {
                        wanted: format!("after a {} of the pattern \"{text}\"", rule.cadence()).as_str().into(),
                        found: columns.list(),
                        nearest: Printable::default(),
                        key: "period.wide",
                    });
                }
            }
        }
        let of = rule.year_totals().into_iter().flat_map(|totals| &totals.of);
        let year_totals_of = of.map(|names| columns.find(names)).collect::<Result<_, _>>()?;
        Ok(Self {
            rule,
            zone,
            columns: found,
            of_year,
            wide,
            year_totals_of,
            known: HashMap::new(),
            newest: None,
            text: String::new(),
        })
    }

    /// The columns that are periods: which, and its period in the row; `None` where that does not count. `None` for a
    /// row that does not say its year or month.
    pub fn wide_of<C: Cells>(&self, cells: &C) -> Result<impl Iterator<Item = (usize, Period)> + '_, String> {
        let Place::Wide { year, month, .. } = &self.rule.place else {
            return Err("it has no columns of periods".to_owned());
        };
        let mut own = self.columns.iter();
        let mut cell = || own.next().map(|column| cells.cell(*column).trim().to_owned()).unwrap_or_default();
        let year = match year {
            Some(Year::Column(_)) => {
                let text = cell();
                let fiscal = self.rule.year_starts() != 1;
                Some(dates::year_named(&text, fiscal).ok_or_else(|| format!("\"{text}\" is no year"))?)
            }
            Some(_) => self.of_year,
            None => None,
        };
        let month = match month {
            Some(_) => {
                let text = cell();
                Some(months::month(&text).ok_or_else(|| format!("\"{text}\" is no month"))?)
            }
            None => None,
        };
        let (cadence, starts) = (self.rule.cadence(), self.rule.year_starts());
        let of_row = move |named: Period| match (year, month) {
            (None, None) => Some(named),
            (Some(year), None) if cadence == Cadence::Month => {
                Period::fiscal_month(year, named.start().month(), starts)
            }
            (Some(year), None) => {
                let date = Date::new(year, named.start().month(), named.start().day()).ok()?;
                Some(Period::containing(cadence, date))
            }
            (_, Some(month)) => Period::fiscal_month(named.start().year(), month, starts),
        };
        let columns = self.wide.iter().filter_map(move |(column, named)| Some((*column, of_row(*named)?)));
        Ok(columns.filter(|(_, period)| self.rule.counts(*period)))
    }

    /// The period of a row.
    pub fn read<C: Cells>(&mut self, cells: &C) -> Said {
        self.text.clear();
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                self.text.push(BETWEEN);
            }
            self.text.push_str(cells.cell(*column).trim());
        }
        let period = match &self.newest {
            Some((text, period)) if *text == self.text => *period,
            _ => self.look_up(),
        };
        match period {
            Some((period, month)) if self.rule.counts(period) => Said::Period(period, month),
            Some(_) => Said::Outside,
            None if self.text.chars().all(|c| c == BETWEEN) => Said::Nothing,
            None => Said::None(self.text.replace(BETWEEN, " ").trim().to_owned()),
        }
    }

    /// What a row is about, for telling year totals: the values of its columns, as one text.
    pub fn year_totals_key<C: Cells>(&self, cells: &C) -> String {
        let mut key = String::new();
        for column in &self.year_totals_of {
            key.push_str(cells.cell(*column).trim());
            key.push(BETWEEN);
        }
        key
    }

    /// Every column that is read.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let wide = self.wide.iter().map(|(column, _)| *column);
        self.columns.iter().chain(&self.year_totals_of).copied().chain(wide)
    }

    fn look_up(&mut self) -> Option<(Period, i8)> {
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

    fn understand(&self) -> Option<(Period, i8)> {
        let mut texts = self.text.split(BETWEEN);
        let mut year = |year: &Year| match year {
            Year::Column(_) => dates::year_named(texts.next()?, self.rule.year_starts() != 1),
            Year::Given(_) | Year::Around(_) => self.of_year,
        };
        let period = match &self.rule.place {
            Place::Column { pattern, year: None, .. } => {
                self.rule.period(&self.text, pattern.as_ref(), None, self.zone)
            }
            Place::Column { pattern, year: Some(of), .. } => {
                let year = year(of)?;
                self.rule.period(texts.next()?, pattern.as_ref(), Some(year), self.zone)
            }
            Place::Parts { year: of, part } => {
                let year = year(of)?;
                let text = texts.next()?;
                let named = match part {
                    Part::Month(_) => Period::fiscal_month(year, months::month(text)?, self.rule.year_starts())?,
                    Part::MonthAndDay(..) => {
                        let day = texts.next()?.parse().ok()?;
                        Period::containing(Cadence::Day, Date::new(year, months::month(text)?, day).ok()?)
                    }
                    Part::Quarter(_) => {
                        let number = text.trim_start_matches(|c: char| !c.is_ascii_digit());
                        part_of_year(&format!("Q{}", number.trim()), year)?
                    }
                    Part::Week(_) => {
                        let number = text.trim_start_matches(|c: char| !c.is_ascii_digit()).trim();
                        let monday = ISOWeekDate::new(year, number.parse().ok()?, Weekday::Monday).ok()?;
                        Period::containing(Cadence::Week, monday.date())
                    }
                };
                dates::within(named, self.rule.cadence())
            }
            Place::Wide { .. } => None,
        }?;
        // The month in which a year total is dated is that of the text, not of its year.
        let dated = if self.rule.cadence() == Cadence::Year && self.rule.year_totals().is_some() {
            dates::read(&self.text).map_or(1, |named| named.start().month())
        } else {
            period.start().month()
        };
        Some((period, dated))
    }
}

fn year_around(regex: &Regex, around: &str, fiscal: bool) -> Result<i16, DecodeError> {
    // A pattern such as 'FY ?(\d+)' may find two digits of it.
    let named =
        |text: &str| dates::year_named(text, fiscal).or_else(|| dates::year_named(&format!("FY{text}"), fiscal));
    let found = first_group(regex, around).and_then(named);
    found.ok_or_else(|| DecodeError::NotFound {
        what: "year",
        wanted: Printable::clean_to(&format!("'{}'", regex.as_str()), 200),
        looked_in: Printable::clean_to(&format!("\"{}\"", around.trim()), 300),
        key: "period.of_year",
    })
}

fn wide_columns(
    rule: &PeriodRule,
    pattern: Option<&Pattern>,
    any_year: Option<i16>,
    years_only: bool,
    zone: &TimeZone,
    columns: &Columns<'_>,
) -> Vec<(usize, Period)> {
    let year = |header: &str| {
        let named = pattern.map_or_else(|| dates::read(header), |pattern| pattern.read(header, zone))?;
        (named.cadence() == Cadence::Year).then_some(named)
    };
    let headers = columns.names().iter().enumerate();
    let found = headers.filter_map(|(column, header)| {
        // A footnote behind a month is no part of it.
        let header = header.trim().trim_end_matches(['*', '†', '‡', '¹', '²', '³']);
        let period = if years_only { year(header)? } else { rule.period(header, pattern, any_year, zone)? };
        Some((column, period))
    });
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
        let mut reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers), "Monthly, FY 2019").unwrap();
        let said = rows.iter().map(|row| match reader.read(&Row(row)) {
            Said::Period(period, _) => period.label(),
            Said::Outside => "outside".to_owned(),
            Said::Nothing => "nothing".to_owned(),
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
            let reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers), "");
            reader.map(|reader| {
                let wide = reader.wide_of(&Row(&[])).unwrap();
                wide.map(|(at, period)| format!("{at} {period}")).collect::<Vec<_>>()
            })
        };
        assert_eq!(wide("kind = \"month\"\nwide = \"auto\"").unwrap(), ["1 2012-01", "2 2015-02", "3 2009-01"]);
        assert_eq!(wide("kind = \"month\"\nwide = \"MMMYYYY\"").unwrap(), ["3 2009-01"]);
        assert_eq!(wide("kind = \"month\"\nwide = \"YYYY'M'MM\"\nfrom = \"2013\"").unwrap(), Vec::<String>::new());
        assert_eq!(wide("kind = \"year\"\nwide = \"YYYY\"").unwrap(), ["4 2013"]);
        let error = wide("kind = \"day\"\nwide = \"auto\"").unwrap_err().to_string();
        assert!(error.contains("a day of the pattern \"auto\"") && error.contains("\"JAN2009\""), "{error}");
    }

    #[test]
    fn the_year_of_wide_months_may_stand_elsewhere() {
        let headers = ["Sector", "Year", "October", "Ene.", "Total"].map(str::to_owned);
        let wide = |text: &str, around: &str, row: &[&str]| {
            let rule = rule(text).unwrap();
            let zone = TimeZone::UTC;
            let reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers), around);
            let reader = reader.map_err(|error| error.to_string())?;
            let wide = reader.wide_of(&Row(row))?;
            Ok::<_, String>(wide.map(|(at, period)| format!("{at} {period}")).collect::<Vec<_>>())
        };
        let fiscal = "kind = \"fiscal-month\"\nwide = \"MMM\"\nstarts = \"October\"\nof_year = 'FY ?(\\d+)'";
        for around in ["By Month - FY 2019", "fy19 FY19"] {
            assert_eq!(wide(fiscal, around, &[]).unwrap(), ["2 2018-10", "3 2019-01"], "{around}");
        }
        assert!(wide(fiscal, "no year", &[]).unwrap_err().contains("there is no year"));
        assert_eq!(
            wide("kind = \"month\"\nwide = \"auto\"\nof_year = 2019", "", &[]).unwrap(),
            ["2 2019-10", "3 2019-01"]
        );
        let by_row = "kind = \"month\"\nwide = \"auto\"\nyear = \"Year\"";
        assert_eq!(wide(by_row, "", &["x", "2021"]).unwrap(), ["2 2021-10", "3 2021-01"]);
        assert_eq!(wide(by_row, "", &["x", "y"]).unwrap_err(), "\"y\" is no year");
    }

    #[test]
    fn rows_may_be_months_and_columns_years() {
        let headers = ["Month", "2021", "2022", "Total"].map(str::to_owned);
        let rule = rule("kind = \"month\"\nwide = \"YYYY\"\nmonth = \"Month\"\nuntil = \"2022-01\"").unwrap();
        let zone = TimeZone::UTC;
        let reader = PeriodReader::new(&rule, &zone, &Columns::new(&headers), "").unwrap();
        let wide =
            |month| reader.wide_of(&Row(&[month])).unwrap().map(|(at, p)| format!("{at} {p}")).collect::<Vec<_>>();
        assert_eq!(
            (wide("Ene"), wide("Feb")),
            (vec!["1 2021-01".to_owned(), "2 2022-01".to_owned()], vec!["1 2021-02".to_owned()])
        );
    }

    #[test]
    fn several_columns_make_a_period() {
        for (text, headers, row, label) in [
            (
                "kind = \"day\"\nyear = \"y\"\nmonth = \"m\"\nday = \"d\"",
                ["y", "m", "d"],
                ["2022", "marzo", "17"],
                "2022-03-17",
            ),
            (
                "kind = \"month\"\nyear = \"y\"\nmonth = \"m\"\nday = \"d\"",
                ["y", "m", "d"],
                ["2022", "3", "17"],
                "2022-03",
            ),
            ("kind = \"quarter\"\nyear = \"y\"\nquarter = \"m\"", ["y", "m", "d"], ["2022", "Q3", ""], "2022-Q3"),
            ("kind = \"week\"\nyear = \"y\"\nweek = \"m\"", ["y", "m", "d"], ["2022", "Week 09", ""], "2022-W09"),
            ("kind = \"month\"\nof_year = 'FY (\\d{4})'\nmonth = \"m\"", ["y", "m", "d"], ["", "Oct", ""], "2019-10"),
            (
                "kind = \"day\"\ncolumn = \"d\"\nformat = \"D MMM\"\nof_year = 2022",
                ["y", "m", "d"],
                ["", "", "23 May"],
                "2022-05-23",
            ),
            ("kind = \"day\"\ncolumn = \"d\"", ["y", "m", "d"], ["", "", " "], "nothing"),
            // A week that begins on a Sunday is the ISO week of the day after.
            ("kind = \"week\"\ncolumn = \"d\"", ["y", "m", "d"], ["", "", "2022-01-02"], "2021-W52"),
            ("kind = \"week\"\ncolumn = \"d\"\nshift_days = 1", ["y", "m", "d"], ["", "", "2022-01-02"], "2022-W01"),
        ] {
            assert_eq!(read(text, &headers, &[&row]), [label], "{text}");
        }
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
            ("kind = \"fiscal-month\"\nyear = \"a\"\nmonth = \"b\"\nstarts = \"Martian\"", "\"Martian\" is no month"),
            ("column = \"a\"", "does not say what a period is"),
            ("kind = \"week\"\ncolumn = \"a\"\nshift_days = 9", "less than a week"),
            ("kind = \"month\"\nyear = \"a\"\nof_year = 2019\nmonth = \"b\"", "not both"),
            ("kind = \"month\"\nwide = \"MMM\"\nof_year = 219", "219 is no year"),
            ("kind = \"month\"\nwide = \"MMM\"", "no YYYY"),
            ("kind = \"day\"\ncolumn = \"a\"\nyear_totals = { in = \"December\" }", "for months and years"),
            ("kind = \"month\"\ncolumn = \"a\"\nyear_totals = { in = \"Yule\" }", "\"Yule\" is no month"),
            ("kind = \"month\"\ncolumn = \"a\"\nfrom = \"soon\"", "\"soon\" is no period"),
            ("kind = \"month\"\nwide = \"auto\"\nformat = \"YYYY\"", "leave it out"),
            ("kind = \"month\"\ncolumn = \"a\"\nformat = \"MM\"", "no YYYY"),
        ] {
            let error = rule(text).unwrap_err();
            assert!(error.contains(phrase), "{text}: {error}");
        }
    }
}
