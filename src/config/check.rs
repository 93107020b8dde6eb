//! Taking tables apart with their places: unknown keys with the nearest known one, wrong types, missing keys, all of them
//! at once.

use super::finding::Finding;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Collects findings while a file is read.
#[derive(Default)]
pub struct Check {
    /// What makes it impossible.
    pub errors: Vec<Finding>,
    /// What is odd.
    pub warnings: Vec<Finding>,
}

impl Check {
    /// Something impossible.
    pub fn error(&mut self, span: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.errors.push(Finding { span, what: what.into(), remedy: remedy.into() });
    }

    /// Something odd.
    pub fn warn(&mut self, span: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.warnings.push(Finding { span, what: what.into(), remedy: remedy.into() });
    }

    /// Keys that nobody reads, with the nearest that somebody does.
    pub fn unknown_keys(&mut self, table: &DeTable<'_>, known: &[&str], of: &str) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let near = known
                .iter()
                .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
                .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(2))
                .min();
            let remedy = near.map_or_else(
                || format!("{of} takes {}", known.join(", ")),
                |(_, candidate)| format!("did you mean `{candidate}`?"),
            );
            self.error(key.span(), format!("unknown key `{name}` in {of}"), remedy);
        }
    }

    /// A value as its type; a wrong type or a missing key is a finding at its place.
    pub fn read<'de, T: Deserialize<'de>>(&mut self, value: Spanned<DeValue<'de>>, of: &str) -> Option<T> {
        let place = value.span();
        match T::deserialize(value.into_deserializer()) {
            Ok(read) => Some(read),
            Err(error) => {
                let message = error.message().trim().to_owned();
                let remedy = match message.strip_prefix("missing field ") {
                    Some(field) => format!("add the key {field} to {of}"),
                    None => format!("see the commented {of} in `watchfloor init --print`"),
                };
                // A missing key has no place of its own: the head of its table stands for it.
                let span = error.span().filter(|span| span.len() < place.len()).unwrap_or(head(&place));
                let what = message.replace("missing field", "missing key");
                self.error(span, format!("{of}: {what}"), remedy);
                None
            }
        }
    }
}

/// The tables of a list such as `[[feed]]`; none where the key is absent.
pub fn tables<'t, 'de>(check: &mut Check, root: &'t DeTable<'de>, list: &str) -> Vec<&'t Spanned<DeValue<'de>>> {
    let Some(value) = root.get(list) else { return Vec::new() };
    let found: Option<Vec<_>> = value
        .get_ref()
        .as_array()
        .map(|array| array.iter().collect())
        .filter(|all: &Vec<&Spanned<DeValue<'_>>>| all.iter().all(|v| v.get_ref().is_table()));
    found.unwrap_or_else(|| {
        check.error(
            head(&value.span()),
            format!("`{list}` is no list of tables"),
            format!("write [[{list}]] with two brackets"),
        );
        Vec::new()
    })
}

/// Some keys of a table as a table of their own, at the same place.
pub fn part<'de>(table: &Spanned<DeValue<'de>>, keys: &[&str]) -> Spanned<DeValue<'de>> {
    let mut kept = DeTable::new();
    if let Some(all) = table.get_ref().as_table() {
        for (key, value) in all.iter().filter(|(key, _)| keys.contains(&key.get_ref().as_ref())) {
            kept.insert(key.clone(), value.clone());
        }
    }
    Spanned::new(table.span(), DeValue::Table(kept))
}

/// The place of a key's value in a table; the table's head where it is absent.
pub fn place_of(table: &Spanned<DeValue<'_>>, key: &str) -> Range<usize> {
    // A nested key such as `period.kind` is found at its outermost part that is there.
    let mut place = None;
    let mut inside = table.get_ref().as_table();
    for part in key.split('.') {
        let Some(value) = inside.and_then(|inside| inside.get(part)) else { break };
        place = Some(value.span());
        inside = value.get_ref().as_table();
    }
    place.unwrap_or_else(|| head(&table.span()))
}

/// The first characters of a place: a whole table is too much to point at.
pub fn head(span: &Range<usize>) -> Range<usize> {
    span.start..span.end.min(span.start + 1)
}
