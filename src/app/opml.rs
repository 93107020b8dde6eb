//! Lists of news feeds from and for other programs. Importing prints, or appends to the configuration whole or not at all:
//! what is there already is never changed.

use super::cli::{Cli, Export};
use super::parts::find_config;
use super::{Failure, print, print_document, take, tell};
use crate::config::places::{Environment, config_file};
use crate::config::{Config, ConfigError};
use crate::domain::feed::FeedKind;
use crate::domain::text::Printable;
use crate::feeds::guess::{quoted, slug};
use crate::feeds::opml::{self, Subscription};
use crate::fetch::reach::never_asked;
use crate::fetch::{Place, names_a_secret};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use url::Url;

/// The most that a list may have.
const CAP: u64 = 32 << 20;

/// Prints a `[[feed]]` for each entry of a list, or appends them to the configuration.
pub fn import(cli: &Cli, file: &Path, append: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let list = opml::read(&take(file, CAP)?).map_err(|error| Failure::unavailable(&error))?;
    let mut told: Vec<String> =
        list.skipped.iter().map(|skipped| format!("left out {}: {}", skipped.what, skipped.why)).collect();
    // Without a configuration nothing is there already; a broken one stops what would write to it, and nothing else.
    let current = match find_config(cli, environment) {
        Some(path) if path.exists() => match load(&path) {
            Ok(known) => Some((path, known)),
            Err(failure) if append => return Err(failure),
            Err(_) => {
                let path = Printable::path(&path);
                told.push(format!(
                    "{path} cannot be read, so what it has already is not left out; `watchfloor config check` says what is wrong"
                ));
                None
            }
        },
        Some(path) if !append => {
            told.push(format!("there is no configuration {}, so nothing is left out as known", Printable::path(&path)));
            None
        }
        _ => None,
    };
    let none = BTreeMap::new();
    let known = current.as_ref().map_or(&none, |(_, known)| &known.addresses);
    let mut ids: BTreeSet<String> = current.iter().flat_map(|(_, known)| known.ids.iter().cloned()).collect();
    let mut tables = String::new();
    let mut count = 0;
    for feed in &list.feeds {
        if let Some(id) = known.get(feed.url.as_str()) {
            told.push(format!("left out {}: its address is there already, as the feed \"{id}\"", feed.title));
            continue;
        }
        if let Some(what) = never_asked(&feed.url) {
            told.push(format!("left out {}: its address is {what}, which is never asked", feed.title));
            continue;
        }
        let id = unique(&name_of(feed), &mut ids);
        tables.push_str(&table(&id, feed));
        count += 1;
    }
    tell(&told);
    let name = if file == Path::new("-") { "a list".to_owned() } else { Printable::path(file).to_string() };
    let name = Printable::clean(&name);
    let head = format!("# {} from {name}.\n", counted(count));
    put(cli, environment, append, current, count, &head, &tables)?;
    if list.is_cut {
        return Err(Failure::Unavailable(format!(
            "{name} is damaged, and only what stands before the damage was taken: export it from the other program again"
        )));
    }
    Ok(())
}

/// Prints tables, or puts them into the configuration.
fn put(
    cli: &Cli,
    environment: Environment<'_>,
    append: bool,
    current: Option<(PathBuf, Known)>,
    count: usize,
    head: &str,
    tables: &str,
) -> Result<(), Failure> {
    if !append {
        if count == 0 {
            tell(&["nothing in it is new".to_owned()]);
            return Ok(());
        }
        print(&format!("{head}{tables}"))?;
        tell(&["nothing was written; --append puts them into the configuration".to_owned()]);
        return Ok(());
    }
    let Some((path, known)) = current else {
        let path = cli.config.clone().or_else(|| config_file(environment));
        let path = path
            .ok_or_else(|| Failure::Request("there is no place for it: set HOME, or give --config FILE".to_owned()))?;
        if count == 0 {
            return print(&format!("nothing in it can be read; {} was not written\n", Printable::path(&path)));
        }
        create(&path, &format!("{head}{tables}"))?;
        return print(&written(count, "the beginning of a new configuration,", &path));
    };
    if count == 0 {
        return print(&format!("nothing new; {} was left as it is\n", Printable::path(&path)));
    }
    let gap = if known.text.ends_with('\n') || known.text.is_empty() { "\n" } else { "\n\n" };
    replace(&path, &known.text, &format!("{}{gap}{head}{tables}", known.text))?;
    print(&written(count, "the end of", &path))
}

fn written(count: usize, place: &str, path: &Path) -> String {
    format!(
        "{} put at {place} {}.\n\nNext: `watchfloor config check`, then `watchfloor feed try ID` for one that you do not know.\n",
        counted(count),
        Printable::path(path)
    )
}

/// Writes the configured news feeds as a list.
pub fn export(config: &Config, export: &Export) -> Result<(), Failure> {
    if export.json || export.vintages || export.as_known_at.is_some() {
        return Err(Failure::Request(
            "a list of feeds is written as OPML alone; leave out --json, --vintages and --as-known-at".to_owned(),
        ));
    }
    let mut told = Vec::new();
    let mut feeds = Vec::new();
    for plan in config.feeds.iter().filter(|plan| plan.feed.kind == FeedKind::News) {
        match &plan.place {
            Place::Http(url) => {
                let (url, hidden) = without_secrets(url);
                if hidden {
                    told.push(format!(
                        "the address of \"{}\" is written without its secret; whoever takes the list has to put in his own",
                        plan.feed.id
                    ));
                }
                feeds.push(Subscription { title: plan.feed.name.clone(), url, groups: Vec::new() });
            }
            _ => {
                told.push(format!("left out \"{}\": it has no address that others could ask", plan.feed.id));
            }
        }
    }
    tell(&told);
    print_document(&opml::write(config.title.as_str(), &feeds))
}

/// A configuration as it stands.
struct Known {
    text: String,
    ids: BTreeSet<String>,
    /// The address of each feed, with its id.
    addresses: BTreeMap<String, String>,
}

fn load(path: &Path) -> Result<Known, Failure> {
    let config = Config::load(path).map_err(|error| match error {
        ConfigError::Unreadable { .. } => Failure::unavailable(&error),
        ConfigError::Wrong(_) => {
            Failure::Request(format!("the configuration has to be mended first; it was left as it is\n\n{error}"))
        }
    })?;
    let text = std::fs::read_to_string(path).map_err(|error| unwritten(path, &error))?;
    let addresses = config.feeds.iter().filter_map(|plan| match &plan.place {
        Place::Http(url) => Some((url.to_string(), plan.feed.id.to_string())),
        _ => None,
    });
    Ok(Known {
        text,
        ids: config.feeds.iter().map(|plan| plan.feed.id.to_string()).collect(),
        addresses: addresses.collect(),
    })
}

/// Writes a configuration where there is none.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::Unavailable(format!("cannot write {}: {error}", Printable::path(path)));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Puts a new text in a file's place, in one step: whoever reads it meanwhile has the old one or the new one.
fn replace(path: &Path, old: &str, new: &str) -> Result<(), Failure> {
    let path = &std::fs::canonicalize(path).map_err(|error| unwritten(path, &error))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    if let Err(error) = Config::read(new, Printable::path(path).as_ref(), folder) {
        return Err(Failure::Request(format!(
            "{} was left as it is, since with these feeds it could not be used\n\n{error}",
            Printable::path(path)
        )));
    }
    let beside = PathBuf::from(format!("{}.new-{}", path.display(), std::process::id()));
    let written = (|| {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.set_permissions(std::fs::metadata(path)?.permissions())?;
        file.write_all(new.as_bytes())?;
        file.sync_all()?;
        if std::fs::read_to_string(path)? != old {
            return Err(std::io::Error::other("it was changed meanwhile; try again"));
        }
        std::fs::rename(&beside, path)
    })();
    written.map_err(|error| {
        // Best effort: what matters is that the configuration is as it was.
        let _ = std::fs::remove_file(&beside);
        unwritten(path, &error)
    })
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unavailable(format!("{} was left as it is: {error}", Printable::path(path)))
}

fn counted(count: usize) -> String {
    format!("{count} feed{}", if count == 1 { "" } else { "s" })
}

fn table(id: &str, feed: &Subscription) -> String {
    let folder = feed.groups.iter().map(Printable::as_str).collect::<Vec<_>>().join(" / ");
    let folder = if folder.is_empty() { String::new() } else { format!("# from the folder {folder}\n") };
    format!(
        "\n[[feed]]\n{folder}id = {}\nname = {}\nkind = \"news\"\nurl = {}\n",
        quoted(id),
        quoted(feed.title.as_str()),
        quoted(feed.url.as_str())
    )
}

/// An id from a feed's title, or from its host where the title has no letters.
fn name_of(feed: &Subscription) -> String {
    const LONGEST: usize = 40;
    let title = feed.title.as_str();
    let named = if title.contains("://") { String::new() } else { slug(title) };
    let named = if named.is_empty() { slug(feed.url.host_str().unwrap_or("feed")) } else { named };
    named.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned()
}

/// The id, or the first of its kind that is free: `reuters`, `reuters-2`.
fn unique(id: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = id.to_owned();
    let mut number = 1;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{id}-{number}");
    }
    candidate
}

/// An address without user, password and what parameters with a secret's name hold; and whether there was any.
fn without_secrets(url: &Url) -> (Url, bool) {
    let mut clean = url.clone();
    let mut hidden = !url.username().is_empty() || url.password().is_some();
    if hidden {
        // Neither can fail on an address that has a host, and only such have a user.
        let _ = clean.set_username("");
        let _ = clean.set_password(None);
    }
    if url.query_pairs().any(|(name, value)| names_a_secret(&name) && !value.is_empty()) {
        hidden = true;
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                (name.to_string(), if names_a_secret(&name) { String::new() } else { value.to_string() })
            })
            .collect();
        clean.query_pairs_mut().clear().extend_pairs(kept);
    }
    (clean, hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_for_others_holds_no_secret() {
        let url = Url::parse("https://me:hunter2@example.org/rss?a=b&api_key=hunter2&c=d").unwrap();
        let (clean, hidden) = without_secrets(&url);
        assert_eq!((clean.as_str(), hidden), ("https://example.org/rss?a=b&api_key=&c=d", true));
        let plain = Url::parse("https://example.org/rss?a=b%20c").unwrap();
        assert_eq!(without_secrets(&plain), (plain.clone(), false));
    }

    #[test]
    fn ids_are_told_apart() {
        let mut taken = BTreeSet::from(["reuters".to_owned()]);
        assert_eq!(
            [unique("reuters", &mut taken), unique("reuters", &mut taken), unique("bbc", &mut taken)],
            ["reuters-2", "reuters-3", "bbc"]
        );
        let feed = |title: &str| Subscription {
            title: Printable::clean(title),
            url: Url::parse("https://example.org/rss").unwrap(),
            groups: Vec::new(),
        };
        assert_eq!(name_of(&feed("Al Jazeera: All!")), "al-jazeera-all");
        assert_eq!(name_of(&feed("→ ✓")), "example-org");
        assert_eq!(name_of(&feed("https://example.org/rss")), "example-org");
    }
}
