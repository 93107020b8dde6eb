//! Who collects, on clocks that are set, stand still or disagree; and a store that goes away and comes back.

use super::super::plan::Plan;
use super::*;
use crate::alerts::{Rule, RuleOptions};
use crate::clock::Wait;
use crate::domain::alert::Event;
use crate::domain::feed::{Feed, FeedId, FeedKind};
use crate::domain::situation::{Catalog, Situation, StoreState};
use crate::feeds::{FeedOptions, Reader};
use crate::fetch::{FetchOptions, Fetcher, Place};
use crate::store::Store;
use crate::store::sqlite::{SqliteStore, again};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tokio::sync::watch;

/// A machine's clocks: the one on the wall, which is set, and the one that only goes forward.
#[derive(Clone)]
struct Clocks(Arc<Mutex<(Timestamp, SignedDuration)>>);

impl Clocks {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(("2026-11-24T12:00:00Z".parse().unwrap(), SignedDuration::ZERO))))
    }

    /// Time goes by.
    fn pass(&self, seconds: i64) {
        self.set(seconds);
        self.0.lock().unwrap().1 += SignedDuration::from_secs(seconds);
    }

    /// Somebody sets the clock on the wall.
    fn set(&self, seconds: i64) {
        let mut clocks = self.0.lock().unwrap();
        clocks.0 += SignedDuration::from_secs(seconds);
    }
}

impl Clock for Clocks {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn sleep_until(&self, _: Timestamp) -> Wait {
        Box::pin(std::future::pending())
    }

    fn running(&self) -> SignedDuration {
        self.0.lock().unwrap().1
    }
}

const TABLE: &str = r#"
kind = "statistics"
format = "csv"
period = { kind = "month", column = "Month" }
value = { column = "Persons" }
series = [{ route = "south", measure = "persons" }]
"#;

struct Desk {
    folder: tempfile::TempDir,
}

/// A process on a machine.
struct Process {
    live: Live,
    clocks: Clocks,
    pictures: watch::Receiver<Arc<Situation>>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.publish("Month,Persons\n2024-01,50\n");
        desk
    }

    fn publish(&self, table: &str) {
        std::fs::write(self.folder.path().join("table.csv"), table).unwrap();
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("facts.db")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open_reading(&self.db()).unwrap()
    }

    async fn process(&self, name: &str) -> Process {
        let clocks = Clocks::new();
        let (path, clock) = (self.db(), clocks.clone());
        let store = SqliteStore::open_for_session(&path, clocks.now(), false).unwrap().store;
        let handle = StoreHandle::spawn_opening(Some(Box::new(store)), again(path, true, move || clock.now(), |_| {}));
        self.process_on(name, clocks, handle).await
    }

    async fn process_on(&self, name: &str, clocks: Clocks, handle: StoreHandle) -> Process {
        let options: FeedOptions = toml::from_str(TABLE).unwrap();
        let feed = Feed {
            id: FeedId::new("table"),
            name: "Table".into(),
            kind: FeedKind::Statistics,
            place: "somewhere".into(),
            every: SignedDuration::from_secs(60),
            deadline: SignedDuration::from_secs(60),
        };
        let place = Place::File(self.folder.path().join("table.csv"));
        let rule: RuleOptions =
            toml::from_str("id = \"capacity\"\nkind = \"above\"\nroute = \"south\"\nfire = 100").unwrap();
        let parts = Parts {
            title: "Desk".into(),
            catalog: Arc::new(Catalog::default()),
            plans: Arc::new([Plan::new(
                feed,
                place,
                crate::fetch::access::Access::default(),
                Reader::from_options(&options).unwrap(),
                1 << 20,
            )]),
            rules: Arc::new([Rule::from_options(&rule).unwrap()]),
            policies: Arc::new([]),
            fetcher: Fetcher::live(FetchOptions::default()),
        };
        let viewer = Mode::Viewer { collector: None };
        let (mut keeper, pictures) = Keeper::new(
            handle.clone(),
            parts.rules.clone(),
            parts.catalog.clone(),
            "Desk".into(),
            viewer,
            clocks.now(),
        );
        // Where the store does not answer the picture begins empty.
        let _ = keeper.load().await;
        let (_, remarks) = mpsc::unbounded_channel();
        let clock = Arc::new(clocks.clone());
        let keep = SignedDuration::from_hours(24 * 90);
        let live = Live::new(parts, handle, clock, name.to_owned(), keep, keeper, remarks);
        Process { live, clocks, pictures }
    }
}

impl Process {
    /// A round of its loop, without waiting.
    async fn round(&mut self) {
        let now = self.clocks.now();
        self.live.hear(now);
        let looked = self.live.look(now).await;
        self.live.survive(looked, now).await;
    }

    /// Looks every second for so long.
    async fn for_seconds(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.clocks.pass(1);
            self.round().await;
        }
    }

    /// Asks the feed now, if this process asks, and writes what it gave.
    async fn poll(&mut self) {
        if !self.live.asks() {
            return;
        }
        self.live.collector.ask(None);
        self.live.collector.start_due(self.clocks.now());
        let checks = self.live.collector.finished().await;
        self.live.gather(checks);
        let written = self.live.flush(self.clocks.now()).await;
        self.live.survive(written, self.clocks.now()).await;
    }

    fn collects(&self) -> bool {
        self.live.collecting()
    }

    fn picture(&self) -> Arc<Situation> {
        self.pictures.borrow().clone()
    }

    fn shows(&self, month: &str) -> Option<f64> {
        let picture = self.picture();
        let series = picture.facts.series.values().next()?;
        series.complete(month.parse().unwrap())
    }
}

fn written(path: &Path) -> (usize, Vec<String>) {
    let mut store = SqliteStore::open_reading(path).unwrap();
    let series = store.series().unwrap();
    let edge = |index| crate::domain::time::Period::from_index(crate::domain::time::Cadence::Month, index);
    let vintages = series.iter().map(|id| store.vintages(id, edge(0), edge(10_000)).unwrap().len()).sum();
    let notices = store.notices(1000).unwrap();
    let opened = notices.iter().filter(|notice| notice.event == Event::Fired);
    (vintages, opened.map(crate::domain::alert::Notice::key).collect())
}

const SURGE: &str = "Month,Persons\n2024-01,50\n2024-02,120\n";

#[tokio::test]
async fn a_frozen_collector_is_followed_by_another_and_writes_nothing_when_it_goes_on() {
    let desk = Desk::new();
    let (mut a, mut b) = (desk.process("a").await, desk.process("b").await);
    a.round().await;
    a.poll().await;
    b.for_seconds(3).await;
    assert!(a.collects() && !b.collects());
    desk.publish(SURGE);
    // A is about to write what it has just read, and is stopped for an hour.
    a.live.collector.ask(None);
    a.live.collector.start_due(a.clocks.now());
    let in_hand = a.live.collector.finished().await;
    b.for_seconds(5).await;
    assert!(!b.collects(), "it may still be alive");
    b.for_seconds(5).await;
    assert!(b.collects());
    b.poll().await;
    let told = written(&desk.db());
    assert_eq!((told.0, told.1.len()), (2, 1));
    a.clocks.pass(3600);
    a.live.gather(in_hand);
    let late = a.live.flush(a.clocks.now()).await;
    assert!(matches!(late, Err(StoreError::Lost)), "{late:?}");
    a.live.survive(late, a.clocks.now()).await;
    a.round().await;
    a.poll().await;
    assert!(!a.collects() && b.collects());
    assert_eq!(written(&desk.db()), told, "nothing twice");
    assert!(matches!(&a.picture().mode, Mode::Viewer { collector: Some(who) } if who.as_str() == "b"));
}

#[tokio::test]
async fn a_clock_that_is_set_forth_and_back_neither_loses_nor_moves_the_lease() {
    let desk = Desk::new();
    let (mut a, mut b) = (desk.process("a").await, desk.process("b").await);
    a.round().await;
    a.poll().await;
    b.round().await;
    let token = desk.store().lease().unwrap().unwrap().token;
    for days in [2, -4, 2, 365 * 40, -365 * 80, 365 * 40] {
        for process in [&mut a, &mut b] {
            process.clocks.set(days * 86_400);
        }
        for _ in 0..12 {
            b.for_seconds(1).await;
            a.for_seconds(1).await;
        }
        assert!(a.collects() && !b.collects(), "after {days} days");
    }
    assert_eq!(desk.store().lease().unwrap().unwrap().token, token);
    desk.publish(SURGE);
    a.poll().await;
    assert_eq!(written(&desk.db()).1.len(), 1);
}

#[tokio::test]
async fn two_clocks_an_hour_apart_agree_who_collects() {
    for skew in [3600, -3600] {
        let desk = Desk::new();
        let (mut a, mut b) = (desk.process("a").await, desk.process("b").await);
        b.clocks.set(skew);
        a.round().await;
        for _ in 0..20 {
            a.for_seconds(1).await;
            b.for_seconds(1).await;
            assert!(a.collects() && !b.collects(), "skew {skew}");
        }
        // It is stopped; B takes over within ten seconds, whatever the lease says of time.
        b.for_seconds(10).await;
        assert!(b.collects(), "skew {skew}");
        b.poll().await;
        for _ in 0..20 {
            a.for_seconds(1).await;
            b.for_seconds(1).await;
        }
        assert!(b.collects() && !a.collects(), "skew {skew}");
    }
}

#[tokio::test]
async fn what_died_is_followed_at_once() {
    let desk = Desk::new();
    let mut a = desk.process("a").await;
    a.round().await;
    assert!(a.collects());
    // Its descriptors are closed, and nothing is given back.
    a.live.store.close().await;
    let mut b = desk.process("b").await;
    b.round().await;
    assert!(b.collects());
}

#[tokio::test]
async fn what_a_locked_store_does_not_take_is_shown_and_written_later() {
    let desk = Desk::new();
    let mut a = desk.process("a").await;
    a.round().await;
    a.poll().await;
    let other = rusqlite::Connection::open(desk.db()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    desk.publish(SURGE);
    a.poll().await;
    assert_eq!(a.shows("2024-02"), Some(120.0), "it is seen");
    let picture = a.picture();
    let StoreState::Away { why, waiting, .. } = &picture.store else { panic!("{:?}", picture.store) };
    assert!(why.as_str().contains("another program holds it locked") && *waiting == Some(1), "{why}");
    assert_eq!(picture.active().len(), 1, "the alert too");
    desk.publish(&format!("{SURGE}2024-03,130\n"));
    a.poll().await;
    assert_eq!(a.shows("2024-03"), Some(130.0));
    a.for_seconds(3).await;
    assert_eq!(written(&desk.db()).0, 1, "nothing of it is written yet");
    other.execute_batch("ROLLBACK").unwrap();
    a.for_seconds(3).await;
    assert!(a.collects() && a.live.collector.backlog().is_empty());
    assert_eq!((a.picture().store.clone(), a.shows("2024-03")), (StoreState::Fine, Some(130.0)));
    let (vintages, told) = written(&desk.db());
    assert_eq!((vintages, told.len()), (3, 1));
}

#[tokio::test]
async fn a_session_without_its_store_asks_feeds_and_writes_when_it_is_there() {
    let desk = Desk::new();
    desk.publish(SURGE);
    let clocks = Clocks::new();
    // There is a folder where the file should be: nothing can be opened.
    std::fs::create_dir(desk.db()).unwrap();
    let clock = clocks.clone();
    let handle = StoreHandle::spawn_opening(None, again(desk.db(), false, move || clock.now(), |_| {}));
    let mut a = desk.process_on("a", clocks, handle).await;
    a.for_seconds(5).await;
    a.poll().await;
    assert_eq!(a.shows("2024-02"), None, "another may collect: it waits as long as a lease lasts");
    a.for_seconds(7).await;
    a.poll().await;
    assert_eq!(a.shows("2024-02"), Some(120.0));
    assert!(matches!(a.picture().store, StoreState::Away { waiting: Some(1), .. }), "{:?}", a.picture().store);
    std::fs::remove_dir(desk.db()).unwrap();
    a.for_seconds(3).await;
    assert!(a.collects());
    assert_eq!((a.picture().store.clone(), a.shows("2024-02")), (StoreState::Fine, Some(120.0)));
    assert_eq!(written(&desk.db()).0, 2);
}

#[tokio::test]
async fn a_moved_store_is_said_and_written_again_when_it_is_back() {
    let desk = Desk::new();
    let mut a = desk.process("a").await;
    a.round().await;
    a.poll().await;
    let elsewhere = desk.folder.path().join("elsewhere.db");
    std::fs::rename(desk.db(), &elsewhere).unwrap();
    desk.publish(SURGE);
    a.poll().await;
    assert!(matches!(&a.picture().store, StoreState::Away { why, .. } if why.as_str().contains("moved away")));
    assert_eq!(a.shows("2024-02"), Some(120.0));
    a.for_seconds(20).await;
    assert!(!desk.db().exists(), "no other is made in its place");
    std::fs::rename(&elsewhere, desk.db()).unwrap();
    a.for_seconds(3).await;
    assert_eq!(a.picture().store, StoreState::Fine);
    assert_eq!(written(&desk.db()).0, 2);
}
