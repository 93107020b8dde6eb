//! The tables that a document may hold, as rows of cells, each with the keys that say how to get at it.

use super::written::quoted;
use crate::domain::words::plural;
use crate::feeds::statistics::grid::Grid;
use ::csv::ReaderBuilder;
use serde_json::Value;

/// So many rows are looked at to guess; all of them are read to see whether the guess holds.
pub const MOST_ROWS: usize = 60_000;

/// One table of a document.
#[derive(Clone, Debug, Default)]
pub struct View {
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
    /// What stands before the names and around the table.
    pub around: String,
    /// Which of the document's rows has the names.
    pub header: usize,
    /// Whether there are no names, and columns are called by their number.
    pub numbered: bool,
    /// Whether the last name stands in a line of its own.
    pub split: bool,
}

/// Delimiters, the most usual first; the word is for people.
const DELIMITERS: [(char, &str); 6] =
    [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "upright strokes"), ('~', "tildes"), ('^', "carets")];

/// So many lines show how a table is written.
const LINES: usize = 400;

/// The table of separated values that a text is, if it looks like one.
pub fn separated(text: &str) -> Option<View> {
    let (delimiter, word) = delimiter(text)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).ok()?)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let cells = |record: ::csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut begins: Vec<usize> = Vec::new();
    let mut record = ::csv::StringRecord::new();
    let mut count = 0;
    while let Ok(true) = reader.read_record(&mut record) {
        count += 1;
        if rows.len() < MOST_ROWS {
            begins.push(record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(0));
            rows.push(cells(record.clone()));
        }
    }
    let mut view = from_rows(&rows)?;
    view.row_count += count - rows.len();
    let mut keys = vec![("format", quoted("csv"))];
    // The reader finds these four by itself from a header line that has them.
    if !matches!(delimiter, ',' | ';' | '\t' | '|') || view.split {
        keys.push(("delimiter", quoted(&delimiter.to_string())));
    }
    let line = line_of(text, begins.get(view.header).copied().unwrap_or(0));
    view.what = format!("a CSV table, its cells between {word}");
    if view.numbered {
        keys.push(("header", "0".to_owned()));
        view.what.push_str(", without column names");
    } else if view.split {
        // The line after the names is the first one that may be data.
        keys.push(("header", (line + 1).to_string()));
        keys.push(("columns", list(&view.columns)));
        view.what.push_str(&format!(", its column names in the lines {line} and {}", line + 1));
    } else if line > 1 {
        view.what.push_str(&format!(", its column names in line {line}"));
    }
    view.keys = keys;
    Some(view)
}

/// The line of the row that begins at or after a byte: blank lines before it are not its own.
fn line_of(text: &str, byte: usize) -> usize {
    let bytes = text.as_bytes();
    let blank = bytes[byte.min(bytes.len())..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    bytes[..(byte + blank).min(bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// A sheet or a table of a page, if it looks like a table of data.
pub fn sheet(grid: &Grid, keys: Vec<(&'static str, String)>, what: String) -> Option<View> {
    let mut view = from_rows(&grid.rows)?;
    view.keys = keys;
    if view.numbered {
        view.keys.push(("header", "0".to_owned()));
    }
    view.around = format!("{}\n{}", view.around, grid.around);
    view.what = what;
    Some(view)
}

/// Texts as a list in TOML.
pub fn list(texts: &[String]) -> String {
    let all: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", all.join(", "))
}

/// The names and rows among the rows of a document; `None` where they are no table.
fn from_rows(rows: &[Vec<String>]) -> Option<View> {
    let begins = first_row(rows)?;
    let mut columns: Vec<String> = rows[begins.at].iter().map(|name| name.trim().to_owned()).collect();
    while columns.len() > 1 && columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    let mut view = View { header: begins.at, ..View::default() };
    view.around = rows[..begins.at].iter().map(|row| row.join(" ")).collect::<Vec<_>>().join("\n");
    let mut first = begins.at + 1;
    if !begins.has_names {
        view.numbered = true;
        columns = (1..=columns.len()).map(|number| number.to_string()).collect();
        first = begins.at;
    } else if columns.len() + 1 == begins.width
        && let Some(rest) = rows.get(first).map(|row| said(row)).filter(|rest| rest.len() == 1)
    {
        // The last name has slipped into the next line.
        columns.push(rest[0].to_owned());
        view.split = true;
        first += 1;
    }
    for row in &rows[first..] {
        view.take(row.clone(), columns.len());
    }
    view.columns = columns;
    Some(view).filter(|view| !view.rows.is_empty())
}

/// The cells that say something.
fn said(row: &[String]) -> Vec<&str> {
    row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect()
}

impl View {
    fn take(&mut self, mut cells: Vec<String>, width: usize) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let longer = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if filled_width(&cells) * 2 < width || longer {
            return;
        }
        cells.resize(width, String::new());
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
    widths
        .iter()
        .copied()
        .filter(|width| *width > 1)
        .map(|width| (width, count(width)))
        .max_by_key(|(width, n)| (*n, *width))
}

struct FirstRow {
    /// Which row it is.
    at: usize,
    /// How many cells the rows of the table have.
    width: usize,
    /// Whether it holds names rather than data.
    has_names: bool,
}

/// The first row that is as wide as the table, perhaps without its last column, whose name may be missing.
fn first_row(rows: &[Vec<String>]) -> Option<FirstRow> {
    let rows = &rows[..rows.len().min(LINES)];
    // Blank cells at the end of a row are none: sheets are as wide as their widest row.
    let widths: Vec<usize> = rows.iter().map(|row| filled_width(row)).collect();
    let (width, _) = usual(&widths)?;
    let is_wide = |at: &usize| widths[*at] + 1 >= width && widths[*at] > 1 && said(&rows[*at]).len() * 2 > widths[*at];
    let at = (0..rows.len()).find(is_wide)?;
    let is_number = |cell: &String| {
        let cell = cell.trim();
        cell.starts_with(|c: char| c.is_ascii_digit())
            && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | '/' | ':'))
    };
    let numbers = |row: &[String]| row.iter().filter(|cell| is_number(cell)).count();
    let first = &rows[at];
    // A header with years as names has numbers too, but never in its first column.
    let has_names = !(numbers(first) > 0 && (is_number(&first[0]) || numbers(first) * 2 > first.len()) && {
        let next = rows.get(at + 1).map_or(0, |next| numbers(next));
        numbers(first) >= next.max(1) && !first.iter().skip(1).all(|cell| looks_like_a_year(cell))
    });
    Some(FirstRow { at, width, has_names })
}

fn filled_width(row: &[String]) -> usize {
    row.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1)
}

fn looks_like_a_year(cell: &str) -> bool {
    cell.trim().parse::<u16>().is_ok_and(|year| (1900..2200).contains(&year))
}

/// Every list of records of a JSON document, the longest first.
pub fn records(document: &Value) -> Vec<View> {
    const DEEPEST: usize = 6;
    const MOST_LISTS: usize = 40;
    let mut pointers = Vec::new();
    look(document, &mut String::new(), DEEPEST, &mut pointers);
    let mut views: Vec<View> = pointers.iter().take(MOST_LISTS).filter_map(|pointer| json(document, pointer)).collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.row_count));
    views
}

/// Where lists are that may be records: of objects, of lists, lists beside one another, and lists in each record of a list.
fn look(value: &Value, path: &mut String, depth: usize, found: &mut Vec<String>) {
    match value {
        Value::Array(list) if list.first().is_some_and(Value::is_object) => {
            found.push(path.clone());
            let inner = list.first().and_then(Value::as_object).into_iter().flatten();
            for (name, _) in inner.filter(|(_, value)| is_list_of_parts(value)) {
                found.push(format!("{path}/*/{}", escaped(name)));
            }
        }
        Value::Array(list) if list.first().is_some_and(Value::is_array) => found.push(path.clone()),
        Value::Object(map) if depth > 0 => {
            if are_columns(map) {
                found.push(path.clone());
            }
            for (name, value) in map {
                let length = path.len();
                path.push('/');
                path.push_str(&escaped(name));
                look(value, path, depth - 1, found);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn is_list_of_parts(value: &Value) -> bool {
    let first = value.as_array().and_then(|list| list.first());
    first.is_some_and(|first| first.is_object() || first.is_array())
}

/// An object of lists, one for each column.
fn are_columns(map: &serde_json::Map<String, Value>) -> bool {
    let mut lengths = map.values().map(|value| value.as_array().map(Vec::len));
    let first = lengths.next().flatten();
    map.len() > 1 && first.is_some_and(|first| first > 0 && lengths.all(|length| length == Some(first)))
}

/// The records at a pointer.
fn json(document: &Value, pointer: &str) -> Option<View> {
    let mut rows = crate::feeds::statistics::json::laid_flat(document, pointer, MOST_ROWS)?;
    let mut view = View { keys: vec![("format", quoted("json"))], ..View::default() };
    view.what = "a JSON list of records".to_owned();
    if !pointer.is_empty() {
        view.keys.push(("records", quoted(pointer)));
        view.what = format!("JSON, its records at {pointer}");
    }
    let is_list = |value: &Value| value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_array));
    let in_lists = pointer.contains("/*/") || document.pointer(pointer).is_some_and(is_list);
    let plain = |row: &[String]| row.iter().all(|cell| cell.parse::<f64>().is_err() && !cell.is_empty());
    let width = rows.first()?.len();
    if let Some((at, names)) = names_beside(document, pointer, width).filter(|_| in_lists) {
        view.keys.push(("columns", quoted(&at)));
        view.columns = names;
    } else if in_lists && !plain(rows.first()?) {
        view.keys.push(("header", "0".to_owned()));
        view.columns = (1..=width).map(|number| number.to_string()).collect();
    } else {
        view.columns = rows.remove(0);
    }
    view.row_count = rows.len();
    view.rows = rows.into_iter().filter(|row| row.len() == view.columns.len()).collect();
    Some(view).filter(|view| !view.rows.is_empty() && !view.columns.is_empty())
}

/// A list of as many names as records have cells, beside the records: its pointer and the names.
fn names_beside(document: &Value, pointer: &str, width: usize) -> Option<(String, Vec<String>)> {
    let (parent, _) = pointer.rsplit_once('/')?;
    let map = document.pointer(parent)?.as_object()?;
    map.iter().find_map(|(name, value)| {
        let list = value.as_array().filter(|list| list.len() == width)?;
        let text = |value: &Value| value.as_str().or(value.get("name").and_then(Value::as_str)).map(str::to_owned);
        let names: Vec<String> = list.iter().map(text).collect::<Option<_>>()?;
        Some((format!("{parent}/{}", escaped(name)), names))
    })
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_behind_titles() {
        let view = separated("Report of the desk\nJune, 2022\n\nArea;Count\nSouth;\"1,2\"\nNorth;3\n").unwrap();
        assert!(view.what.ends_with("its column names in line 4"), "{}", view.what);
        assert_eq!((view.columns, view.row_count), (vec!["Area".to_owned(), "Count".to_owned()], 2));
        let view = separated("2022-01-01,5\n2022-01-02,7\n").unwrap();
        assert_eq!((view.columns.join(" "), view.row_count, view.keys[1].1.as_str()), ("1 2".to_owned(), 2, "0"));
        let view = separated("geo,2019,2020\nA,1,2\nB,2,3\n").unwrap();
        assert_eq!((view.columns.len(), view.row_count), (3, 2));
        assert!(separated("nothing here\nis a table\n").is_none());
    }

    #[test]
    fn records_are_found_in_a_document() {
        let document = serde_json::json!({ "meta": { "a/b": [{ "x": 1 }] }, "data": [{ "d": "2022", "n": { "all": 5 } }, { "d": "2023", "k": null }] });
        let views = records(&document);
        assert_eq!(views[0].keys[1], ("records", "\"/data\"".to_owned()));
        assert_eq!(views[0].columns, ["d", "/n/all", "k"]);
        assert_eq!(views[0].rows, [["2022", "5", ""], ["2023", "", ""]]);
        assert_eq!(views[1].keys[1].1, "\"/meta/a~1b\"");
    }

    #[test]
    fn records_of_other_shapes_are_found() {
        let keys = |document: serde_json::Value| {
            let view = records(&document).remove(0);
            let keys: Vec<String> = view.keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{} | {}", keys[1..].join(" "), view.columns.join(" "))
        };
        let beside = serde_json::json!({ "columns": ["date", "n"], "rows": [["2022-01-01", 5], ["2022-01-02", 6]] });
        assert_eq!(keys(beside), "records=\"/rows\" columns=\"/columns\" | date n");
        let by_column = serde_json::json!({ "d": { "date": ["2022-01-01", "2022-01-02"], "n": [5, 6] } });
        assert_eq!(keys(by_column), "records=\"/d\" | date n");
        let nested = serde_json::json!({ "data": [
            { "route": "East", "values": [{ "date": "2022-01-01", "n": 5 }, { "date": "2022-01-02", "n": 6 }] },
            { "route": "West", "values": [{ "date": "2022-01-01", "n": 7 }] } ] });
        assert_eq!(keys(nested), "records=\"/data/*/values\" | date n route");
        let first_names = serde_json::json!([["date", "n"], ["2022-01-01", 5]]);
        assert_eq!(keys(first_names), " | date n");
    }
}
