//! A copy of the store while others write into it: SQLite's own, which is of one instant and whole by itself.

use super::{SqliteStore, files, words};
use crate::domain::text::Printable;
use crate::store::trouble::{Trouble, Why};
use crate::store::{Result, StoreError};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{self, File};
use std::path::Path;

impl SqliteStore {
    /// Copies the store into a file that must not be there yet; the copy has been looked through before it gets its name. Gives its size.
    pub fn back_up(&self, to: &Path) -> Result<u64> {
        let failed = |why: Why| StoreError::Failed { doing: "write", place: Printable::path(to).to_string(), why };
        let part = files::beside(to, ".part");
        let done = self.copy_to(&part, to).and_then(|()| {
            File::open(&part).and_then(|file| file.sync_all()).map_err(|error| failed(error.into()))?;
            // A second name, not another one: where the name is taken this fails.
            fs::hard_link(&part, to).map_err(|error| failed(error.into()))
        });
        let removed = fs::remove_file(&part);
        done?;
        removed.map_err(|error| failed(error.into()))?;
        fs::metadata(to).map(|about| about.len()).map_err(|error| failed(error.into()))
    }

    /// Writes the copy beside its place; what fails is told of that, which somebody named, but damage is the store's own.
    fn copy_to(&self, part: &Path, to: &Path) -> Result<()> {
        let failed = |why: Why| StoreError::Failed { doing: "write", place: Printable::path(to).to_string(), why };
        let damaged =
            || StoreError::Failed { doing: "copy", place: self.place.clone(), why: Why::new(Trouble::Damaged, "") };
        let sql = |error: rusqlite::Error| match words::why(&error) {
            why if why.trouble == Trouble::Damaged => damaged(),
            why => failed(why),
        };
        if part.exists() {
            fs::remove_file(part).map_err(|error| failed(error.into()))?;
        }
        files::make_file(part).map_err(|error| failed(error.into()))?;
        let mut copy = Connection::open(part).map_err(sql)?;
        {
            let backup = Backup::new(&self.connection, &mut copy).map_err(sql)?;
            // All at once: a copy in parts begins anew whenever somebody writes.
            match backup.step(-1).map_err(sql)? {
                StepResult::Done => {}
                _ => return Err(failed(Why::new(Trouble::Locked, ""))),
            }
        }
        copy.pragma_update(None, "journal_mode", "DELETE").map_err(sql)?;
        let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
        if verdict == "ok" { Ok(()) } else { Err(damaged()) }
    }
}
