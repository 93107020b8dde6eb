//! Totals of years among the rows of months: dated in one month, of a year of which what the row is about has no other
//! month. Which those are is known only at the table's end, so rows of that month wait.

use super::Aggregate;
use super::totals::{Total, Totals};
use crate::domain::time::Cadence;
use std::collections::{HashMap, HashSet};

/// What a row is about, and its year.
pub type Key = (u32, i16);

/// The rows that wait, and the years that have other months.
#[derive(Debug, Default)]
pub struct Waiting {
    subjects: HashMap<String, u32>,
    with_other_months: HashSet<Key>,
    rows: Vec<(Key, Cadence, Aggregate, Total)>,
}

impl Waiting {
    /// The number of what a row is about.
    pub fn subject(&mut self, text: &str) -> u32 {
        if let Some(number) = self.subjects.get(text) {
            return *number;
        }
        let number = u32::try_from(self.subjects.len()).unwrap_or(u32::MAX);
        self.subjects.insert(text.to_owned(), number);
        number
    }

    /// Takes note of a row of another month.
    pub fn other_month(&mut self, key: Key) {
        self.with_other_months.insert(key);
    }

    /// Takes a row of the month in which year totals are dated.
    pub fn wait(&mut self, key: Key, cadence: Cadence, aggregate: Aggregate, total: Total) {
        self.rows.push((key, cadence, aggregate, total));
    }

    /// Lets the rows go where they belong: a month's to series of months, a year's total to series of years.
    pub fn release(self, totals: &mut Totals) {
        for (key, cadence, aggregate, total) in self.rows {
            let is_year_total = !self.with_other_months.contains(&key);
            if is_year_total == (cadence == Cadence::Year) {
                totals.add(aggregate, total);
            }
        }
    }
}
