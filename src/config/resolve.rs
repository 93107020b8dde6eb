//! From tables to a configuration: each table is read in its own file, then the whole is checked for what holds between
//! them.

use super::feed::{FeedDraft, Usual};
use super::finding::{At, Complaint, Findings, Log};
use super::section::Section;
use super::settings::Settings;
use super::{Config, DEFAULT, FeedPlan, check, feed, policy_date, route, rule, scenario};
use crate::alerts;
use crate::domain::route::{Route, RouteId, SeriesSpec};
use crate::domain::situation::Catalog;
use crate::fetch::{FetchOptions, Place};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

/// Whether feeds must say where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// They must, unless replies are recorded.
    Needed,
    /// Somebody brings the reply himself.
    MayBeMissing,
}

/// Checks a file as a whole.
pub(super) fn resolve(text: &str, name: &str, folder: &Path, addresses: Addresses) -> Result<Config, Findings> {
    let log = Log::new(name, text);
    let (user, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = At { range: error.span().unwrap_or(0..0), key: String::new() };
        let what = format!("this is no TOML: {}", error.message());
        log.error(&at, Complaint::new(what, "mend the line; the rest is read once it is"));
    }
    if log.has_errors() {
        return Err(log.into_findings());
    }
    let defaults = DeTable::parse(DEFAULT).expect("default.toml is TOML: a test reads it");
    let config = read(Section::root(&user, &defaults, &log), folder, addresses);
    if log.has_errors() {
        return Err(log.into_findings());
    }
    Ok(Config { warnings: log.into_findings(), ..config })
}

/// Reads everything; what is wrong is left out, and told.
fn read(root: Section<'_>, folder: &Path, addresses: Addresses) -> Config {
    let log = root.log();
    let settings = Settings::read(&root, folder);
    let in_scenario = root.has("scenario") || addresses == Addresses::MayBeMissing;
    let scenario = root.table("scenario").and_then(scenario::read);
    let routes: Vec<_> = root.tables("route").into_iter().filter_map(route::read).collect();
    let caps = (settings.body_cap, settings.news_cap);
    let usual = Usual { deadline: settings.deadline, caps, folder, in_scenario };
    let feed_tables = root.tables("feed");
    let written = if root.has("feed") { feed_tables.len().max(1) } else { 0 };
    let feeds: Vec<_> = feed_tables.into_iter().filter_map(|table| feed::read(table, usual)).collect();
    let own_rules: Vec<_> = root.tables("rule").into_iter().filter_map(rule::read).collect();
    let policies: Vec<_> = root.tables("policy_date").into_iter().filter_map(policy_date::read).collect();
    root.finish();

    check::ids("route", routes.iter().map(|draft| (draft.route.id.as_str(), &draft.at)), log);
    check::ids("feed", feeds.iter().map(|draft| (draft.id.value.as_str(), &draft.id.at)), log);
    check::ids("rule", own_rules.iter().map(|draft| (draft.rule.id.as_str(), &draft.at)), log);
    check::ids("policy date", policies.iter().map(|draft| (draft.date.id.as_str(), &draft.at)), log);
    check::claims(&feeds, log);
    check::series(&routes, &feeds, log);
    check::feeds(&feeds, written, log);

    let paths = routes.iter().map(|draft| (draft.route.id.clone(), draft.path.clone()));
    let paths = paths.filter(|(_, path)| !path.is_empty()).collect();
    let zones: BTreeMap<_, _> = routes.iter().map(|draft| (draft.route.id.clone(), draft.zone.clone())).collect();
    let mut catalog = Catalog {
        routes: routes.into_iter().map(|draft| draft.route).collect(),
        feeds: feeds.iter().filter_map(|draft| Some(draft.plan.as_ref()?.feed.clone())).collect(),
        policy_dates: policies.iter().map(|draft| draft.date.clone()).collect(),
        families: feeds.iter().flat_map(|draft| draft.families.clone()).collect(),
        ..Catalog::default()
    };
    for claim in feeds.iter().flat_map(|draft| &draft.claims) {
        let zone = zones.get(&claim.id.route).cloned().flatten();
        describe(&mut catalog.routes, SeriesSpec { zone: zone.unwrap_or_else(|| claim.zone.clone()), ..claim.clone() });
    }
    check::routes(&catalog, &feeds, &policies, &own_rules, log);

    let mut rules = alerts::presets();
    for draft in &own_rules {
        // A rule of a preset's name stands in its place.
        rules.retain(|preset| preset.id != draft.rule.id);
        rules.push(draft.rule.clone());
    }
    check::compounds(alerts::link(&mut rules), &own_rules, log);
    catalog.thresholds = alerts::thresholds(&rules, &catalog);
    Config {
        title: settings.title,
        zone: settings.zone,
        theme: settings.theme,
        glyphs: settings.glyphs,
        color: settings.color,
        mouse: settings.mouse,
        store: settings.store,
        fetch: FetchOptions {
            body_cap: settings.body_cap,
            news_cap: settings.news_cap,
            host_pause: settings.host_pause,
            ..FetchOptions::default()
        },
        keep_headlines: settings.keep_headlines,
        catalog,
        feeds: sharing_hosts(feeds.into_iter().filter_map(|draft: FeedDraft| draft.plan).collect()),
        rules,
        policies: policies.into_iter().map(|draft| (draft.date.id, draft.changes)).collect(),
        paths,
        scenario,
        warnings: Findings::default(),
    }
}

/// A series that a feed claims is part of its route, which is made where nobody described it.
fn describe(routes: &mut Vec<Route>, spec: SeriesSpec) {
    let id: RouteId = spec.id.route.clone();
    let at = routes.iter().position(|route| route.id == id).unwrap_or_else(|| {
        routes.push(route::plain(&id));
        routes.len() - 1
    });
    match routes[at].series.iter_mut().find(|known| known.id == spec.id) {
        // Whether they are stocks, and in which zone, is for either of the two to say.
        Some(known) => {
            known.stock |= spec.stock;
            if known.zone == TimeZone::UTC {
                known.zone = spec.zone;
            }
        }
        None => routes[at].series.push(spec),
    }
}

/// Tells each feed whether others are asked at its host; a page and what it links to are two requests anyway.
fn sharing_hosts(mut feeds: Vec<FeedPlan>) -> Vec<FeedPlan> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for host in feeds.iter().filter_map(|plan| plan.place.host()) {
        *count.entry(host).or_default() += 1;
    }
    for plan in &mut feeds {
        let others = plan.place.host().is_some_and(|host| count[&host] > 1);
        plan.access.shares_host = others || matches!(plan.place, Place::Discover(_));
    }
    feeds
}
