//! `status` for people: plain, aligned, without colour, no wider than asked. The same facts as the document, in sentences.

use super::page::Page;
use super::state::{Figures, RouteState, calm_words, routes_of, series_of};
use super::table::{Column, Table};
use super::words::{due, instant, length};
use crate::domain::alert::{Incident, Subject};
use crate::domain::feed::Feed;
use crate::domain::policy_date::{Clock, PolicyDate, Standing};
use crate::domain::series::Point;
use crate::domain::situation::{Catalog, Situation, StoreState};
use crate::domain::text::Printable;
use crate::domain::words;
use jiff::Timestamp;

/// A width that most terminals have and every mail shows.
const WIDTH: usize = 100;

/// How things stand at `now`, in lines that fit most terminals.
pub fn status_text(situation: &Situation, now: Timestamp) -> String {
    status_text_in(situation, now, WIDTH)
}

/// As [`status_text`], in lines of at most `width` columns (of 40 where it is less).
pub fn status_text_in(situation: &Situation, now: Timestamp, width: usize) -> String {
    let mut page = Page::new(width);
    let title = if situation.title.is_empty() { "Watchfloor" } else { situation.title.as_str() };
    page.line(&format!("{title} · {} · {}", situation.mode.word(), instant(now)));
    page.paragraph("", &proof_words(situation, now));
    match &situation.store {
        StoreState::Away { since, why, .. } => {
            page.paragraph("", &format!("the store has not answered since {}: {why}", instant(*since)));
        }
        StoreState::Mended { what } => page.paragraph("", &format!("the store: {what}")),
        StoreState::Fine => {}
    }
    alerts(&mut page, situation, now);
    routes(&mut page, situation);
    policy_dates(&mut page, situation, now);
    feeds(&mut page, situation, now);
    page.into_text()
}

/// `status --line`: one line, the worst first; without a width, for a prompt or a status bar.
pub fn status_line(situation: &Situation, now: Timestamp) -> String {
    let mut parts = vec![proof_words(situation, now)];
    if let Some(incident) = situation.active().first() {
        parts.push(format!("{}: {}", subject_words(&incident.subject, situation), incident.reason));
    }
    if let Some((date, standing)) = situation.policy_dates(now).first() {
        parts.push(format!("{} {}", date.name, clock_words(standing)));
    }
    let mode = situation.mode.replay().map(|_| format!("{} {}: ", situation.mode.word(), instant(now)));
    format!("{}{}\n", mode.unwrap_or_default(), parts.join(" | "))
}

fn alerts(page: &mut Page, situation: &Situation, now: Timestamp) {
    let active = situation.active();
    if active.is_empty() {
        return;
    }
    page.heading("ALERTS");
    for incident in active {
        page.line(&format!("  {:<8}  {}", incident.severity, subject_words(&incident.subject, situation)));
        page.paragraph("            ", incident.reason.as_str());
        page.paragraph("            ", &handled_words(incident, now));
    }
}

/// Since when, who has it, and by which rule.
pub(super) fn handled_words(incident: &Incident, now: Timestamp) -> String {
    let since = length(now.duration_since(incident.opened));
    let handled = incident.in_hand(now).map_or_else(
        || "nobody has it".to_owned(),
        |by| if by.note.is_empty() { format!("{} has it", by.by) } else { format!("{} has it: {}", by.by, by.note) },
    );
    format!("{} since {} ({since}), {handled}, rule {}", incident.phase.word(), instant(incident.opened), incident.rule)
}

fn routes(page: &mut Page, situation: &Situation) {
    let routes = routes_of(situation);
    if routes.is_empty() {
        return;
    }
    page.heading("ROUTES");
    let mut table = Table::new(&[
        Column::Words("state"),
        Column::Names("route"),
        Column::Numbers("latest"),
        Column::Words("period"),
        Column::Names("measure"),
        Column::Numbers("previous"),
        Column::Numbers("year ago"),
    ]);
    for (id, route) in &routes {
        let state = RouteState::of(id, situation).word();
        let name = route.map_or_else(|| id.to_string(), |route| route.name.to_string());
        let series = series_of(id, *route, situation);
        if series.is_empty() {
            table.row([Some(state.to_owned()), Some(name.clone())]);
        }
        for (number, series) in series.iter().enumerate() {
            let figures = Figures::of(situation.facts.series.get(series).map(AsRef::as_ref));
            let first = number == 0;
            table.row([
                Some(if first { state.to_owned() } else { String::new() }),
                Some(if first { name.clone() } else { String::new() }),
                value_words(figures.latest),
                figures.latest.map(|point| point.period.label()),
                Some(series.measure.to_string()),
                value_words(figures.previous),
                value_words(figures.year_ago),
            ]);
        }
    }
    page.table(&table);
}

fn value_words(point: Option<Point>) -> Option<String> {
    point.and_then(|point| point.value).map(words::count)
}

fn policy_dates(page: &mut Page, situation: &Situation, now: Timestamp) {
    let dates = situation.policy_dates(now);
    if dates.is_empty() {
        return;
    }
    page.heading("POLICY DATES");
    for (date, standing) in dates {
        page.line(&format!("  {:<9}  {}  {}", standing.entry.status.word(), date.name, clock_words(&standing)));
        page.paragraph("             ", &standing_words(date, &standing));
    }
}

/// `in 34 d 7 h`, `held for 3 d 2 h`, `2 d ago, not confirmed`.
fn clock_words(standing: &Standing<'_>) -> String {
    match standing.clock {
        Clock::Until(left) => format!("in {}", length(left)),
        Clock::Held(held) => format!("held for {}", length(held)),
        Clock::Since { ago, confirmed: true } => format!("{} ago", length(ago)),
        Clock::Since { ago, confirmed: false } => format!("{} ago, not confirmed", length(ago)),
        Clock::Open => "no date".to_owned(),
    }
}

/// The date, who decided it and why, as far as the ledger says.
fn standing_words(date: &PolicyDate, standing: &Standing<'_>) -> String {
    let entry = standing.entry;
    let mut parts = Vec::new();
    if let Some(at) = entry.due {
        parts.push(due(at, &date.zone));
    }
    if let Some((before, _)) = standing.before_hold {
        parts.push(format!("was {}", due(before, &date.zone)));
    }
    parts.push(format!("known since {}", instant(entry.known)));
    parts.extend(entry.reason.as_ref().map(Printable::to_string));
    parts.extend(entry.authority.as_ref().map(|authority| format!("by {authority}")));
    parts.join(", ")
}

fn feeds(page: &mut Page, situation: &Situation, now: Timestamp) {
    if situation.catalog.feeds.is_empty() {
        return;
    }
    page.heading("FEEDS");
    let mut table = Table::new(&[
        Column::Words("state"),
        Column::Names("feed"),
        Column::Words("last good check"),
        Column::Words("data until"),
        Column::Words("next check"),
    ]);
    for feed in &situation.catalog.feeds {
        let health = situation.facts.health.get(&feed.id);
        table.row([
            Some(situation.feed_state(feed, now).to_string()),
            Some(feed.id.to_string()),
            health.and_then(|health| health.success).map(instant),
            health.and_then(|health| health.data_until).map(|date| date.to_string()),
            health.and_then(|health| health.next_check()).map(instant),
        ]);
    }
    page.table(&table);
    for feed in &situation.catalog.feeds {
        for trouble in troubles(feed, situation) {
            page.paragraph("  ", &format!("{}: {trouble}", feed.id));
        }
    }
}

fn troubles(feed: &Feed, situation: &Situation) -> Vec<Printable> {
    let Some(health) = situation.facts.health.get(&feed.id) else { return Vec::new() };
    let since = health.since.map_or_else(String::new, |at| format!("since {}: ", instant(at)));
    let wrong = health.error.iter().chain(&health.degraded);
    let wrong = wrong.map(|wrong| Printable::clean_to(&format!("{since}{wrong}"), Printable::PARAGRAPH));
    wrong.chain(health.note.clone()).collect()
}

/// `no alerts · 6 of 6 feeds fresh, last proof 2022-04-18 20:58 UTC`.
pub(super) fn proof_words(situation: &Situation, now: Timestamp) -> String {
    let calm = situation.calm(now);
    let proof = calm.proof.map_or_else(|| "no proof yet".to_owned(), |at| format!("last proof {}", instant(at)));
    format!("{} · {} of {} feeds fresh, {proof}", calm_words(situation, now), calm.fresh, calm.feeds)
}

/// An alert on one line: what it is about, and why it fires. Reasons of policy dates name their subject themselves.
pub(super) fn alert_line(incident: &Incident, situation: &Situation) -> String {
    let what = subject_words(&incident.subject, situation);
    if incident.reason.as_str().starts_with(&what) {
        incident.reason.to_string()
    } else {
        format!("{what}: {}", incident.reason)
    }
}

/// What people call a subject.
pub(super) fn subject_words(subject: &Subject, situation: &Situation) -> String {
    subject_name(subject, &situation.catalog)
}

/// What people call what an alert is about.
pub fn subject_name(subject: &Subject, catalog: &Catalog) -> String {
    match subject {
        Subject::Series(series) => {
            let name = catalog.route(&series.route).map(|route| route.name.to_string());
            format!("{} {}", name.unwrap_or_else(|| series.route.to_string()), series.measure)
        }
        Subject::Feed(feed) => {
            catalog.feed(feed).map_or_else(|| feed.to_string(), |feed| format!("feed {}", feed.name))
        }
        Subject::Policy(policy) => {
            catalog.policy_date(policy).map_or_else(|| policy.to_string(), |date| date.name.to_string())
        }
        Subject::Topic(rule) => rule.to_string(),
    }
}
