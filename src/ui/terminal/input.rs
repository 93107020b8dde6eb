//! What comes from the terminal, in our own words: keys, pasted text, clicks, a new size.

use crossterm::event::{Event, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use std::io;

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
    /// The size changed; ask the system for it.
    Resized,
}

/// Reads what comes from the terminal on a thread of its own, and hands it on until `take` says that nobody wants more. A
/// thread, because crossterm's reading does not come back when the terminal has gone: there it may turn, and the
/// hang-up watch ends the program.
pub fn read_inputs(take: impl Fn(Input) -> bool + Send + 'static) -> io::Result<()> {
    let reading = move || {
        loop {
            match crossterm::event::read() {
                Ok(event) => {
                    if understand(&event).is_some_and(|input| !take(input)) {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the terminal cannot be read");
                    return;
                }
            }
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(reading).map(drop)
}

fn understand(event: &Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let code = match key.code {
                crossterm::event::KeyCode::Char(c) => KeyCode::Char(c),
                crossterm::event::KeyCode::Enter => KeyCode::Enter,
                crossterm::event::KeyCode::Esc => KeyCode::Esc,
                crossterm::event::KeyCode::Tab => KeyCode::Tab,
                crossterm::event::KeyCode::BackTab => KeyCode::BackTab,
                crossterm::event::KeyCode::Up => KeyCode::Up,
                crossterm::event::KeyCode::Down => KeyCode::Down,
                crossterm::event::KeyCode::Left => KeyCode::Left,
                crossterm::event::KeyCode::Right => KeyCode::Right,
                crossterm::event::KeyCode::PageUp => KeyCode::PageUp,
                crossterm::event::KeyCode::PageDown => KeyCode::PageDown,
                crossterm::event::KeyCode::Home => KeyCode::Home,
                crossterm::event::KeyCode::End => KeyCode::End,
                _ => return None,
            };
            Some(Input::Key(Key { code, ctrl: key.modifiers.contains(KeyModifiers::CONTROL) }))
        }
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Input::Wheel(1)),
            MouseEventKind::ScrollUp => Some(Input::Wheel(-1)),
            _ => None,
        },
        Event::Resize(..) => Some(Input::Resized),
        // Pasted text is for fields, of which there are none yet; it is never taken for keys.
        Event::Key(_) | Event::Paste(_) | Event::FocusGained | Event::FocusLost => None,
    }
}
