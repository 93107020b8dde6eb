//! What a refresh gave: how many feeds answered, and which did not, with what to do.

use super::words::instant;
use crate::domain::feed::{FeedHealth, NEVER};
use crate::domain::round::Round;
use crate::domain::situation::Facts;
use crate::domain::words::plural;
use std::fmt::Write as _;

/// How the feeds of a round stand.
pub struct Refresh<'a> {
    round: &'a Round,
    done: Vec<&'a FeedHealth>,
}

impl<'a> Refresh<'a> {
    /// Of the feeds of a round, as they stand after it.
    pub fn of(round: &'a Round, facts: &'a Facts) -> Self {
        let done = round.done.iter().filter_map(|feed| facts.health.get(feed)).map(|health| &**health).collect();
        Self { round, done }
    }

    /// Whether feeds were asked and none answered well.
    pub fn is_all_in_vain(&self) -> bool {
        self.round.asked() > 0 && !self.round.is_cut_short() && self.done.iter().all(|health| health.error.is_some())
    }

    /// A line for each feed that was not asked, failed or is doubted, and one for all.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for (feed, until) in &self.round.left_alone {
            let _ = if *until >= NEVER {
                writeln!(
                    text,
                    "{feed} was not asked: it is gone for good; `watchfloor refresh {feed}` asks it once more"
                )
            } else {
                let until = instant(*until);
                writeln!(
                    text,
                    "{feed} was not asked: its source wants to be left alone until {until}; ask it again then"
                )
            };
        }
        for feed in &self.round.broken {
            let _ = writeln!(text, "{feed} failed: its poll broke, a mistake of this program; its log says more");
        }
        for health in &self.done {
            let trouble = health.error.as_ref().map(|error| ("failed", error));
            if let Some((word, why)) = trouble.or(health.degraded.as_ref().map(|why| ("doubtful", why))) {
                // How long its source wants to be left alone, say.
                let note = health.note.as_ref().filter(|_| word == "failed");
                let note = note.map_or_else(String::new, |note| format!("; {note}"));
                let _ = writeln!(text, "{} {word}: {why}{note}", health.feed);
            }
        }
        text.push_str(&self.sum());
        text
    }

    /// Each feed that was asked brought something new, nothing new, or failed; it may be doubtful besides.
    fn sum(&self) -> String {
        let round = self.round;
        if round.asked() == 0 {
            let why = if round.is_cut_short() || !round.left_alone.is_empty() {
                ""
            } else {
                ": none is due, or those that are want to be left alone for now"
            };
            return format!("No feed was asked{why}.\n");
        }
        let number = |is: &dyn Fn(&FeedHealth) -> bool| self.done.iter().filter(|health| is(health)).count();
        let failed = number(&|health| health.error.is_some()) + round.broken.len();
        let doubtful = number(&|health| health.error.is_none() && health.degraded.is_some());
        let new = number(&|health| health.error.is_none() && round.brought.contains(&health.feed));
        let same = self.done.len() + round.broken.len() - new - failed;
        let unanswered = match round.unanswered.len() {
            0 => String::new(),
            some => format!(", {some} had not answered yet"),
        };
        format!(
            "{} asked: {new} brought something new, {same} nothing new, {failed} failed{unanswered}; {doubtful} doubtful.\n",
            plural(round.asked(), "feed")
        )
    }

    /// Where the round was interrupted: what was asked and what was not, what became of it, and what to do.
    pub fn interruption(&self, by: &str) -> Option<String> {
        let round = self.round;
        round.is_cut_short().then(|| {
            let were = |number: usize| if number == 1 { "was" } else { "were" };
            let parts = match (round.asked(), round.unasked.len()) {
                (0, _) => "no feed was asked".to_owned(),
                (asked, 0) => format!("{} {} asked, and not all had answered", plural(asked, "feed"), were(asked)),
                (asked, unasked) => format!(
                    "of {} {asked} {} asked and {unasked} {} not",
                    plural(asked + unasked, "feed"),
                    were(asked),
                    were(unasked)
                ),
            };
            format!("interrupted by {by}: {parts}; what was read is kept, and `watchfloor refresh` asks anew")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::FeedId;
    use jiff::Timestamp;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn feeds(names: &[&str]) -> BTreeSet<FeedId> {
        names.iter().map(|name| FeedId::new(name)).collect()
    }

    fn facts() -> Facts {
        let at = Some(Timestamp::UNIX_EPOCH);
        // It brought something at its last poll, and was read again now.
        let health = |id: &str| FeedHealth { checked: at, changed: at, ..FeedHealth::unasked(FeedId::new(id)) };
        let feeds = [
            FeedHealth { changed: Some(Timestamp::MIN), ..health("new") },
            health("same"),
            FeedHealth { error: Some("it is away".into()), ..health("away") },
            FeedHealth { degraded: Some("two rows".into()), ..health("odd") },
        ];
        let mut facts = Facts::default();
        for health in feeds {
            facts.health.insert(health.feed.clone(), Arc::new(health));
        }
        facts
    }

    #[test]
    fn failures_are_named_and_the_rest_is_counted_by_what_it_brought() {
        let facts = facts();
        let done = feeds(&["away", "new", "odd", "same"]);
        let round = Round { done, brought: feeds(&["new"]), ..Round::default() };
        let refresh = Refresh::of(&round, &facts);
        let expected = "away failed: it is away\nodd doubtful: two rows\n\
                        4 feeds asked: 1 brought something new, 2 nothing new, 1 failed; 1 doubtful.\n";
        assert_eq!(refresh.text(), expected);
        assert!(!refresh.is_all_in_vain() && refresh.interruption("SIGINT").is_none());
        let away = Round { done: feeds(&["away"]), ..Round::default() };
        assert!(Refresh::of(&away, &facts).is_all_in_vain());
        let none = Round::default();
        let none = Refresh::of(&none, &facts);
        assert!(none.text().starts_with("No feed was asked: none is due") && !none.is_all_in_vain());
    }

    #[test]
    fn who_is_left_alone_is_named_with_until_when() {
        let until = "2026-11-24T22:15:30Z".parse().unwrap();
        let left_alone = [(FeedId::new("gone"), NEVER), (FeedId::new("tired"), until)].into();
        let round = Round { left_alone, ..Round::default() };
        let expected = "gone was not asked: it is gone for good; `watchfloor refresh gone` asks it once more\n\
                        tired was not asked: its source wants to be left alone until 2026-11-24 22:15 UTC; ask it again then\n\
                        No feed was asked.\n";
        assert_eq!(Refresh::of(&round, &facts()).text(), expected);
    }

    #[test]
    fn an_interruption_says_who_was_asked_and_who_was_not() {
        let (facts, done) = (facts(), feeds(&["new"]));
        let round = Round { brought: done.clone(), done, ..Round::default() };
        let round = Round { unanswered: feeds(&["slow"]), unasked: feeds(&["b", "c"]), ..round };
        let refresh = Refresh::of(&round, &facts);
        let expected =
            "2 feeds asked: 1 brought something new, 0 nothing new, 0 failed, 1 had not answered yet; 0 doubtful.\n";
        assert_eq!(refresh.text(), expected);
        let said = refresh.interruption("SIGTERM").unwrap();
        assert!(
            said.starts_with("interrupted by SIGTERM: of 4 feeds 2 were asked and 2 were not; what was read is kept"),
            "{said}"
        );
        assert!(!refresh.is_all_in_vain());
        let told = |asked: &[&str], unasked: &[&str]| {
            let round = Round { unanswered: feeds(asked), unasked: feeds(unasked), ..Round::default() };
            Refresh::of(&round, &facts).interruption("SIGINT").unwrap()
        };
        assert!(told(&["slow"], &[]).starts_with("interrupted by SIGINT: 1 feed was asked, and not all had answered;"));
        assert!(told(&[], &["b"]).starts_with("interrupted by SIGINT: no feed was asked;"));
    }

    #[test]
    fn a_feed_that_asked_to_be_left_alone_is_told_until_when_at_once() {
        let mut facts = facts();
        let note = Some("it asked to be left alone until 2026-11-24 22:15 UTC".into());
        let slow =
            FeedHealth { error: Some("asked too often".into()), note, ..FeedHealth::unasked(FeedId::new("slow")) };
        facts.health.insert(slow.feed.clone(), Arc::new(slow));
        let round = Round { done: feeds(&["slow"]), ..Round::default() };
        let text = Refresh::of(&round, &facts).text();
        assert!(
            text.starts_with("slow failed: asked too often; it asked to be left alone until 2026-11-24 22:15 UTC\n"),
            "{text}"
        );
    }
}
