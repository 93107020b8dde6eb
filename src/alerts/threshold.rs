//! Kinds `above` and `below` (surge.md R1): a fixed threshold with its own clear threshold. The only rule
//! that works with one observation.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::sums::Sums;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use std::sync::Arc;

const PARAMETERS: &[&str] = &["fire", "clear", "critical", "for", "keep", "window"];

/// Fires when a value reaches a number.
pub const ABOVE: Kind = Kind {
    word: "above",
    sentence: "a value, or the sum of the last `window` values, reaches `fire`; ends below `clear`",
    parameters: PARAMETERS,
    severity: Severity::Warning,
    keep: 0,
    make: |options| make(options, false),
};

/// Fires when a value falls to a number.
pub const BELOW: Kind = Kind {
    word: "below",
    sentence: "a value, or the sum of the last `window` values, falls to `fire`; ends above `clear`",
    parameters: PARAMETERS,
    severity: Severity::Warning,
    keep: 0,
    make: |options| make(options, true),
};

fn make(options: &RuleOptions, down: bool) -> Result<What, RuleError> {
    let fire =
        options.fire.ok_or_else(|| RuleError::new("fire", "it is missing", "write the number at which it fires"))?;
    let (fire, clear) = options.thresholds(fire, options.clear.unwrap_or(fire), down)?;
    let window = RuleOptions::whole("window", options.window, 1)?.unwrap_or(1);
    Ok(What::Series(Arc::new(FixedThreshold { fire, clear, critical: options.critical, window, down })))
}

#[derive(Debug)]
struct FixedThreshold {
    fire: f64,
    clear: f64,
    critical: Option<f64>,
    window: u32,
    down: bool,
}

impl SeriesKind for FixedThreshold {
    fn text(&self) -> String {
        let (beyond, harmless) = if self.down { ("at or below", "above") } else { ("at or above", "below") };
        let sum = if self.window > 1 { format!("sum of {} periods ", self.window) } else { String::new() };
        format!("{sum}{beyond} {}, ends {harmless} {}", words::count(self.fire), words::count(self.clear))
    }

    fn course<'a>(&'a self, series: &'a Series, _: &'a SeriesSpec) -> Course<'a> {
        let sums = Sums::new(series);
        let evaluations = every_period(series, |period| self.judge(series, &sums, period));
        Course::new(evaluations, |evaluation| self.reason(evaluation))
    }

    fn line(&self) -> Option<(f64, bool)> {
        (self.window == 1).then_some((self.fire, !self.down))
    }
}

impl FixedThreshold {
    fn judge(&self, series: &Series, sums: &Sums, period: Period) -> Option<Evaluation> {
        let from = period.offset(1 - i64::from(self.window));
        let point = series.point(period);
        let partial = point.is_some_and(|point| point.status == Status::Partial);
        // A running period may prove an upper threshold exceeded, and nothing else.
        let statistic = sums.up_to_running(series, from, period);
        let verdict = match statistic {
            None => Verdict::Unknown,
            Some(value) if self.beyond(value, self.fire) => Verdict::Up,
            Some(value) if (self.down && value > self.clear) || (!self.down && value < self.clear) => Verdict::Clear,
            Some(_) => Verdict::Hold,
        };
        if partial && (self.down || verdict != Verdict::Up) {
            return None;
        }
        let critical = statistic.zip(self.critical).is_some_and(|(value, critical)| self.beyond(value, critical));
        Some(Evaluation {
            period: Some(period),
            verdict,
            critical: verdict == Verdict::Up && critical,
            partial,
            value: point.and_then(|point| point.value),
            statistic,
            bound: Some(if critical { self.critical.unwrap_or(self.fire) } else { self.fire }),
            reason: Printable::default(),
        })
    }

    fn beyond(&self, value: f64, bound: f64) -> bool {
        if self.down { value <= bound } else { value >= bound }
    }

    fn reason(&self, of: &Evaluation) -> String {
        let Some(period) = of.period else { return String::new() };
        let when = words::span(period.offset(1 - i64::from(self.window)), period);
        let Some(value) = of.statistic else { return format!("no figure for {when}") };
        let (verdict, bound) = (of.verdict, words::count(of.bound.unwrap_or(self.fire)));
        let against = match (verdict, self.down) {
            (Verdict::Up, false) if value == self.fire => format!("as high as {bound}"),
            (Verdict::Up, false) => format!("above {bound}"),
            (Verdict::Up, true) if value == self.fire => format!("as low as {bound}"),
            (Verdict::Up, true) => format!("below {bound}"),
            (Verdict::Clear, false) => format!("below {}", words::count(self.clear)),
            (Verdict::Clear, true) => format!("above {}", words::count(self.clear)),
            _ => format!("between {} and {bound}", words::count(self.clear)),
        };
        format!("{} in {when}, {against}", words::count(value))
    }
}
