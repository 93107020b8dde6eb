//! As of when a document says that its figures are: in its file's name, its text, a field, or the reply's head. Where a
//! column says it, the mapping reads it row by row.

use super::prose;
use crate::feeds::mapping::{Pattern, expression, first_group};
use crate::feeds::options::{FeedOptions, KnownOptions, OptionError};
use crate::feeds::{Source, Warnings, instants};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::Value;

/// Where a document says it.
#[derive(Clone, Debug)]
pub enum Stated {
    /// In the name of the file.
    Name(Pattern),
    /// In the text.
    Page(Regex),
    /// In a field of JSON.
    Pointer(String),
    /// In the head of the reply: `Last-Modified`.
    Reply,
}

/// A document's text, parsed where it is JSON.
pub enum Document<'a> {
    /// As it is.
    Text(&'a str),
    /// With its values.
    Json(&'a str, &'a Value),
    /// One whose text says nothing.
    Packed,
}

impl Stated {
    /// From the options of a feed; `None` where nothing is said, or a column says it.
    pub fn new(options: &FeedOptions) -> Result<Option<Self>, OptionError> {
        const REMEDY: &str = "write one of known = { column = \"…\" }, { name = \"YYYY_MM_DD\" }, { page = 'updated (.+)' }, { pointer = \"/updated\" }, { reply = \"last-modified\" }";
        let Some(known) = &options.known else { return Ok(None) };
        let KnownOptions { column, name, page, pointer, reply } = known;
        let found = [
            name.as_ref()
                .map(|text| Pattern::new(&format!("*{}*", text.trim_matches('*')), "known.name").map(Self::Name)),
            page.as_ref().map(|text| expression(text, "known.page").map(Self::Page)),
            pointer.as_ref().map(|text| Ok(Self::Pointer(text.clone()))),
            reply.as_ref().map(|text| match text.to_ascii_lowercase().as_str() {
                "last-modified" => Ok(Self::Reply),
                _ => {
                    let what = format!("\"{text}\" is nothing that a reply says");
                    Err(OptionError::new("known.reply", what, "write reply = \"last-modified\""))
                }
            }),
        ];
        let mut found = found.into_iter().flatten();
        match (column, found.next(), found.next()) {
            (None, Some(stated), None) => stated.map(Some),
            (Some(_), None, _) => Ok(None),
            _ => Err(OptionError::new("known", "it must say one place, and only one", REMEDY)),
        }
    }

    /// The instant; where it is not to be found that is told, and the figures count as known when they were fetched.
    pub fn read(
        &self,
        document: &Document<'_>,
        source: &Source<'_>,
        zone: &TimeZone,
        warnings: &mut Warnings,
    ) -> Option<Timestamp> {
        let as_of = |text: &str| instants::as_of(text, zone);
        let found = match (self, document) {
            (Self::Name(pattern), _) => {
                source.name.and_then(|name| pattern.read(name, zone)).map(|period| period.end_instant(zone))
            }
            (Self::Page(regex), Document::Text(text) | Document::Json(text, _)) => {
                first_group(regex, &prose::shown(text)).and_then(as_of)
            }
            (Self::Pointer(pointer), Document::Json(_, value)) => {
                let value = value.pointer(pointer);
                let number = value.and_then(Value::as_i64).and_then(instants::from_unix);
                number.or_else(|| value.and_then(Value::as_str).and_then(as_of))
            }
            (Self::Reply, _) => source.last_modified.and_then(as_of),
            (Self::Page(_) | Self::Pointer(_), _) => None,
        };
        if found.is_none() {
            warnings.add("its figures count as known when they were fetched; check `known`", || {
                ("the document".to_owned(), format!("{} says no date", self.place(source)))
            });
        }
        found
    }

    fn place(&self, source: &Source<'_>) -> String {
        match self {
            Self::Name(_) => format!("its name \"{}\"", source.name.unwrap_or_default()),
            Self::Page(regex) => format!("what '{regex}' finds in it"),
            Self::Pointer(pointer) => format!("the field {pointer}"),
            Self::Reply => "the reply's Last-Modified".to_owned(),
        }
    }
}
