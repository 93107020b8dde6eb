//! The ledger of a policy date: every change with what it changed, who decided it, why, and where it says so. In sentences, for people and
//! as a document.

use super::json::{self, object};
use super::page::Page;
use super::words::{due, instant};
use crate::domain::policy_date::{Due, Ledger, LedgerEntry, PolicyDate, PolicyStatus};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// A width that most terminals have.
const WIDTH: usize = 100;

/// The ledger as lines, newest last, as known at an instant.
pub fn ledger_text(date: &PolicyDate, ledger: &Ledger, now: Timestamp) -> String {
    let mut page = Page::new(WIDTH);
    page.line(&format!("{} ({}), the newest change last", date.name, date.id));
    let entries = ledger.known_at(now);
    if entries.is_empty() {
        page.line(&format!(
            "  No change of it is known; `watchfloor date set {} DATE --source TEXT` writes one.",
            date.id
        ));
    }
    for (at, entry) in entries.iter().enumerate() {
        page.pair("  ", &instant(entry.known), 22, &change_words(date, entries[..at].last(), entry));
        if let Some(source) = &entry.source {
            page.pair("  ", "", 22, &format!("source: {source}"));
        }
        if !entry.first_load && entry.recorded.duration_since(entry.known).as_secs() >= 60 {
            page.pair("  ", "", 22, &format!("learned {}", instant(entry.recorded)));
        }
    }
    page.into_text()
}

/// The document: `policy_date` and its `entries`, oldest first.
pub fn ledger_json(date: &PolicyDate, ledger: &Ledger, now: Timestamp) -> String {
    let entries: Vec<Value> = ledger.known_at(now).iter().map(|entry| entry_json(entry).into()).collect();
    json::document([
        ("policy_date", date.id.as_str().into()),
        ("name", json::text(Some(&date.name))),
        ("zone", date.zone.iana_name().map_or(Value::Null, Value::from)),
        ("entries", entries.into()),
    ])
}

/// An entry as every document has it.
pub(super) fn entry_json(entry: &LedgerEntry) -> Map<String, Value> {
    object([
        ("known", json::instant(Some(entry.known))),
        ("recorded", json::instant(Some(entry.recorded))),
        ("status", entry.status.word().into()),
        ("date", due_json(entry.due)),
        ("authority", json::text(entry.authority.as_ref())),
        ("reason", json::text(entry.reason.as_ref())),
        ("source", json::text(entry.source.as_ref())),
    ])
}

/// A date to the day or to the minute, civil in its policy date's zone.
pub(super) fn due_json(due: Option<Due>) -> Value {
    due.map_or(Value::Null, |due| {
        let text = match due {
            Due::Day(date) => date.to_string(),
            Due::Minute(at) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        };
        text.into()
    })
}

/// A change in a sentence: `held (enjoined) by W.D. La.; was 2022-05-23 00:00 America/New_York`.
pub fn change_words(date: &PolicyDate, before: Option<&LedgerEntry>, entry: &LedgerEntry) -> String {
    let new = entry.due.map(|at| due(at, &date.zone));
    let old = before.and_then(|before| before.due).map(|at| due(at, &date.zone));
    let was = before.map(|before| before.status);
    let (mut what, was_of) = match (entry.status, new, old) {
        (PolicyStatus::Scheduled, Some(new), Some(old)) if was == Some(PolicyStatus::Scheduled) && new != old => {
            (format!("moved from {old} to {new}"), None)
        }
        (PolicyStatus::Scheduled, Some(new), _) if was == Some(PolicyStatus::Held) => {
            (format!("no longer held: set for {new}"), None)
        }
        (PolicyStatus::Scheduled, Some(new), old) => (format!("set for {new}"), old.filter(|old| *old != new)),
        (PolicyStatus::Proposed, Some(new), old) => (format!("proposed for {new}"), old.filter(|old| *old != new)),
        (PolicyStatus::Reached, Some(new), _) => (format!("reached: {new}"), None),
        (status, _, old) => (status.word().to_owned(), old),
    };
    if let Some(why) = &entry.reason {
        what.push_str(&format!(" ({why})"));
    }
    if let Some(who) = &entry.authority {
        what.push_str(&format!(" by {who}"));
    }
    if let Some(old) = was_of {
        what.push_str(&format!("; was {old}"));
    }
    what
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn entry(known: &str, status: PolicyStatus, due: Option<&str>) -> LedgerEntry {
        let known = known.parse().unwrap();
        LedgerEntry {
            known,
            recorded: known,
            status,
            due: due.map(|due| due.parse().unwrap()),
            reason: (status == PolicyStatus::Held).then(|| "enjoined".into()),
            authority: Some("W.D. La.".into()),
            source: Some("docket 1\u{1b}[2J".into()),
            first_load: false,
        }
    }

    fn lift() -> (PolicyDate, Ledger) {
        let zone = TimeZone::get("America/New_York").unwrap();
        let date = PolicyDate { id: "lift".into(), name: "Title 42 lift".into(), zone, routes: vec![] };
        let mut ledger = Ledger::default();
        for entry in [
            entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, Some("2022-05-23")),
            entry("2022-04-02T16:00:00Z", PolicyStatus::Scheduled, Some("2022-05-24")),
            LedgerEntry {
                recorded: "2022-05-20T23:30:00Z".parse().unwrap(),
                ..entry("2022-05-20T21:30:00Z", PolicyStatus::Held, None)
            },
            entry("2022-11-15T20:00:00Z", PolicyStatus::Scheduled, Some("2022-12-21T23:59")),
            entry("2022-12-22T20:00:00Z", PolicyStatus::Reached, Some("2022-12-21T23:59")),
        ] {
            ledger.insert(entry);
        }
        (date, ledger)
    }

    #[test]
    fn a_ledger_says_what_changed_who_decided_it_and_where_it_says_so() {
        let (date, ledger) = lift();
        let now = "2022-12-01T00:00:00Z".parse().unwrap();
        let text = ledger_text(&date, &ledger, now);
        let phrases = [
            "2022-04-01 16:00 UTC    set for 2022-05-23 00:00 America/New_York by W.D. La.",
            "moved from 2022-05-23 00:00 America/New_York to 2022-05-24 00:00 America/New_York by W.D. La.",
            "held (enjoined) by W.D. La.; was 2022-05-24 00:00 America/New_York",
            "learned 2022-05-20 23:30 UTC",
            "no longer held: set for 2022-12-21 23:59 America/New_York",
        ];
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for phrase in phrases {
            assert!(flat.contains(&phrase.split_whitespace().collect::<Vec<_>>().join(" ")), "{phrase}\n{text}");
        }
        assert!(!text.contains("reached") && !text.contains('\u{1b}'), "what is known later has not come:\n{text}");
        let document: Value = serde_json::from_str(&ledger_json(&date, &ledger, now)).unwrap();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["entries"][3]["date"], "2022-12-21T23:59");
        assert_eq!(document["entries"][2]["date"], Value::Null);
        let empty = ledger_text(&date, &Ledger::default(), now);
        assert!(empty.contains("No change of it is known"), "{empty}");
    }
}
