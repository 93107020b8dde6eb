//! One small table for each thing that a mapping can say of rows, values and periods.

use super::{lines, read, reader, warnings};

fn csv(mapping: &str, table: &str) -> (Vec<String>, Vec<String>) {
    let decoded = read(&format!("kind = \"statistics\"\nformat = \"csv\"\n{mapping}"), table.as_bytes());
    let decoded = decoded.unwrap_or_else(|error| panic!("{mapping}\n{error}"));
    (lines(&decoded), warnings(&decoded))
}

#[test]
fn the_newest_report_of_a_day_counts() {
    let mapping = r#"
        rows = { Data = { until = "{Report}" } }
        period = { kind = "day", column = "Data" }
        value = { column = "n", newest = "Report", aggregate = "sum" }
        series = [{ route = "italy", measure = "persons" }]
    "#;
    let table = "Data,n,Report\n2023-09-12,5018,2023-09-15\n2023-09-16,0,2023-09-15\n\
        2023-09-12,4990,2023-09-30\n2023-09-12,8,2023-09-30\n2023-09-13,7,soon\n";
    let (lines, warnings) = csv(mapping, table);
    assert_eq!(lines, ["italy 2023-09-12 4998 closed"]);
    assert_eq!(warnings, Vec::<String>::new(), "a row whose bound is no date is not within it");
    let unbound = mapping.replace("rows = { Data = { until = \"{Report}\" } }", "");
    let (_, warnings) = csv(&unbound, table);
    assert_eq!(warnings, ["line 6, column Report: \"soon\" is neither a date nor a number"]);
}

#[test]
fn one_row_may_give_several_values() {
    let mapping = |each: &str| {
        format!(
            "period = {{ kind = \"year\", column = \"year\" }}\nvalue = {{ each = {each}, stock = true }}\n\
             series = [{{ route = \"{{coa:-nobody}}/{{*}}\", measure = \"persons\" }}]"
        )
    };
    let table = "year,coa,refugees,idps,note\n2024,TUR,\"2,940,735\",0,x\n2024,,5,-,\n";
    let all = ["TUR/refugees 2024 2940735 closed", "TUR/idps 2024 0 closed", "nobody/refugees 2024 5 closed"];
    let (mut some, warnings) = csv(&mapping("[\"refugees\", \"IDPs|idps\"]"), table);
    some.sort();
    assert_eq!(some[0], "TUR/IDPs|idps 2024 0 closed", "a column is called as the mapping calls it");
    assert!(warnings.is_empty());
    let (mut every, warnings) = csv(&mapping("\"*\""), table);
    every.sort();
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    assert_eq!(every, sorted);
    assert_eq!(warnings, ["line 2, column note: \"x\" is no number"]);
    let claims = reader(&format!("kind = \"statistics\"\n{}", mapping("[\"a\", \"b\"]").replace("{coa:-nobody}", "x")))
        .unwrap()
        .claims();
    let claims: Vec<String> = claims.iter().map(|claim| format!("{} {}", claim.id.route, claim.stock)).collect();
    assert_eq!(claims, ["x/a true", "x/b true"]);
    for (from, to, phrase) in [
        ("/{*}", "", "go together"),
        ("each = \"*\"", "column = \"n\"", "go together"),
        ("each = \"*\"", "each = \"*\", column = \"n\"", "more than one"),
    ] {
        let error = reader(&format!("kind = \"statistics\"\n{}", mapping("\"*\"").replace(from, to))).unwrap_err();
        assert!(error.contains(phrase), "{error}");
    }
}

#[test]
fn columns_are_added_and_rows_are_counted() {
    let sum = r#"
        period = { kind = "month", column = "d" }
        value = { sum_of = ["dead", "missing"], aggregate = "sum" }
        series = [{ route = "sea", measure = "persons" }]
    "#;
    let table = "d,dead,missing\n2022-03-01,1,2\n2022-03-09,,4\n2022-03-10,,\n2022-04-01,<5,1\n";
    assert_eq!(csv(sum, table).0, ["sea 2022-03 7 closed", "sea 2022-04 - suppressed"]);
    let count = r#"
        value = { aggregate = "count" }
        series = [
          { route = "begins", measure = "events", period = { kind = "month", column = "from" } },
          { route = "ends", measure = "events", period = { kind = "day", column = "to" } },
        ]
    "#;
    let table = "from,to\n2022-03-01,2022-03-09\n2022-03-02,\n,2022-03-09\nsoon,x\n";
    let (lines, warnings) = csv(count, table);
    assert_eq!(lines, ["begins 2022-03 2 closed", "ends 2022-03-09 2 closed"]);
    assert_eq!(warnings, ["line 5: \"soon\" is no month", "line 5: \"x\" is no day"]);
}

#[test]
fn year_totals_among_months_are_told_apart() {
    let mapping = r#"
        period = { kind = "month", column = "t", year_totals = { in = "December", of = ["geo"] } }
        value = { column = "n", aggregate = "sum" }
        series = [
          { route = "all", measure = "persons" },
          { route = "{geo}", measure = "persons" },
          { route = "{geo}", measure = "persons", period = { kind = "year" } },
        ]
    "#;
    let table = "t,geo,n\n2013-12-01,ITA,42925\n2014-11-01,ITA,9179\n2014-12-01,ITA,6732\n2014-12-01,GRC,45421\n";
    assert_eq!(
        csv(mapping, table).0,
        [
            "all 2014-11 9179 closed",
            "all 2014-12 6732 closed",
            "ITA 2014-11 9179 closed",
            "ITA 2014-12 6732 closed",
            "ITA 2013 42925 closed",
            "GRC 2014 45421 closed"
        ]
    );
}

#[test]
fn a_series_may_have_a_period_of_its_own() {
    let mapping = r#"
        period = { kind = "month", column = "t", from = "2020-01" }
        value = "n"
        series = [
          { route = "darien", measure = "persons" },
          { route = "darien", measure = "persons", period = { kind = "year", until = "2019" } },
        ]
    "#;
    assert_eq!(
        csv(mapping, "t,n\n2019-01-01,22102\n2020-01-01,1538\n").0,
        ["darien 2020-01 1538 closed", "darien 2019 22102 closed"]
    );
    let error = reader(&format!("kind = \"statistics\"\n{}", mapping.replace("kind = \"year\"", "kind = \"moon\"")))
        .unwrap_err();
    assert!(error.starts_with("series.period.kind: \"moon\" is no kind"), "{error}");
}

#[test]
fn months_of_many_languages_and_a_year_from_the_title() {
    let mapping = r#"
        period = { kind = "month", wide = "auto", of_year = 'AÑO (\d{4})' }
        rows = { Pais = { not = "Total" } }
        value = { missing = "n.d." }
        series = [{ route = "darien/{Pais}", measure = "persons" }]
    "#;
    let table = "TRANSITO IRREGULAR, AÑO 2022,,,\n,,,\nPais,Ene.,Feb.,Dic.,Total\nHaití,\"1.234\",-,n.d.,\"1.234\"\nTotal,1,2,3,6\n";
    let comma = mapping.replace("missing", "decimal = \",\", missing");
    assert_eq!(csv(&comma, table).0, ["darien/Haití 2022-01 1234 closed"]);
    let error =
        read(&format!("kind = \"statistics\"\n{mapping}"), table.replace("AÑO 2022", "2022").as_bytes()).unwrap_err();
    assert!(error.contains("there is no year: 'AÑO (\\d{4})' is nowhere in"), "{error}");
}

#[test]
fn marks_behind_numbers_are_statuses() {
    let mapping = r#"
        period = { kind = "month", column = "m" }
        value = { column = "n", times = 1000 }
        status = { provisional = "p", suppressed = "c", break = "b" }
        series = [{ route = "r", measure = "persons" }]
    "#;
    let table = "m,n\n2022-01,1.5 p\n2022-02,2 b\n2022-03,: c\n2022-04,4 (1)\n2022-05,5*\n2022-06,: \n";
    let (lines, warnings) = csv(mapping, table);
    assert_eq!(
        lines,
        [
            "r 2022-01 1500 provisional",
            "r 2022-02 2000 break",
            "r 2022-03 - suppressed",
            "r 2022-04 4000 closed",
            "r 2022-05 5000 closed"
        ]
    );
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn points_between_thousands_are_asked_about() {
    let mapping = "period = { kind = \"month\", column = \"m\" }\nvalue = { column = \"n\" }\nseries = [{ route = \"r\", measure = \"persons\" }]";
    let table = "m;n\n2022-01;1.891\n2022-02;12.004\n2022-03;2.100\n2022-04;17\n";
    assert_eq!(csv(mapping, table).1, ["column n: all its 3 points have three digits behind them, as in 1.891"]);
    for (decimal, first) in [(",", "r 2022-01 1891 closed"), (".", "r 2022-01 1.891 closed")] {
        let said = mapping.replace("column = \"n\"", &format!("column = \"n\", decimal = \"{decimal}\""));
        let (lines, warnings) = csv(&said, table);
        assert_eq!((lines[0].as_str(), warnings), (first, vec![]));
    }
}

#[test]
fn totals_that_run_may_be_kept() {
    let mapping = r#"
        period = { kind = "day", column = "d" }
        value = { column = "n", running = "keep" }
        series = [{ route = "r", measure = "persons" }]
    "#;
    assert_eq!(csv(mapping, "d,n\n2022-03-01,5\n2022-03-09,9\n").0, ["r 2022-03-01 5 closed", "r 2022-03-09 9 closed"]);
    assert!(reader(&format!("kind = \"statistics\"\n{mapping}")).unwrap().claims()[0].stock);
    let both = mapping.replace("running = \"keep\"", "running = \"keep\", stock = true");
    assert!(reader(&format!("kind = \"statistics\"\n{both}")).unwrap_err().contains("not both"));
    let month = mapping.replace("\"day\"", "\"month\"").replace("\"keep\"", "\"ever\", newest = \"d\"");
    let table = "d,n\n2022-03-01,5\n2022-03-09,9\n2022-04-30,19\n2022-04-02,12\n";
    assert_eq!(csv(&month, table).0, ["r 2022-04 10 closed"], "irregular totals by their month's last");
}
