//! Feeds as they are written: `[[feed]]`, where it is and how often it is asked; how its replies are read is for
//! [`FeedOptions`] to say.

use super::FeedPlan;
use super::access;
use super::finding::{At, Complaint};
use super::section::{Section, Spot};
use super::value;
use crate::domain::feed::{Feed, FeedId, FeedKind};
use crate::domain::route::{Family, SeriesSpec};
use crate::domain::text::Printable;
use crate::feeds::{FeedOptions, Reader};
use crate::fetch::Place;
use crate::fetch::discover::{Discover, Glob, Pick};
use crate::fetch::reach::never_asked;
use jiff::SignedDuration;
use std::path::Path;
use toml::de::DeValue;
use url::Url;

/// A feed with the places of what the checks speak about.
pub(super) struct FeedDraft {
    pub(super) id: Spot<String>,
    /// `None` where something in it is wrong, which is told by then.
    pub(super) plan: Option<FeedPlan>,
    /// The series that it names outright, with what it says of them.
    pub(super) claims: Vec<SeriesSpec>,
    pub(super) claims_at: At,
    /// The families of series that its templates make: `darien/{nat}`.
    pub(super) families: Vec<Family>,
}

/// What holds for every feed that says nothing else.
#[derive(Clone, Copy)]
pub(super) struct Usual<'a> {
    /// How long a fetch may take.
    pub(super) deadline: SignedDuration,
    /// The most bytes of a table, and of a news feed.
    pub(super) caps: (u64, u64),
    /// From where relative paths start.
    pub(super) folder: &'a Path,
    /// Whether replies are recorded, so that a feed needs no address.
    pub(super) in_scenario: bool,
}

impl Usual<'_> {
    const fn body_cap(&self, kind: FeedKind) -> u64 {
        match kind {
            FeedKind::Statistics => self.caps.0,
            FeedKind::News => self.caps.1,
        }
    }
}

/// Reads one `[[feed]]`; `None` where it has no id.
pub(super) fn read(section: Section<'_>, usual: Usual<'_>) -> Option<FeedDraft> {
    let log = section.log();
    let id = section.need("id", "add the key `id`, such as id = \"small-boats\"", value::id);
    let name = section.read("name", value::text);
    let place = place(&section, usual);
    let every = section.read("every", value::duration);
    let deadline = section.read("deadline", value::duration);
    let body_cap = section.read("body_cap", value::body_cap);
    let access = access::read(&section, usual.folder);
    if let Some(every) = every.as_ref().filter(|every| every.value < SignedDuration::from_secs(1)) {
        let complaint = Complaint::new(
            "no publisher wants to be asked this often",
            "write at least \"1s\"; news is well served by \"5m\"",
        );
        log.error(&every.at, complaint);
    }
    let options: Option<FeedOptions> = section.options(FeedOptions::KEYS);
    let reader = options.as_ref().and_then(|options| match Reader::from_options(options) {
        Ok(reader) => Some(reader),
        Err(error) => {
            let what = format!("{}: {}", error.key, error.what);
            log.error(&section.place_of(&error.key), Complaint::new(what, error.remedy));
            None
        }
    });
    let claims = reader.iter().flat_map(Reader::claims).collect();
    let families = reader.iter().flat_map(Reader::families).collect();
    let claims_at = section.place_of("series");
    section.finish();
    let id = id?;
    let plan = place.zip(reader).map(|(place, reader)| FeedPlan {
        feed: Feed {
            id: FeedId::new(&id.value),
            name: name.map_or_else(|| Printable::clean(&id.value), |name| name.value),
            kind: reader.kind(),
            place: Printable::clean(&place.to_string()),
            every: every.map_or_else(|| usual_interval(reader.kind()), |every| every.value),
            deadline: deadline.map_or(usual.deadline, |deadline| deadline.value),
        },
        place,
        access,
        body_cap: body_cap.map_or_else(|| usual.body_cap(reader.kind()), |cap| cap.value),
        reader,
    });
    Some(FeedDraft { id, plan, claims, claims_at, families })
}

/// How often a feed is asked that does not say.
const fn usual_interval(kind: FeedKind) -> SignedDuration {
    match kind {
        FeedKind::News => SignedDuration::from_mins(5),
        FeedKind::Statistics => SignedDuration::from_hours(1),
    }
}

/// Where the feed is; `None` where that is wrong or missing, which is told by then.
fn place(section: &Section<'_>, usual: Usual<'_>) -> Option<Place> {
    let ways = ["url", "command", "discover"];
    let written: Vec<&str> = ways.into_iter().filter(|key| section.has(key)).collect();
    if let [_, second, ..] = written.as_slice() {
        let what = format!("a feed is in one place, and this one names {}", written.join(" and "));
        section.log().error(&section.place_of(second), Complaint::new(what, "keep one of them"));
    }
    if section.has("command") {
        return section.read("command", value::words).map(|words| Place::Command(words.value));
    }
    if section.has("discover") {
        return section.table("discover").and_then(discover).map(Place::Discover);
    }
    if usual.in_scenario && !section.has("url") {
        return Some(Place::Recorded);
    }
    section
        .need("url", "write url = \"https://…\" or url = \"file:path\"", |value| address(value, usual.folder))
        .map(|place| place.value)
}

/// A page and which of its links is meant.
fn discover(section: Section<'_>) -> Option<Discover> {
    let page = section.need("page", "write page = \"https://…\", the page that links to the file", web_address);
    let link = section.need("link", "write link = \"*.csv\", what the file's name looks like", value::raw_text);
    let picks = [("newest", Pick::Newest), ("first", Pick::First), ("last", Pick::Last)];
    let pick = section.read("pick", value::word(&picks)).map(|pick| pick.value).unwrap_or_default();
    section.finish();
    Some(Discover { page: page?.value, link: Glob::new(&link?.value), pick })
}

fn address(value: &DeValue<'_>, folder: &Path) -> Result<Place, Complaint> {
    let text = value::raw_text(value)?;
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(Complaint::new("names no file", "write url = \"file:path\", from the configuration's folder"));
        }
        return Ok(Place::File(folder.join(path)));
    }
    web_address(value).map(Place::Http)
}

fn web_address(value: &DeValue<'_>) -> Result<Url, Complaint> {
    let text = value::raw_text(value)?;
    // What is written there is not repeated: whatever it is, it may hold a secret.
    let url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| Complaint::new("is no address that can be fetched", "write https://…, http://… or file:path"))?;
    match never_asked(&url) {
        Some(what) => Err(Complaint::new(
            format!("is {what}, which is never asked"),
            "write another address of that server, or its name",
        )),
        None => Ok(url),
    }
}
