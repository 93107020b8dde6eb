//! Spring 2022 as it was known then: what fires, when, and what is silent.

use super::*;

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
    assert_eq!(firing(&session), ["warning month-year-on-year", "warning month-year-to-date"], "autumn was higher");

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

/// Figures of a route from a table of ours beside this checkout, up to a month.
fn history(session: &mut Session, route: &str, file: &str, of: &str, until: &str) -> bool {
    let Some(text) = shared(&format!("feeds/expected/{file}.csv")) else { return false };
    let until: Period = until.parse().unwrap();
    for row in rows(&text).iter().filter(|row| row["route"] == of) {
        let period = Period::containing(Cadence::Month, row["date"].parse().unwrap());
        if period <= until {
            session.insert(
                route,
                &period.label(),
                row["value"].parse().ok(),
                Status::Closed,
                at("2022-01-20T00:00:00Z"),
            );
        }
    }
    true
}

/// What fires and what does not of the rules by month, with its severity.
fn firing(session: &Session) -> Vec<String> {
    let open = session.facts.incidents.values().filter(|incident| incident.is_open());
    open.map(|incident| format!("{} {}", incident.severity, incident.rule)).collect()
}

#[test]
fn the_darien_with_its_whole_history_has_no_record_and_no_second_sign() {
    let mut rules = presets();
    crate::alerts::link(&mut rules);
    let mut session = Session::new(catalog(&[("darien", (1, 1))]), rules);
    let table = "panama-snm-darien-transit-nationality";
    if !history(&mut session, "darien", table, "darien", "2021-12") {
        return;
    }
    // The three months without rows are zero: the others add up to the year.
    for month in ["2020-04", "2020-05", "2020-07"] {
        session.insert("darien", month, Some(0.0), Status::Closed, at("2022-01-20T00:00:00Z"));
    }
    session.insert("darien", "2022-01", Some(4700.0), Status::Provisional, at("2022-02-04T12:00:00Z"));
    session.decide(Cause::FirstLoad, at("2022-03-28T00:00:00Z"));
    let now = at("2022-03-29T16:02:00Z");
    session.insert("darien", "2022-02", Some(3756.0), Status::Provisional, now);
    session.decide(Cause::New, now);
    // Both have fired since 2021, when there were more than four times as many as in the year before: no incident becomes less.
    let both = ["critical month-year-on-year", "critical month-year-to-date"];
    assert_eq!(firing(&session), both);
    let now = at("2022-04-11T17:40:00Z");
    for (month, value) in [("2022-01", 4442.0), ("2022-02", 4014.0), ("2022-03", 4969.0)] {
        session.insert("darien", month, Some(value), Status::Closed, now);
    }
    session.decide(Cause::Revision { small: false }, now);
    assert_eq!(firing(&session), both);
    let silent: Vec<String> = ["month-record", "month-ears", "month-change", "month-two-of-three"]
        .iter()
        .map(|rule| {
            let key = (RuleId::new(rule), Subject::Series(series_id("darien")));
            let judged = &session.facts.judgements[&key];
            format!("{} {}", judged.evaluation.verdict.word(), judged.evaluation.reason)
        })
        .collect();
    assert_eq!(
        silent,
        [
            "clear 4,969 in March 2022; higher in November 2021: 7,762",
            "clear 4,969 in March 2022, nothing unusual: about 13,997 is usual, up to 73,994 (EARS C2)",
            "clear up 12 % by the day: 4,969 in March 2022, from 4,014 in February 2022",
            "clear 1 of 3 fires: year on year; it takes 2",
        ]
    );
    // The final table: triple, where it had been nearly triple.
    for (month, value) in [("2022-01", 4702.0), ("2022-02", 4262.0), ("2022-03", 4827.0)] {
        session.insert("darien", month, Some(value), Status::Closed, at("2025-05-13T00:00:00Z"));
    }
    session.decide(Cause::Revision { small: false }, at("2025-05-13T00:00:00Z"));
    let id = series_id("darien");
    let to_date = session.rules.iter().find(|rule| rule.id == RuleId::new("month-year-to-date")).unwrap();
    let all = crate::alerts::evaluate(to_date, &session.rules, &session.catalog, &session.facts, &id);
    let february = all.iter().find(|evaluation| evaluation.period == Some("2022-02".parse().unwrap())).unwrap();
    assert!((february.statistic.unwrap() - 3.061).abs() < 0.001);
    assert!(
        february.reason.as_str().starts_with("triple: 8,964 in Jan–Feb 2022, from 2,928 in 2021"),
        "{}",
        february.reason
    );
}

#[test]
fn the_border_is_critical_as_soon_as_march_is_published() {
    let mut rules = presets();
    crate::alerts::link(&mut rules);
    let mut session = Session::new(catalog(&[("us", (10, 1))]), rules);
    let table = "cbp-southwest-encounters-fy19-fy22";
    if !history(&mut session, "us", table, "southwest-border", "2022-02") {
        return;
    }
    session.decide(Cause::FirstLoad, at("2022-03-28T00:00:00Z"));
    assert_eq!(firing(&session), ["critical month-year-on-year", "warning month-year-to-date"]);
    session.insert("us", "2022-03", Some(221_303.0), Status::Closed, at("2022-04-18T20:30:00Z"));
    session.decide(Cause::New, at("2022-04-18T20:30:00Z"));
    assert_eq!(
        session.told(),
        [
            "fired us: highest on record: 221,303 in March 2022; before that 213,593 in July 2021",
            "fired us: highest on record: 221,303 in March 2022; before that 213,593 in July 2021 · 2 of 3 agree: year on year, record",
        ]
    );
    let all = [
        "warning month-record",
        "critical month-two-of-three",
        "critical month-year-on-year",
        "warning month-year-to-date",
    ];
    assert_eq!(firing(&session), all);
    let ears = &session.facts.judgements[&(RuleId::new("month-ears"), Subject::Series(series_id("us")))];
    assert_eq!(ears.phase, Phase::Inactive);
    let ratio = &session.facts.judgements[&(RuleId::new("month-year-on-year"), Subject::Series(series_id("us")))];
    let held = "×1.5: 542,187 in Jan–Mar 2022, from 352,790 in 2021 · as published 18 Apr";
    assert_eq!((ratio.evaluation.verdict, ratio.evaluation.reason.as_str()), (Verdict::Hold, held));
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
