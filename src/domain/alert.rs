//! The words of alerting: verdicts, phases, incidents, events and notices. How verdicts become
//! incidents is told in `alerts/lifecycle.rs`; here are only the nouns.

use super::feed::FeedId;
use super::mark::Wake;
use super::policy_date::PolicyId;
use super::route::{SeriesId, name_type};
use super::text::Printable;
use super::time::Period;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

name_type! {
    /// A rule's id, from the configuration, or the preset's name.
    RuleId
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A series.
    Series(SeriesId),
    /// A feed.
    Feed(FeedId),
    /// A policy date.
    Policy(PolicyId),
    /// Headlines that hold the words of a rule.
    Topic(RuleId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Series(series) => write!(f, "{series}"),
            Self::Feed(feed) => write!(f, "feed/{feed}"),
            Self::Policy(policy) => write!(f, "date/{policy}"),
            Self::Topic(rule) => write!(f, "topic/{rule}"),
        }
    }
}

/// Whether what a rule watches for is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The fire condition is met.
    Up,
    /// Neither met nor below the clear threshold.
    Hold,
    /// Below the clear threshold.
    Clear,
    /// It cannot be told: a gap, not enough history.
    Unknown,
}

impl Verdict {
    /// The word of JSON and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Hold => "hold",
            Self::Clear => "clear",
            Self::Unknown => "unknown",
        }
    }

    /// The verdict of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Up, Self::Hold, Self::Clear, Self::Unknown].into_iter().find(|verdict| verdict.word() == word)
    }
}

/// A verdict with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The period it is about; `None` for clock kinds.
    pub period: Option<Period>,
    /// Up, hold, clear or unknown.
    pub verdict: Verdict,
    /// Whether the critical threshold is met too.
    pub critical: bool,
    /// Whether it rests on a running period: such a firing may be retracted.
    pub partial: bool,
    /// The value of the period, in the series' unit.
    pub value: Option<f64>,
    /// The statistic that was compared: the value itself, a ratio …
    pub statistic: Option<f64>,
    /// What it was compared with.
    pub bound: Option<f64>,
    /// One line for a person; empty in the verdicts of the past, of which nobody asks why.
    pub reason: Printable,
}

impl Evaluation {
    /// A verdict that rests on no figures: of clock kinds, or where nothing can be told.
    pub const fn without_figures(period: Option<Period>, verdict: Verdict, reason: Printable) -> Self {
        Self { period, verdict, critical: false, partial: false, value: None, statistic: None, bound: None, reason }
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing.
    #[default]
    Inactive,
    /// Up, but not yet for long enough.
    Pending,
    /// Firing.
    Firing,
    /// Clear, but not yet for long enough.
    Recovering,
}

impl Phase {
    /// The word of JSON and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Recovering => "recovering",
        }
    }

    /// The phase of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Inactive, Self::Pending, Self::Firing, Self::Recovering].into_iter().find(|phase| phase.word() == word)
    }

    /// Firing or recovering.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Firing | Self::Recovering)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth acting on.
    #[default]
    Warning,
    /// Act now.
    Critical,
}

impl Severity {
    /// The word of configuration, JSON and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Critical].into_iter().find(|severity| severity.word() == word)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Where an incident begins: a period for series, an instant for clock kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Onset {
    /// The first period that was up.
    Period(Period),
    /// The instant, computed from facts, never the time at which somebody looked.
    At(Timestamp),
}

impl fmt::Display for Onset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period(period) => write!(f, "{period}"),
            Self::At(at) => write!(f, "{at}"),
        }
    }
}

/// An incident's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub Arc<str>);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What can happen to an incident that people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// It began.
    Fired,
    /// From warning to critical.
    Escalated,
    /// It ended.
    Resolved,
    /// It turned out not to have been: a revision, or a running period that closed below.
    Retracted,
    /// Its rule changed; ended without telling anyone.
    Superseded,
}

impl Event {
    /// The word of JSON, the store and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Escalated => "escalated",
            Self::Resolved => "resolved",
            Self::Retracted => "retracted",
            Self::Superseded => "superseded",
        }
    }

    /// The event of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Fired, Self::Escalated, Self::Resolved, Self::Retracted, Self::Superseded]
            .into_iter()
            .find(|event| event.word() == word)
    }
}

/// One alert on a subject from onset to end: a stored fact. At most one is open a rule and subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Which rule.
    pub rule: RuleId,
    /// The rule's kind: `above`, `year-to-date` …
    pub kind: Printable,
    /// The rule in words, for a card.
    pub rule_text: Printable,
    /// Hash of the rule's meaning; another one supersedes the incident.
    pub rule_hash: u64,
    /// What it is about.
    pub subject: Subject,
    /// Where it began, as first known.
    pub onset_first: Onset,
    /// Where it began, as known now: a revision may move it.
    pub onset: Onset,
    /// Inactive once it has ended.
    pub phase: Phase,
    /// Never falls inside an incident.
    pub severity: Severity,
    /// When it was opened: the instant of the facts that opened it.
    pub opened: Timestamp,
    /// When and how it ended.
    pub ended: Option<(Timestamp, Event)>,
    /// The newest value it was judged on.
    pub value: Option<f64>,
    /// The newest reason.
    pub reason: Printable,
    /// The vintage that the newest judgement rests on.
    pub decided_on: Option<Timestamp>,
    /// Whether it began with a running period that has not closed yet.
    pub provisional: bool,
    /// Whether it was there at the first load: told as one line with the others, not by itself.
    pub first_load: bool,
    /// Who has acknowledged it, when, with what note.
    pub acknowledged: Option<Acknowledgement>,
}

impl Incident {
    /// Whether it has not ended.
    pub const fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Who has it in hand: not once it has ended, nor after the end that was given, nor when the value has got to where somebody
    /// wanted to be woken again. (An escalation takes the acknowledgement away.)
    pub fn in_hand(&self, now: Timestamp) -> Option<&Acknowledgement> {
        let woken = |wake: &Wake| self.value.is_some_and(|value| wake.is_reached(value));
        self.acknowledged.as_ref().filter(|acknowledged| {
            self.is_open()
                && acknowledged.until.is_none_or(|until| now < until)
                && !acknowledged.wake.as_ref().is_some_and(woken)
        })
    }

    /// As it is written over what is stored of it: who has it in hand is what people say, who may have said it meanwhile; an escalation
    /// alone takes that away.
    pub fn written_over(&self, stored: Option<&Self>) -> Self {
        match stored {
            Some(stored) if self.severity <= stored.severity => {
                Self { acknowledged: stored.acknowledged.clone(), ..self.clone() }
            }
            _ => self.clone(),
        }
    }
}

/// That somebody has an incident in hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Acknowledgement {
    /// Who.
    pub by: Printable,
    /// When.
    pub at: Timestamp,
    /// What they said.
    pub note: Printable,
    /// Until then, where they gave an end.
    pub until: Option<Timestamp>,
    /// How far the value may go until they want to know again.
    pub wake: Option<Wake>,
}

/// What is told to people about an event, through the outbox. Its key is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which incident.
    pub incident: IncidentId,
    /// What happened.
    pub event: Event,
    /// How bad it is.
    pub severity: Severity,
    /// When.
    pub at: Timestamp,
    /// What is told.
    pub text: Printable,
    /// Why it is told, or why not (first load …).
    pub told: Told,
}

/// Whether a notice leaves, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is told.
    Yes,
    /// It was firing at the first load: told as one line with the others.
    FirstLoad,
    /// A revision too small to tell anyone of (surge.md section 2: below one count or one percent).
    SmallRevision,
    /// An older figure stands again since a misread one was voided: it was told when it was news.
    StandsAgain,
}

impl Told {
    /// The word of the store and the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::FirstLoad => "first-load",
            Self::SmallRevision => "small-revision",
            Self::StandsAgain => "stands-again",
        }
    }

    /// The meaning of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Yes, Self::FirstLoad, Self::SmallRevision, Self::StandsAgain]
            .into_iter()
            .find(|told| told.word() == word)
    }
}

impl Notice {
    /// (incident, event, severity): the same notice is never told twice.
    pub fn key(&self) -> String {
        format!("{} {} {}", self.incident, self.event.word(), self.severity.word())
    }
}

/// The newest verdict of a rule on a subject: one row each, so that everyone can say which rules cannot tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Which rule.
    pub rule: RuleId,
    /// On what.
    pub subject: Subject,
    /// Where the alert stands.
    pub phase: Phase,
    /// The newest evaluation.
    pub evaluation: Evaluation,
}

/// What evaluating the rules gave: written in one transaction.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Decision {
    /// Incidents that opened, changed or ended.
    pub incidents: Vec<Incident>,
    /// Notices of what happened.
    pub notices: Vec<Notice>,
    /// The newest verdicts that differ from those before.
    pub judgements: Vec<Judgement>,
}

impl Decision {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty() && self.notices.is_empty() && self.judgements.is_empty()
    }
}
