//! `feed try`: what was understood of a reply, as a document for scripts and as a table for people. Nothing is stored.

use super::json;
use super::page::Page;
use super::table::{Column, Table};
use super::words::instant;
use crate::domain::feed::FeedKind;
use crate::domain::headline::Item;
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;

/// A width that most terminals have.
const WIDTH: usize = 100;
/// People see so many series; the document has all of them.
const MOST_SERIES: usize = 40;
/// People see so many warnings.
const MOST_WARNINGS: usize = 20;

/// What a reply gave, or why it gave nothing.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The feed's id; absent where a file is tried without a configuration.
    pub feed: Option<String>,
    /// Statistics or news.
    pub kind: FeedKind,
    /// Figures in the reply's order.
    pub observations: Vec<Observation>,
    /// News items in the reply's order.
    pub items: Vec<Item>,
    /// Where, what, and what to do: the first of them.
    pub warnings: Vec<[Printable; 3]>,
    /// How many warnings there were in all.
    pub warning_count: usize,
    /// Why nothing could be read at all.
    pub error: Option<Printable>,
}

impl Reading {
    /// Whether the reply had to be mended, or lost rows or items.
    const fn is_degraded(&self) -> bool {
        self.warning_count > 0
    }
}

/// The document: `feed`, `kind`, `degraded`, `observations`, `headlines`, `warnings`, `error`. The key of a headline is the
/// strongest of its names, since nothing is stored that could have minted one.
pub fn reading_json(reading: &Reading) -> String {
    let observations: Vec<Value> = reading.observations.iter().map(|each| json::observation(each).into()).collect();
    let headlines: Vec<Value> = reading
        .items
        .iter()
        .map(|each| json::item(each.aliases.first().map_or("", String::as_str), each).into())
        .collect();
    let warning = |[place, what, remedy]: &[Printable; 3]| value!({ "where": json::text(Some(place)), "what": json::text(Some(what)), "remedy": json::text(Some(remedy)) });
    let warnings: Vec<Value> = reading.warnings.iter().map(warning).collect();
    json::document([
        ("feed", reading.feed.as_deref().map_or(Value::Null, Value::from)),
        ("kind", reading.kind.word().into()),
        ("degraded", reading.is_degraded().into()),
        ("observations", observations.into()),
        ("headlines", headlines.into()),
        ("warnings", warnings.into()),
        ("error", json::text(reading.error.as_ref())),
    ])
}

/// The same for people, in lines of at most 100 columns.
pub fn reading_text(reading: &Reading) -> String {
    let mut page = Page::new(WIDTH);
    let name = reading.feed.as_deref().unwrap_or("this file");
    if let Some(error) = &reading.error {
        page.paragraph("", &format!("{name} could not be read: {error}"));
        return page.into_text();
    }
    let (series, statuses) = understood(&reading.observations);
    let mut found = Vec::new();
    if !reading.observations.is_empty() || reading.items.is_empty() {
        let observations = series.iter().map(|each| each.count).sum();
        found.push(format!("{} observations in {} series", many(observations), many(series.len())));
    }
    if !reading.items.is_empty() {
        found.push(format!("{} headlines", many(reading.items.len())));
    }
    found.push(match reading.warning_count {
        0 => "no warnings".to_owned(),
        1 => "1 warning".to_owned(),
        more => format!("{} warnings", many(more)),
    });
    let degraded = if reading.is_degraded() { " (degraded)" } else { "" };
    page.paragraph("", &format!("{name}: {}{degraded}", found.join(", ")));
    if !series.is_empty() {
        page.heading("SERIES");
        let mut table = Table::new(&[
            Column::Names("route"),
            Column::Names("measure"),
            Column::Words("first"),
            Column::Words("last"),
            Column::Numbers("count"),
            Column::Numbers("gaps"),
            Column::Numbers("latest"),
            Column::Numbers("min"),
            Column::Numbers("max"),
        ]);
        for each in series.iter().take(MOST_SERIES) {
            table.row([
                Some(each.series.route.to_string()),
                Some(each.series.measure.to_string()),
                Some(each.first.label()),
                Some(each.last.label()),
                Some(many(each.count)),
                Some(many(each.gaps)),
                each.latest.map(words::count),
                each.min.map(words::count),
                each.max.map(words::count),
            ]);
        }
        page.table(&table);
        if series.len() > MOST_SERIES {
            page.line(&format!("  … and {} more; --json lists them all", many(series.len() - MOST_SERIES)));
        }
        let noted: Vec<String> =
            statuses.iter().map(|(status, rows)| format!("{} {}", many(*rows), status_words(*status))).collect();
        if !noted.is_empty() {
            page.paragraph("  ", &format!("of the rows: {}", noted.join("; ")));
        }
    }
    if !reading.items.is_empty() {
        page.heading("HEADLINES");
        for item in &reading.items {
            let at = item.published.or(item.updated).map_or_else(|| "undated".to_owned(), instant);
            page.line(&format!("  {at:<20}  {}", item.title));
        }
    }
    if !reading.warnings.is_empty() {
        page.heading("WARNINGS");
        for [place, what, remedy] in reading.warnings.iter().take(MOST_WARNINGS) {
            page.paragraph("  ", &format!("{place}: {what}"));
            page.paragraph("    ", remedy.as_str());
        }
        if reading.warning_count > MOST_WARNINGS {
            let more = many(reading.warning_count - MOST_WARNINGS);
            page.paragraph("  ", &format!("… and {more} more; --json lists the first hundred"));
        }
    }
    page.into_text()
}

/// One series as it was understood.
#[derive(Clone, Debug, PartialEq)]
struct Understood {
    /// Which series.
    series: SeriesId,
    /// The first period.
    first: Period,
    /// The last period.
    last: Period,
    /// The value of the last period; the later row where it stands twice.
    latest: Option<f64>,
    /// Periods that have an observation.
    count: usize,
    /// Periods between the first and the last that have none.
    gaps: usize,
    /// The smallest value.
    min: Option<f64>,
    /// The largest value.
    max: Option<f64>,
}

/// The series of a reading, in their order; and how many rows have which status other than closed.
fn understood(observations: &[Observation]) -> (Vec<Understood>, BTreeMap<Status, usize>) {
    let mut statuses = BTreeMap::new();
    let mut series: BTreeMap<&SeriesId, BTreeMap<Period, Option<f64>>> = BTreeMap::new();
    for observation in observations {
        if observation.status != Status::Closed {
            *statuses.entry(observation.status).or_default() += 1;
        }
        if !matches!(observation.status, Status::Filler | Status::Invalid) {
            series.entry(&observation.series).or_default().insert(observation.period, observation.value);
        }
    }
    let understood = series.into_iter().filter_map(|(id, points)| {
        let (first, last) = (*points.first_key_value()?.0, points.last_key_value()?);
        let span = usize::try_from(last.0.index() - first.index() + 1).unwrap_or(points.len());
        let values = || points.values().flatten().copied();
        Some(Understood {
            series: id.clone(),
            first,
            last: *last.0,
            latest: *last.1,
            count: points.len(),
            gaps: span - points.len(),
            min: values().reduce(f64::min),
            max: values().reduce(f64::max),
        })
    });
    (understood.collect(), statuses)
}

/// How many, with thousands separated.
fn many(count: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many of them that it shows")]
    words::count(count as f64)
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::Closed => "closed",
        Status::Break => "counted in another way than those before",
        Status::Provisional => "provisional",
        Status::Partial => "of a running period",
        Status::Suppressed => "withheld by the publisher",
        Status::Filler => "zero for a period not reached yet, not taken",
        Status::Invalid => "no figure, not taken",
    }
}
