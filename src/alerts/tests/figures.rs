//! Figures of one series and what a rule says of them, so that a test of a kind reads as a table.

use crate::alerts::{Rule, RuleOptions};
use crate::domain::alert::Evaluation;
use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use crate::domain::route::SeriesId;
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::time::{Cadence, Period};
use std::sync::Arc;

/// A vintage of one figure.
pub fn vintage(id: &SeriesId, period: Period, value: Option<f64>, status: Status) -> Vintage {
    Vintage {
        observation: Observation { series: id.clone(), period, value, status, published: None },
        known: Known { at: "2025-06-01T00:00:00Z".parse().unwrap(), how: KnownHow::Seen },
        batch: BatchId(1),
    }
}

/// Closed figures from a period on, gaps as `None`.
pub fn from(first: Period, values: &[Option<f64>]) -> Series {
    let id = SeriesId { route: "r".into(), measure: "persons".into(), cadence: first.cadence() };
    let mut series = Series::new(id.clone());
    for (at, value) in (0..).zip(values) {
        if value.is_some() {
            series.insert(&vintage(&id, first.offset(at), *value, Status::Closed));
        } else if at + 1 == i64::try_from(values.len()).unwrap() {
            series.insert(&vintage(&id, first.offset(at), None, Status::Suppressed));
        }
    }
    series
}

/// Monthly figures from `2022-01` on.
pub fn series(first: &str, values: &[Option<f64>]) -> Series {
    from(first.parse().unwrap(), values)
}

/// Daily figures from `2022-01-01` on.
pub fn days(first: &str, values: &[Option<f64>]) -> Series {
    let series = series(first, values);
    assert_eq!(series.id().cadence, Cadence::Day);
    series
}

/// What a rule says of a series, every verdict with its reason; `options` are those of one rule without an id.
pub fn course(options: &str, series: &Series) -> Vec<Evaluation> {
    let options: RuleOptions = toml::from_str(&format!("id = \"x\"\n{options}")).unwrap();
    let rule = Rule::from_options(&options).unwrap();
    let mut facts = Facts::default();
    facts.series.insert(series.id().clone(), Arc::new(series.clone()));
    crate::alerts::evaluate(&rule, std::slice::from_ref(&rule), &Catalog::default(), &facts, series.id())
}

/// Verdicts with their reasons.
pub fn words_of(evaluations: &[Evaluation]) -> Vec<String> {
    evaluations.iter().map(|evaluation| format!("{} {}", evaluation.verdict.word(), evaluation.reason)).collect()
}
