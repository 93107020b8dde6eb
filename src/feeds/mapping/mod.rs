//! The mapping: from rows to series, periods and values. Declarative, so that a stranger can write one: which rows
//! count, where the period stands, where the value stands, and which series it belongs to. Here it is checked;
//! `table` applies it.

mod columns;
mod dates;
mod filters;
mod numbers;
mod pattern;
mod periods;
mod running;
mod settle;
mod table;
mod template;
mod totals;

pub use columns::Columns;
pub use dates::{leading_year, read as read_date};
pub use numbers::{Number, Style};
pub use pattern::Pattern;
#[cfg(test)]
pub use table::MOST_SERIES;
pub use table::Table;
pub use totals::RowId;

use super::options::{FeedOptions, OptionError, SeriesOptions, StatusOptions, ValueOptions};
use crate::domain::observation::Status;
use crate::domain::route::{Measure, RouteId};
use crate::domain::time::Cadence;
use columns::Names;
use filters::{Filter, even, filters};
use jiff::tz::TimeZone;
use periods::PeriodRule;
use running::Running;
use std::borrow::Cow;
use std::collections::BTreeSet;
use template::Template;

/// The cells of a row, whatever its format.
pub trait Cells {
    /// The cell of a column; empty where there is none.
    fn cell(&self, column: usize) -> Cow<'_, str>;
}

/// A series that the mapping names outright.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The route.
    pub route: RouteId,
    /// What is counted.
    pub measure: Measure,
    /// How often.
    pub cadence: Cadence,
}

/// What becomes of several rows of one series and period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// There is one; a second one that says something else makes both useless.
    One,
    /// The last one holds.
    Last,
    /// They are added.
    Sum,
}

/// A checked mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    rows: Vec<Filter>,
    period: PeriodRule,
    status: Option<StatusRule>,
    series: Vec<SeriesRule>,
    zone: TimeZone,
}

#[derive(Clone, Debug)]
struct StatusRule {
    column: Names,
    words: Vec<(String, Status)>,
}

#[derive(Clone, Debug)]
struct SeriesRule {
    route: Template,
    measure: Measure,
    rows: Vec<Filter>,
    value: ValueRule,
}

#[derive(Clone, Debug)]
struct ValueRule {
    /// `None` where each period has a column.
    column: Option<Names>,
    aggregate: Aggregate,
    running: Option<Running>,
    style: Style,
}

impl Mapping {
    /// Checks the options of a statistics feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let period = options.period.as_ref().ok_or_else(|| {
            OptionError::new(
                "period",
                "it does not say where the period is",
                "write period = { kind = \"month\", column = \"…\" }",
            )
        })?;
        let period = PeriodRule::new(period)?;
        if options.series.is_empty() {
            return Err(OptionError::new(
                "series",
                "it names no series",
                "write series = [{ route = \"…\", measure = \"…\" }]",
            ));
        }
        let usual = options.value.as_ref();
        let series = options.series.iter().map(|series| SeriesRule::new(series, usual, &period));
        let mapping = Self {
            rows: filters(&options.rows, "rows"),
            series: series.collect::<Result<_, _>>()?,
            status: options.status.as_ref().map(StatusRule::new),
            zone: zone(options.zone.as_deref())?,
            period,
        };
        mapping.names_each_series_once()?;
        Ok(mapping)
    }

    /// The series that the mapping names outright.
    pub fn claims(&self) -> Vec<Claim> {
        let cadence = self.period.cadence();
        let claim = |rule: &SeriesRule| {
            Some(Claim { route: RouteId::new(rule.route.plain()?), measure: rule.measure.clone(), cadence })
        };
        self.series.iter().filter_map(claim).collect()
    }

    /// Every column name that the mapping uses, alternatives included.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        let filters = self.rows.iter().chain(self.series.iter().flat_map(|rule| &rule.rows)).map(Filter::column);
        let series = self.series.iter().flat_map(|rule| rule.route.columns().chain(&rule.value.column));
        let status = self.status.iter().map(|rule| &rule.column);
        self.period.columns().into_iter().chain(filters).chain(series).chain(status).flat_map(Names::all)
    }

    /// What the status column is called, where the mapping has one.
    pub fn status_names(&self) -> Option<&Names> {
        self.status.as_ref().map(|rule| &rule.column)
    }

    fn names_each_series_once(&self) -> Result<(), OptionError> {
        let mut seen = BTreeSet::new();
        match self.claims().into_iter().find(|claim| !seen.insert(claim.clone())) {
            Some(Claim { route, measure, .. }) => Err(OptionError::new(
                "series",
                format!("{route} with the measure {measure} stands there twice"),
                "give one of them another route or measure; rows of one series go into one entry: rows = { Column = [\"a\", \"b\"] }",
            )),
            None => Ok(()),
        }
    }
}

impl StatusRule {
    fn new(options: &StatusOptions) -> Self {
        let lists = [
            (&options.provisional, Status::Provisional),
            (&options.partial, Status::Partial),
            (&options.suppressed, Status::Suppressed),
        ];
        let words = lists
            .into_iter()
            .flat_map(|(list, status)| list.iter().flat_map(|list| &list.0).map(move |word| (even(word), status)));
        Self { column: Names::new(&options.column, "status.column"), words: words.collect() }
    }
}

impl SeriesRule {
    fn new(options: &SeriesOptions, usual: Option<&ValueOptions>, period: &PeriodRule) -> Result<Self, OptionError> {
        let measure = Measure::new(&options.measure);
        if measure.as_str().is_empty() {
            let what = format!("the series of {} has none", options.route);
            return Err(OptionError::new("series.measure", what, "say what is counted: measure = \"persons\""));
        }
        Ok(Self {
            route: Template::new(&options.route)?,
            measure,
            rows: filters(&options.rows, "series.rows"),
            value: ValueRule::new(options.value.as_ref(), usual, period)?,
        })
    }
}

impl ValueRule {
    /// What a series says of its value, and for the rest what the feed says.
    fn new(own: Option<&ValueOptions>, usual: Option<&ValueOptions>, period: &PeriodRule) -> Result<Self, OptionError> {
        let own_column = own.and_then(|value| value.column.as_ref()).map(|column| Names::new(column, "series.value"));
        let usual_column =
            usual.and_then(|value| value.column.as_ref()).map(|column| Names::new(column, "value.column"));
        let column = own_column.or(usual_column);
        if column.is_none() && !period.is_wide() {
            return Err(OptionError::new(
                "value",
                "it does not say where the value is",
                "write value = { column = \"…\" }",
            ));
        }
        if column.is_some() && period.is_wide() {
            return Err(OptionError::new(
                "value.column",
                "each period has a column of its own (period.wide), so there is no column of values",
                "leave one of them out",
            ));
        }
        let aggregate =
            own.and_then(|value| value.aggregate.as_deref()).or(usual.and_then(|value| value.aggregate.as_deref()));
        let running =
            own.and_then(|value| value.running.as_deref()).or(usual.and_then(|value| value.running.as_deref()));
        let decimal = own.and_then(|value| value.decimal).or(usual.and_then(|value| value.decimal)).unwrap_or('.');
        Ok(Self {
            column,
            aggregate: match aggregate {
                None => Aggregate::One,
                Some("sum") => Aggregate::Sum,
                Some("last") => Aggregate::Last,
                Some(other) => {
                    let what = format!("\"{other}\" is none");
                    let remedy =
                        "write aggregate = \"sum\" or \"last\", or leave it out where there is one row a period";
                    return Err(OptionError::new("value.aggregate", what, remedy));
                }
            },
            running: match running {
                None => None,
                Some("year") => Some(Running::Year(period.year_starts())),
                Some("ever") => Some(Running::Ever),
                Some(other) => {
                    let what = format!("\"{other}\" is none");
                    let remedy = "write running = \"year\" or \"ever\", or leave it out where values are per period";
                    return Err(OptionError::new("value.running", what, remedy));
                }
            },
            style: Style::new(decimal).ok_or_else(|| {
                OptionError::new("value.decimal", format!("\"{decimal}\" is no decimal mark"), "write \".\" or \",\"")
            })?,
        })
    }
}

fn zone(name: Option<&str>) -> Result<TimeZone, OptionError> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    TimeZone::get(name).map_err(|_| {
        let what = format!("\"{name}\" is no time zone");
        OptionError::new("zone", what, "write an IANA name, such as \"America/Panama\"")
    })
}
