//! Guesses: over small documents that show one thing each, over the real payloads beside the checkout, and over anything.

use super::super::guess::{Asked, NoGuess, Proposal, guess};
use super::shared::{names, shared};
use super::{read_at, reader};
use crate::domain::feed::FeedKind;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const NOW: &str = "2026-11-24T00:00:00Z";

fn asked<'a>(name: &'a str, url: Option<&'a str>) -> Asked<'a> {
    Asked { name, id: None, url, config: "watchfloor.toml", content_type: None, now: NOW.parse().unwrap() }
}

fn propose(document: &str) -> Proposal {
    guess(document.as_bytes(), &asked("desk.csv", Some("file:desk.csv"))).unwrap_or_else(|error| panic!("{error}"))
}

/// The keys of the proposal that concern reading.
fn mapping(proposal: &Proposal) -> String {
    let whole: toml::Table = proposal.toml.parse().unwrap_or_else(|error| panic!("{error}\n{}", proposal.toml));
    let mut feed = whole["feed"].as_array().unwrap()[0].as_table().unwrap().clone();
    for key in ["id", "url", "every", "name"] {
        feed.remove(key);
    }
    feed.to_string()
}

/// `route period value status`, as the proposal reads the document.
fn gives(document: &str) -> Vec<String> {
    let decoded = read_at(&mapping(&propose(document)), document.as_bytes(), NOW).unwrap();
    super::lines(&decoded)
}

/// Whether a line of the proposal is in force.
fn has(proposal: &Proposal, line: &str) -> bool {
    proposal.toml.lines().any(|other| other.trim_start().starts_with(line))
}

fn unsure(proposal: &Proposal, phrase: &str) -> bool {
    proposal.unsure.iter().any(|text| text.as_str().contains(phrase))
}

#[test]
fn the_name_of_a_table_of_a_page_controls_no_terminal() {
    let rows: String =
        (1..=9).map(|month| format!("<tr><td>2024-0{month}</td><td>{}</td></tr>", 100 + month * 37)).collect();
    let head = "<tr><th>Month</th><th>Persons</th></tr>";
    let page = format!(
        "<!DOCTYPE html><html><body><h2>Arrivals\u{9b}31m by month</h2><table>{head}{rows}</table></body></html>"
    );
    let asked = Asked {
        name: "page.html",
        id: None,
        url: None,
        config: "watchfloor.toml",
        content_type: None,
        now: NOW.parse().unwrap(),
    };
    let what = guess(page.as_bytes(), &asked).map(|proposal| proposal.what).unwrap_or_default();
    assert!(what.contains("by month") && !what.chars().any(char::is_control), "{what:?}");
}

#[test]
fn a_row_a_day_is_read() {
    let document = "Date;Arrivals;Notes\n2024-01-01;1,200;\n2024-01-02;5;calm\n2024-01-03;-;\n";
    assert_eq!(gives(document), ["desk 2024-01-01 1200 closed", "desk 2024-01-02 5 closed"]);
    let proposal = propose(document);
    assert!(has(&proposal, "period = { kind = \"day\", column = \"Date\" }"), "{}", proposal.toml);
    assert_eq!((proposal.id.as_str(), proposal.reads.figures, proposal.reads.warnings), ("desk", 2, 0));
}

#[test]
fn dates_are_no_years_though_that_would_read_more_smoothly() {
    let proposal = propose("date,n\n2024-01-01,5\n2024-01-02,x\n2024-01-03,12\n2024-01-04,-3\n2024-01-05,7\n");
    assert!(has(&proposal, "period = { kind = \"day\", column = \"date\" }"), "{}", proposal.toml);
    assert_eq!((proposal.reads.figures, proposal.reads.warnings), (3, 1));
    assert!(proposal.toml.contains("The first warning: line 5: -3 of desk"), "{}", proposal.toml);
    assert!(unsure(&proposal, "whether \"x\" means that there is no number"), "{}", proposal.toml);
}

#[test]
fn day_and_month_are_told_apart_by_the_data_where_they_can_be() {
    let days = |dates: &[&str]| {
        let rows: Vec<String> = dates.iter().enumerate().map(|(n, date)| format!("{date},{n}")).collect();
        propose(&format!("date,n\n{}\n", rows.join("\n")))
    };
    let settled = days(&["01/02/2022", "13/02/2022", "02/03/2022"]);
    assert!(
        has(&settled, "period = { kind = \"day\", column = \"date\", format = \"DD/MM/YYYY\" }"),
        "{}",
        settled.toml
    );
    assert!(unsure(&settled, "above 12: \"13/02/2022\""), "{}", settled.toml);
    let american = days(&["01/02/2022", "01/03/2022", "02/14/2022"]);
    assert!(american.toml.contains("format = \"MM/DD/YYYY\" }"), "{}", american.toml);
    // Nothing is above 12: read as days of one month they follow one another.
    let ordered = days(&["03/01/2022", "03/02/2022", "03/03/2022", "03/04/2022", "03/05/2022"]);
    assert!(
        has(&ordered, "period = { kind = \"day\", column = \"date\", format = \"MM/DD/YYYY\" }"),
        "{}",
        ordered.toml
    );
    assert!(unsure(&ordered, "may be DD/MM/YYYY"), "{}", ordered.toml);
    assert!(
        ordered.toml.contains("#period = { kind = \"month\", column = \"date\", format = \"DD/MM/YYYY\" }")
            || ordered.toml.contains("#period = { kind = \"day\", column = \"date\", format = \"DD/MM/YYYY\" }"),
        "{}",
        ordered.toml
    );
}

#[test]
fn rows_of_one_period_are_added_and_routes_made() {
    let document = "month,route,sex,persons\n2024-01,East,f,1\n2024-01,East,m,2\n2024-01,West,f,4\n2024-01,West,m,8\n\
                    2024-02,East,f,16\n2024-02,East,m,32\n2024-02,West,f,64\n2024-02,West,m,128\n";
    let lines = gives(document);
    for line in ["desk 2024-01 15 closed", "desk/East 2024-02 48 closed", "desk/West 2024-01 12 closed"] {
        assert!(lines.iter().any(|other| other == line), "{line}: {lines:?}");
    }
    let proposal = propose(document);
    assert!(proposal.toml.contains("#{ route = \"desk/{sex}\", measure = \"persons\" }"), "{}", proposal.toml);
    assert!(proposal.toml.contains("#rows = { sex = \"f\" }   # or m"), "{}", proposal.toml);
}

#[test]
fn fiscal_years_begin_where_the_running_one_begins() {
    let mut document = "Fiscal Year,Month,Count\n".to_owned();
    for (year, months) in [
        ("2022", &["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"][..]),
        ("2023 (FYTD)", &["OCT", "NOV"]),
    ] {
        for month in months {
            document.push_str(&format!("{year},{month},7\n"));
        }
    }
    let proposal = propose(&document);
    assert!(proposal.toml.contains("starts = \"October\""), "{}", proposal.toml);
    assert!(unsure(&proposal, "the last year in the table has begun with it"), "{}", proposal.toml);
    assert_eq!(proposal.reads.series[0].first.label(), "2021-10");
}

#[test]
fn a_column_a_month_is_read_and_its_total_left_out() {
    let document = "geo,2024M01,2024M02,2024M03,Total\nAustria,1,2,3,6\nBelgium,4,5,6,15\nChad,7,8,9,24\n";
    let lines = gives(document);
    assert!(lines.contains(&"desk 2024-02 15 closed".to_owned()), "{lines:?}");
    assert!(lines.contains(&"desk/Chad 2024-03 9 closed".to_owned()), "{lines:?}");
    assert_eq!(lines.len(), 12);
}

#[test]
fn totals_of_years_are_no_months() {
    let mut document = "t,n\n2018-01-01,500\n2019-01-01,700\n".to_owned();
    for month in 1..=12 {
        document.push_str(&format!("2020-{month:02}-01,{month}0\n"));
    }
    let proposal = propose(&document);
    assert!(proposal.toml.contains("from = \"2020-01\""), "{}", proposal.toml);
    assert_eq!(proposal.reads.figures, 12);
}

#[test]
fn running_totals_are_suspected() {
    let mut document = "month,persons\n".to_owned();
    for year in [2022, 2023] {
        for month in 1..=12 {
            document.push_str(&format!("{year}-{month:02},{}\n", month * 100 + year));
        }
    }
    // The turn of the year must be a drop to be one.
    let document = document.replace("2023-01,2123", "2023-01,90");
    let proposal = propose(&document);
    assert!(unsure(&proposal, "starts again each January"), "{}", proposal.toml);
}

#[test]
fn numbers_of_other_countries_are_read() {
    let document = "data;valore\n01/02/2024;1.234,5\n15/02/2024;12,5\n20/02/2024;7\n";
    let proposal = propose(document);
    assert!(proposal.toml.contains("decimal = \",\""), "{}", proposal.toml);
    assert_eq!(gives(document)[0], "desk 2024-02-01 1234.5 closed");
    let document = "data;valore\n2024-01-01;1.234\n2024-01-02;2.500\n2024-01-03;10.000\n2024-01-04;7\n";
    assert!(unsure(&propose(document), "is read as thousands"));
    assert_eq!(gives(document)[2], "desk 2024-01-03 10000 closed");
}

#[test]
fn letters_of_other_encodings_are_read() {
    let text = "Tag;Land;Ank\u{fc}nfte\n2024-01-01;\u{d6}sterreich;5\n2024-01-01;D\u{e4}nemark;7\n2024-01-02;\u{d6}sterreich;6\n2024-01-02;D\u{e4}nemark;8\n";
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let proposal = guess(&bytes, &asked("desk.csv", None)).unwrap();
    assert!(has(&proposal, "encoding = \"windows-1252\""), "{}", proposal.toml);
    assert!(
        proposal.reads.series.iter().any(|line| line.series.route.as_str() == "desk/\u{d6}sterreich"),
        "{}",
        proposal.toml
    );
}

#[test]
fn titles_before_the_table_are_passed_over() {
    let document = "Office of the desk\nArrivals by day\n\nDay,Arrivals\n2024-01-01,5\n2024-01-02,6\n";
    let proposal = propose(document);
    assert!(proposal.what.contains("its column names in line 4"), "{}", proposal.toml);
    assert_eq!(gives(document).len(), 2);
}

#[test]
fn json_records_are_found() {
    let document = r#"{ "meta": { "tags": [{ "name": "x" }] }, "data": { "days": [
        { "date": "2024-01-01", "place": { "name": "South" }, "individuals": "5" },
        { "date": "2024-01-01", "place": { "name": "North" }, "individuals": "7" },
        { "date": "2024-01-02", "place": { "name": "South" }, "individuals": "6" },
        { "date": "2024-01-02", "place": { "name": "North" }, "individuals": null } ] } }"#;
    let proposal = propose(document);
    assert!(has(&proposal, "records = \"/data/days\""), "{}", proposal.toml);
    assert!(gives(document).contains(&"desk 2024-01-01 12 closed".to_owned()), "{}", proposal.toml);
}

#[test]
fn records_in_records_and_records_a_line_are_read() {
    let nested = r#"{ "data": [
        { "border": "East", "values": [{ "date": "2024-01-01", "arrivals": 5 }, { "date": "2024-01-02", "arrivals": 6 }] },
        { "border": "West", "values": [{ "date": "2024-01-01", "arrivals": 7 }, { "date": "2024-01-02", "arrivals": 8 }] } ] }"#;
    let proposal = propose(nested);
    assert!(has(&proposal, "records = \"/data/*/values\""), "{}", proposal.toml);
    assert!(gives(nested).contains(&"desk/West 2024-01-02 8 closed".to_owned()), "{}", proposal.toml);
    let lines = "{\"date\": \"2024-01-01\", \"arrivals\": 5}\n{\"date\": \"2024-01-02\", \"arrivals\": 6}\n";
    assert_eq!(gives(lines).len(), 2);
}

#[test]
fn news_and_pages_that_name_news_are_told() {
    let news = "<rss version=\"2.0\"><channel><title>N</title><item><title>One</title><link>https://example.org/1</link></item></channel></rss>";
    let proposal = propose(news);
    assert_eq!((proposal.kind, proposal.reads.headlines), (FeedKind::News, 1));
    assert!(has(&proposal, "kind = \"news\"") && proposal.toml.contains("One"), "{}", proposal.toml);
    let page = "<!doctype html><html><head><title>Desk</title><link rel=\"alternate\" type=\"application/rss+xml\" title=\"All\" href=\"/rss.xml\">\
                <link rel=\"alternate\" type=\"application/atom+xml\" title=\"Talk\" href=\"/talk.atom\"></head><body>x</body></html>";
    let page_of = |url| guess(page.as_bytes(), &asked("desk.html", url));
    let proposal = page_of(Some("https://desk.example.org/")).unwrap();
    assert!(has(&proposal, "url = \"https://desk.example.org/rss.xml\""), "{}", proposal.toml);
    assert!(has(&proposal, "#url = \"https://desk.example.org/talk.atom\""), "{}", proposal.toml);
    assert!(matches!(page_of(None), Err(NoGuess::Page { title, .. }) if title.as_str() == "\"Desk\""));
}

#[test]
fn json_that_is_no_feed_may_be_news() {
    let document = r#"{ "results": [
        { "id": 7, "title": "Twenty-one states ask the court", "pdf_url": "https://example.org/7.pdf", "html_url": "https://example.org/7", "publication_date": "2022-04-14", "page_views": { "count": 12 } },
        { "id": 8, "title": "The hearing is set for May", "pdf_url": "https://example.org/8.pdf", "html_url": "https://example.org/8", "publication_date": "2022-04-15", "page_views": { "count": 3 } } ] }"#;
    let proposal = propose(document);
    assert_eq!((proposal.kind, proposal.reads.headlines), (FeedKind::News, 2));
    let item = "item = { title = \"title\", link = \"html_url\", id = \"id\", published = \"publication_date\" }";
    assert!(has(&proposal, item) && has(&proposal, "records = \"/results\""), "{}", proposal.toml);
}

#[test]
fn a_feed_with_nothing_in_it_is_one() {
    let proposal = propose("<rss version=\"2.0\"><channel><title>N</title></channel></rss>");
    assert!(proposal.toml.contains("a feed of news, with nothing in it now"), "{}", proposal.toml);
}

#[test]
fn what_cannot_be_guessed_is_said_with_what_to_do() {
    let said = |document: &str| {
        guess(document.as_bytes(), &asked("x", None)).err().map(|error| error.to_string()).unwrap_or_default()
    };
    for (document, phrase) in [
        ("", "x is empty"),
        (" \n ", "x is empty"),
        ("Please log in.\n", "it begins with \"Please log in.\""),
        ("{\"a\": [1, 2", "the JSON is damaged"),
        ("{\"a\": 1}", "no list of records"),
        ("name,colour\na,red\nb,blue\n", "with the columns name, colour"),
        (
            "{\"resources\": [{\"format\": \"CSV\", \"url\": \"https://example.org/a.csv\"}]}",
            "feed guess https://example.org/a.csv",
        ),
        ("<!doctype html><title>Log in</title>", "a web page titled \"Log in\" without a feed"),
    ] {
        let error = said(document);
        assert!(error.contains(phrase), "{document:?}: {error}");
    }
}

#[test]
fn text_from_outside_cannot_leave_its_comment() {
    let document = "date,\"n\n[[rule]]\nx = 1\",\u{202e}evil\n2024-01-01,5,\"a\n[[feed]]\"\n2024-01-02,6,b\n2024-01-03,6,b\n2024-01-04,6,b\n";
    let proposal = propose(document);
    let whole: toml::Table = proposal.toml.parse().unwrap_or_else(|error| panic!("{error}\n{}", proposal.toml));
    assert_eq!(whole.keys().collect::<Vec<_>>(), ["feed"]);
    assert!(!proposal.toml.contains('\u{202e}'));
}

proptest! {
    #[test]
    fn no_document_panics_and_every_proposal_is_toml(
        text in "(date|n|t|geo|,|;|\n|\n|2024-0[1-9]-01|[0-9]{1,4}|\"|é|-){0,60}|\\PC{0,80}",
        name in "\\PC{0,20}",
    ) {
        if let Ok(proposal) = guess(text.as_bytes(), &asked(&name, None)) {
            prop_assert!(reader(&mapping(&proposal)).is_ok(), "{}", proposal.toml);
            prop_assert!(proposal.reads.figures > 0 || proposal.kind == FeedKind::News);
        }
    }

    #[test]
    fn a_proposal_reads_what_it_says_it_reads(rows in prop::collection::vec((1_u8..28, 0_usize..4, 0_u32..10_000), 4..40)) {
        let mut document = "Day|Route|Persons\n".to_owned();
        for (day, route, persons) in &rows {
            document.push_str(&format!("2024-03-{day:02}|{}|{persons}\n", ["East", "West", "North", "South"][*route]));
        }
        let proposal = propose(&document);
        let sum: f64 = rows.iter().map(|(_, _, persons)| f64::from(*persons)).sum();
        let decoded = read_at(&mapping(&proposal), document.as_bytes(), NOW).unwrap();
        let total: f64 = decoded.observations.iter().filter(|o| o.series.route.as_str() == "desk").filter_map(|o| o.value).sum();
        prop_assert_eq!(total, sum, "{}", proposal.toml);
        prop_assert_eq!(decoded.observations.len(), proposal.reads.figures);
    }
}

/// Twins that a proposal does not meet, with the reason.
const OTHER_TWINS: &[(&str, &str)] = &[
    (
        "eurostat-migr-asyappctzm-wide.csv",
        "the twin has each pair of country and citizenship, which is offered behind a #",
    ),
    ("hdx-iom-dtm-admin0-2-hxl.csv", "the twin makes a route of each round"),
    ("iom-dtm-api-admin0-haiti.json", "the twin makes a route of each round"),
];

/// Payloads for which there is no mapping to propose, with the reason.
const NOTHING_TO_PROPOSE: &[(&str, &str)] = &[
    ("hdx-ckan-iom-dtm-dataset.json", "it describes files; the proposal is to guess one of them"),
    ("hdx-ckan-ukraine-border-crossings.json", "it describes files; the proposal is to guess one of them"),
];

#[test]
fn every_payload_of_statistics_has_a_mapping() {
    if shared("feeds/README.md").is_none() {
        return;
    }
    let mut failed = Vec::new();
    let mut twins = 0;
    for name in names("feeds/statistics") {
        let Some(bytes) = shared(&format!("feeds/statistics/{name}")) else { return };
        let known = NOTHING_TO_PROPOSE.iter().any(|(known, _)| *known == name);
        let proposal = match guess(&bytes, &asked(&name, Some("file:x"))) {
            Ok(proposal) => proposal,
            Err(error) => {
                if !known {
                    failed.push(format!("{name}: {error}"));
                }
                continue;
            }
        };
        assert!(!known, "{name} has a mapping after all");
        assert!(
            proposal.toml.lines().filter(|line| line.starts_with("# ")).all(|line| line.chars().count() <= 80),
            "{}",
            proposal.toml
        );
        let decoded = read_at(&mapping(&proposal), &bytes, NOW).unwrap();
        let stem = name.rsplit_once('.').unwrap().0;
        let Some(twin) = twin(stem) else { continue };
        let mut ours: BTreeMap<&str, BTreeSet<(String, String)>> = BTreeMap::new();
        for each in &decoded.observations {
            let value = each.value.map_or(String::new(), |value| value.to_string());
            ours.entry(each.series.route.as_str()).or_default().insert((each.period.start().to_string(), value));
        }
        let found = |points: &BTreeSet<(String, String)>| ours.values().any(|other| other == points);
        let held = twin.iter().filter(|(_, points)| found(points)).count();
        let total = twin.iter().filter(|(route, _)| !route.contains('/')).any(|(_, points)| found(points));
        assert_eq!(decoded.warnings, [], "{name}");
        // Its total, or most of its series.
        let met = total || held * 2 >= twin.len();
        let other = OTHER_TWINS.iter().any(|(other, _)| *other == name);
        assert_eq!(met, !other, "{name}: {held} of {} series, a total: {total}", twin.len());
        twins += usize::from(met);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(twins, 22);
}

/// The series of a twin: by route the days and values.
fn twin(stem: &str) -> Option<BTreeMap<String, BTreeSet<(String, String)>>> {
    if !names("feeds/expected").contains(&format!("{stem}.csv")) {
        return None;
    }
    let bytes = shared(&format!("feeds/expected/{stem}.csv"))?;
    let mut series: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for row in ::csv::Reader::from_reader(bytes.as_slice()).records() {
        let row = row.unwrap();
        let value = row[2].parse::<f64>().unwrap().to_string();
        series.entry(row[1].to_owned()).or_default().insert((row[0].to_owned(), value));
    }
    Some(series)
}

#[test]
fn every_payload_of_news_is_news() {
    if shared("feeds/README.md").is_none() {
        return;
    }
    for name in names("feeds/news") {
        let Some(bytes) = shared(&format!("feeds/news/{name}")) else { return };
        let proposal = guess(&bytes, &asked(&name, Some("file:x")));
        let is_news = proposal.as_ref().is_ok_and(|proposal| proposal.kind == FeedKind::News);
        let said = proposal.map_or_else(|error| error.to_string(), |proposal| proposal.what);
        assert!(is_news, "{name}: {said}");
    }
}

#[test]
fn no_value_of_a_table_ends_a_comment_or_controls_a_terminal() {
    let rows: String = (1..=20)
        .map(|day| {
            format!("2024-01-{day:02},{},{day}\n", if day % 2 == 0 { "\"So\u{9b}31m\nevil = 1\"" } else { "North" })
        })
        .collect();
    let proposal = propose(&format!("Day,Place,People\n{rows}"));
    assert!(proposal.toml.contains("So31m evil = 1"), "{}", proposal.toml);
    let bad = |line: &str| line.starts_with("evil") || line.chars().any(char::is_control);
    assert!(!proposal.toml.lines().any(bad), "{:?}", proposal.toml);
}
