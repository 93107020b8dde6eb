//! What the screen asked for, passed on to the session.

use crate::engine::Command;
use crate::ui::message::Effect;
use tokio::sync::mpsc;

/// Passes effects on as commands until the screen ends.
pub async fn perform(mut effects: mpsc::Receiver<Effect>, commands: mpsc::Sender<Command>) {
    while let Some(effect) = effects.recv().await {
        let command = match effect {
            Effect::Refresh(feed) => Command::Refresh(feed),
            Effect::Pause => Command::Pause,
            Effect::Faster => Command::Faster,
            Effect::Slower => Command::Slower,
            Effect::Again => Command::Again,
            // The screen does these itself.
            Effect::Quit | Effect::Suspend | Effect::Redraw => continue,
        };
        if commands.send(command).await.is_err() {
            return;
        }
    }
}
