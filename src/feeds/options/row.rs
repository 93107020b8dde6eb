//! What a column of a row must say, in short or at length.

use super::one_or_many::{OneOrMany, OneOrManyVisitor};
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

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
