//! Marks: what people put on an incident. Each is a fact of its own, and stays when the incident has ended; who has it in hand follows from
//! the newest one, and stands on the incident itself.

use super::alert::{Acknowledgement, IncidentId, Notice};
use super::text::Printable;
use jiff::Timestamp;

/// What a person said of an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Of which.
    pub incident: IncidentId,
    /// What they did.
    pub kind: MarkKind,
    /// Who: `operator` of the configuration, else user@host.
    pub by: Printable,
    /// When.
    pub at: Timestamp,
    /// In their words; empty where they said nothing.
    pub text: Printable,
}

/// What a mark does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarkKind {
    /// Somebody has it in hand.
    Acknowledged {
        /// Until then; where it does not say, until the incident ends or escalates.
        until: Option<Timestamp>,
        /// Until the value gets so far.
        wake: Option<Wake>,
    },
    /// Nobody has it in hand any more.
    Released,
    /// It says something, and changes nothing.
    Noted,
}

impl MarkKind {
    /// The word of JSON, the store and screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledged { .. } => "acknowledged",
            Self::Released => "released",
            Self::Noted => "noted",
        }
    }
}

impl Mark {
    /// The acknowledgement that it is, if it is one.
    pub fn acknowledgement(&self) -> Option<Acknowledgement> {
        let MarkKind::Acknowledged { until, wake } = self.kind else { return None };
        Some(Acknowledgement { by: self.by.clone(), at: self.at, note: self.text.clone(), until, wake })
    }
}

/// How far a value may go until an acknowledgement ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wake {
    /// To this, or higher.
    Above(f64),
    /// To this, or lower.
    Below(f64),
}

impl Wake {
    /// So many percent from a value: higher, or lower where they are negative.
    pub fn from(value: f64, percent: f64) -> Self {
        let bound = value * (1.0 + percent / 100.0);
        if percent < 0.0 { Self::Below(bound) } else { Self::Above(bound) }
    }

    /// Whether a value has got there.
    pub fn is_reached(self, value: f64) -> bool {
        match self {
            Self::Above(bound) => value >= bound,
            Self::Below(bound) => value <= bound,
        }
    }
}

/// One line of what happened to an incident.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// It fired, escalated, ended: what was told of it, or why not.
    Happened(Notice),
    /// What a person said.
    Said(Mark),
}

impl Entry {
    /// When.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Happened(notice) => notice.at,
            Self::Said(mark) => mark.at,
        }
    }
}

/// Everything that happened to an incident, oldest first; of one instant what happened before what was said.
pub fn timeline(notices: Vec<Notice>, marks: Vec<Mark>) -> Vec<Entry> {
    let happened = notices.into_iter().map(Entry::Happened);
    let mut entries: Vec<Entry> = happened.chain(marks.into_iter().map(Entry::Said)).collect();
    entries.sort_by_key(Entry::at);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_is_so_many_percent_from_the_value() {
        assert_eq!(Wake::from(8_456.0, 25.0), Wake::Above(10_570.0));
        assert_eq!(Wake::from(200.0, -25.0), Wake::Below(150.0));
        assert!(Wake::Above(230.0).is_reached(230.0) && !Wake::Above(230.0).is_reached(229.9));
        assert!(Wake::Below(150.0).is_reached(150.0) && !Wake::Below(150.0).is_reached(151.0));
    }
}
