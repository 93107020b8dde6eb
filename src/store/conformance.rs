//! One suite that every store passes: each test walks every store through the same story.

use super::kept::{Kept, Packed};
use super::memory::MemoryStore;
use super::sqlite::SqliteStore;
use super::{Arrival, Body, Check, Haul, LeaseAnswer, Marked, Marks, Store, StoreError, Want};
use crate::domain::alert::{
    Decision, Evaluation, Event, Incident, IncidentId, Judgement, Notice, Onset, Phase, Severity, Subject, Told,
    Verdict,
};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::headline::{Headline, Item, Name, Names, canonical_link, story};
use crate::domain::mark::{Mark, MarkKind, Wake};
use crate::domain::observation::{Known, KnownHow, Observation, Status, Undone};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyId, PolicyStatus};
use crate::domain::route::SeriesId;
use crate::domain::situation::Facts;
use crate::domain::time::{Cadence, Period};
use jiff::Timestamp;
use proptest::prelude::*;

/// Walks every store through a story.
fn every(story: impl Fn(&mut dyn Store)) {
    story(&mut MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    story(&mut SqliteStore::open(&folder.path().join("new/facts.db")).unwrap());
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn lease(store: &mut dyn Store) -> u64 {
    match store.take_lease("me", at(0), at(1_000_000_000)).unwrap() {
        LeaseAnswer::Granted(lease) => lease.token,
        LeaseAnswer::HeldBy(lease) => panic!("held by {lease:?}"),
    }
}

fn series() -> SeriesId {
    SeriesId { route: "darien".into(), measure: "persons".into(), cadence: Cadence::Month }
}

fn figure(month: &str, value: Option<f64>, status: Status) -> Arrival {
    let period: Period = month.parse().unwrap();
    let observation = Observation { series: series(), period, value, status, published: Some(at(7)) };
    Arrival { observation, stated: None, assumed: at(5) }
}

fn item(guid: &str, title: &str) -> Item {
    Item {
        aliases: vec![Name::of(&format!("guid f {guid}")), Name::of(&format!("link {guid} {title}"))],
        title: title.into(),
        link: Some("https://example.org/a".into()),
        published: Some(at(3)),
        ..Item::default()
    }
}

fn check(second: i64, observations: Vec<Arrival>, items: Vec<Item>) -> Check {
    Check {
        health: FeedHealth {
            checked: Some(at(second)),
            success: Some(at(second)),
            error: Some("an error".into()),
            data_until: Some(jiff::civil::date(2022, 3, 31)),
            http_status: Some(200),
            ..FeedHealth::unasked(FeedId::new("f"))
        },
        memory: FeedMemory { belongs_to: "m".into(), etag: Some("\"a\"".into()), ..FeedMemory::default() },
        haul: Some(Haul {
            reply_hash: format!("reply {second}"),
            mapping_hash: "m".to_owned(),
            known: Known { at: at(second), how: KnownHow::Seen },
            taken: at(second),
            observations,
            items,
        }),
        body: Body::AsIs,
    }
}

/// A check that brought figures alone.
fn figures(second: i64, observations: Vec<Arrival>) -> Check {
    check(second, observations, Vec::new())
}

fn kept(reply: &str) -> Kept {
    Kept {
        address: "hash of the address".to_owned(),
        reply_hash: reply.to_owned(),
        fetched: at(90),
        content_type: Some("text/csv".to_owned()),
        last_modified: None,
        packed: Packed::pack(reply.repeat(100).as_bytes()).unwrap(),
    }
}

fn entry(known: i64, status: PolicyStatus) -> LedgerEntry {
    LedgerEntry {
        known: at(known),
        recorded: at(known + 1),
        status,
        due: Some(Due::Minute(jiff::civil::datetime(2023, 5, 11, 23, 59, 0, 0))),
        reason: Some("stayed".into()),
        authority: None,
        source: None,
        first_load: false,
    }
}

fn incident(id: &str, opened: i64, ended: Option<i64>) -> Incident {
    let onset = Onset::Period("2022-02".parse().unwrap());
    Incident {
        id: IncidentId(id.into()),
        rule: "r".into(),
        kind: "above".into(),
        rule_text: "at or above 5".into(),
        rule_hash: u64::MAX - 3,
        subject: Subject::Series(series()),
        onset_first: onset,
        onset: Onset::At(at(9)),
        phase: if ended.is_some() { Phase::Inactive } else { Phase::Firing },
        severity: Severity::Critical,
        opened: at(opened),
        ended: ended.map(|second| (at(second), Event::Resolved)),
        value: Some(8.0),
        reason: "8 in February 2022".into(),
        decided_on: Some(at(opened)),
        provisional: true,
        first_load: false,
        acknowledged: None,
    }
}

#[test]
fn of_incidents_that_have_ended_the_newest_are_carried_however_long_the_process_runs() {
    every(|store| {
        let token = lease(store);
        // Two of each instant; one more is open.
        for number in 0..Facts::ENDED + 20 {
            let (id, end) = (format!("i{number:04}"), i64::try_from(number / 2).unwrap());
            let incident = Incident { rule: id.as_str().into(), ..incident(&id, 1, Some(end)) };
            store.decide(token, &Decision { incidents: vec![incident], ..Decision::default() }).unwrap();
        }
        store.decide(token, &Decision { incidents: vec![incident("open", 0, None)], ..Decision::default() }).unwrap();
        loads_what_it_folds(store);
        let facts = store.load(Want::All).unwrap().0;
        let oldest = facts.incidents.keys().next().map(|id| id.0.to_string());
        assert_eq!((facts.incidents.len(), oldest), (Facts::ENDED + 1, Some("i0020".to_owned())));
        let since = store.incidents_since(at(5)).unwrap();
        let oldest = since.iter().filter_map(|incident| incident.ended).min().map(|(at, _)| at);
        assert_eq!((since.len(), oldest), (Facts::ENDED + 20 - 10 + 1, Some(at(5))), "all of them");
        let open = facts.open_incident(&"r".into(), &Subject::Series(series()));
        assert_eq!(open.map(|incident| incident.id.0.to_string()), Some("open".to_owned()));
    });
}

/// What a person says of the incident `i`.
fn said(kind: MarkKind, second: i64, text: &str) -> Mark {
    Mark { incident: IncidentId("i".into()), kind, by: "ana@desk".into(), at: at(second), text: text.into() }
}

#[test]
fn what_people_say_of_an_incident_stays_whatever_the_collector_writes_until_it_escalates() {
    every(|store| {
        let token = lease(store);
        let decide = |store: &mut dyn Store, incident: Incident| {
            store.decide(token, &Decision { incidents: vec![incident], ..Decision::default() }).unwrap();
        };
        let in_hand = |store: &mut dyn Store, second| {
            let facts = store.load(Want::All).unwrap().0;
            facts.incidents[&IncidentId("i".into())].in_hand(at(second)).cloned()
        };
        let taken = MarkKind::Acknowledged { until: Some(at(900)), wake: Some(Wake::Above(9.0)) };
        assert_eq!(store.mark(&said(taken, 10, "calling")).unwrap(), Marked::Absent);
        let warning = Incident { severity: Severity::Warning, ..incident("i", 1, None) };
        decide(store, warning.clone());
        assert_eq!(store.mark(&said(MarkKind::Released, 10, "")).unwrap(), Marked::NotInHand);
        assert_eq!(store.mark(&said(taken, 10, "calling")).unwrap(), Marked::Done);
        // The collector has not heard of it yet, and writes what it knows.
        decide(store, Incident { value: Some(8.5), ..warning.clone() });
        let by = in_hand(store, 20).expect("it is in hand");
        assert_eq!((by.by.as_str(), by.note.as_str(), by.until), ("ana@desk", "calling", Some(at(900))));
        assert_eq!(in_hand(store, 900), None, "until then");
        decide(store, Incident { value: Some(9.0), ..warning.clone() });
        assert_eq!(in_hand(store, 20), None, "woken by the value");
        decide(store, Incident { value: Some(8.0), severity: Severity::Critical, ..warning.clone() });
        assert_eq!(in_hand(store, 20), None, "it was given for something less");
        let plain = MarkKind::Acknowledged { until: None, wake: None };
        assert_eq!(store.mark(&said(plain, 30, "")).unwrap(), Marked::Done);
        assert!(in_hand(store, 1_000_000).is_some());
        assert_eq!(store.mark(&said(MarkKind::Released, 40, "off duty")).unwrap(), Marked::Done);
        assert_eq!(in_hand(store, 50), None);
        decide(store, incident("i", 1, Some(60)));
        assert_eq!(store.mark(&said(plain, 70, "")).unwrap(), Marked::Ended);
        assert_eq!(store.mark(&said(MarkKind::Noted, 80, "it was the storm")).unwrap(), Marked::Done);
        let marks = store.marks_on(&IncidentId("i".into())).unwrap();
        let words: Vec<_> = marks.iter().map(|mark| (mark.kind.word(), mark.text.as_str())).collect();
        let all = [
            ("acknowledged", "calling"),
            ("acknowledged", ""),
            ("released", "off duty"),
            ("noted", "it was the storm"),
        ];
        assert_eq!(words, all);
        assert_eq!(marks[0], said(taken, 10, "calling"));
        loads_what_it_folds(store);
    });
}

fn judgement(verdict: Verdict) -> Judgement {
    let evaluation = Evaluation {
        period: "2022-02".parse().ok(),
        verdict,
        critical: false,
        partial: true,
        value: Some(1.0),
        statistic: Some(0.5),
        bound: None,
        reason: "because".into(),
    };
    Judgement { rule: "r".into(), subject: Subject::Feed(FeedId::new("f")), phase: Phase::Pending, evaluation }
}

fn notice(incident: &str, event: Event) -> Notice {
    Notice {
        incident: IncidentId(incident.into()),
        event,
        severity: Severity::Warning,
        at: at(10),
        text: "told".into(),
        told: Told::Yes,
    }
}

/// The fold of every change, read a few at a time.
fn folded(store: &mut dyn Store) -> Facts {
    let (mut facts, mut cursor) = (Facts::default(), Cursor::default());
    loop {
        let (changes, reached) = store.changes_after(cursor, 3, Want::All).unwrap();
        assert!(reached >= cursor);
        if reached == cursor {
            assert!(changes.is_empty());
            return facts;
        }
        if changes.contains(&Change::Voided) {
            // What is voided cannot be folded away: its reader starts from what is stored, as the keeper does.
            (facts, cursor) = store.load(Want::All).unwrap();
            continue;
        }
        for change in &changes {
            facts.apply(change);
            facts.apply(change);
        }
        cursor = reached;
    }
}

fn loads_what_it_folds(store: &mut dyn Store) {
    let folded = folded(store);
    let (loaded, cursor) = store.load(Want::All).unwrap();
    assert_eq!(loaded, folded);
    assert_eq!(store.newest().unwrap(), cursor);
}

#[test]
fn figures_have_vintages_and_the_same_fact_again_is_none() {
    every(|store| {
        let token = lease(store);
        let first =
            vec![figure("2022-01", Some(4700.0), Status::Provisional), figure("2022-02", Some(0.0), Status::Filler)];
        let done = store.commit(token, &[check(100, first.clone(), Vec::new())]).unwrap();
        assert_eq!((done.new, done.revised), (1, 0));
        let again = store.commit(token, &[check(200, first, Vec::new())]).unwrap();
        assert_eq!((again.new, again.revised), (0, 0));
        assert!(again.cursor > done.cursor, "the check itself is a change");
        let later = vec![
            figure("2022-01", Some(9.0), Status::Closed),
            figure("2022-01", Some(4442.0), Status::Closed),
            figure("2022-03", None, Status::Suppressed),
        ];
        let done = store.commit(token, &[check(300, later, Vec::new())]).unwrap();
        assert_eq!((done.new, done.revised), (1, 1));
        let month = |label: &str| label.parse::<Period>().unwrap();
        let vintages = store.vintages(&series(), month("2022-01"), month("2022-03")).unwrap();
        let known: Vec<_> = vintages.iter().map(|v| (v.observation.value, v.known.at, v.known.how)).collect();
        assert_eq!(
            known,
            [
                (Some(4700.0), at(5), KnownHow::Assumed),
                (Some(4442.0), at(300), KnownHow::Seen),
                (None, at(300), KnownHow::Seen),
            ]
        );
        assert_eq!(vintages[0].observation.published, Some(at(7)));
        assert_eq!(store.batches(&FeedId::new("f")).unwrap().len(), 2);
        assert!(store.has_reply(&FeedId::new("f"), "reply 100").unwrap());
        assert!(!store.has_reply(&FeedId::new("f"), "reply 200").unwrap());
        assert_eq!(store.memories().unwrap()[&FeedId::new("f")].etag.as_deref(), Some("\"a\""));
        assert_eq!(store.series().unwrap(), [series()]);
        loads_what_it_folds(store);
    });
}

#[test]
fn what_was_known_then_can_be_asked() {
    every(|store| {
        let token = lease(store);
        store
            .commit(token, &[check(100, vec![figure("2022-01", Some(4700.0), Status::Closed)], vec![item("1", "A")])])
            .unwrap();
        store
            .commit(token, &[check(300, vec![figure("2022-01", Some(4442.0), Status::Closed)], vec![item("2", "B")])])
            .unwrap();
        store.record(&PolicyId::new("p"), &entry(250, PolicyStatus::Held)).unwrap();
        let decision = Decision { incidents: vec![incident("i", 150, Some(280))], ..Decision::default() };
        store.decide(token, &decision).unwrap();
        let then = store.as_known_at(at(200)).unwrap();
        let january = "2022-01".parse().unwrap();
        assert_eq!(then.series[&series()].complete(january), Some(4700.0));
        assert_eq!((then.headlines.len(), then.ledgers.len()), (1, 0));
        assert!(then.incidents.values().all(|incident| incident.is_open()));
        let now = store.as_known_at(at(400)).unwrap();
        assert_eq!(now.series[&series()].complete(january), Some(4442.0));
        assert_eq!((now.headlines.len(), now.ledgers.len()), (2, 1));
        assert!(store.as_known_at(at(1)).unwrap().series.is_empty());
    });
}

#[test]
fn a_headline_is_known_again_by_any_of_its_names() {
    every(|store| {
        let token = lease(store);
        let read = |store: &mut dyn Store, second, items| {
            store.commit(token, &[check(second, Vec::new(), items)]).unwrap().headlines
        };
        assert_eq!(read(store, 1, vec![item("1", "A"), item("2", "B")]), 2);
        assert_eq!(read(store, 2, vec![item("1", "A"), item("2", "B")]), 0);
        assert_eq!(read(store, 3, vec![item("1", "A, edited")]), 1);
        // The guid churns, the link with the title is as before.
        let churned = Item { aliases: ["guid f 9", "link 1 A, edited"].map(Name::of).into(), ..item("9", "A, edited") };
        assert_eq!(read(store, 4, vec![churned]), 0);
        let (facts, _) = store.load(Want::All).unwrap();
        let titles: Vec<_> = facts.headlines.values().map(|h| (h.item.title.to_string(), h.version, h.seen)).collect();
        assert_eq!(titles, [("A, edited".to_owned(), 2, at(1)), ("B".to_owned(), 1, at(1))]);
        loads_what_it_folds(store);
        assert_eq!(store.forget_headlines(token, at(2)).unwrap(), 2);
        assert!(store.load(Want::All).unwrap().0.headlines.is_empty());
        assert_eq!(read(store, 5, vec![item("1", "A")]), 1, "forgotten is forgotten");
    });
}

/// An item of a feed with the names that its parts give it.
fn told(feed: &str, guid: Option<&str>, link: &str, title: &str, published: i64) -> Item {
    let feed = FeedId::new(feed);
    let published = Some(at(published));
    let place = canonical_link(link);
    let names = Names { feed: &feed, guid, place: Some(&place), place_is_once: true, title, published };
    let story = story(title, "", Some(&place));
    Item { aliases: names.aliases(), story, title: title.into(), link: Some(link.into()), published, ..Item::default() }
}

fn read_from(store: &mut dyn Store, token: u64, feed: &str, second: i64, items: Vec<Item>) -> usize {
    let mut check = check(second, Vec::new(), items);
    check.health.feed = FeedId::new(feed);
    store.commit(token, &[check]).unwrap().headlines
}

/// `title vN feed+also`, a line each, in the order of keys; `*` where it was there on the first load.
fn headlines(store: &mut dyn Store) -> Vec<String> {
    let line = |h: &Headline| {
        let also: String = h.also.iter().map(|also| format!("+{}", also.feed)).collect();
        format!("{} v{} {}{also}{}", h.item.title, h.version, h.feed, if h.first_load { "*" } else { "" })
    };
    store.load(Want::All).unwrap().0.headlines.values().map(|headline| line(headline)).collect()
}

#[test]
fn guids_that_churn_titles_that_change_and_links_that_are_shared() {
    const NEWS: &str = "https://a.org/news/1";
    every(|store| {
        let token = lease(store);
        assert_eq!(read_from(store, token, "f", 1, vec![told("f", Some("1"), NEWS, "A", 1)]), 1);
        // The guid churns; then the title changes as well, but not the publication.
        assert_eq!(read_from(store, token, "f", 2, vec![told("f", Some("2"), NEWS, "A", 1)]), 0);
        assert_eq!(read_from(store, token, "f", 3, vec![told("f", Some("3"), NEWS, "A, edited", 1)]), 1);
        // A new guid, another title, another date: something new at the same address.
        assert_eq!(read_from(store, token, "f", 4, vec![told("f", Some("4"), NEWS, "B", 4)]), 1);
        // Without guids the address decides.
        assert_eq!(read_from(store, token, "g", 5, vec![told("g", None, "https://a.org/news/2", "C", 1)]), 1);
        assert_eq!(
            read_from(store, token, "g", 6, vec![told("g", None, "http://www.a.org/news/2/?utm_x=1", "C2", 9)]),
            1
        );
        assert_eq!(headlines(store), ["A, edited v2 f*", "B v1 f", "C2 v2 g*"]);
        // Tracking, dates and names that change are no edit.
        let again = told("g", None, "https://a.org/news/2?fbclid=7", "C2", 99);
        assert_eq!(read_from(store, token, "g", 7, vec![again]), 0);
        for guid in 0..100 {
            let churned = told("f", Some(&format!("churn {guid}")), NEWS, "A, edited", 1);
            assert_eq!(read_from(store, token, "f", 100 + guid, vec![churned]), 0);
        }
        loads_what_it_folds(store);
    });
}

#[test]
fn the_same_story_of_several_feeds_is_one_headline() {
    const TITLE: &str = "Thirteen thousand people cross the Darien in a month";
    const DAY: i64 = 86_400;
    every(|store| {
        let token = lease(store);
        let place = |number: i64| format!("https://a.org/news/{number}");
        assert_eq!(read_from(store, token, "f", DAY, vec![told("f", Some("1"), &place(1), TITLE, DAY)]), 1);
        // By its link, whatever its title; by its title, whatever its link.
        assert_eq!(read_from(store, token, "g", DAY, vec![told("g", Some("x"), &place(1), "Darien", DAY)]), 0);
        assert_eq!(read_from(store, token, "h", 2 * DAY, vec![told("h", Some("y"), &place(2), TITLE, 2 * DAY)]), 0);
        // Each feed may say it in its own words without the headline flickering; its own feed edits it.
        assert_eq!(read_from(store, token, "g", 2 * DAY, vec![told("g", Some("x"), &place(1), "Darien!", DAY)]), 0);
        assert_eq!(read_from(store, token, "f", 2 * DAY, vec![told("f", Some("1"), &place(1), "Edited", DAY)]), 1);
        // Too late, or a second one of the same feed: a story of its own.
        assert_eq!(read_from(store, token, "i", 9 * DAY, vec![told("i", Some("z"), &place(3), TITLE, 9 * DAY)]), 1);
        assert_eq!(read_from(store, token, "i", 9 * DAY, vec![told("i", Some("zz"), &place(4), TITLE, 9 * DAY)]), 1);
        let seen = headlines(store);
        assert_eq!(seen[0], "Edited v2 f+g+h*");
        assert_eq!(seen[1..], [format!("{TITLE} v1 i*"), format!("{TITLE} v1 i")]);
        let (facts, _) = store.load(Want::All).unwrap();
        let also = &facts.headlines.values().next().unwrap().also;
        assert_eq!(also[1].link.as_ref().map(ToString::to_string), Some(place(2)));
        loads_what_it_folds(store);
    });
}

#[test]
fn what_a_feed_has_on_its_first_day_is_marked() {
    every(|store| {
        let token = lease(store);
        read_from(store, token, "f", 1, Vec::new());
        read_from(store, token, "f", 2, vec![told("f", Some("1"), "https://a.org/1", "A", 1)]);
        read_from(store, token, "g", 3, vec![told("g", Some("1"), "https://a.org/2", "B", 1)]);
        read_from(store, token, "f", 4, vec![told("f", Some("2"), "https://a.org/3", "C", 1)]);
        assert_eq!(headlines(store), ["A v1 f*", "B v1 g*", "C v1 f"]);
    });
}

#[test]
fn the_lease_has_one_holder_and_its_token_fences() {
    every(|store| {
        assert_eq!(store.lease().unwrap(), None);
        let LeaseAnswer::Granted(first) = store.take_lease("a", at(0), at(10)).unwrap() else { panic!() };
        assert!(matches!(store.take_lease("b", at(9), at(19)).unwrap(), LeaseAnswer::HeldBy(lease) if lease == first));
        let LeaseAnswer::Granted(renewed) = store.take_lease("a", at(9), at(19)).unwrap() else { panic!() };
        assert_eq!((renewed.token, renewed.expires), (first.token, at(19)));
        let LeaseAnswer::Granted(second) = store.take_lease("b", at(19), at(29)).unwrap() else { panic!() };
        assert!(second.token > first.token);
        let stale =
            store.commit(first.token, &[check(20, vec![figure("2022-01", Some(1.0), Status::Closed)], Vec::new())]);
        assert!(matches!(stale, Err(StoreError::Lost)));
        assert!(matches!(store.decide(first.token, &Decision::default()), Err(StoreError::Lost)));
        assert!(matches!(store.forget_headlines(first.token, at(1)), Err(StoreError::Lost)));
        assert_eq!(store.newest().unwrap(), Cursor(0), "nothing was written");
        store.release_lease(first.token).unwrap();
        assert_eq!(store.lease().unwrap().unwrap(), second, "a stale holder gives nothing back");
        store.release_lease(second.token).unwrap();
        let LeaseAnswer::Granted(for_ever) = store.take_lease("d", at(20), Timestamp::MAX).unwrap() else { panic!() };
        assert_eq!(for_ever.expires, Timestamp::MAX);
        store.release_lease(for_ever.token).unwrap();
        let LeaseAnswer::Granted(third) = store.take_lease("c", at(20), at(30)).unwrap() else { panic!() };
        assert!(third.token > second.token);
    });
}

#[test]
fn incidents_notices_and_judgements_are_kept() {
    every(|store| {
        let token = lease(store);
        let fired = Decision {
            incidents: vec![incident("i", 1, None)],
            notices: vec![notice("i", Event::Fired)],
            judgements: vec![judgement(Verdict::Up)],
        };
        store.decide(token, &fired).unwrap();
        store.decide(token, &fired).unwrap();
        // One ends and another opens in one decision, the new one first.
        let next = Decision {
            incidents: vec![incident("j", 5, None), incident("i", 1, Some(5))],
            notices: vec![notice("i", Event::Resolved)],
            judgements: vec![judgement(Verdict::Unknown)],
        };
        store.decide(token, &next).unwrap();
        let (facts, _) = store.load(Want::All).unwrap();
        assert_eq!(*facts.incidents[&IncidentId("i".into())], incident("i", 1, Some(5)));
        assert_eq!(*facts.incidents[&IncidentId("j".into())], incident("j", 5, None));
        assert_eq!(store.notices(10).unwrap(), [notice("i", Event::Fired), notice("i", Event::Resolved)]);
        assert_eq!(store.notices(1).unwrap(), [notice("i", Event::Resolved)]);
        assert_eq!(*facts.judgements.values().next().unwrap().as_ref(), judgement(Verdict::Unknown));
        loads_what_it_folds(store);
    });
}

#[test]
fn a_ledger_takes_each_change_of_the_world_once() {
    every(|store| {
        let policy = PolicyId::new("title-42");
        assert!(store.record(&policy, &entry(5, PolicyStatus::Held)).unwrap());
        assert!(!store.record(&policy, &LedgerEntry { recorded: at(99), ..entry(5, PolicyStatus::Held) }).unwrap());
        assert!(store.record(&policy, &entry(3, PolicyStatus::Scheduled)).unwrap());
        let (facts, _) = store.load(Want::All).unwrap();
        assert_eq!(facts.ledgers[&policy].entries(), [entry(3, PolicyStatus::Scheduled), entry(5, PolicyStatus::Held)]);
        loads_what_it_folds(store);
    });
}

#[test]
fn a_void_batch_takes_no_part() {
    every(|store| {
        let token = lease(store);
        store.commit(token, &[check(100, vec![figure("2022-01", Some(10.0), Status::Closed)], Vec::new())]).unwrap();
        store
            .commit(
                token,
                &[check(
                    200,
                    vec![figure("2022-01", Some(99.0), Status::Closed), figure("2022-02", Some(9.0), Status::Closed)],
                    Vec::new(),
                )],
            )
            .unwrap();
        let newest = store.batches(&FeedId::new("f")).unwrap().swap_remove(0);
        let batch = newest.batch.id;
        let months = Some(("2022-01".parse().unwrap(), "2022-02".parse().unwrap()));
        assert_eq!((newest.figures, newest.series, newest.span, newest.batch.at), (2, 1, months, at(200)));
        store.accept(&FeedId::new("f"), "reply 200", at(250)).unwrap();
        let before = store.newest().unwrap();
        let undone = store.void(&FeedId::new("f"), batch, "misread").unwrap();
        assert!(!store.marks(&FeedId::new("f")).unwrap().is_accepted("reply 200"), "who voids it does not accept it");
        assert_eq!(undone, Some(Undone { restored: 1, gone: 1, untouched: 0 }));
        assert_eq!(store.void(&FeedId::new("f"), batch, "again").unwrap(), None, "the first reason stays");
        let (facts, cursor) = store.load(Want::All).unwrap();
        let void = store.void_vintages(&series()).unwrap();
        let void: Vec<_> = void.iter().map(|(vintage, why)| (vintage.observation.value, why.as_str())).collect();
        assert_eq!(void, [(Some(99.0), "misread"), (Some(9.0), "misread")], "it stays, and can be asked for");
        let january: Period = "2022-01".parse().unwrap();
        assert_eq!(facts.series[&series()].complete(january), Some(10.0));
        assert_eq!(facts.series[&series()].last(), Some(january));
        assert_eq!(store.changes_after(before, 10, Want::All).unwrap(), (vec![Change::Voided], cursor));
        let voided = store.batches(&FeedId::new("f")).unwrap().swap_remove(0);
        assert_eq!(
            (voided.batch.void.as_deref(), voided.figures),
            (Some("misread"), 2),
            "what it brought is still told"
        );
        let marks = store.marks(&FeedId::new("f")).unwrap();
        assert!(
            marks.is_void("reply 200", "m")
                && !marks.is_void("reply 200", "mended")
                && !marks.is_void("reply 100", "m")
        );
        assert_eq!((marks.voids(), store.marks(&FeedId::new("g")).unwrap()), (1, Marks::default()));
        assert!(!store.has_reply(&FeedId::new("f"), "reply 200").unwrap(), "it may be read again");
        let absent = store.void(&FeedId::new("g"), batch, "misread");
        assert!(matches!(absent, Err(StoreError::Absent { .. })));
    });
}

#[test]
fn what_was_voided_may_come_again_and_a_series_of_void_batches_only_is_loaded_anew() {
    every(|store| {
        let token = lease(store);
        let feed = FeedId::new("f");
        let january: Period = "2022-01".parse().unwrap();
        store.commit(token, &[figures(100, vec![figure("2022-01", Some(10.0), Status::Closed)])]).unwrap();
        let first = store.batches(&feed).unwrap()[0].batch.id;
        store.void(&feed, first, "misread").unwrap();
        assert!(
            store.latest(&[series()].into()).unwrap().is_empty() && store.load(Want::All).unwrap().0.series.is_empty()
        );
        // The same value again, since nothing stands; and nothing was known of the series, so the instant is assumed again.
        let done = store.commit(token, &[figures(200, vec![figure("2022-01", Some(10.0), Status::Closed)])]).unwrap();
        assert_eq!((done.new, done.revised), (1, 0));
        let vintages = store.vintages(&series(), january, january).unwrap();
        assert_eq!(vintages.len(), 1);
        assert_eq!(vintages[0].known, Known { at: at(5), how: KnownHow::Assumed });
        // Of what was revised since, nothing changes.
        store.commit(token, &[figures(300, vec![figure("2022-01", Some(12.0), Status::Closed)])]).unwrap();
        let second = store.batches(&feed).unwrap()[1].batch.id;
        let undone = store.void(&feed, second, "misread").unwrap();
        assert_eq!(undone, Some(Undone { restored: 0, gone: 0, untouched: 1 }));
        assert_eq!(store.latest(&[series()].into()).unwrap()[0].complete(january), Some(12.0));
    });
}

#[test]
fn a_mended_figure_wins_over_the_misread_one_though_both_were_known_at_once() {
    every(|store| {
        let token = lease(store);
        let january: Period = "2022-01".parse().unwrap();
        store.commit(token, &[figures(50, vec![figure("2022-02", Some(1.0), Status::Closed)])]).unwrap();
        store.commit(token, &[figures(100, vec![figure("2022-01", Some(1.891), Status::Closed)])]).unwrap();
        let mut mended = figures(100, vec![figure("2022-01", Some(1891.0), Status::Closed)]);
        mended.haul.as_mut().unwrap().taken = at(900);
        store.commit(token, &[mended]).unwrap();
        assert_eq!(store.batches(&FeedId::new("f")).unwrap()[0].batch.at, at(900));
        assert_eq!(store.load(Want::All).unwrap().0.series[&series()].complete(january), Some(1891.0));
        let then = store.as_known_at(at(100)).unwrap();
        assert_eq!(then.series[&series()].complete(january), Some(1891.0), "it was published then, and misread");
        assert!(store.as_known_at(at(99)).unwrap().series[&series()].complete(january).is_none());
        loads_what_it_folds(store);
    });
}

#[test]
fn a_stated_instant_counts_even_at_the_first_load() {
    every(|store| {
        let token = lease(store);
        let (january, february): (Period, Period) = ("2022-01".parse().unwrap(), "2022-02".parse().unwrap());
        let stated =
            |month, value, second| Arrival { stated: Some(at(second)), ..figure(month, Some(value), Status::Closed) };
        // At the first load: the one as it states, the other as has to be assumed.
        let first = vec![stated("2022-01", 10.0, 40), figure("2022-02", Some(20.0), Status::Closed)];
        store.commit(token, &[figures(100, first)]).unwrap();
        // A revision that was published before we saw the figure that it revises: the later batch counts all the same.
        store.commit(token, &[figures(200, vec![stated("2022-01", 11.0, 60), stated("2022-03", 30.0, 150)])]).unwrap();
        let known: Vec<_> = store
            .vintages(&series(), january, "2022-03".parse().unwrap())
            .unwrap()
            .iter()
            .map(|vintage| (vintage.observation.value.unwrap(), vintage.known.at, vintage.known.how))
            .collect();
        let is = |how, second| (at(second), how);
        let expected =
            [(10.0, is(KnownHow::Stated, 40)), (11.0, is(KnownHow::Stated, 60)), (20.0, is(KnownHow::Assumed, 5))];
        assert_eq!(known[..3], expected.map(|(value, (at, how))| (value, at, how)));
        let value = |store: &mut dyn Store, second, period| {
            store.as_known_at(at(second)).unwrap().series.get(&series()).and_then(|series| series.complete(period))
        };
        assert_eq!(value(store, 39, january), None);
        assert_eq!(value(store, 39, february), Some(20.0));
        assert_eq!(value(store, 59, january), Some(10.0));
        assert_eq!(value(store, 60, january), Some(11.0));
        let (facts, _) = store.load(Want::All).unwrap();
        let newest = facts.series[&series()].newest_known();
        assert_eq!(newest, Some(Known { at: at(150), how: KnownHow::Stated }));
        assert_eq!(facts.series[&series()].learned(), Some(at(150)));
        loads_what_it_folds(store);
    });
}

#[test]
fn the_last_good_body_is_kept_and_one_waits_beside_it() {
    every(|store| {
        let token = lease(store);
        let feed = FeedId::new("f");
        let write = |store: &mut dyn Store, second, body| {
            store.commit(token, &[Check { haul: None, body, ..figures(second, Vec::new()) }]).unwrap();
        };
        assert_eq!((store.body(&feed).unwrap(), store.held_body(&feed).unwrap()), (None, None));
        write(store, 1, Body::Good(Some(kept("a"))));
        write(store, 2, Body::AsIs);
        write(store, 3, Body::Held(Some(kept("b"))));
        assert_eq!(store.body(&feed).unwrap(), Some(kept("a")));
        assert_eq!(store.held_body(&feed).unwrap(), Some(kept("b")));
        assert_eq!(store.body(&feed).unwrap().unwrap().packed.unpack(1000).unwrap(), "a".repeat(100).as_bytes());
        let before = store.newest().unwrap();
        store.accept(&feed, "b", at(4)).unwrap();
        let marks = store.marks(&feed).unwrap();
        assert!(marks.is_accepted("b") && !marks.is_accepted("a"));
        assert_eq!(store.changes_after(before, 10, Want::All).unwrap().0, [Change::Accepted(feed.clone())]);
        write(store, 5, Body::Good(Some(kept("b"))));
        assert_eq!((store.body(&feed).unwrap(), store.held_body(&feed).unwrap()), (Some(kept("b")), None));
        write(store, 6, Body::Held(Some(kept("c"))));
        write(store, 7, Body::Held(None));
        assert_eq!(store.held_body(&feed).unwrap(), None);
        // Too large: an older one is not the last any more.
        write(store, 8, Body::Good(None));
        assert_eq!(store.body(&feed).unwrap(), None);
        // Fenced as everything else, and in one transaction with the batch.
        let stale = store.commit(token + 1, &[Check { body: Body::Good(Some(kept("d"))), ..figures(9, Vec::new()) }]);
        assert!(stale.is_err() && store.body(&feed).unwrap().is_none());
        let remembered = FeedMemory { figures: Some(42), held: Some("b".into()), voids: 3, ..FeedMemory::default() };
        store.commit(token, &[Check { memory: remembered.clone(), ..figures(10, Vec::new()) }]).unwrap();
        assert_eq!(store.memories().unwrap()[&feed], remembered);
        loads_what_it_folds(store);
    });
}

#[test]
fn a_store_of_the_first_schema_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("migrations/sqlite/0001_facts.sql")).unwrap();
    old.execute_batch(
        "INSERT INTO feed (id, failures, belongs_to, etag, reply_hash) VALUES ('f', 0, 'm', '\"a\"', 'reply 1');
         INSERT INTO batch VALUES (7, 'f', 1000, 'reply 1', 'm', 'misread');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let mut store = SqliteStore::open(&path).unwrap();
    let memory = store.memories().unwrap().remove(&FeedId::new("f")).unwrap();
    assert_eq!(
        (memory.reply_hash.as_deref(), memory.figures, memory.held, memory.voids),
        (Some("reply 1"), None, None, 0)
    );
    assert!(store.marks(&FeedId::new("f")).unwrap().is_void("reply 1", "m"));
    let token = lease(&mut store);
    store.commit(token, &[figures(100, vec![figure("2022-01", Some(1.0), Status::Closed)])]).unwrap();
    assert!(store.is_whole().unwrap());
}

#[test]
fn two_processes_share_a_file_and_a_newer_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.db");
    let (mut a, mut b) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let token = lease(&mut a);
    let (_, cursor) = b.load(Want::All).unwrap();
    a.commit(token, &[check(1, vec![figure("2022-01", Some(1.0), Status::Closed)], Vec::new())]).unwrap();
    let (changes, _) = b.changes_after(cursor, 10, Want::All).unwrap();
    assert!(matches!(changes.as_slice(), [Change::Vintage(_), Change::Health(_)]), "{changes:?}");
    assert!(b.is_whole().unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = SqliteStore::open(&path).err().unwrap().to_string();
    assert!(refused.contains("schema 99") && refused.contains("newer watchfloor"), "{refused}");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn headlines_of_a_store_of_before_stay_and_are_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(include_str!("migrations/sqlite/0001_facts.sql")).unwrap();
    let sql = "INSERT INTO headline VALUES ('h1', 'f', 5000, 1, 'guid f 1', 'A', NULL, NULL, NULL, NULL);
        INSERT INTO alias VALUES ('guid f 1', 'h1'); UPDATE counter SET minted = 1;
        INSERT INTO batch (feed, at, reply_hash, mapping_hash) VALUES ('f', 5000, '', '');";
    connection.execute_batch(sql).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(headlines(&mut store), ["A v1 f"]);
    let token = lease(&mut store);
    let items = vec![told("f", Some("1"), "https://a.org/1", "B", 9), told("f", Some("2"), "https://a.org/2", "C", 9)];
    assert_eq!(read_from(&mut store, token, "f", 9, items), 2);
    assert_eq!(headlines(&mut store), ["B v2 f", "C v1 f"]);
}

#[test]
fn a_file_that_is_no_store_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.db");
    std::fs::write(&path, "this is a letter, not a database, and long enough to be looked at by its header").unwrap();
    let error = SqliteStore::open(&path).err().unwrap().to_string();
    assert!(error.contains("cannot open") && error.contains("facts.db") && error.contains("not a database"), "{error}");
}

#[derive(Clone, Debug)]
enum Act {
    Figures(Vec<(u8, u16, Option<u8>)>),
    Items(Vec<(u8, u8)>),
    /// Of a feed: guids or none, places, stories.
    Stories(u8, Vec<(Option<u8>, u8, u8)>),
    Record(u8),
    Decide(u8, bool),
    Void(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        prop::collection::vec((0_u8..24, 0_u16..500, prop::option::of(any::<u8>())), 0..6).prop_map(Act::Figures),
        prop::collection::vec((0_u8..6, 0_u8..3), 0..4).prop_map(Act::Items),
        (0_u8..3, prop::collection::vec((prop::option::of(0_u8..4), 0_u8..4, 0_u8..3), 0..5))
            .prop_map(|(feed, items)| Act::Stories(feed, items)),
        (0_u8..9).prop_map(Act::Record),
        (0_u8..3, any::<bool>()).prop_map(|(id, ended)| Act::Decide(id, ended)),
        (0_u8..4).prop_map(Act::Void),
    ];
    prop::collection::vec(act, 0..14)
}

fn act_on(store: &mut dyn Store, acts: &[Act]) {
    let token = lease(store);
    let start: Period = "2020-01".parse().unwrap();
    for (second, act) in (1000..).zip(acts) {
        match act {
            Act::Figures(figures) => {
                let observations = figures.iter().map(|(month, value, stated)| Arrival {
                    stated: stated.map(|second| at(i64::from(second) * 4)),
                    ..figure(&start.offset(i64::from(*month)).label(), Some(f64::from(*value)), Status::Closed)
                });
                store.commit(token, &[check(second, observations.collect(), Vec::new())]).unwrap();
            }
            Act::Items(items) => {
                let items = items.iter().map(|(guid, title)| item(&guid.to_string(), &title.to_string())).collect();
                store.commit(token, &[check(second, Vec::new(), items)]).unwrap();
            }
            Act::Stories(feed, items) => {
                let feed = ["f", "g", "h"][usize::from(*feed)];
                let items = items.iter().map(|(guid, place, story)| {
                    let guid = guid.map(|guid| guid.to_string());
                    let title = format!("Story {story} of many words that are enough to know it");
                    told(feed, guid.as_deref(), &format!("https://a.org/news/{place}"), &title, second)
                });
                read_from(store, token, feed, second, items.collect());
            }
            Act::Record(known) => {
                store.record(&PolicyId::new("p"), &entry(i64::from(*known), PolicyStatus::Scheduled)).unwrap();
            }
            Act::Decide(id, ended) => {
                // Of one rule and subject one incident may be open: each id has a rule of its own.
                let incident = Incident {
                    rule: id.to_string().as_str().into(),
                    ..incident(&id.to_string(), second, ended.then_some(second))
                };
                store.decide(token, &Decision { incidents: vec![incident], ..Decision::default() }).unwrap();
            }
            Act::Void(which) => {
                let batches = store.batches(&FeedId::new("f")).unwrap();
                if let Some(contents) = batches.get(usize::from(*which)) {
                    store.void(&FeedId::new("f"), contents.batch.id, "misread").unwrap();
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn loading_equals_folding_and_both_stores_agree(acts in acts()) {
        let folder = tempfile::tempdir().unwrap();
        let mut sqlite = SqliteStore::open(&folder.path().join("facts.db")).unwrap();
        let mut memory = MemoryStore::new();
        for store in [&mut sqlite as &mut dyn Store, &mut memory] {
            act_on(store, &acts);
            loads_what_it_folds(store);
        }
        prop_assert_eq!(sqlite.load(Want::All).unwrap().0, memory.load(Want::All).unwrap().0);
        prop_assert_eq!(sqlite.batches(&FeedId::new("f")).unwrap(), memory.batches(&FeedId::new("f")).unwrap());
        let marks = sqlite.all_marks().unwrap();
        prop_assert_eq!(&marks, &memory.all_marks().unwrap());
        for feed in ["f", "g"].map(FeedId::new) {
            prop_assert_eq!(marks.get(&feed).cloned().unwrap_or_default(), sqlite.marks(&feed).unwrap());
        }
        for second in [3, 500, 1_003, 2_000] {
            prop_assert_eq!(sqlite.as_known_at(at(second)).unwrap().series, memory.as_known_at(at(second)).unwrap().series);
        }
    }
}
