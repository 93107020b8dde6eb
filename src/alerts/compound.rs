//! Kinds `all`, `any`, `at-least` (surge.md R13): several rules that agree. Each member says yes, no or cannot tell, and so
//! does the compound (Kleene's logic): what cannot be told is never taken for a no.

use super::course::{Course, every_period};
use super::lifecycle::Folding;
use super::options::{RuleError, RuleOptions};
use super::{Kind, Rule, What};
use crate::domain::alert::{Evaluation, RuleId, Severity, Verdict};
use crate::domain::observation::Status;
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;
use crate::domain::words;
use std::rc::Rc;
use std::sync::Arc;

/// Fires when every member does.
pub const ALL: Kind = Kind {
    word: "all",
    sentence: "every rule named in `of` fires on the same series or route",
    parameters: &["of", "within", "for", "keep"],
    severity: Severity::Warning,
    keep: 0,
    make: |options| make(options, Ok),
};

/// Fires when one of the members does.
pub const ANY: Kind = Kind {
    word: "any",
    sentence: "one of the rules named in `of` fires on the same series or route",
    parameters: &["of", "within", "for", "keep"],
    severity: Severity::Warning,
    keep: 0,
    make: |options| make(options, |_| Ok(1)),
};

/// Fires when so many members do.
pub const AT_LEAST: Kind = Kind {
    word: "at-least",
    sentence: "`least` of the rules named in `of` fire on the same series or route",
    parameters: &["of", "least", "within", "for", "keep"],
    severity: Severity::Warning,
    keep: 0,
    make: |options| make(options, |members| least(options, members)),
};

fn least(options: &RuleOptions, members: usize) -> Result<usize, RuleError> {
    let most = u32::try_from(members).unwrap_or(u32::MAX);
    match RuleOptions::whole("least", options.least, 1)? {
        Some(least) if least <= most => Ok(least as usize),
        Some(least) => {
            let what = format!("{least} of {members} rules can never fire");
            Err(RuleError::new(
                "least",
                what,
                format!("write a number from 1 to {members}, or name more rules in `of`"),
            ))
        }
        None => Err(RuleError::new("least", "it is missing", "say how many of the rules in `of` must fire")),
    }
}

fn make(options: &RuleOptions, least: impl Fn(usize) -> Result<usize, RuleError>) -> Result<What, RuleError> {
    let named = options.of.as_deref().unwrap_or_default();
    if named.len() < 2 {
        let remedy = "name two rules or more, such as of = [\"month-year-on-year\", \"month-record\"]";
        return Err(RuleError::new("of", format!("it names {}", words::plural(named.len(), "rule")), remedy));
    }
    let members: Vec<RuleId> = named.iter().map(|id| RuleId::new(id)).collect();
    if let Some(twice) = members.iter().enumerate().find(|(at, id)| members[..*at].contains(id)) {
        return Err(RuleError::new("of", format!("it names \"{}\" twice", twice.1), "name each rule once"));
    }
    let within = RuleOptions::whole("within", options.within, 1)?.unwrap_or(1);
    let least = least(members.len())?;
    Ok(What::Compound(Arc::new(Compound { members, least, within })))
}

/// So many of several rules.
#[derive(Debug)]
pub struct Compound {
    members: Vec<RuleId>,
    least: usize,
    within: u32,
}

/// What a member says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Unknown,
}

/// Where a member stood after a period.
#[derive(Clone, Copy, Debug)]
struct Step {
    period: Period,
    truth: Truth,
    up: bool,
    partial: bool,
}

/// How a rule stood on a series, period by period: all that compounds need of it.
#[derive(Debug)]
pub struct Standings {
    steps: Vec<Step>,
    newest: Printable,
}

impl Standings {
    /// From a rule's course. Its alert holds and is kept as the rule says; with `within`, one that was up so many periods ago
    /// counts too.
    pub fn of(rule: &Rule, course: &Course<'_>, within: u32) -> Self {
        let mut folding = Folding::new(rule.for_periods, rule.keep);
        let mut since_up = u32::MAX;
        let step = |evaluation: &Evaluation| {
            let phase = folding.take(evaluation);
            let up = evaluation.verdict == Verdict::Up;
            since_up = if up { 0 } else { since_up.saturating_add(1) };
            let truth = match evaluation.verdict {
                _ if since_up < within && within > 1 => Truth::Yes,
                Verdict::Unknown => Truth::Unknown,
                _ if phase.is_active() => Truth::Yes,
                _ => Truth::No,
            };
            Some(Step { period: evaluation.period?, truth, up, partial: evaluation.partial })
        };
        let steps = course.evaluations().iter().filter_map(step).collect();
        Self { steps, newest: course.newest_that_counts().map(|newest| newest.reason).unwrap_or_default() }
    }

    /// The newest step that is over when a period is; of series of one cadence that of the period itself, if there is one.
    fn at(&self, period: Period) -> Option<&Step> {
        let over = |step: &Step| {
            if step.period.cadence() == period.cadence() {
                step.period <= period
            } else {
                step.period.end() <= period.end()
            }
        };
        self.steps[..self.steps.partition_point(over)].last()
    }
}

/// A member's name and how it stood on the series it looks at.
pub struct Member {
    /// What the reason calls it.
    pub name: String,
    /// On the series itself, else on each of the same route.
    pub standings: Vec<Rc<Standings>>,
}

impl Member {
    /// What it says at a period: yes if it does so on one of its series.
    fn says(&self, period: Period) -> (Truth, Option<&Step>) {
        let mut told = !self.standings.is_empty();
        for standings in &self.standings {
            match standings.at(period) {
                Some(step) if step.truth == Truth::Yes => return (Truth::Yes, Some(step)),
                Some(step) => told &= step.truth == Truth::No,
                None => told = false,
            }
        }
        (if told { Truth::No } else { Truth::Unknown }, None)
    }
}

impl Compound {
    /// The rules it counts.
    pub fn members(&self) -> &[RuleId] {
        &self.members
    }

    /// How many periods ago a member may have been up to count.
    pub const fn within(&self) -> u32 {
        self.within
    }

    /// The rule in words.
    pub fn text(&self) -> String {
        let names = self.members.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ");
        let within = if self.within > 1 { format!(" within {} periods", self.within) } else { String::new() };
        match self.least {
            1 => format!("any of {names}{within}"),
            least if least == self.members.len() => format!("all of {names}{within}"),
            least => format!("at least {least} of {names}{within}"),
        }
    }

    /// Its course on a series, from where its members stood.
    pub fn course<'a>(&'a self, series: &'a Series, members: Vec<Member>) -> Course<'a> {
        let evaluations = every_period(series, |period| self.judge(series, &members, period));
        Course::new(evaluations, move |of| self.reason(&members, of))
    }

    fn judge(&self, series: &Series, members: &[Member], period: Period) -> Option<Evaluation> {
        let point = series.point(period);
        let running = point.is_some_and(|point| point.status == Status::Partial);
        let (mut yes, mut unknown, mut partial) = (0, 0, running);
        for (truth, step) in members.iter().map(|member| member.says(period)) {
            yes += usize::from(truth == Truth::Yes);
            unknown += usize::from(truth == Truth::Unknown);
            partial |= step.is_some_and(|step| step.partial);
        }
        let verdict = match yes {
            yes if yes >= self.least => Verdict::Up,
            yes if yes + unknown < self.least => Verdict::Clear,
            _ => Verdict::Unknown,
        };
        // A running period may prove a rise, and nothing else.
        if running && verdict != Verdict::Up {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody names so many rules that it shows")]
        let (yes, least) = (yes as f64, self.least as f64);
        Some(Evaluation {
            partial,
            value: point.and_then(|point| point.value),
            statistic: Some(yes),
            bound: Some(least),
            ..Evaluation::without_figures(Some(period), verdict, Printable::default())
        })
    }

    /// `highest on record: 221,303 in March 2022; before that … · 2 of 3 agree: year on year, record`
    fn reason(&self, members: &[Member], of: &Evaluation) -> String {
        let Some(period) = of.period else { return String::new() };
        let said: Vec<_> = members.iter().map(|member| (member, member.says(period))).collect();
        let names = |wanted: Truth| {
            let named = said.iter().filter(|(_, (truth, _))| *truth == wanted).map(|(member, _)| member.name.as_str());
            named.collect::<Vec<_>>()
        };
        let (yes, unknown) = (names(Truth::Yes), names(Truth::Unknown));
        let counted = match yes.len() {
            0 => format!("none of {} fires", members.len()),
            1 => format!("1 of {} fires: {}", members.len(), yes[0]),
            count => format!("{count} of {} agree: {}", members.len(), yes.join(", ")),
        };
        match of.verdict {
            Verdict::Up => {
                // What is up by itself is the news; what is only kept stands behind it.
                let fires = |(_, (truth, step)): &&(&Member, (Truth, Option<&Step>))| {
                    *truth == Truth::Yes && step.is_some_and(|step| step.up && step.period == period)
                };
                let newest = said.iter().find(fires).and_then(|(member, _)| newest_reason(member, period));
                newest.map_or_else(|| counted.clone(), |newest| format!("{newest} · {counted}"))
            }
            Verdict::Unknown => format!("{counted}; {} cannot tell", unknown.join(", ")),
            _ => format!("{counted}; it takes {}", self.least),
        }
    }
}

/// Why a member fires, where its newest verdict is the one of that period.
fn newest_reason(member: &Member, period: Period) -> Option<&Printable> {
    let newest =
        |standings: &&Rc<Standings>| standings.steps.last().is_some_and(|step| step.period == period && step.up);
    member.standings.iter().find(newest).map(|standings| &standings.newest)
}

/// A compound that names what it cannot count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// Which rule.
    pub rule: RuleId,
    /// The member that is to blame.
    pub member: RuleId,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Ties compounds to the rules that they name: another meaning of a member is another meaning of its compounds. Says what is
/// named but is not there, judges no figures, or leads back to itself.
pub fn link(rules: &mut [Rule]) -> Vec<LinkError> {
    let mut errors = Vec::new();
    for at in 0..rules.len() {
        let What::Compound(compound) = rules[at].what.clone() else { continue };
        for member in compound.members() {
            if let Some((what, remedy)) = wrong_member(rules, &rules[at].id, member) {
                errors.push(LinkError { rule: rules[at].id.clone(), member: member.clone(), what, remedy });
            }
        }
    }
    if errors.is_empty() {
        let meanings: Vec<u64> = rules.iter().map(|rule| meaning(rules, rule)).collect();
        rules.iter_mut().zip(meanings).for_each(|(rule, meaning)| rule.hash = meaning);
    }
    errors
}

fn wrong_member(rules: &[Rule], rule: &RuleId, member: &RuleId) -> Option<(String, String)> {
    let Some(found) = rules.iter().find(|other| other.id == *member) else {
        let judging = rules.iter().filter(|other| !matches!(other.what, What::Clock(_)) && other.id != *rule);
        let names: Vec<&str> = judging.map(|other| other.id.as_str()).collect();
        return Some((format!("no rule is called \"{member}\""), format!("rules are {}", names.join(", "))));
    };
    if matches!(found.what, What::Clock(_)) {
        let what = format!("\"{member}\" is of kind \"{}\", which judges no figures", found.kind);
        return Some((what, "name rules that look at series".to_owned()));
    }
    let elsewhere = |other: &Rule| {
        let (route, own) = (other.selector.route.as_ref()?, found.selector.route.as_ref()?);
        (route != own)
            .then(|| format!("\"{member}\" is on the route {own}, \"{}\" on {route}: they never meet", other.id))
    };
    if let Some(what) = family(rules, rule).find_map(elsewhere) {
        return Some((what, "name rules on one route, or on all".to_owned()));
    }
    let back = path_back(rules, rule, found, &mut vec![rule.as_str()])?;
    Some((format!("the rule counts itself: {back}"), "take one of them out of its `of`".to_owned()))
}

/// A compound and what it counts.
fn family<'a>(rules: &'a [Rule], rule: &'a RuleId) -> impl Iterator<Item = &'a Rule> {
    let compound = rules.iter().find(|other| other.id == *rule);
    let members = compound.and_then(|rule| match &rule.what {
        What::Compound(compound) => Some(compound.members()),
        What::Series(_) | What::Clock(_) => None,
    });
    let members = members.unwrap_or_default();
    rules.iter().filter(move |other| other.id == *rule || members.contains(&other.id))
}

/// How a member leads back to a rule: `a → b → a`.
fn path_back<'a>(rules: &'a [Rule], rule: &RuleId, from: &'a Rule, path: &mut Vec<&'a str>) -> Option<String> {
    if from.id == *rule {
        return Some(format!("{} → {}", path.join(" → "), from.id));
    }
    let What::Compound(compound) = &from.what else { return None };
    // A circle that the rule is no part of is told where it is one.
    if path.contains(&from.id.as_str()) {
        return None;
    }
    path.push(from.id.as_str());
    let next = rules.iter().filter(|other| compound.members().contains(&other.id));
    let found = next.into_iter().find_map(|next| path_back(rules, rule, next, path));
    path.pop();
    found
}

fn meaning(rules: &[Rule], rule: &Rule) -> u64 {
    let What::Compound(compound) = &rule.what else { return rule.hash };
    let members = rules.iter().filter(|other| compound.members().contains(&other.id));
    members.fold(rule.hash, |hash, member| hash.rotate_left(7) ^ meaning(rules, member))
}
