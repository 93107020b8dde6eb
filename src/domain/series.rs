//! Series: the latest vintage of every period of one series, dense, about nine bytes a period. Older
//! vintages stay in the store. Gaps are gaps: a period without a value is never read as zero.

use super::observation::{Known, Observation, Status, Vintage};
use super::route::{Missing, SeriesId};
use super::time::Period;
use jiff::Timestamp;

/// What stands at a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// What it is about.
    pub period: Period,
    /// How many; `None` where the figure was withheld.
    pub value: Option<f64>,
    /// How far it is to be trusted.
    pub status: Status,
}

/// What inserting a vintage did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inserted {
    /// The first value for its period.
    New,
    /// Another value than before.
    Revised {
        /// The value before.
        old: Option<f64>,
    },
    /// What was known already, or no observation at all (filler, invalid).
    Nothing,
}

/// The latest vintage of every period of one series.
///
/// Shape: period i of the series is `first + i`; NaN with status 0 is a gap, NaN with a status is a
/// figure that was withheld.
#[derive(Clone, Debug)]
pub struct Series {
    id: SeriesId,
    missing: Missing,
    first: i64,
    values: Vec<f64>,
    statuses: Vec<u8>,
    newest_known: Option<Known>,
    learned: Option<Timestamp>,
}

const GAP: u8 = 0;

impl Series {
    /// A series without values.
    pub const fn new(id: SeriesId) -> Self {
        Self {
            id,
            missing: Missing::Gap,
            first: 0,
            values: Vec::new(),
            statuses: Vec::new(),
            newest_known: None,
            learned: None,
        }
    }

    /// A series from what [`Series::columns`] gave: for stores that keep the columns as they are.
    /// Columns of unequal length are cut to the shorter.
    pub fn from_columns(
        id: SeriesId,
        first: i64,
        mut values: Vec<f64>,
        mut statuses: Vec<u8>,
        newest_known: Option<Known>,
        learned: Option<Timestamp>,
    ) -> Self {
        let length = values.len().min(statuses.len());
        values.truncate(length);
        statuses.truncate(length);
        Self { id, missing: Missing::Gap, first, values, statuses, newest_known, learned }
    }

    /// Index of the first period, values (NaN where there is none), status bytes (0 for a gap).
    pub fn columns(&self) -> (i64, &[f64], &[u8]) {
        (self.first, &self.values, &self.statuses)
    }

    /// Says what an absent period between the first and the last means.
    pub const fn set_missing(&mut self, missing: Missing) {
        self.missing = missing;
    }

    /// Which series.
    pub const fn id(&self) -> &SeriesId {
        &self.id
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// When the value of the newest period became known.
    pub const fn newest_known(&self) -> Option<Known> {
        self.newest_known
    }

    /// When anything of this series last became known: the vintage that a decision rests on.
    pub const fn learned(&self) -> Option<Timestamp> {
        self.learned
    }

    /// Takes a vintage. Vintages come in the order in which they became known; the last one wins.
    pub fn insert(&mut self, vintage: &Vintage) -> Inserted {
        let Observation { period, value, status, .. } = vintage.observation;
        if matches!(status, Status::Filler | Status::Invalid) || period.cadence() != self.id.cadence {
            return Inserted::Nothing;
        }
        let at = self.make_room(period.index());
        let before = (self.values[at], self.statuses[at]);
        let now = (value.unwrap_or(f64::NAN), status as u8);
        let same_value = before.0 == now.0 || (before.0.is_nan() && now.0.is_nan());
        if same_value && before.1 == now.1 {
            return Inserted::Nothing;
        }
        self.values[at] = now.0;
        self.statuses[at] = now.1;
        self.learned = self.learned.max(Some(vintage.known.at));
        if at + 1 == self.values.len() {
            self.newest_known = Some(vintage.known);
        }
        match before.1 {
            GAP => Inserted::New,
            _ if same_value => Inserted::Nothing,
            _ => Inserted::Revised { old: (!before.0.is_nan()).then_some(before.0) },
        }
    }

    /// The point of a period; `None` for a gap.
    pub fn point(&self, period: Period) -> Option<Point> {
        if period.cadence() != self.id.cadence {
            return None;
        }
        let at = usize::try_from(period.index().checked_sub(self.first)?).ok()?;
        let status = Status::ALL.into_iter().find(|status| Some(&(*status as u8)) == self.statuses.get(at));
        match (status, self.missing) {
            (Some(status), _) => {
                let value = self.values[at];
                Some(Point { period, value: (!value.is_nan()).then_some(value), status })
            }
            (None, Missing::Zero) if at < self.values.len() => {
                Some(Point { period, value: Some(0.0), status: Status::Closed })
            }
            (None, _) => None,
        }
    }

    /// The value of a period that is complete (closed or provisional); `None` for a gap, a
    /// running period and a figure withheld.
    pub fn complete(&self, period: Period) -> Option<f64> {
        self.point(period).filter(|point| point.status.is_complete()).and_then(|point| point.value)
    }

    /// The first period that has a point.
    pub fn first(&self) -> Option<Period> {
        (!self.values.is_empty()).then(|| Period::from_index(self.id.cadence, self.first))
    }

    /// The newest period that has a point.
    pub fn last(&self) -> Option<Period> {
        let length = i64::try_from(self.values.len()).expect("a series is shorter than the calendar");
        (length > 0).then(|| Period::from_index(self.id.cadence, self.first + length - 1))
    }

    /// The newest period whose value is complete.
    pub fn last_complete(&self) -> Option<Point> {
        self.points().rev().flatten().find(|point| point.status.is_complete() && point.value.is_some())
    }

    /// Every period from the first to the newest, gaps as `None`.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = Option<Point>> + ExactSizeIterator + '_ {
        let (cadence, first) = (self.id.cadence, self.first);
        (0..self.values.len()).map(move |at| {
            let at = i64::try_from(at).expect("a series is shorter than the calendar");
            self.point(Period::from_index(cadence, first + at))
        })
    }

    /// The newest `count` periods up to and including `until`, oldest first; gaps and what lies
    /// outside the series as `None`.
    pub fn tail(&self, until: Period, count: usize) -> Vec<Option<Point>> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (1 - count..=0).map(|back| self.point(until.offset(back))).collect()
    }

    /// The sum of `count` complete periods ending with `last`; `None` if one is missing.
    pub fn sum(&self, last: Period, count: usize) -> Option<f64> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (0..count).map(|back| self.complete(last.offset(-back))).sum()
    }

    /// Makes room for an index and gives its place.
    fn make_room(&mut self, index: i64) -> usize {
        if self.values.is_empty() {
            self.first = index;
        }
        if index < self.first {
            let more = usize::try_from(self.first - index).expect("the index is smaller");
            self.values.splice(0..0, std::iter::repeat_n(f64::NAN, more));
            self.statuses.splice(0..0, std::iter::repeat_n(GAP, more));
            self.first = index;
        }
        let at = usize::try_from(index - self.first).expect("the first index is not above it");
        if at >= self.values.len() {
            self.values.resize(at + 1, f64::NAN);
            self.statuses.resize(at + 1, GAP);
        }
        at
    }
}

impl PartialEq for Series {
    /// Equal where every period says the same; NaN equals NaN here.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.first == other.first
            && self.statuses == other.statuses
            && self.newest_known == other.newest_known
            && self.learned == other.learned
            && self.values.iter().map(|v| v.to_bits()).eq(other.values.iter().map(|v| v.to_bits()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::observation::{BatchId, KnownHow};
    use super::super::time::Cadence;
    use super::*;
    use proptest::prelude::*;

    fn id(cadence: Cadence) -> SeriesId {
        SeriesId { route: "darien".into(), measure: "persons".into(), cadence }
    }

    fn vintage(period: Period, value: Option<f64>, status: Status, second: i64) -> Vintage {
        Vintage {
            observation: Observation { series: id(period.cadence()), period, value, status, published: None },
            known: Known { at: Timestamp::from_second(second).unwrap(), how: KnownHow::Seen },
            batch: BatchId(1),
        }
    }

    fn month(label: &str, value: f64) -> Vintage {
        vintage(label.parse().unwrap(), Some(value), Status::Closed, 0)
    }

    #[test]
    fn a_gap_is_not_zero_and_a_revision_keeps_the_old_value_in_hand() {
        let mut series = Series::new(id(Cadence::Month));
        assert_eq!(series.insert(&month("2022-03", 4969.0)), Inserted::New);
        assert_eq!(series.insert(&month("2022-01", 4700.0)), Inserted::New);
        assert_eq!(series.insert(&month("2022-01", 4442.0)), Inserted::Revised { old: Some(4700.0) });
        assert_eq!(series.insert(&month("2022-01", 4442.0)), Inserted::Nothing);
        let march: Period = "2022-03".parse().unwrap();
        assert_eq!(series.complete(march.previous()), None);
        assert_eq!(series.sum(march, 3), None);
        assert_eq!(series.sum(march, 1), Some(4969.0));
        series.set_missing(Missing::Zero);
        assert_eq!(series.sum(march, 3), Some(9411.0));
        assert_eq!(series.complete(march.next()), None, "after the newest period nothing is known");
    }

    #[test]
    fn filler_and_invalid_are_no_observations_and_partial_is_not_complete() {
        let mut series = Series::new(id(Cadence::Month));
        let april: Period = "2022-04".parse().unwrap();
        assert_eq!(series.insert(&vintage(april, Some(0.0), Status::Filler, 0)), Inserted::Nothing);
        assert_eq!(series.insert(&vintage(april, None, Status::Invalid, 0)), Inserted::Nothing);
        assert!(series.is_empty());
        series.insert(&vintage(april, Some(7.0), Status::Partial, 0));
        assert_eq!(series.complete(april), None);
        assert_eq!(series.point(april).unwrap().value, Some(7.0));
        series.insert(&vintage(april, None, Status::Suppressed, 1));
        assert_eq!(series.point(april), Some(Point { period: april, value: None, status: Status::Suppressed }));
    }

    proptest! {
        #[test]
        fn order_of_arrival_does_not_matter(points in prop::collection::btree_map(0_i64..80, 0_u32..9999, 0..40), seed in any::<u64>()) {
            let made: Vec<_> = points.iter().map(|(index, value)| {
                vintage(Period::from_index(Cadence::Week, 2600 + index), Some(f64::from(*value)), Status::Closed, 5)
            }).collect();
            let mut shuffled = made.clone();
            shuffled.sort_by_key(|v| (v.observation.period.index() as u64).wrapping_mul(seed | 1).rotate_left(17));
            let fill = |vintages: &[Vintage]| {
                let mut series = Series::new(id(Cadence::Week));
                for vintage in vintages {
                    series.insert(vintage);
                }
                series
            };
            let (a, b) = (fill(&made), fill(&shuffled));
            prop_assert_eq!(&a, &b);
            prop_assert_eq!(a.points().flatten().count(), points.len());
            let (first, values, statuses) = a.columns();
            let again = Series::from_columns(a.id().clone(), first, values.to_vec(), statuses.to_vec(), a.newest_known(), a.learned());
            prop_assert_eq!(&again, &a);
        }
    }
}
