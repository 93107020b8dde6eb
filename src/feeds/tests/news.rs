//! Small feeds that show one thing each.

use super::{read, warnings};
use crate::domain::feed::FeedId;
use crate::domain::headline::{Item, Name};
use crate::domain::text::Printable;
use crate::feeds::Source;

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
    let decoded = read(NEWS, rss(
        "<item><title>Arrivals &amp; <![CDATA[<b>departures</b>\u{1b}[31m]]></title><link>/news/1?utm_source=rss</link><guid>1</guid>
         <pubDate>Tue, 29 Mar 2022 16:02:00 GMT</pubDate>
         <description>&lt;p&gt;It&amp;rsquo;s \u{202e}here&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>",
    ).as_bytes()).unwrap();
    assert_eq!(warnings(&decoded), ["the feed: it is not written as it should be: 1 control characters"]);
    let item = &decoded.items[0];
    assert_eq!(item.title.as_str(), "Arrivals & departures[31m");
    assert_eq!(text(item.summary.as_ref()), "It’s here");
    assert_eq!(text(item.link.as_ref()), "https://example.org/news/1?utm_source=rss");
    assert_eq!(
        item.aliases,
        [
            "guid test 1",
            "link example.org/news/1 arrivals & departures[31m",
            "dated example.org/news/1 2022-03-29T16:02:00Z",
            "place example.org/news/1"
        ]
        .map(Name::of)
    );
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
    let names: Vec<&[Name]> = items.iter().map(|item| item.aliases.as_slice()).collect();
    let expected: [&[&str]; 6] = [
        &["link example.org/news/2 no guid", "place example.org/news/2"][..],
        &["title test undated elsewhere"],
        &["title test undated again"],
        &["guid test 3"],
        &["link example.org/only-a-link https://example.org/only-a-link", "place example.org/only-a-link"],
        &["guid test https://example.org/5", "link example.org/5 the guid is the address", "place example.org/5"],
    ];
    assert_eq!(names, expected.map(|words| words.iter().map(|words| Name::of(words)).collect::<Vec<Name>>()));
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
        (rdf, false, true),
        (rss.as_str(), false, true),
        (old.as_str(), false, true),
        (named.as_str(), false, true),
    ] {
        let items = items(body);
        let [item] = items.as_slice() else { panic!("{body}") };
        assert_eq!((item.title.as_str(), text(item.summary.as_ref())), ("One", "x"), "{body}");
        assert_eq!(text(item.link.as_ref()), "https://example.org/1", "{body}");
        assert_eq!(item.aliases.contains(&Name::of("guid test 1")), guid, "{body}");
        assert!(item.aliases.contains(&Name::of("link example.org/1 one")), "{body}");
        assert_eq!(item.updated.is_some(), updated, "{body}");
        assert_eq!(item.published, "2022-03-29T16:02:00Z".parse().ok(), "{body}");
    }
}

#[test]
fn what_nobody_need_mind_is_no_fault() {
    let sound = rss("<item><title>A &amp; B</title></item>");
    for body in [
        sound.replace("version=\"2.0\"", ""),
        sound.replace("\"2.0\"", "\"0.94\""),
        sound.to_uppercase().replace("&AMP;", "&amp;").replace("<?XML", "<?xml"),
        sound.replace("<item>", "<item xmlns:dc='urn:x'>").replace("</title>", "</title\n>"),
        r#"{"version": "https://jsonfeed.org/version/1", "items": [{"id": 7, "title": "A & B", "tags": 1, "authors": "x"}]}"#
            .to_owned(),
        r##"{"rss": {"channel": {"item": [{"title": {"#text": "A &amp; B"}, "guid": {"_": 7}}]}}}"##.to_owned(),
        r#"{"rss": {"channel": {"item": {"title": "A &amp; B"}}}}"#.to_owned(),
    ] {
        assert_eq!(items(&body)[0].title.as_str(), "A & B", "{body}");
    }
}

#[test]
fn small_faults_cost_nothing_and_are_told() {
    let two = "<item><title>One</title><link>https://example.org/1</link><description>x</description></item>
        <item><title>Two</title><link>https://example.org/2</link></item>";
    for (from, to, what) in [
        ("One", "One & <3", "1 bare \"&\", 1 bare \"<\""),
        ("One</title>", "One</titel>", "1 closing tags that do not fit"),
        ("One</title>", "One", "1 closing tags that do not fit"),
        ("x</description>", "x</descr>", "closing tags that do not fit"),
        ("<description>", "<img><description>", "1 closing tags that do not fit"),
        ("</item>", "", "1 items that are not closed"),
        ("One", "One\u{1b}\u{0}", "2 control characters"),
    ] {
        let body = rss(&two.replacen(from, to, 1));
        let decoded = read(NEWS, body.as_bytes()).unwrap();
        let found: Vec<(&str, &str)> =
            decoded.items.iter().map(|item| (item.title.as_str(), text(item.link.as_ref()))).collect();
        let first = if to.contains("<3") { "One & <3" } else { "One" };
        assert_eq!(found, [(first, "https://example.org/1"), ("Two", "https://example.org/2")], "{body}");
        assert_eq!(text(decoded.items[0].summary.as_ref()), "x", "{body}");
        assert!(decoded.warnings[0].what.as_str().contains(what), "{body}: {:?}", decoded.warnings);
    }
    let mut latin = rss("<item><title>Caf#</title></item>").into_bytes();
    for byte in &mut latin {
        if *byte == b'#' {
            *byte = 0xe9;
        }
    }
    let decoded = read(NEWS, &latin).unwrap();
    assert_eq!(decoded.items[0].title.as_str(), "Café");
    assert_eq!(warnings(&decoded), ["the feed: it does not say its encoding; it was read as windows-1252"]);
}

#[test]
fn a_transfer_that_was_cut_off_gives_the_items_before_the_cut() {
    let item = |n: usize| format!("<item><title>n{n}</title><description><![CDATA[<p>x</p>]]></description></item>");
    let whole = rss(&(0..10).map(item).collect::<String>());
    let ends: Vec<usize> = whole.match_indices("</item>").map(|(at, end)| at + end.len()).collect();
    let begin = whole.find("<item>").unwrap();
    for cut in begin..whole.len() - "</channel></rss>".len() {
        let decoded = read(NEWS, &whole.as_bytes()[..cut]).unwrap();
        let complete = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(decoded.items.len(), complete, "{}", &whole[..cut]);
        let first = decoded.warnings[0].what.as_str();
        assert!(first.starts_with("it ends ") || first.contains("no items"), "{first}");
    }
    let json: Vec<String> = (0..10).map(|n| format!(r#"{{"id": "{n}", "title": "n{n}", "tags": ["a"]}}"#)).collect();
    let json = format!(r#"{{"version": "https://jsonfeed.org/version/1", "items": [{}]}}"#, json.join(", "));
    let decoded = read(NEWS, &json.as_bytes()[..json.len() / 2]).unwrap();
    assert!((4..=5).contains(&decoded.items.len()), "{:?}", decoded.items);
    assert_eq!(warnings(&decoded), ["the feed: it ends in the middle: what was not whole was left out"]);
}

#[test]
fn what_stood_in_the_way_of_a_parser_does_not() {
    let items = items(&rss(
        "<item><title>One</title><author>Somebody Else—someone@example.org</author><media:title>no</media:title></item>
         <item xmlns:media=\"http://search.yahoo.com/mrss/\"><title>Two</title><media:group><media:text start=\"99999999999999999999999:00:00\">x</media:text><title>no</title></media:group></item>
         <item><source url='x'><title>no</title><link>https://example.org/no</link></source><title>Three</title></item>",
    ));
    let titles: Vec<&str> = items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["One", "Two", "Three"]);
    assert_eq!(items[2].link, None);
}

#[test]
fn a_feed_in_any_encoding_is_the_same_feed() {
    use encoding_rs::{EUC_KR, GBK, ISO_8859_5, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
    let feed = |name: &str, title: &str| {
        rss(&format!("<item><title>{title}</title><guid>1</guid></item>"))
            .replace("\"1.0\"?>", &format!("\"1.0\" encoding='{name}'?>"))
    };
    for (encoding, title) in [
        (WINDOWS_1251, "Беженцы в пути"),
        (ISO_8859_5, "Беженцы в пути"),
        (WINDOWS_1252, "Réfugiés – « en route »"),
        (SHIFT_JIS, "国境を越える人々"),
        (GBK, "越境的人们"),
        (EUC_KR, "국경을 넘는 사람들"),
    ] {
        let bytes = encoding.encode(&feed(encoding.name(), title)).0.into_owned();
        let decoded = read(NEWS, &bytes).unwrap();
        assert_eq!((decoded.items[0].title.as_str(), warnings(&decoded).len()), (title, 0), "{}", encoding.name());
        // Misdeclared: the document says what it is not, the server what it is.
        let bytes = encoding.encode(&feed("utf-8", title)).0.into_owned();
        let (feed, content_type) = (FeedId::new("test"), format!("text/xml; charset={}", encoding.name()));
        let now = "2030-01-01T00:00:00Z".parse().unwrap();
        let source = Source { content_type: Some(&content_type), ..Source::new(&feed, now) };
        let decoded = super::reader(NEWS).unwrap().decode(&bytes, &source).unwrap();
        assert_eq!((decoded.items[0].title.as_str(), warnings(&decoded).len()), (title, 0), "{}", encoding.name());
    }
    for (encoding, mark) in [(UTF_16LE, &b"\xff\xfe"[..]), (UTF_16BE, b"\xfe\xff"), (UTF_16LE, b""), (UTF_16BE, b"")] {
        let text = feed("utf-16", "Réfugiés 国境");
        let unit = |unit: u16| if encoding == UTF_16LE { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let bytes: Vec<u8> = mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect();
        assert_eq!(read(NEWS, &bytes).unwrap().items[0].title.as_str(), "Réfugiés 国境");
    }
}

#[test]
fn languages_bases_and_the_articles_own_address() {
    let atom = r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://other.example.net/x/">
        <a:link rel="self" href="/self"/><a:entry xml:lang="es-MX"><a:id>1</a:id><a:title>Uno</a:title><a:link href="1"/></a:entry>
        <a:entry xml:base="y/"><a:title type="xhtml"><div>Two <b>&amp; a half</b></div></a:title><a:link rel="alternate" href="2"/><a:link rel="enclosure" href="3"/></a:entry></a:feed>"#;
    let found = items(atom);
    let said: Vec<_> = found
        .iter()
        .map(|item| (item.title.as_str(), text(item.language.as_ref()), text(item.link.as_ref())))
        .collect();
    assert_eq!(
        said,
        [("Uno", "es-mx", "https://other.example.net/x/1"), ("Two & a half", "en", "https://other.example.net/x/y/2")]
    );
    let proxied = rss("<language>pt_BR</language><item><title>x</title><dc:language>fr</dc:language><link>https://feeds.example.org/~r/1</link>
        <feedburner:origLink>https://example.org/1</feedburner:origLink></item><item><title>y</title></item>");
    let found = items(&proxied);
    assert_eq!((text(found[0].link.as_ref()), text(found[0].language.as_ref())), ("https://example.org/1", "fr"));
    assert_eq!(text(found[1].language.as_ref()), "pt-br");
}

#[test]
fn what_is_no_feed_is_told() {
    for (body, phrase) in [
        ("", "it is empty"),
        ("<!doctype html><title>Log in</title>", "it is a web page titled \"Log in\""),
        ("<?xml version=\"1.0\"?><urlset/>", "<urlset> is no feed"),
        ("Please limit requests", "it begins with \"Please limit requests\""),
        ("{\"message\": \"no\"}", "it is JSON of another kind (it says \"no\")"),
        ("{\"data\": {\"list\": [{}]}}", "lists are at /data/list (1 records)"),
        ("<rss", "reading it failed"),
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
    let deep = deep(60_000);
    let bodies = [
        too_deep,
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
    for part in [
        "<item>",
        "<item><title>",
        "<item><title>x",
        "</item>",
        "<item></item>",
        "<image>",
        "<author>",
        "<item><description>",
        "<item><img>",
        "<item><a></b>",
        "<item><source>",
        "<title>",
        "<item><![CDATA[",
        "<item><!--",
        "<item xmlns:a='b'>",
        "<item><a ",
        "&",
        "<link>",
        "<channel>",
        "<item><content:encoded>",
        "<item><title><![CDATA[</item>",
    ] {
        let body = rss(&part.repeat(1_000_000 / part.len()));
        assert!(read(NEWS, body.as_bytes()).unwrap().items.len() <= 2_000);
    }
    let json = format!("{{\"items\": [{}", "{\"id\": 1},".repeat(1_000_000 / 11));
    assert!(read(NEWS, json.as_bytes()).unwrap().items.len() <= 2_000);
}

const MAPPED: &str = r#"
    kind = "news"
    format = "json"
    records = "/results"
    item = { title = ["title", "/names/0"], link = "url", id = "number", published = "at", updated = "changed", summary = "abstract", language = "lang" }
"#;

#[test]
fn json_that_is_no_feed_is_read_by_a_mapping() {
    let body = r#"{"count": 3, "results": [
        {"title": "<em>A</em> &amp; B", "url": "/1", "number": 7, "at": 1655000000, "changed": "1655000000000", "abstract": "<p>x</p>", "lang": "Spanish"},
        {"names": ["Second"], "url": "https://example.org/2", "number": "8", "at": "20240615T123000Z"}, 9]}"#;
    let decoded = read(MAPPED, body.as_bytes()).unwrap();
    assert_eq!(warnings(&decoded), ["record 3: it is no object"]);
    let first = &decoded.items[0];
    assert_eq!(
        (first.title.as_str(), text(first.summary.as_ref()), text(first.language.as_ref())),
        ("A & B", "x", "es")
    );
    assert_eq!(text(first.link.as_ref()), "https://example.org/1");
    assert_eq!(
        (first.published, first.updated),
        ("2022-06-12T02:13:20Z".parse().ok(), "2022-06-12T02:13:20Z".parse().ok())
    );
    assert_eq!(first.aliases[0], Name::of("guid test 7"));
    let second = &decoded.items[1];
    assert_eq!((second.title.as_str(), second.published), ("Second", "2024-06-15T12:30:00Z".parse().ok()));
    // A search that finds nothing is no fault.
    for nothing in ["{}", r#"{"results": []}"#] {
        let decoded = read(MAPPED, nothing.as_bytes()).unwrap();
        assert_eq!((decoded.items.len(), decoded.warnings.len()), (0, 0), "{nothing}");
    }
    let cut = read(MAPPED, &body.as_bytes()[..body.find(", 9").unwrap() - 3]).unwrap();
    assert_eq!(cut.items.len(), 1);
    assert_eq!(warnings(&cut), ["the feed: it ends in the middle: what was not whole was left out"]);
    for (body, phrase) in [
        (
            "Please limit requests to one every 5 seconds",
            "it begins with \"Please limit requests to one every 5 seconds\"",
        ),
        (r#"{"error": {"message": "over quota"}}"#, "it says \"over quota\""),
        (r#"{"articles": [{"a": 1}]}"#, "lists are at /articles (1 records)"),
        ("<html><title>Log in</title>", "a web page titled \"Log in\""),
        (r#"{"results": [nonsense]}"#, "damaged"),
    ] {
        let error = read(MAPPED, body.as_bytes()).unwrap_err();
        assert!(error.contains(phrase), "{body}: {error}");
    }
}

#[test]
fn toots_have_html_and_no_title() {
    let toots = r#"[{"id": "1", "created_at": "2022-06-12T02:13:20.000Z", "url": "https://example.social/@a/1", "language": "en",
        "content": "<p>First words&#39; <a href=\"x\">link</a></p><p>second</p>"}]"#;
    let options = r#"kind = "news"
        item = { link = "url", id = "id", published = "created_at", summary = "content", language = "language" }"#;
    let decoded = read(options, toots.as_bytes()).unwrap();
    let item = &decoded.items[0];
    assert_eq!(
        (item.title.as_str(), text(item.summary.as_ref())),
        ("First words' link second", "First words' link second")
    );
    assert_eq!(text(item.language.as_ref()), "en");
}

#[test]
fn options_of_news_that_cannot_be() {
    for (options, phrase) in [
        ("format = \"json\"", "item: "),
        ("format = \"json\"\nitem = { id = \"a\" }", "needs a title"),
        ("format = \"json\"\nitem = { title = \"a\" }\nrecords = \"a.b\"", "\"/a/b\""),
        ("format = \"csv\"", "format: news cannot be read from csv"),
        ("records = \"/a\"", "records: "),
        ("encoding = \"klingon\"", "encoding: \"klingon\" is no encoding"),
    ] {
        let error = super::reader(&format!("kind = \"news\"\n{options}")).unwrap_err();
        assert!(error.contains(phrase), "{options}: {error}");
    }
    let statistics = super::reader("kind = \"statistics\"\nitem = { title = \"a\" }").unwrap_err();
    assert!(statistics.contains("kind = \"news\""), "{statistics}");
    let body = encoding_rs::WINDOWS_1251.encode(&rss("<item><title>Новости</title></item>")).0.into_owned();
    let decoded = read("kind = \"news\"\nencoding = \"cp1251\"", &body).unwrap();
    assert_eq!((decoded.items[0].title.as_str(), decoded.warnings.len()), ("Новости", 0));
}
