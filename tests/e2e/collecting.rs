//! Live sessions: collecting from files and a dead server, two processes on one store, and taking over.

use super::support::{Place, Session, eventually};
use rustix::process::Signal;
use std::process::{Child, Stdio};

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[route]]
id = "south"
name = "South road"
words = ["south road"]
series = [{ measure = "persons", cadence = "month", zone = "UTC", lag = "40000d" }]

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
every = "1s"
rows = { Region = "South" }
period = { kind = "month", column = "Month" }
value = { column = "Count", aggregate = "sum" }
series = [{ route = "south", measure = "persons" }]

[[feed]]
id = "news"
kind = "news"
url = "file:news.xml"
every = "1s"

[[rule]]
id = "capacity"
kind = "above"
route = "south"
fire = 100
severity = "critical"

[[policy_date]]
id = "review"
name = "Review"
zone = "UTC"
routes = ["south"]
changes = [{ known = "2022-01-01", status = "scheduled", date = "2099-01-01", authority = "the ministry" }]
"#;

const TABLE: &str = "Month,Region,Count\n2024-01,South,40\n2024-01,South,30\n2024-01,North,999\n2024-02,South,90\n";
const NEWS: &str = "<rss version=\"2.0\"><channel><title>N</title><item><title>On the south road \u{9b}31m</title><guid>1</guid></item></channel></rss>";

fn desk() -> (Place, String, String) {
    let place = Place::new();
    let config = place.write("desk.toml", CONFIG).display().to_string();
    place.write("table.csv", TABLE);
    place.write("news.xml", NEWS);
    let store = place.path("facts/desk.db").display().to_string();
    (place, config, store)
}

#[test]
fn a_surge_arrives_while_somebody_looks() {
    let (place, config, store) = desk();
    let mut session = Session::start(&place, &["--config", &config, "--store", &store]);
    session.wait_for("figures and headlines", |screen| {
        screen.contains("90")
            && screen.contains("Feb 2024")
            && screen.contains("On the south road")
            && screen.contains("Nothing firing; 6 rules cannot tell")
    });
    place.write("table.csv", &format!("{TABLE}2024-03,South,120\n"));
    let screen = session.wait_for_text("120 in March 2024, above 100");
    assert!(screen.contains("critical") && screen.contains("new"), "{screen}");
    place.write("table.csv", &format!("{TABLE}2024-03,South,80\n"));
    session.wait_for("the revision to retract it", |screen| !screen.contains("above 100") && screen.contains("80"));
    session.keys("q");
    assert_eq!(session.end(), 0);
    let sent = session.sent();
    assert!(!sent.windows(2).any(|pair| pair == [0xc2, 0x9b]), "nothing from outside reaches the terminal raw");
}

#[test]
fn the_dead_feed_is_said_to_be_dead_and_the_rest_goes_on() {
    let (place, config, store) = desk();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let dead = format!(
        "{CONFIG}\n[[feed]]\nid = \"dead\"\nkind = \"news\"\nurl = \"http://{address}/rss?token=hunter2\"\nevery = \"1s\"\n"
    );
    std::fs::write(&config, dead).unwrap();
    let mut session = Session::start(&place, &["--config", &config, "--store", &store]);
    session.wait_for("the alert", |screen| screen.contains("feed dead") && screen.contains("failures in a row"));
    session.keys("4");
    let screen =
        session.wait_for("the feeds page", |screen| screen.contains("failing") && screen.contains("cannot reach"));
    assert!(screen.contains("fresh"), "{screen}");
    session.keys("q");
    assert_eq!(session.end(), 0);
    let sent = String::from_utf8_lossy(&session.sent()).into_owned();
    assert!(!sent.contains("hunter2"), "a secret was shown");
}

#[test]
fn a_second_process_follows_and_takes_over() {
    let (place, config, store) = desk();
    let arguments = ["--config", &config, "--store", &store];
    let first = Session::start(&place, &arguments);
    first.wait_for("the first to collect", |screen| screen.contains("Feb 2024") && !screen.contains("VIEWER"));
    let mut second = Session::start(&place, &arguments);
    second.wait_for("the second to follow", |screen| screen.contains("VIEWER") && screen.contains("Feb 2024"));
    second.keys("4");
    second.wait_for_text("this instance follows");
    place.write("table.csv", &format!("{TABLE}2024-03,South,120\n"));
    second.keys("1");
    second.wait_for_text("120 in March 2024, above 100");
    first.signal(Signal::KILL);
    second.wait_for("the second to take over", |screen| !screen.contains("VIEWER"));
    place.write("table.csv", &format!("{TABLE}2024-03,South,130\n"));
    second.wait_for_text("130 in March 2024, above 100");
    second.keys("q");
    assert_eq!(second.end(), 0);
}

#[test]
fn without_a_screen_it_collects_and_reports() {
    let (place, config, store) = desk();
    let arguments = ["--config", &config, "--store", &store];
    let none = place.command(&[&arguments[..], &["status"]].concat()).output().unwrap();
    assert_eq!(none.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&none.stderr).contains("nothing has been collected yet"));
    let mut collector =
        place.command(&[&arguments[..], &["--headless"]].concat()).stderr(Stdio::null()).spawn().unwrap();
    let ask = |verb: &[&str]| {
        let output = place.command(&[&arguments[..], verb].concat()).output().unwrap();
        assert!(output.stderr.is_empty() || !output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    eventually("it has collected", || {
        ask(&["export", "observations"]).contains("south,persons,month,2024-02")
            && ask(&["export", "headlines"]).contains("On the south road")
    });
    let status: serde_json::Value = serde_json::from_str(&ask(&["status", "--json"])).unwrap();
    assert_eq!(status["schema"], 1);
    assert_eq!(status["routes"][0]["series"][0]["latest"]["value"], 90);
    assert_eq!(status["routes"][0]["series"][0]["latest"]["period"]["label"], "2024-02");
    assert_eq!(status["routes"][0]["series"][0]["year_ago"], serde_json::Value::Null);
    assert_eq!(status["policy_dates"][0]["status"], "scheduled");
    assert_eq!(status["feeds"][0]["state"], "fresh");
    assert!(ask(&["status", "--line"]).lines().count() == 1);
    let table = ask(&["export", "observations"]);
    assert!(table.contains(",70,closed,") && !table.contains("999"), "{table}");
    let headlines = ask(&["export", "headlines", "--json"]);
    assert!(headlines.contains("On the south road 31m"), "{headlines}");
    let pid = rustix::process::Pid::from_child(&collector);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert!(collector.wait().unwrap().success());
    let none = place.command(&["--headless"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2), "without a configuration it is an error, never the sample");
}

/// The program without a screen, with its log in a file.
fn logging(place: &Place, arguments: &[&str], log: &str) -> Child {
    let log = std::fs::File::create(place.path(log)).unwrap();
    place.command(arguments).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

#[test]
fn the_log_says_who_follows_who_takes_over_and_how_an_alert_was_told_in_words() {
    let (place, config, store) = desk();
    place.write("table.csv", &format!("{TABLE}2024-03,South,120\n"));
    let arguments = ["--config", &config, "--store", &store, "--headless"];
    let log = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    let mut first = logging(&place, &arguments, "first.log");
    eventually("an alert", || log("first.log").contains("above 100"));
    let mut second = logging(&place, &arguments, "second.log");
    eventually("the second to follow", || log("second.log").contains("following: another instance collects"));
    first.kill().unwrap();
    first.wait().unwrap();
    eventually("the second to take over", || log("second.log").contains("this one takes over token="));
    second.kill().unwrap();
    second.wait().unwrap();
    let (first, second) = (log("first.log"), log("second.log"));
    assert!(first.contains("told=\"first-load\"") && !first.contains("FirstLoad"), "{first}");
    assert!(!first.contains("following") && second.matches("following: ").count() == 1, "{first}\n{second}");
    assert!(second.matches(" collecting").count() == 1, "{second}");
}

#[test]
fn why_a_store_cannot_be_opened_is_said_once() {
    // Nobody, whoever they are, can make a file there.
    if !std::path::Path::new("/sys/kernel").exists() {
        eprintln!("SKIPPED: this system has no folder in which nobody can write");
        return;
    }
    let (place, config, _) = desk();
    let common = ["--config", &config, "--store", "/sys/desk.db"];
    let output = place.command(&[&common[..], &["refresh"]].concat()).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.code() == Some(3) && said.matches("cannot open").count() == 1, "{said}");
    let log = || std::fs::read_to_string(place.path("headless.log")).unwrap();
    let mut headless = logging(&place, &[&common[..], &["--headless"]].concat(), "headless.log");
    eventually("it goes on without", || log().contains("what comes is kept in memory"));
    headless.kill().unwrap();
    headless.wait().unwrap();
    assert_eq!(log().matches("cannot open").count(), 1, "{}", log());
}
