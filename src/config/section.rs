//! A section: one table of the configuration while it is read. It hands out values with their places, collects
//! what is wrong, and knows at the end which keys nobody asked for: the code that reads a key is the list of known keys.

use super::finding::{At, Complaint, Log};
use super::value::Parsed;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot<T> {
    pub(super) value: T,
    pub(super) at: At,
}

/// One table while it is read.
pub(super) struct Section<'a> {
    /// The tables that lie over one another; the first that has a key wins.
    layers: Vec<&'a DeTable<'a>>,
    /// Where the section begins in the user's file, and its name: where a missing key is missing.
    at: At,
    asked: RefCell<BTreeSet<&'static str>>,
    missing: RefCell<Vec<(&'static str, String)>>,
    log: &'a Log,
}

impl<'a> Section<'a> {
    /// The whole file, with the defaults under it.
    pub(super) fn root(user: &'a Spanned<DeTable<'a>>, defaults: &'a Spanned<DeTable<'a>>, log: &'a Log) -> Self {
        Self::new(vec![user.get_ref(), defaults.get_ref()], At { range: 0..0, key: String::new() }, log)
    }

    fn new(layers: Vec<&'a DeTable<'a>>, at: At, log: &'a Log) -> Self {
        Self { layers, at, asked: RefCell::default(), missing: RefCell::default(), log }
    }

    /// Where the section begins.
    pub(super) const fn at(&self) -> &At {
        &self.at
    }

    /// Where findings go.
    pub(super) const fn log(&self) -> &'a Log {
        self.log
    }

    /// The value of a key, read by `parse`; `None` where it is absent or wrong (then a finding says so).
    pub(super) fn read<T>(&self, key: &'static str, parse: impl FnOnce(&DeValue<'_>) -> Parsed<T>) -> Option<Spot<T>> {
        let (value, at) = self.find(key)?;
        match parse(value) {
            Ok(value) => Some(Spot { value, at }),
            Err(complaint) => {
                self.log.error(&at, about(key, complaint));
                None
            }
        }
    }

    /// As [`Section::read`], for a key that must be there.
    pub(super) fn need<T>(
        &self,
        key: &'static str,
        remedy: &str,
        parse: impl FnOnce(&DeValue<'_>) -> Parsed<T>,
    ) -> Option<Spot<T>> {
        if self.find(key).is_none() {
            self.missing.borrow_mut().push((key, remedy.to_owned()));
        }
        self.read(key, parse)
    }

    /// As [`Section::read`] where the defaults hold the key, so that only a wrong value is `None`.
    pub(super) fn setting<T: Clone>(&self, key: &'static str, parse: impl Fn(&DeValue<'_>) -> Parsed<T>) -> T {
        let own = self.read(key, &parse).map(|spot| spot.value);
        own.unwrap_or_else(|| {
            let value = self.layers.last().and_then(|defaults| defaults.get(key)).map(|value| parse(value.get_ref()));
            value.and_then(Result::ok).expect("default.toml holds every setting, rightly: a test reads it")
        })
    }

    /// The place of a key, or of the innermost part of `period.kind` that is there; the section's own where none is.
    pub(super) fn place_of(&self, key: &str) -> At {
        let mut place = self.at.clone();
        let mut inside = self.layers.first().copied();
        for part in key.split('.') {
            let Some(value) = inside.and_then(|table| table.get(part)) else { break };
            place = At { range: value.span(), key: format!("{}.{part}", place.key) };
            inside = value.get_ref().as_table();
        }
        place
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// A list of values, each read by `parse`. A wrong element costs itself and a finding.
    pub(super) fn list<T>(&self, key: &'static str, parse: impl Fn(&DeValue<'_>) -> Parsed<T>) -> Vec<Spot<T>> {
        let Some((value, at)) = self.find(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            let what = format!("is {}, not a list", article(value));
            self.log.error(&at, about(key, Complaint::new(what, "put it in square brackets: [ … ]")));
            return Vec::new();
        };
        let mut values = Vec::new();
        for element in array {
            let at = At { range: element.span(), key: at.key.clone() };
            match parse(element.get_ref()) {
                Ok(value) => values.push(Spot { value, at }),
                Err(complaint) => self.log.error(&at, about(key, complaint)),
            }
        }
        values
    }

    /// A table inside this one, its layers over one another.
    pub(super) fn table(&self, key: &'static str) -> Option<Section<'a>> {
        self.asked.borrow_mut().insert(key);
        let mut layers = Vec::new();
        let mut begins = None;
        for (depth, layer) in self.layers.iter().enumerate() {
            let Some((name, value)) = layer.get_key_value(key) else { continue };
            let at = self.under(key, name.span());
            if let DeValue::Table(table) = value.get_ref() {
                layers.push(table);
                begins.get_or_insert(at);
            } else if depth == 0 {
                let what = format!("is {}, not a table", article(value.get_ref()));
                self.log.error(
                    &self.under(key, value.span()),
                    about(key, Complaint::new(what, format!("write it as [{key}]"))),
                );
            }
        }
        begins.map(|at| Section::new(layers, at, self.log))
    }

    /// The tables of a list of tables: `[[key]]`, or `key = [{ … }]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some((value, at)) = self.find(key) else { return Vec::new() };
        let remedy = || format!("write [[{key}]] with two brackets");
        let Some(array) = value.as_array() else {
            let what = format!("is {}, not a list of tables", article(value));
            self.log.error(&at, about(key, Complaint::new(what, remedy())));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (number, element) in array.iter().enumerate() {
            match element.get_ref() {
                DeValue::Table(table) => {
                    let id = table.get("id").and_then(|id| id.get_ref().as_str()).filter(|id| !id.is_empty());
                    let name =
                        id.map_or_else(|| format!("{}[{}]", at.key, number + 1), |id| format!("{}.{id}", at.key));
                    sections.push(Section::new(vec![table], At { range: element.span(), key: name }, self.log));
                }
                other => {
                    let what = format!("holds {}, not a table", article(other));
                    let at = At { range: element.span(), key: at.key.clone() };
                    self.log.error(&at, about(key, Complaint::new(what, remedy())));
                }
            }
        }
        sections
    }

    /// The keys of the list that are there, read by serde into a type that another folder owns. Each key that is
    /// wrong costs itself and a finding, so that all of them are told; `None` where any was.
    pub(super) fn options<T: DeserializeOwned>(&self, keys: &[&'static str]) -> Option<T> {
        let mut table = self.only(keys);
        let mut wrong_keys: Vec<String> = Vec::new();
        loop {
            let spanned = Spanned::new(self.at.range.clone(), table.clone());
            let error = match T::deserialize(toml::de::Deserializer::from(spanned)) {
                Ok(options) => return wrong_keys.is_empty().then_some(options),
                Err(error) => error,
            };
            if wrong_keys.iter().any(|key| error.message() == format!("missing field `{key}`")) {
                return None;
            }
            let wrong = error.span().and_then(|span| key_at(&table, &span));
            let range = error.span().unwrap_or_else(|| self.at.range.clone());
            let key = wrong.as_ref().map_or_else(|| self.at.key.clone(), |key| format!("{}.{key}", self.at.key));
            self.log.error(&At { range, key }, from_serde(error.message()));
            let wrong = wrong?;
            table.remove(wrong.as_str());
            wrong_keys.push(wrong);
        }
    }

    fn only(&self, keys: &[&'static str]) -> DeTable<'a> {
        self.asked.borrow_mut().extend(keys);
        let here = self.layers.first();
        let found = keys.iter().filter_map(|key| here?.get_key_value(*key));
        found.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Tells of keys that nobody asked for, and of those that are missing. Keys that only look alike are told once.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        let mut missing = self.missing.take();
        for (name, value) in self.layers.first().into_iter().flat_map(|layer| layer.iter()) {
            let key = name.get_ref().as_ref();
            if asked.contains(key) {
                continue;
            }
            let near = nearest(key, asked.iter().copied());
            missing.retain(|(missing, _)| Some(*missing) != near);
            let range = if value.span().is_empty() { value.span() } else { name.span() };
            let at = At { range, key: self.name_of(key) };
            self.log.error(&at, unknown_key(key, near, asked.iter().copied()));
        }
        for (key, remedy) in missing {
            self.log.error(&self.at, Complaint::new(format!("`{key}` is missing"), remedy));
        }
    }

    /// The value of a key with its place; a value of the defaults has the place of the section.
    fn find(&self, key: &'static str) -> Option<(&'a DeValue<'a>, At)> {
        self.asked.borrow_mut().insert(key);
        self.layers.iter().enumerate().find_map(|(depth, layer)| {
            let value = layer.get(key)?;
            let at = if depth == 0 { self.under(key, value.span()) } else { self.at.clone() };
            Some((value.get_ref(), at))
        })
    }

    fn under(&self, key: &str, range: Range<usize>) -> At {
        At { range, key: self.name_of(key) }
    }

    fn name_of(&self, key: &str) -> String {
        if self.at.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at.key) }
    }
}

/// Which key of the table a place belongs to.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let holds = |range: Range<usize>| range.start <= span.start && span.end <= range.end && !range.is_empty();
    table
        .iter()
        .find(|(name, value)| holds(name.span()) || holds(value.span()) || contains(value.get_ref(), span))
        .map(|(name, _)| name.get_ref().to_string())
}

/// Whether a place lies anywhere inside a value: a table written as `[feed.rows]` has its keys outside its own place.
fn contains(value: &DeValue<'_>, span: &Range<usize>) -> bool {
    let holds = |range: Range<usize>| range.start <= span.start && span.end <= range.end;
    match value {
        DeValue::Table(table) => table
            .iter()
            .any(|(name, value)| holds(name.span()) || holds(value.span()) || contains(value.get_ref(), span)),
        DeValue::Array(array) => array.iter().any(|value| holds(value.span()) || contains(value.get_ref(), span)),
        _ => false,
    }
}

/// The complaint with the key in front: "`every` is …".
fn about(key: &str, complaint: Complaint) -> Complaint {
    Complaint { what: format!("`{key}` {}", complaint.what), remedy: complaint.remedy }
}

/// What serde says, in our words where it speaks of unknown and missing keys.
fn from_serde(message: &str) -> Complaint {
    let mut names = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field")
        && let Some(key) = names.next()
    {
        let known: Vec<&str> = names.collect();
        return unknown_key(key, nearest(key, known.iter().copied()), known);
    }
    if message.starts_with("unknown variant")
        && let Some(word) = names.next()
    {
        let known: Vec<&str> = names.collect();
        let Complaint { what, remedy } = unknown_word(word, known);
        return Complaint::new(format!("this {what}"), remedy);
    }
    if message.starts_with("data did not match any variant") {
        return Complaint::new(
            "this is neither text nor a list of texts",
            "put it in quotes: \"5\", or [\"5\", \"6\"]",
        );
    }
    if message.starts_with("missing field")
        && let Some(key) = names.next()
    {
        return Complaint::new(format!("`{key}` is missing"), format!("add the key `{key}`"));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        let found = found.replacen("string \"", "text \"", 1);
        let found = match found.as_str() {
            "sequence" => "a list".to_owned(),
            "map" => "a table".to_owned(),
            _ => found,
        };
        return Complaint::new(format!("this is {found}"), format!("write {}", ordinary_type(expected)));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", expected "))
    {
        let found = found.trim_start_matches("integer ").trim_start_matches("floating point ");
        return Complaint::new(format!("this cannot be {found}"), format!("write {}", ordinary_type(expected)));
    }
    Complaint::new(message, "write what is expected there; `watchfloor init --print` shows examples")
}

/// A type of serde's in ordinary words.
fn ordinary_type(expected: &str) -> &str {
    match expected {
        "f64" | "f32" => "a number, without quotes",
        "i64" | "i32" => "a whole number, without quotes",
        "i8" => "a whole number from -128 to 127, without quotes",
        "u8" => "a whole number from 0 to 255, without quotes",
        "u64" | "u32" | "u16" | "usize" => "a whole number from 0 up, without quotes",
        "a boolean" => "true or false, without quotes",
        "a string" | "string" | "str" => "text, in quotes",
        "a character" => "one character, in quotes",
        "a sequence" => "a list, in square brackets",
        _ if expected.starts_with("a map") || expected.starts_with("struct") => "a table, in braces",
        other => other,
    }
}

/// A key that nothing reads.
fn unknown_key<'k>(key: &str, near: Option<&str>, known: impl IntoIterator<Item = &'k str>) -> Complaint {
    let remedy = near.map_or_else(
        || {
            let known: Vec<&str> = known.into_iter().collect();
            if known.is_empty() {
                "remove it".to_owned()
            } else {
                format!("remove it, or use one of: {}", known.join(", "))
            }
        },
        |near| format!("did you mean `{near}`?"),
    );
    Complaint::new(format!("unknown key `{key}`"), remedy)
}

/// A word that is none of those that may stand there.
pub(super) fn unknown_word<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Complaint {
    let known: Vec<&str> = known.into_iter().collect();
    let all = format!("write one of {}", known.join(", "));
    let near = nearest(word, known);
    let remedy = near.map_or_else(|| all.clone(), |near| format!("did you mean \"{near}\"? {all}"));
    Complaint::new(format!("is \"{word}\", which is not possible here"), remedy)
}

/// The known word that a person probably meant.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    let likeness = |known: &str| {
        let known = known.to_lowercase();
        let edits = strsim::damerau_levenshtein(&word, &known);
        let shorter = word.chars().count().min(known.chars().count());
        let close = edits <= 1 + shorter / 4 && edits < shorter;
        let likeness = strsim::jaro_winkler(&word, &known);
        (close || likeness > 0.9).then_some(likeness)
    };
    known
        .into_iter()
        .filter_map(|known| Some((likeness(known)?, known)))
        .max_by(|(a, first), (b, second)| a.total_cmp(b).then(second.cmp(first)))
        .map(|(_, known)| known)
}

/// `a string`, `an integer`, in the words of TOML.
pub(super) fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
