//! The catalogue of faults through the real binary: `cargo test --test main -- --ignored faults`. A network namespace of its own
//! holds the fault server of `../shared` and one collecting process with a feed for each fault; each feed gets two good answers,
//! three bad ones, and good ones again. Huge answers have a process each, whose memory is measured.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a run of minutes tells what it does and what is wrong")]

pub mod desk;
mod expected;
mod facts;
mod heavy;
mod judge;
mod server;
mod table;

use desk::{Desk, Feed, Shape, address, told};
use expected::{After, Expected, expected};
use judge::Holds;
use serde_json::Value;
use server::{Fault, PORT, Server};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use table::Row;

/// The groups of faults that a collecting process can meet.
const GROUPS: [&str; 13] = [
    "network",
    "http",
    "redirect",
    "status",
    "encoding",
    "charset",
    "parser",
    "hostile-text",
    "dates",
    "news",
    "scale",
    "csv",
    "statistics",
];

/// Judged where alerts are.
const ELSEWHERE: [&str; 4] = ["stat-surge", "stat-surge-withdrawn", "stat-surge-flaps", "stat-unit-change"];

/// Faults in whose log the server finds manners, good or bad. They are met a second time, without an end.
const MANNERS: [&str; 26] = [
    "unauthorized-401",
    "forbidden-403",
    "not-found-404",
    "gone-410",
    "legal-451",
    "proxy-auth-407",
    "error-500",
    "error-502",
    "error-503-retry-after",
    "too-many-429-seconds",
    "too-many-429-date",
    "too-many-429-bare",
    "too-many-429-garbage",
    "too-many-429-negative",
    "too-many-429-past",
    "too-many-429-century",
    "not-modified-forever",
    "validators-odd",
    "cache-max-age",
    "alternating-5xx",
    "redirect-loop",
    "redirect-self",
    "redirect-permanent",
    "redirect-empty",
    "redirect-chain-30",
    "redirect-other-origin",
];

/// In the namespace this is set, so that nobody goes into another one.
const INSIDE: &str = "WATCHFLOOR_FAULTS_INSIDE";

/// Where FAULTS.md is written anew.
const WRITE: &str = "WATCHFLOOR_FAULTS_WRITE";

/// Only these faults are met, by name, with commas between: to look into some of them.
const ONLY: &str = "WATCHFLOOR_FAULTS_ONLY";

/// No run takes longer.
const PATIENCE: Duration = Duration::from_secs(240);

#[test]
#[ignore = "takes minutes; .ci/run asks for it"]
fn every_fault_is_survived() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/faults");
    if !shared.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: the fault server is in ../shared, which is not there");
        return;
    }
    if std::env::var_os(INSIDE).is_some() {
        meet(&shared);
    } else {
        in_a_namespace();
    }
}

/// Runs this test again where no packet leaves the machine, whatever the program does wrong.
fn in_a_namespace() {
    const SET_UP: &str = "ip link set lo up && ip addr add 169.254.169.254/32 dev lo && exec \"$0\" \"$@\"";
    let Some(namespace) = ["-n", "-rn"].into_iter().find(|how| {
        let tried = Command::new("unshare").args([how, "sh", "-c", "ip link set lo up"]).output();
        tried.is_ok_and(|output| output.status.success())
    }) else {
        eprintln!(
            "SKIPPED: the catalogue of faults needs a network namespace, and `unshare -rn` with `ip link set lo up` is refused here"
        );
        return;
    };
    let status = Command::new("unshare")
        .args([namespace, "sh", "-c", SET_UP])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "faults::every_fault_is_survived"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "the faults are not all survived: see above");
}

fn meet(shared: &Path) {
    let began = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let server = Server::start(shared, &ca);
    let expected = expected();
    let only = std::env::var(ONLY).ok();
    let only = only.as_deref();
    let faults: Vec<Fault> = server
        .faults()
        .into_iter()
        .filter(|fault| GROUPS.contains(&fault.group.as_str()) && !ELSEWHERE.contains(&fault.name.as_str()))
        .filter(|fault| only.is_none_or(|only| only.split(',').any(|name| name == fault.name)))
        .collect();
    assert!(only.is_some() || faults.len() > 220, "the fault server knows {} faults only", faults.len());
    let (huge, light): (Vec<&Fault>, Vec<&Fault>) =
        faults.iter().partition(|fault| heavy::FAULTS.contains(&fault.name.as_str()));
    let mut cases = cases(&light, &ca);
    let feeds: Vec<Feed> = cases.iter_mut().map(|case| case.feed.take().unwrap()).collect();
    let mut desk = Desk::start(&feeds);
    let mut rows = std::thread::scope(|scope| {
        let lanes: Vec<_> = huge
            .chunks(huge.len().div_ceil(2).max(1))
            .map(|lane| scope.spawn(|| heavy::meet(lane, &expected, &server)))
            .collect();
        let mut rows = watch(&mut desk, &cases, &expected, &server, began);
        rows.extend(lanes.into_iter().flat_map(|lane| lane.join().unwrap()));
        rows
    });
    let place = |group: &str| GROUPS.iter().chain(&["ports", "all"]).position(|known| *known == group);
    rows.sort_by_key(|row| (place(&row.group), row.name.clone()));
    println!("{} cases in {} s", rows.len(), began.elapsed().as_secs());
    let bad = table::told(&rows);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("FAULTS.md"), table::page(&rows)).unwrap();
    }
    assert!(bad == 0, "{bad} of {} cases are not as they should be", rows.len());
}

/// A fault that is met, in one of its forms.
struct Case {
    /// The feed's id, and that of the counter in the server.
    id: String,
    fault: String,
    group: String,
    must: String,
    feed: Option<Feed>,
    /// Whether it goes on for ever: for the server's verdict.
    manners: bool,
}

/// How many good answers, and then how many bad ones.
fn spell(fault: &str) -> &'static str {
    match fault {
        // Each hop takes an answer.
        "redirect-loop" | "redirect-chain-30" => "&after=2&for=18",
        // It must come before there are validators.
        "not-modified-unasked" => "&after=0&for=3",
        // Good answers have younger figures.
        "stat-repeats-itself" => "&after=0",
        _ => "&after=2&for=3",
    }
}

/// How often it is asked. The server's verdict takes all that comes of one address for one burst: of redirects that is what one poll
/// asks, eleven requests.
fn pace(fault: &str, manners: bool) -> &'static str {
    match fault {
        "redirect-loop" | "redirect-chain-30" if manners => "1h",
        _ => desk::EVERY,
    }
}

fn cases(faults: &[&Fault], ca: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |fault: &Fault, id: String, query: &str, shape: Shape, manners: bool| {
        let url = address(cases.len(), &fault.name, &format!("id={id}&grow=1{query}"));
        cases.push(Case {
            feed: Some(Feed { id: id.clone(), url, shape, every: pace(&fault.name, manners), more: String::new() }),
            id,
            fault: fault.name.clone(),
            group: fault.group.clone(),
            must: fault.must.clone(),
            manners,
        });
    };
    for fault in faults {
        let name = &fault.name;
        let spell = spell(name);
        add(fault, name.clone(), spell, Shape::of(&fault.kind), false);
        if fault.group == "hostile-text" {
            add(fault, format!("{name}-ref"), &format!("{spell}&as=rss-ref"), Shape::News, false);
            add(fault, format!("{name}-html"), &format!("{spell}&as=atom-html"), Shape::News, false);
            // The others have their text in a link or an id, and a table has none.
            if name.starts_with("title-") {
                add(fault, format!("{name}-csv"), &format!("{spell}&as=csv&kind=csv"), Shape::Csv, false);
            }
        }
        if MANNERS.contains(&name.as_str()) {
            add(fault, format!("{name}-polite"), "", Shape::of(&fault.kind), true);
        }
    }
    let ports = ports(ca);
    cases.extend(ports);
    cases
}

/// What no fault of the register has: ports and addresses with a fault of their own.
fn ports(ca: &Path) -> Vec<Case> {
    let https = |port: u16| format!("https://127.0.0.1:{}/ok/rss?id=tls", PORT + port);
    let places = [
        ("port-silent", format!("http://127.0.0.1:{}/", PORT + 2), "time out"),
        ("port-refused", "http://127.0.0.2:9/".to_owned(), "say that the connection is refused"),
        ("no-route", "http://10.9.8.7/".to_owned(), "say that there is no route"),
        ("no-name", "http://nosuch.invalid/".to_owned(), "say that there is no such name"),
        ("tls-plain", https(3), "show a TLS error; never fall back to plain http"),
        ("tls-closed", https(4), "show a TLS error"),
        ("tls-self-signed", https(5), "refuse; say why"),
        ("tls-expired", https(6), "refuse; say 'expired'"),
        ("tls-wrong-name", https(7), "refuse; say so"),
        ("tls-not-yet", https(8), "refuse; say so (and mention the clock)"),
        ("tls-unknown-issuer", https(9), "refuse where the authority is not configured"),
        ("tls-ca-file", https(9), "accept where the authority is configured"),
    ];
    let knows_ca_file = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/default.toml"))
        .unwrap()
        .contains("ca_file");
    let with_ca = format!("ca_file = \"{}\"\n", ca.display());
    let own_ca = ["tls-expired", "tls-wrong-name", "tls-not-yet", "tls-ca-file"];
    places
        .into_iter()
        .map(|(name, url, must)| {
            let more = if knows_ca_file && own_ca.contains(&name) { with_ca.clone() } else { String::new() };
            Case {
                id: name.to_owned(),
                fault: name.to_owned(),
                group: "ports".to_owned(),
                must: must.to_owned(),
                feed: Some(Feed { id: name.to_owned(), url, shape: Shape::News, every: desk::EVERY, more }),
                manners: false,
            }
        })
        .collect()
}

/// Watches the desk until every feed has had its spell, and judges.
fn watch(
    desk: &mut Desk,
    cases: &[Case],
    expected: &BTreeMap<&str, Expected>,
    server: &Server,
    began: Instant,
) -> Vec<Row> {
    let mut alerts: BTreeMap<String, String> = BTreeMap::new();
    let status = loop {
        std::thread::sleep(Duration::from_secs(2));
        assert!(desk.lives(), "the program has ended:\n{}", String::from_utf8_lossy(&desk.log()));
        let status = desk.ask_json(&["status", "--json"]);
        for alert in status["alerts"].as_array().into_iter().flatten() {
            let subject = format!("{} {}", alert["rule"], alert["subject"]);
            alerts.insert(subject, alert["reason"].to_string());
        }
        let told = told(&desk.log());
        let waiting: Vec<&str> = cases
            .iter()
            .filter(|case| {
                !case.manners
                    && expected.get(&*case.fault).is_none_or(|expected| {
                        expected.after == After::Fresh && expected.not_yet.is_none() && !expected.lasts(&case.group)
                    })
            })
            .filter(|case| {
                let polls = told.get(&case.id).map_or(0, |told| told.polls);
                polls < 8
                    || !state_of(&status, &case.id)
                        .is_some_and(|feed| feed["state"] == "fresh" && feed["error"].is_null())
            })
            .map(|case| case.id.as_str())
            .collect();
        if waiting.is_empty() || began.elapsed() > PATIENCE {
            println!("watched for {} s; still waiting for {waiting:?}", began.elapsed().as_secs());
            break status;
        }
    };
    let peak = desk.peak().unwrap_or_default();
    println!("the most memory, with {} feeds: {} MiB", cases.len(), peak / 1024);
    // What has been handed out by now is stored a moment later.
    let (ledger, verdict) = (server.page("/ledger"), server.page("/verdict"));
    let trapped = server.page("/log?fault=trap");
    std::thread::sleep(Duration::from_secs(4));
    let holds = Holds::of(desk);
    let log = desk.log();
    let told = told(&log);
    let mut rows: Vec<Row> = cases
        .iter()
        .map(|case| {
            let nothing = desk::Told::default();
            let told = told.get(&case.id).unwrap_or(&nothing);
            let key = format!("{}?id={}", case.fault, case.id);
            let mut wrong = Vec::new();
            let known = expected.get(&*case.id).or_else(|| expected.get(&*case.fault));
            if case.manners {
                let verdict = &verdict[&key];
                if verdict["pass"] != true {
                    wrong.push(format!("{}", verdict["findings"]));
                }
            } else if let Some(expected) = known {
                // In XML a control character is a fault of its own, and may be told as one.
                if case.id == case.fault || case.id.ends_with("-csv") {
                    wrong.extend(judge::shown(told, expected));
                }
                if !expected.lasts(&case.group) {
                    wrong.extend(judge::ended(state_of(&status, &case.id), expected));
                }
            } else {
                wrong.push("nothing is expected of it: expected.txt does not have it".to_owned());
            }
            let missing = holds.missing(&case.id, &ledger[&key]);
            if let Some(first) = missing.first() {
                wrong.push(format!("{} things that were handed out are missing, {first} first", missing.len()));
            }
            wrong.extend(facts::wrong(&case.fault, &case.id, &holds));
            wrong.extend(facts::alerts(&case.fault, &case.id, &alerts));
            Row {
                name: if case.id == case.fault {
                    case.fault.clone()
                } else {
                    format!("{} ({})", case.fault, case.id[case.fault.len() + 1..].trim())
                },
                group: case.group.clone(),
                must: case.must.clone(),
                shown: judge::summary(told),
                wrong,
                not_yet: expected
                    .get(&*case.id)
                    .or(known.filter(|_| !case.manners))
                    .and_then(|expected| expected.not_yet)
                    .map(str::to_owned),
            }
        })
        .collect();
    rows.extend(overall(desk, &holds, &log, (&verdict, &trapped), expected));
    rows
}

/// What holds for all of them at once.
fn overall(
    desk: &mut Desk,
    holds: &Holds,
    log: &[u8],
    (verdict, trapped): (&Value, &Value),
    expected: &BTreeMap<&str, Expected>,
) -> Vec<Row> {
    let row = |name: &str, must: &str, wrong: Vec<String>| Row {
        name: name.to_owned(),
        group: "all".to_owned(),
        must: must.to_owned(),
        shown: String::new(),
        wrong,
        not_yet: expected.get(name).and_then(|expected| expected.not_yet).map(str::to_owned),
    };
    let raw: Vec<String> = String::from_utf8_lossy(log)
        .lines()
        .filter(|line| line.chars().any(judge::is_hostile) || !line.starts_with("20"))
        .map(|line| line.escape_debug().take(200).collect())
        .collect();
    let secrets = facts::secrets(&desk.written());
    // From one address of this machine to another a redirect is followed: that trap may be met.
    let targets = trapped.as_array().into_iter().flatten().filter_map(|request| request["target"].as_str());
    let mut traps: Vec<String> = targets
        .filter(|target| !target.contains("from=redirect-trap"))
        .map(|target| format!("{target} was asked"))
        .collect();
    traps.truncate(3);
    let landings = verdict.as_object().into_iter().flatten();
    let landings = landings.filter(|(key, verdict)| key.starts_with("landing") && verdict["pass"] != true);
    traps.extend(landings.map(|(key, verdict)| format!("{key}: {}", verdict["findings"])));
    let ran: Vec<String> =
        (Path::new("/tmp/fault-pwned").exists()).then(|| "/tmp/fault-pwned is there".to_owned()).into_iter().collect();
    let ended = if desk.end() { Vec::new() } else { vec!["it did not end in order".to_owned()] };
    vec![
        row("no control in what is exported", "no control byte from a feed in exports and status", holds.hostile()),
        row("no control in the log", "no control byte and no forged line in the log", raw),
        row("no secret and no local file", "no password and nothing of /etc/passwd in log and store", secrets),
        row("no trap is met", "no request to the trap, no secret to another origin", traps),
        row("nothing is run", "no text of a feed is run by a shell", ran),
        row("the end", "the program ends in order on SIGTERM", ended),
    ]
}

fn state_of<'a>(status: &'a Value, id: &str) -> Option<&'a Value> {
    status["feeds"].as_array()?.iter().find(|feed| feed["id"] == id)
}
