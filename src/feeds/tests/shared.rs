//! Real payloads, read from beside the checkout: each equals its twin row by row, every row and no more.

use super::tables::read;
use crate::domain::headline::Item;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A file of the shared folder; `None`, said loudly, where the folder is not there. In CI its absence is a failure.
fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "CI has no ../shared");
        eprintln!("SKIPPED: {path} needs ../shared, which is not there");
        return None;
    }
    Some(std::fs::read(folder.join(path)).unwrap())
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
}

#[test]
fn cbp_southwest() {
    equals_twin(
        "cbp-southwest-encounters-fy19-fy22",
        "csv",
        r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "fiscal-month", year = "Fiscal Year", month = "Month (abbv)", starts = "October" }
        value = { column = "Encounter Count", aggregate = "sum" }
        series = [
          { route = "southwest-border", measure = "encounters" },
          { route = "southwest-border/{Citizenship Grouping}", measure = "encounters" },
          { route = "southwest-border/northern-triangle", measure = "encounters", rows = { "Citizenship Grouping" = ["Guatemala", "Honduras", "El Salvador"] } },
          { route = "southwest-border/component/{Component}", measure = "encounters" },
          { route = "southwest-border/demographic/{Demographic}", measure = "encounters" },
          { route = "southwest-border/title-8", measure = "encounters", rows = { "Title of Authority" = "Title 8" } },
          { route = "southwest-border/title-42", measure = "encounters", rows = { "Title of Authority" = "Title 42" } },
        ]
    "#,
    );
}

#[test]
fn cbp_nationwide() {
    equals_twin(
        "cbp-nationwide-encounters-fy21-fy24-oct-state",
        "csv",
        r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "fiscal-month", year = "Fiscal Year", month = "Month abbv", starts = "October" }
        value = { column = "Encounter Count", aggregate = "sum" }
        series = [
          { route = "nationwide", measure = "encounters" },
          { route = "northern-border", measure = "encounters", rows = { "Land Border Region" = "Northern Land Border" } },
          { route = "other", measure = "encounters", rows = { "Land Border Region" = "Other" } },
          { route = "southwest-border", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
          { route = "southwest-border/{Citizenship}", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
          { route = "southwest-border/demographic/{Demographic}", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
          { route = "southwest-border/northern-triangle", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border", Citizenship = ["GUATEMALA", "HONDURAS", "EL SALVADOR"] } },
          { route = "southwest-border/title-8", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border", "Title of Authority" = "Title 8" } },
          { route = "southwest-border/title-42", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border", "Title of Authority" = "Title 42" } },
        ]
    "#,
    );
}

#[test]
fn uk_small_boats() {
    equals_twin(
        "rvaughan-ukho-small-boats-daily",
        "csv",
        r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "day", column = "date" }
        value = { column = "migrants" }
        series = [
          { route = "english-channel", measure = "persons" },
          { route = "english-channel/boats", measure = "boats", value = "boats" },
        ]
    "#,
    );
}

#[test]
fn panama_darien() {
    equals_twin(
        "panama-snm-darien-transit-nationality",
        "csv",
        r#"
        kind = "statistics"
        format = "csv"
        # Rows of 2010 to 2019 are year totals dated January.
        period = { kind = "month", column = "t", from = "2020-01" }
        value = { column = "n", aggregate = "sum" }
        series = [{ route = "darien", measure = "persons" }, { route = "darien/{nat}", measure = "persons" }]
    "#,
    );
}

#[test]
fn frontex_routes() {
    equals_twin(
        "frontex-ibc-monthly-route-nationality",
        "csv",
        r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "month", column = "t" }
        value = { column = "n", aggregate = "sum" }
        series = [{ route = "eu-external-border", measure = "detections" }, { route = "{route}", measure = "detections" }]
    "#,
    );
}

#[test]
fn unhcr_ukraine() {
    equals_twin(
        "unhcr-ukraine-timeseries-20220427",
        "json",
        r#"
        kind = "statistics"
        format = "json"
        records = "/data/timeseries"
        period = { kind = "day", column = "data_date" }
        value = { column = "individuals" }
        series = [{ route = "ukraine-refugee-situation", measure = "crossings" }]
    "#,
    );
}

/// Follows polls of one day: an item is known again by any of its names.
fn polls(names: &[&str]) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut headlines: Vec<Item> = Vec::new();
    let mut titles_in_polls: BTreeSet<String> = BTreeSet::new();
    for name in names {
        let Some(body) = shared(&format!("feeds/news/{name}.xml")) else { return };
        let decoded = read("kind = \"news\"", &body).unwrap();
        assert_eq!(
            decoded.items.len(),
            String::from_utf8_lossy(&body).matches("<item>").count(),
            "{name} loses an item"
        );
        for item in decoded.items {
            titles_in_polls.insert(item.title.to_string());
            let key = item.aliases.iter().find_map(|alias| known.get(alias)).copied().unwrap_or(headlines.len());
            if key == headlines.len() {
                headlines.push(item.clone());
            }
            for alias in &item.aliases {
                known.insert(alias.clone(), key);
            }
        }
    }
    let links: BTreeSet<_> = headlines.iter().map(|item| item.link.clone()).collect();
    assert_eq!(links.len(), headlines.len(), "an article was seen twice");
    let seen: BTreeSet<String> = headlines.iter().map(|item| item.title.to_string()).collect();
    assert!(seen.is_subset(&titles_in_polls) && headlines.len() > 20);
    assert!(headlines.iter().all(|item| item.published.is_some() && item.link.is_some()));
}

#[test]
fn al_jazeera_of_a_day() {
    polls(&["aljazeera-all-20260813T0424Z", "aljazeera-all-20260813T0500Z", "aljazeera-all-20260813T0509Z"]);
}

#[test]
fn bbc_of_a_day() {
    polls(&["bbc-world-20260813T0424Z", "bbc-world-20260813T0509Z"]);
}
