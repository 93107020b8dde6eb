//! The story of one poll: ask with validators, read what came, weigh it against what is stored, and say how the feed stands. Nothing
//! is written here; the caller commits what polls gave, several in one transaction.

use super::mend;
use super::outcome::{After, Outcome, Stamp};
use super::plan::{Before, Plan};
use super::reading::{self, Gave, Paper, Text};
use super::suspicion::{self, Doubt};
use crate::clock::Clock;
use crate::domain::feed::FeedMemory;
use crate::domain::observation::{Known, KnownHow};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::situation::Catalog;
use crate::fetch::{Answer, FetchError, Fetcher, Place, Reply, Request};
use crate::store::handle::StoreHandle;
use crate::store::{self, Check, Marks};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What a poll gave.
pub struct Polled {
    /// How the feed stands.
    pub check: Check,
    /// Whether somebody in the network answered; `None` where nobody there was asked.
    pub reached: Option<bool>,
    /// Whether the check is about what the source says now; not where a reply that was kept was read instead of its answer.
    pub answered: bool,
}

/// One poll. `last_marks` are what people had marked when that was last looked, which is whenever somebody marked anything: the store is
/// asked again only where a reply waits for a person, so that polls do not queue behind a commit.
pub async fn poll_once(
    plan: &Plan,
    before: &Before,
    last_marks: Option<&Marks>,
    catalog: &Catalog,
    fetcher: &Fetcher,
    clock: &dyn Clock,
    store: &StoreHandle,
) -> Polled {
    let now = clock.now();
    let (marks, store) = match last_marks.filter(|_| before.memory.held.is_none()) {
        Some(marks) => (marks.clone(), Some(store)),
        None => {
            let feed = plan.feed.id.clone();
            match store.call(move |store| store.marks(&feed)).await {
                Ok(marks) => (marks, Some(store)),
                Err(error) => {
                    tracing::debug!(feed = %plan.feed.id, %error, "asked without the store: what comes is compared with nothing");
                    (last_marks.cloned().unwrap_or_default(), None)
                }
            }
        }
    };
    let waits = mend::waits(&before.memory, &marks);
    if waits && let Some(check) = accepted(plan, before, catalog, store, now).await {
        return Polled { check, reached: None, answered: false };
    }
    // What has just been accepted and is not kept is asked for without validators: "not modified" would not bring it.
    let ours = plan.reads(&before.memory, &marks) && !waits;
    let request = Request {
        feed: &plan.feed.id,
        place: &plan.place,
        access: &plan.access,
        moved_to: known_at(plan, &before.memory),
        etag: before.memory.etag.as_deref().filter(|_| ours),
        last_modified: before.memory.last_modified.as_deref().filter(|_| ours),
        deadline: plan.feed.deadline,
        body_cap: plan.body_cap,
        now,
    };
    let started = clock.running();
    let answer = fetcher.fetch(&request).await;
    let mut after = After::asked(plan, before, &marks, now, clock.running() - started);
    let in_network = matches!(plan.place, Place::Http(_) | Place::Discover(_));
    let reached = in_network.then(|| !answer.as_ref().is_err_and(FetchError::is_away));
    match answer {
        Err(error) => after.failed(&error.to_string(), Some(&error)),
        Ok(Answer::NotModified { status, fresh_until }) => after.unmodified(status, fresh_until),
        Ok(Answer::Reply(mut reply)) => {
            let (bytes, hash) = reading::hashed(std::mem::take(&mut reply.bytes)).await;
            let seen = Seen { plan, memory: &before.memory, marks: &marks, store };
            match seen.judge(&reply, bytes, hash, now, catalog).await {
                // The one that was held until now may have been accepted meanwhile: it comes before the one that would take its place.
                Ok(outcome) if matches!(outcome, Outcome::Held { .. }) && before.memory.held.is_some() => {
                    if let Some(check) = accepted(plan, before, catalog, store, now).await {
                        return Polled { check, reached, answered: false };
                    }
                    after.end(&reply, outcome);
                }
                Ok(outcome) => after.end(&reply, outcome),
                // What cannot be compared is not believed, nor remembered: the next poll asks for it again.
                Err(error) => {
                    after.failed(&format!("what came could not be compared with what is stored: {error}"), None);
                }
            }
        }
    }
    Polled { check: after.into_check(), reached, answered: true }
}

/// Takes the reply that is held, if a person accepted it and it is kept; the feed stays due, so that it is asked next.
async fn accepted(
    plan: &Plan,
    before: &Before,
    catalog: &Catalog,
    store: Option<&StoreHandle>,
    now: Timestamp,
) -> Option<Check> {
    let store = store?;
    let feed = plan.feed.id.clone();
    let marks = store.call(move |store| store.marks(&feed)).await;
    if !marks.is_ok_and(|marks| mend::waits(&before.memory, &marks)) {
        return None;
    }
    mend::mend(plan, before, catalog, store, now).await.unwrap_or_else(|error| {
        tracing::warn!(feed = %plan.feed.id, %error, "what was accepted could not be read");
        None
    })
}

/// Where the feed was found last, if that is not where it is configured.
fn known_at<'a>(plan: &Plan, memory: &'a FeedMemory) -> Option<&'a str> {
    let at = if matches!(plan.place, Place::Discover(_)) { &memory.found } else { &memory.moved_to };
    at.as_deref().filter(|_| memory.asked_of == plan.address)
}

/// What is known of a feed when a reply has come.
pub(super) struct Seen<'a> {
    pub(super) plan: &'a Plan,
    pub(super) memory: &'a FeedMemory,
    pub(super) marks: &'a Marks,
    /// The store, where it can be asked.
    pub(super) store: Option<&'a StoreHandle>,
}

impl Seen<'_> {
    /// What becomes of a reply.
    async fn judge(
        &self,
        reply: &Reply,
        bytes: Vec<u8>,
        hash: String,
        now: Timestamp,
        catalog: &Catalog,
    ) -> store::Result<Outcome> {
        let ours = self.plan.reads(self.memory, self.marks);
        let is = |remembered: &Option<String>| ours && remembered.as_deref() == Some(hash.as_str());
        // While a reply is held, or was older than the latest, what is said of the feed is said of that one.
        let settled = self.memory.held.is_none() && self.memory.went_back_to.is_none();
        let accepted = self.marks.is_accepted(&hash);
        if self.marks.is_void(&hash, &self.plan.mapping_hash) && !accepted {
            return Ok(Outcome::Void { hash });
        }
        if is(&self.memory.reply_hash) && settled {
            return Ok(Outcome::Same);
        }
        if is(&self.memory.held) && !accepted {
            return Ok(Outcome::StillHeld);
        }
        let again = is(&self.memory.reply_hash) || is(&self.memory.went_back_to) || accepted;
        if ours && !again && self.had_before(&hash).await? {
            return Ok(Outcome::WentBack { hash });
        }
        let seen = Known { at: now, how: KnownHow::Seen };
        let known = reply.stated.map_or(seen, |at| Known { at: at.min(now), how: KnownHow::Stated });
        let paper = Paper {
            text: Text::Fresh(bytes),
            hash,
            fetched: now,
            content_type: reply.content_type.clone(),
            last_modified: reply.last_modified.clone(),
            from: reply.from.clone(),
        };
        self.read(paper, Stamp { known, taken: now }, catalog).await
    }

    /// Reads a body and weighs what it says.
    pub async fn read(&self, paper: Paper, stamp: Stamp, catalog: &Catalog) -> store::Result<Outcome> {
        let hash = paper.hash.clone();
        let gave = match reading::read(self.plan, paper).await {
            Ok(gave) => gave,
            Err(why) => return Ok(Outcome::Unreadable { why }),
        };
        let accepted = self.marks.is_accepted(&hash);
        let doubt = if accepted { None } else { self.weigh(&gave).await? };
        let words = |doubt: &Doubt| doubt.words(self.plan.feed.id.as_str(), self.changed_reading());
        let Gave { decoded, kept } = gave;
        match doubt {
            Some(doubt) if doubt.holds() => Ok(Outcome::Held { hash, kept, why: words(&doubt) }),
            doubt => {
                let note = doubt.as_ref().map(words);
                Ok(Outcome::taken(self.plan, hash, decoded, kept, note, stamp, catalog))
            }
        }
    }

    async fn weigh(&self, gave: &Gave) -> store::Result<Option<Doubt>> {
        let observations = &gave.decoded.observations;
        let ids: BTreeSet<SeriesId> = observations.iter().map(|observation| observation.series.clone()).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let latest = match self.store {
            Some(store) => self.or_without(store.call(move |store| store.latest(&ids)).await, Vec::new())?,
            None => Vec::new(),
        };
        let latest: BTreeMap<SeriesId, Series> =
            latest.into_iter().map(|series| (series.id().clone(), series)).collect();
        // Under another mapping another number of figures says nothing of the table.
        let figures_before = self.memory.figures.filter(|_| !self.changed_reading());
        Ok(suspicion::look(observations, figures_before, &latest))
    }

    /// Whether the address, the mapping or the program changed, or something was voided, since the last reply was read.
    fn changed_reading(&self) -> bool {
        !self.plan.reads(self.memory, self.marks)
    }

    async fn had_before(&self, hash: &str) -> store::Result<bool> {
        let (feed, hash) = (self.plan.feed.id.clone(), hash.to_owned());
        let Some(store) = self.store else { return Ok(false) };
        self.or_without(store.call(move |store| store.has_reply(&feed, &hash)).await, false)
    }

    /// What is compared with nothing while the store does not answer for now.
    fn or_without<T>(&self, answer: store::Result<T>, without: T) -> store::Result<T> {
        match answer {
            Err(error) if error.may_pass() => {
                tracing::debug!(feed = %self.plan.feed.id, %error, "what came is compared with nothing");
                Ok(without)
            }
            other => other,
        }
    }
}
