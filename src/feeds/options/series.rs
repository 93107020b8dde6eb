//! The series of a table; how sure their values are, and as of when.

use super::{OneOrMany, PeriodOptions, RowOptions, ValueOptions};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One series of the table, or a template that makes many.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SeriesOptions {
    /// The route, or a template such as `darien/{nat}` whose braces hold column names (`{nat|nationality}`: either;
    /// `{nat:-none}`: where it is empty; `{*}`: the name of the value's column).
    pub route: String,
    /// What is counted.
    pub measure: String,
    /// Rows that count for it, beside the feed's own `rows`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, RowOptions>,
    /// Another period than the feed's; what it does not say is as there, but for `from` and `until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodOptions>,
    /// Another value than the feed's; what it does not say is as there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueOptions>,
}

/// Where the status is. A word that is in none of the lists means a closed value.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct StatusOptions {
    /// The column that holds it, or alternatives. Where absent it is the mark behind the number: `1,234 p`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// What it says of provisional values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional: Option<OneOrMany>,
    /// What it says of periods still running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<OneOrMany>,
    /// What it says of values withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<OneOrMany>,
    /// What it says of the first value that was counted in another way than those before.
    #[serde(rename = "break", skip_serializing_if = "Option::is_none")]
    pub breaks: Option<OneOrMany>,
}

/// Where a document says as of when its figures are: one of these. A day means its end.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KnownOptions {
    /// A column, row by row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// The file's name: a pattern such as `YYYY_MM_DD` for a date somewhere in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text: a regular expression whose first group is the date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// JSON: a pointer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The reply: `last-modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}
