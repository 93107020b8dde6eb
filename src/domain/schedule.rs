//! When a feed is next due: its interval, backing off after failures, later where the server asks
//! for it, and spread by a seed so that feeds do not all call at once.

use jiff::{SignedDuration, Timestamp};

/// What the last check of a feed gave, as far as the next due time depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A good answer.
    Good,
    /// The n-th failure in a row, n from 1.
    Failed {
        /// How many failures in a row.
        failures: u32,
    },
}

/// No back-off is longer than this, so that a feed that comes back is noticed the same day.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// When the feed is next due. A good answer: one interval, up to a tenth later by `seed`. After failures the wait starts
/// at a quarter of the interval (at least 10 s), doubles each time, and never exceeds the larger of the interval and
/// [`LONGEST_WAIT`]. `not_before` is what the server asked for (Retry-After); it is honoured up to a day.
pub fn next_due(
    now: Timestamp,
    every: SignedDuration,
    outcome: Outcome,
    not_before: Option<Timestamp>,
    seed: u64,
) -> Timestamp {
    let wait = match outcome {
        Outcome::Good => every,
        Outcome::Failed { failures } => {
            let start = (every / 4).max(SignedDuration::from_secs(10)).min(every);
            let doubled = start.saturating_mul(1 << failures.saturating_sub(1).min(20));
            doubled.min(every.max(LONGEST_WAIT))
        }
    };
    let spread = SignedDuration::from_millis_i128(wait.as_millis() / 10 * i128::from(seed % 1000) / 1000);
    let due = later(now, wait.saturating_add(spread));
    match not_before {
        Some(asked) => due.max(asked.min(later(now, SignedDuration::from_hours(24)))),
        None => due,
    }
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
        let wait = |failures| next_due(at(0), every, Outcome::Failed { failures }, None, 0).as_second();
        assert_eq!([wait(1), wait(2), wait(3), wait(4)], [75, 150, 300, 600]);
        assert_eq!(wait(40), 6 * 3600);
        let slow = SignedDuration::from_hours(24);
        assert_eq!(next_due(at(0), slow, Outcome::Failed { failures: 9 }, None, 0).as_second(), 86_400);
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_ever() {
        let every = SignedDuration::from_mins(5);
        let asked = |second| next_due(at(0), every, Outcome::Good, Some(at(second)), 0).as_second();
        assert_eq!(asked(60), 300);
        assert_eq!(asked(3600), 3600);
        assert_eq!(asked(10_000_000), 86_400);
    }

    proptest! {
        #[test]
        fn due_lies_ahead_and_within_a_tenth(every in 1_i64..100_000, seed in any::<u64>()) {
            let due = next_due(at(0), SignedDuration::from_secs(every), Outcome::Good, None, seed);
            prop_assert!(due >= at(every) && due.as_second() <= every + every / 10 + 1);
        }
    }
}
