//! Small JSON documents that show one thing each.

use super::{lines, read, warnings};

pub const RUNNING: &str = r#"
    kind = "statistics"
    format = "json"
    records = "/data/months"
    period = { kind = "month", column = "month" }
    value = { column = "total", running = "year" }
    status = { column = "status", provisional = "provisional" }
    series = [{ route = "darien", measure = "persons" }]
"#;

fn months(records: &str) -> String {
    format!("{{\"data\": {{\"months\": [{records}]}}}}")
}

#[test]
fn running_totals_are_differenced_within_their_year() {
    let body = months(
        r#"{"month": "2020-11", "total": 5494}, {"month": "2020-12", "total": "6,465"},
        {"month": "2022-02", "total": 8456}, {"month": "2022-01", "total": 4700, "status": "Provisional"},
        {"month": "2022-04", "total": 20000}, {"month": "2022-05", "total": 19000}, {"month": "2022-06", "total": 19500}"#,
    );
    let decoded = read(RUNNING, body.as_bytes()).unwrap();
    // November has no October; a difference to a provisional total is provisional; April has no March; May was
    // corrected.
    assert_eq!(
        lines(&decoded),
        [
            "darien 2020-12 971 closed",
            "darien 2022-01 4700 provisional",
            "darien 2022-02 3756 provisional",
            "darien 2022-05 -1000 invalid",
            "darien 2022-06 500 closed"
        ]
    );
    assert_eq!(
        warnings(&decoded),
        [
            "record 5: the total of darien/persons/month through 2022-04 stands, but no whole one through 2022-03",
            "record 5 and record 6: the running total of darien/persons/month falls from 20000 through 2022-04 to 19000 through 2022-05",
        ]
    );
}

#[test]
fn a_correction_of_january_moves_february() {
    let early =
        read(RUNNING, months(r#"{"month": "2022-01", "total": 4700}, {"month": "2022-02", "total": 8456}"#).as_bytes());
    let late =
        read(RUNNING, months(r#"{"month": "2022-01", "total": 4442}, {"month": "2022-02", "total": 8456}"#).as_bytes());
    assert_eq!(lines(&early.unwrap()), ["darien 2022-01 4700 closed", "darien 2022-02 3756 closed"]);
    assert_eq!(lines(&late.unwrap()), ["darien 2022-01 4442 closed", "darien 2022-02 4014 closed"]);
}

#[test]
fn totals_may_run_for_ever_or_by_another_year() {
    let ever = RUNNING.replace("\"year\"", "\"ever\"");
    let body = months(
        r#"{"month": "2021-12", "total": 7}, {"month": "2022-01", "total": 9}, {"month": "2022-02", "total": null}"#,
    );
    assert_eq!(lines(&read(&ever, body.as_bytes()).unwrap()), ["darien 2022-01 2 closed"]);
    let fiscal = RUNNING.replace("column = \"month\"", "column = \"month\", starts = \"October\"");
    let body = months(
        r#"{"month": "2021-10", "total": 7}, {"month": "2021-11", "total": 9}, {"month": "2021-12", "total": "<10"}, {"month": "2022-01", "total": 12}"#,
    );
    assert_eq!(
        lines(&read(&fiscal, body.as_bytes()).unwrap()),
        [
            "darien 2021-10 7 closed",
            "darien 2021-11 2 closed",
            "darien 2021-12 - suppressed",
            "darien 2022-01 - suppressed"
        ]
    );
}

const DAYS: &str = r#"
    kind = "statistics"
    format = "json"
    period = { kind = "day", column = ["/when/day", "day"] }
    value = { column = "n", aggregate = "sum" }
    series = [{ route = "r/{who}", measure = "persons" }]
"#;

#[test]
fn records_have_many_shapes() {
    let expected = ["r/A 2022-03-01 5 closed", "r/B 2022-03-01 7.5 closed"];
    for (records, body) in [
        ("", r#"[{"day": "2022-03-01", "who": "A", "n": 5}, {"n": "7.5", "who": "B", "day": "2022-03-01T00:00:00Z"}]"#),
        (
            "",
            r#"[{"when": {"day": "2022-03-01"}, "who": "A", "n": 5}, {"when": {"day": "2022-03-01"}, "who": "B", "n": 7.5}]"#,
        ),
        ("/rows", r#"{"rows": [["day", "who", "n"], ["2022-03-01", "A", 5], ["2022-03-01", "B", 7.5]]}"#),
        ("", "\u{feff}[[\"Day\", \"Who\", \"N\"], [\"2022-03-01\", \"A\", 5], [\"2022-03-01\", \"B\", 7.5]]"),
    ] {
        let options = format!("records = \"{records}\"\n{DAYS}");
        let decoded = read(&options, body.as_bytes()).unwrap();
        assert_eq!((lines(&decoded), decoded.warning_count), (expected.map(str::to_owned).to_vec(), 0), "{body}");
        let auto = options.replace("format = \"json\"", "");
        assert_eq!(lines(&read(&auto, body.as_bytes()).unwrap()), expected, "{body}");
    }
    let one =
        read(&format!("records = \"/latest\"\n{DAYS}"), br#"{"latest": {"day": "2022-03-01", "who": "A", "n": 5}}"#);
    assert_eq!(lines(&one.unwrap()), ["r/A 2022-03-01 5 closed"]);
    let seconds = DAYS.replace("\"day\"]", "\"day\"], format = \"unix\"");
    let unix = read(&seconds, br#"[{"day": 1646092800, "who": "A", "n": 5}]"#);
    assert_eq!(lines(&unix.unwrap()), ["r/A 2022-03-01 5 closed"]);
}

#[test]
fn a_bad_record_costs_itself_alone() {
    let body = r#"[{"day": "2022-03-01", "who": "A", "n": 5}, 7, null, {"day": "2022-03-02", "who": "A", "n": [1]},
        {"day": "2022-03-03", "who": "A", "n": "many"}, {"day": null, "who": "A", "n": 1}, {"day": "2022-03-04", "who": "A", "n": true}]"#;
    let decoded = read(DAYS, body.as_bytes()).unwrap();
    assert_eq!(lines(&decoded), ["r/A 2022-03-01 5 closed"]);
    assert_eq!(
        warnings(&decoded),
        [
            "record 2: it is no object",
            "record 3: it is no object",
            "record 5, column n: \"many\" is no number",
            "record 6: it has a value and no day",
            "record 7, column n: \"true\" is no number",
        ]
    );
    let lists =
        read(DAYS, br#"[["day", "who", "n"], ["2022-03-01", "A"], {"day": 1}, ["2022-03-01", "A", 3]]"#).unwrap();
    assert_eq!(lines(&lists), ["r/A 2022-03-01 3 closed"]);
    assert_eq!(
        warnings(&lists),
        ["record 2: 2 values where the header has 3", "record 3: it is no list, as the ones before it"]
    );
}

#[test]
fn errors_say_where_records_are() {
    for (body, phrase) in [
        (
            r#"{"data": {"rows": [{"month": 1}]}}"#,
            "no list of records at /data/months; lists are at /data/rows (1 records)",
        ),
        (r#"{"data": {"a/b": [[1]]}}"#, "lists are at /data/a~1b"),
        (r#"{"message": "overload", "code": 7}"#, "there is no list in it, only message, code"),
        ("7", "there is no list in it"),
        ("null", "there is no list in it"),
        ("Please limit requests", "the reply is no JSON: it begins with \"Please limit requests\""),
        (r#"{"data": {"months": [{"month""#, "damaged at line 1"),
        ("", "it is empty"),
        ("<html>", "it is a web page"),
        (
            r#"{"data": {"months": [{"date": "2022-01", "total": 3}]}}"#,
            "no column is called \"month\"; the columns are \"date\", \"total\"",
        ),
        (r#"{"data": {"months": [1, 2]}}"#, "neither objects nor lists"),
    ] {
        match read(RUNNING, body.as_bytes()) {
            Err(error) => assert!(error.contains(phrase), "{body}: {error}"),
            Ok(decoded) => panic!("{body}: {decoded:?}"),
        }
    }
    let empty = read(RUNNING, months("").as_bytes()).unwrap();
    assert_eq!(warnings(&empty), ["the reply: its list of records is empty"]);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(RUNNING, deep.as_bytes()).unwrap_err().contains("nested too deeply"));
    assert!(
        read("kind = \"statistics\"\nformat = \"json\"\nrecords = \"data.rows\"", b"")
            .unwrap_err()
            .contains("\"/data/rows\"")
    );
}

#[test]
fn half_a_character_costs_itself_and_a_cut_costs_the_document() {
    let options = "kind = \"statistics\"\nformat = \"json\"\nrecords = \"/d\"\nperiod = { kind = \"day\", column = \"on\" }\n\
                   value = \"n\"\nseries = [{ route = \"r/{at}\", measure = \"persons\" }]";
    let document =
        "{\"d\":[{\"on\":\"2022-01-01\",\"at\":\"A\\ud800b\",\"n\":5},{\"on\":\"2022-01-01\",\"at\":\"C\",\"n\":6}]}";
    let decoded = read(options, document.as_bytes()).unwrap();
    assert_eq!(decoded.observations.len(), 2);
    assert_eq!(decoded.warning_count, 1);
    assert!(decoded.warnings[0].what.as_str().contains("not written as it should be"), "{:?}", decoded.warnings);
    let cut = &document[..document.len() - 3];
    assert!(read(options, cut.as_bytes()).unwrap_err().contains("damaged"));
}
