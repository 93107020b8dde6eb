//! The only code that changes the Model: one message at a time, giving back what is asked of the outside.

use super::keymap;
use super::layout;
use super::message::{Command, Effect, Msg, Page};
use super::model::{Model, TOAST};
use super::terminal::{Input, Key};
use crate::domain::situation::Mode;

/// Takes a message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Situation(picture) => {
            if picture.mode.replay().is_some() {
                if picture.now < model.now {
                    // A replay that began again: nothing of it has been looked at.
                    model.seen.clear();
                    model.read_until = picture.now;
                }
                model.now = picture.now;
            }
            model.picture = picture;
            Vec::new()
        }
        Msg::Tick(now) => {
            if model.picture.mode.replay().is_none() {
                model.now = now;
            }
            if model.toast.as_ref().is_some_and(|(_, until)| *until <= now) {
                model.toast = None;
            }
            Vec::new()
        }
        Msg::Resize(size) => {
            model.size = size;
            Vec::new()
        }
        Msg::Toast(text) => {
            let until = model.now.saturating_add(TOAST).unwrap_or(model.now);
            model.toast = Some((text, until));
            Vec::new()
        }
        Msg::Input(input) => take(model, &input),
    }
}

fn take(model: &mut Model, input: &Input) -> Vec<Effect> {
    match input {
        Input::Key(key) => press(model, *key),
        Input::Click(x, y) => {
            if model.help {
                model.help = false;
            } else if let Some(entry) = layout::entry_at(model, *x, *y) {
                model.selected[model.page.place()] = entry;
            }
            Vec::new()
        }
        Input::Wheel(lines) => {
            move_by(model, isize::from(*lines));
            Vec::new()
        }
    }
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let command = keymap::command(key, model);
    if model.help {
        // Any key closes the help; one that shows something else also does that.
        model.help = false;
        if matches!(command, Some(Command::Help | Command::Back)) {
            return Vec::new();
        }
    }
    command.map(|command| obey(model, command)).unwrap_or_default()
}

fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    let screenful = isize::from(i16::try_from(model.size.height.saturating_sub(6)).unwrap_or(i16::MAX)).max(1);
    match command {
        Command::Quit => return vec![Effect::Quit],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Refresh => {
            let follows = matches!(model.picture.mode, Mode::Viewer { .. });
            let said =
                if follows { "this instance follows; the collector asks the feeds" } else { "asking every feed" };
            update(model, Msg::Toast(said.to_owned()));
            return if follows { Vec::new() } else { vec![Effect::Refresh(None)] };
        }
        Command::Pause => return vec![Effect::Pause],
        Command::Faster => return vec![Effect::Faster],
        Command::Slower => return vec![Effect::Slower],
        Command::Again => return vec![Effect::Again],
        Command::Page(page) => turn(model, page),
        Command::NextPage => turn(model, neighbour(model.page, 1)),
        Command::PreviousPage => turn(model, neighbour(model.page, Page::ALL.len() - 1)),
        Command::Down => move_by(model, 1),
        Command::Up => move_by(model, -1),
        Command::PageDown => move_by(model, screenful),
        Command::PageUp => move_by(model, -screenful),
        Command::First => move_by(model, isize::MIN / 2),
        Command::Last => move_by(model, isize::MAX / 2),
        Command::Open => model.chart = model.page == Page::Overview && model.route().is_some(),
        Command::Back => {
            if model.chart {
                model.chart = false;
            } else {
                turn(model, Page::Overview);
            }
        }
        Command::Help => model.help = true,
        Command::Seen => look_at_everything(model),
    }
    Vec::new()
}

fn neighbour(page: Page, by: usize) -> Page {
    Page::ALL[(page.place() + by) % Page::ALL.len()].0
}

/// Leaving the headlines means having looked at them.
fn turn(model: &mut Model, page: Page) {
    if model.page == Page::Headlines && page != Page::Headlines {
        model.read_until = model.now;
    }
    model.page = page;
    model.chart = false;
}

fn look_at_everything(model: &mut Model) {
    model.read_until = model.now;
    model.seen = model.picture.facts.incidents.keys().cloned().collect();
}

fn move_by(model: &mut Model, by: isize) {
    let last = isize::try_from(model.entries(model.page).saturating_sub(1)).unwrap_or(isize::MAX);
    let at = isize::try_from(model.selection()).unwrap_or(0);
    let to = at.saturating_add(by).clamp(0, last);
    model.selected[model.page.place()] = usize::try_from(to).unwrap_or(0);
}
