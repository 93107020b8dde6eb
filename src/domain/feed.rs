//! Feeds: what a configured source is, and how its health degrades when nobody answers.

use super::route::name_type;
use super::text::Printable;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::Arc;

name_type! {
    /// A feed's id, as the configuration names it.
    FeedId
}

/// What a feed brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Observations.
    Statistics,
    /// Headlines.
    News,
}

impl FeedKind {
    /// The word of configuration and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Statistics => "statistics",
            Self::News => "news",
        }
    }
}

/// What everyone may know of a configured feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Its name on screens.
    pub name: Printable,
    /// Statistics or news.
    pub kind: FeedKind,
    /// Where it is, without anything secret.
    pub place: Printable,
    /// How often it is asked.
    pub every: SignedDuration,
    /// How long a fetch may take.
    pub deadline: SignedDuration,
}

/// What the last checks of a feed gave; one row a feed, replaced at each check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedHealth {
    /// Which feed.
    pub feed: FeedId,
    /// When it was last asked.
    pub checked: Option<Timestamp>,
    /// When it last gave a good answer (new, the same, or "not modified").
    pub success: Option<Timestamp>,
    /// When it last brought something new.
    pub changed: Option<Timestamp>,
    /// Failures since the last good answer. One that came before it was due again, because somebody asked by hand, is not counted: the
    /// source had no time to mend, and the alert of a failing feed is about time.
    pub failures: u32,
    /// What went wrong at the last check.
    pub error: Option<Printable>,
    /// What was wrong with the last good answer: rows that could not be read, a feed that had to be mended.
    pub degraded: Option<Printable>,
    /// What a person should know of it, though nothing is wrong: where it has moved, until when it asked to be left alone.
    pub note: Option<Printable>,
    /// The HTTP status of the last answer.
    pub http_status: Option<u16>,
    /// How long the last answer took, in milliseconds.
    pub latency_ms: Option<u32>,
    /// The last day that its data speak of.
    pub data_until: Option<Date>,
    /// When it is next due.
    pub next_due: Option<Timestamp>,
    /// Since when it has been as it is: answering well, answering with something wrong in it, or failing. Of its first failure, not of the
    /// last; `None` where it was last asked by a program that did not note it.
    pub since: Option<Timestamp>,
}

impl FeedHealth {
    /// When it is asked next; `None` where that is never, or not planned yet.
    pub fn next_check(&self) -> Option<Timestamp> {
        self.next_due.filter(|due| *due < NEVER)
    }

    /// Whether it fails, and whether something is wrong with what it gave last.
    pub const fn standing(&self) -> (bool, bool) {
        (self.failures > 0, self.degraded.is_some())
    }

    /// A feed that was never asked.
    pub const fn unasked(feed: FeedId) -> Self {
        Self {
            feed,
            checked: None,
            success: None,
            changed: None,
            failures: 0,
            error: None,
            degraded: None,
            note: None,
            http_status: None,
            latency_ms: None,
            data_until: None,
            next_due: None,
            since: None,
        }
    }
}

/// When a feed is next due that is gone for good: far from any time that anybody means, and the same after it was stored.
pub const NEVER: Timestamp = Timestamp::constant(253_402_000_000, 0);

/// However long a source wants to be left alone, no proof of it lasts longer than this on that account.
const LONGEST_PROOF: SignedDuration = SignedDuration::from_hours(12);

/// What a person is told of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedState {
    /// The last good check is young enough.
    Fresh,
    /// As fresh, but something in it could not be read.
    Degraded,
    /// Never asked yet.
    Waiting,
    /// The last good check is too old, though nothing failed.
    Stale,
    /// The last checks failed.
    Failing,
}

impl FeedState {
    /// The word of screens and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Degraded => "degraded",
            Self::Waiting => "waiting",
            Self::Stale => "stale",
            Self::Failing => "failing",
        }
    }

    /// Whether calm may rest on it (design section 2, promise 2).
    /// A degraded feed answers, but what it could not read might be the news.
    pub const fn is_proof(self) -> bool {
        matches!(self, Self::Fresh)
    }
}

impl fmt::Display for FeedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Feed {
    /// A good check younger than this proves that the feed is fresh: twice the interval plus the deadline. Where the source itself
    /// said that it wants to be left alone for longer, half as long again as that.
    pub fn proof_lasts(&self, health: &FeedHealth) -> SignedDuration {
        let wait = match (health.success, health.next_due) {
            (Some(success), Some(due)) if health.failures == 0 => due.duration_since(success),
            _ => SignedDuration::ZERO,
        };
        let asked_for = wait.saturating_add(wait / 2).min(LONGEST_PROOF);
        self.every.saturating_mul(2).max(asked_for).saturating_add(self.deadline)
    }

    /// What a person is told of this feed at `now`.
    pub fn state(&self, health: Option<&FeedHealth>, now: Timestamp) -> FeedState {
        let Some(health) = health.filter(|health| health.checked.is_some()) else {
            return FeedState::Waiting;
        };
        let young = health.success.is_some_and(|at| now.duration_since(at) < self.proof_lasts(health));
        match (young, health.failures > 0, &health.degraded) {
            (true, false, None) => FeedState::Fresh,
            (true, false, Some(_)) => FeedState::Degraded,
            (true, true, _) if health.failures < 2 => FeedState::Fresh,
            (_, true, _) => FeedState::Failing,
            (false, false, _) => FeedState::Stale,
        }
    }

    /// When [`Feed::state`] turns from proof to none with no further check.
    pub fn turns_stale(&self, health: &FeedHealth) -> Option<Timestamp> {
        health.success.map(|at| at.saturating_add(self.proof_lasts(health)).unwrap_or(Timestamp::MAX))
    }
}

/// What must be remembered between two fetches of a feed; kept beside its health, shown to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeedMemory {
    /// The address, headers and mapping to which the validators belong, as one hash.
    pub belongs_to: Arc<str>,
    /// `ETag` of the last reply that was read.
    pub etag: Option<String>,
    /// `Last-Modified` of the last reply that was read.
    pub last_modified: Option<String>,
    /// Hash of the last reply that was taken.
    pub reply_hash: Option<String>,
    /// Hash of a reply that equals an older one than the last: taken when the next poll repeats it.
    pub went_back_to: Option<String>,
    /// How many figures the last reply gave that was taken: a table that shrinks to a tenth is not believed.
    pub figures: Option<u64>,
    /// Hash of a reply that is not taken until a person accepts it.
    pub held: Option<String>,
    /// Hash of the address that was asked last: a feed that never answered is asked at once only where its address is another one.
    pub asked_of: Arc<str>,
    /// Before when the source does not want to be asked, whoever wants it; the end of time where it is gone for good.
    pub not_before: Option<Timestamp>,
    /// Where it has moved for good.
    pub moved_to: Option<String>,
    /// Of a feed that is found by way of a page: the address that was found last.
    pub found: Option<String>,
    /// How seldom the document itself wants to be asked, in seconds.
    pub ttl: Option<u32>,
    /// The hours of the day (UTC, a bit each) in which the document says that it does not change.
    pub skip_hours: u32,
    /// How many batches of the feed were void when this was remembered: another voided since, and the reply is read again.
    pub voids: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_lasts_twice_the_interval_plus_the_deadline() {
        let feed = Feed {
            id: FeedId::new("f"),
            name: "F".into(),
            kind: FeedKind::News,
            place: "https://example.org".into(),
            every: SignedDuration::from_mins(5),
            deadline: SignedDuration::from_secs(30),
        };
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(feed.state(None, at(0)), FeedState::Waiting);
        let mut health =
            FeedHealth { checked: Some(at(0)), success: Some(at(0)), ..FeedHealth::unasked(feed.id.clone()) };
        assert_eq!(feed.state(Some(&health), at(629)), FeedState::Fresh);
        assert_eq!(feed.state(Some(&health), at(630)), FeedState::Stale);
        assert_eq!(feed.turns_stale(&health), Some(at(630)));
        health.next_due = Some(at(1_000));
        assert_eq!(feed.turns_stale(&health), Some(at(1_530)), "it asked to be left alone");
        health.next_due = Timestamp::MAX.into();
        assert_eq!(feed.turns_stale(&health), Some(at(12 * 3_600 + 30)), "but not for ever");
        health.failures = 1;
        assert_eq!(feed.state(Some(&health), at(10)), FeedState::Fresh, "one failure inside the proof is no news");
        health.failures = 2;
        assert_eq!(feed.state(Some(&health), at(10)), FeedState::Failing);
    }
}
