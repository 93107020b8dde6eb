//! `feed try`: what was understood of a reply, as a table for people and as a document for scripts. Nothing is stored.

use super::{SCHEMA, json};
use crate::domain::feed::FeedKind;
use crate::domain::headline::Item;
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::text::{Printable, cut};
use crate::domain::time::Period;
use crate::domain::words;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a reply gave, or why it gave nothing.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The feed's id; absent where a file is tried without a configuration.
    pub feed: Option<String>,
    /// Statistics or news.
    pub kind: FeedKind,
    /// Observations in order.
    pub observations: Vec<Observation>,
    /// News items in order.
    pub items: Vec<Item>,
    /// Where, what, and what to do.
    pub warnings: Vec<[Printable; 3]>,
    /// How many warnings there were in all.
    pub warning_count: usize,
    /// Why nothing could be read.
    pub error: Option<Printable>,
}

/// The document of `feed try --json`.
pub fn reading_json(reading: &Reading) -> String {
    let observation = |o: &Observation| {
        value!({
            "route": o.series.route.as_str(),
            "measure": o.series.measure.as_str(),
            "period": json::period(o.period),
            "value": json::number(o.value),
            "status": o.status.word(),
        })
    };
    let headline = |item: &Item| {
        value!({
            // Keys are minted by the store; before that its strongest name stands for an item.
            "key": item.aliases.first(),
            "title": json::text(Some(&item.title)),
            "link": json::text(item.link.as_ref()),
            "published": json::instant(item.published),
            "updated": json::instant(item.updated),
            "summary": json::text(item.summary.as_ref()),
        })
    };
    let warning = |[place, what, remedy]: &[Printable; 3]| value!({ "where": place.as_str(), "what": what.as_str(), "remedy": remedy.as_str() });
    json::document(&value!({
        "schema": SCHEMA,
        "feed": reading.feed,
        "kind": reading.kind.word(),
        "degraded": reading.warning_count > 0,
        "observations": reading.observations.iter().map(observation).collect::<Vec<_>>(),
        "headlines": reading.items.iter().map(headline).collect::<Vec<_>>(),
        "warnings": reading.warnings.iter().map(warning).collect::<Vec<_>>(),
        "error": reading.error.as_ref().map_or(Value::Null, |error| Value::String(error.to_string())),
    }))
}

/// The same for people.
pub fn reading_text(reading: &Reading) -> String {
    let mut out = String::new();
    if let Some(error) = &reading.error {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "Nothing could be read: {error}");
        return out;
    }
    match reading.kind {
        FeedKind::Statistics => series_table(reading, &mut out),
        FeedKind::News => titles(reading, &mut out),
    }
    if reading.warning_count > 0 {
        let _ = writeln!(
            out,
            "\n{} {}",
            reading.warning_count,
            if reading.warning_count == 1 { "warning" } else { "warnings" }
        );
        for [place, what, remedy] in reading.warnings.iter().take(20) {
            let _ = writeln!(out, "  {place}: {what}; {remedy}");
        }
        if reading.warning_count > 20 {
            let _ = writeln!(out, "  … and {} more; --json lists the first hundred", reading.warning_count - 20);
        }
    }
    out
}

/// What is known of one series.
#[derive(Default)]
struct Summary {
    periods: Vec<Period>,
    least: Option<f64>,
    most: Option<f64>,
    newest: Option<(Period, Option<f64>)>,
    left_out: usize,
}

fn series_table(reading: &Reading, out: &mut String) {
    let mut series: BTreeMap<&SeriesId, Summary> = BTreeMap::new();
    for o in &reading.observations {
        let summary = series.entry(&o.series).or_default();
        if matches!(o.status, Status::Filler | Status::Invalid) {
            summary.left_out += 1;
            continue;
        }
        summary.periods.push(o.period);
        summary.least = [summary.least, o.value].into_iter().flatten().reduce(f64::min);
        summary.most = [summary.most, o.value].into_iter().flatten().reduce(f64::max);
        if summary.newest.is_none_or(|(newest, _)| o.period >= newest) {
            summary.newest = Some((o.period, o.value));
        }
    }
    if series.is_empty() {
        let _ = writeln!(out, "The reply was read, but no row counts: check `rows`, `period` and `value`.");
        return;
    }
    let _ = writeln!(out, "{} series, {} observations", series.len(), reading.observations.len());
    let _ = writeln!(
        out,
        "\n  {:<36} {:<12} {:<11} {:<11} {:>7} {:>6} {:>12} {:>12} {:>12}",
        "route", "measure", "first", "last", "periods", "gaps", "min", "max", "newest"
    );
    for (id, summary) in series.iter().take(40) {
        let (first, last) = (summary.periods.iter().min(), summary.periods.iter().max());
        let label = |period: Option<&Period>| period.map_or_else(|| "—".to_owned(), |period| period.label());
        let span = first.zip(last).map_or(0, |(first, last)| last.index() - first.index() + 1);
        let gaps = span - i64::try_from(summary.periods.len()).unwrap_or(span);
        let count = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), words::count);
        let _ = writeln!(
            out,
            "  {:<36} {:<12} {:<11} {:<11} {:>7} {:>6} {:>12} {:>12} {:>12}",
            cut(id.route.as_str(), 36, "…"),
            cut(id.measure.as_str(), 12, "…"),
            label(first),
            label(last),
            summary.periods.len(),
            gaps,
            count(summary.least),
            count(summary.most),
            count(summary.newest.and_then(|(_, value)| value)),
        );
        if summary.left_out > 0 {
            let _ = writeln!(out, "  {:<36} {} periods not reached yet were left out", "", summary.left_out);
        }
    }
    if series.len() > 40 {
        let _ = writeln!(out, "  … and {} more series; --json lists them all", series.len() - 40);
    }
}

fn titles(reading: &Reading, out: &mut String) {
    let _ = writeln!(out, "{} headlines\n", reading.items.len());
    for item in &reading.items {
        let published =
            item.published.map_or_else(|| "undated".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
        let _ = writeln!(out, "  {published:<16}  {}", cut(item.title.as_str(), 100, "…"));
    }
}
