//! A pen that writes pieces of text along one row, cut where the row ends: every panel's way of putting words down.

use crate::domain::text::{cut, width as columns};
use crate::ui::glyphs::{Glyphs, spell};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A pen on a row.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    glyphs: &'static Glyphs,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// At the start of a row of an area; writes nothing where the area has no such row.
    pub fn new(buffer: &'a mut Buffer, glyphs: &'static Glyphs, area: Rect, row: u16) -> Self {
        let area = area.intersection(buffer.area);
        let inside = row < area.height;
        let end = if inside { area.right() } else { area.x };
        Self { buffer, glyphs, x: area.x, y: area.y.saturating_add(row), end }
    }

    /// Writes text; what does not fit is cut with a mark.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let spelt = spell(text, self.glyphs.tier);
        let room = usize::from(self.end.saturating_sub(self.x));
        if room == 0 || spelt.is_empty() {
            return self;
        }
        let shown = cut(&spelt, room, self.glyphs.ellipsis);
        let (x, _) = self.buffer.set_stringn(self.x, self.y, &shown, room, style);
        self.x = x;
        self
    }

    /// Writes text into a column of a width, left-aligned.
    pub fn column(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        self.cell(text, width, false, style)
    }

    /// Writes text into a column of a width, right-aligned.
    pub fn right(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        self.cell(text, width, true, style)
    }

    /// Writes text so that it ends at the row's end, if what is there already leaves room.
    pub fn at_end(&mut self, text: &str, style: Style) -> &mut Self {
        let spelt = spell(text, self.glyphs.tier);
        let width = u16::try_from(columns(&spelt)).unwrap_or(u16::MAX);
        if let Some(start) = self.end.checked_sub(width).filter(|start| *start > self.x) {
            self.buffer.set_stringn(start, self.y, &spelt, usize::from(width), style);
            self.end = start.saturating_sub(1);
        }
        self
    }

    /// Skips columns.
    pub fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// The column at which it stands.
    pub const fn at(&self) -> u16 {
        self.x
    }

    /// Columns that are left.
    pub const fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    fn cell(&mut self, text: &str, width: u16, right: bool, style: Style) -> &mut Self {
        let width = width.min(self.room());
        let spelt = spell(text, self.glyphs.tier);
        let shown = cut(&spelt, usize::from(width), self.glyphs.ellipsis);
        let used = u16::try_from(columns(&shown)).unwrap_or(width).min(width);
        let start = if right { self.x + width - used } else { self.x };
        if used > 0 {
            self.buffer.set_stringn(start, self.y, &shown, usize::from(used), style);
        }
        self.x += width;
        self
    }
}
