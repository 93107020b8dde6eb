//! The routes: state, newest figure with its period, against what came before and a year ago, a spark, and the figure's age.

use super::{chart, state_of_route};
use crate::domain::observation::KnownHow;
use crate::domain::route::Route;
use crate::domain::series::{Point, Series};
use crate::domain::time::{Cadence, Period};
use crate::domain::words;
use crate::ui::format;
use crate::ui::glyphs::Tier;
use crate::ui::layout::WIDE;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::sparkline::{Column, Look, Spark};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws the table.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let routes = model.routes();
    let names = routes.iter().map(|route| route.name.width()).max().unwrap_or(0);
    let columns = Columns::for_width(area.width, model.index.longest, names);
    let head_rows = head_rows(model, area);
    if head_rows > 0 {
        head(model, &columns, area, buffer);
    }
    if routes.is_empty() {
        let said = "no route has a series; a [[feed]] of kind \"statistics\" names some";
        Pen::new(buffer, model.glyphs, area, head_rows).skip(1).put(said, model.theme.style(Role::Faint));
    }
    let first = offset(model, area);
    for (row, (at, route)) in (head_rows..area.height).zip(routes.iter().enumerate().skip(first)) {
        draw_route(model, route, at == model.selection_of(Page::Overview), &columns, area, row, buffer);
    }
}

/// Rows of the table's head: none where the routes themselves need the room.
pub fn head_rows(model: &Model, area: Rect) -> u16 {
    u16::from(usize::from(area.height) > model.routes().len().clamp(1, 3))
}

/// The first route that is shown.
pub fn offset(model: &Model, area: Rect) -> usize {
    let rows = usize::from(area.height.saturating_sub(head_rows(model, area)));
    super::offset_for(model.selection_of(Page::Overview), rows)
}

/// How wide each column is; 0 for one that there is no room for.
#[derive(Debug)]
struct Columns {
    word: u16,
    name: u16,
    unit: u16,
    latest: u16,
    period: u16,
    prior: u16,
    year: u16,
    spark: u16,
    age: u16,
}

/// Columns of a spark for periods after the newest: a policy date that lies ahead stands there.
const AHEAD: u16 = 2;
/// A spark with fewer columns says nothing.
const SPARK: u16 = 14;
/// One with more is a chart, and the chart is elsewhere.
const LONG_SPARK: u16 = 60;

impl Columns {
    /// Columns for an area's width, the periods of the longest series and the width of the longest name.
    ///
    /// Drops columns as the room shrinks: the spark before the figures, the base before the change. What is left over goes to
    /// the spark, then to the name.
    fn for_width(width: u16, longest: usize, names: usize) -> Self {
        let narrow = |wanted: usize| u16::try_from(wanted).unwrap_or(LONG_SPARK).min(LONG_SPARK);
        let (longest, names) = (narrow(longest), narrow(names));
        let mut columns = match width {
            WIDE.. => {
                Self { word: 0, name: 20, unit: 0, latest: 9, period: 9, prior: 0, year: 19, spark: SPARK, age: 6 }
            }
            72.. => Self { word: 0, name: 18, unit: 0, latest: 9, period: 7, prior: 0, year: 10, spark: SPARK, age: 6 },
            56.. => Self { word: 0, name: 16, unit: 0, latest: 9, period: 7, prior: 0, year: 10, spark: 0, age: 6 },
            38.. => Self { word: 0, name: 14, unit: 0, latest: 9, period: 0, prior: 0, year: 10, spark: 0, age: 0 },
            _ => Self { word: 0, name: 4, unit: 0, latest: 9, period: 0, prior: 0, year: 0, spark: 0, age: 0 },
        };
        let mut spare = width.saturating_sub(columns.width());
        let mut give = |to: &mut u16, wanted: u16, whole: bool| {
            let given = if whole && spare < wanted { 0 } else { wanted.min(spare) };
            *to += given;
            spare -= given;
        };
        let missing = names.saturating_sub(columns.name);
        give(&mut columns.name, missing.min(3), false);
        if width >= WIDE {
            // A new column takes the space behind it too.
            for (column, wanted) in [(&mut columns.prior, 10), (&mut columns.unit, 10), (&mut columns.word, 8)] {
                give(column, wanted + GAP, true);
                *column = column.saturating_sub(GAP);
            }
        }
        if columns.spark > 0 {
            give(&mut columns.spark, longest.saturating_add(AHEAD).min(LONG_SPARK).saturating_sub(SPARK), false);
        }
        let missing = names.saturating_sub(columns.name);
        give(&mut columns.name, missing, false);
        columns
    }

    fn width(&self) -> u16 {
        let all =
            [self.word, self.name, self.unit, self.latest, self.period, self.prior, self.year, self.spark, self.age];
        // The last one has a single column behind it.
        START - 1 + all.into_iter().filter(|width| *width > 0).map(|width| width + GAP).sum::<u16>()
    }
}

/// Pointer, sign and a space.
const START: u16 = 4;
/// Between two columns.
const GAP: u16 = 2;

fn head(model: &Model, columns: &Columns, area: Rect, buffer: &mut Buffer) {
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).put("ROUTES", title);
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(START);
    for width in [columns.word, columns.name, columns.unit] {
        pen.skip(if width > 0 { width + GAP } else { 0 });
    }
    cell(&mut pen, "latest", columns.latest, true, faint);
    cell(&mut pen, "period", columns.period, false, faint);
    cell(&mut pen, "vs prior", columns.prior, true, faint);
    cell(&mut pen, if columns.year < 11 { "vs a year" } else { "vs a year ago" }, columns.year, false, faint);
    cell(&mut pen, &format!("{} periods", columns.spark.saturating_sub(AHEAD)), columns.spark, false, faint);
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
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let (sign, word, role) = state_of_route(route, model);
    let state = model.theme.style(role);
    let name = if selected { model.theme.style(Role::Selection) } else { state };
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.put(if selected { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
    pen.column(sign, 2, state).skip(1);
    cell(&mut pen, word, columns.word, false, state);
    cell(&mut pen, route.name.as_str(), columns.name, false, name);
    let series = model.picture.main_series(route);
    let newest = series.and_then(|series| series.last_complete());
    let (Some(series), Some(newest)) = (series, newest) else {
        pen.put("nothing published yet", faint);
        return;
    };
    let spec = model.picture.catalog.series(series.id());
    cell(&mut pen, spec.unit.as_str(), columns.unit, false, faint);
    cell(&mut pen, &newest.value.map(words::count).unwrap_or_default(), columns.latest, true, text);
    let this_year = model.now.to_zoned_datetime(TimeZone::UTC).year();
    cell(&mut pen, &period(newest.period, columns.period, this_year), columns.period, false, faint);
    cell(&mut pen, &against_prior(series, newest), columns.prior, true, text);
    cell(&mut pen, &against_year(series, newest, columns.year), columns.year, false, text);
    if columns.spark > 0 {
        let width = columns.spark.min(pen.room());
        let place = Rect { x: pen.at(), y: area.y.saturating_add(row), width, height: 1 };
        pen.skip(columns.spark + GAP);
        cell(&mut pen, &age(model, series), columns.age, true, faint);
        draw_spark(model, route, series, state, place, buffer);
    } else {
        cell(&mut pen, &age(model, series), columns.age, true, faint);
    }
}

/// A column with the space behind it; nothing where it has no width.
fn cell(pen: &mut Pen<'_>, text: &str, width: u16, right: bool, style: Style) {
    if width == 0 {
        return;
    }
    if right {
        pen.right(text, width, style);
    } else {
        pen.column(text, width, style);
    }
    pen.skip(GAP);
}

/// All sparks of a cadence end with the same period, so that columns can be compared down the page: one that is late has a gap.
fn draw_spark(model: &Model, route: &Route, series: &Series, state: Style, place: Rect, buffer: &mut Buffer) {
    let cadence = series.id().cadence;
    let Some(until) = model.index.newest.get(&cadence).copied() else { return };
    let (first, last) = (series.first(), series.last());
    let count = i64::from(place.width);
    let periods = (0..count).map(|at| until.offset(at + 1 + i64::from(AHEAD) - count));
    let column = |period: Period| match series.point(period) {
        Some(point) => Column::Point(point),
        // Before the first value there is no gap: there is no series yet. A series that has ended misses nothing.
        None if first.is_none_or(|first| period < first) || period > until => Column::Blank,
        None if last.is_some_and(|last| period > last) && model.picture.catalog.series(series.id()).ended => {
            Column::Blank
        }
        None => Column::Gap,
    };
    let dates: Vec<Period> = chart::marks(model, route, cadence).into_iter().map(|(period, _)| period).collect();
    let columns: Vec<Column> = periods.clone().map(column).collect();
    let marks: Vec<usize> =
        periods.enumerate().filter(|(_, period)| dates.contains(period)).map(|(at, _)| at).collect();
    let threshold = chart::thresholds(model, series).into_iter().reduce(f64::min);
    let look = Look {
        bar: model.theme.style(Role::Bar),
        newest: state,
        over: model.theme.style(Role::Threshold),
        faint: model.theme.style(Role::Faint),
        mark: model.theme.style(Role::Held),
    };
    Spark { columns: &columns, threshold, marks: &marks }.draw(model.glyphs, look, place, buffer);
}

/// A period in its column; a day of another year says which.
fn period(period: Period, width: u16, this_year: i16) -> String {
    let (start, other_year) = (period.start(), period.start().year() != this_year);
    let short_year = start.year() % 100;
    match period.cadence() {
        Cadence::Month if width < 8 => format!("{} {short_year:02}", words::month_short(start.month())),
        Cadence::Day if other_year && width < 9 => format!("{} {short_year:02}", words::month_short(start.month())),
        Cadence::Day if other_year => format!("{} {short_year:02}", words::day(start)),
        _ => words::period_short(period),
    }
}

/// Against the period before; for days the 7 days up to it against the 7 before, since a day by itself is weather.
pub fn against_prior(series: &Series, newest: Point) -> String {
    let window = if newest.period.cadence() == Cadence::Day { 7 } else { 1 };
    let now = series.sum(newest.period, window);
    let before = series.sum(newest.period.offset(-i64::try_from(window).unwrap_or(1)), window);
    let span = if window > 1 { format!("{window} d ") } else { String::new() };
    now.zip(before).map_or_else(|| "—".to_owned(), |(now, before)| format!("{span}{}", format::change(now, before)))
}

/// Against the same period a year ago, with the base where there is room; for days the last 28 of them.
pub fn against_year(series: &Series, newest: Point, width: u16) -> String {
    let daily = newest.period.cadence() == Cadence::Day;
    let window = if daily { 28 } else { 1 };
    let now = series.sum(newest.period, window);
    let before = series.sum(newest.period.year_before(), window);
    let Some((now, before)) = now.zip(before) else { return "—".to_owned() };
    let span = if daily { "28 d " } else { "" };
    let change = format!("{span}{}", format::change(now, before));
    if width >= 14 && before > 0.0 { format!("{change} of {}", words::count(before)) } else { change }
}

/// How long ago the newest figure became known: its age as data, not as a fetch. Where that is assumed it says so.
pub fn age(model: &Model, series: &Series) -> String {
    let Some(known) = series.newest_known() else { return "—".to_owned() };
    let age = model.ago(known.at);
    match (known.how, model.glyphs.tier) {
        (KnownHow::Assumed, Tier::Ascii | Tier::Console) => format!("~{age}"),
        (KnownHow::Assumed, _) => format!("≈{age}"),
        (KnownHow::Seen | KnownHow::Stated, _) => age,
    }
}
