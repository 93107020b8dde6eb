//! Headlines: news items with a stable identity. A key is minted at first sight; guid, and canonical
//! link with title, are aliases of it, so that an edited item is a new version of the same headline. The same story from another
//! feed is no headline of its own: it is noted with the first.

use super::feed::FeedId;
use super::text::Printable;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::sync::Arc;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// A headline's key, minted by the store at first sight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeadlineKey(pub Arc<str>);

impl fmt::Display for HeadlineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A name of an item: what kind it is, and 64 bits of the SHA-256 of its words. The words, with links and titles in them, would take
/// more memory than the item's title, and nobody reads them. That two of a million names are one by chance has a chance of one in ten
/// million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// What it is made of.
    pub kind: NameKind,
    /// The hash of its words.
    pub hash: u64,
}

/// What a name is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NameKind {
    /// The guid, in its feed.
    Guid = 1,
    /// The link with the title.
    Link = 2,
    /// The link with the publication.
    Dated = 3,
    /// The link alone.
    Place = 4,
    /// The title with the publication, in its feed.
    Title = 5,
}

impl NameKind {
    const ALL: [Self; 5] = [Self::Guid, Self::Link, Self::Dated, Self::Place, Self::Title];

    /// The word that its names begin with.
    const fn word(self) -> &'static str {
        match self {
            Self::Guid => "guid",
            Self::Link => "link",
            Self::Dated => "dated",
            Self::Place => "place",
            Self::Title => "title",
        }
    }

    /// The kind with a number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

impl Name {
    /// The name with these words, the first of which is its kind's: `guid FEED GUID`, `link PLACE TITLE`.
    pub fn of(words: &str) -> Self {
        let first = words.split(' ').next().unwrap_or_default();
        let kind = NameKind::ALL.into_iter().find(|kind| kind.word() == first).unwrap_or(NameKind::Title);
        Self { kind, hash: half_of_hash(words) }
    }
}

/// 64 bits of the SHA-256 of a text: the same in every version.
fn half_of_hash(text: &str) -> u64 {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// What a title tells: the hash of its words. See [`story`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Story(pub u64);

impl Story {
    /// The story that these words tell, as [`story`] makes them: in lower case, with single spaces.
    pub fn of(words: &str) -> Self {
        Self(half_of_hash(words))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.kind.word(), self.hash)
    }
}

/// What an item of a news feed says of itself, before it has a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its names, strongest first; see [`Names::aliases`]. Never empty.
    pub aliases: Vec<Name>,
    /// What its title tells, for comparing titles of several feeds; absent where that is too little to go by. See [`story`].
    pub story: Option<Story>,
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
    /// Its language where the feed says it: a BCP 47 tag in lower case, such as `en-gb`.
    pub language: Option<Printable>,
}

impl Item {
    /// Whether two versions say the same to a reader. Names, dates and what tracks readers in a link are no part of it:
    /// publishers change them without a word being different.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let place = |item: &Self| item.link.as_ref().map(|link| canonical_link(link.as_str()));
        (&self.title, &self.summary) == (&other.title, &other.summary)
            && (self.link == other.link || place(self) == place(other))
    }
}

/// The same story in another feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// Which feed.
    pub feed: FeedId,
    /// Where it can be read there.
    pub link: Option<Printable>,
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
    /// Whether it came with the first reply of its feed: what a feed has on the day it is added is not news.
    pub first_load: bool,
    /// Other feeds that bring the same story, in the order in which they did.
    pub also: Vec<Also>,
    /// The newest version.
    pub item: Item,
}

impl Headline {
    /// The most other feeds that are noted.
    pub const ALSO: usize = 20;
    /// As long may lie between two publications of one story.
    const APART: SignedDuration = SignedDuration::from_hours(72);

    /// A headline at its first sight.
    pub const fn first(key: HeadlineKey, feed: FeedId, seen: Timestamp, item: Item) -> Self {
        Self { key, feed, seen, version: 1, first_load: false, also: Vec::new(), item }
    }

    /// The instant by which headlines are ordered: publication where stated and not after it was
    /// seen (clocks of publishers run ahead), else first sight.
    pub fn at(&self) -> Timestamp {
        self.item.published.map_or(self.seen, |published| published.min(self.seen))
    }

    /// What it is after an item that is known to be the same; `None` where that says nothing new. Its own feed edits it; other
    /// feeds are noted once each.
    pub fn after(&self, feed: &FeedId, item: &Item) -> Option<Self> {
        if *feed == self.feed {
            let edited = || Self { version: self.version + 1, item: item.clone(), ..self.clone() };
            return (!self.item.says_the_same(item)).then(edited);
        }
        if self.is_in(feed) || self.also.len() >= Self::ALSO {
            return None;
        }
        let mut noted = self.clone();
        noted.also.push(Also { feed: feed.clone(), link: item.link.clone() });
        Some(noted)
    }

    /// Whether a feed has brought it.
    pub fn is_in(&self, feed: &FeedId) -> bool {
        self.feed == *feed || self.also.iter().any(|also| also.feed == *feed)
    }

    /// Whether an item of another feed that is told in the same words, seen at an instant, is this story: within a few days, and not
    /// where its feed brought the story already (it tells two stories alike, then).
    pub fn is_told_by(&self, feed: &FeedId, item: &Item, seen: Timestamp) -> bool {
        let at = item.published.map_or(seen, |published| published.min(seen));
        !self.is_in(feed) && self.at().duration_since(at).abs() <= Self::APART
    }

    /// Whether a change of a headline is newer than what is known of it.
    pub fn is_newer_than(&self, known: &Self) -> bool {
        (self.version, self.also.len()) > (known.version, known.also.len())
    }
}

/// What an item may be known by.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Its feed.
    pub feed: &'a FeedId,
    /// Its guid as [`canonical_guid`] makes it; absent where it stood twice in one reply.
    pub guid: Option<&'a str>,
    /// Its link as [`canonical_link`] makes it.
    pub place: Option<&'a str>,
    /// Whether the link stood once in its reply: one that stands there twice leads to a page of many items.
    pub place_is_once: bool,
    /// Its title.
    pub title: &'a str,
    /// Its publication.
    pub published: Option<Timestamp>,
}

impl Names<'_> {
    /// The names by which an item is known again, strongest first: its guid in its feed; its canonical link with its title; with
    /// its publication; alone, where that is surely one article's; without any, its title with its publication.
    pub fn aliases(&self) -> Vec<Name> {
        let title = self.title.to_lowercase();
        let mut names = Vec::with_capacity(4);
        let mut words = String::with_capacity(120);
        let mut give = |arguments: fmt::Arguments<'_>| {
            words.clear();
            // Writing to a String cannot fail.
            let _ = words.write_fmt(arguments);
            names.push(Name::of(&words));
        };
        if let Some(guid) = self.guid {
            give(format_args!("guid {} {guid}", self.feed));
        }
        if let Some(place) = self.place.filter(|place| !place.is_empty()) {
            give(format_args!("link {place} {title}"));
            if self.place_is_once && is_article(place) {
                if let Some(at) = self.published {
                    give(format_args!("dated {place} {at}"));
                }
                give(format_args!("place {place}"));
            }
        }
        if names.is_empty() {
            let date = self.published.map_or_else(|| "undated".to_owned(), |at| at.to_string());
            names.push(Name::of(&format!("title {} {date} {title}", self.feed)));
        }
        names
    }
}

/// Whether a name by which an item of a feed was found proves that it is this headline. All do but the link alone: a feed that
/// gives one address a new guid and other words has something new to tell there.
pub fn proves(name: Name, feed: &FeedId, item: &Item, found: &Headline) -> bool {
    let has_guid = item.aliases.first().is_some_and(|name| name.kind == NameKind::Guid);
    !(name.kind == NameKind::Place && has_guid && found.is_in(feed))
}

/// A guid as its item is named by: on one line and not endless; of addresses without what changes between two sights. `None`
/// where nothing stands there.
pub fn canonical_guid(guid: &str) -> Option<String> {
    const LONGEST: usize = 300;
    let mut guid = guid.split_whitespace().collect::<Vec<_>>().join(" ");
    if guid.starts_with("http://") || guid.starts_with("https://") {
        let (place, fragment) = guid.split_once('#').unwrap_or((&guid, ""));
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let mut without = path.to_owned();
        let kept = without_tracking(query);
        if !kept.is_empty() {
            without = format!("{without}?{}", kept.join("&"));
        }
        // Some count their edits there: `#0`, `#1`.
        let counts = fragment.len() <= 2 && fragment.bytes().all(|byte| byte.is_ascii_digit());
        if !fragment.is_empty() && !counts {
            without = format!("{without}#{fragment}");
        }
        guid = without;
    }
    match guid.len() {
        0 => None,
        length if length > LONGEST => Some(format!("{length} bytes {:032x}", fnv(guid.as_bytes()))),
        _ => Some(guid),
    }
}

/// A hash that is the same in every version (FNV-1a, 128 bits).
fn fnv(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

/// A link without what changes between two sights of the same article: scheme, `www.`, tracking
/// parameters and the order of the others, fragments (unless they are the page's routes), a trailing slash (surge.md R11).
pub fn canonical_link(link: &str) -> String {
    let (link, fragment) = link.split_once('#').unwrap_or((link, ""));
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, tail) = path.split_once('/').unwrap_or((path, ""));
    let host = host.to_lowercase();
    let host = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443")).unwrap_or(&host);
    let mut canonical = host.strip_prefix("www.").unwrap_or(host).to_owned();
    let tail = tail.trim_end_matches('/');
    if !tail.is_empty() {
        canonical.push('/');
        canonical.push_str(tail);
    }
    let mut kept = without_tracking(query);
    kept.sort_unstable();
    if !kept.is_empty() {
        canonical.push('?');
        canonical.push_str(&kept.join("&"));
    }
    if fragment.starts_with(['!', '/']) && fragment.len() > 1 {
        canonical.push('#');
        canonical.push_str(fragment);
    }
    canonical
}

/// Whether a canonical link names one article: an address with a number or a phrase in it, not a home page, a section or a page
/// that goes on telling.
fn is_article(place: &str) -> bool {
    const GO_ON: [&str; 7] = ["live", "liveblog", "live-blog", "live-news", "live-updates", "ticker", "newsticker"];
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let last = parts.last().copied().unwrap_or_default();
    let is_phrase = last.matches(['-', '_', '+']).count() >= 2;
    let in_a_year = parts.iter().any(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit()));
    let goes_on = parts.iter().any(|part| GO_ON.iter().any(|word| part.eq_ignore_ascii_case(word)));
    !goes_on && (has_digit(last) || has_digit(query) || is_phrase || !last.is_empty() && in_a_year)
}

/// The parameters of a query that are no tracking.
fn without_tracking(query: &str) -> Vec<&str> {
    query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect()
}

fn is_tracking(pair: &str) -> bool {
    const BEGINNINGS: [&str; 12] =
        ["utm_", "at_", "mtm_", "pk_", "piwik_", "hsa_", "oly_", "vero_", "mc_", "wt_", "ns_", "_hs"];
    const NAMES: [&str; 36] = [
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "wbraid",
        "gbraid",
        "yclid",
        "msclkid",
        "igshid",
        "twclid",
        "ttclid",
        "srsltid",
        "mkt_tok",
        "traffic_source",
        "cmpid",
        "cmp",
        "icid",
        "ocid",
        "ncid",
        "ref",
        "ref_src",
        "smid",
        "smtyp",
        "partner",
        "emc",
        "ftag",
        "guccounter",
        "xtor",
        "ito",
        "tpcc",
        "s_cid",
        "soc_src",
        "soc_trk",
        "spm",
        "feedtype",
        "feedname",
    ];
    let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) || NAMES.contains(&name.as_str())
}

/// What a title tells, for comparing titles of several feeds: its words without accents, case and signs. `None` where they are too
/// few to tell one story from another. `gathered` is who published it where a feed gathers items of others; its titles end in
/// that name: `… - Reuters`. `place` is its canonical link.
pub fn story(title: &str, gathered: &str, place: Option<&str>) -> Option<Story> {
    story_words(title, gathered, place).map(|words| Story::of(&words))
}

fn story_words(title: &str, gathered: &str, place: Option<&str>) -> Option<String> {
    const FEWEST_WORDS: usize = 5;
    const FEWEST_LETTERS: usize = 20;
    /// Scripts without spaces have a word a sign.
    const MANY_WORDS: usize = 10;
    let by_google = place.is_some_and(|place| place.starts_with("news.google.com/"));
    let title = match title.rsplit_once(" - ") {
        Some((words, name)) if by_google || !gathered.is_empty() && name.trim() == gathered.trim() => words,
        _ => title,
    };
    let plain = without_accents(title);
    let words: Vec<&str> = plain.unicode_words().collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let enough = words.len() >= FEWEST_WORDS && letters >= FEWEST_LETTERS || words.len() >= MANY_WORDS;
    enough.then(|| words.join(" "))
}

/// A text in lower case without accents, typographic signs as those of a typewriter: most titles are ASCII then.
fn without_accents(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{2013}' | '\u{2014}' | '\u{201c}'..='\u{201e}' | '«' | '»' => plain.push(' '),
            _ if c.is_ascii() => plain.push(c.to_ascii_lowercase()),
            _ => decompose_compatible(c, |part| {
                if !is_combining_mark(part) {
                    plain.push(part);
                }
            }),
        }
    }
    if plain.is_ascii() {
        plain.make_ascii_lowercase();
        return plain;
    }
    plain.to_lowercase()
}

/// A language as feeds write it, as a BCP 47 tag in lower case: `en_US` is `en-us`, `English` is `en`.
pub fn language(text: &str) -> Option<Printable> {
    const NAMES: [(&str, &str); 20] = [
        ("arabic", "ar"),
        ("bengali", "bn"),
        ("chinese", "zh"),
        ("dutch", "nl"),
        ("english", "en"),
        ("french", "fr"),
        ("german", "de"),
        ("greek", "el"),
        ("hindi", "hi"),
        ("italian", "it"),
        ("japanese", "ja"),
        ("korean", "ko"),
        ("persian", "fa"),
        ("polish", "pl"),
        ("portuguese", "pt"),
        ("romanian", "ro"),
        ("russian", "ru"),
        ("spanish", "es"),
        ("turkish", "tr"),
        ("ukrainian", "uk"),
    ];
    let tag = text.trim().replace('_', "-").to_ascii_lowercase();
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == tag) {
        return Some(Printable::clean(code));
    }
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_tag = tag.len() <= 35
        && matches!(first.len(), 2 | 3)
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    is_tag.then(|| Printable::clean(&tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_does_not_make_another_article() {
        let plain = canonical_link("https://www.bbc.co.uk/news/articles/c1");
        for same in [
            "http://bbc.co.uk/news/articles/c1/",
            "https://www.BBC.co.uk:443/news/articles/c1?at_medium=RSS&at_campaign=rss#0",
            "https://www.bbc.co.uk/news/articles/c1?utm_source=x&FBCLID=1&CMP=share#comments",
        ] {
            assert_eq!(canonical_link(same), plain, "{same}");
        }
        for other in [
            "https://www.bbc.co.uk/news/articles/c1?id=2",
            "https://www.bbc.co.uk/news/articles/c1#!/2",
            "https://www.bbc.co.uk/news/articles/c1#/2",
        ] {
            assert_ne!(canonical_link(other), plain, "{other}");
        }
        assert_eq!(canonical_link("https://a.org/?b=2&a=1"), canonical_link("https://a.org?a=1&b=2"));
        assert_eq!(canonical_link(""), "");
    }

    #[test]
    fn guids_are_one_line_and_do_not_count_edits() {
        for (guid, canonical) in [
            (" a\n b ", Some("a b")),
            ("", None),
            ("https://a.org/1#0", Some("https://a.org/1")),
            ("https://a.org/1#12", Some("https://a.org/1")),
            ("https://a.org/live#post-12", Some("https://a.org/live#post-12")),
            ("https://a.org/?p=3&utm_source=rss", Some("https://a.org/?p=3")),
            ("tag:a.org,2022:1#0", Some("tag:a.org,2022:1#0")),
        ] {
            assert_eq!(canonical_guid(guid).as_deref(), canonical, "{guid:?}");
        }
        let long = "x".repeat(1_000_000);
        assert!(canonical_guid(&long).unwrap().len() < 60);
        assert_ne!(canonical_guid(&long), canonical_guid(&long.replace("xxy", "yxx").replacen('x', "y", 1)));
    }

    #[test]
    fn an_item_always_has_a_name() {
        let feed = FeedId::new("f");
        let names = |guid, place, published| {
            let names = Names { feed: &feed, guid, place, place_is_once: true, title: "T", published };
            names.aliases()
        };
        assert_eq!(names(Some("g"), Some("a.org/b"), None), ["guid f g", "link a.org/b t"].map(Name::of));
        assert_eq!(names(None, Some(""), None), ["title f undated t"].map(Name::of));
        let dated = names(None, Some("a.org/news/1"), Some(Timestamp::UNIX_EPOCH));
        let expected = ["link a.org/news/1 t", "dated a.org/news/1 1970-01-01T00:00:00Z", "place a.org/news/1"];
        assert_eq!(dated, expected.map(Name::of));
        let kinds = [NameKind::Link, NameKind::Dated, NameKind::Place];
        assert!(dated.iter().map(|name| name.kind).eq(kinds), "{dated:?}");
    }

    #[test]
    fn addresses_of_articles() {
        for (place, article) in [
            ("a.org", false),
            ("a.org/world", false),
            ("a.org/world/live/2022-05-23-border", false),
            ("a.org/news/articles/c1", true),
            ("a.org/a-word-with-others", true),
            ("a.org/2022/05/ukraine", true),
            ("a.org/2022/05", true),
            ("a.org?p=12", true),
            ("a.org/alerts/az", false),
        ] {
            assert_eq!(is_article(place), article, "{place}");
        }
    }

    #[test]
    fn titles_of_one_story_are_alike() {
        let google = Some("news.google.com/rss/articles/CBM1?oc=5");
        let ours = story_words("Panamá: 13,425 people cross the Darién in a month", "", None);
        assert_eq!(ours.as_deref(), Some("panama 13,425 people cross the darien in a month"));
        for (title, gathered, link) in [
            ("PANAMA: 13,425 people cross the Darien, in a month", "", None),
            ("Panama: 13,425 people cross the Darien in a month - The Herald", "The Herald", None),
            ("Panama: 13,425 people cross the Darien in a month - The Herald", "", google),
        ] {
            assert_eq!(story_words(title, gathered, link), ours, "{title}");
        }
        let its = story_words("It's the “Darien Gap” – again", "", None);
        assert_eq!(story_words("It’s the \"Darién Gap\" - again", "", None), its);
        assert_eq!(its.as_deref(), Some("it's the darien gap again"));
        assert_eq!(
            story_words("Έλληνες και Σύριοι φτάνουν στους νησιούς", "", None).as_deref(),
            Some("ελληνες και συριοι φτανουν στους νησιους")
        );
        assert_eq!(story_words("Daily briefing - Reuters", "Reuters", None), None);
        assert_eq!(story_words("Live: the war in UK", "", None), None);
        assert!(story_words("移民數量在過去一年大幅上升", "", None).is_some());
    }

    #[test]
    fn languages_as_feeds_write_them() {
        for (text, tag) in [("en_US", "en-us"), (" DE ", "de"), ("English", "en"), ("zh-Hant-HK", "zh-hant-hk")] {
            assert_eq!(language(text).unwrap().as_str(), tag, "{text}");
        }
        for text in ["", "Klingon", "e", "en-", "en us", "<b>", "12"] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
