//! Aligned columns in plain text: as wide as their contents; where the line has no room, names are cut first, then
//! columns on the right are left out. A figure or a date is never cut.

use crate::domain::text::{cut, width as columns};

/// How a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Names, on the left: they may be cut.
    Names(&'static str),
    /// Words and dates, on the left.
    Words(&'static str),
    /// Numbers, on the right.
    Numbers(&'static str),
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Names(name) | Self::Words(name) | Self::Numbers(name) => name,
        }
    }
}

/// Columns under a line of their names.
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// Before each column.
const GAP: usize = 2;
/// No name is cut below this.
const NARROWEST: usize = 10;
/// So many columns always stay.
const FEWEST: usize = 2;

impl Table {
    pub(super) fn new(columns: &[Column]) -> Self {
        let heading = columns.iter().map(|column| column.name().to_owned()).collect();
        Self { columns: columns.to_vec(), rows: vec![heading] }
    }

    /// A row: one cell a column; what is missing stands as `-`.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Option<String>>) {
        let mut cells: Vec<String> = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "-".to_owned())).collect();
        cells.resize(self.columns.len(), String::new());
        self.rows.push(cells);
    }

    /// The lines, none wider than `width` unless two columns alone are.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths(width);
        self.rows.iter().map(|row| self.line(row, &widths)).collect()
    }

    /// Whether nothing has to be cut or left out.
    pub(super) fn fits(&self, width: usize) -> bool {
        let widest = |at: usize| self.rows.iter().map(|row| columns(&row[at])).max().unwrap_or(0);
        (0..self.columns.len()).map(|at| widest(at) + GAP).sum::<usize>() <= width
    }

    /// The widths of the columns that stay.
    fn widths(&self, width: usize) -> Vec<usize> {
        let widest = |at: usize| self.rows.iter().map(|row| columns(&row[at])).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let too_wide = |widths: &[usize]| widths.iter().map(|each| each + GAP).sum::<usize>() > width;
        while too_wide(&widths) {
            let cuttable = (0..widths.len())
                .filter(|at| matches!(self.columns[*at], Column::Names(_)) && widths[*at] > NARROWEST)
                .max_by_key(|at| widths[*at]);
            match cuttable {
                Some(at) => widths[at] -= 1,
                None if widths.len() > FEWEST => {
                    widths.pop();
                }
                None => break,
            }
        }
        widths
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), column) in row.iter().zip(widths).zip(&self.columns) {
            let cell = cut(cell, *width, "…");
            let blank = " ".repeat(width.saturating_sub(columns(&cell)));
            line.push_str(&" ".repeat(GAP));
            match column {
                Column::Names(_) | Column::Words(_) => line.extend([cell.as_str(), &blank]),
                Column::Numbers(_) => line.extend([blank.as_str(), &cell]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}
