//! Nouns and arithmetic: synchronous, pure, no input or output, no clock. Everything else knows this
//! folder; it knows nobody.

pub mod alert;
pub mod change;
pub mod feed;
pub mod headline;
pub mod mark;
pub mod observation;
pub mod places;
pub mod policy_date;
pub mod publication;
pub mod round;
pub mod route;
pub mod scenario;
pub mod schedule;
pub mod series;
pub mod situation;
pub mod terms;
pub mod text;
pub mod time;
pub mod words;
