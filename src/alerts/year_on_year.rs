//! Kind `year-on-year` (surge.md R3): the sum of the last periods against the same periods of last year, up
//! or down. Summing keeps weather-driven series quiet.

use super::options::{RuleError, RuleOptions};
use super::ratio::{Pair, Ratio};
use super::sums::Sums;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Verdict};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::time::{Cadence, Period};
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "year-on-year",
    sentence: "the sum of the last 3 months (13 weeks, 28 days) reaches `fire` times the same sum a year earlier; direction = \"down\" for falls",
    parameters: &["fire", "clear", "critical", "direction", "for", "keep", "min_count", "floor", "window"],
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let window = RuleOptions::whole("window", options.window, 1)?;
    Ok(What::Series(Arc::new(YearOnYear { ratio: Ratio::new(options)?, window })))
}

#[derive(Debug)]
struct YearOnYear {
    ratio: Ratio,
    window: Option<u32>,
}

impl YearOnYear {
    fn window(&self, cadence: Cadence) -> i64 {
        self.window.map_or_else(
            || match cadence {
                Cadence::Day => 28,
                Cadence::Week => 13,
                Cadence::Month => 3,
                Cadence::Quarter | Cadence::Year => 1,
            },
            i64::from,
        )
    }
}

impl SeriesKind for YearOnYear {
    fn text(&self) -> String {
        let window =
            self.window.map_or_else(|| "3 months (13 weeks, 28 days)".to_owned(), |window| format!("{window} periods"));
        format!("sum of {window} against a year earlier {}", self.ratio.text())
    }

    fn evaluate(&self, series: &Series, spec: &SeriesSpec) -> Vec<Evaluation> {
        let sums = Sums::new(series);
        let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
        let mut evaluations = Vec::new();
        let mut period = first;
        while period <= last {
            evaluations.extend(self.judge(series, spec, &sums, period));
            period = period.next();
        }
        evaluations
    }
}

impl YearOnYear {
    fn judge(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, last: Period) -> Option<Evaluation> {
        // Of stocks only one at a time: those of several dates are the same people again.
        let window = if spec.stock { 1 } else { self.window(last.cadence()) };
        let first = last.offset(1 - window);
        let last_before = last.year_before();
        let first_before = last_before.offset(1 - window);
        let point = series.point(last);
        let value = point.and_then(|point| point.value);
        let partial = point.is_some_and(|point| point.status == Status::Partial);
        let now = if partial {
            let before = if window == 1 { Some(0.0) } else { sums.between(first, last.previous()) };
            before.zip(value).map(|(before, value)| before + value)
        } else {
            sums.between(first, last)
        };
        let before = sums.between(first_before, last_before);
        let evaluation = match now.zip(before) {
            Some(_) if let Some(since) = sums.break_between(first_before, last) => Ratio::broken(last, value, since),
            Some((now, before)) => {
                let pair = Pair { now: (first, last, now), before: (first_before, last_before, before) };
                self.ratio.judge(pair, true, partial, value, series, spec)
            }
            None => {
                let reason = if series.first().is_some_and(|start| first_before < start) {
                    "not enough history: a year and the window are needed"
                } else {
                    "a figure is missing in the window, or in the same one last year"
                };
                Ratio::unknown(last, value, reason)
            }
        };
        // A running period may prove a rise, and nothing else.
        let counts = !partial || (!self.ratio.is_down() && evaluation.verdict == Verdict::Up);
        counts.then_some(evaluation)
    }
}
