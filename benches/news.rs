//! How long reading news takes, and how much memory, beside a bare parser of feeds (feed-rs) on the same bytes: a thousand feeds of thirty
//! items, and the largest payloads of each format beside the checkout. `cargo bench --bench news`.

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use std::fmt::Write as _;
use std::path::Path;
use watchfloor::domain::feed::FeedId;
use watchfloor::feeds::{FeedOptions, Reader, Source};

/// Counts what is allocated: the same for both readers.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// The largest of RSS (two), RDF, Atom and JSON Feed.
const LARGEST: [&str; 6] = [
    "jagonews-20260813T0924Z.xml",
    "cre-podcast-2015.xml",
    "indianexpress-world-20170107.xml",
    "20minutos-catalunya-20170105.rdf",
    "artificialtruth-2024.atom",
    "inessential-feed.json",
];

/// Everything that is done to a payload: items with names, clean texts, dates.
#[divan::bench(args = LARGEST)]
fn largest(bencher: Bencher<'_, '_>, name: &str) {
    let Some(body) = shared(name) else { return };
    let reader = reader();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| decode(&reader, black_box(&body)));
}

/// The parser alone on the same.
#[divan::bench(args = LARGEST)]
fn largest_parser_alone(bencher: Bencher<'_, '_>, name: &str) {
    let Some(body) = shared(name) else { return };
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| parse(black_box(&body)));
}

/// A thousand feeds of thirty items: made ones of four kinds, half of them with whole articles.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn thousand_feeds(bencher: Bencher<'_, '_>) {
    let (feeds, reader) = (feeds(), reader());
    bencher.counter(ItemsCount::new(1_000_usize)).bench_local(|| {
        (0..1_000).map(|number| decode(&reader, black_box(&feeds[number % feeds.len()]))).sum::<usize>()
    });
}

/// The parser alone on the same.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn thousand_feeds_parser_alone(bencher: Bencher<'_, '_>) {
    let feeds = feeds();
    bencher
        .counter(ItemsCount::new(1_000_usize))
        .bench_local(|| (0..1_000).map(|number| parse(black_box(&feeds[number % feeds.len()]))).sum::<usize>());
}

fn reader() -> Reader {
    let options: FeedOptions = toml::from_str("kind = \"news\"").expect("the options are sound");
    Reader::from_options(&options).expect("the options are sound")
}

fn decode(reader: &Reader, body: &[u8]) -> usize {
    let feed = FeedId::new("bench");
    let now = "2030-01-01T00:00:00Z".parse().expect("this is an instant");
    let source = Source { base: Some("https://example.org/rss"), ..Source::new(&feed, now) };
    let decoded = reader.decode(body, &source).expect("the document is sound");
    assert!(decoded.items.len() >= 15);
    decoded.items.len()
}

fn parse(body: &[u8]) -> usize {
    feed_rs::parser::parse(body).expect("the document is sound").entries.len()
}

fn shared(name: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds/news").join(name)).ok()
}

/// Feeds of thirty items: RSS with texts in CDATA and escaped, short and long, Atom, JSON Feed.
fn feeds() -> Vec<Vec<u8>> {
    let words =
        "Some words about what happened yesterday, and &ldquo;where&rdquo; it did; nobody knows &#8217;why&#8217;. ";
    let paragraph = format!("<p class=\"text\"><a href=\"https://example.org/a?b=1\">Link</a> {}</p>", words.repeat(4));
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let date = |number: usize| format!("Tue, {} Mar 2022 16:{:02}:00 GMT", 1 + number % 28, number);
    let mut all = Vec::new();
    for paragraphs in [1, 12] {
        let article = paragraph.repeat(paragraphs);
        let mut rss = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
            xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>T</title><language>en</language>"
            .to_owned();
        let mut escaped_rss = rss.clone();
        let mut atom =
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\"><title>T</title><id>t</id>".to_owned();
        let mut json = Vec::new();
        for number in 0..30 {
            let title = format!("Headline {number} of the day – Panamá, the Darién &amp; more");
            let link =
                format!("https://www.example.org/news/2022/03/article-{number}?utm_source=rss&amp;utm_medium=feed");
            write!(rss, "<item><title><![CDATA[{title}]]></title><link>{link}</link><guid isPermaLink=\"false\">id-{number}</guid><dc:creator><![CDATA[Desk]]></dc:creator><category>World</category><pubDate>{}</pubDate><description><![CDATA[{paragraph}]]></description><content:encoded><![CDATA[{article}]]></content:encoded></item>", date(number)).expect("a String takes everything");
            write!(escaped_rss, "<item><title>{title}</title><link>{link}</link><guid>id-{number}</guid><pubDate>{}</pubDate><description>{}</description></item>", date(number), escaped(&article)).expect("a String takes everything");
            write!(atom, "<entry><title>{title}</title><id>id-{number}</id><link rel=\"alternate\" href=\"{link}\"/><published>2022-03-29T16:02:00Z</published><updated>2022-03-29T16:02:00Z</updated><content type=\"html\">{}</content></entry>", escaped(&article)).expect("a String takes everything");
            json.push(serde_json::json!({ "id": number.to_string(), "title": title, "url": link.replace("&amp;", "&"), "content_html": article, "date_published": "2022-03-29T16:02:00Z" }));
        }
        all.push(format!("{rss}</channel></rss>").into_bytes());
        all.push(format!("{escaped_rss}</channel></rss>").into_bytes());
        all.push(format!("{atom}</feed>").into_bytes());
        let feed = serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "T", "items": json });
        all.push(feed.to_string().into_bytes());
    }
    all
}
