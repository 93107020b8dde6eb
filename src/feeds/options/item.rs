//! News in JSON that is no feed.

use super::OneOrMany;
use serde::{Deserialize, Serialize};

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
