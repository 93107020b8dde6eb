//! A misread table, voided and mended; and one that waits until a person accepts it.

use super::support::{Place, Session, eventually};
use rustix::process::Signal;
use std::process::{Child, Stdio};

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
every = "1s"
period = { kind = "month", column = "Month" }
value = { column = "Count" }
series = [{ route = "south", measure = "persons" }]

[[rule]]
id = "collapse"
kind = "below"
route = "south"
fire = 10
"#;

const TABLE: &str = "Month,Count\n2024-01,1700\n2024-02,1600\n";
/// The publisher now writes a decimal comma's thousands: read as they stand they are fractions.
const MISREAD: &str = "Month;Count\n2024-01;1.700\n2024-02;1.650\n2024-03;1.500\n";

struct Desk {
    place: Place,
    config: String,
    store: String,
}

impl Desk {
    fn new(table: &str) -> Self {
        let place = Place::new();
        let config = place.write("desk.toml", CONFIG).display().to_string();
        place.write("table.csv", table);
        let store = place.path("facts/desk.db").display().to_string();
        Self { place, config, store }
    }

    fn arguments<'a>(&'a self, verb: &[&'a str]) -> Vec<&'a str> {
        [&["--config", &self.config, "--store", &self.store], verb].concat()
    }

    /// Status and what was said.
    fn ask(&self, verb: &[&str]) -> (i32, String) {
        self.place.ask(&self.arguments(verb))
    }

    fn collect(&self) -> Collector {
        let mut command = self.place.command(&self.arguments(&["--headless"]));
        Collector(command.stderr(Stdio::null()).spawn().unwrap())
    }

    fn figures(&self) -> Vec<String> {
        let (_, table) = self.ask(&["export", "observations"]);
        let row = |line: &str| line.split(',').nth(6).map(str::to_owned);
        table.lines().skip(1).filter_map(row).collect()
    }

    fn wait_for_figures(&self, figures: &[&str]) {
        eventually(&format!("the figures are {figures:?}"), || self.figures() == figures);
    }

    fn degraded(&self) -> String {
        let (_, text) = self.ask(&["status", "--json"]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["feeds"][0].to_string()
    }
}

/// A collector that ends with its story.
struct Collector(Child);

impl Collector {
    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // One that has ended already is killed in vain.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_misread_table_is_voided_and_read_again_when_the_mapping_is_mended() {
    let desk = Desk::new(TABLE);
    let collector = desk.collect();
    desk.wait_for_figures(&["1700", "1600"]);
    let viewer = Session::start(&desk.place, &desk.arguments(&[]));
    viewer.wait_for("the viewer to follow", |screen| screen.contains("VIEWER") && screen.contains("1,600"));
    desk.place.write("table.csv", MISREAD);
    desk.wait_for_figures(&["1.7", "1.65", "1.5"]);
    viewer.wait_for_text("below 10");

    let (status, list) = desk.ask(&["feed", "void", "table"]);
    assert!(status == 0 && list.contains("Jan–Mar 2024") && list.contains("Jan–Feb 2024"), "{list}");
    let (status, json) = desk.ask(&["feed", "void", "table", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (status, &document["batches"][0]["figures"], &document["batches"][1]["batch"]),
        (0, &3.into(), &1.into())
    );
    let (status, said) =
        desk.ask(&["feed", "void", "table", "--batch", "last", "--reason", "thousands read as decimals"]);
    assert!(status == 0 && said.contains("Batch 2 of table is void: \"thousands read as decimals\""), "{said}");
    assert!(said.contains("2 figures stand again") && said.contains("1 figure had no other version"), "{said}");
    assert!(said.contains("export observations --vintages"));
    // For everyone, and at once; and it is not taken again while the mapping is the same.
    eventually("the status has the old figure and no alert", || {
        let (_, text) = desk.ask(&["status"]);
        text.contains("1,600  2024-02") && !text.contains("below 10")
    });
    viewer.wait_for("the viewer to hear of it", |screen| screen.contains("1,600") && !screen.contains("below 10"));
    eventually("the feed says so", || desk.degraded().contains("voided"));
    assert_eq!(desk.figures(), ["1700", "1600"]);
    let (status, again) = desk.ask(&["feed", "void", "table", "--batch", "2", "--reason", "twice"]);
    assert!(status == 0 && again.contains("void already: \"thousands read as decimals\""), "{again}");
    collector.stop();

    // Mended while nobody collects, and though the file is the same.
    let mended = CONFIG.replace("column = \"Count\"", "column = \"Count\", decimal = \",\"");
    std::fs::write(&desk.config, mended).unwrap();
    let collector = desk.collect();
    desk.wait_for_figures(&["1700", "1650", "1500"]);
    let (_, versions) = desk.ask(&["export", "observations", "--vintages"]);
    assert_eq!(
        versions.lines().count(),
        1 + 2 + 2,
        "the first two, then what is true of the second reply:\n{versions}"
    );
    eventually("the feed is well", || desk.degraded().contains("fresh"));
    collector.stop();
}

#[test]
fn a_table_in_another_unit_waits_until_it_is_accepted_while_nobody_collects() {
    let rows = |times: u32| -> String {
        let row = |month: u32| format!("2023-{month:02},{}\n", (month * 137 + 20) * times);
        format!("Month,Count\n{}", (1..=12).map(row).collect::<String>())
    };
    let desk = Desk::new(&rows(1));
    let (status, said) = desk.ask(&["feed", "accept", "table"]);
    assert!(status == 3 && said.contains("nothing has been collected yet"), "{said}");
    let collector = desk.collect();
    eventually("it has collected", || desk.figures().len() == 12);
    let (status, said) = desk.ask(&["feed", "accept", "table"]);
    assert!(status == 2 && said.contains("no reply of table waits"), "{said}");
    desk.place.write("table.csv", &rows(1000));
    eventually("the reply is held", || desk.degraded().contains("every figure is 1,000 times what it was"));
    assert_eq!(desk.figures()[0], "157");
    collector.stop();
    let (status, said) = desk.ask(&["feed", "accept", "table"]);
    assert!(status == 0 && said.contains("taken at once where a session collects"), "{said}");
    assert!(said.contains("`watchfloor refresh table`"), "{said}");
    // Nobody is told to accept it once more.
    let waits = "is accepted, and waits to be taken by whoever collects";
    assert!(desk.degraded().contains(waits) && !desk.degraded().contains("feed accept"), "{}", desk.degraded());
    let (status, said) = desk.ask(&["feed", "accept", "table"]);
    assert!(
        status == 0 && said.starts_with("Nothing of table is held any more: its reply was accepted before."),
        "{said}"
    );
    assert_eq!(desk.figures()[0], "157");
    // The file is gone by then: the body was kept.
    std::fs::remove_file(desk.place.path("table.csv")).unwrap();
    let collector = desk.collect();
    eventually("it is taken", || desk.figures()[0] == "157000");
    assert!(!desk.degraded().contains(waits), "{}", desk.degraded());
    collector.stop();
}

#[test]
fn a_reply_that_went_back_needs_nobody_and_says_so() {
    let newer = format!("{TABLE}2024-03,1500\n");
    let desk = Desk::new(TABLE);
    desk.ask(&["refresh", "table"]);
    desk.place.write("table.csv", &newer);
    desk.ask(&["refresh", "table"]);
    desk.place.write("table.csv", TABLE);
    let (_, said) = desk.ask(&["refresh", "table"]);
    assert!(said.contains("went back to an older reply") && said.contains("nobody need do anything"), "{said}");
    assert!(!said.contains("feed accept") && said.ends_with("; 1 doubtful.\n"), "{said}");
    let (status, said) = desk.ask(&["feed", "accept", "table"]);
    assert!(status == 2 && said.contains("no reply of table waits to be accepted"), "{said}");
    assert!(said.contains("taken by itself if the next poll brings it again"), "{said}");
    let (_, said) = desk.ask(&["refresh", "table"]);
    assert!(said.ends_with("; 0 doubtful.\n"), "{said}");
}

#[test]
fn what_cannot_be_voided_is_said() {
    let desk = Desk::new(TABLE);
    let collector = desk.collect();
    desk.wait_for_figures(&["1700", "1600"]);
    collector.stop();
    for (verb, phrase) in [
        (&["feed", "void", "tabel"][..], "there is no feed \"tabel\"; there are table"),
        (&["feed", "void", "table", "--batch", "9", "--reason", "x"], "no batch \"9\""),
        (&["feed", "void", "table", "--batch", "many", "--reason", "x"], "no batch \"many\""),
        (&["feed", "void", "table", "--batch", "1"], "--reason"),
        (&["feed", "void", "table", "--batch", "1", "--reason", " "], "say why"),
        (&["feed", "accept", "tabel"], "there is no feed"),
    ] {
        let (status, said) = desk.ask(verb);
        assert!(status == 2 && said.contains(phrase), "{verb:?}: {status} {said}");
    }
    assert_eq!(desk.figures(), ["1700", "1600"]);
}
