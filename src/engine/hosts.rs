//! Hosts are spared: one request at a time, and a pause after each. By the time that runs, not by the clock, which people set.

use jiff::SignedDuration;
use std::collections::BTreeMap;

/// How the names of those begin that are no host: files, programs, recorded replies.
pub const ON_THIS_MACHINE: &str = "feed ";

/// Which hosts are being asked, and which were just now.
#[derive(Debug)]
pub struct Hosts {
    pause: SignedDuration,
    /// When a host may be asked again; `None` while it is.
    free: BTreeMap<String, Option<SignedDuration>>,
}

impl Hosts {
    /// With a pause between two requests.
    pub const fn new(pause: SignedDuration) -> Self {
        Self { pause, free: BTreeMap::new() }
    }

    /// Takes a host, if it is free.
    pub fn take(&mut self, host: &str, running: SignedDuration) -> bool {
        match self.free.get(host) {
            Some(None) => false,
            Some(Some(from)) if *from > running => false,
            _ => {
                self.free.insert(host.to_owned(), None);
                true
            }
        }
    }

    /// Gives a host back: its pause begins. What is on this machine needs none.
    pub fn release(&mut self, host: &str, running: SignedDuration) {
        if host.starts_with(ON_THIS_MACHINE) {
            self.free.remove(host);
            return;
        }
        // Hosts whose pause is long over are forgotten, so that the list stays as short as it has to be.
        self.free.retain(|_, free| free.is_none_or(|from| from > running));
        self.free.insert(host.to_owned(), Some(running.saturating_add(self.pause)));
    }

    /// Gives all back at once: nobody is asked any more.
    pub fn release_all(&mut self) {
        self.free.clear();
    }

    /// How long until the next pause ends.
    pub fn next_free(&self, running: SignedDuration) -> Option<SignedDuration> {
        self.free.values().flatten().filter(|from| **from > running).min().map(|from| *from - running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_asked_once_at_a_time_and_rests_after_it() {
        let at = SignedDuration::from_secs;
        let mut hosts = Hosts::new(at(1));
        assert!(hosts.take("a", at(0)) && hosts.take("b", at(0)));
        assert!(!hosts.take("a", at(100)), "it has not answered yet");
        hosts.release("a", at(100));
        assert!(!hosts.take("a", at(100)));
        assert_eq!(hosts.next_free(at(100)), Some(at(1)));
        assert!(hosts.take("a", at(101)));
        hosts.release("a", at(102));
        hosts.release("b", at(200));
        assert_eq!(hosts.free.len(), 1, "a is forgotten");
    }
}
