//! A loop of numbered commits: what the crash test kills at random instants, and a way to try a disk by hand.

use super::sqlite::SqliteStore;
use super::{Arrival, Body, Check, Haul, LeaseAnswer, Result, Store, StoreError, Want};
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::observation::{Known, KnownHow, Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::time::{Cadence, Period};
use jiff::Timestamp;
use std::io::Write;
use std::path::Path;

/// The series whose period n holds n: what was committed can be told afterwards.
pub fn series() -> SeriesId {
    SeriesId { route: "stress".into(), measure: "commits".into(), cadence: Cadence::Day }
}

/// Commits the numbers from the first that is not there, each in its own transaction, and writes each to `out` when it is
/// committed. Ends after `count` of them, or when `out` is closed.
pub fn run(path: &Path, count: u64, out: &mut dyn Write) -> Result<()> {
    let mut store = SqliteStore::open(path)?;
    let (facts, _) = store.load(Want::All)?;
    let start = facts.series.get(&series()).and_then(|series| series.last()).map_or(0, |last| last.index() + 1);
    let LeaseAnswer::Granted(lease) = store.take_lease("stress", Timestamp::UNIX_EPOCH, Timestamp::MAX)? else {
        return Err(StoreError::Lost);
    };
    for number in (start..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        store.commit(lease.token, &[check(number)])?;
        if writeln!(out, "{number}").and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn check(number: i64) -> Check {
    let period = Period::from_index(Cadence::Day, number);
    // Counts stay far below the largest whole number of a float.
    #[expect(clippy::cast_precision_loss, reason = "a count of commits")]
    let value = Some(number as f64);
    let observation = Observation { series: series(), period, value, status: Status::Closed, published: None };
    let at = Timestamp::UNIX_EPOCH;
    Check {
        health: FeedHealth { checked: Some(at), ..FeedHealth::unasked(FeedId::new("stress")) },
        memory: FeedMemory::default(),
        haul: Some(Haul {
            reply_hash: number.to_string(),
            mapping_hash: String::new(),
            known: Known { at, how: KnownHow::Stated },
            taken: at,
            observations: vec![Arrival { observation, stated: None, assumed: at }],
            items: Vec::new(),
        }),
        body: Body::AsIs,
    }
}
