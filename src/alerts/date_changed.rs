//! Kind `date-changed` (surge.md R15): a new entry in a policy date's ledger. A court order is news that no
//! figure shows.

use super::clock_kinds::{ClockKind, Spell};
use super::options::{RuleError, RuleOptions};
use super::{Kind, Selector, What};
use crate::domain::alert::{Severity, Subject};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyDate, PolicyStatus};
use crate::domain::situation::{Catalog, Facts};
use crate::domain::text::Printable;
use crate::domain::time::days_between;
use crate::domain::words;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "date-changed",
    sentence: "a policy date is set, moved, held, resumed, withdrawn or reached; shown for a week",
    parameters: &[],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(_: &RuleOptions) -> Result<What, RuleError> {
    Ok(What::Clock(Arc::new(DateChanged)))
}

/// How long a change is shown as an alert.
const SHOWN: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Debug)]
struct DateChanged;

impl ClockKind for DateChanged {
    fn text(&self) -> String {
        "any change of a policy date, shown for a week".to_owned()
    }

    fn subjects(&self, selector: &Selector, catalog: &Catalog, _: &Facts) -> Vec<Subject> {
        subjects(selector, catalog)
    }

    fn spell(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Spell {
        let Some((entries, at)) = newest(subject, facts) else {
            return Spell::Off { reason: "no change since it was first loaded".into() };
        };
        let entry = &entries[at];
        if entry.recorded > now || now.duration_since(entry.recorded) >= SHOWN {
            return Spell::Off { reason: Printable::clean(&format!("last changed {}", words::day_of(entry.known))) };
        }
        let before = at.checked_sub(1).map(|at| &entries[at]);
        let Subject::Policy(id) = subject else { return Spell::Off { reason: Printable::default() } };
        let name = catalog.policy_date(id).map_or(id.as_str(), |date| date.name.as_str());
        let reason = Printable::clean(&format!("{name}: {}", sentence(before, entry)));
        Spell::On { since: entry.recorded, severity: None, reason }
    }

    fn next_change(&self, subject: &Subject, _: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
        let (entries, at) = newest(subject, facts)?;
        entries[at].recorded.saturating_add(SHOWN).ok().filter(|end| *end > now)
    }

    /// That a week has gone by is no news.
    fn tells_end(&self) -> bool {
        false
    }
}

/// The policy dates that bear on a rule's route; all of them where it names none.
pub fn subjects(selector: &Selector, catalog: &Catalog) -> Vec<Subject> {
    let bears = |date: &&PolicyDate| selector.route.as_ref().is_none_or(|route| date.routes.contains(route));
    catalog.policy_dates.iter().filter(bears).map(|date| Subject::Policy(date.id.clone())).collect()
}

/// The entries of a ledger and the place of the newest that is news.
fn newest<'a>(subject: &Subject, facts: &'a Facts) -> Option<(&'a [LedgerEntry], usize)> {
    let Subject::Policy(id) = subject else { return None };
    let entries = facts.ledgers.get(id)?.entries();
    let news = entries.iter().enumerate().filter(|(_, entry)| !entry.first_load);
    let at = news.max_by_key(|(_, entry)| (entry.recorded, entry.known)).map(|(at, _)| at)?;
    Some((entries, at))
}

/// What changed, in words: old and new date, authority, reason.
fn sentence(before: Option<&LedgerEntry>, entry: &LedgerEntry) -> String {
    let by = entry.authority.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
    let why = entry.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let due = entry.due.map(due_words);
    let old = before.and_then(|before| before.due);
    let what = match (entry.status, due, old) {
        (PolicyStatus::Held, _, Some(old)) => {
            let left = days_between(jiff::tz::TimeZone::UTC.to_datetime(entry.known).date(), old.date());
            let before_zero = if left > 0 { format!(", {left} days before {}", due_words(old)) } else { String::new() };
            return format!("held{by}{why}{before_zero}");
        }
        (PolicyStatus::Scheduled, Some(due), Some(old))
            if before.is_some_and(|b| b.status == PolicyStatus::Scheduled) =>
        {
            let moved = days_between(old.date(), entry.due.map_or(old.date(), Due::date));
            let how = if moved >= 0 { format!("{moved} days later") } else { format!("{} days earlier", -moved) };
            format!("moved from {} to {due}, {how}", due_words(old))
        }
        (PolicyStatus::Scheduled, Some(due), _) if before.is_some_and(|b| b.status == PolicyStatus::Held) => {
            format!("no longer held: set for {due}")
        }
        (PolicyStatus::Scheduled | PolicyStatus::Proposed, Some(due), _) => {
            let word = if entry.status == PolicyStatus::Proposed { "proposed" } else { "set" };
            format!("{word} for {due}")
        }
        (status, _, _) => status.word().to_owned(),
    };
    format!("{what}{by}{why}")
}

fn due_words(due: Due) -> String {
    match due {
        Due::Day(date) => words::day_and_year(date),
        Due::Minute(at) => format!("{} {:02}:{:02}", words::day_and_year(at.date()), at.hour(), at.minute()),
    }
}
