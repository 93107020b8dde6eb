//! What is expected of each fault: `expected.txt`, read and checked.

use std::collections::BTreeMap;

/// What a fault shows while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Polls fail, in words.
    Fails,
    /// Polls succeed, and words say what is odd about the answer.
    Says,
    /// Polls succeed and nothing is said: there is nothing to say.
    Reads,
    /// Polls fail or succeed, as it happens: both are right.
    Either,
}

/// What comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The feed is fresh again, by itself.
    Fresh,
    /// The server asked for more patience than this test has, or said that the feed is gone: it is not asked.
    Unasked,
}

/// What is expected of one fault.
#[derive(Clone, Debug)]
pub struct Expected {
    pub shown: Shown,
    /// One of these stands in what is shown.
    pub words: Vec<&'static str>,
    pub after: After,
    /// Why this does not hold yet. When it does, the note has to go.
    pub not_yet: Option<&'static str>,
}

impl Expected {
    /// Whether the fault has no end: a port does not mend.
    pub fn lasts(&self, group: &str) -> bool {
        group == "ports" && self.shown == Shown::Fails
    }
}

const TEXT: &str = include_str!("expected.txt");

/// All of it, by the name of the fault.
pub fn expected() -> BTreeMap<&'static str, Expected> {
    let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut cells = line.split('|').map(str::trim);
            let name = cells.next().unwrap();
            let mut verdict = cells.next().unwrap().split_whitespace();
            let shown = match verdict.next().unwrap() {
                "fails" => Shown::Fails,
                "says" => Shown::Says,
                "reads" => Shown::Reads,
                "either" => Shown::Either,
                other => panic!("{name}: {other}"),
            };
            let after = match verdict.next() {
                None => After::Fresh,
                Some("unasked") => After::Unasked,
                Some(other) => panic!("{name}: {other}"),
            };
            let words = cells.next().unwrap_or_default().split(" / ").filter(|words| !words.is_empty()).collect();
            (name, Expected { shown, words, after, not_yet: cells.next() })
        })
        .collect()
}
