//! Routes from cells: `darien/{nat}` makes a route for each value of a column.

use super::super::DecodeError;
use super::super::options::OptionError;
use super::Cells;
use super::columns::{Columns, Names};
use std::fmt;

/// A route's name, plain or with columns in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A column, and what stands for it where it is empty.
    Column(Names, Option<String>),
    /// The name of the value's column.
    Value,
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
            let (name, otherwise) = column.split_once(":-").map_or((column, None), |(name, text)| (name, Some(text)));
            pieces.push(if column.trim() == "*" {
                Piece::Value
            } else {
                Piece::Column(Names::from_text(name.trim(), KEY), otherwise.map(|text| text.trim().to_owned()))
            });
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
    pub fn plain(&self) -> Option<String> {
        self.plain_for("").filter(|_| !self.names_the_value())
    }

    /// The name for a column of values, where it is the same for every row.
    pub fn plain_for(&self, value: &str) -> Option<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Value => Some(value.trim().to_owned()),
            Piece::Column(..) => None,
        };
        self.pieces.iter().map(piece).collect()
    }

    /// Whether the name of the value's column is part of it.
    pub fn names_the_value(&self) -> bool {
        self.pieces.contains(&Piece::Value)
    }

    /// Every column in braces.
    pub fn columns(&self) -> impl Iterator<Item = &Names> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(names, _) => Some(names),
            Piece::Text(_) | Piece::Value => None,
        })
    }

    /// Finds its columns; `value` is the name of the value's column.
    pub fn found(&self, columns: &Columns<'_>, value: &str) -> Result<Found, DecodeError> {
        let found = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Ok(FoundPiece::Text(text.clone())),
            Piece::Value => Ok(FoundPiece::Text(value.trim().to_owned())),
            Piece::Column(names, otherwise) => Ok(FoundPiece::Column(columns.find(names)?, otherwise.clone())),
        });
        Ok(Found { pieces: found.collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for Template {
    /// As it is written, what is in braces aside: `asylum/{}/{}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Column(..) | Piece::Value => f.write_str("{}"),
        })
    }
}

/// A template whose columns are found.
pub struct Found {
    pieces: Vec<FoundPiece>,
}

enum FoundPiece {
    Text(String),
    Column(usize, Option<String>),
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
            FoundPiece::Column(column, otherwise) => {
                let cell = cells.cell(*column);
                let cell = if cell.trim().is_empty() { otherwise.as_deref().unwrap_or_default() } else { cell.trim() };
                name.push_str(cell);
                !cell.is_empty()
            }
        })
    }

    /// Every column that it reads.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            FoundPiece::Column(column, _) => Some(*column),
            FoundPiece::Text(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_hold_columns() {
        assert_eq!(Template::new("darien").unwrap().plain().as_deref(), Some("darien"));
        let each = Template::new("{coa:-none}/{*}").unwrap();
        assert_eq!((each.names_the_value(), each.plain(), each.plain_for("n")), (true, None, None));
        assert_eq!(Template::new("a/{*}").unwrap().plain_for(" n ").as_deref(), Some("a/n"));
        let template = Template::new("asylum/{GEO}-{Citizen|Citizenship}").unwrap();
        assert_eq!(template.plain(), None);
        let columns: Vec<Vec<&str>> = template.columns().map(|names| names.all().collect()).collect();
        assert_eq!(columns, [vec!["GEO"], vec!["Citizen|Citizenship", "Citizen", "Citizenship"]]);
        for wrong in ["", " ", "a/{b", "a/b}", "a/{}", "a}/{b}", "{a{b}}"] {
            assert!(Template::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
