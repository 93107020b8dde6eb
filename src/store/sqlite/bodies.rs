//! Kept bodies: of each feed the last good one, and one that waits for a person to accept it.

use super::rows::{self, ms, signed};
use crate::domain::feed::FeedId;
use crate::store::Body;
use crate::store::kept::{Kept, Packed};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};

/// Does with the kept bodies of a feed what a check says.
pub fn put(transaction: &Transaction<'_>, feed: &FeedId, body: &Body) -> Result<()> {
    match body {
        Body::AsIs => Ok(()),
        Body::Good(body) => {
            replace(transaction, feed, false, body.as_ref())?;
            replace(transaction, feed, true, None)
        }
        Body::Held(body) => replace(transaction, feed, true, body.as_ref()),
    }
}

fn replace(transaction: &Transaction<'_>, feed: &FeedId, held: bool, body: Option<&Kept>) -> Result<()> {
    let Some(body) = body else {
        let sql = "DELETE FROM body WHERE feed = ?1 AND held = ?2";
        transaction.prepare_cached(sql)?.execute(params![feed.as_str(), held])?;
        return Ok(());
    };
    let sql = "INSERT OR REPLACE INTO body VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    transaction.prepare_cached(sql)?.execute(params![
        feed.as_str(),
        held,
        body.address,
        body.reply_hash,
        ms(body.fetched),
        body.content_type,
        body.last_modified,
        signed(body.packed.size),
        &*body.packed.bytes,
    ])?;
    Ok(())
}

/// A kept body.
pub fn get(connection: &Connection, feed: &FeedId, held: bool) -> Result<Option<Kept>> {
    let sql = "SELECT * FROM body WHERE feed = ?1 AND held = ?2";
    let read = |row: &rusqlite::Row<'_>| {
        let packed =
            Packed { size: row.get::<_, i64>("size")?.unsigned_abs(), bytes: row.get::<_, Vec<u8>>("packed")?.into() };
        Ok(Kept {
            address: row.get("address")?,
            reply_hash: row.get("reply_hash")?,
            fetched: rows::instant(row.get("fetched")?)?,
            content_type: row.get("content_type")?,
            last_modified: row.get("last_modified")?,
            packed,
        })
    };
    connection.prepare_cached(sql)?.query_row(params![feed.as_str(), held], read).optional()
}
