//! A desk: one collecting process with its configuration, its store, its log and what it tells.

use super::server::PORT;
use crate::e2e::support::{Place, Session};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

/// How often a feed is asked, unless it says otherwise.
pub const EVERY: &str = "3s";

/// How long a fetch may take.
const DEADLINE: &str = "2s";

/// A feed of a desk.
pub struct Feed {
    pub id: String,
    pub url: String,
    pub shape: Shape,
    /// How often it is asked.
    pub every: &'static str,
    /// More lines of its table.
    pub more: String,
}

/// What it brings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    News,
    Csv,
    Json,
}

impl Shape {
    /// By the word of the fault server.
    pub fn of(kind: &str) -> Self {
        match kind {
            "csv" => Self::Csv,
            "json" => Self::Json,
            _ => Self::News,
        }
    }
}

/// The address of a fault, on a host of its own.
pub fn address(number: usize, fault: &str, query: &str) -> String {
    format!("http://127.1.{}.{}:{PORT}/fault/{fault}?{query}", number / 250, number % 250 + 1)
}

/// The process.
pub struct Desk {
    place: Place,
    process: Process,
}

enum Process {
    Headless(Child),
    Screen(Box<Session>),
}

impl Desk {
    /// Starts collecting.
    pub fn start(feeds: &[Feed]) -> Self {
        let place = Place::new();
        place.write("desk.toml", &configuration(feeds));
        let log = File::create(place.path("log")).unwrap();
        let mut command = place.command(&["--config", "desk.toml", "--store", "desk.db", "-v", "--headless"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { place, process: Process::Headless(child) }
    }

    /// Starts collecting behind a screen.
    pub fn start_with_screen(feeds: &[Feed]) -> Self {
        let place = Place::new();
        place.write("desk.toml", &configuration(feeds));
        let session = Session::start(&place, &["--config", "desk.toml", "--store", "desk.db", "-v"]);
        session.wait_for_text("WATCHFLOOR");
        Self { place, process: Process::Screen(Box::new(session)) }
    }

    /// Goes to another page and back; gives how long the slower of the two keys took.
    pub fn press_keys(&mut self) -> Duration {
        match &mut self.process {
            Process::Headless(_) => Duration::ZERO,
            Process::Screen(session) => session.answers("4", " FEEDS").max(session.answers("2", " POLICY DATES")),
        }
    }

    /// What a command of the program says on standard output.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let common = ["--config", "desk.toml", "--store", "desk.db"];
        let output = self.place.command(&[&common[..], arguments].concat()).output().unwrap();
        String::from_utf8(output.stdout).expect("what the program says is UTF-8")
    }

    /// As [`Desk::ask`], read as JSON; null where there is nothing yet.
    pub fn ask_json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ask(arguments)).unwrap_or_default()
    }

    /// Its log so far.
    pub fn log(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.place.path("")).unwrap().map(|entry| entry.unwrap().file_name());
        let is_log = |name: &std::ffi::OsString| {
            let name = name.to_string_lossy();
            name == "log" || name.starts_with("watchfloor.") && name.ends_with(".log")
        };
        files.filter(is_log).flat_map(|name| std::fs::read(self.place.path(&name.to_string_lossy())).unwrap()).collect()
    }

    /// Everything that it has written: log, store, and what stands beside the store.
    pub fn written(&self) -> Vec<(String, Vec<u8>)> {
        ["log", "desk.db", "desk.db-wal"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), std::fs::read(self.place.path(name)).ok()?)))
            .collect()
    }

    /// The most resident memory that the process has had, in KiB; nothing once it has ended.
    pub fn peak(&self) -> Option<u64> {
        let id = match &self.process {
            Process::Headless(child) => child.id(),
            Process::Screen(session) => session.pid().unsigned_abs(),
        };
        memory(id, "VmHWM:")
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        match &mut self.process {
            Process::Headless(child) => child.try_wait().unwrap().is_none(),
            Process::Screen(session) => !matches!(session.state(), 'X' | 'Z'),
        }
    }

    /// Ends it in order; gives whether it ended well.
    pub fn end(&mut self) -> bool {
        match &mut self.process {
            Process::Headless(child) => {
                // Gone already is for the caller to find.
                let _ = rustix::process::kill_process(rustix::process::Pid::from_child(child), Signal::TERM);
                child.wait().unwrap().success()
            }
            Process::Screen(session) => {
                session.signal(Signal::TERM);
                session.end() == 0
            }
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Process::Headless(child) = &mut self.process {
            // It has ended, mostly.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A figure of `/proc/PID/status`, in KiB.
pub fn memory(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn configuration(feeds: &[Feed]) -> String {
    let mut text = format!("title = \"Faults\"\nzone = \"UTC\"\ndeadline = \"{DEADLINE}\"\n");
    for Feed { id, url, shape, every, more } in feeds {
        let kind = if *shape == Shape::News { "news" } else { "statistics" };
        // Writing to a String cannot fail.
        let _ =
            write!(text, "\n[[feed]]\nid = \"{id}\"\nkind = \"{kind}\"\nurl = \"{url}\"\nevery = \"{every}\"\n{more}");
        let format = match shape {
            Shape::News => continue,
            Shape::Csv => "format = \"csv\"",
            Shape::Json => "format = \"json\"\nrecords = \"/data\"",
        };
        let _ = write!(
            text,
            "{format}\nperiod = {{ kind = \"day\", column = \"date\" }}\nvalue = \"arrivals\"\n\
             series = [{{ route = \"{id}/{{place}}\", measure = \"persons\" }}]\n"
        );
    }
    text
}

/// What the log says of each feed.
#[derive(Default)]
pub struct Told {
    /// Polls that ended.
    pub polls: usize,
    /// The words of those that failed.
    pub errors: Vec<String>,
    /// What was said of answers that were not wholly good.
    pub doubts: Vec<String>,
}

/// Reads a log.
pub fn told(log: &[u8]) -> BTreeMap<String, Told> {
    let mut all: BTreeMap<String, Told> = BTreeMap::new();
    for line in String::from_utf8_lossy(log).lines() {
        let Some((_, rest)) = line.split_once(" feed=") else { continue };
        let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let told = all.entry(id.to_owned()).or_default();
        if let Some(doubt) = rest.strip_prefix("degraded=") {
            told.doubts.push(doubt.to_owned());
        } else if let Some((_, error)) = line.split_once(" error=").filter(|_| line.contains("the poll failed")) {
            told.errors.push(error.rsplit_once(" failures=").map_or(error, |(error, _)| error).to_owned());
            told.polls += 1;
        } else if line.contains(": read ") || line.contains(": nothing new ") {
            told.polls += 1;
        }
    }
    all
}
