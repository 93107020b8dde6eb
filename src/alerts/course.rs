//! The course of a rule on a series: a verdict for every period, in order. Words are made only of the few that somebody
//! looks at, since a rule judges thousands of periods and a person reads one or two.

use crate::domain::alert::{Evaluation, Verdict};
use crate::domain::series::Series;
use crate::domain::text::Printable;
use crate::domain::time::Period;

/// Verdicts period by period, the newest last, and how to say why. A running period is among them only where it is up.
pub struct Course<'a> {
    evaluations: Vec<Evaluation>,
    why: Box<dyn Fn(&Evaluation) -> String + 'a>,
}

impl<'a> Course<'a> {
    /// From verdicts without reasons, and what says the reason of one.
    pub fn new(evaluations: Vec<Evaluation>, why: impl Fn(&Evaluation) -> String + 'a) -> Self {
        Self { evaluations, why: Box::new(why) }
    }

    /// Where nothing is judged.
    pub fn empty() -> Self {
        Self::new(Vec::new(), |_| String::new())
    }

    /// The verdicts, without reasons.
    pub fn evaluations(&self) -> &[Evaluation] {
        &self.evaluations
    }

    /// A verdict with its reason.
    pub fn explained(&self, evaluation: &Evaluation) -> Evaluation {
        Evaluation { reason: Printable::clean(&(self.why)(evaluation)), ..evaluation.clone() }
    }

    /// The newest verdict, with its reason.
    pub fn newest(&self) -> Option<Evaluation> {
        self.evaluations.last().map(|newest| self.explained(newest))
    }

    /// The newest verdict that could tell, with its reason; the newest of all where none could.
    pub fn newest_that_counts(&self) -> Option<Evaluation> {
        let told = self.newest_where(|verdict| verdict != Verdict::Unknown);
        told.or(self.evaluations.last()).map(|newest| self.explained(newest))
    }

    /// The newest verdict that was not clear, with its reason: why an alert that is only kept fired, not why it may end.
    pub fn newest_that_held(&self) -> Option<Evaluation> {
        let held = self.newest_where(|verdict| matches!(verdict, Verdict::Up | Verdict::Hold));
        held.map(|newest| self.explained(newest))
    }

    fn newest_where(&self, is: impl Fn(Verdict) -> bool) -> Option<&Evaluation> {
        self.evaluations.iter().rev().find(|evaluation| is(evaluation.verdict))
    }
}

/// A verdict for every period of a series from its first to its newest.
pub fn every_period(series: &Series, mut judge: impl FnMut(Period) -> Option<Evaluation>) -> Vec<Evaluation> {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let (cadence, from, to) = (first.cadence(), first.index(), last.index());
    (from..=to).filter_map(|index| judge(Period::from_index(cadence, index))).collect()
}
