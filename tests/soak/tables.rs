//! Tables that get a new day now and then, and lose their oldest: files, replaced as publishers' programs do it.

use super::Entry;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FIRST: Date = date(2020, 1, 1);
const SERIES: u32 = 12;

/// One of them.
pub struct Table {
    number: usize,
    path: PathBuf,
    /// How many days there have been; the last thirty stand in it.
    days: u32,
}

const WINDOW: u32 = 30;

impl Table {
    /// With a month in it.
    pub fn new(folder: &Path, number: usize) -> Self {
        let table = Self { number, path: folder.join(format!("{}.csv", name(number))), days: WINDOW };
        table.write();
        table
    }

    /// The next day.
    pub fn turn(&mut self) {
        self.days += 1;
        self.write();
    }

    /// All that it has had.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.entries_from(0)
    }

    fn entries_from(&self, first: u32) -> impl Iterator<Item = Entry> {
        let number = self.number;
        (first..self.days).flat_map(move |day| (0..SERIES).map(move |series| (day, series))).map(
            move |(day, series)| Entry::Figure(at(day).to_string(), route(number, series), value(number, day, series)),
        )
    }

    fn write(&self) {
        let mut text = "date,series,value\n".to_owned();
        for entry in self.entries_from(self.days - WINDOW) {
            let Entry::Figure(day, route, value) = entry else { unreachable!() };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{day},{route},{value}");
        }
        let beside = self.path.with_extension("new");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, &self.path).unwrap();
    }
}

/// What a table's feed is called, and its file.
pub fn name(number: usize) -> String {
    format!("table-{number}")
}

fn route(number: usize, series: u32) -> String {
    format!("way-{number}-{series}")
}

fn at(day: u32) -> Date {
    FIRST + i64::from(day).days()
}

/// Any value, always the same.
fn value(number: usize, day: u32, series: u32) -> u32 {
    let number = u32::try_from(number).unwrap();
    (number * 7919 + day * 104_729 + series * 1_299_709) % 9_973
}
