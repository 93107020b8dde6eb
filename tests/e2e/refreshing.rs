//! `refresh`: the feeds asked once by a process that ends.

use super::support::{Place, eventually};
use std::process::Stdio;

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
every = "1h"
period = { kind = "month", column = "Month" }
value = "Count"
series = [{ route = "south", measure = "persons" }]

[[feed]]
id = "news"
kind = "news"
url = "file:news.xml"
every = "1h"

[[rule]]
id = "capacity"
kind = "above"
route = "south"
fire = 100
severity = "critical"
"#;

const TABLE: &str = "Month,Count\n2024-01,70\n2024-02,90\n";
const NEWS: &str =
    "<rss version=\"2.0\"><channel><item><title>On the road</title><guid>1</guid></item></channel></rss>";

fn desk() -> Place {
    let place = Place::new();
    place.write("desk.toml", CONFIG);
    place.write("table.csv", TABLE);
    place.write("news.xml", NEWS);
    place
}

/// Status, standard output and standard error.
fn run(place: &Place, arguments: &[&str]) -> (i32, String, String) {
    let common = ["--config", "desk.toml", "--store", "desk.db"];
    let output = place.command(&[&common[..], arguments].concat()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn feeds_are_asked_once_and_what_they_give_is_stored_and_judged() {
    let place = desk();
    let quiet = |asked: &[&str]| {
        let (status, out, err) = run(&place, asked);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        out
    };
    assert_eq!(quiet(&["refresh"]), "2 feeds asked: 2 brought something new, 0 nothing new, 0 failed.\n");
    assert!(quiet(&["export", "observations"]).contains("90"));
    assert!(quiet(&["export", "headlines"]).contains("On the road"));
    assert!(quiet(&["refresh", "--due"]).starts_with("No feed was asked"));
    // What it brings is judged as by a session.
    place.write("table.csv", "Month,Count\n2024-01,70\n2024-02,90\n2024-03,300\n");
    assert_eq!(quiet(&["refresh", "table"]), "1 feed asked: 1 brought something new, 0 nothing new, 0 failed.\n");
    let alerts = quiet(&["status", "--json"]);
    let alerts: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!(
        (&alerts["alerts"][0]["rule"], &alerts["alerts"][0]["severity"]),
        (&"capacity".into(), &"critical".into())
    );
    // What fails is named, and is an error only where nothing else answered.
    std::fs::remove_file(place.path("news.xml")).unwrap();
    let out = quiet(&["refresh"]);
    assert!(out.starts_with("news failed: cannot read ") && out.ends_with("1 nothing new, 1 failed.\n"), "{out}");
    let (status, _, err) = run(&place, &["refresh", "news"]);
    assert_eq!((status, err.as_str()), (3, "watchfloor: no feed answered\n"));
    let (status, _, err) = run(&place, &["refresh", "nws"]);
    assert_eq!((status, err.as_str()), (2, "watchfloor: there is no feed \"nws\"; there are table, news\n"));
}

#[test]
fn while_another_instance_collects_nothing_is_asked() {
    let place = desk();
    let common = ["--config", "desk.toml", "--store", "desk.db", "--headless"];
    let mut collector = place.command(&common).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("it collects", || place.path("desk.db").exists() && run(&place, &["status"]).1.contains("2 of 2"));
    let (status, out, err) = run(&place, &["refresh"]);
    assert_eq!((status, out.as_str()), (3, ""));
    assert!(err.starts_with("watchfloor: nothing was asked: another instance collects"), "{err}");
    // Killed, it holds nothing up.
    collector.kill().unwrap();
    collector.wait().unwrap();
    let (status, out, _) = run(&place, &["refresh"]);
    assert_eq!((status, out.as_str()), (0, "2 feeds asked: 0 brought something new, 2 nothing new, 0 failed.\n"));
}
