//! A table whose cells are all at hand: a sheet, a table of a web page, what was found in prose, a cube laid flat.

use super::header::{Header, HeaderShape};
use crate::feeds::mapping::{Layout, Mapping, RowId, Table, Taken, Texts, period_of};
use crate::feeds::{DecodeError, Warnings};
use jiff::Timestamp;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Its rows; they may be of different lengths.
    pub rows: Vec<Vec<String>>,
    /// The words around it: sheet, caption, heading.
    pub around: String,
    /// What a row is called in messages: `sheet "SB_01", row`.
    pub row_word: String,
    /// The number of the first row.
    pub first: usize,
}

impl Grid {
    /// Finds the header; `Err` is the layout to complain about.
    pub fn header(&self, shape: &HeaderShape, mapping: &Mapping, name: Option<&str>) -> Result<Header, Layout> {
        let around = format!("{}\n{}", self.around, name.unwrap_or_default());
        // Lines are counted as the document counts them.
        let line = shape.line.map(|line| if line == 0 { 0 } else { (line + 1).saturating_sub(self.first).max(1) });
        HeaderShape { line, ..shape.clone() }.find(&self.rows, &around, mapping)
    }

    /// Reads the rows under a header.
    pub fn read(
        &self,
        header: Header,
        mapping: &Mapping,
        now: Timestamp,
        warnings: &mut Warnings,
    ) -> Result<Taken, DecodeError> {
        let place = |row: RowId| format!("{} {}", self.row_word, row as usize + self.first);
        if header.moved {
            warnings.add("it was read there; mend `header`", || {
                (place(header.at as RowId), "the column names stand here, and not where `header` says".to_owned())
            });
        }
        let names = header.layout.headers.clone();
        let mut table = Table::new(mapping, header.layout, &place)?;
        for (at, row) in self.rows.iter().enumerate().skip(header.at + header.rows) {
            if !row.iter().all(|cell| cell.trim().is_empty()) && !is_header_again(row, &names) {
                table.row(at as RowId, &Texts(row), warnings);
            }
        }
        Ok(table.finish(now, warnings))
    }
}

/// Whether a cell that goes over several places says in each of them what it says: words and dates do, a number stands where it
/// stands, since spread out it would count twice.
pub fn spreads(text: &str) -> bool {
    const YEARS: std::ops::Range<i16> = 1900..2200;
    let is_date = || period_of(text).is_some_and(|period| YEARS.contains(&period.start().year()));
    !text.is_empty() && (!text.starts_with(|c: char| c.is_ascii_digit()) || is_date())
}

/// Whether a row repeats the column names, as tables do that were printed on several pages.
fn is_header_again(row: &[String], names: &[String]) -> bool {
    row.len() >= names.len() && names.iter().zip(row).all(|(name, cell)| name == cell)
}

/// Reads the first of several tables that has what the mapping needs. `what` and `key` are for messages: sheet, table.
pub fn read_first(
    grids: &[Grid],
    shape: &HeaderShape,
    mapping: &Mapping,
    (name, now): (Option<&str>, Timestamp),
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let mut complaint = None;
    for grid in grids {
        match grid.header(shape, mapping, name) {
            Ok(header) => return grid.read(header, mapping, now, warnings),
            // The one with the most of the mapping's names is most likely the one that is meant.
            Err(layout) => {
                let more = |other: &Layout| mapping.names_in(&layout.headers) > mapping.names_in(&other.headers);
                if complaint.as_ref().is_none_or(more) {
                    complaint = Some(layout);
                }
            }
        }
    }
    let layout = complaint.unwrap_or_default();
    let nothing = |_| String::new();
    Err(Table::new(mapping, layout, &nothing).err().unwrap_or_else(|| DecodeError::not_this("table", "it has no rows")))
}
