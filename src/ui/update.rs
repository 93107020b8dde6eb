//! The only code that changes the Model: one message at a time, giving back what is asked of the outside.

use super::keymap;
use super::layout::{self, Hit};
use super::message::{Command, Effect, Msg, Page};
use super::model::Model;
use super::sign;
use super::terminal::{Input, Key};
use crate::domain::alert::Subject;
use crate::domain::situation::{Mode, Situation};
use std::sync::Arc;

/// Takes a message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Situation(picture) => see(model, picture),
        Msg::Tick(now) => {
            // A replay's time comes with its pictures.
            if model.picture.mode.replay().is_none() {
                model.now = now;
            }
        }
        Msg::Resize(size) => model.size = size,
        Msg::Toast(text) => toast(model, text),
        Msg::ToastOver => model.toast = None,
        Msg::Input(input) => return take(model, &input),
    }
    Vec::new()
}

fn see(model: &mut Model, picture: Arc<Situation>) {
    let old = model.picture.clone();
    model.take(picture);
    if sign::rings(&old, &model.picture, model.now, model.rung) {
        model.bells += 1;
        model.rung = Some(model.now);
    }
}

fn toast(model: &mut Model, text: String) {
    model.toast = Some(text);
    model.toasts = model.toasts.wrapping_add(1);
}

fn take(model: &mut Model, input: &Input) -> Vec<Effect> {
    model.toast = None;
    let effects = match input {
        Input::Key(key) => press(model, *key),
        Input::Click(x, y) => click(model, *x, *y),
        Input::Wheel(lines) => obey(model, if *lines < 0 { Command::Up } else { Command::Down }),
    };
    look(model);
    effects
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let command = keymap::command(key, model);
    // Any key closes the help; one that shows something else also does that.
    if std::mem::take(&mut model.help) && matches!(command, Some(Command::Help | Command::Back)) {
        return Vec::new();
    }
    command.map(|command| obey(model, command)).unwrap_or_default()
}

/// A click selects; on what is selected already it opens.
fn click(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    if std::mem::take(&mut model.help) {
        return Vec::new();
    }
    match layout::hit(model, x, y) {
        Some(Hit::Entry(entry)) if entry == model.selection() => return obey(model, Command::Open),
        Some(Hit::Entry(entry)) => model.selected[model.page.place()] = entry,
        Some(Hit::Page(page, entry)) => {
            turn(model, page);
            if let Some(entry) = entry {
                model.selected[page.place()] = entry;
            }
        }
        None => {}
    }
    Vec::new()
}

fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    let screenful = isize::from(i16::try_from(model.size.height.saturating_sub(6)).unwrap_or(i16::MAX)).max(1);
    match command {
        Command::Quit => return vec![Effect::Quit],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Refresh => {
            let follows = matches!(model.picture.mode, Mode::Viewer { .. });
            let said = if follows { "a viewer: the collector asks the feeds" } else { "asking every feed now" };
            toast(model, said.to_owned());
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
        Command::Back if model.chart => model.chart = false,
        Command::Back => turn(model, Page::Overview),
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
        read_everything(model);
    }
    model.page = page;
    model.chart = false;
}

/// What a person has before them after a key has been looked at: the headline in the reading pane, the alerts on the
/// route whose chart is open, those on feeds and dates on their pages.
fn look(model: &mut Model) {
    let route = model.route().filter(|_| model.chart).map(|route| route.id.clone());
    let before_them = |subject: &Subject| match (model.page, subject) {
        (Page::Overview, Subject::Series(series)) => Some(&series.route) == route.as_ref(),
        (Page::Feeds, Subject::Feed(_)) | (Page::Dates, Subject::Policy(_)) | (Page::Headlines, Subject::Topic(_)) => {
            true
        }
        _ => false,
    };
    let looked = model.index.active.iter().filter(|incident| before_them(&incident.subject));
    let looked: Vec<_> = looked.map(|incident| incident.id.clone()).collect();
    model.seen.extend(looked);
    if model.page == Page::Headlines
        && let Some(headline) = model.index.headlines.get(model.selection())
    {
        model.read.insert(headline.key.clone());
    }
}

fn look_at_everything(model: &mut Model) {
    read_everything(model);
    model.seen = model.picture.facts.incidents.keys().cloned().collect();
}

fn read_everything(model: &mut Model) {
    model.read_until = model.now;
    model.read.clear();
}

fn move_by(model: &mut Model, by: isize) {
    let last = isize::try_from(model.entries(model.page).saturating_sub(1)).unwrap_or(isize::MAX);
    let at = isize::try_from(model.selection()).unwrap_or(0);
    let to = at.saturating_add(by).clamp(0, last);
    model.selected[model.page.place()] = usize::try_from(to).unwrap_or(0);
}
