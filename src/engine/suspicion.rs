//! Suspicion: what a reply says against what is stored. A table that shrank to a tenth, or in which every figure is a thousand times what
//! it was, is more likely a misreading than the news; it is not taken until a person accepts it. What may be true is taken, and said.

use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::time::Period;
use crate::domain::words;
use std::collections::BTreeMap;

/// Below this a table is too small for its shrinking to say anything.
const SMALL_TABLE: u64 = 20;
/// A table that is this many times smaller than it was has shrunk.
const SHRANK: u64 = 10;
/// So many figures of one series tell its unit.
const TELL_A_UNIT: usize = 5;
/// So many figures tell that a table was restated, in whatever series they are.
const TELL_A_RESTATEMENT: usize = 20;
/// This share of them has to have changed alike, in percent.
const NEARLY_ALL: usize = 80;
/// A unit is another when figures changed by one of these factors.
const FACTORS: [f64; 8] = [10.0, 100.0, 1_000.0, 1_000_000.0, 0.1, 0.01, 0.001, 0.000_001];
/// How far from the factor a figure may lie: tables in thousands are rounded.
const SLACK: f64 = 0.02;
/// Beyond this a figure is not revised but restated.
const RESTATED: f64 = 0.2;

/// What is odd about a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// The table has a tenth or less of the figures that it had.
    Shrank {
        /// How many the last one gave.
        from: u64,
        /// How many this one gives.
        to: u64,
        /// Whether all of them are newer than everything stored: a file that begins anew with its year does that.
        anew: bool,
    },
    /// Every figure is the same power of ten times what it was.
    Unit {
        /// Which.
        factor: f64,
    },
    /// Figures of some series only are.
    UnitOf {
        /// Which series, the first of them.
        series: SeriesId,
        /// How many there are.
        count: usize,
        /// Which power of ten.
        factor: f64,
    },
    /// Nearly every figure of a series is another, by no common factor.
    RestatedOf {
        /// Which series, the first of them.
        series: SeriesId,
        /// How many are.
        changed: usize,
        /// Of how many that were there before.
        of: usize,
    },
    /// Nearly every figure is another, by no common factor.
    Restated {
        /// How many are.
        changed: usize,
        /// Of how many that were there before.
        of: usize,
    },
}

impl Doubt {
    /// Whether the reply must not be taken before a person accepts it.
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Shrank { anew: false, .. } | Self::Unit { .. } | Self::UnitOf { .. })
    }

    /// What was seen, what became of it, and what to do. `reread`: it is the mapping that changed, or what is stored, not the reply.
    pub fn words(&self, feed: &str, reread: bool) -> String {
        let count = |number: u64| words::count(number as f64);
        match self {
            Self::Shrank { from, to, anew: false } => format!(
                "the table shrank from {} figures to {}; nothing of it was taken, the old figures stay; \
                 if it is whole, `watchfloor feed accept {feed}` takes it",
                count(*from),
                count(*to)
            ),
            Self::Shrank { from, to, anew: true } => format!(
                "the table begins anew: {} figures after {}, all newer than what was stored; they were taken",
                count(*to),
                count(*from)
            ),
            Self::Unit { factor } if reread => format!(
                "with the mapping as it is now every figure is {} times what is stored; nothing of it was taken; if the stored ones \
                 were misread, `watchfloor feed accept {feed}` takes these; if these are, mend `value` (value.times = {})",
                times(*factor),
                toml(1.0 / factor)
            ),
            Self::Unit { factor } => format!(
                "the whole table was restated: every figure is {} times what it was, so the unit seems to have changed; nothing of it \
                 was taken, the old figures stay; write value.times = {} in the mapping, or, where the new figures are right as they \
                 are, `watchfloor feed accept {feed}`",
                times(*factor),
                toml(1.0 / factor)
            ),
            Self::UnitOf { series, count, factor } => {
                let more = if *count > 1 { format!(" and of {} more series", count - 1) } else { String::new() };
                format!(
                    "every figure of {} {}{more} is {} times what it was, so the unit seems to have changed; nothing of the reply was \
                     taken, the old figures stay; write value.times = {} for it in the mapping, or, where the new figures are right, \
                     `watchfloor feed accept {feed}`",
                    series.route,
                    series.measure,
                    times(*factor),
                    toml(1.0 / factor)
                )
            }
            Self::RestatedOf { series, changed, of } => format!(
                "{} {} was restated: {} of {} figures changed by more than a fifth; they were taken; if they were misread, \
                 `watchfloor feed void {feed} --batch last`",
                series.route,
                series.measure,
                count(*changed as u64),
                count(*of as u64)
            ),
            Self::Restated { changed, of } => format!(
                "the whole table was restated: {} of {} figures changed by more than a fifth; they were taken; if they were misread, \
                 `watchfloor feed void {feed} --batch last`",
                count(*changed as u64),
                count(*of as u64)
            ),
        }
    }
}

/// A factor as people read it: `1,000`, `0.001`.
fn times(factor: f64) -> String {
    if factor >= 1.0 { words::count(factor.round()) } else { toml(factor) }
}

/// A factor as the configuration has it: `1000`, `0.001`.
fn toml(factor: f64) -> String {
    if factor >= 1.0 { format!("{factor:.0}") } else { format!("{factor:.6}").trim_end_matches('0').to_owned() }
}

/// Looks at what a reply says against the latest figures of its series, and against how many figures the last reply gave.
pub fn look(
    observations: &[Observation],
    figures_before: Option<u64>,
    latest: &BTreeMap<SeriesId, Series>,
) -> Option<Doubt> {
    shrank(observations, figures_before, latest).or_else(|| {
        let pairs = Pairs::of(observations, latest);
        pairs.unit().or_else(|| pairs.unit_of_some()).or_else(|| pairs.restated())
    })
}

/// How many figures of a reply count.
pub fn figures(observations: &[Observation]) -> u64 {
    observations.iter().filter(|observation| counts(observation)).count() as u64
}

const fn counts(observation: &Observation) -> bool {
    !matches!(observation.status, Status::Filler | Status::Invalid)
}

fn shrank(observations: &[Observation], before: Option<u64>, latest: &BTreeMap<SeriesId, Series>) -> Option<Doubt> {
    let from = before.filter(|before| *before >= SMALL_TABLE)?;
    let to = figures(observations);
    if to.saturating_mul(SHRANK) > from {
        return None;
    }
    let newer = |observation: &Observation| {
        let last = latest.get(&observation.series).and_then(Series::last);
        last.is_some_and(|last| observation.period > last)
    };
    let anew = observations.iter().filter(|observation| counts(observation)).all(newer);
    Some(Doubt::Shrank { from, to, anew })
}

/// Figures of periods of which both the reply and the store have a complete one: as stored, and as the reply has them.
struct Pairs<'a>(BTreeMap<&'a SeriesId, Vec<(f64, f64)>>);

impl<'a> Pairs<'a> {
    fn of(observations: &'a [Observation], latest: &BTreeMap<SeriesId, Series>) -> Self {
        let mut newest: BTreeMap<(&SeriesId, Period), f64> = BTreeMap::new();
        for observation in observations.iter().filter(|observation| observation.status.is_complete()) {
            if let Some(value) = observation.value {
                // Of several the last counts, as in the store.
                newest.insert((&observation.series, observation.period), value);
            }
        }
        let mut pairs: BTreeMap<&SeriesId, Vec<(f64, f64)>> = BTreeMap::new();
        for ((id, period), new) in newest {
            let old = latest.get(id).and_then(|series| series.complete(period));
            if let Some(old) = old.filter(|old| *old != 0.0 || new != 0.0) {
                pairs.entry(id).or_default().push((old, new));
            }
        }
        Self(pairs)
    }

    fn all(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.0.values().flatten().copied()
    }

    /// The factor by which nearly all figures changed, where enough of them tell.
    fn unit(&self) -> Option<Doubt> {
        let told_by = |factor| {
            let by_a_series = self.0.values().any(|pairs| changed_by(factor, pairs.iter().copied()) >= TELL_A_UNIT);
            by_a_series || changed_by(factor, self.all()) >= TELL_A_RESTATEMENT
        };
        let factor = common_factor(|| self.all())?;
        told_by(factor).then_some(Doubt::Unit { factor })
    }

    /// Whether nearly all figures were restated; else those of any series, the first of them.
    fn restated(&self) -> Option<Doubt> {
        let another = |(old, new): &(f64, f64)| (new - old).abs() > RESTATED * old.abs();
        let of = self.all().count();
        let changed = self.all().filter(another).count();
        if of >= TELL_A_RESTATEMENT && nearly_all(changed, of) {
            return Some(Doubt::Restated { changed, of });
        }
        self.0.iter().find_map(|(id, pairs)| {
            let changed = pairs.iter().copied().filter(another).count();
            let nearly = pairs.len() >= TELL_A_RESTATEMENT && nearly_all(changed, pairs.len());
            nearly.then(|| Doubt::RestatedOf { series: (*id).clone(), changed, of: pairs.len() })
        })
    }

    fn unit_of_some(&self) -> Option<Doubt> {
        let mut changed = self.0.iter().filter_map(|(id, pairs)| {
            let factor = common_factor(|| pairs.iter().copied())?;
            (changed_by(factor, pairs.iter().copied()) >= TELL_A_UNIT).then_some((*id, factor))
        });
        let (series, factor) = changed.next()?;
        Some(Doubt::UnitOf { series: series.clone(), count: 1 + changed.count(), factor })
    }
}

/// The power of ten by which nearly all of some figures changed.
fn common_factor<I: Iterator<Item = (f64, f64)>>(pairs: impl Fn() -> I) -> Option<f64> {
    let all = pairs().count();
    FACTORS.into_iter().find(|factor| all > 0 && nearly_all(changed_by(*factor, pairs()), all))
}

fn changed_by(factor: f64, pairs: impl Iterator<Item = (f64, f64)>) -> usize {
    pairs.filter(|(old, new)| *old != 0.0 && (new / old / factor - 1.0).abs() <= SLACK).count()
}

const fn nearly_all(some: usize, all: usize) -> bool {
    some * 100 >= all * NEARLY_ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observation::{BatchId, Known, KnownHow, Vintage};
    use crate::domain::time::Cadence;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn id(route: &str) -> SeriesId {
        SeriesId { route: route.into(), measure: "persons".into(), cadence: Cadence::Month }
    }

    fn figure(route: &str, month: i64, value: f64) -> Observation {
        let period = Period::from_index(Cadence::Month, 600 + month);
        Observation { series: id(route), period, value: Some(value), status: Status::Closed, published: None }
    }

    fn table(route: &str, values: impl IntoIterator<Item = f64>) -> Vec<Observation> {
        (0..).zip(values).map(|(month, value)| figure(route, month, value)).collect()
    }

    fn stored(observations: &[Observation]) -> BTreeMap<SeriesId, Series> {
        let known = Known { at: Timestamp::UNIX_EPOCH, how: KnownHow::Seen };
        let mut latest: BTreeMap<SeriesId, Series> = BTreeMap::new();
        for observation in observations {
            let series =
                latest.entry(observation.series.clone()).or_insert_with(|| Series::new(observation.series.clone()));
            series.insert(&Vintage { observation: observation.clone(), known, batch: BatchId(1) });
        }
        latest
    }

    fn numbers(count: u32) -> impl Iterator<Item = f64> {
        (1..=count).map(|number| f64::from(number * 137 % 4_001 + 1))
    }

    #[test]
    fn a_table_of_a_tenth_is_held_and_one_that_begins_anew_is_not() {
        let (old, before) = (table("a", numbers(400)), Some(400));
        let latest = stored(&old);
        let doubt = look(&old[..40], before, &latest).unwrap();
        assert_eq!(doubt, Doubt::Shrank { from: 400, to: 40, anew: false });
        assert!(doubt.holds());
        let words = doubt.words("a", false);
        assert!(words.contains("from 400 figures to 40") && words.contains("feed accept a"), "{words}");
        assert_eq!(look(&old[..41], before, &latest), None);
        assert_eq!(look(&old[..1], Some(19), &latest), None, "nineteen were never many");
        let january = [figure("a", 400, 7.0)];
        let doubt = look(&january, before, &latest).unwrap();
        assert!(!doubt.holds() && doubt.words("a", false).contains("begins anew"), "{doubt:?}");
    }

    #[test]
    fn a_unit_that_changed_is_held() {
        let old = table("a", numbers(60));
        for factor in FACTORS {
            let new = table("a", numbers(60).map(|value| value * factor * 1.01));
            assert_eq!(look(&new, Some(60), &stored(&old)), Some(Doubt::Unit { factor }));
        }
        let few = table("a", numbers(4));
        let thousands = table("a", numbers(4).map(|value| value * 1_000.0));
        assert_eq!(look(&thousands, Some(4), &stored(&few)), None, "four figures tell no unit");
        let words = Doubt::Unit { factor: 1_000.0 }.words("a", false);
        assert!(
            words.contains("1,000 times") && words.contains("value.times = 0.001") && words.contains("feed accept a")
        );
        assert!(words.len() < 500, "a message is not cut");
    }

    #[test]
    fn one_series_in_another_unit_is_held_too() {
        let old = [table("a", numbers(60)), table("b", numbers(60))].concat();
        let new = [table("a", numbers(60)), table("b", numbers(60).map(|value| value * 10.0))].concat();
        let doubt = look(&new, Some(120), &stored(&old)).unwrap();
        assert_eq!(doubt, Doubt::UnitOf { series: id("b"), count: 1, factor: 10.0 });
        assert!(doubt.holds() && doubt.words("f", false).contains("every figure of b"));
    }

    #[test]
    fn a_restated_table_is_said_and_taken_and_revisions_are_nothing() {
        let old = table("a", numbers(40));
        let doubt = look(&table("a", numbers(40).map(|value| value * 1.5)), Some(40), &stored(&old)).unwrap();
        assert_eq!(doubt, Doubt::Restated { changed: 40, of: 40 });
        assert!(!doubt.holds());
        assert_eq!(look(&table("a", numbers(40).map(|value| value * 1.15)), Some(40), &stored(&old)), None);
        let third = (0..).zip(numbers(40)).map(|(at, value)| if at % 3 == 0 { value * 9.0 } else { value });
        assert_eq!(look(&table("a", third), Some(40), &stored(&old)), None);
    }

    proptest! {
        #[test]
        fn what_is_stored_and_what_is_appended_is_never_suspicious(
            values in prop::collection::vec((0_u8..4, 0_i64..60, 0_u32..5_000), 0..120),
            more in prop::collection::vec((0_u8..4, 0_i64..40, 0_u32..5_000_000), 0..60),
        ) {
            let figures_of = |values: &[(u8, i64, u32)], from| -> Vec<Observation> {
                values.iter().map(|(route, month, value)| figure(&route.to_string(), from + month, f64::from(*value))).collect()
            };
            let old = figures_of(&values, 0);
            let latest = stored(&old);
            prop_assert_eq!(look(&old, Some(figures(&old)), &latest), None);
            let longer = [old.clone(), figures_of(&more, 60)].concat();
            prop_assert_eq!(look(&longer, Some(figures(&old)), &latest), None);
        }
    }
}
