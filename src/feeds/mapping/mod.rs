//! The mapping: from rows to series, periods and values. Declarative, so that a stranger can write one: which rows
//! count, where the period stands, where the value stands, and which series it belongs to.

mod columns;
mod numbers;
mod periods;
mod totals;

use super::options::{FeedOptions, OneOrMany, OptionError, SeriesOptions};
use super::{DecodeError, Warnings};
use crate::domain::observation::{Observation, Status};
use crate::domain::route::{Measure, RouteId, SeriesId};
use crate::domain::time::{Cadence, Period};
use columns::{Columns, loose};
use jiff::Timestamp;
use numbers::{Number, Style};
use periods::{PeriodReader, PeriodRule};
use std::collections::HashMap;
use totals::Totals;

/// The most series that templates of one feed may make.
const MOST_SERIES: usize = 5_000;

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

/// A checked mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    rows: Vec<Filter>,
    period: PeriodRule,
    value: Option<Vec<String>>,
    sum: bool,
    running: bool,
    style: Style,
    status: Option<StatusRule>,
    series: Vec<SeriesRule>,
}

#[derive(Clone, Debug)]
struct Filter {
    column: Vec<String>,
    allowed: Vec<String>,
}

#[derive(Clone, Debug)]
struct StatusRule {
    column: Vec<String>,
    words: Vec<(String, Status)>,
}

#[derive(Clone, Debug)]
struct SeriesRule {
    route: Vec<Piece>,
    measure: Measure,
    rows: Vec<Filter>,
    value: Option<Vec<String>>,
}

/// A piece of a route template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Column(String),
}

impl Mapping {
    /// Checks the options of a statistics feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let period = options.period.as_ref().ok_or_else(|| {
            OptionError::new(
                "period",
                "it does not say where the period is".to_owned(),
                "write period = { kind = \"month\", column = \"…\" }",
            )
        })?;
        let period = PeriodRule::new(period)?;
        let value = options.value.as_ref();
        let column = value.and_then(|value| value.column.as_ref()).map(|column| column.all().to_vec());
        let every_series_has_one =
            !options.series.is_empty() && options.series.iter().all(|series| series.value.is_some());
        if column.is_none() && !period.is_wide() && !every_series_has_one {
            return Err(OptionError::new(
                "value",
                "it does not say where the value is".to_owned(),
                "write value = { column = \"…\" }",
            ));
        }
        let sum = match value.and_then(|value| value.aggregate.as_deref()) {
            None => false,
            Some("sum") => true,
            Some(other) => {
                return Err(OptionError::new(
                    "value.aggregate",
                    format!("\"{other}\" is none"),
                    "write aggregate = \"sum\", or leave it out",
                ));
            }
        };
        let running = match value.and_then(|value| value.running.as_deref()) {
            None => false,
            Some("year") => true,
            Some(other) => {
                return Err(OptionError::new(
                    "value.running",
                    format!("\"{other}\" is none"),
                    "write running = \"year\", or leave it out",
                ));
            }
        };
        let decimal = value.and_then(|value| value.decimal).unwrap_or('.');
        let style = Style::new(decimal).ok_or_else(|| {
            OptionError::new("value.decimal", format!("\"{decimal}\" is no decimal mark"), "write \".\" or \",\"")
        })?;
        if options.series.is_empty() {
            return Err(OptionError::new(
                "series",
                "it names no series".to_owned(),
                "write series = [{ route = \"…\", measure = \"…\" }]",
            ));
        }
        let series = options.series.iter().map(SeriesRule::new).collect::<Result<_, _>>()?;
        let status = options.status.as_ref().map(|status| {
            let said = |words: &Option<OneOrMany>, status| {
                words.iter().flat_map(OneOrMany::all).map(|word| (loose(word), status)).collect::<Vec<_>>()
            };
            let words = [
                said(&status.provisional, Status::Provisional),
                said(&status.partial, Status::Partial),
                said(&status.suppressed, Status::Suppressed),
            ];
            StatusRule { column: status.column.all().to_vec(), words: words.concat() }
        });
        Ok(Self { rows: filters(&options.rows), period, value: column, sum, running, style, status, series })
    }

    /// The series that the mapping names outright.
    pub fn claims(&self) -> Vec<Claim> {
        let plain = |rule: &SeriesRule| match rule.route.as_slice() {
            [Piece::Text(route)] => Some(RouteId::new(route)),
            _ => None,
        };
        let cadence = self.period.cadence();
        let claims = self
            .series
            .iter()
            .filter_map(|rule| Some(Claim { route: plain(rule)?, measure: rule.measure.clone(), cadence }));
        claims.collect()
    }

    /// Every column name that the mapping uses.
    pub fn column_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.period.column_names();
        names.extend(self.value.iter().flatten().map(String::as_str));
        names.extend(self.status.iter().flat_map(|status| &status.column).map(String::as_str));
        names.extend(self.rows.iter().flat_map(|filter| &filter.column).map(String::as_str));
        for series in &self.series {
            names.extend(series.value.iter().flatten().map(String::as_str));
            names.extend(series.rows.iter().flat_map(|filter| &filter.column).map(String::as_str));
            names.extend(series.route.iter().filter_map(|piece| match piece {
                Piece::Column(column) => Some(column.as_str()),
                Piece::Text(_) => None,
            }));
        }
        names
    }
}

impl SeriesRule {
    fn new(options: &SeriesOptions) -> Result<Self, OptionError> {
        let unclosed = || {
            OptionError::new(
                "series.route",
                format!("\"{}\" has a brace without its partner", options.route),
                "write it as \"name/{column}\"",
            )
        };
        let mut route = Vec::new();
        let mut rest = options.route.as_str();
        while let Some((text, after)) = rest.split_once('{') {
            let (column, after) = after.split_once('}').ok_or_else(unclosed)?;
            if !text.is_empty() {
                route.push(Piece::Text(text.to_owned()));
            }
            route.push(Piece::Column(column.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err(unclosed());
        }
        if !rest.is_empty() {
            route.push(Piece::Text(rest.to_owned()));
        }
        if route.is_empty() || options.measure.trim().is_empty() {
            return Err(OptionError::new("series", "route or measure is empty".to_owned(), "give both a name"));
        }
        let value = options.value.as_ref().map(|value| value.all().to_vec());
        Ok(Self { route, measure: Measure::new(&options.measure), rows: filters(&options.rows), value })
    }
}

fn filters(rows: &std::collections::BTreeMap<String, OneOrMany>) -> Vec<Filter> {
    let filter = |(column, allowed): (&String, &OneOrMany)| Filter {
        column: vec![column.clone()],
        allowed: allowed.all().iter().map(|value| loose(value)).collect(),
    };
    rows.iter().map(filter).collect()
}

/// A table as its rows come in: columns found once, series made as they appear.
pub struct Table<'a> {
    mapping: &'a Mapping,
    rows: Vec<RowFilter<'a>>,
    period: PeriodReader<'a>,
    status: Option<(usize, &'a StatusRule)>,
    series: Vec<SeriesColumns<'a>>,
    made: Vec<SeriesId>,
    totals: Totals,
    key: String,
}

struct RowFilter<'a> {
    column: usize,
    allowed: &'a [String],
}

struct SeriesColumns<'a> {
    rule: &'a SeriesRule,
    route: Vec<RoutePiece<'a>>,
    value: usize,
    rows: Vec<RowFilter<'a>>,
    made: HashMap<String, usize>,
}

enum RoutePiece<'a> {
    Text(&'a str),
    Column(usize),
}

impl<'a> Table<'a> {
    /// Finds every column that the mapping names.
    pub fn new(mapping: &'a Mapping, columns: &[String]) -> Result<Self, DecodeError> {
        let columns = Columns::new(columns);
        let period = PeriodReader::new(&mapping.period, &columns)?;
        let value = match &mapping.value {
            Some(value) => Some(columns.find(value, "value.column")?),
            None => None,
        };
        let status = match &mapping.status {
            Some(rule) => Some((columns.find(&rule.column, "status.column")?, rule)),
            None => None,
        };
        let mut series = Vec::new();
        for rule in &mapping.series {
            let route = rule.route.iter().map(|piece| match piece {
                Piece::Text(text) => Ok(RoutePiece::Text(text)),
                Piece::Column(column) => {
                    columns.find(std::slice::from_ref(column), "series.route").map(RoutePiece::Column)
                }
            });
            let value = match &rule.value {
                Some(value) => columns.find(value, "series.value")?,
                None => value.unwrap_or_default(),
            };
            series.push(SeriesColumns {
                rule,
                route: route.collect::<Result<_, _>>()?,
                value,
                rows: find_filters(&rule.rows, &columns)?,
                made: HashMap::new(),
            });
        }
        Ok(Self {
            rows: find_filters(&mapping.rows, &columns)?,
            mapping,
            period,
            status,
            series,
            made: Vec::new(),
            totals: Totals::default(),
            key: String::new(),
        })
    }

    /// Takes a row: `place` says where it is, `cell` gives the cell of a column.
    pub fn row<'c>(
        &mut self,
        place: &dyn Fn() -> String,
        cell: &dyn Fn(usize) -> &'c str,
        warnings: &mut Warnings,
    ) -> Result<(), DecodeError> {
        if !passes(&self.rows, cell) {
            return Ok(());
        }
        let status = self.status.map_or(Status::Closed, |(column, rule)| {
            let word = loose(cell(column));
            rule.words.iter().find(|(known, _)| *known == word).map_or(Status::Closed, |(_, status)| *status)
        });
        let wide = self.period.wide().to_vec();
        if !wide.is_empty() {
            for (column, period) in wide {
                self.values(Some(column), period, status, place, cell, warnings)?;
            }
            return Ok(());
        }
        match self.period.read(cell) {
            Ok(Some(period)) => self.values(None, period, status, place, cell, warnings),
            Ok(None) => Ok(()),
            Err(found) => {
                let what = format!("\"{found}\" is no {}", self.mapping.period.cadence());
                warnings.add(
                    &place(),
                    &what,
                    "the row was left out; if it is one, say how it is written: period.format",
                );
                Ok(())
            }
        }
    }

    /// Adds a row's value to every series that it counts for.
    fn values<'c>(
        &mut self,
        wide: Option<usize>,
        period: Period,
        status: Status,
        place: &dyn Fn() -> String,
        cell: &dyn Fn(usize) -> &'c str,
        warnings: &mut Warnings,
    ) -> Result<(), DecodeError> {
        for at in 0..self.series.len() {
            let series = &self.series[at];
            if !passes(&series.rows, cell) {
                continue;
            }
            let column = wide.unwrap_or(series.value);
            let (value, status) = match self.mapping.style.read(cell(column)) {
                Number::Value(value) if value < 0.0 => {
                    let what = format!("{value} is below zero");
                    warnings.add(
                        &place(),
                        &what,
                        "the value was left out; a count cannot be negative: check value.column",
                    );
                    continue;
                }
                Number::Value(value) => (Some(value), status),
                Number::Withheld => (None, Status::Suppressed),
                Number::Nothing => continue,
                Number::NotOne(found) => {
                    let what = format!("\"{found}\" is no number");
                    warnings.add(&place(), &what, "the value was left out; check value.column, or value.decimal");
                    continue;
                }
            };
            let Some(made) = self.series(at, cell)? else {
                warnings.add(
                    &place(),
                    "the cell that names the route is empty",
                    "the row was left out; filter such rows with `rows`",
                );
                continue;
            };
            let twice = self.totals.add(made, period, value, status, self.mapping.sum);
            if twice {
                let what = format!("a second row for {} in {period}", self.made[made]);
                warnings.add(
                    &place(),
                    &what,
                    "the later row was taken; write aggregate = \"sum\" to add them, or filter with `rows`",
                );
            }
        }
        Ok(())
    }

    /// The series of a row, made where it is new; `None` where a template's cell is empty.
    fn series<'c>(&mut self, at: usize, cell: &dyn Fn(usize) -> &'c str) -> Result<Option<usize>, DecodeError> {
        self.key.clear();
        for piece in &self.series[at].route {
            match piece {
                RoutePiece::Text(text) => self.key.push_str(text),
                RoutePiece::Column(column) => {
                    let part = cell(*column).trim();
                    if part.is_empty() {
                        return Ok(None);
                    }
                    self.key.push_str(part);
                }
            }
        }
        if let Some(known) = self.series[at].made.get(self.key.as_str()) {
            return Ok(Some(*known));
        }
        if self.made.len() >= MOST_SERIES {
            return Err(DecodeError::TooManySeries { most: MOST_SERIES });
        }
        let series = &mut self.series[at];
        let id = SeriesId {
            route: RouteId::new(&self.key),
            measure: series.rule.measure.clone(),
            cadence: self.mapping.period.cadence(),
        };
        // Two rules may name the same series (parts that add up), so it is made once.
        let made = self.made.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.made.push(id);
            self.made.len() - 1
        });
        series.made.insert(self.key.clone(), made);
        Ok(Some(made))
    }

    /// The observations, by series as they appeared and by period. `now` is the instant of the reply.
    pub fn finish(self, now: Timestamp, warnings: &mut Warnings) -> Vec<Observation> {
        let rule = totals::Rule {
            running: self.mapping.running,
            year_starts: self.mapping.period.year_starts(),
            trailing_zeros_are_filler: self.mapping.period.is_fiscal(),
        };
        self.totals.finish(&self.made, rule, now, warnings)
    }
}

fn find_filters<'a>(filters: &'a [Filter], columns: &Columns<'_>) -> Result<Vec<RowFilter<'a>>, DecodeError> {
    let found = filters
        .iter()
        .map(|filter| Ok(RowFilter { column: columns.find(&filter.column, "rows")?, allowed: &filter.allowed }));
    found.collect()
}

/// Whether a row counts: compared without regard to case, spaces and marks, without making text where it is the same.
fn passes<'c>(filters: &[RowFilter<'_>], cell: &dyn Fn(usize) -> &'c str) -> bool {
    filters.iter().all(|filter| {
        let found = cell(filter.column);
        filter.allowed.iter().any(|allowed| columns::is_loosely(found, allowed))
    })
}
