//! `check`: the picture as a monitoring plugin tells it. One line with the state, the numbers behind a bar, then a line for each thing that
//! the state rests on. What cannot be told is never fine.

use super::perfdata::{Perfdata, Unit};
use super::state::Figures;
use super::status_text::{alert_line, handled_words, subject_words};
use super::words::instant;
use crate::domain::alert::{Incident, RuleId, Severity, Subject, Verdict};
use crate::domain::feed::{Feed, FeedId, FeedState};
use crate::domain::policy_date::{Clock, LedgerEntry};
use crate::domain::route::RouteId;
use crate::domain::situation::{Mode, Situation};
use crate::domain::text::Printable;
use crate::domain::words::plural;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// So many lines are shown of one sort: monitoring systems cut what is long, and the worst stand first.
const MOST: usize = 20;
/// The figures of so many series are given as numbers.
const MOST_FIGURES: usize = 50;
/// A check that lies further ahead than this was made by another clock.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// What a monitoring system is told, in the order of the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is wrong, and that is proven.
    Ok,
    /// A warning fires, or a feed is doubtful.
    Warning,
    /// A critical alert fires.
    Critical,
    /// It cannot be told.
    Unknown,
}

impl State {
    /// The exit status of plugins.
    pub const fn status(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// The word of the first line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The worse of two. What cannot be told is worse than a warning: a warning may stand for a year, and must not hide that nobody
    /// looks any more.
    pub fn worse(self, other: Self) -> Self {
        let rank = |state| match state {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Unknown => 2,
            Self::Critical => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only alerts and verdicts on this route.
    pub route: Option<RouteId>,
    /// Only those of this rule.
    pub rule: Option<RuleId>,
    /// The rules that there are: a verdict of one that was taken out says nothing any more.
    pub rules: BTreeSet<RuleId>,
    /// The feeds on which the answer rests.
    pub feeds: BTreeSet<FeedId>,
    /// Whether acknowledged alerts are shown only.
    pub ignore_acknowledged: bool,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How it stands.
    pub state: State,
    /// What is printed.
    pub text: String,
}

/// That nothing can be told, and why: the first line of the reason stands in the first line.
pub fn cannot_tell(why: &str) -> Checked {
    let mut lines = why.lines().map(plain).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_else(|| "no reason given".to_owned());
    let rest: String = lines.map(|line| format!("{line}\n")).collect();
    Checked { state: State::Unknown, text: format!("WATCHFLOOR UNKNOWN - {first}\n{rest}") }
}

/// How things stand at `now`, as far as they are looked at.
pub fn check(situation: &Situation, scope: &Scope, now: Timestamp) -> Checked {
    let look = Look { situation, scope, now };
    let alerts = look.alerts();
    let doubts = look.doubts();
    let doubtful = look.doubtful_feeds();
    let fired = alerts.iter().map(|incident| look.state_of(incident)).fold(State::Ok, State::worse);
    let state = if doubts.is_empty() { fired } else { fired.worse(State::Unknown) };
    let state = if doubtful.is_empty() { state } else { state.worse(State::Warning) };

    let details = [
        shown(alerts.iter().map(|incident| look.alert_words(incident)), "alerts"),
        shown(doubts.iter().map(|doubt| format!("unknown: {}", doubt.words)), "things that cannot be told"),
        shown(doubtful.iter().map(|words| format!("warning: {words}")), "doubtful feeds"),
    ];
    let first = look.first_line(&alerts, &doubts, &doubtful);
    let numbers = look.numbers(&alerts, &doubts, doubtful.len());
    let first = format!("WATCHFLOOR {} - {} | {}\n", state.word(), plain(&first), numbers.text());
    Checked { state, text: first + &details.concat() }
}

/// Why something cannot be told: its sort, of which the first line counts, and itself.
struct Doubt {
    sort: Sort,
    words: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Collector,
    Feed(FeedState),
    Verdict,
}

struct Look<'a> {
    situation: &'a Situation,
    scope: &'a Scope,
    now: Timestamp,
}

impl Look<'_> {
    fn is_looked_at(&self, rule: &RuleId, subject: &Subject) -> bool {
        self.scope.rule.as_ref().is_none_or(|asked| asked == rule) && self.is_on_route(subject)
    }

    fn is_on_route(&self, subject: &Subject) -> bool {
        let Some(route) = &self.scope.route else { return true };
        match subject {
            Subject::Series(series) => series.route == *route,
            Subject::Feed(feed) => self.scope.feeds.contains(feed),
            Subject::Policy(id) => {
                self.situation.catalog.policy_date(id).is_some_and(|date| date.routes.contains(route))
            }
            // Headlines speak of no route.
            Subject::Topic(_) => false,
        }
    }

    /// Active alerts, worst first.
    fn alerts(&self) -> Vec<&Arc<Incident>> {
        let active = self.situation.active().into_iter();
        active.filter(|incident| self.is_looked_at(&incident.rule, &incident.subject)).collect()
    }

    fn state_of(&self, incident: &Incident) -> State {
        match incident.severity {
            _ if self.scope.ignore_acknowledged && incident.in_hand(self.now).is_some() => State::Ok,
            Severity::Info => State::Ok,
            Severity::Warning => State::Warning,
            Severity::Critical => State::Critical,
        }
    }

    fn alert_words(&self, incident: &Incident) -> String {
        format!(
            "{}: {} ({})",
            incident.severity,
            alert_line(incident, self.situation),
            handled_words(incident, self.now)
        )
    }

    /// The feeds on which the answer rests, each with its state.
    fn feeds(&self) -> impl Iterator<Item = (&Feed, FeedState)> {
        let counted = self.situation.catalog.feeds.iter().filter(|feed| self.scope.feeds.contains(&feed.id));
        counted.map(|feed| (feed, self.situation.feed_state(feed, self.now)))
    }

    fn doubts(&self) -> Vec<Doubt> {
        let mut doubts: Vec<Doubt> = self.collector().into_iter().collect();
        doubts.extend(self.feeds().filter_map(|(feed, state)| {
            let counts = matches!(state, FeedState::Waiting | FeedState::Stale | FeedState::Failing);
            counts.then(|| Doubt { sort: Sort::Feed(state), words: self.feed_words(feed, state) })
        }));
        doubts.extend(self.verdicts().into_iter().map(|words| Doubt { sort: Sort::Verdict, words }));
        doubts
    }

    /// That nobody collects, or by another clock, or that there is nothing to collect.
    fn collector(&self) -> Option<Doubt> {
        let doubt = |words: String| Some(Doubt { sort: Sort::Collector, words });
        let checks = self.situation.facts.health.values().filter_map(|health| health.checked);
        let newest = checks.max();
        if self.scope.feeds.is_empty() {
            let remedy = "so nothing can be known: add a [[feed]]";
            return doubt(match &self.scope.route {
                Some(route) => format!("no feed brings figures of {route}, {remedy}"),
                None => format!("no feed is configured, {remedy}"),
            });
        }
        if let Some(ahead) = newest.filter(|newest| newest.duration_since(self.now) > AHEAD) {
            return doubt(format!(
                "this machine's clock says {}, the store holds a check of {}: set it by NTP",
                instant(self.now),
                instant(ahead)
            ));
        }
        let is_held = !matches!(&self.situation.mode, Mode::Viewer { collector: None });
        if !is_held && let Some(date) = self.unjudged(newest) {
            return doubt(format!("a change of {date} was written since the last round, and nobody has judged it yet"));
        }
        // One that was added since the last round of a scheduler only waits.
        let too_old = newest.is_none() || self.feeds().any(|(_, state)| state == FeedState::Stale);
        if is_held || !too_old {
            return None;
        }
        let last = newest
            .map_or_else(|| "no feed was ever asked".to_owned(), |at| format!("the last check was {}", instant(at)));
        doubt(format!("nobody collects, {last}: start `watchfloor --headless`; `watchfloor doctor` says more"))
    }

    /// A policy date whose ledger a person has written to since a feed was last asked, and with it the rules.
    fn unjudged(&self, newest: Option<Timestamp>) -> Option<&str> {
        let dates = self.situation.catalog.policy_dates.iter();
        let mut looked_at = dates.filter(|date| self.is_on_route(&Subject::Policy(date.id.clone())));
        let incidents = || self.situation.facts.incidents.values();
        let unjudged = looked_at.find(|date| {
            let is_unjudged = |entry: &LedgerEntry| {
                let is_newer = newest.is_none_or(|newest| entry.recorded > newest);
                let told = |incident: &Incident| {
                    incident.subject == Subject::Policy(date.id.clone()) && incident.opened >= entry.recorded
                };
                !entry.first_load && is_newer && !incidents().any(|incident| told(incident))
            };
            self.situation.ledger(&date.id, self.now).iter().any(is_unjudged)
        });
        unjudged.map(|date| date.name.as_str())
    }

    fn feed_words(&self, feed: &Feed, state: FeedState) -> String {
        let health = self.situation.facts.health.get(&feed.id);
        let since = health.and_then(|health| health.since).filter(|_| state != FeedState::Stale);
        let since = since.map_or_else(String::new, |at| format!(" since {}", instant(at)));
        let last = health.and_then(|health| health.success);
        let last =
            last.map_or_else(|| "no good answer yet".to_owned(), |at| format!("last good answer {}", instant(at)));
        let why = health.and_then(|health| health.error.as_ref().or(health.degraded.as_ref()));
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let word = if state == FeedState::Degraded { "doubtful" } else { state.word() };
        format!("feed {} is {word}{since}, {last}{why}", feed.name)
    }

    /// Feeds that answer, of which something could not be read.
    fn doubtful_feeds(&self) -> Vec<String> {
        let degraded = self.feeds().filter(|(_, state)| *state == FeedState::Degraded);
        degraded.map(|(feed, state)| self.feed_words(feed, state)).collect()
    }

    /// Verdicts that cannot be told, or are frozen, and subjects of which nothing is known.
    fn verdicts(&self) -> Vec<String> {
        let facts = &self.situation.facts;
        let judged = || facts.judgements.values().filter(|judged| self.is_looked_at(&judged.rule, &judged.subject));
        let in_force = judged().filter(|judged| self.scope.rules.contains(&judged.rule));
        let unknown = in_force.filter(|judged| judged.evaluation.verdict == Verdict::Unknown);
        let mut words: Vec<String> = unknown
            .map(|judged| {
                let what = subject_words(&judged.subject, self.situation);
                let how = if judged.phase.is_active() { "is frozen" } else { "cannot tell" };
                format!("{what}: rule {} {how}: {}", judged.rule, judged.evaluation.reason)
            })
            .collect();
        let described = self.situation.catalog.routes.iter().flat_map(|route| &route.series);
        // What looks at policy dates needs no figures.
        let on_dates = |subject: &Subject| matches!(subject, Subject::Policy(_));
        let needs_figures = self.scope.rule.is_none() || !judged().all(|judged| on_dates(&judged.subject));
        let described = described.filter(|_| needs_figures);
        let silent = described.filter(|spec| !spec.ended && !facts.series.contains_key(&spec.id));
        let silent = silent.map(|spec| Subject::Series(spec.id.clone())).filter(|subject| self.is_on_route(subject));
        words.extend(silent.map(|subject| format!("{}: no figures yet", subject_words(&subject, self.situation))));
        let has_series = facts.series.keys().any(|id| self.is_on_route(&Subject::Series(id.clone())));
        if judged().next().is_none() && (has_series || self.scope.rule.is_some()) {
            let rule = self.scope.rule.as_ref().map_or_else(|| "any rule".to_owned(), |rule| format!("rule {rule}"));
            let on = self.scope.route.as_ref().map_or_else(String::new, |route| format!(" on {route}"));
            words.push(format!(
                "no verdict of {rule}{on}: it looks at nothing there, or nobody has collected since it was added"
            ));
        }
        words
    }

    /// How many of what, then the worst of it.
    fn first_line(&self, alerts: &[&Arc<Incident>], doubts: &[Doubt], doubtful: &[String]) -> String {
        let mut counts: Vec<String> = [Severity::Critical, Severity::Warning, Severity::Info]
            .into_iter()
            .filter_map(|severity| {
                let count = count(alerts, |incident| incident.severity == severity);
                let word = if severity == Severity::Warning {
                    plural(count, "warning")
                } else {
                    format!("{count} {severity}")
                };
                (count > 0).then_some(word)
            })
            .collect();
        if counts.is_empty() {
            let is_proven = doubts.is_empty() && doubtful.is_empty();
            counts.push(if is_proven { "no alerts" } else { "nothing firing" }.to_owned());
        }
        match count(alerts, |incident| incident.in_hand(self.now).is_some()) {
            0 => {}
            acknowledged => counts.push(format!("{acknowledged} of them acknowledged")),
        }
        let mut sorts = Vec::new();
        let of = |sort: Sort| doubts.iter().filter(|doubt| doubt.sort == sort).count();
        for state in [FeedState::Failing, FeedState::Stale, FeedState::Waiting] {
            let count = of(Sort::Feed(state));
            if count > 0 {
                sorts.push(format!("{} {state}", plural(count, "feed")));
            }
        }
        if !doubtful.is_empty() {
            sorts.push(format!("{} doubtful", plural(doubtful.len(), "feed")));
        }
        match of(Sort::Verdict) {
            0 => {}
            1 => sorts.push("1 verdict cannot be told".to_owned()),
            more => sorts.push(format!("{more} verdicts cannot be told")),
        }
        let counts = counts.join(", ");
        let sorts = if sorts.is_empty() { String::new() } else { format!("; {}", sorts.join(", ")) };
        let line = |incident: &&Arc<Incident>| alert_line(incident, self.situation);
        let loud = alerts.iter().find(|incident| self.state_of(incident) != State::Ok).map(line);
        let collector = doubts.iter().find(|doubt| doubt.sort == Sort::Collector).map(|doubt| doubt.words.clone());
        let doubt = doubts.first().map(|doubt| doubt.words.clone());
        let said = match (loud, collector) {
            (Some(loud), Some(collector)) => Some(format!("{loud}; {collector}")),
            (loud, _) => loud.or(doubt).or_else(|| doubtful.first().cloned()).or_else(|| alerts.first().map(line)),
        };
        match said {
            Some(said) => format!("{counts}{sorts}: {said}"),
            None => {
                let proof = self.situation.calm(self.now).proof;
                let proof = proof.map_or_else(String::new, |at| format!(", last proof {}", instant(at)));
                let (feeds, fresh) = self.fresh();
                format!("{counts}; {fresh} of {feeds} feeds fresh{proof}")
            }
        }
    }

    /// How many feeds count, and how many of them are fresh.
    fn fresh(&self) -> (usize, usize) {
        let fresh = self.feeds().filter(|(_, state)| state.is_proof()).count();
        (self.feeds().count(), fresh)
    }

    fn numbers(&self, alerts: &[&Arc<Incident>], doubts: &[Doubt], doubtful: usize) -> Perfdata {
        let mut data = Perfdata::default();
        #[expect(clippy::cast_precision_loss, reason = "nobody has so many of them")]
        let mut add = |label: &str, number: usize, max| data.add(label, number as f64, Unit::Count, max);
        for severity in [Severity::Critical, Severity::Warning, Severity::Info] {
            add(severity.word(), count(alerts, |incident| incident.severity == severity), None);
        }
        add("acknowledged", count(alerts, |incident| incident.in_hand(self.now).is_some()), None);
        let (feeds, fresh) = self.fresh();
        add("feeds_fresh", fresh, Some(feeds));
        add("feeds_doubtful", doubtful, Some(feeds));
        add("cannot_tell", doubts.len(), None);
        let health = |(feed, _): (&Feed, _)| self.situation.facts.health.get(&feed.id)?.success;
        let proofs: Option<Vec<Timestamp>> = self.feeds().map(health).collect();
        let mut seconds =
            |label: &str, length: SignedDuration| data.add(label, length.as_secs_f64().trunc(), Unit::Seconds, None);
        // Where a feed never answered there is no age.
        if let Some(oldest) = proofs.and_then(|proofs| proofs.into_iter().min()) {
            seconds("oldest_proof", self.now.duration_since(oldest));
        }
        for (date, standing) in self.situation.policy_dates(self.now) {
            if !self.is_on_route(&Subject::Policy(date.id.clone())) {
                continue;
            }
            match standing.clock {
                Clock::Until(left) => seconds(&format!("date {}", date.id), left),
                Clock::Since { ago, .. } => seconds(&format!("date {}", date.id), -ago),
                Clock::Held(_) | Clock::Open => {}
            }
        }
        let described = self.situation.catalog.routes.iter().flat_map(|route| &route.series);
        let figures = described.filter(|spec| self.is_on_route(&Subject::Series(spec.id.clone()))).filter_map(|spec| {
            let latest = Figures::of(self.situation.facts.series.get(&spec.id).map(AsRef::as_ref)).latest?;
            Some((&spec.id, latest.value?))
        });
        for (id, value) in figures.take(MOST_FIGURES) {
            data.add(&id.to_string(), value, Unit::Count, None);
        }
        data
    }
}

fn count(alerts: &[&Arc<Incident>], counts: impl Fn(&Incident) -> bool) -> usize {
    alerts.iter().filter(|incident| counts(incident)).count()
}

/// A line each, the first of many.
fn shown(lines: impl ExactSizeIterator<Item = String>, what: &str) -> String {
    let more = lines.len().saturating_sub(MOST);
    let mut text: String = lines.take(MOST).map(|line| format!("{}\n", plain(&line))).collect();
    if more > 0 {
        text.push_str(&format!("… and {more} more {what}; `watchfloor status` shows how things stand\n"));
    }
    text
}

/// One line in which no bar begins the numbers.
fn plain(text: &str) -> String {
    Printable::clean_to(text, Printable::PARAGRAPH).as_str().replace('|', "/")
}
