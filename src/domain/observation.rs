//! Observations and their vintages: a value of a series for a period, as it was known at an instant.

use super::feed::FeedId;
use super::route::SeriesId;
use super::time::Period;
use jiff::Timestamp;

/// How far a value is to be trusted (surge.md section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Complete.
    Closed = 1,
    /// Complete, but the publisher says it may change.
    Provisional = 2,
    /// The period is still running.
    Partial = 3,
    /// Published as "<5" or "*": somebody, not how many.
    Suppressed = 4,
    /// A zero for a period that the publication had not reached: no observation.
    Filler = 5,
    /// Negative, not a number, or in the future.
    Invalid = 6,
    /// Complete, but counted in another way than the periods before: no comparison reaches across it.
    Break = 7,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::Closed, Self::Provisional, Self::Partial, Self::Suppressed, Self::Filler, Self::Invalid, Self::Break];

    /// The word of JSON, exports and the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Provisional => "provisional",
            Self::Partial => "partial",
            Self::Suppressed => "suppressed",
            Self::Filler => "filler",
            Self::Invalid => "invalid",
            Self::Break => "break",
        }
    }

    /// The status of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the figure covers its whole period, so that rules may use it fully.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Closed | Self::Provisional | Self::Break)
    }

    /// The status of what is made of two values: that of the less certain one.
    pub fn least_certain(self, other: Self) -> Self {
        match (self, other) {
            (Self::Break, Self::Closed) | (Self::Closed, Self::Break) => Self::Break,
            (Self::Break, other) | (other, Self::Break) => other,
            (a, b) => a.max(b),
        }
    }
}

/// How we know the instant at which a value became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KnownHow {
    /// This program fetched it then.
    Seen,
    /// The payload, its file name or a scenario dates it.
    Stated,
    /// A first load of old figures: period end plus the expected lag, never later than the fetch.
    Assumed,
}

impl KnownHow {
    /// The word of JSON, exports and the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Stated => "stated",
            Self::Assumed => "assumed",
        }
    }

    /// The meaning of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Seen, Self::Stated, Self::Assumed].into_iter().find(|how| how.word() == word)
    }
}

/// When a value became known, and how we know that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// The instant.
    pub at: Timestamp,
    /// Seen, stated or assumed.
    pub how: KnownHow,
}

/// A value of a series for a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which series.
    pub series: SeriesId,
    /// What it is about.
    pub period: Period,
    /// How many, in the series' unit. `None` only where the publisher withheld the figure
    /// (suppressed) or gave none that can be one (invalid).
    pub value: Option<f64>,
    /// How far it is to be trusted.
    pub status: Status,
    /// When the publisher says that it published it, where it says so.
    pub published: Option<Timestamp>,
}

/// Which batch: the number that the store gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// One published version of an observation. A later one revises it; none is deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Vintage {
    /// The value and its period.
    pub observation: Observation,
    /// When it became known.
    pub known: Known,
    /// The batch that brought it.
    pub batch: BatchId,
}

/// What one reply gave, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// Which feed.
    pub feed: FeedId,
    /// When the reply was taken.
    pub at: Timestamp,
    /// SHA-256 of the reply's bytes, in hexadecimal.
    pub reply_hash: String,
    /// SHA-256 of the mapping that read it, in hexadecimal.
    pub mapping_hash: String,
    /// Why the batch takes no part any more, where it was misread.
    pub void: Option<String>,
}

/// A batch with how much it brought, for a person who has to choose one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchContents {
    /// The batch.
    pub batch: Batch,
    /// New and revised figures, void ones too.
    pub figures: u64,
    /// Of how many series.
    pub series: u64,
    /// The period that begins first, and the one that ends last.
    pub span: Option<(Period, Period)>,
}

/// What voiding a batch did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Undone {
    /// Figures that stand again as an earlier batch had them.
    pub restored: u64,
    /// Figures that no other batch gave: they are gone until a reply gives them again.
    pub gone: u64,
    /// Figures that a later batch had revised: they stay as they are.
    pub untouched: u64,
}
