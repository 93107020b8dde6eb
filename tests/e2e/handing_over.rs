//! `report`: the handover between two watches, as the program gives it.

use super::support::Place;
use jiff::Timestamp;

const CONFIG: &str = r#"
title = "Desk *one*"
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
id = "wire"
kind = "news"
url = "file:gone.xml"
every = "1h"

[[route]]
id = "south"
name = "South [x](https://evil.example)"
owner = "border desk"

[[rule]]
id = "capacity"
kind = "above"
route = "south"
fire = 100
severity = "critical"

[[policy_date]]
id = "lift"
name = "Lift"
routes = ["south"]
changes = [{ known = "2022-04-01", status = "scheduled", date = "2100-05-23", authority = "CDC" }]
"#;

struct Desk {
    place: Place,
}

impl Desk {
    fn new() -> Self {
        let place = Place::new();
        place.write("desk.toml", CONFIG);
        Self { place }
    }

    /// Status and what was said.
    fn ask(&self, verb: &[&str]) -> (i32, String) {
        self.place.ask(&[&["--config", "desk.toml", "--store", "desk.db"], verb].concat())
    }

    fn brings(&self, table: &str) {
        self.place.write("table.csv", table);
        let (status, said) = self.ask(&["refresh"]);
        assert!(status == 0 && said.contains("1 brought something new"), "{said}");
    }

    fn report(&self, since: &str) -> (String, serde_json::Value) {
        let (status, text) = self.ask(&["report", "--since", since]);
        assert_eq!(status, 0, "{text}");
        let (_, json) = self.ask(&["report", "--since", since, "--json"]);
        (text, serde_json::from_str(&json).unwrap())
    }
}

/// What stands under a heading.
fn part<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {name}\n\n")).unwrap_or_else(|| panic!("{name}\n{text}"));
    rest.split("\n## ").next().unwrap().trim_end()
}

#[test]
fn a_watch_is_handed_over_with_what_happened_and_what_is_open() {
    let desk = Desk::new();
    desk.brings("Month,Count\n2024-01,70\n2024-02,90\n");
    let before = Timestamp::now().to_string();
    desk.brings("Month,Count\n2024-01,75\n2024-02,90\n2024-03,120\n");
    let (status, said) =
        desk.ask(&["date", "hold", "lift", "--source", "https://court.example/o", "--reason", "stayed"]);
    assert_eq!(status, 0, "{said}");
    // The next round judges it.
    desk.brings("Month,Count\n2024-01,75\n2024-02,90\n2024-03,80\n");

    let (text, json) = desk.report(&before);
    assert!(text.starts_with("# Handover: Desk \\*one\\*\n"), "{text}");
    let name = "`South [x](https://evil.example) persons";
    let fired = part(&text, "Alerts that fired");
    assert!(fired.contains("- **critical** `South [x](https://evil.example): 120 in March 2024, above 100`"), "{text}");
    assert!(fired.contains("- **warning** Lift: held (stayed)"), "{text}");
    let ended = part(&text, "Alerts that ended");
    assert!(ended.contains("- retracted ") && ended.contains(": **critical** "), "{text}");
    let open = part(&text, "Alerts still open");
    assert!(open.contains("**warning** Lift: held") && open.contains("nobody has it; owner border desk"), "{text}");
    let revised: Vec<&str> = part(&text, "Figures that were revised").lines().collect();
    assert!(revised[0].starts_with(&format!("- {name}`, January 2024: 70 (known ")), "{text}");
    assert!(revised[0].contains(" → 75 (known ") && revised[0].ends_with("seen), +7.14 %"), "{text}");
    assert!(revised[1].contains("March 2024: 120 ") && revised.len() == 2, "{text}");
    let new = part(&text, "New figures");
    assert!(new.starts_with(&format!("- {name}`, March 2024: 80 (known ")), "{text}");
    let moved = part(&text, "Policy dates that moved");
    let expected = "- Lift: held (stayed); was 2100-05-23 00:00 UTC; source: `https://court.example/o`; known ";
    assert!(moved.starts_with(expected), "{text}");
    assert!(part(&text, "Feeds that failed or are silent").starts_with("- wire failing since "), "{text}");
    assert!(part(&text, "Publications overdue").contains(", April 2024: overdue since 2024-06-"), "{text}");
    assert_eq!(part(&text, "Publications due next"), "No publication is expected.");

    assert_eq!(json["schema"], 1);
    assert_eq!((&json["revised"][0]["old"]["value"], &json["revised"][0]["new"]["value"]), (&70.into(), &75.into()));
    let is_retracted = |alert: &serde_json::Value| alert["event"] == "retracted" && alert["rule"] == "capacity";
    assert!(json["ended"].as_array().unwrap().iter().any(is_retracted), "{json}");
    assert_eq!(json["policy_dates"][0]["source"], "https://court.example/o");
    assert_eq!((&json["feeds"][0]["id"], &json["overdue"][0]["period"]["label"]), (&"wire".into(), &"2024-04".into()));

    // Of what came before nothing is told, and of the whole it is a first load.
    let (text, _) = desk.report(&Timestamp::now().to_string());
    assert_eq!(part(&text, "Alerts that fired"), "No alert fired.");
    assert_eq!(part(&text, "New figures"), "No new figure came.");
    let (text, _) = desk.report("2d");
    assert!(
        part(&text, "New figures").contains("`: first load, 3 figures, Jan–Mar 2024; newest March 2024: 80 "),
        "{text}"
    );
}

#[test]
fn what_is_no_watch_is_said() {
    let desk = Desk::new();
    let (status, said) = desk.ask(&["report"]);
    assert!(status == 3 && said.contains("nothing has been collected yet"), "{said}");
    for (since, phrase) in [
        ("yesterday", "neither a length of time nor an instant; write it as 8h"),
        ("2100-01-01", "lies in the future"),
        ("1 month", "no fixed length"),
    ] {
        let (status, said) = desk.ask(&["report", "--since", since]);
        assert!(status == 2 && said.contains(phrase), "{since}: {status} {said}");
    }
}
