//! `refresh`: the feeds are asked once, and the process ends. For a scheduler, and for whoever wants to know now.

use super::cli::Cli;
use super::parts::{need_config, parts, store_path};
use super::session::{holder, load, runtime_here};
use super::store::{self, Held};
use super::{Failure, logging, print, signals, tell};
use crate::clock::{Clock, System};
use crate::config::Config;
use crate::config::places::Environment;
use crate::domain::situation::Mode;
use crate::engine::Parts;
use crate::engine::keeper::Keeper;
use crate::engine::refresh::{Refresh, Refreshed, Which};
use crate::fetch::Fetcher;
use crate::report;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Asks all feeds, those that are due, or those that are named. Tells which failed; an error only where none answered.
pub fn refresh(cli: &Cli, feeds: &[String], due: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    let parts = wanted(parts(&config, Fetcher::live(config.fetch.clone())), &config, feeds)?;
    let which = match (feeds, due) {
        (_, true) => Which::Due,
        ([], false) => Which::All,
        _ => Which::Named,
    };
    logging::errors_to_stderr(cli);
    let path = store_path(cli, &config, environment)?;
    let clock = System::new();
    let Held { handle: store, mut remarks } = store::open(&path, &clock)?;
    tell(&remarked(&mut remarks));
    runtime_here()?.block_on(async {
        let stop = signals::to_stop().map_err(|error| Failure::unavailable(&error))?;
        let (rules, catalog, title) = (parts.rules.clone(), parts.catalog.clone(), parts.title.clone());
        let (keeper, _pictures) = Keeper::new(store.clone(), rules, catalog, title, Mode::Live, clock.now());
        let mut keeper = keeper.without_headlines();
        load(&mut keeper, Mode::Live, clock.now()).await?;
        let refresh =
            Refresh { parts, store: store.clone(), clock: Arc::new(clock.clone()), holder: holder(&clock), which };
        let refreshed = refresh.run(&mut keeper, stop.token.clone()).await;
        store::close(&store).await;
        // It may have been opened anew meanwhile.
        tell(&remarked(&mut remarks));
        match refreshed.map_err(|error| Failure::unavailable(&error))? {
            Refreshed::Asked(round) => {
                let told = report::Refresh::of(&round, keeper.facts());
                print(&told.text())?;
                match told.interruption(stop.by().name()) {
                    Some(said) => Err(Failure::Interrupted { said, status: stop.by().status() }),
                    None if told.is_all_in_vain() => Err(Failure::Unavailable("no feed answered".to_owned())),
                    // Whoever names feeds wants to hear of them, and hears nothing.
                    None if which == Which::Named && round.asked() == 0 => {
                        Err(Failure::Unavailable("no feed was asked".to_owned()))
                    }
                    None => Ok(()),
                }
            }
            Refreshed::HeldBy(holder) => Err(Failure::Unavailable(format!(
                "nothing was asked: another instance collects, and asks the feeds itself ({holder})"
            ))),
        }
    })
}

/// What has happened to the store until now that people have to know: a damaged one was put aside, say.
fn remarked(remarks: &mut mpsc::UnboundedReceiver<String>) -> Vec<String> {
    std::iter::from_fn(|| remarks.try_recv().ok()).collect()
}

/// The parts with the feeds that are named, or all.
fn wanted(parts: Parts, config: &Config, feeds: &[String]) -> Result<Parts, Failure> {
    if feeds.is_empty() {
        return Ok(parts);
    }
    let known: Vec<&str> = config.feeds.iter().map(|plan| plan.feed.id.as_str()).collect();
    if let Some(unknown) = feeds.iter().find(|id| !known.contains(&id.as_str())) {
        let unknown = crate::domain::text::Printable::clean(unknown);
        return Err(Failure::Request(format!("there is no feed \"{unknown}\"; there are {}", known.join(", "))));
    }
    let plans = parts.plans.iter().filter(|plan| feeds.iter().any(|id| id == plan.feed.id.as_str()));
    Ok(Parts { plans: plans.cloned().collect(), ..parts })
}
