//! Rules as they are written: `[[rule]]`, over the presets. What a kind takes is for [`RuleOptions`] to say.

use super::finding::{At, Complaint};
use super::section::Section;
use crate::alerts::{Rule, RuleOptions};

/// A rule with the places of what the checks speak about.
pub(super) struct RuleDraft {
    pub(super) rule: Rule,
    pub(super) at: At,
    pub(super) route_at: At,
    pub(super) of_at: At,
}

/// Reads one `[[rule]]`; `None` where something in it is wrong, which is told by then.
pub(super) fn read(section: Section<'_>) -> Option<RuleDraft> {
    let options: Option<RuleOptions> = section.options(RuleOptions::KEYS);
    let rule = options.and_then(|options| match Rule::from_options(&options) {
        Ok(rule) => Some(rule),
        Err(error) => {
            let what = format!("{}: {}", error.key, error.what);
            section.log().error(&section.place_of(error.key), Complaint::new(what, error.remedy));
            None
        }
    });
    let (at, route_at, of_at) = (section.place_of("id"), section.place_of("route"), section.place_of("of"));
    section.finish();
    rule.map(|rule| RuleDraft { rule, at, route_at, of_at })
}
