//! The routes: state, newest figure with its period, against what came before and a year ago, a spark, and the figure's age.

use super::{alerts, state_of};
use crate::domain::route::Route;
use crate::domain::series::{Point, Series};
use crate::domain::time::Cadence;
use crate::domain::words;
use crate::ui::format;
use crate::ui::layout::WIDE;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::sparkline;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Which columns there is room for.
struct Columns {
    name: u16,
    unit: u16,
    latest: u16,
    period: u16,
    prior: u16,
    year: u16,
    spark: u16,
    age: u16,
}

impl Columns {
    const fn for_width(width: u16) -> Self {
        match width {
            WIDE.. => {
                let spare = width - WIDE;
                let spare = if spare > 80 { 80 } else { spare };
                Self { name: 22, unit: 11, latest: 9, period: 10, prior: 11, year: 20, spark: 8 + spare, age: 5 }
            }
            60.. => Self {
                name: if width >= 80 { 21 } else { 18 },
                unit: 0,
                latest: 9,
                period: 9,
                prior: 0,
                year: 14,
                spark: width - 60,
                age: 0,
            },
            40.. => Self { name: 15, unit: 0, latest: 8, period: 0, prior: 0, year: 10, spark: 0, age: 0 },
            _ => Self { name: 10, unit: 0, latest: 8, period: 0, prior: 0, year: 0, spark: 0, age: 0 },
        }
    }
}

/// Draws the table.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let routes = model.routes();
    let columns = Columns::for_width(area.width);
    head(model, &columns, area, buffer);
    if routes.is_empty() && area.height > 1 {
        let said = "no route has a series; a [[feed]] of kind \"statistics\" names some";
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put(said, model.theme.style(Role::Faint));
    }
    let rows = usize::from(area.height.saturating_sub(1));
    let first = super::offset_for(model.selection_of(Page::Overview), rows);
    for (at, route) in routes.iter().enumerate().skip(first).take(rows) {
        let row = u16::try_from(at - first + 1).unwrap_or(u16::MAX);
        draw_route(model, route, at == model.selection_of(Page::Overview), &columns, area, row, buffer);
    }
}

fn head(model: &Model, columns: &Columns, area: Rect, buffer: &mut Buffer) {
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).column("ROUTES", columns.name + 3, title).skip(1);
    cell(&mut pen, "", columns.unit, false, faint);
    cell(&mut pen, "latest", columns.latest, true, faint);
    cell(&mut pen, "period", columns.period, false, faint);
    cell(&mut pen, "vs prior", columns.prior, true, faint);
    cell(&mut pen, "vs year ago", columns.year, false, faint);
    if columns.spark >= 6 {
        let said = format!("{} periods", columns.spark);
        cell(&mut pen, &said, columns.spark, false, faint);
    }
    cell(&mut pen, "age", columns.age, true, faint);
}

fn draw_route(
    model: &Model,
    route: &Route,
    selected: bool,
    columns: &Columns,
    area: Rect,
    row: u16,
    buffer: &mut Buffer,
) {
    let text = model.theme.style(Role::Text);
    let faint = model.theme.style(Role::Faint);
    let series = model.picture.main_series(route);
    let worst = alerts::worst_on(model, &route.id);
    let (sign, role) = match (worst, series) {
        (Some(incident), _) => {
            let (sign, _, role) = state_of(incident, model);
            (sign, role)
        }
        (None, Some(_)) => (model.glyphs.fine, Role::Fine),
        (None, None) => (model.glyphs.unknown, Role::Unknown),
    };
    let state = model.theme.style(role);
    let name_style = if selected {
        model.theme.style(Role::Selection)
    } else if worst.is_some() {
        state
    } else {
        text
    };
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.put(if selected { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
    pen.column(sign, 2, state).skip(1).column(route.name.as_str(), columns.name, name_style).skip(1);
    let newest = series.and_then(|series| series.last_complete());
    let (Some(series), Some(newest)) = (series, newest) else {
        pen.put("nothing published yet", faint);
        return;
    };
    let spec = model.picture.catalog.series(series.id());
    cell(&mut pen, spec.unit.as_str(), columns.unit, false, faint);
    cell(&mut pen, &newest.value.map(words::count).unwrap_or_default(), columns.latest, true, text);
    let this_year = model.now.to_zoned_datetime(jiff::tz::TimeZone::UTC).year();
    let narrow = columns.year < 20;
    let old_day = newest.period.cadence() == Cadence::Day && newest.period.start().year() != this_year;
    let period = if narrow || old_day { short_period(newest, this_year) } else { words::period_short(newest.period) };
    cell(&mut pen, &period, columns.period, false, faint);
    cell(&mut pen, &against_prior(series, newest), columns.prior, true, text);
    cell(&mut pen, &against_year(series, newest, columns.year >= 20), columns.year, false, text);
    if columns.spark >= 6 {
        let place = Rect {
            x: area.right().saturating_sub(pen.room()),
            y: area.y + row,
            width: columns.spark.min(pen.room()),
            height: 1,
        };
        pen.skip(columns.spark + 1);
        cell(&mut pen, &age(model, series), columns.age, true, faint);
        let points = series.tail(series.last().unwrap_or(newest.period), usize::from(columns.spark));
        let look = sparkline::Look {
            bar: model.theme.style(Role::Bar),
            newest: if worst.is_some() { state } else { model.theme.style(Role::Bar) },
            faint,
        };
        sparkline::draw(&points, model.glyphs, look, place, buffer);
    }
}

/// A column with the space behind it; nothing where it has no width.
fn cell(pen: &mut Pen<'_>, text: &str, width: u16, right: bool, style: ratatui::style::Style) {
    if width == 0 {
        return;
    }
    if right {
        pen.right(text, width, style);
    } else {
        pen.column(text, width, style);
    }
    pen.skip(if right { 2 } else { 1 });
}

/// Two figures of the year; for days only where it is not this year.
fn short_period(point: Point, this_year: i16) -> String {
    let start = point.period.start();
    match point.period.cadence() {
        Cadence::Month => format!("{} {:02}", words::month_short(start.month()), start.year() % 100),
        Cadence::Day if start.year() != this_year => format!("{} {:02}", words::day(start), start.year() % 100),
        _ => words::period_short(point.period),
    }
}

/// Against the period before; for days the 7 days up to it against the 7 before, since a day by itself is weather.
fn against_prior(series: &Series, newest: Point) -> String {
    let window = if newest.period.cadence() == Cadence::Day { 7 } else { 1 };
    let now = series.sum(newest.period, window);
    let before = series.sum(newest.period.offset(-i64::try_from(window).unwrap_or(1)), window);
    let span = if window > 1 { format!("{window} d ") } else { String::new() };
    now.zip(before).map_or_else(|| "—".to_owned(), |(now, before)| format!("{span}{}", format::change(now, before)))
}

/// Against the same period a year ago; for days the last 28 of them.
fn against_year(series: &Series, newest: Point, with_base: bool) -> String {
    let daily = newest.period.cadence() == Cadence::Day;
    let window = if daily { 28 } else { 1 };
    let now = series.sum(newest.period, window);
    let before = series.sum(newest.period.year_before(), window);
    let Some((now, before)) = now.zip(before) else { return "—".to_owned() };
    let change = format::change(now, before);
    let span = if daily { "28 d " } else { "" };
    if with_base && before > 0.0 {
        format!("{span}{change} of {}", words::count(before))
    } else {
        format!("{span}{change}")
    }
}

/// How long ago the newest figure became known: its age as data, not as a fetch.
fn age(model: &Model, series: &Series) -> String {
    let known = series.newest_known().map(|known| known.at);
    known.map_or_else(|| "—".to_owned(), |at| model.age(model.now.duration_since(at)))
}
