//! A live session: takes the lease if it is free, polls and evaluates while it holds it, follows the
//! holder otherwise, and takes over when the holder dies. One loop owns all of that.

use super::collector::Collector;
use super::keeper::{Keeper, Part};
use super::ledgers::Ledgers;
use super::{Command, Parts};
use crate::alerts::{self, Cause};
use crate::clock::Clock;
use crate::domain::change::Cursor;
use crate::domain::situation::Mode;
use crate::domain::text::Printable;
use crate::store::handle::StoreHandle;
use crate::store::{self, Check, Lease, LeaseAnswer, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
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
/// Leaving waits no longer than this for the store.
const LEAVE: Duration = Duration::from_millis(1_000);

/// What a live session adds to its parts.
///
/// Whether somebody else's lease has lapsed is judged by watching that it does not change, on the clock that only goes forward: clocks are
/// set, and two machines never agree. Instants in the lease are for people.
pub struct Live {
    parts: Parts,
    store: StoreHandle,
    clock: Arc<dyn Clock>,
    holder: String,
    keep_headlines: SignedDuration,
    keeper: Keeper,
    collector: Collector,
    ledgers: Ledgers,
    part: Part,
    /// Whether feeds are asked although the lease cannot be had, since the store does not answer and nobody else is known to ask.
    alone: bool,
    mode: Mode,
    /// On the clock that only goes forward, as `watched` and `away`.
    look_at: SignedDuration,
    /// Somebody else's lease, and since when it has been as it is.
    watched: Option<(Lease, SignedDuration)>,
    /// Since when the store has not answered.
    away: Option<SignedDuration>,
    /// What was said last of a store that does not answer: each thing is logged once.
    said: Option<String>,
    /// What happens to the store when it is opened anew.
    remarks: mpsc::UnboundedReceiver<String>,
    forget_at: Timestamp,
    /// When the next step is due with no new fact, where that was looked for since the last one.
    step_at: Option<Option<Timestamp>>,
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
        remarks: mpsc::UnboundedReceiver<String>,
    ) -> Self {
        let collector = Collector::new(parts.clone(), store.clone(), clock.clone());
        let ledgers = Ledgers::new(parts.policies.clone(), store.clone());
        let (now, look_at) = (clock.now(), clock.running());
        Self {
            parts,
            store,
            clock,
            holder,
            keep_headlines,
            keeper,
            collector,
            ledgers,
            part: Part::Viewer,
            alone: false,
            mode: Mode::Viewer { collector: None },
            look_at,
            watched: None,
            away: None,
            said: None,
            remarks,
            forget_at: now,
            step_at: None,
        }
    }

    /// Runs until `stop`; writes what waits and gives the lease back at the end, if the store lets it.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: CancellationToken) {
        tokio::select! {
            () = self.rounds(&mut commands) => {}
            () = stop.cancelled() => {}
        }
        self.collector.stop();
        if tokio::time::timeout(LEAVE, self.leave()).await.is_err() {
            tracing::warn!("the store did not answer in time: the lease lapses by itself");
        }
        if !self.collector.backlog().is_empty() {
            let replies = self.collector.backlog().replies();
            tracing::error!(replies, "what was not written yet is lost; the feeds will be asked for it again");
        }
    }

    async fn rounds(&mut self, commands: &mut mpsc::Receiver<Command>) {
        let mut listening = true;
        loop {
            let now = self.clock.now();
            self.hear(now);
            let looked = self.look(now).await;
            self.survive(looked, now).await;
            let flushed = self.flush(now).await;
            self.survive(flushed, now).await;
            if self.asks() {
                self.collector.start_due(now);
            }
            let step_at = self.next_step(now);
            let wake = self.clock.sleep_until(self.next_wake(step_at, now));
            tokio::select! {
                checks = self.collector.finished() => {
                    // None where a file changed, whose feed the next round asks.
                    if !checks.is_empty() {
                        self.gather(checks);
                    }
                }
                () = wake => {
                    let now = self.clock.now();
                    // Most wakes are for the lease or for a feed, which the next round sees to.
                    if step_at.is_some_and(|at| at <= now) {
                        let stepped = self.step(true, now).await;
                        self.survive(stepped, now).await;
                    }
                }
                command = commands.recv(), if listening => match command {
                    Some(Command::Refresh(feed)) => self.collector.ask(feed),
                    Some(_) => {}
                    None => listening = false,
                },
            }
        }
    }

    async fn leave(&mut self) {
        let Part::Collector(token) = self.part else { return };
        if !self.collector.backlog().is_empty()
            && let Err(error) = self.collector.write(token).await
        {
            tracing::error!(%error, "what waited could not be written");
        }
        if let Err(error) = self.store.call(move |store| store.release_lease(token)).await {
            tracing::warn!(%error, "the lease could not be given back; it lapses by itself");
        }
    }

    const fn collecting(&self) -> bool {
        matches!(self.part, Part::Collector(_))
    }

    /// Whether feeds are asked.
    const fn asks(&self) -> bool {
        self.collecting() || self.alone
    }

    /// Hears what happened to the store when it was opened anew.
    fn hear(&mut self, now: Timestamp) {
        while let Ok(remark) = self.remarks.try_recv() {
            tracing::error!("{remark}");
            self.keeper.remark(&remark, now);
        }
    }

    /// Renews the lease, or looks whether it has become free.
    async fn look(&mut self, now: Timestamp) -> store::Result<()> {
        let running = self.clock.running();
        if running < self.look_at {
            return Ok(());
        }
        // No clock on the wall has a say: somebody else's lease holds unless it was seen to lapse.
        let mut judged_at = Timestamp::MIN;
        if !self.collecting() {
            let visit = |store: &mut dyn store::Store| Ok((store.lease()?, store.holder_is_dead(), store.newest()?));
            let (lease, dead, newest) = self.store.call(visit).await?;
            if let Some(lease) = lease.filter(|lease| lease.holder != self.holder && !lease.holder.is_empty()) {
                if !dead && !self.has_lapsed(&lease, running) {
                    self.look_at = running + LOOK;
                    return self.follow_holder(&lease, newest, now).await;
                }
                judged_at = lease.expires;
            }
        }
        let (holder, until) = (self.holder.clone(), later(now, LEASE));
        // One visit to the store's thread for both: each costs two wakes.
        let visit =
            move |store: &mut dyn store::Store| Ok((store.take_lease(&holder, judged_at, until)?, store.newest()?));
        let (answer, newest) = self.store.call(visit).await?;
        match answer {
            LeaseAnswer::Granted(lease) => {
                self.look_at = running + RENEW;
                self.watched = None;
                // Now and then anew, for a clock that was set.
                self.step_at = None;
                if self.part != Part::Collector(lease.token) {
                    return self.be_collector(lease.token, now).await;
                }
                if !self.collector.backlog().is_empty() {
                    return self.catch_up(lease.token, now).await;
                }
                let news = newest != self.keeper.cursor() || self.keeper.away_since().is_some();
                if news { self.step(false, now).await } else { Ok(()) }
            }
            LeaseAnswer::HeldBy(lease) => {
                self.look_at = running + LOOK;
                self.follow_holder(&lease, newest, now).await
            }
        }
    }

    /// Whether somebody else's lease has not been renewed for as long as it lasts.
    fn has_lapsed(&mut self, lease: &Lease, running: SignedDuration) -> bool {
        match &self.watched {
            Some((seen, since)) if seen == lease => running - *since >= LEASE,
            _ => {
                self.watched = Some((lease.clone(), running));
                false
            }
        }
    }

    async fn be_collector(&mut self, token: u64, now: Timestamp) -> store::Result<()> {
        if let Mode::Viewer { collector: Some(holder) } = &self.mode {
            tracing::info!(token, %holder, "collecting: the instance that did so has ended or hangs, and this one takes over");
        } else {
            tracing::info!(token, "collecting");
        }
        (self.part, self.mode) = (Part::Collector(token), Mode::Live);
        let begun = self.begin(token, now).await;
        if begun.is_err() {
            // The lease is ours, the work is not begun: the next look tries again.
            self.part = Part::Viewer;
        }
        begun
    }

    async fn begin(&mut self, token: u64, now: Timestamp) -> store::Result<()> {
        self.step_at = None;
        // What the last holder wrote comes first; it is not news of ours.
        self.keeper.step(Part::Viewer, self.mode.clone(), false, now).await?;
        if self.alone {
            // The feeds have been asked all the time.
            self.collector.look_for_mends().await?;
        } else {
            self.collector.begin(self.keeper.facts()).await?;
        }
        self.ledgers.record(self.keeper.facts(), true, now).await?;
        self.keeper.judge_all(token, Cause::RulesChanged, now).await?;
        self.forget(token, now).await?;
        self.catch_up(token, now).await?;
        self.alone = false;
        Ok(())
    }

    /// Writes what waits, and evaluates.
    async fn catch_up(&mut self, token: u64, now: Timestamp) -> store::Result<()> {
        if !self.collector.backlog().is_empty() {
            let replies = self.collector.backlog().replies();
            self.collector.write(token).await?;
            if self.away.is_some() {
                tracing::info!(replies, "what waited is written");
            }
        }
        self.keeper.forget_unwritten();
        self.step(true, now).await
    }

    /// Follows the holder of the lease; tells in the picture who that is. Steps only where something was written.
    async fn follow_holder(&mut self, lease: &Lease, newest: Cursor, now: Timestamp) -> store::Result<()> {
        if self.asks() {
            tracing::warn!("another instance collects now; following it");
            self.collector.stop();
        }
        self.collector.give_up();
        self.keeper.forget_unwritten();
        (self.part, self.alone) = (Part::Viewer, false);
        let followed = self.mode.clone();
        let mode = Mode::Viewer { collector: Some(Printable::clean(&lease.holder)) };
        if mode != followed && !matches!(followed, Mode::Live) {
            tracing::info!(holder = %lease.holder, "following: another instance collects into this store; this one takes over when that ends");
        }
        let changed = mode != self.mode || self.keeper.away_since().is_some();
        self.mode = mode;
        if changed || newest != self.keeper.cursor() { self.step(false, now).await } else { Ok(()) }
    }

    /// Takes what polls gave: it is written with what comes soon after it.
    fn gather(&mut self, checks: Vec<Check>) {
        if self.collecting() && self.away.is_none() {
            self.collector.keep(checks);
        } else {
            // The next look tries the store; each poll would only wait for it.
            self.keep(checks, self.clock.now());
        }
    }

    /// Writes what was gathered, once that is ripe, and evaluates.
    async fn flush(&mut self, now: Timestamp) -> store::Result<()> {
        let Part::Collector(token) = self.part else { return Ok(()) };
        if self.away.is_some() || !self.collector.is_ripe() {
            return Ok(());
        }
        let written = self.collector.write(token).await;
        if written.is_err() {
            let waiting = self.collector.backlog().checks();
            self.keeper.fold_unwritten(&waiting, now);
        }
        written?;
        self.step(true, now).await
    }

    /// Keeps checks in memory and shows what they say.
    fn keep(&mut self, checks: Vec<Check>, now: Timestamp) {
        if !self.asks() {
            return;
        }
        self.keeper.fold_unwritten(&checks, now);
        self.collector.keep(checks);
        self.keeper.say_waiting(self.collector.backlog().replies(), self.mode.clone(), now);
    }

    async fn step(&mut self, tick: bool, now: Timestamp) -> store::Result<()> {
        self.step_at = None;
        if let Part::Collector(token) = self.part {
            self.ledgers.record(self.keeper.facts(), false, now).await?;
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
        // By the newest check, not by a clock that may have been set: it must not take what it is not sure is old.
        let newest = self.keeper.facts().health.values().filter_map(|health| health.checked).max();
        let sure = newest.map_or(now, |newest| newest.min(now));
        let before = sure.saturating_sub(self.keep_headlines).unwrap_or(Timestamp::MIN);
        let forgotten = self.store.call(move |store| store.forget_headlines(token, before)).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "old headlines forgotten");
        }
        Ok(())
    }

    /// A lost lease makes a viewer; a store that does not answer is asked again soon, and what comes meanwhile waits in memory. Neither
    /// is the end.
    async fn survive(&mut self, outcome: store::Result<()>, now: Timestamp) {
        let running = self.clock.running();
        match outcome {
            Ok(()) => {
                // Where nothing was asked of it nothing is known of it.
                if self.keeper.away_since().is_none() && self.away.take().is_some() {
                    tracing::info!("the store answers again");
                    self.said = None;
                }
            }
            Err(StoreError::Lost) => {
                tracing::warn!("the lease was lost; following its new holder");
                self.collector.stop();
                self.part = Part::Viewer;
                self.look_at = running;
            }
            Err(error) => {
                let said = error.to_string();
                if self.said.as_ref() != Some(&said) {
                    tracing::error!(%error, "the store does not answer; what comes is kept in memory");
                    self.said = Some(said);
                }
                self.look_at = running + RETRY;
                let since = *self.away.get_or_insert(running);
                if !error.may_pass() {
                    self.collector.stop();
                    (self.part, self.alone) = (Part::Viewer, false);
                } else if !self.asks() && running - since >= LEASE && self.mode == (Mode::Viewer { collector: None }) {
                    tracing::warn!("feeds are asked although the store does not answer");
                    (self.alone, self.mode) = (true, Mode::Live);
                    self.collector.begin_without(self.keeper.facts()).await;
                }
                let waiting = self.asks().then(|| self.collector.backlog().replies());
                self.keeper.store_away(&error, waiting, self.mode.clone(), now);
            }
        }
    }

    /// When a rule of the clock or the ledger would next change something with no new fact. Looked for after each step, and not for each
    /// poll that ends: there may be a thousand feeds to look at.
    fn next_step(&mut self, now: Timestamp) -> Option<Timestamp> {
        if !self.collecting() {
            return None;
        }
        if let Some(known) = self.step_at {
            return known;
        }
        let rules = alerts::next_change(&self.parts.rules, self.keeper.catalog(), self.keeper.facts(), now);
        let next = [rules, self.ledgers.next(now)].into_iter().flatten().min();
        self.step_at = Some(next);
        next
    }

    fn next_wake(&self, step_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        // A feed may be due and wait for its host: its host's poll wakes us then.
        let due = self.collector.next_due().filter(|due| self.asks() && *due > now);
        let look_at = later(now, self.look_at - self.clock.running());
        let ripe = self.collector.ripe_in().filter(|_| self.collecting() && self.away.is_none());
        let look_at = ripe.map_or(look_at, |left| look_at.min(later(now, left)));
        [due, step_at].into_iter().flatten().fold(look_at, Timestamp::min).max(now)
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
