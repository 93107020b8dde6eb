//! `status`: routes, alerts, policy dates and feeds as they stand.

use super::{SCHEMA, json};
use crate::domain::alert::{Incident, Subject};
use crate::domain::feed::FeedState;
use crate::domain::policy_date::{Clock, Due};
use crate::domain::route::Route;
use crate::domain::series::Series;
use crate::domain::situation::Situation;
use crate::domain::time::Period;
use crate::domain::words;
use jiff::Timestamp;
use serde_json::{Value, json as value};
use std::fmt::Write as _;

/// The document of `status --json`.
pub fn status_json(picture: &Situation, now: Timestamp) -> String {
    let document = value!({
        "schema": SCHEMA,
        "now": json::instant(Some(now)),
        "mode": picture.mode.word(),
        "routes": picture.catalog.routes.iter().map(|route| route_json(picture, route)).collect::<Vec<_>>(),
        "alerts": picture.active().into_iter().map(|incident| alert_json(incident)).collect::<Vec<_>>(),
        "policy_dates": policy_dates_json(picture, now),
        "feeds": picture.catalog.feeds.iter().map(|feed| {
            let health = picture.facts.health.get(&feed.id);
            value!({
                "id": feed.id.as_str(),
                "state": picture.feed_state(feed, now).word(),
                "last_success": json::instant(health.and_then(|health| health.success)),
                "data_until": health.and_then(|health| health.data_until).map(|day| day.to_string()),
                "next_due": json::instant(health.and_then(|health| health.next_due)),
                "error": json::text(health.and_then(|health| health.error.as_ref())),
            })
        }).collect::<Vec<_>>(),
    });
    json::document(&document)
}

/// The state of a route in a word: the worst active severity, else `fine` where there is a figure, else `unknown`.
fn route_state(picture: &Situation, route: &Route) -> &'static str {
    match picture.severity_of(&route.id) {
        Some(severity) => severity.word(),
        None if picture.main_series(route).is_some_and(|series| series.last_complete().is_some()) => "fine",
        None => "unknown",
    }
}

fn route_json(picture: &Situation, route: &Route) -> Value {
    let series = picture.facts.series.values().filter(|series| series.id().route == route.id);
    value!({
        "id": route.id.as_str(),
        "name": route.name.as_str(),
        "state": route_state(picture, route),
        "series": series.map(|series| series_json(series)).collect::<Vec<_>>(),
    })
}

fn series_json(series: &Series) -> Value {
    let latest = series.last_complete().map(|point| point.period);
    let point = |period: Option<Period>| {
        let value = period.and_then(|period| series.complete(period));
        match (period, value) {
            (Some(period), Some(value)) => {
                value!({ "period": json::period(period), "value": json::number(Some(value)) })
            }
            _ => Value::Null,
        }
    };
    value!({
        "measure": series.id().measure.as_str(),
        "latest": point(latest),
        "previous": point(latest.map(Period::previous)),
        "year_ago": point(latest.map(Period::year_before)),
    })
}

fn alert_json(incident: &Incident) -> Value {
    let route = match &incident.subject {
        Subject::Series(id) => Some(id.route.as_str()),
        Subject::Feed(_) | Subject::Policy(_) => None,
    };
    value!({
        "id": &*incident.id.0,
        "rule": incident.rule.as_str(),
        "route": route,
        "phase": incident.phase.word(),
        "severity": incident.severity.word(),
        "since": json::instant(Some(incident.opened)),
        "value": json::number(incident.value),
        "reason": json::text(Some(&incident.reason)),
        "acknowledged": incident.acknowledged.is_some(),
        "silenced": false,
    })
}

fn policy_dates_json(picture: &Situation, now: Timestamp) -> Vec<Value> {
    let dates = picture.policy_dates(now);
    let date = |due: Due| match due {
        Due::Day(day) => day.to_string(),
        Due::Minute(at) => at.to_string(),
    };
    dates
        .iter()
        .map(|(policy, standing)| {
            let (held_since, seconds_left) = match standing.clock {
                Clock::Held(_) => (Some(standing.since), None),
                Clock::Until(left) => (None, Some(left.as_secs())),
                Clock::Since { ago, .. } => (None, Some(-ago.as_secs())),
                Clock::Open => (None, None),
            };
            value!({
                "id": policy.id.as_str(),
                "name": policy.name.as_str(),
                "status": standing.entry.status.word(),
                "date": standing.entry.due.map(date),
                "held_since": json::instant(held_since),
                "seconds_left": seconds_left,
                "authority": json::text(standing.entry.authority.as_ref()),
                "reason": json::text(standing.entry.reason.as_ref()),
            })
        })
        .collect()
}

/// `status --line`: one line for a prompt or a status bar.
pub fn status_line(picture: &Situation, now: Timestamp) -> String {
    let calm = picture.calm(now);
    let alerts = match calm.active {
        0 if calm.is_proven() => "no alerts".to_owned(),
        0 => "nothing firing".to_owned(),
        1 => "1 alert".to_owned(),
        count => format!("{count} alerts"),
    };
    let next =
        picture.policy_dates(now).first().map(|(date, standing)| format!(" · {} {}", date.name, clock(standing.clock)));
    let unknown = if calm.unknown > 0 { format!(" · {} rules cannot tell", calm.unknown) } else { String::new() };
    format!("{alerts}{} · {}/{} feeds fresh{unknown}\n", next.unwrap_or_default(), calm.fresh, calm.feeds)
}

/// `status`: the same for people.
pub fn status_text(picture: &Situation, now: Timestamp) -> String {
    let mut out = String::new();
    let calm = picture.calm(now);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{} · {} · {} of {} feeds fresh", picture.title, words::day_of(now), calm.fresh, calm.feeds);
    let _ = writeln!(out, "\nALERTS");
    for incident in picture.active() {
        let name = match &incident.subject {
            Subject::Series(id) => {
                picture.catalog.route(&id.route).map_or(id.route.as_str(), |route| route.name.as_str())
            }
            Subject::Feed(id) => id.as_str(),
            Subject::Policy(id) => picture.catalog.policy_date(id).map_or(id.as_str(), |date| date.name.as_str()),
        };
        let age = words::age(now.duration_since(incident.opened));
        let _ = writeln!(out, "  {:<9} {name:<24} {} ({age})", incident.severity, incident.reason);
    }
    if calm.active == 0 {
        let _ = writeln!(out, "  {}", status_line(picture, now).trim_end());
    }
    let _ = writeln!(out, "\nROUTES");
    for route in &picture.catalog.routes {
        let state = route_state(picture, route);
        let newest = picture.main_series(route).and_then(|series| series.last_complete());
        let figure = newest.and_then(|point| Some((point.period, point.value?)));
        let said = figure.map_or_else(
            || "nothing published yet".to_owned(),
            |(period, value)| format!("{:>12}  {}", words::count(value), words::period(period)),
        );
        let _ = writeln!(out, "  {state:<9} {:<24} {said}", route.name);
    }
    let dates = picture.policy_dates(now);
    if !dates.is_empty() {
        let _ = writeln!(out, "\nPOLICY DATES");
        for (date, standing) in &dates {
            let _ = writeln!(out, "  {:<9} {:<24} {}", standing.entry.status.word(), date.name, clock(standing.clock));
        }
    }
    let _ = writeln!(out, "\nFEEDS");
    for feed in &picture.catalog.feeds {
        let state = picture.feed_state(feed, now);
        let health = picture.facts.health.get(&feed.id);
        let said = match health {
            None => "not asked yet".to_owned(),
            Some(health) => {
                let success = health
                    .success
                    .map_or_else(|| "never".to_owned(), |at| format!("{} ago", words::age(now.duration_since(at))));
                let trouble = health.error.as_ref().or(health.degraded.as_ref()).filter(|_| state != FeedState::Fresh);
                format!("last success {success}{}", trouble.map(|trouble| format!(" · {trouble}")).unwrap_or_default())
            }
        };
        let _ = writeln!(out, "  {:<9} {:<24} {said}", state.word(), feed.id.as_str());
    }
    out
}

fn clock(clock: Clock) -> String {
    match clock {
        Clock::Until(left) => format!("in {}", words::age(left)),
        Clock::Held(held) => format!("held for {}", words::age(held)),
        Clock::Since { ago, confirmed: true } => format!("reached {} ago", words::age(ago)),
        Clock::Since { ago, confirmed: false } => format!("passed {} ago, not confirmed", words::age(ago)),
        Clock::Open => "no date".to_owned(),
    }
}
