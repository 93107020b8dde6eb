//! What polls gave and the store has not taken yet. Bounded: of each feed one standing, one body, and so many facts in all.

use crate::domain::feed::{FeedId, FeedMemory};
use crate::store::{Body, Check, Haul};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::Arc;

/// The most facts that wait: some tens of megabytes.
const MOST: usize = 200_000;

/// What polls gave waits this long for more, so that a refresh of a thousand feeds is a commit or two and not a thousand.
const GATHER: SignedDuration = SignedDuration::from_millis(400);
/// So many facts wait for no more: each takes half a kilobyte to one, and the store can write while others come.
const MUCH: usize = 8_000;

/// Checks that wait to be written, oldest first.
#[derive(Debug, Default)]
pub struct Backlog {
    checks: Arc<Vec<Check>>,
    /// How many facts they brought.
    facts: usize,
    /// Since when the oldest waits, as time runs.
    since: Option<SignedDuration>,
    /// Where the newest of each feed stands.
    places: HashMap<FeedId, usize>,
}

/// How much a check brought.
fn facts(haul: Option<&Haul>) -> usize {
    haul.map_or(0, Haul::facts)
}

impl Backlog {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }

    /// How many replies wait that brought something.
    pub fn replies(&self) -> usize {
        self.checks.iter().filter(|check| check.haul.is_some()).count()
    }

    /// How many facts wait.
    #[cfg(test)]
    const fn facts(&self) -> usize {
        self.facts
    }

    /// Whether so much waits that it should be written before more comes.
    pub const fn is_much(&self) -> bool {
        self.facts >= MUCH
    }

    /// How long until it has waited long enough for more; `None` where nothing waits.
    pub fn ripe_in(&self, running: SignedDuration) -> Option<SignedDuration> {
        Some((self.since? + GATHER - running).max(SignedDuration::ZERO))
    }

    /// What waits, to be written.
    pub fn checks(&self) -> Arc<Vec<Check>> {
        self.checks.clone()
    }

    /// Forgets all of it: it is written, or somebody else collects by now.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts checks behind what waits. A check that brought nothing takes the place of its feed's last one; a new body that of the old.
    /// Gives the feeds whose oldest reply had to be given up: there is no room for it.
    pub fn push(&mut self, more: Vec<Check>, running: SignedDuration) -> Vec<FeedId> {
        if !more.is_empty() {
            self.since.get_or_insert(running);
        }
        let checks = Arc::make_mut(&mut self.checks);
        for check in more {
            let feed = check.health.feed.clone();
            self.facts += facts(check.haul.as_ref());
            let place = self.places.get(&feed).copied();
            if check.body != Body::AsIs && place.is_some() {
                let older = checks.iter_mut().filter(|old| old.health.feed == feed);
                older.for_each(|old| old.body = Body::AsIs);
            }
            match place.map(|place| &mut checks[place]) {
                Some(old) if check.haul.is_none() || old.haul.is_none() => {
                    (old.health, old.memory) = (check.health, check.memory);
                    old.haul = check.haul.or_else(|| old.haul.take());
                    if check.body != Body::AsIs {
                        old.body = check.body;
                    }
                }
                _ => {
                    self.places.insert(feed, checks.len());
                    checks.push(check);
                }
            }
        }
        let mut given_up = Vec::new();
        while self.facts > MOST {
            // The newest is kept however large it is: it alone is bounded by what a reply may have.
            let Some(oldest) = checks.iter().position(|check| check.haul.is_some()) else { break };
            if oldest + 1 == checks.len() {
                break;
            }
            let feed = checks[oldest].health.feed.clone();
            self.facts -= facts(checks[oldest].haul.take().as_ref());
            if checks[oldest + 1..].iter().any(|later| later.health.feed == feed) {
                checks.remove(oldest);
                let places = checks.iter().enumerate();
                self.places = places.map(|(place, check)| (check.health.feed.clone(), place)).collect();
            } else {
                // How the feed stands is told all the same; what it said has to come again.
                (checks[oldest].memory, checks[oldest].body) = (FeedMemory::default(), Body::AsIs);
            }
            given_up.push(feed);
        }
        given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::FeedHealth;
    use crate::domain::headline::Item;
    use crate::domain::observation::{Known, KnownHow};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn check(feed: u8, failures: u32, items: Option<usize>) -> Check {
        let at = Timestamp::UNIX_EPOCH;
        let haul = items.map(|items| Haul {
            reply_hash: String::new(),
            mapping_hash: String::new(),
            known: Known { at, how: KnownHow::Seen },
            taken: at,
            observations: Vec::new(),
            items: vec![Item::default(); items],
        });
        let health = FeedHealth { failures, ..FeedHealth::unasked(FeedId::new(&feed.to_string())) };
        Check { health, memory: FeedMemory::default(), haul, body: Body::AsIs }
    }

    #[test]
    fn a_check_that_brought_nothing_takes_the_place_of_the_last_one_of_its_feed() {
        let mut backlog = Backlog::default();
        backlog.push(vec![check(1, 0, Some(2)), check(2, 0, None)], SignedDuration::ZERO);
        backlog.push(vec![check(1, 3, None), check(2, 4, None)], SignedDuration::ZERO);
        let waits: Vec<_> =
            backlog.checks().iter().map(|check| (check.health.failures, facts(check.haul.as_ref()))).collect();
        assert_eq!((waits, backlog.replies()), (vec![(3, 2), (4, 0)], 1));
    }

    proptest! {
        #[test]
        fn it_never_holds_more_than_it_may_and_the_newest_of_each_feed_is_there(
            pushes in prop::collection::vec((0_u8..3, prop::option::of(0_usize..90_000)), 1..30),
        ) {
            let mut backlog = Backlog::default();
            let mut last = std::collections::BTreeMap::new();
            for (at, (feed, items)) in pushes.into_iter().enumerate() {
                let failures = u32::try_from(at).unwrap();
                last.insert(feed.to_string(), failures);
                backlog.push(vec![check(feed, failures, items)], SignedDuration::ZERO);
                let held: usize = backlog.checks().iter().map(|check| facts(check.haul.as_ref())).sum();
                prop_assert!(held <= MOST && held == backlog.facts());
            }
            for (feed, failures) in last {
                let newest = backlog.checks().iter().rfind(|check| check.health.feed.as_str() == feed).map(|check| check.health.failures);
                prop_assert_eq!(newest, Some(failures));
            }
        }
    }
}
