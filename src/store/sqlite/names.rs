//! Names of headlines of before schema 6, which kept their words (until schema 4) or longer hashes, made into what is kept now.

use super::rows::{aliases, aliases_blob, all};
use crate::domain::headline::{Name, Story};
use rusqlite::{Result, Transaction, params};
use sha2::{Digest, Sha256};

/// Shortens the names that a program of before has kept in full to 16 bytes of their SHA-256: the step of schema 5.
pub fn shorten(transaction: &Transaction<'_>) -> Result<()> {
    let mut old = transaction.prepare("SELECT name, headline FROM long_alias")?;
    let mut new = transaction.prepare("INSERT OR IGNORE INTO alias VALUES (?1, ?2)")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        let hash: [u8; 32] = Sha256::digest(row.get_ref(0)?.as_str()?.as_bytes()).into();
        new.execute(params![&hash[..16], row.get_ref(1)?.as_str()?])?;
    }
    transaction.execute_batch("DROP TABLE long_alias")
}

/// Makes numbers of them, and of stories: the step of schema 6.
pub fn renumber(transaction: &Transaction<'_>) -> Result<()> {
    let mut old = transaction.prepare("SELECT name, CAST(substr(headline, 2) AS INTEGER) FROM alias")?;
    let mut new = transaction.prepare("INSERT OR IGNORE INTO name VALUES (?1, ?2)")?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        let first = row.get_ref(0)?.as_blob()?.first_chunk().copied().unwrap_or_default();
        new.execute(params![i64::from_be_bytes(first), row.get::<_, i64>(1)?])?;
    }
    hash_words(transaction)?;
    let mut put = transaction.prepare("UPDATE headline SET story = ?2 WHERE number = ?1")?;
    let sql = "SELECT CAST(substr(key, 2) AS INTEGER), story FROM headline_by_key WHERE story IS NOT NULL";
    for (headline, words) in all(transaction, sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))? {
        put.execute([headline, Story::of(&words).0.cast_signed()])?;
    }
    transaction.execute_batch("DROP TABLE alias; DROP TABLE headline_by_key")
}

/// Hashes the names that stand with each headline in words, a line each.
pub fn hash_words(transaction: &Transaction<'_>) -> Result<()> {
    let mut put = transaction.prepare("UPDATE headline SET aliases = ?2 WHERE number = ?1")?;
    for (headline, words) in standing(transaction)? {
        let names: Vec<Name> = String::from_utf8_lossy(&words).lines().map(Name::of).collect();
        put.execute(params![headline, aliases_blob(&names)])?;
    }
    Ok(())
}

/// Gives every headline the names of its newest version, where it does not have them: what a damaged file lost of them.
pub fn renew(transaction: &Transaction<'_>) -> Result<()> {
    let mut give = transaction.prepare("INSERT OR IGNORE INTO name VALUES (?1, ?2)")?;
    let mut count = transaction.prepare("UPDATE headline SET names = max(names, ?2) WHERE number = ?1")?;
    for (headline, blob) in standing(transaction)? {
        let names = aliases(&blob);
        for name in &names {
            give.execute([name.hash.cast_signed(), headline])?;
        }
        count.execute(params![headline, i64::try_from(names.len()).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// The names that stand with each headline, as they stand there.
fn standing(transaction: &Transaction<'_>) -> Result<Vec<(i64, Vec<u8>)>> {
    all(transaction, "SELECT number, aliases FROM headline ORDER BY number", [], |row| Ok((row.get(0)?, row.get(1)?)))
}
