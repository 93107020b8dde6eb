//! Faults of the store and of the process, through the real binary: each is said in words, the screen answers keys, and nothing that was
//! written is lost.

use super::support::installed::skipped;
use super::support::{PROGRAM, Place, Session, eventually};
use rustix::process::{Pid, Signal, kill_process};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CONFIG: &str = r#"
title = "Desk"
zone = "UTC"

[[route]]
id = "south"
name = "South road"
series = [{ measure = "persons", cadence = "day", zone = "UTC", lag = "40000d" }]

[[feed]]
id = "table"
kind = "statistics"
format = "csv"
url = "file:table.csv"
every = "1s"
period = { kind = "day", column = "Day" }
value = { column = "Count" }
series = [{ route = "south", measure = "persons" }]
"#;

struct Desk {
    place: Place,
    config: String,
    store: String,
}

impl Desk {
    fn new() -> Self {
        let place = Place::new();
        let config = place.write("desk.toml", CONFIG).display().to_string();
        let store = place.path("facts/desk.db").display().to_string();
        let desk = Self { place, config, store };
        desk.publish(3);
        desk
    }

    /// A table of so many days, replaced as a whole.
    fn publish(&self, days: usize) {
        let mut table = "Day,Count\n".to_owned();
        let start = jiff::civil::date(2000, 1, 1);
        for day in 0..days {
            let date = start + jiff::Span::new().days(i64::try_from(day).unwrap());
            writeln!(table, "{date},{}", 1000 + day).unwrap();
        }
        self.place.write("table.csv.new", &table);
        std::fs::rename(self.place.path("table.csv.new"), self.place.path("table.csv")).unwrap();
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["--config", &self.config, "--store", &self.store], more].concat()
    }

    fn screen(&self) -> Session {
        Session::start(&self.place, &self.arguments(&[]))
    }

    fn headless(&self) -> Child {
        let mut command = self.place.command(&self.arguments(&["--headless"]));
        command.stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Status, and what was printed on both.
    fn ask(&self, verb: &[&str]) -> (i32, String) {
        self.place.ask(&self.arguments(verb))
    }

    fn days(&self) -> usize {
        let (status, said) = self.ask(&["export", "observations"]);
        if status == 0 { said.lines().count() - 1 } else { 0 }
    }

    /// Collects so many days and ends in order.
    fn collected(&self, days: usize) {
        self.publish(days);
        let mut collector = self.headless();
        eventually("they are collected", || self.days() == days);
        end(&mut collector);
    }

    fn aside(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.place.path("facts")).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.display().to_string().contains(".damaged-")).collect()
    }
}

fn end(child: &mut Child) {
    kill_process(Pid::from_child(child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

fn other_program(store: &str) -> rusqlite::Connection {
    rusqlite::Connection::open(store).unwrap()
}

#[test]
fn a_damaged_store_is_put_aside_and_said_on_the_screen_and_by_doctor() {
    let desk = Desk::new();
    desk.collected(400);
    damage(&desk);
    let (status, said) = desk.ask(&["doctor"]);
    assert!(status == 3 && said.contains("puts the file aside"), "{said}");
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    // How much, once, and in words: it points to no other command that would say it.
    let torn = "is damaged: the table";
    assert!(words.matches(torn).count() == 1 && words.contains("cannot be read in full"), "{said}");
    assert!(!words.contains("`watchfloor doctor` says") && !words.contains("***"), "{said}");
    let (status, words) = desk.ask(&["backup", "copy.db"]);
    assert!(status == 3 && words.contains(&format!("cannot copy {}: it is damaged", desk.store)), "{words}");
    assert!(!words.contains("***") && words.lines().count() == 1 && !desk.place.path("copy.db").exists(), "{words}");
    assert!(desk.aside().is_empty(), "doctor changes nothing");
    let mut session = desk.screen();
    session.wait_for_text("STORE: the store was damaged");
    session.answers("4", "FEEDS");
    assert_eq!(desk.aside().len(), 1, "{:?}", desk.aside());
    eventually("what was lost has been read again", || desk.days() == 400);
    session.keys("q");
    assert_eq!(session.end(), 0);
    let (status, said) = desk.ask(&["doctor", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(status == 0 && document["wrong"] == 0 && said.contains("was put aside as"), "{said}");
}

/// Damages the middle of the store's file.
fn damage(desk: &Desk) {
    let size = std::fs::metadata(&desk.store).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&desk.store).unwrap();
    file.write_all_at(&[0x5a; 9000], size / 2).unwrap();
}

#[test]
fn a_refresh_says_that_it_put_a_damaged_store_aside() {
    let desk = Desk::new();
    desk.collected(400);
    damage(&desk);
    let output = desk.place.command(&desk.arguments(&["refresh"])).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let told: Vec<&str> = said.lines().filter(|line| line.contains("the store was damaged")).collect();
    assert!(matches!(told.as_slice(), [line] if line.starts_with("watchfloor: ")), "{said}");
    assert!(told[0].contains("put aside as") && !String::from_utf8_lossy(&output.stdout).contains("damaged"), "{said}");
    assert_eq!((desk.aside().len(), desk.days()), (1, 400));
}

/// As an administrator has the right to all files, the program runs without it.
fn as_anybody(desk: &Desk, verb: &[&str]) -> Option<(i32, String)> {
    let mut command = Command::new("setpriv");
    let without = "-dac_override,-dac_read_search,-fowner";
    command.args(["--bounding-set", without, "--inh-caps", without, "--", PROGRAM]).args(desk.arguments(verb));
    let output = command.current_dir(desk.place.path("")).env("HOME", desk.place.path("")).output().ok()?;
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    // Where it is not installed, or this user may not drop rights, there are none to drop.
    if said.starts_with("setpriv") { None } else { Some((output.status.code().unwrap(), said)) }
}

#[test]
fn doctor_says_that_this_user_cannot_write_the_store() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.collected(3);
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (store, folder) = (PathBuf::from(&desk.store), desk.place.path("facts"));
    for (path, mode, phrase) in [(&store, 0o444, "may not write"), (&folder, 0o555, "may not write in the folder")] {
        let before = std::fs::metadata(path).unwrap().permissions().mode();
        set(path, mode);
        let asked = as_anybody(&desk, &["doctor"]);
        let asked = asked.or_else(|| (!rustix::process::getuid().is_root()).then(|| desk.ask(&["doctor"])));
        set(path, before);
        let Some((status, said)) = asked else {
            return skipped("an administrator's rights cannot be dropped here");
        };
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(status == 3 && words.contains(phrase) && words.contains("chmod u+w"), "{mode:o}: {said}");
    }
    assert_eq!(desk.ask(&["doctor"]).0, 0);
}

#[test]
fn what_is_no_store_is_called_what_it_is() {
    let mut desk = Desk::new();
    let words = |said: &str| said.split_whitespace().collect::<Vec<_>>().join(" ");
    desk.store = desk.place.path("facts").display().to_string();
    std::fs::create_dir(&desk.store).unwrap();
    let of_folder = format!("{} is a folder, and a store is a file", desk.store);
    for (verb, code) in [("doctor", 3), ("refresh", 2), ("status", 2), ("--headless", 2)] {
        let (status, said) = desk.ask(&[verb]);
        assert!(status == code && words(&said).matches(&of_folder).count() == 1, "{verb}: {said}");
        assert!(!said.contains("chmod") && !said.contains("os error"), "{verb}: {said}");
    }
    // A file of nothing.
    desk.store = desk.place.write("empty.db", "").display().to_string();
    let of_empty = format!("the file {} is empty", desk.store);
    for (verb, code) in [(&["doctor"][..], 0), (&["status"], 3), (&["backup", "copy.db"], 3)] {
        let (status, said) = desk.ask(verb);
        let said = words(&said);
        assert!(status == code && said.contains(&of_empty) && said.contains("which begins a store in it"), "{said}");
    }
    // A file of somebody else.
    let other = desk.place.write("other.db", &"somebody else's\n".repeat(1000));
    std::fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    desk.store = other.display().to_string();
    let (status, said) = desk.ask(&["doctor"]);
    assert!(status == 3 && words(&said).matches("a file of another program").count() == 1, "{said}");
    assert!(!said.contains("chmod"), "{said}");
    // A folder for a configuration.
    desk.config = desk.place.path("facts").display().to_string();
    let (status, said) = desk.ask(&["status"]);
    assert!(status == 3 && said.contains("it is a folder; name the file in it"), "{said}");
}

#[test]
fn a_locked_store_leaves_the_screen_and_the_feeds_alive() {
    let desk = Desk::new();
    let mut session = desk.screen();
    session.wait_for_text("1,002");
    let other = other_program(&desk.store);
    // The session may be writing just now.
    other.busy_timeout(Duration::from_secs(20)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    desk.publish(5);
    session.wait_for_text("STORE AWAY");
    session.answers("4", "FEEDS");
    session.answers("1", "ROUTES");
    session.wait_for("the new figure, kept in memory", |screen| screen.contains("1,004"));
    let (status, said) = desk.ask(&["doctor"]);
    assert!(status == 3 && said.contains("another program holds it locked"), "{said}");
    assert_eq!(desk.days(), 3, "nothing of it is written yet");
    other.execute_batch("ROLLBACK").unwrap();
    session.wait_for("the store to answer", |screen| !screen.contains("STORE AWAY"));
    eventually("it is written", || desk.days() == 5);
    // It leaves at once even where the store does not let it.
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    session.signal(Signal::TERM);
    assert_eq!(session.end_within(Duration::from_secs(4)), 0);
    session.is_as_it_was();
}

#[test]
fn a_full_disk_is_said_and_what_came_is_written_when_there_is_room() {
    let desk = Desk::new();
    desk.collected(3);
    // The most that a file may grow to stands for a disk without room: the answer to a write is the same.
    let kilobytes = std::fs::metadata(&desk.store).unwrap().len() / 1024 + 8;
    let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", kilobytes * 2);
    let arguments = desk.arguments(&[]);
    let mut session =
        Session::start_program(&desk.place, "sh", &[&["-c", &script, PROGRAM], &arguments[..]].concat(), 120, 40);
    session.wait_for_text("1,002");
    desk.publish(9000);
    session.wait_for_text("STORE AWAY");
    session.answers("4", "FEEDS");
    session.answers("1", "ROUTES");
    let screen = session.wait_for("the new figures, kept in memory", |screen| screen.contains("9,999"));
    assert!(screen.contains("its disk is full"), "{screen}");
    assert_eq!(desk.days(), 3);
    let freed = Command::new("prlimit").args(["--pid", &session.pid().to_string(), "--fsize=unlimited:"]).status();
    if !freed.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED in part: without prlimit no room can be made");
        return;
    }
    session.wait_for("the store to answer", |screen| !screen.contains("STORE AWAY"));
    eventually("it is written", || desk.days() == 9000);
    session.keys("q");
    assert_eq!(session.end(), 0);
    assert_eq!(desk.ask(&["doctor"]).0, 0);
}

#[test]
fn a_folder_that_may_only_be_read_is_shown_and_not_saved() {
    let desk = Desk::new();
    desk.collected(3);
    let folder = desk.place.path("facts").display().to_string();
    let script = format!(
        "mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && echo it is read-only && exec \"$0\" \"$@\""
    );
    let may = Command::new("unshare").args(["-m", "sh", "-c", &script, "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: a folder cannot be mounted read-only here");
        return;
    }
    desk.publish(4);
    let arguments = desk.arguments(&[]);
    let start = [&["-m", "sh", "-c", &script, PROGRAM], &arguments[..]].concat();
    let mut session = Session::start_program(&desk.place, "unshare", &start, 120, 40);
    let screen = session.wait_for("what is stored, and that nothing is saved", |screen| {
        screen.contains("1,002") && screen.contains("STORE AWAY")
    });
    assert!(screen.contains("may only be read"), "{screen}");
    session.answers("4", "FEEDS");
    session.answers("1", "ROUTES");
    session.wait_for("feeds to be asked all the same", |screen| screen.contains("1,003"));
    session.keys("q");
    assert_eq!(session.end(), 0);
    assert_eq!(desk.days(), 3);
}

#[test]
fn a_store_that_is_moved_away_is_missed_and_found_again() {
    let desk = Desk::new();
    let mut session = desk.screen();
    session.wait_for_text("1,002");
    let elsewhere = desk.place.path("elsewhere.db");
    std::fs::rename(&desk.store, &elsewhere).unwrap();
    desk.publish(4);
    session.wait_for_text("moved away or deleted");
    session.answers("4", "FEEDS");
    session.answers("1", "ROUTES");
    session.wait_for("the new figure", |screen| screen.contains("1,003"));
    std::fs::rename(&elsewhere, &desk.store).unwrap();
    session.wait_for("the store to answer", |screen| !screen.contains("STORE AWAY"));
    eventually("it is written", || desk.days() == 4);
    session.keys("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn a_stopped_collector_is_followed_and_writes_nothing_late() {
    let desk = Desk::new();
    let first = desk.headless();
    eventually("it has collected", || desk.days() == 3);
    let holder = || {
        let (_, said) = desk.ask(&["doctor"]);
        said.lines().find(|line| line.starts_with("lease")).map(str::to_owned).unwrap_or_default()
    };
    let mut second = desk.headless();
    let is_of = |child: &Child| holder().contains(&format!("process {} ", child.id()));
    assert!(is_of(&first));
    kill_process(Pid::from_child(&first), Signal::STOP).unwrap();
    eventually("another collects", || is_of(&second));
    desk.publish(4);
    eventually("it has collected", || desk.days() == 4);
    kill_process(Pid::from_child(&first), Signal::CONT).unwrap();
    desk.publish(5);
    eventually("one of them has collected", || desk.days() == 5);
    assert!(is_of(&second), "{}", holder());
    let (_, versions) = desk.ask(&["export", "observations", "--vintages", "--void"]);
    assert_eq!(versions.lines().count() - 1, 5, "each figure was written once: {versions}");
    // The first follows, and takes over from a holder that leaves.
    end(&mut second);
    eventually("the first collects again", || is_of(&first));
    let mut first = first;
    end(&mut first);
}

#[test]
fn a_backup_is_made_while_another_process_collects() {
    let desk = Desk::new();
    let mut collector = desk.headless();
    eventually("it has collected", || desk.days() == 3);
    let copy = desk.place.path("copy.db").display().to_string();
    let (status, said) = desk.ask(&["backup", &copy]);
    assert!(status == 0 && said.contains("whole"), "{said}");
    desk.publish(6);
    eventually("it has collected more", || desk.days() == 6);
    let of_copy = desk.place.command(&["--config", &desk.config, "--store", &copy, "export", "observations"]).output();
    assert_eq!(String::from_utf8(of_copy.unwrap().stdout).unwrap().lines().count() - 1, 3);
    let (status, said) = desk.ask(&["backup", &copy]);
    assert!(status == 2 && said.contains("is there already and was left as it is"), "{said}");
    let nowhere = desk.place.path("none/copy.db").display().to_string();
    let (status, said) = desk.ask(&["backup", &nowhere]);
    assert!(status == 3 && said.contains(&format!("cannot write {nowhere}: there is no folder ")), "{said}");
    let special = desk.ask(&["backup", "/proc/copy.db"]).1;
    for said in [said, special] {
        assert!(!said.contains(".part") && !said.contains("--store") && said.contains("choose"), "{said}");
    }
    end(&mut collector);
}

#[test]
fn with_few_descriptors_it_says_what_is_missing_or_goes_on() {
    let desk = Desk::new();
    desk.collected(3);
    for most in [4, 8, 12, 20, 30, 40] {
        let script = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
        let arguments = desk.arguments(&["--headless"]);
        let mut command = Command::new("sh");
        command.args(["-c", &script, PROGRAM]).args(&arguments).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        // It says that it began, or why it cannot.
        while let Some(Ok(line)) = lines.next() {
            let enough = line.contains("started without a screen");
            said.push(line);
            if enough {
                kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
            }
        }
        let said = said.join("\n");
        let status = child.wait().unwrap();
        assert!(!said.contains("panicked") && status.code() != Some(101), "with {most}: {said}");
        assert!(status.success() || said.contains("watchfloor: "), "with {most}: {said}");
    }
    assert_eq!(desk.days(), 3);
}

#[test]
fn a_terminal_that_takes_nothing_does_not_keep_it_from_leaving() {
    let desk = Desk::new();
    let system = portable_pty::native_pty_system();
    let size = portable_pty::PtySize { rows: 80, cols: 240, pixel_width: 0, pixel_height: 0 };
    let pair = system.openpty(size).unwrap();
    let mut command = portable_pty::CommandBuilder::new(PROGRAM);
    command.args(desk.arguments(&[]));
    command.env("TERM", "xterm-256color");
    command.env("HOME", desk.place.path(""));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    // Collecting goes on although nobody reads what the screen says.
    eventually("it has collected", || desk.days() == 3);
    let mut keys = pair.master.take_writer().unwrap();
    let pid = child.process_id().unwrap();
    // Each page differs from the last: frames that nobody takes, until it hangs in a write to the terminal.
    let hangs = || {
        let call = std::fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        let write = if cfg!(target_arch = "aarch64") { "64 0x1 " } else { "1 0x1 " };
        call.starts_with(write)
    };
    if std::fs::read_to_string(format!("/proc/{pid}/syscall")).is_err() {
        eprintln!("SKIPPED: nobody can see here whether it hangs");
        let _ = child.kill();
        return;
    }
    let asked = Instant::now();
    while !hangs() {
        assert!(asked.elapsed() < Duration::from_secs(60), "the terminal takes everything");
        std::io::Write::write_all(&mut keys, b"\t").unwrap();
        std::thread::park_timeout(Duration::from_millis(20));
    }
    desk.publish(4);
    eventually("it has collected more", || desk.days() == 4);
    kill_process(Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap()).unwrap(), Signal::TERM).unwrap();
    let asked = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(4), "it did not leave");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    let mut rest = Vec::new();
    let mut reader = pair.master.try_clone_reader().unwrap();
    drop(keys);
    // What is left in the terminal ends with an error where its other end has gone.
    let _ = reader.read_to_end(&mut rest);
    let (_, said) = desk.ask(&["doctor"]);
    assert!(said.contains("nobody collects"), "the lease was given back: {said}");
}
