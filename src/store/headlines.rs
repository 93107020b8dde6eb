//! What the items of a reply do to headlines, the same in every store: each item is known by one of its names, or by its story in
//! another feed, or is new. However a reply is ordered, the same comes of it.

use crate::domain::feed::FeedId;
use crate::domain::headline::{Headline, HeadlineKey, Item, Name, Story, proves};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The most names of one headline: a feed that makes new guids at each poll must not fill the store.
pub const MOST_NAMES: u32 = 24;

/// Where headlines and their names are kept.
pub trait Shelf {
    /// Why something cannot be read or written.
    type Error;

    /// The headline that a name belongs to.
    fn named(&mut self, name: Name) -> Result<Option<Headline>, Self::Error>;
    /// Headlines that tell the same story.
    fn telling(&mut self, story: Story) -> Result<Vec<Headline>, Self::Error>;
    /// The next key.
    fn mint(&mut self) -> Result<HeadlineKey, Self::Error>;
    /// Keeps a headline so that it is found, and says that it changed.
    fn keep(&mut self, headline: &Headline) -> Result<(), Self::Error>;
    /// Gives names to a headline, at most [`MOST_NAMES`]; one that belongs to another stays there. A new headline has none yet, and
    /// counts as many as its first item has.
    fn name(&mut self, headline: &HeadlineKey, is_new: bool, names: &[Name]) -> Result<(), Self::Error>;
}

/// What a reply did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// New headlines, and new versions.
    pub news: usize,
    /// Stories of other feeds that this one brings too.
    pub noted: usize,
}

/// What items are on their way to.
struct Found<'a> {
    headline: Headline,
    is_new: bool,
    items: Vec<&'a Item>,
}

/// Takes the items of a reply. `first_load` says that the feed never gave anything before.
pub fn take<S: Shelf>(
    shelf: &mut S,
    feed: &FeedId,
    items: &[Item],
    at: Timestamp,
    first_load: bool,
) -> Result<Taken, S::Error> {
    let mut all: Vec<Found<'_>> = Vec::new();
    let mut places: BTreeMap<HeadlineKey, usize> = BTreeMap::new();
    for item in items {
        let (headline, is_new) = match known(shelf, feed, item, at)? {
            Some(headline) => (headline, false),
            None => {
                let first = Headline::first(shelf.mint()?, feed.clone(), at, item.clone());
                let headline = Headline { first_load, ..first };
                shelf.keep(&headline)?;
                (headline, true)
            }
        };
        if headline.item.aliases != item.aliases || is_new {
            shelf.name(&headline.key, is_new, &item.aliases)?;
        }
        let place = *places.entry(headline.key.clone()).or_insert(all.len());
        match all.get_mut(place) {
            Some(found) => found.items.push(item),
            None => all.push(Found { headline, is_new, items: vec![item] }),
        }
    }
    let mut taken = Taken::default();
    for found in all {
        let Some(item) = chosen(&found.headline, &found.items) else { continue };
        if found.is_new {
            taken.news += 1;
            // It is kept already, as the first of its items; mostly that is the only one.
            if *item != found.headline.item {
                shelf.keep(&Headline { item: item.clone(), ..found.headline.clone() })?;
            }
            continue;
        }
        let Some(after) = found.headline.after(feed, item) else { continue };
        if after.version > found.headline.version {
            taken.news += 1;
        } else {
            taken.noted += 1;
        }
        shelf.keep(&after)?;
    }
    Ok(taken)
}

/// The headline that an item is.
fn known<S: Shelf>(shelf: &mut S, feed: &FeedId, item: &Item, at: Timestamp) -> Result<Option<Headline>, S::Error> {
    for &name in &item.aliases {
        if let Some(headline) = shelf.named(name)?.filter(|headline| proves(name, feed, item, headline)) {
            return Ok(Some(headline));
        }
    }
    let Some(story) = item.story else { return Ok(None) };
    let mut told = shelf.telling(story)?;
    told.retain(|headline| headline.is_told_by(feed, item, at));
    let seen = item.published.map_or(at, |published| published.min(at));
    told.sort_by_key(|headline| (headline.at().duration_since(seen).abs(), headline.key.clone()));
    Ok(told.into_iter().next())
}

/// Of several items that are one headline the one that it was made of, else the same one whatever their order.
fn chosen<'a>(headline: &Headline, items: &[&'a Item]) -> Option<&'a Item> {
    let strongest = headline.item.aliases.first();
    let order = |item: &&&Item| {
        // First the one that goes by the same name; then whatever is the same in any order.
        let other = item.aliases.first() != strongest;
        (other, item.aliases.clone(), item.title.clone(), item.summary.clone(), item.published)
    };
    if items.len() > 1 { items.iter().min_by_key(order).copied() } else { items.first().copied() }
}
