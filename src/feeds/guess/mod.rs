//! A mapping proposed for a document that nobody has mapped: the tables it may hold (`view`), what their columns look
//! like (`column`), which of them say when (`period`) and how many (`value`), which series the rows make (`series`);
//! from these a mapping with its reasons (`draft`), which is tried on the document before it is shown (`page`).

mod column;
mod draft;
mod items;
mod page;
mod period;
mod prose;
mod series;
mod value;
mod view;
mod words;
mod written;

pub use words::slug;
pub use written::quoted;

use super::charset::{self, Said};
use super::links::feeds_in_page;
use super::statistics::{json_stat, spreadsheet};
use super::{Decoded, FeedOptions, Reader, Source, glance};
use crate::domain::feed::{FeedId, FeedKind};
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words::plural;
use column::Column;
use draft::Draft;
use jiff::Timestamp;
use std::collections::BTreeMap;
use url::Url;
use view::View;

/// What a guess is to be about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What people call the document: its file's name, or its address.
    pub name: &'a str,
    /// The id that the feed shall have; made from the name where absent.
    pub id: Option<&'a str>,
    /// What stands as `url`; a place for it is left where absent.
    pub url: Option<&'a str>,
    /// Where the configuration is, for people.
    pub config: &'a str,
    /// The media type that the server gave.
    pub content_type: Option<&'a str>,
    /// The instant: what lies after it is not data yet.
    pub now: Timestamp,
}

/// A proposed feed.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// Statistics or news.
    pub kind: FeedKind,
    /// The commented `[[feed]]` table.
    pub toml: String,
    /// What the document is.
    pub what: String,
    /// What is not certain.
    pub unsure: Vec<Printable>,
    /// The columns that were seen.
    pub columns: Vec<SeenColumn>,
    /// What the proposal gives when the document is read with it.
    pub reads: Reads,
}

/// A column as it was seen.
#[derive(Clone, Debug)]
pub struct SeenColumn {
    /// Its header.
    pub name: Printable,
    /// Cells that are not empty.
    pub filled: usize,
    /// Different values.
    pub values: usize,
    /// Some of them.
    pub samples: Vec<Printable>,
    /// What the proposal uses it for.
    pub used: Option<&'static str>,
}

/// What a document gives with a mapping.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Each series.
    pub series: Vec<Line>,
    /// How many figures in all.
    pub figures: usize,
    /// How many headlines.
    pub headlines: usize,
    /// How many warnings.
    pub warnings: usize,
    /// The first of them.
    pub first_warning: Option<Printable>,
}

/// One series of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which.
    pub series: SeriesId,
    /// The first period.
    pub first: Period,
    /// The last.
    pub last: Period,
    /// How many figures.
    pub count: usize,
    /// The least and the most.
    pub range: Option<(f64, f64)>,
}

/// Why nothing can be proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGuess {
    /// There is nothing in it.
    #[error("{name} is empty; there is nothing to guess from")]
    Empty {
        /// Which document.
        name: Printable,
    },
    /// It is a page without anything that can be read.
    #[error("{name} is a web page{} without a feed and without a table of figures; look on it for a link to the data (CSV, XLSX, JSON, RSS) and guess that instead; where its figures stand in sentences, a mapping with `find` reads them (MAPPING.md shows how)", titled_as(.title))]
    Page {
        /// Which document.
        name: Printable,
        /// Its title, where it has one.
        title: Printable,
    },
    /// It is about files rather than figures.
    #[error(
        "{name} describes files and holds no figures itself; guess the file it speaks of instead:\n  watchfloor feed guess {example}"
    )]
    Catalogue {
        /// Which document.
        name: Printable,
        /// The address of one of them.
        example: Printable,
    },
    /// It is no table, or none with periods and numbers.
    #[error(
        "nothing in {name} looks like figures over time: {found}; write the [[feed]] by hand (MAPPING.md shows how) and try it with `watchfloor feed try --mapping FILE --file FILE`"
    )]
    NoFigures {
        /// Which document.
        name: Printable,
        /// What was found instead.
        found: Printable,
    },
}

/// Proposes a feed for a document.
pub fn guess(bytes: &[u8], asked: &Asked<'_>) -> Result<Proposal, NoGuess> {
    let name = || Printable::clean(asked.name);
    if bytes.starts_with(b"\x1f\x8b") {
        let found = Printable::clean("it is packed with gzip; unpack it first");
        return news(PLAIN_NEWS, bytes, asked).ok_or_else(|| NoGuess::NoFigures { name: name(), found });
    }
    if spreadsheet::is_one(bytes) {
        return workbook(bytes, asked);
    }
    let text = in_text(bytes, asked).text;
    let look = glance::look(&text);
    if look == glance::Look::Empty {
        return Err(NoGuess::Empty { name: name() });
    }
    if matches!(look, glance::Look::Markup | glance::Look::Json | glance::Look::Page)
        && let Some(proposal) = news(PLAIN_NEWS, bytes, asked)
    {
        return Ok(proposal);
    }
    match look {
        glance::Look::Page => page(bytes, &text, asked),
        glance::Look::Json => json(bytes, &text, asked),
        glance::Look::Markup => Err(NoGuess::NoFigures { name: name(), found: Printable::clean(&glance::say(&text)) }),
        _ => match view::separated(&text) {
            Some(view) => statistics(bytes, vec![view], asked),
            None => Err(NoGuess::NoFigures { name: name(), found: Printable::clean(&glance::say(&text)) }),
        },
    }
}

/// The document as a text.
fn in_text<'b>(bytes: &'b [u8], asked: &Asked<'_>) -> charset::Read<'b> {
    charset::text(bytes, &Said { configured: None, content_type: asked.content_type, address: asked.url })
}

fn titled_as(title: &Printable) -> String {
    if title.is_empty() { String::new() } else { format!(" titled {title}") }
}

fn titled(page: &str) -> Printable {
    let said = glance::say(page);
    Printable::clean(said.split_once(" titled ").map_or("", |(_, title)| title))
}

fn id(asked: &Asked<'_>) -> String {
    asked.id.map_or_else(|| words::id_of(asked.name), str::to_owned)
}

/// The mapping of a feed that needs none.
const PLAIN_NEWS: &str = "kind = \"news\"\n";

/// A feed of news, where items can be read from it.
fn news(mapping: &str, bytes: &[u8], asked: &Asked<'_>) -> Option<Proposal> {
    let (decoded, reads) = read(mapping, bytes, asked).ok()?;
    // A feed that has nothing in it now still says what it is.
    let text = in_text(bytes, asked).text;
    let says_so = || ["<rss", "<feed", "<rdf:RDF"].iter().any(|root| text.contains(root));
    if reads.headlines == 0 && !says_so() {
        return None;
    }
    let id = id(asked);
    let toml = page::news(&id, mapping, &decoded, &reads, asked);
    Some(Proposal {
        id,
        kind: FeedKind::News,
        toml,
        what: "a feed of news".to_owned(),
        unsure: Vec::new(),
        columns: Vec::new(),
        reads,
    })
}

/// The tables of a page that hold figures, else the feeds that it names. A page of news has no table of figures; one with
/// figures often names a feed of the publisher's news as well.
fn page(bytes: &[u8], text: &str, asked: &Asked<'_>) -> Result<Proposal, NoGuess> {
    let tables = crate::feeds::statistics::page::read(text).tables;
    let views: Vec<View> = tables
        .iter()
        .enumerate()
        .filter_map(|(at, grid)| {
            let name = grid.around.lines().last().map(Printable::clean).filter(|name| !name.is_empty());
            let name = name.map(|name| format!(" (\"{name}\")")).unwrap_or_default();
            view::sheet(grid, vec![("format", quoted("html"))], format!("a web page, its table {}{name}", at + 1))
        })
        .collect();
    statistics(bytes, views, asked).or_else(|_| in_prose(bytes, text, asked)).or_else(|_| {
        let nothing = || NoGuess::Page { name: Printable::clean(asked.name), title: titled(text) };
        linked(text, asked).ok_or_else(nothing)
    })
}

/// The figures in a page's text.
fn in_prose(bytes: &[u8], text: &str, asked: &Asked<'_>) -> Result<Proposal, ()> {
    let id = id(asked);
    let draft = prose::draft(&crate::feeds::statistics::prose::shown(text), &id).ok_or(())?;
    let tried = try_out(draft, bytes, asked).filter(|tried| tried.reads.figures > 0).ok_or(())?;
    let view = View { what: "a web page with figures in its text".to_owned(), ..View::default() };
    let toml = page::statistics(&id, &view, &[], &tried.draft, &tried.reads, asked);
    Ok(tried.told(id, toml, view.what, Vec::new()))
}

/// The sheets of a workbook.
fn workbook(bytes: &[u8], asked: &Asked<'_>) -> Result<Proposal, NoGuess> {
    let sheets = spreadsheet::grids(bytes, |names| Ok(names.to_vec())).map_err(|error| NoGuess::NoFigures {
        name: Printable::clean(asked.name),
        found: Printable::clean_to(&error.to_string(), Printable::PARAGRAPH),
    })?;
    let mut views: Vec<View> = sheets
        .iter()
        .filter_map(|grid| {
            let keys = vec![("format", quoted("spreadsheet")), ("sheet", quoted(&grid.around))];
            view::sheet(grid, keys, format!("a spreadsheet, its sheet \"{}\"", Printable::clean(&grid.around)))
        })
        .collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.row_count));
    statistics(bytes, views, asked)
}

/// The feeds that a page names; they are not asked.
fn linked(text: &str, asked: &Asked<'_>) -> Option<Proposal> {
    let address = asked.url.and_then(|url| Url::parse(url).ok()).filter(|url| url.has_host());
    // A page from a file may still name feeds by their whole address.
    let nowhere = Url::parse("https://nowhere.invalid/").ok()?;
    let base = address.unwrap_or_else(|| nowhere.clone());
    let mut links = feeds_in_page(text, &base);
    links.retain(|link| link.url.host() != nowhere.host());
    let first = links.first()?;
    let id = asked.id.map_or_else(|| words::id_of(first.url.as_str()), str::to_owned);
    let what = format!("a web page that names {}", plural(links.len(), "feed"));
    Some(Proposal {
        toml: page::links(&id, &links, asked),
        id,
        kind: FeedKind::News,
        what,
        unsure: vec![Printable::clean("which of the feeds that the page names is wanted")],
        columns: Vec::new(),
        reads: Reads::default(),
    })
}

fn json(bytes: &[u8], text: &str, asked: &Asked<'_>) -> Result<Proposal, NoGuess> {
    let document = crate::feeds::statistics::json::parse(text).map_err(|error| NoGuess::NoFigures {
        name: Printable::clean(asked.name),
        found: Printable::clean_to(&error.to_string(), Printable::PARAGRAPH),
    })?;
    if let Some(Ok(cube)) = json_stat::is_one(&document).then(|| json_stat::grid(&document)) {
        let view = view::sheet(&cube, vec![("format", quoted("json-stat"))], "a JSON-stat cube, laid flat".to_owned());
        return statistics(bytes, view.into_iter().collect(), asked);
    }
    let views = view::records(&document);
    // A catalogue has dates and numbers too: when its files were changed, and how large they are.
    if let Some(example) = catalogue(&views) {
        return Err(NoGuess::Catalogue { name: Printable::clean(asked.name), example });
    }
    // Records with a title and an address are news, though they have dates and perhaps numbers as well.
    let items = views.iter().find_map(|view| items::mapping(view, &Column::all(view)));
    match items.and_then(|mapping| news(&format!("kind = \"news\"\n{mapping}"), bytes, asked)) {
        Some(proposal) => Ok(proposal),
        None => statistics(bytes, views, asked),
    }
}

/// The address of a file that a catalogue speaks of.
fn catalogue(views: &[View]) -> Option<Printable> {
    const ADDRESS: [&str; 3] = ["download_url", "downloadURL", "url"];
    views.iter().find_map(|view| {
        let column = |name: &str| view.columns.iter().position(|column| column == name);
        let at = ADDRESS.into_iter().find_map(column)?;
        let describes_files = column("format").or(column("mimetype")).is_some();
        let cell = view.rows.iter().map(|row| &row[at]).find(|cell| cell.starts_with("http"))?;
        describes_files.then(|| Printable::clean(cell))
    })
}

/// So many mappings are tried on a document.
const MOST_TRIES: usize = 9;

/// A proposal for the best of several tables.
fn statistics(bytes: &[u8], views: Vec<View>, asked: &Asked<'_>) -> Result<Proposal, NoGuess> {
    let id = id(asked);
    // The reader looks for a year there too.
    let read = (!spreadsheet::is_one(bytes)).then(|| in_text(bytes, asked).encoding);
    let encoding = read.filter(|encoding| *encoding != encoding_rs::UTF_8).map(encoding_rs::Encoding::name);
    let mut views = views;
    for view in &mut views {
        if let Some(encoding) = encoding {
            view.keys.push(("encoding", quoted(&encoding.to_lowercase())));
            view.what.push_str(&format!(", its letters in {encoding}"));
        }
        view.around.push('\n');
        view.around.push_str(asked.name);
    }
    let views = views;
    let mut best: Option<(Tried, &View, Vec<Column>)> = None;
    let mut tries = 0;
    for view in views.iter().take(4) {
        let columns = Column::all(view);
        for draft in drafts(view, &columns, &id) {
            if tries >= MOST_TRIES {
                break;
            }
            tries += 1;
            let Some(tried) = try_out(draft, bytes, asked) else { continue };
            if best.as_ref().is_none_or(|(before, ..)| tried.is_better_than(before)) {
                let done = tried.reads.warnings == 0 && tried.reads.figures > 0;
                best = Some((tried, view, columns.clone()));
                if done {
                    break;
                }
            }
        }
        if best.as_ref().is_some_and(|(tried, ..)| tried.reads.warnings == 0) {
            break;
        }
    }
    let Some((tried, view, columns)) = best.filter(|(tried, ..)| tried.reads.figures > 0) else {
        return Err(NoGuess::NoFigures { name: Printable::clean(asked.name), found: seen(&views) });
    };
    let used = |at: usize| tried.draft.uses.iter().find(|(used, _)| *used == at).map(|(_, what)| *what);
    let columns: Vec<SeenColumn> = columns
        .iter()
        .map(|column| SeenColumn {
            name: Printable::clean(&column.name),
            filled: column.filled,
            values: column.distinct(),
            samples: column.samples(6).into_iter().map(Printable::clean).collect(),
            used: used(column.at),
        })
        .collect();
    let toml = page::statistics(&id, view, &columns, &tried.draft, &tried.reads, asked);
    let what = format!("{}: {}", view.what, view.size());
    Ok(tried.told(id, toml, what, columns))
}

/// The mappings that may be right for a view, the likeliest first.
fn drafts<'a>(view: &'a View, columns: &'a [Column], id: &'a str) -> impl Iterator<Item = Draft> + 'a {
    let ways = period::ways(view, columns).into_iter().take(3);
    ways.flat_map(move |when| {
        let candidates = value::candidates(columns, &when);
        let chosen: Vec<Option<usize>> =
            if when.wide { vec![None] } else { candidates.iter().copied().take(2).map(Some).collect() };
        chosen
            .into_iter()
            .map(move |chosen| draft::draft(view, columns, &when, &candidates, chosen, id))
            .collect::<Vec<_>>()
    })
}

/// What was found in place of figures, for people.
fn seen(views: &[View]) -> Printable {
    let of = |view: &View| {
        let names: Vec<&str> = view.columns.iter().take(8).map(String::as_str).collect();
        let more = if view.columns.len() > 8 { " …" } else { "" };
        format!("{} ({} rows) with the columns {}{more}", view.what, view.row_count, names.join(", "))
    };
    let found: Vec<String> = views.iter().take(2).map(of).collect();
    let found = if found.is_empty() { "it has no list of records".to_owned() } else { found.join("; ") };
    Printable::clean_to(&found, Printable::PARAGRAPH)
}

/// A mapping with what it gave.
struct Tried {
    draft: Draft,
    reads: Reads,
}

impl Tried {
    fn told(self, id: String, toml: String, what: String, columns: Vec<SeenColumn>) -> Proposal {
        let unsure = self.draft.unsure.iter().map(|text| Printable::clean(text)).collect();
        Proposal { id, kind: FeedKind::Statistics, toml, what, unsure, columns, reads: self.reads }
    }

    /// Fewer warnings for its figures; a mapping that comes later has to be clearly better, and not by giving less.
    fn is_better_than(&self, other: &Self) -> bool {
        let bad = |reads: &Reads| (reads.warnings * 1_000).checked_div(reads.figures).unwrap_or(usize::MAX);
        let gives_enough = other.reads.figures == 0 || self.reads.figures * 2 >= other.reads.figures;
        gives_enough && bad(&self.reads).saturating_add(5) < bad(&other.reads)
    }
}

fn try_out(draft: Draft, bytes: &[u8], asked: &Asked<'_>) -> Option<Tried> {
    let (_, reads) = read(&draft.mapping(), bytes, asked).ok()?;
    Some(Tried { draft, reads })
}

/// Reads a document with a mapping as the configuration would have it.
fn read(mapping: &str, bytes: &[u8], asked: &Asked<'_>) -> Result<(Decoded, Reads), String> {
    let options: FeedOptions = toml::from_str(mapping).map_err(|error| error.to_string())?;
    let reader = Reader::from_options(&options).map_err(|error| error.to_string())?;
    let feed = FeedId::new("guess");
    let source = Source {
        feed: &feed,
        base: asked.url,
        content_type: asked.content_type,
        last_modified: None,
        name: Some(asked.name.rsplit('/').next().unwrap_or(asked.name)),
        now: asked.now,
    };
    let decoded = reader.decode(bytes, &source).map_err(|error| error.to_string())?;
    let reads = Reads::of(&decoded);
    Ok((decoded, reads))
}

impl Reads {
    fn of(decoded: &Decoded) -> Self {
        let mut series: BTreeMap<&SeriesId, Line> = BTreeMap::new();
        let counts = |each: &&Observation| !matches!(each.status, Status::Filler | Status::Invalid);
        for each in decoded.observations.iter().filter(counts) {
            let line = series.entry(&each.series).or_insert_with(|| Line {
                series: each.series.clone(),
                first: each.period,
                last: each.period,
                count: 0,
                range: None,
            });
            line.first = line.first.min(each.period);
            line.last = line.last.max(each.period);
            line.count += 1;
            if let Some(value) = each.value {
                let (least, most) = line.range.unwrap_or((value, value));
                line.range = Some((least.min(value), most.max(value)));
            }
        }
        let series: Vec<Line> = series.into_values().collect();
        Self {
            figures: series.iter().map(|line| line.count).sum(),
            series,
            headlines: decoded.items.len(),
            warnings: decoded.warning_count,
            first_warning: decoded.warnings.first().map(|w| Printable::clean(&format!("{}: {}", w.place, w.what))),
        }
    }
}
