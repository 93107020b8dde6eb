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
