//! `backup FILE`: a copy of the store of one instant, while another process collects into it or while none does.

use super::cli::Cli;
use super::commands::store_to_read;
use super::parts::need_config;
use super::{Failure, print};
use crate::config::places::Environment;
use crate::domain::text::Printable;
use crate::domain::words::many;
use crate::store::StoreError;
use crate::store::trouble::Trouble;
use rustix::fs::{Access, access};
use rustix::io::Errno;
use std::path::Path;

/// Copies the store; never over a file that is there.
pub fn backup(cli: &Cli, to: &Path, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    if to.exists() {
        return Err(Failure::Request(format!(
            "{} is there already and was left as it is; choose another name, such as one with the date",
            Printable::path(to)
        )));
    }
    let store = store_to_read(cli, &config, environment)?;
    let size = store.back_up(to).map_err(|error| Failure::Unavailable(refused(to, &error)))?;
    let size = many(usize::try_from(size / 1024).unwrap_or(usize::MAX));
    let to = Printable::path(to);
    print(&format!(
        "Wrote {to}: {size} KiB, looked through and whole.\n\
         To look into it: watchfloor status --store {to}\n\
         To go back to it: stop every watchfloor, move the store away together with its -wal and -shm, and copy {to} to its place.\n"
    ))
}

/// Why a copy could not be written, by what its folder is.
fn refused(to: &Path, error: &StoreError) -> String {
    let StoreError::Failed { why, .. } = error else { return error.to_string() };
    if !matches!(why.trouble, Trouble::ReadOnly | Trouble::Unreachable) {
        return error.to_string();
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = Printable::path(folder);
    let why = match std::fs::metadata(folder) {
        Ok(about) if !about.is_dir() => format!("{name} is a file and no folder; choose another place"),
        Ok(_) => match access(folder, Access::WRITE_OK) {
            Err(Errno::ROFS) => format!("the file system of {name} may only be read; choose a place on another one"),
            Err(Errno::ACCESS) => {
                format!(
                    "this user may not write in the folder {name}; choose another place, or let this user write there"
                )
            }
            _ => format!(
                "the folder {name} takes no such file ({}); if it is no folder of a disk (/proc and /sys are none), choose one that is",
                why.said
            ),
        },
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
            format!("there is no folder {name}; make it, or choose another place")
        }
        Err(error) => format!("the folder {name} cannot be used ({error}); choose another place"),
    };
    format!("cannot write {}: {why}", Printable::path(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trouble::Why;

    #[test]
    fn why_a_copy_cannot_be_written_is_told_by_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let told = |to: &Path, trouble| {
            let why = Why::new(trouble, "No (os error 1)");
            refused(to, &StoreError::Failed { doing: "write", place: to.display().to_string(), why })
        };
        let missing = told(&folder.path().join("none/copy.db"), Trouble::Unreachable);
        assert!(missing.contains("there is no folder ") && missing.contains("make it"), "{missing}");
        assert!(!missing.contains("os error"), "{missing}");
        let file = told(&folder.path().join("file/copy.db"), Trouble::Unreachable);
        assert!(file.contains("is a file and no folder"), "{file}");
        let special = told(Path::new("/proc/copy.db"), Trouble::Unreachable);
        assert!(
            special.contains("the folder /proc takes no such file") || special.contains("may not write"),
            "{special}"
        );
        let full = told(&folder.path().join("copy.db"), Trouble::Full);
        assert!(full.contains("its disk is full"), "{full}");
    }
}
