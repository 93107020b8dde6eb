//! The one line that must be read before all else: a store that does not answer, a moment of the epilogue, the end of the
//! sample, or a hint for whoever sees it for the first time.

use crate::domain::situation::{Mode, Replay, StoreState};
use crate::domain::words;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Draws the line.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some((text, role)) = text(model) else { return };
    let style = model.theme.style(role);
    if role == Role::Banner {
        buffer.set_style(area.intersection(buffer.area), style);
    }
    Pen::new(buffer, model.glyphs, area, 0).skip(1).put(&text, style);
}

/// What the line says, and how loud; `None` where there is no such line.
pub fn text(model: &Model) -> Option<(String, Role)> {
    match &model.picture.store {
        StoreState::Away { since, why, waiting } => {
            let shown = match waiting {
                None => "shown is what was known before; the log says more".to_owned(),
                Some(0) => "not saving; feeds are asked all the same".to_owned(),
                Some(replies) => format!("not saving; {replies} new replies are kept in memory"),
            };
            // What counts comes before what may be cut off.
            let age = model.ago(*since);
            return Some((format!("STORE AWAY {age}: {why} · {shown}"), Role::Banner));
        }
        StoreState::Mended { what } => return Some((format!("STORE: {what}"), Role::Banner)),
        StoreState::Fine => {}
    }
    let (choices, role) = match &model.picture.mode {
        Mode::Sample(replay) if replay.finished => (ended(replay, true), Role::Accent),
        Mode::Replay(replay) if replay.finished => (ended(replay, false), Role::Accent),
        Mode::Sample(replay) | Mode::Replay(replay) if replay.note.is_some() => {
            (vec![moment(model, replay)], Role::Accent)
        }
        Mode::Sample(replay) => (hints(replay), Role::Faint),
        Mode::Replay(_) | Mode::Live | Mode::Viewer { .. } => return None,
    };
    let room = usize::from(model.size.width.saturating_sub(2));
    let shortest = choices.last().cloned();
    choices.into_iter().find(|said| said.width() <= room).or(shortest).map(|said| (said, role))
}

/// A moment of the epilogue.
fn moment(model: &Model, replay: &Replay) -> String {
    let day = words::day_and_year(model.now.to_zoned_datetime(TimeZone::UTC).date());
    replay.note.as_ref().map_or_else(String::new, |note| format!("{day}: {note}"))
}

/// What is seen, and the keys that a newcomer needs; the first that fits is said.
fn hints(replay: &Replay) -> Vec<String> {
    let (name, keys) = (&replay.name, if replay.paused { "space goes on" } else { "space pauses" });
    vec![
        format!(
            "A sample, offline: {name} as it was known then, about a day a second · {keys} · + faster · ? keys · q quits"
        ),
        format!("A sample, offline: {name} as it was known then · {keys} · ? keys · q quits"),
        format!("A sample: {name} as it was known then · {keys} · ? keys"),
        format!("A sample · {keys} · ? keys · q quits"),
    ]
}

/// That it stands still, and what next.
fn ended(replay: &Replay, sample: bool) -> Vec<String> {
    let own = "`watchfloor init` starts your own";
    if !sample {
        return vec![format!("{} has ended and stands still · r plays it again · q quits", replay.name)];
    }
    let mut choices = vec![
        format!("The sample has ended and stands still · r plays it again · q quits, then {own}"),
        format!("The sample has ended · r again · q, then {own}"),
        "Ended · r again · q, then `watchfloor init`".to_owned(),
    ];
    if let Some(note) = &replay.note {
        choices.insert(0, format!("{note} · {}", choices[0]));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::spring;

    #[test]
    fn the_end_names_what_next_at_every_width() {
        let ended = spring().sampled(|replay| {
            replay.finished = true;
            replay.note = Some("Title 42 ended at 23:59 on 11 May 2023".into());
        });
        for width in [44, 80, 120, 220] {
            let (said, _) = text(&ended.screen(width, 24)).unwrap();
            assert!(said.contains("r ") && said.contains("`watchfloor init`"), "{said}");
            assert!(said.width() < usize::from(width), "{said}");
        }
    }

    #[test]
    fn a_store_that_does_not_answer_is_said_before_all_else() {
        let away = spring().store_away("2022-04-18T20:48:00Z", "database is locked");
        let (said, role) = text(&away.screen(80, 24)).unwrap();
        assert!(said.starts_with("STORE AWAY 12 min: database is locked"), "{said}");
        assert_eq!(role, Role::Banner);
        assert_eq!(text(&spring().screen(80, 24)), None);
    }
}
