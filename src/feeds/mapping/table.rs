//! A table as its rows come in: columns are found once, series made as they appear, values grouped, and at the end
//! settled into observations.

use super::super::{DecodeError, Warnings, instants};
use super::columns::Columns;
use super::filters::{Passing, rank};
use super::numbers::{Figure, Number, Point};
use super::periods::{PeriodReader, Said};
use super::running::differences;
use super::series_columns::{FoundSeries, Made, Route, SeriesColumns, ValueColumn, Values, id};
use super::settle::AsOf;
use super::totals::{MOST_FIGURES, RowId, Total, Totals};
use super::year_totals::Waiting;
use super::{Cells, Mapping, StatusRule};
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::time::{Cadence, Period};
use jiff::Timestamp;
use std::borrow::Cow;

/// The most series that templates of one feed may make.
pub const MOST_SERIES: usize = 5_000;

/// What is known of a table before its first row.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The column names.
    pub headers: Vec<String>,
    /// The tags under them (HXL), as many as headers, or none.
    pub tags: Vec<String>,
    /// The words around the table: title lines, sheet, caption, file name.
    pub around: String,
}

/// What a table gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// The observations, by series and period.
    pub observations: Vec<Observation>,
    /// The names of columns that nothing of the mapping reads.
    pub unread: Vec<String>,
}

/// The rows of one document, under a mapping.
pub struct Table<'a> {
    mapping: &'a Mapping,
    place: &'a dyn Fn(RowId) -> String,
    headers: Vec<String>,
    rows: Passing,
    periods: Vec<PeriodReader<'a>>,
    /// What the row at hand says of its period, by each of the readers.
    said: Vec<Option<RowPeriod>>,
    status: Option<(Option<usize>, &'a StatusRule)>,
    known: Option<KnownColumn>,
    series: Vec<SeriesColumns<'a>>,
    values: Vec<ValueColumn>,
    made: Made,
    totals: Totals,
    waiting: Vec<Waiting>,
    rows_seen: u64,
    rows_passed: u64,
    name: String,
}

/// The column that says as of when a row is, and its last text.
struct KnownColumn {
    column: usize,
    text: String,
    known: Option<Timestamp>,
}

/// What a row says of its period.
#[derive(Clone, Copy)]
enum RowPeriod {
    Is(Period, i8),
    Empty,
    No,
}

impl<'a> Table<'a> {
    /// Finds every column that the mapping names. `place` says for people where a row is.
    pub fn new(mapping: &'a Mapping, layout: Layout, place: &'a dyn Fn(RowId) -> String) -> Result<Self, DecodeError> {
        let Layout { headers, tags, around } = layout;
        let columns = Columns::tagged(&headers, &tags);
        let periods = mapping.periods.iter().map(|rule| PeriodReader::new(rule, &mapping.zone, &columns, &around));
        let periods: Vec<PeriodReader<'a>> = periods.collect::<Result<_, _>>()?;
        let rows = Passing::new(&mapping.rows, &columns)?;
        let status = match &mapping.status {
            Some(rule) => Some((rule.column.as_ref().map(|names| columns.find(names)).transpose()?, rule)),
            None => None,
        };
        let known = match &mapping.known {
            Some(names) => Some(KnownColumn { column: columns.find(names)?, text: String::new(), known: None }),
            None => None,
        };
        let mut found = FoundSeries::new(mapping, &columns);
        for rule in &mapping.series {
            found.add(rule)?;
        }
        let read = rows.columns().chain(periods.iter().flat_map(PeriodReader::columns));
        let read =
            read.chain(status.iter().filter_map(|(column, _)| *column)).chain(known.iter().map(|known| known.column));
        let read: Vec<usize> = read.collect();
        found.add_others(&read)?;
        let FoundSeries { values, made, series, .. } = found;
        Ok(Self {
            mapping,
            place,
            rows,
            said: vec![None; periods.len()],
            waiting: periods.iter().map(|_| Waiting::default()).collect(),
            periods,
            status,
            known,
            series,
            values,
            made,
            totals: Totals::default(),
            rows_seen: 0,
            rows_passed: 0,
            name: String::new(),
            headers,
        })
    }

    /// The names of columns that nothing of the mapping reads.
    fn unread(&self) -> Vec<String> {
        let mut read = vec![false; self.headers.len()];
        let status = self.status.iter().filter_map(|(column, _)| *column);
        let series = self.series.iter().flat_map(SeriesColumns::columns);
        let all = self.rows.columns().chain(self.periods.iter().flat_map(PeriodReader::columns)).chain(status);
        let all = all.chain(self.known.iter().map(|known| known.column)).chain(series);
        for column in all.chain(self.values.iter().map(|value| value.column)) {
            if let Some(read) = read.get_mut(column) {
                *read = true;
            }
        }
        let unread = self.headers.iter().zip(read).filter(|(name, read)| !read && !name.trim().is_empty());
        unread.map(|(name, _)| name.trim().to_owned()).collect()
    }

    /// Takes a row.
    pub fn row<C: Cells>(&mut self, row: RowId, cells: &C, warnings: &mut Warnings) {
        self.rows_seen += 1;
        if !self.rows.passes(cells) {
            return;
        }
        self.rows_passed += 1;
        for value in &mut self.values {
            value.read = None;
        }
        self.said.fill(None);
        for at in 0..self.series.len() {
            if !self.series[at].rows.passes(cells) {
                continue;
            }
            self.series[at].has_rows = true;
            if matches!(self.series[at].value, Values::Wide) {
                self.wide(at, row, cells, warnings);
            } else {
                self.long(at, row, cells, warnings);
            }
        }
    }

    /// What the table gave, its rows over.
    pub fn finish(mut self, now: Timestamp, warnings: &mut Warnings) -> Taken {
        self.tell_what_is_absent(warnings);
        self.tell_points(warnings);
        let mut totals = std::mem::take(&mut self.totals);
        for waiting in std::mem::take(&mut self.waiting) {
            waiting.release(&mut totals);
        }
        let (mut totals, floor) = totals.finish();
        if let Some(floor) = floor {
            warnings.add("say with `period.from` since when they count, or leave rows out with `rows`", || {
                let what = format!("more than {MOST_FIGURES} figures; those before {floor} were left out");
                ("the table".to_owned(), what)
            });
        }
        self.drop_contradictions(&mut totals, warnings);
        let reach = self.reach(&totals);
        let fiscal = AsOf::new(now, &self.mapping.zone, reach);
        let usual = AsOf::new(now, &self.mapping.zone, None);
        let mut observations = Vec::with_capacity(totals.len());
        for totals in totals.chunk_by(|a, b| a.series == b.series) {
            let id = &self.made.ids[totals[0].series];
            let rule = self.series[self.made.rules[totals[0].series]].rule;
            let as_of = if self.mapping.periods[rule.period].is_fiscal() { &fiscal } else { &usual };
            match rule.value.running {
                Some(running) => {
                    for total in differences(running, id, totals, self.place, warnings) {
                        observations.push(self.observation(id, &total, as_of, warnings));
                    }
                }
                None => {
                    observations.extend(totals.iter().map(|total| self.observation(id, total, as_of, warnings)));
                }
            }
        }
        Taken { unread: self.unread(), observations }
    }

    fn long<C: Cells>(&mut self, at: usize, row: RowId, cells: &C, warnings: &mut Warnings) {
        let Some((figure, mark)) = self.figure(at, row, cells, warnings) else { return };
        let reader = self.series[at].rule.period;
        let (period, month) = match self.period_of_row(reader, row, cells, warnings) {
            RowPeriod::Is(period, month) => (period, month),
            RowPeriod::Empty if !matches!(self.series[at].value, Values::Counted) => {
                warnings.add("the row was left out; if it is a period, say how it is written: period.format", || {
                    ((self.place)(row), format!("it has a value and no {}", self.mapping.periods[reader].cadence()))
                });
                return;
            }
            // A row without a date is no event of any.
            RowPeriod::Empty | RowPeriod::No => return,
        };
        let Some(total) = self.total(at, row, period, (figure, &mark), cells, warnings) else { return };
        let aggregate = self.series[at].rule.value.aggregate;
        let Some(totals) = self.mapping.periods[reader].year_totals() else {
            self.totals.add(aggregate, total);
            return;
        };
        let waiting = &mut self.waiting[reader];
        let key = (waiting.subject(&self.periods[reader].year_totals_key(cells)), period.start().year());
        if month == totals.month {
            waiting.wait(key, period.cadence(), aggregate, total);
        } else {
            waiting.other_month(key);
            // A series of years has no use for the months among them.
            if period.cadence() != Cadence::Year {
                self.totals.add(aggregate, total);
            }
        }
    }

    fn wide<C: Cells>(&mut self, at: usize, row: RowId, cells: &C, warnings: &mut Warnings) {
        let rule = self.series[at].rule;
        let columns: Vec<(usize, Period)> = match self.periods[rule.period].wide_of(cells) {
            Ok(columns) => columns.collect(),
            Err(what) => {
                warnings.add("the row was left out; leave such rows out with `rows`", || ((self.place)(row), what));
                return;
            }
        };
        for (column, period) in columns {
            let Figure { number, mark } = rule.value.style.read(&cells.cell(column));
            let figure = match number {
                Number::Value(number) => Some(number),
                Number::Withheld => None,
                Number::Nothing if self.is_suppressed(&mark, cells) => None,
                Number::Nothing => continue,
                Number::NotOne(found) => {
                    not_a_number(self.place, row, &self.headers[column], &found, warnings);
                    continue;
                }
            };
            if let Some(total) = self.total(at, row, period, (figure, &mark), cells, warnings) {
                self.totals.add(rule.value.aggregate, total);
            }
        }
    }

    /// The figure of a row for a series, and the mark behind it; `None` where there is none. `Some(None)`: withheld.
    fn figure<C: Cells>(
        &mut self,
        at: usize,
        row: RowId,
        cells: &C,
        warnings: &mut Warnings,
    ) -> Option<(Option<f64>, String)> {
        match &self.series[at].value {
            Values::Wide => None,
            Values::Counted => Some((Some(1.0), String::new())),
            Values::One(value) => {
                let value = *value;
                let Figure { number, mark } = self.read_value(value, row, cells, warnings);
                match number {
                    Number::Value(number) => Some((Some(number), mark)),
                    Number::Withheld => Some((None, mark)),
                    Number::Nothing if self.is_suppressed(&mark, cells) => Some((None, mark)),
                    Number::Nothing | Number::NotOne(_) => None,
                }
            }
            Values::Added(values) => {
                let mut sum: Option<Option<f64>> = None;
                for value in values.clone() {
                    match self.read_value(value, row, cells, warnings).number {
                        Number::Value(number) => sum = Some(sum.unwrap_or(Some(0.0)).map(|sum| sum + number)),
                        // A sum with a part withheld is not known.
                        Number::Withheld => sum = Some(None),
                        Number::Nothing => {}
                        Number::NotOne(_) => return None,
                    }
                }
                sum.map(|sum| (sum, String::new()))
            }
        }
    }

    /// Reads a column of values, and tells once a row where it holds none.
    fn read_value<C: Cells>(&mut self, value: usize, row: RowId, cells: &C, warnings: &mut Warnings) -> Figure {
        let value = &mut self.values[value];
        if let Some(read) = &value.read {
            return read.clone();
        }
        let cell = cells.cell(value.column);
        match value.style.point(&cell) {
            Some(Point::PerhapsThousands) => value.points.0 += 1,
            Some(Point::Decimal) => value.points.1 += 1,
            None => {}
        }
        let figure = value.style.read(&cell);
        if let Number::NotOne(found) = &figure.number {
            not_a_number(self.place, row, &self.headers[value.column], found, warnings);
        }
        value.read.insert(figure).clone()
    }

    /// What a row says of its period, by one of the readers; what is none is told once a row.
    fn period_of_row<C: Cells>(&mut self, reader: usize, row: RowId, cells: &C, warnings: &mut Warnings) -> RowPeriod {
        if let Some(said) = self.said[reader] {
            return said;
        }
        let said = match self.periods[reader].read(cells) {
            Said::Period(period, month) => RowPeriod::Is(period, month),
            Said::Outside => RowPeriod::No,
            Said::Nothing => RowPeriod::Empty,
            Said::None(found) => {
                warnings.add("the row was left out; if it is a period, say how it is written: period.format", || {
                    let what = format!("\"{found}\" is no {}", self.mapping.periods[reader].cadence());
                    ((self.place)(row), what)
                });
                RowPeriod::No
            }
        };
        *self.said[reader].insert(said)
    }

    /// What a row gives for a period of a series; `None` where it has no series.
    fn total<C: Cells>(
        &mut self,
        at: usize,
        row: RowId,
        period: Period,
        (figure, mark): (Option<f64>, &str),
        cells: &C,
        warnings: &mut Warnings,
    ) -> Option<Total> {
        let series = self.series_of(at, row, cells, warnings)?;
        let said = match self.status {
            _ if figure.is_none() => Status::Suppressed,
            Some((Some(column), rule)) => rule.says(&cells.cell(column)),
            Some((None, rule)) => rule.says(mark),
            None => Status::Closed,
        };
        let figure = figure.filter(|_| said != Status::Suppressed);
        let known = self.known_of_row(row, cells, warnings);
        let rank = self.series[at].newest.map(|column| self.rank_of_row(column, row, cells, warnings));
        Some(Total { rank, known, ..Total::of_row(row, series, period, figure, said) })
    }

    /// Whether a cell without a number is one withheld.
    fn is_suppressed<C: Cells>(&self, mark: &str, cells: &C) -> bool {
        self.status.is_some_and(|(column, rule)| {
            let said = column.map_or(Cow::Borrowed(mark), |column| cells.cell(column));
            !said.trim().is_empty() && rule.says(&said) == Status::Suppressed
        })
    }

    fn known_of_row<C: Cells>(&mut self, row: RowId, cells: &C, warnings: &mut Warnings) -> Option<Timestamp> {
        let known = self.known.as_mut()?;
        let cell = cells.cell(known.column);
        let cell = cell.trim();
        if cell != known.text {
            known.text.clear();
            known.text.push_str(cell);
            known.known = instants::as_of(cell, &self.mapping.zone);
            if known.known.is_none() && !cell.is_empty() {
                let column = &self.headers[known.column];
                warnings.add("the row counts as known when it was fetched; check known.column", || {
                    (format!("{}, column {}", (self.place)(row), column.trim()), format!("\"{cell}\" is no date"))
                });
            }
        }
        known.known
    }

    fn rank_of_row<C: Cells>(&self, column: usize, row: RowId, cells: &C, warnings: &mut Warnings) -> f64 {
        let cell = cells.cell(column);
        rank(&cell).unwrap_or_else(|| {
            warnings.add("the row counts as the oldest; check value.newest", || {
                let column = self.headers[column].trim();
                (
                    format!("{}, column {column}", (self.place)(row)),
                    format!("\"{}\" is neither a date nor a number", cell.trim()),
                )
            });
            f64::NEG_INFINITY
        })
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
        let status = as_of.settle(total.period, total.value, total.status, total.known);
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
        Observation { series: id.clone(), period: total.period, value, status, published: total.known }
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
        let is_fiscal = |total: &&Total| {
            let rule = self.series[self.made.rules[total.series]].rule;
            self.mapping.periods[rule.period].is_fiscal()
        };
        let counted = totals.iter().filter(|total| total.value != Some(0.0)).filter(is_fiscal);
        counted.map(|total| total.period.start()).max()
    }

    /// Columns in which every point may as well stand between thousands: 1.891 people are either 1,891 or a mistake.
    fn tell_points(&self, warnings: &mut Warnings) {
        const ENOUGH: u64 = 3;
        for value in self.values.iter().filter(|value| value.points.0 >= ENOUGH && value.points.1 == 0) {
            warnings.add(
                "write value.decimal = \",\" if these are thousands, or value.decimal = \".\" if they are not",
                || {
                    let column = format!("column {}", self.headers[value.column].trim());
                    (column, format!("all its {} points have three digits behind them, as in 1.891", value.points.0))
                },
            );
        }
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
                        let name = series.rule.route.plain();
                        let name = name.as_deref().unwrap_or("a template");
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

fn not_a_number(place: &dyn Fn(RowId) -> String, row: RowId, column: &str, found: &str, warnings: &mut Warnings) {
    warnings.add("the value was left out; check value.column, or value.decimal", || {
        (format!("{}, column {}", place(row), column.trim()), format!("\"{found}\" is no number"))
    });
}
