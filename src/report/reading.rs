//! `feed try`: what was understood of a reply, as a document for scripts and as a table for people. Nothing is stored.

use super::json;
use super::page::Page;
use super::table::{Column, Table};
use super::words::instant;
use crate::domain::feed::FeedKind;
use crate::domain::headline::{Item, Name};
use crate::domain::observation::{Observation, Status};
use crate::domain::route::SeriesId;
use crate::domain::text::{Printable, cut, width as columns};
use crate::domain::time::Period;
use crate::domain::words::{self, many, plural};
use jiff::Timestamp;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;

/// A width that every terminal has.
const WIDTH: usize = 80;
/// People see so many series, unless they ask for all; the document has all of them.
const MOST_SERIES: usize = 20;
/// People see so many warnings of a kind.
const MOST_OF_A_KIND: usize = 5;
/// And so many headlines.
const MOST_HEADLINES: usize = 40;

/// What a reply gave, or why it gave nothing.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The feed's id; absent where a file is tried without a configuration.
    pub feed: Option<String>,
    /// Statistics or news.
    pub kind: FeedKind,
    /// Figures in the reply's order.
    pub observations: Vec<Observation>,
    /// News items in the reply's order.
    pub items: Vec<Item>,
    /// Where, what, and what to do: the first of them.
    pub warnings: Vec<[Printable; 3]>,
    /// How many warnings there were in all.
    pub warning_count: usize,
    /// Columns of the table that the mapping does not use.
    pub unused: Vec<Printable>,
    /// As of when the document says that its figures are.
    pub stated: Option<Timestamp>,
    /// Why nothing could be read at all.
    pub error: Option<Printable>,
    /// What to do next, for people.
    pub next: String,
}

impl Reading {
    /// Whether the reply had to be mended, or lost rows or items.
    const fn is_degraded(&self) -> bool {
        self.warning_count > 0
    }
}

/// The document: `feed`, `kind`, `degraded`, `observations`, `headlines`, `warnings`, `error`. The key of a headline is the
/// strongest of its names, since nothing is stored that could have minted one.
pub fn reading_json(reading: &Reading) -> String {
    let observations: Vec<Value> = reading.observations.iter().map(|each| json::observation(each).into()).collect();
    let headlines: Vec<Value> = reading
        .items
        .iter()
        .map(|each| json::item(&each.aliases.first().map(Name::to_string).unwrap_or_default(), each).into())
        .collect();
    let warning = |[place, what, remedy]: &[Printable; 3]| value!({ "where": json::text(Some(place)), "what": json::text(Some(what)), "remedy": json::text(Some(remedy)) });
    let warnings: Vec<Value> = reading.warnings.iter().map(warning).collect();
    json::document([
        ("feed", reading.feed.as_deref().map_or(Value::Null, Value::from)),
        ("kind", reading.kind.word().into()),
        ("degraded", reading.is_degraded().into()),
        ("observations", observations.into()),
        ("headlines", headlines.into()),
        ("warnings", warnings.into()),
        ("error", json::text(reading.error.as_ref())),
    ])
}

/// The same for people, in lines of at most 80 columns; `all` shows every series and every kept warning.
pub fn reading_text(reading: &Reading, all: bool) -> String {
    let mut page = Page::new(WIDTH);
    let name = reading.feed.as_deref().unwrap_or("this file");
    if let Some(error) = &reading.error {
        page.paragraph("", &format!("{name} could not be read: {error}"));
        warnings(&mut page, reading, all);
        next(&mut page, reading);
        return page.into_text();
    }
    let (mut series, statuses) = understood(&reading.observations);
    page.paragraph("", &summary(name, reading, &series));
    if !series.is_empty() {
        let largest = |each: &Understood| each.max.unwrap_or(f64::MIN);
        series.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
        series_table(&mut page, &series, all);
        let noted: Vec<String> =
            statuses.iter().map(|(status, rows)| format!("{} {}", many(*rows), status_words(*status))).collect();
        if !noted.is_empty() {
            page.paragraph("  ", &format!("of the figures: {}", noted.join("; ")));
        }
        if let Some(known) = known(reading) {
            page.paragraph("  ", &format!("known as of {known}, as the publisher says"));
        }
    }
    if !reading.items.is_empty() {
        headlines(&mut page, reading, all);
    }
    warnings(&mut page, reading, all);
    if !reading.unused.is_empty() {
        page.heading("COLUMNS NOT USED");
        let names: Vec<&str> = reading.unused.iter().map(Printable::as_str).collect();
        page.paragraph("  ", &names.join(", "));
    }
    next(&mut page, reading);
    page.into_text()
}

fn summary(name: &str, reading: &Reading, series: &[Understood]) -> String {
    let mut found = Vec::new();
    if !reading.observations.is_empty() || reading.items.is_empty() {
        let figures = series.iter().map(|each| each.count).sum();
        found.push(format!("{} in {} series", plural(figures, "figure"), many(series.len())));
    }
    if !reading.items.is_empty() {
        found.push(plural(reading.items.len(), "headline"));
    }
    found.push(if reading.warning_count == 0 {
        "no warnings".to_owned()
    } else {
        plural(reading.warning_count, "warning")
    });
    let degraded = if reading.is_degraded() { " (degraded)" } else { "" };
    format!("{name}: {}{degraded}", found.join(", "))
}

/// The series, the largest first. What all of them share is said once, above.
fn series_table(page: &mut Page, series: &[Understood], all: bool) {
    let one = |of: &dyn Fn(&Understood) -> String| {
        let first = of(&series[0]);
        series.iter().all(|each| of(each) == first).then_some(first)
    };
    let cadence = |each: &Understood| format!("by {}", each.series.cadence.word());
    let measure = |each: &Understood| each.series.measure.to_string();
    let (measure_shared, cadence_shared) = (one(&measure), one(&cadence));
    let shared: Vec<String> = [&measure_shared, &cadence_shared].into_iter().flatten().cloned().collect();
    page.heading(format!("SERIES  {}", shared.join(", ")).trim_end());
    let is_certain = series.iter().all(|each| each.status == Status::Closed);
    let mut names = vec![Column::Names("route")];
    names.extend(measure_shared.is_none().then_some(Column::Names("measure")));
    names.extend(cadence_shared.is_none().then_some(Column::Words("how often")));
    let mut figures = vec![
        Column::Words("first"),
        Column::Words("last"),
        Column::Numbers("count"),
        Column::Numbers("gaps"),
        Column::Numbers("least"),
        Column::Numbers("most"),
        Column::Numbers("latest"),
    ];
    figures.extend((!is_certain).then_some(Column::Words("status")));
    let most = if all { series.len() } else { MOST_SERIES };
    let short = shortened(series);
    let mut whole = Table::new(&[names.as_slice(), &figures].concat());
    // The route of the whole begins like the feed's own name: it may be cut where the others fit.
    const ENOUGH: usize = 12;
    let mut probe = Table::new(&[names.as_slice(), &figures].concat());
    let mut beside = Table::new(&figures);
    let mut titles = Vec::new();
    for each in series.iter().take(most) {
        let mut name = vec![short(each.series.route.as_str())];
        name.extend(measure_shared.is_none().then(|| measure(each)));
        name.extend(cadence_shared.is_none().then(|| cadence(each)));
        let mut cells = vec![
            Some(each.first.label()),
            Some(each.last.label()),
            Some(many(each.count)),
            Some(many(each.gaps)),
            each.min.map(words::count),
            each.max.map(words::count),
            each.latest.map(words::count),
        ];
        let word = if each.status == Status::Closed { "" } else { each.status.word() };
        cells.extend((!is_certain).then(|| Some(word.to_owned())));
        titles.push(name.join(", "));
        beside.row(cells.clone());
        let mut cut_name = name.clone();
        if !name[0].contains('/') {
            cut_name[0] = cut(&name[0], ENOUGH, "…");
        }
        probe.row(cut_name.into_iter().map(Some).chain(cells.clone()));
        whole.row(name.into_iter().map(Some).chain(cells));
    }
    if probe.fits(WIDTH) {
        page.table(&whole);
    } else {
        // Names too long to stand beside their figures stand above them.
        page.table_under(&beside, &titles);
    }
    if series.len() > most {
        page.paragraph("  ", &format!("… and {} more; --all shows them", many(series.len() - most)));
    }
}

/// As of when the figures are, where the document or its rows say so: one instant, or from which to which.
fn known(reading: &Reading) -> Option<String> {
    let own = || reading.observations.iter().filter_map(|each| each.published);
    let (first, last) = (own().min().or(reading.stated)?, own().max().or(reading.stated)?);
    Some(if first == last { instant(first) } else { format!("{} to {}", instant(first), instant(last)) })
}

/// Routes as the table shows them: where long ones all begin alike, what is their own shows better alone.
fn shortened(series: &[Understood]) -> impl Fn(&str) -> String {
    const LONG: usize = 20;
    let begins = |route: &str| route.split_once('/').map(|(begin, _)| begin.to_owned());
    let all: Vec<String> = series.iter().filter_map(|each| begins(each.series.route.as_str())).collect();
    let shared = all.first().filter(|first| all.len() > 1 && all.iter().all(|begin| begin == *first)).cloned();
    let is_long = series.iter().any(|each| columns(each.series.route.as_str()) > LONG);
    move |route| match route.split_once('/') {
        Some((begin, own)) if is_long && shared.as_deref() == Some(begin) => format!("…/{own}"),
        _ => route.to_owned(),
    }
}

fn headlines(page: &mut Page, reading: &Reading, all: bool) {
    page.heading("HEADLINES");
    let most = if all { reading.items.len() } else { MOST_HEADLINES };
    for item in reading.items.iter().take(most) {
        let at = item.published.or(item.updated).map_or_else(|| "undated".to_owned(), instant);
        page.line(&format!("  {at:<20}  {}", item.title));
    }
    if reading.items.len() > most {
        page.paragraph("  ", &format!("… and {} more; --all shows them", many(reading.items.len() - most)));
    }
}

/// Warnings by what to do about them: where and what in two columns, the remedy once below.
fn warnings(page: &mut Page, reading: &Reading, all: bool) {
    if reading.warnings.is_empty() {
        return;
    }
    page.heading("WARNINGS");
    let mut kinds: Vec<(&Printable, Vec<(&Printable, &Printable)>)> = Vec::new();
    for [place, what, remedy] in &reading.warnings {
        match kinds.iter_mut().find(|(known, _)| *known == remedy) {
            Some((_, list)) => list.push((place, what)),
            None => kinds.push((remedy, vec![(place, what)])),
        }
    }
    let most = if all { usize::MAX } else { MOST_OF_A_KIND };
    let mut shown = 0;
    let places = kinds.iter().flat_map(|(_, list)| list.iter().take(most)).map(|(place, _)| place.width());
    let width = places.max().unwrap_or(0).clamp(8, 32);
    for (remedy, list) in &kinds {
        for (place, what) in list.iter().take(most) {
            page.pair("  ", place.as_str(), width, what.as_str());
            shown += 1;
        }
        if list.len() > most {
            page.pair("  ", "", width, &format!("… and {} more of the same", many(list.len() - most)));
            shown += list.len() - most;
        }
        page.pair("  ", "", width, &format!("→ {remedy}"));
    }
    if reading.warning_count > shown {
        let more = many(reading.warning_count - shown);
        page.paragraph("  ", &format!("… and {more} warnings beyond the first of each kind"));
    }
}

fn next(page: &mut Page, reading: &Reading) {
    if !reading.next.is_empty() {
        page.line("");
        page.paragraph("", &format!("Next: {}", reading.next));
    }
}

/// For each feed the columns that its mapping leaves unread, and apart from them why a table could not be looked at; nothing where there
/// is nothing to say. No fault: somebody may have forgotten one.
pub fn columns_text(feeds: &[(String, Result<Vec<Printable>, Printable>)]) -> String {
    let (mut unread, mut unseen) = (Vec::new(), Vec::new());
    for (feed, found) in feeds {
        match found {
            Ok(unused) if unused.is_empty() => {}
            Ok(unused) => {
                unread.push((feed.as_str(), unused.iter().map(Printable::as_str).collect::<Vec<_>>().join(", ")));
            }
            Err(why) => unseen.push((feed.as_str(), why.to_string())),
        }
    }
    let mut page = Page::new(WIDTH);
    let unread_of = "Columns that no mapping reads (no fault, unless one was forgotten):";
    let unseen_of = "Tables that could not be looked at (the mapping may be right all the same):";
    for (heading, told) in [(unread_of, &unread), (unseen_of, &unseen)].into_iter().filter(|(_, told)| !told.is_empty())
    {
        if !page.is_empty() {
            page.line("");
        }
        page.line(heading);
        let width = told.iter().map(|(feed, _)| columns(feed)).max().unwrap_or(0).min(30);
        for (feed, said) in told {
            page.pair("  ", feed, width, said);
        }
    }
    page.into_text()
}

/// One series as it was understood.
#[derive(Clone, Debug, PartialEq)]
struct Understood {
    /// Which series.
    series: SeriesId,
    /// The first period.
    first: Period,
    /// The last period.
    last: Period,
    /// The value of the last period; the later row where it stands twice.
    latest: Option<f64>,
    /// How certain that one is.
    status: Status,
    /// Periods that have an observation.
    count: usize,
    /// Periods between the first and the last that have none.
    gaps: usize,
    /// The smallest value.
    min: Option<f64>,
    /// The largest value.
    max: Option<f64>,
}

/// The series of a reading, in their order; and how many rows have which status other than closed.
fn understood(observations: &[Observation]) -> (Vec<Understood>, BTreeMap<Status, usize>) {
    let mut statuses = BTreeMap::new();
    let mut series: BTreeMap<&SeriesId, BTreeMap<Period, (Option<f64>, Status)>> = BTreeMap::new();
    for observation in observations {
        if observation.status != Status::Closed {
            *statuses.entry(observation.status).or_default() += 1;
        }
        if !matches!(observation.status, Status::Filler | Status::Invalid) {
            series
                .entry(&observation.series)
                .or_default()
                .insert(observation.period, (observation.value, observation.status));
        }
    }
    let understood = series.into_iter().filter_map(|(id, points)| {
        let (first, last) = (*points.first_key_value()?.0, points.last_key_value()?);
        let span = usize::try_from(last.0.index() - first.index() + 1).unwrap_or(points.len());
        let values = || points.values().filter_map(|(value, _)| *value);
        Some(Understood {
            series: id.clone(),
            first,
            last: *last.0,
            latest: last.1.0,
            status: last.1.1,
            count: points.len(),
            gaps: span - points.len(),
            min: values().reduce(f64::min),
            max: values().reduce(f64::max),
        })
    });
    (understood.collect(), statuses)
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::Closed => "closed",
        Status::Break => "counted in another way than those before",
        Status::Provisional => "provisional",
        Status::Partial => "of a running period",
        Status::Suppressed => "withheld by the publisher",
        Status::Filler => "zero for a period not reached yet, not taken",
        Status::Invalid => "no figure, not taken",
    }
}
