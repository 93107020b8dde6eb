//! Taking a wide table into the SQLite store: 48,000 figures in 4,560 series, as the largest publisher has them; then the same again, and
//! a release that revises a tenth of them.

use std::collections::BTreeSet;
use watchfloor::domain::feed::{FeedHealth, FeedId, FeedMemory};
use watchfloor::domain::observation::{Known, KnownHow, Observation, Status};
use watchfloor::domain::route::{RouteId, SeriesId};
use watchfloor::domain::time::{Cadence, Period};
use watchfloor::store::sqlite::SqliteStore;
use watchfloor::store::{Arrival, Body, Check, Haul, LeaseAnswer, Store};

const SERIES: usize = 4_560;
const MONTHS: i64 = 10;

fn main() {
    divan::main();
}

fn check(release: usize) -> Check {
    let at = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let start: Period = "2025-01".parse().expect("a month");
    let mut observations = Vec::new();
    for number in 0..SERIES {
        let route = RouteId::new(&format!("asylum/first-time/{}/{}", number % 40, number / 40));
        let series = SeriesId { route, measure: "applicants".into(), cadence: Cadence::Month };
        for month in 0..MONTHS {
            let revised = release > 0 && (number + month as usize).is_multiple_of(10);
            let value = ((number * 31 + month as usize * 7) % 900 + usize::from(revised) * release) as f64;
            let period = start.offset(month);
            let observation = Observation {
                series: series.clone(),
                period,
                value: Some(value),
                status: Status::Closed,
                published: None,
            };
            observations.push(Arrival { observation, stated: None, assumed: at });
        }
    }
    let haul = Haul {
        reply_hash: release.to_string(),
        mapping_hash: String::new(),
        known: Known { at, how: KnownHow::Seen },
        taken: at,
        observations,
        items: Vec::new(),
    };
    let health = FeedHealth { checked: Some(at), ..FeedHealth::unasked(FeedId::new("wide")) };
    Check { health, memory: FeedMemory::default(), haul: Some(haul), body: Body::AsIs }
}

fn store() -> (tempfile::TempDir, SqliteStore, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = SqliteStore::open(&folder.path().join("facts.db")).expect("a new store");
    let lease = store.take_lease("bench", jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::MAX).expect("it answers");
    let LeaseAnswer::Granted(lease) = lease else { panic!("the lease is free") };
    (folder, store, lease.token)
}

#[divan::bench(sample_count = 5)]
fn first_load(bencher: divan::Bencher<'_, '_>) {
    let check = [check(0)];
    bencher.with_inputs(store).bench_refs(|(_, store, token)| {
        let done = store.commit(*token, &check).expect("it is written");
        assert_eq!(done.new, SERIES * 10);
    });
}

#[divan::bench(sample_count = 5)]
fn a_release_that_revises_a_tenth(bencher: divan::Bencher<'_, '_>) {
    let (first, second) = ([check(0)], [check(1)]);
    let loaded = || {
        let (folder, mut store, token) = store();
        store.commit(token, &first).expect("it is written");
        (folder, store, token)
    };
    bencher.with_inputs(loaded).bench_refs(|(_, store, token)| {
        let done = store.commit(*token, &second).expect("it is written");
        assert_eq!((done.new, done.revised), (0, SERIES));
    });
}

#[divan::bench(sample_count = 5)]
fn voiding_it(bencher: divan::Bencher<'_, '_>) {
    let (first, second) = ([check(0)], [check(1)]);
    let loaded = || {
        let (folder, mut store, token) = store();
        store.commit(token, &first).expect("it is written");
        store.commit(token, &second).expect("it is written");
        (folder, store)
    };
    bencher.with_inputs(loaded).bench_refs(|(_, store)| {
        let feed = FeedId::new("wide");
        let newest = store.batches(&feed).expect("it answers")[0].batch.id;
        store.void(&feed, newest, "misread").expect("it is written").expect("it was not void")
    });
}

#[divan::bench(sample_count = 10)]
fn the_latest_of_all_series(bencher: divan::Bencher<'_, '_>) {
    let (_folder, mut store, token) = store();
    store.commit(token, &[check(0)]).expect("it is written");
    let ids: BTreeSet<SeriesId> = store.series().expect("it answers").into_iter().collect();
    bencher.bench_local(|| store.latest(&ids).expect("it answers"));
}
