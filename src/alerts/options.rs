//! What a `[[rule]]` says, as written, and how it becomes a rule.

use super::{KINDS, Rule, Selector};
use crate::domain::alert::{RuleId, Severity};
use crate::domain::route::{Measure, RouteId};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::domain::time::Cadence;
use serde::Deserialize;
use std::fmt;

/// The keys of a `[[rule]]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RuleOptions {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Only this route.
    pub route: Option<String>,
    /// Only this measure.
    pub measure: Option<String>,
    /// Only this cadence.
    pub cadence: Option<String>,
    /// `info`, `warning`, `critical`.
    pub severity: Option<String>,
    /// Fires at or beyond this.
    pub fire: Option<f64>,
    /// Ends below (above, for falls) this.
    pub clear: Option<f64>,
    /// Critical at or beyond this.
    pub critical: Option<f64>,
    /// `up` or `down`.
    pub direction: Option<String>,
    /// Periods up before it fires.
    #[serde(rename = "for")]
    pub for_periods: Option<i64>,
    /// Periods clear before it ends, beyond the first.
    pub keep: Option<i64>,
    /// The value must be at least this.
    pub min_count: Option<f64>,
    /// The base counts as at least this.
    pub floor: Option<f64>,
    /// Periods that are added up.
    pub window: Option<i64>,
    /// Periods of a year before its sum may fire.
    pub min_periods: Option<i64>,
    /// The least change in people, beside the share.
    pub abs: Option<f64>,
    /// Whether months are compared by the day, so that their length says nothing.
    pub per_day: Option<bool>,
    /// The highest for longer than so many periods.
    pub since: Option<i64>,
    /// So many figures must lie before.
    pub min_history: Option<i64>,
    /// The share of earlier figures that lie below.
    pub percentile: Option<f64>,
    /// Which of `C1`, `C2`, `C3` may fire.
    pub levels: Option<Vec<String>>,
    /// `raw` or `log1p`.
    pub scale: Option<String>,
    /// So many figures make the usual one.
    pub baseline: Option<i64>,
    /// Days that are added up to one figure.
    pub block: Option<i64>,
    /// The least standard deviation that is believed.
    pub min_sd: Option<f64>,
    /// Whether four figures are enough for a baseline.
    pub short: Option<bool>,
    /// Whether figures that were up themselves are left out of the baseline.
    pub exclude_alarmed: Option<bool>,
    /// The rules that a compound counts.
    pub of: Option<Vec<String>>,
    /// How many of them must fire.
    pub least: Option<i64>,
    /// Up so many periods ago still counts.
    pub within: Option<i64>,
    /// How long before a policy date it is told: `30d`, `24h`.
    pub before: Option<Vec<String>>,
    /// What to look for in headlines.
    pub words: Option<String>,
    /// So many headlines.
    pub items: Option<i64>,
    /// Of so many feeds.
    pub feeds: Option<i64>,
    /// Within so many hours.
    pub hours: Option<i64>,
}

/// A rule that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Which key.
    pub key: &'static str,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl RuleError {
    pub(super) fn new(key: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { key, what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.what, self.remedy)
    }
}

impl std::error::Error for RuleError {}

/// Keys that every kind takes.
const COMMON: &[&str] = &["id", "kind", "route", "measure", "cadence", "severity"];

impl RuleOptions {
    /// Every key, for telling unknown ones.
    pub const KEYS: &'static [&'static str] = &[
        "id",
        "kind",
        "route",
        "measure",
        "cadence",
        "severity",
        "fire",
        "clear",
        "critical",
        "direction",
        "for",
        "keep",
        "min_count",
        "floor",
        "window",
        "min_periods",
        "abs",
        "per_day",
        "since",
        "min_history",
        "percentile",
        "levels",
        "scale",
        "baseline",
        "block",
        "min_sd",
        "short",
        "exclude_alarmed",
        "of",
        "least",
        "within",
        "before",
        "words",
        "items",
        "feeds",
        "hours",
    ];

    fn given(&self) -> Vec<&'static str> {
        let given = [
            ("fire", self.fire.is_some()),
            ("clear", self.clear.is_some()),
            ("critical", self.critical.is_some()),
            ("direction", self.direction.is_some()),
            ("for", self.for_periods.is_some()),
            ("keep", self.keep.is_some()),
            ("min_count", self.min_count.is_some()),
            ("floor", self.floor.is_some()),
            ("window", self.window.is_some()),
            ("min_periods", self.min_periods.is_some()),
            ("abs", self.abs.is_some()),
            ("per_day", self.per_day.is_some()),
            ("since", self.since.is_some()),
            ("min_history", self.min_history.is_some()),
            ("percentile", self.percentile.is_some()),
            ("levels", self.levels.is_some()),
            ("scale", self.scale.is_some()),
            ("baseline", self.baseline.is_some()),
            ("block", self.block.is_some()),
            ("min_sd", self.min_sd.is_some()),
            ("short", self.short.is_some()),
            ("exclude_alarmed", self.exclude_alarmed.is_some()),
            ("of", self.of.is_some()),
            ("least", self.least.is_some()),
            ("within", self.within.is_some()),
            ("before", self.before.is_some()),
            ("words", self.words.is_some()),
            ("items", self.items.is_some()),
            ("feeds", self.feeds.is_some()),
            ("hours", self.hours.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect()
    }

    /// `up` unless it says `down`.
    pub(super) fn is_down(&self) -> Result<bool, RuleError> {
        match self.direction.as_deref() {
            None | Some("up") => Ok(false),
            Some("down") => Ok(true),
            Some(other) => Err(RuleError::new("direction", format!("\"{other}\" is none"), "write \"up\" or \"down\"")),
        }
    }

    /// A whole number from `least` to 100,000, where one is given.
    pub(super) fn whole(key: &'static str, value: Option<i64>, least: u32) -> Result<Option<u32>, RuleError> {
        let Some(value) = value else { return Ok(None) };
        let whole = u32::try_from(value).ok().filter(|whole| (least..=100_000).contains(whole));
        whole.map(Some).ok_or_else(|| {
            let remedy = format!("write a whole number from {least} to 100000");
            RuleError::new(key, format!("{value} is not possible"), remedy)
        })
    }

    /// A number from `least` on, or what holds where none is given.
    pub(super) fn number(key: &'static str, value: Option<f64>, least: f64, usual: f64) -> Result<f64, RuleError> {
        let value = value.unwrap_or(usual);
        if value.is_finite() && value >= least {
            return Ok(value);
        }
        Err(RuleError::new(key, format!("{value} is not possible"), format!("write a number from {least}")))
    }

    /// The fire and the clear threshold; the clear one must lie on the harmless side or equal it.
    pub(super) fn thresholds(&self, fire: f64, clear: f64, down: bool) -> Result<(f64, f64), RuleError> {
        for (key, value) in [("fire", fire), ("clear", clear), ("critical", self.critical.unwrap_or(fire))] {
            if !value.is_finite() || value < 0.0 {
                return Err(RuleError::new(key, format!("{value} is not possible"), "write a number from 0"));
            }
        }
        let wrong_side = if down { clear < fire } else { clear > fire };
        if wrong_side {
            let side = if down { "above" } else { "below" };
            let what = format!("clear = {clear} lies on the wrong side of fire = {fire}");
            return Err(RuleError::new("clear", what, format!("it must be {side} the fire threshold, or equal it")));
        }
        let critical_wrong = self.critical.is_some_and(|critical| if down { critical > fire } else { critical < fire });
        if critical_wrong {
            return Err(RuleError::new(
                "critical",
                "it is met before the fire threshold".to_owned(),
                "move it beyond fire",
            ));
        }
        Ok((fire, clear))
    }
}

impl Rule {
    /// Checks the options; says which key is wrong and what to do.
    pub fn from_options(options: &RuleOptions) -> Result<Self, RuleError> {
        let kind = KINDS.iter().find(|kind| kind.word == options.kind).ok_or_else(|| {
            let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
            RuleError::new(
                "kind",
                format!("\"{}\" is no kind of rule", options.kind),
                format!("write one of {}", words.join(", ")),
            )
        })?;
        if let Some(key) = options.given().into_iter().find(|key| !kind.parameters.contains(key)) {
            let taken = kind.parameters.iter().chain(COMMON).copied().collect::<Vec<_>>().join(", ");
            return Err(RuleError::new(
                key,
                format!("kind \"{}\" does not take it", kind.word),
                format!("leave it out; it takes {taken}"),
            ));
        }
        let severity = match options.severity.as_deref() {
            None => kind.severity,
            Some(word) => Severity::from_word(word).ok_or_else(|| {
                RuleError::new("severity", format!("\"{word}\" is none"), "write info, warning or critical")
            })?,
        };
        let cadence = match options.cadence.as_deref() {
            None => None,
            Some(word) => Some(Cadence::from_word(word).ok_or_else(|| {
                RuleError::new("cadence", format!("\"{word}\" is none"), "write day, week, month, quarter or year")
            })?),
        };
        let for_periods = RuleOptions::whole("for", options.for_periods, 1)?.unwrap_or(1);
        let keep = RuleOptions::whole("keep", options.keep, 0)?.unwrap_or(kind.keep);
        let what = (kind.make)(options)?;
        let selector = Selector {
            route: options.route.as_deref().map(RouteId::new),
            measure: options.measure.as_deref().map(Measure::new),
            cadence,
        };
        let mut text = match &what {
            super::What::Series(kind) => kind.text(),
            super::What::Compound(compound) => compound.text(),
            super::What::Clock(kind) => kind.text(),
        };
        if for_periods > 1 {
            text += &format!(", for {for_periods} periods");
        }
        if keep > 0 {
            text += &format!(", kept {keep} more");
        }
        // Severity is no part of the meaning: another one changes nothing that happened.
        let meaning = format!("{} {what:?} {for_periods} {keep}", kind.word);
        Ok(Self {
            id: RuleId::new(&options.id),
            kind: kind.word,
            selector,
            severity,
            for_periods,
            keep,
            text: Printable::clean(&text),
            hash: fnv(&meaning),
            what,
        })
    }

    /// Whether the rule looks at nothing that the configuration knows by name: worth a warning.
    pub fn looks_at_nothing(&self, catalog: &Catalog) -> bool {
        let mut known = catalog.routes.iter().flat_map(|route| &route.series);
        let series_kind = !matches!(self.what, super::What::Clock(_));
        series_kind && self.selector != Selector::default() && !known.any(|spec| self.selector.matches(&spec.id))
    }
}

/// FNV-1a: the same for the same text in every version, which the standard hasher is not.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
