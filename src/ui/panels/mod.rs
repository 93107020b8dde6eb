//! Panels: one file a part of the screen, each a function of the Model, an area and the buffer. A new page is a file and its
//! line in [`PANELS`].

pub mod alerts;
pub mod banner;
pub mod chart;
pub mod countdown;
pub mod dates;
pub mod feeds;
pub mod header;
pub mod headlines;
pub mod help;
pub mod routes;
#[cfg(test)]
mod snapshots_test;

use super::layout::{self, Frame, Needs, Overview};
use super::message::Page;
use super::model::Model;
use super::theme::Role;
use super::view::contained;
use crate::domain::alert::{Incident, Severity};
use crate::domain::route::Route;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A page's drawing.
pub struct Panel {
    /// Which page.
    pub page: Page,
    /// Its name, where something goes wrong.
    pub name: &'static str,
    /// Draws it.
    pub draw: fn(&Model, Rect, &mut Buffer),
}

/// Every page.
pub const PANELS: &[Panel] = &[
    Panel { page: Page::Overview, name: "overview", draw: overview },
    Panel { page: Page::Dates, name: "dates", draw: dates::draw },
    Panel { page: Page::Headlines, name: "headlines", draw: headlines::draw },
    Panel { page: Page::Feeds, name: "feeds", draw: feeds::draw },
];

/// The parts of the whole screen.
pub fn frame(model: &Model) -> Frame {
    layout::frame(model.size.width, model.size.height, banner::text(model).is_some())
}

/// The parts of the overview.
pub fn overview_areas(model: &Model, body: Rect) -> Overview {
    let column = layout::alerts_width(body.width);
    let dates = model.picture.policy_dates(model.now).len();
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX / 4);
    let needs = Needs {
        alerts: alerts::heights(model, column),
        routes: rows(model.routes().len()),
        date: dates > 0,
        more_dates: rows(dates.saturating_sub(1)),
        chart: model.chart,
        tier: model.glyphs.tier,
    };
    layout::overview(body, needs)
}

fn overview(model: &Model, body: Rect, buffer: &mut Buffer) {
    let areas = overview_areas(model, body);
    contained(model, "the alerts", areas.alerts, buffer, alerts::draw);
    contained(model, "the next date", areas.date, buffer, countdown::draw);
    contained(model, "the routes", areas.routes, buffer, routes::draw);
    contained(model, "the chart", areas.chart, buffer, chart::draw);
    contained(model, "the headlines", areas.headlines, buffer, headlines::draw_brief);
}

/// The sign, the word and the role of an incident. Falls have a sign of their own.
pub fn state_of(incident: &Incident, model: &Model) -> (&'static str, &'static str, Role) {
    let glyphs = model.glyphs;
    let kind = incident.kind.as_str();
    let falls = incident.rule.as_str().ends_with("-down") || kind == "below";
    match incident.severity {
        _ if kind == "stale" => (glyphs.stale, "stale", Role::Stale),
        Severity::Critical => (glyphs.critical, "critical", Role::Critical),
        _ if falls => (glyphs.falling, "falling", Role::Falling),
        Severity::Warning => (glyphs.warning, "warning", Role::Warning),
        Severity::Info => (glyphs.info, "info", Role::Info),
    }
}

/// The sign, the word and the role of a route: its worst alert; else what keeps it from being proven fine.
pub fn state_of_route(route: &Route, model: &Model) -> (&'static str, &'static str, Role) {
    let glyphs = model.glyphs;
    if let Some(incident) = alerts::worst_on(model, &route.id) {
        return state_of(incident, model);
    }
    let Some(series) = model.picture.main_series(route) else { return (glyphs.unknown, "no data", Role::Unknown) };
    if model.picture.catalog.series(series.id()).ended {
        return (glyphs.info, "ended", Role::Faint);
    }
    if model.index.doubted.contains(&route.id) {
        (glyphs.unknown, "unknown", Role::Unknown)
    } else {
        (glyphs.fine, "fine", Role::Fine)
    }
}

/// The first entry to show, so that the selected one is among `rows`.
pub fn offset_for(selected: usize, rows: usize) -> usize {
    (selected + 1).saturating_sub(rows.max(1))
}
