//! Small tables that show one thing each.

use crate::domain::feed::FeedId;
use crate::domain::observation::Status;
use crate::feeds::{Decoded, FeedOptions, Reader, Source};
use proptest::prelude::*;

/// Reads text with a mapping as the configuration writes it.
pub fn read(mapping: &str, bytes: &[u8]) -> Result<Decoded, String> {
    read_at(mapping, bytes, "2030-01-01T00:00:00Z")
}

fn read_at(mapping: &str, bytes: &[u8], now: &str) -> Result<Decoded, String> {
    let options: FeedOptions = toml::from_str(mapping).map_err(|error| error.to_string())?;
    let reader = Reader::from_options(&options).map_err(|error| error.to_string())?;
    let feed = FeedId::new("test");
    let source = Source { feed: &feed, base: None, content_type: None, now: now.parse().unwrap() };
    reader.decode(bytes, &source).map_err(|error| error.to_string())
}

/// `route period value status`, a line each.
fn lines(decoded: &Decoded) -> Vec<String> {
    let line = |o: &crate::domain::observation::Observation| {
        let value = o.value.map_or("-".to_owned(), |value| value.to_string());
        format!("{} {} {value} {}", o.series.route, o.period, o.status.word())
    };
    decoded.observations.iter().map(line).collect()
}

const FISCAL: &str = r#"
    kind = "statistics"
    format = "csv"
    rows = { "Land Border Region" = "Southwest Land Border" }
    period = { kind = "fiscal-month", year = "Fiscal Year", month = ["Month (abbv)", "Month"], starts = "October" }
    value = { column = "Encounter Count", aggregate = "sum" }
    series = [{ route = "us", measure = "encounters" }, { route = "us/{Citizenship}", measure = "encounters" }]
"#;

#[test]
fn fiscal_months_are_summed_and_months_not_reached_are_filler() {
    let table = "\u{feff}Fiscal Year,Month abbv,Land Border Region,Citizenship,Encounter Count\n\
        2022 (FYTD),OCT,Southwest Land Border,HAITI,10\n\
        2022 (FYTD),OCT,Northern Land Border,HAITI,99\n\
        2022 (FYTD),OCT,southwest  land border,CUBA,5.0\n\
        2022 (FYTD),NOV,Southwest Land Border,CUBA,7\n\
        2022 (FYTD),DEC,Southwest Land Border,CUBA,0\n\
        2022 (FYTD),JAN,Southwest Land Border,CUBA\n\
        2022 (FYTD),Mars,Southwest Land Border,CUBA,1\n";
    let decoded = read(FISCAL, table.as_bytes()).unwrap();
    assert_eq!(
        lines(&decoded),
        [
            "us 2021-10 15 closed",
            "us 2021-11 7 closed",
            "us 2021-12 0 filler",
            "us/HAITI 2021-10 10 closed",
            "us/CUBA 2021-10 5 closed",
            "us/CUBA 2021-11 7 closed",
            "us/CUBA 2021-12 0 filler",
        ]
    );
    let warnings: Vec<String> = decoded.warnings.iter().map(|w| format!("{}: {}", w.place, w.what)).collect();
    assert_eq!(warnings, ["line 7: 4 cells where the header has 5", "line 8: \"2022 (FYTD) Mars\" is no month"]);
}

const RUNNING: &str = r#"
    kind = "statistics"
    format = "json"
    records = "/data/months"
    period = { kind = "month", column = "month" }
    value = { column = "total", running = "year" }
    status = { column = "status", provisional = "provisional" }
    series = [{ route = "darien", measure = "persons" }]
"#;

#[test]
fn running_totals_are_differenced_within_their_year() {
    let body = r#"{"data": {"months": [
        {"month": "2020-11", "total": 5494}, {"month": "2020-12", "total": "6,465"},
        {"month": "2022-01", "total": 4700, "status": "Provisional"}, {"month": "2022-02", "total": 8456},
        {"month": "2022-04", "total": 20000}, {"month": "2022-05", "total": 19000}]}}"#;
    let decoded = read(RUNNING, body.as_bytes()).unwrap();
    assert_eq!(
        lines(&decoded),
        ["darien 2020-12 971 closed", "darien 2022-01 4700 provisional", "darien 2022-02 3756 provisional"]
    );
    assert!(decoded.warnings[0].what.as_str().contains("falls from 20000 to 19000"), "{:?}", decoded.warnings);
}

#[test]
fn time_tells_running_periods_filler_and_the_future_apart() {
    let mapping = r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "month", column = "m" }
        value = { column = "n" }
        series = [{ route = "r", measure = "persons" }]
    "#;
    let table = "m,n\n2022-03,5\n2022-04,6\n2022-05,0\n2022-07,8\n2022-02,<5\n2022-01,-\n";
    let decoded = read_at(mapping, table.as_bytes(), "2022-04-20T12:00:00Z").unwrap();
    assert_eq!(
        lines(&decoded),
        [
            "r 2022-02 - suppressed",
            "r 2022-03 5 closed",
            "r 2022-04 6 partial",
            "r 2022-05 0 filler",
            "r 2022-07 8 invalid"
        ]
    );
}

#[test]
fn wide_tables_have_a_column_for_each_period() {
    let mapping = r#"
        kind = "statistics"
        format = "csv"
        period = { kind = "month", wide = "MMMYYYY" }
        value = { aggregate = "sum" }
        series = [{ route = "med", measure = "detections", rows = { Route = "Central Mediterranean" } }]
    "#;
    let table = "Route,Nationality,JAN2022,FEB2022\nCentral Mediterranean,Egypt,3,\nCentral Mediterranean,Tunisia,4,5\nOther,Syria,9,9\n";
    assert_eq!(lines(&read(mapping, table.as_bytes()).unwrap()), ["med 2022-01 7 closed", "med 2022-02 5 closed"]);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let cases = [
        (FISCAL, "a,b\n1,2\n", "no column is called"),
        (FISCAL, "<!DOCTYPE html><html>", "it is a web page"),
        (FISCAL, "", "it is empty"),
        (RUNNING, "{\"data\": {\"rows\": [{\"month\": 1}]}}", "lists are at /data/rows"),
        (RUNNING, "Please limit requests", "it is no JSON"),
        ("kind = \"news\"", "<html></html>", "it is no news feed"),
        ("kind = \"statistics\"\nformat = \"csv\"", "", "period: it does not say where the period is"),
        ("kind = \"weather\"", "", "\"weather\" is no kind of feed"),
        ("kind = \"news\"\nformat = \"csv\"", "", "news cannot be read from csv"),
        ("kind = \"news\"\nskip = 2", "", "this maps a table"),
    ];
    for (mapping, body, phrase) in cases {
        let error = read(mapping, body.as_bytes()).unwrap_err();
        assert!(error.contains(phrase), "{error}");
    }
}

const NEWS: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://example.org/</link>
  <item><title>Arrivals &amp; <![CDATA[<b>departures</b>]]></title><link>/news/1?utm_source=rss</link><guid>1</guid>
    <pubDate>Tue, 29 Mar 2022 16:02:00 GMT</pubDate><description>&lt;p&gt;Text\u{1b}[31m&lt;/p&gt;</description></item>
  <item><title>No guid & a bare ampersand</title><link>https://www.example.org/news/2</link></item>
  <item><title>Elsewhere</title><link>javascript:alert(1)</link><guid>twice</guid></item>
  <item><title>Again</title><guid>twice</guid></item>
  <item></item>
</channel></rss>"#;

#[test]
fn news_items_are_clean_and_have_stable_names() {
    let body = NEWS.replace("\\u{1b}", "\u{1b}");
    let options: FeedOptions = toml::from_str("kind = \"news\"").unwrap();
    let reader = Reader::from_options(&options).unwrap();
    let feed = FeedId::new("f");
    let source = Source {
        feed: &feed,
        base: Some("https://example.org/rss"),
        content_type: None,
        now: "2022-04-01T00:00:00Z".parse().unwrap(),
    };
    let decoded = reader.decode(body.as_bytes(), &source).unwrap();
    let item = &decoded.items[0];
    assert_eq!(item.title.as_str(), "Arrivals & departures");
    assert_eq!(item.link.as_ref().unwrap().as_str(), "https://example.org/news/1?utm_source=rss");
    assert_eq!(item.aliases, ["guid f 1", "link example.org/news/1 arrivals & departures"]);
    assert_eq!(item.published, "2022-03-29T16:02:00Z".parse().ok());
    assert!(!item.summary.as_ref().unwrap().as_str().contains('\u{1b}'));
    assert_eq!(decoded.items[1].aliases, ["link example.org/news/2 no guid & a bare ampersand"]);
    assert_eq!(
        (decoded.items[2].link.as_ref(), decoded.items[2].aliases[0].as_str()),
        (None, "title f undated elsewhere")
    );
    assert_eq!((decoded.items.len(), decoded.warning_count), (4, 1));
}

#[test]
fn json_feed_and_atom_are_read_too() {
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [
        {"id": "1", "url": "https://example.org/1", "title": "One", "content_text": "x", "date_published": "2022-03-29T16:02:00Z"}]}"#;
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>t</id><updated>2022-03-29T16:02:00Z</updated>
        <entry><title>One</title><id>1</id><link rel="self" href="https://example.org/self"/><link rel="alternate" href="https://example.org/1"/>
        <published>2022-03-29T16:02:00Z</published><updated>2022-03-29T17:00:00Z</updated></entry></feed>"#;
    for body in [json, atom] {
        let decoded = read("kind = \"news\"", body.as_bytes()).unwrap();
        let item = &decoded.items[0];
        assert_eq!((item.title.as_str(), item.aliases[0].as_str()), ("One", "guid test 1"));
        assert_eq!(item.link.as_ref().unwrap().as_str(), "https://example.org/1");
        assert_eq!(item.published, "2022-03-29T16:02:00Z".parse().ok());
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for mapping in [FISCAL, RUNNING, "kind = \"news\""] {
            let _ = read(mapping, &bytes);
        }
    }

    #[test]
    fn no_cells_panic(cells in prop::collection::vec("[0-9A-Z<>,.\" -]{0,6}", 5..40)) {
        let header = "Fiscal Year,Month,Land Border Region,Citizenship,Encounter Count\n";
        let rows: Vec<String> = cells.chunks(5).map(|row| row.join(",")).collect();
        let _ = read(FISCAL, format!("{header}{}", rows.join("\n")).as_bytes());
    }

    #[test]
    fn the_order_of_rows_does_not_matter_to_sums(counts in prop::collection::vec((0_usize..12, 0_u32..500), 1..40), turn in 0_usize..40) {
        let months = ["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"];
        let mut rows: Vec<String> = counts.iter().map(|(month, count)| {
            format!("2021,{},Southwest Land Border,X,{count}", months[*month])
        }).collect();
        let table = |rows: &[String]| format!("Fiscal Year,Month,Land Border Region,Citizenship,Encounter Count\n{}", rows.join("\n"));
        let one = read(FISCAL, table(&rows).as_bytes()).unwrap();
        let length = rows.len();
        rows.rotate_left(turn % length);
        let other = read(FISCAL, table(&rows).as_bytes()).unwrap();
        prop_assert_eq!(lines(&one), lines(&other));
        let total: f64 = one.observations.iter().filter(|o| o.series.route.as_str() == "us").filter_map(|o| o.value).sum();
        prop_assert_eq!(total, f64::from(counts.iter().map(|(_, count)| count).sum::<u32>()));
        prop_assert!(one.observations.iter().all(|o| matches!(o.status, Status::Closed | Status::Filler)));
    }
}
