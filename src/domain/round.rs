//! A round: what became of the feeds that were to be asked once.

use super::feed::FeedId;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What became of each feed of a round.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Round {
    /// Those that answered, or failed.
    pub done: BTreeSet<FeedId>,
    /// Those of them that brought something new: a figure, a revision, a headline.
    pub brought: BTreeSet<FeedId>,
    /// Those whose poll broke, so that nothing is known of them: a mistake of this program.
    pub broken: BTreeSet<FeedId>,
    /// Those that were not asked because their sources want to be left alone, and until when: [`NEVER`](super::feed::NEVER) where they
    /// are gone for good.
    pub left_alone: BTreeMap<FeedId, Timestamp>,
    /// Where it was interrupted: those that were asked, and had not answered yet.
    pub unanswered: BTreeSet<FeedId>,
    /// Where it was interrupted: those that were not asked any more.
    pub unasked: BTreeSet<FeedId>,
}

impl Round {
    /// How many feeds were asked.
    pub fn asked(&self) -> usize {
        self.done.len() + self.broken.len() + self.unanswered.len()
    }

    /// Whether it was interrupted before all had answered.
    pub fn is_cut_short(&self) -> bool {
        !self.unanswered.is_empty() || !self.unasked.is_empty()
    }

    /// Notes the feeds that were wanted and are not done, of which some are `still` to be asked: it was interrupted.
    pub fn interrupted(&mut self, wanted: &BTreeSet<FeedId>, still: &BTreeSet<FeedId>) {
        (self.unasked, self.unanswered) = self.missing(wanted).partition(|feed| still.contains(feed));
    }

    /// Notes the feeds that were wanted and are not done, though nobody is asked any more.
    pub fn ended(&mut self, wanted: &BTreeSet<FeedId>) {
        self.broken = self.missing(wanted).collect();
    }

    fn missing<'a>(&self, wanted: &'a BTreeSet<FeedId>) -> impl Iterator<Item = FeedId> + use<'a> {
        let done = self.done.clone();
        wanted.iter().filter(move |feed| !done.contains(*feed)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_asked_and_who_was_not_is_told_apart() {
        let feeds = |names: &[&str]| names.iter().map(|name| FeedId::new(name)).collect::<BTreeSet<FeedId>>();
        let wanted = feeds(&["a", "b", "c"]);
        let mut round = Round { done: feeds(&["a"]), ..Round::default() };
        round.interrupted(&wanted, &feeds(&["c"]));
        assert_eq!((&round.unanswered, &round.unasked), (&feeds(&["b"]), &feeds(&["c"])));
        assert!(round.is_cut_short() && round.asked() == 2);
        let mut round = Round { done: feeds(&["a", "c"]), ..Round::default() };
        round.ended(&wanted);
        assert!(!round.is_cut_short() && round.broken == feeds(&["b"]) && round.asked() == 3);
    }
}
