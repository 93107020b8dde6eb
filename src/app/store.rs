//! The store of a session: opened, checked and mended at the start, and opened anew when that is needed. Where it cannot be had for now
//! the session begins without it.

use super::Failure;
use crate::clock::{Clock, System};
use crate::store::handle::StoreHandle;
use crate::store::sqlite::{Opened, Remark, SqliteStore, again};
use crate::store::trouble::Trouble;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

/// Leaving waits no longer than this until the store is closed.
const CLOSING: Duration = Duration::from_millis(500);

/// A store for a session.
pub struct Held {
    /// The store.
    pub handle: StoreHandle,
    /// What happens to it that people have to know.
    pub remarks: mpsc::UnboundedReceiver<String>,
}

/// Opens the store of a session. An error where waiting will not help.
pub fn open(path: &Path, clock: &System) -> Result<Held, Failure> {
    let (tell, remarks) = mpsc::unbounded_channel();
    let hear = move |remark: Remark| {
        if !remark.is_grave {
            tracing::info!("{}", remark.text);
        } else if tell.send(remark.text).is_err() {
            // The session has ended.
        }
    };
    let opened = SqliteStore::open_for_session(path, clock.now(), false);
    let store = match opened {
        Ok(Opened { store, remarks }) => {
            remarks.into_iter().for_each(&hear);
            Some(store)
        }
        Err(error) if !error.may_pass() || error.trouble() == Some(Trouble::Unreachable) => {
            return Err(Failure::unavailable(&error));
        }
        Err(error) => {
            // Whoever asks it next says why.
            tracing::debug!(%error, "the session begins without its store");
            None
        }
    };
    let was_open = store.is_some();
    let clock = clock.clone();
    let open = again(path.to_owned(), was_open, move || clock.now(), hear);
    let store = store.map(|store| Box::new(store) as Box<dyn crate::store::Store>);
    Ok(Held { handle: StoreHandle::spawn_opening(store, open), remarks })
}

/// Closes it in order, so that the next start need not look through it.
pub async fn close(store: &StoreHandle) {
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the store could not be closed in time; it is looked through at the next start");
    }
}
