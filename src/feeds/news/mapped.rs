//! News from JSON that is no feed: the configuration says where the records are and which of their fields is what.

use super::json::{first, text, word};
use super::raw::{Raw, RawItem};
use crate::domain::text::{Printable, cut};
use crate::feeds::options::{FeedOptions, ItemOptions, OneOrMany, OptionError};
use crate::feeds::{DecodeError, Warnings};
use serde_json::Value;

/// Where the records are, and what is in them.
#[derive(Clone, Debug)]
pub struct Mapping {
    records: String,
    item: ItemOptions,
}

impl Mapping {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let Some(item) = options.item.clone() else {
            return Err(OptionError::new(
                "item",
                "JSON that is no feed does not say what its fields are",
                "write item = { title = \"title\", link = \"url\", published = \"date\" } with the names that the records have",
            ));
        };
        let records = options.records.clone().unwrap_or_default();
        if !records.is_empty() && !records.starts_with('/') {
            return Err(OptionError::new(
                "records",
                format!("\"{records}\" is no pointer"),
                format!("write it with slashes: \"/{}\"", records.replace('.', "/")),
            ));
        }
        if item.title.is_none() && item.summary.is_none() && item.link.is_none() {
            return Err(OptionError::new(
                "item",
                "an item needs a title, a text or a link",
                "name at least one of them, such as item = { title = \"title\" }",
            ));
        }
        Ok(Self { records, item })
    }

    /// Reads the records. A list without records is a good answer: a search that found nothing. So is `{}`, which some searches
    /// answer then; any other document without the list is an error.
    pub fn read<'a>(&self, document: &'a Value, warnings: &mut Warnings) -> Result<Raw<'a>, DecodeError> {
        let records = match document.pointer(&self.records) {
            Some(Value::Array(records)) => records.as_slice(),
            Some(record @ Value::Object(_)) if !self.records.is_empty() => std::slice::from_ref(record),
            _ if document.as_object().is_some_and(serde_json::Map::is_empty) => &[],
            _ => return Err(self.no_records(document)),
        };
        let mut raw = Raw::default();
        for (number, record) in records.iter().enumerate() {
            if record.is_object() {
                raw.items.push(self.item(record));
            } else {
                warnings.add("the record was left out; check `records`", || {
                    (format!("record {}", number + 1), "it is no object".to_owned())
                });
            }
        }
        Ok(raw)
    }

    fn item<'a>(&self, record: &'a Value) -> RawItem<'a> {
        let all = |names: &Option<OneOrMany>| -> Vec<&'a Value> {
            let names = names.iter().flat_map(|names| &names.0);
            names.filter_map(|name| field(record, name)).collect()
        };
        let of = |names: &Option<OneOrMany>| first(all(names).into_iter().map(|value| text(Some(value))));
        RawItem {
            title: of(&self.item.title),
            link: of(&self.item.link),
            id: of(&self.item.id),
            published: [of(&self.item.published), super::raw::Text::None],
            updated: of(&self.item.updated),
            summary: of(&self.item.summary),
            language: all(&self.item.language).into_iter().find_map(|value| word(Some(value))),
            ..RawItem::default()
        }
    }

    fn no_records(&self, document: &Value) -> DecodeError {
        let pointer = if self.records.is_empty() { "the top".into() } else { Printable::clean(&self.records) };
        DecodeError::NoRecords { pointer, found: Printable::clean(&found(document)) }
    }
}

/// A field of a record by its name, or by a pointer where the name begins with a slash.
fn field<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { record.pointer(name) } else { record.get(name) }
}

/// What is in a document, for a person who looks for its records: its own words where it says something, its lists else.
pub fn found(document: &Value) -> String {
    let words = ["error", "message", "detail", "title"].iter().find_map(|name| {
        let value = document.get(*name)?;
        value.as_str().or_else(|| value.get("message")?.as_str())
    });
    if let Some(words) = words {
        return format!("it says \"{}\"", cut(Printable::clean(words).as_str(), 120, "…"));
    }
    let mut lists = Vec::new();
    look(document, String::new(), 4, &mut lists);
    if lists.is_empty() {
        "there is no list of records in it".to_owned()
    } else {
        format!("lists are at {}", lists.join(", "))
    }
}

/// Lists of objects, the first few.
fn look(value: &Value, path: String, depth: usize, lists: &mut Vec<String>) {
    const MOST: usize = 5;
    if lists.len() >= MOST {
        return;
    }
    match value {
        Value::Array(list) if list.first().is_some_and(Value::is_object) => {
            let path = if path.is_empty() { "the top".to_owned() } else { path };
            lists.push(format!("{path} ({} records)", list.len()));
        }
        Value::Object(map) if depth > 0 => {
            for (key, value) in map {
                look(value, format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), depth - 1, lists);
            }
        }
        _ => {}
    }
}
