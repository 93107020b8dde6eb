//! The keys, printed from the same table that obeys them; floats over the page, so it has a frame.

use crate::ui::keymap::{self, KEYMAP};
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Draws the help over the middle of the screen. Where it does not fit, the last keys are left out, then the signs.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let rows: Vec<_> = KEYMAP.iter().filter(|row| !row.help.is_empty() && keymap::holds(row, model)).collect();
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX / 2) + OTHERS;
    let (width, height) = (WIDTH.min(area.width), wanted.min(area.height));
    if width < 20 || height < 5 {
        return;
    }
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let (text, faint, title) =
        (model.theme.style(Role::Text), model.theme.style(Role::Faint), model.theme.style(Role::Title));
    frame(model, place, buffer);
    let inside = Rect { x: place.x + 2, y: place.y + 1, width: width - 4, height: height - 2 };
    let mut pen = Pen::new(buffer, model.glyphs, inside, 0);
    pen.at_end("any key closes", faint).put("KEYS", title);
    let foot = if height < wanted { 1 } else { OTHERS - 3 };
    for (row, bound) in (1..inside.height.saturating_sub(foot)).zip(&rows) {
        let mut pen = Pen::new(buffer, model.glyphs, inside, row);
        pen.column(bound.shown, 10, model.theme.style(Role::Accent)).skip(1).put(bound.help, text);
    }
    signs(model, Rect { y: inside.bottom() - 1, height: 1, ..inside }, buffer);
    if height == wanted {
        let row = inside.height - 2;
        Pen::new(buffer, model.glyphs, inside, row)
            .put("`watchfloor init` writes a configuration to start from", faint);
    }
}

/// Columns of the frame.
const WIDTH: u16 = 72;
/// Rows beside the keys: the frame, the head, an empty row, the way to one's own feeds, the signs.
const OTHERS: u16 = 6;

/// What the signs mean, as many as fit.
fn signs(model: &Model, area: Rect, buffer: &mut Buffer) {
    let g = model.glyphs;
    let signs = [
        (g.critical, "critical", Role::Critical),
        (g.warning, "warning", Role::Warning),
        (g.falling, "falling", Role::Falling),
        (g.held, "held", Role::Held),
        (g.stale, "stale", Role::Stale),
        (g.unknown, "unknown", Role::Unknown),
        (g.fine, "fine", Role::Fine),
    ];
    let mut pen = Pen::new(buffer, model.glyphs, area, 0);
    for (sign, word, role) in signs {
        let width = sign.trim_end().width() + 1 + word.len();
        if usize::from(pen.room()) >= width {
            pen.put(sign.trim_end(), model.theme.style(role)).skip(1);
            pen.put(word, model.theme.style(Role::Faint)).skip(1);
        }
    }
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
