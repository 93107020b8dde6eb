//! Commands that print and end: status, export, config check, init. Those about one feed are in `feed`, lists of feeds in `opml`.

use super::cli::{Cli, ConfigVerb, Export, ExportWhat};
use super::parts::{find_config, need_config, store_path};
use super::{Failure, print, print_document};
use super::{feed, opml, void};
use crate::clock::{Clock, System};
use crate::config::places::{Environment, config_file};
use crate::config::{Config, DEFAULT, INIT};
use crate::domain::observation::Vintage;
use crate::domain::situation::{Mode, Situation, StoreState};
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::report::{self, Format};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, Want, stress};
use jiff::Timestamp;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How things stand, from the store.
pub fn status(cli: &Cli, json: bool, line: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let mut store = store_to_read(cli, &config, environment)?;
    let now = System::new().now();
    let picture = picture(&config, &mut store, now)?;
    match (json, line) {
        (true, _) => print_document(&report::status_json(&picture, now)),
        (_, true) => print(&report::status_line(&picture, now)),
        _ => print(&report::status_text(&picture, now)),
    }
}

/// The picture of what is stored, without headlines, as whoever only reads it has it.
pub(super) fn picture(config: &Config, store: &mut SqliteStore, now: Timestamp) -> Result<Situation, Failure> {
    let failed = |error: StoreError| Failure::unavailable(&error);
    let (mut facts, _) = store.load(Want::NoHeadlines).map_err(failed)?;
    void::tell_accepted(store, &mut facts).map_err(failed)?;
    let lease = store.lease().map_err(failed)?.filter(|lease| lease.expires > now && !lease.holder.is_empty());
    let holder = lease.filter(|_| !store.holder_is_dead());
    Ok(Situation {
        title: config.title.clone(),
        now,
        mode: Mode::Viewer { collector: holder.map(|lease| Printable::clean(&lease.holder)) },
        store: StoreState::Fine,
        catalog: config.catalog.with_series(facts.series.keys()).unwrap_or_else(|| config.catalog.clone()).into(),
        newest: facts.newest_headlines(),
        facts,
    })
}

/// What is stored.
pub fn export(cli: &Cli, export: &Export, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let known_at = export.as_known_at.as_deref().map(instant).transpose()?;
    let format = if export.json { Format::Json } else { Format::Csv };
    match export.what {
        // What is configured, not what is stored.
        ExportWhat::Opml => opml::export(&config, export),
        ExportWhat::Observations => {
            let mut store = store_to_read(cli, &config, environment)?;
            let vintages = vintages(&mut store, known_at, export.vintages)?;
            if export.void {
                return print_document(&report::with_void(&add_void(&mut store, known_at, vintages)?, format));
            }
            print_document(&report::observations(&vintages, export.vintages, format))
        }
        ExportWhat::Headlines => {
            let mut store = store_to_read(cli, &config, environment)?;
            let facts = match known_at {
                Some(at) => store.as_known_at(at),
                None => store.load(Want::All).map(|(facts, _)| facts),
            };
            let facts = facts.map_err(|error| Failure::unavailable(&error))?;
            let mut headlines: Vec<_> = facts.headlines.values().map(AsRef::as_ref).collect();
            headlines.sort_by(|a, b| b.at().cmp(&a.at()).then(a.key.cmp(&b.key)));
            print_document(&report::headlines(&headlines, format))
        }
    }
}

/// Every vintage, or the latest of each period, as known at an instant.
fn vintages(
    store: &mut SqliteStore,
    known_at: Option<Timestamp>,
    every_version: bool,
) -> Result<Vec<Vintage>, Failure> {
    let failed = |error: crate::store::StoreError| Failure::unavailable(&error);
    let mut found = Vec::new();
    for series in store.series().map_err(failed)? {
        let edge = |index| Period::from_index(series.cadence, index);
        let of_series = store.vintages(&series, edge(-1_000_000), edge(1_000_000)).map_err(failed)?;
        let mut known: Vec<Vintage> =
            of_series.into_iter().filter(|vintage| known_at.is_none_or(|at| vintage.known.at <= at)).collect();
        if !every_version {
            // Oldest first: of each period the last one counts.
            known.reverse();
            known.dedup_by_key(|vintage| vintage.observation.period);
            known.reverse();
        }
        found.extend(known);
    }
    Ok(found)
}

/// Vintages with those of void batches, each with why it is void.
fn add_void(
    store: &mut SqliteStore,
    known_at: Option<Timestamp>,
    vintages: Vec<Vintage>,
) -> Result<Vec<(Vintage, Option<Printable>)>, Failure> {
    let failed = |error: crate::store::StoreError| Failure::unavailable(&error);
    let mut all: Vec<(Vintage, Option<Printable>)> = vintages.into_iter().map(|vintage| (vintage, None)).collect();
    for series in store.series().map_err(failed)? {
        let void = store.void_vintages(&series).map_err(failed)?.into_iter();
        let known = void.filter(|(vintage, _)| known_at.is_none_or(|at| vintage.known.at <= at));
        all.extend(known.map(|(vintage, why)| (vintage, Some(Printable::clean(&why)))));
    }
    Ok(all)
}

/// Checks the configuration, or prints the defaults.
pub fn config(cli: &Cli, verb: &ConfigVerb, environment: Environment<'_>) -> Result<(), Failure> {
    match verb {
        ConfigVerb::Default => print(DEFAULT),
        ConfigVerb::Check => {
            let config = need_config(cli, environment)?;
            let path = find_config(cli, environment).unwrap_or_default();
            print(&format!(
                "{}: {}, {}, {}, {}\n",
                Printable::path(&path),
                counted(config.feeds.len(), "feed"),
                counted(config.catalog.routes.len(), "route"),
                counted(config.rules.len(), "rule"),
                counted(config.policies.len(), "policy date"),
            ))?;
            let end =
                if config.warnings.is_empty() { config.warnings.summary() } else { format!("\n{}", config.warnings) };
            print(&format!("{end}\n"))?;
            let columns = feed::unread_columns(cli, &config, environment)?;
            if columns.is_empty() { Ok(()) } else { print(&format!("\n{columns}")) }
        }
    }
}

fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Writes a commented configuration; never over one that is there.
pub fn init(cli: &Cli, to_stdout: bool, environment: Environment<'_>) -> Result<(), Failure> {
    if to_stdout {
        return print(INIT);
    }
    let path = cli.config.clone().or_else(|| config_file(environment));
    let path =
        path.ok_or_else(|| Failure::Request("there is no place for it: set HOME, or give --config FILE".to_owned()))?;
    write_new(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::Request(format!(
            "{} is there already and was left as it is; `watchfloor init --print` shows a new one",
            Printable::path(&path)
        )),
        _ => Failure::Unavailable(format!("cannot write {}: {error}", Printable::path(&path))),
    })?;
    print(&format!(
        "Wrote {}.\n\nNext: look through it, then\n  watchfloor config check\n  watchfloor feed try uk-small-boats\n  watchfloor\n",
        Printable::path(&path)
    ))
}

fn write_new(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(INIT.as_bytes())
}

/// Commits numbers until killed.
pub fn store_stress(path: &Path, count: u64) -> Result<(), Failure> {
    stress::run(path, count, &mut std::io::stdout().lock()).map_err(|error| Failure::unavailable(&error))
}

/// An instant as an argument.
pub fn instant(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|_| {
        Failure::Request(format!("\"{}\" is no instant; write it as 2022-04-18T21:00:00Z", Printable::clean(text)))
    })
}

/// The store, to be read: a report changes nothing, and may be asked for by whoever may only read.
pub(super) fn store_to_read(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<SqliteStore, Failure> {
    let path = store_that_is_there(cli, config, environment)?;
    SqliteStore::open_reading(&path).map_err(|error| Failure::unavailable(&error))
}

/// The store, to be written; none is made.
pub(super) fn open_store(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<SqliteStore, Failure> {
    let path = store_that_is_there(cli, config, environment)?;
    SqliteStore::open(&path).map_err(|error| Failure::unavailable(&error))
}

fn store_that_is_there(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<PathBuf, Failure> {
    let path = store_path(cli, config, environment)?;
    let size = std::fs::metadata(&path).ok().map(|file| file.len());
    if size == Some(0) {
        return Err(Failure::Unavailable(format!(
            "nothing has been collected yet: the file {} is empty; run `watchfloor`, `watchfloor --headless` or `watchfloor refresh`, \
             which begins a store in it",
            Printable::path(&path)
        )));
    }
    if size.is_none() {
        return Err(Failure::Unavailable(format!(
            "nothing has been collected yet: there is no store at {}; run `watchfloor` or `watchfloor --headless` first",
            Printable::path(&path)
        )));
    }
    Ok(path)
}
