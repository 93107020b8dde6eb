//! The percentile variant of kind `record` (surge.md R5): a figure above so many of those of the last years.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::record::usual;
use super::{SeriesKind, What};
use crate::domain::alert::{Evaluation, Verdict};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::{Point, Series};
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use std::sync::Arc;

/// One of the highest of the last years.
#[derive(Debug)]
pub struct Percentile {
    fire: f64,
    clear: f64,
    window: Option<u32>,
    min_history: Option<u32>,
    min_count: f64,
}

/// A share of few figures says nothing.
const FEWEST: u32 = 24;

impl SeriesKind for Percentile {
    fn text(&self) -> String {
        let window = self.window.map_or_else(|| "5 years".to_owned(), |window| format!("{window} periods"));
        let (fire, clear) = (self.fire * 100.0, self.clear * 100.0);
        format!("above {fire:.0} % of the figures of the last {window}, ends below {clear:.0} %")
    }

    fn course<'a>(&'a self, series: &'a Series, _: &'a SeriesSpec) -> Course<'a> {
        let mut ranks = Ranks::of(series);
        let mut at = 0;
        let evaluations = every_period(series, |period| {
            let window = self.window.unwrap_or_else(|| usual(period.cadence()).window);
            at += 1;
            let point = series.point(period);
            if point.is_some_and(|point| point.status == Status::Break) {
                ranks.forget();
            }
            let rank = ranks.rank(at - 1);
            ranks.take(at - 1, window as usize);
            self.judge(
                point.is_some_and(|point| point.status == Status::Partial),
                point.and_then(|p| p.value),
                rank,
                period,
            )
        });
        Course::new(evaluations, move |of| self.reason(of))
    }
}

impl Percentile {
    /// From the options of a rule of kind `record` that has a percentile.
    pub fn make(
        options: &RuleOptions,
        down: bool,
        window: Option<u32>,
        min_history: Option<u32>,
        min_count: f64,
    ) -> Result<What, RuleError> {
        let percentile = options.percentile.unwrap_or(0.95);
        if down {
            return Err(RuleError::new("percentile", "it is for rises", "leave out direction = \"down\""));
        }
        if !(0.5..1.0).contains(&percentile) {
            let remedy = "write 0.95 for the highest twentieth";
            return Err(RuleError::new("percentile", "it is a share above one half and below 1", remedy));
        }
        let (fire, clear) = options.thresholds(percentile, options.clear.unwrap_or(percentile - 0.05), false)?;
        Ok(What::Series(Arc::new(Self { fire, clear, window, min_history, min_count })))
    }

    fn judge(&self, partial: bool, value: Option<f64>, rank: Option<(f64, u32)>, period: Period) -> Option<Evaluation> {
        let unknown = Evaluation::without_figures(Some(period), Verdict::Unknown, Printable::default());
        let least = self.min_history.unwrap_or(FEWEST);
        let Some((counted, (rank, _))) = value.zip(rank.filter(|(_, figures)| *figures >= least)) else {
            return (!partial).then_some(Evaluation { value, ..unknown });
        };
        let verdict = match rank {
            rank if rank >= self.fire && counted >= self.min_count => Verdict::Up,
            rank if rank < self.clear => Verdict::Clear,
            _ => Verdict::Hold,
        };
        if partial && verdict != Verdict::Up {
            return None;
        }
        Some(Evaluation { verdict, partial, value, statistic: Some(rank), bound: Some(self.fire), ..unknown })
    }

    fn reason(&self, of: &Evaluation) -> String {
        let when = of.period.map(words::period).unwrap_or_default();
        match (of.value, of.statistic) {
            (Some(value), Some(rank)) => {
                format!("{} in {when}: above {:.0} % of the figures before it", words::count(value), rank * 100.0)
            }
            (Some(_), None) => {
                format!("not enough history: fewer than {} figures", self.min_history.unwrap_or(FEWEST))
            }
            _ => format!("no figure for {when}"),
        }
    }
}

/// How many of the figures in a window lie below each: a tree of counts over the ranks of all values, so that a step costs the
/// logarithm of their number.
struct Ranks {
    /// By period: the place of its value among all different values, from 1.
    places: Vec<Option<usize>>,
    complete: Vec<bool>,
    tree: Vec<u32>,
    from: usize,
    to: usize,
}

impl Ranks {
    fn of(series: &Series) -> Self {
        let points: Vec<_> = series.points().collect();
        let value = |point: &Option<Point>| point.and_then(|point| point.value);
        let mut values: Vec<f64> = points.iter().filter_map(value).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let place = |point: &_| value(point).map(|value| values.partition_point(|other| *other < value) + 1);
        Self {
            places: points.iter().map(place).collect(),
            complete: points.iter().map(|point| point.is_some_and(|point| point.status.is_complete())).collect(),
            tree: vec![0; values.len() + 1],
            from: 0,
            to: 0,
        }
    }

    /// The share of the window that lies below a period's value, those equal to it counted by half; and how many there are.
    fn rank(&self, at: usize) -> Option<(f64, u32)> {
        let place = self.places[at]?;
        let (below, up_to, all) = (self.sum(place - 1), self.sum(place), self.sum(self.tree.len() - 1));
        (all > 0).then(|| ((f64::from(below) + f64::from(up_to - below) / 2.0) / f64::from(all), all))
    }

    /// Takes a period into the window, and lets go of what is too old.
    fn take(&mut self, at: usize, window: usize) {
        self.count(at, true);
        self.to = at + 1;
        while self.to - self.from > window {
            self.count(self.from, false);
            self.from += 1;
        }
    }

    /// Lets go of everything: it was counted in another way.
    fn forget(&mut self) {
        self.tree.fill(0);
        self.from = self.to;
    }

    fn count(&mut self, at: usize, more: bool) {
        let Some(mut place) = self.places[at].filter(|_| self.complete[at]) else { return };
        while place < self.tree.len() {
            self.tree[place] = if more { self.tree[place] + 1 } else { self.tree[place] - 1 };
            place += place & place.wrapping_neg();
        }
    }

    fn sum(&self, mut place: usize) -> u32 {
        let mut sum = 0;
        while place > 0 {
            sum += self.tree[place];
            place -= place & place.wrapping_neg();
        }
        sum
    }
}
