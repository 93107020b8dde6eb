//! JSON statistics: a list of records at a pointer, each an object (or each a list under a first list of
//! column names). A column name that begins with `/` is a pointer into the record.

use super::mapping::{Cells, Columns, Mapping, RowId, Table};
use super::options::{FeedOptions, OptionError};
use super::{DecodeError, Source, Warnings, glance, transcode};
use crate::domain::observation::Observation;
use crate::domain::text::Printable;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// Where the records are.
#[derive(Clone, Debug)]
pub struct Shape {
    records: String,
    /// Of a list of lists: which one has the column names, from 1; 0 where there is none.
    header: usize,
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let records = options.records.clone().unwrap_or_default();
        if !records.is_empty() && !records.starts_with('/') {
            return Err(OptionError::new(
                "records",
                format!("\"{records}\" is no pointer"),
                format!("write it with slashes: \"/{}\"", records.replace('.', "/")),
            ));
        }
        Ok(Self { records, header: options.header.unwrap_or(1) })
    }
}

/// Reads the records.
pub fn read(
    bytes: &[u8],
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, DecodeError> {
    let text = transcode::text(bytes);
    let document: Value = serde_json::from_str(&text).map_err(|error| match glance::look(&text) {
        glance::Look::Json => {
            let place = format!("line {}, column {}", error.line(), error.column());
            DecodeError::broken("JSON", &place, &error.to_string())
        }
        _ => DecodeError::not_this("JSON", &glance::say(&text)),
    })?;
    let records = document.pointer(&shape.records);
    let records = match records {
        Some(Value::Array(records)) => records.as_slice(),
        // One record alone is often given without its list; the document itself is none, since a pointer is missing
        // then.
        Some(record @ Value::Object(_)) if !shape.records.is_empty() && !holds_records(record) => {
            std::slice::from_ref(record)
        }
        _ => return Err(no_records(shape, &document)),
    };
    let place = |row: RowId| format!("record {}", row + 1);
    if records.first().is_some_and(Value::is_array) {
        read_lists(records, shape, mapping, &place, source, warnings)
    } else {
        read_objects(records, mapping, &place, source, warnings)
    }
}

fn read_lists(
    records: &[Value],
    shape: &Shape,
    mapping: &Mapping,
    place: &dyn Fn(RowId) -> String,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, DecodeError> {
    let header = records.get(shape.header.max(1) - 1).and_then(Value::as_array);
    let header = header.ok_or(DecodeError::NoHeader { line: shape.header, last: records.len() })?;
    let headers: Vec<String> = if shape.header == 0 {
        (1..=header.len()).map(|number| number.to_string()).collect()
    } else {
        header.iter().map(|name| cell(name).into_owned()).collect()
    };
    let width = headers.len();
    let mut table = Table::new(mapping, headers, place)?;
    for (row, record) in records.iter().enumerate().skip(shape.header) {
        match record.as_array() {
            Some(cells) if cells.len() == width => table.row(row as RowId, &List(cells), warnings),
            Some(cells) => warnings.add("the record was left out; look at it in the reply", || {
                (place(row as RowId), format!("{} values where the header has {width}", cells.len()))
            }),
            None => warnings.add("the record was left out; check `records`", || {
                (place(row as RowId), "it is no list, as the ones before it".to_owned())
            }),
        }
    }
    Ok(table.finish(source.now, warnings))
}

fn read_objects(
    records: &[Value],
    mapping: &Mapping,
    place: &dyn Fn(RowId) -> String,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, DecodeError> {
    let mut seen: HashSet<&str> = HashSet::new();
    let keys = records.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys).map(String::as_str);
    let pointers = mapping
        .column_names()
        .filter(|name| name.starts_with('/') && records.iter().any(|record| record.pointer(name).is_some()));
    let mut columns: Vec<String> = keys.chain(pointers).filter(|key| seen.insert(key)).map(str::to_owned).collect();
    if columns.is_empty() && !records.is_empty() {
        return Err(DecodeError::not_this("list of records", "its elements are neither objects nor lists"));
    }
    if records.is_empty() {
        // No record, so no column to be found: nothing is wrong with the mapping.
        warnings.add("look at the reply: the publisher may have changed it", || {
            ("the reply".to_owned(), "its list of records is empty".to_owned())
        });
        return Ok(Vec::new());
    }
    // Records leave out what they do not say: a status that no record has is said of none.
    if let Some(names) = mapping.status_names()
        && Columns::new(&columns).find(names).is_err()
    {
        columns.extend(names.all().next().map(str::to_owned));
    }
    let mut table = Table::new(mapping, columns.clone(), place)?;
    for (row, record) in records.iter().enumerate() {
        if record.is_object() {
            table.row(row as RowId, &Object { record, columns: &columns }, warnings);
        } else {
            warnings.add("the record was left out; check `records`", || {
                (place(row as RowId), "it is no object".to_owned())
            });
        }
    }
    Ok(table.finish(source.now, warnings))
}

struct List<'a>(&'a [Value]);

impl Cells for List<'_> {
    fn cell(&self, column: usize) -> Cow<'_, str> {
        self.0.get(column).map_or(Cow::Borrowed(""), cell)
    }
}

struct Object<'a> {
    record: &'a Value,
    columns: &'a [String],
}

impl Cells for Object<'_> {
    fn cell(&self, column: usize) -> Cow<'_, str> {
        let name = &self.columns[column];
        let value = self.record.get(name).or_else(|| self.record.pointer(name).filter(|_| name.starts_with('/')));
        value.map_or(Cow::Borrowed(""), cell)
    }
}

/// A value as a cell of a table: numbers as they are written, nothing for null and for what has parts.
fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => Cow::Borrowed(""),
    }
}

fn no_records(shape: &Shape, document: &Value) -> DecodeError {
    let pointer = if shape.records.is_empty() { "the top".into() } else { Printable::clean(&shape.records) };
    DecodeError::NoRecords { pointer, found: Printable::clean(&lists(document)) }
}

fn holds_records(value: &Value) -> bool {
    let mut found = Vec::new();
    look(value, String::new(), 4, &mut found);
    !found.is_empty()
}

/// Where lists are, for a person who got the pointer wrong.
fn lists(document: &Value) -> String {
    let mut found = Vec::new();
    look(document, String::new(), 6, &mut found);
    if found.is_empty() {
        let keys = document.as_object().map(|map| map.keys().take(12).cloned().collect::<Vec<_>>().join(", "));
        keys.map_or_else(|| "there is no list in it".to_owned(), |keys| format!("there is no list in it, only {keys}"))
    } else {
        format!("lists are at {}", found.join(", "))
    }
}

fn look(value: &Value, path: String, depth: usize, found: &mut Vec<String>) {
    const MOST: usize = 5;
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::Array(list) if list.first().is_some_and(|first| first.is_object() || first.is_array()) => {
            let path = if path.is_empty() { "the top".to_owned() } else { path };
            found.push(format!("{path} ({} records)", list.len()));
        }
        Value::Object(map) if depth > 0 => {
            for (key, value) in map {
                look(value, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), depth - 1, found);
            }
        }
        _ => {}
    }
}
