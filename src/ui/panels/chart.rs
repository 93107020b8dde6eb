//! The selected route's chart: space left over shows more of it, never bigger borders.

use super::alerts;
use crate::domain::policy_date::PolicyStatus;
use crate::domain::time::Period;
use crate::domain::words;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::chart::{Chart, Look, capacity};
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the chart with its head.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(route) = model.route() else { return };
    if area.height < 6 {
        return;
    }
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let Some(series) = model.picture.main_series(route) else {
        Pen::new(buffer, model.glyphs, area, 0).skip(1).put("SELECTED", title).skip(2).put(route.name.as_str(), text);
        Pen::new(buffer, model.glyphs, area, 2).skip(1).put("nothing published yet", faint);
        return;
    };
    let spec = model.picture.catalog.series(series.id());
    let cadence = series.id().cadence;
    let lines: Vec<f64> = model
        .picture
        .catalog
        .thresholds
        .iter()
        .filter(|line| line.series == *series.id())
        .map(|line| line.fire)
        .collect();
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    let legend: Vec<String> =
        lines.iter().map(|line| format!("{} {}", model.glyphs.threshold, words::count(*line))).collect();
    pen.at_end(&format!("{} ", legend.join("  ")), model.theme.style(Role::Threshold));
    pen.skip(1).put("SELECTED", title).skip(2).put(route.name.as_str(), text);
    pen.put(&format!(" · {} a {cadence}", spec.unit), faint);

    let plot = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let Some(last) = series.last() else { return };
    let marks = marks(model, route, cadence);
    // Room is left for policy dates that lie ahead.
    let ahead =
        marks.iter().map(|mark| mark.index() - last.index()).filter(|ahead| *ahead > 0).max().unwrap_or(0).min(4);
    let fits = capacity(plot.width, cadence, model.glyphs.tier).saturating_sub(usize::try_from(ahead).unwrap_or(0));
    let length = usize::try_from(last.index() - series.first().map_or(last.index(), Period::index) + 1).unwrap_or(fits);
    let count = fits.min(length);
    let first = last.offset(1 - i64::try_from(count).unwrap_or(1));
    let points: Vec<_> = (0..count)
        .map(|at| {
            let period = first.offset(i64::try_from(at).unwrap_or(0));
            (period, series.point(period))
        })
        .collect();
    let newest = alerts::worst_on(model, &route.id).map_or(Role::Bar, |incident| super::state_of(incident, model).2);
    let look = Look {
        bar: model.theme.style(Role::Bar),
        newest: model.theme.style(newest),
        faint,
        threshold: model.theme.style(Role::Threshold),
        mark: model.theme.style(Role::Held),
    };
    Chart { points: &points, thresholds: &lines, marks: &marks }.draw(model.glyphs, look, plot, buffer);
}

/// The periods of policy dates that bear on the route.
fn marks(model: &Model, route: &crate::domain::route::Route, cadence: crate::domain::time::Cadence) -> Vec<Period> {
    let dates = model.picture.policy_dates(model.now);
    let of_route = dates.iter().filter(|(date, _)| date.routes.contains(&route.id));
    let counts =
        of_route.filter(|(_, standing)| !matches!(standing.entry.status, PolicyStatus::Held | PolicyStatus::Withdrawn));
    counts.filter_map(|(_, standing)| standing.entry.due).map(|due| Period::containing(cadence, due.date())).collect()
}
