//! `check`: what a monitoring system hears, and its exit statuses.

use super::support::{Place, eventually};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
every = "1h"
period = { kind = "year", column = "Year" }
value = "Count"
series = [{ route = "south", measure = "persons" }]

[[rule]]
id = "capacity"
kind = "above"
route = "south"
fire = 100
severity = "critical"

[[rule]]
id = "busy"
kind = "above"
route = "south"
fire = 80
"#;

struct Desk {
    place: Place,
}

impl Desk {
    fn new(config: &str) -> Self {
        let place = Place::new();
        place.write("desk.toml", config);
        let desk = Self { place };
        desk.figures(&[60, 70]);
        desk
    }

    /// The last of them is of last year: then nothing is overdue, whenever this runs.
    fn figures(&self, figures: &[u32]) {
        let this_year = usize::try_from(Timestamp::now().to_zoned_datetime(TimeZone::UTC).year()).unwrap();
        let row = |(at, figure): (usize, &u32)| format!("{},{figure}\n", this_year - figures.len() + at);
        let rows: String = figures.iter().enumerate().map(row).collect();
        self.place.write("table.csv", &format!("Year,Count\n{rows}"));
    }

    /// Status, the first line before the numbers, and all that was said.
    fn check(&self, more: &[&str]) -> (i32, String, String) {
        let (status, out, err) = self.run(&[&["check"], more].concat());
        assert_eq!(err, "", "a plugin speaks on standard output");
        let first = out.lines().next().unwrap().split(" | ").next().unwrap().to_owned();
        (status, first, out)
    }

    fn run(&self, verb: &[&str]) -> (i32, String, String) {
        let common = ["--config", "desk.toml", "--store", "desk.db"];
        let output = self.place.command(&[&common, verb].concat()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn refresh(&self) {
        let (status, _, err) = self.run(&["refresh"]);
        assert_eq!(status, 0, "{err}");
    }
}

#[test]
fn a_monitoring_system_hears_of_calm_of_warnings_and_of_critical_alerts() {
    let desk = Desk::new(CONFIG);
    desk.refresh();
    let (status, first, all) = desk.check(&[]);
    assert!(status == 0 && first.starts_with("WATCHFLOOR OK - no alerts; 1 of 1 feeds fresh, last proof "), "{all}");
    assert!(all.contains(" | 'critical'=0;;;0 ") && all.contains("'south/persons/year'=70;;;0"), "{all}");

    desk.figures(&[60, 90]);
    desk.refresh();
    let (status, first, all) = desk.check(&[]);
    assert!(status == 1 && first.starts_with("WATCHFLOOR WARNING - 1 warning: South persons: 90 in "), "{all}");
    assert_eq!(desk.check(&["--rule", "capacity"]).0, 0);

    desk.figures(&[60, 120]);
    desk.refresh();
    let (status, first, all) = desk.check(&["--ignore-acknowledged"]);
    assert!(
        status == 2 && first.starts_with("WATCHFLOOR CRITICAL - 1 critical, 1 warning: South persons: 120"),
        "{all}"
    );
    let details: Vec<&str> = all.lines().skip(1).collect();
    assert!(
        details.len() == 2
            && details[0].starts_with("critical: South persons: ")
            && details[1].starts_with("warning: "),
        "{all}"
    );
    assert_eq!(desk.check(&["--rule", "busy"]).0, 1);
    assert_eq!(desk.check(&["--route", "south"]).0, 2);
}

#[test]
fn what_cannot_be_told_is_never_fine() {
    let desk = Desk::new(CONFIG);
    let unknown = |desk: &Desk, more: &[&str], phrase: &str| {
        let (status, first, all) = desk.check(more);
        assert!(status == 3 && first.starts_with("WATCHFLOOR UNKNOWN - ") && first.contains(phrase), "{phrase}: {all}");
    };
    unknown(&desk, &[], "nothing has been collected yet");
    desk.refresh();
    assert_eq!(desk.check(&[]).0, 0);
    unknown(&desk, &["--route", "sout"], "there is no route \"sout\"; did you mean \"south\"?");
    unknown(&desk, &["--rule", "capacitor"], "there is no rule \"capacitor\"; did you mean \"capacity\"?");
    unknown(&desk, &["--rote", "south"], "unexpected argument '--rote'");

    // A feed that fails, a series of which nothing came, a rule that nobody has evaluated yet.
    let more = "\n[[feed]]\nid = \"wire\"\nkind = \"news\"\nurl = \"file:gone.xml\"\nevery = \"1h\"\n";
    desk.place.write("desk.toml", &format!("{CONFIG}{more}"));
    unknown(&desk, &[], "1 feed waiting: feed wire is waiting, no good answer yet");
    desk.run(&["refresh"]);
    unknown(&desk, &[], "1 feed failing: feed wire is failing since ");
    assert_eq!(desk.check(&["--route", "south"]).0, 0, "it brings nothing of that route");
    desk.place.write(
        "desk.toml",
        &CONFIG.replace("persons\" }", "persons\" }, { route = \"north\", measure = \"persons\" }"),
    );
    unknown(&desk, &["--route", "north"], "North persons: no figures yet");
    assert_eq!(desk.check(&["--rule", "capacity"]).0, 0, "a rule on one route needs to know of no other");
    desk.place.write(
        "desk.toml",
        &format!("{CONFIG}\n[[rule]]\nid = \"new\"\nkind = \"below\"\nroute = \"south\"\nfire = 1\n"),
    );
    unknown(&desk, &["--rule", "new"], "no verdict of rule new");

    desk.place.write("desk.toml", "[[feed]]\nid = 3\n");
    unknown(&desk, &[], "the configuration cannot be used");
    std::fs::remove_file(desk.place.path("desk.toml")).unwrap();
    unknown(&desk, &[], "cannot read the configuration desk.toml");
    desk.place.write("desk.toml", CONFIG);
    for companion in ["desk.db-wal", "desk.db-shm"] {
        // Where it was closed in order there is none.
        let _ = std::fs::remove_file(desk.place.path(companion));
    }
    desk.place.write("desk.db", "this is no store, and was one once");
    unknown(&desk, &[], "desk.db");
}

#[test]
fn that_nobody_collects_is_noticed() {
    let desk = Desk::new(&CONFIG.replace("every = \"1h\"", "every = \"1s\"\ndeadline = \"1s\""));
    desk.refresh();
    eventually("its proof has run out", || {
        let (status, first, _) = desk.check(&[]);
        status == 3 && first.contains("nobody collects, the last check was ")
    });
    let (_, first, all) = desk.check(&[]);
    assert!(
        first.contains(": nobody collects, the last check was ") && first.contains("watchfloor --headless"),
        "{all}"
    );
}
