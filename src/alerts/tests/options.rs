//! Rules that cannot be.

use super::*;

#[test]
fn rules_that_cannot_be_say_which_key_is_wrong() {
    let cases = [
        ("kind = \"abov\"", "no kind of rule"),
        ("kind = \"above\"", "fire: it is missing"),
        ("kind = \"above\"\nfire = 5\nclear = 6", "wrong side"),
        ("kind = \"below\"\nfire = 5\nclear = 4", "wrong side"),
        ("kind = \"above\"\nfire = 5\nfor = 0", "for: 0 is not possible"),
        ("kind = \"stale\"\nfire = 5", "kind \"stale\" does not take it"),
        ("kind = \"above\"\nfire = 5\nseverity = \"bad\"", "severity: \"bad\" is none"),
        ("kind = \"year-on-year\"\ndirection = \"left\"", "direction: \"left\" is none"),
        ("kind = \"year-to-date\"\nfloor = 0", "floor: 0 is not possible"),
        ("kind = \"above\"\nfire = 5\ncritical = 4", "critical: it is met before"),
        ("kind = \"change\"\nfire = 50", "fire: 50 would be 5,000 % more; write a share: 0.5"),
        ("kind = \"change\"\nfor = 2", "for: kind \"change\" does not take it"),
        ("kind = \"record\"\nwindow = 60", "window: it belongs to `percentile`"),
        ("kind = \"record\"\npercentile = 95", "percentile: it is a share above one half"),
        ("kind = \"record\"\npercentile = 0.95\ndirection = \"down\"", "percentile: it is for rises"),
        ("kind = \"record\"\ndirection = \"down\"\nmin_count = 5", "min_count: every low is below it"),
        ("kind = \"ears\"\nlevels = [\"C4\"]", "levels: \"C4\" is none; write some of"),
        ("kind = \"ears\"\nlevels = []", "levels: none is left"),
        ("kind = \"ears\"\nscale = \"log\"", "scale: \"log\" is none; write \"raw\" or \"log1p\""),
        ("kind = \"ears\"\nbaseline = 3", "baseline: 3 is not possible; write a whole number from 4"),
        ("kind = \"ears\"\ncritical = 4", "critical: it says nothing without `fire`"),
        ("kind = \"ears\"\nfire = 30", "fire: 30 is never reached"),
        ("kind = \"any\"\nof = [\"a\"]", "of: it names 1 rule; name two rules or more"),
        ("kind = \"any\"\nof = [\"a\", \"a\"]", "of: it names \"a\" twice"),
        ("kind = \"at-least\"\nof = [\"a\", \"b\"]", "least: it is missing; say how many"),
        ("kind = \"at-least\"\nleast = 3\nof = [\"a\", \"b\"]", "least: 3 of 2 rules can never fire"),
        ("kind = \"deadline\"\nbefore = [\"a week\"]", "before: \"a week\" is no length of time"),
    ];
    for (text, phrase) in cases {
        let options: RuleOptions = toml::from_str(&format!("id = \"x\"\n{text}")).unwrap();
        let error = Rule::from_options(&options).unwrap_err().to_string();
        assert!(error.contains(phrase), "{error}");
    }
}
