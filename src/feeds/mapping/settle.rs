//! What the time says of a value (surge.md section 1): complete, still running, a zero put in for a period not
//! reached, or not possible.

use crate::domain::observation::Status;
use crate::domain::time::{Period, days_between, start_of_day};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The instant of a reply, and how far its table reaches.
#[derive(Clone, Debug)]
pub struct AsOf<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
    today: Date,
    /// The first day of the last period in which a fiscal table counts anybody; `None` where zeros are zeros up to now.
    reach: Option<Date>,
}

impl<'a> AsOf<'a> {
    /// The instant of the reply, in the publisher's zone.
    pub fn new(now: Timestamp, zone: &'a TimeZone, reach: Option<Date>) -> Self {
        Self { now, zone, today: now.to_zoned_datetime(zone.clone()).date(), reach }
    }

    /// The status of a value, given what its row says, and as of when the row is where that is stated: what the
    /// publisher had not reached by then is as little an observation as what is not reached now.
    pub fn settle(&self, period: Period, value: Option<f64>, said: Status, stated: Option<Timestamp>) -> Status {
        if let Some(stated) = stated.filter(|stated| *stated < self.now) {
            return Self::new(stated, self.zone, self.reach).settle(period, value, said, None);
        }
        let zero = value == Some(0.0);
        if said == Status::Invalid || value.is_some_and(|value| value < 0.0 || !value.is_finite()) {
            return Status::Invalid;
        }
        if zero && (self.reach.is_some_and(|reach| period.start() > reach) || !self.is_over(period)) {
            return Status::Filler;
        }
        if self.is_over(period) {
            return said;
        }
        if start_of_day(period.start(), self.zone) > self.now {
            return Status::Invalid;
        }
        if said == Status::Suppressed { said } else { Status::Partial }
    }

    fn is_over(&self, period: Period) -> bool {
        // Two days ago is over in every zone; the exact instant is asked only near to now.
        days_between(period.end(), self.today) > 1 || period.end_instant(self.zone) <= self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(now: &str, zone: &str, period: &str, value: f64) -> &'static str {
        let zone = TimeZone::get(zone).unwrap();
        let as_of = AsOf::new(now.parse().unwrap(), &zone, None);
        as_of.settle(period.parse().unwrap(), Some(value), Status::Provisional, None).word()
    }

    #[test]
    fn a_day_ends_in_the_publishers_zone() {
        for (now, zone, value, status) in [
            ("2022-03-29T23:59:59Z", "UTC", 5.0, "partial"),
            ("2022-03-30T00:00:00Z", "UTC", 5.0, "provisional"),
            ("2022-03-30T04:59:59Z", "America/Panama", 5.0, "partial"),
            ("2022-03-30T05:00:00Z", "America/Panama", 5.0, "provisional"),
            ("2022-03-30T04:59:59Z", "America/Panama", 0.0, "filler"),
            ("2022-03-30T05:00:00Z", "America/Panama", 0.0, "provisional"),
            ("2022-03-29T14:59:59Z", "Asia/Tokyo", 5.0, "partial"),
            ("2022-03-29T15:00:00Z", "Asia/Tokyo", 5.0, "provisional"),
            ("2022-03-28T23:00:00Z", "UTC", 5.0, "invalid"),
            ("2022-03-28T23:00:00Z", "UTC", 0.0, "filler"),
            ("2022-03-30T12:00:00Z", "UTC", -5.0, "invalid"),
        ] {
            assert_eq!(settle(now, zone, "2022-03-29", value), status, "{now} {zone} {value}");
        }
    }

    #[test]
    fn what_a_report_had_not_reached_is_filler() {
        let zone = TimeZone::UTC;
        let as_of = AsOf::new("2022-05-01T00:00:00Z".parse().unwrap(), &zone, None);
        let stated = Some("2022-04-16T00:00:00Z".parse().unwrap());
        let settle = |period: &str, value| as_of.settle(period.parse().unwrap(), Some(value), Status::Closed, stated);
        assert_eq!(settle("2022-04-15", 0.0), Status::Closed);
        assert_eq!(settle("2022-04-16", 0.0), Status::Filler);
        assert_eq!(settle("2022-04", 7.0), Status::Partial);
        assert_eq!(settle("2022-04-20", 7.0), Status::Invalid);
    }

    #[test]
    fn zeros_beyond_the_reach_of_a_fiscal_table_are_filler() {
        let zone = TimeZone::UTC;
        let as_of = AsOf::new("2022-04-20T00:00:00Z".parse().unwrap(), &zone, Some(Date::constant(2022, 2, 1)));
        let settle = |period: &str, value| as_of.settle(period.parse().unwrap(), Some(value), Status::Closed, None);
        assert_eq!(settle("2022-02", 0.0), Status::Closed);
        assert_eq!(settle("2022-03", 0.0), Status::Filler);
        assert_eq!(settle("2022-03", 3.0), Status::Closed);
    }
}
