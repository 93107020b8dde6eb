//! Alerts by themselves: the list with their ids, and one with everything that happened to it.

use super::json::{self, instant, number, text};
use super::page::Page;
use super::status_json;
use super::subject_name;
use super::words;
use crate::domain::alert::{Incident, Onset, Told};
use crate::domain::mark::{Entry, Mark, MarkKind, Wake};
use crate::domain::situation::Catalog;
use crate::domain::words::count;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// As wide as a terminal is that nobody widened.
const WIDTH: usize = 80;

/// The list, each with the id by which commands take it.
pub fn alerts_text(incidents: &[Arc<Incident>], catalog: &Catalog, now: Timestamp) -> String {
    let mut page = Page::new(WIDTH);
    if incidents.is_empty() {
        page.line("No alert is open. `watchfloor status` says whether that is proven.");
        return page.into_text();
    }
    for incident in incidents {
        page.line(&format!("{:<8}  {}", incident.severity, subject_name(&incident.subject, catalog)));
        page.paragraph("          ", incident.reason.as_str());
        page.paragraph("          ", &standing(incident, now));
        page.whole(&format!("          {}", incident.id));
    }
    page.into_text()
}

/// The list as a document: `alerts`, as in `status`.
pub fn alerts_json(incidents: &[Arc<Incident>], now: Timestamp) -> String {
    let alerts: Vec<Value> = incidents.iter().map(|incident| document(incident, now)).collect();
    json::document([("now", instant(Some(now))), ("alerts", alerts.into())])
}

/// One alert: what it is about, and its timeline, oldest first.
pub fn alert_text(incident: &Incident, entries: &[Entry], catalog: &Catalog, now: Timestamp) -> String {
    let mut page = Page::new(WIDTH);
    page.line(&format!("{}  {}", incident.severity, subject_name(&incident.subject, catalog)));
    page.paragraph("", incident.reason.as_str());
    page.paragraph("", &standing(incident, now));
    page.paragraph("", &format!("rule {} ({}): {}", incident.rule, incident.kind, incident.rule_text));
    if let Some(decided_on) = incident.decided_on {
        page.line(&format!("decided on figures as known {}", words::instant(decided_on)));
    }
    page.whole(&format!("id {}", incident.id));
    page.heading("TIMELINE");
    let onset = match incident.onset {
        Onset::Period(period) => crate::domain::words::period(period),
        Onset::At(at) => words::instant(at),
    };
    page.line(&format!("  {:<20}  began", onset));
    for entry in entries {
        let (at, said) = (words::instant(entry.at()), entry_words(entry));
        page.entry(&format!("  {at:<20}  "), &said);
    }
    page.into_text()
}

/// One alert as a document: as in `status`, with `timeline`: `at`, `what`, `by`, `text`, `severity`, `told`, `until`, `wake_above`, `wake_below`.
pub fn alert_json(incident: &Incident, entries: &[Entry], now: Timestamp) -> String {
    let timeline: Vec<Value> = entries.iter().map(entry_json).collect();
    json::document([("now", instant(Some(now))), ("alert", document(incident, now)), ("timeline", timeline.into())])
}

/// What became of a mark, for the one who put it there.
pub fn mark_text(mark: &Mark, what: &str) -> String {
    let id = &mark.incident;
    match mark.kind {
        MarkKind::Acknowledged { until, wake } => {
            format!(
                "{} has the alert on {what} in hand{}.\nTo let go of it: watchfloor alert release {id}\n",
                mark.by,
                limits(until, wake)
            )
        }
        MarkKind::Released => format!("Nobody has the alert on {what} in hand any more.\n"),
        MarkKind::Noted => format!("The note stands on the alert on {what}: watchfloor alert show {id}\n"),
    }
}

fn document(incident: &Incident, now: Timestamp) -> Value {
    let mut document = status_json::alert(incident, now);
    document["ended"] = instant(incident.ended.map(|(at, _)| at));
    document["ended_how"] = incident.ended.map_or(Value::Null, |(_, how)| how.word().into());
    document
}

/// `firing since 2022-04-18 20:58 UTC, ana@desk has it until …: calling the desk`.
fn standing(incident: &Incident, now: Timestamp) -> String {
    if let Some((at, how)) = incident.ended {
        return format!("{} {}, fired {}", how.word(), words::instant(at), words::instant(incident.opened));
    }
    let since = format!("{} since {}", incident.phase.word(), words::instant(incident.opened));
    let Some(by) = incident.in_hand(now) else { return format!("{since}, nobody has it") };
    let note = if by.note.is_empty() { String::new() } else { format!(": {}", by.note) };
    format!("{since}, {} has it{}{note}", by.by, limits(by.until, by.wake))
}

/// Until when, and up to which value.
fn limits(until: Option<Timestamp>, wake: Option<Wake>) -> String {
    let until = until.map(|until| format!(" until {}", words::instant(until)));
    let wake = wake.map(|wake| match wake {
        Wake::Above(bound) => format!(" unless it gets to {} or more", count(bound)),
        Wake::Below(bound) => format!(" unless it gets to {} or fewer", count(bound)),
    });
    [until, wake].into_iter().flatten().collect()
}

fn entry_words(entry: &Entry) -> String {
    match entry {
        Entry::Happened(notice) => {
            let untold =
                if notice.told == Told::Yes { String::new() } else { format!(" (not told: {})", notice.told.word()) };
            format!("{}, {}: {}{untold}", notice.event.word(), notice.severity, notice.text)
        }
        Entry::Said(mark) => {
            let did = match mark.kind {
                MarkKind::Acknowledged { until, wake } => format!("{} has it in hand{}", mark.by, limits(until, wake)),
                MarkKind::Released => format!("{} let go of it", mark.by),
                MarkKind::Noted => format!("{} notes", mark.by),
            };
            if mark.text.is_empty() { did } else { format!("{did}: {}", mark.text) }
        }
    }
}

fn entry_json(entry: &Entry) -> Value {
    match entry {
        Entry::Happened(notice) => json!({
            "at": instant(Some(notice.at)),
            "what": notice.event.word(),
            "by": Value::Null,
            "text": text(Some(&notice.text)),
            "severity": notice.severity.word(),
            "told": notice.told == Told::Yes,
        }),
        Entry::Said(mark) => {
            let (until, wake) = match mark.kind {
                MarkKind::Acknowledged { until, wake } => (until, wake),
                MarkKind::Released | MarkKind::Noted => (None, None),
            };
            let (above, below) = match wake {
                Some(Wake::Above(bound)) => (Some(bound), None),
                Some(Wake::Below(bound)) => (None, Some(bound)),
                None => (None, None),
            };
            json!({
                "at": instant(Some(mark.at)),
                "what": mark.kind.word(),
                "by": text(Some(&mark.by)),
                "text": text(Some(&mark.text)),
                "until": instant(until),
                "wake_above": number(above),
                "wake_below": number(below),
            })
        }
    }
}
