//! Kind `year-on-year` (surge.md R3): the sum of the last periods against the same periods of last year, up
//! or down. Summing keeps weather-driven series quiet.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::ratio::{Needs, Pair, Ratio};
use super::sums::Sums;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
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
    severity: Severity::Warning,
    keep: 0,
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

    fn course<'a>(&'a self, series: &'a Series, spec: &'a SeriesSpec) -> Course<'a> {
        let sums = Sums::new(series);
        let evaluations = every_period(series, |period| self.judge(series, spec, &sums, period));
        Course::new(evaluations, move |of| {
            let pair = of.period.map(|period| self.pair(series, spec, &sums, period));
            pair.map(|pair| self.ratio.reason(pair, series, spec, &NEEDS)).unwrap_or_default()
        })
    }
}

const NEEDS: Needs = Needs {
    history: "not enough history: a year and the window are needed",
    figures: "a figure is missing in the window, or in the same one last year",
};

impl YearOnYear {
    fn judge(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, last: Period) -> Option<Evaluation> {
        let point = series.point(last);
        let partial = point.is_some_and(|point| point.status == Status::Partial);
        let value = point.and_then(|point| point.value);
        let evaluation = self.ratio.judge(self.pair(series, spec, sums, last), true, partial, value);
        // A running period may prove a rise, and nothing else.
        let counts = !partial || (!self.ratio.is_down() && evaluation.verdict == Verdict::Up);
        counts.then_some(evaluation)
    }

    /// The window that ends with a period, and the same one a year earlier.
    fn pair(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, last: Period) -> Pair {
        // Of stocks only one at a time: those of several dates are the same people again.
        let window = if spec.stock { 1 } else { self.window(last.cadence()) };
        let first = last.offset(1 - window);
        let last_before = last.year_before();
        let first_before = last_before.offset(1 - window);
        let now = sums.up_to_running(series, first, last);
        Pair {
            now: (first, last),
            before: (first_before, last_before),
            sums: now.zip(sums.between(first_before, last_before)),
            broken: sums.break_between(first_before, last),
        }
    }
}
