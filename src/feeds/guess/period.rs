//! Which columns say when, and how they are to be read.

use super::column::{Column, period};
use super::view::View;
use super::words::{BEGINS, FISCAL, MONTH, TOLD, WHEN, YEAR};
use super::written::{key, quoted};
use crate::domain::time::{Cadence, Period};
use crate::domain::words::many;
use crate::feeds::mapping::{Pattern, leading_year};
use crate::feeds::months;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// A way of telling the period of a row.
#[derive(Clone, Debug)]
pub struct When {
    /// The mapping's key: `{ kind = "month", column = "t" }`.
    pub toml: String,
    /// Its columns; every one that is a period where the table is wide.
    pub columns: Vec<usize>,
    /// Whether each period has a column.
    pub wide: bool,
    /// How often there are figures.
    pub cadence: Cadence,
    /// What was seen, for people.
    pub why: String,
    /// What is a guess, and the other possibility.
    pub unsure: Vec<String>,
    /// Other ways of writing it, with what they mean.
    pub others: Vec<(String, String)>,
    /// The period of each row, as text that is the same for the same period; empty where it has none.
    pub of_rows: Vec<Option<Period>>,
    /// How likely it is.
    pub score: i32,
}

/// Every way, the likeliest first.
pub fn ways(view: &View, columns: &[Column]) -> Vec<When> {
    let mut ways: Vec<When> = Vec::new();
    ways.extend(wide(view, columns));
    ways.extend(months_wide(view, columns));
    ways.extend(columns.iter().filter_map(|column| single(view, column)));
    ways.extend(pairs(view, columns));
    ways.extend(columns.iter().filter_map(|column| years(view, column)));
    ways.sort_by_key(|way| std::cmp::Reverse(way.score));
    ways
}

fn named(column: &Column) -> i32 {
    let when = if column.says(WHEN) { 20 } else { 0 };
    let told = if column.says(TOLD) { -20 } else { 0 };
    when + told
}

/// A column of dates.
fn single(view: &View, column: &Column) -> Option<When> {
    // Numbers of four digits are years at most: see `years`.
    if column.filled * 2 < column.rows || column.filled == 0 {
        return None;
    }
    let only_years = column.values.iter().all(|(value, _)| period(value).is_none_or(|p| p.cadence() == Cadence::Year));
    let mut unsure = Vec::new();
    let mut others = Vec::new();
    let (format, read): (Option<&str>, Vec<Option<Period>>) = if column.periods * 10 >= column.filled * 9 {
        if only_years {
            return None;
        }
        (None, column.values.iter().map(|(value, _)| period(value)).collect())
    } else {
        let found = format_of(column, &mut unsure, &mut others)?;
        (Some(found.0), found.1)
    };
    // A row's period is that of its value.
    let of_values: BTreeMap<&str, Option<Period>> =
        column.values.iter().map(|(value, _)| value.as_str()).zip(read.iter().copied()).collect();
    let all: BTreeSet<Period> = read.iter().flatten().copied().collect();
    let cadence = cadence(&all, &mut unsure);
    let mut format_part = format.map_or_else(String::new, |format| format!(", format = {}", quoted(format)));
    let shifts =
        cadence == Cadence::Week && all.iter().all(|day| day.start().weekday() == jiff::civil::Weekday::Sunday);
    let begins = shifts && column.says(BEGINS);
    if begins {
        format_part.push_str(", shift_days = 1");
        unsure.push("the weeks are taken to begin on these Sundays, by the column's name".to_owned());
    } else if shifts {
        unsure.push(
            "the weeks are taken to end on these Sundays; if they begin there, write shift_days = 1 in period"
                .to_owned(),
        );
    }
    let write = |kind: &str| format!("{{ kind = {}, column = {}{format_part} }}", quoted(kind), quoted(&column.name));
    let mut why = format!("\"{}\" holds {}", column.name, spoken(&all, cadence));
    if let Some(format) = format {
        why.push_str(&format!(", written as {format}"));
    }
    // What was found as a form becomes the line that may stand instead.
    for (line, _) in &mut others {
        let (kind, name, format) = (quoted(cadence.word()), quoted(&column.name), quoted(line));
        *line = format!("period = {{ kind = {kind}, column = {name}, format = {format} }}");
    }
    if cadence == Cadence::Day {
        others.push((
            format!("period = {}", write("month")),
            "by month; then with aggregate = \"sum\" in value".to_owned(),
        ));
    }
    let of_rows = view
        .rows
        .iter()
        .map(|row| of_values.get(row[column.at].trim()).copied().flatten())
        .map(|found| found.map(|found| Period::containing(cadence, found.start())))
        .map(|found| found.map(|week| if begins { week.next() } else { week }))
        .collect();
    let bonus = if column.periods == 0 && column.is_numeric() { -25 } else { 0 };
    Some(When {
        toml: write(cadence.word()),
        columns: vec![column.at],
        wide: false,
        cadence,
        why,
        unsure,
        others,
        of_rows,
        score: 60 + named(column) + share(column.filled, column.rows, 20) + bonus + i32::from(all.len() > 1) * 5,
    })
}

fn share(part: usize, whole: usize, most: usize) -> i32 {
    i32::try_from(part * most / whole.max(1)).unwrap_or(0)
}

/// How far a column reaches, for people.
fn spoken(all: &BTreeSet<Period>, cadence: Cadence) -> String {
    let noun = |count: usize| match count {
        1 => format!("one {}", cadence.word()),
        count => format!("{} {}s", many(count), cadence.word()),
    };
    let of_cadence: BTreeSet<Period> = all.iter().map(|each| Period::containing(cadence, each.start())).collect();
    match (of_cadence.first(), of_cadence.last()) {
        (Some(first), Some(last)) if first != last => {
            format!("{} from {first} to {last}", noun(of_cadence.len()))
        }
        (Some(first), _) => format!("{}, {first}", noun(1)),
        _ => "nothing".to_owned(),
    }
}

/// How often: the first of a month each time is a month, seven days apart each time is a week.
fn cadence(all: &BTreeSet<Period>, unsure: &mut Vec<String>) -> Cadence {
    let finest = all.iter().map(|period| period.cadence()).min().unwrap_or(Cadence::Day);
    if finest != Cadence::Day || all.len() < 2 {
        return finest;
    }
    let days: Vec<Date> = all.iter().map(|period| period.start()).collect();
    let is_first = days.iter().all(|day| day.day() == 1);
    let is_last = days.iter().all(|day| day.day() == day.days_in_month());
    let months: BTreeSet<i8> = days.iter().map(|day| day.month()).collect();
    if is_first || is_last {
        let which = if is_first { "first" } else { "last" };
        if months.len() == 1 && days.len() > 2 {
            unsure.push(format!("every date is the {which} of the same month, so they are taken as years"));
            return Cadence::Year;
        }
        let quarters = months.iter().all(|month| if is_first { month % 3 == 1 } else { month % 3 == 0 });
        if quarters && days.len() > 4 {
            unsure.push("every date begins or ends a quarter, so they are taken as quarters".to_owned());
            return Cadence::Quarter;
        }
        return Cadence::Month;
    }
    let steps: Vec<i64> = days.windows(2).map(|pair| crate::domain::time::days_between(pair[0], pair[1])).collect();
    if days.len() > 3 && steps.iter().all(|step| step % 7 == 0) {
        unsure.push("every date is the same day of a week, so they are taken as weeks".to_owned());
        return Cadence::Week;
    }
    Cadence::Day
}

/// Forms that must be told, with the form in which day and month change places.
const FORMATS: [(&str, Option<&str>); 26] = [
    ("DD/MM/YYYY", Some("MM/DD/YYYY")),
    ("MM/DD/YYYY", Some("DD/MM/YYYY")),
    ("D/M/YYYY", Some("M/D/YYYY")),
    ("M/D/YYYY", Some("D/M/YYYY")),
    ("DD.MM.YYYY", Some("MM.DD.YYYY")),
    ("D.M.YYYY", None),
    ("DD-MM-YYYY", Some("MM-DD-YYYY")),
    ("MM-DD-YYYY", Some("DD-MM-YYYY")),
    ("YYYY/MM/DD", None),
    ("YYYY.MM.DD", None),
    ("DD/MM/YY", Some("MM/DD/YY")),
    ("MM/DD/YY", Some("DD/MM/YY")),
    ("D/M/YY", Some("M/D/YY")),
    ("M/D/YY", Some("D/M/YY")),
    ("DD.MM.YY", None),
    ("DD-MMM-YY", None),
    ("DD-MMM-YYYY", None),
    ("D-MMM-YY", None),
    ("DD MMM YY", None),
    ("MM/YYYY", None),
    ("M/YYYY", None),
    ("MM.YYYY", None),
    ("MM-YYYY", None),
    ("YYYY/MM", None),
    ("MMM-YY", None),
    ("MMM YY", None),
];

/// The form in which a column's dates are written; where day and month may change places, the data decide.
fn format_of(
    column: &Column,
    unsure: &mut Vec<String>,
    others: &mut Vec<(String, String)>,
) -> Option<(&'static str, Vec<Option<Period>>)> {
    if column.says(&["unix", "epoch", "timestamp"]) && column.is_numeric() {
        return reading(column, "unix").map(|read| ("unix", read));
    }
    // Nothing of it has the look of a date: trying every form would take long.
    if !column.values.iter().take(50).all(|(value, _)| value.contains(['/', '.', '-', ' '])) {
        return None;
    }
    let (format, swapped, read) =
        FORMATS.iter().find_map(|(format, swapped)| Some((*format, *swapped, reading(column, format)?)))?;
    let Some(swapped) = swapped else { return Some((format, read)) };
    let Some(other) = reading(column, swapped) else {
        let first = if format.starts_with('D') { "first" } else { "second" };
        let proof = column.values.iter().map(|(value, _)| value).find(|value| reads(value, swapped).is_none());
        let proof = proof.map_or_else(String::new, |value| format!(": \"{value}\""));
        unsure.push(format!("the {first} number is the day, since one of them is above 12{proof}"));
        return Some((format, read));
    };
    // Both can be. Firsts of months are months; else the dates that lie closer together are the likelier ones.
    let (ours, theirs) = (span(&read), span(&other));
    let (chosen, read, left, reason) = match (are_firsts(&read), are_firsts(&other)) {
        (true, false) => (format, read, swapped, "read so, they are firsts of months"),
        (false, true) => (swapped, other, format, "read so, they are firsts of months"),
        _ if theirs * 2 < ours => (swapped, other, format, "read so, they lie close together"),
        _ if ours * 2 < theirs => (format, read, swapped, "read so, they lie close together"),
        _ => (format, read, swapped, "the day comes first in most of the world"),
    };
    let value = column.values.first().map_or("", |(value, _)| value.as_str());
    unsure.push(format!("\"{value}\" is read as {chosen} and may be {left}: no number above 12 settles it; {reason}"));
    others.push((left.to_owned(), "day and month the other way round".to_owned()));
    Some((chosen, read))
}

/// How many days lie between neighbours, all together.
fn span(read: &[Option<Period>]) -> i64 {
    let days: Vec<Date> = read.iter().flatten().map(|period| period.start()).collect();
    days.windows(2).map(|pair| crate::domain::time::days_between(pair[0], pair[1]).abs()).sum()
}

fn are_firsts(read: &[Option<Period>]) -> bool {
    read.iter().flatten().all(|period| period.start().day() == 1)
}

fn reads(value: &str, format: &str) -> Option<Period> {
    let found = Pattern::new(format, "format").ok()?.read(value, &TimeZone::UTC)?;
    (1800..2300).contains(&found.start().year()).then_some(found)
}

/// The values read in one form, where nearly all of them can be.
fn reading(column: &Column, format: &str) -> Option<Vec<Option<Period>>> {
    let pattern = Pattern::new(format, "format").ok()?;
    let in_sight = |found: &Period| (1800..2300).contains(&found.start().year());
    let one = |value: &str| pattern.read(value, &TimeZone::UTC).filter(in_sight);
    // The first ones tell most forms apart.
    let missed = column.values.iter().take(20).filter(|(value, _)| one(value).is_none()).count();
    if missed > 1 && missed * 10 > column.values.len().min(20) {
        return None;
    }
    let read: Vec<Option<Period>> = column.values.iter().map(|(value, _)| one(value)).collect();
    let cells: usize = read.iter().zip(&column.values).filter(|(read, _)| read.is_some()).map(|(_, (_, n))| n).sum();
    (cells > 0 && cells * 100 >= column.filled * 98).then_some(read)
}

/// A column of years and one of months.
fn pairs(view: &View, columns: &[Column]) -> Vec<When> {
    let year_of = |column: &Column| {
        let years =
            column.values.iter().filter_map(|(value, _)| leading_year(value)).filter(|y| (1900..2101).contains(y));
        column.is_whole() && years.count() == column.distinct() && column.distinct() <= 300
    };
    let month_of = |column: &Column| {
        column.is_whole()
            && column.distinct() <= 60
            && column.values.iter().all(|(value, _)| months::month(value).is_some())
            && (column.says(MONTH) || !column.is_numeric())
    };
    let mut found = Vec::new();
    for year in columns.iter().filter(|column| year_of(column)) {
        for month in columns.iter().filter(|column| month_of(column)) {
            found.push(pair(view, year, month));
        }
    }
    found
}

fn pair(view: &View, year: &Column, month: &Column) -> When {
    let cell = |row: &Vec<String>| Some((leading_year(&row[year.at])?, months::month(row[month.at].trim())?));
    let of_rows: Vec<Option<(i16, i8)>> = view.rows.iter().map(cell).collect();
    let all: BTreeSet<(i16, i8)> = of_rows.iter().flatten().copied().collect();
    let mut unsure = Vec::new();
    let mut others = Vec::new();
    let fiscal = year.says(FISCAL);
    let starts = if fiscal { Some(starts(&all, &mut unsure)) } else { None };
    let write = |starts: i8| {
        format!(
            "{{ kind = \"fiscal-month\", year = {}, month = {}, starts = {} }}",
            quoted(&year.name),
            quoted(&month.name),
            quoted(crate::domain::words::month(starts))
        )
    };
    let plain = format!("{{ kind = \"month\", year = {}, month = {} }}", quoted(&year.name), quoted(&month.name));
    let period = |(year, month): (i16, i8)| Period::fiscal_month(year, month, starts.unwrap_or(1));
    let periods: BTreeSet<Period> = all.iter().filter_map(|each| period(*each)).collect();
    let toml = match starts {
        Some(starts) => {
            others.push((format!("period = {plain}"), "if these are calendar years".to_owned()));
            write(starts)
        }
        None => plain,
    };
    When {
        toml,
        columns: vec![year.at, month.at],
        wide: false,
        cadence: Cadence::Month,
        why: format!(
            "\"{}\" holds the {}year, \"{}\" the month: {}",
            year.name,
            if fiscal { "fiscal " } else { "" },
            month.name,
            spoken(&periods, Cadence::Month)
        ),
        unsure,
        others,
        of_rows: of_rows.into_iter().map(|each| each.and_then(period)).collect(),
        score: 62 + (named(year) + named(month)) / 2 + i32::from(fiscal) * 20,
    }
}

/// The month with which a fiscal year starts: that of which the running year, which has the fewest months, has begun.
fn starts(all: &BTreeSet<(i16, i8)>, unsure: &mut Vec<String>) -> i8 {
    const USUAL: [i8; 4] = [10, 7, 4, 9];
    let last = all.last().map(|(year, _)| *year);
    let months: BTreeSet<i8> = all.iter().filter(|(year, _)| Some(*year) == last).map(|(_, month)| *month).collect();
    let begins = |start: i8| (0..12).take(months.len()).all(|after| months.contains(&((start - 1 + after) % 12 + 1)));
    let possible: Vec<i8> =
        USUAL.into_iter().filter(|start| (1..12).contains(&months.len()) && begins(*start)).collect();
    if let [start] = possible[..] {
        let name = crate::domain::words::month(start);
        unsure.push(format!("the fiscal year starts in {name}: the last year in the table has begun with it"));
        return start;
    }
    unsure.push(
        "in which month the fiscal year starts cannot be seen here: October is that of the United States; July and April are usual too"
            .to_owned(),
    );
    10
}

/// A column of years alone.
fn years(view: &View, column: &Column) -> Option<When> {
    let year = |text: &str| {
        let is_year = period(text).is_none_or(|named| named.cadence() == Cadence::Year);
        leading_year(text).filter(|year| is_year && (1900..2101).contains(year))
    };
    let all_years = column.values.iter().all(|(value, _)| year(value).is_some());
    let speaks = column.says(YEAR) || column.says(WHEN);
    if !all_years || column.filled * 10 < column.rows * 9 || column.filled == 0 || (!speaks && column.is_numeric()) {
        return None;
    }
    let of = |text: &str| Some(Period::containing(Cadence::Year, Date::new(year(text)?, 1, 1).ok()?));
    let of_rows: Vec<Option<Period>> = view.rows.iter().map(|row| of(row[column.at].trim())).collect();
    let all: BTreeSet<Period> = of_rows.iter().flatten().copied().collect();
    Some(When {
        toml: format!("{{ kind = \"year\", column = {} }}", quoted(&column.name)),
        columns: vec![column.at],
        wide: false,
        cadence: Cadence::Year,
        why: format!("\"{}\" holds {}", column.name, spoken(&all, Cadence::Year)),
        unsure: Vec::new(),
        others: Vec::new(),
        of_rows,
        score: 40 + named(column) / 2 + i32::from(column.name.trim().eq_ignore_ascii_case("year")) * 5,
    })
}

/// A column for each period.
fn wide(view: &View, columns: &[Column]) -> Vec<When> {
    let mut by_cadence: BTreeMap<Cadence, Vec<(usize, Period)>> = BTreeMap::new();
    for column in columns.iter().filter(|column| column.filled == 0 || column.is_numeric() || column.wants_comma()) {
        if let Some(period) = period(&column.name) {
            by_cadence.entry(period.cadence()).or_default().push((column.at, period));
        }
    }
    let mut found = Vec::new();
    for (cadence, periods) in by_cadence {
        let all: BTreeSet<Period> = periods.iter().map(|(_, period)| *period).collect();
        if periods.len() < 3 || all.len() != periods.len() {
            continue;
        }
        let (first, last) = (&columns[periods[0].0].name, &columns[periods[periods.len() - 1].0].name);
        found.push(When {
            toml: format!("{{ kind = {}, wide = \"auto\" }}", quoted(cadence.word())),
            columns: periods.iter().map(|(at, _)| *at).collect(),
            wide: true,
            cadence,
            why: format!("each {} has a column of its own, from \"{first}\" to \"{last}\"", cadence.word()),
            unsure: Vec::new(),
            others: Vec::new(),
            of_rows: Vec::new(),
            score: 100 + share(periods.len(), view.columns.len(), 20),
        });
    }
    found
}

/// A column for each month, without its year: that stands in another column, or somewhere around the table.
fn months_wide(view: &View, columns: &[Column]) -> Option<When> {
    const FEWEST: usize = 6;
    let of_month = |column: &Column| {
        let month = months::named(&column.name).or_else(|| months::named(column.name.trim_end_matches(['*', '.'])))?;
        (column.filled == 0 || column.is_numeric() || column.wants_comma()).then_some((column.at, month))
    };
    let found: Vec<(usize, i8)> = columns.iter().filter_map(of_month).collect();
    let all: BTreeSet<i8> = found.iter().map(|(_, month)| *month).collect();
    if all.len() < FEWEST || all.len() != found.len() {
        return None;
    }
    let (first, last) = (&columns[found[0].0], &columns[found[found.len() - 1].0]);
    let is_year = |column: &&Column| {
        column.says(YEAR) && column.values.iter().all(|(value, _)| leading_year(value).is_some()) && column.filled > 0
    };
    let mut unsure = Vec::new();
    let mut used: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
    let (year, said) = if let Some(column) = columns.iter().find(is_year) {
        used.push(column.at);
        (format!("year = {}", quoted(&column.name)), format!("the year is in \"{}\"", column.name))
    } else {
        let (pattern, year) = year_around(&view.around)?;
        unsure.push(format!("the year {year} is taken from the words around the table or the name of the file"));
        (format!("of_year = '{pattern}'"), format!("the year is {year}"))
    };
    let starts = found[0].1;
    let fiscal = starts != 1 && all.len() == 12;
    let kind = if fiscal { "fiscal-month" } else { "month" };
    let starts_key = if fiscal {
        unsure.push(format!(
            "the columns begin with {}, so the year is taken to be one that starts then and is named after its end",
            first.name.trim()
        ));
        format!(", starts = {}", quoted(crate::domain::words::month(starts)))
    } else {
        String::new()
    };
    let pattern = if found.iter().any(|(at, _)| columns[*at].name.trim().chars().count() > 4) { "MMMM" } else { "MMM" };
    Some(When {
        toml: format!("{{ kind = {}, wide = {}, {year}{starts_key} }}", quoted(kind), quoted(pattern)),
        columns: used,
        wide: true,
        cadence: Cadence::Month,
        why: format!(
            "each month has a column of its own, from \"{}\" to \"{}\"; {said}",
            first.name.trim(),
            last.name.trim()
        ),
        unsure,
        others: Vec::new(),
        of_rows: Vec::new(),
        score: 95,
    })
}

/// The year that stands somewhere around a table, with a pattern that finds it there.
fn year_around(around: &str) -> Option<(&'static str, i16)> {
    const PATTERNS: [&str; 2] = [r"(?i)FY ?(\d{4})", r"\b((?:19|20)\d{2})\b"];
    PATTERNS.iter().find_map(|pattern| {
        let found = Regex::new(pattern).ok()?.captures(around)?.get(1)?.as_str().parse().ok()?;
        (1900..2101).contains(&found).then_some((*pattern, found))
    })
}

/// Year totals among the months of each value of a column: a year of which it has one month alone, the first or the last.
/// Rows before `from` are left out already.
pub fn year_totals_of(view: &View, when: &When, from: Option<Period>, column: &Column) -> Option<(String, String)> {
    const FEWEST: usize = 3;
    if when.cadence != Cadence::Month || when.wide {
        return None;
    }
    let mut months: BTreeMap<(&str, i16), BTreeSet<i8>> = BTreeMap::new();
    for (row, period) in view.rows.iter().zip(&when.of_rows) {
        if let Some(start) = period.filter(|period| from.is_none_or(|from| *period >= from)).map(Period::start) {
            months.entry((row[column.at].trim(), start.year())).or_default().insert(start.month());
        }
    }
    let lone: Vec<i8> = months.values().filter(|months| months.len() == 1).flatten().copied().collect();
    let month = [12, 1].into_iter().find(|month| {
        let of_it = lone.iter().filter(|other| *other == month).count();
        of_it >= FEWEST && of_it * 5 >= lone.len() * 4 && lone.len() * 2 < months.len()
    })?;
    let name = crate::domain::words::month(month);
    let key = format!("year_totals = {{ in = {}, of = {} }}", quoted(name), quoted(column.name.trim()));
    let why = format!(
        "of some years \"{}\" has {name} alone, which looks like the total of the year: these rows are left out",
        column.name.trim()
    );
    Some((key, why))
}

/// Years at the start of a table of months that have one month only: their totals, dated at the turn of the year.
pub fn year_totals(when: &When) -> Option<(Period, String)> {
    if when.cadence != Cadence::Month || when.wide {
        return None;
    }
    let mut months: BTreeMap<i16, BTreeSet<i8>> = BTreeMap::new();
    for period in when.of_rows.iter().flatten() {
        months.entry(period.start().year()).or_default().insert(period.start().month());
    }
    let lone = |months: &BTreeSet<i8>| months.len() == 1 && (months.contains(&1) || months.contains(&12));
    let years: Vec<(i16, bool)> = months.iter().map(|(year, months)| (*year, lone(months))).collect();
    let totals = years.iter().take_while(|(_, lone)| *lone).count();
    let (year, _) = years.get(totals)?;
    let first = Period::containing(Cadence::Month, Date::new(*year, 1, 1).ok()?);
    (totals >= 2).then(|| {
        let why = format!(
            "{} to {} have one month each, which looks like the total of the year: they are left out",
            years[0].0,
            years[totals - 1].0
        );
        (first, why)
    })
}

/// A column's name as it stands in braces of a route.
pub fn braces(column: &Column) -> String {
    format!("{{{}}}", column.name.trim())
}

/// A filter on one column, as TOML.
pub fn equals(column: &Column, value: &str) -> String {
    format!("{} = {}", key(column.name.trim()), quoted(value))
}
