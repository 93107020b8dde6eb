//! JSON pieces that several documents share. What is not known is null, never zero, never an empty string.

use crate::domain::text::Printable;
use crate::domain::time::Period;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A period: `{ "cadence": "month", "start": "2022-03-01", "end": "2022-04-01", "label": "2022-03" }`, end excluded.
pub fn period(period: Period) -> Value {
    json!({
        "cadence": period.cadence().word(),
        "start": period.start().to_string(),
        "end": period.end().to_string(),
        "label": period.label(),
    })
}

/// An instant: RFC 3339 in UTC.
pub fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

/// A count: whole where it is whole.
pub fn number(value: Option<f64>) -> Value {
    let Some(value) = value else { return Value::Null };
    if value.fract() == 0.0 && value.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and far below the border")]
        return Value::from(value as i64);
    }
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Text; null where there is none.
pub fn text(text: Option<&Printable>) -> Value {
    text.filter(|text| !text.is_empty()).map_or(Value::Null, |text| Value::String(text.to_string()))
}

/// A document as it is printed.
pub fn document(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
