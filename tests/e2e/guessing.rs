//! From an unknown file to a configured feed: guess, edit, try, save; each step says the next one.

use super::support::Place;
use std::io::Write;
use std::process::{Output, Stdio};

const TABLE: &str = "Day;Border;Arrivals;Remarks\n01/02/2024;East;1,200;\n01/02/2024;West;5;calm\n13/02/2024;East;7;\n13/02/2024;West;9;\n14/02/2024;East;6;\n14/02/2024;West;many;\n";

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn run(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let output = place.command(arguments).output().unwrap();
    (output.status.code(), said(&output))
}

/// What is written to standard output, with `input` on standard input.
fn with_input(place: &Place, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = place.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// Answers one request with the table, and gives the request.
fn serve_once(listener: &std::net::TcpListener) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = [0; 2048];
    let length = std::io::Read::read(&mut stream, &mut request).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        TABLE.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(TABLE.as_bytes()).unwrap();
    String::from_utf8_lossy(&request[..length]).into_owned()
}

#[test]
fn an_unknown_file_becomes_a_feed() {
    let place = Place::new();
    place.write("desk_2024.csv", TABLE);
    // Guess.
    let guess = place.command(&["feed", "guess", "desk_2024.csv"]).output().unwrap();
    assert!(guess.status.success(), "{}", said(&guess));
    let proposal = String::from_utf8(guess.stdout).unwrap();
    for phrase in [
        "desk_2024.csv is a CSV table, its cells between semicolons: 6 rows, 4 columns.",
        "id = \"desk\"",
        "format = \"DD/MM/YYYY\"",
        "{ route = \"desk/{Border}\", measure = \"arrivals\" }",
        "watchfloor feed try --mapping FILE.toml",
        "watchfloor config check",
    ] {
        assert!(proposal.contains(phrase), "{phrase}:\n{proposal}");
    }
    assert!(proposal.contains("missing = [\"many\"]"), "{proposal}");
    // Try it without a configuration; the address in it finds the file.
    place.write("m.toml", &proposal);
    let (status, text) = run(&place, &["feed", "try", "--mapping", "m.toml"]);
    assert_eq!(status, Some(0), "{text}");
    for phrase in [
        "SERIES  arrivals, by day",
        "desk/East",
        "2024-02-14",
        "COLUMNS NOT USED\n  Remarks",
        "put the [[feed]] of m.toml into",
    ] {
        assert!(text.contains(phrase), "{phrase}:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // Edit: a wrong key is told with its line.
    place.write("m.toml", &proposal.replace("period = {", "periods = {"));
    let (status, text) = run(&place, &["feed", "try", "--mapping", "m.toml"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("unknown key `periods`") && text.contains("did you mean `period`"), "{text}");
    // Save and check; the check says what is left unread.
    place.write("c.toml", &proposal);
    let (status, text) = run(&place, &["--config", "c.toml", "config", "check"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("no errors, no warnings") && text.contains("desk  Remarks"), "{text}");
    assert!(!place.path(".local").exists(), "nothing is stored");
}

#[test]
fn a_guess_can_be_piped_into_a_try() {
    let place = Place::new();
    place.write("t.csv", TABLE);
    let guess = with_input(&place, &["feed", "guess", "-", "--id", "piped"], TABLE.as_bytes());
    let proposal = String::from_utf8(guess.stdout).unwrap();
    assert!(
        proposal.contains("id = \"piped\"") && proposal.contains("feed try --mapping FILE.toml --file PATH"),
        "{proposal}"
    );
    let tried =
        with_input(&place, &["feed", "try", "--mapping", "-", "--file", "t.csv", "--json"], proposal.as_bytes());
    let document: serde_json::Value = serde_json::from_slice(&tried.stdout).unwrap();
    assert_eq!((&document["feed"], &document["error"]), (&"piped".into(), &serde_json::Value::Null));
    assert_eq!(document["observations"][0]["value"], 1205);
}

#[test]
fn a_guess_is_a_document_for_scripts_too() {
    let place = Place::new();
    place.write("t.csv", TABLE);
    let output = place.command(&["feed", "guess", "t.csv", "--json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document.as_object().unwrap().keys().next().unwrap(), "schema");
    assert_eq!(
        (&document["feed"], &document["kind"], &document["reads"]["series"]),
        (&"t".into(), &"statistics".into(), &3.into())
    );
    assert_eq!(document["reads"]["first"]["start"], "2024-02-01");
    assert_eq!((&document["columns"][1]["name"], &document["columns"][1]["used"]), (&"Border".into(), &"route".into()));
    assert!(document["unsure"][0].as_str().unwrap().contains("above 12"), "{document}");
    let refused = place.command(&["feed", "guess", "nowhere.csv", "--json"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
}

/// Real files from beside the checkout, none of them large.
#[test]
fn what_is_guessed_of_real_files_can_be_configured() {
    const SMALL: u64 = 200_000;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/feeds/statistics");
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: real files are in ../shared, which is not there");
        return;
    }
    let place = Place::new();
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.metadata().unwrap().len() > SMALL || name.starts_with("hdx-ckan") {
            continue;
        }
        let guess = place.command(&["feed", "guess", &path.display().to_string()]).output().unwrap();
        assert!(guess.status.success(), "{name}: {}", said(&guess));
        std::fs::write(place.path("c.toml"), &guess.stdout).unwrap();
        let (status, text) = run(&place, &["--config", "c.toml", "config", "check"]);
        assert!(status == Some(0) && text.contains("no errors, no warnings"), "{name}: {text}");
        let (status, text) = run(&place, &["feed", "try", "--mapping", "c.toml"]);
        assert!(status == Some(0) && text.contains("no warnings"), "{name}: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{name}: {text}");
        count += 1;
    }
    assert!(count >= 18, "{count}");
}

#[test]
fn what_cannot_be_guessed_is_told_with_what_to_do() {
    let place = Place::new();
    place.write("empty.csv", "");
    place.write("page.html", "<!doctype html><title>Log in</title><p>Please log in.</p>");
    place.write("prose.txt", "Nothing here is a table.\n");
    for (file, phrase) in [
        ("empty.csv", "empty.csv is empty"),
        ("page.html", "a web page titled \"Log in\""),
        ("prose.txt", "nothing in prose.txt looks like figures over time"),
        ("nowhere.csv", "there is no file nowhere.csv"),
        (".", "is a folder"),
        ("http://127.0.0.1:9/x", "127.0.0.1"),
    ] {
        let (status, text) = run(&place, &["feed", "guess", file]);
        assert_eq!(status, Some(3), "{file}: {text}");
        assert!(text.contains(phrase), "{file}: {text}");
    }
    for arguments in [
        &["feed", "guess", "empty.csv", "--id", "a b"][..],
        &["feed", "guess", "https://"],
        &["feed", "guess"],
        &["feed", "try"],
    ] {
        let (status, text) = run(&place, arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {text}");
    }
}

#[test]
fn an_address_is_asked_once_and_stands_in_the_proposal() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/arrivals/by-day.csv?api_key=hunter2", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || serve_once(&listener));
    let (status, text) = run(&place, &["feed", "guess", &address]);
    assert!(server.join().unwrap().starts_with("GET /arrivals/by-day.csv"));
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(&format!("url = \"{address}\"")) && text.contains("id = \"by-day\""), "{text}");
    assert_eq!(text.matches("hunter2").count(), 1, "only where it is needed:\n{text}");
}

#[test]
fn a_mapping_says_what_is_wrong_with_it() {
    let place = Place::new();
    place.write("t.csv", TABLE);
    let feed = |id: &str| {
        format!(
            "[[feed]]\nid = \"{id}\"\nkind = \"statistics\"\nperiod = {{ kind = \"day\", column = \"Day\", format = \"DD/MM/YYYY\" }}\nvalue = \"Arrivals\"\nseries = [{{ route = \"r/{{Border}}\", measure = \"arrivals\" }}]\n"
        )
    };
    place.write("one.toml", &feed("a"));
    place.write("two.toml", &format!("{}{}", feed("a"), feed("b")));
    place.write("renamed.toml", &feed("a").replace("\"Arrivals\"", "\"Persons\""));
    place.write("latin.toml", "x");
    std::fs::write(place.path("latin.toml"), b"# caf\xe9\n").unwrap();
    for (arguments, status, phrases) in [
        (&["--mapping", "one.toml"][..], 2, &["does not say where its replies are; give --file PATH"][..]),
        (&["--mapping", "two.toml", "--file", "t.csv"], 2, &["there are several feeds in it; name one of them: a, b"]),
        (
            &["b", "--mapping", "two.toml", "--file", "t.csv"],
            0,
            &["b: 5 figures in 2 series, 1 warning (degraded)", "\"many\" is no number", "→ "],
        ),
        (
            &["--mapping", "renamed.toml", "--file", "t.csv"],
            3,
            &["no column is called \"Persons\"", "Next: mend renamed.toml"],
        ),
        (&["--mapping", "latin.toml", "--file", "t.csv"], 2, &["no text in UTF-8"]),
        (&["--mapping", "nowhere.toml", "--file", "t.csv"], 3, &["there is no file nowhere.toml"]),
    ] {
        let (code, text) = run(&place, &[&["feed", "try"], arguments].concat());
        assert_eq!(code, Some(status), "{arguments:?}: {text}");
        for phrase in phrases {
            assert!(text.contains(phrase), "{arguments:?}: {phrase}\n{text}");
        }
    }
}

#[test]
fn warnings_that_are_alike_are_told_once() {
    let place = Place::new();
    let feeds: String = (0..4)
        .map(|number| format!("[[feed]]\nid = \"f{number}\"\nkind = \"news\"\nurl = \"https://example.org/{number}\"\nevery = \"10s\"\n"))
        .collect();
    place.write("c.toml", &feeds);
    let (status, text) = run(&place, &["--config", "c.toml", "config", "check"]);
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(text.matches("let `every` be longer").count(), 1, "{text}");
    assert!(text.contains("the same in line 7 (feed.f1.id), line 12 (feed.f2.id), line 17 (feed.f3.id)"), "{text}");
    assert!(text.contains("4 warnings"), "{text}");
}

#[test]
fn a_check_looks_at_the_last_reply_without_asking_again() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || serve_once(&listener));
    place.write(
        "c.toml",
        &format!(
            "[[feed]]\nid = \"desk\"\nkind = \"statistics\"\nurl = \"http://{address}/t.csv\"\nevery = \"1h\"\n\
             period = {{ kind = \"day\", column = \"Day\", format = \"DD/MM/YYYY\" }}\nvalue = \"Arrivals\"\n\
             series = [{{ route = \"r/{{Border}}\", measure = \"arrivals\" }}]\n"
        ),
    );
    let (status, text) = run(&place, &["--config", "c.toml", "config", "check"]);
    assert!(status == Some(0) && !text.contains("no mapping reads"), "nothing is known yet: {text}");
    let mut collector = place.command(&["--config", "c.toml", "--headless"]);
    let mut collector = collector.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.join().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let text = loop {
        let (_, text) = run(&place, &["--config", "c.toml", "config", "check"]);
        if text.contains("no mapping reads") || std::time::Instant::now() > deadline {
            break text;
        }
    };
    collector.kill().unwrap();
    collector.wait().unwrap();
    assert!(text.contains("desk  Remarks"), "{text}");
}
