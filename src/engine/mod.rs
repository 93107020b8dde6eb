//! The tasks: composes feeds, alerts, fetch, store and clock. `live` runs a session on real time, `replay` runs a
//! scenario on simulated time; both call the same `poll_once` and the same keeper's `step`.

pub mod backlog;
pub mod collector;
mod files;
mod hosts;
pub mod keeper;
pub mod ledgers;
pub mod live;
pub mod mend;
mod network;
pub mod outcome;
pub mod plan;
pub mod poller;
pub mod reading;
pub mod refresh;
pub mod replay;
pub mod suspicion;
#[cfg(test)]
mod tests;

use crate::alerts::Rule;
use crate::domain::feed::FeedId;
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::fetch::Fetcher;
use plan::Plan;
use std::sync::Arc;

/// What both kinds of session are made of.
#[derive(Clone)]
pub struct Parts {
    /// The title in the header.
    pub title: Printable,
    /// What the configuration says there is.
    pub catalog: Arc<Catalog>,
    /// Feeds with how to read them.
    pub plans: Arc<[Plan]>,
    /// Rules, presets included.
    pub rules: Arc<[Rule]>,
    /// What the configuration says of policy dates; `recorded` is set when an entry is written.
    pub policies: Arc<[(PolicyId, Vec<LedgerEntry>)]>,
    /// How bytes are got.
    pub fetcher: Fetcher,
}

/// What a person may ask of a running session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask a feed now, or all of them.
    Refresh(Option<FeedId>),
    /// Stand still, or go on.
    Pause,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// From the beginning.
    Again,
}
