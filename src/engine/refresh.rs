//! One refresh: every wanted feed is asked once, what they give is written in as few commits as memory allows, and the rules are
//! evaluated. For schedulers and scripts, where nothing runs on.

use super::Parts;
use super::collector::Collector;
use super::keeper::{Keeper, Part};
use super::ledgers::Ledgers;
use crate::alerts::Cause;
use crate::clock::Clock;
use crate::domain::feed::FeedId;
use crate::domain::round::Round;
use crate::domain::situation::Mode;
use crate::store::handle::StoreHandle;
use crate::store::{self, Committed, LeaseAnswer, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The lease is taken for so long, and renewed in half of it.
const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// How a refresh ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Feeds were asked; how each stands is among the facts.
    Asked(Round),
    /// Another instance collects, and asks the feeds itself.
    HeldBy(String),
}

/// Which feeds are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All, save those that want to be left alone and those that are gone for good.
    All,
    /// Those that are due.
    Due,
    /// Those that the parts have: a person named them, so that those are asked too that are gone for good.
    Named,
}

/// What a refresh needs.
pub struct Refresh {
    /// The session's parts; its plans are the feeds that are wanted.
    pub parts: Parts,
    /// Where facts are kept.
    pub store: StoreHandle,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How this instance is called to others.
    pub holder: String,
    /// Which of them are asked.
    pub which: Which,
}

impl Refresh {
    /// Asks, writes and evaluates; what has come when `stop` is cancelled is written too. Errors are those of the store.
    pub async fn run(self, keeper: &mut Keeper, stop: CancellationToken) -> store::Result<Refreshed> {
        let token = match self.take_lease().await? {
            Ok(token) => token,
            Err(holder) => return Ok(Refreshed::HeldBy(holder)),
        };
        let asked = self.ask(token, keeper, stop).await;
        let released = self.store.call(move |store| store.release_lease(token)).await;
        let asked = asked?;
        released?;
        Ok(Refreshed::Asked(asked))
    }

    async fn ask(&self, token: u64, keeper: &mut Keeper, stop: CancellationToken) -> store::Result<Round> {
        let now = self.clock.now();
        keeper.step(Part::Viewer, Mode::Live, false, now).await?;
        let mut collector = Collector::new(self.parts.clone(), self.store.clone(), self.clock.clone());
        collector.begin(keeper.facts()).await?;
        let ledgers = Ledgers::new(self.parts.policies.clone(), self.store.clone());
        ledgers.record(keeper.facts(), true, now).await?;
        match self.which {
            Which::All => collector.ask(None),
            Which::Due => collector.due_at(now).into_iter().for_each(|feed| collector.ask(Some(feed))),
            Which::Named => {
                self.parts.plans.iter().for_each(|plan| collector.ask(Some(plan.feed.id.clone())));
            }
        }
        collector.only_when_asked();
        let wanted = collector.asked().clone();
        let left_alone = if self.which == Which::Due { BTreeMap::new() } else { self.left_alone(&collector, now) };
        let mut open = Open { round: Round { left_alone, ..Round::default() }, writing: None };
        keeper.judge_all(token, Cause::RulesChanged, now).await?;
        tokio::select! {
            gathered = self.gather(token, &mut collector, &mut open) => {
                gathered?;
                open.round.ended(&wanted);
            }
            () = stop.cancelled() => {
                open.round.interrupted(&wanted, collector.asked());
                collector.stop();
            }
        }
        open.written().await?;
        let committed = collector.write(token).await?;
        open.round.brought.extend(committed.brought_by);
        keeper.step(Part::Collector(token), Mode::Live, true, self.clock.now()).await?;
        Ok(open.round)
    }

    /// The feeds that are not asked because their sources want to be left alone.
    fn left_alone(&self, collector: &Collector, now: Timestamp) -> BTreeMap<FeedId, Timestamp> {
        let feeds = self.parts.plans.iter().map(|plan| &plan.feed.id).filter(|feed| !collector.asked().contains(*feed));
        let until = |feed: &FeedId| collector.left_alone_until(feed).filter(|until| *until > now);
        feeds.filter_map(|feed| Some((feed.clone(), until(feed)?))).collect()
    }

    /// Until nobody is asked any more.
    async fn gather(&self, token: u64, collector: &mut Collector, open: &mut Open) -> store::Result<()> {
        let mut renew_at = self.clock.running() + LEASE / 2;
        loop {
            let now = self.clock.now();
            // What comes faster than it is written would fill memory.
            if !collector.backlog().is_much() {
                collector.start_due(now);
            }
            if collector.is_idle() {
                return Ok(());
            }
            let renew = later(now, renew_at - self.clock.running());
            let wake = collector.next_due().map_or(renew, |due| due.min(renew)).max(now);
            tokio::select! {
                checks = collector.finished() => {
                    open.round.done.extend(checks.iter().map(|check| check.health.feed.clone()));
                    collector.keep(checks);
                }
                written = wait_for(&mut open.writing) => {
                    open.writing = None;
                    open.round.brought.extend(written?.brought_by);
                }
                () = self.clock.sleep_until(wake) => {}
            }
            if collector.backlog().is_much() && open.writing.is_none() {
                let (store, waiting) = (self.store.clone(), collector.hand_over());
                let commit = async move { store.call(move |store| store.commit(token, &waiting)).await };
                open.writing = Some(Box::pin(commit));
            }
            if self.clock.running() >= renew_at {
                renew_at = self.clock.running() + LEASE / 2;
                self.renew(token).await?;
            }
        }
    }

    /// The lease's token, or who has it.
    async fn take_lease(&self) -> store::Result<Result<u64, String>> {
        let (now, holder) = (self.clock.now(), self.holder.clone());
        let taken = self.store.call(move |store| {
            // Whoever was killed has the lease no more, whatever its time.
            let judged_at = if store.holder_is_dead() { Timestamp::MAX } else { now };
            store.take_lease(&holder, judged_at, later(now, LEASE))
        });
        Ok(match taken.await? {
            LeaseAnswer::Granted(lease) => Ok(lease.token),
            LeaseAnswer::HeldBy(lease) => Err(lease.holder),
        })
    }

    async fn renew(&self, token: u64) -> store::Result<()> {
        let (now, holder) = (self.clock.now(), self.holder.clone());
        let renewed = self.store.call(move |store| store.take_lease(&holder, now, later(now, LEASE))).await?;
        match renewed {
            LeaseAnswer::Granted(lease) if lease.token == token => Ok(()),
            _ => Err(StoreError::Lost),
        }
    }
}

/// A round under way.
struct Open {
    round: Round,
    /// What is written while others are asked.
    writing: Option<Writing>,
}

impl Open {
    /// Waits until nothing is written any more.
    async fn written(&mut self) -> store::Result<()> {
        if let Some(writing) = self.writing.take() {
            self.round.brought.extend(writing.await?.brought_by);
        }
        Ok(())
    }
}

/// A commit under way.
type Writing = Pin<Box<dyn Future<Output = store::Result<Committed>> + Send>>;

/// Pends where nothing is written.
async fn wait_for(writing: &mut Option<Writing>) -> store::Result<Committed> {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
