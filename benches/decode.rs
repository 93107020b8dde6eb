//! Decoding the largest table and the largest feed: the real ones beside the checkout where they are, else made here of the same
//! size and shape.

use std::fmt::Write as _;
use std::path::Path;
use watchfloor::domain::feed::FeedId;
use watchfloor::feeds::{FeedOptions, Reader, Source};

fn main() {
    divan::main();
}

fn shared(path: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds").join(path)).ok()
}

fn table() -> Vec<u8> {
    shared("statistics/cbp-nationwide-encounters-fy20-fy23-state.csv").unwrap_or_else(|| {
        let months = ["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"];
        let mut text = "Fiscal Year,Month Grouping,Month (abbv),Land Border Region,State,Demographic,Citizenship,Title of Authority,Encounter Count\n".to_owned();
        for row in 0..36_000 {
            let month = months[row % 12];
            // Writing to a String cannot fail.
            let _ = writeln!(text, "202{},FYTD,{month},Southwest Land Border,TX,Single Adults,COUNTRY {},Title 8,{}", row % 4, row % 20, row % 900);
        }
        text.into_bytes()
    })
}

fn news() -> Vec<u8> {
    shared("news/jagonews-20260813T0924Z.xml").unwrap_or_else(|| {
        let mut text = "<rss version=\"2.0\"><channel><title>N</title>".to_owned();
        for item in 0..2000 {
            let _ = write!(
                text,
                "<item><title>Headline {item}</title><guid>{item}</guid><description>{}</description></item>",
                "words ".repeat(70)
            );
        }
        text.push_str("</channel></rss>");
        text.into_bytes()
    })
}

fn decode(bencher: divan::Bencher<'_, '_>, mapping: &str, body: &[u8]) {
    let options: FeedOptions = toml::from_str(mapping).expect("the mapping of a bench is right");
    let reader = Reader::from_options(&options).expect("the options of a bench are right");
    let feed = FeedId::new("bench");
    let source = Source {
        feed: &feed,
        base: None,
        content_type: None,
        now: "2026-11-24T00:00:00Z".parse().expect("an instant"),
    };
    bencher
        .counter(divan::counter::BytesCount::new(body.len()))
        .bench(|| reader.decode(body, &source).expect("it is read"));
}

#[divan::bench]
fn largest_csv(bencher: divan::Bencher<'_, '_>) {
    let mapping = r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "fiscal-month", year = "Fiscal Year", month = "Month (abbv)", starts = "October" }
        value = { column = "Encounter Count", aggregate = "sum" }
        series = [{ route = "us", measure = "encounters", rows = { "Land Border Region" = "Southwest Land Border" } }, { route = "us/{Citizenship}", measure = "encounters" }]
    "#;
    decode(bencher, mapping, &table());
}

#[divan::bench]
fn largest_rss(bencher: divan::Bencher<'_, '_>) {
    decode(bencher, "kind = \"news\"", &news());
}
