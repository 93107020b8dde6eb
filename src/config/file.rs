//! The TOML as written: its tables and their keys, each value with its place in the file.

use serde::Deserialize;
use toml::Spanned;

/// Settings that are no list: laid over `default.toml`.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The title in the header.
    pub title: Spanned<String>,
    /// The zone of local times on screens; `system` for the machine's.
    pub zone: Spanned<String>,
    /// The theme's name.
    pub theme: Spanned<String>,
    /// The glyph tier.
    pub glyphs: Spanned<String>,
    /// The colour depth.
    pub color: Spanned<String>,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Where the store is.
    pub store: Option<Spanned<String>>,
    /// How long a fetch may take, unless a feed says otherwise.
    pub deadline: Spanned<String>,
    /// The most bytes of a body.
    pub body_cap: Spanned<i64>,
    /// How long headlines are kept.
    pub keep_headlines: Spanned<String>,
}

/// The keys of [`Settings`].
pub const SETTINGS: &[&str] =
    &["title", "zone", "theme", "glyphs", "color", "mouse", "store", "deadline", "body_cap", "keep_headlines"];

/// The lists of tables, beside the settings.
pub const LISTS: &[&str] = &["route", "feed", "rule", "policy_date"];

/// A `[[route]]`.
#[derive(Debug, Deserialize)]
pub struct RouteTable {
    /// Its id.
    pub id: Spanned<String>,
    /// The name on screens; the id where absent.
    pub name: Option<String>,
    /// Which way people move.
    pub direction: Option<Spanned<String>>,
    /// Words that tie headlines to it.
    #[serde(default)]
    pub words: Vec<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Where it says what to do.
    pub runbook: Option<String>,
    /// What is known of its series.
    #[serde(default)]
    pub series: Vec<Spanned<SeriesTable>>,
}

/// The keys of [`RouteTable`].
pub const ROUTE: &[&str] = &["id", "name", "direction", "words", "owner", "runbook", "series"];

/// What is known of a series.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesTable {
    /// What is counted.
    pub measure: String,
    /// How often.
    pub cadence: Spanned<String>,
    /// The unit in words; the measure where absent.
    pub unit: Option<String>,
    /// The publisher's zone.
    pub zone: Option<Spanned<String>>,
    /// From a period's end to its first publication.
    pub lag: Option<Spanned<String>>,
    /// Month and day on which the publisher's year starts, such as `10-01`.
    pub year_start: Option<Spanned<String>>,
    /// `gap` or `zero`.
    pub missing: Option<Spanned<String>>,
    /// Whether the publisher has ended it.
    #[serde(default)]
    pub ended: bool,
    /// Whether values are stocks.
    #[serde(default)]
    pub stock: bool,
}

/// The keys of a `[[feed]]` that do not concern reading.
#[derive(Debug, Deserialize)]
pub struct FeedTable {
    /// Its id.
    pub id: Spanned<String>,
    /// The name on screens; the id where absent.
    pub name: Option<String>,
    /// Where it is; a scenario's feed has none.
    pub url: Option<Spanned<String>>,
    /// How often it is asked.
    pub every: Option<Spanned<String>>,
    /// How long a fetch may take.
    pub deadline: Option<Spanned<String>>,
}

/// The keys of [`FeedTable`]; those of reading are `FeedOptions::KEYS`.
pub const FEED: &[&str] = &["id", "name", "url", "every", "deadline"];

/// A `[[policy_date]]`.
#[derive(Debug, Deserialize)]
pub struct PolicyTable {
    /// Its id.
    pub id: Spanned<String>,
    /// The name on screens; the id where absent.
    pub name: Option<String>,
    /// The zone in which its date is civil.
    pub zone: Option<Spanned<String>>,
    /// The routes it bears on.
    #[serde(default)]
    pub routes: Vec<Spanned<String>>,
    /// The dated changes.
    #[serde(default)]
    pub changes: Vec<Spanned<ChangeTable>>,
}

/// The keys of [`PolicyTable`].
pub const POLICY_DATE: &[&str] = &["id", "name", "zone", "routes", "changes"];

/// One dated change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeTable {
    /// When the world knew it: a day in the zone, or an instant.
    pub known: Spanned<String>,
    /// The status from then on.
    pub status: Spanned<String>,
    /// The date from then on.
    pub date: Option<Spanned<String>>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided it.
    pub authority: Option<String>,
    /// Where it says so.
    pub source: Option<String>,
}

/// A `[scenario]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioTable {
    /// Its name.
    pub name: String,
    /// The first instant that is shown.
    pub start: Spanned<String>,
    /// The last before the epilogue.
    pub until: Spanned<String>,
    /// Scenario time between two pictures.
    pub step: Spanned<String>,
    /// Real time between two pictures.
    pub pace: Spanned<String>,
    /// Real time between two instants of the epilogue.
    pub epilogue_pace: Option<Spanned<String>>,
    /// Single instants after `until`.
    #[serde(default)]
    pub epilogue: Vec<EpilogueTable>,
}

/// An instant of the epilogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpilogueTable {
    /// When.
    pub at: Spanned<String>,
    /// What is to be said of it.
    pub note: Option<String>,
}
