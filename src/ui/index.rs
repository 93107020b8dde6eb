//! What the screen looks up at every frame, worked out once a picture: the order of headlines and alerts, the routes about
//! which a rule cannot tell, the newest period of each cadence.

use crate::domain::alert::{Incident, Phase, Subject, Verdict};
use crate::domain::headline::Headline;
use crate::domain::route::RouteId;
use crate::domain::situation::Situation;
use crate::domain::time::{Cadence, Period};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An index of a picture.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Headlines, newest first.
    pub headlines: Arc<[Arc<Headline>]>,
    /// Active incidents, worst first, then newest first.
    pub active: Vec<Arc<Incident>>,
    /// Routes about which a rule cannot tell.
    pub doubted: BTreeSet<RouteId>,
    /// The newest period of any series of a cadence.
    pub newest: BTreeMap<Cadence, Period>,
    /// Periods of the longest series.
    pub longest: usize,
}

impl Index {
    /// The index of a picture.
    pub fn of(picture: &Situation) -> Self {
        let unknown =
            picture.facts.judgements.values().filter(|judgement| {
                judgement.evaluation.verdict == Verdict::Unknown && judgement.phase == Phase::Inactive
            });
        let doubted = unknown.filter_map(|judgement| match &judgement.subject {
            Subject::Series(series) => Some(series.route.clone()),
            Subject::Feed(_) | Subject::Policy(_) | Subject::Topic(_) => None,
        });
        let mut newest = BTreeMap::new();
        for (cadence, last) in
            picture.facts.series.values().filter_map(|series| Some((series.id().cadence, series.last()?)))
        {
            newest.entry(cadence).and_modify(|newest: &mut Period| *newest = last.max(*newest)).or_insert(last);
        }
        Self {
            headlines: picture.newest.clone(),
            active: picture.active().into_iter().cloned().collect(),
            doubted: doubted.collect(),
            newest,
            longest: picture.facts.series.values().map(|series| series.points().len()).max().unwrap_or(0),
        }
    }
}
