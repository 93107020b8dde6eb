//! From values as they came to observations: added up, running totals differenced within their year, and told
//! apart from what is no observation: filler, periods still running, periods in the future.

use super::super::Warnings;
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::time::{Cadence, Period};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What to do with the values.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// They are running totals since the start of the year.
    pub running: bool,
    /// The month with which the table's year starts.
    pub year_starts: i8,
    /// Zeros after the last count are months not reached yet (fiscal-year files carry them).
    pub trailing_zeros_are_filler: bool,
}

/// Values by series and period.
#[derive(Debug, Default)]
pub struct Totals {
    cells: BTreeMap<(usize, i64), Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    value: Option<f64>,
    status: Status,
}

impl Totals {
    /// Takes a value. Says whether one was there that is now replaced.
    pub fn add(&mut self, series: usize, period: Period, value: Option<f64>, status: Status, sum: bool) -> bool {
        let key = (series, period.index());
        let Some(cell) = self.cells.get_mut(&key) else {
            self.cells.insert(key, Cell { value, status });
            return false;
        };
        if !sum {
            let differs = cell.value != value;
            *cell = Cell { value, status };
            return differs;
        }
        cell.status = cell.status.max(status);
        // A sum with a part withheld is not known.
        cell.value = cell.value.zip(value).map(|(a, b)| a + b);
        false
    }

    /// The observations, series by series.
    pub fn finish(self, made: &[SeriesId], rule: Rule, now: Timestamp, warnings: &mut Warnings) -> Vec<Observation> {
        let mut observations = Vec::with_capacity(self.cells.len());
        let mut rows: Vec<Vec<(Period, Cell)>> = vec![Vec::new(); made.len()];
        for ((series, index), cell) in self.cells {
            rows[series].push((Period::from_index(made[series].cadence, index), cell));
        }
        for (id, mut cells) in made.iter().zip(rows) {
            if rule.running {
                cells = differences(id, &cells, rule.year_starts, warnings);
            }
            let last_count = cells.iter().rposition(|(_, cell)| cell.value != Some(0.0));
            for (at, (period, cell)) in cells.into_iter().enumerate() {
                let trailing = rule.trailing_zeros_are_filler && last_count.is_none_or(|last| at > last);
                let status = settle(id, period, cell, trailing, now, warnings);
                observations.push(Observation {
                    series: id.clone(),
                    period,
                    value: cell.value,
                    status,
                    published: None,
                });
            }
        }
        observations
    }
}

/// Running totals to values: the first period of a year is its own value; one without its predecessor gives none; less than
/// before is a correction that this table does not spread, and no arrivals.
fn differences(
    id: &SeriesId,
    cells: &[(Period, Cell)],
    year_starts: i8,
    warnings: &mut Warnings,
) -> Vec<(Period, Cell)> {
    let mut values = Vec::with_capacity(cells.len());
    for (at, (period, cell)) in cells.iter().enumerate() {
        if begins_year(*period, year_starts) {
            values.push((*period, *cell));
            continue;
        }
        let before = at.checked_sub(1).map(|before| cells[before]).filter(|(before, _)| before.next() == *period);
        let Some((before_period, before)) = before else { continue };
        let (Some(total), Some(earlier)) = (cell.value, before.value) else { continue };
        if total < earlier {
            let what = format!("the running total falls from {earlier} to {total} in {period}");
            warnings.add(
                &format!("{id}, {before_period} to {period}"),
                &what,
                "the period was left out; check that the column is a running total",
            );
            continue;
        }
        values.push((*period, Cell { value: Some(total - earlier), status: cell.status.max(before.status) }));
    }
    values
}

fn begins_year(period: Period, year_starts: i8) -> bool {
    let start = period.start();
    match period.cadence() {
        Cadence::Day => start.month() == year_starts && start.day() == 1,
        Cadence::Week => start.iso_week_date().week() == 1,
        Cadence::Month | Cadence::Quarter => start.month() == year_starts,
        Cadence::Year => true,
    }
}

/// The status of a value, given what the time says (surge.md section 1). Dates are the publisher's; a day's grace covers
/// every zone.
fn settle(
    id: &SeriesId,
    period: Period,
    cell: Cell,
    trailing_zero: bool,
    now: Timestamp,
    warnings: &mut Warnings,
) -> Status {
    let zero = cell.value == Some(0.0);
    if trailing_zero && zero {
        return Status::Filler;
    }
    let day = SignedDuration::from_hours(24);
    let tomorrow = now.saturating_add(day).unwrap_or(Timestamp::MAX);
    let started = crate::domain::time::start_of_day(period.start(), &TimeZone::UTC) <= tomorrow;
    let over = period.end_instant(&TimeZone::UTC) <= tomorrow;
    match (started, over, zero) {
        (_, true, _) => cell.status,
        (_, false, true) => Status::Filler,
        (true, false, false) => {
            if cell.status == Status::Suppressed {
                Status::Suppressed
            } else {
                Status::Partial
            }
        }
        (false, false, false) => {
            let what = format!("a value for {period}, which has not begun");
            warnings.add(&id.to_string(), &what, "it was left out; check how the period is written");
            Status::Invalid
        }
    }
}
