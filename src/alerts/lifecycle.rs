//! From verdicts to incidents (surge.md section 5). The fold of verdicts into phases, and the step from open incidents to what
//! happened, are pure; neither knows a kind. Onsets come from the facts, so a restart changes nothing.

use super::clock_kinds::Spell;
use super::course::Course;
use super::{Cause, Rule, judge};
use crate::domain::alert::{
    Decision, Evaluation, Event, Incident, IncidentId, Judgement, Notice, Onset, Phase, Severity, Subject, Told,
    Verdict,
};
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::text::Printable;
use crate::domain::time::Period;
use jiff::Timestamp;
use std::sync::Arc;

/// Unknown periods that a pending alert survives.
const PENDING_UNKNOWN: u32 = 2;

/// One alert from its first period up to its end, as the latest vintages tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The first period that was up.
    pub onset: Period,
    /// The period with which it fired.
    pub fired: Period,
    /// The period with which it ended; `None` while it lasts.
    pub ended: Option<Period>,
    /// Whether a period of it met the critical threshold.
    pub critical: bool,
    /// Whether it rests on a running period alone.
    pub provisional: bool,
}

/// What folding verdicts gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    /// Episodes that fired, oldest first; the last may last.
    pub episodes: Vec<Episode>,
    /// Where the alert stands after the last verdict.
    pub phase: Phase,
}

/// Folds verdicts in order (the table of surge.md section 5.1).
pub fn fold(evaluations: &[Evaluation], for_periods: u32, keep: u32) -> Fold {
    let mut folding = Folding::new(for_periods, keep);
    for evaluation in evaluations {
        folding.take(evaluation);
    }
    folding.fold
}

/// A fold under way.
pub struct Folding {
    for_periods: u32,
    keep: u32,
    fold: Fold,
    run: u32,
    clear: u32,
    unknown: u32,
    onset: Option<Period>,
    critical: bool,
}

impl Folding {
    /// Before the first verdict.
    pub fn new(for_periods: u32, keep: u32) -> Self {
        let (run, clear, unknown) = (0, 0, 0);
        Self { for_periods, keep, fold: Fold::default(), run, clear, unknown, onset: None, critical: false }
    }

    /// Takes the next verdict, and gives where the alert stands after it.
    pub fn take(&mut self, evaluation: &Evaluation) -> Phase {
        let fold = &mut self.fold;
        let Some(period) = evaluation.period else { return fold.phase };
        match (fold.phase, evaluation.verdict) {
            (Phase::Inactive | Phase::Pending, Verdict::Up) => {
                if fold.phase == Phase::Inactive {
                    (self.run, self.unknown, self.onset, self.critical) = (0, 0, Some(period), false);
                }
                self.run += 1;
                self.critical |= evaluation.critical;
                fold.phase = Phase::Pending;
                if self.run >= self.for_periods {
                    fold.phase = Phase::Firing;
                    self.clear = 0;
                    let (onset, critical) = (self.onset.unwrap_or(period), self.critical);
                    let provisional = evaluation.partial;
                    fold.episodes.push(Episode { onset, fired: period, ended: None, critical, provisional });
                }
            }
            (Phase::Inactive, _) => {}
            (Phase::Pending, Verdict::Hold | Verdict::Clear) => fold.phase = Phase::Inactive,
            (Phase::Pending, Verdict::Unknown) => {
                self.unknown += 1;
                if self.unknown > PENDING_UNKNOWN {
                    fold.phase = Phase::Inactive;
                }
            }
            (Phase::Firing | Phase::Recovering, Verdict::Up | Verdict::Hold) => {
                (fold.phase, self.clear) = (Phase::Firing, 0);
                if let Some(episode) = fold.episodes.last_mut() {
                    episode.critical |= evaluation.critical;
                }
            }
            (Phase::Firing | Phase::Recovering, Verdict::Clear) => {
                self.clear += 1;
                let over = self.clear > self.keep;
                fold.phase = if over { Phase::Inactive } else { Phase::Recovering };
                if let Some(episode) = fold.episodes.last_mut().filter(|_| over) {
                    episode.ended = Some(period);
                }
            }
            (Phase::Firing | Phase::Recovering, Verdict::Unknown) => {}
        }
        fold.phase
    }
}

/// Steps the open incident of a rule on a series. `name` is what people call the subject.
#[expect(clippy::too_many_arguments, reason = "the facts of one decision, each named")]
pub fn decide_series(
    rule: &Rule,
    name: &str,
    series: &Series,
    course: &Course<'_>,
    facts: &Facts,
    cause: Cause,
    now: Timestamp,
    decision: &mut Decision,
) {
    let Some(evaluation) = course.newest() else { return };
    let subject = Subject::Series(series.id().clone());
    let fold = fold(course.evaluations(), rule.for_periods, rule.keep);
    let kept = if fold.phase == Phase::Recovering { course.newest_that_held() } else { None };
    let Some(counts) = kept.or_else(|| course.newest_that_counts()) else { return };
    let step = Step { rule, name, subject: &subject, facts, cause, now, decided_on: series.learned() };
    step.series(&fold, &counts, decision);
    judge(
        Judgement { rule: rule.id.clone(), subject: subject.clone(), phase: fold.phase, evaluation },
        facts,
        decision,
    );
}

/// Steps the open incident of a rule with a clock kind.
#[expect(clippy::too_many_arguments, reason = "the facts of one decision, each named")]
pub fn decide_clock(
    rule: &Rule,
    name: &str,
    tells_end: bool,
    subject: &Subject,
    spell: Spell,
    facts: &Facts,
    cause: Cause,
    now: Timestamp,
    decision: &mut Decision,
) {
    let step = Step { rule, name, subject, facts, cause, now, decided_on: None };
    let (verdict, reason, phase) = match &spell {
        Spell::On { reason, .. } => (Verdict::Up, reason.clone(), Phase::Firing),
        Spell::Off { reason } => (Verdict::Clear, reason.clone(), Phase::Inactive),
        Spell::Unknown { reason } => (Verdict::Unknown, reason.clone(), Phase::Inactive),
    };
    step.clock(&spell, tells_end, decision);
    let evaluation = Evaluation::without_figures(None, verdict, reason);
    judge(Judgement { rule: rule.id.clone(), subject: subject.clone(), phase, evaluation }, facts, decision);
}

/// Ends, without telling anyone, incidents whose rule is gone.
pub fn end_orphans(rules: &[Rule], facts: &Facts, now: Timestamp, decision: &mut Decision) {
    for incident in facts.incidents.values().filter(|incident| incident.is_open()) {
        if !rules.iter().any(|rule| rule.id == incident.rule) {
            decision.incidents.push(ended(incident, now, Event::Superseded));
        }
    }
}

/// After a void: retracts what fired on series of which nothing is left, and says that nothing can be told of them.
pub fn retract_unfounded(rules: &[Rule], catalog: &Catalog, facts: &Facts, now: Timestamp, decision: &mut Decision) {
    let unfounded = |subject: &Subject| match subject {
        Subject::Series(id) => !facts.series.contains_key(id),
        Subject::Feed(_) | Subject::Policy(_) | Subject::Topic(_) => false,
    };
    let reason = Printable::clean("every figure of it was voided as misread");
    for rule in rules {
        let open = facts.incidents.values().filter(|incident| incident.is_open() && incident.rule == rule.id);
        for open in open.filter(|open| unfounded(&open.subject)) {
            let subject = &open.subject;
            let name = super::subject_name(catalog, subject);
            let step = Step { rule, name: &name, subject, facts, cause: Cause::Voided, now, decided_on: None };
            let incident = Incident { value: None, reason: reason.clone(), ..ended(open, now, Event::Retracted) };
            step.tell(&incident, Event::Retracted, &reason, decision);
            decision.incidents.push(incident);
        }
    }
    for judgement in facts.judgements.values().filter(|judgement| unfounded(&judgement.subject)) {
        let evaluation = Evaluation::without_figures(None, Verdict::Unknown, reason.clone());
        judge(Judgement { phase: Phase::Inactive, evaluation, ..(**judgement).clone() }, facts, decision);
    }
}

/// One rule on one subject at one instant.
struct Step<'a> {
    rule: &'a Rule,
    name: &'a str,
    subject: &'a Subject,
    facts: &'a Facts,
    cause: Cause,
    now: Timestamp,
    decided_on: Option<Timestamp>,
}

impl Step<'_> {
    fn series(&self, fold: &Fold, newest: &Evaluation, decision: &mut Decision) {
        let current = fold.episodes.last().filter(|episode| episode.ended.is_none());
        let open = self.facts.open_incident(&self.rule.id, self.subject);
        let superseded = open.filter(|open| open.rule_hash != self.rule.hash);
        if let Some(open) = superseded {
            decision.incidents.push(ended(open, self.now, Event::Superseded));
            if let Some(episode) = current {
                let mut incident = self.open(episode, fold.phase, newest);
                if incident.onset == open.onset {
                    incident.acknowledged = open.acknowledged.clone();
                }
                decision.incidents.push(incident);
            }
            return;
        }
        if let Some(open) = open {
            match self.episode_of(open, fold) {
                Some(episode) if episode.ended.is_none() => {
                    return self.go_on(open, episode, fold.phase, newest, decision);
                }
                Some(episode) => self.end_series(open, Some(episode), newest, decision),
                None => self.end_series(open, None, newest, decision),
            }
        } else {
            self.missed(fold, newest, decision);
        }
        if let Some(episode) = current {
            let incident = self.open(episode, fold.phase, newest);
            self.tell(&incident, Event::Fired, &incident.reason, decision);
            decision.incidents.push(incident);
        }
    }

    /// The episode that an open incident has become: the one in which its onset lies, else, since a revision may move an
    /// onset, the first one that begins after it.
    fn episode_of<'f>(&self, open: &Incident, fold: &'f Fold) -> Option<&'f Episode> {
        let Onset::Period(onset) = open.onset else { return None };
        let holds = |episode: &&Episode| episode.onset <= onset && episode.ended.is_none_or(|ended| onset < ended);
        let moved = |episode: &&Episode| {
            episode.onset > onset && matches!(self.cause, Cause::Revision { .. } | Cause::RulesChanged | Cause::Voided)
        };
        fold.episodes.iter().find(holds).or_else(|| fold.episodes.iter().find(moved))
    }

    /// An incident that lasts: its phase, its value, perhaps its onset or its severity have changed.
    fn go_on(
        &self,
        open: &Arc<Incident>,
        episode: &Episode,
        phase: Phase,
        newest: &Evaluation,
        decision: &mut Decision,
    ) {
        let mut incident = (**open).clone();
        incident.phase = phase;
        incident.onset = Onset::Period(episode.onset);
        incident.severity = incident.severity.max(self.severity(episode));
        incident.value = newest.value;
        incident.reason = newest.reason.clone();
        incident.decided_on = self.decided_on;
        incident.provisional = episode.provisional;
        if incident.severity > open.severity {
            // An acknowledgement does not survive an escalation: it was given for something less.
            incident.acknowledged = None;
            self.tell(&incident, Event::Escalated, &incident.reason, decision);
        }
        if incident != **open {
            decision.incidents.push(incident);
        }
    }

    fn end_series(&self, open: &Incident, episode: Option<&Episode>, newest: &Evaluation, decision: &mut Decision) {
        let closed_below = open.provisional && episode.is_none();
        // An end in what was judged before came by a revision; one after it came by new figures, whatever else was revised.
        let ended_before = episode.is_none_or(|episode| episode.ended <= self.looked());
        let revised = matches!(self.cause, Cause::Revision { .. }) && ended_before || self.cause == Cause::Voided;
        let event = if revised || closed_below { Event::Retracted } else { Event::Resolved };
        let mut incident = ended(open, self.now, event);
        incident.value = newest.value;
        incident.reason = newest.reason.clone();
        incident.decided_on = self.decided_on;
        let severity = incident.severity;
        incident.severity = severity.max(episode.map_or(severity, |episode| self.severity(episode)));
        self.tell(&incident, event, &newest.reason, decision);
        decision.incidents.push(incident);
    }

    /// Episodes that began and ended while nobody looked: written as history, told as one line.
    fn missed(&self, fold: &Fold, newest: &Evaluation, decision: &mut Decision) {
        let key = (self.rule.id.clone(), self.subject.clone());
        let Some(looked) = self.facts.judgements.get(&key).and_then(|judgement| judgement.evaluation.period) else {
            return;
        };
        if matches!(self.cause, Cause::FirstLoad | Cause::Revision { .. } | Cause::Voided) {
            return;
        }
        let missed: Vec<&Episode> =
            fold.episodes.iter().filter(|episode| episode.fired > looked && episode.ended.is_some()).collect();
        for (at, episode) in missed.iter().enumerate() {
            let mut incident = self.open(episode, Phase::Inactive, newest);
            if self.facts.incidents.contains_key(&incident.id) {
                continue;
            }
            incident.ended = Some((self.now, Event::Resolved));
            if at + 1 == missed.len() {
                let text = match missed.len() {
                    1 => "1 alert fired and resolved while away".to_owned(),
                    count => format!("{count} alerts fired and resolved while away"),
                };
                self.tell(&incident, Event::Resolved, &Printable::clean(&text), decision);
            }
            decision.incidents.push(incident);
        }
    }

    /// The newest period that was judged before.
    fn looked(&self) -> Option<Period> {
        let key = (self.rule.id.clone(), self.subject.clone());
        self.facts.judgements.get(&key).and_then(|judgement| judgement.evaluation.period)
    }

    fn open(&self, episode: &Episode, phase: Phase, newest: &Evaluation) -> Incident {
        let onset = Onset::Period(episode.onset);
        Incident {
            value: newest.value,
            reason: newest.reason.clone(),
            provisional: episode.provisional,
            ..self.incident(onset, phase, self.severity(episode))
        }
    }

    fn incident(&self, onset: Onset, phase: Phase, severity: Severity) -> Incident {
        let id = format!("{}:{}:{onset}:{}", self.rule.id, self.subject, self.now.as_second());
        Incident {
            id: IncidentId(id.into()),
            rule: self.rule.id.clone(),
            kind: self.rule.kind.into(),
            rule_text: self.rule.text.clone(),
            rule_hash: self.rule.hash,
            subject: self.subject.clone(),
            onset_first: onset,
            onset,
            phase,
            severity,
            opened: self.now,
            ended: None,
            value: None,
            reason: Printable::default(),
            decided_on: self.decided_on,
            provisional: false,
            first_load: self.cause == Cause::FirstLoad,
            acknowledged: None,
        }
    }

    fn clock(&self, spell: &Spell, tells_end: bool, decision: &mut Decision) {
        let open = self.facts.open_incident(&self.rule.id, self.subject);
        let (open, superseded) = match open {
            Some(open) if open.rule_hash != self.rule.hash => (None, Some(open)),
            other => (other, None),
        };
        if let Some(open) = superseded {
            decision.incidents.push(ended(open, self.now, Event::Superseded));
        }
        match (open, spell) {
            (Some(open), Spell::On { since, severity, reason }) if open.onset == Onset::At(*since) => {
                let mut incident = (**open).clone();
                incident.reason = reason.clone();
                incident.severity = incident.severity.max(severity.unwrap_or(self.rule.severity));
                if incident.severity > open.severity {
                    incident.acknowledged = None;
                    self.tell(&incident, Event::Escalated, reason, decision);
                }
                if incident != **open {
                    decision.incidents.push(incident);
                }
            }
            (open, Spell::On { since, severity, reason }) => {
                if let Some(open) = open {
                    // Another spell has taken the place of this one: it is over, and the new one is what is told.
                    decision.incidents.push(ended(open, self.now, Event::Resolved));
                }
                let severity = severity.unwrap_or(self.rule.severity);
                let incident =
                    Incident { reason: reason.clone(), ..self.incident(Onset::At(*since), Phase::Firing, severity) };
                if superseded.is_none() {
                    self.tell(&incident, Event::Fired, reason, decision);
                }
                decision.incidents.push(incident);
            }
            (Some(open), Spell::Off { reason }) => {
                let incident = Incident { reason: reason.clone(), ..ended(open, self.now, Event::Resolved) };
                if tells_end {
                    self.tell(&incident, Event::Resolved, reason, decision);
                }
                decision.incidents.push(incident);
            }
            // What cannot be told does not end anything.
            (Some(_), Spell::Unknown { .. }) | (None, _) => {}
        }
    }

    fn severity(&self, episode: &Episode) -> Severity {
        if episode.critical { Severity::Critical } else { self.rule.severity }
    }

    /// A reason may name its subject itself, as those of policy dates do.
    fn with_name(&self, text: &Printable) -> Printable {
        if text.as_str().starts_with(self.name) {
            text.clone()
        } else {
            Printable::clean(&format!("{}: {text}", self.name))
        }
    }

    fn tell(&self, incident: &Incident, event: Event, text: &Printable, decision: &mut Decision) {
        let told = match self.cause {
            Cause::FirstLoad => Told::FirstLoad,
            Cause::Revision { small: true } => Told::SmallRevision,
            Cause::Voided if event != Event::Retracted => Told::StandsAgain,
            _ => Told::Yes,
        };
        let notice = Notice {
            incident: incident.id.clone(),
            event,
            severity: incident.severity,
            at: self.now,
            text: self.with_name(text),
            told,
        };
        decision.notices.push(notice);
    }
}

fn ended(open: &Incident, now: Timestamp, event: Event) -> Incident {
    Incident { phase: Phase::Inactive, ended: Some((now, event)), ..open.clone() }
}
