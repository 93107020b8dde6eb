//! The rules against what is known of them: traces of the state machine, reference numbers, spring 2022 as it was known
//! then, and the properties that let a restart change nothing.

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

/// Twenty-six months of a hundred, and from February 2022 on a thousand; `special` is the status of January 2022.
fn a_rise(special: Status, stock: bool) -> Session {
    let mut catalog = catalog(&[("r", (1, 1))]);
    catalog.routes[0].series[0].stock = stock;
    let mut session = Session::new(catalog, presets());
    for month in 0..26 {
        let period = Period::containing(Cadence::Month, jiff::civil::date(2020, 1, 1)).offset(month);
        let value = if month < 25 { 1_000.0 } else { 10_000.0 };
        let status = if month == 24 { special } else { Status::Closed };
        session.insert("r", &period.label(), Some(value), status, at("2022-03-05T00:00:00Z"));
    }
    session.decide(Cause::New, at("2022-03-05T00:00:00Z"));
    session
}

#[test]
fn no_comparison_reaches_across_a_break() {
    let fires = |session: &Session| session.facts.incidents.values().any(|incident| incident.phase == Phase::Firing);
    assert!(fires(&a_rise(Status::Closed, false)));
    let broken = a_rise(Status::Break, false);
    assert!(!fires(&broken));
    let reasons: Vec<&str> = broken.facts.judgements.values().map(|judged| judged.evaluation.reason.as_str()).collect();
    let said = reasons.iter().filter(|reason| reason.contains("counted in another way since January 2022"));
    assert!(said.count() >= 2, "{reasons:?}");
}

#[test]
fn stocks_are_compared_one_with_one_and_never_added() {
    let session = a_rise(Status::Closed, true);
    let firing: Vec<String> = session
        .facts
        .incidents
        .values()
        .filter(|incident| incident.phase == Phase::Firing)
        .map(|incident| format!("{}: {}", incident.rule, incident.reason))
        .collect();
    // Ten times as many as a year ago, and no sum of months or of the year.
    assert_eq!(firing.len(), 1, "{firing:?}");
    assert!(
        firing[0].contains("year-on-year") && firing[0].contains("10,000 in February 2022, from 1,000"),
        "{firing:?}"
    );
}

/// Traces whose features come with acknowledgements, silences and inhibitions.
const LATER: [&str; 6] = [
    "ack-stops-repeats-until-resolved",
    "escalation-breaks-ack",
    "ack-expires",
    "silence-defers-then-notifies-if-still-firing",
    "silence-covers-whole-episode",
    "inhibited-while-source-fires",
];

#[test]
fn traces_of_the_state_machine() {
    let Some(text) = shared("reference/surge/alert-traces.json") else { return };
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut left_out = Vec::new();
    for trace in document["traces"].as_array().unwrap() {
        let name = trace["name"].as_str().unwrap();
        let later = trace["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|step| matches!(step["in"].as_str(), Some("ack" | "silence" | "inhibit")));
        if later {
            left_out.push(name.to_owned());
        } else {
            follow_trace(name, trace);
        }
    }
    assert_eq!(left_out, LATER);
}

fn follow_trace(name: &str, trace: &serde_json::Value) {
    let given = &trace["rule"];
    let critical = given["critical"].as_f64().map(|critical| format!("critical = {critical:?}\n")).unwrap_or_default();
    let options = format!(
        "id = \"t\"\nkind = \"{}\"\nfire = {:?}\nclear = {:?}\nfor = {}\nkeep = {}\n{critical}",
        if given["dir"] == "up" { "above" } else { "below" },
        given["fire"].as_f64().unwrap(),
        given["clear"].as_f64().unwrap(),
        given["for"],
        given["keep"],
    );
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule(&options)]);
    for (number, step) in trace["steps"].as_array().unwrap().iter().enumerate() {
        let now = at(step["now"].as_str().unwrap());
        let (kind, value) = (step["in"].as_str().unwrap(), step["value"].as_f64());
        let mut cause = Cause::Tick;
        if let Some(period) = step["period"].as_str() {
            let status = if kind == "partial" { Status::Partial } else { Status::Closed };
            match value {
                Some(value) => {
                    session.insert("r", period, Some(value), status, now);
                }
                // A gap: the period after it makes it one; a withheld figure is as unknown.
                None => {
                    session.insert("r", period, None, Status::Suppressed, now);
                }
            }
            cause = if kind == "revise" { Cause::Revision { small: false } } else { Cause::New };
        } else if kind == "restart" {
            cause = Cause::RulesChanged;
        }
        let decision = session.decide(cause, now);
        let expect = &step["expect"];
        let place = format!("{name}, step {number}");
        let key = (RuleId::new("t"), Subject::Series(series_id("r")));
        let phase = session.facts.judgements.get(&key).map_or(Phase::Inactive, |judgement| judgement.phase);
        assert_eq!(phase.word(), expect["state"].as_str().unwrap(), "{place}");
        let open = session.facts.incidents.values().find(|incident| incident.is_open());
        if phase.is_active() {
            let open = open.unwrap();
            assert_eq!(open.onset.to_string(), expect["since"].as_str().unwrap(), "{place}");
            assert_eq!(open.severity.word(), expect["severity"].as_str().unwrap(), "{place}");
        } else {
            assert!(open.is_none(), "{place}");
        }
        let notices: Vec<&str> = decision.notices.iter().map(|notice| notice.event.word()).collect();
        let expected: Vec<&str> = expect["notify"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        assert_eq!(notices, expected, "{place}");
    }
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

#[test]
fn ratios_equal_the_reference_at_every_step() {
    for name in ["darien", "mexico-irregular", "frontex-wafrica"] {
        let Some(yoy) = shared(&format!("reference/surge/{name}-monthly-yoy.csv")) else { return };
        let preset = shared(&format!("reference/surge/{name}-monthly-preset.csv")).unwrap();
        let mut session = Session::new(catalog(&[("r", (1, 1))]), Vec::new());
        for row in rows(&yoy) {
            session.insert(
                "r",
                &row["period"],
                Some(row["count"].parse().unwrap()),
                Status::Closed,
                at("2025-06-01T00:00:00Z"),
            );
        }
        let series = session.facts.series[&series_id("r")].clone();
        let spec = session.catalog.series(&series_id("r"));
        let statistic = |options: &str, floor: &str| {
            let rule = rule(&format!("id = \"x\"\n{options}\n{floor}"));
            super::evaluate(&rule, &series, &spec)
        };
        let single = statistic("kind = \"year-on-year\"\nwindow = 1", "floor = 1");
        let to_date = statistic("kind = \"year-to-date\"", "floor = 1");
        for (row, (single, to_date)) in rows(&yoy).iter().zip(single.iter().zip(&to_date)) {
            for (column, base, ours) in [("yoy_ratio", "last_year", single), ("ytd_ratio", "ytd_last_year", to_date)] {
                let base: f64 = row[base].parse().unwrap_or(0.0);
                match row[column].parse::<f64>() {
                    // Below the floor's least the reference divides by what our floor forbids.
                    Ok(theirs) if base >= 1.0 => {
                        let ours = ours.statistic.unwrap();
                        assert!(
                            (ours - theirs).abs() <= 1e-9 * theirs,
                            "{name} {} {column}: {ours} {theirs}",
                            row["period"]
                        );
                    }
                    _ => {}
                }
            }
        }
        let sums = statistic("kind = \"year-on-year\"", "");
        let rule = rule("id = \"x\"\nkind = \"year-on-year\"");
        for (at, row) in rows(&preset).iter().enumerate() {
            let phase = super::lifecycle::fold(&sums[..=at], rule.for_periods, rule.keep).phase;
            assert_eq!(phase.is_active(), row["r3_state"] == "1", "{name} {}", row["period"]);
            if let Ok(theirs) = row["r3_ratio"].parse::<f64>() {
                assert!((sums[at].statistic.unwrap() - theirs).abs() <= 1e-9 * theirs, "{name} {}", row["period"]);
            }
        }
    }
}

const DARIEN_2021: [f64; 13] =
    [971.0, 1071.0, 1857.0, 2694.0, 5865.0, 4462.0, 10_267.0, 18_813.0, 25_332.0, 25_505.0, 25_904.0, 7762.0, 4194.0];

fn darien(session: &mut Session) {
    let start: Period = "2020-12".parse().unwrap();
    for (month, value) in (0_i64..).zip(DARIEN_2021) {
        session.insert("darien", &start.offset(month).label(), Some(value), Status::Closed, at("2022-01-20T00:00:00Z"));
    }
    session.insert("darien", "2022-01", Some(4700.0), Status::Provisional, at("2022-02-04T12:00:00Z"));
}

#[test]
fn darien_in_spring_2022_as_it_was_known_then() {
    let mut session = Session::new(catalog(&[("darien", (1, 1))]), presets());
    darien(&mut session);
    session.decide(Cause::FirstLoad, at("2022-03-28T00:00:00Z"));
    assert!(session.told.is_empty() && session.facts.incidents.is_empty());

    let now = at("2022-03-29T16:02:00Z");
    session.insert("darien", "2022-02", Some(3756.0), Status::Provisional, now);
    session.decide(Cause::New, now);
    assert_eq!(
        session.told(),
        [
            "fired darien: more than triple: 12,650 in Dec 2021–Feb 2022, from 3,899 a year earlier · as published 29 Mar",
            "fired darien: nearly triple: 8,456 in Jan–Feb 2022, from 2,928 in 2021 · as published 29 Mar",
        ]
    );
    let to_date = session.facts.incidents.values().find(|incident| incident.kind.as_str() == "year-to-date").unwrap();
    assert_eq!((to_date.severity, to_date.phase), (Severity::Warning, Phase::Firing));

    // 11 April: January revised from 4,700 to 4,442, February from 3,756 to 4,014, March new. Nobody is told.
    let now = at("2022-04-11T17:40:00Z");
    assert!(session.insert("darien", "2022-01", Some(4442.0), Status::Closed, now));
    assert!(session.insert("darien", "2022-02", Some(4014.0), Status::Closed, now));
    session.insert("darien", "2022-03", Some(4969.0), Status::Closed, now);
    session.decide(Cause::Revision { small: false }, now);
    assert_eq!(session.told.len(), 2);
    let to_date = session.facts.incidents.values().find(|incident| incident.kind.as_str() == "year-to-date").unwrap();
    assert_eq!(
        to_date.reason.as_str(),
        "more than double: 13,425 in Jan–Mar 2022, from 5,622 in 2021 · as published 11 Apr"
    );
}

#[test]
fn the_border_crosses_its_threshold_in_march_2022() {
    let rule = rule("id = \"capacity\"\nkind = \"above\"\nfire = 200000\nclear = 180000\nseverity = \"critical\"");
    let mut session = Session::new(catalog(&[("us", (10, 1))]), vec![rule]);
    for (month, value) in [("2021-12", 179_253.0), ("2022-01", 154_874.0), ("2022-02", 166_010.0)] {
        session.insert("us", month, Some(value), Status::Closed, at("2022-03-15T00:00:00Z"));
    }
    session.decide(Cause::FirstLoad, at("2022-03-28T00:00:00Z"));
    session.insert("us", "2022-03", Some(221_303.0), Status::Closed, at("2022-04-18T20:30:00Z"));
    session.decide(Cause::New, at("2022-04-18T20:30:00Z"));
    // The next release: 222,239, a revision of 0.42 %, changes nothing that is told.
    session.insert("us", "2022-03", Some(222_239.0), Status::Closed, at("2022-05-17T20:00:00Z"));
    session.decide(Cause::Revision { small: true }, at("2022-05-17T20:00:00Z"));
    assert_eq!(session.told(), ["fired us: 221,303 in March 2022, above 200,000"]);
    assert_eq!(session.facts.incidents.values().next().unwrap().value, Some(222_239.0));
}

#[test]
fn a_silent_publisher_is_overdue_and_a_new_figure_ends_it() {
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule("id = \"stale\"\nkind = \"stale\"")]);
    session.insert("r", "2022-01", Some(10.0), Status::Closed, at("2022-03-01T00:00:00Z"));
    session.decide(Cause::FirstLoad, at("2022-03-02T00:00:00Z"));
    // February ends; 45 days of lag and half a month (14 days) of grace: 29 April.
    let overdue = at("2022-04-29T00:00:00Z");
    let next = super::next_change(&session.rules, &session.catalog, &session.facts, at("2022-03-02T00:00:00Z"));
    assert_eq!(next, Some(overdue));
    session.decide(Cause::Tick, overdue);
    assert!(session.told.is_empty());
    session.decide(Cause::Tick, at("2022-06-01T09:00:00Z"));
    let incident = session.facts.incidents.values().next().unwrap();
    assert_eq!(incident.onset.to_string(), "2022-04-29T00:00:00Z", "not when somebody looked");
    session.insert("r", "2022-05", Some(10.0), Status::Closed, at("2022-06-02T00:00:00Z"));
    session.decide(Cause::New, at("2022-06-02T00:00:00Z"));
    let events: Vec<Event> = session.told.iter().map(|notice| notice.event).collect();
    assert_eq!(events, [Event::Fired, Event::Resolved]);
    assert!(session.told[0].text.as_str().contains("February 2022 should have been published by 29 Apr"));
}

#[test]
fn a_court_order_is_told_and_old_entries_are_not() {
    let date = PolicyDate {
        id: PolicyId::new("lift"),
        name: "Title 42 lift".into(),
        zone: jiff::tz::TimeZone::UTC,
        routes: Vec::new(),
    };
    let catalog = Catalog { policy_dates: vec![date], ..Catalog::default() };
    let mut session = Session::new(catalog, vec![rule("id = \"date-changed\"\nkind = \"date-changed\"")]);
    let entry = |known: &str, status, day: Option<(i16, i8, i8)>, first_load| LedgerEntry {
        known: at(known),
        recorded: at(known),
        status,
        due: day.map(|(y, m, d)| Due::Day(jiff::civil::date(y, m, d))),
        reason: (status == PolicyStatus::Held).then(|| "enjoined".into()),
        authority: Some(if status == PolicyStatus::Held { "W.D. La.".into() } else { "CDC".into() }),
        source: None,
        first_load,
    };
    let id = PolicyId::new("lift");
    session.facts.apply(&Change::from((
        id.clone(),
        entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, Some((2022, 5, 23)), true),
    )));
    session.decide(Cause::FirstLoad, at("2022-04-02T00:00:00Z"));
    assert!(session.facts.incidents.is_empty());
    session.facts.apply(&Change::from((id, entry("2022-05-20T21:30:00Z", PolicyStatus::Held, None, false))));
    session.decide(Cause::Tick, at("2022-05-20T21:30:00Z"));
    assert_eq!(session.told(), ["fired Title 42 lift: held by W.D. La. (enjoined), 3 days before 23 May 2022"]);
    session.decide(Cause::Tick, at("2022-05-28T00:00:00Z"));
    assert_eq!(session.told.len(), 1, "that a week has gone by is no news");
    assert!(session.facts.incidents.values().all(|incident| !incident.is_open()));
}

#[test]
fn rules_that_cannot_be_say_which_key_is_wrong() {
    let cases = [
        ("kind = \"abov\"", "no kind of rule"),
        ("kind = \"above\"", "fire: it is missing"),
        ("kind = \"above\"\nfire = 5\nclear = 6", "wrong side"),
        ("kind = \"below\"\nfire = 5\nclear = 4", "wrong side"),
        ("kind = \"above\"\nfire = 5\nfor = 0", "for: 0 is not possible"),
        ("kind = \"stale\"\nfire = 5", "kind \"stale\" does not take it"),
        ("kind = \"above\"\nfire = 5\nseverity = \"bad\"", "severity: \"bad\" is none"),
        ("kind = \"year-on-year\"\ndirection = \"left\"", "direction: \"left\" is none"),
        ("kind = \"year-to-date\"\nfloor = 0", "floor: 0 is not possible"),
        ("kind = \"above\"\nfire = 5\ncritical = 4", "critical: it is met before"),
    ];
    for (text, phrase) in cases {
        let options: RuleOptions = toml::from_str(&format!("id = \"x\"\n{text}")).unwrap();
        let error = Rule::from_options(&options).unwrap_err().to_string();
        assert!(error.contains(phrase), "{error}");
    }
}

#[test]
fn a_changed_rule_supersedes_without_telling() {
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule("id = \"x\"\nkind = \"above\"\nfire = 5")]);
    session.insert("r", "2022-01", Some(10.0), Status::Closed, at("2022-02-01T00:00:00Z"));
    session.decide(Cause::New, at("2022-02-01T00:00:00Z"));
    session.rules = vec![rule("id = \"x\"\nkind = \"above\"\nfire = 6")];
    session.decide(Cause::RulesChanged, at("2022-02-02T00:00:00Z"));
    session.rules = Vec::new();
    session.decide(Cause::RulesChanged, at("2022-02-03T00:00:00Z"));
    assert_eq!(session.told.len(), 1);
    let ends: Vec<_> =
        session.facts.incidents.values().map(|incident| incident.ended.map(|(_, event)| event)).collect();
    assert_eq!(ends, [Some(Event::Superseded), Some(Event::Superseded)]);
}

#[test]
fn what_came_and_went_while_away_is_one_line() {
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule("id = \"x\"\nkind = \"above\"\nfire = 5")]);
    session.insert("r", "2022-01", Some(1.0), Status::Closed, at("2022-02-01T00:00:00Z"));
    session.decide(Cause::New, at("2022-02-01T00:00:00Z"));
    for (month, value) in [("2022-02", 9.0), ("2022-03", 1.0), ("2022-04", 8.0), ("2022-05", 1.0)] {
        session.insert("r", month, Some(value), Status::Closed, at("2022-06-01T00:00:00Z"));
    }
    session.decide(Cause::New, at("2022-06-01T00:00:00Z"));
    assert_eq!(session.told(), ["resolved r: 2 alerts fired and resolved while away"]);
    assert_eq!(session.facts.incidents.len(), 2);
}

#[derive(Clone, Debug)]
struct Arrival {
    month: i64,
    value: f64,
}

proptest! {
    #[test]
    fn a_restart_after_any_step_changes_nothing(
        values in prop::collection::vec((0_i64..24, 0_u32..12), 1..40),
        restart in 0_usize..40,
        keep in 0_i64..2,
        run in 1_i64..3,
    ) {
        let rules = vec![rule(&format!("id = \"x\"\nkind = \"above\"\nfire = 8\nclear = 5\ncritical = 11\nkeep = {keep}\nfor = {run}"))];
        let arrivals: Vec<Arrival> = values.iter().map(|(month, value)| Arrival { month: *month, value: f64::from(*value) }).collect();
        let follow = |restart: Option<usize>| {
            let mut session = Session::new(catalog(&[("r", (1, 1))]), rules.clone());
            let start: Period = "2020-01".parse().unwrap();
            for (step, arrival) in (0_i64..).zip(&arrivals) {
                let now = at("2022-01-01T00:00:00Z") + SignedDuration::from_hours(step);
                let revised = session.insert("r", &start.offset(arrival.month).label(), Some(arrival.value), Status::Closed, now);
                session.decide(if revised { Cause::Revision { small: false } } else { Cause::New }, now);
                if restart.is_some_and(|restart| i64::try_from(restart) == Ok(step)) {
                    session.decide(Cause::RulesChanged, now);
                    session.decide(Cause::Tick, now);
                }
            }
            (session.facts.incidents, session.told)
        };
        let (incidents, told) = follow(None);
        prop_assert_eq!((&incidents, &told), (&follow(Some(restart)).0, &follow(Some(restart)).1));
        let keys: BTreeSet<String> = told.iter().map(Notice::key).collect();
        prop_assert_eq!(keys.len(), told.len(), "the same notice twice");
        prop_assert!(incidents.values().filter(|incident| incident.is_open()).count() <= 1);
    }

    #[test]
    fn folding_at_once_ends_where_folding_one_by_one_ends(values in prop::collection::vec(prop::option::of(0_u32..12), 1..30)) {
        let rules = vec![rule("id = \"x\"\nkind = \"above\"\nfire = 8\nclear = 5\nkeep = 1")];
        let start: Period = "2020-01".parse().unwrap();
        let status = |value: &Option<u32>| if value.is_some() { Status::Closed } else { Status::Suppressed };
        let now = at("2023-01-01T00:00:00Z");
        let mut slow = Session::new(catalog(&[("r", (1, 1))]), rules.clone());
        let mut quick = Session::new(catalog(&[("r", (1, 1))]), rules);
        for (month, value) in (0_i64..).zip(&values) {
            let label = start.offset(month).label();
            quick.insert("r", &label, value.map(f64::from), status(value), now);
            slow.insert("r", &label, value.map(f64::from), status(value), now);
            slow.decide(Cause::New, now + SignedDuration::from_hours(month));
        }
        quick.decide(Cause::New, now);
        let open = |session: &Session| {
            session.facts.incidents.values().find(|incident| incident.is_open()).map(|incident| {
                (incident.onset, incident.phase, incident.severity, incident.value, incident.reason.clone())
            })
        };
        prop_assert_eq!(open(&slow), open(&quick));
        let verdicts = |session: &Session| session.facts.judgements.values().map(|j| (j.phase, j.evaluation.verdict)).collect::<Vec<(Phase, Verdict)>>();
        prop_assert_eq!(verdicts(&slow), verdicts(&quick));
    }
}

/// Figures of one route as they stand after a void.
fn stands(session: &mut Session, figures: &[(&str, f64)]) {
    session.facts.series.clear();
    for (period, value) in figures {
        session.insert("south", period, Some(*value), Status::Closed, at("2022-03-01T00:00:00Z"));
    }
}

#[test]
fn a_void_retracts_what_rested_on_it_and_tells_nothing_that_stands_again() {
    let above = "id = \"capacity\"\nkind = \"above\"\nroute = \"south\"\nfire = 100\n";
    let mut session = Session::new(catalog(&[("south", (1, 1))]), vec![rule(above)]);
    let now = at("2022-03-02T00:00:00Z");
    stands(&mut session, &[("2022-01", 50.0)]);
    session.decide(Cause::FirstLoad, now);
    // A misread figure fires, and is voided.
    stands(&mut session, &[("2022-01", 50.0), ("2022-02", 120_000.0)]);
    session.decide(Cause::New, now);
    stands(&mut session, &[("2022-01", 50.0), ("2022-02", 70.0)]);
    session.decide(Cause::Voided, now);
    let told = session.told();
    assert!(told.len() == 2 && told[0].starts_with("fired") && told[1].starts_with("retracted"), "{told:?}");
    // A misread figure hid an alert: it stands again, which is no news.
    stands(&mut session, &[("2022-01", 50.0), ("2022-02", 130.0)]);
    let decision = session.decide(Cause::Voided, now + SignedDuration::from_secs(1));
    assert_eq!(decision.notices.iter().map(|notice| notice.told).collect::<Vec<_>>(), [Told::StandsAgain]);
    assert_eq!(session.told().len(), 2);
    // Nothing is left of the series: what fired on it is retracted, and nothing can be told of it.
    stands(&mut session, &[]);
    session.decide(Cause::Voided, now + SignedDuration::from_secs(2));
    assert_eq!(session.told()[2], "retracted south: every figure of it was voided as misread");
    assert!(session.facts.incidents.values().all(|incident| !incident.is_open()));
    let judgement = session.facts.judgements.values().next().unwrap();
    assert_eq!((judgement.evaluation.verdict, judgement.phase), (Verdict::Unknown, Phase::Inactive));
}
