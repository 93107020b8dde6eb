//! The default store: one SQLite file, WAL, one writer at a time. Several processes on one machine may share it; a
//! network file system may not hold it.

use super::rows::{self, ms};
use super::{Check, Committed, Haul, Lease, LeaseAnswer, Result, Store, StoreError, migrate};
use crate::domain::alert::{Decision, Notice};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::{FeedId, FeedMemory};
use crate::domain::headline::{Headline, HeadlineKey, Item};
use crate::domain::observation::{Batch, BatchId, Known, KnownHow, Status, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::SeriesId;
use crate::domain::series::{Inserted, Series};
use crate::domain::situation::Facts;
use crate::domain::time::Period;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;
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

/// What the change table calls things.
mod kind {
    pub const BATCH: i64 = 1;
    pub const HEADLINE: i64 = 2;
    pub const HEALTH: i64 = 3;
    pub const LEDGER: i64 = 4;
    pub const INCIDENT: i64 = 5;
    pub const NOTICE: i64 = 6;
    pub const JUDGEMENT: i64 = 7;
    pub const VOIDED: i64 = 8;
}

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

    fn commit(&mut self, token: u64, checks: &[Check]) -> Result<Committed> {
        self.writing(Some(token), |transaction| {
            let mut done = Committed::default();
            for check in checks {
                if let Some(haul) = &check.haul {
                    take(
                        transaction,
                        &check.health.feed,
                        haul,
                        check.health.checked.unwrap_or(haul.known.at),
                        &mut done,
                    )?;
                }
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

    fn void(&mut self, feed: &FeedId, batch: BatchId, reason: &str, _: Timestamp) -> Result<()> {
        let marked = self.writing(None, |transaction| {
            let sql = "UPDATE batch SET void = ?3 WHERE id = ?1 AND feed = ?2";
            if transaction.execute(sql, params![signed(batch.0), feed.as_str(), reason])? == 0 {
                return Ok(false);
            }
            let sql = "SELECT DISTINCT series FROM vintage WHERE batch = ?1";
            for series in all(transaction, sql, [signed(batch.0)], |row| row.get::<_, i64>(0))? {
                rebuild(transaction, series)?;
            }
            changed(transaction, kind::VOIDED, "")?;
            Ok(true)
        })?;
        if marked { Ok(()) } else { Err(super::no_batch(feed, batch)) }
    }

    fn batches(&mut self, feed: &FeedId) -> Result<Vec<Batch>> {
        let read = |row: &Row<'_>| {
            Ok(Batch {
                id: BatchId(row.get::<_, i64>(0)?.unsigned_abs()),
                feed: feed.clone(),
                at: rows::instant(row.get(1)?)?,
                reply_hash: row.get(2)?,
                mapping_hash: row.get(3)?,
                void: row.get(4)?,
            })
        };
        let sql = "SELECT id, at, reply_hash, mapping_hash, void FROM batch WHERE feed = ?1 ORDER BY id DESC";
        self.reading(|connection| all(connection, sql, [feed.as_str()], read))
    }

    fn vintages(&mut self, series: &SeriesId, first: Period, last: Period) -> Result<Vec<Vintage>> {
        let sql = format!(
            "SELECT {} FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
             WHERE s.route = ?1 AND s.measure = ?2 AND s.cadence = ?3 AND v.period BETWEEN ?4 AND ?5 AND b.void IS NULL
             ORDER BY v.period, v.batch",
            rows::VINTAGE
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
            let sql = format!(
                "SELECT {} FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
                 WHERE v.known <= ?1 AND b.void IS NULL ORDER BY v.batch",
                rows::VINTAGE
            );
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

/// Every row of a query.
fn all<T>(
    connection: &Connection,
    sql: &str,
    of: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(of, |row| read(row))?.collect()
}

/// SQLite's integers are signed; numbers of ours stay far below the border.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn cursor(connection: &Connection) -> rusqlite::Result<Cursor> {
    let cursor: i64 = connection.prepare_cached("SELECT cursor FROM counter")?.query_row([], |row| row.get(0))?;
    Ok(Cursor(cursor.unsigned_abs()))
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

/// Says that something changed: it moves to the newest place.
fn changed(transaction: &Transaction<'_>, kind: i64, reference: &str) -> rusqlite::Result<()> {
    let next: i64 = transaction
        .prepare_cached("UPDATE counter SET cursor = cursor + 1 RETURNING cursor")?
        .query_row([], |row| row.get(0))?;
    let sql = "INSERT OR REPLACE INTO change VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute(params![kind, reference, next])?;
    Ok(())
}

/// What a row of the change table stands for.
fn changes_of(connection: &Connection, kind: i64, reference: &str, changes: &mut Vec<Change>) -> rusqlite::Result<()> {
    match kind {
        kind::BATCH => {
            let sql = format!(
                "SELECT {} FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
                 WHERE v.batch = ?1 AND b.void IS NULL ORDER BY v.series, v.period",
                rows::VINTAGE
            );
            let number: i64 = reference.parse().unwrap_or_default();
            changes.extend(all(connection, &sql, [number], rows::vintage)?.into_iter().map(Change::Vintage));
        }
        kind::HEADLINE => {
            let sql = "SELECT * FROM headline WHERE key = ?1";
            changes.extend(all(connection, sql, [reference], rows::headline)?.into_iter().map(Change::Headline));
        }
        kind::HEALTH => {
            changes.extend(
                all(connection, "SELECT * FROM feed WHERE id = ?1", [reference], rows::health)?
                    .into_iter()
                    .map(Change::Health),
            );
        }
        kind::LEDGER => {
            let number: i64 = reference.parse().unwrap_or_default();
            let found = all(connection, "SELECT * FROM ledger WHERE id = ?1", [number], rows::ledger)?;
            changes.extend(found.into_iter().map(|(policy, entry)| Change::Ledger(policy, entry)));
        }
        kind::INCIDENT => {
            let sql = "SELECT * FROM incident WHERE id = ?1";
            changes.extend(all(connection, sql, [reference], rows::incident)?.into_iter().map(Change::Incident));
        }
        kind::NOTICE => {
            let sql = "SELECT * FROM notice WHERE key = ?1";
            changes.extend(all(connection, sql, [reference], rows::notice)?.into_iter().map(Change::Notice));
        }
        kind::JUDGEMENT => {
            let (rule, subject) = reference.split_once('\n').unwrap_or((reference, ""));
            let sql = "SELECT * FROM judgement WHERE rule = ?1 AND subject = ?2";
            changes.extend(all(connection, sql, [rule, subject], rows::judgement)?.into_iter().map(Change::Judgement));
        }
        _ => changes.push(Change::Voided),
    }
    Ok(())
}

fn newest_notices(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Notice>> {
    let sql = "SELECT * FROM notice ORDER BY id DESC LIMIT ?1";
    let mut newest = all(connection, sql, [signed(limit as u64)], rows::notice)?;
    newest.reverse();
    Ok(newest)
}

/// Writes what a reply gave, where any of it is new.
fn take(
    transaction: &Transaction<'_>,
    feed: &FeedId,
    haul: &Haul,
    at: Timestamp,
    done: &mut Committed,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO batch (feed, at, reply_hash, mapping_hash) VALUES (?1, ?2, ?3, ?4)";
    transaction.prepare_cached(sql)?.execute(params![feed.as_str(), ms(at), haul.reply_hash, haul.mapping_hash])?;
    let number = transaction.last_insert_rowid();
    let before = done.new + done.revised + done.headlines;
    take_observations(transaction, number, haul, done)?;
    let vintages = done.new + done.revised + done.headlines - before;
    for item in &haul.items {
        done.headlines += usize::from(take_item(transaction, feed, item, at)?);
    }
    if vintages > 0 {
        changed(transaction, kind::BATCH, &number.to_string())?;
    } else if done.new + done.revised + done.headlines == before {
        // The same facts again are no fact, and no batch.
        transaction.execute("DELETE FROM batch WHERE id = ?1", [number])?;
    }
    Ok(())
}

/// A series under way through a batch.
struct Open {
    number: i64,
    series: Series,
    first_load: bool,
    touched: bool,
}

fn take_observations(
    transaction: &Transaction<'_>,
    number: i64,
    haul: &Haul,
    done: &mut Committed,
) -> rusqlite::Result<()> {
    let mut open: BTreeMap<SeriesId, Open> = BTreeMap::new();
    let batch = BatchId(number.unsigned_abs());
    for (arrival, latest) in super::last_of_each(&haul.observations) {
        let observation = &arrival.observation;
        if !latest || matches!(observation.status, Status::Filler | Status::Invalid) {
            continue;
        }
        if !open.contains_key(&observation.series) {
            open.insert(observation.series.clone(), open_series(transaction, &observation.series)?);
        }
        let Some(under_way) = open.get_mut(&observation.series) else { continue };
        let known = if under_way.first_load && haul.known.how != KnownHow::Stated {
            Known { at: arrival.assumed, how: KnownHow::Assumed }
        } else {
            haul.known
        };
        let vintage = Vintage { observation: observation.clone(), known, batch };
        let same = under_way
            .series
            .point(observation.period)
            .is_some_and(|point| point.value == observation.value && point.status == observation.status);
        if same {
            continue;
        }
        match under_way.series.insert(&vintage) {
            Inserted::New => done.new += 1,
            Inserted::Revised { .. } | Inserted::Nothing => done.revised += 1,
        }
        under_way.touched = true;
        let sql = "INSERT INTO vintage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        transaction.prepare_cached(sql)?.execute(params![
            number,
            under_way.number,
            observation.period.index(),
            ms(known.at),
            known.how.word(),
            observation.value,
            observation.status as u8,
            observation.published.map(ms),
        ])?;
    }
    for under_way in open.values().filter(|under_way| under_way.touched) {
        put_series(transaction, under_way.number, &under_way.series)?;
    }
    Ok(())
}

fn open_series(transaction: &Transaction<'_>, id: &SeriesId) -> rusqlite::Result<Open> {
    let names = params![id.route.as_str(), id.measure.as_str(), id.cadence.word()];
    let sql = format!("SELECT {}, id FROM series WHERE route = ?1 AND measure = ?2 AND cadence = ?3", rows::SERIES);
    let found =
        transaction.prepare_cached(&sql)?.query_row(names, |row| Ok((rows::series(row)?, row.get(9)?))).optional()?;
    if let Some((series, number)) = found {
        return Ok(Open { number, series, first_load: false, touched: false });
    }
    let sql = "INSERT INTO series (route, measure, cadence, first, vals, statuses) VALUES (?1, ?2, ?3, 0, x'', x'')";
    transaction.prepare_cached(sql)?.execute(names)?;
    let number = transaction.last_insert_rowid();
    Ok(Open { number, series: Series::new(id.clone()), first_load: true, touched: false })
}

fn put_series(transaction: &Transaction<'_>, number: i64, series: &Series) -> rusqlite::Result<()> {
    let (first, values, statuses) = series.columns();
    let sql = "UPDATE series SET first = ?2, vals = ?3, statuses = ?4, newest_known = ?5, newest_how = ?6, learned = ?7 WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute(params![
        number,
        first,
        rows::values_blob(values),
        statuses,
        series.newest_known().map(|known| ms(known.at)),
        series.newest_known().map(|known| known.how.word()),
        series.learned().map(ms),
    ])?;
    Ok(())
}

/// Makes a series' latest vintages anew from those that are not void.
fn rebuild(transaction: &Transaction<'_>, number: i64) -> rusqlite::Result<()> {
    let sql = format!("SELECT {} FROM series WHERE id = ?1", rows::SERIES);
    let id = transaction.prepare_cached(&sql)?.query_row([number], rows::series)?.id().clone();
    let sql = format!(
        "SELECT {} FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
         WHERE v.series = ?1 AND b.void IS NULL ORDER BY v.batch, v.period",
        rows::VINTAGE
    );
    let mut series = Series::new(id);
    for vintage in all(transaction, &sql, [number], rows::vintage)? {
        series.insert(&vintage);
    }
    put_series(transaction, number, &series)
}

/// A news item: known by any of its names, or new. Says whether it was news.
fn take_item(transaction: &Transaction<'_>, feed: &FeedId, item: &Item, at: Timestamp) -> rusqlite::Result<bool> {
    let mut known: Option<String> = None;
    for alias in &item.aliases {
        let sql = "SELECT headline FROM alias WHERE name = ?1";
        known = transaction.prepare_cached(sql)?.query_row([alias], |row| row.get(0)).optional()?;
        if known.is_some() {
            break;
        }
    }
    let old = match &known {
        Some(key) => all(transaction, "SELECT * FROM headline WHERE key = ?1", [key], rows::headline)?.pop(),
        None => None,
    };
    let same = old.as_ref().is_some_and(|old| super::is_same_item(&old.item, item));
    let headline = match old {
        Some(old) => Headline { version: old.version + u32::from(!same), item: item.clone(), ..old },
        None => Headline {
            key: mint(transaction)?,
            feed: feed.clone(),
            seen: rows::instant(ms(at))?,
            version: 1,
            item: item.clone(),
        },
    };
    if !same {
        rows::put_headline(transaction, &headline)?;
        changed(transaction, kind::HEADLINE, &headline.key.0)?;
    }
    for alias in &item.aliases {
        let sql = "INSERT OR IGNORE INTO alias VALUES (?1, ?2)";
        transaction.prepare_cached(sql)?.execute([alias.as_str(), &headline.key.0])?;
    }
    Ok(!same)
}

fn mint(transaction: &Transaction<'_>) -> rusqlite::Result<HeadlineKey> {
    let sql = "UPDATE counter SET minted = minted + 1 RETURNING minted";
    let number: i64 = transaction.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(super::headline_key(number.unsigned_abs()))
}
