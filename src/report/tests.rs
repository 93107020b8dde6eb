//! One picture, as every report tells it.

use super::*;
use crate::domain::alert::{
    Acknowledgement, Evaluation, Event, Incident, IncidentId, Judgement, Notice, Onset, Phase, RuleId, Severity,
    Subject, Told, Verdict,
};
use crate::domain::feed::{Feed, FeedHealth, FeedId, FeedKind};
use crate::domain::headline::{Also, Headline, HeadlineKey, Item, Name};
use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyDate, PolicyId, PolicyStatus};
use crate::domain::route::{Route, SeriesId, SeriesSpec};
use crate::domain::situation::{Catalog, Facts, Mode, Situation, StoreState};
use crate::domain::time::Cadence;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2022-04-18T21:00:00Z")
}

fn series(route: &str, measure: &str, cadence: Cadence) -> SeriesId {
    SeriesId { route: route.into(), measure: measure.into(), cadence }
}

fn vintage(id: &SeriesId, label: &str, value: Option<f64>, status: Status, known: &str) -> Vintage {
    let period = label.parse().unwrap();
    Vintage {
        observation: Observation { series: id.clone(), period, value, status, published: None },
        known: Known { at: at(known), how: KnownHow::Stated },
        batch: BatchId(3),
    }
}

fn border() -> SeriesId {
    series("us-southwest", "encounters", Cadence::Month)
}

fn vintages() -> Vec<Vintage> {
    let channel = series("english-channel", "persons", Cadence::Day);
    vec![
        vintage(&border(), "2021-03", Some(173_277.0), Status::Closed, "2021-04-15T16:00:00Z"),
        vintage(&border(), "2022-02", Some(166_010.0), Status::Closed, "2022-03-15T16:00:00Z"),
        vintage(&border(), "2022-03", Some(221_303.0), Status::Closed, "2022-04-18T20:00:00Z"),
        vintage(&border(), "2022-03", Some(222_239.0), Status::Closed, "2022-05-17T16:00:00Z"),
        vintage(&border(), "2022-06", Some(0.0), Status::Filler, "2022-04-18T20:00:00Z"),
        vintage(&channel, "2022-04-16", None, Status::Suppressed, "2022-04-17T09:00:00Z"),
        vintage(&channel, "2022-04-17", Some(88.5), Status::Provisional, "2022-04-18T09:00:00Z"),
    ]
}

fn route(id: &str, name: &str, series: Vec<SeriesSpec>) -> Route {
    let direction = Default::default();
    Route { id: id.into(), name: name.into(), direction, words: vec![], owner: None, runbook: None, series }
}

fn feed(id: &str, kind: FeedKind) -> Feed {
    Feed {
        id: FeedId::new(id),
        name: id.into(),
        kind,
        place: "https://example.org".into(),
        every: SignedDuration::from_hours(6),
        deadline: SignedDuration::from_secs(30),
    }
}

fn incident() -> Incident {
    Incident {
        id: IncidentId("southwest-capacity us-southwest/encounters/month 2022-03".into()),
        rule: RuleId::new("southwest-capacity"),
        kind: "above".into(),
        rule_text: "above 200,000, clears below 180,000".into(),
        rule_hash: 1,
        subject: Subject::Series(border()),
        onset_first: Onset::Period("2022-03".parse().unwrap()),
        onset: Onset::Period("2022-03".parse().unwrap()),
        phase: Phase::Firing,
        severity: Severity::Critical,
        opened: at("2022-04-18T20:00:00Z"),
        ended: None,
        value: Some(221_303.0),
        reason: "221,303 in March 2022, at or above 200,000".into(),
        decided_on: None,
        provisional: false,
        first_load: false,
        acknowledged: None,
    }
}

fn entry(known: &str, status: PolicyStatus, due: Option<&str>, authority: &str) -> LedgerEntry {
    LedgerEntry {
        known: at(known),
        recorded: at(known),
        status,
        due: due.map(|date| Due::Day(date.parse().unwrap())),
        reason: (status == PolicyStatus::Held).then(|| "enjoined".into()),
        authority: Some(authority.into()),
        source: None,
        first_load: false,
    }
}

/// The evening of 18 April 2022: one alert, one feed that fails, one route without figures, two dates.
fn picture() -> Situation {
    let date = |id: &str, name: &str| PolicyDate {
        id: PolicyId::new(id),
        name: name.into(),
        zone: TimeZone::get("America/New_York").unwrap(),
        routes: vec!["us-southwest".into()],
    };
    let catalog = Catalog {
        routes: vec![
            route("us-southwest", "US southwest border", vec![SeriesSpec::plain(border())]),
            route("english-channel", "English Channel", vec![]),
            route("darien", "Darien", vec![SeriesSpec::plain(series("darien", "persons", Cadence::Month))]),
        ],
        feeds: vec![feed("cbp", FeedKind::Statistics), feed("news", FeedKind::News)],
        policy_dates: vec![date("title-42-lift", "Title 42 lift"), date("mpp", "MPP ends")],
        ..Catalog::default()
    };
    let mut facts = Facts::default();
    let now = now();
    for vintage in vintages().iter().filter(|vintage| vintage.known.at <= now) {
        facts.insert(vintage);
    }
    facts.health.insert(
        FeedId::new("cbp"),
        Arc::new(FeedHealth {
            checked: Some(at("2022-04-18T20:58:00Z")),
            success: Some(at("2022-04-18T20:58:00Z")),
            data_until: Some("2022-03-31".parse().unwrap()),
            next_due: Some(at("2022-04-19T02:58:00Z")),
            ..FeedHealth::unasked(FeedId::new("cbp"))
        }),
    );
    facts.health.insert(
        FeedId::new("news"),
        Arc::new(FeedHealth {
            checked: Some(at("2022-04-18T20:50:00Z")),
            failures: 3,
            error: Some("https://example.org answered 503: the server has trouble; it is asked again later".into()),
            ..FeedHealth::unasked(FeedId::new("news"))
        }),
    );
    facts.incidents.insert(incident().id, Arc::new(incident()));
    facts.ledgers.entry(PolicyId::new("title-42-lift")).or_default();
    for (policy, entry) in [
        ("title-42-lift", entry("2022-04-01T16:00:00Z", PolicyStatus::Scheduled, Some("2022-05-23"), "CDC")),
        ("mpp", entry("2022-04-10T16:00:00Z", PolicyStatus::Held, None, "W.D. La.")),
    ] {
        facts.apply(&crate::domain::change::Change::from((PolicyId::new(policy), entry)));
    }
    Situation {
        title: "Spring 2022".into(),
        now,
        mode: Mode::Live,
        store: StoreState::Fine,
        catalog: Arc::new(catalog),
        newest: facts.newest_headlines(),
        facts,
    }
}

fn item(title: &str) -> Item {
    Item {
        aliases: vec![Name::of("guid news 17")],
        title: title.into(),
        link: Some("https://example.org/17".into()),
        published: Some(at("2022-04-18T18:15:00Z")),
        summary: Some("".into()),
        language: Some("en-gb".into()),
        ..Item::default()
    }
}

#[test]
fn the_status_as_text() {
    insta::assert_snapshot!(status_text_in(&picture(), now(), 80));
}

#[test]
fn the_status_on_a_telephone_is_cut_and_not_broken() {
    let narrow = status_text_in(&picture(), now(), 44);
    assert!(narrow.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 44), "{narrow}");
    insta::assert_snapshot!(narrow);
}

#[test]
fn the_status_as_json() {
    insta::assert_snapshot!(status_json(&picture(), now()));
}

#[test]
fn one_line_says_the_worst_first() {
    assert_eq!(
        status_line(&picture(), now()),
        "1 firing (1 critical); 1 feed failing, 1 rule cannot tell · 1 of 2 feeds fresh, last proof 2022-04-18 20:58 UTC | US southwest \
         border encounters: 221,303 in March 2022, at or above 200,000 | Title 42 lift in 34 d 7 h\n"
    );
}

#[test]
fn no_alerts_is_said_only_where_it_is_proven() {
    let mut calm = picture();
    calm.facts.incidents.clear();
    // One described series has no figures yet: nobody can tell anything of it.
    assert!(status_line(&calm, now()).starts_with("nothing firing; 1 feed failing, 1 rule cannot tell ·"));
    let known = calm.facts.series.clone();
    let routes = &mut Arc::make_mut(&mut calm.catalog).routes;
    routes.iter_mut().for_each(|route| route.series.retain(|spec| known.contains_key(&spec.id)));
    calm.facts.health.insert(
        FeedId::new("news"),
        Arc::new(FeedHealth {
            checked: Some(calm.now),
            success: Some(calm.now),
            ..FeedHealth::unasked(FeedId::new("news"))
        }),
    );
    assert!(status_line(&calm, now()).starts_with("no alerts · 2 of 2 feeds fresh"));
    let subject = Subject::Series(border());
    let evaluation = Evaluation::without_figures(None, Verdict::Unknown, "no figures for March 2021".into());
    let judgement = Judgement { rule: "r".into(), subject: subject.clone(), phase: Phase::Inactive, evaluation };
    calm.facts.judgements.insert(("r".into(), subject), Arc::new(judgement));
    assert!(status_line(&calm, now()).starts_with("nothing firing; 1 rule cannot tell ·"));
    calm.catalog = Arc::new(Catalog::default());
    assert!(status_line(&calm, now()).starts_with("nothing firing; no feeds, 1 rule cannot tell ·"));
}

#[test]
fn a_route_is_as_bad_as_its_worst_alert_and_stale_is_no_severity() {
    let mut situation = picture();
    let state = |situation: &Situation, route: &str| RouteState::of(&route.into(), situation).word();
    assert_eq!(state(&situation, "us-southwest"), "critical");
    assert_eq!(state(&situation, "english-channel"), "fine");
    assert_eq!(state(&situation, "darien"), "unknown", "no figures are no calm");
    let stale = Incident { kind: "stale".into(), ..incident() };
    situation.facts.incidents.insert(stale.id.clone(), Arc::new(stale));
    assert_eq!(state(&situation, "us-southwest"), "stale");
    let ended = Incident {
        phase: Phase::Inactive,
        ended: Some((situation.now, crate::domain::alert::Event::Resolved)),
        ..incident()
    };
    situation.facts.incidents.insert(ended.id.clone(), Arc::new(ended));
    assert_eq!(state(&situation, "us-southwest"), "fine");
}

#[test]
fn who_has_an_alert_is_said() {
    let mut situation = picture();
    let acknowledged = Some(Acknowledgement {
        by: "desk@ops".into(),
        at: at("2022-04-18T20:30:00Z"),
        note: "calling".into(),
        until: None,
        wake: None,
    });
    let handled = Incident { acknowledged, ..incident() };
    situation.facts.incidents.insert(handled.id.clone(), Arc::new(handled));
    assert!(status_text(&situation, now()).contains("desk@ops has it: calling"));
    let document: serde_json::Value = serde_json::from_str(&status_json(&situation, now())).unwrap();
    assert_eq!(document["alerts"][0]["acknowledged_by"], "desk@ops");
}

fn everything() -> Scope {
    let feeds = ["cbp", "news"].map(FeedId::new).into();
    let rules = ["southwest-capacity", "r"].map(RuleId::new).into();
    Scope { feeds, rules, ..Scope::default() }
}

/// The same evening with one alert, and nothing in doubt.
fn proven() -> Situation {
    let mut proven = picture();
    let known = proven.facts.series.clone();
    let routes = &mut Arc::make_mut(&mut proven.catalog).routes;
    routes.iter_mut().for_each(|route| route.series.retain(|spec| known.contains_key(&spec.id)));
    let health =
        FeedHealth { checked: Some(proven.now), success: Some(proven.now), ..FeedHealth::unasked(FeedId::new("news")) };
    proven.facts.health.insert(FeedId::new("news"), Arc::new(health));
    judge(&mut proven, Verdict::Up, Phase::Firing);
    proven
}

fn judge(situation: &mut Situation, verdict: Verdict, phase: Phase) {
    let (rule, subject) = (RuleId::new("southwest-capacity"), Subject::Series(border()));
    let evaluation = Evaluation::without_figures(None, verdict, "no figures for March 2021".into());
    let judgement = Judgement { rule: rule.clone(), subject: subject.clone(), phase, evaluation };
    situation.facts.judgements.insert((rule, subject), Arc::new(judgement));
}

/// The state, the first line before the numbers, and the lines below it.
fn checked(situation: &Situation, scope: &Scope) -> (State, String, String) {
    let Checked { state, text } = check(situation, scope, now());
    let (first, details) = text.split_once('\n').unwrap();
    let (said, numbers) = first.split_once(" | ").unwrap();
    assert_eq!(text.matches('|').count(), 1, "{text}");
    assert!(numbers.split(' ').all(|number| number.starts_with('\'') || number.contains("'=")), "{numbers}");
    (state, said.to_owned(), details.to_owned())
}

#[test]
fn a_check_says_the_worst_in_its_first_line_with_numbers_and_details() {
    insta::assert_snapshot!("check", check(&picture(), &everything(), now()).text);
    let (state, said, details) = checked(&proven(), &everything());
    assert_eq!(state, State::Critical);
    assert_eq!(
        said,
        "WATCHFLOOR CRITICAL - 1 critical: US southwest border encounters: 221,303 in March 2022, at or above 200,000"
    );
    assert_eq!(details.lines().count(), 1, "{details}");
}

#[test]
fn a_check_is_fine_only_where_that_is_proven() {
    let mut calm = proven();
    calm.facts.incidents.clear();
    judge(&mut calm, Verdict::Clear, Phase::Inactive);
    let (state, said, details) = checked(&calm, &everything());
    let expected = "WATCHFLOOR OK - no alerts; 2 of 2 feeds fresh, last proof 2022-04-18 21:00 UTC";
    assert_eq!((state, said.as_str(), details.as_str()), (State::Ok, expected, ""));
    assert_eq!(state.status(), 0);

    let doubt = |change: &dyn Fn(&mut Situation)| {
        let mut doubtful = calm.clone();
        change(&mut doubtful);
        let (state, said, _) = checked(&doubtful, &everything());
        assert_eq!((state, state.status()), (State::Unknown, 3), "{said}");
        said
    };
    let with = |situation: &mut Situation, health: FeedHealth| {
        situation.facts.health.insert(health.feed.clone(), Arc::new(health));
    };
    let unasked = || FeedHealth::unasked(FeedId::new("news"));
    let said = doubt(&|it| judge(it, Verdict::Unknown, Phase::Inactive));
    assert!(said.contains("nothing firing; 1 verdict cannot be told: US southwest border encounters: rule"), "{said}");
    let said = doubt(&|it| judge(it, Verdict::Unknown, Phase::Firing));
    assert!(said.contains("rule southwest-capacity is frozen: no figures for March 2021"), "{said}");
    let said = doubt(&|it| with(it, unasked()));
    assert!(said.contains("1 feed waiting: feed news is waiting, no good answer yet"), "{said}");
    let failing = FeedHealth { failures: 3, error: Some("it is away".into()), checked: Some(now()), ..unasked() };
    let said = doubt(&|it| with(it, FeedHealth { since: Some(now()), ..failing.clone() }));
    assert!(said.contains("feed news is failing since 2022-04-18 21:00 UTC, no good answer yet: it is away"), "{said}");
    let old = Some(at("2022-04-18T08:00:00Z"));
    let stale = FeedHealth { checked: old, success: old, ..unasked() };
    let said = doubt(&|it| with(it, stale.clone()));
    assert!(said.contains("1 feed stale: feed news is stale, last good answer 2022-04-18 08:00 UTC"), "{said}");
    let said = doubt(&|it| {
        it.mode = Mode::Viewer { collector: None };
        with(it, stale.clone());
    });
    assert!(
        said.contains("nobody collects, the last check was 2022-04-18 20:58 UTC: start `watchfloor --head"),
        "{said}"
    );
    let ahead = Some(at("2022-04-18T22:00:00Z"));
    let said = doubt(&|it| with(it, FeedHealth { checked: ahead, success: ahead, ..unasked() }));
    assert!(said.contains("this machine's clock says 2022-04-18 21:00 UTC, the store holds a check of"), "{said}");
    let said = doubt(&|it| it.facts.judgements.clear());
    assert!(said.contains("no verdict of any rule"), "{said}");
    let (state, said, _) = checked(&calm, &Scope { feeds: Default::default(), ..everything() });
    assert!(state == State::Unknown && said.contains("no feed is configured"), "{said}");

    // A scheduler asks the feeds now and then: between its rounds nobody holds the lease, and all is well.
    let mut scheduled = calm.clone();
    scheduled.mode = Mode::Viewer { collector: None };
    assert_eq!(checked(&scheduled, &everything()).0, State::Ok);
    // A rule that was taken out has left a verdict behind, which says nothing.
    let mut gone = calm.clone();
    judge(&mut gone, Verdict::Unknown, Phase::Inactive);
    assert_eq!(checked(&gone, &Scope { rules: Default::default(), ..everything() }).0, State::Ok);
    // A feed that answers and is doubtful is a warning, never fine.
    let mut doubtful = calm.clone();
    let answer = FeedHealth { checked: Some(now()), success: Some(now()), ..unasked() };
    with(&mut doubtful, FeedHealth { degraded: Some("two | rows".into()), ..answer });
    let (state, said, details) = checked(&doubtful, &everything());
    assert_eq!(state, State::Warning);
    assert!(
        said.starts_with("WATCHFLOOR WARNING - nothing firing; 1 feed doubtful: feed news is doubtful, "),
        "{said}"
    );
    assert!(details.contains("two / rows"), "a bar would begin the numbers anew: {details}");
}

#[test]
fn acknowledged_alerts_count_unless_they_are_ignored_and_are_always_shown() {
    let mut handled = proven();
    let acknowledged =
        Some(Acknowledgement { by: "desk".into(), at: now(), note: "calling".into(), until: None, wake: None });
    handled.facts.incidents.insert(incident().id, Arc::new(Incident { acknowledged, ..incident() }));
    let (state, said, _) = checked(&handled, &everything());
    assert!(state == State::Critical && said.contains("1 critical, 1 of them acknowledged: US southwest"), "{said}");
    let ignoring = Scope { ignore_acknowledged: true, ..everything() };
    let (state, said, details) = checked(&handled, &ignoring);
    assert!(state == State::Ok && said.contains("WATCHFLOOR OK - 1 critical, 1 of them acknowledged: "), "{said}");
    assert!(details.starts_with("critical: ") && details.contains("desk has it: calling"), "{details}");
    let escalated = Incident { id: IncidentId("b".into()), severity: Severity::Warning, ..incident() };
    handled.facts.incidents.insert(escalated.id.clone(), Arc::new(escalated));
    let (state, said, _) = checked(&handled, &ignoring);
    assert!(state == State::Warning && said.contains("1 critical, 1 warning, 1 of them acknowledged"), "{said}");
}

#[test]
fn a_check_looks_only_at_what_was_asked_and_hides_no_doubt_behind_a_warning() {
    let mut situation = proven();
    let warning = Incident { severity: Severity::Warning, ..incident() };
    situation.facts.incidents.insert(warning.id.clone(), Arc::new(warning));
    let at_route =
        |route: &str| Scope { route: Some(route.into()), feeds: [FeedId::new("cbp")].into(), ..everything() };
    assert_eq!(checked(&situation, &at_route("us-southwest")).0, State::Warning);
    let (state, said, _) = checked(&situation, &at_route("english-channel"));
    assert!(state == State::Unknown && said.contains("no verdict of any rule on english-channel"), "{said}");
    let of_rule = |rule: &str| Scope { rule: Some(rule.into()), ..everything() };
    assert_eq!(checked(&situation, &of_rule("southwest-capacity")).0, State::Warning);
    assert_eq!(checked(&situation, &of_rule("r")).0, State::Unknown);
    // A warning may stand for a year.
    situation.facts.health.remove(&FeedId::new("news"));
    let (state, said, details) = checked(&situation, &everything());
    assert!(state == State::Unknown && said.contains("1 warning; 1 feed waiting: US southwest border"), "{said}");
    assert!(details.starts_with("warning: US southwest") && details.contains("\nunknown: feed news"), "{details}");
    situation.facts.incidents.insert(incident().id, Arc::new(incident()));
    assert_eq!(checked(&situation, &everything()).0, State::Critical);
}

#[test]
fn what_keeps_a_check_from_looking_stands_in_its_first_line() {
    let said = cannot_tell("the configuration cannot be used\n\n  \u{1b}[31mline 3 | key\n");
    let expected = "WATCHFLOOR UNKNOWN - the configuration cannot be used\n[31mline 3 / key\n";
    assert_eq!((said.state, said.text.as_str()), (State::Unknown, expected));
    assert_eq!(cannot_tell("").text, "WATCHFLOOR UNKNOWN - no reason given\n");
}

/// A watch in which much happened, and of which somebody outside wrote the words.
fn watch() -> (Situation, Watch) {
    let mut situation = picture();
    let catalog = Arc::make_mut(&mut situation.catalog);
    catalog.routes[0].owner = Some("border *desk*".into());
    catalog.routes[0].runbook = Some("https://wiki.example/border".into());
    let hold = LedgerEntry {
        source: Some("https://court.example/order_37".into()),
        ..entry("2022-04-18T19:00:00Z", PolicyStatus::Held, None, "W.D. La. [1](x) | <b>")
    };
    situation.facts.apply(&crate::domain::change::Change::from((PolicyId::new("title-42-lift"), hold)));
    let ended = Incident {
        id: IncidentId("ended".into()),
        rule: "month-year-on-year".into(),
        severity: Severity::Warning,
        opened: at("2022-04-15T20:00:00Z"),
        phase: Phase::Inactive,
        ended: Some((at("2022-04-18T18:30:00Z"), Event::Retracted)),
        reason: "×1.4 in February 2022".into(),
        ..incident()
    };
    let older = Incident {
        id: IncidentId("older".into()),
        ended: Some((at("2022-04-10T00:00:00Z"), Event::Resolved)),
        opened: at("2022-04-09T00:00:00Z"),
        ..ended.clone()
    };
    let notice = |event, severity, text: &str| Notice {
        incident: incident().id,
        event,
        severity,
        at: at("2022-04-18T20:00:00Z"),
        text: text.into(),
        told: Told::Yes,
    };
    let all = vintages();
    let old = vintage(&border(), "2022-02", Some(164_973.0), Status::Closed, "2022-03-10T16:00:00Z");
    let learned = |at_: usize, before: Option<&Vintage>| Learned {
        vintage: all[at_].clone(),
        taken: at("2022-04-18T20:00:00Z"),
        before: before.cloned(),
    };
    let running = Vintage {
        observation: Observation { status: Status::Partial, ..all[6].observation.clone() },
        ..all[6].clone()
    };
    let watch = Watch {
        since: at("2022-04-18T13:00:00Z"),
        incidents: [incident(), ended, older].map(Arc::new).to_vec(),
        notices: vec![
            notice(Event::Fired, Severity::Warning, "US southwest border: 201,000 in March 2022, above 200,000"),
            notice(Event::Escalated, Severity::Critical, "US southwest border: 221,303 in March 2022"),
        ],
        figures: vec![learned(1, Some(&old)), learned(2, None), learned(5, None), learned(6, Some(&running))],
        first_loads: [all[6].observation.series.clone()].into(),
        asked_before: [FeedId::new("cbp")].into(),
    };
    (situation, watch)
}

#[test]
fn a_handover_says_what_happened_what_is_open_and_what_is_due() {
    let (situation, watch) = watch();
    insta::assert_snapshot!("handover", handover_text(&situation, &watch));
    let document: serde_json::Value = serde_json::from_str(&handover_json(&situation, &watch)).unwrap();
    insta::assert_snapshot!("handover_json", handover_json(&situation, &watch));
    assert_eq!((&document["schema"], &document["since"]), (&1.into(), &"2022-04-18T13:00:00Z".into()));
    assert_eq!(document["fired"][0]["text"], "US southwest border: 201,000 in March 2022, above 200,000");
    assert_eq!((&document["ended"][0]["event"], document["ended"].as_array().unwrap().len()), (&"retracted".into(), 1));
    assert_eq!(
        (&document["revised"][0]["old"]["value"], &document["revised"][0]["new"]["value"]),
        (&164_973.into(), &166_010.into())
    );
    assert_eq!(document["policy_dates"][0]["old_date"], "2022-05-23");
}

#[test]
fn a_handover_of_nothing_says_so_in_every_part() {
    let quiet = Situation { facts: Facts::default(), catalog: Arc::default(), ..picture() };
    let text = handover_text(&quiet, &Watch { since: at("2022-04-18T13:00:00Z"), ..Watch::default() });
    let parts: Vec<&str> = text.split("\n## ").skip(1).collect();
    assert_eq!(parts.len(), 9, "{text}");
    for part in parts {
        let said: Vec<&str> = part.lines().skip(1).filter(|line| !line.is_empty()).collect();
        assert!(said.len() == 1 && (said[0].starts_with("No ") || said[0].starts_with("Every ")), "{part}");
    }
    let document = handover_json(&quiet, &Watch::default());
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    for part in
        ["fired", "escalated", "ended", "open", "revised", "new_figures", "policy_dates", "feeds", "overdue", "due"]
    {
        assert_eq!(document[part], serde_json::json!([]), "{part}");
    }
}

#[test]
fn a_feed_that_answers_again_is_told_once() {
    let (mut situation, watch) = watch();
    let cbp = FeedId::new("cbp");
    let again = FeedHealth { since: Some(at("2022-04-18T15:00:00Z")), ..(*situation.facts.health[&cbp]).clone() };
    situation.facts.health.insert(cbp.clone(), Arc::new(again.clone()));
    let text = handover_text(&situation, &watch);
    assert!(text.contains("- cbp answers well again since 2022-04-18 15:00 UTC, last good answer "), "{text}");
    let before = FeedHealth { since: Some(at("2022-04-18T12:00:00Z")), ..again.clone() };
    situation.facts.health.insert(cbp.clone(), Arc::new(before));
    assert!(!handover_text(&situation, &watch).contains("- cbp "), "it did so before the watch began");
    let once = FeedHealth { failures: 1, error: Some("a *pause*".into()), ..again };
    situation.facts.health.insert(cbp, Arc::new(once));
    assert!(handover_text(&situation, &watch).contains("- cbp failed once since 2022-04-18 15:00 UTC, "));
    let first = Watch { asked_before: Default::default(), ..watch };
    assert!(!handover_text(&picture(), &first).contains("- cbp "), "its first answer is no return");
}

#[test]
fn a_long_watch_is_cut_for_people_and_says_so() {
    let (situation, mut watch) = watch();
    let many = |number: usize| Arc::new(Incident { id: IncidentId(format!("{number}").into()), ..incident() });
    watch.incidents = (0..60).map(many).collect();
    let text = handover_text(&situation, &watch);
    assert!(text.contains("- … and 21 more; `--json` has all of them\n"), "{text}");
    let document: serde_json::Value = serde_json::from_str(&handover_json(&situation, &watch)).unwrap();
    assert_eq!(document["fired"].as_array().unwrap().len(), 60);
}

#[test]
fn exports_hold_the_newest_version_or_every_one() {
    let newest = observations(&vintages(), false, Format::Csv);
    assert_eq!(newest.lines().count(), 1 + 5);
    assert!(newest.contains("2022-03,2022-03-01,2022-04-01,222239,closed"));
    // The order in which they come decides nothing.
    let mut turned = vintages();
    turned.reverse();
    assert_eq!(observations(&turned, false, Format::Csv), newest);
    insta::assert_snapshot!("observations_csv", observations(&vintages(), true, Format::Csv));
    insta::assert_snapshot!("observations_json", observations(&vintages()[5..], true, Format::Json));
}

#[test]
fn headlines_are_guarded_against_spreadsheets() {
    let headline = |title: &str| Headline {
        version: 2,
        also: ["wire", "herald"].map(|feed| Also { feed: FeedId::new(feed), link: None }).to_vec(),
        ..Headline::first(HeadlineKey("h1".into()), FeedId::new("news"), at("2022-04-18T18:20:00Z"), item(title))
    };
    let formula = headline("=HYPERLINK(\"https://example.org\")");
    insta::assert_snapshot!("headlines_csv", headlines(&[&formula, &headline("Two, \"three\"")], Format::Csv));
    insta::assert_snapshot!("headlines_json", headlines(&[&formula], Format::Json));
}

fn reading(kind: FeedKind) -> Reading {
    Reading {
        feed: Some("cbp".to_owned()),
        kind,
        observations: vec![],
        items: vec![],
        warnings: vec![],
        warning_count: 0,
        unused: vec![],
        stated: None,
        error: None,
        next: String::new(),
    }
}

#[test]
fn a_reading_says_what_was_understood() {
    let warning = [
        "row 17, Encounter Count",
        "found \"n/a\", expected a number",
        "filter the row with `rows` if it never counts",
    ];
    let read = Reading {
        observations: vintages().into_iter().map(|vintage| vintage.observation).collect(),
        warnings: vec![warning.map(Into::into)],
        warning_count: 1,
        ..reading(FeedKind::Statistics)
    };
    insta::assert_snapshot!("reading_text", reading_text(&read, false));
    let document: serde_json::Value = serde_json::from_str(&reading_json(&read)).unwrap();
    assert_eq!(document["observations"].as_array().map(Vec::len), Some(7));
    assert_eq!(document["warnings"][0]["where"], "row 17, Encounter Count");
    assert_eq!(document["degraded"], true);
    assert_eq!(document["observations"][5]["value"], serde_json::Value::Null, "a withheld figure is no zero");
}

#[test]
fn a_reading_of_news_and_one_that_failed() {
    let items =
        vec![item("Twenty-one states ask a court to keep Title 42"), Item { published: None, ..item("Undated") }];
    let news = Reading { feed: None, items, ..reading(FeedKind::News) };
    insta::assert_snapshot!("reading_of_news_text", reading_text(&news, false));
    insta::assert_snapshot!("reading_of_news_json", reading_json(&news));
    let failed = Reading { error: Some("no list of records at /data".into()), ..reading(FeedKind::Statistics) };
    assert_eq!(reading_text(&failed, false), "cbp could not be read: no list of records at /data\n");
}

#[test]
fn long_lists_are_cut_for_people_and_say_so() {
    let route = |number: u32| series(&format!("r/{number:03}"), "persons", Cadence::Month);
    let all =
        (0..60).map(|n| vintage(&route(n), "2022-03", Some(1.0), Status::Closed, "2022-04-01T00:00:00Z").observation);
    let warnings: Vec<_> = (0..100).map(|row| [format!("row {row}").as_str().into(), "w".into(), "r".into()]).collect();
    let read = Reading { observations: all.collect(), warnings, warning_count: 1234, ..reading(FeedKind::Statistics) };
    let text = reading_text(&read, false);
    assert!(text.contains("60 figures in 60 series, 1,234 warnings (degraded)"), "{text}");
    for phrase in ["… and 40 more; --all shows them", "… and 95 more of the same", "… and 1,134 warnings beyond"]
    {
        assert!(text.contains(phrase), "{phrase}\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(reading_text(&read, true).contains("r/059"), "all of them are there when asked for");
}

proptest! {
    #[test]
    fn no_text_breaks_a_line_or_a_cell(title in "\\PC{0,80}|[=+@\"',\\n-]{0,8}", width in 40_usize..200) {
        let mut situation = picture();
        situation.title = title.as_str().into();
        let mut catalog = (*situation.catalog).clone();
        catalog.routes[0].name = title.as_str().into();
        situation.catalog = Arc::new(catalog);
        let report = status_text_in(&situation, now(), width);
        prop_assert!(report.lines().count() > 10);
        let document: serde_json::Value = serde_json::from_str(&status_json(&situation, now())).unwrap();
        prop_assert_eq!(&document["schema"], 1);
        let (key, feed) = (HeadlineKey("h".into()), FeedId::new("f"));
        let headline = Headline::first(key, feed, now(), item(&title));
        let written = headlines(&[&headline], Format::Csv);
        let mut reader = ::csv::Reader::from_reader(written.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        let first = row[2].chars().next();
        prop_assert!(!matches!(first, Some('=' | '+' | '-' | '@')), "{:?}", &row[2]);
        prop_assert_eq!(row.len(), 11);
    }
}

#[test]
fn tables_that_could_not_be_looked_at_stand_apart_from_columns() {
    let feeds = [
        ("desk".to_owned(), Ok(vec!["Note".into(), "Flag".into()])),
        ("away".to_owned(), Err("there is no file away.csv; check its path".into())),
        ("fine".to_owned(), Ok(Vec::new())),
    ];
    let expected = "Columns that no mapping reads (no fault, unless one was forgotten):\n  desk  Note, Flag\n\n\
                    Tables that could not be looked at (the mapping may be right all the same):\n  \
                    away  there is no file away.csv; check its path\n";
    assert_eq!(columns_text(&feeds), expected);
    assert!(!columns_text(&feeds[1..]).contains("no mapping reads"));
    assert_eq!(columns_text(&feeds[2..]), "");
}
