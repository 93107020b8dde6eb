//! OPML, in which readers of news hand their lists of feeds to one another: read leniently, written plainly.

use crate::domain::text::Printable;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::borrow::Cow;
use std::collections::BTreeSet;
use url::Url;

/// A feed of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What the list calls it; its address where it says nothing.
    pub title: Printable,
    /// Where it is: http or https only.
    pub url: Url,
    /// The folders in which it stands, outermost first.
    pub groups: Vec<Printable>,
}

/// An entry that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which: its title, or its number in the document.
    pub what: Printable,
    /// Why.
    pub why: Printable,
}

/// A list as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlines {
    /// Its feeds, each address once, in the document's order.
    pub feeds: Vec<Subscription>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// Whether it is damaged or ends in the middle, so that there may have been more in it.
    pub is_cut: bool,
}

/// Why a list could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no OPML: {found}; export the list from the other program again, as OPML")]
pub struct OpmlError {
    /// What it is instead.
    pub found: Printable,
}

/// The most feeds of a list.
const MOST: usize = 5_000;
/// The most skipped entries that are named.
const MOST_SKIPPED: usize = 100;
/// The deepest folder that is kept.
const DEEPEST: usize = 8;

/// Reads a list. A damaged one gives what stands before the damage, told in `skipped`. Entities are never expanded.
pub fn read(bytes: &[u8]) -> Result<Outlines, OpmlError> {
    let text = super::charset::text(bytes, &super::charset::Said::default()).text;
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_dangling_amp = true;
    let mut list = List::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => list.open(&tag, false),
            Ok(Event::Empty(tag)) => list.open(&tag, true),
            Ok(Event::End(tag)) if tag.name().as_ref().eq_ignore_ascii_case("outline") => list.close(),
            Ok(Event::End(tag)) if tag.name().as_ref().eq_ignore_ascii_case("opml") => list.is_closed = true,
            Ok(Event::Eof) if list.is_closed => break,
            Ok(Event::Eof) => {
                list.cut("it ends in the middle");
                break;
            }
            Ok(_) => {}
            Err(error) => {
                list.cut(&format!("it is damaged: {error}"));
                break;
            }
        }
    }
    if list.is_opml { Ok(list.found) } else { Err(OpmlError { found: Printable::clean(&super::glance::say(&text)) }) }
}

/// Writes a list as OPML 2.0. Feeds of the same first group stand in one folder.
pub fn write(title: &str, feeds: &[Subscription]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    write_to(&mut writer, title, feeds).expect("writing to memory does not fail");
    let mut text = String::from_utf8(writer.into_inner()).expect("the texts are UTF-8, and so is what stands between");
    text.push('\n');
    text
}

fn write_to(writer: &mut Writer<Vec<u8>>, title: &str, feeds: &[Subscription]) -> std::io::Result<()> {
    let group = |feed: &Subscription| feed.groups.first().cloned();
    let mut groups: Vec<Option<Printable>> = Vec::new();
    let mut seen = BTreeSet::new();
    groups.extend(feeds.iter().map(group).filter(|group| seen.insert(group.clone())));
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    writer.write_event(Event::Start(BytesStart::new("head")))?;
    writer.create_element("title").write_text_content(BytesText::new(Printable::clean(title).as_str()))?;
    writer.write_event(Event::End(BytesEnd::new("head")))?;
    writer.write_event(Event::Start(BytesStart::new("body")))?;
    for name in groups {
        let inside = feeds.iter().filter(|feed| group(feed) == name);
        if let Some(name) = &name {
            let folder =
                BytesStart::new("outline").with_attributes([("text", name.as_str()), ("title", name.as_str())]);
            writer.write_event(Event::Start(folder))?;
        }
        for feed in inside {
            let outline = BytesStart::new("outline").with_attributes([
                ("type", "rss"),
                ("text", feed.title.as_str()),
                ("title", feed.title.as_str()),
                ("xmlUrl", feed.url.as_str()),
            ]);
            writer.write_event(Event::Empty(outline))?;
        }
        if name.is_some() {
            writer.write_event(Event::End(BytesEnd::new("outline")))?;
        }
    }
    writer.write_event(Event::End(BytesEnd::new("body")))?;
    writer.write_event(Event::End(BytesEnd::new("opml")))
}

/// A list under way.
#[derive(Default)]
struct List {
    is_opml: bool,
    found: Outlines,
    /// Whether its last tag has come.
    is_closed: bool,
    /// Of each outline that is open: the folder's name, `None` for a feed.
    open: Vec<Option<Printable>>,
    /// Outlines that are open beyond what is kept.
    deeper: usize,
    number: usize,
    addresses: BTreeSet<String>,
}

impl List {
    fn open(&mut self, tag: &BytesStart<'_>, ends: bool) {
        let name = tag.name();
        let name = name.as_ref();
        if name.eq_ignore_ascii_case("opml") || name.eq_ignore_ascii_case("outline") {
            self.is_opml = true;
            self.is_closed = ends && name.eq_ignore_ascii_case("opml");
        }
        if !name.eq_ignore_ascii_case("outline") {
            return;
        }
        self.number += 1;
        let kind = attribute(tag, &["type"]).unwrap_or_default();
        let names_a_feed = ["rss", "atom", "feed"].iter().any(|feed| kind.trim().eq_ignore_ascii_case(feed));
        let linked = attribute(tag, &["url"]);
        let address = attribute(tag, &["xmlUrl"]).or_else(|| linked.clone().filter(|_| names_a_feed));
        let title = attribute(tag, &["title", "text"]).map(|title| Printable::clean(&title));
        let title = title.filter(|title| !title.is_empty());
        let folder = match &address {
            Some(address) => {
                self.feed(title, address);
                None
            }
            None => {
                let what = title.as_ref().map_or_else(|| format!("outline {}", self.number), ToString::to_string);
                if linked.is_some() {
                    self.skip(&what, "it is a link to a page and no feed (it has no `xmlUrl`)");
                } else if ends {
                    self.skip(&what, "it has no address (`xmlUrl`) and holds no feeds");
                }
                title
            }
        };
        if ends {
            return;
        }
        if self.open.len() < DEEPEST {
            self.open.push(folder);
        } else {
            self.deeper += 1;
        }
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
        }
    }

    fn feed(&mut self, title: Option<Printable>, address: &str) {
        let address = address.trim();
        let what = title.as_ref().map_or_else(|| format!("outline {}", self.number), ToString::to_string);
        let Ok(url) = Url::parse(&of_the_web(address)) else {
            return self.skip(&what, "its address is none");
        };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return self
                .skip(&what, &format!("its address begins with {}:, only http and https are read", url.scheme()));
        }
        if self.found.feeds.len() >= MOST {
            return self.skip(&what, &format!("the list is too long: the first {MOST} were taken"));
        }
        if !self.addresses.insert(url.to_string()) {
            return self.skip(&what, "its address stands in the list already");
        }
        let groups = self.open.iter().flatten().cloned().collect();
        let title = title.unwrap_or_else(|| Printable::clean(url.as_str()));
        self.found.feeds.push(Subscription { title, url, groups });
    }

    /// The rest of it cannot be read: said beside however much else was left out.
    fn cut(&mut self, why: &str) {
        self.found.is_cut = true;
        self.found.skipped.push(Skipped { what: Printable::clean("the rest of the list"), why: Printable::clean(why) });
    }

    fn skip(&mut self, what: &str, why: &str) {
        if self.found.skipped.len() < MOST_SKIPPED {
            self.found.skipped.push(Skipped { what: Printable::clean(what), why: Printable::clean(why) });
        }
    }
}

/// An address with the scheme by which it is fetched: `feed:` only tells a browser to hand it on.
fn of_the_web(address: &str) -> Cow<'_, str> {
    let scheme = address.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("feed:"));
    let Some(rest) = scheme.and_then(|scheme| address.get(scheme.len()..)) else { return address.into() };
    let rest = rest.trim_start_matches('/');
    let says_itself = ["http://", "https://"]
        .iter()
        .any(|scheme| rest.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme)));
    if says_itself { rest.into() } else { format!("http://{rest}").into() }
}

/// The first of the attributes that says something, whatever the case of its name. HTML's names of characters and the numbers
/// are decoded; what else begins with `&` stays as it stands.
fn attribute(tag: &BytesStart<'_>, names: &[&str]) -> Option<String> {
    let find = |name: &str| {
        let mut all = tag.html_attributes();
        all.with_checks(false);
        let mut found = all.flatten().filter(|attribute| attribute.key.as_ref().eq_ignore_ascii_case(name));
        found.next().map(|attribute| super::markup::unescape(&attribute.value).into_owned())
    };
    names.iter().filter_map(|name| find(name)).find(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(list: &Outlines) -> Vec<String> {
        let groups = |feed: &Subscription| feed.groups.iter().map(Printable::as_str).collect::<Vec<_>>().join("/");
        list.feeds.iter().map(|feed| format!("{}|{}|{}", groups(feed), feed.title, feed.url)).collect()
    }

    fn reasons(list: &Outlines) -> Vec<String> {
        list.skipped.iter().map(|skipped| format!("{}: {}", skipped.what, skipped.why)).collect()
    }

    #[test]
    fn folders_become_groups_and_what_is_skipped_is_told() {
        let list = read(
            "\u{feff}<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>
            <opml version='1.1'><head><title>Mine</title></head><body>
            <outline text='World'><outline TEXT='Deep'>
              <outline type='rss' text='A &amp; B &eacute; &b;' xmlUrl='https://a.org/rss?x=1&amp;y=2' htmlUrl='https://a.org'/></outline>
              <outline text='C' title='See' xmlurl='http://c.org/feed'></outline></outline>
            <outline xmlUrl=' https://d.org/ '/>
            <outline text='again' xmlUrl='https://d.org/'/><outline text='Folder of nothing'/>
            <outline text='local' xmlUrl='file:///etc/passwd'/><outline text='odd' xmlUrl='::'/>
            </body></opml>"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(
            lines(&list),
            [
                "World/Deep|A & B é &b;|https://a.org/rss?x=1&y=2",
                "World|See|http://c.org/feed",
                "|https://d.org/|https://d.org/",
            ]
        );
        assert_eq!(
            reasons(&list),
            [
                "again: its address stands in the list already",
                "Folder of nothing: it has no address (`xmlUrl`) and holds no feeds",
                "local: its address begins with file:, only http and https are read",
                "odd: its address is none",
            ]
        );
    }

    #[test]
    fn a_link_is_no_feed_and_the_scheme_of_feeds_is_http() {
        let list = read(
            b"<opml><body><outline text='page' type='link' url='https://a.org/'/><outline text='bare' url='https://b.org/'/>
            <outline text='linked folder' type='include' url='https://i.org/'><outline text='in' xmlUrl='https://c.org/rss'/></outline>
            <outline text='d' type='RSS' url='https://d.org/rss'/><outline text='e' type='atom' url='https://e.org/atom'/>
            <outline text='f' type='link' url='https://f.org/' xmlUrl='feed://f.org/rss'/>
            <outline text='g' xmlUrl='feed:https://g.org/rss'/><outline text='h' xmlUrl='FEED:h.org/rss'/></body></opml>",
        )
        .unwrap();
        assert_eq!(
            lines(&list),
            [
                "linked folder|in|https://c.org/rss",
                "|d|https://d.org/rss",
                "|e|https://e.org/atom",
                "|f|http://f.org/rss",
                "|g|https://g.org/rss",
                "|h|http://h.org/rss",
            ]
        );
        let no_feed = "it is a link to a page and no feed (it has no `xmlUrl`)";
        assert_eq!(reasons(&list), ["page", "bare", "linked folder"].map(|what| format!("{what}: {no_feed}")));
    }

    #[test]
    fn damage_costs_what_follows_and_other_documents_are_refused() {
        let cut = read(b"<opml><body><outline text='a & b' xmlUrl='https://a.org/'/><outline text='c' xmlUr").unwrap();
        assert_eq!(lines(&cut), ["|a & b|https://a.org/"]);
        assert!(reasons(&cut)[0].starts_with("the rest of the list: it is damaged"), "{cut:?}");
        assert!(cut.is_cut);
        // Between two entries nothing but the end is missing.
        let cut = read(b"<opml><body><outline text='a' xmlUrl='https://a.org/'/>").unwrap();
        assert_eq!((cut.is_cut, cut.feeds.len()), (true, 1));
        assert_eq!(reasons(&cut), ["the rest of the list: it ends in the middle"]);
        for whole in ["<opml/>", "<opml><body><outline xmlUrl='https://a.org/'/></body></opml>\n<!-- end -->"] {
            assert!(!read(whole.as_bytes()).unwrap().is_cut, "{whole}");
        }
        for (body, phrase) in [
            ("<!doctype html><title>Log in</title>", "a web page titled \"Log in\""),
            ("", "it is empty"),
            ("{}", "JSON"),
        ] {
            let error = read(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
        }
    }

    #[test]
    fn no_list_takes_long() {
        for part in
            ["<outline text='a'>", "</outline>", "<outline xmlUrl='https://a.org'/>", "<outline a='1' ", "&", "<"]
        {
            let text = format!("<opml>{}", part.repeat(1_000_000 / part.len()));
            assert!(read(text.as_bytes()).unwrap().skipped.len() <= MOST_SKIPPED + 1);
        }
        let attributes: String = (0..50_000).map(|number| format!("a{number}='x' ")).collect();
        let text = format!("<opml><outline {attributes} xmlUrl='https://a.org/'/></opml>");
        assert_eq!(read(text.as_bytes()).unwrap().feeds.len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(names in prop::collection::vec((".{1,20}", prop::option::of("[A-C]")), 0..8)) {
            let feeds: Vec<Subscription> = names.iter().enumerate().map(|(number, (title, group))| Subscription {
                title: Printable::clean(&format!("t {title}")),
                url: Url::parse(&format!("https://example.org/{number}?a=1&b=%22'")).unwrap(),
                groups: group.iter().map(|group| Printable::clean(group)).collect(),
            }).collect();
            let list = read(write("A \"list\" & more", &feeds).as_bytes()).unwrap();
            prop_assert_eq!(&list.skipped, &[]);
            prop_assert_eq!(list.feeds.len(), feeds.len());
            prop_assert!(feeds.iter().all(|feed| list.feeds.contains(feed)), "{:?} {:?}", feeds, list.feeds);
        }

        #[test]
        fn no_bytes_panic(text in "(<opml>|<outline |xmlUrl=|'|\"|>|/>|</outline>|http://a|&|;|é){0,30}", bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = read(text.as_bytes());
            let _ = read(&bytes);
        }
    }
}
