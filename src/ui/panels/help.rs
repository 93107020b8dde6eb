//! The keys, printed from the same table that obeys them; floats over the page, so it has a frame.

use crate::ui::keymap::{self, KEYMAP};
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the help over the middle of the screen.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<_> = KEYMAP.iter().filter(|row| keymap::holds(row, model)).collect();
    let states = states(model);
    let height = u16::try_from(rows.len() + 5).unwrap_or(u16::MAX).min(area.height);
    let width = 72.min(area.width);
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    if width < 20 || height < 5 {
        return;
    }
    let (text, faint, title) =
        (model.theme.style(Role::Text), model.theme.style(Role::Faint), model.theme.style(Role::Title));
    frame(model, place, buffer);
    let inside = Rect { x: place.x + 2, y: place.y + 1, width: width - 4, height: height - 2 };
    let mut pen = Pen::new(buffer, model.glyphs, inside, 0);
    pen.at_end("any key closes", faint).put("Keys", title);
    let room = usize::from(inside.height.saturating_sub(3));
    for (number, row) in rows.iter().take(room).enumerate() {
        let mut pen = Pen::new(buffer, model.glyphs, inside, u16::try_from(number + 1).unwrap_or(u16::MAX));
        pen.column(row.shown, 10, model.theme.style(Role::Accent)).skip(1).put(row.help, text);
    }
    let mut pen = Pen::new(buffer, model.glyphs, inside, inside.height - 1);
    for (sign, word, role) in states {
        pen.put(sign.trim_end(), model.theme.style(role)).skip(1).put(word, faint).skip(2);
    }
}

/// What the signs mean.
fn states(model: &Model) -> [(&'static str, &'static str, Role); 6] {
    let g = model.glyphs;
    [
        (g.critical, "critical", Role::Critical),
        (g.warning, "warning", Role::Warning),
        (g.falling, "falling", Role::Falling),
        (g.held, "held", Role::Held),
        (g.stale, "stale", Role::Stale),
        (g.unknown, "unknown", Role::Unknown),
    ]
}

fn frame(model: &Model, area: Rect, buffer: &mut Buffer) {
    let style = model.theme.style(Role::Border);
    let [top_left, top_right, bottom_left, bottom_right, side] = model.glyphs.frame;
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let symbol = match (x == area.x, x == right, y == area.y, y == bottom) {
                (true, _, true, _) => top_left,
                (_, true, true, _) => top_right,
                (true, _, _, true) => bottom_left,
                (_, true, _, true) => bottom_right,
                (true, ..) | (_, true, ..) => side,
                (_, _, true, _) | (.., true) => model.glyphs.line,
                _ => " ",
            };
            let cell = &mut buffer[(x, y)];
            cell.reset();
            cell.set_symbol(symbol).set_style(style);
        }
    }
}
