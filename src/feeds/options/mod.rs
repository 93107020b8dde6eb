//! What a `[[feed]]` says about reading its replies, as written. Nothing is checked here beyond shape and spelling:
//! `Reader::from_options` checks the meaning.

mod error;
mod item;
mod one_or_many;
mod period;
mod row;
mod series;
mod value;

pub use error::OptionError;
pub use item::ItemOptions;
pub use one_or_many::OneOrMany;
pub use period::{PeriodOptions, YearTotalsOptions};
pub use row::RowOptions;
pub use series::{KnownOptions, SeriesOptions, StatusOptions};
pub use value::ValueOptions;

use crate::domain::feed::FeedKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// How the bytes are to be read as text, by its name in the WHATWG's list (`windows-1252`); found out where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// JSON: where the records are, as a pointer such as `/data/timeseries`; `*` in it stands for every element. The
    /// document itself where absent. A column of a record is a field, or a pointer into the record where it begins
    /// with a slash; fields of the objects around the record are columns too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// Spreadsheets: the sheet, or alternatives; `*` stands for anything. The first one that has the mapping's columns
    /// where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<OneOrMany>,
    /// Web pages: which table, by its number from 1, or by words of its caption or of the heading before it. The first
    /// one that has the mapping's columns where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<OneOrMany>,
    /// Text: patterns whose named groups become columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub find: Option<OneOrMany>,
    /// CSV: the character between cells. Found from the header row where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// CSV: lines that begin with this character are no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<char>,
    /// The row with the column names: the line of a CSV, the row of a sheet or of a page's table, or the number of the
    /// list in a JSON list of lists, counted from 1. Where absent the first one that has the mapping's columns. 0:
    /// there is none, and columns are called "1", "2" …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<usize>,
    /// Over how many rows the column names go: they are joined with a space. One where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_rows: Option<usize>,
    /// The column names, instead of those in the table; or, for JSON, a pointer to the list of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<OneOrMany>,
    /// Rows that count: each column must pass its test. `"Month (abbv)|Month"` is either column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, RowOptions>,
    /// Where the period is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodOptions>,
    /// Where the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueOptions>,
    /// Where the status is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusOptions>,
    /// Where it says as of when its figures are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownOptions>,
    /// The series that the table gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SeriesOptions>,
    /// The publisher's zone, an IANA name: its days begin and end there. UTC where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// News from JSON that is no feed: what its records hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemOptions>,
}

/// The format of a feed's replies.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Separated values.
    Csv,
    /// JSON records.
    Json,
    /// JSON-stat, the statistics offices' cube.
    JsonStat,
    /// XLSX, XLS, ODS.
    Spreadsheet,
    /// A table in a web page.
    Html,
    /// Figures in prose, of a web page or a plain text.
    Text,
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
            Self::JsonStat => "json-stat",
            Self::Spreadsheet => "spreadsheet",
            Self::Html => "html",
            Self::Text => "text",
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json-feed",
            Self::Auto => "auto",
        }
    }
}

impl FeedOptions {
    /// Every key, for telling unknown ones.
    pub const KEYS: &'static [&'static str] = &[
        "kind",
        "format",
        "encoding",
        "records",
        "sheet",
        "table",
        "find",
        "delimiter",
        "comment",
        "header",
        "header_rows",
        "columns",
        "rows",
        "period",
        "value",
        "status",
        "known",
        "series",
        "zone",
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
            ("sheet", self.sheet.is_some()),
            ("table", self.table.is_some()),
            ("find", self.find.is_some()),
            ("delimiter", self.delimiter.is_some()),
            ("comment", self.comment.is_some()),
            ("header", self.header.is_some()),
            ("header_rows", self.header_rows.is_some()),
            ("columns", self.columns.is_some()),
            ("rows", !self.rows.is_empty()),
            ("period", self.period.is_some()),
            ("value", self.value.is_some()),
            ("status", self.status.is_some()),
            ("known", self.known.is_some()),
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
        let rows = short.rows.into_iter().map(|(column, all)| (column, all.is.unwrap().0));
        let rows: Vec<(String, Vec<String>)> = rows.collect();
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
            ("rows = { a = { no = \"x\" } }", "unknown field `no`"),
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
