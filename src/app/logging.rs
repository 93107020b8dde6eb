//! The log: to a file while the screen is up, to standard error when headless; never to the screen.

use super::cli::Cli;
use std::io;
use std::path::{Path, PathBuf};
use tracing_subscriber::EnvFilter;

/// Days of logs that are kept.
const KEEP: usize = 7;

/// Logs to a file in a folder; gives the folder, or nothing where it cannot be written, since a screen is worth having without a
/// log.
pub fn to_file(cli: &Cli, folder: Option<&Path>) -> Option<PathBuf> {
    // The folder of a bare file name is the one we are in.
    let folder = folder.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    std::fs::create_dir_all(folder).ok()?;
    let file = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("watchfloor")
        .filename_suffix("log")
        .max_log_files(KEEP)
        .build(folder)
        .ok()?;
    let writer = std::sync::Mutex::new(file);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(1 + cli.verbose))
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(writer);
    log.try_init().ok()?;
    Some(folder.to_owned())
}

/// Logs to standard error: a process that runs on tells what it does.
pub fn to_stderr(cli: &Cli) {
    write_to_stderr(filter(1 + cli.verbose));
}

/// Logs errors to standard error: a command says itself what came of it.
pub fn errors_to_stderr(cli: &Cli) {
    write_to_stderr(filter(cli.verbose));
}

fn write_to_stderr(filter: EnvFilter) {
    // A log that cannot be written (a full disk, a reader that has gone) must not end the collecting.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(io::stderr);
    // A second logger could only come from a second call, which there is none of.
    let _ = log.try_init();
}

/// `RUST_LOG` where it is set, else by how much is to be said.
fn filter(much: u8) -> EnvFilter {
    let level = match much {
        0 => "error",
        1 => "watchfloor=info,warn",
        2 => "watchfloor=debug,info",
        _ => "debug",
    };
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // Whatever is asked for, the libraries that hold requests in their hands write no addresses and headers into a log.
    crate::fetch::LIBRARIES.iter().fold(asked, |filter, library| match format!("{library}=warn").parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    })
}
