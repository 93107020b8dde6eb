//! What polls tell of this machine: whether its network is away, and whether its clock goes as time does.

use crate::domain::feed::FeedId;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Nobody reached for so long, while several were asked: it is the network and not they.
const SILENCE: SignedDuration = SignedDuration::from_mins(1);

/// Who could not be reached, since anybody was.
#[derive(Debug, Default)]
pub struct Network {
    away: BTreeSet<FeedId>,
    reached: Option<SignedDuration>,
}

impl Network {
    /// Nobody answered for this feed.
    pub fn away(&mut self, feed: &FeedId) {
        self.away.insert(feed.clone());
    }

    /// Somebody answered for this feed. Whether the network was away and is back: nobody had answered for a while, this one had not,
    /// and others had not either.
    pub fn reached(&mut self, feed: &FeedId, running: SignedDuration) -> bool {
        let silent = self.reached.replace(running).is_none_or(|last| running - last > SILENCE);
        self.away.remove(feed) && silent && !self.away.is_empty()
    }

    /// Those that nobody answered for, once.
    pub fn take_away(&mut self) -> Vec<FeedId> {
        std::mem::take(&mut self.away).into_iter().collect()
    }
}

/// Two clocks side by side: the one that people set, and the one that only goes on while the machine is awake.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    wall: Timestamp,
    running: SignedDuration,
}

impl Beat {
    /// From here on.
    pub const fn new(wall: Timestamp, running: SignedDuration) -> Self {
        Self { wall, running }
    }

    /// By how much the wall clock went another way than time, since the last look; `None` where it did not.
    pub fn jump(&mut self, wall: Timestamp, running: SignedDuration) -> Option<SignedDuration> {
        let jump = wall.duration_since(self.wall) - (running - self.running);
        *self = Self { wall, running };
        (jump.abs() > super::collector::JUMP).then_some(jump)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> SignedDuration {
        SignedDuration::from_secs(second)
    }

    #[test]
    fn the_network_is_back_when_one_answers_after_a_silence_of_several() {
        let [a, b, c] = ["a", "b", "c"].map(FeedId::new);
        let mut network = Network::default();
        assert!(!network.reached(&a, at(0)));
        for feed in [&a, &b, &c] {
            network.away(feed);
        }
        assert!(network.reached(&b, at(100)));
        assert_eq!(network.take_away(), [a.clone(), c.clone()]);
        // One server is away while others answer: that is its own trouble.
        network.away(&c);
        assert!(!network.reached(&a, at(110)) && !network.reached(&c, at(120)));
        network.away(&a);
        network.away(&c);
        assert!(!network.reached(&b, at(300)), "it was never away itself");
    }

    #[test]
    fn a_clock_that_jumps_is_noticed_and_time_that_passes_is_not() {
        let wall = |second| Timestamp::from_second(second).unwrap();
        let mut beat = Beat::new(wall(1_000), at(0));
        assert_eq!(beat.jump(wall(5_000), at(4_000)), None);
        assert_eq!(beat.jump(wall(5_003), at(4_001)), None);
        assert_eq!(beat.jump(wall(40_003), at(4_001)), Some(at(35_000)), "a night");
        assert_eq!(beat.jump(wall(3), at(4_001)), Some(at(-40_000)));
    }
}
