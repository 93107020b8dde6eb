//! Collecting: the polls in flight, the commits of what they gave, and the ledger entries that the
//! configuration brings. Runs only while the lease is held; everything is fenced by its token.

use super::Parts;
use super::poller::{Before, Plan, poll_once};
use crate::clock::Clock;
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::policy_date::PolicyId;
use crate::domain::situation::Facts;
use crate::fetch::Place;
use crate::store::handle::StoreHandle;
use crate::store::{self, Check, Committed};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Polls at once, over all hosts; one a host.
const IN_FLIGHT: usize = 64;

/// The polls of one session.
pub struct Collector {
    parts: Parts,
    store: StoreHandle,
    clock: Arc<dyn Clock>,
    states: BTreeMap<FeedId, Before>,
    polls: JoinSet<Check>,
    busy: BTreeMap<FeedId, String>,
    asked: BTreeSet<FeedId>,
}

impl Collector {
    /// Knows nothing yet: call [`Collector::begin`] when the lease is taken.
    pub fn new(parts: Parts, store: StoreHandle, clock: Arc<dyn Clock>) -> Self {
        Self {
            parts,
            store,
            clock,
            states: BTreeMap::new(),
            polls: JoinSet::new(),
            busy: BTreeMap::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Takes up where the last holder of the lease left: due times and validators lie in the store.
    pub async fn begin(&mut self, facts: &Facts) -> store::Result<()> {
        let mut memories = self.store.call(|store| store.memories()).await?;
        for plan in self.parts.plans.iter() {
            let id = plan.feed.id.clone();
            let health =
                facts.health.get(&id).map_or_else(|| FeedHealth::unasked(id.clone()), |health| (**health).clone());
            let memory = memories.remove(&id).unwrap_or_default();
            if !plan.reads(&memory) {
                // The address or the mapping changed: what we have was read otherwise.
                self.asked.insert(id.clone());
            }
            self.states.insert(id, Before { health, memory });
        }
        Ok(())
    }

    /// Drops the polls in flight: the lease is lost, or the session ends.
    pub fn stop(&mut self) {
        self.polls.abort_all();
        self.polls = JoinSet::new();
        self.busy.clear();
    }

    /// Asks a feed, or all, at the next [`Collector::start_due`].
    pub fn ask(&mut self, feed: Option<FeedId>) {
        match feed {
            Some(feed) => self.asked.extend([feed]),
            None => self.asked.extend(self.parts.plans.iter().map(|plan| plan.feed.id.clone())),
        }
    }

    /// Starts every poll that is due, politely: one a host.
    pub fn start_due(&mut self, now: Timestamp) {
        let plans = self.parts.plans.clone();
        for plan in plans.iter() {
            let id = &plan.feed.id;
            let due = self.asked.contains(id) || self.due(id).is_some_and(|due| due <= now);
            let host = host(plan);
            let free = self.busy.len() < IN_FLIGHT
                && !self.busy.contains_key(id)
                && !self.busy.values().any(|busy| *busy == host);
            if due && free {
                self.asked.remove(id);
                self.busy.insert(id.clone(), host);
                self.start(plan.clone());
            }
        }
    }

    /// When the next poll is due that is not in flight.
    pub fn next_due(&self) -> Option<Timestamp> {
        // Feeds that wait for their host are started when its poll ends.
        self.states.keys().filter(|id| !self.busy.contains_key(id)).filter_map(|id| self.due(id)).min()
    }

    /// Waits for polls to end and commits what all that are ready gave, in one transaction. Pends while none is in flight.
    pub async fn finished(&mut self) -> Vec<Check> {
        let mut checks = Vec::new();
        match self.polls.join_next().await {
            Some(Ok(check)) => checks.push(check),
            Some(Err(error)) => tracing::error!(%error, "a poll ended unexpectedly"),
            None => std::future::pending::<()>().await,
        }
        while let Some(ended) = self.polls.try_join_next() {
            match ended {
                Ok(check) => checks.push(check),
                Err(error) => tracing::error!(%error, "a poll ended unexpectedly"),
            }
        }
        checks
    }

    /// Writes what polls gave. Where that fails nothing is remembered of them, so they are asked again.
    pub async fn commit(&mut self, token: u64, checks: Vec<Check>) -> store::Result<Committed> {
        for check in &checks {
            self.busy.remove(&check.health.feed);
            log(check);
        }
        let checks = Arc::new(checks);
        let written = checks.clone();
        let committed = self.store.call(move |store| store.commit(token, &written)).await?;
        for check in checks.iter() {
            let before = Before { health: check.health.clone(), memory: check.memory.clone() };
            self.states.insert(check.health.feed.clone(), before);
        }
        Ok(committed)
    }

    /// Polls some feeds one after another and commits what they gave at once: how a replay polls.
    pub async fn poll_now(&mut self, token: u64, feeds: &BTreeSet<FeedId>) -> store::Result<()> {
        let mut checks = Vec::new();
        for plan in self.parts.plans.iter().filter(|plan| feeds.contains(&plan.feed.id)) {
            let before = self.before(&plan.feed.id);
            checks.push(poll(&self.store, plan, &before, &self.parts, self.clock.as_ref()).await);
        }
        if !checks.is_empty() {
            self.commit(token, checks).await?;
        }
        Ok(())
    }

    /// Feeds that are due at an instant.
    pub fn due_at(&self, now: Timestamp) -> BTreeSet<FeedId> {
        let due =
            self.states.keys().filter(|id| self.due(id).is_some_and(|due| due <= now) || self.asked.contains(*id));
        due.cloned().collect()
    }

    /// Writes the ledger entries that are known at an instant and not written yet. When a session `begins`, entries of a
    /// policy date that the store has never seen are its first load: old news.
    pub async fn record_ledgers(&self, facts: &Facts, begins: bool, now: Timestamp) -> store::Result<bool> {
        let mut new = false;
        for (policy, entries) in self.parts.policies.iter() {
            let first_load = begins && !facts.ledgers.contains_key(policy);
            for entry in entries.iter().filter(|entry| entry.known <= now) {
                let known = facts
                    .ledgers
                    .get(policy)
                    .is_some_and(|ledger| ledger.entries().iter().any(|old| old.is_same_change(entry)));
                if !known {
                    let mut entry = entry.clone();
                    (entry.recorded, entry.first_load) = (now, first_load);
                    new |= self.record(policy.clone(), entry).await?;
                }
            }
        }
        Ok(new)
    }

    async fn record(&self, policy: PolicyId, entry: crate::domain::policy_date::LedgerEntry) -> store::Result<bool> {
        self.store.call(move |store| store.record(&policy, &entry)).await
    }

    /// When the configuration's next ledger entry becomes known.
    pub fn next_ledger(&self, now: Timestamp) -> Option<Timestamp> {
        self.parts
            .policies
            .iter()
            .flat_map(|(_, entries)| entries)
            .map(|entry| entry.known)
            .filter(|known| *known > now)
            .min()
    }

    fn before(&self, id: &FeedId) -> Before {
        self.states
            .get(id)
            .cloned()
            .unwrap_or_else(|| Before { health: FeedHealth::unasked(id.clone()), memory: FeedMemory::default() })
    }

    /// A feed that was never asked is due at once.
    fn due(&self, id: &FeedId) -> Option<Timestamp> {
        self.states.get(id).map(|before| before.health.next_due.unwrap_or(Timestamp::MIN))
    }

    fn start(&mut self, plan: Plan) {
        let before = self.before(&plan.feed.id);
        let (store, parts, clock) = (self.store.clone(), self.parts.clone(), self.clock.clone());
        self.polls.spawn(async move { poll(&store, &plan, &before, &parts, clock.as_ref()).await });
    }
}

async fn poll(store: &StoreHandle, plan: &Plan, before: &Before, parts: &Parts, clock: &dyn Clock) -> Check {
    let feed = plan.feed.id.clone();
    let had_before = |hash: String| async move {
        let asked = store.call(move |store| store.has_reply(&feed, &hash)).await;
        // A store that does not answer will refuse the commit too, and says so there.
        asked.unwrap_or(false)
    };
    poll_once(plan, before, &parts.catalog, &parts.fetcher, clock, had_before).await
}

/// Feeds of one host are asked one after another; files and recorded replies have no host to spare.
fn host(plan: &Plan) -> String {
    match &plan.place {
        Place::Http(url) => url.host_str().unwrap_or_default().to_owned(),
        Place::File(_) | Place::Recorded => format!("feed {}", plan.feed.id),
    }
}

fn log(check: &Check) {
    let feed = &check.health.feed;
    match (&check.health.error, &check.haul) {
        (Some(error), _) => tracing::warn!(%feed, %error, failures = check.health.failures, "the poll failed"),
        (None, Some(haul)) => {
            tracing::info!(%feed, observations = haul.observations.len(), items = haul.items.len(), "read");
        }
        (None, None) => tracing::debug!(%feed, "nothing new"),
    }
    if let Some(degraded) = &check.health.degraded {
        tracing::warn!(%feed, %degraded, "something in it could not be read");
    }
}
