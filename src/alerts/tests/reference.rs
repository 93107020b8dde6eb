//! The reference numbers, row by row: every bound, ratio and alarm that R and plain arithmetic gave for the same figures.

use super::figures::{course, from};
use super::*;
use crate::alerts::lifecycle::fold;
use crate::domain::alert::Evaluation;
use crate::domain::series::Series;

/// Every table of a method, by data set.
const SETS: [&str; 9] = [
    "salmonella-agona",
    "k1",
    "n2",
    "ha-berlin",
    "darien-monthly",
    "uk-small-boats-weekly",
    "mexico-irregular-monthly",
    "italy-sea-daily",
    "frontex-wafrica-monthly",
];

type Row = BTreeMap<String, String>;

fn table(set: &str, method: &str) -> Option<Vec<Row>> {
    shared(&format!("reference/surge/{set}-{method}.csv")).map(|text| rows(&text))
}

/// Where the first row stands. Files that count weeks by 52 a year are placed where six ISO years in a row have no week 53 before
/// their end, so that "last year" is 52 weeks earlier as it is there.
fn first_period(rows: &[Row]) -> Period {
    let label = &rows[0]["period"];
    let label = if label.contains("-P") { "1999-W01" } else { label };
    label.parse().unwrap()
}

fn as_series(rows: &[Row], first: Period) -> Series {
    let values: Vec<Option<f64>> = rows.iter().map(|row| row["count"].parse().ok()).collect();
    from(first, &values)
}

fn number(row: &Row, column: &str) -> Option<f64> {
    row[column].parse().ok().filter(|number: &f64| number.is_finite())
}

/// Equal within 1e-9, and present where the reference has a number.
fn assert_near(ours: Option<f64>, theirs: Option<f64>, place: &str) {
    let Some(theirs) = theirs else { return };
    let ours = ours.unwrap_or_else(|| panic!("{place}: nothing, {theirs}"));
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{place}: {ours}, {theirs}");
}

fn place(set: &str, row: &Row, column: &str) -> String {
    format!("{set} {} {column}", row["period"])
}

fn ears(series: &Series, level: &str, min_sd: u32) -> Vec<Evaluation> {
    let options = format!("kind = \"ears\"\nlevels = [\"{level}\"]\nscale = \"raw\"\nblock = 1\nmin_sd = {min_sd}");
    course(&options, series)
}

/// Alarms, bounds and statistics of every row; how many rows there were.
fn ears_equal(level: &str, columns: [(&str, Option<&str>, &str, u32); 2]) -> usize {
    let mut compared = 0;
    for set in SETS {
        let Some(rows) = table(set, &format!("ears-{level}")) else { return 0 };
        let series = as_series(&rows, first_period(&rows));
        for (bound, statistic, alarm, min_sd) in columns {
            let ours = ears(&series, level, min_sd);
            assert_eq!(ours.len(), rows.len());
            for (row, ours) in rows.iter().zip(&ours) {
                assert_near(ours.bound, number(row, bound), &place(set, row, bound));
                if let Some(column) = statistic {
                    assert_near(ours.statistic, number(row, column), &place(set, row, column));
                }
                assert_eq!(ours.verdict == Verdict::Up, row[alarm] == "1", "{}", place(set, row, alarm));
                assert_eq!(ours.verdict == Verdict::Unknown, row[alarm].is_empty(), "{}", place(set, row, alarm));
            }
        }
        compared += rows.len();
    }
    compared
}

/// Rows of the nine tables of each method.
const ROWS: usize = 312 + 209 + 209 + 290 + 64 + 450 + 88 + 2_207 + 196;

fn is_shared() -> bool {
    shared("reference/surge/README.md").is_some()
}

#[test]
fn c1_and_c2_equal_r_at_every_row() {
    if is_shared() {
        let c1 = [("upper", Some("c1"), "alarm", 0), ("upper_min1", None, "alarm_min1", 1)];
        let c2 = [("upper", Some("c2"), "alarm", 0), ("upper_min1", None, "alarm_min1", 1)];
        assert_eq!((ears_equal("c1", c1), ears_equal("c2", c2)), (ROWS, ROWS));
    }
}

#[test]
fn c3_equals_its_definition_at_every_row() {
    let mut compared = 0;
    for set in SETS {
        let Some(rows) = table(set, "ears-c3") else { return };
        let ours = ears(&as_series(&rows, first_period(&rows)), "c3", 1);
        for (row, ours) in rows.iter().zip(&ours) {
            assert_near(ours.statistic, number(row, "c3"), &place(set, row, "c3"));
            assert_eq!(ours.verdict == Verdict::Up, row["alarm_c3_gt2"] == "1", "{}", place(set, row, "alarm_c3_gt2"));
            assert_eq!(ours.verdict == Verdict::Unknown, row["c3"].is_empty(), "{}", place(set, row, "c3"));
        }
        compared += ours.len();
    }
    assert_eq!(compared, ROWS);
}

#[test]
fn tiny_and_odd_series_equal_r_except_after_gaps() {
    let Some(text) = shared("reference/surge/edge-ears.csv") else { return };
    let mut cases: BTreeMap<(String, String, String), Vec<Row>> = BTreeMap::new();
    for row in rows(&text) {
        // R's third level is another thing than its definition.
        if row["method"] != "C3" {
            let key = (row["case"].clone(), row["method"].clone(), row["min_sd"].clone());
            cases.entry(key).or_default().push(row);
        }
    }
    let mut compared = 0;
    for ((case, method, min_sd), rows) in cases {
        let ours = ears(&as_series(&rows, "2021-01".parse().unwrap()), &method, min_sd.parse().unwrap());
        for (row, ours) in rows.iter().zip(&ours) {
            let place = format!("{case} {method} {min_sd} {}", row["t"]);
            match number(row, "upper") {
                Some(upper) => {
                    assert_near(ours.bound, Some(upper), &place);
                    assert_eq!(ours.verdict == Verdict::Up, row["alarm"] == "1", "{place}");
                    compared += 1;
                }
                // One gap and R is silent for as long as it is in the window; ours takes the figures before it.
                None if case == "one-gap" => {}
                None => assert_eq!(ours.verdict, Verdict::Unknown, "{place}"),
            }
        }
    }
    assert_eq!(compared, 162);
}

#[test]
fn comparisons_with_last_year_equal_the_reference_at_every_row() {
    let (mut singles, mut to_dates) = (0, 0);
    for set in SETS.into_iter().filter(|set| *set != "italy-sea-daily") {
        let Some(rows) = table(set, "yoy") else { return };
        let series = as_series(&rows, first_period(&rows));
        let to_date = course("kind = \"year-to-date\"\nfloor = 1", &series);
        to_dates += ratios_equal(set, &rows, &to_date, "ytd_last_year", "ytd_ratio");
        // The file goes back 52 rows whatever the calendar says: weeks are laid over the six years without a week 53.
        let weekly = series.id().cadence == Cadence::Week;
        let long = weekly && rows.len() > 312;
        let stretches = if long { vec![0, rows.len() - 312] } else { vec![0] };
        for start in stretches {
            let length = if weekly { (rows.len() - start).min(312) } else { rows.len() };
            let stretch = &rows[start..start + length];
            let first = if weekly { "1999-W01".parse().unwrap() } else { first_period(stretch) };
            let single = course("kind = \"year-on-year\"\nwindow = 1\nfloor = 1", &as_series(stretch, first));
            let new = if start == 0 { 0 } else { 312 - start };
            singles += ratios_equal(set, &stretch[new..], &single[new..], "last_year", "yoy_ratio");
        }
    }
    assert_eq!((singles, to_dates), (1_129, 1_502));
}

/// How many ratios are equal: those whose base is not below the least floor there is.
fn ratios_equal(set: &str, rows: &[Row], ours: &[Evaluation], base: &str, ratio: &str) -> usize {
    let mut compared = 0;
    for (row, ours) in rows.iter().zip(ours) {
        if let Some(theirs) = number(row, ratio).filter(|_| number(row, base).is_some_and(|base| base >= 1.0)) {
            assert_near(ours.statistic, Some(theirs), &place(set, row, ratio));
            compared += 1;
        }
    }
    compared
}

#[test]
fn sums_of_seven_days_equal_the_reference_at_every_row() {
    let Some(rows) = table("italy-sea-daily", "yoy") else { return };
    let ours = course("kind = \"year-on-year\"\nwindow = 7\nfloor = 1", &as_series(&rows, first_period(&rows)));
    let compared = ratios_equal("italy-sea-daily", &rows, &ours, "sum7_364d", "sum7_ratio");
    assert_eq!(compared, 1_788);
}

#[test]
fn changes_records_and_ranks_equal_the_reference_at_every_row() {
    let (mut records, mut ranks, mut changes) = (0, 0, 0);
    for set in SETS {
        let Some(rows) = table(set, "yoy") else { return };
        let first = first_period(&rows);
        let series = as_series(&rows, first);
        let record = course("kind = \"record\"\nmin_history = 1\nsince = 100000", &series);
        let rank = course("kind = \"record\"\nmin_history = 1\npercentile = 0.95\nwindow = 100000", &series);
        let change = course("kind = \"change\"\nper_day = false\nfloor = 1", &series);
        for (at, row) in rows.iter().enumerate().skip(1) {
            assert_eq!(
                record[at].verdict == Verdict::Up,
                row["record_high"] == "1",
                "{}",
                place(set, row, "record_high")
            );
            let back = rows[..at].iter().rev().position(|earlier| earlier["period"] == row["highest_since"]);
            let back = back.map_or(at + 1, |back| back + 1);
            assert_eq!(record[at].statistic, Some(back as f64), "{}", place(set, row, "highest_since"));
            records += 1;
            if set != "italy-sea-daily" {
                assert_near(rank[at].statistic, number(row, "pct_rank"), &place(set, row, "pct_rank"));
                ranks += usize::from(number(row, "pct_rank").is_some());
                let share = number(row, "diff").unwrap() / number(row, "prev").unwrap().max(1.0);
                assert_near(change[at].statistic, Some(share), &place(set, row, "diff"));
                changes += 1;
            }
        }
    }
    assert_eq!((records, ranks, changes), (ROWS - 9, 1_722, 1_810));
}

#[test]
fn the_monthly_presets_equal_the_reference_at_every_row() {
    let mut rules = presets();
    assert!(crate::alerts::link(&mut rules).is_empty());
    let mut compared = 0;
    for set in ["darien-monthly", "mexico-irregular-monthly", "frontex-wafrica-monthly"] {
        let Some(rows) = table(set, "preset") else { return };
        let series = as_series(&rows, first_period(&rows));
        let mut facts = Facts::default();
        facts.series.insert(series.id().clone(), series.clone().into());
        let of = |id: &str| {
            let rule = rules.iter().find(|rule| rule.id == RuleId::new(id)).unwrap();
            let all = crate::alerts::evaluate(rule, &rules, &Catalog::default(), &facts, series.id());
            let phases: Vec<bool> =
                (0..all.len()).map(|at| fold(&all[..=at], rule.for_periods, rule.keep).phase.is_active()).collect();
            (all, phases)
        };
        let (ratio, record, ears) = (of("month-year-on-year"), of("month-record"), of("month-ears"));
        let two = of("month-two-of-three").0;
        for (at, row) in rows.iter().enumerate() {
            assert_near(ratio.0[at].statistic, number(row, "r3_ratio"), &place(set, row, "r3_ratio"));
            assert_near(ears.0[at].statistic, number(row, "r6_c"), &place(set, row, "r6_c"));
            let states = [
                ("r3_state", ratio.1[at]),
                ("r5_up", record.0[at].verdict == Verdict::Up),
                ("r5_state", record.1[at]),
                ("r6_state", ears.1[at]),
                // A member that cannot tell is a no in the file; here the alert stays as it was until it can.
                ("two_of_three", two[at].verdict == Verdict::Up),
            ];
            for (column, ours) in states {
                assert_eq!(ours, row[column] == "1", "{}", place(set, row, column));
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 64 + 88 + 196);
}
