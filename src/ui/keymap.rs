//! Keys to commands, as data: the footer and the help are printed from the same rows, so they cannot disagree with what
//! the keys do.

use super::message::{Command, Page};
use super::model::Model;
use super::terminal::{Key, KeyCode};

/// Where a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Everywhere.
    Always,
    /// On the overview, while no chart takes it.
    Overview,
    /// Anywhere deeper.
    Deeper,
    /// In a replay that goes on.
    Running,
    /// In a replay that stands still because somebody paused it.
    Paused,
    /// In a replay that is not at its end.
    Unended,
    /// In a replay that is.
    Ended,
    /// In a live session, a viewer's included.
    Live,
}

/// What the conditions look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// Whether the overview is shown, and no chart takes it.
    pub overview: bool,
    /// Whether it is a replay.
    pub replay: bool,
    /// Whether the replay was paused.
    pub paused: bool,
    /// Whether the replay is at its end.
    pub finished: bool,
}

impl Here {
    /// What holds for a screen.
    pub fn of(model: &Model) -> Self {
        let replay = model.picture.mode.replay();
        Self {
            overview: model.page == Page::Overview && !model.chart,
            replay: replay.is_some(),
            paused: replay.is_some_and(|replay| replay.paused),
            finished: replay.is_some_and(|replay| replay.finished),
        }
    }
}

impl When {
    const fn holds(self, here: Here) -> bool {
        match self {
            Self::Always => true,
            Self::Overview => here.overview,
            Self::Deeper => !here.overview,
            Self::Running => here.replay && !here.paused && !here.finished,
            Self::Paused => here.replay && here.paused && !here.finished,
            Self::Unended => here.replay && !here.finished,
            Self::Ended => here.replay && here.finished,
            Self::Live => !here.replay,
        }
    }
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
    /// For the footer, with a rank: where there is less room, higher ranks are left out. `None` for rows that only the help
    /// shows.
    pub short: Option<(&'static str, u8)>,
    /// For the help; empty for rows that another row's words cover.
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
        short: Some(("quit", 0)),
        help: "leave",
    },
    Row {
        keys: &[char('?')],
        shown: "?",
        command: Command::Help,
        when: When::Always,
        short: Some(("help", 0)),
        help: "these keys; any key closes them",
    },
    Row {
        keys: &[char('1')],
        shown: "1",
        command: Command::Page(Page::Overview),
        when: When::Always,
        short: None,
        help: "overview: alerts, next date, routes, headlines",
    },
    Row {
        keys: &[char('2')],
        shown: "2",
        command: Command::Page(Page::Dates),
        when: When::Always,
        short: None,
        help: "policy dates and their ledgers",
    },
    Row {
        keys: &[char('3')],
        shown: "3",
        command: Command::Page(Page::Headlines),
        when: When::Always,
        short: None,
        help: "headlines, with a reading pane",
    },
    Row {
        keys: &[char('4')],
        shown: "4",
        command: Command::Page(Page::Feeds),
        when: When::Always,
        short: None,
        help: "feeds and their health",
    },
    Row {
        keys: &[key(KeyCode::Enter), char('l'), key(KeyCode::Right)],
        shown: "Enter",
        command: Command::Open,
        when: When::Overview,
        short: Some(("chart", 3)),
        help: "the selected route, as large as the page allows",
    },
    Row {
        keys: &[key(KeyCode::Esc), char('h'), key(KeyCode::Left)],
        shown: "Esc",
        command: Command::Back,
        when: When::Deeper,
        short: Some(("back", 1)),
        help: "back, one step at a time",
    },
    Row {
        keys: &[char(' ')],
        shown: "space",
        command: Command::Pause,
        when: When::Running,
        short: Some(("pause", 2)),
        help: "stand still",
    },
    Row {
        keys: &[char(' ')],
        shown: "space",
        command: Command::Pause,
        when: When::Paused,
        short: Some(("go on", 2)),
        help: "go on",
    },
    Row {
        keys: &[char('+'), char('=')],
        shown: "+ -",
        command: Command::Faster,
        when: When::Unended,
        short: Some(("speed", 4)),
        help: "twice as fast, half as fast",
    },
    Row { keys: &[char('-')], shown: "-", command: Command::Slower, when: When::Unended, short: None, help: "" },
    Row {
        keys: &[char('r'), char('a')],
        shown: "r",
        command: Command::Again,
        when: When::Unended,
        short: Some(("again", 4)),
        help: "from the beginning",
    },
    Row {
        keys: &[char('r'), char('a')],
        shown: "r",
        command: Command::Again,
        when: When::Ended,
        short: Some(("again", 1)),
        help: "from the beginning",
    },
    Row {
        keys: &[char('r')],
        shown: "r",
        command: Command::Refresh,
        when: When::Live,
        short: Some(("refresh", 3)),
        help: "ask every feed now",
    },
    Row {
        keys: &[char('m')],
        shown: "m",
        command: Command::Seen,
        when: When::Always,
        short: None,
        help: "mark everything new as seen",
    },
    Row {
        keys: &[char('j'), key(KeyCode::Down)],
        shown: "j k",
        command: Command::Down,
        when: When::Always,
        short: None,
        help: "next entry, previous entry; the arrows too",
    },
    Row {
        keys: &[char('k'), key(KeyCode::Up)],
        shown: "k",
        command: Command::Up,
        when: When::Always,
        short: None,
        help: "",
    },
    Row {
        keys: &[key(KeyCode::PageDown), ctrl('f')],
        shown: "PgDn PgUp",
        command: Command::PageDown,
        when: When::Always,
        short: None,
        help: "a screenful down, up",
    },
    Row {
        keys: &[key(KeyCode::PageUp), ctrl('b')],
        shown: "PgUp",
        command: Command::PageUp,
        when: When::Always,
        short: None,
        help: "",
    },
    Row {
        keys: &[char('g'), key(KeyCode::Home)],
        shown: "g G",
        command: Command::First,
        when: When::Always,
        short: None,
        help: "first entry, last entry",
    },
    Row {
        keys: &[char('G'), key(KeyCode::End)],
        shown: "G",
        command: Command::Last,
        when: When::Always,
        short: None,
        help: "",
    },
    Row {
        keys: &[key(KeyCode::Tab)],
        shown: "Tab",
        command: Command::NextPage,
        when: When::Always,
        short: None,
        help: "next page; with Shift the one before",
    },
    Row {
        keys: &[key(KeyCode::BackTab)],
        shown: "Shift-Tab",
        command: Command::PreviousPage,
        when: When::Always,
        short: None,
        help: "",
    },
    Row {
        keys: &[ctrl('z')],
        shown: "Ctrl-Z",
        command: Command::Suspend,
        when: When::Always,
        short: None,
        help: "stop; `fg` continues",
    },
    Row {
        keys: &[ctrl('l')],
        shown: "Ctrl-L",
        command: Command::Redraw,
        when: When::Always,
        short: None,
        help: "draw everything anew",
    },
];

/// Whether a row holds now.
pub fn holds(row: &Row, model: &Model) -> bool {
    row.when.holds(Here::of(model))
}

/// The keys that work here and now with their words, as many as fit into a width.
pub fn footer(model: &Model, width: u16) -> String {
    let here = Here::of(model);
    let mut rows: Vec<_> =
        KEYMAP.iter().filter(|row| row.when.holds(here)).filter_map(|row| Some((row.shown, row.short?))).collect();
    // What is always there stands in the corner, in the same place on every page.
    rows.sort_by_key(|(_, (_, rank))| *rank == 0);
    if let Some(always) = rows.iter().position(|(_, (_, rank))| *rank == 0) {
        rows[always..].reverse();
    }
    let up_to = |most: u8| {
        let shown = rows.iter().filter(|(_, (_, rank))| *rank <= most).map(|(key, (word, _))| format!("{key} {word}"));
        shown.collect::<Vec<_>>().join("  ")
    };
    let highest = rows.iter().map(|(_, (_, rank))| *rank).max().unwrap_or(0);
    (0..=highest).rev().map(up_to).find(|line| line.chars().count() <= usize::from(width)).unwrap_or_default()
}

/// What a key means now.
pub fn command(key: Key, model: &Model) -> Option<Command> {
    KEYMAP.iter().find(|row| row.keys.contains(&key) && holds(row, model)).map(|row| row.command)
}

#[cfg(test)]
mod tests {
    use super::super::testing::spring;
    use super::*;
    use std::collections::BTreeSet;

    fn everywhere() -> impl Iterator<Item = Here> {
        (0..16_u8).map(|bits| {
            let bit = |n: u8| bits >> n & 1 == 1;
            Here { overview: bit(0), replay: bit(1), paused: bit(2), finished: bit(3) }
        })
    }

    #[test]
    fn no_key_means_two_things() {
        for here in everywhere() {
            let mut seen = BTreeSet::new();
            for key in KEYMAP.iter().filter(|row| row.when.holds(here)).flat_map(|row| row.keys) {
                assert!(seen.insert(*key), "{key:?} {here:?}");
            }
        }
    }

    #[test]
    fn every_row_holds_somewhere_and_its_keys_are_told() {
        let told: Vec<&str> =
            KEYMAP.iter().filter(|row| !row.help.is_empty()).flat_map(|row| row.shown.split(' ')).collect();
        for row in KEYMAP {
            assert!(everywhere().any(|here| row.when.holds(here)), "{}", row.shown);
            assert!(!row.help.is_empty() || told.contains(&row.shown) || row.shown == "Shift-Tab", "{}", row.shown);
        }
    }

    #[test]
    fn the_footer_keeps_what_matters_most() {
        let sample = spring().sampled(|_| {}).screen(80, 24);
        assert_eq!(footer(&sample, 80), "Enter chart  space pause  + - speed  r again  ? help  q quit");
        assert_eq!(footer(&sample, 30), "space pause  ? help  q quit");
        assert_eq!(footer(&sample, 14), "? help  q quit");
        assert_eq!(footer(&sample, 13), "");
        let paused = spring().sampled(|replay| replay.paused = true).screen(80, 24);
        assert!(footer(&paused, 80).contains("space go on"));
        let ended = spring().sampled(|replay| replay.finished = true).screen(80, 24);
        assert_eq!(footer(&ended, 25), "r again  ? help  q quit");
        let mut live = spring().screen(80, 24);
        assert_eq!(footer(&live, 80), "Enter chart  r refresh  ? help  q quit");
        live.page = Page::Feeds;
        assert_eq!(footer(&live, 80), "Esc back  r refresh  ? help  q quit");
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
