//! `date`: what a person knows of a policy date before any configuration does. Facts in the store, so any process may write them, while
//! another collects or while none does; nobody edits a file during a court order.

use super::cli::{Cli, DateVerb, Said};
use super::commands::{open_store, store_to_read};
use super::parts::need_config;
use super::{Failure, print};
use crate::clock::{Clock, System};
use crate::config::places::Environment;
use crate::config::{Config, nearest};
use crate::domain::policy_date::{Clock as Countdown, Due, Ledger, LedgerEntry, NoDue, PolicyDate, PolicyStatus};
use crate::domain::text::Printable;
use crate::engine::ledgers::unwritten;
use crate::report;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, Want};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Prints a ledger, or writes to it.
pub fn date(cli: &Cli, verb: &DateVerb, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let now = System::new().now();
    let asked = match verb {
        DateVerb::List { id, json } => {
            let date = find(&config, id)?;
            let (ledger, _) = ledger(&config, &mut store_to_read(cli, &config, environment)?, date, now)?;
            let shown = if *json { report::ledger_json } else { report::ledger_text };
            return print(&shown(date, &ledger, now));
        }
        DateVerb::Set { id, date, said } => {
            Asked { due: Some(date), ..Asked::plain(id, PolicyStatus::Scheduled, said) }
        }
        DateVerb::Hold { id, said } => Asked::plain(id, PolicyStatus::Held, said),
        DateVerb::Withdraw { id, said } => Asked::plain(id, PolicyStatus::Withdrawn, said),
        DateVerb::Reached { id, said, force } => {
            Asked { force: *force, ..Asked::plain(id, PolicyStatus::Reached, said) }
        }
    };
    let date = find(&config, asked.id)?;
    let entry = asked.entry(date, now)?;
    let mut store = open_store(cli, &config, environment)?;
    let (ledger, unwritten) = ledger(&config, &mut store, date, now)?;
    let entry = checked(date, &ledger, entry, asked.force, now)?;
    let mut record = |entry| store.record(&date.id, entry).map_err(|error| Failure::unavailable(&error));
    // What the configuration says comes first: a date with a ledger is no first load any more, and old news would be told.
    for entry in &unwritten {
        record(entry)?;
    }
    if !record(&entry)? {
        return Err(Failure::Request(same(date, &ledger, &entry)));
    }
    print(&said(date, ledger, &entry, now))
}

/// What a person wants to be written.
struct Asked<'a> {
    id: &'a str,
    status: PolicyStatus,
    due: Option<&'a str>,
    said: &'a Said,
    force: bool,
}

impl<'a> Asked<'a> {
    const fn plain(id: &'a str, status: PolicyStatus, said: &'a Said) -> Self {
        Self { id, status, due: None, said, force: false }
    }

    /// The entry as it was asked for.
    fn entry(&self, date: &PolicyDate, now: Timestamp) -> Result<LedgerEntry, Failure> {
        let text = |text: &Option<String>| text.as_deref().map(Printable::clean).filter(|text| !text.is_empty());
        let source = Printable::clean(&self.said.source);
        if source.is_empty() {
            return Err(Failure::Request(
                "say where it says so: --source \"order of 20 May 2022, docket 37\"".to_owned(),
            ));
        }
        Ok(LedgerEntry {
            known: known(self.said.known.as_deref(), &date.zone, now)?,
            recorded: now,
            status: self.status,
            due: self.due.map(due).transpose()?,
            reason: text(&self.said.reason),
            authority: text(&self.said.authority),
            source: Some(source),
            first_load: false,
        })
    }
}

fn due(text: &str) -> Result<Due, Failure> {
    text.parse().map_err(|why| {
        let what = match why {
            NoDue::Instant => "an instant, where a date in the policy date's own zone belongs",
            NoDue::NoDate => "no date",
        };
        Failure::Request(format!(
            "\"{}\" is {what}; write it as 2022-05-23 or 2023-05-11T23:59",
            Printable::clean(text)
        ))
    })
}

/// When the world knew it: now unless it is said; a day begins in the policy date's zone. Seconds are enough, and read better.
fn known(text: Option<&str>, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Failure> {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let Some(text) = text else { return Ok(now) };
    let civil = || text.parse::<Due>().ok().map(|due| due.instant(zone));
    let known = text.parse().ok().or_else(civil).ok_or_else(|| {
        Failure::Request(format!(
            "--known \"{}\" is neither a day nor an instant; write it as 2022-05-20 or 2022-05-20T21:30:00Z",
            Printable::clean(text)
        ))
    })?;
    if known > now {
        return Err(Failure::Request(format!(
            "--known {} lies in the future: it says when the change became known, not when it takes effect",
            Printable::clean(text)
        )));
    }
    Ok(known)
}

fn find<'a>(config: &'a Config, id: &str) -> Result<&'a PolicyDate, Failure> {
    let dates = &config.catalog.policy_dates;
    dates.iter().find(|date| date.id.as_str() == id).ok_or_else(|| {
        let known: Vec<&str> = dates.iter().map(|date| date.id.as_str()).collect();
        let id = Printable::clean(id);
        let remedy = match (known.as_slice(), nearest(id.as_str(), known.iter().copied())) {
            ([], _) => "none is configured; add a [[policy_date]]".to_owned(),
            (_, Some(near)) => format!("did you mean \"{near}\"? There are {}", known.join(", ")),
            _ => format!("there are {}", known.join(", ")),
        };
        Failure::Request(format!("there is no policy date \"{id}\"; {remedy}"))
    })
}

/// The ledger as a session would have it, and what of it the configuration says and the store has not yet.
fn ledger(
    config: &Config,
    store: &mut SqliteStore,
    date: &PolicyDate,
    now: Timestamp,
) -> Result<(Ledger, Vec<LedgerEntry>), Failure> {
    let (facts, _) = store.load(Want::NoHeadlines).map_err(|error| Failure::unavailable(&error))?;
    let written = facts.ledgers.get(&date.id).map(AsRef::as_ref);
    let configured = config.policies.iter().filter(|(policy, _)| *policy == date.id);
    let missing: Vec<LedgerEntry> =
        configured.flat_map(|(_, entries)| unwritten(entries, written, true, now)).collect();
    let mut ledger = written.cloned().unwrap_or_default();
    missing.iter().for_each(|entry| {
        ledger.insert(entry.clone());
    });
    Ok((ledger, missing))
}

/// The entry as it is written, where it may be.
fn checked(
    date: &PolicyDate,
    ledger: &Ledger,
    entry: LedgerEntry,
    force: bool,
    now: Timestamp,
) -> Result<LedgerEntry, Failure> {
    let standing = ledger.standing(&date.zone, now);
    let entry = if entry.status == PolicyStatus::Reached {
        // It is this date that is reached.
        let due = standing.as_ref().and_then(|standing| standing.entry.due);
        let zero = due.map(|due| due.instant(&date.zone));
        let is_due = zero.is_some_and(|zero| zero <= entry.known);
        let has_clock = standing
            .as_ref()
            .is_some_and(|standing| matches!(standing.clock, Countdown::Until(_) | Countdown::Since { .. }));
        let may_be_said = force || is_due && has_clock;
        if !may_be_said {
            return Err(Failure::Request(not_due(date, ledger, now)));
        }
        LedgerEntry { due, ..entry }
    } else {
        entry
    };
    match standing {
        Some(standing) if standing.entry.says_the_same(&entry) => Err(Failure::Request(same(date, ledger, &entry))),
        _ => Ok(entry),
    }
}

fn not_due(date: &PolicyDate, ledger: &Ledger, now: Timestamp) -> String {
    let name = &date.name;
    let known = ledger.known_at(now);
    let stands = match known.split_last() {
        Some((entry, before)) => format!("it stands as {}", report::change_words(date, before.last(), entry)),
        None => "no date of it is known".to_owned(),
    };
    format!("{name} is not due: {stands}; if it has taken effect all the same, say so with --force")
}

/// That an entry says what is known already.
fn same(date: &PolicyDate, ledger: &Ledger, entry: &LedgerEntry) -> String {
    let is_it = |old: &&LedgerEntry| old.says_the_same(entry) || old.is_same_change(entry);
    let old = ledger.entries().iter().rev().find(is_it);
    let since = old.map_or_else(String::new, |old| format!(" since {}", report::instant_words(old.known)));
    format!(
        "{} is {} already, with the same words, known{since}: nothing was written; `watchfloor date list {}` shows its ledger",
        date.name,
        entry.status.word(),
        date.id
    )
}

/// What was written, and what comes next.
fn said(date: &PolicyDate, mut ledger: Ledger, entry: &LedgerEntry, now: Timestamp) -> String {
    ledger.insert(entry.clone());
    let known = ledger.known_at(now);
    let at = known.iter().position(|old| old.is_same_change(entry)).unwrap_or_default();
    let change = report::change_words(date, known[..at].last(), entry);
    let mut lines = vec![format!("{}: {change}", date.name)];
    if let Some(later) = known.get(at + 1..).and_then(<[LedgerEntry]>::last) {
        lines.push(format!(
            "It is not what stands: an entry that became known later ({}) says {}.",
            report::instant_words(later.known),
            later.status.word()
        ));
    } else if let (PolicyStatus::Scheduled, Some(due)) = (entry.status, entry.due)
        && due.instant(&date.zone) <= now
    {
        lines.push(format!(
            "That is past: its clock shows the time since, not confirmed, until `watchfloor date reached {}`.",
            date.id
        ));
    }
    lines.push(
        "Every screen on this store shows it within seconds, and the alert of changed dates tells it where a session collects, \
         else when the next one begins."
            .to_owned(),
    );
    lines.push(format!(
        "No entry is ever taken out: if it was wrong, write what holds. `watchfloor date list {}` shows the ledger.",
        date.id
    ));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn lift() -> PolicyDate {
        let zone = TimeZone::get("America/New_York").unwrap();
        PolicyDate { id: "lift".into(), name: "Title 42 lift".into(), zone, routes: vec![] }
    }

    fn entry(known: &str, status: PolicyStatus, due: Option<&str>) -> LedgerEntry {
        LedgerEntry {
            known: at(known),
            recorded: at(known),
            status,
            due: due.map(|due| due.parse().unwrap()),
            reason: None,
            authority: Some("CDC".into()),
            source: Some("87 FR 19941".into()),
            first_load: false,
        }
    }

    fn refused(result: Result<LedgerEntry, Failure>) -> String {
        match result {
            Err(Failure::Request(said)) => said,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn dates_and_instants_are_read_in_the_zone_of_the_policy_date() {
        let zone = lift().zone;
        let now = at("2022-05-20T22:00:00.123Z");
        let read = |text| known(text, &zone, now);
        assert_eq!(read(None).unwrap(), at("2022-05-20T22:00:00Z"));
        assert_eq!(read(Some("2022-05-20")).unwrap(), at("2022-05-20T04:00:00Z"));
        assert_eq!(read(Some("2022-05-20T17:30")).unwrap(), at("2022-05-20T21:30:00Z"));
        assert_eq!(read(Some("2022-05-20T21:30:00Z")).unwrap(), at("2022-05-20T21:30:00Z"));
        for wrong in ["yesterday", "2022-05-21", "20.5.2022"] {
            assert!(matches!(read(Some(wrong)), Err(Failure::Request(_))), "{wrong}");
        }
        assert!(
            matches!(due("2022-05-23T04:00:00Z"), Err(Failure::Request(said)) if said.contains("an instant, where"))
        );
        assert!(matches!(due("23 May"), Err(Failure::Request(said)) if said.contains("is no date; write it as")));
    }

    #[test]
    fn what_says_the_same_and_what_is_not_due_is_refused() {
        let (date, mut ledger) = (lift(), Ledger::default());
        let set = entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, Some("2022-05-23"));
        ledger.insert(set.clone());
        let now = at("2022-05-20T22:00:00Z");
        let again = LedgerEntry { known: now, ..set };
        let said = refused(checked(&date, &ledger, again.clone(), false, now));
        assert!(said.contains("is scheduled already, with the same words, known since 2022-04-01 16:00 UTC"), "{said}");
        let moved = LedgerEntry { due: Some("2022-05-24".parse().unwrap()), ..again };
        assert!(checked(&date, &ledger, moved, false, now).is_ok());

        let reached = entry("2022-05-20T22:00:00Z", PolicyStatus::Reached, None);
        let said = refused(checked(&date, &ledger, reached.clone(), false, now));
        assert!(said.contains("is not due: it stands as set for 2022-05-23 00:00 America/New_York by CDC"), "{said}");
        assert!(said.ends_with("say so with --force"), "{said}");
        let forced = checked(&date, &ledger, reached.clone(), true, now).unwrap();
        assert_eq!(forced.due, Some("2022-05-23".parse().unwrap()), "it is this date that was reached");
        let later = at("2022-05-23T04:00:00Z");
        let due = LedgerEntry { known: later, ..reached.clone() };
        assert!(checked(&date, &ledger, due.clone(), false, later).is_ok(), "at its first second");
        ledger.insert(entry("2022-05-20T21:30:00Z", PolicyStatus::Held, None));
        let said = refused(checked(&date, &ledger, due, false, later));
        assert!(said.contains("is not due: it stands as held by CDC; was 2022-05-23 00:00"), "{said}");
        let said = refused(checked(&date, &Ledger::default(), reached, false, now));
        assert!(said.contains("is not due: no date of it is known"), "{said}");
    }

    #[test]
    fn what_was_written_is_said_with_what_stands() {
        let (date, mut ledger) = (lift(), Ledger::default());
        ledger.insert(entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, Some("2022-05-23")));
        ledger.insert(entry("2022-05-20T21:30:00Z", PolicyStatus::Held, None));
        let now = at("2022-06-01T00:00:00Z");
        let late = entry("2022-05-02T00:00:00Z", PolicyStatus::Scheduled, Some("2022-05-25"));
        let said = super::said(&date, ledger.clone(), &late, now);
        assert!(
            said.starts_with("Title 42 lift: moved from 2022-05-23 00:00 America/New_York to 2022-05-25"),
            "{said}"
        );
        assert!(
            said.contains("not what stands: an entry that became known later (2022-05-20 21:30 UTC) says held"),
            "{said}"
        );
        let past = entry("2022-05-31T00:00:00Z", PolicyStatus::Scheduled, Some("2022-05-30"));
        let said = super::said(&date, ledger, &past, now);
        assert!(said.contains("That is past:") && said.contains("no longer held"), "{said}");
    }
}
