//! Sums over any stretch of a series in constant time: running sums and counts of what is missing, so that a
//! rule's cost does not depend on the length of its window.

use crate::domain::observation::Status;
use crate::domain::series::Series;
use crate::domain::time::Period;

/// Running sums of a series' complete values.
pub struct Sums {
    first: i64,
    total: Vec<f64>,
    missing: Vec<u32>,
    breaks: Vec<Period>,
}

impl Sums {
    /// From a series: one pass.
    pub fn new(series: &Series) -> Self {
        let (first, values, _) = series.columns();
        let mut total = Vec::with_capacity(values.len() + 1);
        let mut missing = Vec::with_capacity(values.len() + 1);
        let mut breaks = Vec::new();
        let (mut sum, mut gaps) = (0.0, 0);
        total.push(sum);
        missing.push(gaps);
        for point in series.points() {
            match point.filter(|point| point.status.is_complete()).and_then(|point| point.value) {
                Some(value) => sum += value,
                None => gaps += 1,
            }
            total.push(sum);
            missing.push(gaps);
            breaks.extend(point.filter(|point| point.status == Status::Break).map(|point| point.period));
        }
        Self { first, total, missing, breaks }
    }

    /// The last period from which it was counted in another way, after `first` and up to `last`: what lies before it is not to be
    /// compared with what lies after it.
    pub fn break_between(&self, first: Period, last: Period) -> Option<Period> {
        self.breaks.iter().rev().find(|period| **period > first && **period <= last).copied()
    }

    /// The sum from one period to another, both included; `None` where one of them is missing.
    pub fn between(&self, first: Period, last: Period) -> Option<f64> {
        let from = usize::try_from(first.index() - self.first).ok()?;
        let to = usize::try_from(last.index() - self.first + 1).ok()?;
        if to >= self.total.len() || from > to {
            return None;
        }
        (self.missing[to] == self.missing[from]).then(|| self.total[to] - self.total[from])
    }

    /// The sum from one period to another, of which the last may be running: what is there of it counts.
    pub fn up_to_running(&self, series: &Series, first: Period, last: Period) -> Option<f64> {
        let running = series.point(last).filter(|point| point.status == Status::Partial);
        let Some(running) = running else { return self.between(first, last) };
        let before = if first == last { Some(0.0) } else { self.between(first, last.previous()) };
        before.zip(running.value).map(|(before, value)| before + value)
    }
}
