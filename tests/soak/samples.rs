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

/// What the second tenth took at most, and the last in the middle.
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
        let tenth = |tenth: u64, of: fn(&Sample) -> u64| {
            let within = self.0.iter().filter(|sample| (sample.polls * 10 / end).min(9) == tenth);
            let mut values: Vec<u64> = within.map(of).collect();
            values.sort_unstable();
            values
        };
        let compared = |of: fn(&Sample) -> u64| {
            let (second, last) = (tenth(1, of), tenth(9, of));
            (*second.last().unwrap(), last[last.len() / 2])
        };
        Growth {
            memory: compared(|sample| sample.memory),
            descriptors: compared(|sample| sample.descriptors as u64),
            threads: compared(|sample| sample.threads as u64),
        }
    }
}

impl Growth {
    /// Whether nothing grew: what the last tenth takes the second has taken too. Of memory a fiftieth is for the figures that came since.
    pub fn is_none(&self) -> bool {
        let grew = |(before, after): (u64, u64), more: u64| after > before + more;
        !(grew(self.memory, self.memory.0 / 50) || grew(self.descriptors, 0) || grew(self.threads, 0))
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, descriptors, threads } = self;
        write!(
            f,
            "at most in the second tenth, and in the middle of the last: memory {} and {} KiB, descriptors {} and {}, threads {} and {}",
            memory.0, memory.1, descriptors.0, descriptors.1, threads.0, threads.1
        )
    }
}
