//! What waits to be written, as it would change a picture: for the time in which the store does not take it. Nothing here is a fact yet;
//! when the store has taken it, the picture is read from there again.

use super::headlines::{self, Shelf};
use super::{Check, is_same, last_of_each};
use crate::domain::headline::{Headline, HeadlineKey, Name, Story};
use crate::domain::observation::{BatchId, Status, Vintage};
use crate::domain::route::SeriesId;
use crate::domain::situation::Facts;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

/// The batch of what has none yet.
const NONE: BatchId = BatchId(0);

/// Folds a check over what is known. Gives the series that it changed.
pub fn fold(facts: &mut Facts, check: &Check) -> BTreeSet<SeriesId> {
    let mut touched = BTreeSet::new();
    facts.health.insert(check.health.feed.clone(), Arc::new(check.health.clone()));
    let Some(haul) = &check.haul else { return touched };
    let first: BTreeSet<&SeriesId> = haul
        .observations
        .iter()
        .map(|arrival| &arrival.observation.series)
        .filter(|id| !facts.series.contains_key(*id))
        .collect();
    for (arrival, latest) in last_of_each(&haul.observations) {
        let observation = &arrival.observation;
        if !latest || matches!(observation.status, Status::Filler | Status::Invalid) {
            continue;
        }
        let known = arrival.known(haul.known, first.contains(&observation.series));
        let before = facts.series.get(&observation.series).and_then(|series| series.point(observation.period));
        if before.is_some_and(|point| is_same(&point, observation)) {
            continue;
        }
        facts.insert(&Vintage { observation: observation.clone(), known, batch: NONE });
        touched.insert(observation.series.clone());
    }
    // What a feed has on its first day is marked when it is written: only the store knows whether it is that.
    let Ok(_) = headlines::take(&mut Picture(facts), &check.health.feed, &haul.items, haul.taken, false);
    touched
}

/// The headlines of a picture: few enough to look through.
struct Picture<'a>(&'a mut Facts);

impl Shelf for Picture<'_> {
    type Error = Infallible;

    fn named(&mut self, name: Name) -> Result<Option<Headline>, Infallible> {
        let goes_by = |headline: &&Arc<Headline>| headline.item.aliases.contains(&name);
        Ok(self.0.headlines.values().find(goes_by).map(|headline| (**headline).clone()))
    }

    fn telling(&mut self, story: Story) -> Result<Vec<Headline>, Infallible> {
        let telling = self.0.headlines.values().filter(|headline| headline.item.story == Some(story));
        Ok(telling.map(|headline| (**headline).clone()).collect())
    }

    fn mint(&mut self) -> Result<HeadlineKey, Infallible> {
        Ok(HeadlineKey(format!("unwritten {}", self.0.headlines.len()).into()))
    }

    fn keep(&mut self, headline: &Headline) -> Result<(), Infallible> {
        Arc::make_mut(&mut self.0.headlines).insert(headline.key.clone(), Arc::new(headline.clone()));
        Ok(())
    }

    fn name(&mut self, _: &HeadlineKey, _: bool, _: &[Name]) -> Result<(), Infallible> {
        Ok(())
    }
}
