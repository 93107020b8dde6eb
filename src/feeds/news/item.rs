//! Raw items to clean ones: texts printable, links whole, dates read, with the names by which each is known again.

use super::raw::{Raw, RawItem, Text};
use crate::domain::feed::FeedId;
use crate::domain::headline::{Item, Names, canonical_guid, canonical_link, language, story};
use crate::domain::text::Printable;
use crate::feeds::{Source, Warnings, instants};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashMap;
use url::Url;

/// The most items of one reply.
const MOST: usize = 2_000;
/// The longest address that is kept.
const LONGEST_LINK: usize = 2_000;

/// The items of a feed, in its order.
pub fn items(raw: &Raw<'_>, source: &Source<'_>, warnings: &mut Warnings) -> Vec<Item> {
    let base = base(source, raw);
    let chosen = newest(raw, warnings);
    let marks: Vec<Marks> = raw.items.iter().map(|item| Marks::of(item, base.as_ref())).collect();
    // A guid or a link that stands there twice names nothing.
    let mut guids: HashMap<&str, usize> = HashMap::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for mark in &marks {
        for (counts, name) in [(&mut guids, &mark.guid), (&mut places, &mark.place)] {
            if let Some(name) = name {
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    let is_once = |counts: &HashMap<&str, usize>, name: &Option<String>| {
        name.as_deref().is_some_and(|name| counts.get(name) == Some(&1))
    };
    let mut items = Vec::with_capacity(chosen.len());
    for number in chosen {
        let marks = &marks[number];
        let known = Known {
            guid: marks.guid.as_deref().filter(|_| is_once(&guids, &marks.guid)),
            link: marks.link.as_ref(),
            place: marks.place.as_deref(),
            place_is_once: is_once(&places, &marks.place),
            feed: source.feed,
            feed_language: raw.language.as_deref(),
        };
        match one(&raw.items[number], known) {
            Some(item) => items.push(item),
            None => warnings.add("the item was left out", || {
                (format!("item {}", number + 1), "it has neither a title nor a text nor a link".to_owned())
            }),
        }
    }
    items
}

/// What an item may be named by.
struct Marks {
    link: Option<Url>,
    /// The link without what changes.
    place: Option<String>,
    guid: Option<String>,
}

impl Marks {
    fn of(item: &RawItem<'_>, base: Option<&Url>) -> Self {
        let link = link(item, base);
        let place = link.as_ref().map(|link| canonical_link(link.as_str()));
        Self { link, place, guid: canonical_guid(&item.id.decoded()) }
    }
}

/// From where relative links start: the reply's address, else the site that the feed names; moved by what the feed says.
fn base(source: &Source<'_>, raw: &Raw<'_>) -> Option<Url> {
    let site = || Url::parse(raw.site.as_deref()?.trim()).ok();
    let base = source.base.and_then(|base| Url::parse(base).ok()).or_else(site);
    moved(base.as_ref(), raw.base.as_deref()).or(base)
}

/// A base moved by an `xml:base`.
fn moved(base: Option<&Url>, by: Option<&str>) -> Option<Url> {
    let by = by?.trim();
    base.map_or_else(|| Url::parse(by), |base| base.join(by)).ok()
}

/// Which items are read: all, or where there are too many the newest, in the document's order. What has no date counts as old.
fn newest(raw: &Raw<'_>, warnings: &mut Warnings) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..raw.items.len()).collect();
    if numbers.len() > MOST {
        warnings.add("use a feed with fewer items if older ones are missed", || {
            ("the feed".to_owned(), format!("{} items; the {MOST} newest were read", raw.items.len()))
        });
        numbers.sort_by_cached_key(|number| {
            let item = &raw.items[*number];
            std::cmp::Reverse(published(item).or_else(|| instant(&item.updated)))
        });
        numbers.truncate(MOST);
        numbers.sort_unstable();
    }
    numbers
}

/// What is known of an item from what stands around it.
struct Known<'a> {
    /// Only where it stands there once.
    guid: Option<&'a str>,
    link: Option<&'a Url>,
    place: Option<&'a str>,
    place_is_once: bool,
    feed: &'a FeedId,
    feed_language: Option<&'a str>,
}

fn one(raw: &RawItem<'_>, known: Known<'_>) -> Option<Item> {
    let summaries = [&raw.summary, &raw.content].into_iter().map(|text| text.clean(Printable::PARAGRAPH));
    let summary = summaries.into_iter().find(|text| !text.is_empty());
    let link = known.link.map(|link| Printable::clean_to(link.as_str(), LONGEST_LINK));
    let title = title(&raw.title, summary.as_ref(), link.as_ref())?;
    let published = published(raw);
    let names = Names {
        feed: known.feed,
        guid: known.guid,
        place: known.place,
        place_is_once: known.place_is_once,
        title: title.as_str(),
        published,
    };
    let gathered = raw.source.clean(Printable::LINE);
    Some(Item {
        aliases: names.aliases(),
        story: story(title.as_str(), gathered.as_str(), known.place),
        title,
        link,
        published,
        updated: instant(&raw.updated),
        summary,
        language: raw.language.as_deref().and_then(language).or_else(|| known.feed_language.and_then(language)),
    })
}

/// The title; where there is none, the beginning of the text; where there is none either, the address.
fn title(title: &Text<'_>, summary: Option<&Printable>, link: Option<&Printable>) -> Option<Printable> {
    const FROM_TEXT: usize = 120;
    let own = Some(title.clean(Printable::LINE)).filter(|title| !title.is_empty());
    own.or_else(|| summary.map(|text| Printable::clean_to(text.as_str(), FROM_TEXT)))
        .or_else(|| link.map(|link| Printable::clean(link.as_str())))
}

/// The link to the article, http or https only. An id that is an address stands in where there is none.
fn link(item: &RawItem<'_>, base: Option<&Url>) -> Option<Url> {
    let moved = moved(base, item.base.as_deref());
    let base = moved.as_ref().or(base);
    let whole = |address: &str| {
        let address = address.trim();
        if address.is_empty() {
            return None;
        }
        match base {
            Some(base) => base.join(address).ok(),
            None => Url::parse(address).ok(),
        }
    };
    let is_fit = |url: &Url| matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_LINK;
    let own = whole(&item.link.decoded()).filter(is_fit);
    own.or_else(|| Url::parse(item.id.decoded().trim()).ok().filter(is_fit))
}

fn published(item: &RawItem<'_>) -> Option<Timestamp> {
    item.published.iter().find_map(instant)
}

fn instant(text: &Text<'_>) -> Option<Timestamp> {
    if matches!(text, Text::None) {
        return None;
    }
    let text: Cow<'_, str> = text.decoded();
    instants::instant(&text)
}
