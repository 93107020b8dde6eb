//! Where values are, in short or at length.

use super::one_or_many::{OneOrMany, OneOrManyVisitor};
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

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
