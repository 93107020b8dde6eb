//! What a column holds: how many cells, which values, how many of them are numbers or dates.

use super::view::View;
use super::words::{self, says};
use crate::domain::time::{Cadence, Period};
use crate::feeds::mapping::{Figure, Number, Style, period_of};
use std::collections::HashMap;

/// A column of a view, looked at.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its header.
    pub name: String,
    /// Its place.
    pub at: usize,
    /// How many rows there are.
    pub rows: usize,
    /// How many of its cells are not empty.
    pub filled: usize,
    /// Its values with how often each stands there, in the order in which they first appear.
    pub values: Vec<(String, usize)>,
    /// Cells that are numbers.
    pub numbers: usize,
    /// Cells that are numbers where the comma is the decimal mark.
    pub comma_numbers: usize,
    /// Cells that say that there is no number: `-`, `:`, `<5`.
    pub missing: usize,
    /// Numbers that are no whole ones.
    pub fractions: usize,
    /// Numbers below zero.
    pub negatives: usize,
    /// The mean of the numbers.
    pub mean: f64,
    /// Cells that are neither numbers nor missing, with how often each stands there.
    pub odd: Vec<(String, usize)>,
    /// Cells that name a period without being told how.
    pub periods: usize,
    /// Marks that stand behind numbers: `p`, `*`.
    pub marks: Vec<String>,
}

impl Column {
    /// Looks at every column of a view.
    pub fn all(view: &View) -> Vec<Self> {
        (0..view.columns.len()).map(|at| Self::new(view, at)).collect()
    }

    fn new(view: &View, at: usize) -> Self {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut values: Vec<(String, usize)> = Vec::new();
        for row in &view.rows {
            let cell = row[at].trim();
            if cell.is_empty() {
                continue;
            }
            let place = *places.entry(cell).or_insert(values.len());
            match values.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => values.push((cell.to_owned(), 1)),
            }
        }
        let mut column = Self {
            name: view.columns[at].clone(),
            at,
            rows: view.rows.len(),
            filled: values.iter().map(|(_, count)| count).sum(),
            values,
            numbers: 0,
            comma_numbers: 0,
            missing: 0,
            fractions: 0,
            negatives: 0,
            mean: 0.0,
            odd: Vec::new(),
            periods: 0,
            marks: Vec::new(),
        };
        column.read();
        column
    }

    fn read(&mut self) {
        let (point, comma) = (Style::new(Some('.'), 1.0, &[]), Style::new(Some(','), 1.0, &[]));
        let mut sum = 0.0;
        for (value, count) in &self.values {
            let read = point.as_ref().map(|style| style.read(value));
            if let Some(Figure { number: Number::Value(_), mark }) = &read
                && !mark.is_empty()
                && !self.marks.contains(mark)
            {
                self.marks.push(mark.clone());
            }
            match read.map(|figure| figure.number) {
                Some(Number::Value(number)) => {
                    self.numbers += count;
                    self.fractions += if number.fract() == 0.0 { 0 } else { *count };
                    self.negatives += if number < 0.0 { *count } else { 0 };
                    #[expect(clippy::cast_precision_loss, reason = "a mean that ranks columns")]
                    let weight = *count as f64;
                    sum += number * weight;
                }
                Some(Number::Nothing | Number::Withheld) => self.missing += count,
                _ => self.odd.push((value.clone(), *count)),
            }
            if matches!(comma.as_ref().map(|style| style.read(value).number), Some(Number::Value(_))) {
                self.comma_numbers += count;
            }
            if period(value).is_some() {
                self.periods += count;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a mean that ranks columns")]
        let numbers = self.numbers.max(1) as f64;
        self.mean = sum / numbers;
    }

    /// How many different values it has.
    pub const fn distinct(&self) -> usize {
        self.values.len()
    }

    /// Whether (nearly) all that stands there is a number; a few cells that are none do not matter.
    pub const fn is_numeric(&self) -> bool {
        let others = self.filled - self.numbers - self.missing;
        self.numbers > 0 && (others * 100 <= self.filled * 3 || (others == 1 && self.numbers > 3))
    }

    /// Whether it is numeric with the comma as the decimal mark, and not without.
    pub const fn wants_comma(&self) -> bool {
        let rest = self.filled - self.missing;
        self.numbers < self.comma_numbers && self.comma_numbers * 100 >= rest * 97 && rest > 0
    }

    /// Points that stand before three digits each time: thousands of a country that writes them so.
    pub fn has_thousands_points(&self) -> bool {
        let pointed: Vec<&str> =
            self.values.iter().map(|(value, _)| value.as_str()).filter(|value| value.contains('.')).collect();
        pointed.len() >= 3
            && pointed.iter().all(|value| {
                let mut groups = value.split('.');
                let first = groups.next().unwrap_or_default();
                (1..=3).contains(&first.len())
                    && !first.starts_with('0')
                    && groups.all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))
            })
    }

    /// Whether it says something in every row, or nearly.
    pub const fn is_whole(&self) -> bool {
        self.filled * 100 >= self.rows * 98
    }

    /// The value that means a sum of the others.
    pub fn total(&self) -> Option<&str> {
        self.values.iter().map(|(value, _)| value.as_str()).find(|value| words::is_total(value))
    }

    /// Whether its header speaks of those.
    pub fn says(&self, any: &[&str]) -> bool {
        says(&self.name, any)
    }

    /// Some of its values, for people: the first ones.
    pub fn samples(&self, most: usize) -> Vec<&str> {
        self.values.iter().take(most).map(|(value, _)| value.as_str()).collect()
    }
}

/// The period that a cell or header names, where it names one that statistics are about: any four digits are a year.
pub fn period(text: &str) -> Option<Period> {
    period_of(text).filter(|period| {
        let years = if period.cadence() == Cadence::Year { 1900..2101 } else { 1800..2300 };
        years.contains(&period.start().year())
    })
}
