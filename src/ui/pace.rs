//! The pace of frames: what a person did is shown at once, what changes by itself at most once in 33 ms, and nothing
//! where nothing changed. Only lengths of time, no clock: a machine whose clock is set keeps its pace.

use std::future::{Future, pending};
use std::pin::Pin;
use std::time::Duration;

/// Between two frames of what changes by itself.
const APART: Duration = Duration::from_millis(33);
/// Between two frames of what a person does: a held key or a wheel must not outrun the terminal.
const AT_HAND: Duration = Duration::from_millis(8);

/// A wait that was begun.
pub type Wait = Pin<Box<dyn Future<Output = ()>>>;

/// Whether a frame is due, and what holds it back.
pub struct Pace {
    wait: fn(Duration) -> Wait,
    changed: bool,
    by_hand: bool,
    at_hand: Option<Wait>,
    apart: Option<Wait>,
}

impl Pace {
    /// Nothing was drawn yet; `wait` is how real time is waited for.
    pub const fn new(wait: fn(Duration) -> Wait) -> Self {
        Self { wait, changed: false, by_hand: false, at_hand: None, apart: None }
    }

    /// Something visible may have changed; `by_hand` if a person did it.
    pub const fn changed(&mut self, by_hand: bool) {
        self.changed = true;
        self.by_hand |= by_hand;
    }

    /// Whether a frame may be drawn now.
    pub const fn is_open(&self) -> bool {
        self.changed && (self.apart.is_none() || (self.by_hand && self.at_hand.is_none()))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self) {
        (self.changed, self.by_hand) = (false, false);
        self.at_hand = Some((self.wait)(AT_HAND));
        self.apart = Some((self.wait)(APART));
    }

    /// Returns when what holds a frame back has passed; never while no frame is held back. May be dropped and called
    /// again.
    pub async fn passes(&mut self) {
        let holds = if self.by_hand { &mut self.at_hand } else { &mut self.apart };
        match holds {
            Some(wait) if self.changed => {
                wait.await;
                *holds = None;
            }
            _ => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon(_: Duration) -> Wait {
        Box::pin(std::future::ready(()))
    }

    #[tokio::test]
    async fn a_frame_is_due_when_something_changed_and_the_last_is_long_enough_ago() {
        let mut pace = Pace::new(soon);
        assert!(!pace.is_open(), "nothing changed");
        pace.changed(false);
        assert!(pace.is_open(), "no frame holds it back");
        pace.drawn();
        pace.changed(false);
        assert!(!pace.is_open());
        pace.passes().await;
        assert!(pace.is_open());
        pace.drawn();
        pace.changed(false);
        pace.changed(true);
        pace.passes().await;
        assert!(pace.is_open() && pace.apart.is_some(), "what a person did does not wait for the rest");
    }
}
