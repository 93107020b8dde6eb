//! `alert`: what a person says of an alert. Facts in the store, so any process may write them, while another collects or none does; every
//! screen shows them at once.

use super::cli::{AlertVerb, Cli};
use super::commands::{open_store, store_to_read};
use super::parts::need_config;
use super::session::operator;
use super::{Failure, print};
use crate::clock::{Clock, System};
use crate::config::Config;
use crate::config::places::Environment;
use crate::domain::alert::Incident;
use crate::domain::mark::{Mark, MarkKind, Wake, timeline};
use crate::domain::situation::Facts;
use crate::domain::text::Printable;
use crate::report;
use crate::store::sqlite::SqliteStore;
use crate::store::{Marked, Store, Want};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Does what is asked with alerts.
pub fn alert(cli: &Cli, verb: &AlertVerb, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let now = System::new().now();
    match verb {
        AlertVerb::List { ended, json } => {
            let facts = facts(&mut store_to_read(cli, &config, environment)?)?;
            let listed = listed(&facts, *ended);
            print(&if *json {
                report::alerts_json(&listed, now)
            } else {
                report::alerts_text(&listed, &config.catalog, now)
            })
        }
        AlertVerb::Show { id, json } => {
            let mut store = store_to_read(cli, &config, environment)?;
            let facts = facts(&mut store)?;
            let incident = chosen(&facts, id)?;
            let notices = store.notices_of(&incident.id).map_err(|error| Failure::unavailable(&error))?;
            let marks = store.marks_on(&incident.id).map_err(|error| Failure::unavailable(&error))?;
            let entries = timeline(notices, marks);
            print(&if *json {
                report::alert_json(&incident, &entries, now)
            } else {
                report::alert_text(&incident, &entries, &config.catalog, now)
            })
        }
        AlertVerb::Acknowledge { id, note, until, wake } => {
            let until = until.as_deref().map(|text| end(text, now)).transpose()?;
            let say = |incident: &Incident| {
                let wake = wake.map(|percent| woken_at(incident, percent)).transpose()?;
                Ok(MarkKind::Acknowledged { until, wake })
            };
            mark(cli, &config, id, note, say, environment)
        }
        AlertVerb::Release { id, note } => mark(cli, &config, id, note, |_| Ok(MarkKind::Released), environment),
        AlertVerb::Note { id, text } => {
            if Printable::clean(text).is_empty() {
                return Err(Failure::Request("the note says nothing; write what others should know".to_owned()));
            }
            mark(cli, &config, id, text, |_| Ok(MarkKind::Noted), environment)
        }
    }
}

/// Puts a mark on an alert and says what became of it.
fn mark(
    cli: &Cli,
    config: &Config,
    id: &str,
    text: &str,
    kind: impl FnOnce(&Incident) -> Result<MarkKind, Failure>,
    environment: Environment<'_>,
) -> Result<(), Failure> {
    let mut store = open_store(cli, config, environment)?;
    let incident = chosen(&facts(&mut store)?, id)?;
    let mark = Mark {
        incident: incident.id.clone(),
        kind: kind(&incident)?,
        by: operator(),
        at: System::new().now(),
        text: Printable::clean(text),
    };
    let marked = store.mark(&mark).map_err(|error| Failure::unavailable(&error))?;
    let what = report::subject_name(&incident.subject, &config.catalog);
    match marked {
        Marked::Done => print(&report::mark_text(&mark, &what)),
        Marked::Ended => Err(Failure::Request(format!(
            "this alert on {what} has ended: nobody need have it in hand; a note is taken still (`watchfloor alert note {}`)",
            incident.id
        ))),
        Marked::NotInHand => {
            Err(Failure::Request(format!("nobody has this alert on {what} in hand; nothing was changed")))
        }
        Marked::Absent => Err(Failure::Unavailable(format!("the alert {} is gone from the store", incident.id))),
    }
}

fn facts(store: &mut SqliteStore) -> Result<Facts, Failure> {
    store.load(Want::NoHeadlines).map(|(facts, _)| facts).map_err(|error| Failure::unavailable(&error))
}

/// Open ones, worst first, then newest first; after them those that have ended, the last one first.
fn listed(facts: &Facts, ended: bool) -> Vec<Arc<Incident>> {
    let (mut open, mut over): (Vec<_>, Vec<_>) =
        facts.incidents.values().cloned().partition(|incident| incident.is_open());
    open.sort_by(|a, b| (b.severity, b.opened, &a.id).cmp(&(a.severity, a.opened, &b.id)));
    over.sort_by_key(|incident| std::cmp::Reverse(incident.ended.map(|(at, _)| at)));
    open.retain(|incident| incident.phase.is_active());
    if ended {
        open.extend(over);
    }
    open
}

/// The alert with an id, or the only one whose id begins so: of open ones, else of all.
fn chosen(facts: &Facts, id: &str) -> Result<Arc<Incident>, Failure> {
    let shown = Printable::clean(id);
    let begins = |open: bool| {
        let those = facts.incidents.values().filter(|incident| incident.is_open() == open);
        those.filter(|incident| incident.id.0.starts_with(id)).cloned().collect::<Vec<_>>()
    };
    if let Some(exact) = facts.incidents.values().find(|incident| *incident.id.0 == *id) {
        return Ok(exact.clone());
    }
    let found = match begins(true) {
        open if open.is_empty() => begins(false),
        open => open,
    };
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::Request(format!(
            "there is no alert \"{shown}\"; `watchfloor alert list --ended` lists them with their ids"
        ))),
        several => {
            let ids =
                several.iter().take(5).map(|incident| format!("  {}", incident.id)).collect::<Vec<_>>().join("\n");
            Err(Failure::Request(format!("\"{shown}\" begins the ids of {}; write more of one\n{ids}", several.len())))
        }
    }
}

/// When an acknowledgement ends: a length from now (`8h`), or an instant. In the future, and within a year.
fn end(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
    let shown = Printable::clean(text);
    let length = text.parse::<SignedDuration>().ok().or_else(|| days(text));
    let at = match length {
        Some(length) => now.checked_add(length).ok(),
        None => text.parse::<Timestamp>().ok(),
    };
    let at = at.ok_or_else(|| {
        Failure::Request(format!(
            "\"{shown}\" is no end; write a length such as 8h or 2d, or an instant such as 2022-04-01T06:00:00Z"
        ))
    })?;
    match at.duration_since(now) {
        left if left <= SignedDuration::ZERO => {
            Err(Failure::Request(format!("\"{shown}\" is over already; give an end that is ahead")))
        }
        left if left > LONGEST => {
            Err(Failure::Request(format!("\"{shown}\" is more than a year ahead; give a nearer end")))
        }
        _ => Ok(at),
    }
}

/// `2d`: days, which are no part of a length in hours.
fn days(text: &str) -> Option<SignedDuration> {
    let days: i64 = text.strip_suffix('d')?.trim().parse().ok()?;
    Some(SignedDuration::from_hours(days.checked_mul(24)?))
}

/// How far the value may go.
fn woken_at(incident: &Incident, percent: f64) -> Result<Wake, Failure> {
    if percent == 0.0 || !(-100.0..=10_000.0).contains(&percent) {
        return Err(Failure::Request(format!(
            "--wake {percent} is not possible; write by how many percent it has to rise, such as 15, or to fall, such as -15"
        )));
    }
    let value = incident
        .value
        .ok_or_else(|| Failure::Request("this alert has no value to go beyond; leave --wake out".to_owned()))?;
    Ok(Wake::from(value, percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_length_or_an_instant_ahead() {
        let now: Timestamp = "2022-04-18T20:00:00Z".parse().unwrap();
        let said = |text: &str| {
            end(text, now).map_err(|failure| match failure {
                Failure::Request(said) => said,
                _ => panic!("what was asked is wrong"),
            })
        };
        assert_eq!(said("8h").unwrap().to_string(), "2022-04-19T04:00:00Z");
        assert_eq!(said("2d").unwrap().to_string(), "2022-04-20T20:00:00Z");
        assert_eq!(said("2022-05-01T00:00:00Z").unwrap().to_string(), "2022-05-01T00:00:00Z");
        for (text, why) in [
            ("", "is no end"),
            ("soon\u{1b}[31m", "\"soon[31m\" is no end"),
            ("2022-04-18T19:00:00Z", "is over already"),
            ("-3h", "is over already"),
            ("2030-01-01T00:00:00Z", "more than a year ahead"),
            ("99999999999d", "is no end"),
        ] {
            assert!(said(text).unwrap_err().contains(why), "{text}: {:?}", said(text));
        }
    }
}
