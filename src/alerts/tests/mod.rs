//! The rules against what is known of them: traces of the state machine, reference numbers, spring 2022 as it was known
//! then, and the properties that let a restart change nothing. Here is what the tests share.

mod breaks;
mod clocks;
mod compounds;
pub mod figures;
mod headlines;
mod options;
mod properties;
mod reference;
mod spring_2022;
mod steps;
mod traces;

use super::{Cause, Rule, RuleOptions, decide, presets};
use crate::domain::alert::{Decision, Event, Notice, Phase, RuleId, Severity, Subject, Told, Verdict};
use crate::domain::change::Change;
use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyDate, PolicyId, PolicyStatus};
use crate::domain::route::{Direction, Route, SeriesId, SeriesSpec};
use crate::domain::situation::{Catalog, Facts};
use crate::domain::time::{Cadence, Period};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn shared(path: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: {path} needs ../shared, which is not there");
        return None;
    }
    Some(std::fs::read_to_string(folder.join(path)).unwrap())
}

fn series_id(route: &str) -> SeriesId {
    SeriesId { route: route.into(), measure: "persons".into(), cadence: Cadence::Month }
}

fn catalog(routes: &[(&str, (i8, i8))]) -> Catalog {
    let route = |(name, year_start): &(&str, (i8, i8))| Route {
        id: (*name).into(),
        name: (*name).into(),
        direction: Direction::Unsaid,
        words: Vec::new(),
        owner: None,
        runbook: None,
        series: vec![SeriesSpec { year_start: *year_start, ..SeriesSpec::plain(series_id(name)) }],
    };
    Catalog { routes: routes.iter().map(route).collect(), ..Catalog::default() }
}

/// A small session: facts, and what was told.
struct Session {
    catalog: Catalog,
    rules: Vec<Rule>,
    facts: Facts,
    told: Vec<Notice>,
}

impl Session {
    fn new(catalog: Catalog, rules: Vec<Rule>) -> Self {
        Self { catalog, rules, facts: Facts::default(), told: Vec::new() }
    }

    fn insert(&mut self, route: &str, period: &str, value: Option<f64>, status: Status, at: Timestamp) -> bool {
        let observation =
            Observation { series: series_id(route), period: period.parse().unwrap(), value, status, published: None };
        let known = Known { at, how: KnownHow::Seen };
        let inserted = self.facts.insert(&Vintage { observation, known, batch: BatchId(1) });
        matches!(inserted, crate::domain::series::Inserted::Revised { .. })
    }

    fn decide(&mut self, cause: Cause, now: Timestamp) -> Decision {
        let decision = decide(&self.rules, &self.catalog, &self.facts, cause, None, now);
        self.apply(&decision);
        let again = decide(&self.rules, &self.catalog, &self.facts, cause, None, now);
        assert!(again.is_empty(), "deciding again gives something: {again:?}");
        self.told.extend(decision.notices.iter().filter(|notice| notice.told == Told::Yes).cloned());
        decision
    }

    fn apply(&mut self, decision: &Decision) {
        for incident in &decision.incidents {
            self.facts.apply(&Change::from(incident.clone()));
        }
        for notice in &decision.notices {
            self.facts.apply(&Change::from(notice.clone()));
        }
        for judgement in &decision.judgements {
            self.facts.apply(&Change::from(judgement.clone()));
        }
    }

    fn told(&self) -> Vec<String> {
        self.told.iter().map(|notice| format!("{} {}", notice.event.word(), notice.text)).collect()
    }
}

fn rule(text: &str) -> Rule {
    Rule::from_options(&toml::from_str::<RuleOptions>(text).unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A reference table's rows by column name.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut table = ::csv::Reader::from_reader(text.as_bytes());
    let header = table.headers().unwrap().clone();
    let row = |row: Result<::csv::StringRecord, _>| {
        header.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect()
    };
    table.records().map(row).collect()
}
