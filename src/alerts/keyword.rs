//! Kind `keyword` (surge.md R11): headlines that hold given words. A headline draws attention; it never becomes a figure.

use super::clock_kinds::{ClockKind, Spell};
use super::options::{RuleError, RuleOptions};
use super::{Kind, Selector, What};
use crate::domain::alert::{RuleId, Severity, Subject};
use crate::domain::feed::FeedId;
use crate::domain::headline::{Headline, Item};
use crate::domain::situation::{Catalog, Facts};
use crate::domain::terms::{self, Terms};
use crate::domain::text::Printable;
use crate::domain::words;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "keyword",
    sentence: "`items` headlines of `feeds` feeds hold the `words` within `hours` (24); kept for a day",
    parameters: &["words", "items", "feeds", "hours"],
    severity: Severity::Warning,
    keep: 0,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let hours = RuleOptions::whole("hours", options.hours, 1)?.unwrap_or(24);
    Ok(What::Clock(Arc::new(Keyword {
        rule: RuleId::new(&options.id),
        terms: terms(options)?,
        items: RuleOptions::whole("items", options.items, 1)?.unwrap_or(1) as usize,
        feeds: RuleOptions::whole("feeds", options.feeds, 1)?.unwrap_or(1) as usize,
        within: SignedDuration::from_hours(hours.into()),
    })))
}

/// What a rule on headlines looks for; such a rule is on no series.
pub fn terms(options: &RuleOptions) -> Result<Terms, RuleError> {
    let of_series = [("route", &options.route), ("measure", &options.measure), ("cadence", &options.cadence)];
    if let Some((key, _)) = of_series.into_iter().find(|(_, given)| given.is_some()) {
        return Err(RuleError::new(key, "headlines have none", "leave it out; `words` says what to look for"));
    }
    let text = options.words.as_deref().ok_or_else(|| {
        RuleError::new("words", "it is missing", "write what to look for, such as words = \"Rwanda AND flight*\"")
    })?;
    Terms::parse(text).map_err(|error| RuleError::new("words", error.what, error.remedy))
}

/// Whether a headline from then on is news at an instant: known by then, not old at first sight, and not there on its feed's first day.
pub fn is_news(headline: &Headline, from: Timestamp, now: Timestamp) -> bool {
    let (at, seen) = (headline.at(), headline.seen);
    at > from && seen <= now && !headline.first_load && seen.duration_since(at) <= OLD
}

/// Whether a headline holds the words.
pub fn holds(terms: &Terms, headline: &Headline) -> bool {
    let Item { title, summary, .. } = &headline.item;
    terms.are_in(title.as_str(), summary.as_ref().map(Printable::as_str))
}

/// The feeds that bring a headline.
pub fn feeds_of(headline: &Headline) -> impl Iterator<Item = &FeedId> {
    std::iter::once(&headline.feed).chain(headline.also.iter().map(|also| &also.feed))
}

/// How long it is kept after there are too few.
const KEEP: SignedDuration = SignedDuration::from_hours(24);
/// What was older when it was first seen is no news.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// No spell is followed further back.
const FURTHEST: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Debug)]
struct Keyword {
    rule: RuleId,
    terms: Terms,
    items: usize,
    feeds: usize,
    within: SignedDuration,
}

/// A headline that holds the words.
struct Hit<'a> {
    headline: &'a Headline,
    /// Whether another with the same words in its title came before: it is another feed, no other story.
    again: bool,
}

/// A stretch of time in which there are enough.
struct Stretch {
    from: Timestamp,
    until: Timestamp,
}

impl ClockKind for Keyword {
    fn text(&self) -> String {
        let headlines = words::plural(self.items, "headline");
        let feeds = if self.feeds > 1 { format!(" of {} feeds", self.feeds) } else { String::new() };
        format!("{headlines}{feeds} within {} with {}", words::age(self.within), self.terms)
    }

    fn subjects(&self, _: &Selector, _: &Catalog, _: &Facts) -> Vec<Subject> {
        vec![Subject::Topic(self.rule.clone())]
    }

    fn spell(&self, _: &Subject, catalog: &Catalog, facts: &Facts, now: Timestamp) -> Spell {
        let (stretch, hits) = self.newest_stretch(facts, now);
        match stretch.filter(|stretch| now < stretch.until) {
            Some(stretch) => {
                Spell::On { since: stretch.from, severity: None, reason: self.reason(&hits, catalog, now) }
            }
            None => Spell::Off { reason: "too few headlines hold the words".into() },
        }
    }

    fn next_change(&self, _: &Subject, _: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
        self.newest_stretch(facts, now).0.map(|stretch| stretch.until).filter(|until| *until > now)
    }

    /// That nobody writes of it any more is no news.
    fn tells_end(&self) -> bool {
        false
    }
}

impl Keyword {
    /// The newest stretch with enough headlines, and the headlines looked at. As far back as it takes to find where it began.
    fn newest_stretch<'a>(&self, facts: &'a Facts, now: Timestamp) -> (Option<Stretch>, Vec<Hit<'a>>) {
        let reach = self.within.saturating_add(KEEP);
        let mut back = reach;
        loop {
            let from = now.saturating_sub(back).unwrap_or(Timestamp::MIN);
            let hits = self.hits(facts, from, now);
            let stretch = self.stretch(&hits);
            // One that begins right where the search does may have begun before.
            let whole = stretch.as_ref().is_none_or(|stretch| stretch.from.duration_since(from) > reach);
            if whole || back >= FURTHEST {
                return (stretch, hits);
            }
            back = back.saturating_mul(2).min(FURTHEST.max(reach));
        }
    }

    /// Headlines with the words, in the order in which they were seen.
    fn hits<'a>(&self, facts: &'a Facts, from: Timestamp, now: Timestamp) -> Vec<Hit<'a>> {
        let headlines = facts.headlines.values().map(AsRef::as_ref);
        let news = headlines.filter(|headline| is_news(headline, from, now));
        let mut found: Vec<&Headline> = news.filter(|headline| holds(&self.terms, headline)).collect();
        found.sort_by(|a, b| a.seen.cmp(&b.seen).then_with(|| a.key.cmp(&b.key)));
        let mut titles: Vec<(BTreeSet<String>, Timestamp)> = Vec::new();
        let hits = found.into_iter().map(|headline| {
            let title: BTreeSet<String> = terms::words(headline.item.title.as_str()).into_iter().collect();
            let at = headline.at();
            let same = |(words, before): &(BTreeSet<String>, Timestamp)| {
                *words == title && at.duration_since(*before).abs() <= OLD
            };
            let again = titles.iter().any(same);
            titles.push((title, at));
            Hit { headline, again }
        });
        hits.collect()
    }

    /// The newest stretch in which there are enough. It begins when the last that it took was seen, so that what is found late moves
    /// no beginning.
    fn stretch(&self, hits: &[Hit<'_>]) -> Option<Stretch> {
        let mut newest: Option<Stretch> = None;
        for (number, hit) in hits.iter().enumerate() {
            let from = hit.headline.seen;
            let Some(until) = self.enough_until(&hits[..=number]).filter(|until| *until > from) else { continue };
            newest = Some(match newest {
                Some(last) if from <= last.until => Stretch { from: last.from, until: last.until.max(until) },
                _ => Stretch { from, until },
            });
        }
        newest
    }

    /// Until when headlines are enough, with what they are kept beyond that; `None` where they never are.
    fn enough_until(&self, hits: &[Hit<'_>]) -> Option<Timestamp> {
        let mut by_age: Vec<&Hit<'_>> = hits.iter().collect();
        by_age.sort_by_key(|hit| std::cmp::Reverse(hit.headline.at()));
        let newest = by_age.first()?.headline.at();
        let (mut items, mut feeds) = (0, BTreeSet::new());
        for hit in by_age {
            let at = hit.headline.at();
            if newest.duration_since(at) >= self.within {
                return None;
            }
            items += usize::from(!hit.again);
            feeds.extend(feeds_of(hit.headline));
            if items >= self.items && feeds.len() >= self.feeds {
                return at.saturating_add(self.within.saturating_add(KEEP)).ok();
            }
        }
        None
    }

    /// `3 headlines in 24 h, the newest of Refugees: United Kingdom plans …`
    fn reason(&self, hits: &[Hit<'_>], catalog: &Catalog, now: Timestamp) -> Printable {
        let from = now.saturating_sub(self.within).unwrap_or(Timestamp::MIN);
        let count = hits.iter().filter(|hit| !hit.again && hit.headline.at() > from).count();
        let Some(newest) = hits.iter().map(|hit| hit.headline).max_by_key(|headline| headline.at()) else {
            return Printable::default();
        };
        let feed = catalog.feed(&newest.feed).map_or_else(|| newest.feed.to_string(), |feed| feed.name.to_string());
        let within = words::age(self.within);
        let said = match count {
            0 => format!("none in {within}, the last of {feed}"),
            1 => feed,
            count => format!("{count} headlines in {within}, the newest of {feed}"),
        };
        Printable::clean(&format!("{said}: {}", newest.item.title))
    }
}
