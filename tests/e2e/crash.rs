//! Killing a committing process at any moment loses nothing that was committed: 200 times on one store.

use super::support::{PROGRAM, Place};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use watchfloor::store::sqlite::SqliteStore;
use watchfloor::store::{Store, stress};

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
        let (facts, _) = store.load().unwrap();
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
