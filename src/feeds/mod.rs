//! Bytes to facts, pure: one file a format, and the mapping of tables. A bad row costs that row; only a document
//! that cannot be read at all is an error. Text is cleaned here, once, by becoming `Printable`.
//!
//! In reading order: `options` (what a `[[feed]]` says), [`Reader`] (checks it and reads replies), `csv` and `json`
//! (rows of a table), `mapping` (from rows to observations: `mapping::table` is the heart), `news` (items, by way of
//! `prepare`, feed-rs, `mend`, `instants` and `markup`). A new format of tables is a file that hands rows to
//! `mapping::Table`, and a variant of `How`.

mod csv;
mod entities;
mod error;
mod glance;
pub mod guess;
mod instants;
mod json;
pub mod links;
mod mapping;
mod markup;
mod mend;
mod months;
mod news;
pub mod opml;
mod options;
mod prepare;
#[cfg(test)]
mod tests;
mod transcode;
mod warnings;

pub use error::DecodeError;
pub use mapping::Claim;
pub use options::{
    FeedOptions, Format, OneOrMany, OptionError, PeriodOptions, SeriesOptions, StatusOptions, ValueOptions,
};

use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::headline::Item;
use crate::domain::observation::{Observation, Status};
use crate::domain::text::Printable;
use jiff::Timestamp;
use mapping::Mapping;
use warnings::Warnings;

/// What a decoder must know beside the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Which feed: guids are unique within one.
    pub feed: &'a FeedId,
    /// The address it came from, for relative links.
    pub base: Option<&'a str>,
    /// The media type that the server gave.
    pub content_type: Option<&'a str>,
    /// The instant of the reply: what lies after it is not data yet.
    pub now: Timestamp,
}

/// What a reply said, with what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// Observations, by series and period.
    pub observations: Vec<Observation>,
    /// News items, in the document's order.
    pub items: Vec<Item>,
    /// What could not be read, a line each: of each kind the first twenty.
    pub warnings: Vec<Warning>,
    /// How many there were in all.
    pub warning_count: usize,
}

impl Decoded {
    /// The error that it is for statistics when nothing of a reply counts: whoever polls must not take it for a good answer.
    pub fn nothing_counts(&self) -> Option<DecodeError> {
        let counts = |observation: &Observation| !matches!(observation.status, Status::Invalid | Status::Filler);
        if self.observations.iter().any(counts) {
            return None;
        }
        let first = self.warnings.first().map(|warning| format!(" ({}: {})", warning.place, warning.what));
        Some(DecodeError::Nothing { first: first.unwrap_or_default() })
    }
}

/// Something in a document that could not be read as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where: row and column, item.
    pub place: Printable,
    /// What was found and what was expected.
    pub what: Printable,
    /// What to do.
    pub remedy: Printable,
}

/// How one feed's replies are read: its format, and its mapping where it is a table.
#[derive(Clone, Debug)]
pub struct Reader {
    meaning: String,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    News,
    Csv(csv::Shape, Mapping),
    Json(json::Shape, Mapping),
    /// CSV or JSON, whichever the reply is.
    Table(csv::Shape, json::Shape, Mapping),
}

impl Reader {
    /// Checks the options of a feed; says which key is wrong and what to do.
    pub fn from_options(options: &FeedOptions) -> Result<Self, OptionError> {
        let format = options.format.unwrap_or(Format::Auto);
        let how = match (options.kind()?, format) {
            (FeedKind::News, Format::Auto | Format::Rss | Format::Atom | Format::JsonFeed) => {
                options.has_no_table_keys()?;
                How::News
            }
            (FeedKind::News, format) => {
                return Err(OptionError::new(
                    "format",
                    format!("news cannot be read from {}", format.word()),
                    "use rss, atom, json-feed, or leave it out",
                ));
            }
            (FeedKind::Statistics, Format::Csv) => {
                only_for(options.records.is_some(), "records", "JSON", "json")?;
                How::Csv(csv::Shape::new(options)?, Mapping::new(options)?)
            }
            (FeedKind::Statistics, Format::Json) => {
                only_for(options.delimiter.is_some(), "delimiter", "CSV", "csv")?;
                only_for(options.comment.is_some(), "comment", "CSV", "csv")?;
                How::Json(json::Shape::new(options)?, Mapping::new(options)?)
            }
            (FeedKind::Statistics, Format::Auto) => {
                How::Table(csv::Shape::new(options)?, json::Shape::new(options)?, Mapping::new(options)?)
            }
            (FeedKind::Statistics, format) => {
                return Err(OptionError::new(
                    "format",
                    format!("statistics cannot be read from {}", format.word()),
                    "write format = \"csv\" or format = \"json\"",
                ));
            }
        };
        Ok(Self { meaning: meaning(options), how })
    }

    /// Statistics or news.
    pub const fn kind(&self) -> FeedKind {
        match self.how {
            How::News => FeedKind::News,
            How::Csv(..) | How::Json(..) | How::Table(..) => FeedKind::Statistics,
        }
    }

    /// What the reader does, as text that is the same for the same meaning, over versions too: what to hash.
    pub fn meaning(&self) -> String {
        self.meaning.clone()
    }

    /// The series that the mapping names outright (templates make theirs from the data).
    pub fn claims(&self) -> Vec<Claim> {
        match &self.how {
            How::News => Vec::new(),
            How::Csv(_, mapping) | How::Json(_, mapping) | How::Table(_, _, mapping) => mapping.claims(),
        }
    }

    /// Reads a reply. Never panics, whatever the bytes.
    pub fn decode(&self, bytes: &[u8], source: &Source<'_>) -> Result<Decoded, DecodeError> {
        let mut warnings = Warnings::default();
        let (mut observations, mut items) = (Vec::new(), Vec::new());
        match &self.how {
            How::News => items = news::read(bytes, source, &mut warnings)?,
            How::Csv(shape, mapping) => observations = csv::read(bytes, shape, mapping, source, &mut warnings)?,
            How::Json(shape, mapping) => observations = json::read(bytes, shape, mapping, source, &mut warnings)?,
            How::Table(_, shape, mapping) if glance::look(&transcode::text(bytes)) == glance::Look::Json => {
                observations = json::read(bytes, shape, mapping, source, &mut warnings)?;
            }
            How::Table(shape, _, mapping) => observations = csv::read(bytes, shape, mapping, source, &mut warnings)?,
        }
        let (warnings, warning_count) = warnings.finish();
        Ok(Decoded { observations, items, warnings, warning_count })
    }
}

/// The options as JSON: keys in a fixed order, absent ones left out, so that a key that a later version adds changes
/// no text of before.
fn meaning(options: &FeedOptions) -> String {
    serde_json::to_string(options).expect("texts, numbers and lists can be written as JSON")
}

fn only_for(set: bool, key: &str, format: &str, word: &str) -> Result<(), OptionError> {
    if !set {
        return Ok(());
    }
    Err(OptionError::new(key, format!("this is for {format}"), format!("leave it out, or write format = \"{word}\"")))
}
