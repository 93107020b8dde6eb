//! What a `[[feed]]` says about reading its replies, as written. Nothing is checked here beyond shape and spelling:
//! `Reader::from_options` checks the meaning.

use crate::domain::feed::FeedKind;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// One text or a list of them. Whole numbers and yes-or-no stand for how they are written; how a fraction is written is not
/// known, so it needs quotes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, Default)]
pub struct OneOrMany(pub Vec<String>);

/// What a column of a row must say. Texts are compared whole, case and spaces aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowOptions {
    /// One of these.
    pub is: Option<OneOrMany>,
    /// None of these; `""` is an empty cell.
    pub not: Option<OneOrMany>,
    /// Something in it fits this regular expression.
    pub like: Option<String>,
    /// Nothing in it fits this regular expression.
    pub unlike: Option<String>,
    /// At least this: a number or a date, or `{Column}`, another cell of the row.
    pub from: Option<OneOrMany>,
    /// At most this.
    pub until: Option<OneOrMany>,
    /// More than this.
    pub above: Option<OneOrMany>,
    /// Less than this.
    pub below: Option<OneOrMany>,
}

/// Where the period is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PeriodOptions {
    /// `day`, `week`, `month`, `quarter`, `year`, `fiscal-month`. A series that has a period of its own takes the feed's kind where it
    /// says none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The column that holds it, or alternatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// How it is written, where it is none of the forms that are read without being told: letters such as
    /// `DD/MM/YYYY`, strftime's such as `%d/%m/%Y`, or `unix` for seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// A period in several columns: that of the year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<OneOrMany>,
    /// A period in several columns: that of the quarter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarter: Option<OneOrMany>,
    /// A period in several columns: that of the month, by name or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<OneOrMany>,
    /// A period in several columns: that of the ISO week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week: Option<OneOrMany>,
    /// A period in several columns: that of the day of the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<OneOrMany>,
    /// The month with which the publisher's year starts: `October`. Fiscal months need it; running totals go by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
    /// A column for each period, named after this pattern: `MMMYYYY`, `'Y'YYYY'M'MM`, `%b%Y`; `auto` for every form
    /// that is read without being told. A pattern without a year (`MMM`) takes it from `year` or `of_year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wide: Option<String>,
    /// The year of the whole table: `2019`, or a regular expression whose first group is the year, found in the lines before the
    /// header, the name of the sheet, the words around the table or the file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_year: Option<OneOrMany>,
    /// Rows that are totals of their year among rows of months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_totals: Option<YearTotalsOptions>,
    /// The first period that counts: rows before it are something else, such as year totals dated January.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last period that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Year totals among months: dated in one month, of a year of which there is no other month.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct YearTotalsOptions {
    /// The month in which they are dated: `December`.
    #[serde(rename = "in")]
    pub month: String,
    /// The columns that say what the row is about: years are looked at by each of their values. The whole table where
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<OneOrMany>,
}

/// Where the value is: a table of these keys, or the name of the column alone.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
pub struct ValueOptions {
    /// The column that holds it, or alternatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<OneOrMany>,
    /// Columns that hold a value each: `{*}` in the route is the column's name. `"*"`: every column that nothing else
    /// of the mapping reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<OneOrMany>,
    /// Columns that are added; an empty one adds nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum_of: Option<OneOrMany>,
    /// `sum`: rows of one period are added. `last`: the last one holds. `count`: rows are counted. Where absent there
    /// may be only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<String>,
    /// A column of dates or numbers: of the rows of one period only those with the highest count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<OneOrMany>,
    /// `year`: values are running totals since the year's start. `ever`: since the beginning. Both are made into
    /// values per period. `keep`: they are running totals and stay so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<String>,
    /// Whether values are stocks: how many are there, not how many came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<bool>,
    /// The decimal mark: `.` where absent, or `,`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// What each number is multiplied by: 1000 for a table in thousands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// What stands for no data, beside the usual marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<OneOrMany>,
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

impl OptionError {
    /// The same of a part: `series` before `period.kind`.
    pub(super) fn within(mut self, part: &str) -> Self {
        self.key = format!("{part}.{}", self.key);
        self
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

impl Serialize for RowOptions {
    /// As it is written: the values alone where they are all that it says.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self {
            is: Some(is),
            not: None,
            like: None,
            unlike: None,
            from: None,
            until: None,
            above: None,
            below: None,
        } = self
        {
            return is.serialize(serializer);
        }
        let texts = [("like", &self.like), ("unlike", &self.unlike)];
        let lists = [
            ("is", &self.is),
            ("not", &self.not),
            ("from", &self.from),
            ("until", &self.until),
            ("above", &self.above),
            ("below", &self.below),
        ];
        let mut map = serializer.serialize_map(None)?;
        for (key, list) in lists {
            if let Some(list) = list {
                map.serialize_entry(key, list)?;
            }
        }
        for (key, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RowOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

/// The keys of [`RowOptions`] where it is a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowTable {
    is: Option<OneOrMany>,
    not: Option<OneOrMany>,
    like: Option<String>,
    unlike: Option<String>,
    from: Option<OneOrMany>,
    until: Option<OneOrMany>,
    above: Option<OneOrMany>,
    below: Option<OneOrMany>,
}

impl RowVisitor {
    fn is(is: OneOrMany) -> RowOptions {
        RowOptions { is: Some(is), ..RowOptions::default() }
    }
}

impl<'de> Visitor<'de> for RowVisitor {
    type Value = RowOptions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts, or a table such as { not = [\"Total\", \"\"] } or { from = 2015, until = 2019 }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RowOptions, E> {
        OneOrManyVisitor.visit_str(text).map(Self::is)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<RowOptions, E> {
        OneOrManyVisitor.visit_i64(number).map(Self::is)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<RowOptions, E> {
        OneOrManyVisitor.visit_u64(number).map(Self::is)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<RowOptions, E> {
        OneOrManyVisitor.visit_bool(flag).map(Self::is)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RowOptions, A::Error> {
        OneOrManyVisitor.visit_seq(list).map(Self::is)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RowOptions, A::Error> {
        let RowTable { is, not, like, unlike, from, until, above, below } =
            RowTable::deserialize(MapAccessDeserializer::new(map))?;
        let row = RowOptions { is, not, like, unlike, from, until, above, below };
        if row == RowOptions::default() { Err(de::Error::invalid_length(0, &self)) } else { Ok(row) }
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
    each: Option<OneOrMany>,
    sum_of: Option<OneOrMany>,
    aggregate: Option<String>,
    newest: Option<OneOrMany>,
    running: Option<String>,
    stock: Option<bool>,
    decimal: Option<char>,
    times: Option<f64>,
    missing: Option<OneOrMany>,
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
        let table = ValueTable::deserialize(MapAccessDeserializer::new(map))?;
        let ValueTable { column, each, sum_of, aggregate, newest, running, stock, decimal, times, missing } = table;
        Ok(ValueOptions { column, each, sum_of, aggregate, newest, running, stock, decimal, times, missing })
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
