//! The same picture without a screen: text for people, JSON for scripts (design, section 8: one document, `schema` first, names
//! that do not change), tables for other programs. Functions of what they are given; nothing here reads or writes.

mod alert;
mod batches;
mod check;
mod doctor;
mod export;
mod handover;
mod json;
mod ledger;
mod markdown;
mod page;
mod perfdata;
mod proposal;
mod reading;
mod refresh;
mod state;
mod status_json;
mod status_text;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use alert::{alert_json, alert_text, alerts_json, alerts_text, mark_text};
pub use batches::{batches_json, batches_text};
pub use check::{Checked, Scope, State, cannot_tell, check};
pub use doctor::{Finding, Verdict, doctor_json, doctor_text, wrong};
pub use export::{Format, headlines, observations, with_void};
pub use handover::{Learned, Watch, handover_json, handover_text};
pub use ledger::{change_words, ledger_json, ledger_text};
pub use proposal::{Proposal, SeenColumn, proposal_json};
pub use reading::{Reading, columns_text, reading_json, reading_text};
pub use refresh::Refresh;
pub use state::RouteState;
pub use status_json::status_json;
pub use status_text::{status_line, status_text, status_text_in, subject_name};
pub use words::instant as instant_words;
