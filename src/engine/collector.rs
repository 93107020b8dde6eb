//! Collecting: the polls in flight, the commits of what they gave, and the ledger entries that the
//! configuration brings. Runs only while the lease is held; everything is fenced by its token.

use super::Parts;
use super::backlog::Backlog;
use super::files::FileWatch;
use super::hosts::{Hosts, ON_THIS_MACHINE};
use super::mend;
use super::network::{Beat, Network};
use super::plan::{Before, Plan};
use super::poller::{Polled, poll_once};
use crate::clock::Clock;
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory, NEVER};
use crate::domain::situation::Facts;
use crate::fetch::Place;
use crate::store::handle::StoreHandle;
use crate::store::{self, Body, Check, Committed, Marks};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet};

/// Polls at once, over all hosts; one a host.
const IN_FLIGHT: usize = 128;

/// Polls that are started at once where there are more than may be in flight.
const AT_ONCE: usize = 16;

/// A feed whose poll is in flight.
struct Busy {
    host: String,
    /// Whether somebody asked for it: where what was kept is read instead, the source has still to be asked.
    was_asked: bool,
}

/// The polls of one session.
pub struct Collector {
    parts: Parts,
    /// Where the plan of each feed stands.
    places: HashMap<FeedId, usize>,
    store: StoreHandle,
    clock: Arc<dyn Clock>,
    states: BTreeMap<FeedId, Before>,
    polls: JoinSet<Polled>,
    /// Whose poll a task is.
    tasks: HashMap<Id, FeedId>,
    busy: BTreeMap<FeedId, Busy>,
    hosts: Hosts,
    network: Network,
    /// Feeds that are overdue all at once, each with its place in the queue: after a sleep, and when the network is back.
    queue: BTreeMap<FeedId, Timestamp>,
    beat: Beat,
    files: FileWatch,
    asked: BTreeSet<FeedId>,
    mends: BTreeSet<FeedId>,
    /// Feeds whose body was once too large to be kept: said once.
    unkept: BTreeSet<FeedId>,
    /// One kept body is read at a time: after an update of the program all of them are.
    one_mend: Arc<Semaphore>,
    /// What the store has not taken yet.
    backlog: Backlog,
    /// Whether feeds are asked only where somebody asks for them, not when they are due.
    only_asked: bool,
    /// What people had marked when it was last looked: for polls while the store cannot be asked.
    marks: BTreeMap<FeedId, Marks>,
}

impl Collector {
    /// Knows nothing yet: call [`Collector::begin`] when the lease is taken.
    pub fn new(parts: Parts, store: StoreHandle, clock: Arc<dyn Clock>) -> Self {
        let files = parts.plans.iter().filter_map(|plan| match &plan.place {
            Place::File(path) => Some((plan.feed.id.clone(), path.clone())),
            _ => None,
        });
        Self {
            hosts: Hosts::new(parts.fetcher.host_pause()),
            network: Network::default(),
            queue: BTreeMap::new(),
            beat: Beat::new(clock.now(), clock.running()),
            files: FileWatch::new(files.collect()),
            places: parts.plans.iter().enumerate().map(|(place, plan)| (plan.feed.id.clone(), place)).collect(),
            parts,
            store,
            clock,
            states: BTreeMap::new(),
            polls: JoinSet::new(),
            tasks: HashMap::new(),
            busy: BTreeMap::new(),
            asked: BTreeSet::new(),
            mends: BTreeSet::new(),
            unkept: BTreeSet::new(),
            one_mend: Arc::new(Semaphore::new(1)),
            backlog: Backlog::default(),
            only_asked: false,
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
        self.queue.clear();
        let now = self.clock.now();
        for plan in self.parts.plans.iter() {
            let id = plan.feed.id.clone();
            let mut health =
                facts.health.get(&id).map_or_else(|| FeedHealth::unasked(id.clone()), |health| (**health).clone());
            let memory = memories.remove(&id).unwrap_or_default();
            if memory.asked_of != plan.address {
                self.asked.insert(id.clone());
            }
            let mut memory = memory;
            // Checked in what is the future now: the clock was set back since, and what was planned by it goes with it.
            if let Some(ahead) = health.checked.map(|at| at.duration_since(now)).filter(|ahead| *ahead > JUMP) {
                shift(&mut health, &mut memory, -ahead);
            }
            self.states.insert(id, Before { health, memory });
        }
    }

    /// Finds the feeds whose kept body has to be read again: the mapping changed, a batch was voided, or a person accepted what is held.
    pub async fn look_for_mends(&mut self) -> store::Result<()> {
        let mut marks = self.store.call(|store| store.all_marks()).await?;
        for plan in self.parts.plans.iter() {
            let marks = marks.remove(&plan.feed.id).unwrap_or_default();
            let due = self.states.get(&plan.feed.id).is_some_and(|before| mend::is_due(plan, &before.memory, &marks));
            // What keeps no body is read in full when it is asked next.
            if due && plan.keeps_body() {
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
        self.tasks.clear();
        self.busy.clear();
        self.hosts.release_all();
    }

    /// Asks a feed, or all, at the next [`Collector::start_due`]. A source that asked to be left alone is left alone; one that is gone
    /// for good is asked once more where it is named.
    pub fn ask(&mut self, feed: Option<FeedId>) {
        let now = self.clock.now();
        let mut asked = Vec::new();
        for id in
            self.parts.plans.iter().map(|plan| &plan.feed.id).filter(|id| feed.as_ref().is_none_or(|it| it == *id))
        {
            match self.states.get(id).and_then(|before| before.memory.not_before).filter(|at| *at > now) {
                Some(end) if end >= NEVER && feed.is_some() => asked.push(id.clone()),
                Some(end) if end >= NEVER => {}
                Some(until) => tracing::info!(feed = %id, %until, "not asked: it wants to be left alone until then"),
                None => asked.push(id.clone()),
            }
        }
        self.asked.extend(asked);
    }

    /// Until when the source of a feed wants to be left alone, as far as it said.
    pub fn left_alone_until(&self, feed: &FeedId) -> Option<Timestamp> {
        self.states.get(feed).and_then(|before| before.memory.not_before)
    }

    /// The feeds that are asked next, due or not.
    pub const fn asked(&self) -> &BTreeSet<FeedId> {
        &self.asked
    }

    /// From now on feeds are asked only where somebody asks for them.
    pub const fn only_when_asked(&mut self) {
        self.only_asked = true;
    }

    /// Whether nobody is asked, and nobody is to be asked at once.
    pub fn is_idle(&self) -> bool {
        self.busy.is_empty() && self.asked.is_empty() && self.mends.is_empty()
    }

    /// Starts every poll that is due, politely: one a host, with a pause after it.
    pub fn start_due(&mut self, now: Timestamp) {
        let running = self.clock.running();
        if let Some(jump) = self.beat.jump(now, running) {
            self.clock_jumped(jump, now);
        }
        // All feeds are looked through: not for each poll that ends, but for some at once.
        let nobody = self.only_asked && self.asked.is_empty() && self.mends.is_empty();
        if nobody || self.busy.len() > IN_FLIGHT - AT_ONCE {
            return;
        }
        let plans = self.parts.plans.clone();
        for place in self.wanted(now) {
            let plan = &plans[place];
            let id = &plan.feed.id;
            if self.busy.len() >= IN_FLIGHT {
                break;
            }
            let host = host(plan);
            if self.hosts.take(&host, running) {
                self.queue.remove(id);
                let (was_asked, mends) = (self.asked.remove(id), self.mends.remove(id));
                self.busy.insert(id.clone(), Busy { host, was_asked });
                self.start(plan.clone(), mends);
            }
        }
    }

    /// The feeds that are asked for or due, and not being asked: where their plans stand, in the configuration's order.
    fn wanted(&self, now: Timestamp) -> Vec<usize> {
        let mut wanted: Vec<usize> = if self.only_asked {
            self.asked.union(&self.mends).filter_map(|id| self.places.get(id).copied()).collect()
        } else {
            let due = |id: &FeedId| self.is_asked(id) || self.due(id).is_some_and(|due| due <= now);
            (0..self.parts.plans.len()).filter(|place| due(&self.parts.plans[*place].feed.id)).collect()
        };
        wanted.retain(|place| !self.busy.contains_key(&self.parts.plans[*place].feed.id));
        wanted.sort_unstable();
        wanted
    }

    /// The clock went another way than time did: the machine slept, or somebody set it. What is overdue now is asked one after
    /// another, and a clock that was set back takes its plans with it.
    fn clock_jumped(&mut self, jump: SignedDuration, now: Timestamp) {
        tracing::warn!(seconds = jump.as_secs(), "the clock jumped, or the machine slept; feeds are planned anew");
        if jump < SignedDuration::ZERO {
            for before in self.states.values_mut() {
                shift(&mut before.health, &mut before.memory, jump);
            }
        }
        let overdue = self.states.iter().filter(|(_, before)| before.health.next_due.is_some_and(|due| due <= now));
        let overdue: Vec<FeedId> = overdue.map(|(id, _)| id.clone()).collect();
        self.line_up(overdue, now);
    }

    /// Puts feeds into the queue, each a little after the one before.
    fn line_up(&mut self, feeds: Vec<FeedId>, now: Timestamp) {
        for (place, id) in (1_u32..).zip(feeds) {
            let at = now.saturating_add(STEP.saturating_mul(i32::try_from(place).unwrap_or(i32::MAX)));
            self.queue.insert(id, at.unwrap_or(Timestamp::MAX));
        }
    }

    /// When the next poll is due that is not in flight, or a host's pause ends that one waits for.
    pub fn next_due(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let (mut later, mut waits) = (None, !self.asked.is_empty());
        let planned = if self.only_asked { None } else { Some(&self.states) };
        for (id, before) in planned.into_iter().flatten() {
            let due = self.queue.get(id).copied().or(before.health.next_due).unwrap_or(Timestamp::MIN);
            if due > now {
                later = Some(later.map_or(due, |first: Timestamp| first.min(due)));
            } else {
                // Feeds that wait for their host are started when its poll ends and its pause is over.
                waits = waits || !self.busy.contains_key(id);
            }
        }
        let pause = self.hosts.next_free(self.clock.running()).filter(|_| waits);
        let free = pause.map(|left| now.saturating_add(left).unwrap_or(Timestamp::MAX));
        [later, free].into_iter().flatten().min()
    }

    /// Waits for polls to end; gives what all that are ready gave, for one transaction. None where a file changed instead: its feed is
    /// asked at the next [`Collector::start_due`]. Pends while there is nothing to wait for.
    pub async fn finished(&mut self) -> Vec<Check> {
        let ended = tokio::select! {
            Some(ended) = self.polls.join_next_with_id() => ended,
            feed = self.files.changed() => {
                self.asked.insert(feed);
                return Vec::new();
            }
        };
        let mut checks: Vec<Check> = self.ended(ended).into_iter().collect();
        while let Some(ended) = self.polls.try_join_next_with_id() {
            checks.extend(self.ended(ended));
        }
        checks
    }

    /// A poll that ended. One that broke is told in the log, and its feed asked again after a while.
    fn ended(&mut self, ended: Result<(Id, Polled), JoinError>) -> Option<Check> {
        let error = match ended {
            Ok((task, polled)) => {
                self.tasks.remove(&task);
                return Some(self.noted(polled));
            }
            Err(error) => error,
        };
        tracing::error!(%error, "a poll ended unexpectedly");
        let feed = self.tasks.remove(&error.id())?;
        self.release(&feed);
        let again = self.clock.now().saturating_add(AFTER_BREAKING).unwrap_or(Timestamp::MAX);
        if let Some(before) = self.states.get_mut(&feed) {
            before.health.next_due = Some(again);
        }
        None
    }

    /// Takes from a poll what it says of the network: when that is back, all that were cut off are asked, one after another.
    fn noted(&mut self, polled: Polled) -> Check {
        let Polled { check, reached, answered } = polled;
        let id = check.health.feed.clone();
        if !answered && self.busy.get(&id).is_some_and(|busy| busy.was_asked) {
            self.asked.insert(id.clone());
        }
        match reached {
            Some(true) if self.network.reached(&id, self.clock.running()) => {
                let away = self.network.take_away();
                tracing::info!(feeds = away.len(), "the network is back");
                self.line_up(away, self.clock.now());
            }
            Some(false) => self.network.away(&id),
            _ => {}
        }
        check
    }

    /// Writes what polls gave, with what waits from before. Where that fails it waits on: the feeds are asked again when they are due.
    pub async fn commit(&mut self, token: u64, checks: Vec<Check>) -> store::Result<Committed> {
        self.keep(checks);
        self.write(token).await
    }

    /// Remembers what polls gave, to be written when the store takes it.
    pub fn keep(&mut self, checks: Vec<Check>) {
        for check in &checks {
            self.release(&check.health.feed);
            self.log(check);
            let before = Before { health: check.health.clone(), memory: check.memory.clone() };
            self.states.insert(check.health.feed.clone(), before);
        }
        for feed in self.backlog.push(checks, self.clock.running()) {
            tracing::error!(%feed, "more waits to be written than memory allows; the oldest reply of this feed was given up");
            self.ask_in_full(&feed);
        }
    }

    fn release(&mut self, feed: &FeedId) {
        if let Some(busy) = self.busy.remove(feed) {
            self.hosts.release(&busy.host, self.clock.running());
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

    /// Whether what waits should be written now: nothing more comes soon, or it has waited long enough, or it is much.
    pub fn is_ripe(&self) -> bool {
        let nothing_comes = self.polls.is_empty() && !self.backlog.is_empty();
        nothing_comes || self.backlog.is_much() || self.ripe_in() == Some(SignedDuration::ZERO)
    }

    /// How long until it has waited long enough.
    pub fn ripe_in(&self) -> Option<SignedDuration> {
        self.backlog.ripe_in(self.clock.running())
    }

    /// Gives away what waits: whoever takes it writes it.
    pub fn hand_over(&mut self) -> Arc<Vec<Check>> {
        let waiting = self.backlog.checks();
        self.backlog.clear();
        waiting
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
            checks
                .push(poll_once(plan, &before, marks, &parts.catalog, &parts.fetcher, clock, &self.store).await.check);
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

    fn before(&self, id: &FeedId) -> Before {
        self.states
            .get(id)
            .cloned()
            .unwrap_or_else(|| Before { health: FeedHealth::unasked(id.clone()), memory: FeedMemory::default() })
    }

    /// A feed that was never asked is due at once.
    fn due(&self, id: &FeedId) -> Option<Timestamp> {
        let own = self.states.get(id).map(|before| before.health.next_due.unwrap_or(Timestamp::MIN));
        self.queue.get(id).copied().or(own)
    }

    fn is_asked(&self, id: &FeedId) -> bool {
        self.asked.contains(id) || self.mends.contains(id)
    }

    /// Starts a poll; with `mends` what is kept is read again, and the feed is asked only where nothing is.
    fn start(&mut self, plan: Plan, mends: bool) {
        let before = self.before(&plan.feed.id);
        let (store, parts, clock) = (self.store.clone(), self.parts.clone(), self.clock.clone());
        let one_mend = self.one_mend.clone();
        let feed = plan.feed.id.clone();
        let marks = self.marks.get(&plan.feed.id).cloned();
        let task = self.polls.spawn(async move {
            if mends {
                // Nobody closes it.
                let _one = one_mend.acquire().await;
                match mend::mend(&plan, &before, &parts.catalog, &store, clock.now()).await {
                    Ok(Some(check)) => return Polled { check, reached: None, answered: false },
                    Ok(None) => {}
                    Err(error) => tracing::warn!(feed = %plan.feed.id, %error, "what is kept could not be read again"),
                }
            }
            poll_once(&plan, &before, marks.as_ref(), &parts.catalog, &parts.fetcher, clock.as_ref(), &store).await
        });
        self.tasks.insert(task.id(), feed);
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
        let keeps = || self.places.get(feed).is_some_and(|place| self.parts.plans[*place].keeps_body());
        if check.body == Body::Good(None) && keeps() && self.unkept.insert(feed.clone()) {
            tracing::warn!(
                %feed,
                "its reply is larger than 8 MiB when compressed, so it is not kept: a mended mapping is applied at the next poll"
            );
        }
    }
}

/// A clock that went this much another way than time did was set, or the machine slept.
pub const JUMP: SignedDuration = SignedDuration::from_secs(5);
/// A feed whose poll broke is asked again after this.
const AFTER_BREAKING: SignedDuration = SignedDuration::from_mins(10);
/// Between two feeds of the queue.
const STEP: SignedDuration = SignedDuration::from_millis(50);

/// Moves what was planned by a clock that was set.
fn shift(health: &mut FeedHealth, memory: &mut FeedMemory, by: SignedDuration) {
    let moved = |at: &mut Option<Timestamp>| {
        // Never stays never.
        if let Some(at) = at.as_mut().filter(|at| **at < NEVER) {
            *at = at.saturating_add(by).unwrap_or(*at);
        }
    };
    moved(&mut health.next_due);
    moved(&mut memory.not_before);
}

/// Whom to spare: files, programs and recorded replies have no host.
fn host(plan: &Plan) -> String {
    plan.place.host().unwrap_or_else(|| format!("{ON_THIS_MACHINE}{}", plan.feed.id))
}
