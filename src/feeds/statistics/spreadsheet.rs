//! Spreadsheets: XLSX, XLS, XLSB, ODS. Dates become ISO dates, merged cells hold what their first one says, and the first
//! sheet that has what the mapping needs is read, or the one that the configuration names.

use super::grid::{self, Grid};
use super::header::HeaderShape;
use crate::domain::text::Printable;
use crate::feeds::mapping::{Mapping, Taken, loose};
use crate::feeds::options::{FeedOptions, OptionError};
use crate::feeds::{DecodeError, Source, Warnings};
use calamine::{Data, Dimensions, Range, Reader, Sheets, open_workbook_auto_from_rs};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Which sheet.
#[derive(Clone, Debug)]
pub struct Shape {
    header: HeaderShape,
    sheets: Option<Vec<String>>,
}

/// What a packed sheet may unpack to, all its parts together.
const MOST_UNPACKED: u64 = 512 << 20;
/// The most cells of a sheet, empty ones included.
const MOST_CELLS: usize = 20_000_000;

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let sheets = options.sheet.as_ref().map(|sheet| sheet.0.clone());
        Ok(Self { header: HeaderShape::new(options)?, sheets })
    }

    /// The sheets that may be meant, in their order.
    fn chosen(&self, names: &[String]) -> Result<Vec<String>, DecodeError> {
        let Some(wanted) = &self.sheets else { return Ok(names.to_vec()) };
        let chosen = wanted.iter().flat_map(|wanted| names.iter().filter(move |name| is_called(name, wanted)));
        let chosen: Vec<String> = chosen.cloned().collect();
        if chosen.is_empty() {
            return Err(DecodeError::NoPart {
                what: "sheet",
                wanted: Printable::clean_to(&format!("\"{}\"", wanted.join("\" or \"")), 200),
                found: Printable::clean_to(&format!("the sheets are \"{}\"", names.join("\", \"")), 1_000),
                key: "sheet",
            });
        }
        Ok(chosen)
    }
}

/// Whether a sheet is called so, case, spaces and punctuation aside; `*` stands for anything.
fn is_called(name: &str, wanted: &str) -> bool {
    let Some((before, after)) = wanted.split_once('*') else { return loose(name) == loose(wanted) };
    let (name, before, after) = (loose(name), loose(before), loose(after));
    name.len() >= before.len() + after.len() && name.starts_with(&before) && name.ends_with(&after)
}

/// Whether bytes are a spreadsheet's: a zip archive, or an old compound file.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// Reads a sheet.
pub fn read(
    bytes: &[u8],
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    let grids = match grids(bytes, |names| shape.chosen(names)) {
        Err(DecodeError::NoPart { what, wanted, found, key }) => {
            let found = match fitting(bytes, shape, mapping, source)? {
                Some(name) => Printable::clean_to(&format!("{found}; \"{name}\" has the columns"), 1_000),
                None => found,
            };
            return Err(DecodeError::NoPart { what, wanted, found, key });
        }
        other => other?,
    };
    grid::read_first(&grids, &shape.header, mapping, (source.name, source.now), warnings)
}

/// The first sheet that has what the mapping needs, to say so where the one that is named is not there.
fn fitting(bytes: &[u8], shape: &Shape, mapping: &Mapping, source: &Source<'_>) -> Result<Option<String>, DecodeError> {
    let all = grids(bytes, |names| Ok(names.to_vec()))?;
    let fits = |grid: &&Grid| grid.header(&shape.header, mapping, source.name).is_ok();
    Ok(all.iter().find(fits).map(|grid| grid.around.clone()))
}

/// The sheets of a workbook that `choose` names.
pub fn grids(
    bytes: &[u8],
    choose: impl Fn(&[String]) -> Result<Vec<String>, DecodeError>,
) -> Result<Vec<Grid>, DecodeError> {
    if !is_one(bytes) {
        return Err(DecodeError::other_than("spreadsheet", &String::from_utf8_lossy(bytes)));
    }
    let unpacked = unpacks_to(bytes);
    if unpacked > MOST_UNPACKED {
        let what = format!(
            "it would unpack to {} MB, more than the {} MB that are allowed",
            unpacked >> 20,
            MOST_UNPACKED >> 20
        );
        return Err(DecodeError::broken("spreadsheet", "its beginning", &what));
    }
    // The library has been seen to panic on damaged files; one file must not take other feeds with it.
    let read = catch_unwind(AssertUnwindSafe(|| sheets(bytes, choose)));
    read.unwrap_or_else(|_| Err(DecodeError::broken("spreadsheet", "an unknown place", "reading it stopped dead")))
}

fn sheets(
    bytes: &[u8],
    choose: impl Fn(&[String]) -> Result<Vec<String>, DecodeError>,
) -> Result<Vec<Grid>, DecodeError> {
    let damaged = |error: &dyn std::fmt::Display| DecodeError::broken("spreadsheet", "its parts", &error.to_string());
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names = book.sheet_names();
    let mut grids = Vec::new();
    for name in choose(&names)? {
        let range = book.worksheet_range(&name).map_err(|error| damaged(&error))?;
        let merged = merged(&mut book, &name);
        grids.push(grid(&name, &range, &merged));
    }
    Ok(grids)
}

/// Cells merged into one; formats that do not say have none.
fn merged(book: &mut Sheets<Cursor<&[u8]>>, name: &str) -> Vec<Dimensions> {
    let merged = match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(name).ok(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(name).ok(),
        Sheets::Xlsb(_) | Sheets::Ods(_) => None,
    };
    merged.unwrap_or_default()
}

fn grid(name: &str, range: &Range<Data>, merged: &[Dimensions]) -> Grid {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let (height, width) = range.get_size();
    let height = if height.saturating_mul(width) > MOST_CELLS { MOST_CELLS / width.max(1) } else { height };
    let mut rows: Vec<Vec<String>> = range.rows().take(height).map(|row| row.iter().map(text).collect()).collect();
    for area in merged {
        let place = |(row, column): (u32, u32)| {
            let row = usize::try_from(row.checked_sub(first_row)?).ok()?;
            Some((row, usize::try_from(column.checked_sub(first_column)?).ok()?))
        };
        let (Some(start), Some(end)) = (place(area.start), place(area.end)) else { continue };
        let Some(said) = rows.get(start.0).and_then(|row| row.get(start.1)).cloned() else { continue };
        if !grid::spreads(&said) {
            continue;
        }
        for row in rows.iter_mut().take(end.0 + 1).skip(start.0) {
            for cell in row.iter_mut().take(end.1 + 1).skip(start.1) {
                cell.clone_from(&said);
            }
        }
    }
    let first = first_row as usize + 1;
    Grid { rows, around: name.to_owned(), row_word: format!("sheet \"{name}\", row"), first }
}

/// A cell as text: numbers as they are, dates as ISO dates.
fn text(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        // `#N/A` and its like are no data.
        Data::Error(_) | Data::Empty => String::new(),
    }
}

/// What a zip archive says that it unpacks to: the sizes of its central directory.
fn unpacks_to(bytes: &[u8]) -> u64 {
    const ENTRY: &[u8] = b"PK\x01\x02";
    let mut total = 0_u64;
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(ENTRY.len()).position(|window| window == ENTRY) {
        let found = at + found;
        let size =
            bytes.get(found + 24..found + 28).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes);
        total = total.saturating_add(u64::from(size));
        at = found + ENTRY.len();
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_named_loosely() {
        assert!(
            is_called("SB_01", "sb 01") && is_called("Detections_of_IBC_2026", "Detections*") && is_called("a", "*")
        );
        assert!(!is_called("SB_02", "SB_01") && !is_called("ab", "abc*") && !is_called("aba", "ab*ba"));
    }

    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut bomb = b"PK\x03\x04".to_vec();
        for _ in 0..3 {
            bomb.extend_from_slice(b"PK\x01\x02");
            bomb.extend_from_slice(&[0; 20]);
            bomb.extend_from_slice(&0xf000_0000_u32.to_le_bytes());
        }
        let error = grids(&bomb, |names| Ok(names.to_vec())).unwrap_err().to_string();
        assert!(error.contains("unpack to 11520 MB"), "{error}");
        for damaged in [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04xx\x00\x01PK\x05\x06"] {
            assert!(grids(damaged, |names| Ok(names.to_vec())).is_err());
        }
        assert!(grids(b"<html>", |names| Ok(names.to_vec())).unwrap_err().to_string().contains("a web page"));
    }
}
