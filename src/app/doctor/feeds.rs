//! How the feeds stand by what is stored of them: which fail, since when, why, and when they are asked next.

use super::seconds;
use crate::config::Config;
use crate::domain::feed::{FeedHealth, FeedState};
use crate::domain::situation::Facts;
use crate::domain::words::plural;
use crate::report::Finding;
use jiff::Timestamp;

const PART: &str = "feeds";

/// Looks at each configured feed. One failure while its last proof holds is worth knowing; more are wrong.
pub fn feeds(config: &Config, facts: &Facts, now: Timestamp, findings: &mut Vec<Finding>) {
    let mut well = 0;
    for plan in &config.feeds {
        let feed = &plan.feed;
        let Some(health) = facts.health.get(&feed.id) else { continue };
        match (&health.error, &health.degraded) {
            (Some(error), _) => {
                let what = format!("{} fails{}: {error}", feed.id, since(health));
                let remedy = again(health);
                findings.push(if feed.state(Some(health), now) == FeedState::Failing {
                    Finding::wrong(PART, &what, &remedy)
                } else {
                    Finding::note(PART, &what, &remedy)
                });
            }
            (None, Some(why)) => {
                findings.push(Finding::note(PART, &format!("{} is doubtful{}: {why}", feed.id, since(health)), ""));
            }
            (None, None) => well += 1,
        }
    }
    let all = config.feeds.len();
    if all > 0 && well == all {
        let answers = if all == 1 { "answers" } else { "answer" };
        findings.push(Finding::fine(PART, &format!("{} {answers} well", plural(all, "feed"))));
    }
}

fn since(health: &FeedHealth) -> String {
    match (health.since, health.success) {
        (Some(at), _) => format!(" since {}", seconds(at)),
        (None, Some(at)) => format!("; its last good answer came at {}", seconds(at)),
        (None, None) => String::new(),
    }
}

/// When a failing feed is asked next, and how to ask it now where it does not want to be left alone.
fn again(health: &FeedHealth) -> String {
    if let (Some(note), Some(next)) = (&health.note, health.next_check()) {
        return format!("{note}; it is asked again at {}", seconds(next));
    }
    let now = format!("`watchfloor feed try {}` asks it now", health.feed);
    match health.next_check() {
        Some(next) => format!("it is asked again at {}; {now}", seconds(next)),
        None => format!("it is asked no more by itself; {now}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::{FeedId, NEVER};
    use crate::report::Verdict;
    use std::sync::Arc;

    const CONFIG: &str = "[[feed]]\nid = \"a\"\nkind = \"news\"\nurl = \"http://127.0.0.1:9/a\"\nevery = \"1h\"\n";

    #[test]
    fn failing_feeds_are_wrong_and_say_since_when_why_and_when_they_are_asked_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.toml");
        std::fs::write(&path, CONFIG).unwrap();
        let config = Config::load(&path).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let told = |health: FeedHealth| {
            let (mut facts, mut findings) = (Facts::default(), Vec::new());
            facts.health.insert(health.feed.clone(), Arc::new(health));
            feeds(&config, &facts, at("2026-11-24T22:10:00Z"), &mut findings);
            (findings[0].verdict, format!("{} → {}", findings[0].what, findings[0].remedy))
        };
        let fine = FeedHealth {
            checked: Some(at("2026-11-24T22:00:00Z")),
            success: Some(at("2026-11-24T21:00:00Z")),
            ..FeedHealth::unasked(FeedId::new("a"))
        };
        assert_eq!(told(fine.clone()), (Verdict::Fine, "1 feed answers well → ".to_owned()));
        let failing = FeedHealth {
            failures: 1,
            error: Some("nobody listens there; check the port".into()),
            since: Some(at("2026-11-24T22:00:00.123456789Z")),
            next_due: Some(at("2026-11-24T22:15:00Z")),
            ..fine.clone()
        };
        let words = "a fails since 2026-11-24 22:00:00 UTC: nobody listens there; check the port → it is asked again at \
                     2026-11-24 22:15:00 UTC; `watchfloor feed try a` asks it now";
        assert_eq!(told(failing.clone()), (Verdict::Note, words.to_owned()), "its last proof still holds");
        let failing = FeedHealth { failures: 2, ..failing };
        assert_eq!(told(failing.clone()), (Verdict::Wrong, words.to_owned()));
        let note = Some("it asked to be left alone until noon".into());
        let (_, alone) = told(FeedHealth { note, ..failing.clone() });
        assert!(
            alone.ends_with("→ it asked to be left alone until noon; it is asked again at 2026-11-24 22:15:00 UTC"),
            "{alone}"
        );
        let (_, gone) = told(FeedHealth { next_due: Some(NEVER), ..failing });
        assert!(gone.contains("asked no more by itself"), "{gone}");
        let (verdict, doubtful) = told(FeedHealth { degraded: Some("two rows".into()), ..fine });
        assert!(
            verdict == Verdict::Note && doubtful.starts_with("a is doubtful; its last good answer came at "),
            "{doubtful}"
        );
    }
}
