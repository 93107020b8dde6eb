//! What a `[[feed]]` says about reading its replies, as written.

use crate::domain::feed::FeedKind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// The keys of a `[[feed]]` that concern reading.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FeedOptions {
    /// `statistics` or `news`.
    pub kind: Option<String>,
    /// The format of the replies.
    pub format: Option<Format>,
    /// JSON: where the records are, as a pointer such as `/data/timeseries`. The document itself where absent.
    pub records: Option<String>,
    /// CSV: the character between cells. A comma where absent.
    pub delimiter: Option<char>,
    /// CSV: lines before the header row.
    pub skip: Option<usize>,
    /// Rows that count: each column must have (one of) the value(s).
    #[serde(default)]
    pub rows: BTreeMap<String, OneOrMany>,
    /// Where the period is.
    pub period: Option<PeriodOptions>,
    /// Where the value is.
    pub value: Option<ValueOptions>,
    /// Where the status is.
    pub status: Option<StatusOptions>,
    /// The series that the table gives.
    #[serde(default)]
    pub series: Vec<SeriesOptions>,
}

/// The format of a feed's replies.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
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
    /// Whatever news format it turns out to be.
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

/// One value or a list of them.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several: any of them.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Where the period is.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PeriodOptions {
    /// `day`, `week`, `month`, `quarter`, `year`, `fiscal-month`.
    pub kind: String,
    /// The column that holds it, or alternatives.
    pub column: Option<OneOrMany>,
    /// How it is written, in strftime's letters, where it is no ISO date.
    pub format: Option<String>,
    /// Fiscal months, and months in two columns: the column of the year.
    pub year: Option<OneOrMany>,
    /// Fiscal months, and months in two columns: the column of the month.
    pub month: Option<OneOrMany>,
    /// Fiscal months: the name of the month with which the year starts.
    pub starts: Option<String>,
    /// A column for each period, named after this pattern: `MMMYYYY`, `YYYY-MM`, `YYYYMMM` …
    pub wide: Option<String>,
    /// The first period that counts: rows before it are something else, such as year totals dated January.
    pub from: Option<String>,
}

/// Where the value is.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ValueOptions {
    /// The column that holds it, or alternatives.
    pub column: Option<OneOrMany>,
    /// `sum`: rows of one period are added.
    pub aggregate: Option<String>,
    /// `year`: values are running totals since the year's start.
    pub running: Option<String>,
    /// The decimal mark: `.` where absent, or `,`.
    pub decimal: Option<char>,
}

/// Where the status is.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct StatusOptions {
    /// The column that holds it, or alternatives.
    pub column: OneOrMany,
    /// What it says of provisional values.
    pub provisional: Option<OneOrMany>,
    /// What it says of periods still running.
    pub partial: Option<OneOrMany>,
    /// What it says of values withheld.
    pub suppressed: Option<OneOrMany>,
}

/// One series of the table, or a template that makes many.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SeriesOptions {
    /// The route, or a template such as `darien/{nat}` whose braces hold column names.
    pub route: String,
    /// What is counted.
    pub measure: String,
    /// Rows that count for it, beside the feed's own `rows`.
    #[serde(default)]
    pub rows: BTreeMap<String, OneOrMany>,
    /// Another column than the feed's `value.column`.
    pub value: Option<OneOrMany>,
}

/// An option that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// Which key.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl OptionError {
    pub(super) fn new(key: &str, what: String, remedy: impl Into<String>) -> Self {
        Self { key: key.to_owned(), what, remedy: remedy.into() }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.what, self.remedy)
    }
}

impl std::error::Error for OptionError {}

impl FeedOptions {
    /// Every key, for telling unknown ones.
    pub const KEYS: &'static [&'static str] =
        &["kind", "format", "records", "delimiter", "skip", "rows", "period", "value", "status", "series"];

    /// Statistics or news.
    pub fn kind(&self) -> Result<FeedKind, OptionError> {
        match self.kind.as_deref() {
            Some("statistics") => Ok(FeedKind::Statistics),
            Some("news") => Ok(FeedKind::News),
            Some(other) => Err(OptionError::new(
                "kind",
                format!("\"{other}\" is no kind of feed"),
                "write kind = \"statistics\" or kind = \"news\"",
            )),
            None => Err(OptionError::new(
                "kind",
                "it does not say what the feed brings".to_owned(),
                "write kind = \"statistics\" or kind = \"news\"",
            )),
        }
    }

    /// News has no table: its keys would do nothing.
    pub(super) fn has_no_table_keys(&self) -> Result<(), OptionError> {
        let set = [
            ("records", self.records.is_some()),
            ("delimiter", self.delimiter.is_some()),
            ("skip", self.skip.is_some()),
            ("rows", !self.rows.is_empty()),
            ("period", self.period.is_some()),
            ("value", self.value.is_some()),
            ("status", self.status.is_some()),
            ("series", !self.series.is_empty()),
        ];
        match set.iter().find(|(_, set)| *set) {
            Some((key, _)) => Err(OptionError::new(
                key,
                "this maps a table, and news is none".to_owned(),
                "leave it out, or write kind = \"statistics\"",
            )),
            None => Ok(()),
        }
    }
}
