//! Publications: when the figure after the newest complete one of a series is expected, and from when on it is overdue.

use super::route::SeriesSpec;
use super::series::Series;
use super::time::Period;
use jiff::{SignedDuration, Timestamp};

/// The next figure of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The period after the newest complete one.
    pub period: Period,
    /// Its end and the expected lag.
    pub expected: Timestamp,
    /// From then on it is overdue: a grace of half a period later, at least a day.
    pub overdue: Timestamp,
}

impl Publication {
    /// The next figure of a series; `None` where it has no complete one yet, or where that lies beyond all time.
    pub fn next(series: &Series, spec: &SeriesSpec) -> Option<Self> {
        let period = series.last_complete()?.period.next();
        let day = SignedDuration::from_hours(24);
        let lag = spec.lag.unwrap_or_else(|| SignedDuration::from_hours(24 * period.cadence().usual_lag_days()));
        let grace = SignedDuration::from_hours(12 * period.days()).max(day);
        let expected = period.end_instant(&spec.zone).saturating_add(lag).ok()?;
        Some(Self { period, expected, overdue: expected.saturating_add(grace).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
    use crate::domain::route::SeriesId;
    use crate::domain::time::Cadence;

    #[test]
    fn a_month_is_expected_after_its_lag_and_overdue_half_a_month_later() {
        let id = SeriesId { route: "south".into(), measure: "persons".into(), cadence: Cadence::Month };
        let (mut series, mut spec) = (Series::new(id.clone()), SeriesSpec::plain(id.clone()));
        assert_eq!(Publication::next(&series, &spec), None);
        let period = "2022-02".parse().unwrap();
        let observation = Observation { series: id, period, value: Some(1.0), status: Status::Closed, published: None };
        let known = Known { at: Timestamp::UNIX_EPOCH, how: KnownHow::Seen };
        series.insert(&Vintage { observation, known, batch: BatchId(1) });
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let next = Publication::next(&series, &spec).unwrap();
        assert_eq!(next.period, "2022-03".parse().unwrap());
        assert_eq!((next.expected, next.overdue), (at("2022-05-16T00:00:00Z"), at("2022-05-31T12:00:00Z")));
        spec.lag = Some(SignedDuration::from_hours(24));
        assert_eq!(Publication::next(&series, &spec).unwrap().expected, at("2022-04-02T00:00:00Z"));
    }
}
