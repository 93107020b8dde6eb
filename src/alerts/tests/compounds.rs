//! Compounds: what members say together, on one series and on several of a route, and what cannot be counted.

use super::figures::{from, vintage};
use super::*;
use crate::alerts::{evaluate, link};

fn rules(texts: &[&str]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = texts.iter().map(|text| rule(text)).collect();
    assert_eq!(link(&mut rules), []);
    rules
}

/// Three thresholds, so that a figure says by itself how many of them fire; a gap cannot tell.
const THREE: [&str; 3] = [
    "id = \"a\"\nkind = \"above\"\nfire = 10\nclear = 5",
    "id = \"b\"\nkind = \"above\"\nfire = 20",
    "id = \"c\"\nkind = \"above\"\nfire = 30",
];

fn verdicts(compound: &str, values: &[Option<f64>]) -> Vec<String> {
    let rules = rules(&[&THREE[..], &[compound]].concat());
    let mut facts = Facts::default();
    let series = from("2022-01".parse().unwrap(), values);
    let id = series.id().clone();
    facts.series.insert(id.clone(), series.into());
    let all = evaluate(&rules[3], &rules, &Catalog::default(), &facts, &id);
    all.iter().map(|evaluation| format!("{} {}", evaluation.verdict.word(), evaluation.reason)).collect()
}

fn of(words: &[String]) -> String {
    words.iter().map(|said| said.split(' ').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn so_many_of_them_and_what_cannot_be_told_is_no_no() {
    let values = [Some(0.0), Some(15.0), Some(25.0), Some(35.0), None, Some(7.0), Some(4.0)];
    let compound = |kind: &str| verdicts(&format!("id = \"x\"\nkind = {kind}\nof = [\"a\", \"b\", \"c\"]"), &values);
    // 7 is between what ends and what fires the first: it holds.
    assert_eq!(of(&compound("\"any\"")), "clear up up up unknown up clear");
    assert_eq!(of(&compound("\"all\"")), "clear clear clear up unknown clear clear");
    let two = compound("\"at-least\"\nleast = 2");
    assert_eq!(of(&two), "clear clear up up unknown clear clear");
    assert_eq!(two[0], "clear none of 3 fires; it takes 2");
    assert_eq!(two[1], "clear 1 of 3 fires: a; it takes 2");
    assert_eq!(two[2], "up 2 of 3 agree: a, b");
    assert_eq!(two[4], "unknown none of 3 fires; a, b, c cannot tell");
}

#[test]
fn what_was_up_a_while_ago_counts_within_so_many_periods() {
    let values = [Some(35.0), Some(0.0), Some(0.0), Some(0.0)];
    let within = verdicts("id = \"x\"\nkind = \"all\"\nwithin = 3\nof = [\"a\", \"b\"]", &values);
    assert_eq!(of(&within), "up up up clear");
}

#[test]
fn one_member_that_fires_is_enough_where_another_cannot_tell() {
    let texts = [THREE[0], "id = \"r\"\nkind = \"record\"", "id = \"x\"\nkind = \"any\"\nof = [\"a\", \"r\"]"];
    let rules = rules(&texts);
    let mut session = Session::new(catalog(&[("r", (1, 1))]), rules);
    session.insert("r", "2022-01", Some(50.0), Status::Closed, at("2022-02-01T00:00:00Z"));
    session.decide(Cause::New, at("2022-02-01T00:00:00Z"));
    let told = session.told();
    assert_eq!(told[1], "fired r: 50 in January 2022, above 10 · 1 of 2 fires: above");
    session.insert("r", "2022-02", Some(0.0), Status::Closed, at("2022-03-01T00:00:00Z"));
    session.decide(Cause::New, at("2022-03-01T00:00:00Z"));
    let open: Vec<_> = session.facts.incidents.values().filter(|incident| incident.is_open()).collect();
    assert_eq!(open.len(), 1, "the record cannot tell yet, so it is as it was");
    assert_eq!(open[0].rule, RuleId::new("x"));
}

#[test]
fn series_of_one_route_are_aligned_by_their_ends() {
    let texts = [
        "id = \"months\"\nkind = \"above\"\ncadence = \"month\"\nfire = 100",
        "id = \"days\"\nkind = \"above\"\ncadence = \"day\"\nfire = 10",
        "id = \"both\"\nkind = \"all\"\nof = [\"months\", \"days\"]",
    ];
    let mut session = Session::new(catalog(&[("r", (1, 1))]), rules(&texts));
    let days = SeriesId { cadence: Cadence::Day, ..series_id("r") };
    let day = |session: &mut Session, day: &str, value: f64| {
        session.facts.insert(&vintage(&days, day.parse().unwrap(), Some(value), Status::Closed));
    };
    session.insert("r", "2022-01", Some(150.0), Status::Closed, at("2022-02-03T00:00:00Z"));
    day(&mut session, "2022-01-30", 20.0);
    day(&mut session, "2022-01-31", 20.0);
    session.decide(Cause::New, at("2022-02-03T00:00:00Z"));
    let open = |session: &Session| {
        let open = session.facts.incidents.values().filter(|incident| incident.is_open());
        open.map(|incident| format!("{} {} {}", incident.rule, incident.subject, incident.onset)).collect::<Vec<_>>()
    };
    // On the day that ends the month, and not before: January was not over.
    assert_eq!(
        open(&session),
        ["both r/persons/day 2022-01-31", "days r/persons/day 2022-01-30", "months r/persons/month 2022-01"]
    );
    // The newest month counts for the days after it. Only the days were touched, and the compound is judged all the same.
    day(&mut session, "2022-02-01", 1.0);
    let touched = [days.clone()].into();
    let now = at("2022-02-04T00:00:00Z");
    let decision = decide(&session.rules, &session.catalog, &session.facts, Cause::New, Some(&touched), now);
    session.apply(&decision);
    assert_eq!(open(&session), ["months r/persons/month 2022-01"]);
    // A month that is revised touches the compound of the days.
    session.insert("r", "2022-01", Some(50.0), Status::Closed, now);
    let touched = [series_id("r")].into();
    let decision = decide(&session.rules, &session.catalog, &session.facts, Cause::New, Some(&touched), now);
    let judged: Vec<String> = decision.judgements.iter().map(|judged| judged.rule.to_string()).collect();
    assert_eq!(judged, ["both", "months"]);
}

#[test]
fn a_running_period_proves_a_rise_and_nothing_else() {
    let rules = rules(&[THREE[0], THREE[1], "id = \"x\"\nkind = \"all\"\nof = [\"a\", \"b\"]"]);
    let mut session = Session::new(catalog(&[("r", (1, 1))]), rules);
    let now = at("2022-02-20T00:00:00Z");
    session.insert("r", "2022-01", Some(0.0), Status::Closed, now);
    session.insert("r", "2022-02", Some(15.0), Status::Partial, now);
    session.decide(Cause::New, now);
    let firing = |session: &Session| session.facts.incidents.values().filter(|incident| incident.is_open()).count();
    assert_eq!(firing(&session), 1);
    session.insert("r", "2022-02", Some(25.0), Status::Partial, now);
    session.decide(Cause::New, now);
    assert_eq!(firing(&session), 3);
    assert!(session.facts.incidents.values().all(|incident| incident.provisional));
}

#[test]
fn what_cannot_be_counted_is_said() {
    let error = |texts: &[&str]| {
        let mut rules: Vec<Rule> = texts.iter().map(|text| rule(text)).collect();
        let errors = link(&mut rules);
        errors.into_iter().map(|error| format!("{}: {}; {}", error.rule, error.what, error.remedy)).collect::<Vec<_>>()
    };
    let compound = |id: &str, of: &str| format!("id = \"{id}\"\nkind = \"any\"\nof = [{of}]");
    assert_eq!(error(&[THREE[0], &compound("x", "\"a\", \"z\"")]), ["x: no rule is called \"z\"; rules are a"]);
    assert_eq!(
        error(&[THREE[0], "id = \"s\"\nkind = \"stale\"", &compound("x", "\"a\", \"s\"")]),
        ["x: \"s\" is of kind \"stale\", which judges no figures; name rules that look at series"]
    );
    let on = |id: &str, route: &str| format!("id = \"{id}\"\nkind = \"record\"\nroute = \"{route}\"");
    assert_eq!(
        error(&[&on("a", "r"), &on("b", "s"), &compound("x", "\"a\", \"b\"")]),
        [
            "x: \"a\" is on the route r, \"b\" on s: they never meet; name rules on one route, or on all",
            "x: \"b\" is on the route s, \"a\" on r: they never meet; name rules on one route, or on all",
        ]
    );
    assert_eq!(
        error(&[THREE[0], &compound("x", "\"a\", \"y\""), &compound("y", "\"a\", \"x\"")]),
        [
            "x: the rule counts itself: x → y → x; take one of them out of its `of`",
            "y: the rule counts itself: y → x → y; take one of them out of its `of`",
        ]
    );
    // Rules that were never linked end all the same.
    let mut session = Session::new(
        catalog(&[("r", (1, 1))]),
        vec![rule(&compound("x", "\"x\", \"y\"")), rule(&compound("y", "\"a\", \"x\""))],
    );
    session.insert("r", "2022-01", Some(50.0), Status::Closed, at("2022-02-01T00:00:00Z"));
    session.decide(Cause::New, at("2022-02-01T00:00:00Z"));
    assert!(session.facts.incidents.is_empty());
}

#[test]
fn another_meaning_of_a_member_is_another_meaning_of_the_compound() {
    let compound = "id = \"x\"\nkind = \"any\"\nof = [\"a\", \"b\"]";
    let hash = |first: &str| rules(&[first, THREE[1], compound])[2].hash;
    assert_eq!(hash(THREE[0]), hash(THREE[0]));
    assert_ne!(hash(THREE[0]), hash("id = \"a\"\nkind = \"above\"\nfire = 11\nclear = 5"));
}

#[test]
fn the_presets_can_be_linked() {
    assert_eq!(link(&mut presets()), []);
}
