//! The selected route's chart: space left over shows more of it, never bigger borders. Opened, it takes the page, with what
//! stands behind the figures below it.

use super::{alerts, headlines, routes, state_of, state_of_route};
use crate::domain::policy_date::PolicyStatus;
use crate::domain::route::Route;
use crate::domain::series::Series;
use crate::domain::time::{Cadence, Period};
use crate::domain::words;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::chart::{Chart, Look, capacity};
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Rows below which a chart with its head says little.
const LEAST: u16 = 10;

/// Draws the chart with its head; opened, with the facts below it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(route) = model.route().filter(|_| area.height > 0) else { return };
    let facts = if model.chart { facts(model, route) } else { Vec::new() };
    let rows = u16::try_from(facts.len()).unwrap_or(u16::MAX);
    // The chart keeps most of the page; what is said below it is cut first.
    let below = if rows == 0 { 0 } else { (rows + 1).min(area.height / 2).min(area.height.saturating_sub(LEAST)) };
    let above = Rect { height: area.height - below, ..area };
    draw_chart(model, route, above, buffer);
    let below = Rect { y: above.bottom(), height: below, ..area };
    for (row, fact) in (1..below.height).zip(&facts) {
        let mut pen = Pen::new(buffer, model.glyphs, below, row);
        pen.skip(1).column(fact.head, 10, model.theme.style(Role::Faint)).skip(1);
        pen.put(&fact.text, model.theme.style(fact.role));
    }
}

fn draw_chart(model: &Model, route: &Route, area: Rect, buffer: &mut Buffer) {
    let (title, text, faint) =
        (model.theme.style(Role::Title), model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let head = if model.chart { "ROUTE" } else { "SELECTED" };
    let Some(series) = model.picture.main_series(route) else {
        Pen::new(buffer, model.glyphs, area, 0).skip(1).put(head, title).skip(2).put(route.name.as_str(), text);
        Pen::new(buffer, model.glyphs, area, 2).skip(1).put("nothing published yet", faint);
        return;
    };
    let spec = model.picture.catalog.series(series.id());
    let cadence = series.id().cadence;
    let lines = thresholds(model, series);
    let marks = marks(model, route, cadence);
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    // At the right what the lines mean, the threshold outermost; what does not fit beside the title is left out.
    let title_width = u16::try_from(route.name.width() + spec.unit.width()).unwrap_or(u16::MAX).saturating_add(28);
    let fits = |pen: &Pen<'_>, said: &str| usize::from(pen.room().saturating_sub(title_width)) > said.width();
    for line in &lines {
        let said = format!("{} {} ", model.glyphs.threshold, words::count(*line));
        if fits(&pen, &said) {
            pen.at_end(&said, model.theme.style(Role::Threshold));
        }
    }
    for (_, name) in &marks {
        let said = format!("{} {name} ", model.glyphs.mark);
        if fits(&pen, &said) {
            pen.at_end(&said, model.theme.style(Role::Held));
        }
    }
    pen.skip(1).put(head, title).skip(2).put(route.name.as_str(), text);
    pen.put(&format!(" · {} a {cadence}", spec.unit), faint);

    let plot = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let Some(last) = series.last() else { return };
    let marks: Vec<Period> = marks.into_iter().map(|(period, _)| period).collect();
    // Room is left for policy dates that lie ahead.
    let ahead = marks.iter().map(|mark| mark.index() - last.index()).filter(|ahead| *ahead > 0).max();
    let ahead = usize::try_from(ahead.unwrap_or(0).min(4)).unwrap_or(0);
    let fits = capacity(plot.width, cadence, model.glyphs.tier).saturating_sub(ahead);
    let length = series.points().len();
    let count = i64::try_from(fits.min(length)).unwrap_or(i64::MAX);
    let points: Vec<_> = (1 - count..=0)
        .map(|back| {
            let period = last.offset(back);
            (period, series.point(period))
        })
        .collect();
    let look = Look {
        bar: model.theme.style(Role::Bar),
        newest: model.theme.style(match alerts::worst_on(model, &route.id) {
            Some(incident) => state_of(incident, model).2,
            None => Role::Bar,
        }),
        faint,
        threshold: model.theme.style(Role::Threshold),
        mark: model.theme.style(Role::Held),
    };
    Chart { points: &points, thresholds: &lines, marks: &marks }.draw(model.glyphs, look, plot, buffer);
}

/// The values at which a rule fires on a series, from the configuration.
pub fn thresholds(model: &Model, series: &Series) -> Vec<f64> {
    let lines = model.picture.catalog.thresholds.iter().filter(|line| line.series == *series.id());
    lines.map(|line| line.fire).collect()
}

/// The periods of policy dates that bear on a route, with their names. A date that is held or withdrawn does not count.
pub fn marks(model: &Model, route: &Route, cadence: Cadence) -> Vec<(Period, String)> {
    let dates = model.picture.policy_dates(model.now);
    let counts = dates.iter().filter(|(date, standing)| {
        date.routes.contains(&route.id)
            && !matches!(standing.entry.status, PolicyStatus::Held | PolicyStatus::Withdrawn)
    });
    let mark = counts.filter_map(|(date, standing)| {
        let day = standing.entry.due?.date();
        Some((Period::containing(cadence, day), format!("{} {}", date.name, words::day(day))))
    });
    mark.collect()
}

/// A line below the opened chart.
struct Fact {
    head: &'static str,
    text: String,
    role: Role,
}

/// What stands behind the figures: the newest with its vintage, the record, the alerts, the headlines.
fn facts(model: &Model, route: &Route) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |head, text: String, role| facts.push(Fact { head, text, role });
    let (sign, word, role) = state_of_route(route, model);
    tell("state", format!("{sign}{}{word}", if sign.ends_with(' ') { "" } else { " " }), role);
    if let Some(series) = model.picture.main_series(route)
        && let Some(newest) = series.last_complete()
    {
        let unit = model.picture.catalog.series(series.id()).unit;
        let figure = |value: Option<f64>| value.map(words::count).unwrap_or_default();
        let known = series.newest_known().map(|known| {
            let day = words::day_and_year(known.at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
            format!(", known {day} ({})", known.how.word())
        });
        let (latest, period) = (figure(newest.value), words::period(newest.period));
        tell("latest", format!("{latest} {unit} in {period}{}", known.unwrap_or_default()), Role::Text);
        let (prior, year) = (routes::against_prior(series, newest), routes::against_year(series, newest, u16::MAX));
        tell("change", format!("{prior} against the period before, {year} against a year ago"), Role::Text);
        let complete = series.points().flatten().filter(|point| point.status.is_complete() && point.value.is_some());
        // The first of equals: a record is broken, not repeated.
        let highest = complete.reduce(|a, b| if b.value > a.value { b } else { a });
        if let (Some(highest), Some(first)) = (highest, series.first()) {
            let missing = series.points().filter(Option::is_none).count();
            let gaps = if missing > 0 { format!(", {missing} missing") } else { String::new() };
            let (most, when) = (figure(highest.value), words::period(highest.period));
            tell("highest", format!("{most} in {when}, since {}{gaps}", words::period(first)), Role::Text);
        }
    }
    for incident in alerts::on_route(model, &route.id) {
        let (_, word, role) = state_of(incident, model);
        let age = model.ago(incident.opened);
        tell("alert", format!("{word} · {} · {} · {age}", incident.rule, incident.reason), role);
    }
    for headline in model.index.headlines.iter().filter(|headline| headlines::is_about(model, headline, route)).take(3)
    {
        tell("headline", format!("{} · {}", words::day_of(headline.at()), headline.item.title), Role::Text);
    }
    if let Some(owner) = &route.owner {
        tell("owner", owner.to_string(), Role::Text);
    }
    facts
}
