//! A live session: takes the lease if it is free, polls and evaluates while it holds it, follows the
//! holder otherwise, and takes over when the holder dies. One loop owns all of that.

use super::collector::Collector;
use super::keeper::{Keeper, Part};
use super::{Command, Parts};
use crate::alerts::{self, Cause};
use crate::clock::Clock;
use crate::domain::change::Cursor;
use crate::domain::situation::Mode;
use crate::domain::text::Printable;
use crate::store::handle::StoreHandle;
use crate::store::{self, Lease, LeaseAnswer, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The lease lasts this long; with the look of a viewer each second a death is noticed within ten.
const LEASE: SignedDuration = SignedDuration::from_millis(8_500);
/// The holder renews it this often: an idle wall should hardly wake.
const RENEW: SignedDuration = SignedDuration::from_secs(5);
/// A viewer looks this often.
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// After the store did not answer.
const RETRY: SignedDuration = SignedDuration::from_secs(2);

/// What a live session adds to its parts.
pub struct Live {
    parts: Parts,
    store: StoreHandle,
    clock: Arc<dyn Clock>,
    holder: String,
    keep_headlines: SignedDuration,
    keeper: Keeper,
    collector: Collector,
    part: Part,
    mode: Mode,
    look_at: Timestamp,
    forget_at: Timestamp,
}

impl Live {
    /// A session that follows until it gets the lease.
    pub fn new(
        parts: Parts,
        store: StoreHandle,
        clock: Arc<dyn Clock>,
        holder: String,
        keep_headlines: SignedDuration,
        keeper: Keeper,
    ) -> Self {
        let collector = Collector::new(parts.clone(), store.clone(), clock.clone());
        let now = clock.now();
        Self {
            parts,
            store,
            clock,
            holder,
            keep_headlines,
            keeper,
            collector,
            part: Part::Viewer,
            mode: Mode::Viewer { collector: None },
            look_at: now,
            forget_at: now,
        }
    }

    /// Runs until `stop`; gives the lease back at the end.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: CancellationToken) {
        loop {
            let now = self.clock.now();
            let looked = self.look(now).await;
            self.survive(looked, now);
            if self.collecting() {
                self.collector.start_due(now);
            }
            let step_at = self.next_step(now);
            let wake = self.clock.sleep_until(self.next_wake(step_at, now));
            tokio::select! {
                () = stop.cancelled() => break,
                checks = self.collector.finished() => {
                    // None where a file changed, whose feed the next round asks.
                    if !checks.is_empty() {
                        let written = self.write(checks).await;
                        self.survive(written, now);
                    }
                }
                () = wake => {
                    let now = self.clock.now();
                    // Most wakes are for the lease or for a feed, which the next round sees to.
                    if step_at.is_some_and(|at| at <= now) {
                        let stepped = self.step(true, now).await;
                        self.survive(stepped, now);
                    }
                }
                command = commands.recv() => match command {
                    Some(Command::Refresh(feed)) => self.collector.ask(feed),
                    Some(_) => {}
                    None => stop.cancelled().await,
                },
            }
        }
        self.collector.stop();
        if let Part::Collector(token) = self.part
            && let Err(error) = self.store.call(move |store| store.release_lease(token)).await
        {
            tracing::warn!(%error, "the lease could not be given back; it lapses by itself");
        }
    }

    const fn collecting(&self) -> bool {
        matches!(self.part, Part::Collector(_))
    }

    /// Renews the lease, or looks whether it has become free.
    async fn look(&mut self, now: Timestamp) -> store::Result<()> {
        if now < self.look_at {
            return Ok(());
        }
        if !self.collecting() {
            let visit = |store: &mut dyn store::Store| Ok((store.lease()?, store.newest()?));
            let (lease, newest) = self.store.call(visit).await?;
            if let Some(lease) = lease.filter(|lease| lease.expires > now && lease.holder != self.holder) {
                self.look_at = later(now, LOOK);
                return self.follow_holder(&lease, newest, now).await;
            }
        }
        let (holder, until) = (self.holder.clone(), later(now, LEASE));
        // One visit to the store's thread for both: each costs two wakes.
        let visit = move |store: &mut dyn store::Store| Ok((store.take_lease(&holder, now, until)?, store.newest()?));
        let (answer, newest) = self.store.call(visit).await?;
        match answer {
            LeaseAnswer::Granted(lease) => {
                self.look_at = later(now, RENEW);
                if self.part != Part::Collector(lease.token) {
                    self.be_collector(lease.token, now).await?;
                }
                if newest > self.keeper.cursor() { self.step(false, now).await } else { Ok(()) }
            }
            LeaseAnswer::HeldBy(lease) => {
                self.look_at = later(now, LOOK);
                self.follow_holder(&lease, newest, now).await
            }
        }
    }

    async fn be_collector(&mut self, token: u64, now: Timestamp) -> store::Result<()> {
        tracing::info!(token, "collecting");
        self.part = Part::Collector(token);
        self.mode = Mode::Live;
        // What the last holder wrote comes first; it is not news of ours.
        self.keeper.step(Part::Viewer, self.mode.clone(), false, now).await?;
        self.collector.begin(self.keeper.facts()).await?;
        self.collector.record_ledgers(self.keeper.facts(), true, now).await?;
        self.keeper.judge_all(token, Cause::RulesChanged, now).await?;
        self.forget(token, now).await?;
        self.step(true, now).await
    }

    /// Follows the holder of the lease; tells in the picture who that is. Steps only where something was written.
    async fn follow_holder(&mut self, lease: &Lease, newest: Cursor, now: Timestamp) -> store::Result<()> {
        if self.collecting() {
            tracing::warn!("another instance collects now; following it");
            self.collector.stop();
        }
        self.part = Part::Viewer;
        let mode = Mode::Viewer { collector: Some(Printable::clean(&lease.holder)) };
        let changed = mode != self.mode;
        self.mode = mode;
        if changed || newest > self.keeper.cursor() { self.step(false, now).await } else { Ok(()) }
    }

    async fn write(&mut self, checks: Vec<crate::store::Check>) -> store::Result<()> {
        let Part::Collector(token) = self.part else { return Ok(()) };
        self.collector.commit(token, checks).await?;
        self.step(true, self.clock.now()).await
    }

    async fn step(&mut self, tick: bool, now: Timestamp) -> store::Result<()> {
        if let Part::Collector(token) = self.part {
            self.collector.record_ledgers(self.keeper.facts(), false, now).await?;
            if now >= self.forget_at {
                self.forget(token, now).await?;
            }
        }
        self.keeper.step(self.part, self.mode.clone(), tick, now).await?;
        if self.keeper.take_marked() && self.collecting() {
            self.collector.look_for_mends().await?;
        }
        Ok(())
    }

    /// Headlines are kept for a while, figures for ever.
    async fn forget(&mut self, token: u64, now: Timestamp) -> store::Result<()> {
        self.forget_at = later(now, SignedDuration::from_hours(24));
        let before = now.saturating_sub(self.keep_headlines).unwrap_or(Timestamp::MIN);
        let forgotten = self.store.call(move |store| store.forget_headlines(token, before)).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "old headlines forgotten");
        }
        Ok(())
    }

    /// A lost lease makes a viewer; a store that does not answer is asked again soon. Neither is the end.
    fn survive(&mut self, outcome: store::Result<()>, now: Timestamp) {
        match outcome {
            Ok(()) => {}
            Err(StoreError::Lost) => {
                tracing::warn!("the lease was lost; following its new holder");
                self.collector.stop();
                self.part = Part::Viewer;
                self.look_at = now;
            }
            Err(error) => {
                tracing::error!(%error, "the store does not answer");
                self.keeper.store_away(&error, self.mode.clone(), now);
                self.look_at = later(now, RETRY);
            }
        }
    }

    /// When a rule of the clock or the ledger would next change something with no new fact.
    fn next_step(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.collecting() {
            return None;
        }
        let rules = alerts::next_change(&self.parts.rules, self.keeper.catalog(), self.keeper.facts(), now);
        [rules, self.collector.next_ledger(now)].into_iter().flatten().min()
    }

    fn next_wake(&self, step_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        // A feed may be due and wait for its host: its host's poll wakes us then.
        let due = self.collector.next_due().filter(|due| self.collecting() && *due > now);
        [due, step_at].into_iter().flatten().fold(self.look_at, Timestamp::min).max(now)
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
