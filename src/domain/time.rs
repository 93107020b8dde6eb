//! Periods: what a figure is about. Day, ISO week, month, quarter, year, and fiscal months turned
//! into calendar months. Arithmetic is on civil dates, never on seconds, so clock changes do not
//! exist here; there is no "now" in this file.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use std::fmt;
use std::str::FromStr;

/// How often a series has a value. One series has one cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cadence {
    /// A civil day in the publisher's zone.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

impl Cadence {
    /// Every cadence, shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The word used in configuration, JSON and the store: `day`, `week`, `month` …
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The cadence of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cadence| cadence.word() == word)
    }

    /// How many periods make a year (surge.md section 3: s).
    pub const fn per_year(self) -> usize {
        match self {
            Self::Day => 365,
            Self::Week => 52,
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Year => 1,
        }
    }

    /// Days from the end of a period to its first publication when nothing better is known
    /// (surge.md section 1: day 2, week 5, month 45, quarter 60; a year as a quarter).
    pub const fn usual_lag_days(self) -> i64 {
        match self {
            Self::Day => 2,
            Self::Week => 5,
            Self::Month => 45,
            Self::Quarter | Self::Year => 60,
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A half-open interval of civil dates of one cadence. The only way to make one is from a date
/// or an index, so its start is always the first day of its cadence's interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    cadence: Cadence,
    start: Date,
}

/// Monday, the day from which ISO weeks are numbered.
const FIRST_MONDAY: Date = Date::constant(1970, 1, 5);
const EPOCH: Date = Date::constant(1970, 1, 1);

impl Period {
    /// The period of that cadence in which `date` lies.
    pub fn containing(cadence: Cadence, date: Date) -> Self {
        let start = match cadence {
            Cadence::Day => date,
            Cadence::Week => date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days()),
            Cadence::Month => date.first_of_month(),
            Cadence::Quarter => {
                let month = (date.month() - 1) / 3 * 3 + 1;
                Date::new(date.year(), month, 1).expect("the first month of a quarter has a day 1")
            }
            Cadence::Year => date.first_of_year(),
        };
        Self { cadence, start }
    }

    /// The month of a fiscal year: fiscal years are named after the year they end in, so with
    /// `starts` = 10 the tenth month of fiscal 2022 is October 2021. `None` for impossible numbers.
    pub fn fiscal_month(fiscal_year: i16, month: i8, starts: i8) -> Option<Self> {
        let year = if starts > 1 && month >= starts { fiscal_year.checked_sub(1)? } else { fiscal_year };
        Some(Self { cadence: Cadence::Month, start: Date::new(year, month, 1).ok()? })
    }

    /// Day, week, month, quarter or year.
    pub const fn cadence(self) -> Cadence {
        self.cadence
    }

    /// The first day.
    pub const fn start(self) -> Date {
        self.start
    }

    /// The first day after the period.
    pub fn end(self) -> Date {
        self.start.saturating_add(self.length())
    }

    /// Days in the period.
    pub fn days(self) -> i64 {
        days_between(self.start, self.end())
    }

    /// The instant at which the period is over in the publisher's zone.
    pub fn end_instant(self, zone: &TimeZone) -> Timestamp {
        start_of_day(self.end(), zone)
    }

    /// The number of periods of this cadence since that of 1 January 1970 (weeks: since the
    /// week of Monday 5 January 1970). Neighbours differ by one.
    pub fn index(self) -> i64 {
        let year = i64::from(self.start.year()) - 1970;
        match self.cadence {
            Cadence::Day => days_between(EPOCH, self.start),
            Cadence::Week => days_between(FIRST_MONDAY, self.start).div_euclid(7),
            Cadence::Month => year * 12 + i64::from(self.start.month()) - 1,
            Cadence::Quarter => year * 4 + (i64::from(self.start.month()) - 1) / 3,
            Cadence::Year => year,
        }
    }

    /// The period with that index; indices outside the calendar (years -9999 to 9999) give its edge.
    pub fn from_index(cadence: Cadence, index: i64) -> Self {
        let months = |per: i64| {
            let months = index.saturating_mul(per);
            let year = months.div_euclid(12).saturating_add(1970).clamp(-9999, 9999);
            let month = months.rem_euclid(12) + 1;
            Date::new(
                i16::try_from(year).expect("the year was clamped"),
                i8::try_from(month).expect("a month is 1 to 12"),
                1,
            )
            .expect("every month has a day 1")
        };
        let days = |from: Date, count: i64| from.saturating_add(count.clamp(-4_300_000, 3_000_000).days());
        let start = match cadence {
            Cadence::Day => days(EPOCH, index),
            Cadence::Week => days(FIRST_MONDAY, index.saturating_mul(7)),
            Cadence::Month => months(1),
            Cadence::Quarter => months(3),
            Cadence::Year => months(12),
        };
        Self::containing(cadence, start)
    }

    /// The period `count` after this one (before, where negative).
    pub fn offset(self, count: i64) -> Self {
        Self::from_index(self.cadence, self.index().saturating_add(count))
    }

    /// The following period.
    pub fn next(self) -> Self {
        self.offset(1)
    }

    /// The preceding period.
    pub fn previous(self) -> Self {
        self.offset(-1)
    }

    /// The same period last year, by calendar (surge.md section 3): the same month, quarter; the same ISO week
    /// number (53 becomes 52); for days 364 days earlier, which keeps the weekday.
    pub fn year_before(self) -> Self {
        match self.cadence {
            Cadence::Day => self.offset(-364),
            Cadence::Week => {
                let week = self.start.iso_week_date();
                let earlier = ISOWeekDate::new(week.year() - 1, week.week(), Weekday::Monday)
                    .or_else(|_| ISOWeekDate::new(week.year() - 1, 52, Weekday::Monday));
                earlier.map_or_else(|_| self.offset(-52), |week| Self::containing(Cadence::Week, week.date()))
            }
            Cadence::Month => self.offset(-12),
            Cadence::Quarter => self.offset(-4),
            Cadence::Year => self.previous(),
        }
    }

    /// The label of JSON, exports and the store: `2022-03-17`, `2022-W11`, `2022-03`, `2022-Q1`, `2022`.
    pub fn label(self) -> String {
        self.to_string()
    }

    fn length(self) -> Span {
        match self.cadence {
            Cadence::Day => 1.day(),
            Cadence::Week => 1.week(),
            Cadence::Month => 1.month(),
            Cadence::Quarter => 3.months(),
            Cadence::Year => 1.year(),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.start.year(), self.start.month());
        let label = match self.cadence {
            Cadence::Day => self.start.to_string(),
            Cadence::Week => {
                let week = self.start.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Cadence::Month => format!("{year:04}-{month:02}"),
            Cadence::Quarter => format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            Cadence::Year => format!("{year:04}"),
        };
        f.pad(&label)
    }
}

/// What was not a period label, with the forms that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAPeriod(pub String);

impl fmt::Display for NotAPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no period; write 2022-03-17 (day), 2022-W11 (week), 2022-03 (month), 2022-Q1 (quarter) or 2022 (year)",
            self.0
        )
    }
}

impl std::error::Error for NotAPeriod {}

impl FromStr for Period {
    type Err = NotAPeriod;

    /// Reads what [`Period::label`] writes.
    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let error = || NotAPeriod(text.to_owned());
        let date = |year: &str, month: i8, day: i8| {
            let year = (year.len() == 4).then(|| year.parse::<i16>().ok()).flatten();
            year.and_then(|year| Date::new(year, month, day).ok()).ok_or_else(error)
        };
        let number = |text: &str| {
            let plain = text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse::<i8>().ok()).flatten().ok_or_else(error)
        };
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [year] => Ok(Self::containing(Cadence::Year, date(year, 1, 1)?)),
            [year, part] if part.starts_with('Q') => {
                let quarter = number(&part[1..])?;
                if !(1..=4).contains(&quarter) {
                    return Err(error());
                }
                Ok(Self::containing(Cadence::Quarter, date(year, quarter * 3 - 2, 1)?))
            }
            [year, part] if part.starts_with('W') => {
                let year = date(year, 1, 1)?.year();
                let week = ISOWeekDate::new(year, number(&part[1..])?, Weekday::Monday).map_err(|_| error())?;
                Ok(Self::containing(Cadence::Week, week.date()))
            }
            [year, month] => Ok(Self::containing(Cadence::Month, date(year, number(month)?, 1)?)),
            [year, month, day] => Ok(Self::containing(Cadence::Day, date(year, number(month)?, number(day)?)?)),
            _ => Err(error()),
        }
    }
}

/// Civil days from `a` to `b`; negative where `b` lies before `a`.
pub fn days_between(a: Date, b: Date) -> i64 {
    a.duration_until(b).as_secs() / 86_400
}

/// The first instant of a civil day in a zone. A day that begins inside a clock change begins
/// after it. At the very edge of the calendar the nearest instant that exists.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    date.to_zoned_datetime(zone.clone())
        .map_or_else(|_| if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX }, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(label: &str) -> Period {
        label.parse().unwrap()
    }

    #[test]
    fn labels_read_back() {
        for label in ["2022-03-17", "2022-W11", "2020-W53", "2022-03", "2022-Q1", "2022"] {
            assert_eq!(period(label).label(), label);
        }
        for wrong in ["", "22", "2022-13", "2022-W54", "2021-W53", "2022-Q5", "2022-02-30", "2022-3-+1", "2022-03-17-1"]
        {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fiscal_year_is_named_after_the_year_it_ends_in() {
        assert_eq!(Period::fiscal_month(2022, 10, 10), Some(period("2021-10")));
        assert_eq!(Period::fiscal_month(2022, 9, 10), Some(period("2022-09")));
        assert_eq!(Period::fiscal_month(2022, 4, 1), Some(period("2022-04")));
        assert_eq!(Period::fiscal_month(2022, 13, 10), None);
    }

    #[test]
    fn last_year_is_by_calendar() {
        assert_eq!(period("2022-03").year_before(), period("2021-03"));
        assert_eq!(period("2020-W53").year_before(), period("2019-W52"));
        assert_eq!(period("2021-W10").year_before(), period("2020-W10"));
        assert_eq!(period("2022-03-17").year_before(), period("2021-03-18"));
        assert_eq!(period("2024-02-29").year_before(), period("2023-03-02"));
    }

    #[test]
    fn a_day_in_panama_ends_at_five_in_the_morning_utc() {
        let zone = TimeZone::get("America/Panama").unwrap();
        assert_eq!(period("2022-03-29").end_instant(&zone).to_string(), "2022-03-30T05:00:00Z");
    }

    proptest! {
        #[test]
        fn periods_tile_the_calendar(days in -200_000_i64..200_000, which in 0_usize..5) {
            let cadence = Cadence::ALL[which];
            let date = EPOCH.saturating_add(days.days());
            let period = Period::containing(cadence, date);
            prop_assert!(period.start() <= date && date < period.end());
            prop_assert_eq!(period.next().start(), period.end());
            prop_assert_eq!(period.next().previous(), period);
            prop_assert_eq!(Period::from_index(cadence, period.index()), period);
            prop_assert_eq!(period.next().index(), period.index() + 1);
            if period.start().year() > 0 {
                prop_assert_eq!(period.label().parse::<Period>(), Ok(period));
            }
            prop_assert!(period.year_before() < period);
        }

        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let _ = text.parse::<Period>();
        }
    }
}
