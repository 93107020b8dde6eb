//! Every way out leaves the terminal as it was.

use super::support::{Place, Session, eventually};
use rustix::process::Signal;

#[test]
fn signals_end_in_order() {
    let place = Place::new();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let mut session = Session::start(&place, &[]);
        session.wait_for_text("SAMPLE");
        session.signal(signal);
        assert_eq!(session.end(), 0, "{signal:?}");
        session.is_as_it_was();
    }
}

#[test]
fn a_closed_terminal_ends_the_program() {
    let place = Place::new();
    let mut session = Session::start(&place, &[]);
    session.wait_for_text("SAMPLE");
    session.hang_up();
    session.end();
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_where_the_report_is() {
    let place = Place::new();
    let mut session = Session::start(&place, &["--test-panic"]);
    assert_eq!(session.end(), 101);
    session.is_as_it_was();
    let sent = String::from_utf8_lossy(&session.sent()).into_owned();
    let (_, after) = sent.rsplit_once("\x1b[?1049l").unwrap();
    assert!(
        after.contains("stopped by a mistake of its own") && after.contains(".local/state/watchfloor"),
        "{after:?}"
    );
    let logs = place.path(".local/state/watchfloor");
    let report = std::fs::read_dir(logs)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect::<String>();
    assert!(report.contains("asked to panic"), "{report}");
}

#[test]
fn stopped_and_continued() {
    let place = Place::new();
    let mut session = Session::start(&place, &[]);
    session.wait_for_text("SAMPLE");
    // Here no shell could continue it, so the key does not stop it; the terminal probe tries the key under a shell.
    session.keys("\x1a");
    session.wait_for_text("no shell could continue");
    session.signal(Signal::TSTP);
    session.wait_for_bytes(b"\x1b[?1049l");
    eventually("it is stopped", || session.state() == 'T');
    session.signal(Signal::CONT);
    session.wait_for_text("ROUTES");
    session.keys("q");
    assert_eq!(session.end(), 0);
    session.is_as_it_was();
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let place = Place::new();
    let output = place.command(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("watchfloor status") && said.contains("--headless"), "{said}");
}
