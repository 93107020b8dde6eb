//! `export`: what is stored, as a table or as a document. In a table numbers stay numbers; a cell of text that a spreadsheet
//! would take for a formula gets an apostrophe in front.

use super::json;
use crate::domain::headline::Headline;
use crate::domain::observation::{Status, Vintage};
use crate::domain::route::SeriesId;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A table or a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header row.
    Csv,
    /// One JSON document.
    Json,
}

/// The columns of figures. `end` is excluded.
const OBSERVATIONS: [&str; 12] = [
    "route",
    "measure",
    "cadence",
    "period",
    "start",
    "end",
    "value",
    "status",
    "published",
    "known",
    "known_how",
    "batch",
];

/// The columns of headlines.
const HEADLINES: [&str; 11] =
    ["key", "feed", "title", "link", "published", "updated", "seen", "version", "language", "also", "summary"];

/// Figures by route, measure, cadence and period: every version as it became known, with what was no observation (filler,
/// invalid); else the newest version of each period. The vintages may come in any order.
pub fn observations(vintages: &[Vintage], every_version: bool, format: Format) -> String {
    let chosen = choose(vintages, every_version);
    if format == Format::Json {
        let rows: Vec<Value> = chosen.into_iter().map(|vintage| observation(vintage).into()).collect();
        return json::document([("observations", rows.into())]);
    }
    let rows = chosen.into_iter().map(cells);
    table(&OBSERVATIONS, rows)
}

/// Every version of every figure, those of void batches among them with the reason in `void`. In any order; see [`observations`].
pub fn with_void(vintages: &[(Vintage, Option<Printable>)], format: Format) -> String {
    let mut sorted: Vec<&(Vintage, Option<Printable>)> = vintages.iter().collect();
    let order = |vintage: &Vintage| (vintage.observation.series.clone(), vintage.observation.period, vintage.known.at);
    sorted.sort_by_key(|(vintage, _)| order(vintage));
    if format == Format::Json {
        let rows = sorted.into_iter().map(|(vintage, void)| {
            let mut row = observation(vintage);
            row.insert("void".into(), json::text(void.as_ref()));
            row.into()
        });
        return json::document([("observations", rows.collect::<Vec<Value>>().into())]);
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l] = OBSERVATIONS;
    let names = [a, b, c, d, e, f, g, h, i, j, k, l, "void"];
    let rows = sorted.into_iter().map(|(vintage, void)| {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = cells(vintage);
        [a, b, c, d, e, f, g, h, i, j, k, l, json::text(void.as_ref())]
    });
    table(&names, rows)
}

/// Headlines in the order given.
pub fn headlines(headlines: &[&Headline], format: Format) -> String {
    if format == Format::Json {
        let rows: Vec<Value> = headlines.iter().map(|headline| self::headline(headline).into()).collect();
        return json::document([("headlines", rows.into())]);
    }
    let rows = headlines.iter().map(|headline| {
        let mut object = self::headline(headline);
        // A cell has one line: of the other feeds their names.
        let also: Vec<&str> = headline.also.iter().map(|also| also.feed.as_str()).collect();
        object.insert("also".into(), if also.is_empty() { Value::Null } else { also.join(" ").into() });
        HEADLINES.map(|name| object.remove(name).unwrap_or(Value::Null))
    });
    table(&HEADLINES, rows)
}

/// A version of a figure as a row.
fn cells(vintage: &Vintage) -> [Value; OBSERVATIONS.len()] {
    let observation = &vintage.observation;
    let period = observation.period;
    [
        observation.series.route.as_str().into(),
        observation.series.measure.as_str().into(),
        period.cadence().word().into(),
        period.label().into(),
        period.start().to_string().into(),
        period.end().to_string().into(),
        json::number(observation.value),
        observation.status.word().into(),
        json::instant(observation.published),
        json::instant(Some(vintage.known.at)),
        vintage.known.how.word().into(),
        vintage.batch.0.into(),
    ]
}

/// Of each period the newest version, or all of them.
fn choose(vintages: &[Vintage], every_version: bool) -> Vec<&Vintage> {
    let mut by_period: BTreeMap<(&SeriesId, Period), Vec<&Vintage>> = BTreeMap::new();
    for vintage in vintages {
        by_period.entry((&vintage.observation.series, vintage.observation.period)).or_default().push(vintage);
    }
    let is_observation = |vintage: &&Vintage| !matches!(vintage.observation.status, Status::Filler | Status::Invalid);
    by_period
        .into_values()
        .flat_map(|mut versions| {
            // What became known at the same instant stays in the order given: the later row counts.
            versions.sort_by_key(|vintage| vintage.known.at);
            if every_version { versions } else { versions.into_iter().rfind(is_observation).into_iter().collect() }
        })
        .collect()
}

fn observation(vintage: &Vintage) -> serde_json::Map<String, Value> {
    let mut row = json::observation(&vintage.observation);
    row.insert("published".into(), json::instant(vintage.observation.published));
    row.insert("known".into(), json::instant(Some(vintage.known.at)));
    row.insert("known_how".into(), vintage.known.how.word().into());
    row.insert("batch".into(), vintage.batch.0.into());
    row
}

fn headline(headline: &Headline) -> serde_json::Map<String, Value> {
    let mut row = json::item(&headline.key.0, &headline.item);
    row.insert("feed".into(), headline.feed.as_str().into());
    row.insert("seen".into(), json::instant(Some(headline.seen)));
    row.insert("version".into(), headline.version.into());
    let also = headline.also.iter().map(|also| {
        json::object([("feed", also.feed.as_str().into()), ("link", json::text(also.link.as_ref()))]).into()
    });
    row.insert("also".into(), also.collect::<Vec<Value>>().into());
    row
}

fn table<const N: usize>(names: &[&str; N], rows: impl Iterator<Item = [Value; N]>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut all = writer.write_record(names);
    for row in rows {
        let cells: Vec<String> = row.iter().map(|value| cell(value).into_owned()).collect();
        all = all.and_then(|()| writer.write_record(&cells));
    }
    all.expect("writing to memory does not fail, and every row has as many cells as there are names");
    let bytes = writer.into_inner().expect("flushing to memory does not fail");
    String::from_utf8(bytes).expect("the cells are UTF-8, and so is what is written between them")
}

/// A cell: nothing for null; text that begins with a sign that starts a formula with an apostrophe in front.
fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}").into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}
