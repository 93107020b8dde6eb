//! Separated values: a header row, then one row a line (quoted cells may hold line breaks). Streamed; a
//! row of another length costs that row.

use super::mapping::{Mapping, Table};
use super::options::{FeedOptions, OptionError};
use super::{DecodeError, Source, Warnings, transcode};
use crate::domain::observation::Observation;
use ::csv::{ReaderBuilder, StringRecord};

/// How the table is written.
#[derive(Clone, Debug)]
pub struct Shape {
    delimiter: u8,
    skip: usize,
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        if options.records.is_some() {
            return Err(OptionError::new(
                "records",
                "this is for JSON".to_owned(),
                "leave it out, or write format = \"json\"",
            ));
        }
        let delimiter = options.delimiter.unwrap_or(',');
        let delimiter = u8::try_from(delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
            OptionError::new(
                "delimiter",
                format!("\"{delimiter}\" is no ASCII character"),
                "write one of , ; | or a tab",
            )
        })?;
        Ok(Self { delimiter, skip: options.skip.unwrap_or(0) })
    }
}

/// Reads a table.
pub fn read(
    bytes: &[u8],
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, DecodeError> {
    let text = transcode::text(bytes);
    let body = after_lines(&text, shape.skip);
    let mut reader =
        ReaderBuilder::new().delimiter(shape.delimiter).flexible(true).has_headers(false).from_reader(body.as_bytes());
    let mut row = StringRecord::new();
    let broken = |error: &::csv::Error| DecodeError::NotThisFormat { format: "CSV", why: error.to_string() };
    if !reader.read_record(&mut row).map_err(|error| broken(&error))? {
        return Err(DecodeError::NotThisFormat { format: "CSV", why: "it is empty".to_owned() });
    }
    let markup =
        row.get(0).is_some_and(|cell| cell.trim_start().starts_with("<!") || cell.trim_start().starts_with("<html"));
    if markup {
        return Err(DecodeError::NotThisFormat { format: "CSV", why: "it is a web page".to_owned() });
    }
    let columns: Vec<String> = row.iter().map(str::to_owned).collect();
    let mut table = Table::new(mapping, &columns)?;
    while reader.read_record(&mut row).map_err(|error| broken(&error))? {
        let line = shape.skip as u64 + row.position().map_or(0, ::csv::Position::line);
        if row.len() < columns.len() && row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if row.len() != columns.len() && !has_only_empty_extra(&row, columns.len()) {
            let what = format!("{} cells where the header has {}", row.len(), columns.len());
            warnings.add(&format!("line {line}"), &what, "the row was left out; look at the line in the file");
            continue;
        }
        table.row(&|| format!("line {line}"), &|column| row.get(column).unwrap_or(""), warnings)?;
    }
    Ok(table.finish(source.now, warnings))
}

/// A trailing delimiter on each line is common and harmless.
fn has_only_empty_extra(row: &StringRecord, columns: usize) -> bool {
    row.len() > columns && row.iter().skip(columns).all(|cell| cell.trim().is_empty())
}

fn after_lines(text: &str, skip: usize) -> &str {
    let mut rest = text;
    for _ in 0..skip {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest
}
