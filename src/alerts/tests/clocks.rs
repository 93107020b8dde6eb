//! Kinds that depend on the clock: overdue figures, policy dates.

use super::*;

#[test]
fn a_silent_publisher_is_overdue_and_a_new_figure_ends_it() {
    let mut session = Session::new(catalog(&[("r", (1, 1))]), vec![rule("id = \"stale\"\nkind = \"stale\"")]);
    session.insert("r", "2022-01", Some(10.0), Status::Closed, at("2022-03-01T00:00:00Z"));
    session.decide(Cause::FirstLoad, at("2022-03-02T00:00:00Z"));
    // February ends; 45 days of lag and half a month (14 days) of grace: 29 April.
    let overdue = at("2022-04-29T00:00:00Z");
    let next = crate::alerts::next_change(&session.rules, &session.catalog, &session.facts, at("2022-03-02T00:00:00Z"));
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
