//! What goes into the screen and what comes out of it: closed lists.

use super::terminal::Input;
use crate::domain::feed::FeedId;
use crate::domain::situation::Situation;
use jiff::Timestamp;
use ratatui::layout::Size;
use std::sync::Arc;

/// What the screen is told.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A new picture.
    Situation(Arc<Situation>),
    /// The time.
    Tick(Timestamp),
    /// A key, a click, the wheel.
    Input(Input),
    /// The terminal has this size now.
    Resize(Size),
    /// A line to show for a while.
    Toast(String),
    /// It has stood long enough.
    ToastOver,
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Leave.
    Quit,
    /// Stop the process; the shell takes over.
    Suspend,
    /// Show a page.
    Page(Page),
    /// The page after this one.
    NextPage,
    /// The page before this one.
    PreviousPage,
    /// The entry below.
    Down,
    /// The entry above.
    Up,
    /// A screenful down.
    PageDown,
    /// A screenful up.
    PageUp,
    /// The first entry.
    First,
    /// The last entry.
    Last,
    /// One deeper.
    Open,
    /// One back.
    Back,
    /// The keys.
    Help,
    /// Everything new has been seen.
    Seen,
    /// Ask every feed now.
    Refresh,
    /// A replay stands still or goes on.
    Pause,
    /// A replay goes twice as fast.
    Faster,
    /// A replay goes half as fast.
    Slower,
    /// A replay begins again.
    Again,
    /// Draw everything anew.
    Redraw,
}

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Page {
    /// Is anything wrong, how long until the date, what moved, who says so.
    Overview,
    /// Policy dates with their ledgers.
    Dates,
    /// Headlines with a reading pane.
    Headlines,
    /// Feeds and their health.
    Feeds,
}

impl Page {
    /// Every page in order, with its name and a shorter one.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Overview, "overview", "over"),
        (Self::Dates, "dates", "date"),
        (Self::Headlines, "headlines", "news"),
        (Self::Feeds, "feeds", "feed"),
    ];

    /// Its place in the order.
    pub fn place(self) -> usize {
        Self::ALL.iter().position(|(page, _, _)| *page == self).unwrap_or(0)
    }
}

/// What the screen asks of the outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop the process.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Ask a feed, or all.
    Refresh(Option<FeedId>),
    /// A replay stands still or goes on.
    Pause,
    /// A replay goes twice as fast.
    Faster,
    /// A replay goes half as fast.
    Slower,
    /// A replay begins again.
    Again,
}

/// What happened around the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// End in order: a signal, or the terminal has gone.
    End,
    /// Stop the process, as a signal asked.
    Stop,
    /// The size may have changed.
    Resized,
}
