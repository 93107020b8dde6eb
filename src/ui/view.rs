//! From the Model to a buffer; changes nothing. A panel that panics costs itself only: its place says so.

use super::keymap::{self, KEYMAP};
use super::layout;
use super::message::{Command, Page};
use super::model::Model;
use super::panels::{self, PANELS};
use super::theme::Role;
use super::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use unicode_width::UnicodeWidthStr;

/// Draws the screen.
pub fn view(model: &Model, buffer: &mut Buffer) {
    let area = buffer.area;
    let frame = layout::frame(area.width, area.height, panels::banner::text(model).is_some());
    panels::header::draw(model, frame.header, buffer);
    hairline(model, frame.upper_line, buffer);
    panels::banner::draw(model, frame.banner, buffer);
    let panel = PANELS.iter().find(|panel| panel.page == model.page);
    if let Some(panel) = panel {
        contained(model, panel.name, frame.body, buffer, |buffer| (panel.draw)(model, frame.body, buffer));
    }
    hairline(model, frame.lower_line, buffer);
    footer(model, frame.keys, buffer);
    if model.help {
        // Under the header: what is seen, and that it is a sample, stays in sight.
        let below = Rect { y: area.y + frame.header.height, height: area.height - frame.header.height, ..area };
        panels::help::draw(model, below, buffer);
    }
}

thread_local! {
    /// Whether a panic on this thread will be caught: the panic hook leaves the screen alone then.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught by the screen.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// Draws a part; a panic in it is written in its place.
fn contained(model: &Model, name: &str, area: Rect, buffer: &mut Buffer, draw: impl FnOnce(&mut Buffer)) {
    CONTAINED.set(true);
    let drawn = catch_unwind(AssertUnwindSafe(|| draw(buffer)));
    CONTAINED.set(false);
    if drawn.is_err() {
        let style = model.theme.style(Role::Banner);
        Pen::new(buffer, model.glyphs, area, 0)
            .put(&format!("The page {name} could not be drawn; the log says why. The other pages work."), style);
    }
}

fn hairline(model: &Model, area: Rect, buffer: &mut Buffer) {
    let style = model.theme.style(Role::Border);
    for x in area.left()..area.right() {
        for y in area.top()..area.bottom() {
            buffer[(x, y)].set_symbol(model.glyphs.line).set_style(style);
        }
    }
}

/// The pages at the left, the keys that work here at the right; shorter where there is less room.
fn footer(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (faint, text, selected) =
        (model.theme.style(Role::Faint), model.theme.style(Role::Text), model.theme.style(Role::Selection));
    let rows = KEYMAP.iter().filter(|row| !row.short.is_empty() && keymap::holds(row, model));
    let rows: Vec<_> = rows.filter(|row| row.command != Command::Open || model.page == Page::Overview).collect();
    let keys = |words: bool| {
        let shown =
            rows.iter().map(|row| if words { format!("{} {}", row.shown, row.short) } else { row.shown.to_owned() });
        shown.collect::<Vec<_>>().join("  ")
    };
    let pages = |which: usize| -> Vec<String> {
        let name = |(place, (_, long, short)): (usize, &(Page, &str, &str))| match which {
            0 => format!("{} {long}", place + 1),
            1 => format!("{} {short}", place + 1),
            _ => (place + 1).to_string(),
        };
        Page::ALL.iter().enumerate().map(name).collect()
    };
    // From the fullest to the shortest: the first that fits.
    let choices = [(0, true), (1, true), (1, false), (2, false)];
    let width = |(which, words): &(usize, bool)| pages(*which).join("  ").width() + keys(*words).width() + 5;
    let (which, words) =
        choices.into_iter().find(|choice| width(choice) <= usize::from(area.width)).unwrap_or((2, false));
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    pen.at_end(&format!("{} ", keys(words)), faint);
    pen.skip(1);
    for ((page, _, _), name) in Page::ALL.iter().zip(pages(which)) {
        pen.put(&name, if *page == model.page { selected } else { text }).skip(2);
    }
}
