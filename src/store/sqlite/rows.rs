//! Rows to domain values and back: the one place that knows how SQLite holds each of them.

use crate::domain::alert::{
    Acknowledgement, Evaluation, Event, Incident, IncidentId, Judgement, Notice, Onset, Phase, RuleId, Severity,
    Subject, Told, Verdict,
};
use crate::domain::feed::{FeedHealth, FeedId, FeedMemory};
use crate::domain::headline::{Also, Headline, HeadlineKey, Item, Name, NameKind, Story};
use crate::domain::mark::{Mark, MarkKind, Wake};
use crate::domain::observation::{Known, KnownHow, Observation, Status, Vintage};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyId, PolicyStatus};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, Period};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use rusqlite::types::{FromSql, Type};
use rusqlite::{Connection, Error, Params, Result, Row, Statement};
use std::str::FromStr;

/// Every row of a query.
pub fn all<T>(
    connection: &Connection,
    sql: &str,
    of: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(of, |row| read(row))?.collect()
}

/// SQLite's integers are signed; numbers of ours stay far below the border.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A row's number, where a change names it.
pub fn number(reference: &str) -> Result<i64> {
    reference.parse().map_err(|_| unreadable("a row's number"))
}

/// An instant as it is stored.
pub fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored instant; one at or beyond the edge of the calendar is its edge (a lease for ever).
pub fn instant(ms: i64) -> Result<Timestamp> {
    let edge =
        |at: Timestamp, beyond: bool| if beyond { Ok(at) } else { Err(unreadable(&format!("{ms} as an instant"))) };
    Timestamp::from_millisecond(ms).or_else(|_| {
        if ms > 0 {
            edge(Timestamp::MAX, ms >= Timestamp::MAX.as_millisecond())
        } else {
            edge(Timestamp::MIN, ms <= Timestamp::MIN.as_millisecond())
        }
    })
}

/// A stored instant that may be absent.
pub fn maybe_instant(ms: Option<i64>) -> Result<Option<Timestamp>> {
    ms.map(instant).transpose()
}

fn unreadable(what: &str) -> Error {
    Error::FromSqlConversionFailure(0, Type::Text, format!("cannot read {what}").into())
}

/// The meaning of a stored word.
pub fn word<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    read(word).ok_or_else(|| unreadable(word))
}

fn printable(row: &Row<'_>, column: &str) -> Result<Printable> {
    // Cleaned when it came in; cleaning again keeps a store that somebody edited from reaching a terminal raw.
    row.get::<_, String>(column).map(|text| Printable::clean_to(&text, Printable::PARAGRAPH))
}

fn maybe_printable(row: &Row<'_>, column: &str) -> Result<Option<Printable>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| Printable::clean_to(&text, Printable::PARAGRAPH)))
}

fn text(value: Option<&Printable>) -> Option<&str> {
    value.map(Printable::as_str)
}

/// What a subject is stored as; ids hold no tabs.
pub fn subject_text(subject: &Subject) -> String {
    match subject {
        Subject::Series(id) => format!("series\t{}\t{}\t{}", id.route, id.measure, id.cadence),
        Subject::Feed(id) => format!("feed\t{id}"),
        Subject::Policy(id) => format!("date\t{id}"),
        Subject::Topic(id) => format!("topic\t{id}"),
    }
}

fn subject(text: &str) -> Result<Subject> {
    let parts: Vec<&str> = text.split('\t').collect();
    match parts.as_slice() {
        ["series", route, measure, cadence] => Ok(Subject::Series(series_id(route, measure, cadence)?)),
        ["feed", id] => Ok(Subject::Feed(FeedId::new(id))),
        ["date", id] => Ok(Subject::Policy(PolicyId::new(id))),
        ["topic", id] => Ok(Subject::Topic(RuleId::new(id))),
        _ => Err(unreadable(text)),
    }
}

/// A series' identity from its three columns.
pub fn series_id(route: &str, measure: &str, cadence: &str) -> Result<SeriesId> {
    Ok(SeriesId { route: route.into(), measure: measure.into(), cadence: word(cadence, Cadence::from_word)? })
}

fn onset_text(onset: &Onset) -> String {
    match onset {
        Onset::Period(period) => period.label(),
        Onset::At(at) => format!("@{}", ms(*at)),
    }
}

fn onset(text: &str) -> Result<Onset> {
    match text.strip_prefix('@') {
        Some(at) => Ok(Onset::At(instant(at.parse().map_err(|_| unreadable(text))?)?)),
        None => Ok(Onset::Period(period(text)?)),
    }
}

fn period(label: &str) -> Result<Period> {
    label.parse().map_err(|_| unreadable(label))
}

/// Columns of a series row, in the order of [`series`].
pub const SERIES: &str = "route, measure, cadence, first, vals, statuses, newest_known, newest_how, learned";

/// A series with its latest vintages.
pub fn series(row: &Row<'_>) -> Result<Series> {
    let id = series_id(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, &row.get::<_, String>(2)?)?;
    let values: Vec<u8> = row.get(4)?;
    let values = values.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let newest_how: Option<String> = row.get(7)?;
    let newest_known = match (maybe_instant(row.get(6)?)?, newest_how) {
        (Some(at), Some(how)) => Some(Known { at, how: word(&how, KnownHow::from_word)? }),
        _ => None,
    };
    Ok(Series::from_columns(id, row.get(3)?, values, row.get(5)?, newest_known, maybe_instant(row.get(8)?)?))
}

/// A series' values as they are stored.
pub fn values_blob(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Every vintage that is not void, with its series: columns in the order of [`vintage`]. A query goes on with `AND`.
pub const VINTAGES: &str =
    "SELECT s.route, s.measure, s.cadence, v.period, v.value, v.status, v.published, v.known, v.how, v.batch
    FROM vintage v JOIN series s ON s.id = v.series JOIN batch b ON b.id = v.batch
    WHERE b.void IS NULL";

/// Vintages one by one, as a query of [`VINTAGES`] gives them: a batch may have hundreds of thousands, and those of one series share
/// its name.
pub fn vintages(connection: &Connection, sql: &str, of: impl Params, mut each: impl FnMut(Vintage)) -> Result<()> {
    let mut asking = connection.prepare_cached(sql)?;
    let mut rows = asking.query(of)?;
    let mut last: Option<SeriesId> = None;
    while let Some(row) = rows.next()? {
        let series = series_of(row, last.as_ref())?;
        each(vintage_of(row, series.clone())?);
        last = Some(series);
    }
    Ok(())
}

/// The series of a row, sharing the name of the last one where it is the same.
fn series_of(row: &Row<'_>, last: Option<&SeriesId>) -> Result<SeriesId> {
    let [route, measure, cadence] = [0, 1, 2].map(|column| row.get_ref(column).and_then(|text| Ok(text.as_str()?)));
    let (route, measure, cadence) = (route?, measure?, cadence?);
    let same = last.filter(|last| {
        last.route.as_str() == route && last.measure.as_str() == measure && last.cadence.word() == cadence
    });
    same.map_or_else(|| series_id(route, measure, cadence), |last| Ok(last.clone()))
}

/// A vintage.
pub fn vintage(row: &Row<'_>) -> Result<Vintage> {
    vintage_of(row, series_of(row, None)?)
}

fn vintage_of(row: &Row<'_>, series: SeriesId) -> Result<Vintage> {
    let period = Period::from_index(series.cadence, row.get(3)?);
    let number: u8 = row.get(5)?;
    let status =
        Status::ALL.into_iter().find(|status| *status as u8 == number).ok_or_else(|| unreadable("a status"))?;
    let observation =
        Observation { series, period, value: row.get(4)?, status, published: maybe_instant(row.get(6)?)? };
    let known = Known { at: instant(row.get(7)?)?, how: word(row.get_ref(8)?.as_str()?, KnownHow::from_word)? };
    Ok(Vintage { observation, known, batch: crate::domain::observation::BatchId(row.get::<_, i64>(9)?.unsigned_abs()) })
}

/// A name takes nine bytes: its kind, and its hash with the highest byte first.
const NAME: usize = 9;

/// The names of a headline. A kind that a later version of this program knows is left out.
pub fn aliases(blob: &[u8]) -> Vec<Name> {
    let name = |bytes: &[u8]| {
        let (kind, hash) = bytes.split_first()?;
        Some(Name { kind: NameKind::numbered(*kind)?, hash: u64::from_be_bytes(hash.try_into().ok()?) })
    };
    blob.chunks_exact(NAME).filter_map(name).collect()
}

/// Names as they are stored.
pub fn aliases_blob(names: &[Name]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(names.len() * NAME);
    for name in names {
        blob.push(name.kind as u8);
        blob.extend(name.hash.to_be_bytes());
    }
    blob
}

/// The columns of a row, one after the other: looking each up by its name would take longer than reading it.
struct InOrder<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
}

impl<'a, 'r> InOrder<'a, 'r> {
    const fn of(row: &'a Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    fn take<T: FromSql>(&mut self) -> Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    fn instant(&mut self) -> Result<Timestamp> {
        instant(self.take()?)
    }

    fn maybe_instant(&mut self) -> Result<Option<Timestamp>> {
        maybe_instant(self.take()?)
    }

    fn printable(&mut self) -> Result<Printable> {
        self.next += 1;
        Ok(Printable::clean_to(self.row.get_ref(self.next - 1)?.as_str()?, Printable::PARAGRAPH))
    }

    fn maybe_printable(&mut self) -> Result<Option<Printable>> {
        self.next += 1;
        let text = self.row.get_ref(self.next - 1)?.as_str_or_null()?;
        Ok(text.map(|text| Printable::clean_to(text, Printable::PARAGRAPH)))
    }
}

/// The columns that [`headline`] reads.
pub const HEADLINE: &str =
    "number, feed, seen, version, first_load, also, aliases, story, title, link, published, updated, summary, language";

/// A headline, of [`HEADLINE`].
pub fn headline(row: &Row<'_>) -> Result<Headline> {
    let mut row = InOrder::of(row);
    let number: i64 = row.take()?;
    Ok(Headline {
        key: crate::store::headline_key(number.unsigned_abs()),
        feed: FeedId::new(&row.take::<String>()?),
        seen: row.instant()?,
        version: row.take()?,
        first_load: row.take()?,
        also: also(&row.take::<String>()?),
        item: Item {
            aliases: aliases(&row.take::<Vec<u8>>()?),
            story: row.take::<Option<i64>>()?.map(|hash| Story(hash.cast_unsigned())),
            title: row.printable()?,
            link: row.maybe_printable()?,
            published: row.maybe_instant()?,
            updated: row.maybe_instant()?,
            summary: row.maybe_printable()?,
            language: row.maybe_printable()?,
        },
    })
}

/// The feeds that tell the same, a line each: feed, tab, link.
fn also(lines: &str) -> Vec<Also> {
    let read = |line: &str| {
        let (feed, link) = line.split_once('\t').unwrap_or((line, ""));
        let link = Printable::clean_to(link, Printable::PARAGRAPH);
        Also { feed: FeedId::new(feed), link: Some(link).filter(|link| !link.is_empty()) }
    };
    lines.lines().map(read).collect()
}

/// The columns that [`health`] reads.
pub const HEALTH: &str = "id, checked, success, changed, failures, error, degraded, note, http_status, latency_ms, data_until, next_due, since";

/// A feed's health, of [`HEALTH`].
pub fn health(row: &Row<'_>) -> Result<FeedHealth> {
    let mut row = InOrder::of(row);
    let date = |text: String| Date::from_str(&text).map_err(|_| unreadable(&text));
    Ok(FeedHealth {
        feed: FeedId::new(&row.take::<String>()?),
        checked: row.maybe_instant()?,
        success: row.maybe_instant()?,
        changed: row.maybe_instant()?,
        failures: row.take()?,
        error: row.maybe_printable()?,
        degraded: row.maybe_printable()?,
        note: row.maybe_printable()?,
        http_status: row.take()?,
        latency_ms: row.take()?,
        data_until: row.take::<Option<String>>()?.map(date).transpose()?,
        next_due: row.maybe_instant()?,
        since: row.maybe_instant()?,
    })
}

/// The columns that [`memory`] reads.
pub const MEMORY: &str = "id, belongs_to, etag, last_modified, reply_hash, went_back_to, figures, held, asked_of, not_before, moved_to, found, ttl, skip_hours, voids";

/// What is remembered of a feed, of [`MEMORY`].
pub fn memory(row: &Row<'_>) -> Result<(FeedId, FeedMemory)> {
    let mut row = InOrder::of(row);
    let feed = FeedId::new(&row.take::<String>()?);
    let memory = FeedMemory {
        belongs_to: row.take::<String>()?.into(),
        etag: row.take()?,
        last_modified: row.take()?,
        reply_hash: row.take()?,
        went_back_to: row.take()?,
        figures: row.take::<Option<i64>>()?.map(i64::unsigned_abs),
        held: row.take()?,
        asked_of: row.take::<String>()?.into(),
        not_before: row.maybe_instant()?,
        moved_to: row.take()?,
        found: row.take()?,
        ttl: row.take()?,
        skip_hours: row.take()?,
        voids: row.take::<i64>()?.unsigned_abs(),
    };
    Ok((feed, memory))
}

/// A date as it is stored: `2022-05-23`, or with a time.
pub fn due_text(due: Due) -> String {
    match due {
        Due::Day(date) => date.to_string(),
        Due::Minute(at) => at.to_string(),
    }
}

fn due(text: &str) -> Result<Due> {
    if text.contains('T') {
        DateTime::from_str(text).map(Due::Minute).map_err(|_| unreadable(text))
    } else {
        Date::from_str(text).map(Due::Day).map_err(|_| unreadable(text))
    }
}

/// A ledger entry.
pub fn ledger(row: &Row<'_>) -> Result<(PolicyId, LedgerEntry)> {
    let due_column: Option<String> = row.get("due")?;
    let entry = LedgerEntry {
        known: instant(row.get("known")?)?,
        recorded: instant(row.get("recorded")?)?,
        status: word(&row.get::<_, String>("status")?, PolicyStatus::from_word)?,
        due: due_column.map(|text| due(&text)).transpose()?,
        reason: maybe_printable(row, "reason")?,
        authority: maybe_printable(row, "authority")?,
        source: maybe_printable(row, "source")?,
        first_load: row.get("first_load")?,
    };
    Ok((PolicyId::new(&row.get::<_, String>("policy")?), entry))
}

/// An incident.
pub fn incident(row: &Row<'_>) -> Result<Incident> {
    let ended_how: Option<String> = row.get("ended_how")?;
    let ended = match (maybe_instant(row.get("ended")?)?, ended_how) {
        (Some(at), Some(how)) => Some((at, word(&how, Event::from_word)?)),
        _ => None,
    };
    let acknowledged = match (maybe_printable(row, "acknowledged_by")?, maybe_instant(row.get("acknowledged_at")?)?) {
        (Some(by), Some(at)) => {
            let note = maybe_printable(row, "acknowledged_note")?.unwrap_or_default();
            let (until, wake) = (
                maybe_instant(row.get("acknowledged_until")?)?,
                wake(row, "acknowledged_above", "acknowledged_below")?,
            );
            Some(Acknowledgement { by, at, note, until, wake })
        }
        _ => None,
    };
    Ok(Incident {
        id: IncidentId(row.get::<_, String>("id")?.into()),
        rule: RuleId::new(&row.get::<_, String>("rule")?),
        kind: printable(row, "kind")?,
        rule_text: printable(row, "rule_text")?,
        rule_hash: row.get::<_, i64>("rule_hash")?.cast_unsigned(),
        subject: subject(&row.get::<_, String>("subject")?)?,
        onset_first: onset(&row.get::<_, String>("onset_first")?)?,
        onset: onset(&row.get::<_, String>("onset")?)?,
        phase: word(&row.get::<_, String>("phase")?, Phase::from_word)?,
        severity: word(&row.get::<_, String>("severity")?, Severity::from_word)?,
        opened: instant(row.get("opened")?)?,
        ended,
        value: row.get("value")?,
        reason: printable(row, "reason")?,
        decided_on: maybe_instant(row.get("decided_on")?)?,
        provisional: row.get("provisional")?,
        first_load: row.get("first_load")?,
        acknowledged,
    })
}

/// Writes an incident over its older self.
pub fn put_incident(connection: &rusqlite::Connection, incident: &Incident) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO incident VALUES
        (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        &*incident.id.0,
        incident.rule.as_str(),
        incident.kind.as_str(),
        incident.rule_text.as_str(),
        incident.rule_hash.cast_signed(),
        subject_text(&incident.subject),
        onset_text(&incident.onset_first),
        onset_text(&incident.onset),
        incident.phase.word(),
        incident.severity.word(),
        ms(incident.opened),
        incident.ended.map(|(at, _)| ms(at)),
        incident.ended.map(|(_, event)| event.word()),
        incident.value,
        incident.reason.as_str(),
        incident.decided_on.map(ms),
        incident.provisional,
        incident.first_load,
        incident.acknowledged.as_ref().map(|ack| ack.by.as_str()),
        incident.acknowledged.as_ref().map(|ack| ms(ack.at)),
        incident.acknowledged.as_ref().map(|ack| ack.note.as_str()),
        incident.acknowledged.as_ref().and_then(|ack| ack.until).map(ms),
        incident.acknowledged.as_ref().and_then(|ack| above(ack.wake)),
        incident.acknowledged.as_ref().and_then(|ack| below(ack.wake)),
    ])?;
    Ok(())
}

const fn above(wake: Option<Wake>) -> Option<f64> {
    match wake {
        Some(Wake::Above(bound)) => Some(bound),
        _ => None,
    }
}

const fn below(wake: Option<Wake>) -> Option<f64> {
    match wake {
        Some(Wake::Below(bound)) => Some(bound),
        _ => None,
    }
}

fn wake(row: &Row<'_>, above: &str, below: &str) -> Result<Option<Wake>> {
    let (above, below): (Option<f64>, Option<f64>) = (row.get(above)?, row.get(below)?);
    Ok(above.map(Wake::Above).or(below.map(Wake::Below)))
}

/// What a person said of an incident.
pub fn mark(row: &Row<'_>) -> Result<Mark> {
    let (until, wake) = (maybe_instant(row.get("until")?)?, wake(row, "above", "below")?);
    let kind = match row.get::<_, String>("kind")?.as_str() {
        "acknowledged" => MarkKind::Acknowledged { until, wake },
        "released" => MarkKind::Released,
        "noted" => MarkKind::Noted,
        other => return Err(unreadable(other)),
    };
    Ok(Mark {
        incident: IncidentId(row.get::<_, String>("incident")?.into()),
        kind,
        by: printable(row, "by")?,
        at: instant(row.get("at")?)?,
        text: printable(row, "text")?,
    })
}

/// Writes what a person said.
pub fn put_mark(connection: &rusqlite::Connection, mark: &Mark) -> Result<()> {
    let (until, wake) = match mark.kind {
        MarkKind::Acknowledged { until, wake } => (until, wake),
        MarkKind::Released | MarkKind::Noted => (None, None),
    };
    let sql =
        "INSERT INTO mark (incident, kind, by, at, text, until, above, below) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        &*mark.incident.0,
        mark.kind.word(),
        mark.by.as_str(),
        ms(mark.at),
        mark.text.as_str(),
        until.map(ms),
        above(wake),
        below(wake),
    ])?;
    Ok(())
}

/// A notice.
pub fn notice(row: &Row<'_>) -> Result<Notice> {
    Ok(Notice {
        incident: IncidentId(row.get::<_, String>("incident")?.into()),
        event: word(&row.get::<_, String>("event")?, Event::from_word)?,
        severity: word(&row.get::<_, String>("severity")?, Severity::from_word)?,
        at: instant(row.get("at")?)?,
        text: printable(row, "text")?,
        told: word(&row.get::<_, String>("told")?, Told::from_word)?,
    })
}

/// A judgement.
pub fn judgement(row: &Row<'_>) -> Result<Judgement> {
    let label: Option<String> = row.get("period")?;
    Ok(Judgement {
        rule: RuleId::new(&row.get::<_, String>("rule")?),
        subject: subject(&row.get::<_, String>("subject")?)?,
        phase: word(&row.get::<_, String>("phase")?, Phase::from_word)?,
        evaluation: Evaluation {
            period: label.map(|label| period(&label)).transpose()?,
            verdict: word(&row.get::<_, String>("verdict")?, Verdict::from_word)?,
            critical: row.get("critical")?,
            partial: row.get("partial")?,
            value: row.get("value")?,
            statistic: row.get("statistic")?,
            bound: row.get("bound")?,
            reason: printable(row, "reason")?,
        },
    })
}

/// Writes a judgement over its older self.
pub fn put_judgement(connection: &rusqlite::Connection, judgement: &Judgement) -> Result<()> {
    let evaluation = &judgement.evaluation;
    let sql = "INSERT OR REPLACE INTO judgement VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        judgement.rule.as_str(),
        subject_text(&judgement.subject),
        judgement.phase.word(),
        evaluation.period.map(Period::label),
        evaluation.verdict.word(),
        evaluation.critical,
        evaluation.partial,
        evaluation.value,
        evaluation.statistic,
        evaluation.bound,
        evaluation.reason.as_str(),
    ])?;
    Ok(())
}

/// Writes a feed's row over its older self.
pub fn put_feed(connection: &rusqlite::Connection, health: &FeedHealth, memory: &FeedMemory) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO feed VALUES
        (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
         ?21, ?22, ?23, ?24, ?25, ?26, ?27)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        health.feed.as_str(),
        health.checked.map(ms),
        health.success.map(ms),
        health.changed.map(ms),
        health.failures,
        text(health.error.as_ref()),
        text(health.degraded.as_ref()),
        health.http_status,
        health.latency_ms,
        health.data_until.map(|date| date.to_string()),
        health.next_due.map(ms),
        &*memory.belongs_to,
        memory.etag,
        memory.last_modified,
        memory.reply_hash,
        memory.went_back_to,
        memory.figures.map(signed),
        memory.held,
        signed(memory.voids),
        text(health.note.as_ref()),
        &*memory.asked_of,
        memory.not_before.map(ms),
        memory.moved_to,
        memory.found,
        memory.ttl,
        memory.skip_hours,
        health.since.map(ms),
    ])?;
    Ok(())
}

/// The number of the row of a headline.
pub fn headline_number(key: &HeadlineKey) -> Result<i64> {
    number(key.0.strip_prefix('h').unwrap_or_default())
}

/// Writes a headline, over its older version where there is one: an upsert and no replacement, so that the number of its names stays.
pub const PUT_HEADLINE: &str = "INSERT INTO headline
    (number, feed, seen, version, aliases, title, link, published, updated, summary, language, story, also, first_load, cursor, names)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
    ON CONFLICT (number) DO UPDATE SET cursor = ?15, version = ?4, aliases = ?5, title = ?6, link = ?7, published = ?8, updated = ?9,
    summary = ?10, language = ?11, story = ?12, also = ?13";

/// Writes a headline with [`PUT_HEADLINE`], at a place in the order of changes.
pub fn put_headline(put: &mut Statement<'_>, headline: &Headline, cursor: i64) -> Result<()> {
    let item = &headline.item;
    let also =
        headline.also.iter().map(|also| format!("{}\t{}", also.feed, text(also.link.as_ref()).unwrap_or_default()));
    put.execute(rusqlite::params![
        headline_number(&headline.key)?,
        headline.feed.as_str(),
        ms(headline.seen),
        headline.version,
        aliases_blob(&item.aliases),
        item.title.as_str(),
        text(item.link.as_ref()),
        item.published.map(ms),
        item.updated.map(ms),
        text(item.summary.as_ref()),
        text(item.language.as_ref()),
        item.story.map(|story| story.0.cast_signed()),
        also.collect::<Vec<String>>().join("\n"),
        headline.first_load,
        cursor,
        signed(item.aliases.len() as u64),
    ])?;
    Ok(())
}

/// Writes a ledger entry and gives its number.
pub fn put_ledger(connection: &rusqlite::Connection, policy: &PolicyId, entry: &LedgerEntry) -> Result<i64> {
    let sql = "INSERT INTO ledger (policy, known, recorded, status, due, reason, authority, source, first_load)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(rusqlite::params![
        policy.as_str(),
        ms(entry.known),
        ms(entry.recorded),
        entry.status.word(),
        entry.due.map(due_text),
        text(entry.reason.as_ref()),
        text(entry.authority.as_ref()),
        text(entry.source.as_ref()),
        entry.first_load,
    ])?;
    Ok(connection.last_insert_rowid())
}
