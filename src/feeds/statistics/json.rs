//! JSON statistics: records at a pointer, each an object, a list under a list of names, or a plain value; or an object of
//! lists, one for each column. A column name that begins with `/` is a pointer into the record; fields of the objects
//! around a record are columns too.

use super::grid;
use super::header::HeaderShape;
use super::json_stat;
use crate::domain::text::Printable;
use crate::feeds::mapping::{Cells, Columns, Layout, Mapping, RowId, Table, Taken};
use crate::feeds::options::{FeedOptions, OptionError};
use crate::feeds::{DecodeError, Source, Warnings, glance, mend};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// Where the records are.
#[derive(Clone, Debug)]
pub struct Shape {
    /// A pointer; `*` in it stands for every element.
    records: String,
    /// A pointer to the column names.
    names_at: Option<String>,
    header: HeaderShape,
    /// Whether it is a cube whatever it looks like.
    cube: bool,
}

/// The column that holds the key of a record among others in an object.
const KEY: &str = "*";
/// The column that holds a record which is a plain value.
const VALUE: &str = "value";
/// The most records.
const MOST_RECORDS: usize = 5_000_000;

impl Shape {
    /// From the options of a feed; `cube`: it says that replies are JSON-stat.
    pub fn new(options: &FeedOptions, cube: bool) -> Result<Self, OptionError> {
        let records = options.records.clone().unwrap_or_default();
        let pointer = |text: &str, key: &str| {
            if text.is_empty() || text.starts_with('/') {
                return Ok(());
            }
            let remedy = format!("write it with slashes: \"/{}\"", text.replace('.', "/"));
            Err(OptionError::new(key, format!("\"{text}\" is no pointer"), remedy))
        };
        pointer(&records, "records")?;
        let names_at = options.columns.as_ref().and_then(|columns| match columns.0.as_slice() {
            [text] if text.starts_with('/') => Some(text.clone()),
            _ => None,
        });
        Ok(Self { records, names_at, header: HeaderShape::new(options)?, cube })
    }
}

/// Parses a document, mended where it is not written as it should be; tells what was mended. One that was cut off is not mended: a
/// part of a table must not be taken for the whole.
pub fn parse_mended(text: &str, warnings: &mut Warnings) -> Result<Value, DecodeError> {
    let error = match parse(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let mended = mend::mend(text).filter(|mended| !mended.is_cut).ok_or_else(|| error.clone())?;
    let document = serde_json::from_str(&mended.text).map_err(|_| error)?;
    warnings.add("it was mended before reading; the publisher should be told", || {
        ("the reply".to_owned(), format!("it is not written as it should be: {}", mended.faults.join(", ")))
    });
    Ok(document)
}

/// Parses a document: one value, or a value a line.
pub fn parse(text: &str) -> Result<Value, DecodeError> {
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    match values {
        Ok(values) if values.len() > 1 && values.iter().all(Value::is_object) => Ok(Value::Array(values)),
        _ => Err(match glance::look(text) {
            glance::Look::Json if error.to_string().starts_with("recursion limit") => {
                DecodeError::not_this("JSON that can be read", "it is nested too deeply")
            }
            glance::Look::Json => {
                let place = format!("line {}, column {}", error.line(), error.column());
                DecodeError::broken("JSON", &place, &error.to_string())
            }
            _ => DecodeError::other_than("JSON", text),
        }),
    }
}

/// Reads the records.
pub fn read(
    document: &Value,
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    if shape.cube || (shape.records.is_empty() && json_stat::is_one(document)) {
        let grid = json_stat::grid(document)?;
        let header = HeaderShape { line: None, rows: Some(1), names: None };
        return grid::read_first(&[grid], &header, mapping, (source.name, source.now), warnings);
    }
    let names = match &shape.names_at {
        Some(pointer) => Some(names(document, pointer)?),
        None => shape.header.names.clone(),
    };
    let records = records(document, &shape.records)?;
    if records.is_empty() {
        // No record, so no column to be found: nothing is wrong with the mapping.
        warnings.add("look at the reply: the publisher may have changed it", || {
            ("the reply".to_owned(), "its list of records is empty".to_owned())
        });
        return Ok(Taken::default());
    }
    if records[0].value.is_array() {
        read_lists(&records, names, shape, mapping, source, warnings)
    } else {
        read_objects(&records, mapping, source, warnings)
    }
}

/// A record, with what is around it.
#[derive(Clone)]
struct Record<'v> {
    value: Cow<'v, Value>,
    /// Its key, where it stands in an object by it.
    key: Option<&'v str>,
    /// The objects around it, the nearest last.
    around: Vec<&'v Value>,
}

/// The records at a pointer; an error says where lists are.
fn records<'v>(document: &'v Value, pointer: &str) -> Result<Vec<Record<'v>>, DecodeError> {
    let mut found = vec![Record { value: Cow::Borrowed(document), key: None, around: Vec::new() }];
    let mut every = false;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        every = step == "*";
        found = found.iter().flat_map(|record| record.step(&step)).take(MOST_RECORDS).collect();
    }
    let no_records = || DecodeError::NoRecords {
        pointer: if pointer.is_empty() { "the top".into() } else { Printable::clean(pointer) },
        found: Printable::clean(&lists(document)),
    };
    if found.is_empty() {
        return Err(no_records());
    }
    if every {
        return Ok(found);
    }
    let mut records = Vec::new();
    for place in found {
        match place.value.as_ref() {
            Value::Array(_) => records.extend(place.step("*")),
            Value::Object(_) => match in_columns(&place) {
                Some(rows) => records.extend(rows),
                // One record alone is often given without its list; the document itself is none, since a pointer is
                // missing then.
                None if !pointer.is_empty() && !holds_records(&place.value) => records.push(place),
                None => return Err(no_records()),
            },
            _ => return Err(no_records()),
        }
    }
    Ok(records)
}

/// The records at a pointer with every column that a mapping could name, the names first: their own fields, fields of objects
/// in them by pointer, and fields of the objects around them. Lists come as they are. At most so many records.
pub fn laid_flat(document: &Value, pointer: &str, most: usize) -> Option<Vec<Vec<String>>> {
    let mut records = records(document, pointer).ok()?;
    records.truncate(most);
    let first = records.first()?;
    if first.value.is_array() {
        let cells = |record: &Record<'_>| {
            record.value.as_array().into_iter().flatten().map(|value| cell(value).into_owned()).collect()
        };
        return Some(records.iter().map(cells).collect());
    }
    let mut columns: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut take = |name: String| {
        if seen.insert(name.clone()) {
            columns.push(name);
        }
    };
    records.iter().filter_map(|record| record.value.as_object()).flat_map(plain_fields).for_each(&mut take);
    first.around.iter().rev().filter_map(|object| object.as_object()).flat_map(plain_fields).for_each(&mut take);
    let row = |record: &Record<'_>| {
        let fields = Fields { record, columns: &columns, list: None };
        (0..columns.len()).map(|column| fields.cell(column).into_owned()).collect()
    };
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    Some(std::iter::once(columns.clone()).chain(rows).collect()).filter(|_| !columns.is_empty())
}

/// The fields of an object that have no parts; up to two levels down by pointer.
fn plain_fields(map: &serde_json::Map<String, Value>) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in map {
        match value {
            Value::Object(inner) => inside(inner, &mut format!("/{}", escaped(name)), 2, &mut names),
            Value::Array(_) => {}
            _ => names.push(name.clone()),
        }
    }
    names
}

fn inside(map: &serde_json::Map<String, Value>, path: &mut String, depth: usize, names: &mut Vec<String>) {
    for (name, value) in map {
        let length = path.len();
        path.push('/');
        path.push_str(&escaped(name));
        match value {
            Value::Object(inner) if depth > 1 => inside(inner, path, depth - 1, names),
            Value::Object(_) | Value::Array(_) => {}
            _ => names.push(path.clone()),
        }
        path.truncate(length);
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl<'v> Record<'v> {
    /// What is one step deeper: a field, an element by its number, or with `*` all of them.
    fn step(&self, step: &str) -> Vec<Record<'v>> {
        let Cow::Borrowed(value) = self.value else { return Vec::new() };
        let mut around = self.around.clone();
        if value.is_object() {
            around.push(value);
        }
        let inside = |value: &'v Value, key: Option<&'v str>| Record {
            value: Cow::Borrowed(value),
            key: key.or(self.key),
            around: around.clone(),
        };
        match (value, step) {
            (Value::Array(list), "*") => list.iter().map(|value| inside(value, None)).collect(),
            (Value::Object(map), "*") => map.iter().map(|(key, value)| inside(value, Some(key))).collect(),
            (Value::Array(list), _) => step
                .parse::<usize>()
                .ok()
                .and_then(|at| list.get(at))
                .map(|value| inside(value, None))
                .into_iter()
                .collect(),
            (Value::Object(map), _) => map.get(step).map(|value| inside(value, None)).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// The rows of an object of lists, one for each column: all of one length and without parts.
fn in_columns<'v>(place: &Record<'v>) -> Option<Vec<Record<'v>>> {
    let map = place.value.as_object()?;
    let columns = map.iter().map(|(name, value)| Some((name, value.as_array()?)));
    let columns: Vec<(&String, &Vec<Value>)> = columns.collect::<Option<_>>()?;
    let length = columns.first()?.1.len();
    let plain =
        |list: &Vec<Value>| list.len() == length && list.iter().all(|value| !value.is_array() && !value.is_object());
    if length == 0 || columns.len() < 2 || !columns.iter().all(|(_, list)| plain(list)) {
        return None;
    }
    let row = |at: usize| {
        let fields = columns.iter().map(|(name, list)| ((*name).clone(), list[at].clone()));
        Record { value: Cow::Owned(Value::Object(fields.collect())), key: place.key, around: place.around.clone() }
    };
    Some((0..length).map(row).collect())
}

/// Column names at a pointer: texts, or objects that have a name.
fn names(document: &Value, pointer: &str) -> Result<Vec<String>, DecodeError> {
    let name = |value: &Value| {
        let named =
            ["name", "id", "key", "code", "text", "label", "title"].iter().find_map(|key| value.get(*key)?.as_str());
        value.as_str().or(named).unwrap_or_default().to_owned()
    };
    let list = document.pointer(pointer).and_then(Value::as_array).filter(|list| !list.is_empty());
    list.map(|list| list.iter().map(name).collect()).ok_or_else(|| DecodeError::NotFound {
        what: "list of column names",
        wanted: Printable::clean(pointer),
        looked_in: Printable::clean(&format!("the document ({})", lists(document))),
        key: "columns",
    })
}

fn read_lists(
    records: &[Record<'_>],
    names: Option<Vec<String>>,
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let place = |row: RowId| format!("record {}", row + 1);
    let line = shape.header.line.unwrap_or(usize::from(names.is_none()));
    let first = records.get(line.max(1) - 1).and_then(|record| record.value.as_array());
    let first = first.ok_or(DecodeError::NoHeader { line, last: records.len() })?;
    let mut headers = match names {
        Some(names) => names,
        None if line == 0 => (1..=first.len()).map(|number| number.to_string()).collect(),
        None => first.iter().map(|name| cell(name).into_owned()).collect(),
    };
    let width = headers.len();
    headers.extend(named_around(records, &headers, mapping));
    let mut table = Table::new(mapping, layout(headers.clone(), source), &place)?;
    for (row, record) in records.iter().enumerate().skip(line) {
        match record.value.as_array() {
            Some(cells) if cells.len() == width => {
                table.row(row as RowId, &Fields { record, columns: &headers, list: Some(cells) }, warnings);
            }
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
    records: &[Record<'_>],
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let place = |row: RowId| format!("record {}", row + 1);
    let mut seen: HashSet<&str> = HashSet::new();
    let keys = records.iter().filter_map(|record| record.value.as_object()).flat_map(serde_json::Map::keys);
    let pointers = mapping
        .column_names()
        .filter(|name| name.starts_with('/') && records.iter().any(|record| record.value.pointer(name).is_some()));
    let mut columns: Vec<String> =
        keys.map(String::as_str).chain(pointers).filter(|key| seen.insert(key)).map(str::to_owned).collect();
    let is_value = |record: &Record<'_>| !record.value.is_object() && !record.value.is_array();
    // Plain values mean something only by their keys.
    let plain = columns.is_empty() && records.iter().all(|record| is_value(record) && record.key.is_some());
    if plain {
        columns.push(VALUE.to_owned());
    }
    if columns.is_empty() {
        return Err(DecodeError::not_this("list of records", "its elements are neither objects nor lists"));
    }
    columns.extend(named_around(records, &columns, mapping));
    // Records leave out what they do not say: a status that no record has is said of none.
    if let Some(names) = mapping.status_names()
        && Columns::new(&columns).find(names).is_err()
    {
        columns.extend(names.all().next().map(str::to_owned));
    }
    let mut table = Table::new(mapping, layout(columns.clone(), source), &place)?;
    for (row, record) in records.iter().enumerate() {
        if record.value.is_object() || plain {
            table.row(row as RowId, &Fields { record, columns: &columns, list: None }, warnings);
        } else {
            warnings.add("the record was left out; check `records`", || {
                (place(row as RowId), "it is no object".to_owned())
            });
        }
    }
    Ok(table.finish(source.now, warnings))
}

fn layout(headers: Vec<String>, source: &Source<'_>) -> Layout {
    Layout { headers, tags: Vec::new(), around: source.name.unwrap_or_default().to_owned() }
}

/// Columns that the mapping names and that are around the records, not in them.
fn named_around(records: &[Record<'_>], own: &[String], mapping: &Mapping) -> Vec<String> {
    let first = &records[0];
    let mut seen = HashSet::new();
    let is_around = |name: &&str| {
        !own.iter().any(|known| known == name)
            && ((*name == KEY && first.key.is_some())
                || first.around.iter().any(|object| field(object, name).is_some()))
    };
    mapping.column_names().filter(is_around).filter(|name| seen.insert(name.to_owned())).map(str::to_owned).collect()
}

/// A plain field of an object, or what a pointer leads to.
fn field<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let value = object.get(name).or_else(|| object.pointer(name).filter(|_| name.starts_with('/')))?;
    (!value.is_array() && !value.is_object()).then_some(value)
}

/// The cells of a record.
struct Fields<'a> {
    record: &'a Record<'a>,
    columns: &'a [String],
    /// The record as a list, where it is one.
    list: Option<&'a [Value]>,
}

impl Cells for Fields<'_> {
    fn cell(&self, column: usize) -> Cow<'_, str> {
        if let Some(value) = self.list.and_then(|list| list.get(column)) {
            return cell(value);
        }
        let name = self.columns[column].as_str();
        let own = match self.record.value.as_ref() {
            value @ Value::Object(_) => {
                value.get(name).or_else(|| value.pointer(name).filter(|_| name.starts_with('/')))
            }
            Value::Array(_) => None,
            value => Some(value).filter(|_| name == VALUE),
        };
        if name == KEY && own.is_none() {
            return self.record.key.unwrap_or_default().into();
        }
        let around = || self.record.around.iter().rev().find_map(|object| field(object, name));
        own.or_else(around).map_or(Cow::Borrowed(""), cell)
    }
}

/// A value as a cell of a table: numbers as they are written, nothing for null and for what has parts.
pub fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => Cow::Borrowed(""),
    }
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
