//! A terminal for a test: the program in a pseudo-terminal, what it shows, and waits that have a reason.

pub mod installed;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// No story waits longer for anything: a slow machine is no failure, a hang is.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_watchfloor");

/// A folder of a test's own, with the environment that keeps the program inside it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program without a terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().envs(self.environment()).current_dir(self.folder.path());
        command
    }

    /// The exit status of the program, and what it said: standard output, then standard error.
    pub fn ask(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("HOME", self.folder.path().display().to_string()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
        ]
    }
}

/// What a terminal has seen.
struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
    /// Whether the reader shall let go of the terminal.
    let_go: bool,
}

/// The program on a terminal.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    before: String,
}

impl Session {
    pub fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::start_sized(place, arguments, 120, 40)
    }

    pub fn start_sized(place: &Place, arguments: &[&str], cols: u16, rows: u16) -> Self {
        Self::start_program(place, PROGRAM, arguments, cols, rows)
    }

    /// Another program, which starts ours: a shell that sets limits.
    pub fn start_program(place: &Place, program: &str, arguments: &[&str], cols: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in place.environment() {
            command.env(name, value);
        }
        command.cwd(place.folder.path());
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Seen {
            parser: vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 0),
            raw: Vec::new(),
            closed: false,
            let_go: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let (mut reader, theirs) = (pair.master.try_clone_reader().unwrap(), seen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = theirs.0.lock().unwrap();
                seen.parser.process(&buffer[..read]);
                seen.raw.extend_from_slice(&buffer[..read]);
                seen.closed |= read == 0;
                theirs.1.notify_all();
                if read == 0 || seen.let_go {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: Some(pair.master), writer: Some(writer), seen, before }
    }

    /// Waits until the screen is as wanted; on a time-out shows what it is.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let screen = seen.parser.screen().contents().to_string();
            if wanted(&screen) {
                return screen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let ended = seen.closed;
            assert!(!left.is_zero() && !ended, "waited in vain for {what}; ended: {ended}; the screen is\n{screen}");
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Presses a key and waits until the screen shows what it leads to: at most a second, whatever else goes on. Gives how long it took.
    pub fn answers(&mut self, key: &str, text: &str) -> Duration {
        let pressed = Instant::now();
        self.keys(key);
        let deadline = Instant::now() + Duration::from_secs(1);
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.parser.screen().contents().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let screen = seen.parser.screen().contents();
            assert!(!left.is_zero(), "{key} was not answered by {text} within a second; the screen is\n{screen}");
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
        pressed.elapsed()
    }

    pub fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(text, |screen| screen.contains(text))
    }

    /// Waits until something has been sent, as bytes.
    pub fn wait_for_bytes(&self, bytes: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.raw.windows(bytes.len()).any(|window| window == bytes) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {:?}", String::from_utf8_lossy(bytes));
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
        self.master.as_ref().unwrap().resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// The state letter of the process: T is stopped.
    pub fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next()).unwrap_or('X')
    }

    /// Closes the terminal under the program. The reader lets go of it with what it reads next, so something must still come.
    pub fn hang_up(&mut self) {
        self.seen.0.lock().unwrap().let_go = true;
        self.writer = None;
        self.master = None;
    }

    /// Waits for the end and gives the status.
    pub fn end(&mut self) -> u32 {
        self.end_within(PATIENCE)
    }

    /// Waits so long for the end.
    pub fn end_within(&mut self, patience: Duration) -> u32 {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it did not end");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Everything that was sent after the end.
    pub fn sent(&self) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.closed && Instant::now() < deadline {
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(50)).unwrap().0;
        }
        seen.raw.clone()
    }

    /// Checks that the terminal is as it was: every mode off, the cursor shown, the line settings untouched.
    pub fn is_as_it_was(&self) {
        let sent = String::from_utf8_lossy(&self.sent()).into_owned();
        for mode in ["1049", "2004", "1000", "1006", "25"] {
            let (on, off) = if mode == "25" { ("l", "h") } else { ("h", "l") };
            let last = |end: &str| sent.rfind(&format!("\x1b[?{mode}{end}"));
            assert!(last(off) > last(on), "mode {mode} is still on");
        }
        let after = self.master.as_ref().map(|master| format!("{:?}", master.get_termios()));
        if let Some(after) = after {
            assert_eq!(after, self.before, "the line settings differ");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that has ended already is killed in vain.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so that no terminal tells.
pub fn eventually(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// The sample's folder, as a scenario to replay.
pub fn sample_folder() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-feeds/spring-2022").display().to_string()
}
