//! The Model: the newest picture, the time, the terminal's abilities, and what the person at it has chosen.

use super::glyphs::{Glyphs, Tier};
use super::message::Page;
use super::theme::Theme;
use crate::domain::alert::IncidentId;
use crate::domain::headline::Headline;
use crate::domain::route::Route;
use crate::domain::situation::Situation;
use crate::domain::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long something is marked as new if nobody looks.
const NEW: SignedDuration = SignedDuration::from_hours(24);
/// How long a toast stands.
pub const TOAST: SignedDuration = SignedDuration::from_secs(6);

/// Everything that the screen is a function of.
pub struct Model {
    /// The newest picture.
    pub picture: Arc<Situation>,
    /// The time; a replay's is its picture's.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// The zone of local times.
    pub zone: TimeZone,
    /// The theme.
    pub theme: Theme,
    /// The signs.
    pub glyphs: &'static Glyphs,
    /// The page.
    pub page: Page,
    /// Whether the selected route's chart takes the page.
    pub chart: bool,
    /// Whether the keys are shown over the page.
    pub help: bool,
    /// The selected entry of each page, by its place.
    pub selected: [usize; Page::ALL.len()],
    /// Incidents that somebody has looked at.
    pub seen: BTreeSet<IncidentId>,
    /// Headlines first seen up to here have been looked at.
    pub read_until: Timestamp,
    /// A line to show for a while, with the time at which it goes.
    pub toast: Option<(String, Timestamp)>,
}

impl Model {
    /// A screen at its beginning.
    pub fn new(picture: Arc<Situation>, now: Timestamp, size: Size, zone: TimeZone, theme: Theme, tier: Tier) -> Self {
        let now = if picture.mode.replay().is_some() { picture.now } else { now };
        Self {
            // What was there before the screen is not new to it.
            read_until: now,
            seen: picture.facts.incidents.keys().cloned().collect(),
            picture,
            now,
            size,
            zone,
            theme,
            glyphs: tier.glyphs(),
            page: Page::Overview,
            chart: false,
            help: false,
            selected: [0; Page::ALL.len()],
            toast: None,
        }
    }

    /// No clock shows a smaller unit than this.
    pub fn step(&self) -> SignedDuration {
        match self.picture.mode.replay() {
            // The epilogue goes in months; its moments are dated to the day.
            Some(replay) if replay.epilogue => SignedDuration::from_hours(24),
            Some(replay) => replay.step,
            None => SignedDuration::from_secs(1),
        }
    }

    /// A length of time, no unit smaller than the step: within one step it is now.
    pub fn age(&self, length: SignedDuration) -> String {
        let step = self.step();
        if step.as_secs() >= 60 && length < step { "now".to_owned() } else { words::age(length) }
    }

    /// How long ago something was.
    pub fn ago(&self, at: Timestamp) -> String {
        let age = self.age(self.now.duration_since(at));
        if age == "now" { age } else { format!("{age} ago") }
    }

    /// Entries of a page.
    pub fn entries(&self, page: Page) -> usize {
        match page {
            Page::Overview => self.routes().len(),
            Page::Dates => self.picture.policy_dates(self.now).len(),
            Page::Headlines => self.picture.facts.headlines.len(),
            Page::Feeds => self.picture.catalog.feeds.len(),
        }
    }

    /// The selected entry of the page, within what there is.
    pub fn selection(&self) -> usize {
        self.selected[self.page.place()].min(self.entries(self.page).saturating_sub(1))
    }

    /// The selected entry of a page, within what there is.
    pub fn selection_of(&self, page: Page) -> usize {
        self.selected[page.place()].min(self.entries(page).saturating_sub(1))
    }

    /// Routes that have a series, configured ones first in their order.
    pub fn routes(&self) -> Vec<&Route> {
        self.picture.catalog.routes.iter().filter(|route| !route.series.is_empty()).collect()
    }

    /// The selected route.
    pub fn route(&self) -> Option<&Route> {
        self.routes().get(self.selection_of(Page::Overview)).copied()
    }

    /// Whether a headline has not been looked at.
    pub fn is_new(&self, headline: &Headline) -> bool {
        headline.seen > self.read_until && self.now.duration_since(headline.seen) < NEW
    }

    /// Whether an incident has not been looked at.
    pub fn is_unseen(&self, incident: &crate::domain::alert::Incident) -> bool {
        !self.seen.contains(&incident.id) && self.now.duration_since(incident.opened) < NEW
    }
}
