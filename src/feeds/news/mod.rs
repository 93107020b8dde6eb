//! News: a reply becomes text (`unpack`, `charset`), the text a raw feed (`xml` by way of `scan`; `json`, `mapped`, by way of
//! `mend` where it is damaged), and the raw feed clean items with names by which they are known again (`raw`, `item`). What
//! is broken costs what stands there, and is told.

mod item;
mod json;
mod mapped;
mod raw;
mod scan;
mod unpack;
mod xml;

use super::options::{FeedOptions, Format, OptionError};
use super::{DecodeError, Source, Warnings, charset, glance, mend};
use crate::domain::headline::Item;
use encoding_rs::Encoding;
use mapped::Mapping;
use raw::Raw;
use serde_json::Value;

/// How a news feed is read.
#[derive(Clone, Debug)]
pub struct Shape {
    encoding: Option<&'static Encoding>,
    /// Where the reply is JSON that is no feed.
    mapping: Option<Mapping>,
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let format = options.format.unwrap_or(Format::Auto);
        let is_mapped = format == Format::Json || format == Format::Auto && options.item.is_some();
        if !matches!(format, Format::Auto | Format::Rss | Format::Atom | Format::JsonFeed | Format::Json) {
            return Err(OptionError::new(
                "format",
                format!("news cannot be read from {}", format.word()),
                "use rss, atom, json-feed, json with `item`, or leave it out",
            ));
        }
        options.has_no_table_keys(is_mapped)?;
        Ok(Self {
            encoding: options.encoding.as_deref().map(charset::configured).transpose()?,
            mapping: is_mapped.then(|| Mapping::new(options)).transpose()?,
        })
    }

    /// Whether anything of it is configured.
    pub const fn is_mapped(&self) -> bool {
        self.mapping.is_some() || self.encoding.is_some()
    }
}

/// Reads a feed's items in the document's order.
pub fn read(
    bytes: &[u8],
    shape: &Shape,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Item>, DecodeError> {
    let body = unpack::unpacked(bytes)?;
    let said = charset::Said { configured: shape.encoding, content_type: source.content_type, address: source.base };
    let text = charset::text(&body.bytes, &said);
    if let Some(doubt) = text.doubt {
        warnings.add("write `encoding` with the right one if its texts look wrong, and tell the publisher", || {
            ("the feed".to_owned(), doubt)
        });
    }
    let text = text.text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let (items, is_empty) = match &shape.mapping {
        Some(mapping) => {
            let (document, mut raw) = document(text).map_err(|error| no_json(text, &error))?;
            let read = mapping.read(&document, warnings)?;
            raw.items = read.items;
            // A search may well find nothing.
            (told(&raw, source, warnings), false)
        }
        None if text.starts_with(['{', '[']) => {
            let (document, damage) = document(text).map_err(|error| no_feed(text, &error))?;
            let Some(mut raw) = json::read(&document) else { return Err(other_json(&document)) };
            (raw.faults, raw.lost) = (damage.faults, damage.lost);
            (told(&raw, source, warnings), raw.items.is_empty())
        }
        None => {
            let mut raw = xml::read(text).map_err(|error| no_feed(text, &error))?;
            let controls = text.bytes().filter(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')).count();
            if controls > 0 {
                raw.faults.push(format!("{controls} control characters"));
            }
            (told(&raw, source, warnings), raw.items.is_empty())
        }
    };
    if body.is_cut {
        warnings.add("the next reply may be whole", || {
            ("the feed".to_owned(), "it is gzip, and was cut off on its way".to_owned())
        });
    }
    if is_empty {
        warnings.add("an empty feed is not news that nothing happened; check the address", || {
            ("the feed".to_owned(), "it has no items".to_owned())
        });
    }
    Ok(items)
}

/// The items of a feed, its faults told.
fn told(raw: &Raw<'_>, source: &Source<'_>, warnings: &mut Warnings) -> Vec<Item> {
    if let Some(lost) = &raw.lost {
        warnings.add("it may have been cut off on its way: the next reply may be whole", || {
            ("the feed".to_owned(), lost.clone())
        });
    }
    if !raw.faults.is_empty() {
        warnings.add("it was mended before reading; the publisher should be told", || {
            ("the feed".to_owned(), format!("it is not written as it should be: {}", raw.faults.join(", ")))
        });
    }
    item::items(raw, source, warnings)
}

/// A JSON document, mended where it has to be; the faults are in an empty feed.
fn document(text: &str) -> Result<(Value, Raw<'static>), String> {
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok((document, Raw::default())),
        Err(error) => error,
    };
    let mended = mend::mend(text).ok_or_else(|| error.to_string())?;
    let document = serde_json::from_str(&mended.text).map_err(|_| error.to_string())?;
    let lost = mended.is_cut.then(|| "it ends in the middle: what was not whole was left out".to_owned());
    Ok((document, Raw { faults: mended.faults, lost, ..Raw::default() }))
}

fn no_feed(text: &str, error: &str) -> DecodeError {
    match glance::look(text) {
        glance::Look::Markup | glance::Look::Json => {
            DecodeError::not_this("news feed", &format!("{}, and reading it failed: {error}", glance::say(text)))
        }
        _ => DecodeError::other_than("news feed", text),
    }
}

fn no_json(text: &str, error: &str) -> DecodeError {
    match glance::look(text) {
        glance::Look::Json => DecodeError::broken("JSON", "its end, or before it", error),
        _ => DecodeError::other_than("JSON", text),
    }
}

fn other_json(document: &Value) -> DecodeError {
    let found = mapped::found(document);
    DecodeError::not_this(
        "news feed",
        &format!("it is JSON of another kind ({found}); format = \"json\" with `records` and `item` reads such"),
    )
}
