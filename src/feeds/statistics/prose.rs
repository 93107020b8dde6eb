//! Figures in prose: patterns whose named groups become columns. For publishers who give nothing else, and only where the
//! configuration says so: nothing is read from prose by itself.

use super::grid::{self, Grid};
use super::header::HeaderShape;
use super::page;
use crate::domain::text::Printable;
use crate::feeds::mapping::{Mapping, Taken, expression};
use crate::feeds::options::{FeedOptions, OptionError};
use crate::feeds::{DecodeError, Source, Warnings, glance};
use regex::Regex;
use std::borrow::Cow;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Shape {
    patterns: Vec<Regex>,
}

/// The most rows that patterns may find.
const MOST_ROWS: usize = 100_000;

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        const REMEDY: &str = "write find = ['arrivals: (?<n>[\\d,]+)', 'on (?<date>\\d+ \\w+ \\d{4})']";
        let Some(find) = &options.find else {
            return Err(OptionError::new("find", "it does not say what to look for", REMEDY));
        };
        let patterns = find.0.iter().map(|text| expression(text, "find")).collect::<Result<Vec<_>, _>>()?;
        if let Some(nameless) = patterns.iter().find(|pattern| pattern.capture_names().flatten().next().is_none()) {
            let what = format!("'{nameless}' has no named group, so it gives no column");
            return Err(OptionError::new("find", what, REMEDY));
        }
        Ok(Self { patterns })
    }

    /// What is found: a column for each named group. A pattern that is found once holds for every row; one that is found
    /// several times makes as many rows.
    fn find(&self, text: &str) -> Result<Grid, DecodeError> {
        let mut headers = Vec::new();
        let mut columns: Vec<Vec<String>> = Vec::new();
        for pattern in &self.patterns {
            let names: Vec<&str> = pattern.capture_names().flatten().collect();
            let mut found: Vec<Vec<String>> = vec![Vec::new(); names.len()];
            for captures in pattern.captures_iter(text).take(MOST_ROWS) {
                for (at, name) in names.iter().enumerate() {
                    found[at].push(captures.name(name).map_or("", |part| part.as_str()).to_owned());
                }
            }
            if found.first().is_none_or(Vec::is_empty) {
                return Err(DecodeError::NotFound {
                    what: "figure",
                    wanted: Printable::clean_to(&format!("'{pattern}'"), 200),
                    looked_in: Printable::clean_to(&format!("the text, which {}", glance::say(text)), 300),
                    key: "find",
                });
            }
            headers.extend(names.iter().map(|name| (*name).to_owned()));
            columns.extend(found);
        }
        let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
        if let Some(other) = columns.iter().position(|column| column.len() != 1 && column.len() != rows) {
            let found =
                format!("{} is found {} times, and another group {rows} times", headers[other], columns[other].len());
            return Err(DecodeError::broken("text", "the patterns of `find`", &found));
        }
        let cell =
            |column: &Vec<String>, row: usize| column.get(row).or_else(|| column.first()).cloned().unwrap_or_default();
        let mut grid = Grid { rows: vec![headers], row_word: "match".to_owned(), first: 0, around: String::new() };
        grid.rows.extend((0..rows).map(|row| columns.iter().map(|column| cell(column, row)).collect()));
        Ok(grid)
    }
}

/// Reads what the patterns find; of a web page in its text, a line for each block.
pub fn read(
    text: &str,
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let text = shown(text);
    let grid = shape.find(&text)?;
    let header = HeaderShape { line: None, rows: Some(1), names: None };
    grid::read_first(&[grid], &header, mapping, (source.name, source.now), warnings)
}

/// A text as a reader sees it: of a page without its markup.
pub fn shown(text: &str) -> Cow<'_, str> {
    match glance::look(text) {
        glance::Look::Page | glance::Look::Markup => Cow::Owned(page::read(text).text),
        glance::Look::Empty | glance::Look::Json | glance::Look::Text => Cow::Borrowed(text),
    }
}
