//! JSON Feed, and RSS written as JSON. What a member holds may be of any kind: what cannot be read is as though it were not
//! there.

use super::raw::{Raw, RawItem, Text};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Reads a feed; `None` where the document is JSON of another kind.
pub fn read(document: &Value) -> Option<Raw<'_>> {
    let feed = document.as_object()?;
    if let Some(items) = feed.get("items").and_then(Value::as_array) {
        return Some(json_feed(feed, items));
    }
    let root = ["rss", "rdf:RDF", "RDF"].iter().find_map(|name| feed.get(*name)?.as_object()).unwrap_or(feed);
    let channel = root.get("channel").and_then(Value::as_object)?;
    let items = channel.get("item").or_else(|| root.get("item"))?;
    let items = items.as_array().map_or_else(|| std::slice::from_ref(items), Vec::as_slice);
    Some(rss(channel, items))
}

fn json_feed<'a>(feed: &'a Map<String, Value>, items: &'a [Value]) -> Raw<'a> {
    let item = |item: &'a Value| RawItem {
        title: text(item.get("title")),
        link: first([text(item.get("url")), text(item.get("external_url"))]),
        id: text(item.get("id")),
        published: [text(item.get("date_published")), Text::None],
        updated: text(item.get("date_modified")),
        summary: text(item.get("summary")),
        content: first([text(item.get("content_html")), text(item.get("content_text"))]),
        language: word(item.get("language")),
        ..RawItem::default()
    };
    Raw {
        items: items.iter().map(item).collect(),
        language: word(feed.get("language")),
        site: word(feed.get("home_page_url")),
        ..Raw::default()
    }
}

fn rss<'a>(channel: &'a Map<String, Value>, items: &'a [Value]) -> Raw<'a> {
    let item = |item: &'a Value| RawItem {
        title: text(item.get("title")),
        link: text(item.get("link")),
        id: text(item.get("guid")),
        published: [text(item.get("pubDate")), text(item.get("dc:date"))],
        summary: text(item.get("description")),
        content: text(item.get("content:encoded")),
        source: text(item.get("source")),
        ..RawItem::default()
    };
    Raw {
        items: items.iter().map(item).collect(),
        language: word(channel.get("language")),
        site: word(channel.get("link")),
        ..Raw::default()
    }
}

/// A value as text: numbers as they are written; of an object the member that converters from XML put an element's text in.
pub fn text(value: Option<&Value>) -> Text<'_> {
    const CONTENT: [&str; 7] = ["#value", "#text", "_", "$t", "__text", "__cdata", "value"];
    match value {
        Some(Value::String(text)) => Text::of(text.as_str()),
        Some(Value::Number(number)) => Text::of(number.to_string()),
        Some(Value::Object(map)) => match CONTENT.iter().find_map(|name| map.get(*name)) {
            Some(Value::String(text)) => Text::of(text.as_str()),
            Some(Value::Number(number)) => Text::of(number.to_string()),
            _ => Text::None,
        },
        Some(Value::Null | Value::Bool(_) | Value::Array(_)) | None => Text::None,
    }
}

/// A value that is one word or address.
pub fn word(value: Option<&Value>) -> Option<Cow<'_, str>> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

/// The first text that says something.
pub fn first<'a>(texts: impl IntoIterator<Item = Text<'a>>) -> Text<'a> {
    texts.into_iter().find(|text| !text.is_blank()).unwrap_or_default()
}
