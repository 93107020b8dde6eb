//! What SQLite's errors mean for a person.

use crate::store::trouble::{Trouble, Why};
use rusqlite::{Error, ErrorCode, ffi};

/// Why a call failed.
pub fn why(error: &Error) -> Why {
    Why::new(trouble(error), error.to_string())
}

fn trouble(error: &Error) -> Trouble {
    let Error::SqliteFailure(cause, _) = error else {
        // A value that is not what the schema says.
        let unlike = matches!(
            error,
            Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..)
        );
        return if unlike { Trouble::Damaged } else { Trouble::Other };
    };
    match (cause.code, cause.extended_code) {
        (_, ffi::SQLITE_READONLY_DBMOVED) => Trouble::Moved,
        // A store whose log cannot be indexed: no room, or no right to make the file.
        (_, ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP | ffi::SQLITE_IOERR_WRITE) => Trouble::Full,
        (ErrorCode::DiskFull, _) => Trouble::Full,
        (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => Trouble::ReadOnly,
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed, _) => {
            Trouble::Locked
        }
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Trouble::Damaged,
        (ErrorCode::SystemIoFailure, _) => Trouble::Disk,
        (ErrorCode::CannotOpen, _) => Trouble::Unreachable,
        _ => Trouble::Other,
    }
}
