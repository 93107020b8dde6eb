//! Huge answers: each has a process of its own, with a screen, so that its memory and how soon it answers keys can be told.

use super::desk::{self, Desk, Feed, Shape, address, told};
use super::expected::Expected;
use super::judge::{self, Holds};
use super::server::{Fault, Server};
use super::table::Row;
use super::{facts, state_of};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Which they are.
pub const FAULTS: [&str; 10] = [
    "gzip-bomb",
    "gzip-bomb-csv",
    "body-endless",
    "body-endless-line",
    "body-endless-json",
    "body-endless-slow",
    "body-200mb",
    "items-100k",
    "csv-1m-rows",
    "csv-many-series",
];

/// No answer may take more memory than this above the idle value, in KiB.
const BOUND: u64 = 64 * 1024;

const PATIENCE: Duration = Duration::from_secs(150);

/// Meets one after another.
pub fn meet(faults: &[&Fault], expected: &BTreeMap<&str, Expected>, server: &Server) -> Vec<Row> {
    (0..).zip(faults).map(|(number, fault)| meet_one(number, fault, expected, server)).collect()
}

fn meet_one(number: usize, fault: &Fault, expected: &BTreeMap<&str, Expected>, server: &Server) -> Row {
    let began = Instant::now();
    let id = fault.name.clone();
    let url =
        address(5000 + usize::from(fault.name.as_bytes()[5]) + number, &id, &format!("id={id}&grow=1&after=2&for=3"));
    let mut desk = Desk::start_with_screen(&[Feed {
        id: id.clone(),
        url,
        shape: Shape::of(&fault.kind),
        every: desk::EVERY,
        more: String::new(),
    }]);
    let mut wrong = Vec::new();
    let mut slowest = Duration::ZERO;
    let mut keys = Vec::new();
    let expected = expected.get(&*id);
    let is_not_yet = expected.is_some_and(|expected| expected.not_yet.is_some());
    let mut accepted = false;
    let mut idle: Option<u64> = None;
    let status = loop {
        std::thread::sleep(Duration::from_millis(250));
        if !desk.lives() {
            wrong.push("the program has ended".to_owned());
            break serde_json::Value::Null;
        }
        keys.push(desk.press_keys());
        let polls = told(&desk.log()).get(&id).map_or(0, |told| told.polls);
        if polls <= 2 {
            // After the first good answer: the second is as small, the third is the one in question.
            idle = idle.or_else(|| desk.peak().filter(|_| polls > 0));
            continue;
        }
        let asked = Instant::now();
        let status = desk.ask_json(&["status", "--json"]);
        slowest = slowest.max(asked.elapsed());
        let doubt = state_of(&status, &id).and_then(|feed| feed["degraded"].as_str());
        if !accepted && polls >= 7 && doubt.is_some_and(|doubt| doubt.contains("feed accept")) {
            // A table that shrinks to nearly nothing waits for a person: here is one.
            desk.ask(&["feed", "accept", &id]);
            accepted = true;
        }
        let well = state_of(&status, &id).is_some_and(|feed| feed["state"] == "fresh" && feed["error"].is_null());
        if (polls >= 8 && (well || is_not_yet)) || began.elapsed() > PATIENCE {
            break status;
        }
    };
    let idle = idle.unwrap_or_default();
    let took = desk.peak().unwrap_or_default().saturating_sub(idle);
    let log = told(&desk.log());
    let nothing = super::desk::Told::default();
    let told = log.get(&id).unwrap_or(&nothing);
    match expected {
        Some(expected) => {
            wrong.extend(judge::shown(told, expected));
            wrong.extend(judge::ended(state_of(&status, &id), expected));
        }
        None => wrong.push("nothing is expected of it: expected.txt does not have it".to_owned()),
    }
    let ledger = server.page("/ledger");
    // What has been handed out by now is stored a moment later.
    std::thread::sleep(Duration::from_secs(4));
    let holds = Holds::of(&desk);
    let missing = holds.missing(&id, &ledger[format!("{id}?id={id}")]);
    if let Some(first) = missing.first() {
        wrong.push(format!("{} things that were handed out are missing, {first} first", missing.len()));
    }
    wrong.extend(facts::wrong(&id, &id, &holds));
    wrong.extend(holds.hostile());
    if took > BOUND {
        wrong.push(format!("{} MiB above the idle value", took / 1024));
    }
    keys.sort_unstable();
    let (median, last) = (keys[keys.len() / 2].as_millis(), keys[keys.len() - 1].as_millis());
    println!(
        "{id}: {} s, {} MiB above {} MiB; a status took {} ms; keys {median} ms in the middle, {last} ms at most",
        began.elapsed().as_secs(),
        took / 1024,
        idle / 1024,
        slowest.as_millis()
    );
    desk.end();
    Row {
        name: id,
        group: fault.group.clone(),
        must: fault.must.clone(),
        shown: format!(
            "{} ({} MiB above idle; keys answered in {last} ms at most{})",
            judge::summary(told),
            took / 1024,
            if accepted { "; fresh after `feed accept`" } else { "" }
        ),
        wrong,
        not_yet: expected.and_then(|expected| expected.not_yet).map(str::to_owned),
    }
}
