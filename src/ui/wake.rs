//! When the screen would next change by itself. An idle wall sends nothing until then.

use super::model::Model;
use super::panels::countdown;
use jiff::Timestamp;

/// The next instant at which something visible changes with no input: the next minute, since the header shows minutes; the
/// next second while a clock that shows seconds is in sight; a feed's turn to stale. A replay's time comes with its
/// pictures: for it, never.
pub fn next_change(model: &Model, now: Timestamp) -> Timestamp {
    if model.picture.mode.replay().is_some() {
        return Timestamp::MAX;
    }
    let tick = if countdown::shows_seconds(model) { next(now, 1) } else { next(now, 60) };
    let stale = model.picture.catalog.feeds.iter().filter_map(|feed| {
        let health = model.picture.facts.health.get(&feed.id)?;
        feed.turns_stale(health).filter(|at| *at > now)
    });
    stale.fold(tick, Timestamp::min)
}

/// The next whole number of so many seconds.
fn next(now: Timestamp, seconds: i64) -> Timestamp {
    // Floors also before 1970, and where the instant is not a whole second.
    let whole = now.as_nanosecond().div_euclid(1_000_000_000 * i128::from(seconds)) + 1;
    i64::try_from(whole)
        .ok()
        .and_then(|whole| whole.checked_mul(seconds))
        .and_then(|second| Timestamp::from_second(second).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::message::Page;
    use super::super::testing::{at, spring};
    use super::*;

    #[test]
    fn an_idle_screen_wakes_once_a_minute() {
        let model = spring().screen(120, 40);
        assert_eq!(next_change(&model, at("2022-04-18T21:00:00Z")), at("2022-04-18T21:01:00Z"));
        assert_eq!(next_change(&model, at("2022-04-18T21:00:59.999Z")), at("2022-04-18T21:01:00Z"));
    }

    #[test]
    fn a_feed_that_turns_stale_is_noticed_then() {
        let model = spring().screen(120, 40);
        // Frontex was last good at 16:10; twice six hours and thirty seconds.
        assert_eq!(next_change(&model, at("2022-04-19T04:10:05Z")), at("2022-04-19T04:10:30Z"));
    }

    #[test]
    fn seconds_are_waited_for_only_where_they_are_shown() {
        let last_hour = spring().later("2022-05-23T03:30:00.250Z");
        let now = at("2022-05-23T03:30:00.250Z");
        let wide = last_hour.screen(120, 40);
        assert_eq!(next_change(&wide, now), at("2022-05-23T03:31:00Z"), "big digits never show them");
        let mut dates = last_hour.screen(120, 40);
        dates.page = Page::Dates;
        assert_eq!(next_change(&dates, now), at("2022-05-23T03:30:01Z"));
        let mut narrow = last_hour.screen(80, 24);
        narrow.page = Page::Dates;
        assert_eq!(next_change(&narrow, now), at("2022-05-23T03:31:00Z"), "a narrow screen does without");
    }

    #[test]
    fn a_replay_waits_for_its_pictures() {
        let model = spring().sampled(|_| {}).screen(120, 40);
        assert_eq!(next_change(&model, model.now), Timestamp::MAX);
    }
}
