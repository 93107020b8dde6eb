//! Scenarios: the embedded sample, or a folder. The same files, read from the binary or from the disk.

use super::Failure;
use super::parts::parts;
use crate::clock::Simulated;
use crate::config::Config;
use crate::domain::feed::FeedId;
use crate::domain::scenario::Scenario;
use crate::domain::situation::{Mode, Replay as Standing, Situation};
use crate::domain::text::Printable;
use crate::engine::keeper::Keeper;
use crate::engine::replay::Replay;
use crate::fetch::Fetcher;
use crate::fetch::recorded::Recorded;
use crate::store::StoreError;
use crate::store::handle::StoreHandle;
use crate::store::memory::MemoryStore;
use include_dir::{Dir, include_dir};
use jiff::Timestamp;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample-feeds/spring-2022");

/// How a replay's standing is shown: as the sample, or as a replay.
type AsMode = fn(Standing) -> Mode;

/// A scenario ready to be replayed.
pub struct Loaded {
    /// Its configuration.
    pub config: Config,
    /// What it says of time.
    pub scenario: Scenario,
    /// As what it is shown.
    pub as_mode: AsMode,
    /// Its replies.
    pub replies: Recorded,
}

/// The embedded sample.
pub fn sample() -> Result<Loaded, Failure> {
    let text = SAMPLE.get_file("scenario.toml").and_then(|file| file.contents_utf8()).unwrap_or_default();
    let mut replies = Recorded::default();
    for folder in SAMPLE.dirs() {
        let feed = FeedId::new(&folder.path().to_string_lossy());
        for file in folder.files() {
            let name = file.path().file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            replies.add(&feed, &name, Cow::Borrowed(file.contents())).map_err(Failure::Request)?;
        }
    }
    loaded(text, "the embedded sample", Path::new("."), replies, Mode::Sample)
}

/// The picture of a scenario at an instant, without a screen: for tests, benches and pictures of the screen.
pub async fn picture(path: &Path, until: Timestamp) -> Result<Arc<Situation>, Failure> {
    let loaded = folder(path)?;
    let clock = Simulated::new(loaded.scenario.start);
    let parts = parts(&loaded.config, Fetcher::recorded(loaded.replies.clone()));
    let store = StoreHandle::spawn(Box::new(MemoryStore::new()));
    let (rules, catalog, title) = (parts.rules.clone(), parts.catalog.clone(), parts.title.clone());
    let (keeper, pictures) = Keeper::new(store.clone(), rules, catalog, title, Mode::Live, loaded.scenario.start);
    let failed = |error: StoreError| Failure::unavailable(&error);
    let mut replay = Replay::new(parts, loaded.scenario, loaded.as_mode, &loaded.replies, clock, keeper, store)
        .await
        .map_err(failed)?;
    replay.advance_until(until).await.map_err(failed)?;
    replay.freeze();
    let picture = pictures.borrow().clone();
    Ok(picture)
}

/// A scenario's folder.
pub fn folder(path: &Path) -> Result<Loaded, Failure> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        Failure::Unavailable(format!("cannot read {}: {error}", Printable::path(path)))
    };
    let file = path.join("scenario.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
    let mut replies = Recorded::default();
    for entry in std::fs::read_dir(path)
        .map_err(|error| unreadable(path, &error))?
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        let feed = FeedId::new(&entry.file_name().to_string_lossy());
        let folder = entry.path();
        for reply in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?.flatten() {
            let bytes = std::fs::read(reply.path()).map_err(|error| unreadable(&reply.path(), &error))?;
            replies.add(&feed, &reply.file_name().to_string_lossy(), Cow::Owned(bytes)).map_err(Failure::Request)?;
        }
    }
    loaded(&text, Printable::path(&file).as_ref(), path, replies, Mode::Replay)
}

fn loaded(text: &str, name: &str, folder: &Path, replies: Recorded, as_mode: AsMode) -> Result<Loaded, Failure> {
    let config = Config::read(text, name, folder).map_err(|error| Failure::request(&error))?;
    let scenario = config.scenario.clone().ok_or_else(|| {
        Failure::Request(format!("{name} has no [scenario] table: give its start, until, step and pace"))
    })?;
    Ok(Loaded { config, scenario, as_mode, replies })
}
