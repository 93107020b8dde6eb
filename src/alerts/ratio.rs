//! What the two ratio kinds share: a sum against the same sum a year earlier, with a floor under the base, and
//! the sentence that says it (surge.md R3, R4).

use super::options::{RuleError, RuleOptions};
use crate::domain::alert::{Evaluation, Verdict};
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;

/// The thresholds of a ratio.
#[derive(Debug)]
pub struct Ratio {
    fire: f64,
    clear: f64,
    critical: Option<f64>,
    floor: f64,
    min_count: f64,
    down: bool,
}

/// Two sums to compare.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Now: first and last period, and the sum.
    pub now: (Period, Period, f64),
    /// A year earlier: first and last period, and the sum.
    pub before: (Period, Period, f64),
}

impl Ratio {
    /// From the options, with the defaults of surge.md: up 2.0 and 1.5, down 0.5 and 0.67, floor 100.
    pub fn new(options: &RuleOptions) -> Result<Self, RuleError> {
        let down = options.is_down()?;
        let (fire, clear) = if down { (0.5, 0.67) } else { (2.0, 1.5) };
        let given = options.fire.unwrap_or(fire);
        let default_clear = if options.fire.is_some() { given * clear / fire } else { clear };
        let (fire, clear) = options.thresholds(given, options.clear.unwrap_or(default_clear), down)?;
        let floor = options.floor.unwrap_or(100.0);
        if !floor.is_finite() || floor < 1.0 {
            return Err(RuleError::new(
                "floor",
                format!("{floor} is not possible"),
                "write a number from 1: it keeps small bases from shouting",
            ));
        }
        Ok(Self { fire, clear, critical: options.critical, floor, min_count: options.min_count.unwrap_or(floor), down })
    }

    /// The thresholds in words.
    pub fn text(&self) -> String {
        let (fire, clear) = (self.fire, self.clear);
        if self.down {
            format!("at or below ×{fire}, ends above ×{clear}, base at least {}", words::count(self.min_count))
        } else {
            format!("at or above ×{fire}, ends below ×{clear}, base at least {}", words::count(self.floor))
        }
    }

    /// Whether it watches for falls.
    pub const fn is_down(&self) -> bool {
        self.down
    }

    /// No verdict: a break lies between the two sums.
    pub fn broken(last: Period, value: Option<f64>, since: Period) -> Evaluation {
        Self::unknown(
            last,
            value,
            &format!("counted in another way since {}: not comparable with before", words::period(since)),
        )
    }

    /// The verdict on two sums.
    pub fn judge(
        &self,
        pair: Pair,
        may_fire: bool,
        partial: bool,
        value: Option<f64>,
        series: &Series,
        spec: &SeriesSpec,
    ) -> Evaluation {
        let (now, base) = (pair.now.2, pair.before.2);
        let ratio = now / base.max(self.floor);
        let verdict = match (self.down, may_fire) {
            (_, false) => Verdict::Hold,
            (false, _) if ratio >= self.fire && now >= self.min_count => Verdict::Up,
            (false, _) if ratio < self.clear => Verdict::Clear,
            // A fall from a base too small to speak of is none.
            (true, _) if base < self.min_count => Verdict::Clear,
            (true, _) if ratio <= self.fire => Verdict::Up,
            (true, _) if ratio > self.clear => Verdict::Clear,
            _ => Verdict::Hold,
        };
        let beyond = |critical: f64| if self.down { ratio <= critical } else { ratio >= critical };
        Evaluation {
            period: Some(pair.now.1),
            verdict,
            critical: verdict == Verdict::Up && self.critical.is_some_and(beyond),
            partial,
            value,
            statistic: Some(ratio),
            bound: Some(self.fire),
            reason: self.reason(pair, ratio, series, spec),
        }
    }

    /// `nearly triple: 8,456 in Jan–Feb 2022, from 2,928 in 2021 · as published 29 Mar`
    fn reason(&self, pair: Pair, ratio: f64, series: &Series, spec: &SeriesSpec) -> Printable {
        let (first, last, now) = pair.now;
        let (_, last_before, base) = pair.before;
        let when = words::span(first, last);
        let same_span =
            first.start().year() == last.start().year() && last_before.start().year() + 1 == last.start().year();
        let earlier =
            if same_span { format!("in {}", last_before.start().year()) } else { "a year earlier".to_owned() };
        let sums = format!("{} in {when}, from {} {earlier}", words::count(now), words::count(base));
        let said = if base < self.floor {
            sums
        } else if ratio <= 0.67 {
            format!("{}: {sums}", fall(ratio))
        } else {
            format!("{}: {sums}", words::ratio(ratio))
        };
        let published = series.learned().map(|at| {
            let day = at.to_zoned_datetime(spec.zone.clone()).date();
            // The year is said where it is not that of the figures.
            if day.year() == last.start().year() { words::day(day) } else { words::day_and_year(day) }
        });
        let published = published.map(|day| format!(" · as published {day}")).unwrap_or_default();
        Printable::clean(&format!("{said}{published}"))
    }

    /// What cannot be told, with the reason.
    pub fn unknown(period: Period, value: Option<f64>, reason: &str) -> Evaluation {
        let told = Evaluation::without_figures(Some(period), Verdict::Unknown, Printable::clean(reason));
        Evaluation { value, ..told }
    }
}

/// A fall in words.
fn fall(ratio: f64) -> String {
    match ratio {
        r if r <= 0.1 => "down to a tenth or less".to_owned(),
        r if r <= 0.22 => "down to a fifth".to_owned(),
        r if r <= 0.28 => "down to a quarter".to_owned(),
        r if r <= 0.37 => "down to a third".to_owned(),
        r if r < 0.45 => "down by more than half".to_owned(),
        r if r <= 0.55 => "down by half".to_owned(),
        _ => "down by a third".to_owned(),
    }
}
