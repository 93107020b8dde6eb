//! Names of headlines as they are kept: each as a number, the first half of 16 bytes of its SHA-256. A headline has about four of them,
//! with links and titles in them, and nobody reads them: in full they would be most of the file, and as numbers they are found fastest.
//! That two of a million names are one number by chance has a chance of one in ten million.

use super::rows::all;
use rusqlite::{Result, Transaction, params};
use sha2::{Digest, Sha256};

/// What was kept of a name by schema 5.
fn short(name: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut short = [0; 16];
    short.copy_from_slice(&hash[..16]);
    short
}

/// What is kept of a name.
pub fn hash(name: &str) -> i64 {
    number(&short(name))
}

fn number(short: &[u8]) -> i64 {
    let first = short.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// Shortens the names that a program of before has kept in full: the step of schema 5.
pub fn shorten(transaction: &Transaction<'_>) -> Result<()> {
    let mut old = transaction.prepare("SELECT name, headline FROM long_alias")?;
    let mut new = transaction.prepare("INSERT OR IGNORE INTO alias VALUES (?1, ?2)")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        new.execute(params![short(row.get_ref(0)?.as_str()?), row.get_ref(1)?.as_str()?])?;
    }
    transaction.execute_batch("DROP TABLE long_alias")
}

/// Makes numbers of them: the step of schema 6.
pub fn renumber(transaction: &Transaction<'_>) -> Result<()> {
    let mut old = transaction.prepare("SELECT name, CAST(substr(headline, 2) AS INTEGER) FROM alias")?;
    let mut new = transaction.prepare("INSERT OR IGNORE INTO name VALUES (?1, ?2)")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        new.execute(params![number(row.get_ref(0)?.as_blob()?), row.get::<_, i64>(1)?])?;
    }
    transaction.execute_batch("DROP TABLE alias")
}

/// Gives every headline the names of its newest version, where it does not have them: what a damaged file lost of them.
pub fn renew(transaction: &Transaction<'_>) -> Result<()> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let mut give = transaction.prepare("INSERT OR IGNORE INTO name VALUES (?1, ?2)")?;
    for (headline, names) in all(transaction, "SELECT number, aliases FROM headline ORDER BY number", [], read)? {
        for name in names.lines() {
            give.execute([hash(name), headline])?;
        }
    }
    let lines = "length(aliases) - length(replace(aliases, char(10), '')) + 1";
    transaction.execute(&format!("UPDATE headline SET names = max(names, {lines})"), [])?;
    Ok(())
}
