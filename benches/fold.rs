//! Folding ten years of daily figures of 200 routes into the picture, judging all of them, and judging one new day of one route.

use std::collections::BTreeSet;
use watchfloor::alerts::{Cause, decide, presets};
use watchfloor::domain::change::Change;
use watchfloor::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use watchfloor::domain::route::{RouteId, SeriesId};
use watchfloor::domain::situation::{Catalog, Facts};
use watchfloor::domain::time::{Cadence, Period};

const ROUTES: usize = 200;
const DAYS: i64 = 3_653;

fn main() {
    divan::main();
}

fn vintages() -> Vec<Vintage> {
    let known = Known { at: "2026-01-01T00:00:00Z".parse().expect("an instant"), how: KnownHow::Stated };
    let start: Period = "2016-01-01".parse().expect("a day");
    let of_route = |route: usize| {
        let series = SeriesId {
            route: RouteId::new(&format!("route-{route}")),
            measure: "persons".into(),
            cadence: Cadence::Day,
        };
        (0..DAYS).map(move |day| Vintage {
            observation: Observation {
                series: series.clone(),
                period: start.offset(day),
                value: Some(((day * 7919 + route as i64 * 31) % 500) as f64),
                status: Status::Closed,
                published: None,
            },
            known,
            batch: BatchId(1),
        })
    };
    (0..ROUTES).flat_map(of_route).collect()
}

fn folded(vintages: &[Vintage]) -> Facts {
    let mut facts = Facts::default();
    for vintage in vintages {
        facts.insert(vintage);
    }
    facts
}

#[divan::bench(sample_count = 10)]
fn fold_ten_years(bencher: divan::Bencher<'_, '_>) {
    let vintages = vintages();
    bencher.bench(|| folded(&vintages));
}

#[divan::bench(sample_count = 20)]
fn judge_everything(bencher: divan::Bencher<'_, '_>) {
    let (facts, rules, catalog) = (folded(&vintages()), presets(), Catalog::default());
    let now = "2026-01-02T00:00:00Z".parse().expect("an instant");
    bencher.bench(|| decide(&rules, &catalog, &facts, Cause::FirstLoad, None, now));
}

#[divan::bench]
fn judge_one_new_day(bencher: divan::Bencher<'_, '_>) {
    let (mut facts, rules, catalog) = (folded(&vintages()), presets(), Catalog::default());
    let now = "2026-01-02T00:00:00Z".parse().expect("an instant");
    let first = decide(&rules, &catalog, &facts, Cause::FirstLoad, None, now);
    for incident in first.incidents {
        facts.apply(&Change::from(incident));
    }
    for judgement in first.judgements {
        facts.apply(&Change::from(judgement));
    }
    let touched: BTreeSet<SeriesId> = facts.series.keys().take(1).cloned().collect();
    bencher.bench(|| decide(&rules, &catalog, &facts, Cause::New, Some(&touched), now));
}
