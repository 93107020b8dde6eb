//! News: RSS, Atom and JSON Feed through one parser, made into items with a stable identity. The parser's own ids are never used:
//! it invents one where there is none.

use super::markup::plain;
use super::{DecodeError, Source, Warnings};
use crate::domain::headline::{Item, aliases};
use crate::domain::text::Printable;
use feed_rs::model::{Entry, Feed, Link};
use feed_rs::parser::{Builder, ParseFeedError};
use jiff::Timestamp;
use std::collections::HashMap;
use url::Url;

/// The most items of one reply: the newest ones stand first in every feed that is polled.
const MOST: usize = 2_000;
/// The longest address that is kept.
const LONGEST_LINK: usize = 2_000;

/// Reads a feed's items in the document's order.
pub fn read(bytes: &[u8], source: &Source<'_>, warnings: &mut Warnings) -> Result<Vec<Item>, DecodeError> {
    let feed = parse(bytes, source).or_else(|error| match mend_ampersands(bytes) {
        Some(mended) => parse(&mended, source).map_err(|_| error),
        None => Err(error),
    });
    let feed = feed.map_err(|error| DecodeError::NotThisFormat { format: "news feed", why: error.to_string() })?;
    let base = source.base.and_then(|base| Url::parse(base).ok());
    let mut times_seen: HashMap<String, usize> = HashMap::new();
    for entry in &feed.entries {
        *times_seen.entry(entry.id.trim().to_owned()).or_default() += 1;
    }
    let mut items = Vec::new();
    for (number, entry) in feed.entries.iter().take(MOST).enumerate() {
        let unique = times_seen.get(entry.id.trim()) == Some(&1);
        match item(entry, unique, base.as_ref(), source) {
            Some(item) => items.push(item),
            None => warnings.add(
                &format!("item {}", number + 1),
                "it has neither a title nor a text",
                "the item was left out",
            ),
        }
    }
    if feed.entries.len() > MOST {
        let what = format!("{} items; the first {MOST} were read", feed.entries.len());
        warnings.add("the feed", &what, "use a feed with fewer items if some are missed");
    }
    if feed.entries.is_empty() {
        warnings.add(
            "the feed",
            "it has no items",
            "an empty feed is not news that nothing happened; check the address",
        );
    }
    Ok(items)
}

/// A parser is made for each try: one that failed keeps half a document in mind.
fn parse(bytes: &[u8], source: &Source<'_>) -> Result<Feed, ParseFeedError> {
    let builder = Builder::new().base_uri(source.base).sanitize_content(false).id_generator(|_, _, _| String::new());
    builder.build().parse(bytes)
}

fn item(entry: &Entry, unique_guid: bool, base: Option<&Url>, source: &Source<'_>) -> Option<Item> {
    let body = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let summary = entry.summary.as_ref().map(|text| text.content.as_str()).or(body).map(plain);
    let summary = summary.map(|text| Printable::clean_to(&text, Printable::PARAGRAPH)).filter(|text| !text.is_empty());
    let title = entry.title.as_ref().map(|text| Printable::clean(&plain(&text.content)));
    let title = title.filter(|title| !title.is_empty());
    let title = title.or_else(|| summary.as_ref().map(|text| Printable::clean_to(text.as_str(), 120)))?;
    let link = link(&entry.links, base);
    let published = entry.published.and_then(|at| Timestamp::from_millisecond(at.timestamp_millis()).ok());
    let updated = entry.updated.and_then(|at| Timestamp::from_millisecond(at.timestamp_millis()).ok());
    let guid = Some(entry.id.as_str()).filter(|_| unique_guid);
    let names = aliases(source.feed, guid, link.as_ref().map(Printable::as_str), title.as_str(), published);
    Some(Item { aliases: names, title, link, published, updated, summary })
}

/// The link to the article: an alternate one before others, http or https only.
fn link(links: &[Link], base: Option<&Url>) -> Option<Printable> {
    let alternate = |link: &&Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let chosen =
        links.iter().find(alternate).or_else(|| links.iter().find(|link| link.rel.as_deref() != Some("self")))?;
    let address = chosen.href.trim();
    let url = Url::parse(address).ok().or_else(|| base.and_then(|base| base.join(address).ok()))?;
    let fit = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_LINK;
    fit.then(|| Printable::clean_to(url.as_str(), LONGEST_LINK))
}

/// A copy in which a bare `&`, the commonest fault of feeds, is written as it should be; `None` where there is none or it
/// is no text.
fn mend_ampersands(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    let mut mended = false;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let name = after.split_once(';').map(|(name, _)| name).filter(|name| {
            name.len() <= 10 && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        });
        if name.is_none() {
            out.push_str("amp;");
            mended = true;
        }
        rest = after;
    }
    out.push_str(rest);
    mended.then(|| out.into_bytes())
}
