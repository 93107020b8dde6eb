//! A scenario's time: where a replay starts and ends, and how fast it runs.

use super::text::Printable;
use jiff::{SignedDuration, Timestamp};

/// What a scenario says of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: Printable,
    /// The first instant that is shown; replies before it are the first load.
    pub start: Timestamp,
    /// The last instant before the epilogue.
    pub until: Timestamp,
    /// Scenario time between two pictures.
    pub step: SignedDuration,
    /// Real time between two pictures.
    pub pace: SignedDuration,
    /// Single instants after `until`, each with what is to be said of it.
    pub epilogue: Vec<(Timestamp, Option<Printable>)>,
    /// Real time between two instants of the epilogue.
    pub epilogue_pace: SignedDuration,
}
