//! `report`: what happened on a watch, what is open, and what is due next, for whoever comes on. Gathered here; `text` writes it as
//! Markdown, `document` for scripts.

mod document;
mod text;

pub use document::handover_json;
pub use text::handover_text;

use crate::domain::alert::{Event, Incident, Notice, Subject};
use crate::domain::feed::{Feed, FeedHealth, FeedId, FeedState};
use crate::domain::observation::{Status, Vintage};
use crate::domain::policy_date::{LedgerEntry, PolicyDate};
use crate::domain::publication::Publication;
use crate::domain::route::{Route, SeriesId};
use crate::domain::situation::Situation;
use crate::domain::time::Period;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was stored of a watch.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// When it began.
    pub since: Timestamp,
    /// Incidents, open and ended; those that neither began nor ended in the watch may be among them.
    pub incidents: Vec<Arc<Incident>>,
    /// What was told in it.
    pub notices: Vec<Notice>,
    /// Figures that were taken in it, oldest first in each period.
    pub figures: Vec<Learned>,
    /// Series of which nothing was known before it.
    pub first_loads: BTreeSet<SeriesId>,
    /// Feeds that had brought something before it.
    pub asked_before: BTreeSet<FeedId>,
}

/// A figure that was taken in a watch.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The figure.
    pub vintage: Vintage,
    /// When it was taken.
    pub taken: Timestamp,
    /// What stood for its period before.
    pub before: Option<Vintage>,
}

impl Learned {
    /// The figure that it corrects. One of a running period is not corrected when that goes on.
    fn corrects(&self) -> Option<&Vintage> {
        let before = self.before.as_ref().filter(|before| before.observation.status != Status::Partial)?;
        (before.observation.value != self.vintage.observation.value).then_some(before)
    }

    /// Whether it is the first whole figure of its period, or of a period that runs.
    fn is_new(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.observation.status == Status::Partial)
    }
}

/// The new figures of a series.
struct NewFigures<'a> {
    series: &'a SeriesId,
    /// How many periods.
    count: usize,
    first: Period,
    /// The newest period, as it was last published in the watch.
    newest: &'a Learned,
    /// Whether nothing of the series was known before.
    first_load: bool,
}

/// What moved of a policy date: the entry, and what stood before.
struct Moved<'a> {
    date: &'a PolicyDate,
    before: Option<&'a LedgerEntry>,
    entry: &'a LedgerEntry,
}

/// A feed that does not answer as it should, or that did not and does again.
struct FeedLine<'a> {
    feed: &'a Feed,
    state: FeedState,
    health: Option<&'a FeedHealth>,
}

/// A figure that is to come.
struct Due<'a> {
    series: &'a SeriesId,
    next: Publication,
}

/// All of it, put in order.
struct Handover<'a> {
    situation: &'a Situation,
    since: Timestamp,
    /// Each with what was told then, where it was told: its reason may be another one by now.
    fired: Vec<(&'a Arc<Incident>, Option<&'a Notice>)>,
    escalated: Vec<(&'a Notice, Option<&'a Arc<Incident>>)>,
    ended: Vec<(&'a Arc<Incident>, Timestamp, Event)>,
    open: Vec<&'a Arc<Incident>>,
    revised: Vec<(&'a Learned, &'a Vintage)>,
    new: Vec<NewFigures<'a>>,
    moved: Vec<Moved<'a>>,
    feeds: Vec<FeedLine<'a>>,
    /// Overdue first, then in the order in which they are expected.
    overdue: Vec<Due<'a>>,
    due: Vec<Due<'a>>,
}

impl<'a> Handover<'a> {
    fn of(situation: &'a Situation, watch: &'a Watch) -> Self {
        let in_watch = |at: Timestamp| at >= watch.since && at <= situation.now;
        let mut fired: Vec<_> = watch.incidents.iter().filter(|incident| in_watch(incident.opened)).collect();
        // What was there at the first load is no event of the watch.
        fired.sort_by(|a, b| {
            let worst = a.first_load.cmp(&b.first_load).then(b.severity.cmp(&a.severity));
            worst.then(a.opened.cmp(&b.opened)).then(a.id.cmp(&b.id))
        });
        let told = watch.notices.iter().filter(|notice| notice.event == Event::Fired);
        let told: BTreeMap<_, _> = told.map(|notice| (&notice.incident, notice)).collect();
        let by_id: BTreeMap<_, _> = watch.incidents.iter().map(|incident| (&incident.id, incident)).collect();
        let escalated = watch.notices.iter().filter(|notice| notice.event == Event::Escalated && in_watch(notice.at));
        let ended =
            watch.incidents.iter().filter_map(|incident| incident.ended.map(|(at, event)| (incident, at, event)));
        let mut ended: Vec<_> = ended.filter(|(_, at, _)| in_watch(*at)).collect();
        ended.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.id.cmp(&b.0.id)));
        let (overdue, due) = publications(situation);
        Self {
            situation,
            since: watch.since,
            fired: fired.into_iter().map(|incident| (incident, told.get(&incident.id).copied())).collect(),
            escalated: escalated.map(|notice| (notice, by_id.get(&notice.incident).copied())).collect(),
            ended,
            open: situation.active(),
            revised: watch.figures.iter().filter_map(|learned| Some((learned, learned.corrects()?))).collect(),
            new: new_figures(watch),
            moved: moved(situation, watch.since),
            feeds: feeds(situation, watch),
            overdue,
            due,
        }
    }

    /// The route that an incident is on, where it is on one.
    fn route_of(&self, subject: &Subject) -> Option<&'a Route> {
        let catalog = &self.situation.catalog;
        match subject {
            Subject::Series(series) => catalog.route(&series.route),
            Subject::Policy(id) => catalog.policy_date(id)?.routes.iter().find_map(|route| catalog.route(route)),
            Subject::Feed(_) | Subject::Topic(_) => None,
        }
    }
}

fn new_figures(watch: &Watch) -> Vec<NewFigures<'_>> {
    let mut by_series: BTreeMap<&SeriesId, BTreeMap<Period, &Learned>> = BTreeMap::new();
    for learned in &watch.figures {
        let observation = &learned.vintage.observation;
        let of_series = by_series.entry(&observation.series).or_default();
        // A correction of what was new in this watch is the newest word on it.
        if learned.is_new() || of_series.contains_key(&observation.period) {
            of_series.insert(observation.period, learned);
        }
    }
    let new = by_series.into_iter().filter_map(|(series, periods)| {
        let (first, _) = periods.first_key_value()?;
        let (_, newest) = periods.last_key_value()?;
        let first_load = watch.first_loads.contains(series);
        Some(NewFigures { series, count: periods.len(), first: *first, newest, first_load })
    });
    new.collect()
}

fn moved(situation: &Situation, since: Timestamp) -> Vec<Moved<'_>> {
    let mut moved: Vec<Moved<'_>> = Vec::new();
    for date in &situation.catalog.policy_dates {
        let entries = situation.ledger(&date.id, situation.now);
        let news = entries.iter().enumerate().filter(|(_, entry)| !entry.first_load && entry.recorded >= since);
        moved.extend(news.map(|(at, entry)| Moved { date, before: entries[..at].last(), entry }));
    }
    moved.sort_by_key(|moved| moved.entry.recorded);
    moved
}

fn feeds<'a>(situation: &'a Situation, watch: &Watch) -> Vec<FeedLine<'a>> {
    let line = |feed: &'a Feed| {
        let health = situation.facts.health.get(&feed.id).map(AsRef::as_ref);
        FeedLine { feed, state: situation.feed_state(feed, situation.now), health }
    };
    let is_told = |line: &FeedLine<'_>| {
        let fails = line.health.is_some_and(|health| health.failures > 0);
        let changed = line.health.and_then(|health| health.since).is_some_and(|since| since >= watch.since);
        line.state != FeedState::Fresh || fails || (changed && watch.asked_before.contains(&line.feed.id))
    };
    let mut feeds: Vec<_> = situation.catalog.feeds.iter().map(line).filter(is_told).collect();
    feeds.sort_by_key(|line| std::cmp::Reverse(line.state));
    feeds
}

fn publications(situation: &Situation) -> (Vec<Due<'_>>, Vec<Due<'_>>) {
    let next = situation.facts.series.iter().filter_map(|(id, series)| {
        let spec = situation.catalog.series(id);
        let next = Publication::next(series, &spec).filter(|_| !spec.ended)?;
        Some(Due { series: id, next })
    });
    let mut all: Vec<Due<'_>> = next.collect();
    all.sort_by_key(|due| due.next.expected);
    all.into_iter().partition(|due| due.next.overdue < situation.now)
}
