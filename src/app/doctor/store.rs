//! What `doctor` says of the store's file: whether it is there, whole and ours, and who may read and write it.

use super::{lease, network_file_system};
use crate::app::parts::folder_for_store;
use crate::app::void::tell_accepted;
use crate::domain::situation::Facts;
use crate::domain::text::Printable;
use crate::domain::words::{many, plural};
use crate::report::Finding;
use crate::store::sqlite::{SqliteStore, set_aside};
use crate::store::trouble::Trouble;
use crate::store::{Store, StoreError, Want};
use jiff::Timestamp;
use rustix::fs::{Access, access};
use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PART: &str = "store";

/// Looks at the store. Gives what it holds.
pub(super) fn store(path: &Path, now: Timestamp, findings: &mut Vec<Finding>) -> Option<Facts> {
    let place = Printable::path(path);
    if let Some(kind) = network_file_system(path) {
        findings.push(Finding::wrong(
            PART,
            &format!("{place} lies on a network file system ({kind}), where the log of a store does not work"),
            "move it to a local disk: --store FILE, or `store` in the configuration",
        ));
    }
    for aside in set_aside(path) {
        let remedy =
            "compare what `watchfloor export` gives with what you expect; delete the file when it is needed no more";
        let what = format!("a damaged store was put aside as {}", Printable::path(&aside));
        findings.push(Finding::note(PART, &what, remedy));
    }
    let about = match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => {
            findings.push(Finding::wrong(PART, &folder_for_store(path), ""));
            return None;
        }
        Ok(about) if about.len() == 0 => {
            let what = format!("the file {place} is empty: nothing has been collected into it yet");
            let begins =
                "run `watchfloor`, `watchfloor --headless` or `watchfloor refresh`, which begins a store in it";
            findings.push(Finding::note(PART, &what, begins));
            return None;
        }
        Ok(about) => about,
        Err(_) => {
            let remedy = "run `watchfloor` or `watchfloor --headless`; or check the path";
            let what = format!("there is none at {place}: nothing has been collected yet");
            findings.push(Finding::note(PART, &what, remedy));
            return None;
        }
    };
    let mut store = match SqliteStore::open_reading(path) {
        Ok(store) => store,
        Err(error) => {
            findings.extend(trouble(&error));
            if error.trouble() == Some(Trouble::Damaged) {
                let what =
                    format!("{place} is damaged: it cannot even be opened, so nothing can be said of its tables");
                findings.push(damaged(&what));
            }
            return None;
        }
    };
    findings.extend(open_to_others(path, &about));
    findings.extend(unwritable(path));
    let damage = store.damage();
    match &damage {
        Ok(None) => {}
        Ok(Some(damage)) => findings.push(damaged(&format!("{place} is damaged: {damage}"))),
        Err(error) => findings.extend(trouble(error)),
    }
    lease(&mut store, now, findings);
    let loaded = store.load(Want::All).and_then(|(mut facts, _)| {
        tell_accepted(&mut store, &mut facts)?;
        Ok(facts)
    });
    let facts = match loaded {
        Ok(facts) => facts,
        Err(error) => {
            if error.trouble() == Some(Trouble::Damaged) && matches!(damage, Ok(None)) {
                findings.push(damaged(&format!("{place} is damaged: values in it are not what they should be")));
            }
            findings.extend(trouble(&error));
            return None;
        }
    };
    findings.push(Finding::fine(
        PART,
        &format!(
            "{place}: {} KiB, {} series, {}",
            many(usize::try_from(about.len() / 1024).unwrap_or(usize::MAX)),
            many(facts.series.len()),
            plural(facts.headlines.len(), "headline")
        ),
    ));
    Some(facts)
}

/// What is wrong with the store; its words say what to do. Nothing of damage, which is told once with how much there is of it.
pub(super) fn trouble(error: &StoreError) -> Option<Finding> {
    match (error, error.trouble()) {
        (_, Some(Trouble::Damaged)) => None,
        (StoreError::Older { .. }, _) => Some(Finding::note(PART, &error.to_string(), "")),
        _ => Some(Finding::wrong(PART, &error.to_string(), "")),
    }
}

fn damaged(what: &str) -> Finding {
    Finding::wrong(
        PART,
        what,
        "start `watchfloor` or `watchfloor refresh`: it puts the file aside, never over another, and begins a new one with what \
         can be read; or stop every watchfloor and copy a backup to its place",
    )
}

/// Why this user cannot collect into it, where that is so.
fn unwritable(path: &Path) -> Option<Finding> {
    let place = Printable::path(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let elsewhere = "or choose another place with --store";
    if access(path, Access::WRITE_OK).is_err() {
        let what = format!("this user may not write {place}, so nothing can be collected into it");
        return Some(Finding::wrong(PART, &what, &format!("let this user write it (chmod u+w {place}), {elsewhere}")));
    }
    if access(folder, Access::WRITE_OK).is_err() {
        let folder = Printable::path(folder);
        let what = format!(
            "this user may not write in the folder {folder}, where the log of a store has to stand, so nothing can be collected into it"
        );
        return Some(Finding::wrong(
            PART,
            &what,
            &format!("let this user write there (chmod u+w {folder}), {elsewhere}"),
        ));
    }
    SqliteStore::try_to_write(path).err().and_then(|error| trouble(&error))
}

/// Who else may read or write it, where anybody may.
fn open_to_others(path: &Path, about: &Metadata) -> Option<Finding> {
    let folder = path.canonicalize().ok()?;
    // Whoever may not pass a folder on the way does not come to the file.
    let may_pass = |bits: u32| {
        folder
            .ancestors()
            .skip(1)
            .all(|folder| std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & bits != 0))
    };
    let mode = about.permissions().mode();
    let (by_group, by_all) = (may_pass(0o011), may_pass(0o001));
    let may = |group: u32, all: u32| (by_group && mode & group != 0) || (by_all && mode & all != 0);
    let what = match (may(0o040, 0o004), may(0o020, 0o002)) {
        (true, true) => "read and write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => return None,
    };
    let place = Printable::path(path);
    Some(Finding::note(PART, &format!("others on this machine can {what} {place}"), &format!("chmod 600 {place}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};

    #[test]
    fn others_are_named_only_where_they_can_come_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.db");
        std::fs::write(&path, "x").unwrap();
        let told = |of_folder: u32, of_file: u32| {
            set_permissions(folder.path(), Permissions::from_mode(of_folder)).unwrap();
            set_permissions(&path, Permissions::from_mode(of_file)).unwrap();
            open_to_others(&path, &std::fs::metadata(&path).unwrap()).map(|finding| finding.what.to_string())
        };
        assert_eq!(told(0o755, 0o600), None);
        assert_eq!(told(0o700, 0o666), None, "nobody else passes the folder");
        assert_eq!(told(0o755, 0o611), None, "to run it is nothing");
        for (mode, what) in
            [(0o644, "can read "), (0o666, "can read and write "), (0o622, "can write "), (0o640, "can read ")]
        {
            let told = told(0o755, mode).unwrap();
            assert!(told.contains(what), "{mode:o}: {told}");
        }
    }
}
