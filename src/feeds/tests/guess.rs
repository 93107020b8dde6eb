//! Guesses over the real payloads beside the checkout.

use super::super::guess::{Asked, guess};
use super::shared::shared;

#[test]
fn survey() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds/statistics");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in names {
        let bytes = shared(&format!("feeds/statistics/{name}")).unwrap();
        let asked = Asked { name: &name, id: None, url: Some("file:x"), config: "watchfloor.toml", content_type: None, now: "2026-11-24T00:00:00Z".parse().unwrap() };
        let start = std::time::Instant::now();
        match guess(&bytes, &asked) {
            Ok(p) => println!("==== {name} {:?} figures {} warnings {}\n{}", start.elapsed(), p.reads.figures, p.reads.warnings, p.toml),
            Err(e) => println!("==== {name} FAILED {e}"),
        }
    }
}
