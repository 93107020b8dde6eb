//! The rules that are on without being asked for (surge.md section 4), by cadence and for everything. A rule of the
//! configuration with the same id takes a preset's place.

use super::{Rule, RuleOptions};
use crate::domain::time::Cadence;

/// Smaller figures break records every other month.
const RECORD_LEAST: f64 = 100.0;

/// The presets; whoever adds rules of his own to them links them all.
pub fn presets() -> Vec<Rule> {
    let mut options = Vec::new();
    for cadence in [Cadence::Month, Cadence::Week, Cadence::Day] {
        options.extend(of_cadence(cadence));
    }
    let everywhere = ["stale", "suspect", "date-changed", "deadline"];
    options.extend(everywhere.map(|kind| RuleOptions { id: kind.to_owned(), ..kind_of(kind) }));
    options.iter().map(|options| Rule::from_options(options).expect("a preset is a possible rule")).collect()
}

fn of_cadence(cadence: Cadence) -> Vec<RuleOptions> {
    let on = |name: &str, options: RuleOptions| RuleOptions {
        id: format!("{cadence}-{name}"),
        cadence: Some(cadence.word().to_owned()),
        ..options
    };
    let critical = Some(4.0);
    let down = Some("down".to_owned());
    let mut rules = vec![on("year-on-year", RuleOptions { critical, ..kind_of("year-on-year") })];
    if cadence != Cadence::Day {
        rules.push(on("year-on-year-down", RuleOptions { direction: down, ..kind_of("year-on-year") }));
    }
    if cadence == Cadence::Month {
        rules.push(on("year-to-date", RuleOptions { critical, ..kind_of("year-to-date") }));
        rules.push(on("change", kind_of("change")));
    }
    rules.push(on("record", RuleOptions { min_count: Some(RECORD_LEAST), ..kind_of("record") }));
    rules.push(on("ears", kind_of("ears")));
    let of = ["year-on-year", "record", "ears"].map(|name| format!("{cadence}-{name}")).to_vec();
    let severity = Some("critical".to_owned());
    rules.push(on("two-of-three", RuleOptions { least: Some(2), of: Some(of), severity, ..kind_of("at-least") }));
    rules
}

fn kind_of(kind: &str) -> RuleOptions {
    RuleOptions { kind: kind.to_owned(), ..RuleOptions::default() }
}
