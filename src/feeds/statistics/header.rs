//! The row of column names: given, or found as the first row under which the mapping has every column that it needs.
//! Publishers put titles above their tables, and move them from one release to the next.

use crate::feeds::mapping::{Layout, Mapping};
use crate::feeds::options::{FeedOptions, OptionError};
use std::collections::HashSet;

/// What the configuration says of the row of column names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderShape {
    /// Its line from 1; 0 where there is none; `None` where it is to be found.
    pub line: Option<usize>,
    /// Over how many rows it goes; `None` where that is to be found.
    pub rows: Option<usize>,
    /// The names, where the configuration gives them.
    pub names: Option<Vec<String>>,
}

/// A row of column names that was found.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its place among the rows; that of the first data row where there is none.
    pub at: usize,
    /// How many rows it takes, tags included.
    pub rows: usize,
    /// Names and tags.
    pub layout: Layout,
    /// Whether it is elsewhere than the configuration says.
    pub moved: bool,
}

/// How many rows are looked at for the header.
pub const SEARCHED: usize = 60;
/// Over how many rows a header may go without being told.
const MOST_ROWS: usize = 2;

impl HeaderShape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        if options.header_rows.is_some_and(|rows| rows == 0 || rows > 5) {
            let remedy = "write header_rows = 2 where names go over two rows; header = 0 where there are none";
            return Err(OptionError::new("header_rows", "a header has between 1 and 5 rows", remedy));
        }
        let names = options.columns.as_ref().map(|columns| columns.0.clone());
        let names = names.filter(|names| !matches!(names.as_slice(), [pointer] if pointer.starts_with('/')));
        let line = options.header.or(names.as_ref().map(|_| 0));
        Ok(Self { line, rows: options.header_rows, names })
    }

    /// Looks for the header among the first rows of a table. `around` are the words around it. `Err`: no row has what
    /// the mapping needs; the layout of the row that should be the header is for the message.
    pub fn find(&self, rows: &[Vec<String>], around: &str, mapping: &Mapping) -> Result<Header, Layout> {
        if self.names.is_some() || self.line == Some(0) {
            return self.at(rows, self.line.unwrap_or_default(), around, mapping);
        }
        let given = self.line.map(|line| line - 1);
        let complaint = match given.map(|at| self.at(rows, at, around, mapping)) {
            Some(Ok(header)) => return Ok(header),
            Some(Err(layout)) => Some(layout),
            None => None,
        };
        let searched = (0..rows.len().min(SEARCHED)).filter(|at| !is_blank(&rows[*at]));
        let found = searched.filter(|at| Some(*at) != given).find_map(|at| self.at(rows, at, around, mapping).ok());
        match (found, complaint) {
            (Some(header), _) => Ok(Header { moved: given.is_some(), ..header }),
            (None, Some(layout)) => Err(layout),
            (None, None) => self.at(rows, likely(rows, mapping), around, mapping),
        }
    }

    /// The header at a row, where the mapping's columns are in it. Where names are given, or there are none, `at` is the
    /// first row of the table.
    pub fn at(&self, rows: &[Vec<String>], at: usize, around: &str, mapping: &Mapping) -> Result<Header, Layout> {
        let without_row = |headers| {
            let tags = rows.get(at).filter(|row| is_tags(row)).cloned().unwrap_or_default();
            let taken = usize::from(!tags.is_empty());
            let layout = Layout { headers, tags, around: around_row(rows, at, around) };
            Header { at, rows: taken, layout, moved: false }
        };
        if let Some(names) = &self.names {
            return fitting(without_row(names.clone()), mapping);
        }
        if self.line == Some(0) {
            let width = rows.iter().map(Vec::len).max().unwrap_or_default();
            return fitting(without_row((1..=width).map(|number| number.to_string()).collect()), mapping);
        }
        let counts = self.rows.map_or(1..=MOST_ROWS, |rows| rows..=rows);
        let mut complaint = None;
        for header in counts.filter_map(|count| candidate(rows, at, count, around)) {
            match fitting(header, mapping) {
                Ok(header) => return Ok(header),
                // Names that stand there twice are the upper half of something.
                Err(layout) => complaint = complaint.filter(|first| !has_doubles(first)).or(Some(layout)),
            }
        }
        Err(complaint.unwrap_or_default())
    }
}

fn has_doubles(layout: &Layout) -> bool {
    let named: Vec<&String> = layout.headers.iter().filter(|name| !name.trim().is_empty()).collect();
    named.iter().collect::<HashSet<_>>().len() < named.len()
}

/// The names that stand at a row.
fn candidate(rows: &[Vec<String>], at: usize, count: usize, around: &str) -> Option<Header> {
    let names = rows.get(at..at + count)?;
    let mut headers = joined(names);
    while headers.len() > 1 && headers.last().is_some_and(|header| header.trim().is_empty()) {
        headers.pop();
    }
    let tags = rows.get(at + count).filter(|row| is_tags(row)).cloned().unwrap_or_default();
    let taken = count + usize::from(!tags.is_empty());
    let layout = Layout { headers, tags, around: around_row(rows, at, around) };
    Some(Header { at, rows: taken, layout, moved: false })
}

fn fitting(header: Header, mapping: &Mapping) -> Result<Header, Layout> {
    if mapping.fits(header.layout.clone()) { Ok(header) } else { Err(header.layout) }
}

/// Names over several rows, joined; an upper name holds for the columns to its right until the next one.
fn joined(rows: &[Vec<String>]) -> Vec<String> {
    let [uppers @ .., lowest] = rows else { return Vec::new() };
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let mut names = vec![String::new(); width];
    for upper in uppers {
        let mut holds = "";
        for (at, name) in names.iter_mut().enumerate() {
            let own = upper.get(at).map_or("", |name| name.trim());
            holds = if own.is_empty() { holds } else { own };
            append(name, holds);
        }
    }
    for (at, name) in names.iter_mut().enumerate() {
        append(name, lowest.get(at).map_or("", |name| name.trim()));
    }
    names
}

fn append(name: &mut String, word: &str) {
    // A cell merged over both rows says the same twice.
    if !word.is_empty() && name != word {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
    }
}

/// A row of HXL tags: every cell that says something begins with `#`.
pub fn is_tags(row: &[String]) -> bool {
    let mut said = row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).peekable();
    said.peek().is_some() && said.all(|cell| cell.len() > 1 && cell.starts_with('#'))
}

fn is_blank(row: &[String]) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// The row that is most likely the header, for a message: the first of those with the most names that the mapping has.
fn likely(rows: &[Vec<String>], mapping: &Mapping) -> usize {
    let searched = rows.iter().take(SEARCHED).enumerate();
    searched.rev().max_by_key(|(_, row)| mapping.names_in(row)).map_or(0, |(at, _)| at)
}

fn around_row(rows: &[Vec<String>], at: usize, around: &str) -> String {
    let mut text: String = rows.iter().take(at).map(|row| row.join(" ") + "\n").collect();
    text.push_str(around);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_over_two_rows_are_joined() {
        let rows = [["Country", "2021", "", "Total"], ["Country", "Jan", "Feb", ""]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        assert_eq!(joined(&rows), ["Country", "2021 Jan", "2021 Feb", "Total"]);
        assert_eq!(joined(&rows[1..]), ["Country", "Jan", "Feb", ""]);
    }

    #[test]
    fn tags_are_told_from_remarks() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert!(is_tags(&row(&["#date", "", "#affected+idps"])));
        for other in [&["#date", "5"][..], &["", ""], &["#"], &[]] {
            assert!(!is_tags(&row(other)), "{other:?}");
        }
    }
}
