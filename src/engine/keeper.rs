//! The keeper: reads facts from the store in order, folds them into the Situation, evaluates the
//! rules where this instance collects, and publishes the picture. One step is the same for a live session, a viewer and a replay.

use crate::alerts::{self, Cause, Rule};
use crate::domain::change::{Change, Cursor};
use crate::domain::route::SeriesId;
use crate::domain::series::Inserted;
use crate::domain::situation::{Catalog, Facts, Mode, Situation, StoreState};
use crate::domain::text::Printable;
use crate::store::handle::StoreHandle;
use crate::store::{self, Check, StoreError, Want};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

/// Changes read at once: enough for any refresh, bounded for a viewer that was long away.
const BATCH: usize = 5_000;

/// How long it is said that something happened to the store.
const REMARK: SignedDuration = SignedDuration::from_hours(24);

/// The owner of the picture.
pub struct Keeper {
    store: StoreHandle,
    rules: Arc<[Rule]>,
    catalog: Arc<Catalog>,
    title: Printable,
    facts: Facts,
    cursor: Cursor,
    state: StoreState,
    /// What happened to the store that people have to know, and since when that is said.
    remark: Option<(Printable, Timestamp)>,
    /// What is known with what the store has not taken yet: shown while it does not answer.
    unwritten: Option<Facts>,
    marked: bool,
    want: Want,
    publish: watch::Sender<Arc<Situation>>,
    /// The picture before the one that is shown.
    last: Option<Arc<Situation>>,
}

/// What a step may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Holds the lease with this token: evaluates and writes.
    Collector(u64),
    /// Only follows.
    Viewer,
}

/// What changed since the last step.
#[derive(Default)]
struct Touched {
    first: BTreeSet<SeriesId>,
    new: BTreeSet<SeriesId>,
    new_periods: bool,
    large_revision: bool,
    voided: bool,
    any: bool,
}

impl Touched {
    /// New periods are told as such even where small revisions came with them, as they do with each release.
    const fn cause(&self) -> Cause {
        match (self.large_revision, self.new_periods) {
            _ if self.voided => Cause::Voided,
            (true, _) => Cause::Revision { small: false },
            (false, true) => Cause::New,
            (false, false) => Cause::Revision { small: true },
        }
    }
}

/// A revision below one count or one percent is told to nobody (surge.md section 2).
fn is_small(old: Option<f64>, new: Option<f64>) -> bool {
    old.zip(new).is_some_and(|(old, new)| (new - old).abs() < (old * 0.01).max(1.0))
}

impl Keeper {
    /// A keeper with nothing read yet, and the picture to start with.
    pub fn new(
        store: StoreHandle,
        rules: Arc<[Rule]>,
        catalog: Arc<Catalog>,
        title: Printable,
        mode: Mode,
        now: Timestamp,
    ) -> (Self, watch::Receiver<Arc<Situation>>) {
        let picture = Situation {
            title: title.clone(),
            now,
            mode,
            store: StoreState::Fine,
            catalog: catalog.clone(),
            facts: Facts::default(),
            newest: Arc::default(),
        };
        let (publish, pictures) = watch::channel(Arc::new(picture));
        let keeper = Self {
            store,
            rules,
            catalog,
            title,
            facts: Facts::default(),
            cursor: Cursor::default(),
            state: StoreState::Fine,
            remark: None,
            unwritten: None,
            marked: false,
            want: Want::All,
            publish,
            last: None,
        };
        (keeper, pictures)
    }

    /// From now on without headlines: where nobody looks.
    pub const fn without_headlines(mut self) -> Self {
        self.want = Want::NoHeadlines;
        self
    }

    /// Starts from what the store holds, without replaying history.
    pub async fn load(&mut self) -> store::Result<()> {
        let want = self.want;
        let (mut facts, cursor) = self.store.call(move |store| store.load(want)).await?;
        for series in facts.series.values_mut() {
            let missing = self.catalog.series(series.id()).missing;
            Arc::make_mut(series).set_missing(missing);
        }
        self.facts = facts;
        self.cursor = cursor;
        self.adopt();
        Ok(())
    }

    /// Takes routes into the catalog that a mapping's template has made.
    fn adopt(&mut self) {
        if let Some(more) = self.catalog.with_series(self.facts.series.keys()) {
            self.catalog = Arc::new(more);
        }
    }

    /// Begins again on another store.
    pub fn restart(&mut self, store: StoreHandle) {
        self.store = store;
        self.facts = Facts::default();
        self.cursor = Cursor::default();
        self.state = StoreState::Fine;
        self.unwritten = None;
    }

    /// Says for a day what happened to the store.
    pub fn remark(&mut self, what: &str, now: Timestamp) {
        self.remark = Some((Printable::clean_to(what, Printable::PARAGRAPH), now));
        self.answered(now);
    }

    /// The store answers; as long as it does not take what waits it is away all the same.
    fn answered(&mut self, now: Timestamp) {
        if self.unwritten.is_some() {
            return;
        }
        self.remark = self.remark.take().filter(|(_, since)| now.duration_since(*since) < REMARK);
        self.state = match &self.remark {
            Some((what, _)) => StoreState::Mended { what: what.clone() },
            None => StoreState::Fine,
        };
    }

    /// Whether somebody voided or accepted something since this was last asked: whoever polls has to look.
    pub const fn take_marked(&mut self) -> bool {
        std::mem::replace(&mut self.marked, false)
    }

    /// The place up to which everything is folded.
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// What there is: the configuration's, and routes that mappings have made.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What is known now.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Follows the store, evaluates where this instance collects, and publishes. A store that does not answer leaves
    /// the picture as it is, says since when, and is no end; a lost lease is told to the caller.
    pub async fn step(&mut self, part: Part, mode: Mode, tick: bool, now: Timestamp) -> store::Result<()> {
        let outcome = self.follow_and_judge(part, tick, now).await;
        match &outcome {
            Ok(()) => self.answered(now),
            Err(StoreError::Lost) => {}
            Err(error) => self.away(error, None, now),
        }
        self.publish(mode, now);
        outcome
    }

    /// Publishes the picture as it is, saying since when the store does not answer, and how many replies wait where feeds are asked.
    pub fn store_away(&mut self, error: &StoreError, waiting: Option<usize>, mode: Mode, now: Timestamp) {
        self.away(error, waiting, now);
        self.publish(mode, now);
    }

    /// Publishes that so many replies wait.
    pub fn say_waiting(&mut self, replies: usize, mode: Mode, now: Timestamp) {
        if let StoreState::Away { waiting, .. } = &mut self.state {
            *waiting = Some(replies);
        }
        self.publish(mode, now);
    }

    /// Since when the store has not answered; `None` where it does.
    pub const fn away_since(&self) -> Option<Timestamp> {
        match &self.state {
            StoreState::Away { since, .. } => Some(*since),
            StoreState::Fine | StoreState::Mended { .. } => None,
        }
    }

    fn away(&mut self, error: &StoreError, more: Option<usize>, now: Timestamp) {
        let (since, known) = match &self.state {
            StoreState::Away { since, waiting, .. } => (*since, *waiting),
            StoreState::Fine | StoreState::Mended { .. } => (now, None),
        };
        let waiting = more.or(known);
        let why = Printable::clean_to(&error.to_string(), Printable::PARAGRAPH);
        self.state = StoreState::Away { since, why, waiting };
    }

    /// Folds checks that the store did not take over what is known, and judges that, so that what they say is seen. Nothing of it is a
    /// fact, and nobody is told, until it is written.
    pub fn fold_unwritten(&mut self, checks: &[Check], now: Timestamp) {
        let mut facts = self.unwritten.take().unwrap_or_else(|| self.facts.clone());
        let touched: BTreeSet<SeriesId> =
            checks.iter().flat_map(|check| store::unwritten::fold(&mut facts, check)).collect();
        if let Some(more) = self.catalog.with_series(touched.iter()) {
            self.catalog = Arc::new(more);
        }
        let decision = alerts::decide(&self.rules, &self.catalog, &facts, Cause::New, Some(&touched), now);
        let incidents = decision.incidents.into_iter().map(Change::from);
        let judgements = decision.judgements.into_iter().map(Change::from);
        incidents.chain(judgements).for_each(|change| facts.apply(&change));
        self.unwritten = Some(facts);
    }

    /// What waited is written, or given up: the picture is that of the store again.
    pub fn forget_unwritten(&mut self) {
        self.unwritten = None;
    }

    async fn follow_and_judge(&mut self, part: Part, tick: bool, now: Timestamp) -> store::Result<()> {
        let touched = self.follow().await?;
        let Part::Collector(token) = part else { return Ok(()) };
        if !touched.first.is_empty() {
            self.judge(token, Cause::FirstLoad, Some(&touched.first), now).await?;
        }
        if touched.voided || !touched.new.is_empty() {
            let cause = touched.cause();
            self.judge(token, cause, Some(&touched.new), now).await?;
        }
        if tick || touched.any {
            self.judge(token, Cause::Tick, Some(&BTreeSet::new()), now).await?;
        }
        Ok(())
    }

    /// Judges everything anew: at the start, when the rules may have changed while nobody looked.
    pub async fn judge_all(&mut self, token: u64, cause: Cause, now: Timestamp) -> store::Result<()> {
        self.judge(token, cause, None, now).await
    }

    async fn judge(
        &mut self,
        token: u64,
        cause: Cause,
        touched: Option<&BTreeSet<SeriesId>>,
        now: Timestamp,
    ) -> store::Result<()> {
        let decision = alerts::decide(&self.rules, &self.catalog, &self.facts, cause, touched, now);
        if decision.is_empty() {
            return Ok(());
        }
        for notice in &decision.notices {
            tracing::info!(event = notice.event.word(), severity = %notice.severity, told = notice.told.word(), "{}", notice.text);
        }
        self.store.call(move |store| store.decide(token, &decision)).await?;
        self.follow().await?;
        Ok(())
    }

    /// Reads and folds every change after the cursor.
    async fn follow(&mut self) -> store::Result<Touched> {
        let mut touched = Touched::default();
        loop {
            let (cursor, want) = (self.cursor, self.want);
            let (changes, reached) = self.store.call(move |store| store.changes_after(cursor, BATCH, want)).await?;
            if changes.is_empty() && reached == cursor {
                if !touched.first.is_empty() {
                    self.adopt();
                }
                return Ok(touched);
            }
            if changes.contains(&Change::Voided) {
                self.load().await?;
                touched.new.extend(self.facts.series.keys().cloned());
                touched.voided = true;
                touched.any = true;
                self.marked = true;
                continue;
            }
            self.marked |= changes.iter().any(|change| matches!(change, Change::Accepted(_)));
            for change in &changes {
                self.fold(change, &mut touched);
            }
            self.cursor = reached;
        }
    }

    fn fold(&mut self, change: &Change, touched: &mut Touched) {
        touched.any = true;
        let Change::Vintage(vintage) = change else {
            self.facts.apply(change);
            return;
        };
        let id = &vintage.observation.series;
        if !self.facts.series.contains_key(id) {
            touched.first.insert(id.clone());
        }
        match self.facts.insert(vintage) {
            Inserted::Nothing => return,
            Inserted::New => touched.new_periods = true,
            Inserted::Revised { old } if is_small(old, vintage.observation.value) => {}
            Inserted::Revised { .. } => touched.large_revision = true,
        }
        if touched.first.contains(id) {
            let missing = self.catalog.series(id).missing;
            if let Some(series) = self.facts.series.get_mut(id) {
                Arc::make_mut(series).set_missing(missing);
            }
        } else {
            touched.new.insert(id.clone());
        }
    }

    /// Publishes the picture of an instant.
    pub fn publish(&mut self, mode: Mode, now: Timestamp) {
        let facts = self.unwritten.as_ref().unwrap_or(&self.facts).clone();
        let last = self.publish.borrow().clone();
        let same = Arc::ptr_eq(&last.facts.headlines, &facts.headlines);
        let picture = Arc::new(Situation {
            title: self.title.clone(),
            now,
            mode,
            store: self.state.clone(),
            catalog: self.catalog.clone(),
            newest: if same { last.newest.clone() } else { facts.newest_headlines() },
            facts,
        });
        self.publish.send_replace(picture);
        // Held until the next one comes: taking an old picture apart takes long, and whoever draws lets go of it first.
        self.last = Some(last);
    }
}
