//! `status --json`: `now`, `mode`, `calm`, `routes`, `alerts`, `policy_dates`, `feeds`. `alerts` are those that are active, worst first.

use super::json::{document, instant, number, period, text};
use super::state::{Figures, RouteState, routes_of, series_of};
use crate::domain::alert::{Incident, Subject};
use crate::domain::feed::Feed;
use crate::domain::policy_date::{Clock, Due, PolicyDate, Standing};
use crate::domain::route::{Route, RouteId};
use crate::domain::series::Point;
use crate::domain::situation::Situation;
use jiff::Timestamp;
use serde_json::{Value, json};

/// As the store holds instants, so that all of the document are alike.
fn in_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// The document, as things stand at `now`.
pub fn status_json(situation: &Situation, now: Timestamp) -> String {
    let routes: Vec<Value> = routes_of(situation).iter().map(|(id, route)| route_json(id, *route, situation)).collect();
    let alerts: Vec<Value> = situation.active().into_iter().map(|incident| alert(incident, now)).collect();
    let dates: Vec<Value> =
        situation.policy_dates(now).iter().map(|(date, standing)| policy_date(date, standing)).collect();
    let feeds: Vec<Value> = situation.catalog.feeds.iter().map(|each| feed(each, situation, now)).collect();
    document([
        ("now", instant(Some(in_milliseconds(now)))),
        ("mode", situation.mode.word().into()),
        ("calm", calm(situation, now)),
        ("routes", routes.into()),
        ("alerts", alerts.into()),
        ("policy_dates", dates.into()),
        ("feeds", feeds.into()),
    ])
}

fn route_json(id: &RouteId, route: Option<&Route>, situation: &Situation) -> Value {
    let series: Vec<Value> = series_of(id, route, situation)
        .iter()
        .map(|id| {
            let figures = Figures::of(situation.facts.series.get(id).map(AsRef::as_ref));
            json!({
                "measure": id.measure.as_str(),
                "cadence": id.cadence.word(),
                "latest": point(figures.latest),
                "previous": point(figures.previous),
                "year_ago": point(figures.year_ago),
            })
        })
        .collect();
    json!({
        "id": id.as_str(),
        "name": route.map_or_else(|| id.as_str().into(), |route| text(Some(&route.name))),
        "state": RouteState::of(id, situation).word(),
        "series": series,
    })
}

/// An alert, as every document has it.
pub(super) fn alert(incident: &Incident, now: Timestamp) -> Value {
    let in_hand = incident.in_hand(now);
    let route = match &incident.subject {
        Subject::Series(series) => series.route.as_str().into(),
        Subject::Feed(_) | Subject::Policy(_) | Subject::Topic(_) => Value::Null,
    };
    json!({
        "id": &*incident.id.0,
        "rule": incident.rule.as_str(),
        "route": route,
        "subject": incident.subject.to_string(),
        "phase": incident.phase.word(),
        "severity": incident.severity.word(),
        "since": instant(Some(incident.opened)),
        "value": number(incident.value),
        "reason": text(Some(&incident.reason)),
        "acknowledged": in_hand.is_some(),
        "acknowledged_by": text(in_hand.map(|acknowledged| &acknowledged.by)),
        "acknowledged_until": instant(in_hand.and_then(|acknowledged| acknowledged.until)),
        // Nothing can be silenced yet.
        "silenced": false,
    })
}

fn policy_date(date: &PolicyDate, standing: &Standing<'_>) -> Value {
    let seconds_left = match standing.clock {
        Clock::Until(left) => left.as_secs().into(),
        Clock::Since { ago, .. } => (-ago.as_secs()).into(),
        Clock::Held(_) | Clock::Open => Value::Null,
    };
    let held_since = matches!(standing.clock, Clock::Held(_)).then_some(standing.since);
    json!({
        "id": date.id.as_str(),
        "name": text(Some(&date.name)),
        "status": standing.entry.status.word(),
        "date": standing.entry.due.map_or(Value::Null, |due| due_text(due).into()),
        "zone": date.zone.iana_name().map_or(Value::Null, Value::from),
        "held_since": instant(held_since),
        "seconds_left": seconds_left,
        "authority": text(standing.entry.authority.as_ref()),
        "reason": text(standing.entry.reason.as_ref()),
    })
}

fn feed(feed: &Feed, situation: &Situation, now: Timestamp) -> Value {
    let health = situation.facts.health.get(&feed.id);
    json!({
        "id": feed.id.as_str(),
        "state": situation.feed_state(feed, now).word(),
        "since": instant(health.and_then(|health| health.since)),
        "last_success": instant(health.and_then(|health| health.success)),
        "data_until": health.and_then(|health| health.data_until).map_or(Value::Null, |date| date.to_string().into()),
        "next_due": instant(health.and_then(|health| health.next_check())),
        "error": text(health.and_then(|health| health.error.as_ref())),
        "degraded": text(health.and_then(|health| health.degraded.as_ref())),
        "note": text(health.and_then(|health| health.note.as_ref())),
    })
}

/// How sure calm is.
pub(super) fn calm(situation: &Situation, now: Timestamp) -> Value {
    let calm = situation.calm(now);
    json!({
        "proven": calm.is_proven() && calm.feeds > 0,
        "feeds": calm.feeds,
        "fresh": calm.fresh,
        "last_proof": instant(calm.proof),
        "active": calm.active,
        "unknown": calm.unknown,
    })
}

fn point(point: Option<Point>) -> Value {
    point.map_or(
        Value::Null,
        |point| json!({ "period": period(point.period), "value": number(point.value), "status": point.status.word() }),
    )
}

/// `2022-05-23`, or `2023-05-11T23:59`.
fn due_text(due: Due) -> String {
    match due {
        Due::Day(date) => date.to_string(),
        Due::Minute(at) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_written_as_the_store_writes_instants() {
        let now: Timestamp = "2026-11-24T22:15:30.123456789Z".parse().unwrap();
        assert_eq!(instant(Some(in_milliseconds(now))), "2026-11-24T22:15:30.123Z");
    }
}
