//! What this screen does to be noticed when nobody looks at it: the terminal's title and its bell. Both follow from the
//! picture; notices to people are another thing and leave elsewhere. The banner is a panel.

use super::model::Model;
use crate::domain::alert::Severity;
use crate::domain::situation::{Mode, Situation};
use jiff::{SignedDuration, Timestamp};

/// No two bells within this time.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// An alert older than this when it is first seen is no reason to ring.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

/// The terminal's title: fixed words and counts, nothing that came from outside.
pub fn title(model: &Model) -> String {
    let calm = model.picture.calm(model.now);
    let mode = match model.picture.mode {
        Mode::Live => "",
        Mode::Viewer { .. } => " (viewer)",
        Mode::Sample(_) => " (sample)",
        Mode::Replay(_) => " (replay)",
    };
    let said = match calm {
        _ if calm.active > 0 => format!("{} firing", calm.active),
        _ if calm.is_proven() => "no alerts".to_owned(),
        _ => "nothing firing, not proven".to_owned(),
    };
    format!("watchfloor{mode}: {said}")
}

/// Whether the bell rings as `new` takes the place of `old`: for a critical alert that has just begun, live, and not
/// within a minute of the last bell.
pub fn rings(old: &Situation, new: &Situation, now: Timestamp, last: Option<Timestamp>) -> bool {
    if new.mode.replay().is_some() || last.is_some_and(|last| now.duration_since(last) < APART) {
        return false;
    }
    new.active().into_iter().any(|incident| {
        let before = old.facts.incidents.get(&incident.id).map(|old| old.severity);
        incident.severity == Severity::Critical
            && before < Some(Severity::Critical)
            && incident.in_hand(now).is_none()
            && now.duration_since(incident.opened) < YOUNG
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, spring};
    use super::*;

    #[test]
    fn the_title_counts() {
        assert_eq!(title(&spring().screen(80, 24)), "watchfloor: 2 firing");
        assert_eq!(title(&spring().sampled(|_| {}).screen(80, 24)), "watchfloor (sample): 2 firing");
        let quiet = spring().without_alerts();
        assert_eq!(title(&quiet.screen(80, 24)), "watchfloor: no alerts");
        let doubt = quiet.cannot_tell("darien", "record", "history too short");
        assert_eq!(title(&doubt.screen(80, 24)), "watchfloor: nothing firing, not proven");
    }

    #[test]
    fn the_bell_rings_once_for_a_young_critical_alert() {
        let (before, after) = (spring().without_alerts().picture(), spring().picture());
        let now = at("2022-04-18T20:31:00Z");
        assert!(rings(&before, &after, now, None));
        assert!(!rings(&after, &after, now, None), "known already");
        assert!(!rings(&before, &after, now, Some(at("2022-04-18T20:30:30Z"))), "a minute has not passed");
        assert!(!rings(&before, &after, at("2022-04-18T21:00:00Z"), None), "old when first seen");
        let sample = spring().sampled(|_| {}).picture();
        assert!(!rings(&before, &sample, now, None), "a replay is silent");
    }
}
