//! The screen, Elm-shaped: a Model, messages, one update, a view that changes nothing, and this loop around them. It knows the
//! domain only: pictures come by a watch, what is asked of the outside leaves by a bounded channel, time by a timer it is given.

pub mod format;
pub mod glyphs;
pub mod index;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod model;
mod pace;
pub mod panels;
pub mod sign;
pub mod terminal;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod view;
pub mod wake;
pub mod widgets;

use crate::domain::situation::Situation;
use jiff::Timestamp;
use message::{Effect, Msg, Outside};
use model::Model;
use pace::{Pace, Wait};
use ratatui::Terminal;
use std::future::Future;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use terminal::{Guard, Input, Screen};
use tokio::sync::{mpsc, watch};

/// The time, as the screen is given it: it never reads a clock.
pub trait Timer {
    /// The instant.
    fn now(&self) -> Timestamp;
    /// Waits until an instant.
    fn until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

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
    model: Model,
    screen: Screen<W>,
    wires: Wires<'_>,
    panic_after_first_frame: bool,
) -> io::Result<()> {
    let listen = || {
        assert!(!panic_after_first_frame, "asked to panic, to try the way out");
        listen()
    };
    run_on(model, screen, wires, listen).await
}

/// Keys and clicks, as the thread that reads them hands them on; ended when the terminal has gone.
fn listen() -> io::Result<mpsc::Receiver<Input>> {
    let (typed, inputs) = mpsc::channel(64);
    terminal::read_inputs(move |input| typed.blocking_send(input).is_ok())?;
    Ok(inputs)
}

/// How long a toast stands.
const TOAST: Duration = Duration::from_secs(6);

/// Waits real time: for what happens in front of people.
fn after(length: Duration) -> Wait {
    Box::pin(tokio::time::sleep(length))
}

/// What a wait gave.
enum Woken {
    /// Something for the Model.
    Msg(Msg),
    /// The time between two frames has passed.
    Pace,
    /// Stop the process, as a signal asked.
    Stop,
    /// End in order.
    End,
}

/// The loop. It listens to the terminal only after the first frame, which comes before everything else.
async fn run_on<W: Write>(
    mut model: Model,
    screen: Screen<W>,
    mut wires: Wires<'_>,
    listen: impl FnOnce() -> io::Result<mpsc::Receiver<Input>>,
) -> io::Result<()> {
    let mut terminal = Terminal::new(screen)?;
    // Cleared by the guard already; clearing again costs a few bytes and lets the backend know what is blank.
    terminal.clear()?;
    let mut pace = Pace::new(after);
    draw(&mut terminal, &model, &wires)?;
    let mut inputs = listen()?;
    let (mut toast, mut toasts) = (after(TOAST), model.toasts);
    loop {
        if pace.is_open() {
            draw(&mut terminal, &model, &wires)?;
            pace.drawn();
        }
        if toasts != model.toasts {
            (toast, toasts) = (after(TOAST), model.toasts);
        }
        let wake = wake::next_change(&model, wires.timer.now());
        let woken = tokio::select! {
            biased;
            input = inputs.recv() => match input {
                Some(input) => Woken::Msg(Msg::Input(input)),
                None => Woken::End,
            },
            outside = wires.outside.recv() => match outside {
                Some(Outside::Resized) => Woken::Msg(Msg::Resize(terminal::size())),
                Some(Outside::Stop) => Woken::Stop,
                Some(Outside::End) | None => Woken::End,
            },
            () = pace.passes() => Woken::Pace,
            changed = wires.pictures.changed() => match changed {
                Ok(()) => Woken::Msg(Msg::Situation(wires.pictures.borrow_and_update().clone())),
                Err(_) => Woken::End,
            },
            () = &mut toast, if model.toast.is_some() => Woken::Msg(Msg::ToastOver),
            () = wires.timer.until(wake) => Woken::Msg(Msg::Tick(wires.timer.now())),
        };
        let msg = match woken {
            Woken::Msg(msg) => msg,
            Woken::Pace => continue,
            Woken::End => return Ok(()),
            Woken::Stop => {
                stop(&wires, &mut terminal, &mut model, false)?;
                continue;
            }
        };
        if let Msg::Resize(size) = &msg {
            terminal.backend_mut().set_size(*size);
        }
        pace.changed(matches!(msg, Msg::Input(_)));
        for effect in update::update(&mut model, msg) {
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
    }
}

fn draw<W: Write>(terminal: &mut Terminal<Screen<W>>, model: &Model, wires: &Wires<'_>) -> io::Result<()> {
    if wires.guard.has_title() {
        terminal.backend_mut().set_title(&sign::title(model));
    }
    terminal.backend_mut().set_bells(model.bells);
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
    draw(terminal, model, wires)
}

/// Forgets what is on the screen, so that the next frame draws all of it.
fn redraw<W: Write>(terminal: &mut Terminal<Screen<W>>) -> io::Result<()> {
    terminal.backend_mut().forget();
    terminal.clear()
}
