//! Which columns say how many.

use super::column::Column;
use super::period::When;
use super::words::{COUNT, NO_COUNT, PART, RUNNING, STOCK};

/// The columns that may hold the figures, the likeliest first.
pub fn candidates(columns: &[Column], when: &When) -> Vec<usize> {
    let mut scored: Vec<(i32, usize)> = columns
        .iter()
        .filter(|column| !when.columns.contains(&column.at))
        .filter(|column| column.is_numeric() || column.wants_comma() || is_mostly_count(column))
        .filter_map(|column| Some((score(column)?, column.at)))
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().map(|(_, at)| at).collect()
}

/// A column that says that it counts may have more cells that are no numbers; each of them is told.
fn is_mostly_count(column: &Column) -> bool {
    column.says(COUNT) && column.numbers * 10 >= column.filled * 6
}

/// How likely a numeric column counts something; `None` where it surely does not.
fn score(column: &Column) -> Option<i32> {
    if column.says(NO_COUNT) && !column.says(&["count", "value"]) {
        return None;
    }
    if column.periods == column.filled && column.says(super::words::WHEN) {
        return None;
    }
    let mut score = 0;
    let name = column.name.trim().to_lowercase();
    if column.says(COUNT) {
        score += 30;
    }
    if matches!(name.as_str(), "value" | "count" | "n" | "valore" | "valor" | "obs_value" | "total") {
        score += 6;
    }
    if column.says(&["total", "totale"]) {
        score += 4;
    }
    if column.says(PART) {
        score -= 20;
    }
    if column.says(RUNNING) {
        score -= 20;
    }
    let numbers = column.numbers.max(column.comma_numbers).max(1);
    if column.negatives * 20 > numbers {
        score -= 20;
    }
    if column.fractions * 10 > numbers && !column.wants_comma() && !column.has_thousands_points() {
        score -= 15;
    }
    if column.mean == 0.0 {
        score -= 10;
    }
    if column.distinct() == 1 && column.rows > 3 {
        score -= 10;
    }
    // Of equals the one that says more; of these the larger, which is more likely the whole.
    score += i32::try_from(column.filled * 10 / column.rows.max(1)).unwrap_or(0);
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a count is small")]
    let size = column.mean.max(1.0).log10().min(8.0) as i32;
    Some(score + size)
}

/// Others that may be read beside the best one: they count something by their header, and it is filled.
pub fn beside<'a>(columns: &'a [Column], candidates: &[usize], chosen: usize) -> Vec<&'a Column> {
    let all = candidates.iter().filter(|at| **at != chosen).map(|at| &columns[*at]);
    let is_small = columns.len() < 6;
    all.filter(|column| {
        (column.says(COUNT) || is_small) && !column.says(PART) && column.mean > 0.0 && column.filled * 5 >= column.rows
    })
    .take(4)
    .collect()
}

/// Whether a column says of itself that its numbers are running totals.
pub fn is_running(column: &Column) -> bool {
    column.says(RUNNING)
}

/// Whether a column says of itself that its numbers are a stock: how many are there.
pub fn is_stock(column: &Column) -> bool {
    column.says(STOCK)
}
