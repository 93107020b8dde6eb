//! The default store: one SQLite file, WAL, one writer at a time. Several processes on one machine may share it; a
//! network file system may not hold it. `rows` knows how values are held, `intake` takes in replies,
//! `batches` lists and voids what they gave, `bodies` keeps them, `changes` says what changed.

mod batches;
mod bodies;
mod changes;
mod intake;
mod rows;

use super::kept::Kept;
use super::{Check, Committed, Lease, LeaseAnswer, Marks, Result, Store, StoreError, migrate};
use crate::domain::alert::{Decision, Notice};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedId, FeedMemory};
use crate::domain::observation::{BatchContents, BatchId, Undone, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use changes::{changed, changes_of, cursor, kind};
use intake::take;
use jiff::Timestamp;
use rows::{all, ms, signed};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Facts in a SQLite file.
pub struct SqliteStore {
    connection: Connection,
    place: String,
}

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(5);
/// Ended incidents that a picture starts with; the store keeps all.
const RECENT_INCIDENTS: u32 = 500;

impl SqliteStore {
    /// Opens a store, makes it where it is not there (for this user's eyes only), and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let failed = |why: String| StoreError::Failed { doing: "open", place: place.clone(), why };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            make_private_folder(folder).map_err(|error| failed(error.to_string()))?;
        }
        make_private_file(path).map_err(|error| failed(error.to_string()))?;
        let connection = Connection::open(path).map_err(|error| failed(error.to_string()))?;
        Self::prepare(connection, place)
    }

    fn prepare(connection: Connection, place: String) -> Result<Self> {
        let mut store = Self { connection, place };
        store.settings().map_err(|error| store.failed("open", &error))?;
        migrate::sqlite(&mut store.connection, &store.place)?;
        Ok(store)
    }

    fn settings(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY)?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: what was committed survives a power cut.
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "foreign_keys", true)?;
        self.connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// Whether a commit waits until it is on the disk.
    fn set_waiting(&self, waits: bool) -> Result<()> {
        let value = if waits { "FULL" } else { "NORMAL" };
        self.connection.pragma_update(None, "synchronous", value).map_err(|error| self.failed("set up", &error))
    }

    fn failed(&self, doing: &'static str, error: &rusqlite::Error) -> StoreError {
        StoreError::Failed { doing, place: self.place.clone(), why: error.to_string() }
    }

    fn reading<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        read(&self.connection).map_err(|error| self.failed("read", &error))
    }

    /// One write transaction; with a token it is fenced.
    fn writing<T>(
        &mut self,
        token: Option<u64>,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let place = self.place.clone();
        let failed = |error: rusqlite::Error| StoreError::Failed {
            doing: "write",
            place: place.clone(),
            why: error.to_string(),
        };
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        if let Some(token) = token {
            let held: Option<i64> =
                transaction.query_row("SELECT token FROM lease", [], |row| row.get(0)).optional().map_err(failed)?;
            if held != i64::try_from(token).ok() {
                return Err(StoreError::Lost);
            }
        }
        let written = write(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(written)
    }

    /// Whether the file is whole, as SQLite judges it: for tests and for a doubt.
    pub fn is_whole(&mut self) -> Result<bool> {
        self.reading(|connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)))
            .map(|verdict| verdict == "ok")
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<(Facts, Cursor)> {
        self.reading(|connection| {
            // One read transaction, so that the picture and its cursor belong together.
            let reading = connection.unchecked_transaction()?;
            let mut facts = Facts::default();
            for series in all(&reading, &format!("SELECT {} FROM series", rows::SERIES), [], rows::series)? {
                if !series.is_empty() {
                    facts.series.insert(series.id().clone(), Arc::new(series));
                }
            }
            for headline in all(&reading, "SELECT * FROM headline", [], rows::headline)? {
                facts.headlines.insert(headline.key.clone(), Arc::new(headline));
            }
            let mut changes = Vec::new();
            changes.extend(all(&reading, "SELECT * FROM feed", [], rows::health)?.into_iter().map(Change::Health));
            let ledger = all(&reading, "SELECT * FROM ledger ORDER BY id", [], rows::ledger)?;
            changes.extend(ledger.into_iter().map(|(policy, entry)| Change::Ledger(policy, entry)));
            let incidents = "SELECT * FROM incident WHERE ended IS NULL OR id IN
                (SELECT id FROM incident WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT ?1)";
            changes.extend(
                all(&reading, incidents, [RECENT_INCIDENTS], rows::incident)?.into_iter().map(Change::Incident),
            );
            changes.extend(newest_notices(&reading, Facts::NOTICES)?.into_iter().map(Change::Notice));
            changes.extend(
                all(&reading, "SELECT * FROM judgement", [], rows::judgement)?.into_iter().map(Change::Judgement),
            );
            for change in &changes {
                facts.apply(change);
            }
            let cursor = cursor(&reading)?;
            Ok((facts, cursor))
        })
    }

    fn changes_after(&mut self, after: Cursor, limit: usize) -> Result<(Vec<Change>, Cursor)> {
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let sql = "SELECT kind, ref, cursor FROM change WHERE cursor > ?1 ORDER BY cursor LIMIT ?2";
            let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?));
            let found = all(&reading, sql, params![signed(after.0), signed(limit as u64)], read)?;
            let mut changes = Vec::new();
            let mut reached = after;
            for (kind, reference, cursor) in found {
                changes_of(&reading, kind, &reference, &mut changes)?;
                reached = Cursor(cursor.unsigned_abs());
            }
            Ok((changes, reached))
        })
    }

    fn newest(&mut self) -> Result<Cursor> {
        self.reading(cursor)
    }

    fn take_lease(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<LeaseAnswer> {
        // A lease is worth nothing after a power cut: it is not worth a wait for the disk either. What is committed later with a
        // wait takes it along.
        self.set_waiting(false)?;
        let answer = self.writing(None, |transaction| {
            let token = match lease(transaction)? {
                Some(lease) if lease.holder == holder => lease.token,
                Some(lease) if lease.expires > now => return Ok(LeaseAnswer::HeldBy(lease)),
                Some(lease) => lease.token + 1,
                None => 1,
            };
            let sql = "INSERT OR REPLACE INTO lease VALUES (1, ?1, ?2, ?3)";
            transaction.execute(sql, params![holder, signed(token), ms(until)])?;
            Ok(LeaseAnswer::Granted(Lease { holder: holder.to_owned(), token, expires: rows::instant(ms(until))? }))
        });
        self.set_waiting(true)?;
        answer
    }

    fn release_lease(&mut self, token: u64) -> Result<()> {
        self.writing(None, |transaction| {
            let sql = "UPDATE lease SET holder = '', expires = ?2 WHERE token = ?1";
            transaction.execute(sql, params![signed(token), ms(Timestamp::MIN)])?;
            Ok(())
        })
    }

    fn lease(&mut self) -> Result<Option<Lease>> {
        self.reading(lease)
    }

    fn memories(&mut self) -> Result<BTreeMap<FeedId, FeedMemory>> {
        self.reading(|connection| Ok(all(connection, "SELECT * FROM feed", [], rows::memory)?.into_iter().collect()))
    }

    fn has_reply(&mut self, feed: &FeedId, reply_hash: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM batch WHERE feed = ?1 AND reply_hash = ?2 AND void IS NULL)";
        self.reading(|connection| connection.query_row(sql, params![feed.as_str(), reply_hash], |row| row.get(0)))
    }

    fn marks(&mut self, feed: &FeedId) -> Result<Marks> {
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let sql = "SELECT reply_hash, mapping_hash FROM batch WHERE feed = ?1 AND void IS NOT NULL";
            let void = all(&reading, sql, [feed.as_str()], read)?;
            let sql = "SELECT reply_hash FROM accepted WHERE feed = ?1";
            let accepted = reading.prepare_cached(sql)?.query_row([feed.as_str()], |row| row.get(0)).optional()?;
            Ok(Marks { void, accepted })
        })
    }

    fn latest(&mut self, ids: &BTreeSet<SeriesId>) -> Result<Vec<Series>> {
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let sql = format!("SELECT {} FROM series WHERE route = ?1 AND measure = ?2 AND cadence = ?3", rows::SERIES);
            let mut asking = reading.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for id in ids {
                let names = params![id.route.as_str(), id.measure.as_str(), id.cadence.word()];
                found.extend(asking.query_row(names, rows::series).optional()?.filter(|series| !series.is_empty()));
            }
            Ok(found)
        })
    }

    fn body(&mut self, feed: &FeedId) -> Result<Option<Kept>> {
        self.reading(|connection| bodies::get(connection, feed, false))
    }

    fn held_body(&mut self, feed: &FeedId) -> Result<Option<Kept>> {
        self.reading(|connection| bodies::get(connection, feed, true))
    }

    fn commit(&mut self, token: u64, checks: &[Check]) -> Result<Committed> {
        self.writing(Some(token), |transaction| {
            let mut done = Committed::default();
            for check in checks {
                if let Some(haul) = &check.haul {
                    take(transaction, &check.health.feed, haul, &mut done)?;
                }
                bodies::put(transaction, &check.health.feed, &check.body)?;
                rows::put_feed(transaction, &check.health, &check.memory)?;
                changed(transaction, kind::HEALTH, check.health.feed.as_str())?;
            }
            done.cursor = cursor(transaction)?;
            Ok(done)
        })
    }

    fn decide(&mut self, token: u64, decision: &Decision) -> Result<Cursor> {
        self.writing(Some(token), |transaction| {
            // Ends before beginnings: of a rule and a subject one incident may be open.
            let (ended, open): (Vec<_>, Vec<_>) = decision.incidents.iter().partition(|incident| !incident.is_open());
            for incident in ended.into_iter().chain(open) {
                rows::put_incident(transaction, incident)?;
                changed(transaction, kind::INCIDENT, &incident.id.0)?;
            }
            for notice in &decision.notices {
                let sql = "INSERT OR IGNORE INTO notice (key, incident, event, severity, at, text, told)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                let key = notice.key();
                let new = transaction.execute(
                    sql,
                    params![
                        key,
                        &*notice.incident.0,
                        notice.event.word(),
                        notice.severity.word(),
                        ms(notice.at),
                        notice.text.as_str(),
                        notice.told.word(),
                    ],
                )?;
                if new > 0 {
                    changed(transaction, kind::NOTICE, &key)?;
                }
            }
            for judgement in &decision.judgements {
                rows::put_judgement(transaction, judgement)?;
                let reference = format!("{}\n{}", judgement.rule, rows::subject_text(&judgement.subject));
                changed(transaction, kind::JUDGEMENT, &reference)?;
            }
            cursor(transaction)
        })
    }

    fn record(&mut self, policy: &PolicyId, entry: &LedgerEntry) -> Result<bool> {
        self.writing(None, |transaction| {
            let known = all(transaction, "SELECT * FROM ledger WHERE policy = ?1", [policy.as_str()], rows::ledger)?;
            if known.iter().any(|(_, old)| old.is_same_change(entry)) {
                return Ok(false);
            }
            let number = rows::put_ledger(transaction, policy, entry)?;
            changed(transaction, kind::LEDGER, &number.to_string())?;
            Ok(true)
        })
    }

    fn void(&mut self, feed: &FeedId, batch: BatchId, reason: &str) -> Result<Option<Undone>> {
        let marked = self.writing(None, |transaction| batches::void(transaction, feed, batch, reason))?;
        marked.ok_or_else(|| super::no_batch(feed, batch))
    }

    fn accept(&mut self, feed: &FeedId, reply_hash: &str, now: Timestamp) -> Result<()> {
        self.writing(None, |transaction| {
            let sql = "INSERT OR REPLACE INTO accepted VALUES (?1, ?2, ?3)";
            transaction.execute(sql, params![feed.as_str(), reply_hash, ms(now)])?;
            changed(transaction, kind::ACCEPTED, feed.as_str())
        })
    }

    fn batches(&mut self, feed: &FeedId) -> Result<Vec<BatchContents>> {
        self.reading(|connection| batches::of(connection, feed))
    }

    fn vintages(&mut self, series: &SeriesId, first: Period, last: Period) -> Result<Vec<Vintage>> {
        let sql = format!(
            "{} AND s.route = ?1 AND s.measure = ?2 AND s.cadence = ?3 AND v.period BETWEEN ?4 AND ?5
             ORDER BY v.period, v.batch",
            rows::VINTAGES
        );
        let of =
            params![series.route.as_str(), series.measure.as_str(), series.cadence.word(), first.index(), last.index()];
        self.reading(|connection| all(connection, &sql, of, rows::vintage))
    }

    fn series(&mut self) -> Result<Vec<SeriesId>> {
        let read = |row: &Row<'_>| {
            rows::series_id(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?)
        };
        let mut found =
            self.reading(|connection| all(connection, "SELECT route, measure, cadence FROM series", [], read))?;
        found.sort();
        Ok(found)
    }

    fn as_known_at(&mut self, at: Timestamp) -> Result<Facts> {
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let mut facts = Facts::default();
            let sql = format!("{} AND v.known <= ?1 ORDER BY v.batch", rows::VINTAGES);
            for vintage in all(&reading, &sql, [ms(at)], rows::vintage)? {
                facts.insert(&vintage);
            }
            let headlines = all(&reading, "SELECT * FROM headline WHERE seen <= ?1", [ms(at)], rows::headline)?;
            let ledger = all(&reading, "SELECT * FROM ledger WHERE known <= ?1 ORDER BY id", [ms(at)], rows::ledger)?;
            let incidents = all(&reading, "SELECT * FROM incident WHERE opened <= ?1", [ms(at)], rows::incident)?;
            let notices = all(&reading, "SELECT * FROM notice WHERE at <= ?1 ORDER BY id", [ms(at)], rows::notice)?;
            let changes = headlines.into_iter().map(Change::Headline);
            let changes = changes.chain(ledger.into_iter().map(|(policy, entry)| Change::Ledger(policy, entry)));
            let changes =
                changes.chain(incidents.iter().map(|incident| Change::Incident(super::incident_at(incident, at))));
            for change in changes.chain(notices.into_iter().map(Change::Notice)) {
                facts.apply(&change);
            }
            Ok(facts)
        })
    }

    fn notices(&mut self, limit: usize) -> Result<Vec<Notice>> {
        self.reading(|connection| newest_notices(connection, limit))
    }

    fn forget_headlines(&mut self, token: u64, before: Timestamp) -> Result<usize> {
        self.writing(Some(token), |transaction| {
            let sql = "DELETE FROM change WHERE kind = ?1 AND ref IN (SELECT key FROM headline WHERE seen < ?2)";
            transaction.execute(sql, params![kind::HEADLINE, ms(before)])?;
            transaction.execute("DELETE FROM headline WHERE seen < ?1", [ms(before)])
        })
    }
}

fn lease(connection: &Connection) -> rusqlite::Result<Option<Lease>> {
    let read = |row: &Row<'_>| {
        Ok(Lease {
            holder: row.get(0)?,
            token: row.get::<_, i64>(1)?.unsigned_abs(),
            expires: rows::instant(row.get(2)?)?,
        })
    };
    connection.prepare_cached("SELECT holder, token, expires FROM lease")?.query_row([], read).optional()
}

fn newest_notices(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Notice>> {
    let sql = "SELECT * FROM notice ORDER BY id DESC LIMIT ?1";
    let mut newest = all(connection, sql, [signed(limit as u64)], rows::notice)?;
    newest.reverse();
    Ok(newest)
}
