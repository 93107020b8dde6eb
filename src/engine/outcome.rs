//! What became of a reply, and how the feed stands after it.

use super::plan::{Before, Plan};
use super::suspicion;
use crate::domain::feed::{FeedHealth, FeedKind, FeedMemory, NEVER};
use crate::domain::observation::{Known, Observation};
use crate::domain::route::SeriesSpec;
use crate::domain::schedule::{self, LONGEST_REQUEST, Wishes, next_due, seed};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use crate::feeds::{Decoded, Rhythm};
use crate::fetch::{FetchError, Place, Reply};
use crate::store::kept::Kept;
use crate::store::{Arrival, Body, Check, Haul, Marks};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// What became of a reply.
pub enum Outcome {
    /// It is the one that was read last.
    Same,
    /// It is an older one than the latest: a cache that lags, perhaps. It is taken when the next poll repeats it.
    WentBack {
        /// Which.
        hash: String,
    },
    /// What this mapping made of it was voided; it waits for a person to accept it, or for another mapping.
    Void {
        /// Which.
        hash: String,
    },
    /// It is the one that waits for a person to accept it.
    StillHeld,
    /// It is not believed: it waits for a person to accept it.
    Held {
        /// Which.
        hash: String,
        /// Its body, where that is small enough to be kept.
        kept: Option<Kept>,
        /// Why, and what to do.
        why: String,
    },
    /// Nothing could be read in it.
    Unreadable {
        /// Why.
        why: String,
    },
    /// It was taken.
    Taken(Box<Taken>),
}

/// A reply that was taken.
pub struct Taken {
    haul: Haul,
    kept: Option<Kept>,
    figures: u64,
    degraded: Option<Printable>,
    data_until: Option<Date>,
    rhythm: Rhythm,
}

/// When a reply became known, and when it is taken.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// When it became known, where it says nothing itself.
    pub known: Known,
    /// When it is taken: later than the fetch where a kept body is read again.
    pub taken: Timestamp,
}

impl Outcome {
    /// What a reply gave that is taken.
    pub fn taken(
        plan: &Plan,
        hash: String,
        decoded: Decoded,
        kept: Option<Kept>,
        note: Option<String>,
        stamp: Stamp,
        catalog: &Catalog,
    ) -> Self {
        let degraded = degraded(&decoded, note);
        let figures = suspicion::figures(&decoded.observations);
        let data_until = data_until(&decoded.observations);
        let fetched = stamp.known.at;
        let stated = decoded.stated;
        let rhythm = decoded.rhythm;
        let mut last: Option<SeriesSpec> = None;
        let arrivals = decoded.observations.into_iter().map(|observation| {
            // Figures come by series: each is looked up once.
            let spec = match last.take() {
                Some(spec) if spec.id == observation.series => spec,
                _ => catalog.series(&observation.series),
            };
            let assumed = assumed(observation.period, &spec, fetched);
            last = Some(spec);
            let stated = observation.published.or(stated).map(|at| at.min(fetched));
            Arrival { observation, stated, assumed }
        });
        let haul = Haul {
            reply_hash: hash,
            mapping_hash: plan.mapping_hash.to_string(),
            known: stamp.known,
            taken: stamp.taken,
            observations: arrivals.collect(),
            items: decoded.items,
        };
        Self::Taken(Box::new(Taken { haul, kept, figures, degraded, data_until, rhythm }))
    }
}

/// How the feed stands, as it is found out.
pub struct After<'a> {
    plan: &'a Plan,
    marks: &'a Marks,
    now: Timestamp,
    health: FeedHealth,
    memory: FeedMemory,
    haul: Option<Haul>,
    body: Body,
    /// Whether nothing was ever read of it before.
    first: bool,
    /// Whether it failed, and whether something was wrong with what it gave.
    stood: (bool, bool),
}

impl<'a> After<'a> {
    /// After a poll that took so long.
    pub fn asked(plan: &'a Plan, before: &Before, marks: &'a Marks, now: Timestamp, took: SignedDuration) -> Self {
        let mut after = Self::unasked(plan, before, marks, now);
        after.health.checked = Some(now);
        after.health.latency_ms = u32::try_from(took.as_millis()).ok();
        after.health.http_status = None;
        after.health.note = None;
        if after.memory.asked_of != plan.address {
            // What another address said of itself does not hold here.
            let memory = &mut after.memory;
            (memory.moved_to, memory.found, memory.ttl, memory.skip_hours) = (None, None, None, 0);
            memory.asked_of = plan.address.clone();
        }
        after.memory.not_before = None;
        after
    }

    /// After what was kept was read again: nobody was asked.
    pub fn unasked(plan: &'a Plan, before: &Before, marks: &'a Marks, now: Timestamp) -> Self {
        let (health, memory) = (before.health.clone(), before.memory.clone());
        let (first, stood) = (memory.belongs_to.is_empty(), health.standing());
        Self { plan, marks, now, health, memory, haul: None, body: Body::AsIs, first, stood }
    }

    /// It says that nothing was modified.
    pub fn unmodified(&mut self, status: Option<u16>, fresh_until: Option<Timestamp>) {
        self.answered(status, fresh_until);
        self.remark();
    }

    /// A good answer came.
    fn answered(&mut self, status: Option<u16>, fresh_until: Option<Timestamp>) {
        self.health.success = Some(self.now);
        self.health.failures = 0;
        self.health.error = None;
        self.health.http_status = status;
        let ttl = self.memory.ttl.map(|ttl| later(self.now, SignedDuration::from_secs(ttl.into())));
        let wishes = Wishes { not_before: None, fresh_until: fresh_until.max(ttl), skip_hours: self.memory.skip_hours };
        self.due(if self.first { schedule::Outcome::First } else { schedule::Outcome::Good }, wishes);
    }

    /// None came.
    pub fn failed(&mut self, why: &str, error: Option<&FetchError>) {
        let planned = self.planned();
        if planned.is_none() {
            self.health.failures = self.health.failures.saturating_add(1);
        }
        self.health.error = Some(match error {
            Some(error) if error.is_gone() => {
                Printable::clean(&format!("{why}; `watchfloor refresh {}` asks it once more", self.plan.feed.id))
            }
            _ => Printable::clean(why),
        });
        self.health.http_status = error.and_then(FetchError::status);
        let told_off = error.is_some_and(FetchError::is_told_off);
        let not_before = error.and_then(FetchError::retry_at);
        let outcome = schedule::Outcome::Failed { failures: self.health.failures, told_off };
        self.due(outcome, Wishes { not_before, ..Wishes::default() });
        if let Some(planned) = planned.filter(|_| not_before.is_none()) {
            self.health.next_due = Some(planned);
        }
        if let Some(asked) = not_before {
            let until = asked.min(later(self.now, LONGEST_REQUEST));
            self.memory.not_before = Some(until);
            let day = until.strftime("%Y-%m-%d %H:%M UTC");
            let capped =
                if until < asked { " (it asked for longer than a day, which is as long as we wait)" } else { "" };
            self.health.note = Some(Printable::clean(&format!("it asked to be left alone until {day}{capped}")));
        }
        if error.is_some_and(FetchError::is_gone) {
            (self.memory.not_before, self.health.next_due) = (Some(NEVER), Some(NEVER));
        }
    }

    /// When it is to be asked after its last failure, where that has not come yet: somebody asks by hand meanwhile. However often they
    /// do, that is no failure more, nor a reason to ask sooner or later.
    fn planned(&self) -> Option<Timestamp> {
        let next = self.health.next_check().filter(|next| *next > self.now);
        next.filter(|_| self.health.failures > 0)
    }

    /// Ends with what became of a reply.
    pub fn end(&mut self, reply: &Reply, outcome: Outcome) {
        if let Outcome::Unreadable { why } = outcome {
            let from = reply.from.as_ref().map_or_else(String::new, |from| format!(" (it came from {from})"));
            self.failed(&format!("{why}{from}"), None);
            self.health.http_status = reply.status;
            return;
        }
        if matches!(outcome, Outcome::Taken(_)) {
            self.health.changed = Some(self.now);
        }
        // Validators are those of the reply that came last, whatever became of it, save of one that has to come once more.
        let validators = match outcome {
            Outcome::WentBack { .. } => (None, None),
            _ => (reply.etag.clone(), reply.last_modified.clone()),
        };
        self.settle(outcome);
        (self.memory.etag, self.memory.last_modified) = validators;
        self.memory.asked_of = self.plan.address.clone();
        // Only what could be read is a new address: a log-in page has none to give.
        self.memory.moved_to = address(reply.moved_to.as_ref());
        self.memory.found = address(reply.from.as_ref()).filter(|_| matches!(self.plan.place, Place::Discover(_)));
        self.answered(reply.status, reply.fresh_until);
        self.remark();
        if self.health.note.is_none()
            && let Some(from) = reply.from.as_ref().filter(|_| !matches!(self.plan.place, Place::Discover(_)))
        {
            self.health.note = Some(Printable::clean(&format!("redirected: its data come from {from}")));
        }
    }

    /// Says what a person should know of a feed that answers well.
    fn remark(&mut self) {
        let longest = match self.plan.feed.kind {
            FeedKind::News => SignedDuration::from_hours(24 * 30),
            FeedKind::Statistics => SignedDuration::from_hours(24 * 400),
        };
        let moved = self.memory.moved_to.as_deref().and_then(|text| text.parse().ok()).map(Place::Http);
        let still = self.health.changed.filter(|at| self.now.duration_since(*at) > longest);
        let text = match (moved, still) {
            (Some(place), _) => {
                format!("it has moved for good to {place}, where it is asked now; write that as its `url`")
            }
            (None, Some(at)) => {
                let day = words::day_and_year(at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
                format!(
                    "it answers, and has brought nothing new since {day}; look whether the publisher goes on elsewhere"
                )
            }
            (None, None) => return,
        };
        self.health.note = Some(Printable::clean(&text));
    }

    /// What became of a body that was kept: nothing is known of the server's, so it is asked without validators.
    pub fn end_kept(&mut self, fetched: Timestamp, held: bool, outcome: Outcome) {
        // A person waits to see whether the mapping is right now.
        if self.health.failures > 0 || matches!(outcome, Outcome::Unreadable { .. }) {
            self.health.next_due = Some(self.now);
        }
        if let Outcome::Unreadable { why } = outcome {
            let day = words::day_and_year(fetched.to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
            let text = format!("the reply of {day}, read with the mapping as it is now: {why}; the old figures stay");
            self.health.degraded = Some(Printable::clean(&text));
            return;
        }
        self.settle(outcome);
        (self.memory.etag, self.memory.last_modified) = (None, None);
        self.body = match std::mem::take(&mut self.body) {
            // It is there already.
            Body::Held(Some(_)) if held => Body::AsIs,
            Body::Held(Some(_)) | Body::Good(_) if !held => Body::Held(None),
            other => other,
        };
    }

    fn settle(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Same | Outcome::StillHeld | Outcome::Unreadable { .. } => {}
            Outcome::WentBack { hash } => {
                self.memory.went_back_to = Some(hash);
                self.hold(None, Body::Held(None));
                self.say(
                    "the feed went back to an older reply, as a cache that lags does, so it was not taken yet; nobody need do anything: it \
                     is taken if the next poll brings it again",
                );
            }
            Outcome::Void { hash } => {
                self.plan.adopt(&mut self.memory, self.marks);
                self.memory.went_back_to = None;
                self.hold(Some(hash), Body::Held(None));
                // Its last day was misread with the rest.
                self.health.data_until = None;
                self.say(&format!(
                    "what this mapping makes of the reply was voided, so it is not taken again; mend the mapping \
                     (`watchfloor feed try {id}` shows what it reads), or, if it reads it rightly now, `watchfloor feed accept {id}`",
                    id = self.plan.feed.id
                ));
            }
            Outcome::Held { hash, kept, why } => {
                self.plan.adopt(&mut self.memory, self.marks);
                self.memory.went_back_to = None;
                self.hold(Some(hash), Body::Held(kept));
                self.say(&why);
            }
            Outcome::Taken(taken) => {
                self.plan.adopt(&mut self.memory, self.marks);
                let Taken { haul, kept, figures, degraded, data_until, rhythm } = *taken;
                (self.memory.ttl, self.memory.skip_hours) = (rhythm.ttl, rhythm.skip_hours);
                self.memory.reply_hash = Some(haul.reply_hash.clone());
                self.memory.went_back_to = None;
                self.memory.figures = (figures > 0).then_some(figures);
                self.hold(None, Body::Good(kept));
                self.health.degraded = degraded;
                self.health.data_until = data_until.or(self.health.data_until);
                self.haul = Some(haul);
            }
        }
    }

    fn hold(&mut self, hash: Option<String>, body: Body) {
        self.memory.held = hash;
        self.body = body;
    }

    fn say(&mut self, text: &str) {
        self.health.degraded = Some(Printable::clean(text));
    }

    fn due(&mut self, outcome: schedule::Outcome, wishes: Wishes) {
        let count = u64::try_from(self.now.as_second()).unwrap_or_default();
        // A scenario's feeds are asked at its steps: a spread would only make them late.
        let recorded = self.plan.place == Place::Recorded;
        let outcome = if recorded && outcome == schedule::Outcome::First { schedule::Outcome::Good } else { outcome };
        let seed = if recorded { 0 } else { seed(self.plan.feed.id.as_str(), count) };
        self.health.next_due = Some(next_due(self.now, self.plan.feed.every, outcome, wishes, seed));
    }

    /// What is to be committed.
    pub fn into_check(mut self) -> Check {
        if self.health.since.is_none() || self.health.standing() != self.stood {
            self.health.since = Some(self.now);
        }
        Check { health: self.health, memory: self.memory, haul: self.haul, body: self.body }
    }
}

/// An address in full, for asking it again.
fn address(place: Option<&Place>) -> Option<String> {
    match place {
        Some(Place::Http(url)) => Some(url.to_string()),
        _ => None,
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// What was odd about a good reply: as a whole, then the first row that could not be read.
fn degraded(decoded: &Decoded, note: Option<String>) -> Option<Printable> {
    let more = match decoded.warning_count.saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {} more; `watchfloor feed try` lists them)", words::count(more as f64)),
    };
    let row = decoded.warnings.first().map(|first| format!("{}: {}{more}", first.place, first.what));
    let said: Vec<String> = [note, row].into_iter().flatten().collect();
    (!said.is_empty()).then(|| Printable::clean(&said.join("; ")))
}

/// The last day that complete observations speak of.
fn data_until(observations: &[Observation]) -> Option<Date> {
    let complete = observations.iter().filter(|observation| observation.status.is_complete());
    complete.map(|observation| observation.period.end().saturating_sub(1.day())).max()
}

/// What to assume as the instant at which an old figure became known where nothing states it: the end of its period plus the expected
/// lag; never later than the fetch.
fn assumed(period: Period, spec: &SeriesSpec, fetched: Timestamp) -> Timestamp {
    let usual = SignedDuration::from_hours(24 * period.cadence().usual_lag_days());
    let end = period.end_instant(&spec.zone);
    end.saturating_add(spec.lag.unwrap_or(usual)).unwrap_or(Timestamp::MAX).min(fetched)
}
