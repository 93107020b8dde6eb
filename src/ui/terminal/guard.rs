//! Entering and leaving the screen: raw mode, alternate screen, hidden cursor, paste and mouse; all of it undone at the end,
//! however the end comes. Also what only the system knows: the size, and whether the terminal has gone.

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, getsid, kill_current_process_group, kill_process};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the terminal is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Clicks and the wheel.
    pub mouse: bool,
    /// Whether it knows the alternate screen and pasting; a plain one is only cleared.
    pub rich: bool,
    /// Whether it has a title, which is put aside and brought back.
    pub title: bool,
}

impl Setup {
    /// What a terminal of that name can be asked for; `None` where it cannot show a screen at all.
    pub fn for_term(term: &str, mouse: bool) -> Option<Self> {
        match term {
            "" | "dumb" | "unknown" => None,
            "linux" | "vt100" | "vt102" | "vt220" => Some(Self { mouse: false, rich: term == "linux", title: false }),
            _ => Some(Self { mouse, rich: true, title: true }),
        }
    }

    fn enter(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.title {
            bytes.extend_from_slice(b"\x1b[22;0t");
        }
        if self.rich {
            bytes.extend_from_slice(b"\x1b[?1049h\x1b[?2004h");
        }
        if self.mouse {
            bytes.extend_from_slice(b"\x1b[?1000h\x1b[?1006h");
        }
        bytes.extend_from_slice(b"\x1b[?25l\x1b[m\x1b[H\x1b[2J");
        bytes
    }

    fn leave(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(b"\x1b[?2026l\x1b[m");
        if self.mouse {
            bytes.extend_from_slice(b"\x1b[?1006l\x1b[?1000l");
        }
        if self.rich {
            bytes.extend_from_slice(b"\x1b[?2004l\x1b[?1049l");
        } else {
            bytes.extend_from_slice(b"\x1b[H\x1b[2J");
        }
        bytes.extend_from_slice(b"\x1b[?25h");
        if self.title {
            bytes.extend_from_slice(b"\x1b[23;0t");
        }
        bytes
    }
}

/// The entered screen. Leaves when it is dropped; leaving twice does no harm.
#[derive(Clone, Debug)]
pub struct Guard {
    setup: Setup,
    up: Arc<AtomicBool>,
}

impl Guard {
    /// Enters.
    pub fn enter(setup: Setup) -> io::Result<Self> {
        let guard = Self { setup, up: Arc::new(AtomicBool::new(false)) };
        guard.resume()?;
        Ok(guard)
    }

    /// A guard of a screen that is not entered: for tests of what it guards.
    #[cfg(test)]
    pub fn idle(setup: Setup) -> Self {
        Self { setup, up: Arc::new(AtomicBool::new(false)) }
    }

    /// Whether the terminal has a title to set.
    pub const fn has_title(&self) -> bool {
        self.setup.title
    }

    /// Enters again after a stop.
    pub fn resume(&self) -> io::Result<()> {
        crossterm::terminal::enable_raw_mode()?;
        self.up.store(true, Ordering::SeqCst);
        write(&self.setup.enter())
    }

    /// Gives the terminal back as it was. A terminal that has gone takes nothing back, which is no matter then.
    pub fn leave(&self) {
        if self.up.swap(false, Ordering::SeqCst) {
            let _ = write(&self.setup.leave());
            let _ = crossterm::terminal::disable_raw_mode();
        }
    }
}

/// Gives up a terminal that takes nothing any more: its line settings are put back, which waits for nobody; bytes would.
pub fn abandon() {
    // A terminal that has gone takes nothing back.
    let _ = crossterm::terminal::disable_raw_mode();
}

/// The last owner leaves: clones live in a panic hook and must not end the screen when they go.
pub struct LeaveAtEnd(pub Guard);

impl Drop for LeaveAtEnd {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The size of the terminal, as the system knows it; 80x24 where it does not.
pub fn size() -> Size {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size { width: size.ws_col, height: size.ws_row },
        _ => Size { width: 80, height: 24 },
    }
}

/// Stops this process as Ctrl-Z would, and returns when it is continued. By the key the whole job stops, as it would without us; by
/// a signal only we were asked to. By the key nothing happens where no shell could continue us (a terminal that runs this
/// program and nothing else): stopped there would be stopped for ever. Says whether it stopped.
pub fn stop_ourselves(whole_job: bool) -> bool {
    let leads_session = getsid(None).is_ok_and(|session| session == getpid());
    if whole_job && leads_session {
        return false;
    }
    let stopped =
        if whole_job { kill_current_process_group(Signal::STOP) } else { kill_process(getpid(), Signal::STOP) };
    if let Err(error) = &stopped {
        tracing::warn!(%error, "could not stop");
    }
    stopped.is_ok()
}

/// Returns when the terminal has gone: its other end is closed. Sleeps until then without waking. Where it cannot be
/// watched it returns at once with the error.
pub fn hang_up() -> io::Result<()> {
    let out = io::stdout();
    loop {
        // No event is asked for: only what cannot be left out (hang-up, error) is reported.
        let mut watched = [PollFd::new(&out, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) if watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => {
                return Ok(());
            }
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
