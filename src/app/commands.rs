//! Commands that print and end: status, export, feed try, config check, init.

use super::cli::{Cli, ConfigVerb, Export, ExportWhat, FeedVerb};
use super::parts::{find_config, need_config, store_path};
use super::{Failure, print};
use crate::clock::{Clock, System};
use crate::config::places::{Environment, config_file};
use crate::config::{Config, DEFAULT, INIT};
use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::observation::Vintage;
use crate::domain::situation::{Mode, Situation, StoreState};
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::engine::reading::file_name;
use crate::feeds::{FeedOptions, Reader, Source};
use crate::fetch::{Answer, Fetcher, Place, Request};
use crate::report::{self, Format, Reading};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, stress};
use jiff::Timestamp;
use std::io::Write;
use std::path::Path;

/// How things stand, from the store.
pub fn status(cli: &Cli, json: bool, line: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let mut store = open_store(cli, &config, environment)?;
    let (facts, _) = store.load().map_err(|error| Failure::unavailable(&error))?;
    let now = System::new().now();
    let lease = store.lease().map_err(|error| Failure::unavailable(&error))?;
    let collector = lease.filter(|lease| lease.expires > now).map(|lease| Printable::clean(&lease.holder));
    let picture = Situation {
        title: config.title.clone(),
        now,
        mode: Mode::Viewer { collector },
        store: StoreState::Fine,
        catalog: config.catalog.with_series(facts.series.keys()).unwrap_or_else(|| config.catalog.clone()).into(),
        facts,
    };
    print(&match (json, line) {
        (true, _) => report::status_json(&picture, now),
        (_, true) => report::status_line(&picture, now),
        _ => report::status_text(&picture, now),
    })
}

/// What is stored.
pub fn export(cli: &Cli, export: &Export, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let known_at = export.as_known_at.as_deref().map(instant).transpose()?;
    let mut store = open_store(cli, &config, environment)?;
    let format = if export.json { Format::Json } else { Format::Csv };
    match export.what {
        ExportWhat::Observations => {
            let vintages = vintages(&mut store, known_at, export.vintages)?;
            print(&report::observations(&vintages, export.vintages, format))
        }
        ExportWhat::Headlines => {
            let facts = match known_at {
                Some(at) => store.as_known_at(at),
                None => store.load().map(|(facts, _)| facts),
            };
            let facts = facts.map_err(|error| Failure::unavailable(&error))?;
            let mut headlines: Vec<_> = facts.headlines.values().map(AsRef::as_ref).collect();
            headlines.sort_by(|a, b| b.at().cmp(&a.at()).then(a.key.cmp(&b.key)));
            print(&report::headlines(&headlines, format))
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

/// What is asked of a feed. Trying one stores nothing.
pub fn feed(cli: &Cli, verb: &FeedVerb, environment: Environment<'_>) -> Result<(), Failure> {
    let (id, file, kind, json) = match verb {
        FeedVerb::Try { id, file, kind, json } => (id, file, kind, json),
        FeedVerb::Void(asked) => return super::void::void(cli, asked, environment),
        FeedVerb::Accept { id } => return super::void::accept(cli, id, environment),
    };
    let reading = match (id, kind, file) {
        (None, Some(kind), Some(file)) => {
            let options = FeedOptions { kind: Some(kind.clone()), ..FeedOptions::default() };
            let reader = Reader::from_options(&options).map_err(|error| Failure::request(&error))?;
            read(None, &reader, None, Place::File(file.clone()), jiff::SignedDuration::from_secs(30), 32 << 20)?
        }
        (Some(id), _, file) => {
            let config = need_config(cli, environment)?;
            let plan = config.feeds.iter().find(|plan| plan.feed.id.as_str() == id).ok_or_else(|| {
                let known: Vec<&str> = config.feeds.iter().map(|plan| plan.feed.id.as_str()).collect();
                Failure::Request(format!(
                    "there is no feed \"{}\"; there are {}",
                    Printable::clean(id),
                    known.join(", ")
                ))
            })?;
            let base = match &plan.place {
                Place::Http(url) => Some(url.to_string()),
                Place::File(_) | Place::Recorded => None,
            };
            let place = file.clone().map_or_else(|| plan.place.clone(), Place::File);
            read(Some(&plan.feed.id), &plan.reader, base.as_deref(), place, plan.feed.deadline, config.fetch.body_cap)?
        }
        _ => return Err(Failure::Request("name a feed of the configuration, or give --kind and --file".to_owned())),
    };
    print(&if *json { report::reading_json(&reading) } else { report::reading_text(&reading) })?;
    match &reading.error {
        Some(error) if *json => Err(Failure::Unavailable(error.to_string())),
        Some(_) => Err(Failure::Unavailable("the feed could not be read".to_owned())),
        None => Ok(()),
    }
}

/// Fetches and reads once.
fn read(
    feed: Option<&FeedId>,
    reader: &Reader,
    base: Option<&str>,
    place: Place,
    deadline: jiff::SignedDuration,
    body_cap: u64,
) -> Result<Reading, Failure> {
    let mut reading = Reading {
        feed: feed.map(ToString::to_string),
        kind: reader.kind(),
        observations: Vec::new(),
        items: Vec::new(),
        warnings: Vec::new(),
        warning_count: 0,
        error: None,
    };
    let unnamed = FeedId::new("file");
    let feed = feed.unwrap_or(&unnamed);
    let now = System::new().now();
    let request = Request { feed, place: &place, etag: None, last_modified: None, deadline, body_cap, now };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(&error))?;
    let name = file_name(&place);
    let answer = runtime.block_on(Fetcher::live(crate::fetch::FetchOptions::default()).fetch(&request));
    let decoded = match answer {
        Ok(Answer::Reply(reply)) => {
            let source = Source {
                feed,
                base,
                content_type: reply.content_type.as_deref(),
                last_modified: reply.last_modified.as_deref(),
                name: name.as_deref(),
                now,
            };
            reader.decode(&reply.bytes, &source).map_err(|error| error.to_string())
        }
        Ok(Answer::NotModified { .. }) => Err("it says that nothing was modified, though we have nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    match decoded {
        Ok(decoded) => {
            let nothing = decoded.nothing_counts().filter(|_| reading.kind == FeedKind::Statistics);
            reading.error = nothing.map(|error| Printable::clean(&error.to_string()));
            reading.observations = decoded.observations;
            reading.items = decoded.items;
            reading.warnings =
                decoded.warnings.into_iter().map(|warning| [warning.place, warning.what, warning.remedy]).collect();
            reading.warning_count = decoded.warning_count;
        }
        Err(error) => reading.error = Some(Printable::clean(&error)),
    }
    Ok(reading)
}

/// Checks the configuration, or prints the defaults.
pub fn config(cli: &Cli, verb: &ConfigVerb, environment: Environment<'_>) -> Result<(), Failure> {
    match verb {
        ConfigVerb::Default => print(DEFAULT),
        ConfigVerb::Check => {
            let config = need_config(cli, environment)?;
            let path = find_config(cli, environment).unwrap_or_default();
            print(&format!(
                "{}: {} feeds, {} routes, {} rules, {} policy dates\n",
                path.display(),
                config.feeds.len(),
                config.catalog.routes.len(),
                config.rules.len(),
                config.policies.len(),
            ))?;
            let end =
                if config.warnings.is_empty() { config.warnings.summary() } else { format!("\n{}", config.warnings) };
            print(&format!("{end}\n"))
        }
    }
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
            path.display()
        )),
        _ => Failure::Unavailable(format!("cannot write {}: {error}", path.display())),
    })?;
    print(&format!(
        "Wrote {}.\n\nNext: look through it, then\n  watchfloor config check\n  watchfloor feed try uk-small-boats\n  watchfloor\n",
        path.display()
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

/// The store, which must be there: a report makes none.
pub(super) fn open_store(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<SqliteStore, Failure> {
    let path = store_path(cli, config, environment)?;
    let holds_something = std::fs::metadata(&path).is_ok_and(|file| file.len() > 0);
    if !holds_something {
        return Err(Failure::Unavailable(format!(
            "nothing has been collected yet: there is no store at {}; run `watchfloor` or `watchfloor --headless` first",
            path.display()
        )));
    }
    SqliteStore::open(&path).map_err(|error| Failure::unavailable(&error))
}
