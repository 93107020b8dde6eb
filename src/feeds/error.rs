//! Why a document could not be read at all: what was being read, what was found, and what to do.

use super::glance;
use crate::domain::text::Printable;

/// Why a document could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is not in the format that the configuration says: an error page, another format. The next reply may be right.
    #[error("the reply is no {format}: {found}; check `format`, and what the address really serves")]
    NotThisFormat {
        /// Which.
        format: &'static str,
        /// What it is instead.
        found: Printable,
    },
    /// There is nothing in it. The next reply may be right.
    #[error(
        "the reply is no {format}: it is empty; the next one may be whole, and if all are empty check what the address really serves"
    )]
    Empty {
        /// What it should have been.
        format: &'static str,
    },
    /// It is in the format, but damaged. The next reply may be whole.
    #[error(
        "the {format} is damaged at {place}: {found}; it may have been cut off on its way: the next reply may be whole"
    )]
    Broken {
        /// Which format.
        format: &'static str,
        /// Where.
        place: Printable,
        /// What was found.
        found: Printable,
    },
    /// The header row is not there.
    #[error("the table has no line {line} for its column names: it ends at line {last}; mend `header`")]
    NoHeader {
        /// Where it should be.
        line: usize,
        /// Where the table ends.
        last: usize,
    },
    /// A column that the mapping names is not there: it was renamed, or the mapping is wrong.
    #[error("no column is called {wanted}; the columns are {found}{nearest}; mend `{key}`: it may be a list of names")]
    NoColumn {
        /// What the mapping calls it.
        wanted: Printable,
        /// The columns that are there.
        found: Printable,
        /// `; the nearest is "…"`, where one is like it.
        nearest: Printable,
        /// The key of the mapping.
        key: &'static str,
    },
    /// A name that could be several columns.
    #[error(
        "{wanted} may be the column {found}; write its name in `{key}` exactly as it stands, or give the names with `columns`"
    )]
    SeveralColumns {
        /// What the mapping calls it.
        wanted: Printable,
        /// The columns that it may be.
        found: Printable,
        /// The key of the mapping.
        key: &'static str,
    },
    /// Something that the mapping looks for in the words around the table is not there.
    #[error("there is no {what}: {wanted} is nowhere in {looked_in}; mend `{key}`")]
    NotFound {
        /// What is looked for: year, date.
        what: &'static str,
        /// How.
        wanted: Printable,
        /// Where.
        looked_in: Printable,
        /// The key of the mapping.
        key: &'static str,
    },
    /// A part of the document that the mapping names is not there: a sheet, a table.
    #[error("there is no {what} {wanted}; {found}; mend `{key}`: it may be a list of names")]
    NoPart {
        /// Sheet, table.
        what: &'static str,
        /// What the mapping calls it.
        wanted: Printable,
        /// What is there.
        found: Printable,
        /// The key of the mapping.
        key: &'static str,
    },
    /// The records are not where the mapping says.
    #[error("there is no list of records at {pointer}; {found}; mend `records`")]
    NoRecords {
        /// Where they should be.
        pointer: Printable,
        /// What is there.
        found: Printable,
    },
    /// It was read, and nothing of it counts: silence must not look like calm.
    #[error(
        "the reply was read, but no row of it counts{first}; check `rows`, `period` and `value` (`watchfloor feed try` helps)"
    )]
    Nothing {
        /// The first warning, where there was one.
        first: String,
    },
}

impl DecodeError {
    pub(super) fn not_this(format: &'static str, found: &str) -> Self {
        Self::NotThisFormat { format, found: Printable::clean(found) }
    }

    /// Of a text that is not in the format at all.
    pub(super) fn other_than(format: &'static str, text: &str) -> Self {
        match glance::look(text) {
            glance::Look::Empty => Self::Empty { format },
            _ => Self::not_this(format, &glance::say(text)),
        }
    }

    pub(super) fn broken(format: &'static str, place: &str, found: &str) -> Self {
        Self::Broken { format, place: Printable::clean(place), found: Printable::clean(found) }
    }
}
