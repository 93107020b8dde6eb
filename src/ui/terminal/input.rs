//! What comes from the terminal, in our own words: keys, clicks and the wheel; and the thread that reads it. A new size is
//! no input: the system says it by a signal.

use super::decoder::Decoder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// A key as the keymap knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// With Ctrl.
    pub ctrl: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// A character, shifted or not.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

/// Something from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// A click on a cell.
    Click(u16, u16),
    /// The wheel: lines down, negative up.
    Wheel(i8),
}

/// Reads what comes from the terminal on a thread of its own, and hands it on until `take` says that nobody wants more or the
/// terminal ends. Our own reading, not crossterm's: that one loses a key that comes together with a change of size until
/// the next key, and turns without end when the terminal has gone.
pub fn read_inputs(take: impl Fn(Input) -> bool + Send + 'static) -> io::Result<()> {
    let terminal = source()?;
    let reading = move || {
        if let Err(error) = read(&terminal, take) {
            // A terminal that has gone answers so; the hang-up watch ends the program then.
            tracing::warn!(%error, "the terminal cannot be read");
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(reading).map(drop)
}

/// Standard input, or the terminal of this process where that is something else.
fn source() -> io::Result<OwnedFd> {
    if io::stdin().is_terminal() {
        io::stdin().as_fd().try_clone_to_owned()
    } else {
        std::fs::File::open("/dev/tty").map(OwnedFd::from)
    }
}

fn read(terminal: &OwnedFd, take: impl Fn(Input) -> bool) -> io::Result<()> {
    let mut decoder = Decoder::default();
    let mut bytes = [0; 512];
    loop {
        let mut inputs = Vec::new();
        if more_within(terminal, decoder.patience())? {
            match rustix::io::read(terminal, &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    for &byte in bytes.iter().take(count) {
                        decoder.push(byte, &mut inputs);
                    }
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        } else {
            decoder.lull(&mut inputs);
        }
        if !inputs.into_iter().all(&take) {
            return Ok(());
        }
    }
}

/// Whether something can be read (the end counts) before the time is over; without a time it waits for ever.
fn more_within(terminal: &OwnedFd, time: Option<Duration>) -> io::Result<bool> {
    let time = time.map(|time| Timespec { tv_sec: 0, tv_nsec: time.subsec_nanos().into() });
    loop {
        let mut watched = [PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut watched, time.as_ref()) {
            Ok(ready) => return Ok(ready > 0),
            // A signal came between; a little patience more does no harm.
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
