//! Migrations: numbered, forward only, one transaction each. A store of a newer program is refused, not guessed at.

use super::{Result, StoreError};
use rusqlite::Connection;

/// Every migration of the SQLite store, with the number of the schema that it brings, in order.
const SQLITE: &[(u32, &str)] = &[
    (1, include_str!("migrations/sqlite/0001_facts.sql")),
    (2, include_str!("migrations/sqlite/0002_bodies.sql")),
    (3, include_str!("migrations/sqlite/0003_news.sql")),
    (4, include_str!("migrations/sqlite/0004_fetch.sql")),
];

/// Brings a SQLite store to the newest schema.
pub fn sqlite(connection: &mut Connection, place: &str) -> Result<()> {
    let failed = |error: rusqlite::Error| StoreError::Failed {
        doing: "bring up to date",
        place: place.to_owned(),
        why: error.to_string(),
    };
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    let known = SQLITE.last().map_or(0, |(number, _)| *number);
    if found > known {
        return Err(StoreError::Newer { place: place.to_owned(), found, known });
    }
    for &(number, sql) in SQLITE.iter().filter(|(number, _)| *number > found) {
        // IMMEDIATE: of two processes that start on a new store, one migrates and the other finds it done.
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        let now: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
        if now < number {
            transaction.execute_batch(sql).map_err(failed)?;
            transaction.pragma_update(None, "user_version", number).map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
    }
    Ok(())
}
