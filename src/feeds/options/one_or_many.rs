//! A text where a list may stand too.

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// One text or a list of them. Whole numbers and yes-or-no stand for how they are written; how a fraction is written is not
/// known, so it needs quotes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, Default)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

/// Reads either; other options that have a short form use it too.
pub(super) struct OneOrManyVisitor;

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
