//! Facts at rest: the seam that every store fills, and the words that pass through it. Synchronous and object-safe;
//! a store lives on a thread of its own behind `handle.rs`.

#[cfg(test)]
mod conformance;
pub mod handle;
mod headlines;
pub mod kept;
pub mod memory;
mod migrate;
pub mod sqlite;
pub mod stress;
pub mod trouble;
pub mod unwritten;

use crate::domain::alert::{Decision, Incident, IncidentId, Notice, Phase};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::headline::{HeadlineKey, Item};
use crate::domain::mark::{Mark, MarkKind};
use crate::domain::observation::{BatchContents, BatchId, Known, KnownHow, Observation, Undone, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::series::{Point, Series};
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use jiff::Timestamp;
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};
use trouble::{Trouble, Why};

/// Who collects: one row. Whoever holds it polls, evaluates and writes; every other instance is a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it: user@host, process and start, so that two processes never look alike.
    pub holder: String,
    /// The fencing token: higher at each change of holder. A write with an older one is refused.
    pub token: u64,
    /// Until when, unless renewed.
    pub expires: Timestamp,
}

/// The answer to asking for the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// It is ours until it expires; asking again renews it with the same token.
    Granted(Lease),
    /// Somebody else holds it.
    HeldBy(Lease),
}

/// An observation on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// What the reply said.
    pub observation: Observation,
    /// When it became known, where the reply says so of this figure; never later than the fetch.
    pub stated: Option<Timestamp>,
    /// What to assume as the instant at which it became known where this is the first load of its series and
    /// the reply states nothing: period end plus the expected lag, never later than the fetch.
    pub assumed: Timestamp,
}

impl Arrival {
    /// When it became known: as it says itself, else as the reply says; of a first load what has to be assumed.
    fn known(&self, reply: Known, first_load: bool) -> Known {
        match (self.stated, reply.how) {
            (Some(at), _) => Known { at, how: KnownHow::Stated },
            (None, KnownHow::Seen) if first_load => Known { at: self.assumed, how: KnownHow::Assumed },
            (None, _) => reply,
        }
    }
}

/// What a good reply gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Haul {
    /// SHA-256 of the reply's bytes, in hexadecimal.
    pub reply_hash: String,
    /// SHA-256 of the mapping that read it, in hexadecimal.
    pub mapping_hash: String,
    /// When it became known, and how we know: seen, or stated.
    pub known: Known,
    /// When it is taken: later than the fetch where a kept body is read again.
    pub taken: Timestamp,
    /// Observations, in the reply's order.
    pub observations: Vec<Arrival>,
    /// Items of a news feed, in the reply's order.
    pub items: Vec<Item>,
}

impl Haul {
    /// How many facts it has.
    pub const fn facts(&self) -> usize {
        self.observations.len() + self.items.len()
    }
}

/// What becomes of the bodies that the store keeps of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Body {
    /// They stay as they are.
    #[default]
    AsIs,
    /// This is the last good one, and none is held any more. `None`: it is too large to be kept, and an older one is not the last.
    Good(Option<Kept>),
    /// This one is held until a person accepts it. `None`: too large to be kept, or nothing is held any more.
    Held(Option<Kept>),
}

/// What the store has to say of a feed before a reply of it is taken: what people have marked, in whichever process.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Marks {
    /// The batches that are void: hash of their reply and of the mapping that read it.
    pub void: Vec<(String, String)>,
    /// The reply that a person accepted last.
    pub accepted: Option<String>,
}

impl Marks {
    /// Whether reading this reply with this mapping gave what was voided: it would be misread again.
    pub fn is_void(&self, reply_hash: &str, mapping_hash: &str) -> bool {
        self.void.iter().any(|(reply, mapping)| reply == reply_hash && mapping == mapping_hash)
    }

    /// Whether a person accepted this reply.
    pub fn is_accepted(&self, reply_hash: &str) -> bool {
        self.accepted.as_deref() == Some(reply_hash)
    }

    /// How many batches are void.
    pub fn voids(&self) -> u64 {
        self.void.len() as u64
    }
}

/// What became of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It is written.
    Done,
    /// The incident has ended: nobody need have it in hand.
    Ended,
    /// There is no such incident.
    Absent,
    /// Nobody has it in hand, so nobody can let go of it.
    NotInHand,
}

impl Marked {
    /// What becomes of a mark on an incident as it stands; and the incident with it.
    fn of(mark: &Mark, incident: Option<&Incident>) -> (Self, Option<Incident>) {
        let Some(incident) = incident else { return (Self::Absent, None) };
        match mark.kind {
            MarkKind::Noted => (Self::Done, None),
            _ if !incident.is_open() => (Self::Ended, None),
            MarkKind::Released if incident.acknowledged.is_none() => (Self::NotInHand, None),
            MarkKind::Released | MarkKind::Acknowledged { .. } => {
                (Self::Done, Some(Incident { acknowledged: mark.acknowledgement(), ..incident.clone() }))
            }
        }
    }
}

/// One check of a feed: what it gave and how the feed stands after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// How the feed stands; `health.checked` is the instant of the check.
    pub health: FeedHealth,
    /// What to remember for the next one.
    pub memory: FeedMemory,
    /// What it brought; `None` where it failed, or where nothing was modified.
    pub haul: Option<Haul>,
    /// What becomes of the bodies that are kept of it.
    pub body: Body,
}

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Committed {
    /// The place after it.
    pub cursor: Cursor,
    /// First values of their periods.
    pub new: usize,
    /// Revisions.
    pub revised: usize,
    /// New headlines, and new versions of known ones.
    pub headlines: usize,
    /// The feeds that brought any of these.
    pub brought_by: BTreeSet<FeedId>,
}

impl Committed {
    /// How many facts are new.
    pub const fn facts(&self) -> usize {
        self.new + self.revised + self.headlines
    }
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The lease is somebody else's by now; nothing was written.
    #[error("the lease was lost: another instance collects now, so nothing was written")]
    Lost,
    /// The store was written by a newer program.
    #[error(
        "{place} has schema {found}, this program knows up to {known}: use the newer watchfloor, or another --store"
    )]
    Newer {
        /// Which store.
        place: String,
        /// Its schema number.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// What was asked for is not there.
    #[error("{what} is not in the store: {remedy}")]
    Absent {
        /// What.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// The store could not be read or written.
    #[error("cannot {doing} {place}: {why}")]
    Failed {
        /// What was being done: open, read, write.
        doing: &'static str,
        /// Which store.
        place: String,
        /// The cause.
        why: Why,
    },
    /// An older program collects into a store that this one would bring up to date under it.
    #[error(
        "{place} has schema {found} and {holder} collects into it with an older watchfloor: stop that one first, then start this one"
    )]
    InUse {
        /// Which store.
        place: String,
        /// Its schema number.
        found: u32,
        /// Who collects.
        holder: String,
    },
    /// The store was written by an older program, and is only to be read.
    #[error(
        "{place} has schema {found}, this program reads {known}: start `watchfloor` once, which brings it up to date"
    )]
    Older {
        /// Which store.
        place: String,
        /// Its schema number.
        found: u32,
        /// What this program reads.
        known: u32,
    },
}

impl StoreError {
    /// What is wrong with the store, where that is what it says.
    pub const fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Failed { why, .. } => Some(why.trouble),
            _ => None,
        }
    }

    /// Whether a session may begin or go on without the store until it answers.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Failed { why, .. } => why.trouble.may_pass(),
            Self::Lost | Self::Newer { .. } | Self::Absent { .. } | Self::InUse { .. } | Self::Older { .. } => false,
        }
    }
}

/// The result of a store's calls.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Which facts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Want {
    /// All of them.
    #[default]
    All,
    /// All but headlines: who shows none need not hold tens of thousands of them.
    NoHeadlines,
}

/// Facts at rest. Every write is one transaction: after a crash all of it is there or nothing. Cursors order commits.
pub trait Store: Send {
    /// Everything that starts a picture, and the place from which to follow. Voided batches take no part. Equals the fold of all changes.
    fn load(&mut self, want: Want) -> Result<(Facts, Cursor)>;

    /// Up to `limit` changes after a place, in order of commits, and the place reached. The same place again
    /// where there is nothing.
    fn changes_after(&mut self, cursor: Cursor, limit: usize, want: Want) -> Result<(Vec<Change>, Cursor)>;

    /// The place of the newest commit; cheap, for looking whether something is new.
    fn newest(&mut self) -> Result<Cursor>;

    /// Takes the lease if it is free, expired at `now` or already this holder's, until `until`.
    fn take_lease(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<LeaseAnswer>;

    /// Gives the lease back; no error where it was lost already.
    fn release_lease(&mut self, token: u64) -> Result<()>;

    /// The lease as it stands, where one was ever taken.
    fn lease(&mut self) -> Result<Option<Lease>>;

    /// Whether the holder of the lease is known to have died, whatever the lease says; `false` where nothing is known of it.
    fn holder_is_dead(&mut self) -> bool {
        false
    }

    /// What is remembered of each feed between fetches.
    fn memories(&mut self) -> Result<BTreeMap<FeedId, FeedMemory>>;

    /// Whether an earlier batch of the feed that is not void came from a reply with this hash.
    fn has_reply(&mut self, feed: &FeedId, reply_hash: &str) -> Result<bool>;

    /// What people have marked of a feed.
    fn marks(&mut self, feed: &FeedId) -> Result<Marks>;

    /// What people have marked of all feeds; those of which nothing is marked are left out.
    fn all_marks(&mut self) -> Result<BTreeMap<FeedId, Marks>>;

    /// The latest figures of some series; those that are not there are left out.
    fn latest(&mut self, ids: &BTreeSet<SeriesId>) -> Result<Vec<Series>>;

    /// The last good body of a feed.
    fn body(&mut self, feed: &FeedId) -> Result<Option<Kept>>;

    /// The body of a feed that waits for a person to accept it.
    fn held_body(&mut self, feed: &FeedId) -> Result<Option<Kept>>;

    /// Writes checks, all or none, fenced by the lease's token. A batch is written only where it has something new: the same fact again
    /// is no fact. Headlines get their keys here.
    fn commit(&mut self, token: u64, checks: &[Check]) -> Result<Committed>;

    /// Writes what evaluating gave, fenced by the lease's token. A notice whose key is there already is not written again.
    fn decide(&mut self, token: u64, decision: &Decision) -> Result<Cursor>;

    /// Writes a dated change of a policy date; any instance may. `false` where it was known already.
    fn record(&mut self, policy: &PolicyId, entry: &LedgerEntry) -> Result<bool>;

    /// Marks a batch void; its vintages stay and take no part any more. Any instance may. `None` where it was void already: the
    /// first reason stays. If its reply was accepted once, it is so no longer.
    fn void(&mut self, feed: &FeedId, batch: BatchId, reason: &str) -> Result<Option<Undone>>;

    /// Accepts a reply that was not taken; any instance may. Whoever polls takes it.
    fn accept(&mut self, feed: &FeedId, reply_hash: &str, now: Timestamp) -> Result<()>;

    /// Writes what a person says of an incident; any instance may. Of one that has ended only notes are taken. Says what became of it.
    fn mark(&mut self, mark: &Mark) -> Result<Marked>;

    /// What people said of an incident, oldest first.
    fn marks_on(&mut self, incident: &IncidentId) -> Result<Vec<Mark>>;

    /// Incidents that are open, and those that ended at an instant or after it: all of them, where a picture carries the newest.
    fn incidents_since(&mut self, at: Timestamp) -> Result<Vec<Incident>>;

    /// What was told of an incident, or why it was not, oldest first.
    fn notices_of(&mut self, incident: &IncidentId) -> Result<Vec<Notice>>;

    /// The batches of a feed, newest first.
    fn batches(&mut self, feed: &FeedId) -> Result<Vec<BatchContents>>;

    /// Every vintage of a series within periods (both included), oldest first; void ones left out.
    fn vintages(&mut self, series: &SeriesId, first: Period, last: Period) -> Result<Vec<Vintage>>;

    /// Every vintage of a series whose batch is void, with why; oldest first.
    fn void_vintages(&mut self, series: &SeriesId) -> Result<Vec<(Vintage, String)>>;

    /// Every series that has a vintage.
    fn series(&mut self) -> Result<Vec<SeriesId>>;

    /// The picture as it was known at an instant.
    fn as_known_at(&mut self, at: Timestamp) -> Result<Facts>;

    /// Every notice after a place in the order of notices, oldest first.
    fn notices(&mut self, limit: usize) -> Result<Vec<Notice>>;

    /// Forgets headlines first seen before an instant (no other fact is ever forgotten). How many.
    fn forget_headlines(&mut self, token: u64, before: Timestamp) -> Result<usize>;
}

/// Arrivals in order, each with whether it is the last of its series and period in its reply: the last one counts.
fn last_of_each(arrivals: &[Arrival]) -> Vec<(&Arrival, bool)> {
    let mut seen = BTreeSet::new();
    let mut marked: Vec<(&Arrival, bool)> = arrivals
        .iter()
        .rev()
        .map(|arrival| (arrival, seen.insert((&arrival.observation.series, arrival.observation.period))))
        .collect();
    marked.reverse();
    marked
}

/// Whether an observation says what stands already.
fn is_same(latest: &Point, observation: &Observation) -> bool {
    latest.value == observation.value && latest.status == observation.status
}

/// Counts what voiding did to one figure of the void batch: what stood before, and what stands now.
fn compare(undone: &mut Undone, before: Option<Point>, after: Option<Point>) {
    match after {
        _ if before == after => undone.untouched += 1,
        Some(_) => undone.restored += 1,
        None => undone.gone += 1,
    }
}

/// The n-th key of a store.
fn headline_key(number: u64) -> HeadlineKey {
    HeadlineKey(format!("h{number}").into())
}

/// An incident as it stood at an instant: an end that came later has not come.
fn incident_at(incident: &Incident, at: Timestamp) -> Incident {
    match incident.ended {
        Some((ended, _)) if ended > at => Incident { ended: None, phase: Phase::Firing, ..incident.clone() },
        _ => incident.clone(),
    }
}

fn no_batch(feed: &FeedId, batch: BatchId) -> StoreError {
    StoreError::Absent {
        what: format!("batch {} of feed {feed}", batch.0),
        remedy: format!("`watchfloor feed void {feed}` lists its batches"),
    }
}
