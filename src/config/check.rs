//! What must hold between tables: nothing twice, one feed a series, no rule and no policy date on a route that is not there;
//! and what is odd but works.

use super::feed::FeedDraft;
use super::finding::{At, Complaint, Log};
use super::policy_date::PolicyDraft;
use super::route::{Described, RouteDraft};
use super::rule::RuleDraft;
use super::section::nearest;
use crate::alerts::LinkError;
use crate::domain::route::{RouteId, SeriesId};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::domain::time::Cadence;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The same id twice among tables of one kind.
pub(super) fn ids<'a>(of: &str, all: impl IntoIterator<Item = (&'a str, &'a At)>, log: &Log) {
    let mut seen: BTreeMap<&str, &At> = BTreeMap::new();
    for (id, at) in all {
        if let Some(first) = seen.get(id) {
            let what = format!("two {of}s are called \"{}\"", Printable::clean(id));
            log.clash(at, first, "the first one", Complaint::new(what, "give one of them another id"));
        } else {
            seen.insert(id, at);
        }
    }
}

/// A series that two feeds bring: an official file and its mirror would appear as each other's revisions.
pub(super) fn claims(feeds: &[FeedDraft], log: &Log) {
    let mut seen: BTreeMap<&SeriesId, &FeedDraft> = BTreeMap::new();
    for feed in feeds {
        for claim in feed.claims.iter().map(|claim| &claim.id) {
            match seen.get(claim) {
                Some(first) if first.id.value != feed.id.value => {
                    let what = format!("the series {claim} is claimed by the feed \"{}\" already", first.id.value);
                    let remedy = "give one of them another measure: two sources are two series";
                    log.clash(&feed.claims_at, &first.claims_at, "the first claim", Complaint::new(what, remedy));
                }
                Some(_) => {}
                None => {
                    seen.insert(claim, feed);
                }
            }
        }
    }
}

/// Series that are described twice, that no feed brings, and days that begin in no zone.
pub(super) fn series(routes: &[RouteDraft], feeds: &[FeedDraft], log: &Log) {
    for draft in routes {
        for (number, described) in draft.series.iter().enumerate() {
            let Described { spec, at, has_zone } = described;
            if let Some(first) = draft.series[..number].iter().find(|other| other.spec.id == spec.id) {
                let what = format!("the series {} is described twice", spec.id);
                let complaint = Complaint::new(what, "put all that is known of it into one table");
                log.clash(at, &first.at, "the first one", complaint);
            }
            let claim = feeds.iter().flat_map(|feed| &feed.claims).find(|claim| claim.id == spec.id);
            // Where the feed says its zone, the series is in it.
            let fed = claim.is_some_and(|claim| claim.zone != TimeZone::UTC);
            if !has_zone && !fed && spec.id.cadence == Cadence::Day {
                let what = format!("the series {} says no zone, so its days are taken as days of UTC", spec.id);
                log.warn(at, Complaint::new(what, "add the publisher's zone, such as zone = \"Europe/London\""));
            }
            let claimed = claim.is_some();
            let made = feeds.iter().flat_map(|feed| &feed.families).any(|family| family.may_make(&spec.id.route));
            // A feed that is wrong claims nothing; the series is not to blame.
            if !claimed && !made && feeds.iter().all(|feed| feed.plan.is_some()) && !spec.ended {
                let what = format!("no feed brings the series {}", spec.id);
                let remedy = brought_instead(&spec.id, feeds);
                log.warn(at, Complaint::new(what, remedy));
            }
        }
    }
}

/// What feeds bring of that route, where a measure or cadence was mistaken.
fn brought_instead(id: &SeriesId, feeds: &[FeedDraft]) -> String {
    let near: Vec<String> = feeds
        .iter()
        .flat_map(|feed| feed.claims.iter().map(|claim| &claim.id))
        .filter(|claim| claim.route == id.route)
        .map(|claim| format!("measure = \"{}\", cadence = \"{}\"", claim.measure, claim.cadence))
        .collect();
    if near.is_empty() {
        format!("let a [[feed]] bring route = \"{}\", or set ended = true", id.route)
    } else {
        format!("feeds bring {}", near.join("; "))
    }
}

/// Policy dates and rules on routes that are not there, and rules that look at nothing that is known by name.
pub(super) fn routes(catalog: &Catalog, feeds: &[FeedDraft], policies: &[PolicyDraft], rules: &[RuleDraft], log: &Log) {
    let is_known = |id: &RouteId| {
        catalog.route(id).is_some() || feeds.iter().flat_map(|feed| &feed.families).any(|family| family.may_make(id))
    };
    for policy in policies {
        for (route, at) in policy.date.routes.iter().zip(&policy.routes_at).filter(|(route, _)| !is_known(route)) {
            let what = format!("the route \"{route}\" is not configured");
            log.error(at, Complaint::new(what, known_routes(route, catalog)));
        }
    }
    for draft in rules {
        match &draft.rule.selector.route {
            Some(route) if !is_known(route) => {
                let what = format!("the rule \"{}\" is on a route that is not configured", draft.rule.id);
                log.error(&draft.route_at, Complaint::new(what, known_routes(route, catalog)));
            }
            // The series of a route that a template makes are found when they come.
            Some(route) if catalog.route(route).is_none() => {}
            _ if draft.rule.looks_at_nothing(catalog) => {
                let what = format!("the rule \"{}\" looks at no series that is known by name", draft.rule.id);
                let remedy = "check its route, measure and cadence";
                log.warn(&draft.at, Complaint::new(what, remedy));
            }
            _ => {}
        }
    }
}

/// Compounds that count rules that are not there, judge no figures, or count them in turn.
pub(super) fn compounds(errors: Vec<LinkError>, rules: &[RuleDraft], log: &Log) {
    for error in errors {
        let own = rules.iter().find(|draft| draft.rule.id == error.rule);
        // A preset is to blame for nothing: a rule has taken the place of one that it counts.
        let in_place = rules.iter().find(|draft| draft.rule.id == error.member);
        let Some(at) = own.map(|draft| &draft.of_at).or(in_place.map(|draft| &draft.at)) else { continue };
        let what = format!("the rule \"{}\" cannot count what it names: {}", error.rule, error.what);
        log.error(at, Complaint::new(what, error.remedy));
    }
}

/// Nothing is monitored where nothing is fetched.
pub(super) fn feeds(feeds: &[FeedDraft], written: usize, log: &Log) {
    let start = At { range: 0..0, key: "feed".to_owned() };
    if written == 0 {
        let remedy = "add a [[feed]]; `watchfloor init --print` shows some";
        log.error(&start, Complaint::new("no feed is configured", remedy));
        return;
    }
    for (feed, plan) in feeds.iter().filter_map(|feed| Some((feed, feed.plan.as_ref()?))) {
        if plan.feed.deadline > plan.feed.every {
            let what = format!("the feed \"{}\" is asked more often than a fetch may take", feed.id.value);
            log.warn(&feed.id.at, Complaint::new(what, "let `every` be longer than `deadline`"));
        }
    }
}

fn known_routes(wanted: &RouteId, catalog: &Catalog) -> String {
    let names: Vec<&str> = catalog.routes.iter().map(|route| route.id.as_str()).collect();
    match nearest(wanted.as_str(), names.iter().copied()) {
        _ if names.is_empty() => "add a [[route]] first".to_owned(),
        Some(near) => format!("did you mean \"{near}\"? routes are {}", names.join(", ")),
        None => format!("routes are {}", names.join(", ")),
    }
}
