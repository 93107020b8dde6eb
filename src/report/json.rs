//! JSON pieces that several documents share: one object each, `"schema": 1` first, keys in snake_case as the design names them.
//! Instants are RFC 3339 in UTC; what is not known is null, never zero, never an empty string.

use crate::domain::headline::Item;
use crate::domain::observation::Observation;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The number of the documents' shape: names do not change without a new one.
const SCHEMA: u64 = 1;

/// A figure as every document has it.
pub fn observation(observation: &Observation) -> Map<String, Value> {
    object([
        ("route", observation.series.route.as_str().into()),
        ("measure", observation.series.measure.as_str().into()),
        ("period", period(observation.period)),
        ("value", number(observation.value)),
        ("status", observation.status.word().into()),
    ])
}

/// A news item as every document has it.
pub fn item(key: &str, item: &Item) -> Map<String, Value> {
    object([
        ("key", if key.is_empty() { Value::Null } else { key.into() }),
        ("title", text(Some(&item.title))),
        ("link", text(item.link.as_ref())),
        ("published", instant(item.published)),
        ("updated", instant(item.updated)),
        ("summary", text(item.summary.as_ref())),
        ("language", text(item.language.as_ref())),
    ])
}

/// A period: its end is excluded.
pub fn period(period: Period) -> Value {
    json!({
        "cadence": period.cadence().word(),
        "start": period.start().to_string(),
        "end": period.end().to_string(),
        "label": period.label(),
    })
}

/// A number; whole ones without a point, and null where there is none.
pub fn number(value: Option<f64>) -> Value {
    /// Above this not every whole number is an f64.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "the value is whole and far inside the range of i64")]
        Some(value) if value.fract() == 0.0 && value.abs() <= EXACT => (value as i64).into(),
        Some(value) => serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number),
        None => Value::Null,
    }
}

/// RFC 3339 in UTC; null where there is none.
pub fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.to_string().into())
}

/// Text; null where there is none.
pub fn text(text: Option<&Printable>) -> Value {
    text.filter(|text| !text.is_empty()).map_or(Value::Null, |text| text.as_str().into())
}

/// An object with its keys in that order.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A whole document as it is printed, `schema` first.
pub fn document<const N: usize>(entries: [(&str, Value); N]) -> String {
    let mut whole = object([("schema", SCHEMA.into())]);
    whole.extend(object(entries));
    let mut out = serde_json::to_string_pretty(&Value::Object(whole)).expect("a value with text keys is always JSON");
    out.push('\n');
    out
}
