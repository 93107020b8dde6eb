//! `report`: the handover between two watches, from the store.

use super::cli::Cli;
use super::commands::{picture, store_to_read};
use super::parts::need_config;
use super::{Failure, print};
use crate::clock::{Clock, System};
use crate::config::Config;
use crate::config::places::Environment;
use crate::domain::alert::Incident;
use crate::domain::feed::FeedId;
use crate::domain::observation::{BatchId, Status, Vintage};
use crate::domain::policy_date::Due;
use crate::domain::situation::Facts;
use crate::domain::situation::Situation;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::report::{self, Learned, Watch};
use crate::store::sqlite::SqliteStore;
use crate::store::{self, Store};
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Prints what happened since an instant, what is open and what is due next.
pub fn report(cli: &Cli, since: &str, json: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let now = System::new().now();
    let since = began(since, &config.zone, now)?;
    let mut store = store_to_read(cli, &config, environment)?;
    let picture = picture(&config, &mut store, now)?;
    let watch = watch(&config, &picture, &mut store, since).map_err(|error| Failure::unavailable(&error))?;
    let written = if json { report::handover_json } else { report::handover_text };
    print(&written(&picture, &watch))
}

/// When a watch began: a length of time before now, an instant, or a day or time in the configuration's zone.
fn began(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Failure> {
    let shown = Printable::clean(text);
    let wrong = |why: &str| {
        Failure::Request(format!(
            "--since \"{shown}\" {why}; write it as 8h, 2d, 2022-04-18T06:00 or 2022-04-18T06:00:00Z"
        ))
    };
    let civil = || text.parse::<Due>().ok().map(|due| due.instant(zone));
    if let Some(at) = text.parse().ok().or_else(civil) {
        return if at > now { Err(wrong("lies in the future")) } else { Ok(at) };
    }
    let span: Span = text.parse().map_err(|_| wrong("is neither a length of time nor an instant"))?;
    let length = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong("has months or years, which have no fixed length"))?;
    if !length.is_positive() {
        return Err(wrong("is no length of time above zero"));
    }
    now.checked_sub(length).map_err(|_| wrong("is longer than time itself"))
}

fn watch(config: &Config, picture: &Situation, store: &mut SqliteStore, since: Timestamp) -> store::Result<Watch> {
    /// More than anybody is told on a watch.
    const NOTICES: usize = 100_000;
    let mut batches = BTreeMap::new();
    let mut asked_before = BTreeSet::new();
    let feeds: BTreeSet<FeedId> =
        config.feeds.iter().map(|plan| plan.feed.id.clone()).chain(picture.facts.health.keys().cloned()).collect();
    for feed in feeds {
        for contents in store.batches(&feed)? {
            batches.insert(contents.batch.id, contents.batch.at);
            if contents.batch.at < since {
                asked_before.insert(feed.clone());
            }
        }
    }
    let mut notices = store.notices(NOTICES)?;
    notices.retain(|notice| notice.at >= since);
    let mut watch =
        Watch { since, incidents: incidents(picture, store, since)?, notices, asked_before, ..Watch::default() };
    figures(store, &batches, &mut watch)?;
    Ok(watch)
}

/// Every incident of the watch. A picture starts with the newest ended ones alone: where all of them ended in the watch there may be more.
fn incidents(picture: &Situation, store: &mut SqliteStore, since: Timestamp) -> store::Result<Vec<Arc<Incident>>> {
    let incidents = &picture.facts.incidents;
    let ends = || incidents.values().filter_map(|incident| incident.ended);
    let may_lack = ends().count() >= Facts::ENDED && ends().all(|(at, _)| at >= since);
    if may_lack {
        return Ok(store.incidents_since(since)?.into_iter().map(Arc::new).collect());
    }
    Ok(incidents.values().cloned().collect())
}

/// The figures that were taken in the watch, each with what stood before.
fn figures(store: &mut SqliteStore, batches: &BTreeMap<BatchId, Timestamp>, watch: &mut Watch) -> store::Result<()> {
    for series in store.series()? {
        let edge = |index| Period::from_index(series.cadence, index);
        let of_series = store.vintages(&series, edge(-1_000_000), edge(1_000_000))?;
        let mut known_before = false;
        let mut before: Option<Vintage> = None;
        for vintage in of_series {
            if matches!(vintage.observation.status, Status::Filler | Status::Invalid) {
                continue;
            }
            let taken = batches.get(&vintage.batch).copied().unwrap_or(vintage.known.at);
            let same_period = |before: &Vintage| before.observation.period == vintage.observation.period;
            let stood = before.take().filter(same_period);
            if taken >= watch.since {
                watch.figures.push(Learned { vintage: vintage.clone(), taken, before: stood });
            } else {
                known_before = true;
            }
            before = Some(vintage);
        }
        if !known_before {
            watch.first_loads.insert(series);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_begins_so_long_ago_or_at_an_instant() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let now: Timestamp = "2022-04-18T21:00:00Z".parse().unwrap();
        for (text, began_at) in [
            ("8h", "2022-04-18T13:00:00Z"),
            ("2d", "2022-04-16T21:00:00Z"),
            ("1h 30m", "2022-04-18T19:30:00Z"),
            ("2022-04-18", "2022-04-17T23:00:00Z"),
            ("2022-04-18T06:00", "2022-04-18T05:00:00Z"),
            ("2022-04-18T06:00:00Z", "2022-04-18T06:00:00Z"),
        ] {
            assert_eq!(began(text, &zone, now).unwrap(), began_at.parse().unwrap(), "{text}");
        }
        for (text, why) in [
            ("yesterday", "neither a length of time nor an instant; write it as 8h"),
            ("2022-04-19", "lies in the future"),
            ("-8h", "above zero"),
            ("0h", "above zero"),
            ("1 month", "no fixed length"),
            ("6000000d", "longer than"),
        ] {
            let Err(Failure::Request(said)) = began(text, &zone, now) else { panic!("{text}") };
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
