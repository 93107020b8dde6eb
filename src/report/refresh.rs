//! What a refresh gave: how many feeds answered, and which did not, with what to do.

use crate::domain::feed::{FeedHealth, FeedId};
use crate::domain::situation::Facts;
use crate::domain::words::plural;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How the feeds stand that were asked.
pub struct Refresh<'a> {
    asked: Vec<&'a FeedHealth>,
}

impl<'a> Refresh<'a> {
    /// Of the feeds that were asked.
    pub fn of(asked: &BTreeSet<FeedId>, facts: &'a Facts) -> Self {
        Self { asked: asked.iter().filter_map(|feed| facts.health.get(feed)).map(|health| &**health).collect() }
    }

    /// Whether feeds were asked and none answered well.
    pub fn is_all_in_vain(&self) -> bool {
        !self.asked.is_empty() && self.asked.iter().all(|health| health.error.is_some())
    }

    /// A line for each feed that failed or is doubted, and one for all.
    pub fn text(&self) -> String {
        if self.asked.is_empty() {
            return "No feed was asked: none is due, or those that are want to be left alone for now.\n".to_owned();
        }
        let mut text = String::new();
        for health in &self.asked {
            let trouble = health.error.as_ref().map(|error| ("failed", error));
            if let Some((word, why)) = trouble.or(health.degraded.as_ref().map(|why| ("doubtful", why))) {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{} {word}: {why}", health.feed);
            }
        }
        let number = |is: &dyn Fn(&FeedHealth) -> bool| self.asked.iter().filter(|health| is(health)).count();
        let failed = number(&|health| health.error.is_some());
        let new =
            number(&|health| health.error.is_none() && health.changed.is_some() && health.changed == health.checked);
        let asked = self.asked.len();
        let _ = writeln!(
            text,
            "{} asked: {new} brought something new, {} nothing new, {failed} failed.",
            plural(asked, "feed"),
            asked - new - failed
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use std::sync::Arc;

    #[test]
    fn failures_are_named_and_the_rest_is_counted() {
        let at = Some(Timestamp::UNIX_EPOCH);
        let health = |id: &str| FeedHealth { checked: at, ..FeedHealth::unasked(FeedId::new(id)) };
        let feeds = [
            FeedHealth { changed: at, ..health("new") },
            FeedHealth { changed: Some(Timestamp::MIN), ..health("same") },
            FeedHealth { error: Some("it is away".into()), ..health("away") },
            FeedHealth { degraded: Some("two rows".into()), ..health("odd") },
        ];
        let mut facts = Facts::default();
        for health in feeds {
            facts.health.insert(health.feed.clone(), Arc::new(health));
        }
        let asked = facts.health.keys().cloned().collect();
        let refresh = Refresh::of(&asked, &facts);
        let expected = "away failed: it is away\nodd doubtful: two rows\n4 feeds asked: 1 brought something new, 2 nothing new, 1 failed.\n";
        assert_eq!(refresh.text(), expected);
        assert!(!refresh.is_all_in_vain());
        assert!(Refresh::of(&[FeedId::new("away")].into(), &facts).is_all_in_vain());
        let none = Refresh::of(&BTreeSet::new(), &facts);
        assert!(none.text().starts_with("No feed was asked") && !none.is_all_in_vain());
    }
}
