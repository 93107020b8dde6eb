//! One small document a format, and what drift looks like in each.

use super::{lines, read, read_at, reader, warnings};
use crate::feeds::{FeedOptions, Reader, Source};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const DAYS: &str = r#"
    kind = "statistics"
    period = { kind = "day", column = "Date" }
    value = "People"
    series = [{ route = "channel", measure = "persons" }]
"#;

/// A workbook: a note, and a sheet with a title, a blank row, names over two rows, merged, dates as numbers.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "Read me first").unwrap();
    let sheet = book.add_worksheet().set_name("Data 2022").unwrap();
    let (plain, date) = (Format::new(), Format::new().set_num_format("dd mmm yyyy"));
    sheet.write(1, 1, "Arrivals by day").unwrap();
    sheet.merge_range(3, 1, 4, 1, "Date", &plain).unwrap();
    sheet.merge_range(3, 2, 3, 3, "People", &plain).unwrap();
    sheet.write(4, 2, "arrived").unwrap();
    sheet.write(4, 3, "turned back").unwrap();
    for (row, (day, arrived)) in [(23, 252.0), (24, 0.0), (25, 1_305.0)].into_iter().enumerate() {
        let row = row as u32 + 5;
        let at = ExcelDateTime::from_ymd(2022, 5, day).unwrap();
        sheet.write_datetime_with_format(row, 1, at, &date).unwrap();
        sheet.write(row, 2, arrived).unwrap();
    }
    sheet.write(7, 3, "-").unwrap();
    sheet.write(6, 3, 12).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn spreadsheets_are_found_their_way_around() {
    let options = DAYS.replace("\"People\"", "\"People arrived\"");
    let book = workbook();
    let all = ["channel 2022-05-23 252 closed", "channel 2022-05-24 0 closed", "channel 2022-05-25 1305 closed"];
    for extra in [
        "",
        "format = \"spreadsheet\"",
        "sheet = \"data*\"",
        "sheet = [\"SB_01\", \"Data 2022\"]",
        "header = 4\nheader_rows = 2",
    ] {
        let decoded = read(&format!("{extra}\n{options}"), &book).unwrap();
        assert_eq!((lines(&decoded), warnings(&decoded)), (all.map(str::to_owned).to_vec(), vec![]), "{extra}");
        assert_eq!(decoded.unread.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>(), ["People turned back"]);
    }
    // A header that has moved is read where it is now, and told.
    let moved = read(&format!("header = 2\n{options}"), &book).unwrap();
    assert_eq!(lines(&moved), all);
    assert_eq!(
        warnings(&moved),
        ["sheet \"Data 2022\", row 4: the column names stand here, and not where `header` says"]
    );
    let turned_back = read(&DAYS.replace("\"People\"", "\"People turned back\""), &book).unwrap();
    assert_eq!(lines(&turned_back), ["channel 2022-05-24 12 closed"]);
}

#[test]
fn a_sheet_or_a_column_that_is_gone_is_said() {
    let book = workbook();
    for (extra, phrase) in [
        ("sheet = \"SB_01\"", "there is no sheet \"SB_01\"; the sheets are \"Notes\", \"Data 2022\"; mend `sheet`"),
        (
            "sheet = \"SB_01\"\nvalue = \"People arrived\"",
            "there is no sheet \"SB_01\"; the sheets are \"Notes\", \"Data 2022\"; \"Data 2022\" has the columns; mend `sheet`",
        ),
        ("sheet = \"Notes\"", "no column is called \"Date\"; the columns are \"Read me first\""),
        ("", "no column is called \"People\"; the columns are \"Date\", \"People arrived\", \"People turned back\""),
    ] {
        let rest = if extra.contains("value") { DAYS.replace("value = \"People\"", "") } else { DAYS.to_owned() };
        let error = read(&format!("{extra}\n{rest}"), &book).unwrap_err();
        assert!(error.contains(phrase), "{error}");
    }
    let error = read(&format!("format = \"spreadsheet\"\n{DAYS}"), b"<!doctype html><title>Moved</title>").unwrap_err();
    assert!(error.contains("no spreadsheet: it is a web page titled \"Moved\""), "{error}");
    let cut = &book[..book.len() / 2];
    assert!(read(DAYS, cut).unwrap_err().contains("the spreadsheet is damaged"));
}

const PAGE: &str = "<!doctype html><html><h2>Other</h2><table><tr><th>Date<th>Boats</tr><tr><td>23 May 2022<td>7</table>
    <h2>Last 7 days</h2><p>provisional</p><table><caption>People by day</caption>
    <tr><th>Date</th><th>People</th></tr><tr><td>23 May 2022</td><td>252</td></tr><tr><td>24 May 2022</td><td>0</td></tr></table>";

#[test]
fn tables_of_pages_are_told_apart() {
    let all = ["channel 2022-05-23 252 closed", "channel 2022-05-24 0 closed"];
    for extra in ["", "format = \"html\"", "table = 2", "table = \"people BY day\"", "table = [\"x\", \"last 7 days\"]"]
    {
        let decoded = read(&format!("{extra}\n{DAYS}"), PAGE.as_bytes()).unwrap();
        assert_eq!((lines(&decoded), warnings(&decoded)), (all.map(str::to_owned).to_vec(), vec![]), "{extra}");
    }
    for (extra, phrase) in [
        ("table = 1", "no column is called \"People\"; the columns are \"Date\", \"Boats\""),
        ("table = 5", "there is no table 5; table 1 under \"Other\" begins with Date, Boats"),
        ("table = \"weekly\"", "there is no table under \"weekly\""),
        ("table = 0", "tables are counted from 1"),
    ] {
        let error = read(&format!("{extra}\n{DAYS}"), PAGE.as_bytes()).unwrap_err();
        assert!(error.contains(phrase), "{extra}: {error}");
    }
    assert!(read(DAYS, b"<!doctype html><title>Log in</title>").unwrap_err().contains("titled \"Log in\""));
}

const PROSE: &str = r#"
    kind = "statistics"
    find = ['number of people: (?<n>[\d,]+)', 'to 23:59 (?<date>\d+ \w+ \d{4})']
    period = { kind = "day", column = "date" }
    value = "n"
    series = [{ route = "channel", measure = "persons" }]
"#;

#[test]
fn figures_in_prose_are_read_by_patterns_alone() {
    let page = "<html><body><p>00:00 to 23:59 <b>23 May 2022</b>.</p><li>number of people: 1,305</li></body>";
    for text in [page, "to 23:59 23 May 2022\nnumber of people: 1,305"] {
        assert_eq!(lines(&read(PROSE, text.as_bytes()).unwrap()), ["channel 2022-05-23 1305 closed"]);
    }
    let error = read(PROSE, b"<html><title>New layout</title><p>people: 5 to 23:59 23 May 2022").unwrap_err();
    assert!(error.contains("there is no figure: 'number of people") && error.contains("mend `find`"), "{error}");
    // A pattern that is found several times makes as many rows.
    let rows = PROSE.replace(
        "['number of people: (?<n>[\\d,]+)', 'to 23:59 (?<date>\\d+ \\w+ \\d{4})']",
        r"'(?<date>\d+ May 2022): (?<n>\d+)'",
    );
    let many = read(&rows, b"22 May 2022: 7, 23 May 2022: 9").unwrap();
    assert_eq!(lines(&many), ["channel 2022-05-22 7 closed", "channel 2022-05-23 9 closed"]);
    for (find, phrase) in [("'('", "no regular expression"), ("'(\\d+)'", "no named group")] {
        let options = format!(
            "find = {find}\n{}",
            DAYS.replace("kind = \"statistics\"", "kind = \"statistics\"\nformat = \"text\"")
        );
        assert!(reader(&options).unwrap_err().contains(phrase));
    }
}

#[test]
fn json_comes_in_many_shapes() {
    let options = |records: &str, rest: &str| {
        format!(
            "kind = \"statistics\"\nformat = \"json\"\nrecords = \"{records}\"\n{rest}\n\
             series = [{{ route = \"r/{{who}}\", measure = \"persons\" }}]"
        )
    };
    let usual = "period = { kind = \"day\", column = \"date\" }\nvalue = \"n\"";
    let numbered = "header = 0\nperiod = { kind = \"day\", column = \"1\", format = \"unix\" }\nvalue = \"2\"";
    let by_key = "period = { kind = \"day\", column = \"*\" }\nvalue = \"value\"";
    for (records, rest, body) in [
        ("/data", usual, r#"{"who": "A", "data": [{"date": "2022-03-17", "n": "1,305"}]}"#),
        ("/data/*/days", usual, r#"{"data": [{"who": "A", "days": [{"date": "2022-03-17", "n": 1305}]}]}"#),
        ("/data/*", usual, r#"{"data": {"x": {"who": "A", "date": "2022-03-17", "n": 1305}}}"#),
        ("/result/*/values", numbered, r#"{"result": [{"who": "A", "values": [[1647475200.5, "1305"]]}]}"#),
        ("/data", usual, r#"{"who": "A", "data": {"date": ["2022-03-17"], "n": [1305]}}"#),
        (
            "/rows",
            &format!("columns = \"/fields\"\n{usual}"),
            r#"{"who": "A", "fields": [{"id": "date"}, "n"], "rows": [["2022-03-17", 1305]]}"#,
        ),
        ("/rows", &format!("columns = [\"date\", \"n\"]\n{usual}"), r#"{"who": "A", "rows": [["2022-03-17", 1305]]}"#),
        ("/days/*", by_key, r#"{"who": "A", "days": {"2022-03-17": 1305}}"#),
        (
            "",
            usual,
            "{\"who\": \"A\", \"date\": \"2022-03-17\", \"n\": 1305}\n{\"who\": \"A\", \"date\": \"2022-03-18\", \"n\": null}\n",
        ),
    ] {
        let decoded = read(&options(records, rest), body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(
            (lines(&decoded), warnings(&decoded)),
            (vec!["r/A 2022-03-17 1305 closed".to_owned()], vec![]),
            "{body}"
        );
    }
}

#[test]
fn a_cube_is_a_table_with_its_statuses() {
    let cube = r#"{"version": "2.0", "class": "dataset", "id": ["geo", "time"], "size": [2, 3],
        "dimension": {"geo": {"category": {"index": ["DE", "FR"], "label": {"DE": "Germany", "FR": "France"}}},
                      "time": {"category": {"index": {"2022-01": 0, "2022-02": 1, "2022-03": 2}}}},
        "value": {"0": 5, "1": 7, "3": 9}, "status": {"1": "p", "3": "b", "4": "c", "5": ":"}}"#;
    let options = r#"
        kind = "statistics"
        period = { kind = "month", column = "time" }
        value = "value"
        status = { column = "status", provisional = "p", suppressed = "c", break = "b" }
        series = [{ route = "asylum/{geo label}", measure = "applicants" }]
    "#;
    for extra in ["", "format = \"json-stat\"", "format = \"json\""] {
        let decoded = read(&format!("{extra}\n{options}"), cube.as_bytes()).unwrap();
        assert_eq!(
            lines(&decoded),
            [
                "asylum/Germany 2022-01 5 closed",
                "asylum/Germany 2022-02 7 provisional",
                "asylum/France 2022-01 9 break",
                "asylum/France 2022-02 - suppressed"
            ]
        );
        assert_eq!(warnings(&decoded), Vec::<String>::new());
    }
    let error = read(&format!("format = \"json-stat\"\n{options}"), b"{\"a\": 1}").unwrap_err();
    assert!(error.contains("no JSON-stat dataset"), "{error}");
}

#[test]
fn csv_has_titles_tags_rules_and_pipes() {
    let options = DAYS.replace("\"People\"", "[\"People\", \"#affected+n\"]");
    let all = vec!["channel 2022-05-23 252 closed".to_owned()];
    for table in [
        "Date,People\n2022-05-23,252\n",
        "Small \"boats, by the day\nprovisional; may change\n\nDate;People;Note\n23.05.2022;252;\"a;b\nc\"\n",
        "Date,Number\n#date,#affected+n\n2022-05-23,252\n",
        "| Date | People |\n|:-----|-------:|\n| 2022-05-23 | 252 |\n",
        "Date\tPeople\n2022-05-23\t252\nDate\tPeople\n",
        "\u{feff}\"Date\",\"People\"\r\n\"2022-05-23\",\"252\"\r\n",
    ] {
        let options = if table.contains("23.05.2022") {
            options.replace("column = \"Date\"", "column = \"Date\", format = \"DD.MM.YYYY\"")
        } else {
            options.clone()
        };
        let decoded = read(&options, table.as_bytes()).unwrap_or_else(|error| panic!("{table}: {error}"));
        assert_eq!((lines(&decoded), warnings(&decoded)), (all.clone(), vec![]), "{table}");
    }
    let moved = read(&format!("header = 1\n{DAYS}"), b"New title\n\nDate,People\n2022-05-23,252\n").unwrap();
    assert_eq!(
        (lines(&moved), warnings(&moved)),
        (all, vec!["line 3: the column names stand here, and not where `header` says".to_owned()])
    );
    let renamed = read(DAYS, b"Title, with a comma\nDate,Persons\n2022-05-23,252\n").unwrap_err();
    assert!(renamed.contains("no column is called \"People\"; the columns are \"Date\", \"Persons\""), "{renamed}");
}

#[test]
fn encodings_are_told_or_found_out() {
    let table = "Fecha,Año,Número\n2022-05-23,2022,252\n";
    let options = DAYS.replace("\"Date\"", "\"Fecha\"").replace("\"People\"", "\"Número\"");
    for (name, given) in [("windows-1252", true), ("windows-1252", false), ("utf-8", false), ("macintosh", true)] {
        let (bytes, _, lossy) = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap().encode(table);
        assert!(!lossy);
        let options = if given { format!("encoding = \"{name}\"\n{options}") } else { options.clone() };
        assert_eq!(lines(&read(&options, &bytes).unwrap()), ["channel 2022-05-23 252 closed"], "{name}");
    }
    let error = reader(&format!("encoding = \"klingon\"\n{options}")).unwrap_err();
    assert!(error.contains("\"klingon\" is no encoding"), "{error}");
}

#[test]
fn as_of_when_is_read_where_it_is_said() {
    let body = b"Updated: 11 April 2022\nDate,People,Report\n2022-04-08,5,2022-04-09\n2022-04-11,0,2022-04-11\n2022-04-12,0,2022-04-11\n";
    let at = |known: &str| {
        let options: FeedOptions = toml::from_str(&format!("known = {known}\n{DAYS}")).unwrap();
        let reader = Reader::from_options(&options).unwrap();
        let feed = "test".into();
        let source = Source {
            feed: &feed,
            base: None,
            content_type: None,
            last_modified: Some("Tue, 12 Apr 2022 08:00:00 GMT"),
            name: Some("arrivals_2022_04_11.csv"),
            now: "2022-04-20T00:00:00Z".parse().unwrap(),
        };
        reader.decode(body, &source).unwrap()
    };
    let midnight = Some("2022-04-12T00:00:00Z".parse().unwrap());
    let by_name = at("{ name = \"YYYY_MM_DD\" }");
    assert_eq!(by_name.stated, midnight);
    // What the document had not reached when its figures were is filler.
    assert_eq!(
        lines(&by_name),
        ["channel 2022-04-08 5 closed", "channel 2022-04-11 0 closed", "channel 2022-04-12 0 filler"]
    );
    assert_eq!(at("{ page = 'Updated: (.+)' }").stated, midnight);
    assert_eq!(at("{ reply = \"last-modified\" }").stated, Some("2022-04-12T08:00:00Z".parse().unwrap()));
    let missed = at("{ page = 'Stand: (.+)' }");
    assert_eq!(
        (missed.stated, warnings(&missed)),
        (None, vec!["the document: what 'Stand: (.+)' finds in it says no date".to_owned()])
    );
    // By rows: what the report had not reached is filler.
    let by_row = at("{ column = \"Report\" }");
    assert_eq!(
        lines(&by_row),
        ["channel 2022-04-08 5 closed", "channel 2022-04-11 0 closed", "channel 2022-04-12 0 filler"]
    );
    assert_eq!(by_row.observations[0].published, Some("2022-04-10T00:00:00Z".parse().unwrap()));
    let json = "format = \"json\"\nrecords = \"/rows\"\nknown = { pointer = \"/updated\" }\n";
    let decoded = read_at(
        &format!("{json}{DAYS}"),
        br#"{"updated": 1649635200000, "rows": [{"Date": "2022-04-08", "People": 5}]}"#,
        "2022-04-20T00:00:00Z",
    );
    assert_eq!(decoded.unwrap().stated, Some("2022-04-11T00:00:00Z".parse().unwrap()));
    for (known, phrase) in [
        ("{}", "one place"),
        ("{ column = \"a\", page = \"b\" }", "one place"),
        ("{ reply = \"age\" }", "last-modified"),
    ] {
        assert!(reader(&format!("known = {known}\n{DAYS}")).unwrap_err().contains(phrase), "{known}");
    }
}
