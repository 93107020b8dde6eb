//! `check`: a plugin for monitoring systems. Whatever goes wrong on the way is said in the first line and ends with status 3: what cannot be
//! told is never fine.

use super::cli::{Check, Cli};
use super::commands::{picture, store_to_read};
use super::parts::need_config;
use super::{Failure, print};
use crate::clock::{Clock, System};
use crate::config::places::Environment;
use crate::config::{Config, FeedPlan, nearest};
use crate::domain::alert::RuleId;
use crate::domain::feed::FeedId;
use crate::domain::route::RouteId;
use crate::domain::situation::Situation;
use crate::domain::text::Printable;
use crate::report::{self, Checked, Scope};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Looks, says, and gives the status of plugins.
pub fn check(cli: &Cli, asked: &Check, environment: Environment<'_>) -> ExitCode {
    tell(&look(cli, asked, environment).unwrap_or_else(|failure| match failure {
        Failure::Request(said) | Failure::Unavailable(said) | Failure::Interrupted { said, .. } => {
            report::cannot_tell(&said)
        }
    }))
}

/// Whether arguments that cannot be read were meant for `check`: its status 2 would be an alarm.
pub fn is_asked(arguments: &[String]) -> bool {
    let before = |at: usize| at.checked_sub(1).map(|at| arguments[at].as_str());
    arguments
        .iter()
        .enumerate()
        .any(|(at, word)| word == "check" && !matches!(before(at), Some("config" | "--config" | "--store")))
}

/// Says what is wrong with the arguments.
pub fn refuse(error: &clap::Error) -> ExitCode {
    tell(&report::cannot_tell(&error.to_string()))
}

fn tell(checked: &Checked) -> ExitCode {
    // Where nobody reads it the status still tells.
    let _ = print(&checked.text);
    ExitCode::from(checked.state.status())
}

fn look(cli: &Cli, asked: &Check, environment: Environment<'_>) -> Result<Checked, Failure> {
    let config = need_config(cli, environment)?;
    let now = System::new().now();
    let mut store = store_to_read(cli, &config, environment)?;
    let picture = picture(&config, &mut store, now)?;
    let scope = scope(&config, &picture, asked)?;
    Ok(report::check(&picture, &scope, now))
}

fn scope(config: &Config, picture: &Situation, asked: &Check) -> Result<Scope, Failure> {
    let route = asked.route.as_deref().map(|id| find_route(picture, id)).transpose()?;
    let rule = asked.rule.as_deref().map(|id| find_rule(config, id)).transpose()?;
    // A rule on one route needs to know of no other.
    let own = rule.as_ref().and_then(|id| config.rules.iter().find(|rule| rule.id == *id)?.selector.route.clone());
    let route = route.or(own);
    let feeds = feeds_of(config, route.as_ref());
    let rules = config.rules.iter().map(|rule| rule.id.clone()).collect();
    Ok(Scope { route, rule, rules, feeds, ignore_acknowledged: asked.ignore_acknowledged })
}

/// The feeds on which an answer rests: all of them, or those that bring figures of a route.
fn feeds_of(config: &Config, route: Option<&RouteId>) -> BTreeSet<FeedId> {
    let brings = |plan: &&FeedPlan| {
        route.is_none_or(|route| {
            plan.reader.claims().iter().any(|claim| claim.id.route == *route)
                || plan.reader.families().iter().any(|family| family.may_make(route))
        })
    };
    config.feeds.iter().filter(brings).map(|plan| plan.feed.id.clone()).collect()
}

fn find_route(picture: &Situation, id: &str) -> Result<RouteId, Failure> {
    let known = picture.catalog.routes.iter().map(|route| route.id.as_str());
    find("route", id, known.collect()).map(|()| RouteId::new(id))
}

fn find_rule(config: &Config, id: &str) -> Result<RuleId, Failure> {
    let known = config.rules.iter().map(|rule| rule.id.as_str());
    find("rule", id, known.collect()).map(|()| RuleId::new(id))
}

fn find(what: &str, id: &str, known: Vec<&str>) -> Result<(), Failure> {
    /// There may be thousands of routes.
    const NAMED: usize = 20;
    if known.contains(&id) {
        return Ok(());
    }
    let id = Printable::clean(id);
    let near = nearest(id.as_str(), known.iter().copied());
    let near = near.map_or_else(String::new, |near| format!("did you mean \"{near}\"? "));
    let more = if known.len() > NAMED { ", …" } else { "" };
    let known = known.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    Err(Failure::Request(format!("there is no {what} \"{id}\"; {near}there are {known}{more}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_cannot_be_read_are_known_to_be_for_it() {
        let asked = |words: &str| is_asked(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(asked("check --rote x") && asked("--config a.toml check --bad"));
        assert!(!asked("config check --bad") && !asked("--store check status --bad") && !asked("status"));
    }
}
