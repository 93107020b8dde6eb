//! What people write, resolved: TOML over the commented `default.toml`, checked as a whole, every finding with its line and
//! remedy. Gathers the options of the folders that own them.

mod access;
mod check;
mod feed;
mod finding;
pub mod places;
mod policy_date;
mod resolve;
mod route;
mod rule;
mod scenario;
mod secrets;
mod section;
mod settings;
mod value;

pub use finding::{Finding, Findings, Weight};
pub use route::Path as RoutePath;
pub use section::nearest;

use crate::alerts::Rule;
use crate::domain::feed::Feed;
use crate::domain::policy_date::{LedgerEntry, PolicyId};
use crate::domain::route::RouteId;
use crate::domain::scenario::Scenario;
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::feeds::Reader;
use crate::fetch::access::Access;
use crate::fetch::{FetchOptions, Place};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use resolve::Addresses;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The defaults, commented: also the documentation, also a test.
pub const DEFAULT: &str = include_str!("default.toml");

/// What `watchfloor init` writes: live public feeds, commented.
pub const INIT: &str = include_str!("init.toml");

/// Everything that a configuration says, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The title in the header.
    pub title: Printable,
    /// The zone of local times on screens.
    pub zone: TimeZone,
    /// The theme's name.
    pub theme: String,
    /// The glyph tier: `auto`, `full`, `blocks`, `console`, `ascii`.
    pub glyphs: String,
    /// The colour depth: `auto`, `never`, `16`, `256`, `truecolor`.
    pub color: String,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Where the store is, if the configuration says.
    pub store: Option<PathBuf>,
    /// How bytes are got.
    pub fetch: FetchOptions,
    /// How long headlines are kept.
    pub keep_headlines: SignedDuration,
    /// Routes, feeds, policy dates and fixed thresholds.
    pub catalog: Catalog,
    /// Feeds with how to read them, in the catalog's order.
    pub feeds: Vec<FeedPlan>,
    /// Rules, presets included.
    pub rules: Vec<Rule>,
    /// The ledgers as the configuration has them; `recorded` is only `known` again, until somebody records them.
    pub policies: Vec<(PolicyId, Vec<LedgerEntry>)>,
    /// Where routes run on a map, where the configuration says.
    pub paths: BTreeMap<RouteId, RoutePath>,
    /// What a scenario says of time.
    pub scenario: Option<Scenario>,
    /// What is odd but works.
    pub warnings: Findings,
}

/// A feed with how to read it.
#[derive(Clone, Debug)]
pub struct FeedPlan {
    /// The feed as everyone knows it.
    pub feed: Feed,
    /// Where it is.
    pub place: Place,
    /// What it is asked with.
    pub access: Access,
    /// How its replies are read.
    pub reader: Reader,
    /// The most bytes of a reply, unpacked.
    pub body_cap: u64,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// It says what cannot be.
    #[error("{0}")]
    Wrong(Findings),
}

impl Config {
    /// Reads and checks a file. Relative paths in it start from its folder.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |why: String| ConfigError::Unreadable { path: Printable::path(path).to_string(), why };
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                unreadable("there is no such file; `watchfloor init` writes one".to_owned())
            }
            std::io::ErrorKind::IsADirectory => {
                unreadable("it is a folder; name the file in it, such as --config FOLDER/watchfloor.toml".to_owned())
            }
            _ => unreadable(error.to_string()),
        })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::read(&text, Printable::path(path).as_ref(), folder)
    }

    /// Checks a file that holds feeds alone, as `feed guess` prints one: they may be without an address.
    pub fn read_mapping(text: &str, name: &str, folder: &Path) -> Result<Self, ConfigError> {
        resolve::resolve(text, name, folder, Addresses::MayBeMissing).map_err(ConfigError::Wrong)
    }

    /// Checks text; `name` is what messages call it.
    pub fn read(text: &str, name: &str, folder: &Path) -> Result<Self, ConfigError> {
        resolve::resolve(text, name, folder, Addresses::Needed).map_err(ConfigError::Wrong)
    }
}

#[cfg(test)]
mod tests;
