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
