//! `backup FILE`: a copy of the store of one instant, while another process collects into it or while none does.

use super::cli::Cli;
use super::commands::store_to_read;
use super::parts::need_config;
use super::{Failure, print};
use crate::config::places::Environment;
use crate::domain::words::count;
use std::path::Path;

/// Copies the store; never over a file that is there.
pub fn backup(cli: &Cli, to: &Path, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    if to.exists() {
        return Err(Failure::Request(format!(
            "{} is there already and was left as it is; choose another name, such as one with the date",
            to.display()
        )));
    }
    let store = store_to_read(cli, &config, environment)?;
    let size = store.back_up(to).map_err(|error| Failure::unavailable(&error))?;
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let size = count((size / 1024) as f64);
    let to = to.display();
    print(&format!(
        "Wrote {to}: {size} KiB, looked through and whole.\n\
         To look into it: watchfloor status --store {to}\n\
         To go back to it: stop every watchfloor, move the store away together with its -wal and -shm, and copy {to} to its place.\n"
    ))
}
