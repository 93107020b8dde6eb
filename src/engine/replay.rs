//! A replay: drives the same polls and the same keeper's step through recorded time, then through an epilogue of
//! single instants. The pace is real time; everything else is the scenario's.

use super::collector::Collector;
use super::keeper::{Keeper, Part};
use super::ledgers::Ledgers;
use super::{Command, Parts};
use crate::clock::{self, Clock, Simulated};
use crate::domain::feed::FeedId;
use crate::domain::scenario::Scenario;
use crate::domain::situation::{Mode, Replay as Standing};
use crate::domain::text::Printable;
use crate::fetch::recorded::Recorded;
use crate::store::handle::StoreHandle;
use crate::store::memory::MemoryStore;
use crate::store::{self, LeaseAnswer, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The slowest and the fastest pace, in percent of the scenario's own.
const SPEEDS: std::ops::RangeInclusive<u32> = 25..=1600;

/// A scenario under way.
pub struct Replay {
    parts: Parts,
    scenario: Scenario,
    as_mode: fn(Standing) -> Mode,
    recorded: BTreeMap<Timestamp, BTreeSet<FeedId>>,
    clock: Simulated,
    keeper: Keeper,
    collector: Collector,
    ledgers: Ledgers,
    token: u64,
    at: Option<Timestamp>,
    standing: Standing,
}

impl Replay {
    /// A replay at its beginning, shown as `as_mode` says. `keeper` must follow `store`, which must be empty.
    pub async fn new(
        parts: Parts,
        scenario: Scenario,
        as_mode: fn(Standing) -> Mode,
        replies: &Recorded,
        clock: Simulated,
        keeper: Keeper,
        store: StoreHandle,
    ) -> store::Result<Self> {
        let collector = Collector::new(parts.clone(), store.clone(), Arc::new(clock.clone()));
        let ledgers = Ledgers::new(parts.policies.clone(), store.clone());
        let standing = Standing {
            name: scenario.name.clone(),
            step: scenario.step,
            paused: false,
            speed_percent: 100,
            epilogue: false,
            note: None,
            finished: false,
        };
        let recorded = replies.by_instant();
        let mut replay = Self {
            parts,
            scenario,
            as_mode,
            recorded,
            clock,
            keeper,
            collector,
            ledgers,
            token: 0,
            at: None,
            standing,
        };
        replay.begin(&store).await?;
        Ok(replay)
    }

    /// Runs at its pace until `stop`. At the end it stands still and waits to be asked for again.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: CancellationToken) -> store::Result<()> {
        loop {
            let wait = if self.standing.paused || self.standing.finished {
                Box::pin(std::future::pending())
            } else {
                clock::pause(self.pace())
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = wait => { self.advance().await?; }
                command = commands.recv() => match command {
                    Some(command) => self.obey(command).await?,
                    None => { stop.cancelled().await; return Ok(()); }
                },
            }
        }
    }

    /// One step on; `false` at the end, where it stands still.
    pub async fn advance(&mut self) -> store::Result<bool> {
        let Some((next, note)) = self.next() else {
            self.standing.finished = true;
            self.publish();
            return Ok(false);
        };
        self.standing.epilogue = next > self.scenario.until;
        self.standing.note = note;
        self.standing.finished = self.scenario.epilogue.last().map_or(self.scenario.until, |(at, _)| *at) <= next;
        self.go_to(next).await?;
        Ok(!self.standing.finished)
    }

    /// Steps without a pace up to an instant.
    pub async fn advance_until(&mut self, until: Timestamp) -> store::Result<()> {
        while self.next().is_some_and(|(next, _)| next <= until) {
            self.advance().await?;
        }
        Ok(())
    }

    /// Stands still where it is.
    pub fn freeze(&mut self) {
        self.standing.paused = true;
        self.publish();
    }

    async fn obey(&mut self, command: Command) -> store::Result<()> {
        let speed = self.standing.speed_percent;
        match command {
            Command::Pause => self.standing.paused = !self.standing.paused,
            Command::Faster => self.standing.speed_percent = (speed * 2).min(*SPEEDS.end()),
            Command::Slower => self.standing.speed_percent = (speed / 2).max(*SPEEDS.start()),
            Command::Again => return self.again().await,
            Command::Refresh(_) => {}
        }
        self.publish();
        Ok(())
    }

    /// From the beginning, on an empty store.
    async fn again(&mut self) -> store::Result<()> {
        let store = StoreHandle::spawn(Box::new(MemoryStore::new()));
        self.keeper.restart(store.clone());
        self.collector = Collector::new(self.parts.clone(), store.clone(), Arc::new(self.clock.clone()));
        self.ledgers = Ledgers::new(self.parts.policies.clone(), store.clone());
        self.at = None;
        (self.standing.paused, self.standing.epilogue, self.standing.finished, self.standing.note) =
            (false, false, false, None);
        self.begin(&store).await
    }

    /// Takes the lease, which is always granted here, and folds everything that was known before the start.
    async fn begin(&mut self, store: &StoreHandle) -> store::Result<()> {
        let start = self.scenario.start;
        self.clock.set(start);
        let taken = store.call(move |store| store.take_lease("replay", start, Timestamp::MAX)).await?;
        let LeaseAnswer::Granted(lease) = taken else { return Err(StoreError::Lost) };
        self.token = lease.token;
        self.keeper.load().await?;
        self.collector.begin(self.keeper.facts()).await?;
        self.go_to(start).await
    }

    /// The next instant to show, with what is to be said of it.
    fn next(&self) -> Option<(Timestamp, Option<Printable>)> {
        let at = self.at.unwrap_or(Timestamp::MIN);
        if at < self.scenario.until {
            let next = at.saturating_add(self.scenario.step).unwrap_or(Timestamp::MAX);
            return Some((next.min(self.scenario.until), None));
        }
        self.scenario.epilogue.iter().find(|(instant, _)| *instant > at).cloned()
    }

    /// Moves to an instant: every reply on the way is polled at the instant at which it became known, then whatever is due,
    /// then the picture is judged and published once.
    async fn go_to(&mut self, to: Timestamp) -> store::Result<()> {
        let after = self.at.map_or(Timestamp::MIN, |at| at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(at));
        let on_the_way: Vec<_> = self.recorded.range(after..=to).map(|(at, feeds)| (*at, feeds.clone())).collect();
        for (at, feeds) in on_the_way {
            self.clock.set(at);
            self.collector.poll_now(self.token, &feeds).await?;
        }
        self.clock.set(to);
        self.at = Some(to);
        self.collector.poll_now(self.token, &self.collector.due_at(to)).await?;
        self.ledgers.record(self.keeper.facts(), to <= self.scenario.start, to).await?;
        self.keeper.step(Part::Collector(self.token), self.mode(), true, to).await
    }

    fn pace(&self) -> SignedDuration {
        let own = if self.at.is_some_and(|at| at >= self.scenario.until) {
            self.scenario.epilogue_pace
        } else {
            self.scenario.pace
        };
        let speed = i32::try_from(self.standing.speed_percent).unwrap_or(100);
        own.saturating_mul(100) / speed
    }

    fn mode(&self) -> Mode {
        (self.as_mode)(self.standing.clone())
    }

    fn publish(&mut self) {
        self.keeper.publish(self.mode(), self.clock.now());
    }
}
