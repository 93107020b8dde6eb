//! Migrations: numbered, forward only, one transaction each. A store of a newer program is refused, not guessed at.

use super::sqlite::{names, why};
use super::{Result, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction};

/// What SQL alone cannot do in a migration.
type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// Every migration of the SQLite store, with the number of the schema that it brings, in order.
const SQLITE: &[(u32, &str, Option<Step>)] = &[
    (1, include_str!("migrations/sqlite/0001_facts.sql"), None),
    (2, include_str!("migrations/sqlite/0002_bodies.sql"), None),
    (3, include_str!("migrations/sqlite/0003_news.sql"), None),
    (4, include_str!("migrations/sqlite/0004_fetch.sql"), None),
    (5, include_str!("migrations/sqlite/0005_names.sql"), Some(names::shorten)),
    (6, include_str!("migrations/sqlite/0006_numbers.sql"), Some(names::renumber)),
    (7, include_str!("migrations/sqlite/0007_marks.sql"), None),
];

/// The newest schema that this program knows.
pub fn newest() -> u32 {
    SQLITE.last().map_or(0, |(number, ..)| *number)
}

/// Brings a SQLite store to the newest schema; not while an older program collects into it, where it is known how late it is.
pub fn sqlite(connection: &mut Connection, place: &str, now: Option<Timestamp>) -> Result<()> {
    let failed = |error: rusqlite::Error| StoreError::Failed {
        doing: "bring up to date",
        place: place.to_owned(),
        why: why(&error),
    };
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let known = newest();
    if found > known {
        return Err(StoreError::Newer { place: place.to_owned(), found, known });
    }
    if (1..known).contains(&found)
        && let Some(now) = now
        && let Some(holder) = holder(connection, now).map_err(failed)?
    {
        return Err(StoreError::InUse { place: place.to_owned(), found, holder });
    }
    for &(number, sql, step) in SQLITE.iter().filter(|(number, ..)| *number > found) {
        // IMMEDIATE: of two processes that start on a new store, one migrates and the other finds it done.
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        let now: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if now < number {
            transaction.execute_batch(sql).map_err(failed)?;
            step.map_or(Ok(()), |step| step(&transaction)).map_err(failed)?;
            transaction.pragma_update(None, "user_version", number).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
    }
    Ok(())
}

/// Who collects, if anybody does.
fn holder(connection: &Connection, now: Timestamp) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT holder FROM lease WHERE holder <> '' AND expires > ?1";
    connection.query_row(sql, [now.as_millisecond()], |row| row.get(0)).optional()
}
