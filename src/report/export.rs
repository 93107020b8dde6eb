//! `export`: what is stored, as a table or as JSON.

use super::{SCHEMA, json};
use crate::domain::headline::Headline;
use crate::domain::observation::Vintage;
use serde_json::{Value, json as value};

/// A table or a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header row.
    Csv,
    /// One JSON document.
    Json,
}

const OBSERVATIONS: [&str; 11] =
    ["route", "measure", "cadence", "period", "start", "end", "value", "status", "published", "known", "known_how"];
const HEADLINES: [&str; 9] = ["key", "feed", "title", "link", "published", "updated", "seen", "version", "summary"];

/// Observations, one a row, oldest period first; with `batch` where every version is asked for.
pub fn observations(vintages: &[Vintage], every_version: bool, format: Format) -> String {
    let rows = vintages.iter().map(|vintage| {
        let o = &vintage.observation;
        let mut row = vec![
            Value::from(o.series.route.as_str()),
            Value::from(o.series.measure.as_str()),
            Value::from(o.series.cadence.word()),
            Value::from(o.period.label()),
            Value::from(o.period.start().to_string()),
            Value::from(o.period.end().to_string()),
            json::number(o.value),
            Value::from(o.status.word()),
            json::instant(o.published),
            json::instant(Some(vintage.known.at)),
            Value::from(vintage.known.how.word()),
        ];
        if every_version {
            row.push(Value::from(vintage.batch.0));
        }
        row
    });
    if format == Format::Json {
        let list: Vec<Value> = vintages.iter().map(|vintage| observation_json(vintage, every_version)).collect();
        return json::document(&value!({ "schema": SCHEMA, "observations": list }));
    }
    let mut columns = OBSERVATIONS.to_vec();
    if every_version {
        columns.push("batch");
    }
    table(&columns, rows)
}

/// An observation as every document has it.
fn observation_json(vintage: &Vintage, every_version: bool) -> Value {
    let o = &vintage.observation;
    let mut document = value!({
        "route": o.series.route.as_str(),
        "measure": o.series.measure.as_str(),
        "period": json::period(o.period),
        "value": json::number(o.value),
        "status": o.status.word(),
        "published": json::instant(o.published),
        "known": json::instant(Some(vintage.known.at)),
        "known_how": vintage.known.how.word(),
    });
    if every_version && let Some(map) = document.as_object_mut() {
        map.insert("batch".to_owned(), Value::from(vintage.batch.0));
    }
    document
}

/// Headlines, newest first.
pub fn headlines(headlines: &[&Headline], format: Format) -> String {
    let row = |headline: &&Headline| {
        vec![
            Value::from(&*headline.key.0),
            Value::from(headline.feed.as_str()),
            json::text(Some(&headline.item.title)),
            json::text(headline.item.link.as_ref()),
            json::instant(headline.item.published),
            json::instant(headline.item.updated),
            json::instant(Some(headline.seen)),
            Value::from(headline.version),
            json::text(headline.item.summary.as_ref()),
        ]
    };
    if format == Format::Json {
        let object = |headline: &&Headline| {
            let pairs = HEADLINES.iter().map(|name| (*name).to_owned()).zip(row(headline));
            Value::Object(pairs.collect())
        };
        let list: Vec<Value> = headlines.iter().map(object).collect();
        return json::document(&value!({ "schema": SCHEMA, "headlines": list }));
    }
    table(&HEADLINES, headlines.iter().map(row))
}

fn table(columns: &[&str], rows: impl Iterator<Item = Vec<Value>>) -> String {
    let mut out = columns.join(",");
    out.push('\n');
    for row in rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

/// A cell. Text from outside that a spreadsheet would take for a formula gets a mark in front.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text,
        other => return other.to_string(),
    };
    let guarded = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.clone() };
    if guarded.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}
