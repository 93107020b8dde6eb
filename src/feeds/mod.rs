//! Bytes to facts, pure: one file a format, and the mapping of tables. A bad row costs that row; only a document
//! that cannot be read at all is an error. Text is cleaned here, once, by becoming `Printable`.

use crate::domain::feed::FeedId;
use crate::domain::headline::Item;
use crate::domain::observation::Observation;
use crate::domain::text::Printable;
use jiff::Timestamp;

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
    /// Observations, in the document's order.
    pub observations: Vec<Observation>,
    /// News items, in the document's order.
    pub items: Vec<Item>,
    /// What could not be read, a line each.
    pub warnings: Vec<Warning>,
    /// When the document says it was published, where it says so.
    pub published: Option<Timestamp>,
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
