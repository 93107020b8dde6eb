//! Feeds: whether each is fresh, and everything that a person needs to find out why one is not.

use crate::domain::feed::{FeedKind, FeedState};
use crate::domain::situation::Mode;
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

/// The first feed that is shown.
pub fn offset(model: &Model, area: Rect) -> usize {
    super::offset_for(model.selection_of(Page::Feeds), rows(area))
}

/// Rows of the list: the head, and what the selected feed says, take the rest.
fn rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(if area.height >= 12 { 6 } else { 1 }))
}

/// Draws the page.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (title, faint) = (model.theme.style(Role::Title), model.theme.style(Role::Faint));
    let wide = area.width >= 100;
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.skip(1).column("FEEDS", if wide { 46 } else { 31 }, title);
    let heads: &[(&str, u16)] = if wide {
        &[("success", 12), ("data until", 14), ("next", 8), ("took", 9), ("HTTP", 6), ("error", 5)]
    } else {
        &[("success", 10), ("data until", 12), ("next", 6)]
    };
    for (head, width) in heads {
        pen.column(head, *width, faint);
    }
    let selected = model.selection_of(Page::Feeds);
    let first = offset(model, area);
    for (at, _) in model.picture.catalog.feeds.iter().enumerate().skip(first).take(rows(area)) {
        row(model, at, at == selected, wide, area, u16::try_from(at - first + 1).unwrap_or(u16::MAX), buffer);
    }
    if area.height >= 12 {
        details(model, selected, Rect { y: area.bottom() - 4, height: 4, ..area }, buffer);
    }
}

fn row(model: &Model, at: usize, selected: bool, wide: bool, area: Rect, row: u16, buffer: &mut Buffer) {
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let feed = &model.picture.catalog.feeds[at];
    let state = model.picture.feed_state(feed, model.now);
    let (sign, role) = sign(model, state);
    let style = model.theme.style(role);
    let mut pen = Pen::new(buffer, model.glyphs, area, row);
    pen.put(if selected { model.glyphs.pointer } else { " " }, model.theme.style(Role::Selection));
    let name_style = if selected { model.theme.style(Role::Selection) } else { text };
    pen.column(sign, 2, style).skip(1).column(state.word(), 9, style).skip(1);
    pen.column(feed.name.as_str(), if wide { 31 } else { 17 }, name_style).skip(1);
    let Some(health) = model.picture.facts.health.get(&feed.id) else { return };
    let ago = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| model.ago(at));
    let until = match (feed.kind, health.data_until) {
        (FeedKind::News, _) => "—".to_owned(),
        (_, Some(day)) => words::day_and_year(day),
        (_, None) => "none yet".to_owned(),
    };
    let next = health.next_due.map_or_else(String::new, |at| {
        let left = model.now.duration_until(at);
        if left <= SignedDuration::ZERO { "now".to_owned() } else { model.age(left) }
    });
    if wide {
        pen.column(&ago(health.success), 12, faint).column(&until, 14, text).column(&next, 8, faint);
        let took = health.latency_ms.filter(|_| model.picture.mode.replay().is_none()).map(|ms| format!("{ms} ms"));
        pen.column(&took.unwrap_or_else(|| "—".to_owned()), 9, faint);
        pen.column(&health.http_status.map_or_else(|| "—".to_owned(), |status| status.to_string()), 6, faint);
        let error = health.error.as_ref().or(health.degraded.as_ref());
        pen.put(error.map_or("", |error| error.as_str()), style);
    } else {
        pen.column(&words_short(&ago(health.success)), 10, faint).column(&until, 12, text).column(&next, 6, faint);
    }
}

fn words_short(text: &str) -> String {
    text.trim_end_matches(" ago").to_owned()
}

/// The selected feed: where it is, how often, what went wrong, who collects.
fn details(model: &Model, at: usize, area: Rect, buffer: &mut Buffer) {
    let (text, faint) = (model.theme.style(Role::Text), model.theme.style(Role::Faint));
    let Some(feed) = model.picture.catalog.feeds.get(at) else { return };
    let collector = match &model.picture.mode {
        Mode::Live => "collected by this instance".to_owned(),
        Mode::Viewer { collector: Some(who) } => {
            // Since when it runs tells two processes apart in the store; to people its name and number do.
            format!("this instance follows {}", who.as_str().split(" since ").next().unwrap_or_default())
        }
        Mode::Viewer { collector: None } => "this instance follows; nobody collects now".to_owned(),
        Mode::Sample(_) | Mode::Replay(_) => "recorded replies, replayed".to_owned(),
    };
    Pen::new(buffer, model.glyphs, area, 0).skip(1).put(feed.place.as_str(), text);
    let said = format!("{}, every {} · {collector}", feed.kind.word(), words::age(feed.every));
    Pen::new(buffer, model.glyphs, area, 1).skip(1).put(&said, faint);
    let Some(health) = model.picture.facts.health.get(&feed.id) else {
        Pen::new(buffer, model.glyphs, area, 2).skip(1).put("not asked yet", faint);
        return;
    };
    let trouble = health.error.as_ref().or(health.degraded.as_ref());
    let style = model.theme.style(sign(model, model.picture.feed_state(feed, model.now)).1);
    match trouble {
        Some(trouble) => {
            let failures =
                if health.failures > 1 { format!("{} failures in a row: ", health.failures) } else { String::new() };
            for (row, line) in (2..).zip(
                crate::domain::text::wrap(&format!("{failures}{trouble}"), usize::from(area.width.saturating_sub(2)))
                    .iter()
                    .take(2),
            ) {
                Pen::new(buffer, model.glyphs, area, row).skip(1).put(line, style);
            }
        }
        None => {
            let changed = health.changed.map(|at| {
                format!(
                    "last new {} {} UTC",
                    words::day_of(at),
                    format::time_of_day(at, &TimeZone::UTC, SignedDuration::from_mins(1))
                )
            });
            Pen::new(buffer, model.glyphs, area, 2).skip(1).put(&changed.unwrap_or_default(), faint);
        }
    }
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
