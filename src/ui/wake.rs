//! When the screen would next change by itself. An idle wall sends nothing until then.

use super::model::Model;
use crate::domain::policy_date::Clock;
use jiff::{SignedDuration, Timestamp};

/// The next instant at which something visible changes with no input; far away for a replay, whose time comes with its
/// pictures.
pub fn next_change(model: &Model, now: Timestamp) -> Timestamp {
    if model.picture.mode.replay().is_some() {
        return model.toast.as_ref().map_or(Timestamp::MAX, |(_, until)| *until).max(now);
    }
    let mut next = next_minute(now);
    if shows_seconds(model) {
        next = next.min(next_second(now));
    }
    let stale = model.picture.catalog.feeds.iter().filter_map(|feed| {
        let health = model.picture.facts.health.get(&feed.id)?;
        feed.turns_stale(health).filter(|at| *at > now)
    });
    let toast = model.toast.as_ref().map(|(_, until)| *until).filter(|at| *at > now);
    stale.chain(toast).fold(next, Timestamp::min)
}

/// Only a clock in its last hour shows seconds.
fn shows_seconds(model: &Model) -> bool {
    let last_hour = |length: SignedDuration| length < SignedDuration::from_hours(1);
    model.picture.policy_dates(model.now).iter().any(|(_, standing)| match standing.clock {
        Clock::Until(left) => last_hour(left),
        Clock::Since { ago, .. } => last_hour(ago),
        Clock::Held(_) | Clock::Open => false,
    })
}

fn next_minute(now: Timestamp) -> Timestamp {
    Timestamp::from_second((now.as_second().div_euclid(60) + 1) * 60).unwrap_or(Timestamp::MAX)
}

fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_millisecond().div_euclid(1000) + 1).unwrap_or(Timestamp::MAX)
}
