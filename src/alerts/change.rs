//! Kind `change` (surge.md R2): a figure against that of the period before, as a share and in people. It is an event: it stays
//! for one period more, so that it is seen, and ends.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::sums::Sums;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, Period};
use crate::domain::words;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "change",
    sentence: "a figure is up by `fire` (0.5: half as much again) and by `abs` people on the period before; direction = \"down\" for falls",
    parameters: &["fire", "clear", "critical", "direction", "keep", "abs", "floor", "min_count", "per_day"],
    severity: Severity::Info,
    keep: 1,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let down = options.is_down()?;
    let fire = options.fire.unwrap_or(0.5);
    if fire > 20.0 {
        let what = format!("{fire} would be {} % more", words::count(fire * 100.0));
        return Err(RuleError::new("fire", what, "write a share: 0.5 for half as much again"));
    }
    // Both are distances from no change, so the clear one is the smaller for falls too.
    let (fire, clear) = options.thresholds(fire, options.clear.unwrap_or(fire / 2.0), false)?;
    let floor = options.floor.map(|floor| RuleOptions::number("floor", Some(floor), 1.0, 1.0)).transpose()?;
    Ok(What::Series(Arc::new(Change {
        fire,
        clear,
        critical: options.critical,
        abs: RuleOptions::number("abs", options.abs, 0.0, 100.0)?,
        floor,
        min_count: RuleOptions::number("min_count", options.min_count, 0.0, 0.0)?,
        per_day: options.per_day.unwrap_or(true),
        down,
    })))
}

#[derive(Debug)]
struct Change {
    fire: f64,
    clear: f64,
    critical: Option<f64>,
    abs: f64,
    floor: Option<f64>,
    min_count: f64,
    per_day: bool,
    down: bool,
}

impl SeriesKind for Change {
    fn text(&self) -> String {
        let way = if self.down { "down" } else { "up" };
        let (fire, clear, abs) = (percent(self.fire), percent(self.clear), words::count(self.abs));
        format!("{way} by {fire} % and {abs} on the period before, ends below {clear} %")
    }

    fn course<'a>(&'a self, series: &'a Series, spec: &'a SeriesSpec) -> Course<'a> {
        let sums = Sums::new(series);
        let evaluations = every_period(series, |period| self.judge(series, spec, &sums, period));
        Course::new(evaluations, move |of| self.reason(series, spec, &sums, of))
    }
}

impl Change {
    fn judge(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, period: Period) -> Option<Evaluation> {
        let point = series.point(period);
        // Of a running period nothing can be said: it has not had its time.
        if point.is_some_and(|point| !point.status.is_complete() && point.value.is_some()) {
            return None;
        }
        let value = point.and_then(|point| point.value);
        let unknown = Evaluation::without_figures(Some(period), Verdict::Unknown, Printable::default());
        let before = period.previous();
        let pair = series.complete(period).zip(series.complete(before));
        let Some((now, base)) = pair.filter(|_| sums.break_between(before, period).is_none()) else {
            return Some(Evaluation { value, ..unknown });
        };
        // What the period before would have had in as many days.
        let base = if self.by_the_day(spec, period) { base * length(period) / length(before) } else { base };
        let change = if self.down { base - now } else { now - base };
        let share = change / base.max(self.floor(period.cadence()));
        let counts = change >= self.abs && if self.down { base } else { now } >= self.min_count;
        let verdict = match share {
            share if share >= self.fire && counts => Verdict::Up,
            share if share < self.clear => Verdict::Clear,
            // Large as a share, too small in people: no change to speak of.
            _ if !counts => Verdict::Clear,
            _ => Verdict::Hold,
        };
        let critical = verdict == Verdict::Up && self.critical.is_some_and(|critical| share >= critical);
        let (statistic, bound) = (Some(share), Some(self.fire));
        Some(Evaluation { verdict, critical, value, statistic, bound, ..unknown })
    }

    fn by_the_day(&self, spec: &SeriesSpec, period: Period) -> bool {
        self.per_day && !spec.stock && matches!(period.cadence(), Cadence::Month | Cadence::Quarter)
    }

    /// The base counts as at least this, so that three people after one are no news.
    fn floor(&self, cadence: Cadence) -> f64 {
        self.floor.unwrap_or(if cadence >= Cadence::Month { 100.0 } else { 10.0 })
    }

    /// `up 12 % by the day: 4,969 in March 2022, from 4,014 in February 2022`
    fn reason(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, of: &Evaluation) -> String {
        let Some(period) = of.period else { return String::new() };
        let before = period.previous();
        let (Some(now), Some(base)) = (series.complete(period), series.complete(before)) else {
            let missing = if series.complete(period).is_none() { period } else { before };
            return format!("no figure for {}", words::period(missing));
        };
        if let Some(since) = sums.break_between(before, period) {
            return format!("counted in another way since {}: not comparable with before", words::period(since));
        }
        let share = of.statistic.unwrap_or_default() * if self.down { -1.0 } else { 1.0 };
        let figures = format!("{} in {}, from {}", words::count(now), words::period(period), words::count(base));
        // From next to nothing no share says anything.
        if base < self.floor(period.cadence()) {
            return figures;
        }
        let way = if share < 0.0 { "down" } else { "up" };
        // The figures alone would say another share.
        let by_the_day = self.by_the_day(spec, period) && period.days() != before.days();
        let by = if by_the_day { " by the day" } else { "" };
        format!("{way} {} %{by}: {figures} in {}", percent(share.abs()), words::period(before))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a period has few days")]
fn length(period: Period) -> f64 {
    period.days() as f64
}

fn percent(share: f64) -> String {
    words::count((share * 100.0).round())
}

#[cfg(test)]
mod tests {
    use super::super::tests::figures::{course, series};

    fn verdicts(options: &str, values: &[Option<f64>]) -> Vec<String> {
        let options = format!("kind = \"change\"\n{options}");
        let judged = course(&options, &series("2022-01", values));
        judged.iter().map(|evaluation| format!("{} {}", evaluation.verdict.word(), evaluation.reason)).collect()
    }

    #[test]
    fn a_change_needs_the_share_and_the_people() {
        let of = |values: &[f64]| {
            let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
            verdicts("per_day = false", &values)
        };
        assert_eq!(of(&[1000.0, 1500.0])[1], "up up 50 %: 1,500 in February 2022, from 1,000 in January 2022");
        assert_eq!(of(&[1000.0, 1400.0])[1], "hold up 40 %: 1,400 in February 2022, from 1,000 in January 2022");
        assert_eq!(of(&[1000.0, 1200.0])[1], "clear up 20 %: 1,200 in February 2022, from 1,000 in January 2022");
        assert_eq!(of(&[100.0, 190.0])[1], "clear up 90 %: 190 in February 2022, from 100 in January 2022");
        assert_eq!(
            of(&[0.0, 190.0])[1],
            "up 190 in February 2022, from 0",
            "no infinity, and no percentage of nothing"
        );
        assert_eq!(of(&[1000.0, 400.0])[1], "clear down 60 %: 400 in February 2022, from 1,000 in January 2022");
    }

    #[test]
    fn the_length_of_a_month_is_no_change() {
        // 28 days after 31: the same number a day.
        let same_a_day = [Some(31_000.0), Some(28_000.0), Some(31_000.0)];
        let shares = |options: &str| {
            let options = format!("kind = \"change\"\n{options}");
            let judged = course(&options, &series("2022-01", &same_a_day));
            judged
                .iter()
                .filter_map(|evaluation| evaluation.statistic)
                .map(|share| format!("{share:.3}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(shares(""), ["0.000", "0.000"]);
        assert_eq!(shares("per_day = false"), ["-0.097", "0.107"]);
    }

    #[test]
    fn after_a_gap_two_periods_cannot_tell() {
        let said = verdicts("", &[Some(100.0), None, Some(900.0), Some(900.0)]);
        assert_eq!(said[1], "unknown no figure for February 2022");
        assert_eq!(said[2], "unknown no figure for February 2022");
        assert!(said[3].starts_with("clear"), "{said:?}");
    }

    #[test]
    fn falls_are_their_own_rule() {
        let said = verdicts("direction = \"down\"\nper_day = false", &[Some(1000.0), Some(400.0), Some(1000.0)]);
        assert_eq!(said[1], "up down 60 %: 400 in February 2022, from 1,000 in January 2022");
        assert!(said[2].starts_with("clear up 150 %"), "{said:?}");
    }
}
