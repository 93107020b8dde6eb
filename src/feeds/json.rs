//! JSON statistics: a list of records at a pointer, each an object (or each a list under a first list of
//! column names). A column name that begins with `/` is a pointer into the record.

use super::mapping::{Mapping, Table};
use super::options::{FeedOptions, OptionError};
use super::{DecodeError, Source, Warnings, transcode};
use crate::domain::observation::Observation;
use serde_json::Value;

/// Where the records are.
#[derive(Clone, Debug)]
pub struct Shape {
    records: String,
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        if options.delimiter.is_some() || options.skip.is_some() {
            let key = if options.skip.is_some() { "skip" } else { "delimiter" };
            return Err(OptionError::new(key, "this is for CSV".to_owned(), "leave it out, or write format = \"csv\""));
        }
        let records = options.records.clone().unwrap_or_default();
        if !records.is_empty() && !records.starts_with('/') {
            return Err(OptionError::new(
                "records",
                format!("\"{records}\" is no pointer"),
                format!("write it with slashes: \"/{}\"", records.replace('.', "/")),
            ));
        }
        Ok(Self { records })
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
    let document: Value = serde_json::from_str(&transcode::text(bytes))
        .map_err(|error| DecodeError::NotThisFormat { format: "JSON", why: error.to_string() })?;
    let records = document.pointer(&shape.records).and_then(Value::as_array).ok_or_else(|| DecodeError::NoRecords {
        pointer: if shape.records.is_empty() { "the top".to_owned() } else { shape.records.clone() },
        found: lists(&document),
    })?;
    match records.first() {
        Some(Value::Array(header)) => {
            let columns: Vec<String> = header.iter().map(cell).collect();
            let mut table = Table::new(mapping, &columns)?;
            for (number, record) in records.iter().enumerate().skip(1) {
                let cells: Vec<String> =
                    record.as_array().map(|row| row.iter().map(cell).collect()).unwrap_or_default();
                let place = || format!("record {number}");
                table.row(&place, &|column| cells.get(column).map_or("", String::as_str), warnings)?;
            }
            Ok(table.finish(source.now, warnings))
        }
        _ => read_objects(records, mapping, source, warnings),
    }
}

fn read_objects(
    records: &[Value],
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, DecodeError> {
    let mut columns: Vec<String> = Vec::new();
    let keys = records.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys);
    for key in keys.map(String::as_str).chain(mapping.column_names().into_iter().filter(|name| name.starts_with('/'))) {
        if !columns.iter().any(|column| column == key) {
            columns.push(key.to_owned());
        }
    }
    let mut table = Table::new(mapping, &columns)?;
    for (number, record) in records.iter().enumerate() {
        if !record.is_object() {
            warnings.add(
                &format!("record {}", number + 1),
                "it is no object",
                "the record was left out; check `records`",
            );
            continue;
        }
        let cells: Vec<String> = columns
            .iter()
            .map(|column| {
                let value = if column.starts_with('/') { record.pointer(column) } else { record.get(column) };
                value.map(cell).unwrap_or_default()
            })
            .collect();
        table.row(&|| format!("record {}", number + 1), &|column| cells[column].as_str(), warnings)?;
    }
    Ok(table.finish(source.now, warnings))
}

/// A value as a cell of a table: numbers as they are written, nothing for null and for what has parts.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// Where lists are, for a person who got the pointer wrong.
fn lists(document: &Value) -> String {
    let mut found = Vec::new();
    look(document, String::new(), 4, &mut found);
    if found.is_empty() {
        "there is no list of records in it".to_owned()
    } else {
        format!("lists are at {}", found.join(", "))
    }
}

fn look(value: &Value, path: String, depth: usize, found: &mut Vec<String>) {
    if found.len() >= 5 {
        return;
    }
    match value {
        Value::Array(list) if list.first().is_some_and(|first| first.is_object() || first.is_array()) => {
            found.push(if path.is_empty() { "the top".to_owned() } else { path });
        }
        Value::Object(map) if depth > 0 => {
            for (key, value) in map {
                look(value, format!("{path}/{key}"), depth - 1, found);
            }
        }
        _ => {}
    }
}
