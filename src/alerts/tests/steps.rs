//! Steps of open incidents: another rule, a long absence, a void.

use super::*;

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

#[test]
fn an_alert_that_is_only_kept_says_why_it_fired() {
    let mut session =
        Session::new(catalog(&[("r", (1, 1))]), vec![rule("id = \"x\"\nkind = \"record\"\nmin_history = 2")]);
    for (month, value) in [("2022-01", 500.0), ("2022-02", 400.0), ("2022-03", 900.0), ("2022-04", 700.0)] {
        session.insert("r", month, Some(value), Status::Closed, at("2022-05-01T00:00:00Z"));
        session.decide(Cause::New, at("2022-05-01T00:00:00Z"));
    }
    let why = |session: &Session| session.facts.incidents.values().next().unwrap().reason.to_string();
    assert_eq!(why(&session), "highest on record: 900 in March 2022; before that 500 in January 2022");
    for (month, value) in [("2022-05", 600.0), ("2022-06", 500.0)] {
        session.insert("r", month, Some(value), Status::Closed, at("2022-07-01T00:00:00Z"));
        session.decide(Cause::New, at("2022-07-01T00:00:00Z"));
    }
    assert_eq!(why(&session), "500 in June 2022; higher in May 2022: 600");
    assert_eq!(session.told.iter().map(|notice| notice.event).collect::<Vec<_>>(), [Event::Fired, Event::Resolved]);
}
