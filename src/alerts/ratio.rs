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

/// What is said where there are no two sums to compare.
pub struct Needs {
    /// The series does not reach back far enough.
    pub history: &'static str,
    /// It does, with a gap.
    pub figures: &'static str,
}

/// Two stretches to compare, a year apart.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Now: first and last period.
    pub now: (Period, Period),
    /// A year earlier: first and last period.
    pub before: (Period, Period),
    /// The sum now and that of a year earlier; `None` where a figure is missing.
    pub sums: Option<(f64, f64)>,
    /// Since when it has been counted in another way, where that lies between the two.
    pub broken: Option<Period>,
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

    /// The verdict on two sums.
    pub fn judge(&self, pair: Pair, may_fire: bool, partial: bool, value: Option<f64>) -> Evaluation {
        let unknown = Evaluation::without_figures(Some(pair.now.1), Verdict::Unknown, Printable::default());
        let Some((now, base)) = pair.sums.filter(|_| pair.broken.is_none()) else {
            return Evaluation { value, ..unknown };
        };
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
            verdict,
            critical: verdict == Verdict::Up && self.critical.is_some_and(beyond),
            partial,
            value,
            statistic: Some(ratio),
            bound: Some(self.fire),
            ..unknown
        }
    }

    /// `nearly triple: 8,456 in Jan–Feb 2022, from 2,928 in 2021 · as published 29 Mar`; or why there is no ratio.
    pub fn reason(&self, pair: Pair, series: &Series, spec: &SeriesSpec, needs: &Needs) -> String {
        let Some((now, base)) = pair.sums else {
            let too_short = series.first().is_some_and(|start| pair.before.0 < start);
            return if too_short { needs.history } else { needs.figures }.to_owned();
        };
        match pair.broken {
            Some(since) => {
                format!("counted in another way since {}: not comparable with before", words::period(since))
            }
            None => self.comparison(pair, now, base, series, spec),
        }
    }

    fn comparison(&self, pair: Pair, now: f64, base: f64, series: &Series, spec: &SeriesSpec) -> String {
        let ratio = now / base.max(self.floor);
        let ((first, last), (_, last_before)) = (pair.now, pair.before);
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
        format!("{said}{published}")
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
