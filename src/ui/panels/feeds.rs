//! Feeds: whether each is fresh, and everything that a person needs to find out why one is not.

use crate::domain::feed::{FeedKind, FeedState};
use crate::domain::situation::Mode;
use crate::domain::text::wrap;
use crate::domain::words;
use crate::ui::format;
use crate::ui::message::Page;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// The list with its head; what the selected feed says stands right below.
pub fn list_area(model: &Model, area: Rect) -> Rect {
    let most = area.height.saturating_sub(details_height(area.height));
    Rect { height: u16::try_from(model.entries(Page::Feeds) + 1).unwrap_or(u16::MAX).max(2).min(most), ..area }
}

/// Rows that are kept for what the selected feed says, with the empty one before it: on most pages enough for what is wrong and what to
/// do about it.
const fn details_height(page: u16) -> u16 {
    match page {
        20.. => 8,
        12.. => 6,
        _ => 0,
    }
}

/// The first feed that is shown.
pub fn offset(model: &Model, area: Rect) -> usize {
    super::offset_for(model.selection_of(Page::Feeds), usize::from(list_area(model, area).height.saturating_sub(1)))
}

/// Draws the page.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let columns = Columns::for_width(area.width);
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).put("FEEDS", title);
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(START + columns.name + 1);
    for (head, width) in columns.heads() {
        cell(&mut pen, head, width, faint);
    }
    let selected = model.selection_of(Page::Feeds);
    let first = offset(model, area);
    if model.picture.catalog.feeds.is_empty() {
        Pen::new(buffer, model.glyphs, area, 1).skip(1).put("none; a [[feed]] in the configuration names one", faint);
    }
    let list = list_area(model, area);
    for (row, at) in (1..list.height).zip(first..model.picture.catalog.feeds.len()) {
        draw_row(model, at, at == selected, &columns, list, row, buffer);
    }
    let below = Rect { y: list.bottom(), height: area.bottom() - list.bottom(), ..area };
    if below.height > 1 {
        details(model, selected, Rect { y: below.y + 1, height: below.height - 1, ..below }, buffer);
    }
}

/// How wide each column is; 0 for one that there is no room for.
struct Columns {
    name: u16,
    success: u16,
    until: u16,
    next: u16,
    took: u16,
    http: u16,
    trouble: u16,
}

/// Pointer, sign and word of the state.
const START: u16 = 14;

impl Columns {
    /// Drops columns as the room shrinks: what the network did before what the data say, and success last.
    const fn for_width(width: u16) -> Self {
        match width {
            100.. => Self { name: 28, success: 10, until: 12, next: 7, took: 9, http: 5, trouble: width },
            70.. => Self { name: 25, success: 10, until: 12, next: 7, took: 0, http: 5, trouble: 0 },
            54.. => Self { name: 17, success: 8, until: 12, next: 0, took: 0, http: 0, trouble: 0 },
            _ => Self { name: 18, success: 8, until: 0, next: 0, took: 0, http: 0, trouble: 0 },
        }
    }

    const fn heads(&self) -> [(&'static str, u16); 6] {
        [
            ("success", self.success),
            ("data until", self.until),
            ("next", self.next),
            ("took", self.took),
            ("HTTP", self.http),
            ("trouble", self.trouble),
        ]
    }
}

/// A column with the space behind it; nothing where it has no width.
fn cell(pen: &mut Pen<'_>, text: &str, width: u16, style: Style) {
    if width > 0 {
        pen.column(text, width, style).skip(1);
    }
}

fn draw_row(model: &Model, at: usize, selected: bool, columns: &Columns, area: Rect, row: u16, buffer: &mut Buffer) {
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let feed = &model.picture.catalog.feeds[at];
    let state = model.picture.feed_state(feed, model.now);
    let (sign, role) = sign(model, state);
    let style = model.theme.style(role);
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.put(if selected { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
    let name = if selected { model.theme.style(Role::Selection) } else { text };
    pen.column(sign, 2, style).skip(1).column(state.word(), 9, style).skip(1);
    cell(&mut pen, feed.name.as_str(), columns.name, name);
    let Some(health) = model.picture.facts.health.get(&feed.id) else { return };
    let none = "—".to_owned();
    let ago = health.success.map_or_else(|| "never".to_owned(), |at| model.ago(at));
    let until = match (feed.kind, health.data_until) {
        (FeedKind::News, _) => none.clone(),
        (_, Some(day)) => words::day_and_year(day),
        (_, None) => "none yet".to_owned(),
    };
    let next = health.next_check().map_or_else(String::new, |at| {
        let left = model.now.duration_until(at);
        if left <= SignedDuration::ZERO { "now".to_owned() } else { model.age(left) }
    });
    // How long a recorded reply took says nothing.
    let took = health.latency_ms.filter(|_| model.picture.mode.replay().is_none());
    cell(&mut pen, &ago, columns.success, faint);
    cell(&mut pen, &until, columns.until, text);
    cell(&mut pen, &next, columns.next, faint);
    cell(&mut pen, &took.map_or_else(|| none.clone(), |ms| format!("{ms} ms")), columns.took, faint);
    let http = health.http_status.map_or(none, |status| status.to_string());
    cell(&mut pen, &http, columns.http, faint);
    let trouble = health.error.as_ref().or(health.degraded.as_ref());
    cell(&mut pen, trouble.map_or("", |trouble| trouble.as_str()), columns.trouble, style);
}

/// Rows of the details that are not what went wrong.
const OTHERS: u16 = 3;

/// The selected feed: where it is, how often it is asked and by whom, what went wrong in full, when it last brought news.
fn details(model: &Model, at: usize, area: Rect, buffer: &mut Buffer) {
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let Some(feed) = model.picture.catalog.feeds.get(at) else { return };
    let asked = format!("{}, every {} · {}", feed.kind.word(), words::age(feed.every), collector(model));
    let mut lines = vec![(feed.place.to_string(), text), (asked, faint)];
    match model.picture.facts.health.get(&feed.id) {
        None => lines.push(("not asked yet".to_owned(), faint)),
        Some(health) => {
            if let Some(trouble) = health.error.as_ref().or(health.degraded.as_ref()) {
                let since = health.since.map_or_else(String::new, |at| format!(" since {}", instant(at)));
                let again = match health.failures {
                    0 if since.is_empty() => String::new(),
                    0 => format!("{}: ", since.trim_start()),
                    1 => format!("one failure{since}: "),
                    failures => format!("{failures} failures in a row{since}: "),
                };
                let style = model.theme.style(sign(model, model.picture.feed_state(feed, model.now)).1);
                let room = usize::from(area.width.saturating_sub(2));
                let wrapped = wrap(&format!("{again}{trouble}"), room);
                // What to do stands at the end of it: all of it is shown where there is room.
                let room = usize::from(area.height.saturating_sub(OTHERS)).max(1);
                lines.extend(wrapped.into_iter().take(room).map(|line| (line, style)));
            }
            lines.extend(health.note.as_ref().map(|note| (note.to_string(), text)));
            lines.extend(health.changed.map(|at| (format!("last change {}", instant(at)), faint)));
        }
    }
    for (row, (line, style)) in (0..area.height).zip(&lines) {
        Pen::new(buffer, model.glyphs, area, row).skip(1).put(line, *style);
    }
}

fn collector(model: &Model) -> String {
    match &model.picture.mode {
        Mode::Live => "collected by this instance".to_owned(),
        Mode::Viewer { collector: Some(who) } => {
            // Since when it runs tells two processes apart in the store; to people its name and number do.
            format!("this instance follows {}", who.as_str().split(" since ").next().unwrap_or_default())
        }
        Mode::Viewer { collector: None } => "this instance follows; nobody collects now".to_owned(),
        Mode::Sample(_) | Mode::Replay(_) => "recorded replies, replayed".to_owned(),
    }
}

/// `18 Apr 2022 20:30 UTC`
fn instant(at: Timestamp) -> String {
    let utc = TimeZone::UTC;
    let day = words::day_and_year(at.to_zoned_datetime(utc.clone()).date());
    format!("{day} {} UTC", format::time_of_day(at, &utc, SignedDuration::from_mins(1)))
}

fn sign(model: &Model, state: FeedState) -> (&'static str, Role) {
    match state {
        FeedState::Fresh => (model.glyphs.fine, Role::Fine),
        FeedState::Degraded => (model.glyphs.warning, Role::Warning),
        FeedState::Waiting => (model.glyphs.unknown, Role::Unknown),
        FeedState::Stale => (model.glyphs.stale, Role::Stale),
        FeedState::Failing => (model.glyphs.warning, Role::Warning),
    }
}
