//! How a store is opened: by a session, which checks it, mends it and goes on with what may only be read; by whoever only reads; and
//! plainly.

use super::files::{self, Identity, beside};
use super::salvage::{self, Salvaged};
use super::{BUSY, SqliteStore, words};
use crate::domain::text::Printable;
use crate::store::trouble::{Trouble, Why};
use crate::store::{Result, Store, StoreError, migrate};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// Up to this size a store is checked at each start: it takes a few milliseconds (nearly one a megabyte).
const SMALL: u64 = 4 << 20;

/// Something that happened at opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What, where, and what to do.
    pub text: String,
    /// Whether it has to be on the screen: something may be lost.
    pub is_grave: bool,
}

impl Remark {
    const fn new(text: String, is_grave: bool) -> Self {
        Self { text, is_grave }
    }
}

/// A store for a session.
pub struct Opened {
    /// The store.
    pub store: SqliteStore,
    /// What happened.
    pub remarks: Vec<Remark>,
}

impl SqliteStore {
    /// Opens a store, makes it where it is not there (for this user's eyes only), and brings its schema up to date. What is damaged stays
    /// as it is, and is an error.
    pub fn open(path: &Path) -> Result<Self> {
        files::make_folder(path).map_err(|error| unreachable(path, error))?;
        Self::open_plainly(path, None)
    }

    /// Opens it for a session: checks it after an unclean end, puts a damaged file aside with a salvage of what can be read, and only
    /// reads where it may not write. With `again` it was open already: then it is not made where it is missing.
    pub fn open_for_session(path: &Path, now: Timestamp, again: bool) -> Result<Opened> {
        let mut remarks = Vec::new();
        if again {
            if Identity::at(path).is_none() {
                return Err(failed("open", path, Why::new(Trouble::Moved, "")));
            }
        } else {
            prepare_place(path, now, &mut remarks)?;
        }
        let unclean = files::log_size(path) > 0;
        let opened = Self::open_plainly(path, Some(now)).and_then(|store| store.checked(unclean));
        let store = match opened {
            Ok(store) => store,
            Err(error) if error.trouble() == Some(Trouble::Damaged) && files::was_ours(path) => {
                let (store, remark) = mend(path, now, &error)?;
                remarks.push(remark);
                store
            }
            Err(error) if matches!(error.trouble(), Some(Trouble::ReadOnly | Trouble::Unreachable | Trouble::Full)) => {
                Self::open_reading(path).map_err(|_| error)?
            }
            Err(error) => return Err(foreign_or(path, error)),
        };
        Ok(Opened { store, remarks })
    }

    /// Opens it to be read only, whatever its schema's age allows; nothing of it is changed.
    pub fn open_reading(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = connect(path, || Connection::open_with_flags(path, flags)).and_then(|store| store.reads());
        match opened {
            Ok(store) => Ok(store),
            // Where nothing can be written and nothing waits in the log, the file is read as it stands.
            Err(error)
                if files::log_size(path) == 0
                    && matches!(error.trouble(), Some(Trouble::ReadOnly | Trouble::Unreachable | Trouble::Full)) =>
            {
                let flags = flags | OpenFlags::SQLITE_OPEN_URI;
                let store = connect(path, || Connection::open_with_flags(immutable(path), flags))?.reads()?;
                Ok(Self { frozen: true, ..store })
            }
            Err(error) => Err(foreign_or(path, error)),
        }
    }

    /// Sees whether it could be written now, and leaves it as it is.
    pub fn try_to_write(path: &Path) -> Result<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let store = connect(path, || Connection::open_with_flags(path, flags))?;
        let tried = store
            .connection
            .busy_timeout(BUSY)
            .and_then(|()| store.connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK"));
        tried.map_err(|error| foreign_or(path, store.failed("write", &error)))
    }

    fn open_plainly(path: &Path, now: Option<Timestamp>) -> Result<Self> {
        files::make_file(path).map_err(|error| unreachable(path, error))?;
        let mut store = connect(path, || Connection::open(path))?;
        store.writable = true;
        store.set_up().map_err(|error| store.failed("open", &error))?;
        if store.is_of_another_program().map_err(|error| store.failed("open", &error))? {
            return Err(failed("open", path, Why::new(Trouble::Foreign, "")));
        }
        migrate::sqlite(&mut store.connection, &store.place, now)?;
        Ok(store)
    }

    /// A store that may only be read, of a schema that this program knows.
    fn reads(self) -> Result<Self> {
        self.connection.busy_timeout(BUSY).map_err(|error| self.failed("open", &error))?;
        self.connection.set_prepared_statement_cache_capacity(64);
        if self.is_of_another_program().map_err(|error| self.failed("open", &error))? {
            return Err(failed("open", &self.path, Why::new(Trouble::Foreign, "")));
        }
        let (found, known) = (self.schema().map_err(|error| self.failed("open", &error))?, migrate::newest());
        match found.cmp(&known) {
            std::cmp::Ordering::Less => Err(StoreError::Older { place: self.place, found, known }),
            std::cmp::Ordering::Greater => Err(StoreError::Newer { place: self.place, found, known }),
            std::cmp::Ordering::Equal => Ok(self),
        }
    }

    /// Looks through the file where there is reason to, or where it costs nothing.
    fn checked(self, unclean: bool) -> Result<Self> {
        let small = std::fs::metadata(&self.path).is_ok_and(|about| about.len() <= SMALL);
        if unclean || small {
            self.look_through(small)?;
        }
        Ok(self)
    }

    /// Whether the file is whole, as far as a quick look tells; a thorough one also looks whether indices say what the tables say.
    pub fn look_through(&self, thoroughly: bool) -> Result<()> {
        let sql = if thoroughly { "PRAGMA integrity_check(1)" } else { "PRAGMA quick_check(1)" };
        let verdict: String = self.reading(|connection| connection.query_row(sql, [], |row| row.get(0)))?;
        if verdict == "ok" {
            return Ok(());
        }
        Err(failed("open", &self.path, Why::new(Trouble::Damaged, verdict.replace('\n', " "))))
    }

    /// A database that has tables, but none of ours.
    fn is_of_another_program(&self) -> rusqlite::Result<bool> {
        let sql = "SELECT count(*) > 0 AND count(*) FILTER (WHERE name = 'counter') = 0 FROM sqlite_schema";
        self.connection.query_row(sql, [], |row| row.get(0))
    }
}

fn connect(path: &Path, open: impl FnOnce() -> rusqlite::Result<Connection>) -> Result<SqliteStore> {
    let connection = open().map_err(|error| failed("open", path, words::why(&error)))?;
    Ok(SqliteStore {
        connection,
        place: Printable::path(path).to_string(),
        path: path.to_owned(),
        identity: Identity::at(path),
        writable: false,
        frozen: false,
        read_anew: false,
        alive: None,
        room: Cell::new(0),
    })
}

/// The address of a file of which SQLite need not expect that it changes.
fn immutable(path: &Path) -> String {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
            other => address.push_str(&format!("%{other:02X}")),
        }
    }
    address + "?immutable=1"
}

/// Makes a place ready: a folder, what a mending left half done, and a log without its database, which must not be taken for another's.
fn prepare_place(path: &Path, now: Timestamp, remarks: &mut Vec<Remark>) -> Result<()> {
    let fail = |error| unreachable(path, error);
    if files::make_folder(path).map_err(fail)? {
        let folder = path.parent().unwrap_or(path).display();
        remarks.push(Remark::new(format!("made the folder {folder} for the store"), false));
    }
    let is_empty = std::fs::metadata(path).map_or(true, |about| about.len() == 0);
    if !is_empty {
        return Ok(());
    }
    if files::log_size(path) > 0 {
        let aside = files::put_aside(path, now).map_err(fail)?;
        let text = format!(
            "there was no store at {}, but the log of one: it was put aside as {}-wal; if the store was moved, put it back with its log",
            Printable::path(path),
            Printable::path(&aside)
        );
        remarks.push(Remark::new(text, true));
    }
    let salvaged = beside(path, SALVAGED);
    if salvaged.exists() {
        std::fs::rename(&salvaged, path).map_err(fail)?;
        let text = format!(
            "{} holds what was salvaged of a damaged store; the damaged one lies beside it",
            Printable::path(path)
        );
        remarks.push(Remark::new(text, true));
    }
    Ok(())
}

/// What a salvage is called until it takes its place.
const SALVAGED: &str = ".salvaged";

/// Puts a damaged store aside and opens a new one with what could be read of it. One process at a time.
fn mend(path: &Path, now: Timestamp, damage: &StoreError) -> Result<(SqliteStore, Remark)> {
    let fail = |error| unreachable(path, error);
    let lock = files::lock_file(path, "-mending").map_err(fail)?;
    lock.lock().map_err(fail)?;
    // Another process may have mended it while this one waited.
    if let Ok(store) = SqliteStore::open_plainly(path, Some(now)).and_then(|store| store.checked(true)) {
        return Ok((store, Remark::new(format!("{} was damaged and has been mended", Printable::path(path)), true)));
    }
    let (part, whole) = (beside(path, ".salvaging"), beside(path, SALVAGED));
    for more in ["", "-wal", "-shm"] {
        // What an earlier attempt left.
        let _ = std::fs::remove_file(beside(&part, more));
    }
    let mut store = SqliteStore::open_plainly(&part, None)?;
    let salvaged = salvage::salvage(path, &mut store.connection).map_err(|error| store.failed("salvage", &error))?;
    store.finish_log().map_err(|error| store.failed("salvage", &error))?;
    drop(store);
    std::fs::rename(&part, &whole).map_err(fail)?;
    let aside = files::put_aside(path, now).map_err(fail)?;
    std::fs::rename(&whole, path).map_err(fail)?;
    let store = SqliteStore::open_plainly(path, Some(now))?;
    // It is held until here; what is left of it says nothing.
    let _ = std::fs::remove_file(beside(path, "-mending"));
    Ok((store, Remark::new(told(path, &aside, &salvaged, damage), true)))
}

fn told(path: &Path, aside: &Path, salvaged: &Salvaged, damage: &StoreError) -> String {
    let said = match damage {
        StoreError::Failed { why, .. } => why.said.clone(),
        other => other.to_string(),
    };
    // A screen shows the beginning.
    format!(
        "the store was damaged; it was put aside as {}, and the new one holds {salvaged}; every feed is read again in full ({} said: {said})",
        Printable::path(aside),
        Printable::path(path),
    )
}

fn unreachable(path: &Path, error: std::io::Error) -> StoreError {
    failed("open", path, Why::from(error))
}

/// A file that is no database and was none of ours is somebody else's: it is left alone.
fn foreign_or(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Failed { doing, place, why } if why.trouble == Trouble::Damaged && !files::was_ours(path) => {
            StoreError::Failed { doing, place, why: Why::new(Trouble::Foreign, why.said) }
        }
        other => other,
    }
}

fn failed(doing: &'static str, path: &Path, why: Why) -> StoreError {
    StoreError::Failed { doing, place: Printable::path(path).to_string(), why }
}

/// How a session opens its store again, or for the first time where it `was_open` never: what is remarked goes to whoever listens, and who
/// follows the store is told to read all of it.
pub fn again(
    path: PathBuf,
    mut was_open: bool,
    now: impl Fn() -> Timestamp + Send + 'static,
    remark: impl Fn(Remark) + Send + 'static,
) -> crate::store::handle::Open {
    Box::new(move || {
        let Opened { mut store, remarks } = SqliteStore::open_for_session(&path, now(), was_open)?;
        was_open = true;
        store.read_anew = true;
        remarks.into_iter().for_each(&remark);
        Ok(Box::new(store) as Box<dyn Store>)
    })
}
