//! RSS of every version, Atom and RDF, read piece by piece: what is broken costs what stands there, and is told. An item is whole
//! when its closing tag came, or the next item.

use super::raw::{Raw, RawItem, Text};
use super::scan::{Piece, Scanner, Tag};
use crate::feeds::markup::unescape;
use std::borrow::Cow;

/// The deepest nesting within an item that is followed.
const DEEPEST: usize = 64;
/// The most prefixes of one feed.
const MOST_PREFIXES: usize = 64;

/// Reads a feed; `Err` says which element stands where a feed's should.
pub fn read(text: &str) -> Result<Raw<'_>, String> {
    let mut reader = Reader {
        scanner: Scanner::new(text),
        prefixes: Vec::new(),
        feed: Raw::default(),
        strays: 0,
        unended: 0,
        item: 0,
        passes: true,
    };
    if reader.root()? {
        reader.feed();
    }
    Ok(reader.told())
}

/// What a prefix stands for, as far as anybody here cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    /// The feed's own.
    Own,
    Dublin,
    Content,
    FeedBurner,
    Other,
}

/// What is read of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Link,
    Id,
    Published,
    Date,
    Updated,
    Summary,
    Content,
    Language,
    Source,
    /// The article's own address, where the link goes through a counter.
    Original,
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    prefixes: Vec<(&'a str, Space)>,
    feed: Raw<'a>,
    /// Closing tags that close nothing.
    strays: usize,
    /// Items that were not closed before the next one.
    unended: usize,
    /// The number of the item that is being read.
    item: usize,
    /// Whether elements may be gone past: once one never ended, nobody looks for another's end.
    passes: bool,
}

impl<'a> Reader<'a> {
    /// Goes to the element that holds the feed; says whether more than one item may be in it.
    fn root(&mut self) -> Result<bool, String> {
        let mut first = None;
        while let Some(piece) = self.scanner.next() {
            let Piece::Open(tag) = piece else { continue };
            let local = local(tag.name);
            let is_entry = local.eq_ignore_ascii_case("entry");
            if is_entry || is_root(local) && !local.eq_ignore_ascii_case("channel") {
                self.learn(&tag);
                if let (Some((prefix, _)), false) = (tag.name.split_once(':'), local.eq_ignore_ascii_case("rdf")) {
                    self.prefixes.push((prefix, Space::Own));
                }
                if is_entry {
                    self.take_item(&tag);
                }
                return Ok(!is_entry);
            }
            if local.eq_ignore_ascii_case("html") {
                return Err("it is a web page".to_owned());
            }
            first = first.or(Some(tag.name));
        }
        Err(first.map_or_else(|| "no element is in it".to_owned(), |name| format!("<{name}> is no feed")))
    }

    /// What stands around the items.
    fn feed(&mut self) {
        let mut ended = false;
        while let Some(piece) = self.scanner.next() {
            match piece {
                Piece::Open(tag) if is_item(local(tag.name)) && self.space(tag.name) == Space::Own => {
                    self.take_item(&tag);
                }
                Piece::Open(tag) => self.about_feed(&tag),
                Piece::Close(name) => ended |= is_root(local(name)) && !local(name).eq_ignore_ascii_case("channel"),
                Piece::Text(_) | Piece::Literal(_) => {}
            }
        }
        if !ended && self.feed.lost.is_none() {
            self.feed.lost = Some("it ends before its end: later items may be missing".to_owned());
        }
    }

    fn about_feed(&mut self, tag: &Tag<'a>) {
        let (space, local) = (self.space(tag.name), local(tag.name));
        let is = |name: &str| local.eq_ignore_ascii_case(name);
        if is("channel") {
            self.learn(tag);
        } else if is("image") || is("textinput") || is("author") {
            // They have titles and links of their own.
            self.pass(tag);
        } else if is("language") && matches!(space, Space::Own | Space::Dublin) && self.feed.language.is_none() {
            let language = self.content(tag, Field::Language, false);
            self.feed.language =
                Some(language.decoded().trim().to_owned().into()).filter(|text: &Cow<'_, str>| !text.is_empty());
        } else if is("link") && space == Space::Own && self.feed.site.is_none() {
            self.feed.site = match tag.attribute("href") {
                Some(href) if is_alternate(tag) => Some(unescape(href)),
                Some(_) => None,
                None => Some(self.content(tag, Field::Link, false).decoded().trim().to_owned().into()),
            };
        }
    }

    /// Goes past an element, unless it never ends or items follow in it.
    fn pass(&mut self, tag: &Tag<'a>) {
        if tag.ends || !self.passes {
            return;
        }
        let place = self.scanner.place();
        while let Some(piece) = self.scanner.next() {
            match piece {
                Piece::Close(name) if name == tag.name => return,
                Piece::Open(inner) if is_item(local(inner.name)) => break,
                _ => {}
            }
        }
        self.passes = false;
        self.scanner.back_to(place);
    }

    /// An item: read by the rules, and where its elements do not fit together, a second time without minding how they nest.
    fn take_item(&mut self, tag: &Tag<'a>) {
        self.item += 1;
        self.learn(tag);
        if tag.ends {
            self.feed.items.push(RawItem::default());
            return;
        }
        let (place, strays) = (self.scanner.place(), self.strays);
        let mut read = self.fields(tag, false);
        if !read.fits {
            let end = self.scanner.place();
            let found = std::mem::replace(&mut self.strays, strays);
            self.scanner.back_to(place);
            let again = self.fields(tag, true);
            // What is not closed is as much a fault as what is closed twice.
            self.strays = found.max(strays + 1);
            if again.end == End::Cut && read.end != End::Cut {
                self.scanner.back_to(end);
            } else {
                read = again;
            }
        }
        match read.end {
            End::Closed => self.feed.items.push(read.item),
            End::Next => {
                self.unended += 1;
                self.feed.items.push(read.item);
            }
            End::Cut => {
                let number = self.item;
                self.feed.lost = Some(format!("it ends in the middle of item {number}, which was left out"));
            }
        }
    }

    /// Reads what stands in an item.
    fn fields(&mut self, tag: &Tag<'a>, leniently: bool) -> Fields<'a> {
        let mut item = RawItem {
            language: tag.attribute("xml:lang").map(unescape),
            base: tag.attribute("xml:base").map(unescape),
            id: tag.attribute("rdf:about").map_or(Text::None, Text::Encoded),
            ..RawItem::default()
        };
        let mut open: Vec<&str> = Vec::new();
        let (mut deeper, mut fits) = (0_usize, true);
        let mut link = Link::default();
        loop {
            let place = self.scanner.place();
            let Some(piece) = self.scanner.next() else {
                return Fields { item, end: End::Cut, fits: true };
            };
            match piece {
                Piece::Open(inner) if is_item(local(inner.name)) && self.space(inner.name) == Space::Own => {
                    self.scanner.back_to(place);
                    item.link = link.chosen;
                    return Fields { item, end: End::Next, fits: fits && open.is_empty() };
                }
                Piece::Open(inner) => {
                    let field = self.field(inner.name).filter(|_| open.is_empty());
                    match field {
                        Some(field) => {
                            let strays = self.strays;
                            let text = self.content(&inner, field, leniently);
                            fits &= self.strays == strays;
                            put(&mut item, &mut link, field, text, &inner);
                        }
                        None if inner.ends || leniently && !holds_others(local(inner.name)) => {}
                        None if open.len() < DEEPEST => open.push(inner.name),
                        None => deeper += 1,
                    }
                }
                Piece::Close(name)
                    if name == tag.name || is_item(local(name)) && name.eq_ignore_ascii_case(tag.name) =>
                {
                    item.link = link.chosen;
                    return Fields { item, end: End::Closed, fits: fits && open.is_empty() };
                }
                Piece::Close(name) if is_root(local(name)) && self.space(name) == Space::Own => {
                    self.scanner.back_to(place);
                    item.link = link.chosen;
                    return Fields { item, end: End::Next, fits: fits && open.is_empty() };
                }
                Piece::Close(_) if deeper > 0 => deeper -= 1,
                Piece::Close(name) => match open.iter().rposition(|known| *known == name) {
                    Some(at) => open.truncate(at),
                    // Nobody noted what was opened.
                    None if leniently => {}
                    None => {
                        self.strays += 1;
                        fits = false;
                    }
                },
                Piece::Text(_) | Piece::Literal(_) => {}
            }
        }
    }

    /// What stands in an element up to its closing tag. A short text ends as well where another part of the item begins, and
    /// where a tag closes that was not opened in it; leniently, a long one does the first.
    fn content(&mut self, tag: &Tag<'a>, field: Field, leniently: bool) -> Text<'a> {
        if tag.ends {
            return Text::None;
        }
        let is_long = matches!(field, Field::Summary | Field::Content | Field::Source);
        let from = self.scanner.place();
        let mut content = Content::Nothing;
        let (mut same, mut nested) = (0_usize, 0_usize);
        let until = loop {
            let place = self.scanner.place();
            match self.scanner.next() {
                None => break place,
                Some(Piece::Text(text)) => content.add(text, false),
                Some(Piece::Literal(text)) => content.add(text, true),
                Some(Piece::Close(name)) if name.eq_ignore_ascii_case(tag.name) => {
                    if same == 0 {
                        break place;
                    }
                    same -= 1;
                }
                Some(Piece::Close(name)) if is_item(local(name)) || is_root(local(name)) => {
                    self.scanner.back_to(place);
                    self.strays += 1;
                    break place;
                }
                Some(Piece::Close(_)) if nested == 0 && !is_long => {
                    self.strays += 1;
                    break place;
                }
                Some(Piece::Close(_)) => {
                    nested = nested.saturating_sub(1);
                    content = Content::Markup;
                }
                Some(Piece::Open(inner)) => {
                    let may_start = !is_long || leniently && field != Field::Source;
                    let starts_other = may_start && self.field(inner.name).is_some_and(|other| other != field);
                    if starts_other || is_item(local(inner.name)) && self.space(inner.name) == Space::Own {
                        self.scanner.back_to(place);
                        self.strays += 1;
                        break place;
                    }
                    same += usize::from(inner.name.eq_ignore_ascii_case(tag.name) && !inner.ends);
                    nested += usize::from(!inner.ends);
                    content = Content::Markup;
                }
            }
        };
        match content {
            Content::Nothing => Text::None,
            Content::Encoded(text) => Text::Encoded(text),
            Content::Literal(text) => Text::of(text),
            Content::Several(text) => Text::of(text),
            Content::Markup => Text::Markup(without_sections(self.scanner.between(from, until))),
        }
    }

    fn field(&self, name: &str) -> Option<Field> {
        let space = self.space(name);
        let local = local(name);
        let is = |name: &str| local.eq_ignore_ascii_case(name);
        let field = match space {
            Space::Own => match local.len() {
                2 if is("id") => Field::Id,
                4 if is("guid") => Field::Id,
                4 if is("link") => Field::Link,
                4 if is("date") => Field::Date,
                5 if is("title") => Field::Title,
                6 if is("issued") => Field::Published,
                6 if is("source") => Field::Source,
                7 if is("pubdate") => Field::Published,
                7 if is("updated") => Field::Updated,
                7 if is("created") => Field::Date,
                7 if is("summary") => Field::Summary,
                7 if is("content") => Field::Content,
                8 if is("modified") => Field::Updated,
                9 if is("published") => Field::Published,
                11 if is("description") => Field::Summary,
                _ => return None,
            },
            Space::Dublin if is("date") || is("issued") || is("created") => Field::Date,
            Space::Dublin if is("modified") => Field::Updated,
            Space::Dublin if is("language") => Field::Language,
            Space::Content if is("encoded") => Field::Content,
            Space::FeedBurner if is("origlink") => Field::Original,
            _ => return None,
        };
        Some(field)
    }

    fn space(&self, name: &str) -> Space {
        let Some((prefix, _)) = name.split_once(':') else { return Space::Own };
        let declared = self.prefixes.iter().rev().find(|(known, _)| *known == prefix);
        declared.map_or_else(|| usual(prefix), |(_, space)| *space)
    }

    /// What a tag says of prefixes, language and base.
    fn learn(&mut self, tag: &Tag<'a>) {
        for (name, value) in tag.attributes() {
            let Some(prefix) = name.strip_prefix("xmlns:") else { continue };
            if let Some((_, space)) = self.prefixes.iter_mut().find(|(known, _)| *known == prefix) {
                *space = meaning(value);
            } else if self.prefixes.len() < MOST_PREFIXES {
                self.prefixes.push((prefix, meaning(value)));
            }
        }
        if self.item == 0 {
            self.feed.language = self.feed.language.take().or_else(|| tag.attribute("xml:lang").map(unescape));
            self.feed.base = self.feed.base.take().or_else(|| tag.attribute("xml:base").map(unescape));
        }
    }

    fn told(mut self) -> Raw<'a> {
        let counted = [
            (self.scanner.ampersands, "bare \"&\""),
            (self.scanner.angles, "bare \"<\""),
            (self.strays, "closing tags that do not fit"),
            (self.unended, "items that are not closed"),
        ];
        let told = counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        self.feed.faults.extend(told);
        self.feed
    }
}

/// An item as it was read.
struct Fields<'a> {
    item: RawItem<'a>,
    end: End,
    /// Whether every element in it was closed, and none that was not open.
    fits: bool,
}

/// Where an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// At its closing tag.
    Closed,
    /// Where the next one begins.
    Next,
    /// With the document.
    Cut,
}

/// The content of an element as it grows.
enum Content<'a> {
    Nothing,
    Encoded(&'a str),
    Literal(&'a str),
    Several(String),
    /// There are tags in it: the whole of it counts as it stands.
    Markup,
}

impl<'a> Content<'a> {
    fn add(&mut self, text: &'a str, literal: bool) {
        let decoded = |text: &'a str, literal: bool| if literal { Cow::Borrowed(text) } else { unescape(text) };
        let blank = text.trim().is_empty();
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Markup => Self::Markup,
            Self::Nothing if blank => Self::Nothing,
            Self::Nothing if literal => Self::Literal(text),
            Self::Nothing => Self::Encoded(text),
            Self::Encoded(before) if blank => Self::Encoded(before),
            Self::Literal(before) if blank => Self::Literal(before),
            Self::Encoded(before) => Self::Several(decoded(before, false).into_owned() + &decoded(text, literal)),
            Self::Literal(before) => Self::Several(before.to_owned() + &decoded(text, literal)),
            Self::Several(mut all) => {
                all.push_str(&decoded(text, literal));
                Self::Several(all)
            }
        };
    }
}

/// The best link of an item so far.
#[derive(Default)]
struct Link<'a> {
    chosen: Text<'a>,
    rank: u8,
}

fn put<'a>(item: &mut RawItem<'a>, link: &mut Link<'a>, field: Field, text: Text<'a>, tag: &Tag<'a>) {
    let first = |place: &mut Text<'a>, text: Text<'a>| {
        if place.is_blank() {
            *place = text;
        }
    };
    match field {
        Field::Title => first(&mut item.title, text),
        Field::Id => first(&mut item.id, text),
        Field::Published if item.published[0].is_blank() => item.published[0] = text,
        Field::Published | Field::Date => first(&mut item.published[1], text),
        Field::Updated => first(&mut item.updated, text),
        Field::Summary => first(&mut item.summary, text),
        Field::Content => first(&mut item.content, text),
        Field::Source => first(&mut item.source, text),
        Field::Language => {
            let language = text.decoded().trim().to_owned();
            item.language = item.language.take().or(Some(language.into()));
        }
        Field::Link | Field::Original => {
            let (text, rank) = match tag.attribute("href").filter(|_| field == Field::Link) {
                Some(href) if is_alternate(tag) => (Text::Encoded(href), 1),
                Some(_) => return,
                None => (text, if field == Field::Original { 3 } else { 2 }),
            };
            if rank > link.rank && !text.is_blank() {
                *link = Link { chosen: text, rank };
            }
        }
    }
    if let (Field::Title, Some(language)) = (field, tag.attribute("xml:lang")) {
        item.language = item.language.take().or_else(|| Some(unescape(language)));
    }
}

/// Whether a link of Atom leads to the article.
fn is_alternate(tag: &Tag<'_>) -> bool {
    tag.attribute("rel").is_none_or(|rel| rel.trim().is_empty() || rel.trim().eq_ignore_ascii_case("alternate"))
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// Elements that hold items.
fn is_root(local: &str) -> bool {
    ["rss", "feed", "rdf", "channel"].iter().any(|name| local.eq_ignore_ascii_case(name))
}

fn is_item(local: &str) -> bool {
    local.eq_ignore_ascii_case("item") || local.eq_ignore_ascii_case("entry")
}

/// Elements that have titles, links and dates of their own.
fn holds_others(local: &str) -> bool {
    ["source", "image", "author", "contributor", "group", "textinput", "owner"]
        .iter()
        .any(|name| local.eq_ignore_ascii_case(name))
}

/// What the address of a namespace stands for.
fn meaning(address: &str) -> Space {
    match address.trim().trim_end_matches('/') {
        "http://www.w3.org/2005/Atom"
        | "http://purl.org/atom/ns#"
        | "http://purl.org/rss/1.0"
        | "http://my.netscape.com/rdf/simple/0.9"
        | "http://channel.netscape.com/rdf/simple/0.9"
        | "http://backend.userland.com/rss2"
        | "http://blogs.law.harvard.edu/tech/rss" => Space::Own,
        "http://purl.org/dc/elements/1.1" | "http://purl.org/dc/terms" => Space::Dublin,
        "http://purl.org/rss/1.0/modules/content" => Space::Content,
        "http://rssnamespace.org/feedburner/ext/1.0" => Space::FeedBurner,
        _ => Space::Other,
    }
}

/// What a prefix stands for that nobody declared.
fn usual(prefix: &str) -> Space {
    match prefix.to_ascii_lowercase().as_str() {
        "atom" | "atom10" | "a10" | "rss" => Space::Own,
        "dc" | "dcterms" => Space::Dublin,
        "content" => Space::Content,
        "feedburner" => Space::FeedBurner,
        _ => Space::Other,
    }
}

/// Markup in which CDATA sections became the text that they stand for.
fn without_sections(markup: &str) -> Cow<'_, str> {
    const BEGIN: &str = "<![CDATA[";
    if !markup.contains(BEGIN) {
        return Cow::Borrowed(markup);
    }
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find(BEGIN) {
        out.push_str(&rest[..at]);
        let inside = &rest[at + BEGIN.len()..];
        let (text, after) = inside.split_once("]]>").unwrap_or((inside, ""));
        // Beside tags a section is text, or HTML that somebody put there: either way its tags are read once more later.
        out.push_str(text);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}
