//! A page of plain text: lines, headings, paragraphs and tables, none wider than asked.

use super::table::Table;
use crate::domain::text::{cut, width as columns, wrap};

/// The least width for which a page is laid out.
const NARROWEST: usize = 40;

/// Lines of one width.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { text: String::new(), width: width.max(NARROWEST) }
    }

    /// The whole text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Whether nothing stands on it.
    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// One line, cut where it is too long.
    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(&cut(text, self.width, "…"));
        self.text.push('\n');
    }

    /// A heading after an empty line.
    pub(super) fn heading(&mut self, name: &str) {
        self.text.push('\n');
        self.line(name);
    }

    /// As many lines as it takes, each behind the same margin.
    pub(super) fn paragraph(&mut self, margin: &str, text: &str) {
        for line in wrap(text, self.width - margin.len()) {
            self.line(&format!("{margin}{line}"));
        }
    }

    /// As many lines as it takes, the first behind a label, the others below it.
    pub(super) fn entry(&mut self, label: &str, text: &str) {
        let blank = " ".repeat(columns(label));
        for (number, line) in wrap(text, self.width.saturating_sub(columns(label)).max(20)).iter().enumerate() {
            self.line(&format!("{}{line}", if number == 0 { label } else { &blank }));
        }
    }

    /// One line, never cut: what people copy.
    pub(super) fn whole(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A table each of whose rows stands under a title.
    pub(super) fn table_under(&mut self, table: &Table, titles: &[String]) {
        const INDENT: usize = 2;
        let mut lines = table.lines(self.width - INDENT).into_iter();
        let margin = " ".repeat(INDENT);
        if let Some(heading) = lines.next() {
            self.line(&format!("{margin}{heading}"));
        }
        for (title, line) in titles.iter().zip(lines) {
            self.line(&format!("{margin}{title}"));
            self.line(&format!("{margin}{line}"));
        }
    }

    /// Two columns: the left one is cut, the right one wraps beside it.
    pub(super) fn pair(&mut self, margin: &str, left: &str, width: usize, right: &str) {
        let left = cut(left, width, "…");
        let blank = " ".repeat(width.saturating_sub(columns(&left)));
        let room = self.width.saturating_sub(columns(margin) + width + 2).max(20);
        for (at, line) in wrap(right, room).iter().enumerate() {
            let beside = if at == 0 { format!("{left}{blank}") } else { " ".repeat(width) };
            self.line(&format!("{margin}{beside}  {line}"));
        }
    }

    /// A table as wide as the page allows.
    pub(super) fn table(&mut self, table: &Table) {
        for line in table.lines(self.width) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }
}
