//! The screen, Elm-shaped: a Model, messages, one update, a view that changes nothing, and this loop around them. It knows the
//! domain only: pictures come by a watch, what is asked of the outside leaves by a bounded channel, time by a timer it is given.

pub mod format;
pub mod glyphs;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod model;
pub mod panels;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod wake;
pub mod widgets;

use crate::domain::situation::Situation;
use jiff::{SignedDuration, Timestamp};
use message::{Effect, Msg, Outside};
use model::Model;
use ratatui::Terminal;
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use terminal::{Guard, Screen};
use tokio::sync::{mpsc, watch};

/// The time, as the screen is given it: it never reads a clock.
pub trait Timer {
    /// The instant.
    fn now(&self) -> Timestamp;
    /// Waits until an instant.
    fn until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// No more frames than one in this time.
const FRAME: SignedDuration = SignedDuration::from_millis(33);

/// What the loop is connected to.
pub struct Wires<'a> {
    /// The newest picture.
    pub pictures: watch::Receiver<Arc<Situation>>,
    /// What is asked of the outside.
    pub effects: mpsc::Sender<Effect>,
    /// Signals, and the watch over the terminal.
    pub outside: mpsc::Receiver<Outside>,
    /// The time.
    pub timer: &'a dyn Timer,
    /// The entered screen.
    pub guard: &'a Guard,
}

/// Runs the screen until somebody leaves or the terminal goes. `panic_after_first_frame` is for the test of the way out.
pub async fn run<W: Write>(
    mut model: Model,
    screen: Screen<W>,
    mut wires: Wires<'_>,
    panic_after_first_frame: bool,
) -> io::Result<()> {
    let mut terminal = Terminal::new(screen)?;
    // Cleared by the guard already; clearing again costs a few bytes and lets the backend know what is blank.
    terminal.clear()?;
    draw(&mut terminal, &model)?;
    assert!(!panic_after_first_frame, "asked to panic, to try the way out");
    // Only now is the terminal listened to: the first frame comes before everything else.
    let (typed, mut inputs) = mpsc::channel(64);
    terminal::read_inputs(move |input| typed.blocking_send(input).is_ok())?;
    let mut drawn_at = wires.timer.now();
    let mut dirty = false;
    loop {
        let now = wires.timer.now();
        let mut wake = wake::next_change(&model, now);
        if dirty {
            wake = wake.min(drawn_at.saturating_add(FRAME).unwrap_or(now));
        }
        let msg = tokio::select! {
            biased;
            input = inputs.recv() => match input {
                Some(input) => Some(Msg::Input(input)),
                None => return Ok(()),
            },
            outside = wires.outside.recv() => match outside {
                Some(Outside::Resized) => Some(Msg::Resize(terminal::size())),
                Some(Outside::Stop) => {
                    stop(&wires, &mut terminal, &mut model, false)?;
                    None
                }
                Some(Outside::End) | None => return Ok(()),
            },
            changed = wires.pictures.changed() => match changed {
                Ok(()) => Some(Msg::Situation(wires.pictures.borrow_and_update().clone())),
                Err(_) => return Ok(()),
            },
            () = wires.timer.until(wake) => Some(Msg::Tick(wires.timer.now())),
        };
        let now = wires.timer.now();
        // A tick that only closes the window between two frames changes nothing by itself.
        dirty |= msg.is_some();
        if let Some(Msg::Resize(size)) = &msg {
            terminal.backend_mut().set_size(*size);
        }
        for effect in msg.map(|msg| update::update(&mut model, msg)).unwrap_or_default() {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Suspend => stop(&wires, &mut terminal, &mut model, true)?,
                Effect::Redraw => redraw(&mut terminal)?,
                effect => {
                    if wires.effects.try_send(effect).is_err() {
                        update::update(&mut model, Msg::Toast("busy; try again in a moment".to_owned()));
                    }
                }
            }
        }
        if dirty && now.duration_since(drawn_at) >= FRAME {
            draw(&mut terminal, &model)?;
            drawn_at = now;
            dirty = false;
        }
    }
}

fn draw<W: Write>(terminal: &mut Terminal<Screen<W>>, model: &Model) -> io::Result<()> {
    terminal.draw(|frame| view::view(model, frame.buffer_mut()))?;
    Ok(())
}

/// Gives the terminal back, stops, and takes it again when continued.
fn stop<W: Write>(
    wires: &Wires<'_>,
    terminal: &mut Terminal<Screen<W>>,
    model: &mut Model,
    whole_job: bool,
) -> io::Result<()> {
    wires.guard.leave();
    let stopped = terminal::stop_ourselves(whole_job);
    wires.guard.resume()?;
    let size = terminal::size();
    terminal.backend_mut().set_size(size);
    update::update(model, Msg::Resize(size));
    update::update(model, Msg::Tick(wires.timer.now()));
    if !stopped {
        update::update(model, Msg::Toast("no shell could continue this program, so it was not stopped".to_owned()));
    }
    redraw(terminal)?;
    draw(terminal, model)
}

/// Forgets what is on the screen, so that the next frame draws all of it.
fn redraw<W: Write>(terminal: &mut Terminal<Screen<W>>) -> io::Result<()> {
    terminal.backend_mut().forget();
    terminal.clear()
}
