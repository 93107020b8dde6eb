//! Where a row's period stands, checked: in one column, in several, or as the headers of columns; with its year elsewhere, and with
//! totals of years among months.

use super::super::options::{OneOrMany, OptionError, PeriodOptions, YearTotalsOptions};
use super::columns::Names;
use super::dates;
use super::expression::expression;
use super::pattern::Pattern;
use crate::domain::time::{Cadence, Period};
use crate::feeds::months;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;

/// Where a row's period is and how it is written.
#[derive(Clone, Debug)]
pub struct PeriodRule {
    cadence: Cadence,
    /// Where it stands.
    pub place: Place,
    starts: i8,
    shift_days: i8,
    year_totals: Option<YearTotals>,
    from: Option<Period>,
    until: Option<Period>,
}

/// Where it stands.
#[derive(Clone, Debug)]
pub enum Place {
    /// In one column; the year may stand elsewhere.
    Column {
        /// Which.
        names: Names,
        /// How it is written; in any of the forms that need no explanation where absent.
        pattern: Option<Pattern>,
        /// Where the year is, if not in the text.
        year: Option<Year>,
    },
    /// In several columns.
    Parts {
        /// Where the year is.
        year: Year,
        /// What stands beside it.
        part: Part,
    },
    /// In the headers of columns.
    Wide {
        /// How headers are written; in any of the forms that need no explanation where absent.
        pattern: Option<Pattern>,
        /// The pattern as the configuration has it.
        text: String,
        /// Where the year is, if not in the headers.
        year: Option<Year>,
        /// The column of the month, where headers are years.
        month: Option<Names>,
    },
}

/// Where the year is, where it stands alone.
#[derive(Clone, Debug)]
pub enum Year {
    /// In a column.
    Column(Names),
    /// In the configuration.
    Given(i16),
    /// In the words around the table.
    Around(Regex),
}

/// What stands beside the year.
#[derive(Clone, Debug)]
pub enum Part {
    /// The month.
    Month(Names),
    /// The month and the day of the month.
    MonthAndDay(Names, Names),
    /// The quarter.
    Quarter(Names),
    /// The ISO week.
    Week(Names),
}

/// Rows of months that are totals of their year.
#[derive(Clone, Debug)]
pub struct YearTotals {
    /// The month in which they are dated.
    pub month: i8,
    /// The columns by whose values years are looked at.
    pub of: Vec<Names>,
}

impl PeriodRule {
    /// Checks the options.
    pub fn new(options: &PeriodOptions) -> Result<Self, OptionError> {
        const KINDS: &str = "write one of day, week, month, quarter, year, fiscal-month";
        let Some(kind) = options.kind.as_deref() else {
            return Err(OptionError::new("period.kind", "it does not say what a period is", KINDS));
        };
        let fiscal = kind == "fiscal-month";
        let cadence = if fiscal { Some(Cadence::Month) } else { Cadence::from_word(kind) };
        let cadence = cadence
            .ok_or_else(|| OptionError::new("period.kind", format!("\"{kind}\" is no kind of period"), KINDS))?;
        Ok(Self {
            cadence,
            place: place(options, fiscal, cadence)?,
            starts: starts(options, fiscal)?,
            shift_days: shift_days(options)?,
            year_totals: options.year_totals.as_ref().map(|totals| YearTotals::new(totals, cadence)).transpose()?,
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
        matches!(self.place, Place::Parts { .. } | Place::Wide { year: Some(_), .. }) && self.starts != 1
    }

    /// The month with which the publisher's year starts.
    pub const fn year_starts(&self) -> i8 {
        self.starts
    }

    /// Rows that are totals of their year, where there are such.
    pub const fn year_totals(&self) -> Option<&YearTotals> {
        self.year_totals.as_ref()
    }

    /// Every column that it reads.
    pub fn columns(&self) -> Vec<&Names> {
        let mut all: Vec<&Names> = self.year_totals.iter().flat_map(|totals| &totals.of).collect();
        match &self.place {
            Place::Column { names, year, .. } => {
                all.push(names);
                all.extend(year.iter().filter_map(Year::column));
            }
            Place::Parts { year, part } => {
                all.extend(year.column());
                match part {
                    Part::Month(a) | Part::Quarter(a) | Part::Week(a) => all.push(a),
                    Part::MonthAndDay(a, b) => all.extend([a, b]),
                }
            }
            Place::Wide { year, month, .. } => {
                all.extend(year.iter().filter_map(Year::column));
                all.extend(month);
            }
        }
        all
    }

    /// What a text names, as a period of the table; `None` where it names none.
    pub fn period(&self, text: &str, pattern: Option<&Pattern>, year: Option<i16>, zone: &TimeZone) -> Option<Period> {
        let named = match (pattern, year) {
            (Some(pattern), year) => pattern.read_in(text, year, zone),
            (None, Some(year)) => part_of_year(text, year).or_else(|| dates::read(text)),
            (None, None) => dates::read(text),
        };
        let named = named?;
        let shifted = match (named.cadence(), self.shift_days) {
            (_, 0) => named,
            (Cadence::Day, days) => {
                Period::containing(Cadence::Day, named.start().saturating_add(i64::from(days).days()))
            }
            _ => return None,
        };
        dates::within(shifted, self.cadence)
    }

    /// Whether a period lies within the bounds.
    pub fn counts(&self, period: Period) -> bool {
        self.from.is_none_or(|from| period.start() >= from.start())
            && self.until.is_none_or(|until| period.end() <= until.end())
    }
}

impl YearTotals {
    fn new(options: &YearTotalsOptions, cadence: Cadence) -> Result<Self, OptionError> {
        const KEY: &str = "period.year_totals";
        if !matches!(cadence, Cadence::Month | Cadence::Year) {
            let remedy = "leave it out: it tells year totals from months";
            return Err(OptionError::new(KEY, "this is for months and years", remedy));
        }
        let month = months::month(&options.month).ok_or_else(|| {
            let remedy = "write year_totals = { in = \"December\", of = [\"Country\"] }";
            OptionError::new(KEY, format!("\"{}\" is no month", options.month), remedy)
        })?;
        let of = options.of.iter().flat_map(|list| &list.0).map(|name| Names::from_text(name, KEY));
        Ok(Self { month, of: of.collect() })
    }
}

impl Year {
    const fn column(&self) -> Option<&Names> {
        match self {
            Self::Column(names) => Some(names),
            Self::Given(_) | Self::Around(_) => None,
        }
    }
}

/// A month or a quarter without its year: `October`, `10`, `Q4`.
pub fn part_of_year(text: &str, year: i16) -> Option<Period> {
    let text = text.trim();
    let quarter = text.strip_prefix(['Q', 'q', 'T', 't']).and_then(|number| number.parse::<i8>().ok());
    if let Some(quarter) = quarter.filter(|quarter| (1..=4).contains(quarter)) {
        return Date::new(year, quarter * 3 - 2, 1).ok().map(|date| Period::containing(Cadence::Quarter, date));
    }
    Date::new(year, months::month(text)?, 1).ok().map(|date| Period::containing(Cadence::Month, date))
}

fn place(options: &PeriodOptions, fiscal: bool, cadence: Cadence) -> Result<Place, OptionError> {
    let names = |list: &Option<OneOrMany>, key| list.as_ref().map(|list| Names::new(list, key));
    let column = names(&options.column, "period.column");
    let (month, day) = (names(&options.month, "period.month"), names(&options.day, "period.day"));
    let (quarter, week) = (names(&options.quarter, "period.quarter"), names(&options.week, "period.week"));
    let year = match (names(&options.year, "period.year"), &options.of_year) {
        (Some(_), Some(_)) => {
            let what = "the year stands in a column (period.year) or elsewhere, not both";
            return Err(OptionError::new("period.of_year", what, "leave one of them out"));
        }
        (Some(column), None) => Some(Year::Column(column)),
        (None, Some(of_year)) => Some(of_year_rule(of_year)?),
        (None, None) => None,
    };
    let place = match (column, options.wide.as_ref(), year) {
        (Some(names), None, year)
            if !fiscal && month.is_none() && day.is_none() && quarter.is_none() && week.is_none() =>
        {
            let read = if year.is_some() { Pattern::yearless } else { Pattern::new };
            let pattern = options.format.as_ref().map(|text| read(text, "period.format")).transpose()?;
            return Ok(Place::Column { names, pattern, year });
        }
        (None, Some(text), year)
            if (!fiscal || year.is_some()) && day.is_none() && quarter.is_none() && week.is_none() =>
        {
            Some(wide(text, year, month)?)
        }
        (None, None, Some(year)) => parts(month, day, quarter, week, cadence).map(|part| Place::Parts { year, part }),
        _ => None,
    };
    let place = place.ok_or_else(|| {
        let remedy = if fiscal {
            "write year = \"Fiscal Year\", month = \"Month\", starts = \"October\", and no column; or wide = \"MMM\" with year or of_year"
        } else {
            "write one of column = \"Month\", wide = \"MMMYYYY\", or year = \"Year\" with month = \"Month\" (quarter, week; month and day)"
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

fn wide(text: &str, year: Option<Year>, month: Option<Names>) -> Result<Place, OptionError> {
    let auto = text.eq_ignore_ascii_case("auto");
    let read = if year.is_some() { Pattern::yearless } else { Pattern::new };
    let pattern = if auto { None } else { Some(read(text, "period.wide")?) };
    Ok(Place::Wide { pattern, text: text.to_owned(), year, month })
}

fn parts(
    month: Option<Names>,
    day: Option<Names>,
    quarter: Option<Names>,
    week: Option<Names>,
    cadence: Cadence,
) -> Option<Part> {
    match (month, day, quarter, week) {
        (Some(month), Some(day), None, None) => Some(Part::MonthAndDay(month, day)),
        (Some(month), None, None, None) if !matches!(cadence, Cadence::Day | Cadence::Week) => Some(Part::Month(month)),
        (None, None, Some(quarter), None) if matches!(cadence, Cadence::Quarter | Cadence::Year) => {
            Some(Part::Quarter(quarter))
        }
        (None, None, None, Some(week)) if cadence == Cadence::Week => Some(Part::Week(week)),
        _ => None,
    }
}

fn of_year_rule(of_year: &OneOrMany) -> Result<Year, OptionError> {
    const KEY: &str = "period.of_year";
    let remedy = "write of_year = 2019, or a pattern whose group is the year: of_year = 'FY (\\d{4})'";
    let [text] = of_year.0.as_slice() else {
        return Err(OptionError::new(KEY, "a table has one year", remedy));
    };
    match text.trim().parse::<i16>() {
        Ok(year) if (1800..2300).contains(&year) => Ok(Year::Given(year)),
        Ok(year) => Err(OptionError::new(KEY, format!("{year} is no year"), remedy)),
        Err(_) => expression(text, KEY).map(Year::Around),
    }
}

fn starts(options: &PeriodOptions, fiscal: bool) -> Result<i8, OptionError> {
    match &options.starts {
        None if fiscal => {
            Err(OptionError::new("period.starts", "a fiscal year needs its first month", "write starts = \"October\""))
        }
        None => Ok(1),
        Some(name) => months::month(name).ok_or_else(|| {
            let what = format!("\"{name}\" is no month");
            OptionError::new("period.starts", what, "write a month, such as \"October\"")
        }),
    }
}

fn shift_days(options: &PeriodOptions) -> Result<i8, OptionError> {
    let days = options.shift_days.unwrap_or_default();
    if days == 0 || ((-6..=6).contains(&days) && options.column.is_some()) {
        return Ok(days);
    }
    let remedy =
        "write shift_days = 1 beside period.column, for weeks that are dated with the Sunday on which they begin";
    Err(OptionError::new("period.shift_days", "it moves the dates of a column by less than a week", remedy))
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
