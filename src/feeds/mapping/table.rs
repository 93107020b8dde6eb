//! A table as its rows come in: columns are found once, series made as they appear, values grouped, and at the end
//! settled into observations.

use super::super::{DecodeError, Warnings};
use super::columns::Columns;
use super::filters::{Passing, is_even};
use super::numbers::{Number, Style};
use super::periods::{PeriodReader, Said};
use super::running::differences;
use super::settle::AsOf;
use super::template::Found;
use super::totals::{RowId, Total, Totals};
use super::{Cells, Mapping, SeriesRule, StatusRule};
use crate::domain::observation::{Observation, Status};
use crate::domain::route::{RouteId, SeriesId};
use crate::domain::time::Period;
use jiff::Timestamp;
use std::collections::HashMap;

/// The most series that templates of one feed may make.
pub const MOST_SERIES: usize = 5_000;

/// The rows of one document, under a mapping.
pub struct Table<'a> {
    mapping: &'a Mapping,
    place: &'a dyn Fn(RowId) -> String,
    headers: Vec<String>,
    rows: Passing<'a>,
    period: PeriodReader<'a>,
    status: Option<(usize, &'a StatusRule)>,
    series: Vec<SeriesColumns<'a>>,
    values: Vec<ValueColumn>,
    made: Made,
    totals: Totals,
    rows_seen: u64,
    rows_passed: u64,
    name: String,
}

struct SeriesColumns<'a> {
    rule: &'a SeriesRule,
    rows: Passing<'a>,
    route: Route,
    /// Which of the value columns; nothing where the table is wide.
    value: usize,
    has_rows: bool,
}

enum Route {
    /// The series of every row.
    Plain(usize),
    /// The series of a row, by its route's name; `None` where another entry makes the same series, or there are too
    /// many.
    Made(Found, HashMap<String, Option<usize>>),
}

/// A column of values, read once a row however many series count it.
struct ValueColumn {
    column: usize,
    style: Style,
    read: Option<Number>,
}

/// The series that there are so far.
#[derive(Default)]
struct Made {
    ids: Vec<SeriesId>,
    /// Which entry of the mapping made it.
    rules: Vec<usize>,
    by_id: HashMap<SeriesId, usize>,
}

impl<'a> Table<'a> {
    /// Finds every column that the mapping names. `place` says for people where a row is.
    pub fn new(
        mapping: &'a Mapping,
        headers: Vec<String>,
        place: &'a dyn Fn(RowId) -> String,
    ) -> Result<Self, DecodeError> {
        let columns = Columns::new(&headers);
        let period = PeriodReader::new(&mapping.period, &mapping.zone, &columns)?;
        let status = match &mapping.status {
            Some(rule) => Some((columns.find(&rule.column)?, rule)),
            None => None,
        };
        let mut values: Vec<ValueColumn> = Vec::new();
        let mut made = Made::default();
        let mut series = Vec::new();
        for (at, rule) in mapping.series.iter().enumerate() {
            let value = match &rule.value.column {
                Some(names) => {
                    let (column, style) = (columns.find(names)?, rule.value.style);
                    let known = values.iter().position(|value| value.column == column && value.style == style);
                    known.unwrap_or_else(|| {
                        values.push(ValueColumn { column, style, read: None });
                        values.len() - 1
                    })
                }
                None => 0,
            };
            let route = match rule.route.plain() {
                Some(name) => Route::Plain(made.add(at, id(mapping, rule, name))),
                None => Route::Made(rule.route.found(&columns)?, HashMap::new()),
            };
            let rows = Passing::new(&rule.rows, &columns)?;
            series.push(SeriesColumns { rule, rows, route, value, has_rows: false });
        }
        let rows = Passing::new(&mapping.rows, &columns)?;
        Ok(Self {
            mapping,
            place,
            headers,
            rows,
            period,
            status,
            series,
            values,
            made,
            totals: Totals::default(),
            rows_seen: 0,
            rows_passed: 0,
            name: String::new(),
        })
    }

    /// Takes a row.
    pub fn row<C: Cells>(&mut self, row: RowId, cells: &C, warnings: &mut Warnings) {
        self.rows_seen += 1;
        if !self.rows.passes(cells) {
            return;
        }
        self.rows_passed += 1;
        if self.period.wide().is_empty() { self.long(row, cells, warnings) } else { self.wide(row, cells, warnings) }
    }

    /// The observations, by series and period.
    pub fn finish(mut self, now: Timestamp, warnings: &mut Warnings) -> Vec<Observation> {
        self.tell_what_is_absent(warnings);
        let mut totals = std::mem::take(&mut self.totals).finish();
        self.drop_contradictions(&mut totals, warnings);
        let as_of = AsOf::new(now, &self.mapping.zone, self.reach(&totals));
        let mut observations = Vec::with_capacity(totals.len());
        for totals in totals.chunk_by(|a, b| a.series == b.series) {
            let id = &self.made.ids[totals[0].series];
            let rule = self.series[self.made.rules[totals[0].series]].rule;
            let values = match rule.value.running {
                Some(running) => differences(running, id, totals, self.place, warnings),
                None => totals.to_vec(),
            };
            for total in values {
                observations.push(self.observation(id, &total, &as_of, warnings));
            }
        }
        observations
    }

    fn long<C: Cells>(&mut self, row: RowId, cells: &C, warnings: &mut Warnings) {
        for value in &mut self.values {
            value.read = None;
        }
        let mut period: Option<Period> = None;
        for at in 0..self.series.len() {
            if !self.series[at].rows.passes(cells) {
                continue;
            }
            self.series[at].has_rows = true;
            let value = &mut self.values[self.series[at].value];
            let known = value.read.is_some();
            let read = value.read.get_or_insert_with(|| value.style.read(&cells.cell(value.column)));
            let figure = match read {
                Number::Nothing => continue,
                Number::Value(number) => Some(*number),
                Number::Withheld => None,
                Number::NotOne(_) if known => continue,
                Number::NotOne(found) => {
                    let column = &self.headers[value.column];
                    not_a_number(self.place, row, column, found, warnings);
                    continue;
                }
            };
            let period = match period {
                Some(period) => period,
                None => match self.period.read(cells) {
                    Said::Period(read) => *period.insert(read),
                    Said::Outside => return,
                    Said::None(found) => {
                        warnings.add(
                            "the row was left out; if it is a period, say how it is written: period.format",
                            || {
                                let what = format!("\"{found}\" is no {}", self.mapping.period.cadence());
                                ((self.place)(row), what)
                            },
                        );
                        return;
                    }
                },
            };
            self.add(at, row, period, figure, cells, warnings);
        }
    }

    fn wide<C: Cells>(&mut self, row: RowId, cells: &C, warnings: &mut Warnings) {
        for at in 0..self.series.len() {
            if !self.series[at].rows.passes(cells) {
                continue;
            }
            self.series[at].has_rows = true;
            for number in 0..self.period.wide().len() {
                let (column, period) = self.period.wide()[number];
                let figure = match self.series[at].rule.value.style.read(&cells.cell(column)) {
                    Number::Nothing => continue,
                    Number::Value(number) => Some(number),
                    Number::Withheld => None,
                    Number::NotOne(found) => {
                        not_a_number(self.place, row, &self.headers[column], &found, warnings);
                        continue;
                    }
                };
                self.add(at, row, period, figure, cells, warnings);
            }
        }
    }

    fn add<C: Cells>(
        &mut self,
        at: usize,
        row: RowId,
        period: Period,
        figure: Option<f64>,
        cells: &C,
        warnings: &mut Warnings,
    ) {
        let Some(series) = self.series_of(at, row, cells, warnings) else { return };
        let said = match self.status {
            _ if figure.is_none() => Status::Suppressed,
            Some((column, rule)) => {
                let cell = cells.cell(column);
                let known = rule.words.iter().find(|(word, _)| is_even(&cell, word));
                known.map_or(Status::Closed, |(_, status)| *status)
            }
            None => Status::Closed,
        };
        let figure = figure.filter(|_| said != Status::Suppressed);
        self.totals.add(self.series[at].rule.value.aggregate, row, series, period, (figure, said));
    }

    /// The series of a row, made where it is new.
    fn series_of<C: Cells>(&mut self, at: usize, row: RowId, cells: &C, warnings: &mut Warnings) -> Option<usize> {
        let series = &mut self.series[at];
        let (found, known) = match &mut series.route {
            Route::Plain(series) => return Some(*series),
            Route::Made(found, known) => (found, known),
        };
        if !found.write(cells, &mut self.name) {
            warnings
                .add("the row was left out of the routes made by a template; leave such rows out with `rows`", || {
                    ((self.place)(row), format!("a cell that names the route is empty ({})", self.name))
                });
            return None;
        }
        if let Some(known) = known.get(self.name.as_str()) {
            return *known;
        }
        let id = id(self.mapping, series.rule, &self.name);
        let made = match self.made.by_id.get(&id) {
            Some(other) if self.made.rules[*other] != at => {
                warnings
                    .add("the template leaves it to that entry; leave its rows out with `rows` to be clear", || {
                        ((self.place)(row), format!("the series {id} is made by another entry of `series` too"))
                    });
                None
            }
            Some(same) => Some(*same),
            None if self.made.ids.len() >= MOST_SERIES => {
                warnings.add("add `rows`, or a template with fewer values; the series beyond were left out", || {
                    ((self.place)(row), format!("the mapping makes more than {MOST_SERIES} series"))
                });
                None
            }
            None => Some(self.made.add(at, id)),
        };
        // Beyond the limit names are not remembered: there may be any number of them.
        if known.len() <= MOST_SERIES {
            known.insert(self.name.clone(), made);
        }
        made
    }

    fn observation(&self, id: &SeriesId, total: &Total, as_of: &AsOf<'_>, warnings: &mut Warnings) -> Observation {
        let status = as_of.settle(total.period, total.value, total.status);
        let value = total.value.filter(|value| value.is_finite());
        if status == Status::Invalid && total.status != Status::Invalid {
            let place = || (self.place)(total.rows.0);
            match value {
                Some(value) if value < 0.0 => {
                    warnings.add("it was left out: a count cannot be negative; check value.column", || {
                        (place(), format!("{value} of {id} in {} is below zero", total.period))
                    });
                }
                _ => warnings.add("it was left out; check how the period is written, and `zone`", || {
                    (place(), format!("a value of {id} for {}, which has not begun", total.period))
                }),
            }
        }
        Observation { series: id.clone(), period: total.period, value, status, published: None }
    }

    /// Several rows where one was expected: which one is right cannot be told, so none is taken.
    fn drop_contradictions(&self, totals: &mut Vec<Total>, warnings: &mut Warnings) {
        totals.retain(|total| {
            if total.contradicts {
                warnings.add(
                    "none was taken; write value.aggregate = \"sum\" to add them or \"last\" for the last, or leave some out with `rows`",
                    || {
                        let what = format!("several rows for {} in {}", self.made.ids[total.series], total.period);
                        (format!("{} to {}", (self.place)(total.rows.0), (self.place)(total.rows.1)), what)
                    },
                );
            }
            !total.contradicts
        });
    }

    /// Fiscal tables carry zeros for the months that they have not reached: after the last month in which anybody is
    /// counted in any series, a zero is none.
    fn reach(&self, totals: &[Total]) -> Option<jiff::civil::Date> {
        let counted = totals.iter().filter(|total| total.value != Some(0.0)).map(|total| total.period.start());
        if self.mapping.period.is_fiscal() { counted.max() } else { None }
    }

    fn tell_what_is_absent(&self, warnings: &mut Warnings) {
        let table = || "the table".to_owned();
        if self.rows_seen == 0 {
            warnings
                .add("look at the reply: the publisher may have changed it", || (table(), "it has no rows".to_owned()));
        } else if self.rows_passed == 0 {
            warnings.add("check `rows`: values are compared whole, case and spaces aside", || {
                (table(), format!("none of its {} rows counts", self.rows_seen))
            });
        } else {
            for series in self.series.iter().filter(|series| !series.has_rows) {
                warnings.add(
                    "check the `rows` of the series: values are compared whole, case and spaces aside",
                    || {
                        let name = series.rule.route.plain().unwrap_or("a template");
                        (
                            table(),
                            format!(
                                "none of its {} rows counts for {name} ({})",
                                self.rows_passed, series.rule.measure
                            ),
                        )
                    },
                );
            }
        }
    }
}

impl Made {
    fn add(&mut self, rule: usize, id: SeriesId) -> usize {
        let at = self.ids.len();
        self.ids.push(id.clone());
        self.rules.push(rule);
        self.by_id.insert(id, at);
        at
    }
}

fn id(mapping: &Mapping, rule: &SeriesRule, route: &str) -> SeriesId {
    SeriesId { route: RouteId::new(route), measure: rule.measure.clone(), cadence: mapping.period.cadence() }
}

fn not_a_number(place: &dyn Fn(RowId) -> String, row: RowId, column: &str, found: &str, warnings: &mut Warnings) {
    warnings.add("the value was left out; check value.column, or value.decimal", || {
        (format!("{}, column {}", place(row), column.trim()), format!("\"{found}\" is no number"))
    });
}
