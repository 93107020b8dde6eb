//! The verdict: what the program showed, kept and wrote, against what the server handed out and what is expected.

use super::desk::{Desk, Told};
use super::expected::{After, Expected, Shown};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a desk holds and says at the end.
pub struct Holds {
    /// Addresses of headlines, by feed; those of other feeds that bring the same story too.
    links: BTreeSet<(String, String)>,
    titles: BTreeMap<String, Vec<String>>,
    /// `date|place|value` of every version of every figure, by feed.
    figures: BTreeSet<(String, String)>,
    /// The latest values, by feed.
    pub values: BTreeMap<String, Vec<f64>>,
    /// Every text in what is exported.
    texts: Vec<String>,
}

impl Holds {
    /// Asks for all of it.
    pub fn of(desk: &Desk) -> Self {
        let headlines = desk.ask_json(&["export", "headlines", "--json"]);
        let versions = desk.ask_json(&["export", "observations", "--json", "--vintages"]);
        let latest = desk.ask_json(&["export", "observations", "--json"]);
        let status = desk.ask_json(&["status", "--json"]);
        let mut holds = Self {
            links: BTreeSet::new(),
            titles: BTreeMap::new(),
            figures: BTreeSet::new(),
            values: BTreeMap::new(),
            texts: Vec::new(),
        };
        for headline in rows(&headlines, "headlines") {
            let link = |of: &Value| of["link"].as_str().unwrap_or_default().to_owned();
            let feed = |of: &Value| of["feed"].as_str().unwrap().to_owned();
            holds.links.insert((feed(headline), link(headline)));
            let title = headline["title"].as_str().unwrap_or_default().to_owned();
            for also in rows(headline, "also") {
                holds.links.insert((feed(also), link(also)));
                holds.titles.entry(feed(also)).or_default().push(title.clone());
            }
            holds.titles.entry(feed(headline)).or_default().push(title);
        }
        for figure in rows(&versions, "observations") {
            let (feed, place) = split(figure);
            let day = figure["period"]["label"].as_str().unwrap();
            holds.figures.insert((feed, format!("{day}|{place}|{}", figure["value"])));
        }
        for figure in rows(&latest, "observations") {
            holds.values.entry(split(figure).0).or_default().extend(figure["value"].as_f64());
        }
        for document in [&headlines, &versions, &status] {
            texts(document, &mut holds.texts);
        }
        holds.texts.push(desk.ask(&["export", "headlines"]).replace(['\n', '\r'], " "));
        holds.texts.push(desk.ask(&["export", "observations"]).replace(['\n', '\r'], " "));
        holds.texts.push(desk.ask(&["status"]).replace('\n', " "));
        holds
    }

    /// What the server handed out whole under an id and is not there.
    pub fn missing(&self, feed: &str, ledger: &Value) -> Vec<String> {
        let handed_out = ledger.as_array().into_iter().flatten().filter_map(Value::as_str);
        let is_there = |key: &&str| match key.strip_prefix("urn:fault:").and_then(|key| key.rsplit_once(":n")) {
            Some((name, number)) => {
                self.links.contains(&(feed.to_owned(), format!("http://127.0.0.1/{name}/{number}")))
            }
            None => self.figures.contains(&(feed.to_owned(), (*key).to_owned())),
        };
        handed_out.filter(|key| !is_there(key)).map(str::to_owned).collect()
    }

    /// Titles of a feed.
    pub fn titles(&self, feed: &str) -> impl Iterator<Item = &str> {
        self.titles.get(feed).into_iter().flatten().map(String::as_str)
    }

    /// Texts with something in them that must never leave the program.
    pub fn hostile(&self) -> Vec<String> {
        self.texts
            .iter()
            .filter(|text| text.chars().any(is_hostile))
            .map(|text| text.escape_debug().take(200).collect())
            .collect()
    }
}

fn rows<'a>(document: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    document[key].as_array().into_iter().flatten()
}

/// Feed and place of a figure: the routes are called so.
fn split(figure: &Value) -> (String, String) {
    let route = figure["route"].as_str().unwrap();
    let (feed, place) = route.split_once('/').unwrap_or((route, ""));
    (feed.to_owned(), place.to_owned())
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Controls, and what reorders or hides text.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{ad}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is wrong with what a feed showed.
pub fn shown(told: &Told, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let said = |texts: &[String]| {
        expected.words.is_empty() || texts.iter().any(|text| expected.words.iter().any(|words| text.contains(words)))
    };
    match expected.shown {
        Shown::Fails if told.errors.is_empty() => wrong.push("no poll failed".to_owned()),
        Shown::Fails if !said(&told.errors) => wrong.push(format!("fails in other words: {}", told.errors[0])),
        Shown::Says if told.doubts.is_empty() => wrong.push("nothing was said".to_owned()),
        Shown::Says if !said(&told.doubts) => wrong.push(format!("other words were said: {}", told.doubts[0])),
        Shown::Reads if !told.errors.is_empty() => wrong.push(format!("a poll failed: {}", told.errors[0])),
        Shown::Reads if !told.doubts.is_empty() => wrong.push(format!("it was doubted: {}", told.doubts[0])),
        Shown::Says if !told.errors.is_empty() => wrong.push(format!("a poll failed: {}", told.errors[0])),
        _ => {}
    }
    for words in told.errors.iter().chain(&told.doubts) {
        if words.chars().count() > 1_000 {
            wrong.push(format!("a message of {} characters", words.chars().count()));
        }
    }
    wrong
}

/// What is wrong with how a feed ended.
pub fn ended(feed: Option<&Value>, expected: &Expected) -> Vec<String> {
    let Some(feed) = feed else { return vec!["it has no state".to_owned()] };
    let state = feed["state"].as_str().unwrap_or_default();
    let well = state == "fresh" && feed["error"].is_null();
    match expected.after {
        After::Fresh if !well => vec![format!("in the end it is {state}: {} {}", feed["error"], feed["degraded"])],
        After::Unasked if well => vec!["it was asked all the same".to_owned()],
        _ => Vec::new(),
    }
}

/// In a sentence, what a feed showed.
pub fn summary(told: &Told) -> String {
    let mut texts: Vec<&String> = Vec::new();
    for text in told.errors.iter().chain(&told.doubts) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.first().map_or_else(|| "read, nothing said".to_owned(), |first| (*first).clone())
}
