//! What changed, in the order in which others have to hear of it: a table of changes, and headlines, which come by the thousand, by
//! themselves.

use super::rows::{self, all};
use crate::domain::change::{Change, Cursor};
use crate::domain::feed::FeedId;
use rusqlite::{Connection, Transaction, params};

/// What the change table calls things.
pub mod kind {
    pub const BATCH: i64 = 1;
    /// Not in the table: headlines say themselves where they stand.
    pub const HEADLINE: i64 = 2;
    pub const HEALTH: i64 = 3;
    pub const LEDGER: i64 = 4;
    pub const INCIDENT: i64 = 5;
    pub const NOTICE: i64 = 6;
    pub const JUDGEMENT: i64 = 7;
    pub const VOIDED: i64 = 8;
    pub const ACCEPTED: i64 = 9;
}

/// The newest place.
pub fn cursor(connection: &Connection) -> rusqlite::Result<Cursor> {
    let cursor: i64 = connection.prepare_cached("SELECT cursor FROM counter")?.query_row([], |row| row.get(0))?;
    Ok(Cursor(cursor.unsigned_abs()))
}

/// Says that something changed: it moves to the newest place.
pub fn changed(transaction: &Transaction<'_>, kind: i64, reference: &str) -> rusqlite::Result<()> {
    let mut counter = Counter::read(transaction)?;
    counter.changed(transaction, kind, reference)?;
    counter.write(transaction)
}

/// The newest place and the newest key of a headline, for a transaction that says much: read once, and written back at its end.
pub struct Counter {
    cursor: i64,
    minted: i64,
}

impl Counter {
    /// As the transaction finds it.
    pub fn read(transaction: &Transaction<'_>) -> rusqlite::Result<Self> {
        let sql = "SELECT cursor, minted FROM counter";
        let read = |row: &rusqlite::Row<'_>| Ok(Self { cursor: row.get(0)?, minted: row.get(1)? });
        transaction.prepare_cached(sql)?.query_row([], read)
    }

    /// Says that something changed: it moves to the newest place.
    pub fn changed(&mut self, transaction: &Transaction<'_>, kind: i64, reference: &str) -> rusqlite::Result<()> {
        let next = self.next();
        let sql = "INSERT OR REPLACE INTO change VALUES (?1, ?2, ?3)";
        transaction.prepare_cached(sql)?.execute(params![kind, reference, next])?;
        Ok(())
    }

    /// The newest place, for something that says itself where it stands: a headline.
    pub const fn next(&mut self) -> i64 {
        self.cursor += 1;
        self.cursor
    }

    /// The number of the next headline.
    pub const fn mint(&mut self) -> u64 {
        self.minted += 1;
        self.minted.unsigned_abs()
    }

    /// Writes it back; gives the newest place.
    pub fn write(self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let sql = "UPDATE counter SET cursor = ?1, minted = ?2";
        transaction.prepare_cached(sql)?.execute([self.cursor, self.minted])?;
        Ok(())
    }
}

/// The headlines that changed after a place, up to another, in order.
pub fn headlines_between(
    connection: &Connection,
    after: Cursor,
    reached: Cursor,
    changes: &mut Vec<Change>,
) -> rusqlite::Result<()> {
    let sql = &format!("SELECT {} FROM headline WHERE cursor > ?1 AND cursor <= ?2 ORDER BY cursor", rows::HEADLINE);
    let between = [rows::signed(after.0), rows::signed(reached.0)];
    let mut asking = connection.prepare_cached(sql)?;
    for headline in asking.query_map(between, rows::headline)? {
        changes.push(Change::from(headline?));
    }
    Ok(())
}

/// What a row of the change table stands for, where it is no headline.
pub fn changes_of(
    connection: &Connection,
    kind: i64,
    reference: &str,
    changes: &mut Vec<Change>,
) -> rusqlite::Result<()> {
    match kind {
        kind::BATCH => {
            let sql = format!("{} AND v.batch = ?1 ORDER BY v.series, v.period", rows::VINTAGES);
            let number = rows::number(reference)?;
            rows::vintages(connection, &sql, [number], |vintage| changes.push(Change::Vintage(vintage)))?;
        }
        kind::HEALTH => {
            changes.extend(
                all(
                    connection,
                    &format!("SELECT {} FROM feed WHERE id = ?1", rows::HEALTH),
                    [reference],
                    rows::health,
                )?
                .into_iter()
                .map(Change::from),
            );
        }
        kind::LEDGER => {
            let number = rows::number(reference)?;
            let found = all(connection, "SELECT * FROM ledger WHERE id = ?1", [number], rows::ledger)?;
            changes.extend(found.into_iter().map(Change::from));
        }
        kind::INCIDENT => {
            let sql = "SELECT * FROM incident WHERE id = ?1";
            changes.extend(all(connection, sql, [reference], rows::incident)?.into_iter().map(Change::from));
        }
        kind::NOTICE => {
            let sql = "SELECT * FROM notice WHERE key = ?1";
            changes.extend(all(connection, sql, [reference], rows::notice)?.into_iter().map(Change::from));
        }
        kind::JUDGEMENT => {
            let (rule, subject) = reference.split_once('\n').unwrap_or((reference, ""));
            let sql = "SELECT * FROM judgement WHERE rule = ?1 AND subject = ?2";
            changes.extend(all(connection, sql, [rule, subject], rows::judgement)?.into_iter().map(Change::from));
        }
        kind::ACCEPTED => changes.push(Change::Accepted(FeedId::new(reference))),
        // Voided figures; and what a later version of this program may have to say: read everything anew.
        _ => changes.push(Change::Voided),
    }
    Ok(())
}
