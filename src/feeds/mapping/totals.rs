//! Values by series and period, as rows bring them: added up, or one a period.

use super::Aggregate;
use crate::domain::observation::Status;
use crate::domain::time::Period;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Which row of the document: for CSV the byte at which it begins, for JSON its number. The reader of the format can
/// say where that is.
pub type RowId = u64;

/// What the rows of one series and period gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Which series.
    pub series: usize,
    /// Which period.
    pub period: Period,
    /// `None` where a part was withheld.
    pub value: Option<f64>,
    /// The least certain of the rows'.
    pub status: Status,
    /// The first row and the last.
    pub rows: (RowId, RowId),
    /// Several rows that say different things, where one was expected.
    pub contradicts: bool,
    /// How new its rows are, where a column says so: only the newest count.
    pub rank: Option<f64>,
    /// As of when its rows are, where a column says so: the latest.
    pub known: Option<Timestamp>,
}

impl Total {
    /// What one row gives.
    pub const fn of_row(row: RowId, series: usize, period: Period, value: Option<f64>, status: Status) -> Self {
        Self { series, period, value, status, rows: (row, row), contradicts: false, rank: None, known: None }
    }
}

/// Values by series and period.
#[derive(Debug, Default)]
pub struct Totals {
    places: HashMap<(usize, i64), usize>,
    totals: Vec<Total>,
}

impl Totals {
    /// Takes the value of a row.
    pub fn add(&mut self, aggregate: Aggregate, new: Total) {
        let place = *self.places.entry((new.series, new.period.index())).or_insert(self.totals.len());
        let Some(total) = self.totals.get_mut(place) else {
            self.totals.push(new);
            return;
        };
        match new.rank.partial_cmp(&total.rank) {
            Some(Ordering::Less) => return,
            Some(Ordering::Greater) => {
                *total = new;
                return;
            }
            _ => {}
        }
        total.rows.1 = new.rows.1;
        total.known = total.known.max(new.known);
        match aggregate {
            Aggregate::One => total.contradicts |= total.value != new.value || total.status != new.status,
            Aggregate::Last => {
                total.value = new.value;
                total.status = new.status;
            }
            Aggregate::Sum | Aggregate::Count => {
                // A sum with a part withheld is not known.
                total.value = total.value.zip(new.value).map(|(a, b)| a + b);
                total.status = total.status.least_certain(new.status);
            }
        }
    }

    /// The totals, by series and then by period.
    pub fn finish(self) -> Vec<Total> {
        let mut totals = self.totals;
        for total in &mut totals {
            total.value = total.value.map(exact);
        }
        totals.sort_unstable_by_key(|total| (total.series, total.period));
        totals
    }
}

/// A sum without what adding in another order would have changed: counts and shares have at most six decimals.
/// Otherwise a table with its rows in another order would revise every figure.
fn exact(value: f64) -> f64 {
    const MILLIONTH: f64 = 1e6;
    let rounded = (value * MILLIONTH).round() / MILLIONTH;
    if rounded.is_finite() { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn totals(aggregate: Aggregate, rows: &[(Option<f64>, Status)]) -> Total {
        let mut totals = Totals::default();
        for (row, (value, status)) in rows.iter().enumerate() {
            totals.add(aggregate, Total::of_row(row as u64, 0, "2022-03".parse().unwrap(), *value, *status));
        }
        totals.finish()[0]
    }

    #[test]
    fn rows_of_a_period_become_one_value() {
        let rows = [(Some(0.1), Status::Closed), (Some(0.2), Status::Provisional)];
        let sum = totals(Aggregate::Sum, &rows);
        assert_eq!((sum.value, sum.status, sum.rows, sum.contradicts), (Some(0.3), Status::Provisional, (0, 1), false));
        let last = totals(Aggregate::Last, &rows);
        assert_eq!((last.value, last.status, last.contradicts), (Some(0.2), Status::Provisional, false));
        assert!(totals(Aggregate::One, &rows).contradicts);
        assert!(!totals(Aggregate::One, &[rows[0], rows[0]]).contradicts);
        let withheld = totals(Aggregate::Sum, &[(None, Status::Suppressed), (Some(7.0), Status::Closed)]);
        assert_eq!((withheld.value, withheld.status), (None, Status::Suppressed));
    }

    #[test]
    fn only_the_newest_rows_of_a_period_count() {
        let ranked = |rows: &[(f64, f64)]| {
            let mut totals = Totals::default();
            for (row, (value, rank)) in rows.iter().enumerate() {
                let total = Total::of_row(row as u64, 0, "2022-03".parse().unwrap(), Some(*value), Status::Closed);
                totals.add(Aggregate::Sum, Total { rank: Some(*rank), ..total });
            }
            totals.finish()[0].value
        };
        assert_eq!(ranked(&[(1.0, 5.0), (2.0, 7.0), (4.0, 7.0), (8.0, 6.0)]), Some(6.0));
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter_to_a_sum(cents in prop::collection::vec(0_u32..1_000_000, 1..40), turn in 0_usize..40) {
            let mut rows: Vec<_> = cents.iter().map(|cents| (Some(f64::from(*cents) / 100.0), Status::Closed)).collect();
            let one = totals(Aggregate::Sum, &rows).value;
            let length = rows.len();
            rows.rotate_left(turn % length);
            rows.reverse();
            prop_assert_eq!(totals(Aggregate::Sum, &rows).value, one);
            let cents: u64 = cents.iter().map(|cents| u64::from(*cents)).sum();
            #[expect(clippy::cast_precision_loss, reason = "a small sum")]
            let exact = cents as f64 / 100.0;
            prop_assert_eq!(one, Some(exact));
        }
    }
}
