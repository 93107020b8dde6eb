//! Small feeds that show one thing each.

use super::{read, warnings};
use crate::domain::headline::Item;
use crate::domain::text::Printable;

const NEWS: &str = "kind = \"news\"";

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title><link>https://example.org/</link>{items}</channel></rss>"
    )
}

fn items(body: &str) -> Vec<Item> {
    let decoded = read(NEWS, body.as_bytes()).unwrap();
    assert_eq!(warnings(&decoded), Vec::<String>::new(), "{body}");
    decoded.items
}

fn text(part: Option<&Printable>) -> &str {
    part.map_or("", Printable::as_str)
}

#[test]
fn an_item_is_clean_and_has_stable_names() {
    let items = items(&rss(
        "<item><title>Arrivals &amp; <![CDATA[<b>departures</b>\u{1b}[31m]]></title><link>/news/1?utm_source=rss</link><guid>1</guid>
         <pubDate>Tue, 29 Mar 2022 16:02:00 GMT</pubDate>
         <description>&lt;p&gt;It&amp;rsquo;s \u{202e}here&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>",
    ));
    let item = &items[0];
    assert_eq!(item.title.as_str(), "Arrivals & departures[31m");
    assert_eq!(text(item.summary.as_ref()), "It’s here");
    assert_eq!(text(item.link.as_ref()), "https://example.org/news/1?utm_source=rss");
    assert_eq!(item.aliases, ["guid test 1", "link example.org/news/1 arrivals & departures[31m"]);
    assert_eq!((item.published, item.updated), ("2022-03-29T16:02:00Z".parse().ok(), None));
}

#[test]
fn names_where_guids_are_missing_or_stand_twice() {
    let items = items(&rss("<item><title>No guid</title><link>https://www.example.org/news/2</link></item>
         <item><title>Elsewhere</title><link>javascript:alert(1)</link><guid>twice</guid></item>
         <item><title>Again</title><guid>twice</guid><pubDate>soon</pubDate></item>
         <item><title> </title><description>Only a text, and a long one</description><guid>3</guid></item>
         <item><link>https://example.org/only-a-link</link></item>
         <item><title>The guid is the address</title><guid>https://example.org/5</guid></item>"));
    let names: Vec<&[String]> = items.iter().map(|item| item.aliases.as_slice()).collect();
    assert_eq!(
        names,
        [
            &["link example.org/news/2 no guid".to_owned()][..],
            &["title test undated elsewhere".to_owned()],
            &["title test undated again".to_owned()],
            &["guid test 3".to_owned()],
            &["link example.org/only-a-link https://example.org/only-a-link".to_owned()],
            &["guid test https://example.org/5".to_owned(), "link example.org/5 the guid is the address".to_owned()],
        ]
    );
    assert_eq!(items[3].title.as_str(), "Only a text, and a long one");
    assert_eq!(items[1].link, None);
}

#[test]
fn every_format_gives_the_same_item() {
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [
        {"id": "1", "url": "https://example.org/1", "title": "One", "content_text": "x", "date_published": "2022-03-29T16:02:00Z", "date_modified": "2022-03-29T17:00:00Z"}]}"#;
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>t</id><updated>2022-03-29T16:02:00Z</updated>
        <entry><title>One</title><id>1</id><link rel="self" href="https://example.org/self"/><link rel="alternate" href="/1"/>
        <published>2022-03-29T16:02:00Z</published><updated>2022-03-29T17:00:00Z</updated><content type="html">x</content></entry></feed>"#;
    let rdf = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="x"><title>T</title></channel>
        <item rdf:about="1"><title>One</title><link>https://example.org/1</link><description>x</description><dc:date>2022-03-29T16:02:00Z</dc:date></item></rdf:RDF>"#;
    let rss = rss(
        "<item><title>One</title><link>https://example.org/1</link><guid>1</guid><description>x</description><pubDate>29 Mar 2022 16:02 GMT</pubDate></item>",
    );
    let old = rss.replace("2.0", "0.91");
    let named = rss.replace("version", "xmlns=\"http://backend.userland.com/rss2\" version");
    for (body, updated, guid) in [
        (json, true, true),
        (atom, true, true),
        (rdf, false, false),
        (rss.as_str(), false, true),
        (old.as_str(), false, true),
        (named.as_str(), false, true),
    ] {
        let items = items(body);
        let [item] = items.as_slice() else { panic!("{body}") };
        assert_eq!((item.title.as_str(), text(item.summary.as_ref())), ("One", "x"), "{body}");
        assert_eq!(text(item.link.as_ref()), "https://example.org/1", "{body}");
        assert_eq!(item.aliases.iter().any(|alias| alias == "guid test 1"), guid, "{body}");
        assert_eq!(item.aliases.last().unwrap(), "link example.org/1 one", "{body}");
        assert_eq!(item.updated.is_some(), updated, "{body}");
        // RSS 0.9x has no dates.
        assert!(item.published == "2022-03-29T16:02:00Z".parse().ok() || body == old, "{body}");
    }
}

#[test]
fn small_faults_cost_nothing_and_are_told() {
    for (body, what) in [
        (rss("<item><title>A & B</title></item>"), "1 bare \"&\""),
        (rss("<item><title>A & B</title></item>").replace("version=\"2.0\"", ""), "1 bare \"&\", the version of RSS"),
        (rss("<item><title>A &amp; B</title></item>").replace("\"2.0\"", "\"0.94\""), "the version of RSS"),
        (
            r#"{"version": "https://jsonfeed.org/version/1", "title": "T", "items": [{"id": 7, "title": "A & B"}]}"#
                .to_owned(),
            "1 ids that are numbers",
        ),
    ] {
        let decoded = read(NEWS, body.as_bytes()).unwrap();
        assert_eq!(decoded.items[0].title.as_str(), "A & B", "{body}");
        assert!(decoded.warnings[0].what.as_str().contains(what), "{:?}", decoded.warnings);
    }
    let mut latin = rss("<item><title>Caf#</title></item>").into_bytes();
    for byte in &mut latin {
        if *byte == b'#' {
            *byte = 0xe9;
        }
    }
    assert_eq!(read(NEWS, &latin).unwrap().items[0].title.as_str(), "Caf\u{fffd}");
}

#[test]
fn what_stops_the_parser_dead_does_not_stop_us() {
    // The parser cuts the name inside a character; the second is a length beyond its numbers.
    let items = items(&rss(
        "<item><title>One</title><author>Somebody Else—someone@example.org</author></item>
         <item xmlns:media=\"http://search.yahoo.com/mrss/\"><title>Two</title><media:text start=\"99999999999999999999999:00:00\">x</media:text></item>",
    ));
    assert_eq!(items.len(), 2);
    // JSON Feed has people too; there the parser does stop, once, and has them taken from it.
    let json = r#"{"version": "https://jsonfeed.org/version/1", "title": "T", "items": [
        {"id": "7", "title": "A", "author": {"name": "Somebody Else—someone@example.org"}}]}"#;
    let decoded = read(NEWS, json.as_bytes()).unwrap();
    assert_eq!(decoded.items[0].title.as_str(), "A");
    assert!(decoded.warnings[0].what.as_str().contains("stopped dead"), "{:?}", decoded.warnings);
}

#[test]
fn what_is_no_feed_is_told() {
    for (body, phrase) in [
        ("", "it is empty"),
        ("<!doctype html><title>Log in</title>", "it is a web page titled \"Log in\""),
        ("<?xml version=\"1.0\"?><urlset/>", "no root element"),
        ("Please limit requests", "it begins with \"Please limit requests\""),
        ("{\"message\": \"no\"}", "it is JSON"),
        ("<rss version=\"2.0\"><channel><item><title>x", "reading it failed"),
    ] {
        let error = read(NEWS, body.as_bytes()).unwrap_err();
        assert!(error.contains("the reply is no news feed") && error.contains(phrase), "{body}: {error}");
    }
    let empty = read(NEWS, rss("").as_bytes()).unwrap();
    assert_eq!(warnings(&empty), ["the feed: it has no items"]);
    let nothing = read(NEWS, rss("<item><guid>1</guid></item>").as_bytes()).unwrap();
    assert_eq!(warnings(&nothing), ["item 1: it has neither a title nor a text nor a link"]);
}

#[test]
fn of_too_many_items_the_newest_are_read() {
    let item = |number: usize| {
        let (day, hour) = (1 + number / 24 % 28, number % 24);
        let month = ["Jan", "Feb", "Mar", "Apr"][number / 24 / 28];
        format!("<item><title>n{number}</title><pubDate>{day} {month} 2022 {hour}:00 GMT</pubDate></item>")
    };
    // The oldest stand first, as some feeds have it; one has no date.
    let many: String = (0..2_010).map(item).collect();
    let decoded = read(NEWS, rss(&format!("<item><title>undated</title></item>{many}")).as_bytes()).unwrap();
    assert_eq!(decoded.items.len(), 2_000);
    assert_eq!((decoded.items[0].title.as_str(), decoded.items[1_999].title.as_str()), ("n10", "n2009"));
    assert_eq!(warnings(&decoded), ["the feed: 2011 items; the 2000 newest were read"]);
}

#[test]
fn no_feed_takes_long_or_overflows() {
    let deep = |depth: usize| format!("{}x{}", "<b>".repeat(depth), "</b>".repeat(depth));
    let too_deep = rss(&format!("<item><title>t</title>{}</item>", deep(200_000)));
    assert!(read(NEWS, too_deep.as_bytes()).unwrap_err().contains("deeper"));
    let deep = deep(60_000);
    let bodies = [
        rss(&format!("<item><title>t</title><description>{deep}</description></item>")),
        rss(&format!("<item><title>t</title><description><![CDATA[{deep}]]></description></item>")),
        rss(&format!("<item><title>t</title>{deep}</item>")),
        format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>t</title><content type=\"xhtml\">{deep}</content></entry></feed>"
        ),
        rss(&format!("<item><title>{}</title></item>", "&amp;lt;".repeat(200_000))),
        rss("<item><title>t</title></item>")
            .replace("?>", "?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"),
    ];
    for body in bodies {
        let items = items(&body);
        assert_eq!(items.len(), 1);
        assert!(items[0].title.as_str().chars().count() <= Printable::LINE);
    }
}
