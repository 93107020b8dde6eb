//! Which rows count: a column equals a text, or one of several. Case and spaces do not matter; everything else does,
//! since `-` and `*` are words in tables.

use super::super::DecodeError;
use super::super::options::OneOrMany;
use super::Cells;
use super::columns::{Columns, Names};
use std::collections::BTreeMap;

/// A test that rows must pass.
#[derive(Clone, Debug)]
pub struct Filter {
    column: Names,
    allowed: Vec<String>,
}

/// The tests of a `rows` table.
pub fn filters(rows: &BTreeMap<String, OneOrMany>, key: &'static str) -> Vec<Filter> {
    let filter = |(column, allowed): (&String, &OneOrMany)| Filter {
        column: Names::from_text(column, key),
        allowed: allowed.0.iter().map(|value| even(value)).collect(),
    };
    rows.iter().map(filter).collect()
}

impl Filter {
    /// What the mapping calls its column.
    pub const fn column(&self) -> &Names {
        &self.column
    }
}

/// Tests whose columns are found.
pub struct Passing<'a> {
    tests: Vec<(usize, &'a [String])>,
}

impl<'a> Passing<'a> {
    /// Finds the columns.
    pub fn new(filters: &'a [Filter], columns: &Columns<'_>) -> Result<Self, DecodeError> {
        let found = filters.iter().map(|filter| Ok((columns.find(&filter.column)?, filter.allowed.as_slice())));
        Ok(Self { tests: found.collect::<Result<_, _>>()? })
    }

    /// Whether a row passes all of them.
    pub fn passes<C: Cells>(&self, cells: &C) -> bool {
        self.tests.iter().all(|(column, allowed)| {
            let cell = cells.cell(*column);
            allowed.iter().any(|allowed| is_even(&cell, allowed))
        })
    }
}

/// Text with case and spaces made even.
pub fn even(text: &str) -> String {
    // By character, as below: str::to_lowercase would also look at what follows a sigma.
    let lower = |word: &str| word.chars().flat_map(char::to_lowercase).collect::<String>();
    let words: Vec<String> = text.split_whitespace().map(lower).collect();
    words.join(" ")
}

/// Whether a cell says `even`, which is even already; without making a copy.
pub fn is_even(cell: &str, even: &str) -> bool {
    let (cell_bytes, even_bytes) = (cell.as_bytes(), even.as_bytes());
    if cell_bytes == even_bytes {
        return true;
    }
    if cell.is_ascii() && !cell_bytes.iter().any(u8::is_ascii_whitespace) {
        return cell_bytes.eq_ignore_ascii_case(even_bytes);
    }
    let mut wanted = even.chars();
    let mut first = true;
    for word in cell.split_whitespace() {
        if !std::mem::take(&mut first) && wanted.next() != Some(' ') {
            return false;
        }
        if !word.chars().flat_map(char::to_lowercase).all(|c| wanted.next() == Some(c)) {
            return false;
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_spaces_do_not_matter_and_marks_do() {
        assert!(is_even(" Southwest  LAND border", &even("southwest land Border ")));
        assert!(is_even("HAITI", &even("Haiti")) && is_even("ÉTÉ", &even("été")));
        assert!(!is_even("", &even("*")) && !is_even("<5", &even("5")) && is_even("", &even(" ")));
        assert!(!is_even("a b", &even("ab")) && !is_even("a", &even("a b")) && !is_even("a bc", &even("a b")));
    }

    proptest! {
        #[test]
        fn comparing_is_comparing_what_is_even(a in "[aA éÉΣ*\t]{0,4}", b in "[aA éÉσ*\t]{0,4}") {
            prop_assert_eq!(is_even(&a, &even(&b)), even(&a) == even(&b));
            prop_assert!(is_even(&a, &even(&a)));
        }
    }
}
