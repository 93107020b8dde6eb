//! Statistics: by what format a reply is read into rows, and what the mapping makes of them. A new format of tables is
//! a file that hands rows to `mapping::Table`, and a line in each function here.

mod csv;
pub mod grid;
mod header;
mod html;
pub mod json;
pub mod json_stat;
pub mod page;
pub mod prose;
pub mod spreadsheet;
mod stated;

use crate::domain::route::{Family, SeriesSpec};
use crate::feeds::mapping::{Mapping, Taken};
use crate::feeds::options::{FeedOptions, Format, OptionError};
use crate::feeds::{DecodeError, Source, Warnings, charset, glance};
use encoding_rs::Encoding;
use jiff::Timestamp;
use stated::{Document, Stated};
use std::borrow::Cow;

/// How the tables of a feed are read.
#[derive(Clone, Debug)]
pub struct Tables {
    format: Format,
    encoding: Option<&'static Encoding>,
    csv: csv::Shape,
    json: json::Shape,
    html: html::Shape,
    spreadsheet: spreadsheet::Shape,
    prose: Option<prose::Shape>,
    stated: Option<Stated>,
    mapping: Mapping,
}

/// What a table gave, and as of when it says that it is.
pub type Read = (Taken, Option<Timestamp>);

impl Tables {
    /// Checks the options of a statistics feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let format = options.format.unwrap_or(if options.find.is_some() { Format::Text } else { Format::Auto });
        if matches!(format, Format::Rss | Format::Atom | Format::JsonFeed) {
            return Err(OptionError::new(
                "format",
                format!("statistics cannot be read from {}", format.word()),
                "write one of csv, json, json-stat, spreadsheet, html, text, or leave it out",
            ));
        }
        keys_fit(options, format)?;
        Ok(Self {
            format,
            encoding: options.encoding.as_deref().map(charset::configured).transpose()?,
            csv: csv::Shape::new(options)?,
            json: json::Shape::new(options, format == Format::JsonStat)?,
            html: html::Shape::new(options)?,
            spreadsheet: spreadsheet::Shape::new(options)?,
            prose: if format == Format::Text { Some(prose::Shape::new(options)?) } else { None },
            stated: Stated::new(options)?,
            mapping: Mapping::new(options)?,
        })
    }

    /// The series that the mapping names outright.
    pub fn claims(&self) -> Vec<SeriesSpec> {
        self.mapping.claims()
    }

    /// The families of series that the mapping makes from the data.
    pub fn families(&self) -> Vec<Family> {
        self.mapping.families().collect()
    }

    /// Reads a reply. Where it says as of when it is, that is its present: what it had not reached by then is no
    /// observation.
    pub fn read(&self, bytes: &[u8], source: &Source<'_>, warnings: &mut Warnings) -> Result<Read, DecodeError> {
        if self.format == Format::Spreadsheet || (self.format == Format::Auto && spreadsheet::is_one(bytes)) {
            let stated = self.stated(&Document::Packed, source, warnings);
            let taken = spreadsheet::read(bytes, &self.spreadsheet, &self.mapping, &as_of(source, stated), warnings)?;
            return Ok((taken, stated));
        }
        if spreadsheet::is_one(bytes) {
            return Err(DecodeError::not_this(self.format.word(), "it is a spreadsheet, or another packed file"));
        }
        let text = self.text(bytes, source, warnings);
        let format = if self.format == Format::Auto { likely(&text) } else { self.format };
        if matches!(format, Format::Json | Format::JsonStat) {
            let value = json::parse_mended(&text, warnings)?;
            let stated = self.stated(&Document::Json(&text, &value), source, warnings);
            let taken = json::read(&value, &self.json, &self.mapping, &as_of(source, stated), warnings)?;
            return Ok((taken, stated));
        }
        let stated = self.stated(&Document::Text(&text), source, warnings);
        let source = &as_of(source, stated);
        let taken = match (format, &self.prose) {
            (Format::Html, _) => html::read(&text, &self.html, &self.mapping, source, warnings)?,
            (Format::Text, Some(shape)) => prose::read(&text, shape, &self.mapping, source, warnings)?,
            _ => csv::read(&text, &self.csv, &self.mapping, source, warnings)?,
        };
        Ok((taken, stated))
    }

    /// The text of a reply. A table that does not say its encoding is common, and no fault; bytes that cannot be read are.
    fn text<'b>(&self, bytes: &'b [u8], source: &Source<'_>, warnings: &mut Warnings) -> Cow<'b, str> {
        let said = charset::Said { configured: self.encoding, content_type: source.content_type, address: source.base };
        let read = charset::text(bytes, &said);
        if let Some(doubt) = read.doubt.filter(|_| read.text.contains(char::REPLACEMENT_CHARACTER)) {
            warnings.add("write `encoding` with the right one if its texts look wrong, and tell the publisher", || {
                ("the reply".to_owned(), doubt)
            });
        }
        read.text
    }

    fn stated(&self, document: &Document<'_>, source: &Source<'_>, warnings: &mut Warnings) -> Option<Timestamp> {
        self.stated.as_ref().and_then(|stated| stated.read(document, source, self.mapping.zone(), warnings))
    }
}

/// A reply as it was when its figures were.
fn as_of<'a>(source: &Source<'a>, stated: Option<Timestamp>) -> Source<'a> {
    Source { now: stated.map_or(source.now, |at| at.min(source.now)), ..*source }
}

/// What a text most likely is.
fn likely(text: &str) -> Format {
    match glance::look(text) {
        glance::Look::Json => Format::Json,
        glance::Look::Page => Format::Html,
        glance::Look::Empty | glance::Look::Markup | glance::Look::Text => Format::Csv,
    }
}

/// Refuses keys that would do nothing for the format.
fn keys_fit(options: &FeedOptions, format: Format) -> Result<(), OptionError> {
    use Format::{Csv, Html, Json, JsonStat, Spreadsheet, Text};
    if format == Format::Auto {
        return Ok(());
    }
    let keys: [(&str, bool, &[Format]); 9] = [
        ("records", options.records.is_some(), &[Json]),
        ("delimiter", options.delimiter.is_some(), &[Csv]),
        ("comment", options.comment.is_some(), &[Csv]),
        ("sheet", options.sheet.is_some(), &[Spreadsheet]),
        ("table", options.table.is_some(), &[Html]),
        ("find", options.find.is_some(), &[Text]),
        ("header", options.header.is_some(), &[Csv, Json, Spreadsheet, Html]),
        ("header_rows", options.header_rows.is_some(), &[Csv, Spreadsheet, Html]),
        ("encoding", options.encoding.is_some(), &[Csv, Json, JsonStat, Html, Text]),
    ];
    match keys.iter().find(|(_, set, formats)| *set && !formats.contains(&format)) {
        Some((key, _, formats)) => {
            let words: Vec<&str> = formats.iter().map(|format| format.word()).collect();
            let remedy = format!("leave it out, or write format = \"{}\"", words[0]);
            Err(OptionError::new(key, format!("this is for {}", words.join(", ")), remedy))
        }
        None => Ok(()),
    }
}
