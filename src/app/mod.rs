//! The composition root: the only place that knows everybody. Arguments become a mode, the parts are built, run and stopped
//! in order, and an error becomes an exit status: 2 where the request was wrong, 3 where what was asked for could not be had, 128 and
//! the signal's number where one ended it. `check` alone has the statuses of monitoring plugins.

mod alert;
mod backup;
mod check;
mod cli;
mod commands;
mod date;
mod doctor;
mod effects;
mod feed;
mod handover;
mod logging;
mod opml;
mod panic;
mod parts;
mod refresh;
pub mod scenario;
mod session;
mod signals;
mod store;
mod void;

use crate::domain::text::{Printable, harmless};
use crate::domain::words::bytes as bytes_in_words;
use clap::Parser;
use cli::{Cli, ImportVerb, Verb};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The request was wrong: arguments, configuration. Status 2.
    Request(String),
    /// What was asked for could not be had: network, file, store. Status 3.
    Unavailable(String),
    /// A signal ended it before all was done.
    Interrupted {
        /// What was done, and what not.
        said: String,
        /// 128 and the signal's number, as shells count.
        status: u8,
    },
}

impl Failure {
    fn request(error: &impl ToString) -> Self {
        Self::Request(error.to_string())
    }

    fn unavailable(error: &impl ToString) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// A crash writes no memory to a disk: secrets are in it. Where that cannot be had, the system's own setting holds.
fn leave_no_core() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// The arguments as text, whatever they are.
fn words() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// Parses the arguments, does what they ask, and gives the exit status.
pub fn run() -> ExitCode {
    // clap prints what is wrong with arguments and gives status 2 itself; help and version give 0.
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && check::is_asked(&words()) => return check::refuse(&error),
        Err(error) if error.use_stderr() => {
            // It repeats arguments, whatever is in them. Where nobody reads standard error there is nobody to tell.
            let _ = write!(io::stderr().lock(), "{}", harmless(&error.render().to_string()));
            return ExitCode::from(2);
        }
        Err(help) => return ExitCode::from(u8::from(help.print().is_err()) * 2),
    };
    leave_no_core();
    let environment = |name: &str| std::env::var(name).ok();
    let done = match &cli.verb {
        None if cli.headless => session::headless(&cli, &environment),
        None => session::watch(&cli, &environment),
        Some(Verb::Replay { scenario, until }) => session::replay(&cli, scenario, until.as_deref(), &environment),
        Some(Verb::Status { json, line }) => commands::status(&cli, *json, *line, &environment),
        Some(Verb::Check(asked)) => return check::check(&cli, asked, &environment),
        Some(Verb::Report { since, json }) => handover::report(&cli, since, *json, &environment),
        Some(Verb::Refresh { feeds, due }) => refresh::refresh(&cli, feeds, *due, &environment),
        Some(Verb::Alert(verb)) => alert::alert(&cli, verb, &environment),
        Some(Verb::Export(export)) => commands::export(&cli, export, &environment),
        Some(Verb::Feed(verb)) => feed::feed(&cli, verb, &environment),
        Some(Verb::Import(ImportVerb::Opml { file, append })) => opml::import(&cli, file, *append, &environment),
        Some(Verb::Config(verb)) => commands::config(&cli, verb, &environment),
        Some(Verb::Init { print }) => commands::init(&cli, *print, &environment),
        Some(Verb::Date(verb)) => date::date(&cli, verb, &environment),
        Some(Verb::Backup { file }) => backup::backup(&cli, file, &environment),
        Some(Verb::Doctor { json }) => doctor::doctor(&cli, *json, &environment),
        Some(Verb::StoreStress { path, count }) => commands::store_stress(path, *count),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (said, status) = match failure {
                Failure::Request(said) => (said, 2),
                Failure::Unavailable(said) => (said, 3),
                Failure::Interrupted { said, status } => (said, status),
            };
            // Where nobody reads standard error there is nobody to tell.
            let _ = writeln!(io::stderr().lock(), "watchfloor: {}", harmless(&said));
            ExitCode::from(status)
        }
    }
}

/// Reads all of a file, or of standard input where it is `-`; no more than `cap` bytes.
fn take(path: &Path, cap: u64) -> Result<Vec<u8>, Failure> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { Printable::path(path).to_string() };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Unavailable(format!("there is no file {name}; check its path")),
        io::ErrorKind::IsADirectory => Failure::Unavailable(format!("{name} is a folder; name a file in it")),
        _ => Failure::Unavailable(format!("cannot read {name}: {error}")),
    };
    let mut bytes = Vec::new();
    if is_input {
        io::stdin().lock().take(cap + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        // A pipe would wait for its other end for ever.
        let kind = std::fs::metadata(path).map_err(failed)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(Failure::Unavailable(format!(
                "{name} is not a plain file; a pipe is read with `-` as the name"
            )));
        }
        std::fs::File::open(path).and_then(|file| file.take(cap + 1).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if bytes.len() as u64 > cap {
        return Err(Failure::Unavailable(format!(
            "{name} has more than {}, which is more than a feed may have",
            bytes_in_words(cap)
        )));
    }
    Ok(bytes)
}

/// What is said beside the result: on standard error, a line each.
fn tell(lines: &[String]) {
    let mut error = io::stderr().lock();
    for line in lines {
        // Where nobody reads standard error there is nobody to tell.
        let _ = writeln!(error, "watchfloor: {}", Printable::clean_to(line, Printable::PARAGRAPH));
    }
}

/// Prints text for people: whatever file names and arguments it repeats, it controls no terminal.
fn print(text: &str) -> Result<(), Failure> {
    print_document(&harmless(text))
}

/// Prints a document for programs (CSV, JSON, OPML) byte for byte. A reader that has seen enough (a closed pipe) is no error.
fn print_document(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Unavailable(format!("standard output could not be written: {error}; look at where it leads")))
        }
        _ => Ok(()),
    }
}
