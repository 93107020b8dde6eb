//! A table in a web page.

use super::grid::{self, Grid};
use super::header::HeaderShape;
use super::page;
use crate::domain::text::Printable;
use crate::feeds::mapping::{Mapping, Taken, loose};
use crate::feeds::options::{FeedOptions, OneOrMany, OptionError};
use crate::feeds::{DecodeError, Source, Warnings};

/// Which table of a page.
#[derive(Clone, Debug)]
pub struct Shape {
    header: HeaderShape,
    table: Option<Which>,
}

#[derive(Clone, Debug)]
enum Which {
    /// From 1.
    Number(usize),
    /// Words of its caption or of the heading before it.
    Words(Vec<String>),
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        Ok(Self { header: HeaderShape::new(options)?, table: options.table.as_ref().map(which).transpose()? })
    }

    /// The tables that may be meant.
    fn chosen(&self, tables: Vec<Grid>) -> Result<Vec<Grid>, DecodeError> {
        let told = |tables: &[Grid]| {
            let told: Vec<String> = tables.iter().enumerate().map(|(at, grid)| tell(at, grid)).collect();
            let told = if told.is_empty() { "the page has no tables".to_owned() } else { told.join("; ") };
            Printable::clean_to(&told, 1_000)
        };
        let chosen: Vec<Grid> = match &self.table {
            None => return Ok(tables),
            Some(Which::Number(number)) => tables.get(number - 1).cloned().into_iter().collect(),
            Some(Which::Words(words)) => {
                let says = |grid: &&Grid| words.iter().any(|words| loose(&grid.around).contains(&loose(words)));
                tables.iter().filter(says).cloned().collect()
            }
        };
        if chosen.is_empty() {
            let wanted = match &self.table {
                Some(Which::Words(words)) => format!("under \"{}\"", words.join("\" or \"")),
                Some(Which::Number(number)) => number.to_string(),
                None => String::new(),
            };
            let wanted = Printable::clean_to(&wanted, 200);
            return Err(DecodeError::NoPart { what: "table", wanted, found: told(&tables), key: "table" });
        }
        Ok(chosen)
    }
}

fn which(table: &OneOrMany) -> Result<Which, OptionError> {
    match table.0.as_slice() {
        [number] if number.bytes().all(|byte| byte.is_ascii_digit()) => match number.parse() {
            Ok(number) if number > 0 => Ok(Which::Number(number)),
            _ => {
                Err(OptionError::new("table", "tables are counted from 1", "write table = 1, or words of its caption"))
            }
        },
        words => Ok(Which::Words(words.to_vec())),
    }
}

fn tell(at: usize, grid: &Grid) -> String {
    let first: Vec<&str> = grid.rows.iter().flatten().take(4).map(String::as_str).collect();
    let name = grid.around.lines().last().filter(|name| !name.is_empty());
    let name = name.map(|name| format!(" under \"{name}\"")).unwrap_or_default();
    format!("table {}{name} begins with {}", at + 1, first.join(", "))
}

/// Reads a page's table.
pub fn read(
    text: &str,
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let tables = page::read(text).tables;
    if tables.is_empty() {
        return Err(DecodeError::other_than("page with a table", text));
    }
    let mut chosen = shape.chosen(tables)?;
    for grid in &mut chosen {
        grid.row_word = "row".to_owned();
    }
    grid::read_first(&chosen, &shape.header, mapping, (source.name, source.now), warnings)
}
