//! Changes: the closed list of facts as the store hands them out, and the cursor that says where in
//! the order of commits a reader stands.

use super::alert::{Incident, Judgement, Notice};
use super::feed::{FeedHealth, FeedId};
use super::headline::Headline;
use super::observation::Vintage;
use super::policy_date::{LedgerEntry, PolicyId};
use std::sync::Arc;

/// A place in the order of commits. Zero is before everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cursor(pub u64);

/// One fact, as the store hands it out. Folding a change twice equals folding it once. Small: a batch of figures is as many of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new or revised observation.
    Vintage(Vintage),
    /// A new headline, or a new version of one.
    Headline(Arc<Headline>),
    /// What the last check of a feed gave.
    Health(Arc<FeedHealth>),
    /// A dated change of a policy date.
    Ledger(PolicyId, Box<LedgerEntry>),
    /// An incident opened, changed or ended.
    Incident(Arc<Incident>),
    /// What is told about an event.
    Notice(Arc<Notice>),
    /// The newest verdict of a rule on a subject.
    Judgement(Arc<Judgement>),
    /// A batch was void: what it gave takes no part any more, so the reader must load afresh.
    Voided,
    /// A person accepted a reply of this feed that was not taken: whoever polls takes it.
    Accepted(FeedId),
}

macro_rules! change_of {
    ($($fact:ident),*) => {$(
        impl From<$fact> for Change {
            fn from(fact: $fact) -> Self {
                Self::$fact(Arc::new(fact))
            }
        }
    )*};
}

change_of!(Headline, Incident, Notice, Judgement);

impl From<FeedHealth> for Change {
    fn from(health: FeedHealth) -> Self {
        Self::Health(Arc::new(health))
    }
}

impl From<(PolicyId, LedgerEntry)> for Change {
    fn from((policy, entry): (PolicyId, LedgerEntry)) -> Self {
        Self::Ledger(policy, Box::new(entry))
    }
}
