//! Routes from cells: `darien/{nat}` makes a route for each value of a column.

use super::super::DecodeError;
use super::super::options::OptionError;
use super::Cells;
use super::columns::{Columns, Names};

/// A route's name, plain or with columns in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Column(Names),
}

const KEY: &str = "series.route";

impl Template {
    /// Reads a route as the configuration writes it.
    pub fn new(text: &str) -> Result<Self, OptionError> {
        let unclosed = || {
            let what = format!("\"{text}\" has a brace without its partner, or nothing in it");
            OptionError::new(KEY, what, "write it as \"name/{column}\"")
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (column, after) = after.split_once('}').ok_or_else(unclosed)?;
            if before.contains('}') || column.contains('{') || column.trim().is_empty() {
                return Err(unclosed());
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Column(Names::from_text(column, KEY)));
            rest = after;
        }
        if rest.contains('}') {
            return Err(unclosed());
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if text.trim().is_empty() {
            return Err(OptionError::new(KEY, "it is empty", "give the route a name"));
        }
        Ok(Self { pieces })
    }

    /// The name, where it is the same for every row.
    pub fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Every column in braces.
    pub fn columns(&self) -> impl Iterator<Item = &Names> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(names) => Some(names),
            Piece::Text(_) => None,
        })
    }

    /// Finds its columns.
    pub fn found(&self, columns: &Columns<'_>) -> Result<Found, DecodeError> {
        let found = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Ok(FoundPiece::Text(text.clone())),
            Piece::Column(names) => columns.find(names).map(FoundPiece::Column),
        });
        Ok(Found { pieces: found.collect::<Result<_, _>>()? })
    }
}

/// A template whose columns are found.
pub struct Found {
    pieces: Vec<FoundPiece>,
}

enum FoundPiece {
    Text(String),
    Column(usize),
}

impl Found {
    /// Writes the route of a row into `name`; false where a cell is empty, so that there is none.
    pub fn write<C: Cells>(&self, cells: &C, name: &mut String) -> bool {
        name.clear();
        self.pieces.iter().all(|piece| match piece {
            FoundPiece::Text(text) => {
                name.push_str(text);
                true
            }
            FoundPiece::Column(column) => {
                let cell = cells.cell(*column);
                name.push_str(cell.trim());
                !cell.trim().is_empty()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_hold_columns() {
        assert_eq!(Template::new("darien").unwrap().plain(), Some("darien"));
        let template = Template::new("asylum/{GEO}-{Citizen|Citizenship}").unwrap();
        assert_eq!(template.plain(), None);
        let columns: Vec<Vec<&str>> = template.columns().map(|names| names.all().collect()).collect();
        assert_eq!(columns, [vec!["GEO"], vec!["Citizen|Citizenship", "Citizen", "Citizenship"]]);
        for wrong in ["", " ", "a/{b", "a/b}", "a/{}", "a}/{b}", "{a{b}}"] {
            assert!(Template::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
