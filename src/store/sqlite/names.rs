//! Names of headlines as they are kept: 16 bytes of the SHA-256 of each. A headline has about four of them, with links and titles in
//! them, and nobody reads them: in full they would be most of the file.

use rusqlite::types::Value;
use rusqlite::{Result, Transaction, params};
use sha2::{Digest, Sha256};

/// What is kept of a name.
pub fn short(name: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut short = [0; 16];
    short.copy_from_slice(&hash[..16]);
    short
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

/// The name in a row that was read from a damaged store, which may be of before.
pub fn shortened(row: &mut [Value]) {
    if let Some(Value::Text(name)) = row.first() {
        row[0] = Value::Blob(short(name).to_vec());
    }
}
