//! The baseline of EARS: the figures before one, their mean and spread, and where the bounds lie.

use super::sums::Sums;
use super::tails;
use crate::domain::alert::Verdict;
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::time::{Cadence, Period};

/// One normal figure in a thousand lies beyond it.
const ONE_IN_THOUSAND: f64 = 3.090_232_306_167_813;
/// One normal figure in a hundred lies beyond it.
const ONE_IN_HUNDRED: f64 = 2.326_347_874_040_841;

/// The most figures of a baseline that may be left out for having been up themselves.
const MOST_EXCLUDED: usize = 3;

/// On what figures are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    Raw,
    /// The logarithm of one more: what matters is the share.
    Log1p,
}

impl Scale {
    /// A count on the scale.
    pub fn scaled(self, count: f64) -> f64 {
        if self == Self::Raw { count } else { count.ln_1p() }
    }

    /// What is a count again.
    pub fn count(self, value: f64) -> f64 {
        if self == Self::Raw { value } else { value.exp_m1() }
    }

    /// What fires where the rule does not say: few months are there, and on the log scale they seldom stand out.
    pub const fn fire(self) -> f64 {
        if matches!(self, Self::Raw) { ONE_IN_THOUSAND } else { ONE_IN_HUNDRED }
    }

    /// A spread smaller than one count, or than a tenth, is luck.
    pub const fn min_sd(self) -> f64 {
        if matches!(self, Self::Raw) { 1.0 } else { 0.1 }
    }
}

/// What is compared: figures by period, sums of blocks of days, on their scale.
pub struct Figures {
    /// Their scale.
    pub scale: Scale,
    /// So many days are added up.
    pub block: i64,
    /// The index of the first period.
    pub first: i64,
    /// By period; `None` where one of the block is missing. The newest may be running.
    pub counts: Vec<Option<f64>>,
    /// The period from which all before it is counted in another way.
    since: Vec<i64>,
    /// How far C2 lay beyond the usual, of periods judged so far.
    pub beyond: Vec<Option<f64>>,
    /// Whether a period was up, of those judged so far.
    pub up: Vec<bool>,
}

impl Figures {
    /// Of a series; scale and block by cadence where the rule does not say.
    pub fn of(scale: Option<Scale>, block: Option<u32>, series: &Series, spec: &SeriesSpec) -> Self {
        let sums = Sums::new(series);
        let (cadence, first) = (series.id().cadence, series.first().map_or(0, Period::index));
        let usual_block = if cadence == Cadence::Day { 7 } else { 1 };
        // How many there are is no sum over days.
        let block = if spec.stock { 1 } else { block.map_or(usual_block, i64::from) };
        let by_cadence = if cadence >= Cadence::Month { Scale::Log1p } else { Scale::Raw };
        let length = series.points().len();
        let (mut counts, mut since) = (Vec::with_capacity(length), Vec::with_capacity(length));
        let mut broken = first;
        for (index, point) in (first..).zip(series.points()) {
            if point.is_some_and(|point| point.status == Status::Break) {
                broken = index;
            }
            let last = Period::from_index(cadence, index);
            let whole = index - block + 1 >= broken;
            counts.push(sums.up_to_running(series, last.offset(1 - block), last).filter(|_| whole));
            since.push(broken);
        }
        let scale = scale.unwrap_or(by_cadence);
        Self { scale, block, first, counts, since, beyond: Vec::with_capacity(length), up: Vec::with_capacity(length) }
    }

    fn count(&self, at: i64) -> Option<f64> {
        usize::try_from(at).ok().and_then(|at| self.counts.get(at).copied().flatten())
    }

    /// The last figures before a period, a lag and whole blocks away, at most as many as wanted, from twice as many periods.
    pub fn baseline(&self, at: usize, lag: i64, wanted: usize, exclude_alarmed: bool) -> Vec<f64> {
        let mut found = Vec::with_capacity(wanted);
        let (place, reach) = (i64::try_from(at).unwrap_or(i64::MAX), i64::try_from(2 * wanted).unwrap_or(i64::MAX));
        let mut excluded = 0;
        for back in lag + 1..=lag + reach {
            let earlier = place - back * self.block;
            if earlier < 0 || self.first + earlier < self.since[at] || found.len() == wanted {
                break;
            }
            let Some(count) = self.count(earlier) else { continue };
            let was_up = usize::try_from(earlier).is_ok_and(|earlier| self.up.get(earlier) == Some(&true));
            if exclude_alarmed && was_up && excluded < MOST_EXCLUDED {
                excluded += 1;
                continue;
            }
            found.push(self.scale.scaled(count));
        }
        found
    }
}

/// A figure against its baseline.
#[derive(Clone, Copy, Debug)]
pub struct Against {
    /// The figure, on its scale.
    pub value: f64,
    /// The mean of the baseline.
    pub mean: f64,
    /// Its standard deviation, or the least that is believed.
    pub sd: f64,
    /// How many of them the bounds lie above the mean.
    pub fire: f64,
    /// Where it ends.
    pub clear: f64,
    /// Where it is critical.
    pub critical: Option<f64>,
}

impl Against {
    /// Whether it lies beyond so many.
    pub fn passes(&self, times: f64) -> bool {
        self.value > self.mean + times * self.sd
    }

    /// Up, hold or clear.
    pub fn verdict(&self) -> Verdict {
        match () {
            () if self.passes(self.fire) => Verdict::Up,
            () if self.passes(self.clear) => Verdict::Hold,
            () => Verdict::Clear,
        }
    }

    /// How many it lies above the mean.
    pub fn statistic(&self) -> f64 {
        (self.value - self.mean) / self.sd
    }
}

/// Where a bound lies for a baseline of a few figures: as seldom passed as `times` by a normal figure whose mean and spread are known.
pub fn short_bound(times: f64, figures: usize) -> f64 {
    let figures = u32::try_from(figures).unwrap_or(u32::MAX);
    tails::student_quantile(tails::normal(times), figures - 1) * (1.0 + 1.0 / f64::from(figures)).sqrt()
}
