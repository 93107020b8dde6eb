//! Kind `suspect` (surge.md R10): figures that are more likely a mistake than the news. It asks; it never keeps a figure from
//! counting.

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity, Verdict};
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "suspect",
    sentence: "a figure may be a mistake: the same one four times, nothing after much, ten times the most of the 12 before",
    parameters: &["keep"],
    severity: Severity::Info,
    keep: 0,
    make,
};

fn make(_: &RuleOptions) -> Result<What, RuleError> {
    Ok(What::Series(Arc::new(Suspect)))
}

/// Smaller figures repeat, vanish and jump by chance.
const LEAST: f64 = 100.0;
/// The same figure so many times in a row is a copy.
const REPEATED: i64 = 4;
/// Figures before that say what is usual.
const BEFORE: i64 = 12;
/// Beyond this many times the most of them the unit may be another.
const JUMP: f64 = 10.0;

#[derive(Debug)]
struct Suspect;

/// What is odd about a figure.
#[derive(Clone, Copy)]
enum Odd {
    Repeated,
    Vanished { least: f64 },
    Jumped { most: f64 },
}

impl SeriesKind for Suspect {
    fn text(&self) -> String {
        "the same figure four times, nothing after much, or ten times the most of the 12 before".to_owned()
    }

    fn course<'a>(&'a self, series: &'a Series, _: &'a SeriesSpec) -> Course<'a> {
        let figures = Figures::of(series);
        let evaluations = every_period(series, |period| {
            let value = figures.back(period, 0);
            // What is running or withheld says nothing yet.
            if value.is_none() && series.point(period).is_some() {
                return None;
            }
            let verdict = match value {
                None => Verdict::Unknown,
                Some(value) if figures.odd(period, value).is_some() => Verdict::Up,
                Some(_) => Verdict::Clear,
            };
            Some(Evaluation { value, ..Evaluation::without_figures(Some(period), verdict, Printable::default()) })
        });
        Course::new(evaluations, move |of| figures.reason(of))
    }
}

/// The complete figures of a series, by period.
struct Figures {
    first: i64,
    complete: Vec<Option<f64>>,
}

impl Figures {
    fn of(series: &Series) -> Self {
        let complete = series.points().map(|point| point.filter(|point| point.status.is_complete())?.value).collect();
        Self { first: series.first().map_or(0, Period::index), complete }
    }

    /// The figure of so many periods before.
    fn back(&self, period: Period, count: i64) -> Option<f64> {
        let at = usize::try_from(period.index() - count - self.first).ok()?;
        self.complete.get(at).copied().flatten()
    }

    fn odd(&self, period: Period, value: f64) -> Option<Odd> {
        // Smaller figures do what they like, but for those that vanish.
        if value != 0.0 && value < LEAST {
            return None;
        }
        if value >= LEAST && (1..REPEATED).all(|count| self.back(period, count) == Some(value)) {
            return Some(Odd::Repeated);
        }
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for count in 1..=BEFORE {
            let before = self.back(period, count)?;
            let usual = if value == 0.0 { before < LEAST } else { value <= JUMP * before };
            if usual {
                return None;
            }
            (least, most) = (least.min(before), most.max(before));
        }
        if value == 0.0 {
            return Some(Odd::Vanished { least });
        }
        // From few to many is news; another unit shows where there were many before.
        (most >= LEAST).then_some(Odd::Jumped { most })
    }

    fn reason(&self, of: &Evaluation) -> String {
        let Some(period) = of.period else { return String::new() };
        let when = words::period(period);
        let Some(value) = of.value else { return format!("no figure for {when}") };
        let figure = words::count(value);
        let twelve = words::span(period.offset(-BEFORE), period.previous());
        match self.odd(period, value) {
            Some(Odd::Repeated) => {
                let span = words::span(period.offset(1 - REPEATED), period);
                format!("{figure} in each of {span}: is one figure repeated?")
            }
            Some(Odd::Vanished { least }) => {
                format!("0 in {when}, at least {} in each of {twelve}: zero, or not reported?", words::count(least))
            }
            Some(Odd::Jumped { most }) => {
                format!(
                    "{figure} in {when}, at most {} in {twelve}: is it counted in another unit?",
                    words::count(most)
                )
            }
            None => format!("{figure} in {when}, nothing odd about it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::figures::{course, series, words_of};

    fn newest(values: &[f64]) -> String {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        words_of(&course("kind = \"suspect\"", &series("2021-01", &values))).pop().unwrap()
    }

    #[test]
    fn copies_zeros_and_other_units_are_asked_about() {
        let some: Vec<f64> = (0..12).map(|month| 200.0 + f64::from(month)).collect();
        let with = |newest: &[f64]| [&some[..], newest].concat();
        assert_eq!(newest(&with(&[300.0; 4])), "up 300 in each of Jan–Apr 2022: is one figure repeated?");
        assert!(newest(&with(&[300.0; 3])).starts_with("clear"));
        assert_eq!(
            newest(&with(&[0.0])),
            "up 0 in January 2022, at least 200 in each of Jan–Dec 2021: zero, or not reported?"
        );
        assert_eq!(
            newest(&with(&[2_111.0])),
            "up 2,111 in January 2022, at most 211 in Jan–Dec 2021: is it counted in another unit?"
        );
        assert!(
            newest(&[&[5_000.0, 5_001.0].repeat(6)[..], &[120.0]].concat()).starts_with("clear"),
            "a fall is no other unit"
        );
        assert_eq!(newest(&with(&[2_110.0])), "clear 2,110 in January 2022, nothing odd about it");
    }

    #[test]
    fn small_figures_may_repeat_vanish_and_jump() {
        assert!(newest(&[50.0; 14]).starts_with("clear"));
        assert!(newest(&[&[50.0; 12][..], &[0.0]].concat()).starts_with("clear"));
        assert!(newest(&[&[2.0; 12][..], &[30.0]].concat()).starts_with("clear"));
        let a_first_day_of_many = [&[0.0, 39.0].repeat(6)[..], &[651.0]].concat();
        assert!(newest(&a_first_day_of_many).starts_with("clear"));
    }
}
