//! The story of one poll: ask with validators, read what came, and say how the feed stands. Nothing
//! is written here; the caller commits what polls gave, several in one transaction.

use crate::clock::Clock;
use crate::domain::feed::{Feed, FeedHealth, FeedKind, FeedMemory};
use crate::domain::observation::{Known, KnownHow, Observation};
use crate::domain::schedule::{Outcome, next_due, seed};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::feeds::{Decoded, Reader, Source};
use crate::fetch::{Answer, FetchError, Fetcher, Place, Reply, Request};
use crate::store::{Arrival, Check, Haul};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// Everything that a feed's polls need.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The feed as everyone knows it.
    pub feed: Feed,
    /// Where it is.
    pub place: Place,
    /// How its replies are read.
    pub reader: Arc<Reader>,
    /// The most bytes of a body.
    pub body_cap: u64,
    mapping_hash: String,
    belongs_to: Arc<str>,
}

impl Plan {
    /// A plan; computes to what validators belong: address and mapping, and the program's version, so that a mended
    /// mapping and a mended decoder are both seen at once.
    pub fn new(feed: Feed, place: Place, reader: Reader, body_cap: u64) -> Self {
        let address = match &place {
            Place::Http(url) => url.to_string(),
            Place::File(path) => path.display().to_string(),
            Place::Recorded => String::new(),
        };
        let mapping_hash = sha256(reader.meaning().as_bytes());
        let version = env!("CARGO_PKG_VERSION");
        let belongs_to = sha256(format!("{version}\n{address}\n{mapping_hash}").as_bytes()).into();
        Self { feed, place, reader: Arc::new(reader), body_cap, mapping_hash, belongs_to }
    }

    /// Whether what is remembered was read from this address with this mapping.
    pub fn reads(&self, memory: &FeedMemory) -> bool {
        memory.belongs_to == self.belongs_to
    }
}

/// How a feed stood before the poll.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its health.
    pub health: FeedHealth,
    /// What is remembered of the last fetch.
    pub memory: FeedMemory,
}

/// One poll. `had_before` says whether an older reply with a hash was taken once.
pub async fn poll_once<F>(
    plan: &Plan,
    before: &Before,
    catalog: &Catalog,
    fetcher: &Fetcher,
    clock: &dyn Clock,
    had_before: impl FnOnce(String) -> F,
) -> Check
where
    F: Future<Output = bool>,
{
    let now = clock.now();
    let ours = plan.reads(&before.memory);
    let request = Request {
        feed: &plan.feed.id,
        place: &plan.place,
        etag: before.memory.etag.as_deref().filter(|_| ours),
        last_modified: before.memory.last_modified.as_deref().filter(|_| ours),
        deadline: plan.feed.deadline,
        body_cap: plan.body_cap,
        now,
    };
    let started = clock.running();
    let answer = fetcher.fetch(&request).await;
    let mut after = After::new(plan, before, now, clock.running() - started);
    match answer {
        Err(error) => after.failed(&error.to_string(), Some(&error)),
        Ok(Answer::NotModified { status }) => after.good(status),
        Ok(Answer::Reply(reply)) => {
            let hash = sha256(&reply.bytes);
            if ours && before.memory.reply_hash.as_deref() == Some(&hash) {
                after.same(&reply);
            } else if before.memory.went_back_to.as_deref() != Some(&hash) && ours && had_before(hash.clone()).await {
                after.went_back(&reply, hash);
            } else {
                match decode(plan, reply.bytes.clone(), reply.content_type.clone(), now).await {
                    Ok(decoded) => after.took(&reply, hash, decoded, catalog),
                    Err(why) => after.unreadable(&reply, &why),
                }
            }
        }
    }
    after.into_check()
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Reads a body on a thread of its own: a large table takes longer than a task may.
async fn decode(plan: &Plan, bytes: Vec<u8>, content_type: Option<String>, now: Timestamp) -> Result<Decoded, String> {
    let plan = plan.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let base = match &plan.place {
            Place::Http(url) => Some(url.as_str()),
            Place::File(_) | Place::Recorded => None,
        };
        let source = Source {
            feed: &plan.feed.id,
            base,
            content_type: content_type.as_deref(),
            last_modified: None,
            name: None,
            now,
        };
        let decoded = plan.reader.decode(&bytes, &source).map_err(|error| error.to_string())?;
        let nothing = decoded.nothing_counts().filter(|_| plan.feed.kind == FeedKind::Statistics);
        nothing.map_or(Ok(decoded), |error| Err(error.to_string()))
    });
    match reading.await {
        Ok(decoded) => decoded,
        Err(_) => Err("reading it failed unexpectedly; the log says where; please report it".to_owned()),
    }
}

/// How the feed stands after the poll, as it is found out.
struct After<'a> {
    plan: &'a Plan,
    now: Timestamp,
    health: FeedHealth,
    memory: FeedMemory,
    haul: Option<Haul>,
}

impl<'a> After<'a> {
    fn new(plan: &'a Plan, before: &Before, now: Timestamp, took: SignedDuration) -> Self {
        let latency_ms = u32::try_from(took.as_millis()).ok();
        let health = FeedHealth { checked: Some(now), latency_ms, http_status: None, ..before.health.clone() };
        Self { plan, now, health, memory: before.memory.clone(), haul: None }
    }

    fn good(&mut self, status: Option<u16>) {
        self.health.success = Some(self.now);
        self.health.failures = 0;
        self.health.error = None;
        self.health.http_status = status;
        self.due(Outcome::Good, None);
    }

    fn failed(&mut self, why: &str, error: Option<&FetchError>) {
        self.health.failures = self.health.failures.saturating_add(1);
        self.health.error = Some(Printable::clean(why));
        self.health.http_status = error.and_then(FetchError::status);
        let outcome = Outcome::Failed { failures: self.health.failures };
        self.due(outcome, error.and_then(FetchError::retry_at));
    }

    fn unreadable(&mut self, reply: &Reply, why: &str) {
        self.failed(why, None);
        self.health.http_status = reply.status;
    }

    fn same(&mut self, reply: &Reply) {
        self.good(reply.status);
        self.remember(reply);
        self.memory.went_back_to = None;
    }

    /// An older reply than the latest: a cache that lags, perhaps. It is taken when the next poll repeats it.
    fn went_back(&mut self, reply: &Reply, hash: String) {
        self.good(reply.status);
        self.memory = FeedMemory { etag: None, last_modified: None, went_back_to: Some(hash), ..self.memory.clone() };
        self.health.degraded =
            Some("the feed went back to an older reply; it is taken if the next poll repeats it".into());
    }

    fn took(&mut self, reply: &Reply, hash: String, decoded: Decoded, catalog: &Catalog) {
        self.good(reply.status);
        self.remember(reply);
        self.memory.belongs_to = self.plan.belongs_to.clone();
        self.memory.reply_hash = Some(hash.clone());
        self.memory.went_back_to = None;
        self.health.changed = Some(self.now);
        self.health.degraded = degraded(&decoded);
        self.health.data_until = data_until(&decoded.observations).or(self.health.data_until);
        let known = reply.stated.map_or(Known { at: self.now, how: KnownHow::Seen }, |at| Known {
            at: at.min(self.now),
            how: KnownHow::Stated,
        });
        let arrivals = decoded.observations.into_iter().map(|observation| {
            let assumed = assumed(&observation, catalog, known.at);
            Arrival { observation, assumed }
        });
        self.haul = Some(Haul {
            reply_hash: hash,
            mapping_hash: self.plan.mapping_hash.clone(),
            known,
            observations: arrivals.collect(),
            items: decoded.items,
        });
    }

    fn remember(&mut self, reply: &Reply) {
        self.memory.etag = reply.etag.clone();
        self.memory.last_modified = reply.last_modified.clone();
    }

    fn due(&mut self, outcome: Outcome, retry_at: Option<Timestamp>) {
        let count = u64::try_from(self.now.as_second()).unwrap_or_default();
        // A scenario's feeds are asked at its steps: a spread would only make them late.
        let seed = if self.plan.place == Place::Recorded { 0 } else { seed(self.plan.feed.id.as_str(), count) };
        self.health.next_due = Some(next_due(self.now, self.plan.feed.every, outcome, retry_at, seed));
    }

    fn into_check(self) -> Check {
        Check { health: self.health, memory: self.memory, haul: self.haul }
    }
}

fn degraded(decoded: &Decoded) -> Option<Printable> {
    let first = decoded.warnings.first()?;
    let more = match decoded.warnings.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more; `watchfloor feed try` lists them)"),
    };
    Some(Printable::clean(&format!("{}: {}{more}", first.place, first.what)))
}

/// The last day that complete observations speak of.
fn data_until(observations: &[Observation]) -> Option<Date> {
    let complete = observations.iter().filter(|observation| observation.status.is_complete());
    complete.map(|observation| observation.period.end().saturating_sub(1.day())).max()
}

/// What to assume as the instant at which an old figure became known: its publication where the document says it, else the end of its
/// period plus the expected lag; never later than the fetch.
fn assumed(observation: &Observation, catalog: &Catalog, fetched: Timestamp) -> Timestamp {
    if let Some(published) = observation.published {
        return published.min(fetched);
    }
    let spec = catalog.series(&observation.series);
    let usual = SignedDuration::from_hours(24 * observation.period.cadence().usual_lag_days());
    let end = observation.period.end_instant(&spec.zone);
    end.saturating_add(spec.lag.unwrap_or(usual)).unwrap_or(Timestamp::MAX).min(fetched)
}
