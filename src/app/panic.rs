//! What a panic does: the terminal is given back first, then one line says what happened and where the report is.

use crate::domain::text::Printable;
use crate::ui::terminal::Guard;
use crate::ui::view::is_contained;
use std::backtrace::Backtrace;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

/// Installs the hook for a session with a screen. Panics that are caught (in a panel, in a task) go to the log alone.
pub fn install(guard: Guard, log: Option<PathBuf>) {
    let screen = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or("no message");
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, backtrace = %Backtrace::force_capture(), "panic: {message}");
        if thread::current().id() != screen || is_contained() {
            return;
        }
        guard.leave();
        let report = log.as_ref().map_or_else(
            || "there is no log, since its folder could not be written".to_owned(),
            |log| format!("the report is in the newest file of {}", Printable::path(log)),
        );
        // Where nobody reads standard error there is nobody to tell.
        let _ = writeln!(
            std::io::stderr().lock(),
            "watchfloor: stopped by a mistake of its own: {message} ({place}); {report}"
        );
    }));
}
