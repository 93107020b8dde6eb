//! News: RSS, Atom and JSON Feed through one parser, made into items with a stable identity. The parser's own ids are
//! never used: it invents one where there is none.

use super::markup::plain;
use super::{DecodeError, Source, Warnings, glance, instants, mend, prepare, transcode};
use crate::domain::headline::{Item, aliases};
use crate::domain::text::Printable;
use feed_rs::model::{Entry, Feed, FeedType, Link, Text};
use feed_rs::parser::{Builder, ParseFeedError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;
use url::Url;

/// The most items of one reply.
const MOST: usize = 2_000;
/// The longest address that is kept.
const LONGEST_LINK: usize = 2_000;

/// Reads a feed's items in the document's order.
pub fn read(bytes: &[u8], source: &Source<'_>, warnings: &mut Warnings) -> Result<Vec<Item>, DecodeError> {
    let feed = parse_or_mend(bytes, source, warnings)?;
    let base = base(source, &feed);
    let chosen = newest(&feed, warnings);
    let mut guids: HashMap<&str, usize> = HashMap::new();
    for entry in &feed.entries {
        *guids.entry(entry.id.trim()).or_default() += 1;
    }
    let mut items = Vec::with_capacity(chosen.len());
    for number in chosen {
        let entry = &feed.entries[number];
        // A guid that stands there twice names nothing.
        let guid = Some(entry.id.trim()).filter(|guid| !guid.is_empty() && guids.get(guid) == Some(&1));
        match item(entry, &feed.feed_type, guid, base.as_ref(), source) {
            Some(item) => items.push(item),
            None => warnings.add("the item was left out", || {
                (format!("item {}", number + 1), "it has neither a title nor a text nor a link".to_owned())
            }),
        }
    }
    if feed.entries.is_empty() {
        warnings.add("an empty feed is not news that nothing happened; check the address", || {
            ("the feed".to_owned(), "it has no items".to_owned())
        });
    }
    Ok(items)
}

/// Parses; where that fails, mends what can be and parses again.
fn parse_or_mend(bytes: &[u8], source: &Source<'_>, warnings: &mut Warnings) -> Result<Feed, DecodeError> {
    let error = match parse(bytes, source) {
        Ok(feed) => return Ok(feed),
        Err(error) => error,
    };
    if let Some(mended) = mend::mend(bytes)
        && let Ok(feed) = parse(&mended.bytes, source)
    {
        warnings.add("it was mended before reading; the publisher should be told", || {
            ("the feed".to_owned(), format!("it is not written as it should be: {} ({error})", mended.what))
        });
        return Ok(feed);
    }
    let text = transcode::text(bytes);
    match glance::look(&text) {
        glance::Look::Markup | glance::Look::Json => {
            Err(DecodeError::not_this("news feed", &format!("{}, and reading it failed: {error}", glance::say(&text))))
        }
        _ => Err(DecodeError::not_this("news feed", &glance::say(&text))),
    }
}

/// A parser is made for each try: one that failed keeps half a document in mind.
fn parse(bytes: &[u8], source: &Source<'_>) -> Result<Feed, String> {
    let bytes = prepare::prepare(bytes);
    // An address that is none would make the parser refuse the feed.
    let base = source.base.filter(|base| Url::parse(base).is_ok());
    let builder = Builder::new()
        .base_uri(base)
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| Some(SystemTime::try_from(instants::instant(text)?).ok()?.into()));
    // feed-rs 3.0 panics on some feeds (see `prepare`). One feed must not take others with it.
    let parsed = catch_unwind(AssertUnwindSafe(|| builder.build().parse(bytes.as_ref())));
    parsed.map_or_else(|_| Err("the parser stopped dead".to_owned()), |parsed| parsed.map_err(|error| say(&error)))
}

fn say(error: &ParseFeedError) -> String {
    let text = error.to_string();
    text.strip_prefix("unable to parse feed: ").map_or_else(|| text.clone(), str::to_owned)
}

/// From where relative links start: the reply's address, else the site that the feed names.
fn base(source: &Source<'_>, feed: &Feed) -> Option<Url> {
    let site = feed.links.iter().filter(|link| is_article(link)).filter_map(|link| Url::parse(&link.href).ok());
    source.base.and_then(|base| Url::parse(base).ok()).or_else(|| site.into_iter().next())
}

/// Which items are read: all, or where there are too many the newest, in the document's order. What has no date
/// counts as old.
fn newest(feed: &Feed, warnings: &mut Warnings) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..feed.entries.len()).collect();
    if numbers.len() > MOST {
        warnings.add("use a feed with fewer items if older ones are missed", || {
            ("the feed".to_owned(), format!("{} items; the {MOST} newest were read", feed.entries.len()))
        });
        numbers.sort_by_key(|number| {
            let entry = &feed.entries[*number];
            std::cmp::Reverse(entry.published.or(entry.updated).map(|at| at.timestamp()))
        });
        numbers.truncate(MOST);
        numbers.sort_unstable();
    }
    numbers
}

fn item(entry: &Entry, kind: &FeedType, guid: Option<&str>, base: Option<&Url>, source: &Source<'_>) -> Option<Item> {
    let body = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let texts = [entry.summary.as_ref().map(|text| text.content.as_str()), body];
    let clean = |text: &str| Printable::clean_to(&plain(text), Printable::PARAGRAPH);
    let summary = texts.into_iter().flatten().map(clean).find(|text| !text.is_empty());
    let link = link(entry, base);
    let title = title(entry.title.as_ref(), summary.as_ref(), link.as_ref())?;
    let published =
        entry.published.and_then(|at| Timestamp::new(at.timestamp(), subsecond(at.timestamp_subsec_nanos())).ok());
    let updated =
        entry.updated.and_then(|at| Timestamp::new(at.timestamp(), subsecond(at.timestamp_subsec_nanos())).ok());
    // The parser copies the publication of RSS items here; they say nothing of a change.
    let is_rss = matches!(kind, FeedType::RSS0 | FeedType::RSS1 | FeedType::RSS2);
    let updated = updated.filter(|_| !is_rss || updated != published);
    let address = link.as_ref().map(Printable::as_str);
    let aliases = aliases(source.feed, guid, address, title.as_str(), published);
    Some(Item { aliases, title, link, published, updated, summary })
}

fn subsecond(nanoseconds: u32) -> i32 {
    // A leap second has more than a thousand million.
    i32::try_from(nanoseconds.min(999_999_999)).unwrap_or_default()
}

/// The title; where there is none, the beginning of the text; where there is none either, the address.
fn title(title: Option<&Text>, summary: Option<&Printable>, link: Option<&Printable>) -> Option<Printable> {
    const FROM_TEXT: usize = 120;
    let own = title.map(|text| Printable::clean(&plain(&text.content))).filter(|title| !title.is_empty());
    own.or_else(|| summary.map(|text| Printable::clean_to(text.as_str(), FROM_TEXT)))
        .or_else(|| link.map(|link| Printable::clean(link.as_str())))
}

/// The link to the article: an alternate one before others, http or https only. An id that is an address stands in
/// where there is none.
fn link(entry: &Entry, base: Option<&Url>) -> Option<Printable> {
    let articles = entry.links.iter().filter(|link| is_article(link));
    let others = entry
        .links
        .iter()
        .filter(|link| !is_article(link) && link.target.is_none() && link.rel.as_deref() != Some("self"));
    let addresses = articles.chain(others).map(|link| link.href.as_str());
    let id = Some(entry.id.trim()).filter(|id| id.starts_with("http://") || id.starts_with("https://"));
    addresses.chain(id).find_map(|address| {
        let address = address.trim();
        if address.is_empty() {
            return None;
        }
        let url = Url::parse(address).ok().or_else(|| base.and_then(|base| base.join(address).ok()))?;
        let fit = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_LINK;
        fit.then(|| Printable::clean_to(url.as_str(), LONGEST_LINK))
    })
}

fn is_article(link: &Link) -> bool {
    link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate")
}
