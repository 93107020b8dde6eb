//! How soon a key is answered while a thousand feeds are asked for the first time, and at rest after it: from the write of the key to the
//! chunk of output after which the screen shows the other page. Through the real program in a pseudo-terminal, against the farm of feeds
//! of `../shared` (50 ± 20 ms to an answer).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement tells its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures the machine's own time")]

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const FEEDS: usize = 1_000;
const ROUNDS: usize = 8;

fn main() {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench");
    if !bench.is_dir() {
        eprintln!("SKIPPED: the farm of feeds is in ../shared, which is not there");
        return;
    }
    let farm = Farm::start(&bench);
    let (mut busy, mut resting) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        farm.get("/reset");
        let mut screen = Screen::start(&farm);
        screen.wait_for(|text| text.contains("WATCHFLOOR"));
        while farm.requests() < FEEDS {
            busy.extend(screen.press());
        }
        // What came last is still written.
        screen.wait_for(|text| text.contains("1,000 of 1,000") || text.contains("1000 of 1000"));
        for _ in 0..25 {
            resting.extend(screen.press());
        }
    }
    report("while 1,000 feeds are asked for the first time", busy);
    report("at rest, with 30,000 headlines", resting);
}

fn report(when: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |part: usize| took[(took.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    println!(
        "{when}: {} keys; median {:.2} ms, 90 % {:.2} ms, 99 % {:.2} ms, slowest {:.2} ms",
        took.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    );
}

/// The program on a terminal.
struct Screen {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    chunks: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
    _folder: tempfile::TempDir,
}

impl Screen {
    fn start(farm: &Farm) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("desk.toml"), farm.configuration()).expect("a configuration");
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_watchfloor"));
        command.args(["--config", "desk.toml", "--store", "desk.db"]);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")] {
            command.env(name, value);
        }
        command.env("HOME", folder.path());
        command.cwd(folder.path());
        let child = pair.slave.spawn_command(command).expect("the program");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let writer = pair.master.take_writer().expect("its input");
        let (send, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if send.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let parser = vt100::Parser::new(40.try_into().expect("not zero"), 120.try_into().expect("not zero"), 0);
        Self { child, writer, chunks, parser, _master: pair.master, _folder: folder }
    }

    /// Goes to the feeds, or from them to the headlines; gives how long that took, if it was not too quick to be told.
    fn press(&mut self) -> Option<Duration> {
        while let Ok((_, chunk)) = self.chunks.try_recv() {
            self.parser.process(&chunk);
        }
        let there = self.shows_feeds();
        let pressed = Instant::now();
        self.writer.write_all(if there { b"3" } else { b"4" }).expect("it takes keys");
        self.writer.flush().expect("it takes keys");
        let answered = loop {
            let (at, chunk) = self.chunks.recv_timeout(Duration::from_secs(20)).expect("it answers");
            self.parser.process(&chunk);
            if self.shows_feeds() != there {
                break at;
            }
        };
        std::thread::park_timeout(Duration::from_millis(7));
        answered.checked_duration_since(pressed)
    }

    fn shows_feeds(&self) -> bool {
        self.parser.screen().contents().contains(" FEEDS")
    }

    fn wait_for(&mut self, so: impl Fn(&str) -> bool) {
        while !so(&self.parser.screen().contents()) {
            let Ok((_, chunk)) = self.chunks.recv_timeout(Duration::from_secs(60)) else {
                panic!("waited in vain; the screen is\n{}", self.parser.screen().contents())
            };
            self.parser.process(&chunk);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The farm, until it is dropped.
struct Farm {
    child: Child,
    port: u64,
}

impl Farm {
    fn start(bench: &Path) -> Self {
        let feeds = FEEDS.to_string();
        let mut command = Command::new("python3");
        command.arg(bench.join("feed_farm.py")).args(["--port", "0", "--feeds", &feeds, "--hosts", &feeds]);
        command.args(["--latency", "50", "--jitter", "20"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        let port: serde_json::Value = serde_json::from_str(&line).expect("its port");
        let farm = Self { child, port: port["port"].as_u64().expect("its port") };
        farm.get(&format!("/warm?n={FEEDS}&kinds=rss,atom"));
        farm
    }

    fn configuration(&self) -> String {
        let mut text = "title = \"Bench\"\nzone = \"UTC\"\n".to_owned();
        for (number, address) in self.get(&format!("/urls?n={FEEDS}&kinds=rss,atom")).lines().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "\n[[feed]]\nid = \"feed-{number}\"\nkind = \"news\"\nurl = \"{address}\"\nevery = \"1h\"\n"
            );
        }
        text
    }

    fn requests(&self) -> usize {
        let stats: serde_json::Value = serde_json::from_str(&self.get("/stats")).expect("its counters");
        usize::try_from(stats["requests"].as_u64().expect("a number")).expect("a small number")
    }

    fn get(&self, path: &str) -> String {
        let mut stream =
            TcpStream::connect(("127.0.0.1", u16::try_from(self.port).expect("a port"))).expect("the farm");
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").expect("the farm");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the farm");
        answer.split_once("\r\n\r\n").expect("an answer").1.to_owned()
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
