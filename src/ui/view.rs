//! From the Model to a buffer; changes nothing. A panel that panics costs itself only: its place says so.

use super::keymap;
use super::layout;
use super::model::Model;
use super::panels::{self, PANELS};
use super::theme::Role;
use super::widgets::line::Pen;
use crate::domain::text::{cut, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Draws the screen.
pub fn view(model: &Model, buffer: &mut Buffer) {
    let area = buffer.area;
    let frame = panels::frame(model);
    contained(model, "header", frame.header, buffer, panels::header::draw);
    hairline(model, frame.upper_line, buffer);
    contained(model, "banner", frame.banner, buffer, panels::banner::draw);
    if let Some(panel) = PANELS.iter().find(|panel| panel.page == model.page) {
        contained(model, panel.name, frame.body, buffer, panel.draw);
    }
    hairline(model, frame.lower_line, buffer);
    footer(model, frame.keys, buffer);
    if model.help {
        // Under the header: what is seen, and that it is a sample, stays in sight.
        let below = Rect { y: area.y + frame.header.height, height: area.height - frame.header.height, ..area };
        contained(model, "help", below, buffer, panels::help::draw);
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

/// Draws a part; a panic in it is written in its place, and costs nothing else.
pub fn contained(model: &Model, name: &str, area: Rect, buffer: &mut Buffer, draw: fn(&Model, Rect, &mut Buffer)) {
    let before = CONTAINED.replace(true);
    let drawn = catch_unwind(AssertUnwindSafe(|| draw(model, area, buffer)));
    CONTAINED.set(before);
    if drawn.is_err() {
        let area = area.intersection(buffer.area);
        for position in area.positions() {
            buffer[position].reset();
        }
        let said = format!("{name} could not be drawn; the log says why, the rest works");
        let style = model.theme.style(Role::Banner);
        for (row, line) in (0..).zip(wrap(&said, usize::from(area.width.saturating_sub(1)))) {
            Pen::new(buffer, model.glyphs, area, row).skip(1).put(&line, style);
        }
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

/// The pages at the left, the keys that work here and now at the right.
fn footer(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (faint, text, selected) =
        (model.theme.style(Role::Faint), model.theme.style(Role::Text), model.theme.style(Role::Selection));
    let labels = layout::page_labels(model.page, area.width);
    for label in &labels {
        let place = Rect { x: area.x + label.x.min(area.width), width: area.width.saturating_sub(label.x), ..area };
        let style = if label.page == model.page { selected } else { text };
        Pen::new(buffer, model.glyphs, place, 0).put(&label.text, style);
    }
    let taken = labels.last().map_or(0, |label| label.end() + 1);
    let rest = Rect { x: area.x + taken.min(area.width), width: area.width.saturating_sub(taken), ..area };
    // A toast stands where the keys do: nothing else moves for it.
    let (said, style) = match &model.toast {
        Some(toast) => {
            let room = usize::from(rest.width.saturating_sub(2));
            (cut(toast, room, model.glyphs.ellipsis), model.theme.style(Role::Accent))
        }
        None => (keymap::footer(model, rest.width.saturating_sub(2)), faint),
    };
    Pen::new(buffer, model.glyphs, rest, 0).at_end(&format!("{said} "), style);
}

#[cfg(test)]
mod tests {
    use super::super::testing::spring;
    use super::*;

    #[test]
    fn a_panic_in_a_part_costs_that_part() {
        let model = spring().screen(40, 3);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 3));
        let place = Rect::new(20, 0, 20, 2);
        buffer.set_string(0, 0, "what stands here", model.theme.style(Role::Text));
        contained(&model, "routes", place, &mut buffer, |_, area, buffer| {
            buffer.set_string(area.x, area.y, "half", ratatui::style::Style::new());
            assert!(is_contained());
            panic!("on purpose");
        });
        assert!(!is_contained());
        let line = |y| (0..40).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        assert_eq!(line(0), "what stands here     routes could not be");
        assert_eq!(line(1).trim(), "drawn; the log says");
    }
}
