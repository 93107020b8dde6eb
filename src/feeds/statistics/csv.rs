//! Separated values: a header row, then one row a line (quoted cells may hold line breaks). Read row by row; a
//! row of another length costs that row.

use super::header::{Header, HeaderShape, SEARCHED};
use crate::feeds::mapping::{Cells, Mapping, RowId, Table, Taken};
use crate::feeds::options::{FeedOptions, OptionError};
use crate::feeds::{DecodeError, Source, Warnings, glance};
use ::csv::{ByteRecord, ReaderBuilder};
use std::borrow::Cow;
use std::cell::OnceCell;

/// How the table is written.
#[derive(Clone, Debug)]
pub struct Shape {
    /// `None`: found from the header row.
    delimiter: Option<u8>,
    comment: Option<u8>,
    header: HeaderShape,
}

impl Shape {
    /// From the options of a feed.
    pub fn new(options: &FeedOptions) -> Result<Self, OptionError> {
        let delimiter =
            options.delimiter.map(|c| one_byte(c, "delimiter", "write one of , ; | or \"\\t\"")).transpose()?;
        let comment = options.comment.map(|c| one_byte(c, "comment", "write one such as \"#\"")).transpose()?;
        Ok(Self { delimiter, comment, header: HeaderShape::new(options)? })
    }
}

fn one_byte(c: char, key: &str, remedy: &str) -> Result<u8, OptionError> {
    u8::try_from(c)
        .ok()
        .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r'))
        .ok_or_else(|| OptionError::new(key, format!("\"{}\" cannot stand between cells", c.escape_default()), remedy))
}

/// Reads a table.
pub fn read(
    text: &str,
    shape: &Shape,
    mapping: &Mapping,
    source: &Source<'_>,
    warnings: &mut Warnings,
) -> Result<Taken, DecodeError> {
    if matches!(glance::look(text), glance::Look::Empty | glance::Look::Page) {
        return Err(DecodeError::other_than("CSV", text));
    }
    let lines = Lines { text, comment: shape.comment, starts: OnceCell::new() };
    let Found { begin, delimiter, header } = find_header(&lines, shape, mapping, source)?;
    let body = &text[begin..];
    let place = |row: RowId| format!("line {}", lines.line_of(begin + at(row)));
    if header.moved {
        warnings.add("it was read there; mend `header`", || {
            (place(0), "the column names stand here, and not where `header` says".to_owned())
        });
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(shape.comment)
        .flexible(true)
        .has_headers(false)
        .from_reader(body.as_bytes());
    let mut record = ByteRecord::new();
    let mut next = |record: &mut ByteRecord| {
        reader.read_byte_record(record).map_err(|error| DecodeError::broken("CSV", "the table", &error.to_string()))
    };
    let names = header.layout.headers.clone();
    let width = names.len();
    // A table drawn with pipes has one before its first column too.
    let skipped = usize::from(delimiter == b'|' && names.len() > 1 && names[0].trim().is_empty());
    let mut table = Table::new(mapping, header.layout, &place)?;
    for _ in 0..header.rows {
        next(&mut record)?;
    }
    let mut begins = 0;
    while next(&mut record)? {
        begins = at(record.position().map_or(0, ::csv::Position::byte));
        let row = begins as RowId;
        if is_blank(&record) || is_rule(&record) || is_header_again(&record, &names) {
            continue;
        }
        if record.as_slice().contains(&0) {
            warnings.add("they were taken away; look at that line of the file", || {
                (place(row), "it has NUL characters in it".to_owned())
            });
        }
        if fits(&record, width) {
            table.row(row, &Row(&record), warnings);
        } else {
            warnings.add("the row was left out; look at that line of the file", || {
                let cells = record.len() - skipped.min(record.len());
                (place(row), format!("{cells} cells where the header has {}", width - skipped))
            });
        }
    }
    if ends_in_quotes(&body.as_bytes()[begins..], delimiter, shape.comment) {
        return Err(DecodeError::broken("CSV", &place(begins as RowId), "a quote that begins there is never closed"));
    }
    Ok(table.finish(source.now, warnings))
}

/// Where the table begins, and how it is written.
struct Found {
    begin: usize,
    delimiter: u8,
    header: Header,
}

/// Looks for the header line by line: what stands before it is no table, and its quotes mean nothing.
fn find_header(lines: &Lines<'_>, shape: &Shape, mapping: &Mapping, source: &Source<'_>) -> Result<Found, DecodeError> {
    let named = shape.header.names.is_some();
    let given = shape.header.line;
    let first = match given {
        // Names from elsewhere: the table begins under the line that is given.
        Some(line) if named => lines.begin_of(line + 1)?,
        Some(line) => lines.begin_of(line.max(1))?,
        None => 0,
    };
    let complaint = match lines.table_at(first, shape, mapping, source) {
        Ok(found) => return Ok(found),
        Err(complaint) => complaint,
    };
    if named || given == Some(0) {
        return Err(complaint);
    }
    let mut likeliest = (lines.names_at(first, shape, mapping), complaint);
    for begin in lines.rows().take(SEARCHED).filter(|begin| *begin != first) {
        match lines.table_at(begin, shape, mapping, source) {
            Ok(mut found) => {
                found.header.moved = given.is_some();
                return Ok(found);
            }
            // The row with the most names of the mapping is most likely the one that is meant.
            Err(complaint) if given.is_none() => {
                let names = lines.names_at(begin, shape, mapping);
                if names > likeliest.0 {
                    likeliest = (names, complaint);
                }
            }
            Err(_) => {}
        }
    }
    Err(likeliest.1)
}

struct Row<'a>(&'a ByteRecord);

impl Cells for Row<'_> {
    fn cell(&self, column: usize) -> Cow<'_, str> {
        // The text is UTF-8 and so are its cells: nothing is lost, and nothing copied.
        String::from_utf8_lossy(self.0.get(column).unwrap_or_default())
    }
}

fn at(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

/// As many cells as columns; more only where they are empty, since a trailing delimiter is common and harmless.
fn fits(record: &ByteRecord, width: usize) -> bool {
    record.len() >= width && record.iter().skip(width).all(<[u8]>::is_empty) && !is_blank(record)
}

/// A line drawn between header and rows: `|---|:--:|`, `+====+`.
fn is_rule(record: &ByteRecord) -> bool {
    let mut cells = record.iter().map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty()).peekable();
    let drawn = |cell: &[u8]| cell.len() >= 3 && cell.iter().all(|byte| matches!(byte, b'-' | b'=' | b':' | b'+'));
    cells.peek().is_some() && cells.all(drawn)
}

/// Column names in the middle of a table: files put one behind the other.
fn is_header_again(record: &ByteRecord, names: &[String]) -> bool {
    record.get(0) == names.first().map(String::as_bytes)
        && record.len() >= names.len()
        && names.iter().zip(record).all(|(name, cell)| name.as_bytes() == cell)
}

fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace))
}

/// The delimiter that stands most often in the first line, outside quotes.
fn likely_delimiter(body: &str, comment: Option<u8>) -> u8 {
    let is_row = |line: &&str| !line.trim().is_empty() && line.bytes().next() != comment;
    let line = body.split(['\n', '\r']).find(is_row).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && *delimiter == byte) {
            *count += 1;
        }
    }
    // Of equals the first: max_by_key would take the last.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Whether the last record ends inside a quoted cell: the file was cut off, or a quote too many has swallowed the
/// rest of it.
fn ends_in_quotes(last: &[u8], delimiter: u8, comment: Option<u8>) -> bool {
    let (mut quoted, mut cell_begins, mut line_begins) = (false, true, true);
    let mut bytes = last.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if quoted {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                quoted = false;
            }
            continue;
        }
        if line_begins && Some(byte) == comment {
            while bytes.next().is_some_and(|byte| byte != b'\n') {}
            continue;
        }
        line_begins = matches!(byte, b'\n' | b'\r');
        quoted = cell_begins && byte == b'"';
        cell_begins = byte == delimiter || line_begins;
    }
    quoted
}

/// As much of a text as a header and a few rows may take.
fn start_of(text: &str) -> &str {
    const LONGEST: usize = 256 * 1024;
    let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// From where the words before a table are looked at: as much as a title may be long.
fn title_begin(text: &str, begin: usize) -> usize {
    const LONGEST: usize = 8 * 1024;
    (begin.saturating_sub(LONGEST)..=begin).find(|at| text.is_char_boundary(*at)).unwrap_or(begin)
}

/// Where lines begin, as an editor counts them; counted only when somebody asks.
struct Lines<'a> {
    text: &'a str,
    comment: Option<u8>,
    starts: OnceCell<Vec<usize>>,
}

impl Lines<'_> {
    /// The bytes at which lines begin that may be rows.
    fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        let bytes = self.text.as_bytes();
        self.starts().iter().copied().filter(move |begin| {
            bytes.get(*begin).is_some_and(|byte| !matches!(byte, b'\n' | b'\r') && Some(*byte) != self.comment)
        })
    }

    /// How many of the mapping's names stand in the row at a byte.
    fn names_at(&self, begin: usize, shape: &Shape, mapping: &Mapping) -> usize {
        let line = self.text[begin..].split(['\n', '\r']).next().unwrap_or_default();
        let delimiter = char::from(shape.delimiter.unwrap_or_else(|| likely_delimiter(line, None)));
        let cells: Vec<String> = line.split(delimiter).map(|cell| cell.trim_matches('"').to_owned()).collect();
        mapping.names_in(&cells)
    }

    /// The table whose header begins at a byte, where the mapping's columns are in it.
    fn table_at(
        &self,
        begin: usize,
        shape: &Shape,
        mapping: &Mapping,
        source: &Source<'_>,
    ) -> Result<Found, DecodeError> {
        // A quote that is never closed would make each try read the whole file.
        let body = start_of(&self.text[begin..]);
        let delimiter = shape.delimiter.unwrap_or_else(|| likely_delimiter(body, shape.comment));
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .comment(shape.comment)
            .flexible(true)
            .has_headers(false)
            .from_reader(body.as_bytes());
        // A header of several rows, and tags under it.
        const ENOUGH: usize = 7;
        let mut rows = Vec::new();
        for record in reader.byte_records().take(ENOUGH) {
            let record = record.map_err(|error| DecodeError::broken("CSV", "the table", &error.to_string()))?;
            rows.push(record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect::<Vec<String>>());
        }
        if rows.is_empty() {
            return Err(DecodeError::not_this("CSV", "it has no rows"));
        }
        let title = &self.text[title_begin(self.text, begin)..begin];
        let around = format!("{title}\n{}", source.name.unwrap_or_default());
        shape.header.at(&rows, 0, &around, mapping).map(|header| Found { begin, delimiter, header }).map_err(|layout| {
            let complaint = Table::new(mapping, layout, &|_| String::new()).err();
            complaint.unwrap_or_else(|| DecodeError::not_this("CSV", "it has no rows"))
        })
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            });
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// The byte at which a line begins.
    fn begin_of(&self, line: usize) -> Result<usize, DecodeError> {
        if line == 1 {
            return Ok(0);
        }
        let begin = self.starts().get(line - 1).copied().filter(|begin| *begin < self.text.len());
        let last = self.text.lines().count();
        begin.ok_or(DecodeError::NoHeader { line, last })
    }

    /// The line of the record that begins at or after `byte`: blank lines and comments before it are not its own.
    fn line_of(&self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = byte.min(bytes.len());
        while let Some(byte) = bytes.get(at) {
            if matches!(byte, b'\n' | b'\r') {
                at += 1;
            } else if Some(*byte) == self.comment {
                at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            } else {
                break;
            }
        }
        self.starts().partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_from_the_header() {
        for (body, delimiter) in [
            ("a,b;c,d\n1;2;3;4;5;6", b','),
            ("\n# x;y;z\na;b\n", b';'),
            ("a\tb\tc", b'\t'),
            ("\"a|b|c\"|d", b'|'),
            ("one", b','),
        ] {
            assert_eq!(likely_delimiter(body, Some(b'#')), delimiter, "{body}");
        }
    }

    #[test]
    fn a_quote_without_its_partner_is_seen() {
        for (last, open) in [
            ("a,\"b", true),
            ("a,\"b\"\"", true),
            ("\"a\nb,c\nd", true),
            ("a,\"b\"", false),
            ("a,5\" pipe", false),
            ("# it's \"so\na,b", false),
            ("a,\"b\"\"c\"\n", false),
            ("", false),
        ] {
            assert_eq!(ends_in_quotes(last.as_bytes(), b',', Some(b'#')), open, "{last}");
        }
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "a\r\n\r\n#c\nb\rc\n";
        let lines = Lines { text, comment: Some(b'#'), starts: OnceCell::new() };
        let line = |byte| lines.line_of(byte);
        assert_eq!([line(0), line(1), line(3), line(8), line(10)], [1, 4, 4, 4, 5]);
        assert_eq!((lines.begin_of(1).ok(), lines.begin_of(4).ok()), (Some(0), Some(8)));
        assert_eq!(lines.begin_of(6).unwrap_err(), DecodeError::NoHeader { line: 6, last: 4 });
    }
}
