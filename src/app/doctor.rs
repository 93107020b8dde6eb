//! `doctor`: looks at the configuration, the store, the lease, the feeds, the clock, the terminal and the roots of trust, and says what is
//! wrong and what to do. It changes nothing and asks nobody on the network.

mod feeds;
mod store;

use super::cli::Cli;
use super::parts::{find_config, store_path};
use super::{Failure, print, print_document};
use crate::clock::{Clock, System};
use crate::config::places::Environment;
use crate::config::{Config, ConfigError};
use crate::domain::text::Printable;
use crate::domain::words::plural;
use crate::fetch::Place;
use crate::report::{self, Finding};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::ui::glyphs::Tier;
use crate::ui::terminal::{Setup, size};
use crate::ui::theme::Depth;
use jiff::{SignedDuration, Timestamp};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Looks, and says.
pub fn doctor(cli: &Cli, json: bool, environment: Environment<'_>) -> Result<(), Failure> {
    let now = System::new().now();
    let mut findings = Vec::new();
    let config = configuration(cli, environment, &mut findings);
    let facts = match &config {
        Some(config) => match store_path(cli, config, environment) {
            Ok(path) => store::store(&path, now, &mut findings),
            Err(Failure::Request(said) | Failure::Unavailable(said) | Failure::Interrupted { said, .. }) => {
                findings.push(Finding::wrong("store", &said, ""));
                None
            }
        },
        None => cli.store.as_ref().and_then(|path| store::store(path, now, &mut findings)),
    };
    if let (Some(config), Some(facts)) = (&config, &facts) {
        feeds::feeds(config, facts, now, &mut findings);
    }
    let newest = facts.and_then(|facts| facts.health.values().filter_map(|health| health.checked).max());
    clock(now, newest, &mut findings);
    terminal(environment, &mut findings);
    network(config.as_ref(), environment, &mut findings);
    if json {
        print_document(&report::doctor_json(&findings))?;
    } else {
        print(&report::doctor_text(&findings))?;
    }
    match report::wrong(&findings) {
        0 => Ok(()),
        _ => Err(Failure::Unavailable("something is wrong: what `doctor` printed says what to do".to_owned())),
    }
}

fn configuration(cli: &Cli, environment: Environment<'_>, findings: &mut Vec<Finding>) -> Option<Config> {
    const PART: &str = "configuration";
    let Some(path) = find_config(cli, environment) else {
        findings.push(Finding::note(
            PART,
            "there is none, so `watchfloor` shows the sample",
            "`watchfloor init` writes one with live public feeds",
        ));
        return None;
    };
    let place = Printable::path(&path);
    match Config::load(&path) {
        Ok(config) => {
            let (feeds, rules) = (plural(config.feeds.len(), "feed"), plural(config.rules.len(), "rule"));
            findings.push(Finding::fine(PART, &format!("{place}: {feeds}, {rules}")));
            if !config.warnings.is_empty() {
                findings.push(Finding::note(
                    PART,
                    &config.warnings.summary().to_string(),
                    "`watchfloor config check` shows each with its line",
                ));
            }
            Some(config)
        }
        Err(error @ ConfigError::Unreadable { .. }) => {
            findings.push(Finding::wrong(PART, &error.to_string(), "check the path and its permissions"));
            None
        }
        Err(ConfigError::Wrong(_)) => {
            let remedy = "`watchfloor config check` shows each mistake with its line and what to do";
            findings.push(Finding::wrong(PART, &format!("{place} cannot be used"), remedy));
            None
        }
    }
}

/// An instant for people: to the second.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn lease(store: &mut SqliteStore, now: Timestamp, findings: &mut Vec<Finding>) {
    const PART: &str = "lease";
    let found = match store.lease() {
        Ok(found) => found.filter(|lease| !lease.holder.is_empty()),
        Err(error) => return findings.extend(store::trouble(&error)),
    };
    let start = "start `watchfloor` or `watchfloor --headless`";
    findings.push(match found {
        None => Finding::note(PART, "nobody collects", start),
        Some(lease) if store.holder_is_dead() => {
            Finding::note(PART, &format!("nobody collects: {} has died", lease.holder), start)
        }
        Some(lease) if lease.expires > now.saturating_add(SignedDuration::from_mins(1)).unwrap_or(now) => Finding::wrong(
            PART,
            &format!("{} collects, by a clock that is ahead of this one: its lease runs until {}", lease.holder, seconds(lease.expires)),
            "set the clocks of both by NTP",
        ),
        Some(lease) if lease.expires > now => Finding::fine(PART, &format!("{} collects", lease.holder)),
        Some(lease) => Finding::wrong(
            PART,
            &format!("{} collects, but has not renewed its lease since {}", lease.holder, seconds(lease.expires)),
            "see whether that process is stopped (kill -CONT) or its disk hangs; another watchfloor takes over by itself",
        ),
    });
}

fn clock(now: Timestamp, newest: Option<Timestamp>, findings: &mut Vec<Finding>) {
    const PART: &str = "clock";
    let year = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).year();
    let remedy = "set it by NTP (timedatectl set-ntp true)";
    let says = seconds(now);
    let ahead = newest.map(|newest| newest.duration_since(now)).filter(|ahead| *ahead > SignedDuration::from_mins(1));
    findings.push(match ahead {
        _ if !(2026..2100).contains(&year) => {
            Finding::wrong(PART, &format!("it says {says}, which cannot be right"), remedy)
        }
        Some(_) => Finding::wrong(
            PART,
            &format!(
                "it says {says}, but the store holds a check of {}: it was set back, or was ahead then",
                seconds(newest.unwrap_or(now))
            ),
            remedy,
        ),
        None => Finding::fine(PART, &says),
    });
}

fn terminal(environment: Environment<'_>, findings: &mut Vec<Finding>) {
    const PART: &str = "terminal";
    let term = environment("TERM").unwrap_or_default();
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        findings.push(Finding::note(
            PART,
            "this is none, so nothing can be said of it",
            "run `watchfloor doctor` in one",
        ));
        return;
    }
    if Setup::for_term(&term, true).is_none() {
        let what = format!("TERM={term} cannot show a screen");
        findings.push(Finding::wrong(PART, &what, "set TERM to what it really is, such as xterm-256color"));
        return;
    }
    let (size, tier, depth) = (size(), Tier::detect("auto", environment), Depth::detect("auto", environment));
    let what = format!("TERM={term}, {}×{}, signs {tier:?}, colours {depth:?}", size.width, size.height);
    if size.width < 44 || size.height < 14 {
        findings.push(Finding::wrong(PART, &what, "the screen needs at least 44 columns and 14 lines"));
    } else {
        findings.push(Finding::fine(PART, &what));
    }
}

fn network(config: Option<&Config>, environment: Environment<'_>, findings: &mut Vec<Finding>) {
    let asks_https = config.is_some_and(|config| {
        config.feeds.iter().any(|plan| matches!(&plan.place, Place::Http(url) if url.scheme() == "https"))
    });
    let named: Vec<&str> = ROOTS_NAMED.into_iter().filter(|name| environment(name).is_some()).collect();
    findings.push(match roots(environment) {
        Some(place) => Finding::fine("roots", &format!("roots of trust in {}", Printable::path(&place))),
        None if asks_https && !named.is_empty() => Finding::wrong(
            "roots",
            &format!("there are no roots of trust where {} points, and no others count then", named.join(" and ")),
            "mend it, or take it out of the environment",
        ),
        None if asks_https => Finding::wrong(
            "roots",
            "this system has no roots of trust, so no https feed can be read",
            "install the package ca-certificates, or set SSL_CERT_FILE",
        ),
        None => Finding::note("roots", "this system has no roots of trust", "https feeds will need ca-certificates"),
    });
    let proxies = ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"];
    // Its value may hold a password.
    let set: Vec<&str> =
        proxies.into_iter().filter(|name| environment(name).is_some_and(|value| !value.is_empty())).collect();
    let by = if set.is_empty() { String::new() } else { format!("; requests go by a proxy ({})", set.join(", ")) };
    let what = format!("nobody was asked{by}; `watchfloor feed try ID` asks one feed");
    findings.push(Finding::fine("network", &what));
}

/// What says in the environment where the roots of trust are; it then counts alone.
const ROOTS_NAMED: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Where this system keeps its roots of trust.
fn roots(environment: Environment<'_>) -> Option<PathBuf> {
    const PLACES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/ssl/certs",
        "/usr/local/share/certs/ca-root-nss.crt",
    ];
    let given: Vec<PathBuf> = ROOTS_NAMED.into_iter().filter_map(environment).map(PathBuf::from).collect();
    let holds_some = |path: &PathBuf| match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => std::fs::read_dir(path).is_ok_and(|mut files| files.next().is_some()),
        Ok(about) => about.len() > 0,
        Err(_) => false,
    };
    let places = if given.is_empty() { PLACES.map(PathBuf::from).to_vec() } else { given };
    places.into_iter().find(holds_some)
}

/// The kind of network file system that a path lies on, where it does and the system says.
fn network_file_system(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().ok()?;
    kind_of_mount(&std::fs::read_to_string("/proc/self/mountinfo").ok()?, &folder)
}

fn kind_of_mount(mounts: &str, folder: &Path) -> Option<String> {
    const NETWORK: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "afs"];
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        // Spaces in a path are written as \040.
        let point = before.split(' ').nth(4)?.replace("\\040", " ");
        Some((PathBuf::from(point), after.split(' ').next()?.to_owned()))
    };
    let on = mounts.lines().filter_map(mount).filter(|(point, _)| folder.starts_with(point));
    // The last of the deepest is on top.
    let (_, kind) = on.max_by_key(|(point, _)| point.components().count())?;
    NETWORK.contains(&kind.as_str()).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_says_what_a_store_lies_on() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:3 / /srv/my\\040share rw shared:1 - nfs4 host:/x rw\n41 40 8:2 / /srv/my\\040share/local rw - xfs /dev/sdb rw\n";
        let kind = |folder: &str| kind_of_mount(mounts, Path::new(folder));
        assert_eq!(kind("/srv/my share/desk").as_deref(), Some("nfs4"));
        assert_eq!(kind("/srv/my share/local"), None);
        assert_eq!(kind("/home"), None);
    }

    #[test]
    fn a_clock_that_the_store_contradicts_is_wrong() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let told = |now: &str, newest: Option<&str>| {
            let mut findings = Vec::new();
            clock(at(now), newest.map(at), &mut findings);
            (findings[0].verdict, findings[0].what.to_string())
        };
        assert_eq!(told("2026-11-24T10:00:00Z", Some("2026-11-24T09:59:00Z")).0, report::Verdict::Fine);
        let (verdict, what) = told("2026-11-24T10:00:00Z", Some("2026-11-26T10:00:00Z"));
        assert!(verdict == report::Verdict::Wrong && what.contains("was set back"), "{what}");
        assert_eq!(told("1970-01-01T00:00:00Z", None).0, report::Verdict::Wrong);
    }
}
