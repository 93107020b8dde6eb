//! Conventions as tests: who may know whom, what is absent where, and that each file says what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every source file with its folder and text.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap().to_owned();
                let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
                let part = first.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).unwrap();
                found.push((relative, part, text));
            }
        }
    }
    assert!(found.len() > 60, "the sources were not found");
    found
}

/// The code of a file before its test module, without comments.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every part that `crate::` paths of a text name, groups unfolded.
fn named(text: &str) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let own_word = text[..at].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == '$'));
        if !own_word {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split_once('}').map_or(group, |(group, _)| group);
            for item in group.split(',') {
                parts.insert(item.trim().split("::").next().unwrap_or_default().to_owned());
            }
        } else {
            let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            parts.insert(word);
        }
    }
    parts.remove("");
    parts
}

#[test]
fn the_star_of_dependencies_holds() {
    let allowed: BTreeMap<&str, &[&str]> = [
        ("main", &["app"][..]),
        ("app", &["engine", "ui", "report", "config", "domain", "alerts", "feeds", "fetch", "store", "clock"]),
        ("engine", &["feeds", "alerts", "fetch", "store", "clock", "domain"]),
        ("config", &["alerts", "feeds", "fetch", "ui", "domain"]),
        ("ui", &["domain"]),
        ("report", &["domain"]),
        ("feeds", &["domain"]),
        ("fetch", &["domain"]),
        ("store", &["domain"]),
        ("alerts", &["domain"]),
        ("clock", &["domain"]),
        ("domain", &[]),
        ("lib", &[]),
    ]
    .into_iter()
    .collect();
    for (path, part, text) in sources() {
        let may = allowed.get(part.as_str()).unwrap_or_else(|| panic!("{part} is not in the table"));
        for other in named(&code(&text)) {
            let fine = other == part || may.contains(&other.as_str());
            assert!(fine, "{} names {other}, which {part} may not know", path.display());
        }
    }
}

#[test]
fn what_must_be_absent_is_absent() {
    let banned: &[(&[&str], &str, &str)] = &[
        (&["domain", "alerts", "feeds", "report"], "tokio", "these are synchronous"),
        (&["domain"], "serde", "shapes of files belong to the edge that owns them"),
        (&["domain", "alerts", "feeds", "report", "store", "ui", "engine", "config"], "Timestamp::now", "take `now`"),
        (
            &["domain", "alerts", "feeds", "report", "fetch", "store", "engine", "config", "ui"],
            "Instant::now",
            "take a Clock",
        ),
        (
            &["domain", "alerts", "feeds", "report", "store", "fetch", "engine", "ui", "config"],
            "println!",
            "nothing is written past the screen",
        ),
        (
            &["engine", "store", "fetch", "feeds", "alerts", "domain", "report", "config", "app"],
            "crossterm",
            "only ui/terminal knows it",
        ),
        (
            &["engine", "store", "feeds", "alerts", "domain", "report", "config", "app", "ui"],
            "reqwest",
            "only fetch/http knows it",
        ),
        (
            &["engine", "fetch", "feeds", "alerts", "domain", "report", "config", "app", "ui"],
            "rusqlite",
            "only the store knows it",
        ),
    ];
    for (path, part, text) in sources() {
        let code = code(&text);
        for (parts, word, why) in banned {
            let here = parts.contains(&part.as_str())
                && !path.ends_with("tests.rs")
                && !path.to_string_lossy().contains("tests/");
            assert!(!(here && code.contains(word)), "{} says {word}: {why}", path.display());
        }
        let in_panel = path.starts_with("ui/panels");
        assert!(
            !in_panel || !["Mutex", "mpsc", "watch::"].iter().any(|word| code.contains(word)),
            "{}",
            path.display()
        );
        let tokio_in_ui = part == "ui"
            && path != Path::new("ui/mod.rs")
            && path != Path::new("ui/tests.rs")
            && code.contains("tokio");
        assert!(!tokio_in_ui, "{}: tokio belongs to ui/mod.rs", path.display());
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, _, text) in sources() {
        assert!(text.starts_with("//! "), "{} does not begin with a sentence", path.display());
    }
}

#[test]
fn every_theme_every_rule_kind_and_every_page_is_documented() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for kind in watchfloor::alerts::KINDS {
        assert!(readme.contains(&format!("`{}`", kind.word)), "README.md does not name the rule kind {}", kind.word);
    }
    for theme in watchfloor::ui::theme::Theme::names() {
        assert!(readme.contains(&format!("`{theme}`")), "README.md does not name the theme {theme}");
    }
}
