//! Small tables that show one thing each.

use super::{lines, read, read_at, reader, warnings};
use crate::feeds::mapping::MOST_SERIES;

pub const FISCAL: &str = r#"
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
        2022 (FYTD),NOV,Southwest Land Border,HAITI,0\n\
        2022 (FYTD),DEC,Southwest Land Border,CUBA,0\n\
        2022 (FYTD),JAN,Southwest Land Border,CUBA\n\
        2022 (FYTD),Moon,Southwest Land Border,CUBA,1\n";
    let decoded = read(FISCAL, table.as_bytes()).unwrap();
    // Nobody is counted in any series in December, so December was not reached; Haiti's November is a zero.
    assert_eq!(
        lines(&decoded),
        [
            "us 2021-10 15 closed",
            "us 2021-11 7 closed",
            "us 2021-12 0 filler",
            "us/HAITI 2021-10 10 closed",
            "us/HAITI 2021-11 0 closed",
            "us/CUBA 2021-10 5 closed",
            "us/CUBA 2021-11 7 closed",
            "us/CUBA 2021-12 0 filler",
        ]
    );
    assert_eq!(
        warnings(&decoded),
        ["line 8: 4 cells where the header has 5", "line 9: \"2022 (FYTD) Moon\" is no month"]
    );
}

const MONTHS: &str = r#"
    kind = "statistics"
    format = "csv"
    period = { kind = "month", column = "m" }
    value = "n"
    series = [{ route = "r", measure = "persons" }]
"#;

#[test]
fn time_tells_running_periods_filler_and_the_future_apart() {
    let table = "m,n\n2022-03,5\n2022-04,6\n2022-05,0\n2022-07,8\n2022-02,<5\n2022-01,-\n2021-12,-3\n";
    let decoded = read_at(MONTHS, table.as_bytes(), "2022-04-20T12:00:00Z").unwrap();
    assert_eq!(
        lines(&decoded),
        [
            "r 2021-12 -3 invalid",
            "r 2022-02 - suppressed",
            "r 2022-03 5 closed",
            "r 2022-04 6 partial",
            "r 2022-05 0 filler",
            "r 2022-07 8 invalid"
        ]
    );
    assert_eq!(
        warnings(&decoded),
        [
            "line 8: -3 of r/persons/month in 2021-12 is below zero",
            "line 5: a value of r/persons/month for 2022-07, which has not begun"
        ]
    );
    // The month is over where the publisher is, or is not yet.
    let last = |zone: &str| {
        let options = format!("{MONTHS}zone = \"{zone}\"");
        lines(&read_at(&options, b"m,n\n2022-03,5\n", "2022-04-01T04:00:00Z").unwrap()).remove(0)
    };
    assert_eq!(last("America/Panama"), "r 2022-03 5 partial");
    assert_eq!(last("Europe/London"), "r 2022-03 5 closed");
}

#[test]
fn what_cannot_be_read_costs_itself_alone() {
    let table =
        "m,n\n2022-01,\"1,891\"\n2022-02,0[VALORE]0\nsoon,3\n2022-03,4,\n2022-04,5,6\n2022-05\n,\nTotal,\n2022-06,7";
    let decoded = read(MONTHS, table.as_bytes()).unwrap();
    assert_eq!(lines(&decoded), ["r 2022-01 1891 closed", "r 2022-03 4 closed", "r 2022-06 7 closed"]);
    assert_eq!(
        warnings(&decoded),
        [
            "line 3, column n: \"0[VALORE]0\" is no number",
            "line 4: \"soon\" is no month",
            "line 6: 3 cells where the header has 2",
            "line 7: 1 cells where the header has 2",
        ]
    );
}

#[test]
fn lines_are_those_of_an_editor() {
    let options = MONTHS.replace("format = \"csv\"", "format = \"csv\"\ncomment = \"#\"\nheader = 3");
    let table = "A title with a \" quote\r\n\r\nm,n\r\n\r\n# a remark, \"here\r\n2022-01,x\r\n\r\n\"2022-\r\n02\",1\r\n2022-03,y\r\n";
    let decoded = read(&options, table.as_bytes()).unwrap();
    assert_eq!(
        warnings(&decoded),
        [
            "line 6, column n: \"x\" is no number",
            "line 8: \"2022- 02\" is no month",
            "line 10, column n: \"y\" is no number"
        ]
    );
}

#[test]
fn tables_are_written_in_many_ways() {
    for (table, extra) in [
        ("m;n\n2022-01;5\n", ""),
        ("m\tn\r\n2022-01\t5\r\n", ""),
        ("M|N|\n2022-01|5|\n", ""),
        ("#m,n\n2022-01,5", ""),
        ("m,n\r2022-01,5\r", ""),
        ("\u{feff}n,x,m\n\"5\",\"a\nb,\"\"c\",2022-01\n", ""),
        ("title\nby us\nm,n\n2022-01,5\n", "header = 3"),
        ("# by us\nm,n\n# 2022-01,6\n2022-01,5\n", "comment = \"#\""),
        ("m~n\n2022-01~5\n", "delimiter = \"~\""),
        ("2022-01,5\n", "header = 0\nperiod = { kind = \"month\", column = \"1\" }\nvalue = \"2\""),
    ] {
        let options = if extra.contains("period") {
            format!("kind = \"statistics\"\nseries = [{{ route = \"r\", measure = \"persons\" }}]\n{extra}")
        } else {
            format!("{extra}\n{}", MONTHS.replace("format = \"csv\"", ""))
        };
        let decoded = read(&options, table.as_bytes()).unwrap();
        assert_eq!((lines(&decoded), warnings(&decoded)), (vec!["r 2022-01 5 closed".to_owned()], vec![]), "{table}");
    }
    let utf16: Vec<u8> = "\u{feff}m,n\n2022-01,5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(lines(&read(MONTHS, &utf16).unwrap()), ["r 2022-01 5 closed"]);
    assert_eq!(lines(&read(MONTHS, b"m,n,a\xf1o\n2022-01,5,1\n").unwrap()), ["r 2022-01 5 closed"]);
}

#[test]
fn a_second_row_for_a_period_is_not_chosen_between() {
    let table = "m,n\n2022-01,5\n2022-02,6\n2022-01,7\n2022-02,6\n";
    let decoded = read(MONTHS, table.as_bytes()).unwrap();
    assert_eq!(lines(&decoded), ["r 2022-02 6 closed"]);
    assert_eq!(warnings(&decoded), ["line 2 to line 4: several rows for r/persons/month in 2022-01"]);
    let with = |aggregate: &str| {
        let value = format!("value = {{ column = \"n\", aggregate = \"{aggregate}\" }}");
        lines(&read(&MONTHS.replace("value = \"n\"", &value), table.as_bytes()).unwrap())
    };
    assert_eq!(with("sum"), ["r 2022-01 12 closed", "r 2022-02 12 closed"]);
    assert_eq!(with("last"), ["r 2022-01 7 closed", "r 2022-02 6 closed"]);
}

#[test]
fn a_status_column_is_believed() {
    let options = format!(
        "{MONTHS}status = {{ column = \"note\", provisional = [\"P\", \"prel.\"], partial = \"to  date\", suppressed = [\"*\", \"<5\"] }}"
    );
    let table = "m,n,note\n2022-01,1,p\n2022-02,2,\n2022-03,3,To date\n2022-04,4,*\n2022-05,5,final\n2022-06,6,Prel.\n";
    assert_eq!(
        lines(&read(&options, table.as_bytes()).unwrap()),
        [
            "r 2022-01 1 provisional",
            "r 2022-02 2 closed",
            "r 2022-03 3 partial",
            "r 2022-04 - suppressed",
            "r 2022-05 5 closed",
            "r 2022-06 6 provisional"
        ]
    );
}

#[test]
fn wide_tables_have_a_column_for_each_period() {
    let options = |wide: &str| {
        format!(
            r#"
            kind = "statistics"
            format = "csv"
            period = {{ kind = "month", wide = "{wide}" }}
            value = {{ aggregate = "sum" }}
            series = [
              {{ route = "med", measure = "detections", rows = {{ Route = "Central Mediterranean" }} }},
              {{ route = "all/{{Nationality}}", measure = "detections" }},
            ]
            "#
        )
    };
    let table = "Route,Nationality,JAN2022,FEB2022,Total\n\
        Central Mediterranean,Egypt,3,,3\nCentral Mediterranean,Tunisia,4,5,9\nOther,Egypt,\"1,009\",:,1009\n";
    for (wide, table) in [
        ("MMMYYYY", table.to_owned()),
        ("auto", table.to_owned()),
        ("'Y'YYYY'M'MM", table.replace("JAN2022", "Y2022M01").replace("FEB2022", "Y2022M02")),
        ("auto", table.replace("JAN2022", "2022M01").replace("FEB2022", "2022M02")),
    ] {
        let decoded = read(&options(wide), table.as_bytes()).unwrap();
        assert_eq!(
            lines(&decoded),
            [
                "med 2022-01 7 closed",
                "med 2022-02 5 closed",
                "all/Egypt 2022-01 1012 closed",
                "all/Tunisia 2022-01 4 closed",
                "all/Tunisia 2022-02 5 closed"
            ]
        );
        assert_eq!(decoded.warning_count, 0);
    }
    let error = read(&options("YYYY-MM"), table.as_bytes()).unwrap_err();
    assert!(error.contains("after a month of the pattern \"YYYY-MM\"") && error.contains("\"JAN2022\""), "{error}");
}

#[test]
fn a_table_that_says_nothing_is_told() {
    let two = MONTHS.replace(
        "series = [",
        "rows = { region = [\"North\", \"South\"] }\nseries = [{ route = \"n\", measure = \"persons\", rows = { region = \"North\" } }, ",
    );
    let said = |options: &str, table: &str| warnings(&read(options, table.as_bytes()).unwrap());
    assert_eq!(said(MONTHS, "m,n\n"), ["the table: it has no rows"]);
    assert_eq!(said(&two, "m,n,region\n2022-01,1,East\n"), ["the table: none of its 1 rows counts"]);
    assert_eq!(said(&two, "m,n,region\n2022-01,1,South\n"), ["the table: none of its 1 rows counts for n (persons)"]);
    assert!(said(&two, "m,n,region\n2022-01,1,north\n").is_empty());
}

#[test]
fn templates_make_routes_up_to_a_limit() {
    let options = MONTHS.replace("route = \"r\"", "route = \"r/{who}\"");
    let mut table = "m,n,who\n2022-01,1,A\n2022-01,2,\n2022-01,3, B \n".to_owned();
    let decoded = read(&options, table.as_bytes()).unwrap();
    assert_eq!(lines(&decoded), ["r/A 2022-01 1 closed", "r/B 2022-01 3 closed"]);
    assert_eq!(warnings(&decoded), ["line 3: a cell that names the route is empty (r/)"]);
    for number in 0..=MOST_SERIES {
        table.push_str(&format!("2022-01,4,x{number}\n"));
    }
    let decoded = read(&options, table.as_bytes()).unwrap();
    assert_eq!(decoded.observations.len(), MOST_SERIES);
    assert_eq!(warnings(&decoded)[1], format!("line 5003: the mapping makes more than {MOST_SERIES} series"));
}

#[test]
fn a_series_has_one_entry() {
    let options = MONTHS.replace("series = [", "series = [{ route = \"{who}\", measure = \"persons\" }, ");
    let decoded = read(&options, b"m,n,who\n2022-01,1,r\n2022-01,1,q\n").unwrap();
    assert_eq!(lines(&decoded), ["r 2022-01 1 closed", "q 2022-01 1 closed"]);
    assert_eq!(warnings(&decoded), ["line 2: the series r/persons/month is made by another entry of `series` too"]);
    let twice = MONTHS.replace("series = [", "series = [{ route = \"r\", measure = \"persons\" }, ");
    assert!(reader(&twice).unwrap_err().contains("r with the measure persons stands there twice"));
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let cases = [
        (FISCAL, "a,b\n1,2\n", "no column is called"),
        (FISCAL, "<!DOCTYPE html><html><title>Log in</title>", "it is a web page titled \"Log in\""),
        (FISCAL, "", "it is empty"),
        (
            MONTHS,
            "m,n\n2022-01,5\n2022-02,\"6\n2022-03,7\n",
            "damaged at line 3: a quote that begins there is never closed",
        ),
        ("kind = \"statistics\"\nformat = \"csv\"", "", "period: it does not say where the period is"),
        ("kind = \"statistics\"\nformat = \"rss\"", "", "statistics cannot be read from rss"),
        ("kind = \"weather\"", "", "\"weather\" is no kind of feed"),
        ("", "", "it does not say what the feed brings"),
        ("kind = \"news\"\nformat = \"csv\"", "", "news cannot be read from csv"),
        ("kind = \"news\"\nheader = 2", "", "header: this maps a table"),
    ];
    for (options, body, phrase) in cases {
        let error = read(options, body.as_bytes()).unwrap_err();
        assert!(error.contains(phrase), "{phrase}: {error}");
    }
    for (extra, phrase) in [
        ("records = \"/a\"", "records: this is for json; leave it out"),
        ("delimiter = \"é\"", "delimiter: "),
        ("zone = \"Panama/City\"", "zone: \"Panama/City\" is no time zone"),
        ("status = { column = \"x\", colour = \"y\" }", "unknown field `colour`"),
    ] {
        let error = reader(&format!("{extra}\n{MONTHS}")).unwrap_err();
        assert!(error.contains(phrase), "{phrase}: {error}");
    }
    for (from, to, phrase) in [
        ("value = \"n\"", "", "value: it does not say where the value is"),
        ("value = \"n\"", "value = { column = \"n\", aggregate = \"mean\" }", "value.aggregate: \"mean\" is none"),
        ("value = \"n\"", "value = { column = \"n\", running = \"month\" }", "value.running: \"month\" is none"),
        ("value = \"n\"", "value = { column = \"n\", decimal = \";\" }", "value.decimal: \";\" is no decimal mark"),
        ("column = \"m\"", "wide = \"auto\"", "value.column: each period has a column of its own"),
        ("route = \"r\"", "route = \"r/{\"", "series.route: \"r/{\" has a brace"),
        ("measure = \"persons\"", "measure = \" \"", "series.measure: the series of r has none"),
    ] {
        let error = reader(&MONTHS.replace(from, to)).unwrap_err();
        assert!(error.contains(phrase), "{phrase}: {error}");
    }
}

#[test]
fn the_meaning_does_not_depend_on_the_spelling() {
    let meaning = |options: &str| reader(options).unwrap().meaning();
    let long = MONTHS.replace("value = \"n\"", "value = { column = [\"n\"] }");
    assert_eq!(meaning(MONTHS), meaning(&long));
    assert_ne!(meaning(MONTHS), meaning(&MONTHS.replace("\"n\"", "\"N\"")));
    // Stored hashes rest on this text: a key that is added later must not change it.
    assert_eq!(
        meaning(MONTHS),
        r#"{"kind":"statistics","format":"csv","period":{"kind":"month","column":["m"]},"value":{"column":["n"]},"series":[{"route":"r","measure":"persons"}]}"#
    );
}

#[test]
fn series_are_claimed_where_they_are_named_outright() {
    let claims = reader(FISCAL).unwrap().claims();
    let claims: Vec<String> = claims.iter().map(|claim| claim.id.to_string()).collect();
    assert_eq!(claims, ["us/encounters/month"]);
    assert!(reader("kind = \"news\"").unwrap().claims().is_empty());
}
