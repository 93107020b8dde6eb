//! Hosts are spared: one request at a time, and a pause after each. By the time that runs, not by the clock, which people set.

use jiff::SignedDuration;
use std::collections::{HashSet, VecDeque};

/// How the names of those begin that are no host: files, programs, recorded replies.
pub const ON_THIS_MACHINE: &str = "feed ";

/// Which hosts are being asked, and which were just now.
#[derive(Debug)]
pub struct Hosts {
    pause: SignedDuration,
    asked: HashSet<String>,
    resting: HashSet<String>,
    /// When each pause ends; the next one first, since all are equally long.
    pauses: VecDeque<(SignedDuration, String)>,
}

impl Hosts {
    /// With a pause between two requests.
    pub fn new(pause: SignedDuration) -> Self {
        Self { pause, asked: HashSet::new(), resting: HashSet::new(), pauses: VecDeque::new() }
    }

    /// Takes a host, if it is free.
    pub fn take(&mut self, host: &str, running: SignedDuration) -> bool {
        self.wake(running);
        !self.resting.contains(host) && self.asked.insert(host.to_owned())
    }

    /// Gives a host back: its pause begins. What is on this machine needs none.
    pub fn release(&mut self, host: &str, running: SignedDuration) {
        self.asked.remove(host);
        if !host.starts_with(ON_THIS_MACHINE) && self.resting.insert(host.to_owned()) {
            self.pauses.push_back((running.saturating_add(self.pause), host.to_owned()));
        }
    }

    /// Gives all back at once: nobody is asked any more.
    pub fn release_all(&mut self) {
        self.asked.clear();
        self.resting.clear();
        self.pauses.clear();
    }

    /// How long until the next pause ends.
    pub fn next_free(&self, running: SignedDuration) -> Option<SignedDuration> {
        self.pauses.iter().map(|(end, _)| *end).find(|end| *end > running).map(|end| end - running)
    }

    /// Forgets the pauses that are over.
    fn wake(&mut self, running: SignedDuration) {
        while let Some((_, host)) = self.pauses.pop_front_if(|(end, _)| *end <= running) {
            self.resting.remove(&host);
        }
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
        assert!(hosts.take("c", at(200)) && hosts.pauses.len() == 1, "the pause of a is forgotten");
        assert_eq!(hosts.next_free(at(200)), Some(at(1)));
        assert!(!hosts.take("b", at(200)) && hosts.take("b", at(201)));
    }
}
