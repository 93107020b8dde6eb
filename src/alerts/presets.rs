//! The rules that are on without being asked for (surge.md section 4): year on year up and down, year to
//! date, stale, date changed. A rule of the configuration with the same id takes a preset's place.

use super::{Rule, RuleOptions};
use crate::domain::time::Cadence;

/// The presets by cadence, as far as their kinds exist.
pub fn presets() -> Vec<Rule> {
    let mut rules = Vec::new();
    for cadence in [Cadence::Month, Cadence::Week, Cadence::Day] {
        let name = |kind: &str| format!("{cadence}-{kind}");
        let on = |id: String, kind: &str, direction: Option<&str>, critical: Option<f64>| RuleOptions {
            id,
            kind: kind.to_owned(),
            cadence: Some(cadence.word().to_owned()),
            direction: direction.map(str::to_owned),
            critical,
            ..RuleOptions::default()
        };
        rules.push(on(name("year-on-year"), "year-on-year", None, Some(4.0)));
        if cadence != Cadence::Day {
            rules.push(on(name("year-on-year-down"), "year-on-year", Some("down"), None));
        }
        if cadence == Cadence::Month {
            rules.push(on(name("year-to-date"), "year-to-date", None, Some(4.0)));
        }
    }
    for kind in ["stale", "date-changed"] {
        rules.push(RuleOptions { id: kind.to_owned(), kind: kind.to_owned(), ..RuleOptions::default() });
    }
    rules.iter().map(|options| Rule::from_options(options).expect("a preset is a possible rule")).collect()
}
