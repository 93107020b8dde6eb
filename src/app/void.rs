//! `feed void` and `feed accept`: what a person says of replies that were misread, or rightly doubted. Facts in the store, so any process
//! may write them, while another collects or while none does.

use super::cli::{Cli, Void};
use super::commands::open_store;
use super::parts::need_config;
use super::{Failure, print, print_document};
use crate::clock::{Clock, System};
use crate::config::Config;
use crate::config::places::Environment;
use crate::domain::feed::FeedId;
use crate::domain::observation::{BatchContents, BatchId, Undone};
use crate::domain::situation::Facts;
use crate::domain::text::Printable;
use crate::domain::words::count;
use crate::report;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use std::sync::Arc;

/// Lists the batches of a feed, or marks one void.
pub fn void(cli: &Cli, asked: &Void, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let mut store = open_store(cli, &config, environment)?;
    let (feed, batches) = batches_of(&config, &mut store, &asked.id)?;
    let (Some(batch), Some(reason)) = (&asked.batch, &asked.reason) else {
        return if asked.json {
            print_document(&report::batches_json(feed.as_str(), &batches))
        } else {
            print(&report::batches_text(feed.as_str(), &batches))
        };
    };
    let reason = Printable::clean(reason);
    if reason.is_empty() {
        return Err(Failure::Request("say why: --reason \"thousands were read as decimals\"".to_owned()));
    }
    let batch = choose(&feed, &batches, batch)?;
    let undone = store.void(&feed, batch, reason.as_str()).map_err(|error| Failure::unavailable(&error))?;
    let number = batch.0;
    match undone {
        Some(undone) => print(&said(&feed, batch, &reason, undone)),
        None => {
            let why = batches.iter().find(|contents| contents.batch.id == batch);
            let why = why.and_then(|contents| contents.batch.void.as_deref()).map(Printable::clean).unwrap_or_default();
            print(&format!("Batch {number} of {feed} is void already: \"{why}\". Nothing was changed.\n"))
        }
    }
}

/// Accepts the reply of a feed that was not taken.
pub fn accept(cli: &Cli, id: &str, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let mut store = open_store(cli, &config, environment)?;
    let (feed, _) = batches_of(&config, &mut store, id)?;
    let memories = store.memories().map_err(|error| Failure::unavailable(&error))?;
    let memory = memories.get(&feed);
    let held = memory.and_then(|memory| memory.held.as_deref()).ok_or_else(|| {
        let why = if memory.is_some_and(|memory| memory.went_back_to.is_some()) {
            format!(
                "its last reply was an older one, which is taken by itself if the next poll brings it again; `watchfloor refresh {feed}` \
                 asks now"
            )
        } else {
            "`watchfloor status` says how its last reply was read".to_owned()
        };
        Failure::Request(format!("no reply of {feed} waits to be accepted; {why}"))
    })?;
    let kept = store.held_body(&feed).and_then(|body| match body {
        Some(body) => Ok(Some(body)),
        None => store.body(&feed),
    });
    let kept = kept.map_err(|error| Failure::unavailable(&error))?.is_some_and(|body| body.reply_hash == held);
    let when = if kept {
        format!(
            "It is taken at once where a session collects, else when the next one begins, or by `watchfloor refresh {feed}`"
        )
    } else {
        "It was too large to be kept: it is taken at the next poll, if the publisher still serves it".to_owned()
    };
    if store.marks(&feed).map_err(|error| Failure::unavailable(&error))?.is_accepted(held) {
        return print(&format!("Nothing of {feed} is held any more: its reply was accepted before. {when}.\n"));
    }
    store.accept(&feed, held, System::new().now()).map_err(|error| Failure::unavailable(&error))?;
    print(&format!(
        "The reply of {feed} that was not taken is accepted. {when}.\n\
         If it turns out to be wrong: watchfloor feed void {feed} --batch last --reason \"…\"\n"
    ))
}

/// Says of each feed whose held reply was accepted that nobody need do it again: it waits for whoever collects.
pub fn tell_accepted(store: &mut SqliteStore, facts: &mut Facts) -> Result<(), StoreError> {
    for (feed, memory) in store.memories()? {
        let Some(held) = memory.held.as_deref() else { continue };
        if !store.marks(&feed)?.is_accepted(held) {
            continue;
        }
        if let Some(health) = facts.health.get_mut(&feed).filter(|health| health.degraded.is_some()) {
            let said = format!(
                "its last reply is accepted, and waits to be taken by whoever collects: a session, or `watchfloor refresh {feed}`"
            );
            Arc::make_mut(health).degraded = Some(Printable::clean(&said));
        }
    }
    Ok(())
}

/// A feed of the configuration, or one of before that has left something in the store, with its batches.
fn batches_of(config: &Config, store: &mut SqliteStore, id: &str) -> Result<(FeedId, Vec<BatchContents>), Failure> {
    let feed = FeedId::new(id);
    let batches = store.batches(&feed).map_err(|error| Failure::unavailable(&error))?;
    if batches.is_empty() && config.feeds.iter().all(|plan| plan.feed.id != feed) {
        let known: Vec<&str> = config.feeds.iter().map(|plan| plan.feed.id.as_str()).collect();
        let id = Printable::clean(id);
        return Err(Failure::Request(format!("there is no feed \"{id}\"; there are {}", known.join(", "))));
    }
    Ok((feed, batches))
}

/// The batch that an argument means: its number, or `last` for the newest that is not void.
fn choose(feed: &FeedId, batches: &[BatchContents], asked: &str) -> Result<BatchId, Failure> {
    let remedy = format!("`watchfloor feed void {feed}` lists its batches");
    if asked == "last" {
        let last = batches.iter().find(|contents| contents.batch.void.is_none());
        let last = last.map(|contents| contents.batch.id);
        return last.ok_or_else(|| Failure::Request(format!("{feed} has no batch that is not void; {remedy}")));
    }
    let number = asked.parse().ok().map(BatchId);
    let found = batches.iter().find(|contents| Some(contents.batch.id) == number);
    found
        .map(|contents| contents.batch.id)
        .ok_or_else(|| Failure::Request(format!("{feed} has no batch \"{}\"; {remedy}", Printable::clean(asked))))
}

/// What voiding did, and what comes next.
fn said(feed: &FeedId, batch: BatchId, reason: &Printable, undone: Undone) -> String {
    let part = |number: u64, one: &str, many: &str| {
        (number > 0).then(|| format!("  {} {}\n", count(number as f64), if number == 1 { one } else { many }))
    };
    let Undone { restored, gone, untouched } = undone;
    let parts = [
        part(restored, "figure stands again as it was before", "figures stand again as they were before"),
        part(
            gone,
            "figure had no other version and is gone until a reply gives it again",
            "figures had no other version and are gone until a reply gives them again",
        ),
        part(untouched, "figure had been revised since and stays", "figures had been revised since and stay"),
    ];
    let parts: String = parts.into_iter().flatten().collect();
    let parts = if parts.is_empty() { "  It had no figures.\n".to_owned() } else { parts };
    format!(
        "Batch {number} of {feed} is void: \"{reason}\".\n{parts}\
         What the mapping made of that reply is not taken again: mend the mapping (watchfloor feed try {feed} shows what it reads); \
         the kept reply is then read at once.\n\
         To see what stands: watchfloor export observations --vintages\n",
        number = batch.0,
    )
}
