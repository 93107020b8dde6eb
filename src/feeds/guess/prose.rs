//! Figures in the text of a page that has no table: lines such as `Number of boats: 7`, and the day that they are about.

use super::draft::{Draft, Entry, Part};
use super::words::{measure, slug};
use super::written::quoted;
use crate::domain::time::Cadence;
use crate::feeds::mapping::period_of;
use regex::Regex;

/// So many figures are proposed at most.
const MOST: usize = 6;

/// A mapping by patterns, where a text has figures behind names and a day.
pub fn draft(text: &str, id: &str) -> Option<Draft> {
    let figure = Regex::new(r"^([\p{L}][\p{L}\p{P} ]{2,70}): ?(\d[\d,.\u{a0} ]*)$").ok()?;
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(parts) = figure.captures(line)
            && !found.iter().any(|(label, _)| *label == parts[1])
            && found.len() < MOST
        {
            found.push((parts[1].to_owned(), parts[2].trim().to_owned()));
        }
    }
    let (before, day) = day(text)?;
    let mut finds = Vec::new();
    let mut series = Vec::new();
    for (number, (label, value)) in found.iter().enumerate() {
        let group = format!("n{}", number + 1);
        finds.push(literal(&format!(r"{}: ?(?<{group}>\d[\d,. ]*)", regex::escape(label)))?);
        let (word, _) = measure(label);
        let route = if number == 0 { id.to_owned() } else { format!("{id}/{}", slug(label)) };
        series.push(Entry {
            toml: format!("{{ route = {}, measure = {}, value = \"{group}\" }}", quoted(&route), quoted(&word)),
            remark: format!("\"{label}\", here {value}"),
            on: true,
        });
    }
    finds.push(literal(&format!(r"{}(?<date>\d{{1,2}} \w+ \d{{4}})", regex::escape(&before)))?);
    if series.is_empty() {
        return None;
    }
    Some(Draft {
        shape: vec![("format", quoted("text"))],
        parts: vec![
            Part {
                key: "find",
                toml: format!("[\n  {},\n]", finds.join(",\n  ")),
                why: "words of the page, and in round brackets with a name what stands there; the names are columns"
                    .to_owned(),
                others: Vec::new(),
            },
            Part {
                key: "period",
                toml: "{ kind = \"day\", column = \"date\" }".to_owned(),
                why: format!("the page speaks of \"{day}\""),
                others: Vec::new(),
            },
        ],
        series,
        unsure: vec![
            "figures in prose: if the publisher changes a word of the page, the feed fails and says so".to_owned(),
            format!("whether \"{day}\" is the day that the figures are about"),
        ],
        uses: Vec::new(),
    })
}

/// A day of the text with the words before it: rather one that a figure may be about than the day of publication.
fn day(text: &str) -> Option<(String, String)> {
    const WORDS: usize = 3;
    let date = Regex::new(r"\d{1,2} \p{L}+ \d{4}").ok()?;
    let told = ["published", "updated", "changed", "last"];
    let mut all: Vec<(i32, String, String)> = Vec::new();
    for line in text.lines().map(str::trim) {
        for found in date.find_iter(line) {
            if period_of(found.as_str()).is_none_or(|period| period.cadence() != Cadence::Day) {
                continue;
            }
            let before = &line[..found.start()];
            let words: Vec<&str> = before.split_inclusive(' ').collect();
            let near = words[words.len().saturating_sub(WORDS)..].concat();
            let lower = line.to_lowercase();
            let is_told = told.iter().any(|word| lower.contains(word));
            let speaks = ["period", "hour", "day", "between", "midnight"].iter().any(|word| lower.contains(word));
            let score = i32::from(speaks) * 2 - i32::from(is_told) * 3 + i32::from(!near.is_empty());
            all.push((score, near, found.as_str().to_owned()));
        }
    }
    // Of equals the first: max_by_key would take the last.
    all.into_iter().rev().max_by_key(|(score, ..)| *score).map(|(_, before, day)| (before, day))
}

/// A pattern as TOML: between single quotes nothing has to be escaped, and there may be none in it.
fn literal(pattern: &str) -> Option<String> {
    (!pattern.contains('\'') && !pattern.chars().any(char::is_control)).then(|| format!("'{pattern}'"))
}
