//! What a process takes over time, and whether that grew.

use std::fmt;
use std::fmt::Write as _;

/// What it takes at one time.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Polls until then.
    pub polls: u64,
    /// Resident memory in KiB.
    pub memory: u64,
    /// Open files and connections.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
}

/// All of it.
#[derive(Default)]
pub struct Samples(Vec<Sample>);

/// From the second tenth to the last: medians of each.
pub struct Growth {
    memory: (u64, u64),
    descriptors: (u64, u64),
    threads: (u64, u64),
}

impl Samples {
    /// One more.
    pub fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// As a table.
    pub fn csv(&self) -> String {
        let mut text = "polls,memory_kib,descriptors,threads\n".to_owned();
        for Sample { polls, memory, descriptors, threads } in &self.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{polls},{memory},{descriptors},{threads}");
        }
        text
    }

    /// From after the first tenth to the end.
    pub fn growth(&self) -> Growth {
        let end = self.0.last().unwrap().polls;
        let median = |from: u64, to: u64, of: fn(&Sample) -> u64| {
            let within = self.0.iter().filter(|sample| (from..=to).contains(&(sample.polls * 10 / end)));
            let mut values: Vec<u64> = within.map(of).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        let between = |of: fn(&Sample) -> u64| (median(1, 1, of), median(9, 10, of));
        Growth {
            memory: between(|sample| sample.memory),
            descriptors: between(|sample| sample.descriptors as u64),
            threads: between(|sample| sample.threads as u64),
        }
    }
}

impl Growth {
    /// Whether nothing grew beyond what one moment and the next differ by: connections come and go, and a tenth of the memory is room
    /// for what is under way.
    pub const fn is_none(&self) -> bool {
        self.memory.1 <= self.memory.0 + self.memory.0 / 10
            && self.descriptors.1 <= self.descriptors.0 + 32
            && self.threads.1 <= self.threads.0 + 1
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, descriptors, threads } = self;
        write!(
            f,
            "medians of the second and the last tenth: memory {} and {} KiB, descriptors {} and {}, threads {} and {}",
            memory.0, memory.1, descriptors.0, descriptors.1, threads.0, threads.1
        )
    }
}
