//! Policy dates: a status, a date that may be absent, and the ledger of how both came to be. The
//! arithmetic is on civil dates in a named zone; a clock that a court holds has no zero.

use super::route::{RouteId, name_type};
use super::text::Printable;
use super::time::start_of_day;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::str::FromStr;

name_type! {
    /// A policy date's id, such as `title-42-lift`.
    PolicyId
}

/// Where a policy date stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyStatus {
    /// Spoken of; nothing decided.
    Proposed,
    /// Decided, with a date.
    Scheduled,
    /// Stopped by a court or an authority; whatever date there was does not count.
    Held,
    /// Taken back.
    Withdrawn,
    /// It has happened, and somebody confirmed it.
    Reached,
}

impl PolicyStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Proposed, Self::Scheduled, Self::Held, Self::Withdrawn, Self::Reached];

    /// The word of configuration, JSON and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Scheduled => "scheduled",
            Self::Held => "held",
            Self::Withdrawn => "withdrawn",
            Self::Reached => "reached",
        }
    }

    /// The status of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// The date itself, to the day or to the minute, civil in the policy date's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// A day; it begins at midnight.
    Day(Date),
    /// A day with a time.
    Minute(DateTime),
}

/// Why a text is no date of a policy date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDue {
    /// It is an instant: the date is civil in the policy date's own zone.
    Instant,
    /// It is no date at all.
    NoDate,
}

impl FromStr for Due {
    type Err = NoDue;

    /// Reads `2022-05-23` or `2023-05-11T23:59`, without an offset.
    fn from_str(text: &str) -> Result<Self, NoDue> {
        if text.parse::<Timestamp>().is_ok() {
            return Err(NoDue::Instant);
        }
        let read = if text.contains(['T', 't', ' ']) {
            text.parse::<DateTime>().map(Self::Minute)
        } else {
            text.parse::<Date>().map(Self::Day)
        };
        read.map_err(|_| NoDue::NoDate)
    }
}

impl Due {
    /// The day.
    pub fn date(self) -> Date {
        match self {
            Self::Day(date) => date,
            Self::Minute(at) => at.date(),
        }
    }

    /// The instant of zero in a zone. A time that a clock change skips moves to after it.
    pub fn instant(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Day(date) => start_of_day(date, zone),
            Self::Minute(at) => at
                .to_zoned_datetime(zone.clone())
                .map_or_else(|_| start_of_day(at.date(), zone), |zoned| zoned.timestamp()),
        }
    }
}

/// One dated change of a policy date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When the world knew it, as stated.
    pub known: Timestamp,
    /// When this program learned of it; time travel uses `known`, notices use this.
    pub recorded: Timestamp,
    /// The status from then on.
    pub status: PolicyStatus,
    /// The date from then on; a held date may have none.
    pub due: Option<Due>,
    /// Why: enjoined, stayed, vacated …
    pub reason: Option<Printable>,
    /// Who decided it.
    pub authority: Option<Printable>,
    /// Where it says so.
    pub source: Option<Printable>,
    /// Whether it was there when the policy date was first loaded: old news, not told.
    pub first_load: bool,
}

impl LedgerEntry {
    /// Whether two entries are the same change of the world (learned perhaps at different times).
    pub fn is_same_change(&self, other: &Self) -> bool {
        (self.known, self.status, self.due) == (other.known, other.status, other.due)
            && self.reason == other.reason
            && self.authority == other.authority
    }

    /// Whether two entries say the same, whenever each became known.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (self.status, self.due) == (other.status, other.due)
            && self.reason == other.reason
            && self.authority == other.authority
            && self.source == other.source
    }
}

/// A policy event, as the configuration describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDate {
    /// Its id.
    pub id: PolicyId,
    /// The name on screens.
    pub name: Printable,
    /// The zone in which its date is civil.
    pub zone: TimeZone,
    /// The routes it bears on.
    pub routes: Vec<RouteId>,
}

/// The dated changes of a policy date, oldest first by `known`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

/// Where a policy date stands at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'a> {
    /// The entry in force.
    pub entry: &'a LedgerEntry,
    /// Since when its status has held without a break.
    pub since: Timestamp,
    /// The date that was in force before a hold, with its instant.
    pub before_hold: Option<(Due, Timestamp)>,
    /// What a clock shows.
    pub clock: Clock,
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time left until zero.
    Until(SignedDuration),
    /// Held for so long; no zero.
    Held(SignedDuration),
    /// Time since zero.
    Since {
        /// How long.
        ago: SignedDuration,
        /// Whether the ledger says `reached`.
        confirmed: bool,
    },
    /// No date: proposed without one, or withdrawn.
    Open,
}

impl Ledger {
    /// Takes an entry; the same change again is not taken.
    pub fn insert(&mut self, entry: LedgerEntry) -> bool {
        if self.entries.iter().any(|old| old.is_same_change(&entry)) {
            return false;
        }
        let at = self.entries.partition_point(|old| (old.known, old.recorded) <= (entry.known, entry.recorded));
        self.entries.insert(at, entry);
        true
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Entries known at `now`, oldest first.
    pub fn known_at(&self, now: Timestamp) -> &[LedgerEntry] {
        &self.entries[..self.entries.partition_point(|entry| entry.known <= now)]
    }

    /// Where the policy date stands at `now`; `None` before its first entry.
    pub fn standing(&self, zone: &TimeZone, now: Timestamp) -> Option<Standing<'_>> {
        let known = self.known_at(now);
        let entry = known.last()?;
        let since = known
            .iter()
            .rev()
            .take_while(|earlier| earlier.status == entry.status)
            .last()
            .map_or(entry.known, |first| first.known);
        let before_hold = (entry.status == PolicyStatus::Held)
            .then(|| known.iter().rev().find(|earlier| earlier.status != PolicyStatus::Held))
            .flatten()
            .and_then(|earlier| earlier.due)
            .map(|due| (due, due.instant(zone)));
        Some(Standing { entry, since, before_hold, clock: clock(entry, since, zone, now) })
    }
}

fn clock(entry: &LedgerEntry, since: Timestamp, zone: &TimeZone, now: Timestamp) -> Clock {
    let zero = entry.due.map(|due| due.instant(zone));
    match (entry.status, zero) {
        (PolicyStatus::Held, _) => Clock::Held(now.duration_since(since)),
        (PolicyStatus::Withdrawn, _) => Clock::Open,
        (PolicyStatus::Reached, zero) => {
            Clock::Since { ago: now.duration_since(zero.unwrap_or(entry.known).min(now)), confirmed: true }
        }
        (PolicyStatus::Proposed | PolicyStatus::Scheduled, Some(zero)) if now < zero => {
            Clock::Until(now.duration_until(zero))
        }
        (PolicyStatus::Scheduled, Some(zero)) => Clock::Since { ago: now.duration_since(zero), confirmed: false },
        (PolicyStatus::Proposed | PolicyStatus::Scheduled, _) => Clock::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(known: &str, status: PolicyStatus, due: Option<Due>) -> LedgerEntry {
        let known: Timestamp = known.parse().unwrap();
        LedgerEntry {
            known,
            recorded: known,
            status,
            due,
            reason: None,
            authority: None,
            source: None,
            first_load: false,
        }
    }

    fn title_42() -> (Ledger, TimeZone) {
        let day = |y, m, d| Some(Due::Day(Date::constant(y, m, d)));
        let mut ledger = Ledger::default();
        for entry in [
            entry("2022-05-20T21:30:00Z", PolicyStatus::Held, None),
            entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, day(2022, 5, 23)),
            entry("2022-11-15T20:00:00Z", PolicyStatus::Scheduled, day(2022, 12, 21)),
            entry("2022-12-19T22:00:00Z", PolicyStatus::Held, None),
            entry("2022-12-27T21:00:00Z", PolicyStatus::Held, None),
            entry(
                "2023-01-30T20:00:00Z",
                PolicyStatus::Scheduled,
                Some(Due::Minute(DateTime::constant(2023, 5, 11, 23, 59, 0, 0))),
            ),
            entry(
                "2023-05-12T05:00:00Z",
                PolicyStatus::Reached,
                Some(Due::Minute(DateTime::constant(2023, 5, 11, 23, 59, 0, 0))),
            ),
        ] {
            assert!(ledger.insert(entry.clone()));
            assert!(!ledger.insert(entry));
        }
        (ledger, TimeZone::get("America/New_York").unwrap())
    }

    #[test]
    fn title_42_from_its_announcement_to_its_end() {
        let (ledger, zone) = title_42();
        let at = |now: &str| ledger.standing(&zone, now.parse().unwrap());
        let hours = SignedDuration::from_hours;
        assert!(at("2022-03-31T00:00:00Z").is_none());
        // 23 May 2022 begins at 00:00 in New York, 04:00 UTC.
        assert_eq!(at("2022-05-20T04:00:00Z").unwrap().clock, Clock::Until(hours(72)));
        let held = at("2022-05-24T21:30:00Z").unwrap();
        assert_eq!(held.clock, Clock::Held(hours(96)));
        assert_eq!(held.before_hold.unwrap().0, Due::Day(Date::constant(2022, 5, 23)));
        assert_eq!(
            at("2022-12-28T22:00:00Z").unwrap().clock,
            Clock::Held(hours(9 * 24)),
            "the second stay does not restart it"
        );
        assert_eq!(at("2023-05-12T03:00:00Z").unwrap().clock, Clock::Until(SignedDuration::from_mins(59)));
        assert_eq!(at("2023-05-12T04:59:00Z").unwrap().clock, Clock::Since { ago: hours(1), confirmed: false });
        assert_eq!(at("2023-05-12T05:59:00Z").unwrap().clock, Clock::Since { ago: hours(2), confirmed: true });
    }
}
