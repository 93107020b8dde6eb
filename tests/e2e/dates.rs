//! Policy dates that a person sets, holds, withdraws and confirms, from another process than the one that collects.

use super::support::{Place, Session, eventually};
use std::process::{Child, Stdio};

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[feed]]
id = "wire"
kind = "news"
url = "file:news.xml"
every = "1h"

[[route]]
id = "south"

[[policy_date]]
id = "title-42-lift"
name = "Title 42 lift"
zone = "America/New_York"
routes = ["south"]
changes = [
  { known = "2022-04-01", status = "scheduled", date = "2022-05-23", authority = "CDC", source = "87 FR 19941" },
  { known = "2022-05-20", status = "held", reason = "enjoined", authority = "W.D. La." },
]
"#;

const NEWS: &str = "<rss version=\"2.0\"><channel><item><title>On the road</title></item></channel></rss>";

struct Desk {
    place: Place,
}

impl Desk {
    fn new() -> Self {
        let place = Place::new();
        place.write("desk.toml", CONFIG);
        place.write("news.xml", NEWS);
        Self { place }
    }

    fn arguments<'a>(verb: &[&'a str]) -> Vec<&'a str> {
        [&["--config", "desk.toml", "--store", "desk.db"], verb].concat()
    }

    /// Status and what was said.
    fn ask(&self, verb: &[&str]) -> (i32, String) {
        self.place.ask(&Self::arguments(verb))
    }

    fn collect(&self) -> Collector {
        let mut command = self.place.command(&Self::arguments(&["--headless"]));
        let collector = Collector(command.stderr(Stdio::null()).spawn().unwrap());
        eventually("it has collected", || self.ask(&["status", "--line"]).1.contains("1 of 1 feeds fresh"));
        collector
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.ask(&["status", "--json"]).1).unwrap()
    }

    /// What the alert of changed dates says, where there is one.
    fn told(&self) -> Option<String> {
        let status = self.status();
        let alerts = status["alerts"].as_array().unwrap();
        let told = alerts.iter().find(|alert| alert["rule"] == "date-changed");
        told.map(|alert| alert["reason"].as_str().unwrap().to_owned())
    }
}

/// A collector that ends with its story.
struct Collector(Child);

impl Drop for Collector {
    fn drop(&mut self) {
        // One that has ended already is killed in vain.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_court_order_is_written_in_another_process_and_told_everywhere() {
    let desk = Desk::new();
    let collector = desk.collect();
    assert_eq!(desk.told(), None, "what the configuration says is old news");
    let mut viewer = Session::start(&desk.place, &Desk::arguments(&[]));
    viewer.wait_for("the viewer to follow", |screen| screen.contains("VIEWER") && screen.contains("enjoined"));

    let set = ["date", "set", "title-42-lift", "2100-12-21", "--source", "Huisha-Huisha", "--authority", "D.D.C."];
    let (status, said) = desk.ask(&set);
    let first = "Title 42 lift: no longer held: set for 2100-12-21 00:00 America/New_York by D.D.C.\n";
    assert!(status == 0 && said.starts_with(first), "{said}");
    eventually("the new date is told", || desk.told().is_some_and(|told| told.contains("set for 21 Dec 2100")));
    viewer.wait_for_text("no longer held: set for 21 Dec 2100");

    let (status, said) = desk.ask(&["date", "hold", "title-42-lift", "--source", "order", "--reason", "stayed"]);
    assert!(status == 0 && said.contains("held (stayed); was 2100-12-21 00:00 America/New_York"), "{said}");
    eventually("the hold is told", || desk.told().is_some_and(|told| told.starts_with("Title 42 lift: held (stayed)")));
    let date = &desk.status()["policy_dates"][0];
    assert_eq!(
        (&date["status"], &date["date"], &date["reason"]),
        (&"held".into(), &serde_json::Value::Null, &"stayed".into())
    );
    viewer.wait_for_text("held (stayed)");
    viewer.keys("q");
    assert_eq!(viewer.end(), 0);
    drop(collector);

    let (status, list) = desk.ask(&["date", "list", "title-42-lift"]);
    assert!(status == 0 && list.contains("87 FR 19941") && list.contains("source: Huisha-Huisha"), "{list}");
    let (_, list) = desk.ask(&["date", "list", "title-42-lift", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let statuses: Vec<_> = list["entries"].as_array().unwrap().iter().map(|entry| &entry["status"]).collect();
    assert_eq!(statuses, ["scheduled", "held", "scheduled", "held"]);
}

#[test]
fn what_is_written_while_nobody_collects_is_told_by_the_next_that_does() {
    let desk = Desk::new();
    // A store that has never seen this date: the configuration's entries are written with the new one, and stay old news.
    desk.place.write("desk.toml", &CONFIG[..CONFIG.find("[[policy_date]]").unwrap()]);
    drop(desk.collect());
    desk.place.write("desk.toml", CONFIG);
    let hold = ["date", "withdraw", "title-42-lift", "--source", "notice", "--known", "2022-06-01T10:00"];
    let (status, said) = desk.ask(&hold);
    assert!(status == 0 && said.starts_with("Title 42 lift: withdrawn\n"), "{said}");
    assert_eq!(desk.told(), None, "nobody judges yet");
    let (status, said) = desk.ask(&["check"]);
    assert!(status == 3 && said.contains("a change of Title 42 lift was written since the last round"), "{said}");
    let _collector = desk.collect();
    eventually("it is told", || desk.told().is_some());
    assert_eq!(desk.told().as_deref(), Some("Title 42 lift: withdrawn"));
    let (status, said) = desk.ask(&["check"]);
    assert!(status == 1 && said.starts_with("WATCHFLOOR WARNING - 1 warning: Title 42 lift: withdrawn | "), "{said}");
    let (_, list) = desk.ask(&["date", "list", "title-42-lift", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["entries"][2]["known"], "2022-06-01T14:00:00Z", "a time is of the policy date's zone");
    assert_eq!(list["entries"].as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_written_to_a_ledger_is_said() {
    let desk = Desk::new();
    let (status, said) = desk.ask(&["date", "hold", "title-42-lift", "--source", "x"]);
    assert!(status == 3 && said.contains("nothing has been collected yet"), "{said}");
    drop(desk.collect());
    let before = desk.ask(&["date", "list", "title-42-lift"]).1;
    let same =
        ["date", "hold", "title-42-lift", "--source", "docket", "--reason", "enjoined", "--authority", "W.D. La."];
    assert_eq!(desk.ask(&same).0, 0, "the configuration gives no source, so this is another entry");
    let after = desk.ask(&["date", "list", "title-42-lift"]).1;
    assert_ne!(before, after);
    for (verb, phrase) in [
        (&same[1..], "is held already, with the same words"),
        (&["set", "title-42-left", "2100-01-01", "--source", "x"], "did you mean \"title-42-lift\"?"),
        (&["set", "title-42-lift", "23 May", "--source", "x"], "\"23 May\" is no date; write it as 2022-05-23"),
        (&["set", "title-42-lift", "2100-05-23T04:00:00Z", "--source", "x"], "an instant, where a date in the policy"),
        (&["set", "title-42-lift", "2100-01-01"], "--source"),
        (&["hold", "title-42-lift", "--source", " \u{1b} "], "say where it says so"),
        (&["hold", "title-42-lift", "--source", "x", "--known", "2100-01-01"], "lies in the future"),
        (&["reached", "title-42-lift", "--source", "x"], "is not due: it stands as held (enjoined) by W.D. La."),
    ] {
        let verb = [&["date"], verb].concat();
        let (status, said) = desk.ask(&verb);
        assert!(status == 2 && said.contains(phrase) && !said.contains('\u{1b}'), "{verb:?}: {status} {said}");
    }
    assert_eq!(desk.ask(&["date", "list", "title-42-lift"]).1, after, "nothing of it was written");
    let (status, said) = desk.ask(&["date", "reached", "title-42-lift", "--source", "x", "--force"]);
    assert!(status == 0 && said.starts_with("Title 42 lift: reached"), "{said}");
}
