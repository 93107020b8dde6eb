//! Running totals to values: each is the difference to the period before, within the publisher's year.

use super::super::Warnings;
use super::totals::{RowId, Total};
use crate::domain::observation::Status;
use crate::domain::route::SeriesId;
use crate::domain::time::{Cadence, Period};

/// Since when totals run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// Since the start of the publisher's year, which begins with this month.
    Year(i8),
    /// Since the beginning of the series.
    Ever,
}

/// A series' totals, in order, as values. The first period of a year is its own value; one whose predecessor is
/// missing or not whole gives none. A total below the one before is a revision of earlier periods, and of which the
/// table does not say: the difference is given, as invalid.
pub fn differences(
    running: Running,
    id: &SeriesId,
    totals: &[Total],
    place: &dyn Fn(RowId) -> String,
    warnings: &mut Warnings,
) -> Vec<Total> {
    let mut values = Vec::with_capacity(totals.len());
    for (at, total) in totals.iter().enumerate() {
        if begins(running, total.period) {
            values.push(*total);
            continue;
        }
        let Some(before) = at.checked_sub(1).map(|before| totals[before]) else {
            // The table begins in the middle of a year; that is no fault.
            continue;
        };
        let whole = before.status.is_complete() || before.status == Status::Suppressed;
        if before.period.next() != total.period || !whole {
            warnings.add("add the missing row, or wait for it: a running total needs the one before it", || {
                let what = format!(
                    "the total of {id} through {} stands, but no whole one through {}",
                    total.period,
                    total.period.previous()
                );
                (place(total.rows.0), what)
            });
            continue;
        }
        let (Some(now), Some(then)) = (total.value, before.value) else {
            // Withheld: so is the difference.
            values.push(Total { value: None, status: Status::Suppressed, ..*total });
            continue;
        };
        let mut value = Total { value: Some(now - then), status: total.status.least_certain(before.status), ..*total };
        if now < then {
            value.status = Status::Invalid;
            warnings.add(
                "the period was left out: an earlier one was revised, or the column is no running total",
                || {
                    let places = format!("{} and {}", place(before.rows.0), place(total.rows.0));
                    let what = format!(
                        "the running total of {id} falls from {then} through {} to {now} through {}",
                        before.period, total.period
                    );
                    (places, what)
                },
            );
        }
        values.push(value);
    }
    values
}

fn begins(running: Running, period: Period) -> bool {
    let Running::Year(starts) = running else { return false };
    let start = period.start();
    match period.cadence() {
        Cadence::Day => start.month() == starts && start.day() == 1,
        Cadence::Week => start.iso_week_date().week() == 1,
        Cadence::Month | Cadence::Quarter => start.month() == starts,
        Cadence::Year => true,
    }
}
