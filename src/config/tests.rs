//! The defaults, the file that `init` writes, and every wrong configuration with the phrase it must fail with.

use super::*;
use std::fs;

fn read(text: &str) -> Result<Config, String> {
    Config::read(text, "test.toml", Path::new("/etc/watchfloor")).map_err(|error| error.to_string())
}

const FEED: &str = "[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"https://example.org/rss\"\n";

#[test]
fn every_wrong_configuration_says_what_where_and_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/bad-configs");
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let phrase = text.lines().next().and_then(|line| line.strip_prefix("# expect: ")).unwrap();
        let error = Config::read(&text, "w.toml", Path::new(".")).expect_err(&path.display().to_string()).to_string();
        assert!(error.contains(phrase), "{}:\n{error}", path.display());
        assert!(error.contains("w.toml:") && error.contains("help: "), "{}:\n{error}", path.display());
        count += 1;
    }
    assert!(count > 25);
}

#[test]
fn all_findings_come_at_once() {
    let error = read(&format!(
        "titel = \"x\"\nzone = \"nowhere\"\n{FEED}every = \"soon\"\n[[rule]]\nid = \"r\"\nkind = \"abov\"\n"
    ))
    .unwrap_err();
    for phrase in ["unknown key `titel`", "is no time zone", "is no length of time", "no kind of rule"] {
        assert!(error.contains(phrase), "{error}");
    }
}

#[test]
fn the_defaults_hold_and_the_user_goes_over_them() {
    let config = read(FEED).unwrap();
    assert_eq!((config.title.as_str(), config.theme.as_str(), config.mouse), ("Watchfloor", "watch", true));
    assert_eq!(config.keep_headlines, SignedDuration::from_hours(24 * 90));
    assert_eq!(config.feeds[0].feed.every, SignedDuration::from_mins(5));
    let config =
        read(&format!("title = \"Desk\"\nmouse = false\nstore = \"x.db\"\ndeadline = \"5s\"\n{FEED}")).unwrap();
    assert_eq!((config.title.as_str(), config.mouse), ("Desk", false));
    assert_eq!(config.store, Some("/etc/watchfloor/x.db".into()));
    assert_eq!(config.feeds[0].feed.deadline, SignedDuration::from_secs(5));
}

#[test]
fn every_default_is_a_setting_and_every_setting_has_a_default() {
    let mut named: Vec<&str> = DEFAULT
        .lines()
        .map(|line| line.trim_start_matches("# "))
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    named.sort_unstable();
    let mut settings = file::SETTINGS.to_vec();
    settings.sort_unstable();
    assert_eq!(named, settings);
}

#[test]
fn what_init_writes_is_right_and_its_comments_are_too() {
    let config = read(INIT).unwrap();
    assert_eq!(config.warnings, []);
    assert!(config.feeds.len() >= 6 && config.catalog.routes.len() == 2);
    // The commented feed, uncommented, with its route.
    let uncommented: String = INIT
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(code)
                if code.starts_with("[[") || code.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) =>
            {
                code
            }
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    let config = read(&uncommented).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.feeds.iter().any(|plan| plan.feed.id.as_str() == "desk"));
}

#[test]
fn policy_dates_and_series_are_as_written() {
    let config = read(INIT).unwrap();
    let (_, entries) = &config.policies[0];
    assert_eq!(entries[0].known.to_string(), "2022-04-01T04:00:00Z", "a day begins in the policy date's zone");
    assert_eq!(entries.len(), 5);
    let spec = &config.catalog.routes[0].series[0];
    assert_eq!(
        (spec.id.to_string().as_str(), spec.zone.iana_name()),
        ("english-channel/persons/day", Some("Europe/London"))
    );
    assert_eq!(config.catalog.thresholds.len(), 1);
}

#[test]
fn secrets_show_nowhere() {
    let text = "[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"https://me:hunter2@example.org/rss?api_key=hunter2\"\nevery = \"soon\"\n";
    let error = read(text).unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
    let config = read(&text.replace("soon", "5m")).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
