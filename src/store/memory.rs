//! Facts in memory: for the sample, replay and most tests. The plainest reading of what a store is, so the
//! suite that every store passes can be read beside it.

use super::headlines::{self, MOST_NAMES, Shelf};
use super::{Check, Committed, Haul, Lease, LeaseAnswer, Result, Store, StoreError};
use crate::domain::alert::{Decision, Notice};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedId, FeedMemory};
use crate::domain::headline::{Headline, HeadlineKey};
use crate::domain::observation::{Batch, BatchId, Known, KnownHow, Status, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Facts in memory.
#[derive(Default)]
pub struct MemoryStore {
    facts: Facts,
    log: Vec<Change>,
    lease: Option<Lease>,
    memories: BTreeMap<FeedId, FeedMemory>,
    batches: Vec<Batch>,
    vintages: BTreeMap<SeriesId, BTreeMap<Period, Vec<Vintage>>>,
    aliases: BTreeMap<String, HeadlineKey>,
    /// Headlines, those of a reply under way among them.
    shelf: BTreeMap<HeadlineKey, Headline>,
    stories: BTreeMap<String, BTreeSet<HeadlineKey>>,
    /// How many names each headline has.
    names: BTreeMap<HeadlineKey, u32>,
    notices: Vec<Notice>,
    minted: u64,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn fence(&self, token: u64) -> Result<()> {
        match &self.lease {
            Some(lease) if lease.token == token => Ok(()),
            _ => Err(StoreError::Lost),
        }
    }

    fn cursor(&self) -> Cursor {
        Cursor(self.log.len() as u64)
    }

    fn write(&mut self, change: Change) {
        self.facts.apply(&change);
        self.log.push(change);
    }

    fn take(&mut self, feed: &FeedId, haul: &Haul, at: Timestamp, done: &mut Committed) {
        let batch = BatchId(self.batches.len() as u64 + 1);
        let fresh: BTreeSet<SeriesId> = haul
            .observations
            .iter()
            .map(|arrival| arrival.observation.series.clone())
            .filter(|id| !self.vintages.contains_key(id))
            .collect();
        let before = done.new + done.revised;
        for (arrival, latest) in super::last_of_each(&haul.observations) {
            let observation = arrival.observation.clone();
            if !latest || matches!(observation.status, Status::Filler | Status::Invalid) {
                continue;
            }
            let first_load = fresh.contains(&observation.series) && haul.known.how != KnownHow::Stated;
            let known = if first_load { Known { at: arrival.assumed, how: KnownHow::Assumed } } else { haul.known };
            let versions =
                self.vintages.entry(observation.series.clone()).or_default().entry(observation.period).or_default();
            match versions.last() {
                Some(last) if super::is_same(&last.observation, &observation) => continue,
                Some(_) => done.revised += 1,
                None => done.new += 1,
            }
            let vintage = Vintage { observation, known, batch };
            versions.push(vintage.clone());
            self.write(Change::Vintage(vintage));
        }
        let vintages = done.new + done.revised - before;
        let first_load = self.batches.iter().all(|batch| batch.feed != *feed);
        let Ok(taken) = headlines::take(self, feed, &haul.items, at, first_load);
        done.headlines += taken.news;
        if vintages + taken.news + taken.noted > 0 {
            self.batches.push(Batch {
                id: batch,
                feed: feed.clone(),
                at,
                reply_hash: haul.reply_hash.clone(),
                mapping_hash: haul.mapping_hash.clone(),
                void: None,
            });
        }
    }

    fn live_vintages(&self) -> impl Iterator<Item = &Vintage> {
        let void: BTreeSet<BatchId> =
            self.batches.iter().filter(|batch| batch.void.is_some()).map(|batch| batch.id).collect();
        self.vintages
            .values()
            .flat_map(BTreeMap::values)
            .flatten()
            .filter(move |vintage| !void.contains(&vintage.batch))
    }
}

impl Shelf for MemoryStore {
    type Error = Infallible;

    fn named(&mut self, name: &str) -> std::result::Result<Option<Headline>, Infallible> {
        Ok(self.aliases.get(name).and_then(|key| self.shelf.get(key)).cloned())
    }

    fn telling(&mut self, story: &str) -> std::result::Result<Vec<Headline>, Infallible> {
        let keys = self.stories.get(story).into_iter().flatten();
        let headlines = keys.filter_map(|key| self.shelf.get(key));
        Ok(headlines.filter(|headline| headline.item.story.as_deref() == Some(story)).cloned().collect())
    }

    fn mint(&mut self) -> std::result::Result<HeadlineKey, Infallible> {
        self.minted += 1;
        Ok(super::headline_key(self.minted))
    }

    fn keep(&mut self, headline: &Headline) -> std::result::Result<(), Infallible> {
        if let Some(story) = &headline.item.story {
            self.stories.entry(story.clone()).or_default().insert(headline.key.clone());
        }
        self.shelf.insert(headline.key.clone(), headline.clone());
        Ok(())
    }

    fn tell(&mut self, headline: &Headline) -> std::result::Result<(), Infallible> {
        self.write(Change::Headline(headline.clone()));
        Ok(())
    }

    fn name(&mut self, headline: &HeadlineKey, names: &[String]) -> std::result::Result<(), Infallible> {
        let count = self.names.entry(headline.clone()).or_default();
        for name in names {
            if *count < MOST_NAMES && !self.aliases.contains_key(name) {
                self.aliases.insert(name.clone(), headline.clone());
                *count += 1;
            }
        }
        Ok(())
    }
}

impl Store for MemoryStore {
    fn load(&mut self) -> Result<(Facts, Cursor)> {
        Ok((self.facts.clone(), self.cursor()))
    }

    fn changes_after(&mut self, cursor: Cursor, limit: usize) -> Result<(Vec<Change>, Cursor)> {
        let from = usize::try_from(cursor.0).unwrap_or(usize::MAX).min(self.log.len());
        let to = from.saturating_add(limit).min(self.log.len());
        Ok((self.log[from..to].to_vec(), Cursor(to as u64)))
    }

    fn newest(&mut self) -> Result<Cursor> {
        Ok(self.cursor())
    }

    fn take_lease(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<LeaseAnswer> {
        let token = match &self.lease {
            Some(lease) if lease.holder == holder => lease.token,
            Some(lease) if lease.expires > now => return Ok(LeaseAnswer::HeldBy(lease.clone())),
            Some(lease) => lease.token + 1,
            None => 1,
        };
        let lease = Lease { holder: holder.to_owned(), token, expires: until };
        self.lease = Some(lease.clone());
        Ok(LeaseAnswer::Granted(lease))
    }

    fn release_lease(&mut self, token: u64) -> Result<()> {
        if let Some(lease) = self.lease.as_mut().filter(|lease| lease.token == token) {
            *lease = Lease { holder: String::new(), token, expires: Timestamp::MIN };
        }
        Ok(())
    }

    fn lease(&mut self) -> Result<Option<Lease>> {
        Ok(self.lease.clone())
    }

    fn memories(&mut self) -> Result<BTreeMap<FeedId, FeedMemory>> {
        Ok(self.memories.clone())
    }

    fn has_reply(&mut self, feed: &FeedId, reply_hash: &str) -> Result<bool> {
        Ok(self
            .batches
            .iter()
            .any(|batch| batch.feed == *feed && batch.reply_hash == reply_hash && batch.void.is_none()))
    }

    fn commit(&mut self, token: u64, checks: &[Check]) -> Result<Committed> {
        self.fence(token)?;
        let mut done = Committed::default();
        for check in checks {
            let feed = check.health.feed.clone();
            if let Some(haul) = &check.haul {
                self.take(&feed, haul, check.health.checked.unwrap_or(haul.known.at), &mut done);
            }
            self.memories.insert(feed, check.memory.clone());
            self.write(Change::Health(check.health.clone()));
        }
        done.cursor = self.cursor();
        Ok(done)
    }

    fn decide(&mut self, token: u64, decision: &Decision) -> Result<Cursor> {
        self.fence(token)?;
        for incident in &decision.incidents {
            self.write(Change::Incident(incident.clone()));
        }
        for notice in &decision.notices {
            if self.notices.iter().all(|old| old.key() != notice.key()) {
                self.notices.push(notice.clone());
                self.write(Change::Notice(notice.clone()));
            }
        }
        for judgement in &decision.judgements {
            self.write(Change::Judgement(judgement.clone()));
        }
        Ok(self.cursor())
    }

    fn record(&mut self, policy: &PolicyId, entry: &LedgerEntry) -> Result<bool> {
        let known = self
            .facts
            .ledgers
            .get(policy)
            .is_some_and(|ledger| ledger.entries().iter().any(|old| old.is_same_change(entry)));
        if !known {
            self.write(Change::Ledger(policy.clone(), entry.clone()));
        }
        Ok(!known)
    }

    fn void(&mut self, feed: &FeedId, batch: BatchId, reason: &str, _: Timestamp) -> Result<()> {
        let found = self.batches.iter_mut().find(|known| known.id == batch && known.feed == *feed);
        let found = found.ok_or_else(|| super::no_batch(feed, batch))?;
        found.void = Some(reason.to_owned());
        let mut series = Facts::default();
        for vintage in self.live_vintages() {
            series.insert(vintage);
        }
        self.facts.series = series.series;
        self.log.push(Change::Voided);
        Ok(())
    }

    fn batches(&mut self, feed: &FeedId) -> Result<Vec<Batch>> {
        Ok(self.batches.iter().rev().filter(|batch| batch.feed == *feed).cloned().collect())
    }

    fn vintages(&mut self, series: &SeriesId, first: Period, last: Period) -> Result<Vec<Vintage>> {
        let within = |vintage: &&Vintage| {
            vintage.observation.series == *series && (first..=last).contains(&vintage.observation.period)
        };
        Ok(self.live_vintages().filter(within).cloned().collect())
    }

    fn series(&mut self) -> Result<Vec<SeriesId>> {
        Ok(self.vintages.keys().cloned().collect())
    }

    fn as_known_at(&mut self, at: Timestamp) -> Result<Facts> {
        let mut facts = Facts::default();
        for vintage in self.live_vintages().filter(|vintage| vintage.known.at <= at) {
            facts.insert(vintage);
        }
        for change in &self.log {
            match change {
                Change::Headline(headline) if headline.seen <= at => facts.apply(change),
                Change::Ledger(_, entry) if entry.known <= at => facts.apply(change),
                _ => {}
            }
        }
        for incident in self.facts.incidents.values().filter(|incident| incident.opened <= at) {
            facts.apply(&Change::Incident(super::incident_at(incident, at)));
        }
        for notice in self.notices.iter().filter(|notice| notice.at <= at) {
            facts.apply(&Change::Notice(notice.clone()));
        }
        Ok(facts)
    }

    fn notices(&mut self, limit: usize) -> Result<Vec<Notice>> {
        Ok(self.notices[self.notices.len().saturating_sub(limit)..].to_vec())
    }

    fn forget_headlines(&mut self, token: u64, before: Timestamp) -> Result<usize> {
        self.fence(token)?;
        let old: BTreeSet<HeadlineKey> =
            self.facts.headlines.values().filter(|h| h.seen < before).map(|h| h.key.clone()).collect();
        self.facts.headlines.retain(|key, _| !old.contains(key));
        self.shelf.retain(|key, _| !old.contains(key));
        self.names.retain(|key, _| !old.contains(key));
        self.stories.retain(|_, keys| {
            keys.retain(|key| !old.contains(key));
            !keys.is_empty()
        });
        self.aliases.retain(|_, key| !old.contains(key));
        Ok(old.len())
    }
}
