//! Which series the rows make: what routes may be named after, what is left out, and what has to be added up.

use super::column::Column;
use super::period::When;
use super::view::View;
use super::words::{LEVEL, MONTH, PLACE, REMARK, STATUS, WAY, YEAR};
use crate::domain::time::{Cadence, Period};
use crate::feeds::mapping::{Number, Style};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// So many series of a template are shown on a screen without hiding everything else.
pub const HANDY: usize = 60;
/// So many routes may be made by the templates of one feed.
pub const MOST: usize = 5_000;

/// The columns that routes may be named after, the likeliest first.
pub fn categories<'a>(view: &View, columns: &'a [Column], when: &When, value: Option<usize>) -> Vec<&'a Column> {
    let mut found: Vec<&Column> = columns
        .iter()
        .filter(|column| !when.columns.contains(&column.at) && Some(column.at) != value)
        .filter(|column| is_category(column, when))
        .collect();
    found.sort_by_key(|column| std::cmp::Reverse(likely(column)));
    // Of a name and its code one is enough.
    let mut kept: Vec<&Column> = Vec::new();
    for column in found {
        if !kept.iter().any(|other| is_same(view, column, other)) {
            kept.push(column);
        }
    }
    kept
}

fn is_category(column: &Column, when: &When) -> bool {
    let repeats = column.distinct() * 2 <= column.filled || when.wide || column.rows < 40;
    let enough = if column.says(WAY) { 4 } else { 2 };
    column.filled * enough >= column.rows
        && column.distinct() <= 1_500
        && repeats
        && column.periods * 2 < column.filled
        && !column.is_numeric()
        && !column.says(LEVEL)
        && !column.says(MONTH)
        && !column.says(YEAR)
        && !column.says(STATUS)
        && (!column.says(REMARK) || column.says(PLACE) && !column.says(&["id", "source", "coordinates"]))
        && column.values.iter().take(50).all(|(value, _)| value.chars().count() <= 60 && !value.starts_with("http"))
}

/// How likely a column names routes: by its header, and because its values are neither one nor hundreds.
fn likely(column: &Column) -> i32 {
    let name = if column.says(WAY) {
        30
    } else if column.says(PLACE) {
        25
    } else {
        0
    };
    let yes_or_no = column.values.iter().all(|(value, _)| matches!(value.as_str(), "true" | "false" | "yes" | "no"));
    let name = if yes_or_no { -40 } else { name };
    let handy = match column.distinct() {
        0 | 1 => -30,
        2..=HANDY => 10,
        61..=300 => 5,
        _ => -5,
    };
    let whole = if column.is_whole() { 5 } else { -10 };
    // A code of two or three letters is a shorter name of the same; the long one reads better.
    let code = if column.says(&["code", "pcode", "iso", "abbv", "id"]) { -3 } else { 0 };
    name + handy + whole + code
}

/// Whether two columns say the same in other words.
fn is_same(view: &View, one: &Column, other: &Column) -> bool {
    if one.distinct() != other.distinct() || one.filled != other.filled {
        return false;
    }
    let pairs: HashSet<(&str, &str)> = view.rows.iter().map(|row| (row[one.at].trim(), row[other.at].trim())).collect();
    pairs.len() <= one.distinct() + usize::from(one.filled < one.rows)
}

/// What is left out of all series.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The key and its value in `rows`.
    pub toml: String,
    /// Why.
    pub why: String,
    /// Rows of the view that stay.
    pub stays: Vec<bool>,
}

/// A table that has places of several levels: each row counts again in those of its parts.
pub fn levels(view: &View, columns: &[Column]) -> Option<LeftOut> {
    let column = columns.iter().find(|column| {
        column.says(LEVEL) && (2..=6).contains(&values(column).count()) && column.filled * 10 >= column.rows * 9
    })?;
    let top = values(column).min()?.to_owned();
    let rest: Vec<String> = values(column).filter(|value| **value != top).map(|value| format!("\"{value}\"")).collect();
    Some(LeftOut {
        toml: super::period::equals(column, &top),
        why: format!(
            "\"{}\" tells levels apart, and each counts the same people again: only \"{top}\" is kept; or keep {}",
            column.name.trim(),
            rest.join(", ")
        ),
        stays: view.rows.iter().map(|row| row[column.at].trim() == top).collect(),
    })
}

/// The values of a column.
fn values(column: &Column) -> impl Iterator<Item = &str> {
    column.values.iter().map(|(value, _)| value.as_str())
}

/// Rows of which several stand for the same period of the same series.
pub fn most_in_one(view: &View, when: &When, stays: &[bool], by: &[usize]) -> (usize, usize) {
    let mut counts: HashMap<(Option<Period>, Vec<&str>), usize> = HashMap::new();
    for (at, row) in view.rows.iter().enumerate().filter(|(at, _)| stays[*at]) {
        let period = when.of_rows.get(at).copied().flatten();
        if !when.wide && period.is_none() {
            continue;
        }
        *counts.entry((period, by.iter().map(|at| row[*at].trim()).collect())).or_default() += 1;
    }
    let several = counts.values().filter(|count| **count > 1).count();
    (counts.values().copied().max().unwrap_or(0), several)
}

/// A column of dates that tells versions of the same figure apart: the day of the report.
pub fn versions<'a>(
    view: &View,
    columns: &'a [Column],
    when: &When,
    stays: &[bool],
    by: &[usize],
) -> Option<&'a Column> {
    if when.wide || most_in_one(view, when, stays, by).1 == 0 {
        return None;
    }
    columns.iter().filter(|column| !when.columns.contains(&column.at) && column.distinct() > 1).find(|column| {
        let dates = column.periods * 10 >= column.filled * 9 && column.is_whole() && !column.is_numeric();
        dates && {
            let mut with = by.to_vec();
            with.push(column.at);
            most_in_one(view, when, stays, &with).1 == 0
        }
    })
}

/// Whether rows look like single events: a text in them is different more often than not.
pub fn are_events(columns: &[Column], when: &When) -> bool {
    let tells = |column: &Column| {
        !column.is_numeric()
            && column.filled * 2 > column.rows
            && column.distinct() * 2 > column.filled
            && !when.columns.contains(&column.at)
    };
    when.cadence == Cadence::Day && columns.iter().any(|column| column.rows > 100 && tells(column))
}

/// The values of the series with the most periods: to see whether they run on.
pub fn longest(view: &View, when: &When, stays: &[bool], value: usize, by: Option<usize>) -> BTreeMap<Period, f64> {
    let style = Style::new(Some('.'), 1.0, &[]);
    let mut series: HashMap<&str, BTreeMap<Period, f64>> = HashMap::new();
    for (at, row) in view.rows.iter().enumerate().filter(|(at, _)| stays[*at]) {
        let Some(period) = when.of_rows.get(at).copied().flatten() else { continue };
        let number = style.as_ref().map(|style| style.read(&row[value]).number);
        if let Some(Number::Value(number)) = number {
            let name = by.map_or("", |by| row[by].trim());
            *series.entry(name).or_default().entry(period).or_default() += number;
        }
    }
    series.into_values().max_by_key(BTreeMap::len).unwrap_or_default()
}

/// How totals run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// They begin again each year.
    Year,
    /// They never fall.
    Ever,
}

/// Whether values look like running totals: they hardly fall within a year, and do so in each new one.
pub fn runs(values: &BTreeMap<Period, f64>) -> Option<Runs> {
    if values.len() < 8 {
        return None;
    }
    let points: Vec<(Period, f64)> = values.iter().map(|(period, value)| (*period, *value)).collect();
    let (mut within, mut falls, mut turns, mut drops, mut rises) = (0, 0, 0, 0, 0);
    for pair in points.windows(2) {
        let ((before, then), (after, now)) = (pair[0], pair[1]);
        if before.start().year() == after.start().year() {
            within += 1;
            falls += usize::from(now < then);
            rises += usize::from(now > then);
        } else {
            turns += 1;
            drops += usize::from(now < then * 0.6);
        }
    }
    let rising = falls * 50 <= within && rises * 2 >= within && within > 5;
    match (rising, turns, drops) {
        (true, 1.., drops) if drops == turns => Some(Runs::Year),
        (true, _, 0) => Some(Runs::Ever),
        _ => None,
    }
}

/// Whether the series of a column speak of the same periods, so that adding them up means something.
pub fn are_aligned(view: &View, when: &When, stays: &[bool], by: usize) -> bool {
    if when.wide {
        return true;
    }
    let mut periods: HashMap<&str, BTreeSet<Period>> = HashMap::new();
    let mut all = BTreeSet::new();
    for (at, row) in view.rows.iter().enumerate().filter(|(at, _)| stays[*at]) {
        if let Some(period) = when.of_rows.get(at).copied().flatten() {
            periods.entry(row[by].trim()).or_default().insert(period);
            all.insert(period);
        }
    }
    let seen: usize = periods.values().map(BTreeSet::len).sum();
    all.len() == 1 || seen * 3 >= periods.len() * all.len()
}

/// How many routes several columns make together.
pub fn combined(view: &View, stays: &[bool], by: &[usize]) -> usize {
    let rows = view.rows.iter().enumerate().filter(|(at, _)| stays[*at]);
    rows.map(|(_, row)| by.iter().map(|at| row[*at].trim()).collect::<Vec<_>>()).collect::<HashSet<_>>().len()
}

/// Values that have others as parts, by how they are written: `ESP` and `ESP-WMR`.
pub fn parts(column: &Column) -> Option<(String, Vec<String>)> {
    let all: Vec<&str> = values(column).collect();
    all.iter().filter(|whole| whole.len() >= 2).find_map(|whole| {
        let begins = |value: &&&str| value.strip_prefix(*whole).is_some_and(|rest| rest.starts_with(['-', '/', ':']));
        let parts: Vec<String> = all.iter().filter(begins).map(|part| (*part).to_owned()).collect();
        (!parts.is_empty()).then(|| ((*whole).to_owned(), parts))
    })
}
