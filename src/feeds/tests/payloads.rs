//! Real news, read from beside the checkout: each payload gives what the manifest says of it, and polls of one feed give each
//! article once.

use super::read;
use super::shared::shared;
use crate::domain::headline::{Item, Name, NameKind, canonical_link};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Payloads that are no feeds, each with the mapping that reads it.
const MAPPED: [(&str, &str); 3] = [
    (
        "news/federalregister-search-20260421.json",
        r#"records = "/results"
        item = { title = "title", link = "html_url", id = "document_number", published = "publication_date", summary = "abstract" }"#,
    ),
    (
        "calendar/federalregister-documents-2024-page1.json",
        r#"records = "/results"
        item = { title = "title", link = "html_url", id = "document_number", published = "publication_date", summary = "abstract" }"#,
    ),
    (
        "news/reliefweb-api-v1-reports-page1.json",
        r#"records = "/data"
        item = { title = "/fields/title", link = ["/fields/url_alias", "/fields/url", "href"], id = "id", published = ["/fields/date/original", "/fields/date/created"], language = "/fields/language/0/code" }"#,
    ),
];

/// Payloads whose first title is told otherwise than the manifest counts it, and why.
const OTHER_TITLES: [(&str, usize, &str); 12] = [
    ("news/20minutos-catalunya-20170105.rdf", 88, TWICE),
    ("news/google-alerts-20190710.atom", 103, "`<b>` and `</b>` in the title are markup"),
    ("news/japantoday-20170107.xml", 75, TWICE),
    ("news/jdd-culture-20170106.xml", 55, TWICE),
    ("news/lefigaro-culture-20170107.xml", 95, TWICE),
    ("news/lemonde-une-20170107.xml", 66, TWICE),
    ("news/leparisien-une-20170107.xml", 61, TWICE),
    ("news/rosemaryorchard-feed.json", 43, "`&amp;` in the title is an `&`"),
    ("news/scripting-20170626.xml", 37, "no title: the beginning of the text stands in"),
    ("news/slickdeals-20140913.xml", 86, "`&amp;amp;` in the title is an `&`"),
    ("news/spiegel-nachrichten-20170107.xml", 70, TWICE),
    ("news/yandex-moscow-20170107.xml", 69, TWICE),
];

/// Each of these holds `Ã©` where `é` was meant, throughout.
const TWICE: &str = "the manifest counts UTF-8 that was encoded twice; it is read once here";

/// Payloads of whose dates more, or other ones, can be read than the manifest says, and why.
const OTHER_DATES: [(&str, &str, &str); 1] =
    [("news/kc0011-gb2312.xml", "2020-01-10T14:33:00Z", "`2020/1/10`: the year is first, so the month is next")];

fn options(file: &str) -> String {
    let mapping =
        MAPPED.iter().find(|(name, _)| *name == file).map(|(_, mapping)| format!("format = \"json\"\n{mapping}"));
    format!("kind = \"news\"\n{}", mapping.unwrap_or_default())
}

/// What an expectation says, found by the words before it.
fn said<'a>(expectation: &'a str, words: &str) -> Option<&'a str> {
    expectation.split(';').find_map(|part| part.trim().strip_prefix(words)).map(str::trim)
}

#[test]
fn every_payload_gives_what_the_manifest_says() {
    let Some(manifest) = shared("feeds/MANIFEST.tsv") else { return };
    let manifest = String::from_utf8(manifest).unwrap();
    let mut table =
        "| payload | items | first title, characters | first date | remark |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut wrong = Vec::new();
    let mut payloads = 0;
    for line in manifest.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, expectation, note) = (fields[0], fields[8], fields[9]);
        let is_mapped = MAPPED.iter().any(|(name, _)| *name == file);
        if !file.starts_with("news/") && !is_mapped {
            continue;
        }
        payloads += usize::from(file.starts_with("news/"));
        let body = shared(&format!("feeds/{file}")).unwrap();
        if is_mapped {
            let error = read("kind = \"news\"", &body).unwrap_err();
            assert!(error.contains("is no news feed") && error.contains("format = \"json\""), "{file}: {error}");
        }
        let decoded = read(&options(file), &body).unwrap();
        let items = &decoded.items;
        let mut check = |what: &str, ours: &str, theirs: &str| {
            if ours != theirs {
                wrong.push(format!("{file}: {what} {ours}, the manifest says {theirs}"));
            }
        };
        let count = expectation.split(' ').next().unwrap();
        check("items", &items.len().to_string(), count);
        let first = items.first();
        let title = first.map_or(0, |item| item.title.as_str().chars().count());
        let expected_title = said(expectation, "first title").and_then(|text| text.split(' ').next());
        let other_title = OTHER_TITLES.iter().find(|(name, ..)| *name == file);
        let expected_title = other_title.map(|(_, count, _)| count.to_string()).or(expected_title.map(str::to_owned));
        if let Some(expected) = expected_title {
            check("title", &title.to_string(), &expected);
        }
        let date = |item: &Item| item.published.or(item.updated);
        let at = first.and_then(date);
        let expected_at =
            said(expectation, "first date").map(|text| text.trim_start_matches("as written ").trim_matches('\''));
        let other_date = OTHER_DATES.iter().find(|(name, ..)| *name == file);
        if let Some(expected) = other_date.map(|(_, at, _)| *at).or(expected_at) {
            let expected = expected.parse::<Timestamp>().ok().or_else(|| super::super::instants::instant(expected));
            check("date", &format!("{at:?}"), &format!("{expected:?}"));
        }
        if let Some(without) = said(expectation, "without readable date") {
            check("undated", &items.iter().filter(|item| date(item).is_none()).count().to_string(), without);
        }
        if let (Some(without), Some("0")) = (said(expectation, "without id"), said(expectation, "repeated ids")) {
            let nameless = items.iter().filter(|item| item.aliases[0].kind != NameKind::Guid).count();
            check("without id", &nameless.to_string(), without);
        }
        let at = at.map_or_else(|| "none".to_owned(), |at| at.to_string());
        let warnings: Vec<&str> = decoded.warnings.iter().map(|warning| warning.what.as_str()).collect();
        let reasons = other_title.map(|(_, _, why)| *why).into_iter().chain(other_date.map(|(_, _, why)| *why));
        let mapped = is_mapped.then_some("by a JSON mapping");
        let remarks: Vec<&str> =
            mapped.into_iter().chain(reasons).chain(warnings).chain([note]).filter(|text| !text.is_empty()).collect();
        let title = if first.is_none() { "–".to_owned() } else { title.to_string() };
        writeln!(table, "| {file} | {} | {title} | {at} | {} |", items.len(), remarks.join("; ").replace('|', "/"))
            .unwrap();
    }
    // On demand, for whoever wants to read it.
    if let Some(path) = std::env::var_os("WATCHFLOOR_PAYLOADS") {
        std::fs::write(path, table).unwrap();
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(payloads, 79);
}

/// Another reader of feeds reads the same of every payload that it can read: as many items, their links and their dates.
#[test]
fn a_second_reader_agrees() {
    let Some(manifest) = shared("feeds/MANIFEST.tsv") else { return };
    let manifest = String::from_utf8(manifest).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for file in manifest.lines().filter_map(|line| line.split('\t').next()).filter(|file| file.starts_with("news/")) {
        let body = shared(&format!("feeds/{file}")).unwrap();
        let parser = feed_rs::parser::Builder::new().base_uri(Some("https://example.org/rss")).sanitize_content(false);
        // Old names of RSS it takes for another language, and finds no item.
        let theirs = parser.build().parse(body.as_slice()).ok().filter(|feed| !feed.entries.is_empty());
        let Some(theirs) = theirs else { continue };
        let ours = read("kind = \"news\"", &body).unwrap().items;
        if ours.len() != theirs.entries.len() {
            wrong.push(format!("{file}: {} items, not {}", ours.len(), theirs.entries.len()));
            continue;
        }
        compared += 1;
        // Links that go through a counter; the feed says where the articles really are.
        let is_counted = String::from_utf8_lossy(&body).contains("<feedburner:origLink>");
        for (number, (item, entry)) in ours.iter().zip(&theirs.entries).enumerate() {
            let link = entry.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
            let link = link.and_then(|link| url::Url::parse(&link.href).ok()).map(|url| url.to_string());
            let own = item.link.as_ref().map(ToString::to_string);
            if link.is_some() && own != link && !is_counted {
                wrong.push(format!("{file} {number}: {own:?}, not {link:?}"));
            }
            let date = entry.published.map(|at| Timestamp::from_second(at.timestamp()).unwrap());
            let own = item.published.map(|at| Timestamp::from_second(at.as_second()).unwrap());
            if date.is_some() && own != date && file != OTHER_DATES[0].0 {
                wrong.push(format!("{file} {number}: {own:?}, not {date:?}"));
            }
        }
    }
    wrong.truncate(20);
    assert_eq!(wrong, Vec::<String>::new());
    assert!(compared > 65, "{compared}");
}

/// Follows polls of one day as a store would: an item is known again by any of its names. Says how many headlines
/// there were and how many were edited.
fn polls(names: &[&str]) -> Option<(usize, usize)> {
    let mut known: BTreeMap<Name, usize> = BTreeMap::new();
    let mut headlines: Vec<Item> = Vec::new();
    let mut articles: BTreeSet<String> = BTreeSet::new();
    let mut edited = 0;
    for name in names {
        let body = shared(&format!("feeds/news/{name}.xml"))?;
        let decoded = read("kind = \"news\"", &body).unwrap();
        assert_eq!(decoded.warnings, [], "{name}");
        let text = String::from_utf8(body).unwrap();
        assert_eq!(decoded.items.len(), text.matches("<item>").count(), "{name} loses an item");
        articles.extend(text.split("<item>").skip(1).map(|item| {
            let link = item.split_once("<link>").unwrap().1.split_once("</link>").unwrap().0;
            canonical_link(&link.replace("&amp;", "&"))
        }));
        for item in decoded.items {
            let keys: BTreeSet<usize> = item.aliases.iter().filter_map(|alias| known.get(alias)).copied().collect();
            assert!(keys.len() <= 1, "one item is known as two: {item:?}");
            let key = keys.first().copied().unwrap_or(headlines.len());
            for alias in &item.aliases {
                known.insert(*alias, key);
            }
            match headlines.get_mut(key) {
                None => headlines.push(item),
                Some(before) => {
                    edited += usize::from(before.title != item.title);
                    *before = item;
                }
            }
        }
    }
    // Nothing seen twice, nothing lost: as many headlines as there are articles, though guids and titles change.
    assert_eq!(headlines.len(), articles.len());
    assert!(headlines.iter().all(|item| item.published.is_some() && item.link.is_some() && item.summary.is_some()));
    Some((headlines.len(), edited))
}

#[test]
fn al_jazeera_of_a_day() {
    let seen = polls(&["aljazeera-all-20260813T0424Z", "aljazeera-all-20260813T0500Z", "aljazeera-all-20260813T0509Z"]);
    assert!(seen.is_none_or(|seen| seen == (28, 1)), "{seen:?}");
}

#[test]
fn bbc_of_a_day() {
    let seen = polls(&["bbc-world-20260813T0424Z", "bbc-world-20260813T0509Z"]);
    assert!(seen.is_none_or(|seen| seen == (30, 0)), "{seen:?}");
}
