//! Bytes to facts, pure: one file a format, and the mapping of tables. A bad row costs that row; only a document
//! that cannot be read at all is an error. Text is cleaned here, once, by becoming `Printable`.

mod csv;
mod json;
mod mapping;
mod markup;
mod news;
mod options;
#[cfg(test)]
mod tests;
mod transcode;

pub use mapping::Claim;
pub use options::{FeedOptions, OptionError};

use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::headline::Item;
use crate::domain::observation::{Observation, Status};
use crate::domain::text::Printable;
use jiff::Timestamp;
use mapping::Mapping;
use options::Format;

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
    /// What could not be read, a line each; the first [`Warnings::MOST`].
    pub warnings: Vec<Warning>,
    /// How many there were in all.
    pub warning_count: usize,
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

/// Warnings as they are collected: all counted, the first ones kept.
#[derive(Debug, Default)]
pub struct Warnings {
    kept: Vec<Warning>,
    count: usize,
}

impl Warnings {
    /// How many are kept: a table with a wrong column would warn at each of its rows.
    pub const MOST: usize = 100;

    fn add(&mut self, place: &str, what: &str, remedy: &str) {
        self.count += 1;
        if self.kept.len() < Self::MOST {
            let clean = Printable::clean;
            self.kept.push(Warning { place: clean(place), what: clean(what), remedy: clean(remedy) });
        }
    }
}

/// Why a document could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is not in the format that the configuration says.
    #[error("it is no {format}: {why}; check `format`, and what the address really serves")]
    NotThisFormat {
        /// Which.
        format: &'static str,
        /// What was found.
        why: String,
    },
    /// A column that the mapping names is not there.
    #[error("no column is called {wanted}; the table has {found}; mend the mapping's `{key}`")]
    NoColumn {
        /// What the mapping calls it.
        wanted: String,
        /// The columns that are there.
        found: String,
        /// The key of the mapping.
        key: &'static str,
    },
    /// The records are not where the mapping says.
    #[error("no list of records at {pointer}; {found}; mend `records`")]
    NoRecords {
        /// Where they should be.
        pointer: String,
        /// What is there.
        found: String,
    },
    /// It was read, and nothing of it counts: silence must not look like calm.
    #[error(
        "it was read, but no row counts{first}; check `rows`, `period` and `value` (`watchfloor feed try` shows what was found)"
    )]
    Nothing {
        /// The first warning, where there was one.
        first: String,
    },
    /// Too much of it: a table that makes more routes than allowed.
    #[error("the mapping makes more than {most} series; add `rows` filters, or a template with fewer values")]
    TooManySeries {
        /// The most that is allowed.
        most: usize,
    },
}

/// How one feed's replies are read: its format, and its mapping where it is a table.
#[derive(Clone, Debug)]
pub struct Reader {
    options: FeedOptions,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    News,
    Csv(csv::Shape, Mapping),
    Json(json::Shape, Mapping),
}

impl Reader {
    /// Checks the options of a feed; says which key is wrong and what to do.
    pub fn from_options(options: &FeedOptions) -> Result<Self, OptionError> {
        let how = match (options.kind()?, options.format) {
            (FeedKind::News, None | Some(Format::Auto | Format::Rss | Format::Atom | Format::JsonFeed)) => {
                options.has_no_table_keys()?;
                How::News
            }
            (FeedKind::News, Some(format)) => {
                return Err(OptionError::new(
                    "format",
                    format!("news cannot be read from {}", format.word()),
                    "use rss, atom, json-feed, or leave it out",
                ));
            }
            (FeedKind::Statistics, Some(Format::Csv)) => How::Csv(csv::Shape::new(options)?, Mapping::new(options)?),
            (FeedKind::Statistics, Some(Format::Json)) => How::Json(json::Shape::new(options)?, Mapping::new(options)?),
            (FeedKind::Statistics, _) => {
                return Err(OptionError::new(
                    "format",
                    "statistics need a format".to_owned(),
                    "write format = \"csv\" or format = \"json\"",
                ));
            }
        };
        Ok(Self { options: options.clone(), how })
    }

    /// Statistics or news.
    pub const fn kind(&self) -> FeedKind {
        match self.how {
            How::News => FeedKind::News,
            How::Csv(..) | How::Json(..) => FeedKind::Statistics,
        }
    }

    /// What the reader does, as text that is the same for the same meaning: what to hash.
    pub fn meaning(&self) -> String {
        format!("{:?}", self.options)
    }

    /// The series that the mapping names outright (templates make theirs from the data).
    pub fn claims(&self) -> Vec<Claim> {
        match &self.how {
            How::News => Vec::new(),
            How::Csv(_, mapping) | How::Json(_, mapping) => mapping.claims(),
        }
    }

    /// Reads a reply. Never panics, whatever the bytes.
    pub fn decode(&self, bytes: &[u8], source: &Source<'_>) -> Result<Decoded, DecodeError> {
        let mut warnings = Warnings::default();
        let mut decoded = match &self.how {
            How::News => Decoded { items: news::read(bytes, source, &mut warnings)?, ..Decoded::default() },
            How::Csv(shape, mapping) => {
                Decoded { observations: csv::read(bytes, shape, mapping, source, &mut warnings)?, ..Decoded::default() }
            }
            How::Json(shape, mapping) => Decoded {
                observations: json::read(bytes, shape, mapping, source, &mut warnings)?,
                ..Decoded::default()
            },
        };
        let counts =
            |observation: &Observation| observation.status != Status::Invalid && observation.status != Status::Filler;
        if self.kind() == FeedKind::Statistics && !decoded.observations.iter().any(counts) {
            let first = warnings.kept.first().map(|warning| format!(" ({}: {})", warning.place, warning.what));
            return Err(DecodeError::Nothing { first: first.unwrap_or_default() });
        }
        decoded.warnings = warnings.kept;
        decoded.warning_count = warnings.count;
        Ok(decoded)
    }
}
