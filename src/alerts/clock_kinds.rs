//! What a clock kind is: its firing, instants and end are computed from facts, never from the time at which
//! some process happened to look.

use super::Selector;
use crate::domain::alert::{Severity, Subject};
use crate::domain::situation::{Catalog, Facts};
use crate::domain::text::Printable;
use jiff::Timestamp;
use std::fmt::Debug;

/// A clock kind's verdict at an instant.
#[derive(Clone, Debug, PartialEq)]
pub enum Spell {
    /// What is watched for has been there since an instant.
    On {
        /// Since when.
        since: Timestamp,
        /// How bad, where the kind says it itself.
        severity: Option<Severity>,
        /// One line for a person.
        reason: Printable,
    },
    /// It is not there.
    Off {
        /// One line for a person.
        reason: Printable,
    },
    /// It cannot be told.
    Unknown {
        /// Why.
        reason: Printable,
    },
}

/// What a clock kind does.
pub trait ClockKind: Debug + Send + Sync {
    /// The rule in words.
    fn text(&self) -> String;
    /// What it looks at.
    fn subjects(&self, selector: &Selector, catalog: &Catalog, facts: &Facts) -> Vec<Subject>;
    /// Its verdict on a subject at `now`.
    fn spell(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Spell;
    /// When the verdict would next change with no new fact.
    fn next_change(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp>;
    /// Whether people are told that it is over.
    fn tells_end(&self) -> bool {
        true
    }
}
