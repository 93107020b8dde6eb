//! Keys to commands, as data: the footer and the help are printed from the same rows, so they cannot disagree with what
//! the keys do.

use super::message::{Command, Page};
use super::model::Model;
use super::terminal::{Key, KeyCode};
use crate::domain::situation::Mode;

/// Where a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Everywhere.
    Always,
    /// In a replay, the sample included.
    Replay,
    /// In a live session or a viewer.
    Live,
}

/// A row of the keymap.
pub struct Row {
    /// The keys.
    pub keys: &'static [Key],
    /// As people read them.
    pub shown: &'static str,
    /// What they mean.
    pub command: Command,
    /// Where.
    pub when: When,
    /// For the footer, where there is room; empty for rows that only the help shows.
    pub short: &'static str,
    /// For the help.
    pub help: &'static str,
}

const fn key(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

const fn char(c: char) -> Key {
    key(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

/// Every key there is.
pub const KEYMAP: &[Row] = &[
    Row {
        keys: &[char('q'), ctrl('c')],
        shown: "q",
        command: Command::Quit,
        when: When::Always,
        short: "quit",
        help: "leave",
    },
    Row {
        keys: &[char('?')],
        shown: "?",
        command: Command::Help,
        when: When::Always,
        short: "help",
        help: "this list",
    },
    Row {
        keys: &[char('1')],
        shown: "1",
        command: Command::Page(Page::Overview),
        when: When::Always,
        short: "",
        help: "overview: alerts, next date, routes, headlines",
    },
    Row {
        keys: &[char('2')],
        shown: "2",
        command: Command::Page(Page::Dates),
        when: When::Always,
        short: "",
        help: "policy dates and their ledgers",
    },
    Row {
        keys: &[char('3')],
        shown: "3",
        command: Command::Page(Page::Headlines),
        when: When::Always,
        short: "",
        help: "headlines, with a reading pane",
    },
    Row {
        keys: &[char('4')],
        shown: "4",
        command: Command::Page(Page::Feeds),
        when: When::Always,
        short: "",
        help: "feeds and their health",
    },
    Row {
        keys: &[key(KeyCode::Tab)],
        shown: "Tab",
        command: Command::NextPage,
        when: When::Always,
        short: "",
        help: "next page",
    },
    Row {
        keys: &[char('j'), key(KeyCode::Down)],
        shown: "j ↓",
        command: Command::Down,
        when: When::Always,
        short: "",
        help: "next entry",
    },
    Row {
        keys: &[char('k'), key(KeyCode::Up)],
        shown: "k ↑",
        command: Command::Up,
        when: When::Always,
        short: "",
        help: "previous entry",
    },
    Row {
        keys: &[key(KeyCode::Enter), char('l'), key(KeyCode::Right)],
        shown: "Enter",
        command: Command::Open,
        when: When::Always,
        short: "chart",
        help: "the selected route's chart, as large as the page allows",
    },
    Row {
        keys: &[key(KeyCode::Esc), char('h'), key(KeyCode::Left)],
        shown: "Esc",
        command: Command::Back,
        when: When::Always,
        short: "",
        help: "back",
    },
    Row {
        keys: &[char('m')],
        shown: "m",
        command: Command::Seen,
        when: When::Always,
        short: "",
        help: "mark everything new as seen",
    },
    Row {
        keys: &[char(' ')],
        shown: "space",
        command: Command::Pause,
        when: When::Replay,
        short: "pause",
        help: "stand still, or go on",
    },
    Row {
        keys: &[char('+'), char('=')],
        shown: "+",
        command: Command::Faster,
        when: When::Replay,
        short: "faster",
        help: "twice as fast",
    },
    Row {
        keys: &[char('-')],
        shown: "-",
        command: Command::Slower,
        when: When::Replay,
        short: "slower",
        help: "half as fast",
    },
    Row {
        keys: &[char('a')],
        shown: "a",
        command: Command::Again,
        when: When::Replay,
        short: "again",
        help: "from the beginning",
    },
    Row {
        keys: &[char('r')],
        shown: "r",
        command: Command::Refresh,
        when: When::Live,
        short: "refresh",
        help: "ask every feed now",
    },
    Row {
        keys: &[char('g'), key(KeyCode::Home)],
        shown: "g",
        command: Command::First,
        when: When::Always,
        short: "",
        help: "first entry",
    },
    Row {
        keys: &[char('G'), key(KeyCode::End)],
        shown: "G",
        command: Command::Last,
        when: When::Always,
        short: "",
        help: "last entry",
    },
    Row {
        keys: &[key(KeyCode::PageDown), ctrl('f')],
        shown: "PgDn",
        command: Command::PageDown,
        when: When::Always,
        short: "",
        help: "a screenful down",
    },
    Row {
        keys: &[key(KeyCode::PageUp), ctrl('b')],
        shown: "PgUp",
        command: Command::PageUp,
        when: When::Always,
        short: "",
        help: "a screenful up",
    },
    Row {
        keys: &[key(KeyCode::BackTab)],
        shown: "Shift-Tab",
        command: Command::PreviousPage,
        when: When::Always,
        short: "",
        help: "previous page",
    },
    Row {
        keys: &[ctrl('z')],
        shown: "Ctrl-Z",
        command: Command::Suspend,
        when: When::Always,
        short: "",
        help: "stop; `fg` continues",
    },
    Row {
        keys: &[ctrl('l')],
        shown: "Ctrl-L",
        command: Command::Redraw,
        when: When::Always,
        short: "",
        help: "draw everything anew",
    },
];

/// Whether a row holds now.
pub fn holds(row: &Row, model: &Model) -> bool {
    let replay = model.picture.mode.replay().is_some();
    match row.when {
        When::Always => true,
        When::Replay => replay,
        When::Live => matches!(model.picture.mode, Mode::Live | Mode::Viewer { .. }),
    }
}

/// What a key means now.
pub fn command(key: Key, model: &Model) -> Option<Command> {
    KEYMAP.iter().find(|row| row.keys.contains(&key) && holds(row, model)).map(|row| row.command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_means_two_things() {
        for replay in [true, false] {
            let mut seen = BTreeSet::new();
            let rows = KEYMAP.iter().filter(|row| row.when == When::Always || (row.when == When::Replay) == replay);
            for key in rows.flat_map(|row| row.keys) {
                assert!(seen.insert(*key), "{key:?}");
            }
        }
    }

    #[test]
    fn every_page_has_its_number() {
        for (place, (page, _, _)) in Page::ALL.iter().enumerate() {
            let number = char::from_digit(u32::try_from(place).unwrap() + 1, 10).unwrap();
            let row = KEYMAP.iter().find(|row| row.keys == [super::char(number)]).unwrap();
            assert_eq!(row.command, Command::Page(*page));
        }
    }
}
