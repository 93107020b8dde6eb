//! Verbs on alerts: rule kinds, one file each, and the lifecycle that knows no kinds. Depends on the domain only.
//!
//! A kind for series yields verdicts period by period; a clock kind yields spells with instants computed
//! from facts, and says when it would next change. To add a kind: its file, and its line in [`KINDS`].

mod clock_kinds;
mod date_changed;
mod lifecycle;
mod options;
mod presets;
mod ratio;
mod stale;
mod sums;
#[cfg(test)]
mod tests;
mod threshold;
mod year_on_year;
mod year_to_date;

pub use options::{RuleError, RuleOptions};
pub use presets::presets;

use crate::domain::alert::{Decision, Evaluation, Incident, Judgement, RuleId, Severity, Subject};
use crate::domain::route::{Measure, RouteId, SeriesId, SeriesSpec};
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts, Threshold};
use crate::domain::text::Printable;
use crate::domain::time::Cadence;
use clock_kinds::ClockKind;
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
    make: fn(&RuleOptions) -> Result<What, RuleError>,
}

/// Every kind there is.
pub const KINDS: &[Kind] =
    &[threshold::ABOVE, threshold::BELOW, year_on_year::KIND, year_to_date::KIND, stale::KIND, date_changed::KIND];

/// What a series kind does.
trait SeriesKind: Debug + Send + Sync {
    /// The rule in words.
    fn text(&self) -> String;
    /// Verdicts for every period from the series' first to its newest, in order; a running period only where it is up.
    fn evaluate(&self, series: &Series, spec: &SeriesSpec) -> Vec<Evaluation>;
    /// The fire threshold in the series' unit, and whether it fires above, where there is one fixed line.
    fn line(&self) -> Option<(f64, bool)> {
        None
    }
}

#[derive(Clone, Debug)]
enum What {
    Series(Arc<dyn SeriesKind>),
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
    for rule in rules {
        match &rule.what {
            What::Series(kind) => {
                for (id, series) in facts.series.iter().filter(|(id, _)| rule.selector.matches(id)) {
                    if touched.is_none_or(|touched| touched.contains(id)) {
                        let spec = catalog.series(id);
                        let evaluations = kind.evaluate(series, &spec);
                        let name = subject_name(catalog, &Subject::Series(id.clone()));
                        lifecycle::decide_series(rule, &name, series, &evaluations, facts, cause, now, &mut decision);
                    }
                }
            }
            What::Clock(kind) => {
                for subject in kind.subjects(&rule.selector, catalog, facts) {
                    let spell = kind.spell(&subject, catalog, facts, now);
                    let name = subject_name(catalog, &subject);
                    lifecycle::decide_clock(
                        rule,
                        &name,
                        kind.tells_end(),
                        &subject,
                        spell,
                        facts,
                        cause,
                        now,
                        &mut decision,
                    );
                }
            }
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
        What::Series(_) => None,
    });
    let changes = clocks.flat_map(|(rule, kind)| {
        let subjects = kind.subjects(&rule.selector, catalog, facts);
        subjects.into_iter().filter_map(|subject| kind.next_change(&subject, catalog, facts, now)).collect::<Vec<_>>()
    });
    changes.filter(|at| *at > now).min()
}

/// Every verdict of a rule on a series, for charts and for trying a rule out.
pub fn evaluate(rule: &Rule, series: &Series, spec: &SeriesSpec) -> Vec<Evaluation> {
    match &rule.what {
        What::Series(kind) => kind.evaluate(series, spec),
        What::Clock(_) => Vec::new(),
    }
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
    };
    if matches!(subject, Subject::Feed(_)) { format!("feed {name}") } else { name }
}

/// The one open incident of a rule on a subject, if there is one.
fn open_incident<'a>(facts: &'a Facts, rule: &RuleId, subject: &Subject) -> Option<&'a Arc<Incident>> {
    facts
        .incidents
        .values()
        .find(|incident| incident.is_open() && incident.rule == *rule && incident.subject == *subject)
}

/// Adds a judgement where it differs from the one that is known.
fn judge(judgement: Judgement, facts: &Facts, decision: &mut Decision) {
    let key = (judgement.rule.clone(), judgement.subject.clone());
    if facts.judgements.get(&key).is_none_or(|old| **old != judgement) {
        decision.judgements.push(judgement);
    }
}
