//! Feeds that a web page names: what its head announces, then links that look like feeds.

use crate::domain::text::Printable;
use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};
use std::collections::BTreeSet;
use url::Url;

/// The most feeds of one page.
const MOST: usize = 50;
/// The longest address that is kept.
const LONGEST: usize = 2_000;

/// A feed that a page names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// What the page calls it; empty where it says nothing.
    pub title: Printable,
    /// Where it is: http or https only.
    pub url: Url,
    /// Its media type, such as `application/rss+xml`; empty where it is not announced, only linked.
    pub media_type: String,
}

/// The feeds that a page names, in its order: first what is announced (`<link rel="alternate" type="application/rss+xml">`),
/// then what is linked and looks like a feed (`<a href="/news/rss.xml">`). Each address once. `base` is the page's address.
pub fn feeds_in_page(html: &str, base: &Url) -> Vec<FeedLink> {
    let mut page = Page { base: base.clone(), announced: Vec::new(), linked: Vec::new(), open: None, room: true };
    let mut emitter = DefaultEmitter::default();
    // What scripts and styles hold is no markup.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        page.take(&token);
        if !page.room {
            break;
        }
    }
    let mut seen = BTreeSet::new();
    let mut found: Vec<FeedLink> = page.announced.into_iter().chain(page.linked).collect();
    found.retain(|link| seen.insert(link.url.to_string()));
    found.truncate(MOST);
    found
}

/// A page as it is read.
struct Page {
    base: Url,
    announced: Vec<FeedLink>,
    linked: Vec<FeedLink>,
    /// The link whose words are being read.
    open: Option<(Url, String)>,
    /// Whether more is looked for.
    room: bool,
}

impl Page {
    fn take(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"base" => self.rebase(tag),
                b"link" => self.announce(tag),
                b"a" => self.begin(tag),
                _ => {}
            },
            Token::EndTag(tag) if tag.name.as_slice() == b"a" => self.end(),
            Token::String(text) => {
                const WORDS: usize = 400;
                if let Some((_, words)) = self.open.as_mut().filter(|(_, words)| words.len() < WORDS) {
                    words.push_str(&String::from_utf8_lossy(&text.value));
                }
            }
            _ => {}
        }
    }

    fn rebase(&mut self, tag: &StartTag<()>) {
        if let Some(url) = attribute(tag, b"href").and_then(|href| self.base.join(href.trim()).ok()) {
            self.base = url;
        }
    }

    fn announce(&mut self, tag: &StartTag<()>) {
        let relations = attribute(tag, b"rel").unwrap_or_default().to_ascii_lowercase();
        let media_type = attribute(tag, b"type").unwrap_or_default().to_ascii_lowercase();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        let mut relations = relations.split_ascii_whitespace();
        let is_feed = relations.any(|word| word == "feed" || word == "alternate" && is_feed_type(&media_type));
        if let Some(url) = self.address(tag).filter(|_| is_feed) {
            let title = Printable::clean(&attribute(tag, b"title").unwrap_or_default());
            self.announced.push(FeedLink { title, url, media_type });
            self.room = self.announced.len() < MOST;
        }
    }

    fn begin(&mut self, tag: &StartTag<()>) {
        self.end();
        let announced = attribute(tag, b"type").is_some_and(|kind| is_feed_type(&kind.to_ascii_lowercase()));
        self.open = self.address(tag).filter(|url| announced || looks_like_feed(url)).map(|url| (url, String::new()));
    }

    fn end(&mut self) {
        if let Some((url, words)) = self.open.take().filter(|_| self.linked.len() < MOST) {
            self.linked.push(FeedLink { title: Printable::clean(&words), url, media_type: String::new() });
        }
    }

    fn address(&self, tag: &StartTag<()>) -> Option<Url> {
        let href = attribute(tag, b"href")?;
        // What podcast players and feed readers register for themselves.
        let href = href.trim();
        let href = href.strip_prefix("feed:").filter(|rest| rest.starts_with("http")).unwrap_or(href);
        let href = href.strip_prefix("feed://").map_or_else(|| href.to_owned(), |rest| format!("http://{rest}"));
        let url = self.base.join(&href).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host() && url.as_str().len() <= LONGEST).then_some(url)
    }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value: &HtmlString = &tag.attributes.get(name)?.value;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn is_feed_type(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "application/x-rss+xml"
            | "text/rss+xml"
            | "text/rss"
            | "text/atom+xml"
    )
}

/// Whether an address reads like a feed's: a part of its path or query is a word such as `rss`, or ends in one.
fn looks_like_feed(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let words = ["rss", "rss2", "atom", "feed", "feeds", "rdf"];
    let is_word = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part);
        words.contains(&part)
            || [".rss", ".atom", ".rdf"].iter().any(|end| part.ends_with(end))
            || ([".xml", ".json", ".php"].iter().any(|end| part.ends_with(end))
                && stem.split(['-', '_', '~']).any(|word| words.contains(&word)))
    };
    let last = parts.next_back().unwrap_or_default();
    let in_query = url.query_pairs().any(|(name, value)| {
        matches!((&*name, &*value), ("feed" | "format" | "type", "rss" | "rss2" | "atom" | "feed"))
    });
    is_word(last) || in_query || (last.ends_with(".xml") && parts.any(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(html: &str) -> Vec<(String, String, String)> {
        let base = Url::parse("https://example.org/news/").unwrap();
        let links = feeds_in_page(html, &base);
        links.into_iter().map(|link| (link.title.to_string(), link.url.to_string(), link.media_type)).collect()
    }

    fn link(title: &str, url: &str, media_type: &str) -> (String, String, String) {
        (title.to_owned(), url.to_owned(), media_type.to_owned())
    }

    #[test]
    fn announced_feeds_come_before_linked_ones() {
        let page = "<!doctype html><html><head><title>x</title>
            <script>document.write('<link rel=alternate type=application/rss+xml href=/no>')</script>
            <!-- <link rel=alternate type=application/rss+xml href=/neither> -->
            <LINK REL='Alternate' TYPE='application/rss+xml; charset=utf-8' TITLE='All &amp; more' HREF=rss.xml>
            <link rel='alternate' type='text/html' href='/mobile'><link rel=stylesheet href=/feed.css>
            <link rel='alternate home' type=application/atom+xml href='//feeds.example.org/a?b=1&amp;c=2'></head>
            <body><a href='/about'>About</a> <a href='/world/rss'><b>World</b> news</a> <a href='javascript:rss'>no</a>
            <a href='/news/rss.xml'>the same as announced</a> <a href='feed://example.org/old.rdf'>Old</a></body>";
        assert_eq!(
            found(page),
            [
                link("All & more", "https://example.org/news/rss.xml", "application/rss+xml"),
                link("", "https://feeds.example.org/a?b=1&c=2", "application/atom+xml"),
                link("World news", "https://example.org/world/rss", ""),
                link("Old", "http://example.org/old.rdf", ""),
            ]
        );
    }

    #[test]
    fn a_base_moves_relative_addresses() {
        let page = "<base href='https://other.example.net/x/'><link rel=feed href=y.xml>";
        assert_eq!(found(page), [link("", "https://other.example.net/x/y.xml", "")]);
    }

    #[test]
    fn what_looks_like_a_feed() {
        for (address, is_feed) in [
            ("https://a.org/feed/", true),
            ("https://a.org/index~rss2.xml", true),
            ("https://a.org/rss/world.xml", true),
            ("https://a.org/?feed=rss2", true),
            ("https://a.org/feed.json", true),
            ("https://a.org/world.rss", true),
            ("https://a.org/about-rss-feeds", false),
            ("https://a.org/data.xml", false),
            ("https://a.org/feeding-children.html", false),
            ("https://a.org/", false),
        ] {
            assert_eq!(looks_like_feed(&Url::parse(address).unwrap()), is_feed, "{address}");
        }
    }

    #[test]
    fn no_page_takes_long() {
        for part in ["<link rel=feed href=a", "<a href=/rss>", "<", "<a a=1 ", "<script>", "<!--", "&", "<a href='"] {
            let page = part.repeat(1_000_000 / part.len());
            assert!(found(&page).len() <= MOST);
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(page in "(<a |<link |href=|rel=feed|'|\"|>|/rss|</a>|<base |http:|//|\\[|é|\\PC){0,30}") {
            let _ = found(&page);
        }
    }
}
