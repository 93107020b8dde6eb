//! When a feed is next due: its interval, backing off after failures, later where the server asks
//! for it, and spread by a seed so that feeds do not all call at once.

use jiff::{SignedDuration, Timestamp};

/// What the last check of a feed gave, as far as the next due time depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A good answer.
    Good,
    /// The first good answer of all: the next comes early, anywhere in the interval, so that feeds that began together go their own ways.
    First,
    /// The n-th failure in a row, n from 1.
    Failed {
        /// How many failures in a row.
        failures: u32,
        /// Whether it answered and wants something else of us: it is asked no sooner than if all were well, and then more and more
        /// seldom. Where nobody answered, the first tries come soon.
        told_off: bool,
    },
}

/// No back-off is longer than this, so that a feed that comes back is noticed the same day.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);
/// What our own back-off adds to what a server asks for, at most.
const ON_TOP: SignedDuration = SignedDuration::from_hours(1);
/// What a server asks for with `Retry-After` is honoured up to this.
pub const LONGEST_REQUEST: SignedDuration = SignedDuration::from_hours(24);

/// What a source says of when it wants to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Not before (`Retry-After`); honoured up to a day.
    pub not_before: Option<Timestamp>,
    /// Until when its answer holds; honoured up to [`LONGEST_WAIT`].
    pub fresh_until: Option<Timestamp>,
    /// The hours of the day (UTC, a bit each) in which it does not change; honoured up to [`LONGEST_WAIT`].
    pub skip_hours: u32,
}

/// When the feed is next due. A good answer: one interval, up to a tenth later by `seed`. After failures the wait starts
/// at a quarter of the interval (at least 10 s; where it told us off, the whole), doubles each time, and never exceeds the larger of
/// the interval and [`LONGEST_WAIT`]. Later where the source wishes so.
pub fn next_due(now: Timestamp, every: SignedDuration, outcome: Outcome, wishes: Wishes, seed: u64) -> Timestamp {
    let part = |of: SignedDuration| SignedDuration::from_millis_i128(of.as_millis() * i128::from(seed % 1000) / 1000);
    let wait = match outcome {
        Outcome::Good => every.saturating_add(part(every / 10)),
        Outcome::First => (every / 2).saturating_add(part(every / 2)),
        Outcome::Failed { failures, told_off } => {
            let quarter = (every / 4).max(SignedDuration::from_secs(10)).min(every);
            let start = if told_off { every } else { quarter };
            let times = if told_off { failures } else { failures.saturating_sub(1) };
            let wait = start.saturating_mul(1 << times.min(20)).min(every.max(LONGEST_WAIT));
            wait.saturating_add(part(wait / 10))
        }
    };
    let due = later(now, wait);
    let fresh = wishes.fresh_until.map_or(due, |until| due.max(until.min(later(now, LONGEST_WAIT))));
    let awake = awake(fresh, wishes.skip_hours).min(later(now, LONGEST_WAIT)).max(fresh);
    let Some(asked) = wishes.not_before.map(|asked| asked.min(later(now, LONGEST_REQUEST))) else { return awake };
    match outcome {
        // Whoever asks for time gets some of our own waiting on top: not all of us come back at that very moment, and ever more seldom.
        Outcome::Failed { .. } => awake.max(later(asked, wait.min(ON_TOP))),
        Outcome::Good | Outcome::First => awake.max(asked),
    }
}

/// The first instant from one on whose hour (UTC) is not skipped.
fn awake(from: Timestamp, skip_hours: u32) -> Timestamp {
    let hour = |at: Timestamp| at.as_second().div_euclid(3_600);
    let skipped = |at: Timestamp| skip_hours >> hour(at).rem_euclid(24) & 1 == 1;
    let mut at = from;
    for _ in 0..24 {
        if !skipped(at) {
            return at;
        }
        at = Timestamp::from_second((hour(at) + 1) * 3_600).unwrap_or(Timestamp::MAX);
    }
    from
}

/// A seed for [`next_due`] from a name and a count: the same for the same, spread otherwise (FNV-1a).
pub fn seed(name: &str, count: u64) -> u64 {
    name.bytes()
        .chain(count.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        >> 11
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn failures_back_off_and_stop_growing() {
        let every = SignedDuration::from_mins(5);
        let wait = |failures| {
            next_due(at(0), every, Outcome::Failed { failures, told_off: false }, Wishes::default(), 0).as_second()
        };
        assert_eq!([wait(1), wait(2), wait(3), wait(4)], [75, 150, 300, 600]);
        assert_eq!(wait(40), 6 * 3600);
        let slow = SignedDuration::from_hours(24);
        let failed = Outcome::Failed { failures: 9, told_off: false };
        assert_eq!(next_due(at(0), slow, failed, Wishes::default(), 0).as_second(), 86_400);
        let told_off = |failures| {
            next_due(at(0), every, Outcome::Failed { failures, told_off: true }, Wishes::default(), 0).as_second()
        };
        assert_eq!([told_off(1), told_off(2), told_off(3)], [600, 1200, 2400], "never sooner than if all were well");
        assert_eq!(told_off(u32::MAX), 6 * 3600);
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_ever() {
        let every = SignedDuration::from_mins(5);
        let with = |wishes| next_due(at(0), every, Outcome::Good, wishes, 0).as_second();
        let asked = |second| with(Wishes { not_before: Some(at(second)), ..Wishes::default() });
        assert_eq!(asked(60), 300);
        assert_eq!(asked(3600), 3600);
        assert_eq!(asked(10_000_000), 86_400);
        let failed = |failures| {
            let wishes = Wishes { not_before: Some(at(30)), ..Wishes::default() };
            next_due(at(0), SignedDuration::from_secs(3), Outcome::Failed { failures, told_off: true }, wishes, 0)
                .as_second()
        };
        assert_eq!([failed(1), failed(2), failed(3)], [36, 42, 54], "our own waiting comes on top");
        let fresh = |second| with(Wishes { fresh_until: Some(at(second)), ..Wishes::default() });
        assert_eq!([fresh(20), fresh(3_600), fresh(1_000_000)], [300, 3_600, 6 * 3_600]);
        let skip = |skip_hours| with(Wishes { skip_hours, ..Wishes::default() });
        assert_eq!([skip(0b1), skip(0b10), skip(0b111), skip(0xff_ffff)], [3_600, 300, 3 * 3_600, 300]);
    }

    #[test]
    fn feeds_that_began_together_go_their_own_ways() {
        let every = SignedDuration::from_mins(10);
        let mut dues: Vec<i64> = (0..1_000)
            .map(|number| {
                let seed = seed(&format!("feed-{number}"), 7);
                next_due(at(0), every, Outcome::First, Wishes::default(), seed).as_second()
            })
            .collect();
        dues.sort_unstable();
        assert!(dues[0] >= 300 && dues[999] <= 600);
        for minute in 5..10 {
            let within = dues.iter().filter(|due| (minute * 60..(minute + 1) * 60).contains(*due)).count();
            assert!((120..280).contains(&within), "{within} in minute {minute}");
        }
    }

    proptest! {
        #[test]
        fn due_lies_ahead_and_within_a_tenth(every in 1_i64..100_000, seed in any::<u64>()) {
            let due = next_due(at(0), SignedDuration::from_secs(every), Outcome::Good, Wishes::default(), seed);
            prop_assert!(due >= at(every) && due.as_second() <= every + every / 10 + 1);
        }
    }
}
