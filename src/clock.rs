//! The only file that reads a clock. `System` is the machine's; `Simulated` stands still until it is
//! moved, which is how the sample, a replay and the tests run.

#![expect(clippy::disallowed_methods, reason = "this is the file that the ban points to")]

use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// A wait that can be boxed and kept.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The instant.
    fn now(&self) -> Timestamp;

    /// Waits until an instant has come; at once where it has. Ends early where the clock was set back meanwhile: look again.
    fn sleep_until(&self, at: Timestamp) -> Wait;

    /// Time since the clock was made, never going back: for measuring how long something took.
    fn running(&self) -> SignedDuration;
}

/// The machine's clock.
#[derive(Clone, Debug)]
pub struct System {
    start: Instant,
}

impl System {
    /// Starts measuring now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> Wait {
        // A long wait is cut in pieces, so that a wall clock that was set, or a machine that slept, is noticed within a minute.
        let step = |left: SignedDuration| left.clamp(SignedDuration::ZERO, SignedDuration::from_mins(1));
        Box::pin(async move {
            loop {
                let left = Timestamp::now().duration_until(at);
                if left <= SignedDuration::ZERO {
                    return;
                }
                tokio::time::sleep(step(left).unsigned_abs()).await;
                // Set back: whoever waits has to look again, since the wait would be longer than was meant.
                if Timestamp::now().duration_until(at) > left {
                    return;
                }
            }
        })
    }

    fn running(&self) -> SignedDuration {
        SignedDuration::try_from(self.start.elapsed()).unwrap_or(SignedDuration::MAX)
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct Simulated {
    start: Timestamp,
    now: Arc<watch::Sender<Timestamp>>,
}

impl Simulated {
    /// Stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self { start, now: Arc::new(watch::channel(start).0) }
    }

    /// Moves to an instant; back too, since a replay can begin again.
    pub fn set(&self, at: Timestamp) {
        self.now.send_replace(at);
    }
}

impl Clock for Simulated {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> Wait {
        let mut moved = self.now.subscribe();
        let own = self.clone();
        Box::pin(async move {
            // The sender lives in `own`, so the wait can end only by the clock reaching the instant.
            let _ = moved.wait_for(|now| *now >= at).await;
            drop(own);
        })
    }

    fn running(&self) -> SignedDuration {
        self.now().duration_since(self.start)
    }
}

/// Waits real time: for what happens in front of people, such as the pace of a replay.
pub fn pause(length: SignedDuration) -> Wait {
    Box::pin(tokio::time::sleep(length.max(SignedDuration::ZERO).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_simulated_clock_wakes_those_who_wait_for_its_instant() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let clock = Simulated::new(at(0));
        let waiting = tokio::spawn(clock.sleep_until(at(60)));
        clock.set(at(59));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.set(at(60));
        waiting.await.unwrap();
        assert_eq!(clock.running(), SignedDuration::from_secs(60));
        clock.sleep_until(at(10)).await;
    }

    #[tokio::test]
    async fn the_system_clock_does_not_wait_for_the_past() {
        let clock = System::new();
        clock.sleep_until(Timestamp::UNIX_EPOCH).await;
        assert!(clock.running() >= SignedDuration::ZERO);
    }
}
