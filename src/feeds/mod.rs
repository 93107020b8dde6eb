//! Bytes to facts, pure: one file a format, and the mapping of tables. A bad row costs that row; only a document
//! that cannot be read at all is an error. Text is cleaned here, once, by becoming `Printable`.
//!
//! In reading order: `options` (what a `[[feed]]` says), [`Reader`] (checks it and reads replies), `statistics` (by which
//! format: `csv`, `json`, `json_stat`, `spreadsheet`, `html`, `prose`; where the table begins, its rows, and as of when they are),
//! `mapping` (from rows to observations: `mapping::table` is the heart), `news` (items, by way of `charset`, `instants` and
//! `markup`), `guess` (a mapping proposed for a document that nobody has mapped).

pub mod charset;
mod entities;
mod error;
mod glance;
pub mod guess;
mod instants;
pub mod links;
mod mapping;
mod markup;
mod mend;
mod months;
mod news;
pub mod opml;
mod options;
mod rhythm;
mod statistics;
#[cfg(test)]
mod tests;
mod warnings;

pub use error::DecodeError;
pub use options::{
    FeedOptions, Format, ItemOptions, KnownOptions, OneOrMany, OptionError, PeriodOptions, RowOptions, SeriesOptions,
    StatusOptions, ValueOptions, YearTotalsOptions,
};

use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::headline::Item;
use crate::domain::observation::{Observation, Status};
use crate::domain::route::{Family, SeriesSpec};
use crate::domain::text::Printable;
use jiff::Timestamp;
use statistics::Tables;
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
    /// The `Last-Modified` that the server gave; of a file, when it was last written.
    pub last_modified: Option<&'a str>,
    /// The file's name in the address or the path.
    pub name: Option<&'a str>,
    /// The instant of the reply: what lies after it is not data yet.
    pub now: Timestamp,
}

impl<'a> Source<'a> {
    /// A reply of which nothing else is known.
    pub const fn new(feed: &'a FeedId, now: Timestamp) -> Self {
        Self { feed, base: None, content_type: None, last_modified: None, name: None, now }
    }
}

/// What a reply said, with what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// Observations, by series and period.
    pub observations: Vec<Observation>,
    /// News items, in the document's order.
    pub items: Vec<Item>,
    /// The instant that the document states for all of it; a figure's own publication comes first.
    pub stated: Option<Timestamp>,
    /// When the document itself wants to be asked.
    pub rhythm: Rhythm,
    /// What could not be read, a line each: of each kind the first twenty.
    pub warnings: Vec<Warning>,
    /// How many there were in all.
    pub warning_count: usize,
    /// Columns of the table that nothing of the mapping reads.
    pub unread: Vec<Printable>,
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

/// When a document says that it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// How long it holds, in seconds: `ttl`, or a syndication period.
    pub ttl: Option<u32>,
    /// The hours of the day (UTC, a bit each) in which it does not change: `skipHours`.
    pub skip_hours: u32,
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
    News(news::Shape),
    Statistics(Box<Tables>),
}

impl Reader {
    /// Checks the options of a feed; says which key is wrong and what to do.
    pub fn from_options(options: &FeedOptions) -> Result<Self, OptionError> {
        let how = match options.kind()? {
            FeedKind::News => How::News(news::Shape::new(options)?),
            FeedKind::Statistics if options.item.is_some() => {
                return Err(OptionError::new(
                    "item",
                    "this names the parts of a news item, and statistics have none",
                    "leave it out, or write kind = \"news\"",
                ));
            }
            FeedKind::Statistics => How::Statistics(Box::new(Tables::new(options)?)),
        };
        Ok(Self { meaning: meaning(options), how })
    }

    /// Statistics or news.
    pub const fn kind(&self) -> FeedKind {
        match self.how {
            How::News(_) => FeedKind::News,
            How::Statistics(_) => FeedKind::Statistics,
        }
    }

    /// Whether the configuration says how a reply is read, so that a mended configuration reads the same reply otherwise.
    pub const fn is_mapped(&self) -> bool {
        match &self.how {
            How::News(shape) => shape.is_mapped(),
            How::Statistics(_) => true,
        }
    }

    /// What the reader does, as text that is the same for the same meaning, over versions too: what to hash.
    pub fn meaning(&self) -> String {
        self.meaning.clone()
    }

    /// The series that the mapping names outright, with what it says of them.
    pub fn claims(&self) -> Vec<SeriesSpec> {
        match &self.how {
            How::News(_) => Vec::new(),
            How::Statistics(tables) => tables.claims(),
        }
    }

    /// The families of series that templates make from the data.
    pub fn families(&self) -> Vec<Family> {
        match &self.how {
            How::News(_) => Vec::new(),
            How::Statistics(tables) => tables.families(),
        }
    }

    /// Reads a reply. Never panics, whatever the bytes.
    pub fn decode(&self, bytes: &[u8], source: &Source<'_>) -> Result<Decoded, DecodeError> {
        let mut warnings = Warnings::default();
        let mut decoded = Decoded::default();
        match &self.how {
            How::News(shape) => {
                decoded.items = news::read(bytes, shape, source, &mut warnings)?;
                decoded.rhythm = rhythm::of(bytes);
            }
            How::Statistics(tables) => {
                let (taken, stated) = tables.read(bytes, source, &mut warnings)?;
                decoded.observations = taken.observations;
                decoded.unread = taken.unread.iter().map(|name| Printable::clean(name)).collect();
                decoded.stated = stated;
            }
        }
        (decoded.warnings, decoded.warning_count) = warnings.finish();
        Ok(decoded)
    }
}

/// The options as JSON: keys in a fixed order, absent ones left out, so that a key that a later version adds changes
/// no text of before.
fn meaning(options: &FeedOptions) -> String {
    serde_json::to_string(options).expect("texts, numbers and lists can be written as JSON")
}
