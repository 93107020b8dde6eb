//! Where a row's period is.

use super::OneOrMany;
use serde::{Deserialize, Serialize};

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
    /// Days added to each date before its period is found: 1 for weeks that are dated with the Sunday on which they begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift_days: Option<i8>,
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
