//! The tables that a document may hold, as rows of cells, each with the keys that say how to get at it.

use super::written::quoted;
use crate::domain::words::count;
use ::csv::ReaderBuilder;
use serde_json::Value;
use std::collections::HashSet;

/// So many rows are looked at to guess; all of them are read to see whether the guess holds.
pub const MOST_ROWS: usize = 60_000;

/// One table of a document.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The keys that say how to get at it, with their values as TOML.
    pub keys: Vec<(&'static str, String)>,
    /// What it is, for people: `a CSV table, cells between semicolons, names in line 5`.
    pub what: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each as long as the names.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are in all.
    pub row_count: usize,
    /// Whether a row of hashtags (HXL) stands under the names: it is not among the rows.
    pub tagged: bool,
}

/// Delimiters, the most usual first; the word is for people.
const DELIMITERS: [(char, &str); 6] =
    [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "upright strokes"), ('~', "tildes"), ('^', "carets")];

/// So many lines show how a table is written.
const LINES: usize = 400;

/// The table of separated values that a text is, if it looks like one.
pub fn separated(text: &str) -> Option<Grid> {
    let (delimiter, word) = delimiter(text)?;
    let lines: Vec<&str> = text.lines().take(LINES).collect();
    let begins = first_row(&lines, delimiter)?;
    let body = text.splitn(begins.line + 1, '\n').nth(begins.line)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).ok()?)
        .flexible(true)
        .has_headers(false)
        .from_reader(body.as_bytes());
    let mut records = reader.records().filter_map(Result::ok);
    let first = records.next()?;
    let mut columns: Vec<String> = first.iter().map(|name| name.trim().to_owned()).collect();
    while columns.len() > 1 && columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    let mut grid = Grid::default();
    let no_names = !begins.has_names;
    if no_names {
        grid.take(first.iter().map(str::to_owned).collect(), columns.len());
        columns = (1..=columns.len()).map(|number| number.to_string()).collect();
    }
    for record in records {
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        grid.take(cells, columns.len());
    }
    grid.keys.push(("format", quoted("csv")));
    // The reader finds these four by itself from a header line that has them.
    if !matches!(delimiter, ',' | ';' | '\t' | '|') {
        grid.keys.push(("delimiter", quoted(&delimiter.to_string())));
    }
    let mut what = format!("a CSV table, its cells between {word}");
    if no_names {
        grid.keys.push(("header", "0".to_owned()));
        what.push_str(", without column names");
    } else if begins.line > 0 {
        grid.keys.push(("header", (begins.line + 1).to_string()));
        what.push_str(&format!(", its column names in line {}", begins.line + 1));
    }
    grid.what = what;
    grid.columns = columns;
    Some(grid).filter(|grid| !grid.rows.is_empty())
}

impl Grid {
    fn take(&mut self, mut cells: Vec<String>, width: usize) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let longer = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if cells.len() < width || longer {
            return;
        }
        cells.truncate(width);
        if self.row_count == 0 && !self.tagged && are_tags(&cells) {
            self.tagged = true;
            return;
        }
        self.row_count += 1;
        if self.rows.len() < MOST_ROWS {
            self.rows.push(cells);
        }
    }

    /// How large it is, for people.
    pub fn size(&self) -> String {
        format!("{}, {}", plural(self.row_count, "row"), plural(self.columns.len(), "column"))
    }
}

/// A row of hashtags under the names (HXL), as humanitarian data have it.
fn are_tags(cells: &[String]) -> bool {
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let tags = cells.iter().filter(|cell| cell.trim().starts_with('#') && cell.trim().len() > 1).count();
    tags > 1 && tags * 2 > filled
}

/// `1 row`, `2,904 rows`.
pub fn plural(number: usize, one: &str) -> String {
    format!("{} {one}{}", many(number), if number == 1 { "" } else { "s" })
}

/// How many, with thousands separated.
pub fn many(number: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many of them that it shows")]
    count(number as f64)
}

/// The delimiter with which the most lines have the same number of cells.
fn delimiter(text: &str) -> Option<(char, &'static str)> {
    let score = |delimiter: char| -> Option<(usize, usize)> {
        let byte = u8::try_from(delimiter).ok()?;
        let mut reader =
            ReaderBuilder::new().delimiter(byte).flexible(true).has_headers(false).from_reader(text.as_bytes());
        let widths: Vec<usize> = reader.records().take(LINES).filter_map(Result::ok).map(|row| row.len()).collect();
        let (width, share) = usual(&widths)?;
        (width > 1).then_some((share, width))
    };
    let scored = DELIMITERS.iter().filter_map(|each| Some((score(each.0)?, each)));
    scored.max_by_key(|((share, width), each)| (share * width.min(&12), each.0 == ',')).map(|(_, each)| *each)
}

/// The width that most rows of more than one cell have, and how many.
fn usual(widths: &[usize]) -> Option<(usize, usize)> {
    let count = |width: usize| widths.iter().filter(|other| **other == width).count();
    widths.iter().copied().filter(|width| *width > 1).map(|width| (width, count(width))).max_by_key(|(width, n)| (*n, *width))
}

struct FirstRow {
    /// Lines before it.
    line: usize,
    /// Whether it holds names rather than data.
    has_names: bool,
}

/// The first line that is as wide as the table, perhaps without its last column, which may have no name.
fn first_row(lines: &[&str], delimiter: char) -> Option<FirstRow> {
    let byte = u8::try_from(delimiter).ok()?;
    let cells = |line: &str| -> Vec<String> {
        let mut reader =
            ReaderBuilder::new().delimiter(byte).flexible(true).has_headers(false).from_reader(line.as_bytes());
        reader.records().next().and_then(Result::ok).map_or_else(Vec::new, |row| row.iter().map(str::to_owned).collect())
    };
    let rows: Vec<Vec<String>> = lines.iter().map(|line| cells(line)).collect();
    let widths: Vec<usize> = rows.iter().map(Vec::len).collect();
    let (width, _) = usual(&widths)?;
    let filled = |row: &[String]| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let line = rows.iter().position(|row| row.len() + 1 >= width && row.len() > 1 && filled(row) * 2 > row.len())?;
    let is_number = |cell: &String| {
        let cell = cell.trim();
        cell.starts_with(|c: char| c.is_ascii_digit())
            && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '/' | ':'))
    };
    let numbers = |row: &[String]| row.iter().filter(|cell| is_number(cell)).count();
    let first = &rows[line];
    // A header with years as names has numbers too, but never in its first column.
    let has_names = !(numbers(first) > 0 && (is_number(&first[0]) || numbers(first) * 2 > first.len()) && {
        let next = rows.get(line + 1).map_or(0, |next| numbers(next));
        numbers(first) >= next.max(1) && !first.iter().skip(1).all(|cell| looks_like_a_year(cell))
    });
    Some(FirstRow { line, has_names })
}

fn looks_like_a_year(cell: &str) -> bool {
    cell.trim().parse::<u16>().is_ok_and(|year| (1900..2200).contains(&year))
}

/// Every list of records of a JSON document, the longest first.
pub fn records(document: &Value) -> Vec<Grid> {
    let mut grids = Vec::new();
    look(document, &mut String::new(), 6, &mut grids);
    grids.sort_by_key(|grid| std::cmp::Reverse(grid.row_count));
    grids
}

fn look(value: &Value, path: &mut String, depth: usize, grids: &mut Vec<Grid>) {
    match value {
        Value::Array(list) if list.first().is_some_and(Value::is_object) => grids.extend(objects(list, path)),
        Value::Array(list) if list.first().is_some_and(Value::is_array) => grids.extend(lists(list, path)),
        Value::Object(map) if depth > 0 => {
            for (name, value) in map {
                let length = path.len();
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                look(value, path, depth - 1, grids);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn json_grid(path: &str, rows: usize) -> Grid {
    let mut grid = Grid { keys: vec![("format", quoted("json"))], row_count: rows, ..Grid::default() };
    grid.what = if path.is_empty() {
        "a JSON list of records".to_owned()
    } else {
        grid.keys.push(("records", quoted(path)));
        format!("JSON, its records at {path}")
    };
    grid
}

fn objects(list: &[Value], path: &str) -> Option<Grid> {
    let mut seen = HashSet::new();
    let mut columns: Vec<String> = Vec::new();
    for record in list.iter().take(MOST_ROWS) {
        let Some(map) = record.as_object() else { continue };
        for (name, value) in map {
            match value {
                Value::Object(inner) => {
                    // One level down a column is a pointer.
                    for (part, value) in inner {
                        let pointer = format!("/{}/{}", escaped(name), escaped(part));
                        if !value.is_object() && !value.is_array() && seen.insert(pointer.clone()) {
                            columns.push(pointer);
                        }
                    }
                }
                Value::Array(_) => {}
                _ if seen.insert(name.clone()) => columns.push(name.clone()),
                _ => {}
            }
        }
    }
    let cell = |record: &Value, name: &String| {
        let value = record.get(name).or_else(|| record.pointer(name).filter(|_| name.starts_with('/')));
        value.map_or_else(String::new, written)
    };
    let mut grid = json_grid(path, list.len());
    grid.rows =
        list.iter().take(MOST_ROWS).map(|record| columns.iter().map(|name| cell(record, name)).collect()).collect();
    grid.columns = columns;
    Some(grid).filter(|grid| !grid.columns.is_empty())
}

fn lists(list: &[Value], path: &str) -> Option<Grid> {
    let names = list.first()?.as_array()?;
    let has_names = names.iter().all(Value::is_string);
    let mut grid = json_grid(path, list.len() - usize::from(has_names));
    if has_names {
        grid.columns = names.iter().map(written).collect();
    } else {
        grid.keys.push(("header", "0".to_owned()));
        grid.columns = (1..=names.len()).map(|number| number.to_string()).collect();
    }
    let rows = list.iter().skip(usize::from(has_names)).take(MOST_ROWS);
    grid.rows = rows
        .filter_map(Value::as_array)
        .filter(|row| row.len() == names.len())
        .map(|row| row.iter().map(written).collect())
        .collect();
    Some(grid).filter(|grid| !grid.rows.is_empty())
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value as a cell.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_behind_titles() {
        let grid = separated("Report of the desk\nJune, 2022\n\nArea;Count\nSouth;\"1,2\"\nNorth;3\n").unwrap();
        assert_eq!(grid.keys, [("format", "\"csv\"".to_owned()), ("header", "4".to_owned())]);
        assert_eq!((grid.columns, grid.row_count), (vec!["Area".to_owned(), "Count".to_owned()], 2));
        let grid = separated("2022-01-01,5\n2022-01-02,7\n").unwrap();
        assert_eq!((grid.columns.join(" "), grid.row_count, grid.keys[1].1.as_str()), ("1 2".to_owned(), 2, "0"));
        let grid = separated("geo,2019,2020\nA,1,2\nB,2,3\n").unwrap();
        assert_eq!((grid.columns.len(), grid.row_count), (3, 2));
        assert!(separated("nothing here\nis a table\n").is_none());
    }

    #[test]
    fn records_are_found_in_a_document() {
        let document = serde_json::json!({ "meta": { "a/b": [{ "x": 1 }] }, "data": [{ "d": "2022", "n": { "all": 5 } }, { "d": "2023", "k": null }] });
        let grids = records(&document);
        assert_eq!(grids[0].keys[1], ("records", "\"/data\"".to_owned()));
        assert_eq!(grids[0].columns, ["d", "/n/all", "k"]);
        assert_eq!(grids[0].rows, [["2022", "5", ""], ["2023", "", ""]]);
        assert_eq!(grids[1].keys[1].1, "\"/meta/a~1b\"");
    }
}
