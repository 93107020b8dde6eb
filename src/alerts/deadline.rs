//! Kind `deadline` (surge.md R14): a policy date comes near, or has come. The countdown is why people look; a date that is held
//! or withdrawn has none.

use super::clock_kinds::{ClockKind, Spell};
use super::options::{RuleError, RuleOptions};
use super::{Kind, Selector, What, date_changed};
use crate::domain::alert::{Severity, Subject};
use crate::domain::policy_date::{Due, Ledger, PolicyDate, PolicyStatus};
use crate::domain::situation::{Catalog, Facts};
use crate::domain::text::Printable;
use crate::domain::time::{days_between, start_of_day};
use crate::domain::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "deadline",
    sentence: "a policy date is 30 days, 7 days, 24 hours away (`before`), as information, or has come",
    parameters: &["before"],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let given = options.before.clone().unwrap_or_else(|| ["30d", "7d", "24h"].map(str::to_owned).to_vec());
    let mut before = given.iter().map(|text| how_long(text)).collect::<Result<Vec<_>, _>>()?;
    before.sort_unstable();
    before.dedup();
    Ok(What::Clock(Arc::new(Deadline { before })))
}

fn how_long(text: &str) -> Result<SignedDuration, RuleError> {
    let hours = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "d")) => number.parse::<u16>().ok().map(|days| i64::from(days) * 24),
        Some((number, "h")) => number.parse::<u16>().ok().map(i64::from),
        _ => None,
    };
    let wrong =
        || RuleError::new("before", format!("\"{text}\" is no length of time"), "write days or hours: \"7d\", \"24h\"");
    hours.filter(|hours| *hours > 0).map(SignedDuration::from_hours).ok_or_else(wrong)
}

/// How long a milestone is shown where no other comes: so long may a program be away and still tell it.
const SHOWN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Below this hours are counted, above it days.
const HOURS: SignedDuration = SignedDuration::from_hours(48);

#[derive(Debug)]
struct Deadline {
    /// How long before zero it is told, shortest first.
    before: Vec<SignedDuration>,
}

/// A date that is set, with the milestone that was passed last.
struct Near<'a> {
    date: &'a PolicyDate,
    due: Due,
    zero: Timestamp,
    /// When the date was set.
    set: Timestamp,
    /// The milestone that was passed last, and the next one.
    last: Option<Timestamp>,
    next: Option<Timestamp>,
}

impl ClockKind for Deadline {
    fn text(&self) -> String {
        let before: Vec<String> = self.before.iter().rev().map(|before| words::age(*before)).collect();
        format!("{} before a policy date, and when it has come", before.join(", "))
    }

    fn subjects(&self, selector: &Selector, catalog: &Catalog, _: &Facts) -> Vec<Subject> {
        date_changed::subjects(selector, catalog)
    }

    fn spell(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Spell {
        let Some(near) = self.near(subject, catalog, facts, now) else {
            return Spell::Off { reason: "no date is set".into() };
        };
        let due = due_words(near.due, &near.date.zone);
        let Some((since, _)) = near.shown(now) else {
            let reason = if now < near.zero { format!("due {due}") } else { format!("was due {due}") };
            return Spell::Off { reason: Printable::clean(&reason) };
        };
        let has_come = now >= near.zero;
        let reason = if has_come { format!("was due {due}; not confirmed") } else { near.left(now) };
        let reason = Printable::clean(&format!("{}: {reason}", near.date.name));
        Spell::On { since, severity: (!has_come).then_some(Severity::Info), reason }
    }

    fn next_change(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
        let Subject::Policy(id) = subject else { return None };
        let changed = facts.ledgers.get(id)?.entries().iter().map(|entry| entry.known).find(|known| *known > now);
        let near = self.near(subject, catalog, facts, now);
        let shown = near.as_ref().and_then(|near| near.shown(now));
        let words = shown.and_then(|_| near.as_ref()?.words_change(now));
        let next = near.and_then(|near| near.next);
        [changed, next, shown.map(|(_, until)| until), words].into_iter().flatten().filter(|at| *at > now).min()
    }

    /// That the next milestone takes the place of the last is no news.
    fn tells_end(&self) -> bool {
        false
    }
}

impl Deadline {
    fn near<'a>(&self, subject: &Subject, catalog: &'a Catalog, facts: &Facts, now: Timestamp) -> Option<Near<'a>> {
        let Subject::Policy(id) = subject else { return None };
        let (date, ledger) = (catalog.policy_date(id)?, facts.ledgers.get(id)?);
        let (due, set) = set(ledger, now)?;
        let zero = due.instant(&date.zone);
        let mut at: Vec<Timestamp> =
            self.before.iter().rev().filter_map(|before| zero.checked_sub(*before).ok()).collect();
        at.push(zero);
        let passed = at.partition_point(|at| *at <= now);
        let last = passed.checked_sub(1).map(|last| at[last]);
        Some(Near { date, due, zero, set, last, next: at.get(passed).copied() })
    }
}

/// The date that is set at an instant, and since when it has been: nobody is told of milestones that were past by then, but for the
/// last of them.
fn set(ledger: &Ledger, now: Timestamp) -> Option<(Due, Timestamp)> {
    let known = ledger.known_at(now);
    let newest = known.last().filter(|entry| entry.status == PolicyStatus::Scheduled)?;
    let due = newest.due?;
    let same = known.iter().rev().take_while(|entry| entry.status == PolicyStatus::Scheduled && entry.due == Some(due));
    let first = same.last().unwrap_or(newest);
    // What was there at the first load was known before this program learned of it.
    Some((due, if first.first_load { first.known } else { first.recorded }))
}

impl Near<'_> {
    /// Since when the last milestone is shown, and until when; `None` where it is not.
    fn shown(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let since = self.last?.max(self.set);
        let until = since.saturating_add(SHOWN).unwrap_or(Timestamp::MAX);
        let until = self.next.map_or(until, |next| next.min(until));
        (since <= now && now < until).then_some((since, until))
    }

    /// `due in 3 days, on 23 May 2022`; `due in 23 h, from 00:00 New York on 23 May 2022`
    fn left(&self, now: Timestamp) -> String {
        let left = now.duration_until(self.zero);
        let due = due_words(self.due, &self.date.zone);
        if left > HOURS {
            let today = now.to_zoned_datetime(self.date.zone.clone()).date();
            return format!("due in {} days, {due}", days_between(today, self.due.date()));
        }
        match left.as_hours() {
            0 => format!("due in less than an hour, {due}"),
            hours => format!("due in {hours} h, {due}"),
        }
    }

    /// When `left` would say something else: at the next midnight, and in the last two days at the next full hour before zero.
    fn words_change(&self, now: Timestamp) -> Option<Timestamp> {
        let left = now.duration_until(self.zero);
        if left <= SignedDuration::ZERO {
            return None;
        }
        if left > HOURS {
            let today = now.to_zoned_datetime(self.date.zone.clone()).date();
            let midnight = start_of_day(today.checked_add(1.day()).ok()?, &self.date.zone);
            return Some(midnight.min(self.zero.checked_sub(HOURS).ok()?));
        }
        let hours = (left - SignedDuration::from_nanos(1)).as_hours();
        self.zero.checked_sub(SignedDuration::from_hours(hours)).ok()
    }
}

/// `from 00:00 New York on 23 May 2022` of a day, `at 23:59 New York on 11 May 2023` of a minute.
fn due_words(due: Due, zone: &TimeZone) -> String {
    let place = zone.iana_name().unwrap_or("UTC");
    let place = place.rsplit('/').next().unwrap_or(place).replace('_', " ");
    let day = words::day_and_year(due.date());
    match due {
        Due::Day(_) => format!("from 00:00 {place} on {day}"),
        Due::Minute(at) => format!("at {:02}:{:02} {place} on {day}", at.hour(), at.minute()),
    }
}
