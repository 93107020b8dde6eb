//! Commands about one feed: `feed guess` proposes a mapping, `feed try` shows what it gives. Each says what to do next, so
//! that the way from an unknown file to a configured feed is a conversation. Nothing is stored.

use super::cli::{Cli, FeedVerb};
use super::commands::open_store;
use super::parts::{find_config, need_config, store_path};
use super::void;
use super::{Failure, print, print_document, take};
use crate::clock::{Clock, System};
use crate::config::places::{Environment, config_file};
use crate::config::{Config, FeedPlan};
use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::text::Printable;
use crate::engine::reading::file_name;
use crate::feeds::guess::{Asked, Proposal, guess};
use crate::feeds::{Decoded, FeedOptions, Reader, Source};
use crate::fetch::access::Access;
use crate::fetch::{Answer, FetchOptions, Fetcher, Place, Reply, Request};
use crate::report::{self, Reading};
use crate::store::Store;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
use url::Url;

/// How long a command waits for an address, unless the configuration says.
const DEADLINE: SignedDuration = SignedDuration::from_secs(60);
/// How much it takes from one, unless the configuration says.
const CAP: u64 = 64 << 20;

/// Does what is asked about a feed.
pub fn feed(cli: &Cli, verb: &FeedVerb, environment: Environment<'_>) -> Result<(), Failure> {
    match verb {
        FeedVerb::Guess { what, id, json } => propose(cli, what, id.as_deref(), *json, environment),
        FeedVerb::Void(asked) => void::void(cli, asked, environment),
        FeedVerb::Accept { id } => void::accept(cli, id, environment),
        FeedVerb::Try { id, mapping, file, kind, all, json } => {
            let tried =
                Tried::new(cli, id.as_deref(), mapping.as_deref(), file.as_deref(), kind.as_deref(), environment)?;
            let reading = tried.read(cli, environment);
            if *json {
                print_document(&report::reading_json(&reading))?;
            } else {
                print(&report::reading_text(&reading, *all))?;
            }
            match &reading.error {
                Some(error) if *json => Err(Failure::Unavailable(error.to_string())),
                Some(_) => Err(Failure::Unavailable("the feed could not be read".to_owned())),
                None => Ok(()),
            }
        }
    }
}

/// Proposes a `[[feed]]` for a document.
fn propose(cli: &Cli, what: &str, id: Option<&str>, json: bool, environment: Environment<'_>) -> Result<(), Failure> {
    if let Some(id) = id.filter(|id| !is_id(id)) {
        let shown = Printable::clean(id);
        return Err(Failure::Request(format!(
            "\"{shown}\" cannot be an id; use letters, digits, \"-\", \"_\" and \".\" (not first), up to 100 of them"
        )));
    }
    let document = Document::get(what)?;
    let config = find_config(cli, environment).or_else(|| config_file(environment));
    let config = config.map_or_else(|| "the configuration".to_owned(), |path| Printable::path(&path).to_string());
    let asked = Asked {
        name: &document.name,
        id,
        url: document.url.as_deref(),
        config: &config,
        content_type: document.content_type.as_deref(),
        now: System::new().now(),
    };
    match guess(&document.bytes, &asked) {
        Ok(proposal) if json => print_document(&report::proposal_json(&told(proposal))),
        Ok(proposal) => print(&proposal.toml),
        Err(error) => {
            if json {
                let error = Some(Printable::clean_to(&error.to_string(), Printable::PARAGRAPH));
                print_document(&report::proposal_json(&report::Proposal { error, ..report::Proposal::default() }))?;
            }
            Err(Failure::unavailable(&error))
        }
    }
}

/// What an id may be, as the configuration has it.
fn is_id(id: &str) -> bool {
    let plain = id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    plain && !id.is_empty() && !id.starts_with('.') && id.chars().count() <= 100
}

/// A proposal as the report has it.
fn told(proposal: Proposal) -> report::Proposal {
    let Proposal { id, kind, toml, what, unsure, columns, reads } = proposal;
    let first = reads.series.iter().map(|line| line.first).min();
    let column = |column: crate::feeds::guess::SeenColumn| report::SeenColumn {
        name: column.name,
        filled: column.filled,
        values: column.values,
        samples: column.samples,
        used: column.used,
    };
    report::Proposal {
        feed: Some(id),
        kind: Some(kind),
        what: Printable::clean(&what),
        toml: Some(toml),
        unsure,
        columns: columns.into_iter().map(column).collect(),
        series: reads.series.len(),
        figures: reads.figures,
        headlines: reads.headlines,
        span: first.zip(reads.series.iter().map(|line| line.last).max()),
        warnings: reads.warnings,
        error: None,
    }
}

/// A document that is to be guessed.
struct Document {
    bytes: Vec<u8>,
    /// What people call it, without anything secret.
    name: String,
    /// What stands as `url`.
    url: Option<String>,
    content_type: Option<String>,
}

impl Document {
    /// Gets it: an address is asked once.
    fn get(what: &str) -> Result<Self, Failure> {
        if what == "-" {
            let bytes = take(Path::new("-"), CAP)?;
            return Ok(Self { bytes, name: "standard input".to_owned(), url: None, content_type: None });
        }
        let other = what.split_once("://").filter(|(scheme, _)| !matches!(*scheme, "http" | "https" | "file"));
        if let Some((scheme, _)) = other {
            let scheme = Printable::clean(scheme);
            return Err(Failure::Request(format!(
                "{scheme} is not spoken here; write an address with https:// or http://, or a file"
            )));
        }
        if what.starts_with("http://") || what.starts_with("https://") {
            let url = Url::parse(what).map_err(|error| {
                Failure::Request(format!(
                    "{} is no address ({error}); write it whole, with https://",
                    Printable::clean(what)
                ))
            })?;
            let place = Place::Http(url);
            let reply = fetch(&FeedId::new("guess"), &place, &Access::default(), DEADLINE, CAP)
                .map_err(|error| Failure::unavailable(&error))?;
            return Ok(Self {
                bytes: reply.bytes,
                name: place.to_string(),
                url: Some(what.to_owned()),
                content_type: reply.content_type,
            });
        }
        let path = Path::new(what.strip_prefix("file:").unwrap_or(what));
        let bytes = take(path, CAP)?;
        // Relative paths start from the configuration's folder, wherever that is: the whole path is right there too.
        let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().map_or_else(|| what.to_owned(), |name| name.to_string_lossy().into_owned());
        Ok(Self { bytes, name, url: Some(format!("file:{}", whole.display())), content_type: None })
    }
}

/// Asks a place once.
fn fetch(
    feed: &FeedId,
    place: &Place,
    access: &Access,
    deadline: SignedDuration,
    body_cap: u64,
) -> Result<Reply, Printable> {
    let said = |error: &dyn std::fmt::Display| Printable::clean(&error.to_string());
    let request = Request {
        feed,
        place,
        access,
        moved_to: None,
        etag: None,
        last_modified: None,
        deadline,
        body_cap,
        now: System::new().now(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| said(&error))?;
    match runtime.block_on(Fetcher::live(FetchOptions::default()).fetch(&request)) {
        Ok(Answer::Reply(reply)) => Ok(reply),
        Ok(Answer::NotModified { .. }) => {
            Err(Printable::clean("it says that nothing was modified, though we have nothing"))
        }
        Err(error) => Err(said(&error)),
    }
}

/// A feed that is tried.
struct Tried {
    /// Its id; absent where a file is tried alone.
    id: Option<FeedId>,
    reader: Reader,
    /// Where the reply comes from.
    place: Place,
    /// What it is asked with.
    access: Access,
    /// The feed's own address, for relative links.
    base: Option<String>,
    deadline: SignedDuration,
    body_cap: u64,
    from: From,
}

/// Where the mapping stands.
enum From {
    /// In the configuration.
    Config,
    /// In a file of its own.
    Mapping(PathBuf),
    /// Nowhere: a file of news needs none.
    Nowhere,
}

impl Tried {
    fn new(
        cli: &Cli,
        id: Option<&str>,
        mapping: Option<&Path>,
        file: Option<&Path>,
        kind: Option<&str>,
        environment: Environment<'_>,
    ) -> Result<Self, Failure> {
        if let (Some(kind), Some(file)) = (kind, file) {
            let options = FeedOptions { kind: Some(kind.to_owned()), ..FeedOptions::default() };
            return Ok(Self {
                id: None,
                reader: Reader::from_options(&options).map_err(|error| Failure::request(&error))?,
                place: Place::File(file.to_owned()),
                access: Access::default(),
                base: None,
                deadline: DEADLINE,
                body_cap: CAP,
                from: From::Nowhere,
            });
        }
        let (config, from) = match mapping {
            Some(path) => (read_mapping(path)?, From::Mapping(path.to_owned())),
            None => (need_config(cli, environment)?, From::Config),
        };
        let plan = chosen(&config, id)?;
        let place = match file {
            Some(file) => Place::File(file.to_owned()),
            None if plan.place == Place::Recorded => {
                return Err(Failure::Request(format!(
                    "the feed \"{}\" does not say where its replies are; give --file PATH, or write url = \"…\" in it",
                    plan.feed.id
                )));
            }
            None => plan.place.clone(),
        };
        Ok(Self::of(plan, place, plan.body_cap, from))
    }

    /// A feed of a configuration, read from a place that need not be its own.
    fn of(plan: &FeedPlan, place: Place, body_cap: u64, from: From) -> Self {
        Self {
            id: Some(plan.feed.id.clone()),
            reader: plan.reader.clone(),
            base: match &plan.place {
                Place::Http(url) => Some(url.to_string()),
                _ => None,
            },
            place,
            access: plan.access.clone(),
            deadline: plan.feed.deadline,
            body_cap,
            from,
        }
    }

    /// Fetches and decodes once.
    fn decode(&self) -> Result<Decoded, Printable> {
        let unnamed = FeedId::new("file");
        let feed = self.id.as_ref().unwrap_or(&unnamed);
        let reply = fetch(feed, &self.place, &self.access, self.deadline, self.body_cap)?;
        let said = (reply.content_type.as_deref(), reply.last_modified.as_deref());
        self.decode_bytes(&reply.bytes, said, System::new().now())
    }

    /// Decodes a reply; the server has said its media type and when it was changed.
    fn decode_bytes(
        &self,
        bytes: &[u8],
        (content_type, last_modified): (Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Result<Decoded, Printable> {
        let unnamed = FeedId::new("file");
        let feed = self.id.as_ref().unwrap_or(&unnamed);
        let name = file_name(&self.place);
        let base = self.base.as_deref();
        let source = Source { feed, base, content_type, last_modified, name: name.as_deref(), now };
        let decoded = self.reader.decode(bytes, &source);
        decoded.map_err(|error| Printable::clean_to(&error.to_string(), Printable::PARAGRAPH))
    }

    /// Fetches and reads once.
    fn read(&self, cli: &Cli, environment: Environment<'_>) -> Reading {
        let mut reading = Reading {
            feed: self.id.as_ref().map(ToString::to_string),
            kind: self.reader.kind(),
            observations: Vec::new(),
            items: Vec::new(),
            warnings: Vec::new(),
            warning_count: 0,
            unused: Vec::new(),
            stated: None,
            error: None,
            next: String::new(),
        };
        match self.decode() {
            Ok(decoded) => {
                let nothing = decoded.nothing_counts().filter(|_| reading.kind == FeedKind::Statistics);
                reading.error = nothing.map(|error| Printable::clean(&error.to_string()));
                reading.observations = decoded.observations;
                reading.items = decoded.items;
                reading.warnings =
                    decoded.warnings.into_iter().map(|warning| [warning.place, warning.what, warning.remedy]).collect();
                reading.warning_count = decoded.warning_count;
                reading.unused = decoded.unread;
                reading.stated = decoded.stated;
            }
            Err(error) => reading.error = Some(error),
        }
        reading.next = self.next(cli, &reading, environment);
        reading
    }

    /// What to do now.
    fn next(&self, cli: &Cli, reading: &Reading, environment: Environment<'_>) -> String {
        let config = find_config(cli, environment).or_else(|| config_file(environment));
        let config = config.map_or_else(|| "the configuration".to_owned(), |path| Printable::path(&path).to_string());
        match &self.from {
            From::Mapping(path) if reading.error.is_some() => {
                format!(
                    "mend {} as it says, and try again; the [[feed]] is not yet ready to be used.",
                    Printable::path(path)
                )
            }
            From::Mapping(path) if reading.warning_count > 0 => format!(
                "rows with a warning are left out and the rest is used; change {} and try again, or put its [[feed]] into {config} as it is and run `watchfloor config check`.",
                Printable::path(path)
            ),
            From::Mapping(path) => format!(
                "if this is what the publisher says, put the [[feed]] of {} into {config} and run `watchfloor config check`; if not, change it and try again.",
                Printable::path(path)
            ),
            From::Config if reading.error.is_some() => {
                format!("mend the feed in {config} and try again; what was read before stays as it is.")
            }
            From::Config if reading.warning_count > 0 => format!(
                "rows with a warning are left out and the rest is used; to mend them change the feed in {config} and try again."
            ),
            From::Config => {
                "`watchfloor` shows it; `watchfloor config check` looks at the whole configuration.".to_owned()
            }
            From::Nowhere if reading.error.is_some() => {
                "`watchfloor feed guess` says what the file is and proposes how to read it.".to_owned()
            }
            From::Nowhere => "`watchfloor feed guess` prints the [[feed]] for it.".to_owned(),
        }
    }
}

/// The columns that mappings leave unread, as far as that can be seen without asking anybody: of feeds whose file is on this
/// machine, and of the last reply of others where the store has kept it.
pub fn unread_columns(cli: &Cli, config: &Config, environment: Environment<'_>) -> Result<String, Failure> {
    // A store that is not there yet has kept nothing, and a check does not make one.
    let has_store =
        store_path(cli, config, environment).is_ok_and(|path| std::fs::metadata(path).is_ok_and(|file| file.len() > 0));
    let mut store = if has_store { Some(open_store(cli, config, environment)?) } else { None };
    let mut looked = Vec::new();
    for plan in config.feeds.iter().filter(|plan| plan.feed.kind == FeedKind::Statistics) {
        let tried = Tried::of(plan, plan.place.clone(), plan.body_cap, From::Config);
        let decoded = match (&plan.place, &mut store) {
            (Place::File(_), _) => tried.decode(),
            (Place::Http(_) | Place::Discover(_) | Place::Command(_), Some(store)) => {
                let kept = store.body(&plan.feed.id).map_err(|error| Failure::unavailable(&error))?;
                let Some(kept) = kept else { continue };
                let bytes = kept.packed.unpack(plan.body_cap).map_err(|error| Failure::unavailable(&error))?;
                let said = (kept.content_type.as_deref(), kept.last_modified.as_deref());
                tried.decode_bytes(&bytes, said, kept.fetched)
            }
            _ => continue,
        };
        looked.push((plan.feed.id.to_string(), decoded.map(|decoded| decoded.unread)));
    }
    Ok(report::columns_text(&looked))
}

/// The feeds of a file that holds nothing else.
fn read_mapping(path: &Path) -> Result<Config, Failure> {
    let bytes = take(path, CAP)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::Request(format!("{} is no text in UTF-8, which TOML must be; save it so", Printable::path(path)))
    })?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Config::read_mapping(&text, Printable::path(path).as_ref(), folder)
        .map_err(|error| Failure::Request(format!("the mapping cannot be used\n\n{error}")))
}

/// The feed that is meant: by its id, or the only one.
fn chosen<'a>(config: &'a Config, id: Option<&str>) -> Result<&'a FeedPlan, Failure> {
    let known = || config.feeds.iter().map(|plan| plan.feed.id.as_str()).collect::<Vec<_>>().join(", ");
    match id {
        Some(id) => config.feeds.iter().find(|plan| plan.feed.id.as_str() == id).ok_or_else(|| {
            Failure::Request(format!("there is no feed \"{}\"; there are {}", Printable::clean(id), known()))
        }),
        None => match config.feeds.as_slice() {
            [only] => Ok(only),
            _ => Err(Failure::Request(format!("there are several feeds in it; name one of them: {}", known()))),
        },
    }
}
