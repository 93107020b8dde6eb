//! Mending: a kept body is read again when the mapping (or the program) has changed, when a batch was voided, or when a person accepted
//! it. Nobody is asked; the figures are those of the fetch of that body.

use super::outcome::{After, Outcome, Stamp};
use super::plan::{Before, Plan};
use super::poller::Seen;
use super::reading::Paper;
use crate::domain::feed::FeedMemory;
use crate::domain::observation::{Known, KnownHow};
use crate::domain::situation::Catalog;
use crate::store::handle::StoreHandle;
use crate::store::kept::Kept;
use crate::store::{self, Check, Marks};
use jiff::Timestamp;

/// Whether what is kept of a feed has to be read again. What was never read is asked for instead.
pub fn is_due(plan: &Plan, memory: &FeedMemory, marks: &Marks) -> bool {
    !memory.belongs_to.is_empty() && (!plan.reads(memory, marks) || waits(memory, marks))
}

/// Whether a person accepted the reply that is held.
pub fn waits(memory: &FeedMemory, marks: &Marks) -> bool {
    memory.held.as_deref().is_some_and(|held| marks.is_accepted(held))
}

/// Reads a kept body again. `None` where there is none that will do: the feed has to be asked.
pub async fn mend(
    plan: &Plan,
    before: &Before,
    catalog: &Catalog,
    store: &StoreHandle,
    now: Timestamp,
) -> store::Result<Option<Check>> {
    let feed = plan.feed.id.clone();
    let visit =
        move |store: &mut dyn store::Store| Ok((store.marks(&feed)?, store.held_body(&feed)?, store.body(&feed)?));
    let (marks, held, good) = store.call(visit).await?;
    if !is_due(plan, &before.memory, &marks) {
        return Ok(None);
    }
    let Some((kept, held)) = choose(plan, &before.memory, &marks, held, good) else { return Ok(None) };
    let (hash, fetched) = (kept.reply_hash.clone(), kept.fetched);
    let outcome = if marks.is_void(&hash, &plan.mapping_hash) && !marks.is_accepted(&hash) {
        Outcome::Void { hash }
    } else {
        let stamp = Stamp { known: Known { at: fetched, how: KnownHow::Seen }, taken: now };
        let seen = Seen { plan, memory: &before.memory, marks: &marks, store: Some(store) };
        seen.read(Paper::kept(kept, before.memory.found.as_deref()), stamp, catalog).await?
    };
    let mut after = After::unasked(plan, before, &marks, now);
    after.end_kept(fetched, held, outcome);
    Ok(Some(after.into_check()))
}

/// The newest body of this address: the one that is held, and whether it is that, else the last good one. Where a person accepted one,
/// that one or none.
fn choose(
    plan: &Plan,
    memory: &FeedMemory,
    marks: &Marks,
    held: Option<Kept>,
    good: Option<Kept>,
) -> Option<(Kept, bool)> {
    let held = held.map(|kept| (kept, true));
    let good = good.map(|kept| (kept, false));
    let (newest, older) = if held.is_some() { (held, good) } else { (good, None) };
    let will_do = |(kept, _): &(Kept, bool)| {
        *kept.address == *plan.address && (!waits(memory, marks) || marks.is_accepted(&kept.reply_hash))
    };
    newest.filter(will_do).or_else(|| older.filter(will_do))
}
