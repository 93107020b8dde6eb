//! From a configuration to the parts that the engine runs on; and where a session's files are.

use super::Failure;
use super::cli::Cli;
use crate::config::places::{Environment, config_file, state_folder, store_file};
use crate::config::{Config, ConfigError, FeedPlan};
use crate::domain::text::Printable;
use crate::engine::Parts;
use crate::engine::plan::Plan;
use crate::fetch::Fetcher;
use std::path::{Path, PathBuf};

/// The parts of a session on a configuration.
pub fn parts(config: &Config, fetcher: Fetcher) -> Parts {
    let plans = config.feeds.iter().map(|plan| {
        let FeedPlan { feed, place, access, reader, body_cap } = plan.clone();
        Plan::new(feed, place, access, reader, body_cap)
    });
    Parts {
        title: config.title.clone(),
        catalog: config.catalog.clone().into(),
        plans: plans.collect(),
        rules: config.rules.clone().into(),
        policies: config.policies.clone().into(),
        fetcher,
    }
}

/// The configuration's file: what was asked for, else the user's where it is there.
pub fn find_config(cli: &Cli, environment: Environment<'_>) -> Option<PathBuf> {
    cli.config.clone().or_else(|| config_file(environment).filter(|path| path.exists()))
}

/// The configuration; an error where there is none.
pub fn need_config(cli: &Cli, environment: Environment<'_>) -> Result<Config, Failure> {
    let path = find_config(cli, environment).ok_or_else(|| {
        let place = config_file(environment).map_or_else(String::new, |path| format!(" at {}", Printable::path(&path)));
        Failure::Request(format!(
            "there is no configuration{place}; `watchfloor init` writes one, or give --config FILE"
        ))
    })?;
    Config::load(&path).map_err(|error| match error {
        ConfigError::Unreadable { .. } => Failure::unavailable(&error),
        ConfigError::Wrong(_) => Failure::Request(format!("the configuration cannot be used\n\n{error}")),
    })
}

/// The store's file: what was asked for, what the configuration says, else in the state folder.
pub fn store_path(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<PathBuf, Failure> {
    let chosen = cli.store.clone().or_else(|| config.store.clone());
    let path = chosen.or_else(|| state_folder(environment).map(|folder| store_file(&folder))).ok_or_else(|| {
        Failure::Request("there is no place for the store: set HOME or XDG_STATE_HOME, or give --store FILE".to_owned())
    })?;
    if path.is_dir() { Err(Failure::Request(folder_for_store(&path))) } else { Ok(path) }
}

/// What is said where somebody names a folder as the store.
pub fn folder_for_store(path: &Path) -> String {
    let file = store_file(path);
    format!(
        "{} is a folder, and a store is a file: name one in it, such as --store {}",
        Printable::path(path),
        Printable::path(&file)
    )
}
