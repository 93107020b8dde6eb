//! What a picture says in short: the state of a route, the figures of a series, how sure calm is. Text and JSON
//! both say it in these words.

use crate::domain::alert::{Phase, Severity, Subject, Verdict};
use crate::domain::feed::FeedState;
use crate::domain::route::{Route, RouteId, SeriesId};
use crate::domain::series::{Point, Series};
use crate::domain::situation::Situation;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How a route stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteState {
    /// Nothing fires, and every rule on it could tell.
    Fine,
    /// There are no figures, or a rule cannot tell.
    Unknown,
    /// Its figures are overdue.
    Stale,
    /// The worst active alert on its series is information.
    Info,
    /// … is a warning.
    Warning,
    /// … is critical.
    Critical,
}

impl RouteState {
    /// The word of JSON and text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Unknown => "unknown",
            Self::Stale => "stale",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// How a route stands in the picture. What fires comes first, the worst of it; then figures that are overdue; then
    /// what cannot be told. An overdue series is told by its alert of kind `stale`, which says nothing about how many came.
    pub fn of(route: &RouteId, situation: &Situation) -> Self {
        let on_it = |subject: &Subject| matches!(subject, Subject::Series(series) if series.route == *route);
        let active = || situation.active().into_iter().filter(|incident| on_it(&incident.subject));
        let worst =
            active().filter(|incident| incident.kind.as_str() != "stale").map(|incident| incident.severity).max();
        match worst {
            Some(Severity::Critical) => return Self::Critical,
            Some(Severity::Warning) => return Self::Warning,
            Some(Severity::Info) => return Self::Info,
            None => {}
        }
        if active().next().is_some() {
            return Self::Stale;
        }
        let has_figures = situation.facts.series.iter().any(|(id, series)| id.route == *route && !series.is_empty());
        let cannot_tell = situation.facts.judgements.values().any(|judgement| {
            on_it(&judgement.subject)
                && judgement.phase == Phase::Inactive
                && judgement.evaluation.verdict == Verdict::Unknown
        });
        if !has_figures || cannot_tell { Self::Unknown } else { Self::Fine }
    }
}

/// The figures of a series that stand beside one another.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Figures {
    /// The newest complete figure.
    pub latest: Option<Point>,
    /// That of the period before it; `None` where it is missing.
    pub previous: Option<Point>,
    /// That of the same period last year; `None` where it is missing.
    pub year_ago: Option<Point>,
}

impl Figures {
    /// The figures of a series; none of a series without values.
    pub fn of(series: Option<&Series>) -> Self {
        let Some((series, latest)) = series.and_then(|series| Some((series, series.last_complete()?))) else {
            return Self::default();
        };
        let complete =
            |period| series.point(period).filter(|point| point.status.is_complete() && point.value.is_some());
        Self {
            latest: Some(latest),
            previous: complete(latest.period.previous()),
            year_ago: complete(latest.period.year_before()),
        }
    }
}

/// The series of a route: described ones in their order, then others that have values.
pub fn series_of(id: &RouteId, route: Option<&Route>, situation: &Situation) -> Vec<SeriesId> {
    let described: Vec<SeriesId> =
        route.into_iter().flat_map(|route| &route.series).map(|spec| spec.id.clone()).collect();
    let others = situation.facts.series.keys().filter(|series| series.route == *id && !described.contains(series));
    described.iter().chain(others).cloned().collect()
}

/// The routes that the picture shows: configured ones in their order, then those that a mapping made.
pub fn routes_of(situation: &Situation) -> Vec<(RouteId, Option<&Route>)> {
    let configured: Vec<_> = situation.catalog.routes.iter().map(|route| (route.id.clone(), Some(route))).collect();
    let known: BTreeSet<&RouteId> = situation.catalog.routes.iter().map(|route| &route.id).collect();
    let made: BTreeSet<&RouteId> =
        situation.facts.series.keys().map(|id| &id.route).filter(|route| !known.contains(route)).collect();
    configured.into_iter().chain(made.into_iter().map(|route| (route.clone(), None))).collect()
}

/// How sure calm is, in words: `no alerts` only where it is proven; else `nothing firing; 2 feeds stale, 3 rules cannot tell`.
pub fn calm_words(situation: &Situation, now: Timestamp) -> String {
    let calm = situation.calm(now);
    let active = situation.active();
    let proven = calm.is_proven() && calm.feeds > 0;
    let first = if active.is_empty() {
        if proven { "no alerts".to_owned() } else { "nothing firing".to_owned() }
    } else {
        let by_severity: Vec<String> = [Severity::Critical, Severity::Warning, Severity::Info]
            .into_iter()
            .map(|severity| (severity, active.iter().filter(|incident| incident.severity == severity).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        format!("{} firing ({})", active.len(), by_severity.join(", "))
    };
    let mut doubts = Vec::new();
    if calm.feeds == 0 {
        doubts.push("no feeds".to_owned());
    }
    for state in [FeedState::Failing, FeedState::Stale, FeedState::Waiting] {
        let count = situation.catalog.feeds.iter().filter(|feed| situation.feed_state(feed, now) == state).count();
        if count > 0 {
            doubts.push(format!("{count} feed{} {state}", if count == 1 { "" } else { "s" }));
        }
    }
    match calm.unknown {
        0 => {}
        1 => doubts.push("1 rule cannot tell".to_owned()),
        more => doubts.push(format!("{more} rules cannot tell")),
    }
    if doubts.is_empty() { first } else { format!("{first}; {}", doubts.join(", ")) }
}
