//! What a `[[feed]]` says about reading its replies, as written. Nothing is checked here beyond shape and spelling:
//! `Reader::from_options` checks the meaning.

use crate::domain::feed::FeedKind;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The keys of a `[[feed]]` that concern reading.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FeedOptions {
    /// `statistics` or `news`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The format of the replies; `auto` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// JSON: where the records are, as a pointer such as `/data/timeseries`. The document itself where absent. A
    /// column of a record is a field, or a pointer into the record where it begins with a slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// CSV: the character between cells. Found from the header row where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// CSV: lines that begin with this character are no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<char>,
    /// The row with the column names: the line of a CSV, or the number of the list in a JSON list of lists, counted
    /// from 1. The first one where absent. 0: there is none, and columns are called "1", "2" …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<usize>,
    /// Rows that count: each column must have (one of) the value(s), case and spaces aside. `"Month (abbv)|Month"` is
    /// either column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, OneOrMany>,
    /// Where the period is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodOptions>,
    /// Where the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueOptions>,
    /// Where the status is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusOptions>,
    /// The series that the table gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SeriesOptions>,
    /// The publisher's zone, an IANA name: its days begin and end there. UTC where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The encoding of the replies, as web pages name it, where it is found out wrongly: `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// News from JSON that is no feed: what its records hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemOptions>,
}

/// News from JSON that is no feed: the fields of a record, each a name or alternatives. A name that begins with a slash is a
/// pointer into the record.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ItemOptions {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<OneOrMany>,
    /// The address of the article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<OneOrMany>,
    /// What names the record for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OneOrMany>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<OneOrMany>,
    /// When it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<OneOrMany>,
    /// The text under the title; HTML in it is cleaned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<OneOrMany>,
    /// Its language: a code, or an English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<OneOrMany>,
}

/// The format of a feed's replies.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Separated values.
    Csv,
    /// JSON records.
    Json,
    /// RSS 0.9x, 1.0, 2.0.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    JsonFeed,
    /// Whatever the reply turns out to be.
    Auto,
}

impl Format {
    /// The word of configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json-feed",
            Self::Auto => "auto",
        }
    }
}

/// One text or a list of them. Whole numbers and yes-or-no stand for how they are written; how a fraction is written is not
/// known, so it needs quotes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, Default)]
pub struct OneOrMany(pub Vec<String>);

/// Where the period is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PeriodOptions {
    /// `day`, `week`, `month`, `quarter`, `year`, `fiscal-month`.
    pub kind: String,
    /// The column that holds it, or alternatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// How it is written, where it is none of the forms that are read without being told: letters such as
    /// `DD/MM/YYYY`, strftime's such as `%d/%m/%Y`, or `unix` for seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Fiscal months, and months in two columns: the column of the year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<OneOrMany>,
    /// Fiscal months, and months in two columns: the column of the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<OneOrMany>,
    /// The month with which the publisher's year starts: `October`. Fiscal months need it; running totals go by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
    /// A column for each period, named after this pattern: `MMMYYYY`, `'Y'YYYY'M'MM`, `%b%Y`; `auto` for every form
    /// that is read without being told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wide: Option<String>,
    /// The first period that counts: rows before it are something else, such as year totals dated January.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last period that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Where the value is: a table of these keys, or the name of the column alone.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
pub struct ValueOptions {
    /// The column that holds it, or alternatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// `sum`: rows of one period are added. `last`: the last one holds. Where absent there may be only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<String>,
    /// `year`: values are running totals since the year's start. `ever`: since the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<String>,
    /// The decimal mark: `.` where absent, or `,`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
}

/// Where the status is. A word that is in none of the lists means a closed value.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct StatusOptions {
    /// The column that holds it, or alternatives.
    pub column: OneOrMany,
    /// What it says of provisional values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional: Option<OneOrMany>,
    /// What it says of periods still running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<OneOrMany>,
    /// What it says of values withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<OneOrMany>,
}

/// One series of the table, or a template that makes many.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SeriesOptions {
    /// The route, or a template such as `darien/{nat}` whose braces hold column names (`{nat|nationality}`: either).
    pub route: String,
    /// What is counted.
    pub measure: String,
    /// Rows that count for it, beside the feed's own `rows`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, OneOrMany>,
    /// Another value than the feed's; what it does not say is as there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueOptions>,
}

/// An option that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}; {remedy}")]
pub struct OptionError {
    /// Which key: `format`, `period.kind`, `series.route` …
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl OptionError {
    pub(super) fn new(key: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { key: key.to_owned(), what: what.into(), remedy: remedy.into() }
    }
}

impl FeedOptions {
    /// Every key, for telling unknown ones.
    pub const KEYS: &'static [&'static str] = &[
        "kind",
        "format",
        "records",
        "delimiter",
        "comment",
        "header",
        "rows",
        "period",
        "value",
        "status",
        "series",
        "zone",
        "encoding",
        "item",
    ];

    /// Statistics or news.
    pub fn kind(&self) -> Result<FeedKind, OptionError> {
        let remedy = "write kind = \"statistics\" or kind = \"news\"";
        match self.kind.as_deref() {
            Some("statistics") => Ok(FeedKind::Statistics),
            Some("news") => Ok(FeedKind::News),
            Some(other) => Err(OptionError::new("kind", format!("\"{other}\" is no kind of feed"), remedy)),
            None => Err(OptionError::new("kind", "it does not say what the feed brings", remedy)),
        }
    }

    /// News has no table: its keys would do nothing. JSON that is no feed has records.
    pub(super) fn has_no_table_keys(&self, has_records: bool) -> Result<(), OptionError> {
        let set = [
            ("records", self.records.is_some() && !has_records),
            ("delimiter", self.delimiter.is_some()),
            ("comment", self.comment.is_some()),
            ("header", self.header.is_some()),
            ("rows", !self.rows.is_empty()),
            ("period", self.period.is_some()),
            ("value", self.value.is_some()),
            ("status", self.status.is_some()),
            ("series", !self.series.is_empty()),
            ("zone", self.zone.is_some()),
        ];
        match set.iter().find(|(_, set)| *set) {
            Some((key, _)) => Err(OptionError::new(
                key,
                "this maps a table, and news is none",
                "leave it out, or write kind = \"statistics\"",
            )),
            None => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts, such as \"Month\" or [\"Month\", \"Mes\"]")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![text.to_owned()]))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![number.to_string()]))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![number.to_string()]))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<OneOrMany, E> {
        Ok(OneOrMany(vec![flag.to_string()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
        let mut all = Vec::new();
        while let Some(OneOrMany(one)) = list.next_element()? {
            all.extend(one);
        }
        if all.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(OneOrMany(all)) }
    }
}

impl<'de> Deserialize<'de> for ValueOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

/// The keys of [`ValueOptions`] where it is a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueTable {
    column: Option<OneOrMany>,
    aggregate: Option<String>,
    running: Option<String>,
    decimal: Option<char>,
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = ValueOptions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column, or a table such as { column = \"Count\", aggregate = \"sum\" }")
    }

    fn visit_str<E: de::Error>(self, column: &str) -> Result<ValueOptions, E> {
        Ok(ValueOptions { column: Some(OneOrMany(vec![column.to_owned()])), ..ValueOptions::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<ValueOptions, A::Error> {
        Ok(ValueOptions { column: Some(OneOrManyVisitor.visit_seq(list)?), ..ValueOptions::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ValueOptions, A::Error> {
        let ValueTable { column, aggregate, running, decimal } =
            ValueTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ValueOptions { column, aggregate, running, decimal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_mean_the_same() {
        let read = |text: &str| toml::from_str::<FeedOptions>(text);
        let short = read("value = \"n\"\nrows = { a = 1, b = [\"x\", 2], c = true }").unwrap();
        assert_eq!(
            short.value,
            Some(ValueOptions { column: Some(OneOrMany(vec!["n".to_owned()])), ..ValueOptions::default() })
        );
        assert_eq!(short.value, read("value = [\"n\"]").unwrap().value);
        assert_eq!(short.value, read("value = { column = \"n\" }").unwrap().value);
        let rows: Vec<(String, Vec<String>)> = short.rows.into_iter().map(|(column, all)| (column, all.0)).collect();
        assert_eq!(
            rows,
            [
                ("a".to_owned(), vec!["1".to_owned()]),
                ("b".to_owned(), vec!["x".to_owned(), "2".to_owned()]),
                ("c".to_owned(), vec!["true".to_owned()])
            ]
        );
    }

    #[test]
    fn a_wrong_shape_is_told_with_the_right_one() {
        for (text, phrase) in [
            ("rows = { a = {} }", "a text or a list of texts"),
            ("rows = { a = 2.5 }", "a text or a list of texts"),
            ("rows = { a = [] }", "a text or a list of texts"),
            ("value = 3", "the name of a column, or a table"),
            ("value = { colum = \"n\" }", "unknown field `colum`"),
            ("period = { kind = \"day\", colum = \"n\" }", "unknown field `colum`"),
            ("skip = 1", "unknown field `skip`"),
            ("format = \"xml\"", "unknown variant `xml`"),
        ] {
            let error = toml::from_str::<FeedOptions>(text).unwrap_err().to_string();
            assert!(error.contains(phrase), "{text}: {error}");
        }
    }

    #[test]
    fn the_list_of_keys_is_whole() {
        let error = toml::from_str::<FeedOptions>("zzz = 1").unwrap_err().to_string();
        for key in FeedOptions::KEYS {
            assert!(error.contains(&format!("`{key}`")), "{key}: {error}");
        }
        assert_eq!(error.matches('`').count(), 2 * (FeedOptions::KEYS.len() + 1), "{error}");
    }
}
