//! Stories of polls: kept bodies, mended mappings, voids, and replies that are doubted; over a small server and a store in memory.

use super::Parts;
use super::collector::Collector;
use super::outcome::{Outcome, Stamp};
use super::plan::Before;
use super::plan::Plan;
use crate::clock::{Clock, Simulated};
use crate::domain::feed::{Feed, FeedHealth, FeedId, FeedKind, FeedMemory};
use crate::domain::observation::{Known, KnownHow, Observation, Status, Undone};
use crate::domain::route::SeriesId;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::time::Period;
use crate::feeds::{Decoded, FeedOptions, Reader};
use crate::fetch::access::Access;
use crate::fetch::{FetchOptions, Fetcher, Place};
use crate::store::handle::StoreHandle;
use crate::store::memory::MemoryStore;
use crate::store::{Check, LeaseAnswer, Store, Want};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PERSONS: &str = r#"
kind = "statistics"
format = "csv"
period = { kind = "month", column = "Month" }
value = { column = "Persons" }
series = [{ route = "south", measure = "persons" }]
"#;

/// The same table, read from another column.
const OTHERS: &str = r#"
kind = "statistics"
format = "csv"
period = { kind = "month", column = "Month" }
value = { column = "Others" }
series = [{ route = "south", measure = "persons" }]
"#;

const ABSENT: &str = r#"
kind = "statistics"
format = "csv"
period = { kind = "month", column = "Month" }
value = { column = "Nobody" }
series = [{ route = "south", measure = "persons" }]
"#;

/// A server of one body with an `ETag` of its own, which answers "not modified" as servers do.
#[derive(Clone, Default)]
struct Server {
    body: Arc<Mutex<String>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(body: &str) -> (Self, Place) {
        let server = Self::default();
        server.serve(body);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/arrivals_2024_05_31.csv", listener.local_addr().unwrap()).parse().unwrap();
        let serving = server.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 1024];
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = stream.read(&mut buffer).await.unwrap();
                    request.extend_from_slice(&buffer[..read]);
                }
                let answer = serving.answer(String::from_utf8(request).unwrap().to_lowercase());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (server, Place::Http(url))
    }

    fn serve(&self, body: &str) {
        *self.body.lock().unwrap() = body.to_owned();
    }

    fn answer(&self, request: String) -> String {
        let body = self.body.lock().unwrap().clone();
        let etag = format!("\"{}\"", super::plan::sha256(body.as_bytes()));
        let known = request.contains(&format!("if-none-match: {etag}"));
        self.requests.lock().unwrap().push(request);
        if known {
            return "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned();
        }
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// Whether the last request said what we have.
    fn was_conditional(&self) -> bool {
        self.requests.lock().unwrap().last().unwrap().contains("if-none-match")
    }
}

/// One store through several sessions, each with a mapping of its own.
struct Desk {
    store: StoreHandle,
    clock: Simulated,
    token: u64,
    place: Place,
}

impl Desk {
    async fn new(place: Place) -> Self {
        let store = StoreHandle::spawn(Box::new(MemoryStore::new()));
        let start: Timestamp = "2024-06-01T12:00:00Z".parse().unwrap();
        let taken = store.call(move |store| store.take_lease("me", start, Timestamp::MAX)).await.unwrap();
        let LeaseAnswer::Granted(lease) = taken else { panic!("the lease is free") };
        Self { store, clock: Simulated::new(start), token: lease.token, place }
    }

    async fn session(&self, mapping: &str) -> Collector {
        let plan = plan(mapping, self.place.clone());
        let parts = Parts {
            title: "Desk".into(),
            catalog: Arc::new(Catalog::default()),
            plans: Arc::new([plan]),
            rules: Arc::new([]),
            policies: Arc::new([]),
            fetcher: Fetcher::live(FetchOptions { host_pause: SignedDuration::ZERO, ..FetchOptions::default() }),
        };
        let mut collector = Collector::new(parts, self.store.clone(), Arc::new(self.clock.clone()));
        collector.begin(&self.facts().await).await.unwrap();
        collector
    }

    async fn facts(&self) -> Facts {
        self.store.call(|store| store.load(Want::All)).await.unwrap().0
    }

    /// Does what is due now and commits it.
    async fn round(&self, collector: &mut Collector) -> Check {
        collector.start_due(self.clock.now());
        let checks = tokio::time::timeout(std::time::Duration::from_secs(20), collector.finished()).await;
        let checks = checks.expect("something is due");
        let check = checks[0].clone();
        collector.commit(self.token, checks).await.unwrap();
        check
    }

    /// The next poll, two days later: `every` is one, with a spread.
    async fn poll(&self, collector: &mut Collector) -> Check {
        self.clock.set(self.clock.now() + SignedDuration::from_hours(48));
        self.round(collector).await
    }

    async fn value(&self, month: &str) -> Option<f64> {
        self.facts().await.series.get(&south())?.complete(month.parse().unwrap())
    }

    async fn void_last(&self) -> Option<Undone> {
        let void = |store: &mut dyn Store| {
            let newest = store.batches(&feed())?.into_iter().find(|contents| contents.batch.void.is_none());
            store.void(&feed(), newest.expect("there is a batch").batch.id, "misread")
        };
        self.store.call(void).await.unwrap()
    }

    async fn accept(&self, check: &Check) {
        let (hash, now) = (check.memory.held.clone().expect("a reply is held"), self.clock.now());
        self.store.call(move |store| store.accept(&feed(), &hash, now)).await.unwrap();
    }
}

fn feed() -> FeedId {
    FeedId::new("table")
}

fn south() -> SeriesId {
    SeriesId { route: "south".into(), measure: "persons".into(), cadence: crate::domain::time::Cadence::Month }
}

fn plan(mapping: &str, place: Place) -> Plan {
    let options: FeedOptions = toml::from_str(mapping).unwrap();
    let feed = Feed {
        id: feed(),
        name: "Table".into(),
        kind: FeedKind::Statistics,
        place: "somewhere".into(),
        every: SignedDuration::from_hours(24),
        deadline: SignedDuration::from_secs(60),
    };
    Plan::new(feed, place, Access::default(), Reader::from_options(&options).unwrap(), 32 << 20)
}

/// A table of so many months from January 2020 on.
fn table(months: usize, persons: impl Fn(usize) -> f64) -> String {
    let start: Period = "2020-01".parse().unwrap();
    let mut text = "Month,Persons,Others\n".to_owned();
    for at in 0..months {
        let month = start.offset(i64::try_from(at).unwrap());
        writeln!(text, "{month},{},{}", persons(at), at + 7).unwrap();
    }
    text
}

fn some(at: usize) -> f64 {
    // Far enough from one another that no two tables differ by a common factor.
    f64::from(u32::try_from(at * 137 % 911 + 100).unwrap())
}

fn degraded(check: &Check) -> String {
    check.health.degraded.clone().map(|text| text.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_mended_mapping_is_applied_at_once_and_then_the_server_is_asked_without_validators() {
    let (server, place) = Server::start("Month,Persons,Others\n2024-01,100,7\n2024-02,200,8\n").await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    assert_eq!(desk.value("2024-02").await, Some(200.0));
    desk.poll(&mut session).await;
    assert!(server.was_conditional() && server.count() == 2);

    let fetched: Timestamp = "2024-06-01T12:00:00Z".parse().unwrap();
    let mut session = desk.session(OTHERS).await;
    let mended = desk.round(&mut session).await;
    assert_eq!(server.count(), 2, "nobody was asked");
    assert_eq!((desk.value("2024-01").await, desk.value("2024-02").await), (Some(7.0), Some(8.0)));
    let haul = mended.haul.unwrap();
    assert_eq!(haul.known, Known { at: fetched, how: KnownHow::Seen }, "as of the fetch of that body");
    assert_eq!(haul.taken, desk.clock.now());
    assert_eq!(mended.health.checked, Some(desk.clock.now()), "that is when it was last asked");
    let vintages =
        desk.store.call(|store| store.vintages(&south(), "2024-02".parse().unwrap(), "2024-02".parse().unwrap()));
    let values: Vec<_> = vintages.await.unwrap().iter().map(|vintage| vintage.observation.value).collect();
    assert_eq!(values, [Some(200.0), Some(8.0)], "the misread one stays as a vintage");
    let then = desk.store.call(move |store| store.as_known_at(fetched)).await.unwrap();
    assert_eq!(then.series[&south()].complete("2024-02".parse().unwrap()), Some(8.0));

    let polled = desk.poll(&mut session).await;
    assert!(server.count() == 3 && !server.was_conditional(), "validators belong to address and mapping");
    assert!(polled.haul.is_none(), "it is the same reply");
    desk.poll(&mut session).await;
    assert!(server.was_conditional());
    // A session with the same mapping has nothing to mend.
    let mut session = desk.session(OTHERS).await;
    desk.poll(&mut session).await;
    assert!(server.was_conditional() && server.count() == 5);
}

#[tokio::test]
async fn a_mapping_that_reads_nothing_in_the_kept_body_says_so_and_asks_at_once() {
    let (server, place) = Server::start("Month,Persons\n2024-01,100\n").await;
    let desk = Desk::new(place).await;
    desk.round(&mut desk.session(PERSONS).await).await;
    let mut session = desk.session(ABSENT).await;
    let mended = desk.round(&mut session).await;
    let said = degraded(&mended);
    assert!(
        said.contains("the reply of 1 Jun 2024, read with the mapping as it is now: no column is called")
            && said.contains("old figures stay"),
        "{said}"
    );
    assert!(mended.haul.is_none() && mended.health.failures == 0);
    assert_eq!(desk.value("2024-01").await, Some(100.0));
    // The publisher may have changed it by now.
    server.serve("Month,Nobody\n2024-01,101\n");
    let polled = desk.round(&mut session).await;
    assert_eq!((degraded(&polled).as_str(), desk.value("2024-01").await), ("", Some(101.0)));
    assert!(!server.was_conditional());
}

#[tokio::test]
async fn another_address_is_asked_and_its_mapping_not_tried_on_the_kept_body() {
    let (_, place) = Server::start("Month,Persons,Others\n2024-01,100,7\n").await;
    let mut desk = Desk::new(place).await;
    desk.round(&mut desk.session(PERSONS).await).await;
    let (server, place) = Server::start("Month,Persons,Others\n2024-01,100,9\n").await;
    desk.place = place;
    desk.round(&mut desk.session(OTHERS).await).await;
    assert_eq!((server.count(), desk.value("2024-01").await), (1, Some(9.0)));
}

#[tokio::test]
async fn a_voided_reply_is_not_misread_again_and_read_at_once_when_the_mapping_is_mended() {
    let (server, place) = Server::start("Month,Persons,Others\n2024-01,100,100\n").await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve("Month,Persons,Others\n2024-01,0.1,104\n2024-02,0.2,200\n");
    desk.poll(&mut session).await;
    assert_eq!(desk.value("2024-01").await, Some(0.1));
    assert_eq!(desk.void_last().await, Some(Undone { restored: 1, gone: 1, untouched: 0 }));
    assert_eq!((desk.value("2024-01").await, desk.value("2024-02").await), (Some(100.0), None));

    // The session that runs hears of it; nothing is taken again with the same mapping, now or at the next poll.
    session.look_for_mends().await.unwrap();
    let count = server.count();
    let heard = desk.round(&mut session).await;
    assert!(degraded(&heard).contains("voided") && degraded(&heard).contains("mend the mapping"), "{heard:?}");
    assert_eq!(server.count(), count);
    for conditional in [false, true] {
        let polled = desk.poll(&mut session).await;
        assert!(polled.haul.is_none() && degraded(&polled).contains("voided"), "{polled:?}");
        assert_eq!(server.was_conditional(), conditional);
    }
    assert_eq!(desk.value("2024-01").await, Some(100.0));

    let mut mended = desk.session(OTHERS).await;
    let count = server.count();
    desk.round(&mut mended).await;
    assert_eq!((desk.value("2024-01").await, desk.value("2024-02").await), (Some(104.0), Some(200.0)));
    assert_eq!(server.count(), count);
    // The mapping that misread it, once more: still void.
    let back = desk.round(&mut desk.session(PERSONS).await).await;
    assert!(back.haul.is_none() && degraded(&back).contains("voided"));
    // Unless a person says otherwise; and thinks better of it.
    let mut session = desk.session(PERSONS).await;
    desk.accept(&back).await;
    session.look_for_mends().await.unwrap();
    desk.round(&mut session).await;
    assert_eq!(desk.value("2024-01").await, Some(0.1));
    desk.void_last().await;
    session.look_for_mends().await.unwrap();
    let again = desk.round(&mut session).await;
    assert!(again.haul.is_none() && desk.value("2024-01").await == Some(104.0), "{again:?}");
}

#[tokio::test]
async fn voiding_an_older_batch_loses_nothing_that_the_last_reply_says() {
    let (server, place) = Server::start("Month,Persons\n2024-01,100\n").await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve("Month,Persons\n2024-01,100\n2024-02,200\n");
    desk.poll(&mut session).await;
    server.serve("Month,Persons\n2024-01,100\n2024-02,200\n2024-03,300\n");
    desk.poll(&mut session).await;
    let void = |store: &mut dyn Store| {
        let second = store.batches(&feed())?[1].batch.id;
        store.void(&feed(), second, "wrongly suspected")
    };
    desk.store.call(void).await.unwrap();
    assert_eq!(desk.value("2024-02").await, None);
    session.look_for_mends().await.unwrap();
    desk.round(&mut session).await;
    assert_eq!(desk.value("2024-02").await, Some(200.0), "the last reply gives it too");
}

#[tokio::test]
async fn a_table_that_shrank_waits_until_a_person_accepts_it() {
    let (server, place) = Server::start(&table(40, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    let first = desk.round(&mut session).await;
    assert_eq!(first.memory.figures, Some(40));
    server.serve(&table(3, |at| some(at) + 1.0));
    let held = desk.poll(&mut session).await;
    assert!(held.haul.is_none() && held.health.failures == 0);
    assert!(degraded(&held).contains("from 40 figures to 3") && degraded(&held).contains("feed accept table"));
    assert_eq!(desk.value("2020-01").await, Some(100.0));
    // It stays so: not modified; and after a restart.
    let again = desk.poll(&mut session).await;
    assert!(server.was_conditional() && degraded(&again) == degraded(&held));
    let mut session = desk.session(PERSONS).await;
    let again = desk.poll(&mut session).await;
    assert!(again.haul.is_none() && degraded(&again) == degraded(&held));
    // Accepted, it is taken at once, without asking anybody.
    desk.accept(&again).await;
    let count = server.count();
    session.look_for_mends().await.unwrap();
    let taken = desk.round(&mut session).await;
    assert_eq!((server.count(), degraded(&taken).as_str()), (count, ""));
    assert_eq!((desk.value("2020-01").await, taken.memory.figures), (Some(101.0), Some(3)));
    assert_eq!(desk.value("2020-09").await, Some(some(8)), "what a later reply leaves out stays");
    // From now on three are what it has.
    server.serve(&table(4, some));
    let next = desk.poll(&mut session).await;
    assert_eq!((degraded(&next).as_str(), desk.value("2020-01").await), ("", Some(100.0)));
}

#[tokio::test]
async fn a_feed_says_since_when_it_is_as_it_is() {
    let (server, place) = Server::start(&table(5, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    let mut since = Vec::new();
    let broken = "<html><title>Log in</title></html>".to_owned();
    let bodies = [table(5, some), table(6, some), broken.clone(), broken, table(7, some)];
    for (poll, body) in bodies.iter().enumerate() {
        server.serve(body);
        let check = if poll == 0 { desk.round(&mut session).await } else { desk.poll(&mut session).await };
        since.push((check.health.since == check.health.checked, check.health.failures));
    }
    assert_eq!(since, [(true, 0), (false, 0), (true, 1), (false, 2), (true, 0)]);
    let stored = desk.facts().await.health[&feed()].since;
    assert_eq!(stored, Some(desk.clock.now()));
}

#[tokio::test]
async fn what_was_accepted_is_taken_although_the_publisher_has_changed_it_since() {
    let (server, place) = Server::start(&table(40, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(&table(3, some));
    let held = desk.poll(&mut session).await;
    // The next poll comes before anybody has looked at what was accepted, and meets another table.
    desk.accept(&held).await;
    server.serve(&table(4, some));
    let taken = desk.poll(&mut session).await;
    assert_eq!((degraded(&taken).as_str(), taken.memory.figures), ("", Some(3)));
    let next = desk.round(&mut session).await;
    assert_eq!((degraded(&next).as_str(), next.memory.figures), ("", Some(4)), "it is asked again at once");
}

#[tokio::test]
async fn what_is_asked_for_while_an_accepted_reply_is_read_is_asked_right_after_it() {
    let (server, place) = Server::start(&table(40, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(&table(3, some));
    let held = desk.poll(&mut session).await;
    // Accepted, and changed by the publisher: a person asks for it, or a watched file tells, before the kept reply was read.
    desk.accept(&held).await;
    session.look_for_mends().await.unwrap();
    server.serve(&table(4, some));
    session.ask(Some(feed()));
    let count = server.count();
    let taken = desk.round(&mut session).await;
    assert_eq!((server.count(), taken.memory.figures), (count, Some(3)), "the accepted one first");
    let next = desk.round(&mut session).await;
    assert_eq!((server.count(), next.memory.figures), (count + 1, Some(4)));
    assert!(session.is_idle(), "once");
}

#[tokio::test]
async fn a_held_reply_is_forgotten_when_the_publisher_takes_it_back() {
    let (server, place) = Server::start(&table(40, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(&table(40, |at| some(at) * 1000.0));
    let held = desk.poll(&mut session).await;
    assert!(degraded(&held).contains("every figure is 1,000 times what it was"), "{held:?}");
    assert!(degraded(&held).contains("value.times = 0.001"));
    server.serve(&table(40, some));
    let back = desk.poll(&mut session).await;
    assert_eq!((degraded(&back).as_str(), back.memory.held), ("", None));
    assert_eq!(desk.store.call(|store| store.held_body(&feed())).await.unwrap(), None);
    assert_eq!(desk.store.call(|store| store.batches(&feed())).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_mapping_mended_for_a_new_unit_is_applied_to_the_held_reply_and_accepts_nothing_by_itself() {
    let old = table(40, |at| at as f64 + 7.0);
    let (server, place) = Server::start(&old).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(&table(40, |at| (at as f64 + 7.0) * 1000.0));
    let held = desk.poll(&mut session).await;
    assert!(held.memory.held.is_some());
    // `Others` holds the figures in the old unit: as though they were multiplied.
    let mut mended = desk.session(OTHERS).await;
    let taken = desk.round(&mut mended).await;
    assert_eq!((degraded(&taken).as_str(), taken.memory.held, desk.value("2020-01").await), ("", None, Some(7.0)));
    // The other way round the stored figures stand in the way until a person says which are right.
    let mut back = desk.session(PERSONS).await;
    let doubted = desk.round(&mut back).await;
    assert!(degraded(&doubted).contains("with the mapping as it is now every figure is 1,000 times"), "{doubted:?}");
    assert_eq!(desk.value("2020-01").await, Some(7.0));
    desk.accept(&doubted).await;
    back.look_for_mends().await.unwrap();
    desk.round(&mut back).await;
    assert_eq!(desk.value("2020-01").await, Some(7000.0));
}

#[tokio::test]
async fn a_restated_table_is_taken_with_a_note() {
    let (server, place) = Server::start(&table(40, some)).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(&table(40, |at| some(at) * 1.5));
    let restated = desk.poll(&mut session).await;
    assert!(degraded(&restated).contains("the whole table was restated: 40 of 40 figures"), "{restated:?}");
    assert_eq!(desk.value("2020-01").await, Some(150.0));
}

#[tokio::test]
async fn a_reply_of_before_is_taken_only_when_it_is_repeated() {
    let (a, b) = ("Month,Persons\n2024-01,100\n", "Month,Persons\n2024-01,110\n");
    let (server, place) = Server::start(a).await;
    let desk = Desk::new(place).await;
    let mut session = desk.session(PERSONS).await;
    desk.round(&mut session).await;
    server.serve(b);
    desk.poll(&mut session).await;
    server.serve(a);
    let back = desk.poll(&mut session).await;
    assert!(degraded(&back).contains("went back") && desk.value("2024-01").await == Some(110.0));
    server.serve(b);
    let there = desk.poll(&mut session).await;
    assert_eq!(degraded(&there), "", "it was a cache that lagged");
    server.serve(a);
    desk.poll(&mut session).await;
    let again = desk.poll(&mut session).await;
    assert_eq!((degraded(&again).as_str(), desk.value("2024-01").await), ("", Some(100.0)));
}

fn observation(published: Option<&str>) -> Observation {
    let published = published.map(|at| at.parse().unwrap());
    Observation {
        series: south(),
        period: "2024-01".parse().unwrap(),
        value: Some(1.0),
        status: Status::Closed,
        published,
    }
}

#[test]
fn a_figure_is_known_since_it_says_so_else_since_the_document_does_and_never_after_the_fetch() {
    let plan = plan(PERSONS, Place::Recorded);
    let fetched: Timestamp = "2024-03-01T00:00:00Z".parse().unwrap();
    let stated = |decoded: Decoded| {
        let stamp = Stamp { known: Known { at: fetched, how: KnownHow::Seen }, taken: fetched };
        let outcome = Outcome::taken(&plan, "h".into(), decoded, None, None, stamp, &Catalog::default());
        let before = Before { health: FeedHealth::unasked(feed()), memory: FeedMemory::default() };
        let marks = crate::store::Marks::default();
        let mut after = super::outcome::After::unasked(&plan, &before, &marks, fetched);
        after.end_kept(fetched, false, outcome);
        after.into_check().haul.unwrap().observations.iter().map(|arrival| arrival.stated).collect::<Vec<_>>()
    };
    let (early, later) = ("2024-02-01T00:00:00Z", "2024-02-15T00:00:00Z");
    let observations = vec![observation(Some(early)), observation(Some("2024-04-01T00:00:00Z")), observation(None)];
    let at = |text: &str| text.parse::<Timestamp>().ok();
    let none = Decoded { observations: observations.clone(), ..Decoded::default() };
    assert_eq!(stated(none), [at(early), Some(fetched), None]);
    let whole = Decoded { observations, stated: at(later), ..Decoded::default() };
    assert_eq!(stated(whole), [at(early), Some(fetched), at(later)]);
}

#[tokio::test]
async fn health_counts_every_row_that_could_not_be_read() {
    let rows: String = (0..30).map(|row| format!("20{}-02,many\n", 10 + row % 10)).collect();
    let (_, place) = Server::start(&format!("Month,Persons\n2024-01,100\n{rows}")).await;
    let desk = Desk::new(place).await;
    let said = degraded(&desk.round(&mut desk.session(PERSONS).await).await);
    assert!(said.contains("(and 29 more; `watchfloor feed try` lists them)"), "{said}");
}

/// A server that gives prepared answers in turn, the last one for ever.
async fn scripted(answers: Vec<String>) -> (Arc<Mutex<Vec<String>>>, Place) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/table.csv", listener.local_addr().unwrap()).parse().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        let mut answers = answers.into_iter().peekable();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut buffer).await.unwrap();
                request.extend_from_slice(&buffer[..read]);
            }
            seen.lock().unwrap().push(String::from_utf8(request).unwrap().to_lowercase());
            let answer = answers.peek().cloned().unwrap();
            if answers.len() > 1 {
                answers.next();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (requests, Place::Http(url))
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn waits(desk: &Desk, check: &Check) -> i64 {
    check.health.next_due.unwrap().duration_since(desk.clock.now()).as_secs()
}

#[tokio::test]
async fn a_source_that_asked_to_be_left_alone_is_left_alone_over_a_restart_and_a_refresh() {
    let (requests, place) =
        scripted(vec![answer("429 Slow", "Retry-After: 200000\r\n", ""), answer("200 OK", "", &table(12, some))]).await;
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    let check = desk.round(&mut collector).await;
    assert!(check.health.note.as_ref().unwrap().as_str().contains("longer than a day"), "{:?}", check.health.note);
    // A new process: it knows from the store.
    let mut collector = desk.session(PERSONS).await;
    collector.ask(None);
    collector.ask(Some(feed()));
    collector.start_due(desk.clock.now());
    assert!(collector.due_at(desk.clock.now()).is_empty(), "neither by itself nor because somebody wants it");
    assert_eq!(requests.lock().unwrap().len(), 1);
    let check = desk.poll(&mut collector).await;
    assert_eq!((check.health.failures, &check.health.note), (0, &None));
}

#[tokio::test]
async fn failures_by_hand_before_a_feed_is_due_are_no_failures_more() {
    let bad = || answer("500 No", "", "");
    let (_, place) = scripted((0..9).map(|_| bad()).chain([answer("410 Gone", "", ""), bad()]).collect()).await;
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    let first = desk.round(&mut collector).await.health;
    let due = first.next_due.unwrap();
    for _ in 0..3 {
        desk.clock.set(desk.clock.now() + SignedDuration::from_secs(2));
        collector.ask(Some(feed()));
        let by_hand = desk.round(&mut collector).await.health;
        assert_eq!((by_hand.failures, by_hand.next_due), (1, Some(due)), "as it was planned");
        assert!(by_hand.checked > first.checked);
    }
    for failures in 2..=6 {
        let health = desk.poll(&mut collector).await.health;
        assert_eq!(health.failures, failures, "it was due");
    }
    // What is gone for good is planned for never: asked by name it is planned anew.
    let gone = desk.poll(&mut collector).await.health;
    assert_eq!(gone.next_check(), None);
    collector.ask(Some(feed()));
    let health = desk.poll(&mut collector).await.health;
    assert_eq!((health.failures, health.next_check().is_some()), (8, true));
}

#[tokio::test]
async fn what_is_gone_is_asked_no_more_until_a_person_names_it() {
    let (requests, place) = scripted(vec![answer("410 Gone", "", ""), answer("200 OK", "", &table(12, some))]).await;
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    let check = desk.round(&mut collector).await;
    assert_eq!(check.health.next_check(), None);
    let error = check.health.error.unwrap();
    let remedy = format!("; `watchfloor refresh {}` asks it once more", feed());
    assert!(error.as_str().contains("gone for good") && error.as_str().ends_with(&remedy), "{error}");
    desk.clock.set(desk.clock.now() + SignedDuration::from_hours(24 * 400));
    let mut collector = desk.session(PERSONS).await;
    collector.ask(None);
    assert!(collector.due_at(desk.clock.now()).is_empty());
    assert_eq!(requests.lock().unwrap().len(), 1);
    collector.ask(Some(feed()));
    let check = desk.round(&mut collector).await;
    assert_eq!(check.health.failures, 0);
}

#[tokio::test]
async fn an_empty_reply_says_whose_it_is() {
    let (_, place) = scripted(vec![answer("200 OK", "", "")]).await;
    let address = place.to_string();
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    let error = desk.round(&mut collector).await.health.error.unwrap().to_string();
    assert!(error.starts_with(&format!("{address} answered, but the reply is no CSV: it is empty; ")), "{error}");
    assert!(!error.contains("`format`"), "nothing can be told of the format: {error}");
}

#[tokio::test]
async fn validators_are_those_of_the_last_reply_that_could_be_read() {
    let (requests, place) = scripted(vec![
        answer("200 OK", "ETag: \"good\"\r\nCache-Control: max-age=20\r\n", &table(12, some)),
        answer("200 OK", "ETag: \"bad\"\r\n", "<html><title>Log in</title></html>"),
        answer("304 Not Modified", "", ""),
    ])
    .await;
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    desk.round(&mut collector).await;
    let check = desk.poll(&mut collector).await;
    assert_eq!((check.health.failures, check.memory.etag.as_deref()), (1, Some("\"good\"")));
    let check = desk.poll(&mut collector).await;
    assert_eq!((check.health.failures, check.health.http_status), (0, Some(304)));
    let requests = requests.lock().unwrap();
    assert!(requests[2].contains("if-none-match: \"good\""), "{}", requests[2]);
}

#[tokio::test]
async fn a_feed_that_moved_for_good_is_asked_there_and_a_log_in_page_moves_nothing() {
    let (there, Place::Http(url)) = scripted(vec![answer("200 OK", "", &table(12, some))]).await else { panic!() };
    let (portal, Place::Http(page)) = scripted(vec![answer("200 OK", "", "<html><title>Hotel</title>")]).await else {
        panic!()
    };
    let (here, place) = scripted(vec![
        answer("301 Moved", &format!("Location: {page}\r\n"), ""),
        answer("301 Moved", &format!("Location: {url}\r\n"), ""),
    ])
    .await;
    let desk = Desk::new(place).await;
    let mut collector = desk.session(PERSONS).await;
    let check = desk.round(&mut collector).await;
    assert_eq!((check.health.failures, &check.memory.moved_to), (1, &None));
    assert!(check.health.error.unwrap().as_str().contains("it came from"));
    let check = desk.poll(&mut collector).await;
    assert!(check.health.note.unwrap().as_str().contains(&format!("moved for good to {url}")));
    let mut collector = desk.session(PERSONS).await;
    let check = desk.poll(&mut collector).await;
    assert_eq!(check.health.failures, 0);
    let counts = [&here, &portal, &there].map(|requests| requests.lock().unwrap().len());
    assert_eq!(counts, [2, 1, 2], "its old address is not asked every time");
}

#[tokio::test]
async fn a_server_that_refuses_is_asked_more_and_more_seldom_and_so_is_one_that_errs() {
    for (status, least) in [("403 No", 24 * 3_600), ("500 Oh", 6 * 3_600)] {
        let (_, place) = scripted(vec![answer(status, "", "")]).await;
        let desk = Desk::new(place).await;
        let mut collector = desk.session(PERSONS).await;
        let first = desk.round(&mut collector).await;
        assert!(waits(&desk, &first) >= least, "{status}: {}", waits(&desk, &first));
        let second = desk.poll(&mut collector).await;
        assert!(waits(&desk, &second) >= least && second.health.failures == 2);
    }
}
