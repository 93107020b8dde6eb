//! Killing a committing process at any moment loses nothing that was committed: 200 times one that only commits, 500 times one that
//! polls; and what lies on the disk at any moment is a store.

use super::support::{PROGRAM, Place, eventually};
use rustix::process::{Pid, Signal, kill_process};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use watchfloor::store::sqlite::SqliteStore;
use watchfloor::store::{Store, Want, stress};

const KILLS: usize = 200;

/// A pseudo-random sequence, the same at each run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[test]
fn two_hundred_kills_lose_nothing_that_was_committed() {
    let place = Place::new();
    let path = place.path("facts.db");
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut told = -1;
    for kill in 0..KILLS {
        let mut child = Command::new(PROGRAM)
            .args(["store-stress", &path.display().to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..=dice.roll(6) {
            told = lines.next().unwrap().unwrap().parse().unwrap();
        }
        // Somewhere in the commits that follow: how far it gets meanwhile is up to the machine.
        for _ in 0..dice.roll(20_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            told = line.parse().unwrap_or(told);
        }
        let mut store = SqliteStore::open(&path).unwrap();
        let (facts, _) = store.load(Want::All).unwrap();
        let series = &facts.series[&stress::series()];
        let last = series.last().unwrap().index();
        assert!(last >= told, "kill {kill}: {told} was committed, {last} is the last that is there");
        let whole =
            series.points().enumerate().all(|(at, point)| point.and_then(|point| point.value) == Some(at as f64));
        assert!(whole, "kill {kill}: a number is missing");
        if kill % 20 == 0 {
            assert!(store.is_whole().unwrap(), "kill {kill}: the file is damaged");
        }
    }
    assert!(SqliteStore::open(&path).unwrap().is_whole().unwrap());
}

const FEEDS: usize = 6;
const POLLING_KILLS: usize = 500;

/// Tables of so many rows each, put in place as a whole.
fn publish(place: &Place, rows: usize) {
    for feed in 0..FEEDS {
        let mut table = "Day,Count\n".to_owned();
        for row in 0..rows {
            let day = jiff::civil::date(2000, 1, 1) + jiff::Span::new().days(i64::try_from(row).unwrap());
            writeln!(table, "{day},{row}").unwrap();
        }
        place.write("new.csv", &table);
        std::fs::rename(place.path("new.csv"), place.path(&format!("{feed}.csv"))).unwrap();
    }
}

fn polling(place: &Place) -> String {
    let mut config = "title = \"Desk\"\n".to_owned();
    for feed in 0..FEEDS {
        write!(
            config,
            "[[feed]]\nid = \"f{feed}\"\nkind = \"statistics\"\nformat = \"csv\"\nurl = \"file:{feed}.csv\"\nevery = \"1s\"\n\
             period = {{ kind = \"day\", column = \"Day\" }}\nvalue = {{ column = \"Count\" }}\n\
             series = [{{ route = \"r{feed}\", measure = \"persons\" }}]\n"
        )
        .unwrap();
    }
    place.write("desk.toml", &config).display().to_string()
}

/// How many rows of each feed are stored; each row must be there up to the last, with its own value.
fn rows_of(path: &Path) -> Vec<usize> {
    let mut store = SqliteStore::open_reading(path).unwrap();
    let (facts, _) = store.load(Want::All).unwrap();
    let rows = |feed: usize| {
        let series = facts.series.iter().find(|(id, _)| id.route.as_str() == format!("r{feed}"));
        series.map_or(0, |(_, series)| {
            let points: Vec<_> = series.points().map(|point| point.and_then(|point| point.value)).collect();
            let own = points.iter().enumerate().all(|(row, value)| *value == Some(row as f64));
            assert!(own, "feed {feed}: a row is missing or is another's");
            points.len()
        })
    };
    (0..FEEDS).map(rows).collect()
}

/// When something was last written into the log of a store.
fn written(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path.with_extension("db-wal")).and_then(|about| about.modified()).ok()
}

#[test]
fn five_hundred_kills_of_a_polling_process_lose_nothing() {
    let place = Place::new();
    let config = polling(&place);
    let path = place.path("desk.db");
    let arguments = ["--config", &config, "--store", &path.display().to_string(), "--headless"];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut before = vec![0; FEEDS];
    let mut told = 0;
    for kill in 0..POLLING_KILLS {
        publish(&place, kill + 1);
        let mut child = place.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // One in four is killed while it starts; the others when they have begun to read.
        if dice.roll(4) > 0 {
            let reading =
                |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains("observations="));
            told += usize::from(lines.by_ref().any(|line| reading(&line)));
        }
        // What is read is written when the other feeds are read too: some are killed before that, some meanwhile, some after it. One
        // in twelve lives until it has begun to write, however busy the machine is: what is not written makes the next commit longer.
        if dice.roll(12) == 0 {
            let begun = written(&path);
            let deadline = Instant::now() + Duration::from_secs(20);
            while written(&path) == begun && Instant::now() < deadline {
                std::thread::yield_now();
            }
        }
        for _ in 0..dice.roll(240_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if path.exists() && std::fs::metadata(&path).unwrap().len() > 0 && kill % 5 == 0 {
            // It may have been killed before it had made the tables.
            let Ok(mut store) = SqliteStore::open(&path) else { panic!("kill {kill}: it does not open") };
            assert!(kill % 50 > 0 || store.is_whole().unwrap(), "kill {kill}: the file is damaged");
            drop(store);
            let now = rows_of(&path);
            let kept = now.iter().zip(&before).all(|(now, before)| now >= before);
            assert!(kept, "kill {kill}: {before:?} was there, {now:?} is left");
            before = now;
        }
    }
    assert!(told > POLLING_KILLS / 2, "{told} of them had begun to read");
    assert!(before.iter().all(|rows| *rows > POLLING_KILLS / 2), "{before:?}");
    assert!(SqliteStore::open(&path).unwrap().is_whole().unwrap());
    assert!(
        !std::fs::read_dir(place.path(""))
            .unwrap()
            .any(|file| { file.unwrap().file_name().to_string_lossy().contains("damaged") })
    );
}

fn is_stopped(child: &Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
}

/// Whether the log's pages have begun to go into the file, by the index of the log: `nBackfillAttempted` of SQLite's WAL-index header
/// (https://www.sqlite.org/walformat.html), the 32 bits at byte 128.
fn is_taken_in(index: &Path) -> bool {
    let index = std::fs::read(index).unwrap();
    index[128..132] != [0; 4]
}

#[test]
fn what_lies_on_the_disk_at_any_moment_is_a_store_with_all_that_was_committed_first() {
    let place = Place::new();
    let path = place.path("facts.db");
    let mut dice = Dice(0xd1b5_4a32_d192_ed03);
    let mut child = Command::new(PROGRAM)
        .args(["store-stress", &path.display().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told: i64 = -1;
    for cut in 0..120 {
        for _ in 0..=dice.roll(5) {
            told = lines.next().unwrap().unwrap().parse().unwrap();
        }
        for _ in 0..dice.roll(20_000) {
            std::hint::spin_loop();
        }
        // Stood still, the files are those of one instant.
        kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
        eventually("it stands still", || is_stopped(&child));
        let copy = place.path(&format!("cut{cut}.db"));
        std::fs::copy(&path, &copy).unwrap();
        let log = place.path("facts.db-wal");
        let log_of_copy = place.path(&format!("cut{cut}.db-wal"));
        if log.exists() {
            std::fs::copy(&log, &log_of_copy).unwrap();
        }
        let is_taken_in = is_taken_in(&place.path("facts.db-shm"));
        kill_process(Pid::from_child(&child), Signal::CONT).unwrap();
        // Every other time the end of the log had not reached the disk: what was not committed yet, or was cut off on its way. What goes
        // from the log into the file has reached it: SQLite waits for that first.
        let torn = cut % 2 == 1 && log_of_copy.exists() && !is_taken_in;
        if torn {
            let size = std::fs::metadata(&log_of_copy).unwrap().len();
            let file = std::fs::OpenOptions::new().write(true).open(&log_of_copy).unwrap();
            file.set_len(dice.roll(size + 1)).unwrap();
        }
        let mut store = SqliteStore::open(&copy).unwrap();
        assert!(store.is_whole().unwrap(), "cut {cut}: the copy is damaged");
        let (facts, _) = store.load(Want::All).unwrap();
        let Some(series) = facts.series.get(&stress::series()) else {
            assert!(torn, "cut {cut}: nothing is there");
            continue;
        };
        let values: Vec<_> = series.points().map(|point| point.and_then(|point| point.value)).collect();
        let prefix = values.iter().enumerate().all(|(at, value)| *value == Some(at as f64));
        assert!(prefix, "cut {cut}: a number is missing");
        let last = series.last().unwrap().index();
        assert!(torn || last >= told, "cut {cut}: {told} was committed, {last} is the last that is there");
        std::fs::remove_file(&copy).unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
