//! How long reading takes: the largest table beside the checkout, or a made one of the same size
//! where it is not there. News has a bench of its own. `cargo bench --bench decode`.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::fmt::Write as _;
use std::path::Path;
use watchfloor::domain::feed::FeedId;
use watchfloor::feeds::{FeedOptions, Reader, Source};

fn main() {
    divan::main();
}

/// 35,000 rows, 2.5 MB, summed into some thirty series: a monthly release of CBP.
#[divan::bench]
fn largest_csv(bencher: Bencher<'_, '_>) {
    let bytes = shared("statistics/cbp-nationwide-encounters-fy20-fy23-state.csv").unwrap_or_else(encounters);
    reading(bencher, ENCOUNTERS, &bytes);
}

/// The same table into one series: what most configurations ask for.
#[divan::bench]
fn largest_csv_one_series(bencher: Bencher<'_, '_>) {
    let bytes = shared("statistics/cbp-nationwide-encounters-fy20-fy23-state.csv").unwrap_or_else(encounters);
    reading(bencher, ONE_SERIES, &bytes);
}

/// A made table of the same size, so that figures can be compared where nothing is beside the checkout.
#[divan::bench]
fn made_csv(bencher: Bencher<'_, '_>) {
    reading(bencher, ENCOUNTERS, &encounters());
}

/// 2,000 records of JSON.
#[divan::bench]
fn made_json(bencher: Bencher<'_, '_>) {
    let mut body = "{\"data\": {\"timeseries\": [".to_owned();
    for day in 0..2_000 {
        let comma = if day == 0 { "" } else { "," };
        let date = format!("20{:02}-{:02}-{:02}", 15 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
        write!(body, "{comma}{{\"data_date\": \"{date}\", \"unix_timestamp\": {day}, \"individuals\": \"{day}\"}}")
            .expect("a String takes everything");
    }
    body.push_str("]}}");
    reading(bencher, DAYS, body.as_bytes());
}

const ENCOUNTERS: &str = r#"
    kind = "statistics"
    format = "csv"
    period = { kind = "fiscal-month", year = "Fiscal Year", month = "Month (abbv)", starts = "October" }
    value = { column = "Encounter Count", aggregate = "sum" }
    series = [
      { route = "nationwide", measure = "encounters" },
      { route = "northern", measure = "encounters", rows = { "Land Border Region" = "Northern Land Border" } },
      { route = "southwest", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
      { route = "southwest/{Citizenship}", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
      { route = "southwest/{Demographic}", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } },
      { route = "southwest/title-42", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border", "Title of Authority" = "Title 42" } },
    ]
"#;

const ONE_SERIES: &str = r#"
    kind = "statistics"
    format = "csv"
    rows = { "Land Border Region" = "Southwest Land Border" }
    period = { kind = "fiscal-month", year = "Fiscal Year", month = "Month (abbv)", starts = "October" }
    value = { column = "Encounter Count", aggregate = "sum" }
    series = [{ route = "southwest", measure = "encounters" }]
"#;

const DAYS: &str = r#"
    kind = "statistics"
    format = "json"
    records = "/data/timeseries"
    period = { kind = "day", column = "data_date" }
    value = { column = "individuals" }
    series = [{ route = "border", measure = "crossings" }]
"#;

/// Reads the same bytes again and again; something has to come of it.
fn reading(bencher: Bencher<'_, '_>, options: &str, bytes: &[u8]) {
    let options: FeedOptions = toml::from_str(options).expect("the options are sound");
    let reader = Reader::from_options(&options).expect("the options are sound");
    let feed = FeedId::new("bench");
    let now = "2030-01-01T00:00:00Z".parse().expect("this is an instant");
    let source = Source {
        feed: &feed,
        base: Some("https://example.org/rss"),
        content_type: None,
        last_modified: None,
        name: None,
        now,
    };
    bencher.counter(BytesCount::of_slice(bytes)).bench_local(|| {
        let decoded = reader.decode(black_box(bytes), &source).expect("the document is sound");
        assert!(decoded.observations.len() > 30);
        decoded
    });
}

fn shared(path: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds").join(path)).ok()
}

/// A table of CBP's shape and size.
fn encounters() -> Vec<u8> {
    let months = ["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"];
    let regions = ["Southwest Land Border", "Northern Land Border", "Other"];
    let who = ["EL SALVADOR", "GUATEMALA", "\"CHINA, PEOPLES REPUBLIC OF\"", "HAITI", "MEXICO", "CUBA", "OTHER"];
    let demographics = ["Single Adults", "FMUA", "UC / Single Minors", "Accompanied Minors"];
    let mut table = "Fiscal Year,Month Grouping,Month (abbv),Land Border Region,State,Demographic,Citizenship,Title of Authority,Encounter Count\n"
        .to_owned();
    for row in 0..35_000_usize {
        let (month, region) = (months[row / 7 % 12], regions[row % 3]);
        let (demographic, citizenship) = (demographics[row / 3 % 4], who[row % 7]);
        let title = if row % 2 == 0 { "Title 8" } else { "Title 42" };
        let (year, count) = (2019 + row % 5, row % 900);
        writeln!(table, "{year},FYTD,{month},{region},TX,{demographic},{citizenship},{title},{count}")
            .expect("a String takes everything");
    }
    table.into_bytes()
}
