//! Headlines: news items with a stable identity. A key is minted at first sight; guid, and canonical
//! link with title, are aliases of it, so that an edited item is a new version of the same headline.

use super::feed::FeedId;
use super::text::Printable;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// A headline's key, minted by the store at first sight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeadlineKey(pub Arc<str>);

impl fmt::Display for HeadlineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an item of a news feed says of itself, before it has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its names, strongest first; see [`aliases`]. Never empty.
    pub aliases: Vec<String>,
    /// The title.
    pub title: Printable,
    /// Where it can be read: http or https only.
    pub link: Option<Printable>,
    /// When it was published, as the item says.
    pub published: Option<Timestamp>,
    /// When it was last changed, as the item says.
    pub updated: Option<Timestamp>,
    /// The text under the title, without markup.
    pub summary: Option<Printable>,
}

/// A headline as the store keeps it: the newest version of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// Its key.
    pub key: HeadlineKey,
    /// Which feed brought it first.
    pub feed: FeedId,
    /// When it was first seen.
    pub seen: Timestamp,
    /// 1 for what was first seen, one more for each edit.
    pub version: u32,
    /// The newest version.
    pub item: Item,
}

impl Headline {
    /// The instant by which headlines are ordered: publication where stated and not after it was
    /// seen (clocks of publishers run ahead), else first sight.
    pub fn at(&self) -> Timestamp {
        self.item.published.map_or(self.seen, |published| published.min(self.seen))
    }
}

/// The names by which an item is known again, strongest first: its guid in its feed; its canonical link with its
/// title; without either, its title with its publication. `guid` must be absent where it stood twice in one reply.
pub fn aliases(
    feed: &FeedId,
    guid: Option<&str>,
    link: Option<&str>,
    title: &str,
    published: Option<Timestamp>,
) -> Vec<String> {
    let title = title.to_lowercase();
    let mut names = Vec::new();
    if let Some(guid) = guid.map(str::trim).filter(|guid| !guid.is_empty()) {
        names.push(format!("guid {feed} {guid}"));
    }
    if let Some(link) = link.map(str::trim).filter(|link| !link.is_empty()) {
        names.push(format!("link {} {title}", canonical_link(link)));
    }
    if names.is_empty() {
        let date = published.map_or_else(|| "undated".to_owned(), |at| at.to_string());
        names.push(format!("title {feed} {date} {title}"));
    }
    names
}

/// A link without what changes between two sights of the same article: scheme, `www.`, tracking
/// parameters, fragment, a trailing slash (surge.md R11).
pub fn canonical_link(link: &str) -> String {
    let link = link.split('#').next().unwrap_or(link);
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, tail) = path.split_once('/').unwrap_or((path, ""));
    let mut canonical = host.to_lowercase();
    let tail = tail.trim_end_matches('/');
    if !tail.is_empty() {
        canonical.push('/');
        canonical.push_str(tail);
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
    if !kept.is_empty() {
        canonical.push('?');
        canonical.push_str(&kept.join("&"));
    }
    canonical
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair).to_lowercase();
    name.starts_with("utm_")
        || name.starts_with("at_")
        || matches!(
            name.as_str(),
            "fbclid" | "gclid" | "traffic_source" | "cmpid" | "ocid" | "ref" | "smid" | "partner" | "emc"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_does_not_make_another_article() {
        let plain = canonical_link("https://www.bbc.co.uk/news/articles/c1");
        for same in [
            "http://bbc.co.uk/news/articles/c1/",
            "https://www.BBC.co.uk/news/articles/c1?at_medium=RSS&at_campaign=rss#0",
            "https://www.bbc.co.uk/news/articles/c1?utm_source=x",
        ] {
            assert_eq!(canonical_link(same), plain, "{same}");
        }
        assert_ne!(canonical_link("https://www.bbc.co.uk/news/articles/c1?id=2"), plain);
        assert_eq!(canonical_link(""), "");
    }

    #[test]
    fn an_item_always_has_a_name() {
        let feed = FeedId::new("f");
        assert_eq!(aliases(&feed, Some("g"), Some("https://a.org/b"), "T", None), ["guid f g", "link a.org/b t"]);
        assert_eq!(aliases(&feed, Some(" "), None, "T", None), ["title f undated t"]);
    }
}
