//! Taking in what a reply gave: observations as vintages, with their series' latest figures, and headlines with the names
//! they are known by.

use super::changes::{Counter, kind};
use super::rows::{self, all, ms};
use crate::domain::feed::FeedId;
use crate::domain::headline::{Headline, HeadlineKey, Name, Story};
use crate::domain::observation::{BatchId, Status, Vintage};
use crate::domain::route::SeriesId;
use crate::domain::series::{Inserted, Series};
use crate::store::headlines::{self, MOST_NAMES, Shelf};
use crate::store::{self, Committed, Haul};
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;

/// Writes what a reply gave, where any of it is new.
pub fn take(
    transaction: &Transaction<'_>,
    counter: &mut Counter,
    feed: &FeedId,
    haul: &Haul,
    done: &mut Committed,
) -> rusqlite::Result<()> {
    let at = haul.taken;
    let sql = "INSERT INTO batch (feed, at, reply_hash, mapping_hash) VALUES (?1, ?2, ?3, ?4)";
    transaction.prepare_cached(sql)?.execute(params![feed.as_str(), ms(at), haul.reply_hash, haul.mapping_hash])?;
    let number = transaction.last_insert_rowid();
    let before = done.facts();
    take_observations(transaction, number, haul, done)?;
    let vintages = done.facts() - before;
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM batch WHERE feed = ?1 AND id <> ?2)";
    let first_load: bool =
        transaction.prepare_cached(sql)?.query_row(params![feed.as_str(), number], |row| row.get(0))?;
    let taken =
        headlines::take(&mut Rows::new(transaction, counter)?, feed, &haul.items, rows::instant(ms(at))?, first_load)?;
    done.headlines += taken.news;
    if vintages > 0 {
        counter.changed(transaction, kind::BATCH, &number.to_string())?;
    } else if taken.news + taken.noted == 0 {
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
    for (arrival, latest) in store::last_of_each(&haul.observations) {
        let observation = &arrival.observation;
        if !latest || matches!(observation.status, Status::Filler | Status::Invalid) {
            continue;
        }
        if !open.contains_key(&observation.series) {
            open.insert(observation.series.clone(), open_series(transaction, &observation.series)?);
        }
        let Some(under_way) = open.get_mut(&observation.series) else { continue };
        let known = arrival.known(haul.known, under_way.first_load);
        let vintage = Vintage { observation: observation.clone(), known, batch };
        if under_way.series.point(observation.period).is_some_and(|point| store::is_same(&point, observation)) {
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
        // A series whose every batch is void is loaded for the first time again.
        let first_load = series.is_empty();
        return Ok(Open { number, series, first_load, touched: false });
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

/// Makes a series' latest vintages anew from those that are not void. Gives it as it was, and as it is.
pub fn rebuild(transaction: &Transaction<'_>, number: i64) -> rusqlite::Result<(Series, Series)> {
    let sql = format!("SELECT {} FROM series WHERE id = ?1", rows::SERIES);
    let before = transaction.prepare_cached(&sql)?.query_row([number], rows::series)?;
    let id = before.id().clone();
    let sql = format!("{} AND v.series = ?1 ORDER BY v.batch, v.period", rows::VINTAGES);
    let mut series = Series::new(id);
    rows::vintages(transaction, &sql, [number], |vintage| {
        series.insert(&vintage);
    })?;
    put_series(transaction, number, &series)?;
    Ok((before, series))
}

/// Headlines in the file, as the items of a reply meet them; with what each new item asks and writes at hand.
struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    counter: &'a mut Counter,
    named: CachedStatement<'a>,
    telling: CachedStatement<'a>,
    put: CachedStatement<'a>,
    give: CachedStatement<'a>,
}

impl<'a> Rows<'a> {
    fn new(transaction: &'a Transaction<'a>, counter: &'a mut Counter) -> rusqlite::Result<Self> {
        let prepare = |sql| transaction.prepare_cached(sql);
        Ok(Self {
            transaction,
            counter,
            // Of a new item nobody knows the name: that is found out first, without the headline's many columns.
            named: prepare("SELECT headline FROM name WHERE hash = ?1")?,
            telling: prepare(&format!("SELECT {} FROM headline WHERE story = ?1", rows::HEADLINE))?,
            put: prepare(rows::PUT_HEADLINE)?,
            give: prepare("INSERT OR IGNORE INTO name VALUES (?1, ?2)")?,
        })
    }
}

impl Shelf for Rows<'_> {
    type Error = rusqlite::Error;

    fn named(&mut self, name: Name) -> rusqlite::Result<Option<Headline>> {
        let number: Option<i64> = self.named.query_row([name.hash.cast_signed()], |row| row.get(0)).optional()?;
        let Some(number) = number else { return Ok(None) };
        Ok(all(
            self.transaction,
            &format!("SELECT {} FROM headline WHERE number = ?1", rows::HEADLINE),
            [number],
            rows::headline,
        )?
        .pop())
    }

    fn telling(&mut self, story: Story) -> rusqlite::Result<Vec<Headline>> {
        self.telling.query_map([story.0.cast_signed()], rows::headline)?.collect()
    }

    fn mint(&mut self) -> rusqlite::Result<HeadlineKey> {
        Ok(store::headline_key(self.counter.mint()))
    }

    fn keep(&mut self, headline: &Headline) -> rusqlite::Result<()> {
        rows::put_headline(&mut self.put, headline, self.counter.next())
    }

    fn name(&mut self, headline: &HeadlineKey, is_new: bool, names: &[Name]) -> rusqlite::Result<()> {
        let number = rows::headline_number(headline)?;
        let room = match is_new {
            true => MOST_NAMES,
            false => {
                let sql = "SELECT names FROM headline WHERE number = ?1";
                let has: u32 = self.transaction.prepare_cached(sql)?.query_row([number], |row| row.get(0))?;
                MOST_NAMES.saturating_sub(has)
            }
        };
        let mut given = 0;
        for name in names {
            if given == room {
                break;
            }
            given += u32::from(self.give.execute([name.hash.cast_signed(), number])? > 0);
        }
        // The first ones were counted when the headline was kept.
        if given > 0 && !is_new {
            let sql = "UPDATE headline SET names = names + ?2 WHERE number = ?1";
            self.transaction.prepare_cached(sql)?.execute(params![number, given])?;
        }
        Ok(())
    }
}
