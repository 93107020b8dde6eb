//! Real payloads, read from beside the checkout: each equals its twin row by row, every row and no more.

use super::{lines, read};
use crate::domain::headline::{Item, canonical_link};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A file of the shared folder; `None`, said loudly, where the folder is not there. In CI its absence is a failure.
pub(super) fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: {path} needs ../shared, which is not there");
        return None;
    }
    Some(std::fs::read(folder.join(path)).unwrap())
}

/// The files of a folder beside the checkout, by name; none where it is not there.
pub(super) fn names(folder: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(folder);
    let files = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Reads `statistics/<name>` with a mapping and compares it with its twin: `date,route,value`.
fn equals_twin(name: &str, extension: &str, mapping: &str) {
    let Some(body) = shared(&format!("feeds/statistics/{name}.{extension}")) else { return };
    let twin = shared(&format!("feeds/expected/{name}.csv")).unwrap();
    let decoded = read(mapping, &body).unwrap();
    assert_eq!(decoded.warnings, []);
    let ours: BTreeSet<(String, String, String)> = decoded
        .observations
        .iter()
        .map(|o| (o.period.start().to_string(), o.series.route.to_string(), o.value.unwrap().to_string()))
        .collect();
    let mut table = ::csv::Reader::from_reader(twin.as_slice());
    let theirs: BTreeSet<(String, String, String)> = table
        .records()
        .map(|row| row.unwrap())
        .map(|row| (row[0].to_owned(), row[1].to_owned(), row[2].parse::<f64>().unwrap().to_string()))
        .collect();
    let missing: Vec<_> = theirs.difference(&ours).take(5).collect();
    let extra: Vec<_> = ours.difference(&theirs).take(5).collect();
    assert!(missing.is_empty() && extra.is_empty(), "{name}: missing {missing:?}, extra {extra:?}");
    assert!(!theirs.is_empty());
    assert_eq!(decoded.observations.len(), theirs.len());
    assert!(lines(&decoded).iter().all(|line| line.ends_with(" closed")), "nothing of it is filler or running");
}

/// A mapping of the folder beside, with the file that it reads and the twin's name.
macro_rules! twin {
    ($test:ident, $name:literal, $extension:literal) => {
        #[test]
        fn $test() {
            equals_twin($name, $extension, include_str!(concat!("mappings/", $name, ".toml")));
        }
    };
}

twin!(cbp_southwest, "cbp-southwest-encounters-fy19-fy22", "csv");
twin!(cbp_nationwide, "cbp-nationwide-encounters-fy21-fy24-oct-state", "csv");
twin!(uk_small_boats, "rvaughan-ukho-small-boats-daily", "csv");
twin!(panama_darien, "panama-snm-darien-transit-nationality", "csv");
twin!(frontex_routes, "frontex-ibc-monthly-route-nationality", "csv");
twin!(unhcr_ukraine, "unhcr-ukraine-timeseries-20220427", "json");

/// Follows polls of one day as a store would: an item is known again by any of its names. Says how many headlines
/// there were and how many were edited.
fn polls(names: &[&str]) -> Option<(usize, usize)> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
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
                known.insert(alias.clone(), key);
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

/// Every payload of the folder: as many items as it has, and the date of the first. What is no feed is refused.
#[test]
fn every_payload_is_read_or_refused() {
    let Some(manifest) = shared("feeds/MANIFEST.tsv") else { return };
    let manifest = String::from_utf8(manifest).unwrap();
    let no_feeds = [
        "federalregister-search-20260421.json",
        "reliefweb-api-v1-reports-page1.json",
        "scripting-rss-in-json.json",
        // Unpacking is the fetcher's work.
        "gzip-body.xml.gz",
    ];
    let mut payloads = 0;
    for line in manifest.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let Some(name) = fields[0].strip_prefix("news/") else { continue };
        payloads += 1;
        let body = shared(&format!("feeds/{}", fields[0])).unwrap();
        let decoded = read("kind = \"news\"", &body);
        if no_feeds.contains(&name) {
            assert!(decoded.unwrap_err().contains("is no news feed"), "{name}");
            continue;
        }
        let items = decoded.unwrap().items;
        let expected: usize = fields[8].split(' ').next().unwrap().parse().unwrap();
        assert_eq!(items.len(), expected, "{name}");
        let date = fields[8].split("first date ").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or("none");
        if let Ok(date) = date.trim_start_matches("as written ").trim_matches('\'').parse::<Timestamp>()
            // A publisher whose dates could be read in two ways.
            && name != "kc0011-gb2312.xml"
        {
            assert_eq!(items[0].published.or(items[0].updated), Some(date), "{name}");
        }
    }
    assert!(payloads > 70, "{payloads}");
}
