//! Kind `year-to-date` (surge.md R4): the sum since the start of the year against the same stretch of
//! last year. The steadiest of all; what agencies say ("nearly triple").

use super::course::{Course, every_period};
use super::options::{RuleError, RuleOptions};
use super::ratio::{Needs, Pair, Ratio};
use super::sums::Sums;
use super::{Kind, SeriesKind, What};
use crate::domain::alert::{Evaluation, Severity};
use crate::domain::observation::Status;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::time::{Cadence, Period};
use jiff::civil::Date;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "year-to-date",
    sentence: "the sum since the start of the year reaches `fire` times that of the same stretch last year; direction = \"down\" for falls",
    parameters: &["fire", "clear", "critical", "direction", "for", "keep", "min_count", "floor", "min_periods"],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let min_periods = RuleOptions::whole("min_periods", options.min_periods, 1)?;
    Ok(What::Series(Arc::new(YearToDate { ratio: Ratio::new(options)?, min_periods })))
}

#[derive(Debug)]
struct YearToDate {
    ratio: Ratio,
    min_periods: Option<u32>,
}

impl SeriesKind for YearToDate {
    fn text(&self) -> String {
        format!("sum since the start of the year against last year {}", self.ratio.text())
    }

    fn course<'a>(&'a self, series: &'a Series, spec: &'a SeriesSpec) -> Course<'a> {
        // How many there are is no sum over the year.
        if spec.stock {
            return Course::empty();
        }
        let sums = Sums::new(series);
        let evaluations = every_period(series, |period| self.judge(series, spec, &sums, period));
        Course::new(evaluations, move |of| {
            let pair = of.period.map(|period| pair(spec, &sums, period));
            pair.map(|pair| self.ratio.reason(pair, series, spec, &NEEDS)).unwrap_or_default()
        })
    }
}

const NEEDS: Needs = Needs {
    history: "not enough history: this year and the last are needed from their start",
    figures: "a figure is missing since the start of this year or the last",
};

impl YearToDate {
    fn judge(&self, series: &Series, spec: &SeriesSpec, sums: &Sums, last: Period) -> Option<Evaluation> {
        let point = series.point(last);
        if point.is_some_and(|point| point.status == Status::Partial) {
            return None;
        }
        let pair = pair(spec, sums, last);
        let elapsed = last.index() - pair.now.0.index() + 1;
        let least = self.min_periods.map_or_else(|| min_periods(last.cadence()), i64::from);
        Some(self.ratio.judge(pair, elapsed >= least, false, point.and_then(|point| point.value)))
    }
}

/// The year up to a period, and the same stretch last year: as many periods from that year's start.
fn pair(spec: &SeriesSpec, sums: &Sums, last: Period) -> Pair {
    let first = year_start(last, spec.year_start);
    let first_before = year_start(first.previous(), spec.year_start);
    let last_before = first_before.offset(last.index() - first.index());
    Pair {
        now: (first, last),
        before: (first_before, last_before),
        sums: sums.between(first, last).zip(sums.between(first_before, last_before)),
        broken: sums.break_between(first_before, last),
    }
}

/// Periods of a year before its sum may fire: in the first ones it is as noisy as single periods.
const fn min_periods(cadence: Cadence) -> i64 {
    match cadence {
        Cadence::Day => 42,
        Cadence::Week => 6,
        Cadence::Month => 2,
        Cadence::Quarter | Cadence::Year => 1,
    }
}

/// The first period of the year in which a period lies, the year starting at (month, day).
fn year_start(period: Period, (month, day): (i8, i8)) -> Period {
    let date = period.start();
    if period.cadence() == Cadence::Week && (month, day) == (1, 1) {
        let week = date.iso_week_date();
        return period.offset(1 - i64::from(week.week()));
    }
    let start_in = |year: i16| Date::new(year, month, day).map_or(date, |start| start);
    let this_year = start_in(date.year());
    let start = if this_year <= date { this_year } else { start_in(date.year() - 1) };
    Period::containing(period.cadence(), start)
}

#[cfg(test)]
mod tests {
    use super::year_start;

    #[test]
    fn years_start_where_the_publisher_says() {
        let start = |label: &str, at| year_start(label.parse().unwrap(), at).label();
        assert_eq!(start("2022-03", (1, 1)), "2022-01");
        assert_eq!(start("2022-03", (10, 1)), "2021-10");
        assert_eq!(start("2021-10", (10, 1)), "2021-10");
        assert_eq!(start("2021-W01", (1, 1)), "2021-W01");
        assert_eq!(start("2020-W53", (1, 1)), "2020-W01");
        assert_eq!(start("2022-03-17", (1, 1)), "2022-01-01");
    }
}
