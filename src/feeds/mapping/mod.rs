//! The mapping: from rows to series, periods and values. Declarative, so that a stranger can write one: which rows
//! count, where the period stands, where the value stands, and which series it belongs to. Here it is checked;
//! `table` applies it.

mod columns;
mod dates;
mod expression;
mod filters;
mod numbers;
mod pattern;
mod period_rule;
mod periods;
mod running;
mod series_columns;
mod settle;
mod table;
mod template;
mod totals;
mod values;
mod year_totals;

pub use columns::{Columns, loose};
pub use dates::{leading_year, read as period_of};
pub use expression::{expression, first_group};
pub use numbers::{Figure, Number, Style};
pub use pattern::Pattern;
#[cfg(test)]
pub use table::MOST_SERIES;
pub use table::{Layout, Table, Taken};
pub use totals::RowId;

use super::options::{FeedOptions, OptionError, PeriodOptions, SeriesOptions, StatusOptions};
use crate::domain::observation::Status;
use crate::domain::route::{Family, Measure, RouteId, SeriesId, SeriesSpec};
use columns::Names;
use filters::{Filter, even, filters};
use jiff::tz::TimeZone;
use period_rule::PeriodRule;
use std::borrow::Cow;
use std::collections::BTreeSet;
use template::Template;
use values::{Source, ValueRule};

/// The cells of a row, whatever its format.
pub trait Cells {
    /// The cell of a column; empty where there is none.
    fn cell(&self, column: usize) -> Cow<'_, str>;
}

/// The cells of a row that is a list of texts.
pub struct Texts<'a>(pub &'a [String]);

impl Cells for Texts<'_> {
    fn cell(&self, column: usize) -> Cow<'_, str> {
        self.0.get(column).map_or("", String::as_str).into()
    }
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
    /// They are counted.
    Count,
}

/// A checked mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    rows: Vec<Filter>,
    /// The feed's own first, then those of series that differ.
    periods: Vec<PeriodRule>,
    status: Option<StatusRule>,
    known: Option<Names>,
    series: Vec<SeriesRule>,
    zone: TimeZone,
}

#[derive(Clone, Debug)]
struct StatusRule {
    /// `None`: the mark behind the number.
    column: Option<Names>,
    words: Vec<(String, Status)>,
}

#[derive(Clone, Debug)]
struct SeriesRule {
    route: Template,
    measure: Measure,
    rows: Vec<Filter>,
    period: usize,
    value: ValueRule,
}

impl Mapping {
    /// Checks the options of a statistics feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let usual = options.period.clone().unwrap_or_default();
        let all_have_their_own =
            !options.series.is_empty() && options.series.iter().all(|series| series.period.is_some());
        if options.period.is_none() && !all_have_their_own {
            return Err(OptionError::new(
                "period",
                "it does not say where the period is",
                "write period = { kind = \"month\", column = \"…\" }",
            ));
        }
        if options.series.is_empty() {
            return Err(OptionError::new(
                "series",
                "it names no series",
                "write series = [{ route = \"…\", measure = \"…\" }]",
            ));
        }
        let mut periods = Vec::new();
        if options.period.is_some() {
            periods.push(PeriodRule::new(&usual)?);
        }
        let mut series = Vec::new();
        for entry in &options.series {
            let period = match &entry.period {
                None => 0,
                Some(own) => {
                    periods.push(PeriodRule::new(&laid_over(&usual, own)).map_err(|error| error.within("series"))?);
                    periods.len() - 1
                }
            };
            series.push(SeriesRule::new(entry, options, period, &periods[period])?);
        }
        let mapping = Self {
            rows: filters(&options.rows, "rows")?,
            periods,
            series,
            status: options.status.as_ref().map(StatusRule::new),
            known: options
                .known
                .as_ref()
                .and_then(|known| known.column.as_ref())
                .map(|at| Names::new(at, "known.column")),
            zone: zone(options.zone.as_deref())?,
        };
        mapping.names_each_series_once()?;
        Ok(mapping)
    }

    /// The series that the mapping names outright.
    pub fn claims(&self) -> Vec<SeriesSpec> {
        let claims = self.series.iter().flat_map(|rule| {
            let names: Vec<String> = match &rule.value.source {
                Source::Each(columns) => {
                    columns.iter().filter_map(|names| rule.route.plain_for(names.all().next()?)).collect()
                }
                _ => rule.route.plain().into_iter().collect(),
            };
            names.into_iter().map(|name| self.claim(rule, &name))
        });
        claims.collect()
    }

    fn claim(&self, rule: &SeriesRule, route: &str) -> SeriesSpec {
        let cadence = self.periods[rule.period].cadence();
        let id = SeriesId { route: RouteId::new(route), measure: rule.measure.clone(), cadence };
        SeriesSpec { zone: self.zone.clone(), stock: rule.value.stock, ..SeriesSpec::plain(id) }
    }

    /// The families of series that the mapping makes from the data.
    pub fn families(&self) -> impl Iterator<Item = Family> + '_ {
        let made = self.series.iter().filter(|rule| rule.route.plain().is_none());
        made.map(|rule| Family {
            shape: rule.route.to_string(),
            measure: rule.measure.clone(),
            cadence: self.periods[rule.period].cadence(),
            zone: self.zone.clone(),
            stock: rule.value.stock,
        })
    }

    /// The publisher's zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Every column name that the mapping uses, alternatives included.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        let filters = self.rows.iter().chain(self.series.iter().flat_map(|rule| &rule.rows)).flat_map(Filter::columns);
        let series = self.series.iter().flat_map(|rule| rule.route.columns().chain(rule.value.columns()));
        let status = self.status.iter().filter_map(|rule| rule.column.as_ref());
        let periods = self.periods.iter().flat_map(PeriodRule::columns);
        periods.chain(filters).chain(series).chain(status).chain(&self.known).flat_map(Names::all)
    }

    /// What the status column is called, where the mapping has one.
    pub fn status_names(&self) -> Option<&Names> {
        self.status.as_ref().and_then(|rule| rule.column.as_ref())
    }

    /// Whether a table with these headers has every column that the mapping needs.
    pub fn fits(&self, layout: Layout) -> bool {
        Table::new(self, layout, &|_| String::new()).is_ok()
    }

    /// How many of the mapping's names are among some headers: to tell which row is most likely meant.
    pub fn names_in(&self, headers: &[String]) -> usize {
        Columns::new(headers).count(self.column_names())
    }

    fn names_each_series_once(&self) -> Result<(), OptionError> {
        let mut seen = BTreeSet::new();
        match self.claims().into_iter().map(|claim| claim.id).find(|id| !seen.insert(id.clone())) {
            Some(SeriesId { route, measure, .. }) => Err(OptionError::new(
                "series",
                format!("{route} with the measure {measure} stands there twice"),
                "give one of them another route or measure; rows of one series go into one entry: rows = { Column = [\"a\", \"b\"] }",
            )),
            None => Ok(()),
        }
    }
}

/// A series' own period: what it does not say is as in the feed's, but for the bounds. A place of its own takes the
/// place of the feed's.
fn laid_over(usual: &PeriodOptions, own: &PeriodOptions) -> PeriodOptions {
    let places = |options: &PeriodOptions| {
        let columns = [&options.column, &options.quarter, &options.month, &options.week, &options.day];
        columns.iter().any(|column| column.is_some()) || options.wide.is_some()
    };
    let mut laid = own.clone();
    laid.kind = own.kind.clone().or_else(|| usual.kind.clone());
    laid.starts = own.starts.clone().or_else(|| usual.starts.clone());
    laid.year_totals = own.year_totals.clone().or_else(|| usual.year_totals.clone());
    if own.year.is_none() && own.of_year.is_none() {
        laid.year = usual.year.clone();
        laid.of_year = usual.of_year.clone();
    }
    if !places(own) {
        laid.column = usual.column.clone();
        laid.format = own.format.clone().or_else(|| usual.format.clone());
        laid.shift_days = own.shift_days.or(usual.shift_days);
        laid.quarter = usual.quarter.clone();
        laid.month = usual.month.clone();
        laid.week = usual.week.clone();
        laid.day = usual.day.clone();
        laid.wide = usual.wide.clone();
    }
    laid
}

impl StatusRule {
    fn new(options: &StatusOptions) -> Self {
        let lists = [
            (&options.provisional, Status::Provisional),
            (&options.partial, Status::Partial),
            (&options.suppressed, Status::Suppressed),
            (&options.breaks, Status::Break),
        ];
        let words = lists
            .into_iter()
            .flat_map(|(list, status)| list.iter().flat_map(|list| &list.0).map(move |word| (even(word), status)));
        let column = options.column.as_ref().map(|column| Names::new(column, "status.column"));
        Self { column, words: words.collect() }
    }

    /// What a cell or a mark says; nothing that is known is closed.
    fn says(&self, text: &str) -> Status {
        let known = self.words.iter().find(|(word, _)| filters::is_even(text, word));
        known.map_or(Status::Closed, |(_, status)| *status)
    }
}

impl SeriesRule {
    fn new(options: &SeriesOptions, feed: &FeedOptions, period: usize, rule: &PeriodRule) -> Result<Self, OptionError> {
        let measure = Measure::new(&options.measure);
        if measure.as_str().is_empty() {
            let what = format!("the series of {} has none", options.route);
            return Err(OptionError::new("series.measure", what, "say what is counted: measure = \"persons\""));
        }
        let route = Template::new(&options.route)?;
        let value = ValueRule::new(options.value.as_ref(), feed.value.as_ref(), rule)?;
        if route.names_the_value() != matches!(value.source, Source::Each(_) | Source::EachOther) {
            let what = format!("\"{}\" and value.each go together", options.route);
            let remedy = "write { route = \"name/{*}\", value = { each = [\"a\", \"b\"] } }: {*} is the name of the value's column";
            return Err(OptionError::new("series.route", what, remedy));
        }
        Ok(Self { route, measure, rows: filters(&options.rows, "series.rows")?, period, value })
    }
}

fn zone(name: Option<&str>) -> Result<TimeZone, OptionError> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    TimeZone::get(name).map_err(|_| {
        let what = format!("\"{name}\" is no time zone");
        OptionError::new("zone", what, "write an IANA name, such as \"America/Panama\"")
    })
}
