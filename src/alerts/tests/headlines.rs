//! Words in headlines.

use super::*;
use crate::domain::headline::{Also, Headline, HeadlineKey, Item};

/// A headline of a feed: published, seen so many hours later.
fn headline(number: u32, feed: &str, title: &str, published: &str, later: i64) -> Headline {
    let item = Item { title: title.into(), published: Some(at(published)), ..Item::default() };
    let seen = at(published) + SignedDuration::from_hours(later);
    Headline::first(HeadlineKey(format!("h{number}").into()), feed.into(), seen, item)
}

fn session(options: &str, headlines: &[Headline]) -> Session {
    let kind = if options.contains("kind") { "" } else { "kind = \"keyword\"" };
    let rule = rule(&format!("id = \"flights\"\n{kind}\n{options}"));
    let mut session = Session::new(Catalog::default(), vec![rule]);
    for headline in headlines {
        session.facts.apply(&Change::from(headline.clone()));
    }
    session
}

#[test]
fn one_headline_is_told_and_kept_for_a_day_after_its_own() {
    let flight = headline(1, "bbc", "First flight to Rwanda", "2022-04-14T08:00:00Z", 1);
    let mut session = session("words = \"rwanda flight*\"", &[flight]);
    session.decide(Cause::Tick, at("2022-04-14T09:30:00Z"));
    assert_eq!(session.told(), ["fired flights: bbc: First flight to Rwanda"]);
    let incident = session.facts.incidents.values().next().unwrap();
    assert_eq!(incident.onset.to_string(), "2022-04-14T09:00:00Z", "when it was seen, not when somebody looked");
    let end = crate::alerts::next_change(&session.rules, &session.catalog, &session.facts, at("2022-04-14T10:00:00Z"));
    assert_eq!(end, Some(at("2022-04-16T08:00:00Z")));
    session.decide(Cause::Tick, at("2022-04-16T07:59:00Z"));
    assert!(session.facts.incidents.values().all(|incident| incident.is_open()));
    session.decide(Cause::Tick, at("2022-04-16T08:00:00Z"));
    assert!(session.facts.incidents.values().all(|incident| !incident.is_open()));
    assert_eq!(session.told.len(), 1, "that nobody writes of it any more is no news");
}

#[test]
fn the_next_ones_are_of_the_same_alert_also_where_they_come_late() {
    let one = headline(1, "bbc", "First flight to Rwanda", "2022-04-14T08:00:00Z", 1);
    let mut session = session("words = \"rwanda\"", &[one]);
    for (number, (published, later)) in
        [("2022-04-14T07:00:00Z", 4), ("2022-04-15T20:00:00Z", 0), ("2022-04-17T12:00:00Z", 0)].iter().enumerate()
    {
        let number = u32::try_from(number).unwrap() + 2;
        let next = headline(number, "bbc", &format!("Rwanda again, part {number}"), published, *later);
        let now = next.seen;
        session.facts.apply(&Change::from(next));
        session.decide(Cause::Tick, now);
    }
    assert_eq!(session.told.len(), 1, "{:?}", session.told());
    let incident = session.facts.incidents.values().next().unwrap();
    assert_eq!(incident.onset.to_string(), "2022-04-14T09:00:00Z");
    assert!(incident.reason.as_str().starts_with("bbc: Rwanda again, part 4"), "{}", incident.reason);
}

#[test]
fn so_many_stories_of_so_many_feeds() {
    let first = headline(1, "bbc", "First flight to Rwanda", "2022-04-14T08:00:00Z", 0);
    let same = headline(2, "sky", "To Rwanda: first flight", "2022-04-14T09:00:00Z", 0);
    let other = headline(3, "bbc", "Rwanda waits", "2022-04-14T10:00:00Z", 0);
    let noted = Headline { also: vec![Also { feed: "sky".into(), link: None }], ..first.clone() };
    let told = |options: &str, headlines: &[&Headline]| {
        let headlines: Vec<Headline> = headlines.iter().map(|headline| (*headline).clone()).collect();
        let mut session = session(&format!("words = \"rwanda\"\n{options}"), &headlines);
        session.decide(Cause::Tick, at("2022-04-14T12:00:00Z"));
        session.told().pop().unwrap_or_default()
    };
    assert_eq!(told("items = 2", &[&first, &same]), "", "the same words are the same story");
    assert_eq!(
        told("items = 2", &[&first, &same, &other]),
        "fired flights: 2 headlines in 24 h, the newest of bbc: Rwanda waits"
    );
    assert_eq!(told("feeds = 2", &[&first, &other]), "");
    assert_ne!(told("feeds = 2", &[&first, &same]), "");
    assert_ne!(told("feeds = 2", &[&noted]), "", "the same story of another feed counts for it");
    assert_eq!(told("items = 2\nhours = 1", &[&first, &other]), "", "two hours apart");
}

#[test]
fn what_is_old_at_first_sight_or_was_there_on_the_first_day_is_no_news() {
    let old = headline(1, "bbc", "Rwanda", "2022-04-01T08:00:00Z", 8 * 24);
    let first = Headline { first_load: true, ..headline(2, "bbc", "Rwanda today", "2022-04-09T08:00:00Z", 0) };
    let mut session = session("words = \"rwanda\"", &[old, first]);
    session.decide(Cause::Tick, at("2022-04-09T09:00:00Z"));
    assert!(session.told.is_empty());
}

#[test]
fn what_cannot_be_looked_for_is_said() {
    let error = |text: &str| {
        let options: RuleOptions = toml::from_str(&format!("id = \"x\"\nkind = \"keyword\"\n{text}")).unwrap();
        Rule::from_options(&options).unwrap_err().to_string()
    };
    assert!(error("").starts_with("words: it is missing; write what to look for"));
    assert_eq!(error("words = \"(a\""), "words: a bracket is opened and never closed; add the other bracket");
    assert!(error("words = \"a\"\nroute = \"r\"").starts_with("route: headlines have none"));
}

/// A month of a headline or two a day of two feeds, and one day with many.
fn a_month_and(burst: &[(&str, &str)]) -> Session {
    let mut headlines = Vec::new();
    let start = at("2022-04-01T08:00:00Z");
    let mut add = |feed: &str, title: &str, hour: i64| {
        let number = u32::try_from(headlines.len()).unwrap();
        let published = (start + SignedDuration::from_hours(hour)).to_string();
        headlines.push(headline(number, feed, &format!("{title} {number}"), &published, 0));
    };
    for day in 0..30 {
        add("bbc", "Weather", day * 24);
        add("sky", if day % 2 == 0 { "Rwanda talks" } else { "Sports" }, day * 24 + 1);
    }
    for (hour, (feed, title)) in (0..).zip(burst) {
        add(feed, title, 30 * 24 + hour);
    }
    session("kind = \"burst\"\nwords = \"rwanda\"", &headlines)
}

#[test]
fn a_day_with_far_more_headlines_is_a_burst_and_one_feed_alone_makes_none() {
    let many: Vec<(&str, &str)> =
        ["bbc", "sky", "bbc", "itv", "bbc", "sky", "bbc"].map(|feed| (feed, "Rwanda flight")).to_vec();
    let mut session = a_month_and(&many);
    session.decide(Cause::Tick, at("2022-05-01T11:00:00Z"));
    assert!(session.told.is_empty(), "four so far: {:?}", session.told());
    session.decide(Cause::Tick, at("2022-05-01T12:00:00Z"));
    assert_eq!(
        session.told(),
        ["fired flights: 5 headlines of 3 feeds on 1 May, where 3 at most are usual; Rwanda flight 64"]
    );
    assert_eq!(session.told[0].severity, Severity::Info);
    let incident = session.facts.incidents.values().next().unwrap();
    assert_eq!(incident.onset.to_string(), "2022-05-01T12:00:00Z");
    let end = crate::alerts::next_change(&session.rules, &session.catalog, &session.facts, at("2022-05-01T20:00:00Z"));
    assert_eq!(end, Some(at("2022-05-03T00:00:00Z")));
    session.decide(Cause::Tick, at("2022-05-03T00:00:00Z"));
    assert!(session.facts.incidents.values().all(|incident| !incident.is_open()) && session.told.len() == 1);
    let mut alone = a_month_and(&[("bbc", "Rwanda flight"); 12]);
    alone.decide(Cause::Tick, at("2022-05-02T00:00:00Z"));
    assert!(alone.told.is_empty());
}

#[test]
fn without_a_fortnight_of_headlines_no_burst_can_be_told() {
    let headlines: Vec<Headline> = (0..9)
        .map(|number| {
            headline(
                number,
                ["bbc", "sky", "itv"][number as usize % 3],
                &format!("Rwanda {number}"),
                "2022-04-14T08:00:00Z",
                0,
            )
        })
        .collect();
    let mut session = session("kind = \"burst\"\nwords = \"rwanda\"", &headlines);
    session.decide(Cause::Tick, at("2022-04-14T09:00:00Z"));
    assert!(session.told.is_empty());
}
