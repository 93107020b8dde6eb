//! The terminal: our own ratatui Backend, the guard that enters and leaves, the reading of keys, the hang-up watch. The only place that
//! knows crossterm, and the only one that writes to the screen.

mod backend;
mod decoder;
mod guard;
mod input;

pub use backend::Screen;
pub use guard::{Guard, LeaveAtEnd, Setup, abandon, hang_up, size, stop_ourselves};
pub use input::{Input, Key, KeyCode, read_inputs};
