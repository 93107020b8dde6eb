//! The handover for scripts: `since`, `now`, `calm`, `fired`, `escalated`, `ended`, `open`, `revised`, `new_figures`, `policy_dates`, `feeds`,
//! `overdue`, `due`. Empty parts are empty lists; nothing is left out.

use super::{Due, FeedLine, Handover, Moved, NewFigures, Watch};
use crate::domain::alert::Incident;
use crate::domain::observation::Vintage;
use crate::domain::route::SeriesId;
use crate::domain::situation::Situation;
use crate::report::json::{self, instant, number, object, text};
use crate::report::ledger::{due_json, entry_json};
use crate::report::status_json::{alert, calm};
use serde_json::{Map, Value};

/// The document.
pub fn handover_json(situation: &Situation, watch: &Watch) -> String {
    let handover = Handover::of(situation, watch);
    let list = |values: Vec<Value>| Value::from(values);
    let fired = handover.fired.iter().map(|(incident, told)| {
        let mut entry = handover.alert(incident);
        entry.insert("text".to_owned(), text(told.map(|notice| &notice.text)));
        Value::from(entry)
    });
    let escalated = handover.escalated.iter().map(|(notice, incident)| {
        let mut entry = incident.map_or_else(Map::new, |incident| handover.alert(incident));
        entry.insert("at".to_owned(), instant(Some(notice.at)));
        entry.insert("severity".to_owned(), notice.severity.word().into());
        entry.insert("text".to_owned(), text(Some(&notice.text)));
        Value::from(entry)
    });
    let ended = handover.ended.iter().map(|(incident, ..)| handover.alert(incident).into());
    let revised = handover.revised.iter().map(|(learned, before)| {
        let mut entry = series(&learned.vintage.observation.series);
        entry.insert("period".to_owned(), json::period(learned.vintage.observation.period));
        entry.insert("old".to_owned(), vintage(before));
        entry.insert("new".to_owned(), vintage(&learned.vintage));
        entry.insert("taken".to_owned(), instant(Some(learned.taken)));
        Value::from(entry)
    });
    json::document([
        ("since", instant(Some(handover.since))),
        ("now", instant(Some(situation.now))),
        ("title", text(Some(&situation.title))),
        ("calm", calm(situation, situation.now)),
        ("fired", list(fired.collect())),
        ("escalated", list(escalated.collect())),
        ("ended", list(ended.collect())),
        ("open", list(handover.open.iter().map(|incident| handover.alert(incident).into()).collect())),
        ("revised", list(revised.collect())),
        ("new_figures", list(handover.new.iter().map(new_figures).collect())),
        ("policy_dates", list(handover.moved.iter().map(moved).collect())),
        ("feeds", list(handover.feeds.iter().map(feed).collect())),
        ("overdue", list(handover.overdue.iter().map(due).collect())),
        ("due", list(handover.due.iter().map(due).collect())),
    ])
}

impl Handover<'_> {
    /// An alert as `status --json` has it, with its end and who looks after it.
    fn alert(&self, incident: &Incident) -> Map<String, Value> {
        let mut entry = match alert(incident, self.situation.now) {
            Value::Object(entry) => entry,
            _ => Map::new(),
        };
        let in_hand = incident.in_hand(self.situation.now);
        let route = self.route_of(&incident.subject);
        let more = object([
            ("acknowledged_at", instant(in_hand.map(|by| by.at))),
            ("acknowledged_note", text(in_hand.map(|by| &by.note))),
            ("first_load", incident.first_load.into()),
            ("provisional", incident.provisional.into()),
            ("ended", instant(incident.ended.map(|(at, _)| at))),
            ("event", incident.ended.map_or(Value::Null, |(_, event)| event.word().into())),
            ("owner", text(route.and_then(|route| route.owner.as_ref()))),
            ("runbook", text(route.and_then(|route| route.runbook.as_ref()))),
        ]);
        entry.extend(more);
        entry
    }
}

fn series(id: &SeriesId) -> Map<String, Value> {
    object([
        ("route", id.route.as_str().into()),
        ("measure", id.measure.as_str().into()),
        ("cadence", id.cadence.word().into()),
    ])
}

fn vintage(vintage: &Vintage) -> Value {
    let observation = &vintage.observation;
    let entry = object([
        ("value", number(observation.value)),
        ("status", observation.status.word().into()),
        ("known", instant(Some(vintage.known.at))),
        ("known_how", vintage.known.how.word().into()),
        ("batch", vintage.batch.0.into()),
    ]);
    entry.into()
}

fn new_figures(new: &NewFigures<'_>) -> Value {
    let mut entry = series(new.series);
    entry.extend(object([
        ("count", new.count.into()),
        ("first_load", new.first_load.into()),
        ("first_period", json::period(new.first)),
        ("period", json::period(new.newest.vintage.observation.period)),
        ("newest", vintage(&new.newest.vintage)),
    ]));
    entry.into()
}

fn moved(moved: &Moved<'_>) -> Value {
    let mut entry = object([("id", moved.date.id.as_str().into()), ("name", text(Some(&moved.date.name)))]);
    entry.extend(entry_json(moved.entry));
    entry.extend(object([
        ("old_status", moved.before.map_or(Value::Null, |before| before.status.word().into())),
        ("old_date", due_json(moved.before.and_then(|before| before.due))),
    ]));
    entry.into()
}

fn feed(line: &FeedLine<'_>) -> Value {
    let health = line.health;
    let entry = object([
        ("id", line.feed.id.as_str().into()),
        ("state", line.state.word().into()),
        ("since", instant(health.and_then(|health| health.since))),
        ("failures", health.map_or(Value::Null, |health| health.failures.into())),
        ("last_success", instant(health.and_then(|health| health.success))),
        ("next_due", instant(health.and_then(|health| health.next_check()))),
        ("error", text(health.and_then(|health| health.error.as_ref()))),
        ("degraded", text(health.and_then(|health| health.degraded.as_ref()))),
    ]);
    entry.into()
}

fn due(due: &Due<'_>) -> Value {
    let mut entry = series(due.series);
    entry.extend(object([
        ("period", json::period(due.next.period)),
        ("expected", instant(Some(due.next.expected))),
        ("overdue_from", instant(Some(due.next.overdue))),
    ]));
    entry.into()
}
