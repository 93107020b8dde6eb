//! Commands: trying a feed, checking and writing a configuration, and what is said of wrong requests.

use super::support::Place;
use std::path::Path;

fn said(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_wrong_configuration_fails_with_its_phrase() {
    let place = Place::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/bad-configs");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let phrase = text.lines().next().and_then(|line| line.strip_prefix("# expect: ")).unwrap();
        let output = place.command(&["--config", &path.display().to_string(), "config", "check"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", path.display());
        let said = said(&output);
        assert!(
            said.contains(phrase) && said.contains(&*path.file_name().unwrap().to_string_lossy()),
            "{}:\n{said}",
            path.display()
        );
    }
}

#[test]
fn init_writes_what_check_accepts_and_never_overwrites() {
    let place = Place::new();
    let wrote = place.command(&["init"]).output().unwrap();
    assert!(wrote.status.success(), "{}", said(&wrote));
    let path = place.path(".config/watchfloor/watchfloor.toml");
    assert!(said(&place.command(&["config", "check"]).output().unwrap()).contains("7 feeds"));
    std::fs::write(&path, "mine").unwrap();
    let again = place.command(&["init"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("left as it is") || said(&again).contains("left as it was"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn a_feed_is_tried_without_storing_anything() {
    let place = Place::new();
    let config = place.write(
        "c.toml",
        "[[feed]]\nid = \"t\"\nkind = \"statistics\"\nformat = \"csv\"\nurl = \"file:t.csv\"\n\
         period = { kind = \"day\", column = \"Date\" }\nvalue = { column = \"Arrivals\" }\n\
         series = [{ route = \"r/{Nation}\", measure = \"persons\" }]\n",
    );
    place.write("t.csv", "Date,Nation,Arrivals\n2024-01-01,A,\"1,200\"\n2024-01-03,A,5\n2024-01-03,B,many\n");
    let config = config.display().to_string();
    let text = said(&place.command(&["--config", &config, "feed", "try", "t"]).output().unwrap());
    for phrase in ["1 series", "2 figures", "r/A", "1,200", "1 warning", "\"many\" is no number"] {
        assert!(text.contains(phrase), "{phrase}:\n{text}");
    }
    let json = place.command(&["--config", &config, "feed", "try", "t", "--json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["observations"][0]["value"], 1200);
    assert_eq!(document["observations"][0]["period"]["cadence"], "day");
    assert_eq!((&document["degraded"], &document["error"]), (&true.into(), &serde_json::Value::Null));
    assert!(!place.path(".local").exists(), "nothing is stored");
    let absent = place.command(&["--config", &config, "feed", "try", "x"]).output().unwrap();
    assert_eq!(absent.status.code(), Some(2));
    let gone = place.command(&["--config", &config, "feed", "try", "t", "--file", "nowhere.csv"]).output().unwrap();
    assert_eq!(gone.status.code(), Some(3));
    assert!(said(&gone).contains("there is no such file"), "{}", said(&gone));
    place.write(
        "n.xml",
        "<rss version=\"2.0\"><channel><title>N</title><item><title>One</title></item></channel></rss>",
    );
    let news = place.command(&["feed", "try", "--kind", "news", "--file", "n.xml", "--json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&news.stdout).unwrap();
    assert_eq!((&document["feed"], &document["headlines"][0]["title"]), (&serde_json::Value::Null, &"One".into()));
}

#[test]
fn wrong_requests_are_told_apart_from_what_cannot_be_had() {
    let place = Place::new();
    for arguments in
        [&["--nonsense"][..], &["status", "--json", "--line"], &["status"], &["replay", ".", "--until", "yesterday"]]
    {
        let output = place.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
    }
    let output = place.command(&["--config", "nowhere.toml", "status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
}

/// A name of a file that would colour a terminal, turn its line around and begin another one.
const EVIL: &str = "ev\u{1b}[31mil\u{9b}0m\u{202e}\nwatchfloor: all is well\r\u{7f}";

#[test]
fn no_name_of_a_file_and_no_argument_reaches_the_terminal_as_it_is() {
    let place = Place::new();
    std::fs::create_dir(place.path("C")).unwrap();
    let named = |what: &str, end: &str| format!("C/{what}{EVIL}{end}");
    let feed = "[[feed]]\nid = \"n\"\nkind = \"news\"\nurl = \"file:n.xml\"\n";
    let (missing, wrong, good, made) =
        (named("none", ".toml"), named("wrong", ".toml"), named("good", ".toml"), named("made", ".toml"));
    place.write(&wrong, "title = 7\n");
    place.write(&good, feed);
    place.write(&named("good", ".opml"), "<opml><body><outline xmlUrl=\"https://example.org/rss\"/></body></opml>");
    place.write("c.toml", feed);
    place.write("C/n.xml", "<rss version=\"2.0\"><channel><item><title>One</title></item></channel></rss>");
    let (store, copy, folder) = (named("no", ".db"), named("copy", ".db"), named("none", "/copy.db"));
    let (list, absent, argument) = (named("good", ".opml"), named("none", ".opml"), format!("--{EVIL}"));
    let ran = |arguments: &[&str]| {
        let output = place.command(arguments).output().unwrap();
        let text = said(&output);
        let controls: Vec<char> = text
            .chars()
            .filter(|c| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202a}'..='\u{202e}'))
            .collect();
        assert!(controls.is_empty(), "{arguments:?}: {controls:?} in\n{text:?}");
        assert!(
            !text.lines().any(|line| line == "watchfloor: all is well"),
            "{arguments:?}: a line of its own:\n{text}"
        );
        (output.status.code().unwrap(), text)
    };
    for (arguments, status, phrase) in [
        (&["--config", missing.as_str(), "config", "check"][..], 3, "C/noneev[31mil0m watchfloor: all is well"),
        (&["--config", &wrong, "config", "check"], 2, "--> C/wrongev[31mil"),
        (&["--config", &wrong, "doctor"], 3, "C/wrongev[31mil"),
        (&["--config", &good, "config", "check"], 0, "C/goodev[31mil"),
        (&["--config", &missing, "status"], 3, "C/noneev"),
        (&["--config", &made, "init"], 0, "Wrote C/madeev"),
        (&["--config", &made, "init"], 2, "is there already"),
        (&["--config", &good, "--store", &store, "status"], 3, "no store at C/noev"),
        (&["--config", &good, "--store", &store, "doctor"], 0, "C/noev"),
        (&["--config", &good, "--store", &store, "refresh"], 0, "1 feed"),
        (&["--config", &good, "--store", &store, "status"], 0, "n"),
        (&["--config", &good, "--store", &store, "backup", &folder], 3, "there is no folder C/noneev"),
        (&["--config", &good, "--store", &store, "backup", &copy], 0, "Wrote C/copyev"),
        (&["--config", &good, "--store", &store, "backup", &copy], 2, "is there already"),
        (&["--config", &good, "import", "opml", &list], 0, "1 feed from C/goodev"),
        (&["--config", &good, "import", "opml", &absent], 3, "there is no file C/noneev"),
        (&["--config", &made, "import", "opml", &list, "--append"], 0, "put at the end of C/madeev"),
        (&["feed", "try", "--mapping", &missing], 3, "there is no file C/noneev"),
        (&["feed", "try", "--mapping", &wrong], 2, "C/wrongev"),
        (&["feed", "guess", &absent], 3, "there is no file C/noneev"),
        (&[&argument], 2, "unexpected argument"),
    ] {
        let (code, text) = ran(arguments);
        assert_eq!(code, status, "{arguments:?}: {text}");
        assert!(text.contains(phrase), "{arguments:?}: {phrase}\n{text}");
    }
}

#[test]
fn a_full_standard_output_is_named() {
    let place = Place::new();
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return super::support::installed::skipped("there is no /dev/full here");
    };
    let output = place.command(&["init", "--print"]).stdout(full).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && text.contains("standard output could not be written"), "{text}");
}
