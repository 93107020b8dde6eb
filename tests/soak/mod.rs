//! A soak: `cargo test --test main -- --ignored soak`. One collecting process asks a farm of a thousand feeds over and over while some
//! answers fail, some never come and feeds get new entries. At the end its memory, descriptors and threads are what they were after the
//! first tenth, and the store holds what was handed out, no less and no more.
//!
//! `WATCHFLOOR_SOAK_POLLS` says how many polls (20,000), `WATCHFLOOR_SOAK_PROGRAM` which program (that of the test; a release build polls
//! five times as fast), `WATCHFLOOR_SOAK_SAMPLES` where the samples go, as CSV.

mod farm;
mod samples;
mod tables;

use crate::e2e::support::{PROGRAM, Place};
use crate::faults::desk::memory;
use farm::Farm;
use rustix::process::{Pid, Signal, kill_process};
use samples::{Sample, Samples};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tables::Table;

/// Feeds of news, each at a host of its own.
const FEEDS: usize = 1_000;
/// Tables beside them.
const TABLES: usize = 50;
/// So many feeds get a new entry, and all tables a new day, so many times.
const CHANGING: usize = 50;
const CHANGES: u64 = 50;
/// From so many polls on it is judged whether anything grew.
const LONG: u64 = 100_000;
/// Between two of them at least.
const BETWEEN: Duration = Duration::from_secs(2);
/// Shares of the answers: 503 with a wait of a minute, and none at all.
const FAULTS: &str = "/set?fail=0.002&stall=0.0005";
/// What was parked by the last fault is asked again within this.
const PATIENCE: Duration = Duration::from_secs(240);

/// One thing that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    /// A headline, by its link.
    Link(String),
    /// A figure: day, route and value.
    Figure(String, String, u32),
}

#[test]
#[ignore = "takes minutes"]
fn a_long_run_grows_nothing_and_loses_nothing() {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench");
    if !bench.is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI has no ../shared");
        eprintln!("SKIPPED: the farm of feeds is in ../shared, which is not there");
        return;
    }
    let polls: u64 = std::env::var("WATCHFLOOR_SOAK_POLLS").map_or(20_000, |polls| polls.parse().unwrap());
    let farm = Farm::start(&bench, FEEDS);
    let place = Place::new();
    let mut tables: Vec<Table> = (0..TABLES).map(|number| Table::new(&place.path(""), number)).collect();
    let mut desk = Desk::start(place, &farm);
    let mut ledger: BTreeSet<Entry> = (0..FEEDS).flat_map(|feed| farm.entries(feed)).collect();
    // What there is at the beginning is read before any of it goes.
    let (missing, _) = desk.differs(&ledger.iter().cloned().chain(tables.iter().flat_map(Table::entries)).collect());
    assert!(missing.is_empty(), "{} things are not read at the beginning: {:?} …", missing.len(), missing.first());
    farm.control("/reset");
    farm.control(FAULTS);
    let began = Instant::now();
    let mut samples = Samples::default();
    let (mut changes, mut changed) = (0, began);
    let (mut asked, mut ours) = (0, 0);
    while asked < polls {
        std::thread::sleep(Duration::from_millis(500));
        asked = farm.requests().saturating_sub(ours);
        samples.push(desk.sample(asked));
        // No faster than every feed is asked: what stands in a document for a moment only nobody can have.
        if changes < CHANGES * asked / polls && changed.elapsed() >= BETWEEN {
            (changes, changed) = (changes + 1, Instant::now());
            farm.control(&format!("/bump?n={CHANGING}"));
            ledger.extend((0..CHANGING).flat_map(|feed| farm.entries(feed)));
            ours += CHANGING as u64;
            tables.iter_mut().for_each(Table::turn);
        }
    }
    let took = began.elapsed().as_secs_f64();
    let stats = farm.stats();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let pace = asked as f64 / took;
    println!(
        "{asked} polls in {took:.0} s, {pace:.0} a second: {} with something new, {} not modified, {} of 503",
        stats["ok200"], stats["not304"], stats["fail5xx"]
    );
    if let Some(path) = std::env::var_os("WATCHFLOOR_SOAK_SAMPLES") {
        std::fs::write(PathBuf::from(path), samples.csv()).unwrap();
    }
    farm.control("/set?fail=0&stall=0");
    ledger.extend(tables.iter().flat_map(Table::entries));
    let (missing, beyond) = desk.differs(&ledger);
    println!("{} things were handed out", ledger.len());
    let growth = samples.growth();
    println!("{growth}");
    assert!(missing.is_empty(), "{} things are missing: {:?} …", missing.len(), missing.first());
    assert!(beyond.is_empty(), "{} things were never handed out: {:?} …", beyond.len(), beyond.first());
    // What a short run takes is what beginning takes.
    assert!(polls < LONG || growth.is_none(), "{growth}");
    desk.end();
}

/// The collecting process.
struct Desk {
    place: Place,
    program: PathBuf,
    child: Child,
}

impl Desk {
    fn start(place: Place, farm: &Farm) -> Self {
        place.write("soak.toml", &configuration(farm));
        let program = std::env::var_os("WATCHFLOOR_SOAK_PROGRAM").map_or_else(|| PROGRAM.into(), PathBuf::from);
        let log = File::create(place.path("log")).unwrap();
        let mut command = Command::new(&program);
        command.args(["--config", "soak.toml", "--store", "soak.db", "--headless"]).current_dir(place.path(""));
        command.env_clear().env("HOME", place.path("")).env("RUST_LOG", "error");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { place, program, child }
    }

    fn sample(&mut self, polls: u64) -> Sample {
        let log = || std::fs::read_to_string(self.place.path("log")).unwrap();
        assert!(self.child.try_wait().unwrap().is_none(), "the program has ended:\n{}", log());
        let pid = self.child.id();
        let count = |folder: &str| std::fs::read_dir(format!("/proc/{pid}/{folder}")).unwrap().count();
        Sample { polls, memory: memory(pid, "VmRSS:").unwrap(), descriptors: count("fd"), threads: count("task") }
    }

    /// What of a ledger the store does not hold, and what it holds beyond it, once every feed is well again.
    fn differs(&self, ledger: &BTreeSet<Entry>) -> (Vec<Entry>, Vec<Entry>) {
        let began = Instant::now();
        loop {
            let held = self.held();
            let missing: Vec<Entry> = ledger.difference(&held).cloned().collect();
            if missing.is_empty() || began.elapsed() > PATIENCE {
                return (missing, held.difference(ledger).cloned().collect());
            }
            std::thread::sleep(Duration::from_secs(2));
        }
    }

    /// Every headline, and every version of every figure.
    fn held(&self) -> BTreeSet<Entry> {
        let headlines = self.ask(&["export", "headlines", "--json"]);
        let figures = self.ask(&["export", "observations", "--vintages", "--json"]);
        let rows = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
        let text = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
        let mut held = BTreeSet::new();
        for headline in rows(&headlines, "headlines") {
            held.insert(Entry::Link(text(&headline, "link")));
            held.extend(rows(&headline, "also").iter().map(|also| Entry::Link(text(also, "link"))));
        }
        for figure in rows(&figures, "observations") {
            let day = figure["period"]["label"].as_str().unwrap().to_owned();
            let value = figure["value"].as_f64().unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number, and small")]
            held.insert(Entry::Figure(day, text(&figure, "route"), value as u32));
        }
        held
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        let common = ["--config", "soak.toml", "--store", "soak.db"];
        let mut command = Command::new(&self.program);
        let output = command.args(common).args(arguments).current_dir(self.place.path("")).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn end(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // It has ended, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(farm: &Farm) -> String {
    let mut text = "title = \"Soak\"\nzone = \"UTC\"\ndeadline = \"2s\"\nhost_pause = \"100ms\"\n".to_owned();
    // Writing to a String cannot fail.
    for feed in 0..FEEDS {
        let address = farm.address(feed);
        let _ =
            write!(text, "\n[[feed]]\nid = \"feed-{feed}\"\nkind = \"news\"\nurl = \"{address}\"\nevery = \"1s\"\n");
    }
    for number in 0..TABLES {
        let name = tables::name(number);
        let _ = write!(
            text,
            "\n[[feed]]\nid = \"{name}\"\nkind = \"statistics\"\nurl = \"file:{name}.csv\"\nevery = \"10s\"\nformat = \"csv\"\n\
             period = {{ kind = \"day\", column = \"date\" }}\nvalue = \"value\"\n\
             series = [{{ route = \"{{series}}\", measure = \"persons\" }}]\n"
        );
    }
    text
}
