//! The default store: one SQLite file, WAL, one writer at a time. Several processes on one machine may share it; a
//! network file system may not hold it. `rows` knows how values are held, `intake` takes in replies,
//! `batches` lists and voids what they gave, `bodies` keeps them, `changes` says what changed; `opening` checks and mends, with
//! `salvage`; `damage` says how much is damaged; `backup` copies; `files` and `words` know the files beside it and what errors mean.

mod backup;
mod batches;
mod bodies;
mod changes;
mod damage;
mod files;
mod intake;
pub mod names;
mod opening;
mod rows;
mod salvage;
#[cfg(test)]
mod tests;
mod words;

pub use files::set_aside;
pub use opening::{Opened, Remark, again};
pub(super) use words::why;

use super::kept::Kept;
use super::trouble::{Trouble, Why};
use super::{Check, Committed, Haul, Lease, LeaseAnswer, Marked, Marks, Result, Store, StoreError, Want, migrate};
use crate::domain::alert::{Decision, Incident, IncidentId, Notice};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedId, FeedMemory};
use crate::domain::mark::Mark;
use crate::domain::observation::{BatchContents, BatchId, Undone, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use changes::{Counter, changed, changes_of, cursor, headlines_between, kind};
use files::Identity;
use intake::take;
use jiff::Timestamp;
use rows::{all, ms, signed};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Facts in a SQLite file.
pub struct SqliteStore {
    connection: Connection,
    place: String,
    path: PathBuf,
    /// Which file is open.
    identity: Option<Identity>,
    /// Whether it was opened to be written.
    writable: bool,
    /// Whether it is read as though nobody could write it.
    frozen: bool,
    /// Whether another file than before was opened: whoever follows it has to read all of it.
    read_anew: bool,
    /// Locked while this process holds the lease.
    alive: Option<File>,
    /// How much memory pages may take, in KiB.
    room: Cell<u32>,
}

/// How long a write waits for another process's. Ours take milliseconds; whoever takes longer is said to hold the store locked.
const BUSY: Duration = Duration::from_millis(1500);
/// What the file is called that its collector keeps locked.
const ALIVE: &str = "-collector";

/// So many facts in one commit want more memory than usual for the pages they touch: without it pages go to the disk and come back.
const MANY: usize = 2_000;
/// That memory, in KiB, and the usual one.
const ROOM_FOR_MANY: u32 = 16_000;
const ROOM: u32 = 2_000;

impl SqliteStore {
    fn set_up(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY)?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: what was committed survives a power cut.
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update(None, "foreign_keys", true)?;
        self.connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// Sets how much memory pages may take, and gives back what is more.
    fn make_room(&self, kibibytes: u32) {
        let sql = format!("PRAGMA cache_size = -{kibibytes}; PRAGMA shrink_memory");
        if kibibytes == self.room.replace(kibibytes) {
            return;
        }
        if let Err(error) = self.connection.execute_batch(&sql) {
            tracing::debug!(%error, "the memory for pages stays as it is");
        }
    }

    /// The number of its schema.
    fn schema(&self) -> rusqlite::Result<u32> {
        schema_of(&self.connection)
    }

    /// What could only be read when it was opened has to be opened anew to see whether that has changed.
    fn may_be_written(&self) -> Result<()> {
        if self.writable {
            return Ok(());
        }
        Err(StoreError::Failed { doing: "write", place: self.place.clone(), why: Why::new(Trouble::ReadOnly, "") })
    }

    /// Takes what the log holds into the file, which is then whole by itself.
    fn finish_log(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Whether what is open still stands at its place; where it was moved, the log is taken into it first, since it stayed behind.
    fn is_in_place(&self) -> Result<()> {
        let there = Identity::at(&self.path);
        if there == self.identity {
            return Ok(());
        }
        if let Err(error) = self.finish_log() {
            tracing::warn!(%error, place = self.place, "what the log holds could not be taken into the moved store");
        }
        let trouble = if there.is_some() { Trouble::Replaced } else { Trouble::Moved };
        Err(StoreError::Failed { doing: "write", place: self.place.clone(), why: Why::new(trouble, "") })
    }

    /// Whether a commit waits until it is on the disk.
    fn set_waiting(&self, waits: bool) -> Result<()> {
        let value = if waits { "FULL" } else { "NORMAL" };
        self.connection.pragma_update(None, "synchronous", value).map_err(|error| self.failed("set up", &error))
    }

    fn failed(&self, doing: &'static str, error: &rusqlite::Error) -> StoreError {
        StoreError::Failed { doing, place: self.place.clone(), why: words::why(error) }
    }

    fn reading<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        if self.frozen && files::log_size(&self.path) > 0 {
            let why = Why::new(Trouble::Replaced, "");
            return Err(StoreError::Failed { doing: "read", place: self.place.clone(), why });
        }
        read(&self.connection).map_err(|error| self.failed("read", &error))
    }

    /// One write transaction; with a token it is fenced.
    fn writing<T>(
        &mut self,
        token: Option<u64>,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.is_in_place()?;
        self.may_be_written()?;
        let place = self.place.clone();
        let failed = |error: rusqlite::Error| StoreError::Failed {
            doing: "write",
            place: place.clone(),
            why: words::why(&error),
        };
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let (found, known) = (schema_of(&transaction).map_err(failed)?, migrate::newest());
        if found != known {
            // A newer program has brought it up to date meanwhile.
            return Err(StoreError::Newer { place, found, known });
        }
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

    /// Locks the file that says that the holder of the lease lives. Where that cannot be done, others wait until the lease lapses.
    fn show_life(&mut self) {
        if self.alive.is_none() {
            let file = files::lock_file(&self.path, ALIVE).ok();
            self.alive = file.filter(|file| file.try_lock().is_ok());
        }
    }

    /// Whether the file is whole, as SQLite judges it: for tests and for a doubt.
    pub fn is_whole(&mut self) -> Result<bool> {
        self.reading(|connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)))
            .map(|verdict| verdict == "ok")
    }
}

fn schema_of(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

impl Store for SqliteStore {
    fn load(&mut self, want: Want) -> Result<(Facts, Cursor)> {
        self.reading(|connection| {
            // One read transaction, so that the picture and its cursor belong together.
            let reading = connection.unchecked_transaction()?;
            let mut facts = Facts::default();
            for series in all(&reading, &format!("SELECT {} FROM series", rows::SERIES), [], rows::series)? {
                if !series.is_empty() {
                    facts.series.insert(series.id().clone(), Arc::new(series));
                }
            }
            if want == Want::All {
                let headlines =
                    all(&reading, &format!("SELECT {} FROM headline", rows::HEADLINE), [], rows::headline)?.into_iter();
                let by_key = headlines.map(|headline| (headline.key.clone(), Arc::new(headline)));
                facts.headlines = Arc::new(by_key.collect());
            }
            let mut changes = Vec::new();
            changes.extend(
                all(&reading, &format!("SELECT {} FROM feed", rows::HEALTH), [], rows::health)?
                    .into_iter()
                    .map(Change::from),
            );
            let ledger = all(&reading, "SELECT * FROM ledger ORDER BY id", [], rows::ledger)?;
            changes.extend(ledger.into_iter().map(Change::from));
            let incidents = "SELECT * FROM incident WHERE ended IS NULL OR id IN
                (SELECT id FROM incident WHERE ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT ?1)";
            let newest = [signed(Facts::ENDED as u64)];
            changes.extend(all(&reading, incidents, newest, rows::incident)?.into_iter().map(Change::from));
            changes.extend(newest_notices(&reading, Facts::NOTICES)?.into_iter().map(Change::from));
            changes
                .extend(all(&reading, "SELECT * FROM judgement", [], rows::judgement)?.into_iter().map(Change::from));
            for change in &changes {
                facts.apply(change);
            }
            let cursor = cursor(&reading)?;
            Ok((facts, cursor))
        })
    }

    fn changes_after(&mut self, after: Cursor, limit: usize, want: Want) -> Result<(Vec<Change>, Cursor)> {
        if self.read_anew {
            let newest = self.newest()?;
            self.read_anew = false;
            return Ok((vec![Change::Voided], newest));
        }
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let sql = match want {
                Want::All => {
                    "SELECT kind, ref, cursor FROM change WHERE cursor > ?1
                    UNION ALL SELECT ?3, '', cursor FROM headline WHERE cursor > ?1 ORDER BY cursor LIMIT ?2"
                }
                Want::NoHeadlines => {
                    "SELECT kind, ref, cursor FROM change WHERE cursor > ?1 AND kind <> ?3 ORDER BY cursor LIMIT ?2"
                }
            };
            let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?));
            let after_that = params![signed(after.0), signed(limit as u64), kind::HEADLINE];
            let found = all(&reading, sql, after_that, read)?;
            let last = found.last().map_or(after, |(.., cursor)| Cursor(cursor.unsigned_abs()));
            // What was left out lies behind too, once nothing else is ahead.
            let reached = if found.len() < limit { cursor(&reading)?.max(last) } else { last };
            let mut changes = Vec::new();
            // Headlines stand for themselves: in one query, before the others.
            if want == Want::All && found.iter().any(|(kind, ..)| *kind == kind::HEADLINE) {
                headlines_between(&reading, after, reached, &mut changes)?;
            }
            for (kind, reference, _) in found.iter().filter(|(kind, ..)| *kind != kind::HEADLINE) {
                changes_of(&reading, *kind, reference, &mut changes)?;
            }
            Ok((changes, reached))
        })
    }

    fn newest(&mut self) -> Result<Cursor> {
        // Looked at every second by whoever follows: a store that was moved must not be followed for weeks.
        self.is_in_place()?;
        self.reading(cursor)
    }

    fn take_lease(&mut self, holder: &str, now: Timestamp, until: Timestamp) -> Result<LeaseAnswer> {
        // A lease is worth nothing after a power cut: it is not worth a wait for the disk either. What is committed later with a
        // wait takes it along.
        let in_order = self.is_in_place().and_then(|()| self.may_be_written());
        in_order.and_then(|()| self.set_waiting(false))?;
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
        if matches!(answer, Ok(LeaseAnswer::Granted(_))) {
            self.show_life();
        }
        answer
    }

    fn release_lease(&mut self, token: u64) -> Result<()> {
        self.writing(None, |transaction| {
            let sql = "UPDATE lease SET holder = '', expires = ?2 WHERE token = ?1";
            transaction.execute(sql, params![signed(token), ms(Timestamp::MIN)])?;
            Ok(())
        })?;
        self.alive = None;
        Ok(())
    }

    fn lease(&mut self) -> Result<Option<Lease>> {
        self.reading(lease)
    }

    fn holder_is_dead(&mut self) -> bool {
        // What cannot be locked is held by the holder, or by one that was frozen and lost the lease: then only time tells.
        // Where the file is missing an older program may collect, which locked none.
        let file = || File::open(files::beside(&self.path, ALIVE));
        self.alive.is_none() && file().is_ok_and(|file| file.try_lock().is_ok())
    }

    fn memories(&mut self) -> Result<BTreeMap<FeedId, FeedMemory>> {
        self.reading(|connection| {
            Ok(all(connection, &format!("SELECT {} FROM feed", rows::MEMORY), [], rows::memory)?.into_iter().collect())
        })
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

    fn all_marks(&mut self) -> Result<BTreeMap<FeedId, Marks>> {
        self.reading(|connection| {
            let reading = connection.unchecked_transaction()?;
            let mut marks: BTreeMap<FeedId, Marks> = BTreeMap::new();
            let read = |row: &Row<'_>| Ok((FeedId::new(&row.get::<_, String>(0)?), (row.get(1)?, row.get(2)?)));
            let sql = "SELECT feed, reply_hash, mapping_hash FROM batch WHERE void IS NOT NULL";
            for (feed, void) in all(&reading, sql, [], read)? {
                marks.entry(feed).or_default().void.push(void);
            }
            let read = |row: &Row<'_>| Ok((FeedId::new(&row.get::<_, String>(0)?), row.get(1)?));
            for (feed, accepted) in all(&reading, "SELECT feed, reply_hash FROM accepted", [], read)? {
                marks.entry(feed).or_default().accepted = Some(accepted);
            }
            Ok(marks)
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
        let facts: usize = checks.iter().filter_map(|check| check.haul.as_ref()).map(Haul::facts).sum();
        self.make_room(if facts > MANY { ROOM_FOR_MANY } else { ROOM });
        let committed = self.writing(Some(token), |transaction| {
            let mut done = Committed::default();
            let mut counter = Counter::read(transaction)?;
            for check in checks {
                if let Some(haul) = &check.haul {
                    let before = done.facts();
                    take(transaction, &mut counter, &check.health.feed, haul, &mut done)?;
                    if done.facts() > before {
                        done.brought_by.insert(check.health.feed.clone());
                    }
                }
                bodies::put(transaction, &check.health.feed, &check.body)?;
                rows::put_feed(transaction, &check.health, &check.memory)?;
                counter.changed(transaction, kind::HEALTH, check.health.feed.as_str())?;
            }
            counter.write(transaction)?;
            done.cursor = cursor(transaction)?;
            Ok(done)
        });
        self.make_room(ROOM);
        committed
    }

    fn decide(&mut self, token: u64, decision: &Decision) -> Result<Cursor> {
        self.writing(Some(token), |transaction| {
            // Ends before beginnings: of a rule and a subject one incident may be open.
            let (ended, open): (Vec<_>, Vec<_>) = decision.incidents.iter().partition(|incident| !incident.is_open());
            for incident in ended.into_iter().chain(open) {
                let stored = one_incident(transaction, &incident.id)?;
                rows::put_incident(transaction, &incident.written_over(stored.as_ref()))?;
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

    fn mark(&mut self, mark: &Mark) -> Result<Marked> {
        self.writing(None, |transaction| {
            let stored = one_incident(transaction, &mark.incident)?;
            let (marked, incident) = Marked::of(mark, stored.as_ref());
            if marked == Marked::Done {
                rows::put_mark(transaction, mark)?;
            }
            if let Some(incident) = incident {
                rows::put_incident(transaction, &incident)?;
                changed(transaction, kind::INCIDENT, &incident.id.0)?;
            }
            Ok(marked)
        })
    }

    fn marks_on(&mut self, incident: &IncidentId) -> Result<Vec<Mark>> {
        let sql = "SELECT * FROM mark WHERE incident = ?1 ORDER BY id";
        self.reading(|connection| all(connection, sql, [&*incident.0], rows::mark))
    }

    fn incidents_since(&mut self, at: Timestamp) -> Result<Vec<Incident>> {
        let sql = "SELECT * FROM incident WHERE ended IS NULL OR ended >= ?1 ORDER BY id";
        self.reading(|connection| all(connection, sql, [ms(at)], rows::incident))
    }

    fn notices_of(&mut self, incident: &IncidentId) -> Result<Vec<Notice>> {
        let sql = "SELECT * FROM notice WHERE incident = ?1 ORDER BY id";
        self.reading(|connection| all(connection, sql, [&*incident.0], rows::notice))
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

    fn void_vintages(&mut self, series: &SeriesId) -> Result<Vec<(Vintage, String)>> {
        let sql = "SELECT s.route, s.measure, s.cadence, v.period, v.value, v.status, v.published, v.known, v.how, v.batch, b.void
            FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
            WHERE b.void IS NOT NULL AND s.route = ?1 AND s.measure = ?2 AND s.cadence = ?3 ORDER BY v.period, v.batch";
        let of = params![series.route.as_str(), series.measure.as_str(), series.cadence.word()];
        self.reading(|connection| all(connection, sql, of, |row| Ok((rows::vintage(row)?, row.get(10)?))))
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
            rows::vintages(&reading, &sql, [ms(at)], |vintage| {
                facts.insert(&vintage);
            })?;
            let headlines = all(
                &reading,
                &format!("SELECT {} FROM headline WHERE seen <= ?1", rows::HEADLINE),
                [ms(at)],
                rows::headline,
            )?;
            let ledger = all(&reading, "SELECT * FROM ledger WHERE known <= ?1 ORDER BY id", [ms(at)], rows::ledger)?;
            let incidents = all(&reading, "SELECT * FROM incident WHERE opened <= ?1", [ms(at)], rows::incident)?;
            let notices = all(&reading, "SELECT * FROM notice WHERE at <= ?1 ORDER BY id", [ms(at)], rows::notice)?;
            let changes = headlines.into_iter().map(Change::from);
            let changes = changes.chain(ledger.into_iter().map(Change::from));
            let changes =
                changes.chain(incidents.iter().map(|incident| Change::from(super::incident_at(incident, at))));
            for change in changes.chain(notices.into_iter().map(Change::from)) {
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
            let sql = "DELETE FROM name WHERE headline IN (SELECT number FROM headline WHERE seen < ?1)";
            transaction.execute(sql, [ms(before)])?;
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

fn one_incident(connection: &Connection, id: &IncidentId) -> rusqlite::Result<Option<Incident>> {
    Ok(all(connection, "SELECT * FROM incident WHERE id = ?1", [&*id.0], rows::incident)?.pop())
}

fn newest_notices(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Notice>> {
    let sql = "SELECT * FROM notice ORDER BY id DESC LIMIT ?1";
    let mut newest = all(connection, sql, [signed(limit as u64)], rows::notice)?;
    newest.reverse();
    Ok(newest)
}
