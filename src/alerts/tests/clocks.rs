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

fn scheduled(known: &str, recorded: &str, due: Due) -> LedgerEntry {
    LedgerEntry {
        known: at(known),
        recorded: at(recorded),
        status: PolicyStatus::Scheduled,
        due: Some(due),
        reason: None,
        authority: None,
        source: None,
        first_load: false,
    }
}

/// A policy date of New York with a ledger, under the rule `deadline`.
fn deadline(rule_text: &str, entries: &[LedgerEntry]) -> Session {
    let date = PolicyDate {
        id: PolicyId::new("lift"),
        name: "Lift".into(),
        zone: jiff::tz::TimeZone::get("America/New_York").unwrap(),
        routes: Vec::new(),
    };
    let catalog = Catalog { policy_dates: vec![date], ..Catalog::default() };
    let mut session = Session::new(catalog, vec![rule(&format!("id = \"d\"\nkind = \"deadline\"\n{rule_text}"))]);
    for entry in entries {
        session.facts.apply(&Change::from((PolicyId::new("lift"), entry.clone())));
    }
    session
}

/// Goes on from one instant at which the clock would change to the next, as a session does.
fn until(session: &mut Session, start: &str, end: &str) {
    let (mut now, end) = (at(start), at(end));
    while now <= end {
        session.decide(Cause::Tick, now);
        let next = crate::alerts::next_change(&session.rules, &session.catalog, &session.facts, now);
        assert!(next.is_none_or(|next| next > now));
        now = next.unwrap_or(end + SignedDuration::from_secs(1));
    }
}

fn told_at(session: &Session) -> Vec<String> {
    session.told.iter().map(|notice| format!("{} {} {}", notice.at, notice.severity, notice.text)).collect()
}

const MAY: Due = Due::Day(jiff::civil::date(2022, 5, 23));

#[test]
fn a_deadline_is_told_four_times_and_waits_to_be_confirmed() {
    let mut session = deadline("", &[scheduled("2022-04-01T16:00:00Z", "2022-04-01T16:00:00Z", MAY)]);
    until(&mut session, "2022-04-01T16:00:00Z", "2022-06-10T00:00:00Z");
    assert_eq!(
        told_at(&session),
        [
            "2022-04-23T04:00:00Z info Lift: due in 30 days, from 00:00 New York on 23 May 2022",
            "2022-05-16T04:00:00Z info Lift: due in 7 days, from 00:00 New York on 23 May 2022",
            "2022-05-22T04:00:00Z info Lift: due in 24 h, from 00:00 New York on 23 May 2022",
            "2022-05-23T04:00:00Z warning Lift: was due from 00:00 New York on 23 May 2022; not confirmed",
        ]
    );
    assert!(session.facts.incidents.values().all(|incident| !incident.is_open()), "a week after it has come");
}

#[test]
fn days_are_counted_and_in_the_end_hours() {
    let session = deadline("", &[scheduled("2022-04-01T16:00:00Z", "2022-04-01T16:00:00Z", MAY)]);
    let said = |now: &str| {
        let mut session = deadline("", session.facts.ledgers[&PolicyId::new("lift")].entries());
        session.decide(Cause::Tick, at(now));
        session.facts.judgements.values().next().unwrap().evaluation.reason.to_string()
    };
    assert_eq!(said("2022-04-20T00:00:00Z"), "due from 00:00 New York on 23 May 2022");
    // In New York it is still the 17th.
    assert_eq!(said("2022-05-18T03:00:00Z"), "Lift: due in 6 days, from 00:00 New York on 23 May 2022");
    assert_eq!(said("2022-05-22T05:00:00Z"), "Lift: due in 23 h, from 00:00 New York on 23 May 2022");
    assert_eq!(said("2022-05-23T03:30:00Z"), "Lift: due in less than an hour, from 00:00 New York on 23 May 2022");
    let minute = Due::Minute(jiff::civil::date(2023, 5, 11).at(23, 59, 0, 0));
    let mut session = deadline("", &[scheduled("2023-01-30T16:00:00Z", "2023-01-30T16:00:00Z", minute)]);
    session.decide(Cause::Tick, at("2023-05-06T16:00:00Z"));
    assert_eq!(session.told(), ["fired Lift: due in 5 days, at 23:59 New York on 11 May 2023"]);
}

#[test]
fn of_what_was_past_when_the_date_was_set_only_the_last_is_told() {
    // Set three days before: 30 and 7 days before were past.
    let recorded = "2022-05-20T04:00:00Z";
    let mut session = deadline("", &[scheduled("2022-05-19T16:00:00Z", recorded, MAY)]);
    until(&mut session, "2022-05-20T05:00:00Z", "2022-05-22T03:00:00Z");
    assert_eq!(
        told_at(&session),
        ["2022-05-20T05:00:00Z info Lift: due in 3 days, from 00:00 New York on 23 May 2022"]
    );
    let incident = session.facts.incidents.values().next().unwrap();
    assert_eq!(incident.onset.to_string(), recorded, "not when somebody looked");
    // Set 40 days before: nothing was past.
    let mut early = deadline("", &[scheduled("2022-04-13T16:00:00Z", "2022-04-13T16:00:00Z", MAY)]);
    early.decide(Cause::Tick, at("2022-04-14T05:00:00Z"));
    assert!(early.told.is_empty());
}

#[test]
fn held_and_withdrawn_dates_have_no_deadline_and_confirmed_ones_are_over() {
    for status in [PolicyStatus::Held, PolicyStatus::Withdrawn, PolicyStatus::Reached] {
        let set = scheduled("2022-04-01T16:00:00Z", "2022-04-01T16:00:00Z", MAY);
        let changed = LedgerEntry { status, ..scheduled("2022-05-20T21:30:00Z", "2022-05-20T21:30:00Z", MAY) };
        let mut session = deadline("", &[set, changed]);
        until(&mut session, "2022-05-17T00:00:00Z", "2022-06-10T00:00:00Z");
        assert_eq!(told_at(&session).len(), 1, "{status:?}");
        assert!(session.facts.incidents.values().all(|incident| !incident.is_open()));
    }
}

#[test]
fn how_long_before_is_for_the_rule_to_say() {
    let set = scheduled("2022-04-01T16:00:00Z", "2022-04-01T16:00:00Z", MAY);
    let mut session = deadline("before = [\"48h\", \"10d\"]", std::slice::from_ref(&set));
    assert_eq!(session.rules[0].text.as_str(), "10 d, 2 d before a policy date, and when it has come");
    until(&mut session, "2022-04-02T00:00:00Z", "2022-05-23T03:00:00Z");
    let told = told_at(&session);
    assert!(told.len() == 2 && told[0].contains("in 10 days") && told[1].contains("in 48 h"), "{told:?}");
}
