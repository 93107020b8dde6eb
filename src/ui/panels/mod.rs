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

use super::layout::{self, Needs, Overview};
use super::message::Page;
use super::model::Model;
use super::theme::Role;
use crate::domain::alert::{Incident, Severity};
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

/// The page's area on the whole screen.
pub fn body(model: &Model) -> Rect {
    layout::frame(model.size.width, model.size.height, banner::text(model).is_some()).body
}

/// The parts of the overview.
pub fn overview_areas(model: &Model, body: Rect) -> Overview {
    let column = if body.width >= layout::WIDE { body.width - body.width * 2 / 5 } else { body.width };
    let needs = Needs {
        alerts: alerts::height(model, column, body.width >= layout::WIDE),
        routes: u16::try_from(model.routes().len()).unwrap_or(u16::MAX / 2),
        date: !model.picture.policy_dates(model.now).is_empty(),
        chart: model.chart,
        tier: model.glyphs.tier,
    };
    layout::overview(body, needs)
}

fn overview(model: &Model, body: Rect, buffer: &mut Buffer) {
    let areas = overview_areas(model, body);
    alerts::draw(model, areas.alerts, buffer);
    countdown::draw(model, areas.date, buffer);
    routes::draw(model, areas.routes, buffer);
    chart::draw(model, areas.chart, buffer);
    headlines::draw_brief(model, areas.headlines, buffer);
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

/// The first entry to show, so that the selected one is among `rows`.
pub fn offset_for(selected: usize, rows: usize) -> usize {
    (selected + 1).saturating_sub(rows.max(1))
}
