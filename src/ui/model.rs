//! The Model: the newest picture, the time, the terminal's abilities, and what the person at it has chosen.

use super::glyphs::{Glyphs, Tier};
use super::index::Index;
use super::message::Page;
use super::theme::Theme;
use crate::domain::alert::{Incident, IncidentId};
use crate::domain::headline::{Headline, HeadlineKey};
use crate::domain::policy_date::PolicyDate;
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

/// Everything that the screen is a function of.
pub struct Model {
    /// The newest picture.
    pub picture: Arc<Situation>,
    /// What is looked up in it at every frame.
    pub index: Index,
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
    /// Headlines after that which have been looked at one by one.
    pub read: BTreeSet<HeadlineKey>,
    /// A line to show for a while.
    pub toast: Option<String>,
    /// How many toasts there have been: another number is another toast, to be taken back later.
    pub toasts: u32,
    /// How many bells have been asked for.
    pub bells: u32,
    /// When the last one was.
    pub rung: Option<Timestamp>,
}

impl Model {
    /// A screen at its beginning.
    pub fn new(picture: Arc<Situation>, now: Timestamp, size: Size, zone: TimeZone, theme: Theme, tier: Tier) -> Self {
        let now = if picture.mode.replay().is_some() { picture.now } else { now };
        Self {
            // What was there before the screen is not new to it.
            read_until: now,
            seen: picture.facts.incidents.keys().cloned().collect(),
            read: BTreeSet::new(),
            index: Index::of(&picture),
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
            toasts: 0,
            bells: 0,
            rung: None,
        }
    }

    /// Takes a newer picture. What is selected stays selected, wherever it stands in the new order; the first entry is no choice
    /// and stays the first.
    pub fn take(&mut self, picture: Arc<Situation>) {
        let headline =
            self.index.headlines.get(self.selection_of(Page::Headlines)).map(|headline| headline.key.clone());
        let date = self.date().map(|date| date.id.clone());
        self.index = Index::of(&picture);
        if picture.mode.replay().is_some() {
            if picture.now < self.now {
                // A replay that began again: what was there before it is not new.
                self.seen = picture.facts.incidents.keys().cloned().collect();
                self.read_until = picture.now;
                self.read.clear();
            }
            self.now = picture.now;
        }
        self.now = self.now.max(picture.now);
        self.seen.retain(|id| picture.facts.incidents.contains_key(id));
        self.picture = picture;
        let headline = headline.and_then(|key| self.index.headlines.iter().position(|headline| headline.key == key));
        let date = date.and_then(|id| self.picture.policy_dates(self.now).iter().position(|(date, _)| date.id == id));
        for (page, place) in [(Page::Headlines, headline), (Page::Dates, date)] {
            let selected = &mut self.selected[page.place()];
            if *selected > 0 {
                *selected = place.unwrap_or(*selected);
            }
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

    /// A length of time in its largest sensible unit, none smaller than the step, nor than the minute in which screens are
    /// redrawn: `0 min`, `12 min`, `3 h`, `7 d`; within a replay's step, `now`. Minutes below ten have one width, so that
    /// the next one costs a cell.
    pub fn age(&self, length: SignedDuration) -> String {
        let (minute, day) = (SignedDuration::from_mins(1), SignedDuration::from_hours(24));
        match self.step() {
            step if step > minute && length < step => "now".to_owned(),
            step if step >= day => format!("{} d", length.as_hours() / 24),
            _ if length < minute => "0 min".to_owned(),
            _ => words::age(length),
        }
    }

    /// How long ago something was.
    pub fn ago(&self, at: Timestamp) -> String {
        self.age(self.now.duration_since(at))
    }

    /// Entries of a page.
    pub fn entries(&self, page: Page) -> usize {
        match page {
            Page::Overview => self.routes().len(),
            Page::Dates => self.picture.policy_dates(self.now).len(),
            Page::Headlines => self.index.headlines.len(),
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

    /// The selected policy date.
    pub fn date(&self) -> Option<&PolicyDate> {
        self.picture.policy_dates(self.now).get(self.selection_of(Page::Dates)).map(|(date, _)| *date)
    }

    /// Whether a headline is news that has not been looked at.
    pub fn is_new(&self, headline: &Headline) -> bool {
        !headline.first_load
            && headline.seen > self.read_until
            && self.now.duration_since(headline.seen) < NEW
            && !self.read.contains(&headline.key)
    }

    /// Whether an incident has not been looked at.
    pub fn is_unseen(&self, incident: &Incident) -> bool {
        !self.seen.contains(&incident.id) && self.now.duration_since(incident.opened) < NEW
    }
}
