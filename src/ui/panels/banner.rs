//! The one line that must be read before all else: a store that does not answer, a moment of the epilogue, the end of the
//! sample, or a hint for whoever sees it for the first time.

use crate::domain::situation::{Mode, StoreState};
use crate::domain::words;
use crate::ui::model::Model;
use crate::ui::theme::Role;
use crate::ui::widgets::line::Pen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the line says, and how loud.
pub fn text(model: &Model) -> Option<(String, Role)> {
    if let StoreState::Away { since, why } = &model.picture.store {
        let age = words::age(model.now.duration_since(*since));
        return Some((
            format!("The store has not answered for {age}: {why}. What you see is older than that."),
            Role::Banner,
        ));
    }
    if let Some((toast, _)) = &model.toast {
        return Some((toast.clone(), Role::Accent));
    }
    let sample = matches!(model.picture.mode, Mode::Sample(_));
    let replay = model.picture.mode.replay()?;
    let narrow = model.size.width < 100;
    let said = match (&replay.note, replay.finished) {
        (_, true) if sample && narrow => {
            "The sample has ended: a again, q quit, then `watchfloor init` for your own".to_owned()
        }
        (Some(note), true) if sample => {
            format!("{note}. The sample ends here: a plays it again · q, then `watchfloor init`, for feeds of your own")
        }
        (None, true) if sample => {
            "The sample ends here: a plays it again · q, then `watchfloor init`, for feeds of your own".to_owned()
        }
        (_, true) => "The replay has ended: a plays it again".to_owned(),
        (Some(note), false) => format!("Epilogue, {}: {note}", words::day_of(model.now)),
        (None, false) if sample && narrow => {
            "Spring 2022 as it was known then; space pauses, + faster, ? help".to_owned()
        }
        (None, false) if sample => {
            "A sample, offline: spring 2022 as it was known then, a day a second · space pauses · + faster · ? keys"
                .to_owned()
        }
        (None, false) => return None,
    };
    Some((said, Role::Accent))
}

/// Draws the line.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if let Some((text, role)) = text(model) {
        Pen::new(buffer, model.glyphs, area, 0).skip(1).put(&text, model.theme.style(role));
    }
}
