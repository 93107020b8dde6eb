//! How much of a damaged file is damaged: which tables, for a person who has to decide between a salvage and a backup.

use super::SqliteStore;
use crate::store::Result;
use crate::store::trouble::Trouble;
use std::fmt;

/// What of a store is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Tables of which something cannot be read, or that contradict their indices.
    torn: Vec<String>,
    /// How many tables there are; `None` where even that cannot be read.
    tables: Option<usize>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tables, self.torn.as_slice()) {
            (None, _) => f.write_str("not even its list of tables can be read"),
            (Some(_), []) => {
                f.write_str("all tables can be read, but free space and what belongs to whom are in disorder")
            }
            (Some(all), torn) => {
                let whole = match all - torn.len() {
                    0 => "none is whole".to_owned(),
                    1 => "one other is whole".to_owned(),
                    rest => format!("{rest} others are whole"),
                };
                let tables = if torn.len() == 1 { "the table" } else { "the tables" };
                write!(f, "{tables} {} cannot be read in full; {whole}", torn.join(", "))
            }
        }
    }
}

impl SqliteStore {
    /// Looks through the whole file; `None` where nothing is damaged.
    pub fn damage(&self) -> Result<Option<Damage>> {
        if self.passes("PRAGMA integrity_check(1)")? {
            return Ok(None);
        }
        let list = self.reading(|connection| {
            let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
            connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        let Ok(tables) = list else { return Ok(Some(Damage { torn: Vec::new(), tables: None })) };
        let mut torn = Vec::new();
        for table in &tables {
            let name = table.replace('"', "\"\"");
            if !self.passes(&format!("PRAGMA integrity_check(\"{name}\")"))? {
                torn.push(table.clone());
            }
        }
        Ok(Some(Damage { torn, tables: Some(tables.len()) }))
    }

    /// Whether a check finds nothing. What is so damaged that it cannot be checked does not pass.
    fn passes(&self, check: &str) -> Result<bool> {
        let verdict = self.reading(|connection| connection.query_row(check, [], |row| row.get::<_, String>(0)));
        match verdict {
            Ok(verdict) => Ok(verdict == "ok"),
            Err(error) if error.trouble() == Some(Trouble::Damaged) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
