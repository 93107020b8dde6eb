//! From the Model to a buffer; changes nothing. A panel that panics costs itself only: its place says so.

use super::keymap::{self, KEYMAP};
use super::layout;
use super::message::Page;
use super::model::Model;
use super::panels::{self, PANELS};
use super::theme::Role;
use super::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Draws the screen.
pub fn view(model: &Model, buffer: &mut Buffer) {
    let area = buffer.area;
    buffer.set_style(area, model.theme.style(Role::Text));
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
        panels::help::draw(model, area, buffer);
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

/// The pages at the left, the keys that work here at the right; shorter names where there is less room.
fn footer(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (faint, text, selected) =
        (model.theme.style(Role::Faint), model.theme.style(Role::Text), model.theme.style(Role::Selection));
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    let keys: Vec<String> = KEYMAP
        .iter()
        .filter(|row| !row.short.is_empty() && keymap::holds(row, model))
        .filter(|row| row.shown != "Enter" || model.page == Page::Overview)
        .map(|row| if area.width >= 80 { format!("{} {}", row.shown, row.short) } else { row.shown.to_owned() })
        .collect();
    pen.at_end(&format!("{} ", keys.join("  ")), faint);
    pen.skip(1);
    for (place, (page, name, short)) in Page::ALL.iter().enumerate() {
        let name = if area.width >= 100 { name } else { short };
        let style = if *page == model.page { selected } else { text };
        if area.width < 60 {
            pen.put(&(place + 1).to_string(), style).skip(1);
        } else {
            pen.put(&format!("{} {name}", place + 1), style).skip(2);
        }
    }
}
