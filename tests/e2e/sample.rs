//! The sample: what a newcomer sees, and the days of spring 2022 that it tells of.

use super::support::{Place, Session, sample_folder};

#[test]
fn a_newcomer_looks_around_and_leaves() {
    let place = Place::new();
    let mut session = Session::start(&place, &[]);
    let first = session.wait_for_text("SAMPLE");
    assert!(first.contains("US southwest border") && first.contains("feeds fresh"), "{first}");
    session.wait_for("a threshold to be crossed and the clock to run", |screen| {
        screen.contains("new") && screen.contains("in 2021") && screen.contains("scheduled by CDC")
    });
    session.keys(" ");
    session.wait_for_text("SAMPLE paused");
    for (key, text) in [
        ("2", "LEDGER"),
        ("3", "published"),
        ("4", "recorded replies, replayed"),
        ("1", "ROUTES"),
        ("\r", "a month"),
        ("?", "any key closes"),
    ] {
        session.keys(key);
        let screen = session.wait_for_text(text);
        assert!(screen.contains("SAMPLE") && screen.contains("2022"), "page {key}:\n{screen}");
    }
    session.keys("x");
    session.keys("+");
    session.wait_for_text("SAMPLE paused ×2");
    session.keys("q");
    assert_eq!(session.end(), 0);
    session.is_as_it_was();
}

#[test]
fn the_days_of_spring_2022() {
    let place = Place::new();
    let folder = sample_folder();
    let days: [(&str, &[&str]); 5] = [
        ("2022-03-29T18:00:00Z", &["nearly triple: 8,456 in Jan–Feb 2022, from 2,928", "as published 29 Mar"]),
        ("2022-04-12T00:00:00Z", &["more than double: 13,425 in Jan–Mar 2022, from 5,622", "as published 11 Apr"]),
        ("2022-04-19T00:00:00Z", &["critical", "221,303 in March 2022, above 200,000", "scheduled by CDC"]),
        ("2022-05-21T00:00:00Z", &["held since 20 May by W.D. La., enjoined", "3 days before 23 May"]),
        ("2023-05-13T00:00:00Z", &["reached, confirmed by HHS", "has ended and stands still"]),
    ];
    for (until, phrases) in days {
        let session = Session::start_sized(&place, &["replay", &folder, "--until", until], 200, 60);
        session.wait_for(&format!("{phrases:?} on {until}"), |screen| {
            // A reason may be broken over two lines.
            let joined = screen.split_whitespace().collect::<Vec<_>>().join(" ");
            phrases.iter().all(|phrase| screen.contains(phrase) || joined.contains(phrase))
        });
    }
}

#[test]
fn any_size_is_survived() {
    let place = Place::new();
    let mut session = Session::start_sized(&place, &[], 80, 24);
    session.wait_for_text("SAMPLE");
    for (cols, rows) in [(1, 1), (2, 40), (200, 1), (20, 5), (44, 14)] {
        session.resize(cols, rows);
    }
    session.wait_for("the narrow screen", |screen| screen.contains("SAMPLE") && screen.contains("fresh"));
    session.resize(120, 40);
    session.wait_for_text("HEADLINES");
    session.keys("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn every_tier_of_signs_and_no_colour() {
    let place = Place::new();
    for (arguments, sign) in [
        (&["--glyphs", "ascii", "--color", "never"][..], "!!"),
        (&["--glyphs", "console", "--color", "16"], "▲▲"),
        (&["--glyphs", "blocks", "--theme", "clear"], "▲▲"),
    ] {
        let mut session = Session::start(&place, arguments);
        let screen = session.wait_for_text(sign);
        assert!(arguments[1] != "ascii" || screen.is_ascii(), "{screen}");
        session.keys("q");
        assert_eq!(session.end(), 0);
        let sent = String::from_utf8_lossy(&session.sent()).into_owned();
        let coloured = sent.contains("\x1b[38;") || sent.contains(";38;");
        assert_eq!(coloured, arguments.contains(&"clear"), "{arguments:?}");
    }
}
