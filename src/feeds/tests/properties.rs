//! What holds for all input: no bytes panic, and a table means the same however it is written.

use super::json::RUNNING;
use super::tables::FISCAL;
use super::{lines, read, read_at, warnings};
use crate::domain::observation::Status;
use proptest::prelude::*;

const NEWS: &str = "kind = \"news\"";

/// Pieces of documents, so that chance gets past their beginning.
fn pieces(all: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![8 => prop::sample::select(all).prop_map(str::to_owned), 1 => ".{0,3}"], 0..40)
        .prop_map(|parts| parts.concat())
}

const FEED: &[&str] = &[
    "<item>",
    "</item>",
    "<entry>",
    "</entry>",
    "<title>",
    "</title>",
    "<title type=\"html\">",
    "<title type=\"xhtml\">",
    "<link>",
    "</link>",
    "<link href=\"/a\"/>",
    "<link rel=\"self\" href=\"x:y\"/>",
    "<guid>",
    "</guid>",
    "<id>",
    "</id>",
    "<pubDate>",
    "</pubDate>",
    "<updated>",
    "</updated>",
    "<description>",
    "</description>",
    "<content>",
    "</content>",
    "<author>",
    "</author>",
    "<media:content url=\"é\">",
    "</media:content>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&",
    "&amp;",
    "&lt;",
    "&#27;",
    "&bogus;",
    "<",
    ">",
    "é",
    "\u{202e}",
    "Tue, 29 Mar 2022 16:02:00 GMT",
    "2022-03-29",
    "https://example.org/a",
    "x",
    " ",
    "\n",
    "<b>",
    "</b>",
    " xml:base=\"http://[\"",
];

const TABLE: &[&str] = &[
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\"",
    "2022",
    "2022 (FYTD)",
    "OCT",
    "JAN",
    "Southwest Land Border",
    "HAITI",
    "1",
    "2,5",
    "<5",
    "*",
    "-",
    "-7",
    "9584.0",
    "99999999999999999",
    "",
    " ",
    "é",
    "#",
    ";",
];

const RECORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"month\"",
    "\"total\"",
    "\"status\"",
    "\"2022-01\"",
    "\"2022-02\"",
    "\"2021-12\"",
    "1",
    "-5",
    "1e300",
    "\"4,700\"",
    "null",
    "true",
    "{\"month\": \"2022-01\", \"total\": 3}",
    "{\"month\": \"2022-02\", \"total\": 2},",
    "\"provisional\"",
    " ",
];

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for options in [FISCAL, RUNNING, NEWS, "kind = \"statistics\"\nperiod = { kind = \"day\", wide = \"auto\" }\nseries = [{ route = \"r\", measure = \"m\" }]"] {
            let _ = read(options, &bytes);
        }
    }

    #[test]
    fn no_feed_panics(middle in pieces(FEED)) {
        for (before, after) in [
            ("<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel>", "</channel></rss>"),
            ("<feed xmlns=\"http://www.w3.org/2005/Atom\">", "</feed>"),
            ("<rss version=\"2.0\"><channel><item><title>", "</title></item></channel></rss>"),
        ] {
            if let Ok(decoded) = read(NEWS, format!("{before}{middle}{after}").as_bytes()) {
                prop_assert!(decoded.items.iter().all(|item| !item.aliases.is_empty() && !item.title.is_empty()));
            }
        }
    }

    /// Something that does not belong there, anywhere in a feed, costs one item at most; the others are as they were.
    #[test]
    fn a_fault_costs_one_item(
        place in 0.0_f64..1.0,
        fault in prop::sample::select(&["&", "<", ">", "\u{1b}", "\u{0}", "&bogus;", "&#0;", "<b>", "</b>", "<img src=x>", "<br/>", "]]>", "\"", "'", "</title>", "</titel>", "</item", "<link>", "<x:y>", "\u{fffd}", "<a href='", "<!", "<?"]),
    ) {
        let item = |n: usize| format!("<item><title>Title {n}</title><link>https://example.org/news/{n}</link><guid>{n}</guid><description><![CDATA[<p>Text {n}</p>]]></description><pubDate>29 Mar 2022 16:02 GMT</pubDate></item>\n");
        let feed = format!("<rss version='2.0'><channel><title>T</title>{}</channel></rss>", (0..10).map(item).collect::<String>());
        let whole = read(NEWS, feed.as_bytes()).unwrap().items;
        let begin = feed.find("<item>").unwrap();
        let end = feed.rfind("</channel>").unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let at = begin + ((end - begin) as f64 * place) as usize;
        let broken = format!("{}{fault}{}", &feed[..at], &feed[at..]);
        let decoded = read(NEWS, broken.as_bytes()).unwrap();
        let same = whole.iter().filter(|item| decoded.items.contains(item)).count();
        prop_assert!(same >= 9, "{same} of 10: {broken}");
        prop_assert!(decoded.items.len() >= 9 && decoded.items.len() <= 11);
    }

    #[test]
    fn no_table_panics(rows in pieces(TABLE), now in prop::sample::select(&["2022-01-15T00:00:00Z", "2030-01-01T00:00:00Z"])) {
        let table = format!("Fiscal Year,Month,Land Border Region,Citizenship,Encounter Count\n2022,OCT,Southwest Land Border,HAITI,3\n{rows}");
        if let Ok(decoded) = read_at(FISCAL, table.as_bytes(), now) {
            for o in &decoded.observations {
                prop_assert!(o.value.is_some() || matches!(o.status, Status::Suppressed | Status::Invalid));
                prop_assert!(o.value.is_none_or(|value| value >= 0.0) || o.status == Status::Invalid);
            }
        }
    }

    #[test]
    fn no_records_panic(records in pieces(RECORDS)) {
        let _ = read(RUNNING, format!("{{\"data\": {{\"months\": [{records}]}}}}").as_bytes());
        let _ = read(RUNNING, records.as_bytes());
    }

    #[test]
    fn the_order_of_rows_does_not_matter_to_sums(
        counts in prop::collection::vec((0_usize..12, 0_u32..500), 1..40),
        order in prop::collection::vec(any::<u32>(), 40),
    ) {
        let months = ["OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP"];
        let mut rows: Vec<(u32, String)> = counts.iter().zip(order).map(|((month, count), order)| {
            (order, format!("2021,{},Southwest Land Border,X,{count}.25", months[*month]))
        }).collect();
        let table = |rows: &[(u32, String)]| {
            let rows: Vec<&str> = rows.iter().map(|(_, row)| row.as_str()).collect();
            format!("Fiscal Year,Month,Land Border Region,Citizenship,Encounter Count\n{}", rows.join("\n"))
        };
        let one = read(FISCAL, table(&rows).as_bytes()).unwrap();
        rows.sort();
        let other = read(FISCAL, table(&rows).as_bytes()).unwrap();
        prop_assert_eq!(lines(&one), lines(&other));
        let total: f64 = one.observations.iter().filter(|o| o.series.route.as_str() == "us").filter_map(|o| o.value).sum();
        let quarters = counts.iter().map(|(_, count)| 4 * count + 1).sum::<u32>();
        prop_assert_eq!(total, f64::from(quarters) / 4.0);
        prop_assert!(one.observations.iter().all(|o| o.status == Status::Closed));
    }

    #[test]
    fn a_table_means_the_same_however_it_is_written(
        counts in prop::collection::vec((1_i8..=12, 0_usize..3, 0_u32..2_000_000), 1..20),
        delimiter in prop::sample::select(&[',', ';', '\t', '|']),
        end in prop::sample::select(&["\n", "\r\n", "\r"]),
        numbers in prop::sample::select(&NUMBERS),
        encoding in prop::sample::select(&["utf-8", "utf-8 with mark", "utf-16", "windows-1252", "iso-8859-15"]),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
        dates in 0_usize..3,
        title: bool,
    ) {
        let plain = rows(&counts, Numbers::Plain, 0);
        let expected = read(WRITTEN, separated(&plain, ',', "\n", [0, 1, 2, 3]).as_bytes()).unwrap();
        let written = rows(&counts, numbers, dates);
        let mut text = separated(&written, delimiter, end, order);
        if title {
            text = format!("Llegadas por mes{end}{end}{text}");
        }
        let options = options_for(numbers, dates);
        let other = read(&options, &encoded(&text, encoding)).unwrap();
        prop_assert_eq!(warnings(&other), Vec::<String>::new());
        prop_assert_eq!(lines(&expected), lines(&other));
    }

    #[test]
    fn a_table_means_the_same_in_every_format(
        counts in prop::collection::vec((1_i8..=12, 0_usize..3, 0_u32..2_000_000), 1..12),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
    ) {
        let rows = rows(&counts, Numbers::Plain, 0);
        let expected = lines(&read(WRITTEN, separated(&rows, ',', "\n", order).as_bytes()).unwrap());
        for body in [as_page(&rows, order), as_json(&rows), as_sheet(&rows, order)] {
            let other = read(WRITTEN, &body).unwrap();
            prop_assert_eq!(warnings(&other), Vec::<String>::new());
            // Routes come in the order in which a document brings them, which is the same in all of these.
            prop_assert_eq!(&expected, &lines(&other));
        }
    }
}

const WRITTEN: &str = "kind = \"statistics\"\nperiod = { kind = \"month\", column = \"Año y mes\" }\n\
    value = { column = \"Número\", aggregate = \"sum\" }\n\
    series = [{ route = \"r/{País}\", measure = \"persons\" }]";

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Numbers {
    Plain,
    Point,
    Quoted,
    Grouped,
    Spaced,
    Footnoted,
    Comma,
}

const NUMBERS: [Numbers; 7] = [
    Numbers::Plain,
    Numbers::Point,
    Numbers::Quoted,
    Numbers::Grouped,
    Numbers::Spaced,
    Numbers::Footnoted,
    Numbers::Comma,
];

/// The cells of a table: names first.
fn rows(counts: &[(i8, usize, u32)], numbers: Numbers, dates: usize) -> Vec<[String; 4]> {
    let number = |count: u32| match numbers {
        Numbers::Plain => count.to_string(),
        Numbers::Point => format!("{count}.0"),
        Numbers::Quoted => format!("\"{count}\""),
        Numbers::Grouped => format!("\"{}\"", grouped(count)),
        Numbers::Spaced => grouped(count).replace(',', "\u{a0}"),
        Numbers::Footnoted => format!("{count} (1)"),
        Numbers::Comma => format!("\"{},0\"", grouped(count).replace(',', ".")),
    };
    let month = |month: i8| match dates {
        0 => format!("2022-{month:02}"),
        1 => format!("{:02}/2022", month),
        _ => format!("{} 2022", MESES[usize::try_from(month - 1).unwrap()]),
    };
    let header = ["Año y mes", "País", "Número", "Nota"].map(str::to_owned);
    let row = |(at, country, count): &(i8, usize, u32)| {
        let country = ["Haití", "México", "Perú"][*country];
        [month(*at), country.to_owned(), number(*count), String::new()]
    };
    std::iter::once(header).chain(counts.iter().map(row)).collect()
}

const MESES: [&str; 12] =
    ["enero", "Feb.", "marzo", "ABR", "mayo", "junio", "Jul.", "agosto", "septiembre", "octubre", "nov", "Diciembre"];

fn options_for(numbers: Numbers, dates: usize) -> String {
    let mut options = WRITTEN.to_owned();
    if numbers == Numbers::Comma {
        options = options.replace("aggregate", "decimal = \",\", aggregate");
    }
    if dates == 1 {
        options = options.replace("mes\" }", "mes\", format = \"MM/YYYY\" }");
    }
    options
}

fn separated(rows: &[[String; 4]], delimiter: char, end: &str, order: [usize; 4]) -> String {
    let line = |row: &[String; 4]| order.map(|at| row[at].as_str()).join(&delimiter.to_string()) + end;
    rows.iter().map(line).collect()
}

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-8 with mark" => format!("\u{feff}{text}").into_bytes(),
        "utf-16" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        other => encoding_rs::Encoding::for_label(other.as_bytes()).unwrap().encode(text).0.into_owned(),
    }
}

fn as_page(rows: &[[String; 4]], order: [usize; 4]) -> Vec<u8> {
    let row = |row: &[String; 4]| order.map(|at| format!("<td>{}</td>", row[at])).concat();
    let rows: String = rows.iter().map(|cells| format!("<tr>{}</tr>", row(cells))).collect();
    format!("<!doctype html><html><meta charset=utf-8><h1>Llegadas</h1><table>{rows}</table></html>").into_bytes()
}

fn as_json(rows: &[[String; 4]]) -> Vec<u8> {
    let record = |row: &[String; 4]| {
        let fields = rows[0].iter().zip(row).map(|(name, cell)| (name.clone(), cell.clone().into()));
        serde_json::Value::Object(fields.collect())
    };
    serde_json::to_vec(&rows[1..].iter().map(record).collect::<Vec<_>>()).unwrap()
}

fn as_sheet(rows: &[[String; 4]], order: [usize; 4]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, row) in (3..).zip(rows) {
        for (column, from) in (1..).zip(order) {
            match row[from].parse::<f64>() {
                Ok(number) => sheet.write(at, column, number).unwrap(),
                Err(_) => sheet.write(at, column, row[from].as_str()).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
