//! Reads what can be read of a damaged store into a new one: each table from its beginning to the damage, from its end back to it, and
//! what stands between several damages. What is derived is made anew; what belongs to nothing any more is counted, not kept.

use super::changes::{changed, kind};
use super::intake::rebuild;
use super::names;
use super::rows::{self, all};
use crate::domain::words::count;
use crate::store::migrate;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, Row, Transaction, params, params_from_iter};
use std::fmt;
use std::path::Path;

/// The feed under which batches stand whose own row was lost: `feed void salvaged` lists them.
const SALVAGED: &str = "salvaged";

/// The tables of facts with the column by which parts of them can be sought, where that is a number.
const TABLES: &[(&str, Option<&str>)] = &[
    ("series", Some("rowid")),
    ("batch", Some("rowid")),
    ("vintage", Some("batch")),
    ("headline", Some("rowid")),
    ("name", Some("rowid")),
    ("feed", Some("rowid")),
    ("ledger", Some("rowid")),
    ("incident", Some("rowid")),
    ("notice", Some("rowid")),
    ("mark", Some("rowid")),
    ("judgement", None),
    ("body", Some("rowid")),
    ("accepted", None),
];

/// What a salvage brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Versions of figures.
    pub figures: u64,
    /// Headlines.
    pub headlines: u64,
    /// Tables that could not be read to the end.
    pub torn: Vec<&'static str>,
    /// Versions of figures whose series could not be read: nobody can say what they are of.
    pub orphans: u64,
    /// Versions of figures of which table and index say different things: they may never have been.
    pub unconfirmed: u64,
    /// Versions of figures that stand under the feed `salvaged`, since their batch could not be read.
    pub adopted: u64,
}

impl fmt::Display for Salvaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let number = |number: u64| count(number as f64);
        write!(f, "{} versions of figures and {} headlines", number(self.figures), number(self.headlines))?;
        if self.torn.is_empty() && self.unconfirmed == 0 {
            return f.write_str(" (nothing of them was lost)");
        }
        if !self.torn.is_empty() {
            write!(f, "; these could not be read to the end: {}", self.torn.join(", "))?;
        }
        if self.unconfirmed > 0 {
            write!(f, "; {} figures may be damaged and are left out", number(self.unconfirmed))?;
        }
        if self.adopted > 0 {
            write!(f, "; {} figures have lost their batch (`watchfloor feed void {SALVAGED}`)", number(self.adopted))?;
        }
        if self.orphans > 0 {
            write!(f, "; {} figures have lost their series and are left out", number(self.orphans))?;
        }
        Ok(())
    }
}

/// Reads a damaged file into a new store.
pub fn salvage(damaged: &Path, new: &mut Connection) -> Result<Salvaged> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(damaged, flags)?;
    new.pragma_update(None, "foreign_keys", false)?;
    let transaction = new.transaction()?;
    let mut salvaged = Salvaged::default();
    let schema: Option<u32> = old.query_row("PRAGMA user_version", [], |row| row.get(0)).ok();
    for &(table, number) in TABLES {
        let columns = columns(&old, &transaction, table)?;
        let whole = !columns.is_empty() && copy(&old, &transaction, table, &columns, number)?;
        // A store of before may not have the table; names are made anew from the headlines.
        let is_of_later = columns.is_empty() && schema.is_some_and(|schema| schema < migrate::newest());
        if !whole && !is_of_later && table != "name" {
            salvaged.torn.push(table);
        }
    }
    salvaged.unconfirmed = leave_out_unconfirmed(&old, &transaction)?;
    put_in_order(&old, &transaction, &mut salvaged)?;
    transaction.commit()?;
    new.pragma_update(None, "foreign_keys", true)?;
    Ok(salvaged)
}

/// A column of the new store, and what it is read from in the old one.
type Column = (String, String);

/// The columns that both know, or that can be told from others; of a schema that cannot be read all.
fn columns(old: &Connection, new: &Connection, table: &str) -> Result<Vec<Column>> {
    let sql = "SELECT name FROM pragma_table_info(?1)";
    let known = all(new, sql, [table], |row| row.get::<_, String>(0))?.into_iter();
    let Ok(found) = all(old, sql, [table], |row| row.get::<_, String>(0)) else {
        return Ok(known.map(|name| (name.clone(), name)).collect());
    };
    let read_from = |name: String| {
        let from = match (table, name.as_str()) {
            // Before schema 6, where names stood there in words.
            ("headline", "aliases") if is_of_before(&found) => "CAST(aliases AS BLOB)".to_owned(),
            // What titles tell is noted anew as items come.
            ("headline", "story") if is_of_before(&found) => "NULL".to_owned(),
            ("headline", "number") if is_of_before(&found) => "CAST(substr(key, 2) AS INTEGER)".to_owned(),
            ("headline", "cursor") if is_of_before(&found) => "0".to_owned(),
            _ if found.contains(&name) => name.clone(),
            _ => return None,
        };
        Some((name, from))
    };
    Ok(known.filter_map(read_from).collect())
}

/// Whether headlines have these columns as before schema 6.
fn is_of_before(columns: &[String]) -> bool {
    columns.iter().any(|column| column == "key")
}

/// Copies what can be read of a table. Says whether that was all.
fn copy(
    old: &Connection,
    new: &Transaction<'_>,
    table: &str,
    columns: &[Column],
    number: Option<&str>,
) -> Result<bool> {
    let (names, read): (Vec<&str>, Vec<&str>) =
        columns.iter().map(|(name, from)| (name.as_str(), from.as_str())).unzip();
    let (names, read) = (names.join(", "), read.join(", "));
    // A series and a batch are known by their numbers elsewhere, which are in `id`: the row's own number.
    let marks: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let insert = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({})", marks.join(", "));
    let mut insert = new.prepare(&insert)?;
    let mut take = |order: &str, above: Option<i64>| -> Result<(bool, Option<i64>)> {
        let (key, condition) = match (number, above) {
            (Some(number), Some(above)) => (number, format!("WHERE {number} > {above}")),
            (Some(number), None) => (number, String::new()),
            (None, _) => ("0", String::new()),
        };
        let sql = format!("SELECT {read}, {key} FROM {table} {condition} {order}");
        let Ok(mut statement) = old.prepare(&sql) else { return Ok((false, None)) };
        let Ok(mut rows) = statement.query([]) else { return Ok((false, None)) };
        let mut last = None;
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    let Ok(values) = values(row, columns.len()) else { return Ok((false, last)) };
                    last = row.get(columns.len()).ok().or(last);
                    // A row that is not as the schema wants it is part of the damage.
                    if let Err(error) = insert.execute(params_from_iter(values)) {
                        tracing::debug!(table, %error, "a row was left out");
                    }
                }
                Ok(None) => return Ok((true, last)),
                Err(_) => return Ok((false, last)),
            }
        }
    };
    let forwards = match number {
        Some(number) => format!("ORDER BY {number}"),
        None => String::new(),
    };
    let (whole, mut reached) = take(&forwards, None)?;
    if whole {
        return Ok(true);
    }
    let Some(number) = number else { return Ok(false) };
    let (_, back_to) = take(&format!("ORDER BY {number} DESC"), None)?;
    // Between two damages: further and further on, until something can be read again.
    let end = back_to.unwrap_or(i64::MAX / 4);
    let (mut at, mut step) = (reached.unwrap_or(0), 1);
    while at.saturating_add(step) < end {
        at += step;
        let (rest, last) = take(&forwards, Some(at))?;
        match last.filter(|last| Some(*last) > reached) {
            Some(last) => (at, step, reached) = (last, 1, Some(last)),
            None => step *= 2,
        }
        if rest {
            break;
        }
    }
    Ok(false)
}

/// Leaves out the versions of figures that the old file's index does not have: a damaged row may name a period that never was. Where the
/// index cannot be read, nothing can be said against them. Gives how many.
fn leave_out_unconfirmed(old: &Connection, new: &Transaction<'_>) -> Result<u64> {
    new.execute_batch(
        "CREATE TEMP TABLE confirmed (series, period, batch, PRIMARY KEY (series, period, batch)) WITHOUT ROWID",
    )?;
    let mut confirm = new.prepare("INSERT OR IGNORE INTO confirmed VALUES (?1, ?2, ?3)")?;
    let mut read = || -> Result<()> {
        // Of the index alone: it has these three.
        let mut index = old.prepare("SELECT series, period, batch FROM vintage INDEXED BY vintage_of_series")?;
        let mut rows = index.query([])?;
        while let Some(row) = rows.next()? {
            confirm.execute(params_from_iter(values(row, 3)?))?;
        }
        Ok(())
    };
    let is_readable = read().is_ok();
    drop(confirm);
    let left_out = match is_readable {
        true => new.execute(
            "DELETE FROM vintage WHERE NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.series = vintage.series
                AND confirmed.period = vintage.period AND confirmed.batch = vintage.batch)",
            [],
        )?,
        false => 0,
    };
    new.execute_batch("DROP TABLE confirmed")?;
    Ok(left_out as u64)
}

fn values(row: &Row<'_>, count: usize) -> Result<Vec<Value>> {
    (0..count).map(|at| row.get(at)).collect()
}

/// Leaves out the rows of which a word, a date or a number cannot be read: the picture would not open because of one. `what` gives the
/// columns that `read` reads, from the table and what it is joined with.
fn leave_out_unreadable<T>(
    new: &Transaction<'_>,
    (table, key): (&'static str, &str),
    (columns, joined): (&str, &str),
    read: fn(&Row<'_>) -> Result<T>,
    torn: &mut Vec<&'static str>,
) -> Result<()> {
    let mut bad: Vec<Vec<Value>> = Vec::new();
    {
        let keys = key.split(", ").count();
        let mut asking = new.prepare(&format!("SELECT {columns}, {key} FROM {table} {joined}"))?;
        let count = asking.column_count();
        let mut rows = asking.query([])?;
        while let Some(row) = rows.next()? {
            if read(row).is_err() {
                bad.push((count - keys..count).map(|at| row.get(at)).collect::<Result<_>>()?);
            }
        }
    }
    let condition: Vec<String> = (1..)
        .zip(key.split(", "))
        .map(|(at, column)| format!("{} = ?{at}", column.trim_start_matches(&format!("{table}."))))
        .collect();
    let mut delete = new.prepare(&format!("DELETE FROM {table} WHERE {}", condition.join(" AND ")))?;
    for row in &bad {
        delete.execute(params_from_iter(row))?;
    }
    if !bad.is_empty() && !torn.contains(&table) {
        torn.push(table);
    }
    Ok(())
}

/// Every table that a picture is made of.
fn leave_out_what_cannot_be_read(new: &Transaction<'_>, torn: &mut Vec<&'static str>) -> Result<()> {
    const VINTAGE: &str = "s.route, s.measure, s.cadence, vintage.period, value, status, published, known, how, batch";
    const OF_SERIES: &str = "JOIN series s ON s.id = vintage.series";
    let id = |row: &Row<'_>| {
        let words: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        rows::series_id(&words[0], &words[1], &words[2])
    };
    leave_out_unreadable(new, ("series", "id"), ("route, measure, cadence", ""), id, torn)?;
    let key = "vintage.batch, vintage.series, vintage.period";
    leave_out_unreadable(new, ("vintage", key), (VINTAGE, OF_SERIES), rows::vintage, torn)?;
    leave_out_unreadable(new, ("headline", "number"), (rows::HEADLINE, ""), rows::headline, torn)?;
    leave_out_unreadable(new, ("feed", "feed.rowid"), (rows::HEALTH, ""), rows::health, torn)?;
    leave_out_unreadable(new, ("feed", "feed.rowid"), (rows::MEMORY, ""), rows::memory, torn)?;
    leave_out_unreadable(new, ("ledger", "ledger.id"), ("*", ""), rows::ledger, torn)?;
    leave_out_unreadable(new, ("incident", "incident.rowid"), ("*", ""), rows::incident, torn)?;
    leave_out_unreadable(new, ("mark", "mark.id"), ("*", ""), rows::mark, torn)?;
    leave_out_unreadable(new, ("notice", "notice.id"), ("*", ""), rows::notice, torn)?;
    leave_out_unreadable(new, ("judgement", "judgement.rule, judgement.subject"), ("*", ""), rows::judgement, torn)
}

fn put_in_order(old: &Connection, new: &Transaction<'_>, salvaged: &mut Salvaged) -> Result<()> {
    let number = |connection: &Connection, sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    leave_out_what_cannot_be_read(new, &mut salvaged.torn)?;
    salvaged.orphans =
        new.execute("DELETE FROM vintage WHERE series NOT IN (SELECT id FROM series)", [])?.try_into().unwrap_or(0);
    new.execute("DELETE FROM name WHERE headline NOT IN (SELECT number FROM headline)", [])?;
    let columns = all(old, "SELECT name FROM pragma_table_info('headline')", [], |row| row.get::<_, String>(0));
    if columns.is_ok_and(|columns| is_of_before(&columns)) {
        names::hash_words(new)?;
    }
    names::renew(new)?;
    let sql = "INSERT INTO batch (id, feed, at, reply_hash, mapping_hash)
        SELECT batch, ?1, max(known), '', '' FROM vintage WHERE batch NOT IN (SELECT id FROM batch) GROUP BY batch";
    new.execute(sql, [SALVAGED])?;
    let sql = "SELECT count(*) FROM vintage JOIN batch ON batch.id = vintage.batch WHERE batch.feed = ?1";
    let adopted: i64 = new.query_row(sql, [SALVAGED], |row| row.get(0))?;
    salvaged.adopted = adopted.unsigned_abs();
    for series in all(new, "SELECT id FROM series", [], |row| row.get::<_, i64>(0))? {
        rebuild(new, series)?;
    }
    // Every feed is asked for all it has, as though it had never been asked: what was lost may still be there.
    new.execute(
        "UPDATE feed SET belongs_to = '', etag = NULL, last_modified = NULL, reply_hash = NULL, went_back_to = NULL",
        [],
    )?;
    let mint = "SELECT coalesce(max(number), 0) FROM headline";
    let minted = number(old, "SELECT minted FROM counter").unwrap_or(0).max(number(new, mint)?);
    let newest = "SELECT coalesce(max(cursor), 0) FROM ";
    let cursor = number(old, "SELECT cursor FROM counter").or_else(|_| number(old, &format!("{newest} change")));
    let cursor = cursor.unwrap_or(0).max(number(new, &format!("{newest} headline"))?);
    new.execute("UPDATE counter SET cursor = ?1, minted = ?2", params![cursor, minted])?;
    // Whoever follows reads everything anew; whoever held the lease holds it no longer.
    changed(new, kind::VOIDED, "")?;
    let token: Option<i64> = old.query_row("SELECT token FROM lease", [], |row| row.get(0)).optional().unwrap_or(None);
    new.execute(
        "INSERT OR REPLACE INTO lease VALUES (1, '', ?1, ?2)",
        params![token.unwrap_or(0) + 1, rows::ms(jiff::Timestamp::MIN)],
    )?;
    salvaged.figures = number(new, "SELECT count(*) FROM vintage")?.unsigned_abs();
    salvaged.headlines = number(new, "SELECT count(*) FROM headline")?.unsigned_abs();
    Ok(())
}
