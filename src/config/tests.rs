//! The defaults, the file that `init` writes, and every wrong configuration with the phrase it must fail with.

use super::*;
use crate::domain::route::SeriesId;
use crate::domain::time::Cadence;
use crate::fetch::access::LogIn;
use crate::fetch::secret::Secret;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;

fn read(text: &str) -> Result<Config, String> {
    Config::read(text, "test.toml", Path::new("/etc/watchfloor")).map_err(|error| error.to_string())
}

const FEED: &str = "[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"https://example.org/rss\"\n";

#[test]
fn every_wrong_configuration_says_what_where_and_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/bad-configs");
    let (mut count, mut failed) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let phrase = text.lines().next().and_then(|line| line.strip_prefix("# expect: ")).unwrap();
        let error = Config::read(&text, "w.toml", Path::new(".")).expect_err(&path.display().to_string()).to_string();
        assert!(!error.contains("hunter2"), "{}:\n{error}", path.display());
        if !error.contains(phrase) || !error.contains("w.toml:") || !error.contains("help: ") {
            failed.push(format!("{}: wanted {phrase:?}\n{error}", path.display()));
        }
        count += 1;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(count > 40, "{count}");
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

/// The keys that are known in a table, as the message about an unknown one lists them.
fn known_keys(text: &str) -> BTreeSet<String> {
    let error = read(text).unwrap_err();
    let list = error.split("use one of: ").nth(1).unwrap_or_else(|| panic!("{error}"));
    list.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

/// The defaults with their examples uncommented.
fn uncommented_defaults() -> String {
    let code = |line: &str| match line.strip_prefix('#') {
        Some(code) if !code.starts_with(' ') || code.starts_with("  {") => code.to_owned(),
        _ => line.to_owned(),
    };
    DEFAULT.lines().map(code).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_in_the_defaults_are_right() {
    let config = read(&uncommented_defaults()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.store, Some("/var/lib/watchfloor/watchfloor.db".into()));
    assert_eq!(
        (config.feeds.len(), config.rules.iter().filter(|rule| rule.id.as_str().starts_with("darien")).count()),
        (9, 7)
    );
    assert_eq!(config.paths.len(), 1);
    assert!(config.scenario.is_some_and(|scenario| scenario.epilogue.len() == 1));
    let warnings: Vec<&str> = config.warnings.list().iter().map(|finding| finding.what.as_str()).collect();
    // The secrets and the authority of the examples are on nobody's machine.
    assert_eq!(
        warnings,
        [
            "the environment has no ARRIVALS_KEY here",
            "the environment has no ARRIVALS_PASSWORD here",
            "the environment has no ARRIVALS_CODE here",
            "there is no file /etc/watchfloor/our-ca.pem, so this feed cannot be asked",
        ]
    );
}

#[test]
fn every_key_that_is_read_stands_in_the_defaults_and_no_other() {
    let all = toml::from_str::<toml::Table>(&uncommented_defaults()).unwrap();
    let written = |of: &str| -> BTreeSet<String> {
        let tables: Vec<toml::Table> = match of.split('.').collect::<Vec<_>>()[..] {
            [""] => vec![all.clone()],
            [list, inner] => {
                let outer = all[list].as_array().cloned().unwrap_or_else(|| vec![all[list].clone()]);
                let inside = outer
                    .iter()
                    .filter_map(|table| table.get(inner))
                    .flat_map(|list| list.as_array().cloned().unwrap());
                inside.map(|table| table.as_table().unwrap().clone()).collect()
            }
            _ => {
                let tables = all[of].as_array().cloned().unwrap_or_else(|| vec![all[of].clone()]);
                tables.into_iter().map(|table| table.as_table().unwrap().clone()).collect()
            }
        };
        tables.iter().flat_map(|table| table.keys().cloned()).collect()
    };
    for (of, wrong) in [
        ("", "xyzzy_plugh = 1".to_owned()),
        ("route", "[[route]]\nxyzzy_plugh = 1".to_owned()),
        ("route.series", "[[route]]\nid = \"r\"\nseries = [{ xyzzy_plugh = 1 }]".to_owned()),
        ("feed", "[[feed]]\nxyzzy_plugh = 1".to_owned()),
        ("rule", "[[rule]]\nxyzzy_plugh = 1".to_owned()),
        ("policy_date", "[[policy_date]]\nxyzzy_plugh = 1".to_owned()),
        ("policy_date.changes", "[[policy_date]]\nid = \"p\"\nchanges = [{ xyzzy_plugh = 1 }]".to_owned()),
        ("scenario", "[scenario]\nxyzzy_plugh = 1".to_owned()),
        ("scenario.epilogue", "[scenario]\nepilogue = [{ xyzzy_plugh = 1 }]".to_owned()),
    ] {
        assert_eq!(written(of), known_keys(&wrong), "{of}");
    }
}

#[test]
fn what_init_writes_is_right_and_its_comments_are_too() {
    let config = read(INIT).unwrap();
    assert!(config.warnings.is_empty(), "{}", config.warnings);
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
fn the_sample_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-feeds/spring-2022");
    let config = Config::load(&folder.join("scenario.toml")).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.warnings.is_empty(), "{}", config.warnings);
    assert!(config.scenario.is_some() && config.feeds.iter().all(|plan| plan.place == Place::Recorded));
}

#[test]
fn a_file_that_cannot_be_read_is_said_so() {
    let error = Config::load(Path::new("/nonexistent/watchfloor.toml")).unwrap_err().to_string();
    assert!(error.contains("/nonexistent/watchfloor.toml") && error.contains("watchfloor init"), "{error}");
}

#[test]
fn what_is_odd_but_works_is_a_warning() {
    let config = read(
        "[[feed]]\nid = \"s\"\nkind = \"statistics\"\nformat = \"csv\"\nurl = \"file:s.csv\"\nevery = \"10s\"\n\
         period = { kind = \"day\", column = \"date\" }\nvalue = { column = \"n\" }\n\
         series = [{ route = \"us-southwest\", measure = \"persons\" }, { route = \"x/{nat}\", measure = \"persons\" }]\n\
         [[route]]\nid = \"us-southwest\"\nseries = [{ measure = \"encounters\", cadence = \"day\" }]\n\
         [[rule]]\nid = \"weekly\"\nkind = \"above\"\ncadence = \"week\"\nfire = 5\n\
         [[rule]]\nid = \"made\"\nkind = \"above\"\nroute = \"x/HTI\"\nfire = 5\n\
         [[policy_date]]\nid = \"p\"\nroutes = [\"x/HTI\"]\n",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let found: Vec<(usize, &str)> =
        config.warnings.list().iter().map(|finding| (finding.line, finding.what.as_str())).collect();
    let phrases = [
        (2, "asked more often than a fetch may take"),
        (12, "no feed brings the series us-southwest/encounters/day"),
        (12, "says no zone"),
        (14, "looks at no series"),
        (23, "no change of this policy date is known"),
        (23, "says no zone"),
    ];
    assert_eq!(found.len(), phrases.len(), "{}", config.warnings);
    for (line, phrase) in phrases {
        assert!(found.iter().any(|(at, what)| *at == line && what.contains(phrase)), "{phrase}\n{}", config.warnings);
    }
    assert_eq!(config.catalog.routes[0].name.as_str(), "Us southwest");
}

#[test]
fn what_a_feed_says_of_its_series_holds_for_them() {
    let config = read(
        "[[feed]]\nid = \"s\"\nkind = \"statistics\"\nformat = \"csv\"\nurl = \"file:s.csv\"\nzone = \"Europe/Rome\"\n\
         period = { kind = \"day\", column = \"date\" }\nvalue = { column = \"n\", stock = true }\n\
         series = [{ route = \"camp\", measure = \"persons\" }, { route = \"camp/{who}\", measure = \"persons\" }]\n\
         [[route]]\nid = \"camp\"\nseries = [{ measure = \"persons\", cadence = \"day\", unit = \"people\" }]\n",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert!(config.warnings.is_empty(), "{}", config.warnings);
    for route in ["camp", "camp/HTI"] {
        let id = SeriesId { route: route.into(), measure: "persons".into(), cadence: Cadence::Day };
        let spec = config.catalog.series(&id);
        assert_eq!((spec.stock, spec.zone.iana_name()), (true, Some("Europe/Rome")), "{route}");
        let found = config.catalog.with_series([&id].into_iter()).map(|catalog| catalog.series(&id).stock);
        assert!(found.unwrap_or(true), "{route}");
    }
    let other = SeriesId { route: "camp/HTI".into(), measure: "tents".into(), cadence: Cadence::Day };
    assert!(!config.catalog.series(&other).stock);
}

#[test]
fn a_finding_knows_its_key_and_value() {
    let error = Config::read(&format!("{FEED}every = \"soon\" # ünï\n"), "w.toml", Path::new(".")).unwrap_err();
    let ConfigError::Wrong(findings) = error else { panic!("{error}") };
    let [finding] = findings.list() else { panic!("{findings}") };
    assert_eq!((finding.line, finding.column, finding.key.as_str()), (5, 9, "feed.f.every"));
    assert_eq!((finding.value.as_deref(), finding.weight), (Some("\"soon\""), Weight::Error));
    assert!(findings.render(true).contains('\u{1b}') && !findings.render(false).contains('\u{1b}'));
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

proptest! {
    #[test]
    fn a_secret_in_an_address_shows_nowhere(
        secret in "[A-Za-z0-9]{10,16}",
        place in 0_usize..6,
        wrong in prop::sample::select(vec![
            ("", ""), ("kind", "kinds"), ("\"5m\"", "\"soon\""), ("url =", "ulr ="), ("https:", "htps:"), ("\"news\"", "\"rss\""),
            ("url = \"", "url = [\""), ("https://", ""), ("\nid", "\nid = 3\nid"), ("every", "name"),
        ]),
    ) {
        let address = [
            format!("https://desk:{secret}@example.org/rss"),
            format!("https://{secret}@example.org/rss?a=b"),
            format!("https://example.org/rss?a=b&api_key={secret}&c=d"),
            format!("https://example.org/rss?access_token={secret}"),
            format!("https://desk:{secret}@example.org:8443/rss?token={secret}"),
            format!("https://example.org/rss?appname={secret}"),
        ][place].clone();
        let right = format!("[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"{address}\"\nevery = \"5m\"\n");
        let text = right.replacen(wrong.0, wrong.1, 1);
        // Twice, so that a clash is told too.
        for text in [text.clone(), format!("{text}{text}")] {
            let shown = match Config::read(&text, "w.toml", Path::new(".")) {
                Ok(config) => format!("{config:?} {} {}", config.warnings, config.feeds[0].feed.place),
                Err(error) => match &error {
                    ConfigError::Wrong(findings) => {
                        let all: Vec<String> = findings.list().iter().map(|each| format!("{each:?}")).collect();
                        format!("{error} {error:?} {} {}", findings.render(true), all.join(" "))
                    }
                    ConfigError::Unreadable { .. } => error.to_string(),
                },
            };
            prop_assert!(!shown.contains(&secret), "{shown}");
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|[\\[\\]{}=\"'#\\n a-z0-9.,-]{0,80}", at in 0_usize..2000) {
        let _ = Config::read(&text, "w.toml", Path::new("."));
        // The example with something in the middle of it.
        let middle = (0..=at.min(INIT.len())).rev().find(|at| INIT.is_char_boundary(*at)).unwrap();
        let broken = format!("{}{text}{}", &INIT[..middle], &INIT[middle..]);
        if let Err(error) = Config::read(&broken, "w.toml", Path::new(".")) {
            prop_assert!(error.to_string().contains("w.toml"));
        }
    }
}

#[test]
fn what_is_shown_of_the_source_controls_no_terminal() {
    let error = read(&format!("titel = \"a\u{9b}31m\u{202e}b\u{e0041}\"\n{FEED}")).unwrap_err();
    assert!(error.contains("titel = \"a·31m\u{fffd}b????\""), "{error}");
    assert!(!error.chars().any(|c| c.is_control() && c != '\n'), "{error:?}");
}

#[test]
fn what_a_feed_is_asked_with_is_read_and_its_secrets_are_not_quoted() {
    let feed =
        |more: &str| format!("[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"https://example.org/rss\"\n{more}\n");
    let config = read(&feed(
        "headers = { X-Api-Key = \"env:KEY\" }\nauth = { bearer = \"plain:env:hunter2\" }\nquery = { code = \"cmd:pass show x\" }\nca_file = \"ca.pem\"",
    ))
    .unwrap();
    let access = &config.feeds[0].access;
    assert_eq!(access.headers, [("X-Api-Key".to_owned(), Secret::Env("KEY".to_owned()))]);
    assert_eq!(access.login, Some(LogIn::Bearer(Secret::Plain("env:hunter2".to_owned()))));
    assert_eq!(access.query[0].1, Secret::Command(vec!["pass".to_owned(), "show".to_owned(), "x".to_owned()]));
    assert_eq!(access.ca_file, Some("/etc/watchfloor/ca.pem".into()));
    assert_eq!(config.feeds[0].body_cap, 8 << 20, "news");
    for (wrong, phrase) in [
        ("auth = { user = \"me\", password = \"hunter2\", bearer = \"hunter2\" }", "no log-in"),
        ("headers = { X-Key = \"hunter2\", Host = \"hunter2\" }", "set ourselves"),
        ("auth = { user = \"me\", pasword = \"hunter2\" }", "pasword"),
        ("auth = { user = \"me\", password = [\"hunter2\"] }", "not text"),
        ("headers = { X-Api-Key = \"env:\" }", "names no secret"),
        ("command = [\"rss\"]", "one place"),
    ] {
        let error = read(&feed(wrong)).unwrap_err();
        assert!(error.contains(phrase) && !error.contains("hunter2"), "{error}");
    }
    let command = |words: &str| read(&format!("[[feed]]\nid = \"f\"\nkind = \"news\"\ncommand = {words}\n"));
    assert_eq!(command("[\"rss\", \"a b\"]").unwrap().feeds[0].place, Place::Command(vec!["rss".into(), "a b".into()]));
    assert!(command("\"rss | sh\"").unwrap_err().contains("no shell reads it"));
    let discover = "[[feed]]\nid = \"f\"\nkind = \"news\"\ndiscover = { page = \"https://example.org/\" }\n";
    assert!(read(discover).unwrap_err().contains("`link` is missing"));
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "hunter2").unwrap();
    let text =
        "[[feed]]\nid = \"f\"\nkind = \"news\"\nurl = \"https://example.org/\"\nauth = { bearer = \"file:token\" }\n";
    let warnings = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Config::read(text, "test.toml", folder.path()).unwrap().warnings.to_string()
    };
    assert!(warnings(0o644).contains("chmod 600"));
    assert!(!warnings(0o600).contains("chmod 600"));
}

#[test]
fn what_a_feed_is_asked_with_is_missed_before_anybody_asks() {
    let folder = tempfile::tempdir().unwrap();
    let warnings = || {
        let text = format!(
            "{FEED}headers = {{ X-Api-Key = \"env:WATCHFLOOR_NO_SUCH_VARIABLE\" }}\nquery = {{ a = \"env:PATH\" }}\n\
             auth = {{ bearer = \"file:token\" }}\nca_file = \"ca.pem\"\n"
        );
        let config = Config::read(&text, "w.toml", folder.path()).unwrap();
        config.warnings.list().iter().map(|found| (found.line, found.what.clone())).collect::<Vec<_>>()
    };
    let found = warnings();
    for (line, phrase) in
        [(5, "has no WATCHFLOOR_NO_SUCH_VARIABLE"), (7, "token with a secret"), (8, "ca.pem, so this feed")]
    {
        assert!(found.iter().any(|(at, what)| *at == line && what.contains(phrase)), "{line} {phrase}: {found:?}");
    }
    assert_eq!(found.len(), 3, "{found:?}");
    for name in ["token", "ca.pem"] {
        let path = folder.path().join(name);
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    assert_eq!(warnings().len(), 1);
}
