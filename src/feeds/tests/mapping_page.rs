//! The page for those who map a file: its worked examples are the mappings that are tested, and its snippets are right.

use crate::feeds::FeedOptions;
use std::collections::BTreeMap;
use std::path::Path;

const PAGE: &str = include_str!("../../../MAPPING.md");

/// The page's blocks of TOML, by the name in the comment before them; those without one are snippets.
fn blocks() -> (BTreeMap<String, String>, Vec<String>) {
    let (mut named, mut snippets) = (BTreeMap::new(), Vec::new());
    let mut before = "";
    for part in PAGE.split("```") {
        if let Some(toml) = part.strip_prefix("toml\n") {
            let comment = before.trim_end().lines().last().unwrap_or_default();
            match comment.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
                Some(name) => drop(named.insert(name.to_owned(), toml.trim().to_owned())),
                None => snippets.push(toml.trim().to_owned()),
            }
        }
        before = part;
    }
    (named, snippets)
}

#[test]
fn the_worked_examples_are_the_mappings_that_are_tested() {
    let (examples, _) = blocks();
    assert!(examples.len() >= 20, "{}", examples.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/feeds/tests/mappings");
    let file = |name: &str| std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap().trim().to_owned();
    for (name, example) in &examples {
        assert_eq!(*example, file(name), "{name}");
    }
    // Files of one publisher that are mapped alike have one example.
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(examples.values().any(|example| *example == file(&name)), "{name} has no example");
    }
}

#[test]
fn every_snippet_is_right_and_every_key_is_there() {
    let (_, snippets) = blocks();
    assert!(snippets.len() >= 5);
    for snippet in snippets {
        // Alternatives stand on lines of their own; a list goes over several.
        let parts: Vec<&str> = if snippet.contains("[\n") { vec![&snippet] } else { snippet.lines().collect() };
        for part in parts {
            toml::from_str::<FeedOptions>(part).unwrap_or_else(|error| panic!("{part}\n{error}"));
        }
    }
    for key in FeedOptions::KEYS.iter().filter(|key| **key != "kind" && **key != "item") {
        assert!(PAGE.contains(&format!("`{key}`")), "{key} is not explained");
    }
}
