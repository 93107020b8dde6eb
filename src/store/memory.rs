//! Facts in memory: for the sample, replay and most tests. The plainest reading of what a store is, so the
//! suite that every store passes can be read beside it.

use super::headlines::{self, MOST_NAMES, Shelf};
use super::kept::Kept;
use super::{Body, Check, Committed, Haul, Lease, LeaseAnswer, Marked, Marks, Result, Store, StoreError, Want};
use crate::domain::alert::{Decision, Incident, IncidentId, Notice};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedId, FeedMemory};
use crate::domain::headline::{Headline, HeadlineKey, Name, Story};
use crate::domain::mark::Mark;
use crate::domain::observation::{Batch, BatchContents, BatchId, Observation, Status, Undone, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

/// Facts in memory.
#[derive(Default)]
pub struct MemoryStore {
    facts: Facts,
    log: Vec<Change>,
    lease: Option<Lease>,
    memories: BTreeMap<FeedId, FeedMemory>,
    bodies: BTreeMap<FeedId, Kept>,
    held: BTreeMap<FeedId, Kept>,
    accepted: BTreeMap<FeedId, String>,
    batches: Vec<Batch>,
    vintages: BTreeMap<SeriesId, BTreeMap<Period, Vec<Vintage>>>,
    aliases: BTreeMap<Name, HeadlineKey>,
    /// Headlines, those of a reply under way among them.
    shelf: BTreeMap<HeadlineKey, Headline>,
    /// Those of a reply under way that changed: told once, when it is taken in.
    kept: Vec<HeadlineKey>,
    stories: BTreeMap<Story, BTreeSet<HeadlineKey>>,
    /// How many names each headline has.
    names: BTreeMap<HeadlineKey, u32>,
    notices: Vec<Notice>,
    marks: Vec<Mark>,
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

    fn take(&mut self, feed: &FeedId, haul: &Haul, done: &mut Committed) {
        let batch = BatchId(self.batches.len() as u64 + 1);
        let fresh: BTreeSet<SeriesId> = haul
            .observations
            .iter()
            .map(|arrival| arrival.observation.series.clone())
            .filter(|id| !self.facts.series.contains_key(id))
            .collect();
        let before = done.new + done.revised;
        for (arrival, latest) in super::last_of_each(&haul.observations) {
            let observation = arrival.observation.clone();
            if !latest || matches!(observation.status, Status::Filler | Status::Invalid) {
                continue;
            }
            let known = arrival.known(haul.known, fresh.contains(&observation.series));
            let latest = self.facts.series.get(&observation.series).and_then(|series| series.point(observation.period));
            match latest {
                Some(point) if super::is_same(&point, &observation) => continue,
                Some(_) => done.revised += 1,
                None => done.new += 1,
            }
            let vintage = Vintage { observation: observation.clone(), known, batch };
            let of_series = self.vintages.entry(observation.series).or_default();
            of_series.entry(observation.period).or_default().push(vintage.clone());
            self.write(Change::Vintage(vintage));
        }
        let vintages = done.new + done.revised - before;
        let first_load = self.batches.iter().all(|batch| batch.feed != *feed);
        let Ok(taken) = headlines::take(self, feed, &haul.items, haul.taken, first_load);
        for key in std::mem::take(&mut self.kept) {
            if let Some(headline) = self.shelf.get(&key) {
                self.write(Change::from(headline.clone()));
            }
        }
        done.headlines += taken.news;
        if vintages + taken.news + taken.noted > 0 {
            self.batches.push(Batch {
                id: batch,
                feed: feed.clone(),
                at: haul.taken,
                reply_hash: haul.reply_hash.clone(),
                mapping_hash: haul.mapping_hash.clone(),
                void: None,
            });
        }
    }

    fn keep(&mut self, feed: &FeedId, body: &Body) {
        match body {
            Body::AsIs => {}
            Body::Good(body) => {
                put(&mut self.bodies, feed, body.as_ref());
                self.held.remove(feed);
            }
            Body::Held(body) => put(&mut self.held, feed, body.as_ref()),
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

    /// The vintages of a batch, void or not.
    fn of_batch(&self, batch: BatchId) -> impl Iterator<Item = &Vintage> {
        self.vintages.values().flat_map(BTreeMap::values).flatten().filter(move |vintage| vintage.batch == batch)
    }
}

fn put(bodies: &mut BTreeMap<FeedId, Kept>, feed: &FeedId, body: Option<&Kept>) {
    match body {
        Some(body) => bodies.insert(feed.clone(), body.clone()),
        None => bodies.remove(feed),
    };
}

impl Shelf for MemoryStore {
    type Error = Infallible;

    fn named(&mut self, name: Name) -> std::result::Result<Option<Headline>, Infallible> {
        Ok(self.aliases.get(&name).and_then(|key| self.shelf.get(key)).cloned())
    }

    fn telling(&mut self, story: Story) -> std::result::Result<Vec<Headline>, Infallible> {
        let keys = self.stories.get(&story).into_iter().flatten();
        let headlines = keys.filter_map(|key| self.shelf.get(key));
        Ok(headlines.filter(|headline| headline.item.story == Some(story)).cloned().collect())
    }

    fn mint(&mut self) -> std::result::Result<HeadlineKey, Infallible> {
        self.minted += 1;
        Ok(super::headline_key(self.minted))
    }

    fn keep(&mut self, headline: &Headline) -> std::result::Result<(), Infallible> {
        if let Some(story) = headline.item.story {
            self.stories.entry(story).or_default().insert(headline.key.clone());
        }
        self.shelf.insert(headline.key.clone(), headline.clone());
        self.kept.retain(|key| *key != headline.key);
        self.kept.push(headline.key.clone());
        Ok(())
    }

    fn name(&mut self, headline: &HeadlineKey, is_new: bool, names: &[Name]) -> std::result::Result<(), Infallible> {
        let count = self.names.entry(headline.clone()).or_default();
        for name in names {
            if (is_new || *count < MOST_NAMES) && !self.aliases.contains_key(name) {
                self.aliases.insert(*name, headline.clone());
                *count += u32::from(!is_new);
            }
        }
        if is_new {
            *count = u32::try_from(names.len()).unwrap_or(MOST_NAMES);
        }
        Ok(())
    }
}

impl Store for MemoryStore {
    fn load(&mut self, want: Want) -> Result<(Facts, Cursor)> {
        let mut facts = self.facts.clone();
        if want == Want::NoHeadlines {
            facts.headlines = Arc::default();
        }
        Ok((facts, self.cursor()))
    }

    fn changes_after(&mut self, cursor: Cursor, limit: usize, want: Want) -> Result<(Vec<Change>, Cursor)> {
        let from = usize::try_from(cursor.0).unwrap_or(usize::MAX).min(self.log.len());
        let to = from.saturating_add(limit).min(self.log.len());
        let wanted = |change: &&Change| want == Want::All || !matches!(change, Change::Headline(_));
        Ok((self.log[from..to].iter().filter(wanted).cloned().collect(), Cursor(to as u64)))
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

    fn marks(&mut self, feed: &FeedId) -> Result<Marks> {
        let void = self.batches.iter().filter(|batch| batch.feed == *feed && batch.void.is_some());
        let void = void.map(|batch| (batch.reply_hash.clone(), batch.mapping_hash.clone())).collect();
        Ok(Marks { void, accepted: self.accepted.get(feed).cloned() })
    }

    fn all_marks(&mut self) -> Result<BTreeMap<FeedId, Marks>> {
        let void = self.batches.iter().filter(|batch| batch.void.is_some()).map(|batch| batch.feed.clone());
        let feeds: BTreeSet<FeedId> = void.chain(self.accepted.keys().cloned()).collect();
        feeds.into_iter().map(|feed| Ok((feed.clone(), self.marks(&feed)?))).collect()
    }

    fn latest(&mut self, ids: &BTreeSet<SeriesId>) -> Result<Vec<Series>> {
        let of = |id| self.facts.series.get(id).map(|series| (**series).clone());
        Ok(ids.iter().filter_map(of).collect())
    }

    fn body(&mut self, feed: &FeedId) -> Result<Option<Kept>> {
        Ok(self.bodies.get(feed).cloned())
    }

    fn held_body(&mut self, feed: &FeedId) -> Result<Option<Kept>> {
        Ok(self.held.get(feed).cloned())
    }

    fn commit(&mut self, token: u64, checks: &[Check]) -> Result<Committed> {
        self.fence(token)?;
        let mut done = Committed::default();
        for check in checks {
            let feed = check.health.feed.clone();
            if let Some(haul) = &check.haul {
                let before = done.facts();
                self.take(&feed, haul, &mut done);
                if done.facts() > before {
                    done.brought_by.insert(feed.clone());
                }
            }
            self.keep(&feed, &check.body);
            self.memories.insert(feed, check.memory.clone());
            self.write(Change::from(check.health.clone()));
        }
        done.cursor = self.cursor();
        Ok(done)
    }

    fn decide(&mut self, token: u64, decision: &Decision) -> Result<Cursor> {
        self.fence(token)?;
        for incident in &decision.incidents {
            let stored = self.facts.incidents.get(&incident.id).map(|stored| &**stored);
            let written = incident.written_over(stored);
            self.write(Change::from(written));
        }
        for notice in &decision.notices {
            if self.notices.iter().all(|old| old.key() != notice.key()) {
                self.notices.push(notice.clone());
                self.write(Change::from(notice.clone()));
            }
        }
        for judgement in &decision.judgements {
            self.write(Change::from(judgement.clone()));
        }
        Ok(self.cursor())
    }

    fn mark(&mut self, mark: &Mark) -> Result<Marked> {
        let (marked, incident) = Marked::of(mark, self.facts.incidents.get(&mark.incident).map(|incident| &**incident));
        if marked == Marked::Done {
            self.marks.push(mark.clone());
        }
        if let Some(incident) = incident {
            self.write(Change::from(incident));
        }
        Ok(marked)
    }

    fn marks_on(&mut self, incident: &IncidentId) -> Result<Vec<Mark>> {
        Ok(self.marks.iter().filter(|mark| mark.incident == *incident).cloned().collect())
    }

    fn incidents_since(&mut self, at: Timestamp) -> Result<Vec<Incident>> {
        let mut newest = BTreeMap::new();
        for change in &self.log {
            if let Change::Incident(incident) = change {
                newest.insert(&incident.id, incident);
            }
        }
        let of_then = newest.into_values().filter(|incident| incident.ended.is_none_or(|(ended, _)| ended >= at));
        Ok(of_then.map(|incident| (**incident).clone()).collect())
    }

    fn notices_of(&mut self, incident: &IncidentId) -> Result<Vec<Notice>> {
        Ok(self.notices.iter().filter(|notice| notice.incident == *incident).cloned().collect())
    }

    fn record(&mut self, policy: &PolicyId, entry: &LedgerEntry) -> Result<bool> {
        let known = self
            .facts
            .ledgers
            .get(policy)
            .is_some_and(|ledger| ledger.entries().iter().any(|old| old.is_same_change(entry)));
        if !known {
            self.write(Change::from((policy.clone(), entry.clone())));
        }
        Ok(!known)
    }

    fn void(&mut self, feed: &FeedId, batch: BatchId, reason: &str) -> Result<Option<Undone>> {
        let found = self.batches.iter_mut().find(|known| known.id == batch && known.feed == *feed);
        let found = found.ok_or_else(|| super::no_batch(feed, batch))?;
        if found.void.is_some() {
            return Ok(None);
        }
        found.void = Some(reason.to_owned());
        let reply = found.reply_hash.clone();
        self.accepted.retain(|of, accepted| of != feed || *accepted != reply);
        let before = std::mem::take(&mut self.facts.series);
        let mut after = Facts::default();
        for vintage in self.live_vintages() {
            after.insert(vintage);
        }
        self.facts.series = after.series;
        let mut undone = Undone::default();
        for vintage in self.of_batch(batch) {
            let Observation { series, period, .. } = &vintage.observation;
            let latest =
                |all: &BTreeMap<SeriesId, Arc<Series>>| all.get(series).and_then(|series| series.point(*period));
            super::compare(&mut undone, latest(&before), latest(&self.facts.series));
        }
        self.log.push(Change::Voided);
        Ok(Some(undone))
    }

    fn accept(&mut self, feed: &FeedId, reply_hash: &str, _: Timestamp) -> Result<()> {
        self.accepted.insert(feed.clone(), reply_hash.to_owned());
        self.log.push(Change::Accepted(feed.clone()));
        Ok(())
    }

    fn batches(&mut self, feed: &FeedId) -> Result<Vec<BatchContents>> {
        let contents = |batch: &Batch| {
            let vintages: Vec<&Vintage> = self.of_batch(batch.id).collect();
            let series: BTreeSet<&SeriesId> = vintages.iter().map(|vintage| &vintage.observation.series).collect();
            let periods = || vintages.iter().map(|vintage| vintage.observation.period);
            let first = periods().min_by_key(|period| period.start());
            let last = periods().max_by_key(|period| period.end());
            BatchContents {
                batch: batch.clone(),
                figures: vintages.len() as u64,
                series: series.len() as u64,
                span: first.zip(last),
            }
        };
        Ok(self.batches.iter().rev().filter(|batch| batch.feed == *feed).map(contents).collect())
    }

    fn vintages(&mut self, series: &SeriesId, first: Period, last: Period) -> Result<Vec<Vintage>> {
        let within = |vintage: &&Vintage| {
            vintage.observation.series == *series && (first..=last).contains(&vintage.observation.period)
        };
        Ok(self.live_vintages().filter(within).cloned().collect())
    }

    fn void_vintages(&mut self, series: &SeriesId) -> Result<Vec<(Vintage, String)>> {
        let reason =
            |batch: BatchId| self.batches.iter().find(|found| found.id == batch).and_then(|found| found.void.clone());
        let all = self.vintages.get(series).into_iter().flat_map(BTreeMap::values).flatten();
        Ok(all.filter_map(|vintage| Some((vintage.clone(), reason(vintage.batch)?))).collect())
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
            facts.apply(&Change::from(super::incident_at(incident, at)));
        }
        for notice in self.notices.iter().filter(|notice| notice.at <= at) {
            facts.apply(&Change::from(notice.clone()));
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
        Arc::make_mut(&mut self.facts.headlines).retain(|key, _| !old.contains(key));
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
