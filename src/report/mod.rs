//! The same picture without a screen: text for people, JSON for scripts (design, section 8: one document, `schema` first, names that do
//! not change), tables for other programs. Functions of what they are given; nothing here reads or writes.

mod export;
mod json;
mod reading;
mod status;

pub use export::{Format, headlines, observations};
pub use reading::{Reading, reading_json, reading_text};
pub use status::{status_json, status_line, status_text};

/// The schema number of every JSON document.
const SCHEMA: u32 = 1;
