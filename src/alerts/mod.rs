//! Verbs on alerts: rule kinds, one file each, and the lifecycle that knows no kinds. Depends on the domain only.
//!
//! A kind for series yields verdicts period by period; a clock kind yields spells with instants computed
//! from facts, and says when it would next change; a compound counts other rules. To add a kind: its file, and its line in
//! [`KINDS`].

mod baseline;
mod board;
mod burst;
mod change;
mod clock_kinds;
mod compound;
mod course;
mod date_changed;
mod deadline;
mod ears;
mod keyword;
mod lifecycle;
mod link;
mod options;
mod percentile;
mod presets;
mod ratio;
mod record;
mod stale;
mod sums;
mod suspect;
mod tails;
#[cfg(test)]
mod tests;
mod threshold;
mod year_on_year;
mod year_to_date;

pub use link::{LinkError, link};
pub use options::{RuleError, RuleOptions};
pub use presets::presets;

use crate::domain::alert::{Decision, Evaluation, Judgement, RuleId, Severity, Subject};
use crate::domain::route::{Measure, RouteId, SeriesId, SeriesSpec};
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts, Threshold};
use crate::domain::text::Printable;
use crate::domain::time::Cadence;
use board::Board;
use clock_kinds::ClockKind;
use compound::Compound;
use course::Course;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

/// A kind of rule, as a table has it.
pub struct Kind {
    /// The word of configuration.
    pub word: &'static str,
    /// What it watches for, for help.
    pub sentence: &'static str,
    /// The parameters that it takes, beside those that every rule takes.
    pub parameters: &'static [&'static str],
    /// How bad it is where the rule does not say.
    severity: Severity,
    /// Clear periods that it takes beyond the first where the rule does not say.
    keep: u32,
    make: fn(&RuleOptions) -> Result<What, RuleError>,
}

/// Every kind there is.
pub const KINDS: &[Kind] = &[
    threshold::ABOVE,
    threshold::BELOW,
    change::KIND,
    year_on_year::KIND,
    year_to_date::KIND,
    record::KIND,
    ears::KIND,
    compound::ALL,
    compound::ANY,
    compound::AT_LEAST,
    keyword::KIND,
    burst::KIND,
    stale::KIND,
    suspect::KIND,
    deadline::KIND,
    date_changed::KIND,
];

/// What a series kind does.
trait SeriesKind: Debug + Send + Sync {
    /// The rule in words.
    fn text(&self) -> String;
    /// Verdicts for every period from the series' first to its newest, in order; a running period only where it is up.
    fn course<'a>(&'a self, series: &'a Series, spec: &'a SeriesSpec) -> Course<'a>;
    /// The fire threshold in the series' unit, and whether it fires above, where there is one fixed line.
    fn line(&self) -> Option<(f64, bool)> {
        None
    }
}

#[derive(Clone, Debug)]
enum What {
    Series(Arc<dyn SeriesKind>),
    Compound(Arc<Compound>),
    Clock(Arc<dyn ClockKind>),
}

/// Which series a rule looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Only this route.
    pub route: Option<RouteId>,
    /// Only this measure.
    pub measure: Option<Measure>,
    /// Only this cadence.
    pub cadence: Option<Cadence>,
}

impl Selector {
    fn matches(&self, id: &SeriesId) -> bool {
        self.route.as_ref().is_none_or(|route| *route == id.route)
            && self.measure.as_ref().is_none_or(|measure| *measure == id.measure)
            && self.cadence.is_none_or(|cadence| cadence == id.cadence)
    }
}

/// A rule: what to watch for, on what, and how sure to be.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Its kind.
    pub kind: &'static str,
    /// On what.
    pub selector: Selector,
    /// How bad a firing is.
    pub severity: Severity,
    /// Periods up before it fires.
    pub for_periods: u32,
    /// Periods clear before it ends, beyond the first.
    pub keep: u32,
    /// The rule in words.
    pub text: Printable,
    /// Hash of its meaning: another one supersedes its incidents.
    pub hash: u64,
    what: What,
}

/// Why rules are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The first load of these series, or of everything: fold silently.
    FirstLoad,
    /// New periods.
    New,
    /// A revision of what was known, perhaps with new periods beside it.
    Revision {
        /// Whether it is too small to tell anyone of.
        small: bool,
    },
    /// A batch was voided: what rested on it is retracted, and nothing that stands again is news.
    Voided,
    /// Time went on.
    Tick,
    /// A start, or other rules: what changed while nobody looked is told, what is the same is not.
    RulesChanged,
}

/// Evaluates what `touched` bears on (`None`: everything) and every clock kind, steps the open incidents, and gives what
/// differs from the facts. Deciding again on the facts with the decision gives nothing.
pub fn decide(
    rules: &[Rule],
    catalog: &Catalog,
    facts: &Facts,
    cause: Cause,
    touched: Option<&BTreeSet<SeriesId>>,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::default();
    let mut board = Board::new(rules, catalog, facts);
    for (id, series, only_compounds) in to_judge(rules, facts, touched) {
        let (spec, subject) = (catalog.series(id), Subject::Series(id.clone()));
        let name = subject_name(catalog, &subject);
        for rule in rules.iter().filter(|rule| rule.selector.matches(id)) {
            // What was not touched is judged anew where it counts what was.
            if only_compounds && !board.counts_others(rule, id) {
                continue;
            }
            if let Some(course) = board.course(rule, series, &spec) {
                lifecycle::decide_series(rule, &name, series, &course, facts, cause, now, &mut decision);
            }
        }
    }
    for rule in rules {
        let What::Clock(kind) = &rule.what else { continue };
        for subject in kind.subjects(&rule.selector, catalog, facts) {
            let spell = kind.spell(&subject, catalog, facts, now);
            let name = subject_name(catalog, &subject);
            let tells_end = kind.tells_end();
            lifecycle::decide_clock(rule, &name, tells_end, &subject, spell, facts, cause, now, &mut decision);
        }
    }
    if cause == Cause::Voided {
        lifecycle::retract_unfounded(rules, catalog, facts, now, &mut decision);
    }
    if touched.is_none() {
        lifecycle::end_orphans(rules, facts, now, &mut decision);
    }
    decision
}

/// When a clock kind would next change by itself; `None` where nothing is due.
pub fn next_change(rules: &[Rule], catalog: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
    let clocks = rules.iter().filter_map(|rule| match &rule.what {
        What::Clock(kind) => Some((rule, kind)),
        What::Series(_) | What::Compound(_) => None,
    });
    let changes = clocks.flat_map(|(rule, kind)| {
        let subjects = kind.subjects(&rule.selector, catalog, facts);
        subjects.into_iter().filter_map(|subject| kind.next_change(&subject, catalog, facts, now)).collect::<Vec<_>>()
    });
    changes.filter(|at| *at > now).min()
}

/// The series to judge: those that were touched, and for compounds alone the others of their routes, whose members they may be.
fn to_judge<'a>(
    rules: &[Rule],
    facts: &'a Facts,
    touched: Option<&BTreeSet<SeriesId>>,
) -> Vec<(&'a SeriesId, &'a Arc<Series>, bool)> {
    let Some(touched) = touched else {
        return facts.series.iter().map(|(id, series)| (id, series, false)).collect();
    };
    let compounds = rules.iter().any(|rule| matches!(rule.what, What::Compound(_)));
    if !compounds {
        return touched.iter().filter_map(|id| facts.series.get_key_value(id)).map(|(id, s)| (id, s, false)).collect();
    }
    let routes: BTreeSet<&RouteId> = touched.iter().map(|id| &id.route).collect();
    let of_routes = routes.into_iter().flat_map(|route| board::of_route(facts, route));
    of_routes.map(|(id, series)| (id, series, !touched.contains(id))).collect()
}

/// Every verdict of a rule on a series with its reason, for charts and for trying a rule out; `rules` are those that a compound may
/// count.
pub fn evaluate(rule: &Rule, rules: &[Rule], catalog: &Catalog, facts: &Facts, id: &SeriesId) -> Vec<Evaluation> {
    let Some(series) = facts.series.get(id) else { return Vec::new() };
    let (spec, mut board) = (catalog.series(id), Board::new(rules, catalog, facts));
    let Some(course) = board.course(rule, series, &spec) else { return Vec::new() };
    course.evaluations().iter().map(|evaluation| course.explained(evaluation)).collect()
}

/// The fixed lines that rules draw on charts of the series that are known by name.
pub fn thresholds(rules: &[Rule], catalog: &Catalog) -> Vec<Threshold> {
    let known: Vec<&SeriesSpec> = catalog.routes.iter().flat_map(|route| &route.series).collect();
    let mut lines = Vec::new();
    for rule in rules {
        let What::Series(kind) = &rule.what else { continue };
        let Some((fire, above)) = kind.line() else { continue };
        for spec in known.iter().filter(|spec| rule.selector.matches(&spec.id)) {
            lines.push(Threshold { series: spec.id.clone(), rule: rule.id.clone(), fire, above });
        }
    }
    lines
}

/// What people call a subject.
fn subject_name(catalog: &Catalog, subject: &Subject) -> String {
    let name = match subject {
        Subject::Series(id) => {
            catalog.route(&id.route).map(|route| route.name.to_string()).unwrap_or_else(|| id.route.to_string())
        }
        Subject::Feed(id) => catalog.feed(id).map_or_else(|| id.to_string(), |feed| feed.name.to_string()),
        Subject::Policy(id) => catalog.policy_date(id).map_or_else(|| id.to_string(), |date| date.name.to_string()),
        Subject::Topic(rule) => rule.to_string(),
    };
    if matches!(subject, Subject::Feed(_)) { format!("feed {name}") } else { name }
}

/// Adds a judgement where it differs from the one that is known.
fn judge(judgement: Judgement, facts: &Facts, decision: &mut Decision) {
    let key = (judgement.rule.clone(), judgement.subject.clone());
    if facts.judgements.get(&key).is_none_or(|old| **old != judgement) {
        decision.judgements.push(judgement);
    }
}
