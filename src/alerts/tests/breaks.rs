//! Breaks and stocks: what must not be compared, and what must not be added.

use super::*;

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
    let firing = |session: &Session| {
        let firing = session.facts.incidents.values().filter(|incident| incident.phase == Phase::Firing);
        firing.map(|incident| incident.rule.to_string()).collect::<Vec<_>>()
    };
    let all = [
        "month-change",
        "month-ears",
        "month-record",
        "month-two-of-three",
        "month-year-on-year",
        "month-year-to-date",
    ];
    assert_eq!(firing(&a_rise(Status::Closed, false)), all);
    let broken = a_rise(Status::Break, false);
    // January was counted as February is, and the change between the two is one.
    assert_eq!(firing(&broken), ["month-change"]);
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
    // Ten times as many as a year ago, and more than ever; but no sum of months or of the year.
    let rules: Vec<&str> = firing.iter().filter_map(|said| said.split(':').next()).collect();
    let expected = ["month-change", "month-ears", "month-record", "month-two-of-three", "month-year-on-year"];
    assert_eq!(rules, expected);
    assert!(firing[4].contains("10,000 in February 2022, from 1,000"), "{firing:?}");
}
