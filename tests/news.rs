//! Identity from bytes to store: however often a feed is polled, in whatever order and with whatever dates its items stand, each article
//! is one headline, and none is lost or new twice.

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use watchfloor::domain::feed::{FeedHealth, FeedId, FeedMemory};
use watchfloor::domain::headline::{Headline, canonical_link};
use watchfloor::domain::observation::{Known, KnownHow};
use watchfloor::feeds::{FeedOptions, Reader, Source};
use watchfloor::store::memory::MemoryStore;
use watchfloor::store::sqlite::SqliteStore;
use watchfloor::store::{Body, Check, Haul, LeaseAnswer, Store, Want};

/// A store that is polled into.
struct Polls {
    store: Box<dyn Store>,
    token: u64,
    reader: Reader,
    second: i64,
}

impl Polls {
    fn into(mut store: Box<dyn Store>) -> Self {
        let (from, until) = (jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::MAX);
        let LeaseAnswer::Granted(lease) = store.take_lease("me", from, until).unwrap() else { panic!("held") };
        let options: FeedOptions = toml::from_str("kind = \"news\"").unwrap();
        let reader = Reader::from_options(&options).unwrap();
        // Later than anything in the payloads.
        Self { store, token: lease.token, reader, second: 1_800_000_000 }
    }

    /// Takes a reply; says how many headlines were new or edited.
    fn take(&mut self, feed: &str, body: &[u8]) -> usize {
        self.second += 300;
        let at = jiff::Timestamp::from_second(self.second).unwrap();
        let feed = FeedId::new(feed);
        let source = Source { base: Some("https://example.org/rss"), ..Source::new(&feed, at) };
        let items = self.reader.decode(body, &source).unwrap().items;
        let check = Check {
            health: FeedHealth { checked: Some(at), success: Some(at), ..FeedHealth::unasked(feed) },
            memory: FeedMemory::default(),
            haul: Some(Haul {
                reply_hash: self.second.to_string(),
                mapping_hash: String::new(),
                known: Known { at, how: KnownHow::Seen },
                observations: Vec::new(),
                items,
                taken: at,
            }),
            body: Body::AsIs,
        };
        self.store.commit(self.token, &[check]).unwrap().headlines
    }

    fn headlines(&mut self) -> Vec<Headline> {
        self.store.load(Want::All).unwrap().0.headlines.values().map(|headline| (**headline).clone()).collect()
    }
}

#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn payload(name: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds/news");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: {name} needs ../shared, which is not there");
        return None;
    }
    Some(std::fs::read(folder.join(name)).unwrap())
}

fn orders(names: &[&'static str]) -> Vec<Vec<&'static str>> {
    if names.len() < 2 {
        return vec![names.to_vec()];
    }
    let mut all = Vec::new();
    for (at, first) in names.iter().enumerate() {
        let rest: Vec<&str> =
            names.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, name)| *name).collect();
        all.extend(orders(&rest).into_iter().map(|rest| [vec![*first], rest].concat()));
    }
    all
}

/// Every sequence of polls in the folder, in every order, twice over: as many headlines as there are articles, no poll that was
/// taken before brings anything new, and with a new feed all is one headline with "also".
#[test]
fn real_polls_give_each_article_once() {
    let sequences: [(&[&str], usize); 4] = [
        (
            &[
                "aljazeera-all-20260813T0424Z.xml",
                "aljazeera-all-20260813T0500Z.xml",
                "aljazeera-all-20260813T0509Z.xml",
            ],
            28,
        ),
        (&["bbc-world-20260813T0424Z.xml", "bbc-world-20260813T0509Z.xml"], 30),
        // One body twice, packed and not.
        (&["orenburg-windows1251-20140122.xml", "gzip-body.xml.gz"], 10),
        // One feed in two formats.
        (&["scripting-20170626.xml", "scripting-rss-in-json.json"], 50),
    ];
    for (names, articles) in sequences {
        for order in orders(names) {
            let folder = tempfile::tempdir().unwrap();
            let stores: [Box<dyn Store>; 2] =
                [Box::new(MemoryStore::new()), Box::new(SqliteStore::open(&folder.path().join("facts.db")).unwrap())];
            for store in stores {
                let mut polls = Polls::into(store);
                for name in &order {
                    let Some(body) = payload(name) else { return };
                    polls.take("f", &body);
                    assert_eq!(polls.take("f", &body), 0, "{name}: the same reply again is no news");
                }
                let headlines = polls.headlines();
                assert_eq!(headlines.len(), articles, "{order:?}");
                let seen: Vec<_> = headlines.iter().map(|headline| (headline.key.clone(), headline.seen)).collect();
                for name in order.iter().rev() {
                    let body = payload(name).unwrap();
                    polls.take("f", &body);
                    polls.take("g", &body);
                }
                let again = polls.headlines();
                assert!(again.iter().map(|headline| (headline.key.clone(), headline.seen)).eq(seen), "{order:?}");
                assert!(again.iter().all(|headline| headline.also.len() <= 1));
                let noted = again.iter().filter(|headline| headline.also.len() == 1).count();
                assert!(noted > articles * 9 / 10, "{order:?}: {noted}");
            }
        }
    }
}

/// A gatherer's titles end in the name of who published them, and its links lead through itself.
#[test]
fn a_story_and_its_copy_at_a_gatherer_are_one_headline() {
    let own = "<rss><channel><item><title>Thirteen thousand people cross the Darién in a month</title>\
        <link>https://example.org/news/1</link><guid>1</guid></item></channel></rss>";
    let gathered = "<rss><channel><item><title>Thirteen thousand people cross the Darien in a month - Example Times</title>\
        <link>https://news.google.com/rss/articles/CBMi1?oc=5</link><guid isPermaLink='false'>CBMi1</guid>\
        <source url='https://example.org'>Example Times</source></item></channel></rss>";
    for order in [[("own", own), ("google", gathered)], [("google", gathered), ("own", own)]] {
        let mut polls = Polls::into(Box::new(MemoryStore::new()));
        let news: Vec<usize> = order.iter().map(|(feed, body)| polls.take(feed, body.as_bytes())).collect();
        assert_eq!(news, [1, 0]);
        let headlines = polls.headlines();
        let [headline] = headlines.as_slice() else { panic!("{headlines:?}") };
        assert_eq!((headline.feed.as_str(), headline.also[0].feed.as_str()), (order[0].0, order[1].0));
        assert!(headline.also[0].link.is_some());
    }
}

/// What is told of an article at one poll.
#[derive(Clone, Debug)]
struct Telling {
    article: usize,
    edit: u8,
    tracking: u8,
    date: u8,
}

/// How a feed names its articles.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Guids {
    Stable,
    Churning,
    Missing,
}

fn tellings() -> impl Strategy<Value = Vec<Vec<Telling>>> {
    let telling = (0_usize..8, 0_u8..3, 0_u8..4, 0_u8..6).prop_map(|(article, edit, tracking, date)| Telling {
        article,
        edit,
        tracking,
        date,
    });
    prop::collection::vec(prop::collection::vec(telling, 1..10), 1..7)
}

/// A reply: each article once, in the order told.
fn reply(poll: usize, tellings: &[Telling], guids: Guids) -> (String, BTreeSet<usize>) {
    let mut told = BTreeSet::new();
    let mut items = String::new();
    for telling in tellings {
        let number = telling.article;
        if !told.insert(number) {
            continue;
        }
        let edit = ["", ", edited", ", edited again"][usize::from(telling.edit)];
        let tracking =
            ["", "?utm_source=rss", "?at_medium=x&amp;fbclid=2", "/#comments"][usize::from(telling.tracking)];
        // Missing, impossible, of the future, of another notation: none of them makes an article another one.
        let date =
            ["", "soon", "Tue, 31 Feb 2022 16:02:00 GMT", "2099-01-01", "1655000000", "Thu, 01 Jan 1970 00:00:00 GMT"]
                [usize::from(telling.date)];
        // Of a feed with guids that churn an edit is known by the date that stays.
        let date = if guids == Guids::Churning { "2022-06-12" } else { date };
        let guid = match guids {
            Guids::Stable => format!("<guid>{number}</guid>"),
            Guids::Churning => format!("<guid>{poll}-{number}</guid>"),
            Guids::Missing => String::new(),
        };
        let scheme = if telling.tracking % 2 == 0 { "https://www." } else { "http://" };
        write!(
            items,
            "<item><title>Story {number}{edit}</title><link>{scheme}example.org/news/{number}{tracking}</link>{guid}<pubDate>{date}</pubDate></item>"
        )
        .unwrap();
    }
    (format!("<rss><channel>{items}</channel></rss>"), told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_article_is_seen_twice_and_none_is_lost(polls in tellings(), guids in prop::sample::select(&[Guids::Stable, Guids::Churning, Guids::Missing][..])) {
        let mut store = Polls::into(Box::new(MemoryStore::new()));
        let mut ever: BTreeSet<usize> = BTreeSet::new();
        let mut first: Vec<(String, jiff::Timestamp)> = Vec::new();
        for (number, tellings) in polls.iter().enumerate() {
            let (body, told) = reply(number, tellings, guids);
            ever.extend(&told);
            store.take("f", body.as_bytes());
            prop_assert_eq!(store.take("f", body.as_bytes()), 0);
            let headlines = store.headlines();
            let places: BTreeSet<String> = headlines.iter().map(|h| canonical_link(h.item.link.as_ref().unwrap().as_str())).collect();
            prop_assert_eq!(headlines.len(), ever.len());
            prop_assert_eq!(places.len(), ever.len());
            // What was seen keeps its key and the instant at which it was.
            let now: Vec<_> = headlines.iter().map(|headline| (headline.key.to_string(), headline.seen)).collect();
            prop_assert!(first.iter().all(|before| now.contains(before)));
            first = now;
        }
    }

    #[test]
    fn the_order_of_a_reply_does_not_matter(
        (tellings, shuffled) in tellings().prop_flat_map(|polls| (Just(polls[0].clone()), Just(polls[0].clone()).prop_shuffle())),
        guids in prop::sample::select(&[Guids::Stable, Guids::Missing][..]),
    ) {
        // Two links to one story, twins of one item, and a page with many items are there too.
        let twins = "<item><title>Twin</title><link>https://example.org/t/1</link><description>a</description></item>\
            <item><title>Twin</title><link>https://example.org/t/1</link><description>b</description></item>\
            <item><title>One of many</title><link>https://example.org/p/1</link></item><item><title>Another</title><link>https://example.org/p/1</link></item>";
        let one_of_each = |tellings: &[Telling]| {
            let mut seen = BTreeSet::new();
            let mut kept: Vec<Telling> = tellings.to_vec();
            kept.sort_by_key(|telling| (telling.article, telling.edit, telling.tracking, telling.date));
            kept.retain(|telling| seen.insert(telling.article));
            tellings.iter().filter_map(|telling| kept.iter().find(|kept| kept.article == telling.article).cloned()).collect::<Vec<_>>()
        };
        let body = |tellings: &[Telling]| reply(0, &one_of_each(tellings), guids).0.replace("<rss><channel>", &format!("<rss><channel>{twins}"));
        let mut store = Polls::into(Box::new(MemoryStore::new()));
        store.take("f", body(&tellings).as_bytes());
        let before = store.headlines();
        let turned = body(&shuffled);
        prop_assert_eq!(store.take("f", turned.as_bytes()), 0);
        // The twins the other way round.
        let swapped = turned.replace("<description>a<", "<description>c<").replace("<description>b<", "<description>a<").replace("<description>c<", "<description>b<");
        prop_assert_eq!(store.take("f", swapped.as_bytes()), 0);
        prop_assert_eq!(store.headlines(), before);
    }
}
