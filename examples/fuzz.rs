//! Fuzzes every decoder and the configuration for a stated time: `cargo run --release --example fuzz -- SECONDS [TARGET]`.
//!
//! Documents of `tests/fuzz/corpus` are changed by chance; one that brings out something new (an error, a kind of warning, another
//! number of figures) is changed further. Memory of the process is limited, so that a document that takes too much ends it; the
//! document at hand lies in a file then. `--keep` adds what brought out something new to the corpus, up to a few of each target.

#![expect(clippy::print_stdout, reason = "it reports")]
#![expect(clippy::unwrap_used, reason = "a fuzzer that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "it runs for a stated time on the machine's own clock")]

#[path = "../tests/fuzz/targets.rs"]
mod targets;

use rustix::process::{Resource, Rlimit, setrlimit};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use targets::{Target, targets};

/// No document takes more memory than this, with all that is kept beside it.
const MEMORY: u64 = 1 << 30;
/// Nor longer; a build without optimisation is a tenth as fast.
const SLOW: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
/// Documents do not grow beyond this.
const LARGEST: usize = 64 * 1024;
/// So many that bring out something new are changed further.
const POOL: usize = 2_000;
/// In the corpus documents are small, and few.
const SMALL: usize = 1_500;
const FEW: usize = 24;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let keep = arguments.iter().any(|argument| argument == "--keep");
    let plain: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let seconds: u64 = plain.first().and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    if arguments.iter().any(|argument| argument == "--inside") {
        let target = targets().into_iter().find(|target| target.name == *plain[1]).unwrap();
        Fuzz::new(target, keep).run(Duration::from_secs(seconds));
        return;
    }
    let chosen: Vec<&'static str> = targets()
        .iter()
        .map(|target| target.name)
        .filter(|name| plain.get(1).is_none_or(|only| *only == name))
        .collect();
    let each = (seconds / chosen.len() as u64).max(1).to_string();
    let mut bad = 0;
    for name in chosen {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--inside", &each, name]);
        if keep {
            child.arg("--keep");
        }
        let status = child.status().unwrap();
        if !status.success() {
            bad += 1;
            println!("{name}: ended by {status}; the document is {}", at_hand(name).display());
        }
    }
    assert!(bad == 0, "{bad} targets failed");
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target)
}

/// Where the document at hand lies.
fn at_hand(target: &str) -> PathBuf {
    std::env::temp_dir().join(format!("watchfloor-fuzz-{target}"))
}

struct Fuzz {
    target: Target,
    keep: bool,
    dice: Dice,
    pool: Vec<Vec<u8>>,
    seen: BTreeSet<u64>,
    kept: usize,
}

impl Fuzz {
    fn new(target: Target, keep: bool) -> Self {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(corpus(target.name)).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let pool: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
        let mut hash = DefaultHasher::new();
        (target.name, std::process::id(), std::time::SystemTime::now()).hash(&mut hash);
        let dice = Dice(hash.finish() | 1);
        Self { kept: pool.len(), target, keep, dice, pool, seen: BTreeSet::new() }
    }

    fn run(mut self, time: Duration) {
        setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) }).unwrap();
        let began = Instant::now();
        let mut count = 0_u64;
        let mut slowest = Duration::ZERO;
        for seed in self.pool.clone() {
            self.meet(&seed, &mut slowest);
        }
        while began.elapsed() < time {
            let mut document = self.pool[self.dice.roll(self.pool.len())].clone();
            for _ in 0..=self.dice.roll(5) {
                self.change(&mut document);
            }
            document.truncate(LARGEST);
            if self.meet(&document, &mut slowest) && self.pool.len() < POOL {
                self.pool.push(document);
            }
            count += 1;
        }
        println!(
            "{}: {count} documents in {} s, {} outcomes, slowest {} ms",
            self.target.name,
            began.elapsed().as_secs(),
            self.seen.len(),
            slowest.as_millis()
        );
    }

    /// Takes a document; gives whether it brings out something new.
    fn meet(&mut self, document: &[u8], slowest: &mut Duration) -> bool {
        std::fs::write(at_hand(self.target.name), document).unwrap();
        let began = Instant::now();
        let texts = self.target.take(document);
        let took = began.elapsed();
        *slowest = took.max(*slowest);
        assert!(took < SLOW, "{} bytes took {} ms", document.len(), took.as_millis());
        let new = self.seen.insert(outcome(&texts));
        if new && self.keep && self.kept < FEW && document.len() <= SMALL && self.seen.len() > self.kept {
            let mut hash = DefaultHasher::new();
            document.hash(&mut hash);
            std::fs::write(corpus(self.target.name).join(format!("found-{:016x}", hash.finish())), document).unwrap();
            self.kept += 1;
        }
        new
    }

    fn change(&mut self, document: &mut Vec<u8>) {
        let length = document.len();
        let at = self.dice.roll(length + 1);
        let until = (at + 1 + self.dice.roll(32)).min(length);
        match self.dice.roll(9) {
            0 if length > 0 => document[at.min(length - 1)] ^= 1 << self.dice.roll(8),
            1 if at < until => drop(document.drain(at..until)),
            2 if at < until => {
                let piece = document[at..until].repeat(1 + self.dice.roll(40));
                document.splice(at..at, piece);
            }
            3 => document.truncate(at),
            4 => {
                let other = &self.pool[self.dice.roll(self.pool.len())];
                let from = self.dice.roll(other.len() + 1);
                let to = (from + self.dice.roll(200)).min(other.len());
                let piece = other[from..to].to_vec();
                document.splice(at..at, piece);
            }
            5 if at < until => {
                let word = WORDS[self.dice.roll(WORDS.len())].as_bytes().to_vec();
                document.splice(at..until, word);
            }
            6 if at < until => {
                let piece: Vec<u8> = document.drain(at..until).collect();
                let to = self.dice.roll(document.len() + 1);
                document.splice(to..to, piece);
            }
            _ => {
                let word = WORDS[self.dice.roll(WORDS.len())].as_bytes().to_vec();
                document.splice(at..at, word);
            }
        }
    }
}

/// What came of a document, without numbers and names: alike for documents that are alike.
fn outcome(texts: &[String]) -> u64 {
    let mut hash = DefaultHasher::new();
    texts.len().checked_ilog2().hash(&mut hash);
    for text in texts.iter().take(12) {
        let words: String = text.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(60).collect();
        words.hash(&mut hash);
    }
    hash.finish()
}

/// Pseudo-random numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }
}

/// What is likely to matter in one format or another.
const WORDS: [&str; 75] = [
    ",",
    ";",
    "\t",
    "|",
    "\"",
    "\"\"",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "é",
    "漢",
    "e\u{301}\u{301}\u{301}\u{301}",
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&amp;",
    "&#27;",
    "&#x1b;",
    "&#0;",
    "&#xd800;",
    "&bogus;",
    "<item>",
    "</item>",
    "<entry>",
    "<title>",
    "</title>",
    "<link href=\"javascript:x\"/>",
    "<table>",
    "<tr>",
    "<td rowspan=\"99999\" colspan=\"99999\">",
    "<script>",
    "<title type=\"xhtml\">",
    "<guid>",
    "xml:base=\"//\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "\\ud800",
    "\\u0000",
    "1e999",
    "-1e308",
    "99999999999999999999",
    "-0",
    "0x10",
    "NaN",
    "2024-02-30",
    "29 February 1900",
    "9999-12-31",
    "0000-00-00",
    "2024-W53",
    "1,891*",
    "<5",
    "JAN2022",
    "Oct",
    "Total",
    "[[feed]]",
    "[[rule]]",
    "every = \"1s\"",
    "kind = \"news\"",
    "'''",
    "\"\"\"",
];
