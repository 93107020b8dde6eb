//! Collecting: the polls in flight, the commits of what they gave, and the ledger entries that the
//! configuration brings. Runs only while the lease is held; everything is fenced by its token.

use super::Parts;
use super::backlog::Backlog;
use super::mend;
use super::plan::{Before, Plan};
use super::poller::poll_once;
use crate::clock::Clock;
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::policy_date::PolicyId;
use crate::domain::situation::Facts;
use crate::fetch::Place;
use crate::store::handle::StoreHandle;
use crate::store::{self, Body, Check, Committed, Marks};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
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
    mends: BTreeSet<FeedId>,
    /// Feeds whose body was once too large to be kept: said once.
    unkept: BTreeSet<FeedId>,
    /// One kept body is read at a time: after an update of the program all of them are.
    one_mend: Arc<Semaphore>,
    /// What the store has not taken yet.
    backlog: Backlog,
    /// What people had marked when it was last looked: for polls while the store cannot be asked.
    marks: BTreeMap<FeedId, Marks>,
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
            mends: BTreeSet::new(),
            unkept: BTreeSet::new(),
            one_mend: Arc::new(Semaphore::new(1)),
            backlog: Backlog::default(),
            marks: BTreeMap::new(),
        }
    }

    /// Takes up where the last holder of the lease left: due times and validators lie in the store.
    pub async fn begin(&mut self, facts: &Facts) -> store::Result<()> {
        let memories = self.store.call(|store| store.memories()).await?;
        self.take_up(facts, memories);
        self.look_for_mends().await
    }

    /// Begins while the store does not answer: with what is known of the feeds, and what can be read of it.
    pub async fn begin_without(&mut self, facts: &Facts) {
        let memories = self.store.call(|store| store.memories()).await.unwrap_or_default();
        self.take_up(facts, memories);
        // Where it cannot be read nothing is known to be marked.
        let _ = self.look_for_mends().await;
    }

    fn take_up(&mut self, facts: &Facts, mut memories: BTreeMap<FeedId, FeedMemory>) {
        self.mends.clear();
        for plan in self.parts.plans.iter() {
            let id = plan.feed.id.clone();
            let health =
                facts.health.get(&id).map_or_else(|| FeedHealth::unasked(id.clone()), |health| (**health).clone());
            let memory = memories.remove(&id).unwrap_or_default();
            if memory.belongs_to.is_empty() {
                self.asked.insert(id.clone());
            }
            self.states.insert(id, Before { health, memory });
        }
    }

    /// Finds the feeds whose kept body has to be read again: the mapping changed, a batch was voided, or a person accepted what is held.
    pub async fn look_for_mends(&mut self) -> store::Result<()> {
        let plans = self.parts.plans.clone();
        let visit = move |store: &mut dyn store::Store| {
            plans.iter().map(|plan| store.marks(&plan.feed.id)).collect::<store::Result<Vec<Marks>>>()
        };
        let marks = self.store.call(visit).await?;
        for (plan, marks) in self.parts.plans.iter().zip(marks) {
            let due = self.states.get(&plan.feed.id).is_some_and(|before| mend::is_due(plan, &before.memory, &marks));
            if due {
                self.mends.insert(plan.feed.id.clone());
            }
            self.marks.insert(plan.feed.id.clone(), marks);
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
            let due = self.is_asked(id) || self.due(id).is_some_and(|due| due <= now);
            let host = host(plan);
            let free = self.busy.len() < IN_FLIGHT
                && !self.busy.contains_key(id)
                && !self.busy.values().any(|busy| *busy == host);
            if due && free {
                self.asked.remove(id);
                let mends = self.mends.remove(id);
                self.busy.insert(id.clone(), host);
                self.start(plan.clone(), mends);
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

    /// Writes what polls gave, with what waits from before. Where that fails it waits on: the feeds are asked again when they are due.
    pub async fn commit(&mut self, token: u64, checks: Vec<Check>) -> store::Result<Committed> {
        self.keep(checks);
        self.write(token).await
    }

    /// Remembers what polls gave, to be written when the store takes it.
    pub fn keep(&mut self, checks: Vec<Check>) {
        for check in &checks {
            self.busy.remove(&check.health.feed);
            self.log(check);
            let before = Before { health: check.health.clone(), memory: check.memory.clone() };
            self.states.insert(check.health.feed.clone(), before);
        }
        for feed in self.backlog.push(checks) {
            tracing::error!(%feed, "more waits to be written than memory allows; the oldest reply of this feed was given up");
            self.ask_in_full(&feed);
        }
    }

    /// What was given up has to come again, whatever the server says of changes.
    fn ask_in_full(&mut self, feed: &FeedId) {
        if let Some(before) = self.states.get_mut(feed) {
            before.memory = FeedMemory::default();
        }
    }

    /// Writes what waits, in one transaction.
    pub async fn write(&mut self, token: u64) -> store::Result<Committed> {
        let waiting = self.backlog.checks();
        let committed = self.store.call(move |store| store.commit(token, &waiting)).await?;
        self.backlog.clear();
        Ok(committed)
    }

    /// What waits to be written.
    pub const fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    /// Gives up what waits: another instance collects, and has asked the same feeds itself.
    pub fn give_up(&mut self) {
        if !self.backlog.is_empty() {
            let replies = self.backlog.replies();
            tracing::warn!(replies, "what was not written yet was given up: another instance collects by now");
            self.backlog.clear();
        }
    }

    /// Polls some feeds one after another and commits what they gave at once: how a replay polls.
    pub async fn poll_now(&mut self, token: u64, feeds: &BTreeSet<FeedId>) -> store::Result<()> {
        let mut checks = Vec::new();
        for plan in self.parts.plans.iter().filter(|plan| feeds.contains(&plan.feed.id)) {
            let before = self.before(&plan.feed.id);
            let (parts, clock) = (&self.parts, self.clock.as_ref());
            let marks = self.marks.get(&plan.feed.id);
            checks.push(poll_once(plan, &before, marks, &parts.catalog, &parts.fetcher, clock, &self.store).await);
        }
        if !checks.is_empty() {
            self.commit(token, checks).await?;
        }
        Ok(())
    }

    /// Feeds that are due at an instant.
    pub fn due_at(&self, now: Timestamp) -> BTreeSet<FeedId> {
        let due = self.states.keys().filter(|id| self.due(id).is_some_and(|due| due <= now) || self.is_asked(id));
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

    fn is_asked(&self, id: &FeedId) -> bool {
        self.asked.contains(id) || self.mends.contains(id)
    }

    /// Starts a poll; with `mends` what is kept is read again, and the feed is asked only where nothing is.
    fn start(&mut self, plan: Plan, mends: bool) {
        let before = self.before(&plan.feed.id);
        let (store, parts, clock) = (self.store.clone(), self.parts.clone(), self.clock.clone());
        let one_mend = self.one_mend.clone();
        let marks = self.marks.get(&plan.feed.id).cloned();
        self.polls.spawn(async move {
            if mends {
                // Nobody closes it.
                let _one = one_mend.acquire().await;
                match mend::mend(&plan, &before, &parts.catalog, &store, clock.now()).await {
                    Ok(Some(check)) => return check,
                    Ok(None) => {}
                    Err(error) => tracing::warn!(feed = %plan.feed.id, %error, "what is kept could not be read again"),
                }
            }
            poll_once(&plan, &before, marks.as_ref(), &parts.catalog, &parts.fetcher, clock.as_ref(), &store).await
        });
    }

    fn log(&mut self, check: &Check) {
        let feed = &check.health.feed;
        match (&check.health.error, &check.haul) {
            (Some(error), None) => tracing::warn!(%feed, %error, failures = check.health.failures, "the poll failed"),
            (_, Some(haul)) => {
                tracing::info!(%feed, observations = haul.observations.len(), items = haul.items.len(), "read");
            }
            (None, None) => tracing::debug!(%feed, "nothing new"),
        }
        let before = self.states.get(feed).and_then(|before| before.health.degraded.as_ref());
        // Said once, however often it is polled.
        if let Some(degraded) = check.health.degraded.as_ref().filter(|degraded| Some(*degraded) != before) {
            tracing::warn!(%feed, %degraded, "its last answer is not wholly good");
        }
        let replayed = |plan: &Plan| plan.feed.id == *feed && plan.place == Place::Recorded;
        if check.body == Body::Good(None) && !self.parts.plans.iter().any(replayed) && self.unkept.insert(feed.clone())
        {
            tracing::warn!(
                %feed,
                "its reply is larger than 8 MiB when compressed, so it is not kept: a mended mapping is applied at the next poll"
            );
        }
    }
}

/// Feeds of one host are asked one after another; files and recorded replies have no host to spare.
fn host(plan: &Plan) -> String {
    match &plan.place {
        Place::Http(url) => url.host_str().unwrap_or_default().to_owned(),
        Place::File(_) | Place::Recorded => format!("feed {}", plan.feed.id),
    }
}
