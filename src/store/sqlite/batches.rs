//! Batches as a person sees them: how much each brought, and voiding one.

use super::changes::{changed, kind};
use super::intake::rebuild;
use super::rows::{self, all, signed};
use crate::domain::feed::FeedId;
use crate::domain::observation::{Batch, BatchContents, BatchId, Undone};
use crate::domain::time::{Cadence, Period};
use crate::store;
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};

/// The batches of a feed, newest first.
pub fn of(connection: &Connection, feed: &FeedId) -> Result<Vec<BatchContents>> {
    // A batch comes once a cadence, since periods are ordered within one only.
    let sql = "SELECT b.id, b.at, b.reply_hash, b.mapping_hash, b.void,
            s.cadence, COUNT(v.series), COUNT(DISTINCT v.series), MIN(v.period), MAX(v.period)
        FROM batch b LEFT JOIN vintage v ON v.batch = b.id LEFT JOIN series s ON s.id = v.series
        WHERE b.feed = ?1 GROUP BY b.id, s.cadence ORDER BY b.id DESC";
    let mut found: Vec<BatchContents> = Vec::new();
    for part in all(connection, sql, [feed.as_str()], |row| part(row, feed))? {
        match found.last_mut().filter(|whole| whole.batch.id == part.batch.id) {
            Some(whole) => {
                whole.figures += part.figures;
                whole.series += part.series;
                whole.span = match (whole.span, part.span) {
                    (Some(a), Some(b)) => Some((
                        if b.0.start() < a.0.start() { b.0 } else { a.0 },
                        if b.1.end() > a.1.end() { b.1 } else { a.1 },
                    )),
                    (a, b) => a.or(b),
                };
            }
            None => found.push(part),
        }
    }
    Ok(found)
}

/// What a batch brought of one cadence.
fn part(row: &Row<'_>, feed: &FeedId) -> Result<BatchContents> {
    let batch = Batch {
        id: BatchId(row.get::<_, i64>(0)?.unsigned_abs()),
        feed: feed.clone(),
        at: rows::instant(row.get(1)?)?,
        reply_hash: row.get(2)?,
        mapping_hash: row.get(3)?,
        void: row.get(4)?,
    };
    let cadence: Option<String> = row.get(5)?;
    let cadence = cadence.map(|cadence| rows::word(&cadence, Cadence::from_word)).transpose()?;
    let span = match cadence {
        Some(cadence) => Some((Period::from_index(cadence, row.get(8)?), Period::from_index(cadence, row.get(9)?))),
        None => None,
    };
    let (figures, series) = (row.get::<_, i64>(6)?.unsigned_abs(), row.get::<_, i64>(7)?.unsigned_abs());
    Ok(BatchContents { batch, figures, series, span })
}

/// Marks a batch void and makes the latest figures of its series anew. `None` where there is no such batch; in it `None` where it was
/// void already.
pub fn void(
    transaction: &Transaction<'_>,
    feed: &FeedId,
    batch: BatchId,
    reason: &str,
) -> Result<Option<Option<Undone>>> {
    let of = params![signed(batch.0), feed.as_str()];
    let sql = "SELECT void IS NOT NULL FROM batch WHERE id = ?1 AND feed = ?2";
    let was_void: Option<bool> = transaction.query_row(sql, of, |row| row.get(0)).optional()?;
    match was_void {
        None => return Ok(None),
        Some(true) => return Ok(Some(None)),
        Some(false) => {}
    }
    transaction.execute("UPDATE batch SET void = ?2 WHERE id = ?1", params![signed(batch.0), reason])?;
    let sql = "DELETE FROM accepted WHERE feed = ?1 AND reply_hash = (SELECT reply_hash FROM batch WHERE id = ?2)";
    transaction.execute(sql, params![feed.as_str(), signed(batch.0)])?;
    let mut undone = Undone::default();
    let sql = "SELECT DISTINCT series FROM vintage WHERE batch = ?1";
    for number in all(transaction, sql, [signed(batch.0)], |row| row.get::<_, i64>(0))? {
        let (before, after) = rebuild(transaction, number)?;
        let sql = "SELECT period FROM vintage WHERE batch = ?1 AND series = ?2";
        for index in all(transaction, sql, params![signed(batch.0), number], |row| row.get::<_, i64>(0))? {
            let period = Period::from_index(before.id().cadence, index);
            store::compare(&mut undone, before.point(period), after.point(period));
        }
    }
    changed(transaction, kind::VOIDED, "")?;
    Ok(Some(Some(undone)))
}
