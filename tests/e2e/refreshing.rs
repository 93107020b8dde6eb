//! `refresh`: the feeds asked once by a process that ends.

use super::support::{Place, eventually};
use rustix::process::{Pid, Signal, kill_process};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
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
    assert_eq!(quiet(&["refresh"]), "2 feeds asked: 2 brought something new, 0 nothing new, 0 failed; 0 doubtful.\n");
    assert!(quiet(&["export", "observations"]).contains("90"));
    assert!(quiet(&["export", "headlines"]).contains("On the road"));
    assert!(quiet(&["refresh", "--due"]).starts_with("No feed was asked"));
    // What it brings is judged as by a session.
    place.write("table.csv", "Month,Count\n2024-01,70\n2024-02,90\n2024-03,300\n");
    assert_eq!(
        quiet(&["refresh", "table"]),
        "1 feed asked: 1 brought something new, 0 nothing new, 0 failed; 0 doubtful.\n"
    );
    let alerts = quiet(&["status", "--json"]);
    let alerts: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!(
        (&alerts["alerts"][0]["rule"], &alerts["alerts"][0]["severity"]),
        (&"capacity".into(), &"critical".into())
    );
    // What fails is named, and is an error only where nothing else answered.
    std::fs::remove_file(place.path("news.xml")).unwrap();
    let out = quiet(&["refresh"]);
    assert!(
        out.starts_with("news failed: cannot read ") && out.ends_with("1 nothing new, 1 failed; 0 doubtful.\n"),
        "{out}"
    );
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
    assert_eq!(
        (status, out.as_str()),
        (0, "2 feeds asked: 0 brought something new, 2 nothing new, 0 failed; 0 doubtful.\n")
    );
}

/// News feeds of one server, which are asked one after another; each is called as its path.
fn served(listener: &TcpListener, feeds: &[&str]) -> Place {
    let place = Place::new();
    let mut config = String::new();
    for feed in feeds {
        let address = listener.local_addr().unwrap();
        config.push_str(&format!(
            "\n[[feed]]\nid = \"{feed}\"\nkind = \"news\"\nurl = \"http://{address}/{feed}\"\nevery = \"1h\"\n"
        ));
    }
    place.write("desk.toml", &config);
    place
}

/// Takes one request.
fn request(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let accepted = RefCell::new(None);
    eventually("it is asked", || {
        *accepted.borrow_mut() = listener.accept().ok();
        accepted.borrow().is_some()
    });
    let (mut stream, _) = accepted.take().unwrap();
    stream.set_nonblocking(false).unwrap();
    assert!(stream.read(&mut [0; 4_096]).unwrap() > 0);
    stream
}

/// Answers one request.
fn answer(listener: &TcpListener, head: &str, body: &str) {
    let mut stream = request(listener);
    let length = body.len();
    write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
}

#[test]
fn an_interruption_says_what_was_asked_and_keeps_what_was_read() {
    for (signal, name, status) in [(Signal::INT, "SIGINT", 130), (Signal::TERM, "SIGTERM", 143)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = served(&listener, &["a", "b", "c"]);
        let mut command = place.command(&["--config", "desk.toml", "--store", "desk.db", "refresh"]);
        let refresh = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        answer(&listener, "200 OK", NEWS);
        // The second is asked when the first was read, and the third waits for it.
        let _unanswered = request(&listener);
        kill_process(Pid::from_child(&refresh), signal).unwrap();
        let output = refresh.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(status), "{out}{err}");
        assert_eq!(
            out,
            "2 feeds asked: 1 brought something new, 0 nothing new, 0 failed, 1 had not answered yet; 0 doubtful.\n"
        );
        let expected = format!(
            "watchfloor: interrupted by {name}: of 3 feeds 2 were asked and 1 was not; what was read is kept, and \
             `watchfloor refresh` asks anew\n"
        );
        assert_eq!(err, expected);
        assert!(run(&place, &["export", "headlines"]).1.contains("On the road"));
    }
}

#[test]
fn a_named_feed_whose_source_wants_to_be_left_alone_is_named_with_until_when() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = served(&listener, &["busy", "gone"]);
    let server = std::thread::spawn(move || {
        answer(&listener, "429 Too Many Requests\r\nretry-after: 3600", "");
        answer(&listener, "410 Gone", "");
        listener
    });
    let (_, out, _) = run(&place, &["refresh"]);
    assert!(out.contains("gone failed: ") && out.contains("`watchfloor refresh gone`"), "{out}");
    let listener = server.join().unwrap();
    let (status, out, err) = run(&place, &["refresh", "busy"]);
    assert!(out.starts_with("busy was not asked: its source wants to be left alone until 20"), "{out}");
    assert!(out.ends_with(" UTC; ask it again then\nNo feed was asked.\n"), "{out}");
    assert_eq!((status, err.as_str()), (3, "watchfloor: no feed was asked\n"));
    // Who names none wants only those that may be asked, and hears of the others.
    let (status, out, _) = run(&place, &["refresh"]);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("busy was not asked: ") && out.contains("gone was not asked: it is gone for good; "), "{out}");
    // One that is gone for good is asked where it is named.
    let server = std::thread::spawn(move || answer(&listener, "200 OK", NEWS));
    let (status, out, _) = run(&place, &["refresh", "busy", "gone"]);
    server.join().unwrap();
    assert!(status == 0 && out.starts_with("busy was not asked: "), "{out}");
    assert!(out.ends_with("1 feed asked: 1 brought something new, 0 nothing new, 0 failed; 0 doubtful.\n"), "{out}");
}

#[test]
fn what_is_held_back_is_doubtful_and_what_is_accepted_is_new() {
    let place = desk();
    let month = |month: i32| format!("{}-{:02},{}\n", 2022 + month / 12, month % 12 + 1, 70 + month);
    let months: String = (0..24).map(month).collect();
    place.write("table.csv", &format!("Month,Count\n{months}"));
    let sum = |arguments: &[&str]| {
        let (status, out, err) = run(&place, arguments);
        assert_eq!(status, 0, "{out}{err}");
        out.lines().last().unwrap_or_default().to_owned()
    };
    sum(&["refresh", "table"]);
    // A table that shrank.
    place.write("table.csv", "Month,Count\n2023-12,500\n");
    let held = "1 feed asked: 0 brought something new, 1 nothing new, 0 failed; 1 doubtful.";
    assert_eq!(sum(&["refresh", "table"]), held);
    assert_eq!(sum(&["refresh", "table"]), held, "as long as nobody accepts it");
    sum(&["feed", "accept", "table"]);
    let taken = "1 feed asked: 1 brought something new, 0 nothing new, 0 failed; 0 doubtful.";
    assert_eq!(sum(&["refresh", "table"]), taken);
    // Other bytes with the same figures are nothing new.
    place.write("table.csv", "Month,Count\n2023-12,500.0\n");
    let same = "1 feed asked: 0 brought something new, 1 nothing new, 0 failed; 0 doubtful.";
    assert_eq!(sum(&["refresh", "table"]), same);
}
