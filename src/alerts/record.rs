//! Kind `record` (surge.md R5): the highest figure on record, or the highest for more than a year; with `percentile`, one of the
//! highest; with direction = "down", the lowest. Catches what a ratio misses, where last year was high too.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::percentile::Percentile;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, Period};
use crate::domain::words;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "record",
    sentence: "the highest figure on record, or for more than 12 months (52 weeks, 365 days); direction = \"down\" for the lowest",
    parameters: &["direction", "for", "keep", "min_count", "since", "min_history", "percentile", "clear", "window"],
    severity: Severity::Warning,
    // A run of records is one alert.
    keep: 2,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let down = options.is_down()?;
    let min_history = RuleOptions::whole("min_history", options.min_history, 1)?;
    let min_count = RuleOptions::number("min_count", options.min_count, 0.0, 0.0)?;
    if down && options.min_count.is_some() {
        return Err(RuleError::new(
            "min_count",
            "every low is below it sooner or later",
            "leave it out of rules for lows",
        ));
    }
    let window = RuleOptions::whole("window", options.window, 1)?;
    let since = RuleOptions::whole("since", options.since, 1)?;
    if options.percentile.is_some() {
        if since.is_some() {
            return Err(RuleError::new("since", "a percentile takes `window` instead", "leave out one of the two"));
        }
        return Percentile::make(options, down, window, min_history, min_count);
    }
    let only_with = [("window", options.window.is_some()), ("clear", options.clear.is_some())];
    if let Some((key, _)) = only_with.into_iter().find(|(_, given)| *given) {
        let remedy = "add percentile = 0.95, or leave it out";
        return Err(RuleError::new(key, "it belongs to `percentile`, which is missing", remedy));
    }
    Ok(What::Series(Arc::new(Record { since, min_history, min_count, down })))
}

/// What is usual by cadence where the rule does not say.
pub const fn usual(cadence: Cadence) -> Usual {
    match cadence {
        Cadence::Day => Usual { since: 365, min_history: 400, window: 1_825 },
        Cadence::Week => Usual { since: 52, min_history: 104, window: 260 },
        Cadence::Month => Usual { since: 12, min_history: 24, window: 60 },
        Cadence::Quarter => Usual { since: 4, min_history: 8, window: 20 },
        // Of years every second one is the highest since the last but one.
        Cadence::Year => Usual { since: 5, min_history: 5, window: 24 },
    }
}

/// Periods.
pub struct Usual {
    /// The highest for more than so many.
    pub since: u32,
    /// So many figures must lie before.
    pub min_history: u32,
    /// Of so many a percentile is taken.
    pub window: u32,
}

#[derive(Debug)]
struct Record {
    since: Option<u32>,
    min_history: Option<u32>,
    min_count: f64,
    down: bool,
}

/// What lies before a figure.
#[derive(Clone, Copy, Default)]
struct Before {
    /// Complete figures since the counting began, or was last changed.
    figures: u32,
    /// The first of them.
    first: Option<Period>,
    /// The last that was as high (as low).
    last_as_high: Option<(Period, f64)>,
    /// The highest (lowest) of all.
    highest: Option<(Period, f64)>,
    /// Figures since the last as high one, or since the first.
    since: u32,
}

impl SeriesKind for Record {
    fn text(&self) -> String {
        let highest = if self.down { "lowest" } else { "highest" };
        let since =
            self.since.map_or_else(|| "12 months (52 weeks, 365 days)".to_owned(), |since| format!("{since} periods"));
        let least =
            if self.min_count > 0.0 { format!(", at least {}", words::count(self.min_count)) } else { String::new() };
        format!("{highest} on record, or for more than {since}{least}")
    }

    fn course<'a>(&'a self, series: &'a Series, _: &'a SeriesSpec) -> Course<'a> {
        let before = self.before(series);
        let first = series.first();
        let at = move |period: Period| {
            let at = usize::try_from(period.index() - first?.index()).ok()?;
            before.get(at).copied()
        };
        let evaluations =
            every_period(series, |period| at(period).and_then(|before| self.judge(series, before, period)));
        Course::new(evaluations, move |of| {
            let known = of.period.and_then(|period| Some((period, at(period)?)));
            known.map(|(period, before)| self.reason(series, before, period, of.verdict)).unwrap_or_default()
        })
    }
}

impl Record {
    /// What lies before each period, in one pass: figures that a later one has passed can be no "since" any more.
    fn before(&self, series: &Series) -> Vec<Before> {
        let mut so_far = Before::default();
        let mut standing: Vec<(Period, f64, u32)> = Vec::new();
        let passes = |value: f64, old: f64| if self.down { value < old } else { value > old };
        let points = series.points().map(|point| {
            if point.is_some_and(|point| point.status == Status::Break) {
                so_far = Before::default();
                standing.clear();
            }
            let mut before = so_far;
            let value = point.and_then(|point| point.value.map(|value| (point, value)));
            let Some((point, value)) = value else { return before };
            while standing.last().is_some_and(|(_, old, _)| passes(value, *old)) {
                standing.pop();
            }
            before.last_as_high = standing.last().map(|(period, old, _)| (*period, *old));
            before.since = so_far.figures - standing.last().map_or(0, |(_, _, number)| *number);
            if point.status.is_complete() {
                so_far.figures += 1;
                so_far.first = so_far.first.or(Some(point.period));
                if so_far.highest.is_none_or(|(_, highest)| passes(value, highest)) {
                    so_far.highest = Some((point.period, value));
                }
                standing.push((point.period, value, so_far.figures));
            }
            before
        });
        points.collect()
    }

    fn judge(&self, series: &Series, before: Before, period: Period) -> Option<Evaluation> {
        let point = series.point(period);
        let value = point.and_then(|point| point.value);
        let partial = point.is_some_and(|point| point.status == Status::Partial);
        let unknown = Evaluation::without_figures(Some(period), Verdict::Unknown, Printable::default());
        let (since, history) = self.needs(period.cadence());
        let Some(counted) = value.filter(|_| before.figures >= history) else {
            return (!partial).then_some(Evaluation { value, ..unknown });
        };
        let from = before.last_as_high.map(|(period, _)| period).or(before.first);
        let apart = from.map_or(0, |from| period.index() - from.index()) + i64::from(before.last_as_high.is_none());
        let stands_out = before.last_as_high.is_none() || apart > i64::from(since);
        let verdict = if stands_out && counted >= self.min_count { Verdict::Up } else { Verdict::Clear };
        // A running period may prove a record, and nothing else.
        if partial && (self.down || verdict != Verdict::Up) {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a series has few periods")]
        let statistic = Some(apart as f64);
        Some(Evaluation { verdict, partial, value, statistic, bound: Some(f64::from(since)), ..unknown })
    }

    fn needs(&self, cadence: Cadence) -> (u32, u32) {
        let usual = usual(cadence);
        (self.since.unwrap_or(usual.since), self.min_history.unwrap_or(usual.min_history))
    }

    /// `highest since October 2022: 70,000 in March 2023`
    fn reason(&self, series: &Series, before: Before, period: Period, verdict: Verdict) -> String {
        let (when, history) = (words::period(period), self.needs(period.cadence()).1);
        let Some(value) = series.point(period).and_then(|point| point.value) else {
            return format!("no figure for {when}");
        };
        let figure = format!("{} in {when}", words::count(value));
        let (highest, high) = if self.down { ("lowest", "low") } else { ("highest", "high") };
        if verdict == Verdict::Unknown {
            return format!("not enough history: {} of {history} figures", before.figures);
        }
        let from = before.last_as_high.map(|(period, _)| period).or(before.first);
        let apart = from.map_or(0, |from| period.index() - from.index());
        let whole = i64::from(before.since) + i64::from(before.last_as_high.is_some()) >= apart;
        match (verdict, before.last_as_high, before.highest) {
            (Verdict::Up, None, Some((best, old))) if whole => {
                format!("{highest} on record: {figure}; before that {} in {}", words::count(old), words::period(best))
            }
            (Verdict::Up, _, _) => {
                let data = if whole { "" } else { "in the data " };
                format!("{highest} {data}since {}: {figure}", from.map(words::period).unwrap_or_default())
            }
            (_, Some((last, old)), _) => {
                let as_high = if old == value { format!("as {high}") } else { high.to_owned() + "er" };
                format!("{figure}; {as_high} in {}: {}", words::period(last), words::count(old))
            }
            (_, None, _) => format!("{figure}: fewer than {} do not count", words::count(self.min_count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::figures::{course, series, words_of};

    fn said(options: &str, first: &str, values: &[Option<f64>]) -> Vec<String> {
        words_of(&course(&format!("kind = \"record\"\n{options}"), &series(first, values)))
    }

    fn flat(number: usize, value: f64) -> Vec<Option<f64>> {
        vec![Some(value); number]
    }

    #[test]
    fn the_highest_on_record_and_since_when() {
        let mut values = flat(30, 500.0);
        values[4] = Some(900.0);
        values.extend([Some(600.0), Some(900.0), Some(901.0), Some(500.0)]);
        let said = said("", "2020-01", &values);
        assert_eq!(said[23], "unknown not enough history: 23 of 24 figures");
        assert_eq!(said[24], "clear 500 in January 2022; as high in December 2021: 500");
        assert_eq!(said[30], "up highest since May 2020: 600 in July 2022");
        // As high as in May 2020, so it is no record, but the highest since then.
        assert_eq!(said[31], "up highest since May 2020: 900 in August 2022");
        assert_eq!(said[32], "up highest on record: 901 in September 2022; before that 900 in May 2020");
        assert_eq!(said[33], "clear 500 in October 2022; higher in September 2022: 901");
    }

    #[test]
    fn gaps_are_said() {
        let mut values = flat(40, 500.0);
        values[3] = Some(900.0);
        (values[10], values[39]) = (None, Some(800.0));
        let judged = said("", "2020-01", &values);
        assert_eq!(judged[39], "up highest in the data since April 2020: 800 in April 2023");
        assert_eq!(judged[10], "unknown no figure for November 2020");
        values[39] = Some(1_000.0);
        assert_eq!(said("", "2020-01", &values)[39], "up highest in the data since January 2020: 1,000 in April 2023");
    }

    #[test]
    fn a_constant_history_is_no_record_and_half_a_percentile() {
        let values = flat(30, 7.0);
        assert!(said("", "2020-01", &values)[29].starts_with("clear"));
        let judged = course("kind = \"record\"\npercentile = 0.95", &series("2020-01", &values));
        assert_eq!(judged[29].statistic, Some(0.5));
        assert_eq!(
            said("percentile = 0.95", "2020-01", &values)[29],
            "clear 7 in June 2022: above 50 % of the figures before it"
        );
    }

    #[test]
    fn small_figures_do_not_count_and_lows_have_their_own_rule() {
        let mut values = flat(30, 50.0);
        values[29] = Some(60.0);
        assert_eq!(
            said("min_count = 100", "2020-01", &values)[29],
            "clear 60 in June 2022: fewer than 100 do not count"
        );
        values[29] = Some(10.0);
        let low = "up lowest on record: 10 in June 2022; before that 50 in January 2020";
        assert_eq!(said("direction = \"down\"", "2020-01", &values)[29], low);
    }
}
