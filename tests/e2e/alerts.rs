//! An alert in the hands of people: taken, noted on, let go of, and taken away by what happens.

use super::support::Place;

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[route]]
id = "south"
name = "South"

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
period = { kind = "month", column = "Month" }
value = { column = "Count" }
series = [{ route = "south", measure = "persons" }]

[[rule]]
id = "many"
kind = "above"
route = "south"
fire = 1000
clear = 800
critical = 5000
"#;

struct Desk {
    place: Place,
}

impl Desk {
    /// With so many people in January.
    fn new(january: u32) -> Self {
        let place = Place::new();
        place.write("desk.toml", CONFIG);
        let desk = Self { place };
        desk.publish(&format!("2024-01,{january}\n"));
        desk
    }

    fn publish(&self, rows: &str) {
        self.place.write("table.csv", &format!("Month,Count\n{rows}"));
        let (status, said) = self.ask(&["refresh"]);
        assert_eq!(status, 0, "{said}");
    }

    fn ask(&self, verb: &[&str]) -> (i32, String) {
        self.place.ask(&[&["--config", "desk.toml", "--store", "desk.db"], verb].concat())
    }

    fn document(&self, verb: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ask(verb).1).unwrap()
    }

    /// The alert of the rule, in `status`.
    fn alert(&self) -> serde_json::Value {
        let document = self.document(&["status", "--json"]);
        let alerts = document["alerts"].as_array().unwrap();
        alerts.iter().find(|alert| alert["rule"] == "many").cloned().unwrap_or_default()
    }
}

#[test]
fn an_alert_is_taken_in_hand_noted_on_and_let_go_of() {
    let desk = Desk::new(1_200);
    let (status, list) = desk.ask(&["alert", "list"]);
    assert!(status == 0 && list.contains("warning   South persons") && list.contains("nobody has it"), "{list}");
    let note = "calling \u{1b}[31mthe post";
    let taking = ["alert", "acknowledge", "many:south", "--note", note, "--until", "8h", "--wake", "25"];
    let (status, said) = desk.ask(&taking);
    assert!(status == 0 && said.contains("until 20") && said.contains("unless it gets to 1,500 or more"), "{said}");
    let alert = desk.alert();
    assert_eq!(alert["acknowledged"], true, "{alert}");
    assert!(alert["acknowledged_by"].as_str().unwrap().contains('@') && alert["acknowledged_until"].is_string());
    let (_, text) = desk.ask(&["status"]);
    assert!(text.contains("has it: calling [31mthe post"), "{text}");
    assert_eq!(desk.ask(&["alert", "note", "many:south", "two more boats"]).0, 0);
    let (status, said) = desk.ask(&["alert", "release", "many:south", "--note", "off duty"]);
    assert!(status == 0 && said.contains("Nobody has the alert on South persons in hand"), "{said}");
    assert_eq!(desk.alert()["acknowledged"], false);
    assert_eq!(desk.ask(&["alert", "release", "many:south"]).0, 2, "nobody has it");
    let shown = desk.document(&["alert", "show", "many:south", "--json"]);
    let timeline = shown["timeline"].as_array().unwrap();
    let what: Vec<&str> = timeline.iter().filter_map(|entry| entry["what"].as_str()).collect();
    assert_eq!(what, ["fired", "acknowledged", "noted", "released"], "{shown}");
    assert_eq!(shown["timeline"][1]["wake_above"], 1500.0);
    let (_, text) = desk.ask(&["alert", "show", "many:south"]);
    assert!(text.contains("TIMELINE") && text.contains("notes: two more boats"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80 || line.starts_with("id ")), "{text}");
}

#[test]
fn what_was_taken_in_hand_comes_back_when_it_gets_worse_and_stays_told_when_it_has_ended() {
    let desk = Desk::new(1_200);
    assert_eq!(desk.ask(&["alert", "acknowledge", "many", "--wake", "+25"]).0, 0);
    desk.publish("2024-01,1200\n2024-02,1300\n");
    assert_eq!(desk.alert()["acknowledged"], true, "not so far yet");
    desk.publish("2024-01,1200\n2024-02,1300\n2024-03,1600\n");
    assert_eq!(desk.alert()["acknowledged"], false, "a quarter more than when it was taken");
    assert_eq!(desk.ask(&["alert", "acknowledge", "many"]).0, 0);
    assert_eq!(desk.alert()["acknowledged"], true);
    desk.publish("2024-01,1200\n2024-02,1300\n2024-03,1600\n2024-04,6000\n");
    let alert = desk.alert();
    assert_eq!((alert["severity"].as_str(), alert["acknowledged"].as_bool()), (Some("critical"), Some(false)));
    desk.publish("2024-01,1200\n2024-02,1300\n2024-03,1600\n2024-04,6000\n2024-05,100\n");
    assert!(desk.alert().is_null(), "it has ended");
    let (status, said) = desk.ask(&["alert", "acknowledge", "many"]);
    assert!(status == 2 && said.contains("has ended"), "{said}");
    assert_eq!(desk.ask(&["alert", "note", "many", "it was the thaw"]).0, 0);
    let (_, list) = desk.ask(&["alert", "list", "--ended"]);
    assert!(list.contains("resolved 20"), "{list}");
    let shown = desk.document(&["alert", "show", "many", "--json"]);
    let last = shown["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((last["what"].as_str(), last["text"].as_str()), (Some("noted"), Some("it was the thaw")));
    assert_eq!(shown["alert"]["ended_how"], "resolved");
}

#[test]
fn a_wrong_request_says_what_is_wrong_and_changes_nothing() {
    let desk = Desk::new(1_200);
    for (verb, why) in [
        (&["alert", "acknowledge", "none"][..], "there is no alert \"none\""),
        (&["alert", "acknowledge", "many", "--until", "soon"], "is no end; write a length such as 8h"),
        (&["alert", "acknowledge", "many", "--wake", "0"], "by how many percent"),
        (&["alert", "note", "many", " "], "the note says nothing"),
    ] {
        let (status, said) = desk.ask(verb);
        assert!(status == 2 && said.contains(why), "{verb:?}: {said}");
    }
    assert_eq!(desk.alert()["acknowledged"], false);
}
