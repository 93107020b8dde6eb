//! The Situation: the immutable picture of everything at an instant, of which the screen and every
//! report are functions. Its parts stand behind `Arc`, so that a copy is cheap.

use super::alert::{Incident, IncidentId, Judgement, Notice, Phase, RuleId, Severity, Subject, Verdict};
use super::change::Change;
use super::feed::{Feed, FeedHealth, FeedId, FeedState};
use super::headline::{Headline, HeadlineKey};
use super::observation::Vintage;
use super::places::Places;
use super::policy_date::{Ledger, LedgerEntry, PolicyDate, PolicyId};
use super::route::{Family, Route, RouteId, SeriesId, SeriesSpec};
use super::series::{Inserted, Series};
use super::text::Printable;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that is known of what happened: the fold of all changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The latest vintage of every series, whole.
    pub series: BTreeMap<SeriesId, Arc<Series>>,
    /// Headlines by key: as one thing, since there may be tens of thousands, and most pictures bring none.
    pub headlines: Arc<BTreeMap<HeadlineKey, Arc<Headline>>>,
    /// The last check of each feed.
    pub health: BTreeMap<FeedId, Arc<FeedHealth>>,
    /// The dated changes of each policy date.
    pub ledgers: BTreeMap<PolicyId, Arc<Ledger>>,
    /// Incidents: those that are open, and of those that have ended the newest [`Facts::ENDED`].
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// Which of them is open, of a rule on a subject.
    open: BTreeMap<(RuleId, Subject), IncidentId>,
    /// The newest verdict of each rule on each subject.
    pub judgements: BTreeMap<(RuleId, Subject), Arc<Judgement>>,
    /// The newest notices, oldest first, at most [`Facts::NOTICES`].
    pub notices: Vec<Arc<Notice>>,
}

impl Facts {
    /// How many notices the picture carries; the store keeps all.
    pub const NOTICES: usize = 200;
    /// How many incidents that have ended the picture carries, the newest ones; the store keeps all.
    pub const ENDED: usize = 500;

    /// Headlines, newest first.
    pub fn newest_headlines(&self) -> Arc<[Arc<Headline>]> {
        let mut all: Vec<_> = self.headlines.values().cloned().collect();
        all.sort_by(|a, b| b.at().cmp(&a.at()).then_with(|| a.key.cmp(&b.key)));
        all.into()
    }

    /// The one open incident of a rule on a subject, if there is one.
    pub fn open_incident(&self, rule: &RuleId, subject: &Subject) -> Option<&Arc<Incident>> {
        self.incidents.get(self.open.get(&(rule.clone(), subject.clone()))?)
    }

    /// Folds one change. Folding it twice equals folding it once. [`Change::Voided`] changes nothing here: its
    /// reader must load afresh. Nor does [`Change::Accepted`]: what was accepted comes as figures.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Vintage(vintage) => {
                self.insert(vintage);
            }
            Change::Headline(headline) => self.take_headline(headline),
            Change::Health(health) => {
                self.health.insert(health.feed.clone(), health.clone());
            }
            Change::Ledger(policy, entry) => {
                Arc::make_mut(self.ledgers.entry(policy.clone()).or_default()).insert((**entry).clone());
            }
            Change::Incident(incident) => {
                self.take_incident(incident);
            }
            Change::Notice(notice) => self.take_notice(notice),
            Change::Judgement(judgement) => {
                let key = (judgement.rule.clone(), judgement.subject.clone());
                self.judgements.insert(key, judgement.clone());
            }
            Change::Voided | Change::Accepted(_) => {}
        }
    }

    /// Takes a vintage into its series and says what that did.
    pub fn insert(&mut self, vintage: &Vintage) -> Inserted {
        let id = &vintage.observation.series;
        let series = self.series.entry(id.clone()).or_insert_with(|| Arc::new(Series::new(id.clone())));
        Arc::make_mut(series).insert(vintage)
    }

    /// A newer version replaces an older one; an older one is no news.
    fn take_headline(&mut self, headline: &Arc<Headline>) {
        let newer = self.headlines.get(&headline.key).is_none_or(|old| headline.is_newer_than(old));
        if newer {
            Arc::make_mut(&mut self.headlines).insert(headline.key.clone(), headline.clone());
        }
    }

    /// A process that runs for years sees many incidents end.
    fn take_incident(&mut self, incident: &Arc<Incident>) {
        self.incidents.insert(incident.id.clone(), incident.clone());
        let of = (incident.rule.clone(), incident.subject.clone());
        if incident.is_open() {
            self.open.insert(of, incident.id.clone());
            return;
        }
        if self.open.get(&of) == Some(&incident.id) {
            self.open.remove(&of);
        }
        let ended = || self.incidents.values().filter_map(|incident| Some((incident.ended?.0, &incident.id)));
        let oldest = if ended().count() > Self::ENDED { ended().min() } else { None };
        if let Some(id) = oldest.map(|(_, id)| id.clone()) {
            self.incidents.remove(&id);
        }
    }

    fn take_notice(&mut self, notice: &Arc<Notice>) {
        if self.notices.iter().any(|old| old.key() == notice.key()) {
            return;
        }
        self.notices.push(notice.clone());
        if self.notices.len() > Self::NOTICES {
            self.notices.remove(0);
        }
    }
}

/// A line on a chart: where a rule fires and where it clears.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Which series.
    pub series: SeriesId,
    /// Which rule.
    pub rule: RuleId,
    /// The fire threshold, in the series' unit.
    pub fire: f64,
    /// Whether it fires above (else below).
    pub above: bool,
}

/// What the configuration says there is: routes, feeds, policy dates. Order is the order on screens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Routes.
    pub routes: Vec<Route>,
    /// Feeds.
    pub feeds: Vec<Feed>,
    /// Policy dates.
    pub policy_dates: Vec<PolicyDate>,
    /// Fixed thresholds, for charts.
    pub thresholds: Vec<Threshold>,
    /// The series that mappings make from their data.
    pub families: Vec<Family>,
    /// Where each route stands in the list.
    pub places: Places,
}

impl Catalog {
    /// A route by its id.
    pub fn route(&self, id: &RouteId) -> Option<&Route> {
        self.places.find(&self.routes, id)
    }

    /// A feed by its id.
    pub fn feed(&self, id: &FeedId) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.id == *id)
    }

    /// A policy date by its id.
    pub fn policy_date(&self, id: &PolicyId) -> Option<&PolicyDate> {
        self.policy_dates.iter().find(|date| date.id == *id)
    }

    /// Adds routes and series that nobody described: a mapping's template may make them. `None` where all are known.
    pub fn with_series<'a>(&self, ids: impl Iterator<Item = &'a SeriesId>) -> Option<Self> {
        let known: BTreeSet<&SeriesId> =
            self.routes.iter().flat_map(|route| &route.series).map(|spec| &spec.id).collect();
        let unknown: Vec<&SeriesId> = ids.filter(|id| !known.contains(id)).collect();
        if unknown.is_empty() {
            return None;
        }
        let mut more = self.clone();
        let mut places: BTreeMap<RouteId, usize> =
            more.routes.iter().enumerate().map(|(at, route)| (route.id.clone(), at)).collect();
        for id in unknown {
            let at = *places.entry(id.route.clone()).or_insert_with(|| {
                more.routes.push(Route::plain(id.route.clone()));
                more.routes.len() - 1
            });
            let spec = self.plain_spec(id);
            more.routes[at].series.push(spec);
        }
        Some(more)
    }

    /// What is known of a series that nobody described: what its family says, if it is of one.
    fn plain_spec(&self, id: &SeriesId) -> SeriesSpec {
        let of_family = self.families.iter().find_map(|family| family.spec(id));
        of_family.unwrap_or_else(|| SeriesSpec::plain(id.clone()))
    }

    /// What the configuration says of a series; plain where it says nothing.
    pub fn series(&self, id: &SeriesId) -> SeriesSpec {
        self.route(&id.route)
            .and_then(|route| route.series.iter().find(|spec| spec.id == *id))
            .cloned()
            .unwrap_or_else(|| self.plain_spec(id))
    }
}

/// What kind of session a picture belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// Polling and evaluating: this instance holds the lease.
    #[default]
    Live,
    /// Following a store that another instance collects into.
    Viewer {
        /// Who holds the lease, where known.
        collector: Option<Printable>,
    },
    /// The embedded sample, on a simulated clock.
    Sample(Replay),
    /// Any other scenario, on a simulated clock.
    Replay(Replay),
}

impl Mode {
    /// The word of JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Viewer { .. } => "viewer",
            Self::Sample(_) => "sample",
            Self::Replay(_) => "replay",
        }
    }

    /// The replay, where there is one.
    pub const fn replay(&self) -> Option<&Replay> {
        match self {
            Self::Sample(replay) | Self::Replay(replay) => Some(replay),
            Self::Live | Self::Viewer { .. } => None,
        }
    }
}

/// How a replay stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The scenario's name.
    pub name: Printable,
    /// Simulated time between two pictures: no clock shows a smaller unit.
    pub step: SignedDuration,
    /// Whether it stands still because somebody paused it.
    pub paused: bool,
    /// How many times faster than the scenario's own pace, in percent: 100, 200, 50 …
    pub speed_percent: u32,
    /// Whether it is past the scenario's end, in the epilogue.
    pub epilogue: bool,
    /// What the scenario says of this moment, in the epilogue.
    pub note: Option<Printable>,
    /// Whether it has reached the end and stands still.
    pub finished: bool,
}

/// Whether facts can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum StoreState {
    /// All is well.
    #[default]
    Fine,
    /// All is well again after something that people have to know: a damaged store was put aside.
    Mended {
        /// What happened, and what to do.
        what: Printable,
    },
    /// The store does not answer, since when, and why.
    Away {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: Printable,
        /// Whether feeds are asked all the same, and how many replies wait in memory until they can be written.
        waiting: Option<usize>,
    },
}

/// The picture of everything at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// The title in the header.
    pub title: Printable,
    /// The instant of the picture, by the clock of its session.
    pub now: Timestamp,
    /// Live, viewer, sample or replay.
    pub mode: Mode,
    /// Whether facts can be kept.
    pub store: StoreState,
    /// What the configuration says there is.
    pub catalog: Arc<Catalog>,
    /// What is known.
    pub facts: Facts,
    /// Its headlines, newest first: put in order by whoever makes the picture, not by whoever draws it.
    pub newest: Arc<[Arc<Headline>]>,
}

/// How sure calm is (design section 2, promise 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Calm {
    /// Feeds configured.
    pub feeds: usize,
    /// Of those, feeds that are fresh.
    pub fresh: usize,
    /// The newest good check of any feed.
    pub proof: Option<Timestamp>,
    /// Alerts that are active.
    pub active: usize,
    /// Rules that cannot tell.
    pub unknown: usize,
}

impl Calm {
    /// Whether "no alerts" may be said without a reservation.
    pub const fn is_proven(&self) -> bool {
        self.active == 0 && self.fresh == self.feeds && self.unknown == 0
    }
}

impl Situation {
    /// Open incidents that are active, worst first, then newest first; of one instant in the order of their routes, which puts those
    /// that somebody described before those that a mapping made.
    pub fn active(&self) -> Vec<&Arc<Incident>> {
        let place = |incident: &Incident| match &incident.subject {
            Subject::Series(series) => self.catalog.places.place(&self.catalog.routes, &series.route),
            Subject::Feed(_) | Subject::Policy(_) | Subject::Topic(_) => None,
        };
        let open = self.facts.incidents.values().filter(|incident| incident.is_open() && incident.phase.is_active());
        let mut open: Vec<_> = open.map(|incident| (place(incident), incident)).collect();
        open.sort_by(|(a_place, a), (b_place, b)| {
            let newest = b.severity.cmp(&a.severity).then(b.opened.cmp(&a.opened));
            newest.then(a_place.cmp(b_place)).then(a.id.cmp(&b.id))
        });
        open.into_iter().map(|(_, incident)| incident).collect()
    }

    /// What a feed is told as at an instant.
    pub fn feed_state(&self, feed: &Feed, now: Timestamp) -> FeedState {
        feed.state(self.facts.health.get(&feed.id).map(AsRef::as_ref), now)
    }

    /// How sure calm is at an instant.
    pub fn calm(&self, now: Timestamp) -> Calm {
        let fresh = self.catalog.feeds.iter().filter(|feed| self.feed_state(feed, now).is_proof()).count();
        let cannot_tell: BTreeSet<_> = self
            .facts
            .judgements
            .iter()
            .filter(|(_, judgement)| {
                judgement.evaluation.verdict == Verdict::Unknown && judgement.phase == Phase::Inactive
            })
            .map(|((rule, subject), _)| (rule, subject))
            .collect();
        // A series that was described and of which nothing is known: no rule can tell anything of it.
        let described = self.catalog.routes.iter().flat_map(|route| &route.series).filter(|spec| !spec.ended);
        let without_figures = described.filter(|spec| !self.facts.series.contains_key(&spec.id)).count();
        Calm {
            feeds: self.catalog.feeds.len(),
            fresh,
            proof: self.facts.health.values().filter_map(|health| health.success).max(),
            active: self.active().len(),
            unknown: cannot_tell.len() + without_figures,
        }
    }

    /// The worst active severity on a route: on its series, on nothing else.
    pub fn severity_of(&self, route: &RouteId) -> Option<Severity> {
        self.active()
            .into_iter()
            .filter(|incident| matches!(&incident.subject, Subject::Series(series) if series.route == *route))
            .map(|incident| incident.severity)
            .max()
    }

    /// The series of a route that is shown first: the first described one, else the first that has values.
    pub fn main_series(&self, route: &Route) -> Option<&Arc<Series>> {
        let described = route.series.iter().find_map(|spec| self.facts.series.get(&spec.id));
        described.or_else(|| self.facts.series.iter().find(|(id, _)| id.route == route.id).map(|(_, series)| series))
    }

    /// The ledger entries of a policy date that are known at an instant.
    pub fn ledger(&self, id: &PolicyId, now: Timestamp) -> &[LedgerEntry] {
        self.facts.ledgers.get(id).map_or(&[], |ledger| ledger.known_at(now))
    }

    /// Policy dates with a standing at an instant, the one whose zero comes next first, then held ones, then the past.
    pub fn policy_dates(&self, now: Timestamp) -> Vec<(&PolicyDate, super::policy_date::Standing<'_>)> {
        use super::policy_date::Clock;
        let mut dates: Vec<_> = self
            .catalog
            .policy_dates
            .iter()
            .filter_map(|date| {
                let standing = self.facts.ledgers.get(&date.id)?.standing(&date.zone, now)?;
                Some((date, standing))
            })
            .collect();
        dates.sort_by_key(|(date, standing)| {
            let (rank, length) = match standing.clock {
                Clock::Until(left) => (0, left),
                Clock::Held(held) => (1, held),
                Clock::Since { ago, confirmed: false } => (2, ago),
                Clock::Open => (3, SignedDuration::ZERO),
                Clock::Since { ago, confirmed: true } => (4, ago),
            };
            (rank, length, date.id.clone())
        });
        dates
    }
}
