//! Kind `burst` (surge.md R12): suddenly many headlines hold given words. Days are bins, judged as EARS judges figures: by the
//! fourteen before.

use super::clock_kinds::{ClockKind, Spell};
use super::ears::Ears;
use super::options::{RuleError, RuleOptions};
use super::{Kind, Selector, SeriesKind as _, What, keyword};
use crate::domain::alert::{Evaluation, RuleId, Severity, Subject};
use crate::domain::feed::FeedId;
use crate::domain::headline::Headline;
use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use crate::domain::route::{Measure, RouteId, SeriesId, SeriesSpec};
use crate::domain::series::Series;
use crate::domain::situation::{Catalog, Facts};
use crate::domain::terms::Terms;
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, Period, start_of_day};
use crate::domain::words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The kind's row.
pub const KIND: Kind = Kind {
    word: "burst",
    sentence: "on one day far more headlines than usual hold the `words`, `items` (5) of `feeds` (3) feeds or more",
    parameters: &["words", "items", "feeds"],
    severity: Severity::Info,
    keep: 0,
    make,
};

fn make(options: &RuleOptions) -> Result<What, RuleError> {
    let items = RuleOptions::whole("items", options.items, 1)?.unwrap_or(5);
    Ok(What::Clock(Arc::new(Burst {
        rule: RuleId::new(&options.id),
        terms: keyword::terms(options)?,
        items,
        feeds: RuleOptions::whole("feeds", options.feeds, 1)?.unwrap_or(3) as usize,
        ears: Ears::of_headlines(items),
    })))
}

/// Days that are looked at, today among them.
const BINS: i64 = 60;
/// How long it is kept after the day.
const KEEP: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug)]
struct Burst {
    rule: RuleId,
    terms: Terms,
    items: u32,
    feeds: usize,
    ears: Ears,
}

/// A day of headlines.
#[derive(Default)]
struct Bin<'a> {
    /// Whether any headline came at all: a day without is no calm one, nobody brought anything.
    any: bool,
    /// Those with the words.
    hits: Vec<&'a Headline>,
}

/// A day on which there were far more than usual, from when this was known.
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    reason: String,
}

impl ClockKind for Burst {
    fn text(&self) -> String {
        format!(
            "far more headlines in a day than in the 14 before, {} or more of {} feeds, with {}",
            self.items, self.feeds, self.terms
        )
    }

    fn subjects(&self, _: &Selector, _: &Catalog, _: &Facts) -> Vec<Subject> {
        vec![Subject::Topic(self.rule.clone())]
    }

    fn spell(&self, _: &Subject, _: &Catalog, facts: &Facts, now: Timestamp) -> Spell {
        match self.newest_stretch(facts, now).filter(|stretch| now < stretch.until) {
            Some(stretch) => {
                let reason = Printable::clean(&stretch.reason);
                Spell::On { since: stretch.from, severity: None, reason }
            }
            None => Spell::Off { reason: "no more headlines than usual hold the words".into() },
        }
    }

    fn next_change(&self, _: &Subject, _: &Catalog, facts: &Facts, now: Timestamp) -> Option<Timestamp> {
        self.newest_stretch(facts, now).map(|stretch| stretch.until).filter(|until| *until > now)
    }

    /// That it is as quiet as before is no news.
    fn tells_end(&self) -> bool {
        false
    }
}

impl Burst {
    /// The newest run of days that stand out, each kept so long that the next may follow.
    fn newest_stretch(&self, facts: &Facts, now: Timestamp) -> Option<Stretch> {
        let today = Period::containing(Cadence::Day, TimeZone::UTC.to_datetime(now).date());
        let bins = self.bins(facts, today, now);
        let series = counts(&bins, today);
        let spec = SeriesSpec::plain(series.id().clone());
        let course = self.ears.course(&series, &spec);
        let mut newest: Option<Stretch> = None;
        for evaluation in course.evaluations() {
            let Some(stretch) = evaluation.period.and_then(|day| self.stands_out(bins.get(&day)?, evaluation)) else {
                continue;
            };
            newest = Some(match newest {
                Some(last) if stretch.from <= last.until => Stretch { from: last.from, ..stretch },
                _ => stretch,
            });
        }
        newest
    }

    fn bins<'a>(&self, facts: &'a Facts, today: Period, now: Timestamp) -> BTreeMap<Period, Bin<'a>> {
        let from = start_of_day(today.offset(1 - BINS).start(), &TimeZone::UTC);
        let mut bins: BTreeMap<Period, Bin<'a>> = BTreeMap::new();
        let headlines = facts.headlines.values().map(AsRef::as_ref);
        for headline in headlines.filter(|headline| keyword::is_news(headline, from, now)) {
            let day = Period::containing(Cadence::Day, TimeZone::UTC.to_datetime(headline.at()).date());
            let bin = bins.entry(day).or_default();
            bin.any = true;
            if keyword::holds(&self.terms, headline) {
                bin.hits.push(headline);
            }
        }
        for bin in bins.values_mut() {
            bin.hits.sort_by(|a, b| a.seen.cmp(&b.seen).then_with(|| a.key.cmp(&b.key)));
        }
        bins
    }

    /// From when a day stood out: when so many of so many feeds had been seen that the bound was passed.
    fn stands_out(&self, bin: &Bin<'_>, evaluation: &Evaluation) -> Option<Stretch> {
        let (day, bound) = (evaluation.period?, evaluation.bound?);
        let mut feeds: BTreeSet<&FeedId> = BTreeSet::new();
        let (mut count, mut from) = (0_u32, None);
        for hit in &bin.hits {
            count += 1;
            feeds.extend(keyword::feeds_of(hit));
            if from.is_none() && f64::from(count) > bound && count >= self.items && feeds.len() >= self.feeds {
                from = Some(hit.seen);
            }
        }
        let newest = bin.hits.iter().max_by_key(|hit| hit.at())?;
        let (headlines, feeds) = (words::plural(count as usize, "headline"), words::plural(feeds.len(), "feed"));
        let usual = words::count(bound.floor());
        let reason = format!(
            "{headlines} of {feeds} on {}, where {usual} at most are usual; {}",
            words::day(day.start()),
            newest.item.title
        );
        Some(Stretch { from: from?, until: day.end_instant(&TimeZone::UTC).saturating_add(KEEP).ok()?, reason })
    }
}

/// Headlines a day, as figures: a day on which nobody brought anything is a gap, today is running.
fn counts(bins: &BTreeMap<Period, Bin<'_>>, today: Period) -> Series {
    let id = SeriesId { route: RouteId::new("headlines"), measure: Measure::new("headlines"), cadence: Cadence::Day };
    let mut series = Series::new(id.clone());
    for (day, bin) in bins.iter().filter(|(_, bin)| bin.any) {
        let status = if *day == today { Status::Partial } else { Status::Closed };
        #[expect(clippy::cast_precision_loss, reason = "a day has few headlines")]
        let value = Some(bin.hits.len() as f64);
        series.insert(&Vintage {
            observation: Observation { series: id.clone(), period: *day, value, status, published: None },
            known: Known { at: Timestamp::UNIX_EPOCH, how: KnownHow::Seen },
            batch: BatchId(0),
        });
    }
    series
}
