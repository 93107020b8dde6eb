//! Values by series and period, as rows bring them: added up, or one a period.

use super::Aggregate;
use crate::domain::observation::Status;
use crate::domain::time::Period;
use jiff::Timestamp;
use jiff::civil::Date;
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

/// The most figures of one document: the newest of them. More would fill memory, and no screen shows them.
pub const MOST_FIGURES: usize = 100_000;

/// Values by series and period.
#[derive(Debug, Default)]
pub struct Totals {
    places: HashMap<(usize, i64), usize>,
    totals: Vec<Total>,
    /// Periods that begin before it are left out: there were too many figures.
    floor: Option<Date>,
}

impl Totals {
    /// Takes the value of a row.
    pub fn add(&mut self, aggregate: Aggregate, new: Total) {
        if self.floor.is_some_and(|floor| new.period.start() < floor) {
            return;
        }
        let place = *self.places.entry((new.series, new.period.index())).or_insert(self.totals.len());
        let Some(total) = self.totals.get_mut(place) else {
            self.totals.push(new);
            if self.totals.len() > MOST_FIGURES + MOST_FIGURES / 4 {
                self.forget_oldest();
            }
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

    /// Leaves out the oldest periods, so that there are no more figures than may be, save those of one period: the same ones
    /// whatever the order of the rows.
    fn forget_oldest(&mut self) {
        let mut starts: Vec<Date> = self.totals.iter().map(|total| total.period.start()).collect();
        let beyond = starts.len().saturating_sub(MOST_FIGURES);
        let (_, floor, _) = starts.select_nth_unstable(beyond);
        let floor = *floor;
        self.totals.retain(|total| total.period.start() >= floor);
        self.floor = Some(floor);
        let places = self.totals.iter().enumerate();
        self.places = places.map(|(place, total)| ((total.series, total.period.index()), place)).collect();
    }

    /// The totals, by series and then by period, and the day before which figures were left out because there were too many.
    pub fn finish(mut self) -> (Vec<Total>, Option<Date>) {
        if self.totals.len() > MOST_FIGURES {
            self.forget_oldest();
        }
        let floor = self.floor;
        drop(self.places);
        let mut totals = self.totals;
        for total in &mut totals {
            total.value = total.value.map(exact);
        }
        totals.sort_unstable_by_key(|total| (total.series, total.period));
        (totals, floor)
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
    use crate::domain::time::Cadence;
    use proptest::prelude::*;

    fn totals(aggregate: Aggregate, rows: &[(Option<f64>, Status)]) -> Total {
        let mut totals = Totals::default();
        for (row, (value, status)) in rows.iter().enumerate() {
            totals.add(aggregate, Total::of_row(row as u64, 0, "2022-03".parse().unwrap(), *value, *status));
        }
        totals.finish().0[0]
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
            totals.finish().0[0].value
        };
        assert_eq!(ranked(&[(1.0, 5.0), (2.0, 7.0), (4.0, 7.0), (8.0, 6.0)]), Some(6.0));
    }

    #[test]
    fn of_too_many_figures_the_newest_are_kept_in_whatever_order_they_come() {
        let series = 500;
        let days = (MOST_FIGURES / series + 300) as i64;
        let all = || (0..days).flat_map(|day| (0..series).map(move |series| (series, day)));
        let kept = |rows: &mut dyn Iterator<Item = (usize, i64)>| {
            let mut totals = Totals::default();
            for (series, day) in rows {
                let period = Period::from_index(Cadence::Day, 15_000 + day);
                totals.add(Aggregate::One, Total::of_row(0, series, period, Some(1.0), Status::Closed));
            }
            totals.finish()
        };
        let (forwards, floor) = kept(&mut all());
        assert!(forwards.len() >= MOST_FIGURES && forwards.len() < MOST_FIGURES + series, "{}", forwards.len());
        assert_eq!(floor, forwards.iter().map(|total| total.period.start()).min());
        assert!(forwards.iter().any(|total| total.period == Period::from_index(Cadence::Day, 15_000 + days - 1)));
        let backwards: Vec<(usize, i64)> = all().collect();
        assert_eq!(kept(&mut backwards.into_iter().rev()), (forwards, floor));
        let (few, floor) = kept(&mut all().take(1_000));
        assert_eq!((few.len(), floor), (1_000, None));
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
