//! The files of a store: the database, its log (`-wal`), its index of the log (`-shm`), the file that its collector keeps locked, and
//! what was put aside.

use jiff::Timestamp;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64, u64);

impl Identity {
    /// Of the file at a place; `None` where there is none.
    pub fn at(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|about| Self(about.dev(), about.ino()))
    }
}

/// A file beside the store: its name with more behind it.
pub fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    name.into()
}

/// What the log holds that may not be in the database yet. More than nothing after an unclean end, and while somebody has it open.
pub fn log_size(path: &Path) -> u64 {
    fs::metadata(beside(path, "-wal")).map_or(0, |about| about.len())
}

/// Makes the folder of a store where it is missing, for this user's eyes only. Says whether it did.
pub fn make_folder(path: &Path) -> io::Result<bool> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) else {
        return Ok(false);
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Ok(true)
}

/// Makes the file where it is missing, for this user's eyes only.
pub fn make_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

/// A file that whoever holds it keeps locked; the system frees it when that process dies.
pub fn lock_file(path: &Path, more: &str) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(beside(path, more))
}

/// Whether the file holds tables of ours although it may not be readable: what is put aside has to be ours.
pub fn was_ours(path: &Path) -> bool {
    /// The schema stands on the first pages.
    const LOOK: u64 = 1 << 16;
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOK).read_to_end(&mut start));
    let says = |words: &[u8]| start.windows(words.len()).any(|window| window == words);
    read.is_ok() && says(b"CREATE TABLE vintage") && says(b"CREATE TABLE counter")
}

/// Puts a database with its companions aside, under a name with the date; never over another file. Gives the name.
pub fn put_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let date = now.strftime("%Y-%m-%dT%H%M%SZ");
    let free = |name: &PathBuf| ["", "-wal", "-shm"].iter().all(|more| !beside(name, more).exists());
    let names = (1..100).map(|count| match count {
        1 => beside(path, &format!(".damaged-{date}")),
        count => beside(path, &format!(".damaged-{date}-{count}")),
    });
    let aside = names.into_iter().find(free).ok_or(io::ErrorKind::AlreadyExists)?;
    if path.exists() {
        fs::rename(path, &aside)?;
    }
    if beside(path, "-wal").exists() {
        fs::rename(beside(path, "-wal"), beside(&aside, "-wal"))?;
    }
    // The index of the log is made anew from the log.
    match fs::remove_file(beside(path, "-shm")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(aside),
    }
}

/// What was once put aside at this place, oldest first.
pub fn set_aside(path: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Vec::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let start = format!("{}.damaged-", name.to_string_lossy());
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_one = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with(&start) && !name.ends_with("-wal") && !name.ends_with("-shm")
        })
    };
    let mut found: Vec<PathBuf> = files.filter(is_one).collect();
    found.sort();
    found
}
