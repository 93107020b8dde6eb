//! Kind `stale` (surge.md R10): the figure that should be out is not; a feed that fails. A silent source must
//! never look like calm.

use super::clock_kinds::{ClockKind, Spell};
use super::options::{RuleError, RuleOptions};
use super::{Kind, Selector, What};
use crate::domain::alert::{Severity, Subject};
use crate::domain::feed::{Feed, FeedHealth};
use crate::domain::publication::Publication;
use crate::domain::route::SeriesSpec;
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::text::Printable;
use crate::domain::words;
use jiff::Timestamp;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "stale",
    sentence: "the figure that should be out is not, or a feed has failed three times and for two intervals",
    parameters: &[],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(_: &RuleOptions) -> Result<What, RuleError> {
    Ok(What::Clock(Arc::new(Stale)))
}

/// Failures in a row before a feed counts as failing.
const FAILURES: u32 = 3;

#[derive(Debug)]
struct Stale;

impl ClockKind for Stale {
    fn text(&self) -> String {
        "the next figure is overdue, or a feed fails".to_owned()
    }

    fn subjects(&self, selector: &Selector, catalog: &Catalog, facts: &Facts) -> Vec<Subject> {
        let series = facts.series.keys().filter(|id| selector.matches(id) && !catalog.series(id).ended);
        let mut subjects: Vec<Subject> = series.cloned().map(Subject::Series).collect();
        if *selector == Selector::default() {
            subjects.extend(catalog.feeds.iter().map(|feed| Subject::Feed(feed.id.clone())));
        }
        subjects
    }

    fn spell(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Spell {
        match subject {
            Subject::Series(id) => match facts.series.get(id) {
                Some(series) => series_spell(series, &catalog.series(id), now),
                None => Spell::Unknown { reason: "nothing published yet".into() },
            },
            Subject::Feed(id) => match (catalog.feed(id), facts.health.get(id)) {
                (Some(feed), Some(health)) => feed_spell(feed, health, now),
                _ => Spell::Off { reason: "not asked yet".into() },
            },
            Subject::Policy(_) | Subject::Topic(_) => Spell::Off { reason: Printable::default() },
        }
    }

    fn next_change(&self, subject: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
        let at = match subject {
            Subject::Series(id) => overdue_at(facts.series.get(id)?, &catalog.series(id)),
            Subject::Feed(id) => {
                let (feed, health) = (catalog.feed(id)?, facts.health.get(id)?);
                (health.failures >= FAILURES).then(|| failing_since(feed, health)).flatten()
            }
            Subject::Policy(_) | Subject::Topic(_) => None,
        };
        at.filter(|at| *at > now)
    }
}

fn series_spell(series: &Series, spec: &SeriesSpec, now: Timestamp) -> Spell {
    let Some(overdue) = overdue_at(series, spec) else {
        return Spell::Unknown { reason: "no complete figure yet".into() };
    };
    let newest = series.last_complete().map(|point| point.period);
    let newest_words = newest.map(words::period).unwrap_or_default();
    if now <= overdue {
        return Spell::Off { reason: Printable::clean(&format!("{newest_words} is the newest that is due")) };
    }
    let next = newest.map(|period| words::period(period.next())).unwrap_or_default();
    let day = words::day(overdue.to_zoned_datetime(spec.zone.clone()).date());
    let reason = format!("{next} should have been published by {day}; {newest_words} is the newest");
    Spell::On { since: overdue, severity: None, reason: Printable::clean(&reason) }
}

/// When the figure after the newest complete one is overdue.
fn overdue_at(series: &Series, spec: &SeriesSpec) -> Option<Timestamp> {
    Publication::next(series, spec).map(|next| next.overdue)
}

fn feed_spell(feed: &Feed, health: &FeedHealth, now: Timestamp) -> Spell {
    let since = failing_since(feed, health).filter(|since| health.failures >= FAILURES && *since <= now);
    match since {
        Some(since) => {
            let why = health.error.as_ref().map_or("no reason given", Printable::as_str);
            let reason = format!("{} failures in a row: {why}", health.failures);
            Spell::On { since, severity: None, reason: Printable::clean(&reason) }
        }
        None => Spell::Off { reason: "it answers".into() },
    }
}

/// Two intervals after the last good answer; for a feed that never gave one, since it was last asked.
fn failing_since(feed: &Feed, health: &FeedHealth) -> Option<Timestamp> {
    let last = health.success.or(health.checked)?;
    if health.success.is_none() {
        return Some(last);
    }
    last.saturating_add(feed.every.saturating_mul(2)).ok()
}
