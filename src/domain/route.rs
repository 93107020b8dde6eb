//! Routes: the monitored ways, and the series that belong to them.

use super::text::Printable;
use super::time::Cadence;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::fmt;

/// Makes a name type: short text from the configuration, cheap to copy.
macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The name, cleaned as [`Printable`] is, since it is shown as it stands.
            pub fn new(name: &str) -> Self {
                Self($crate::domain::text::Printable::clean(name).as_str().into())
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    };
}
pub(super) use name_type;

name_type! {
    /// A route's id, such as `darien`, or `darien/HTI` for a part of it.
    RouteId
}

name_type! {
    /// What is counted: `encounters`, `persons`, `detections` … Unlike measures are never added.
    Measure
}

/// What a series counts, where, and how often: the identity of a series. One feed may claim it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId {
    /// The route.
    pub route: RouteId,
    /// What is counted.
    pub measure: Measure,
    /// How often.
    pub cadence: Cadence,
}

impl fmt::Display for SeriesId {
    /// `route/measure/cadence`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.route, self.measure, self.cadence)
    }
}

/// Which way people move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// Not said.
    #[default]
    Unsaid,
    /// Northward.
    North,
    /// Southward.
    South,
    /// Eastward.
    East,
    /// Westward.
    West,
}

/// A monitored way, as the configuration describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its id.
    pub id: RouteId,
    /// The name on screens.
    pub name: Printable,
    /// Which way people move.
    pub direction: Direction,
    /// Words that tie headlines to the route.
    pub words: Vec<Printable>,
    /// Who looks after it.
    pub owner: Option<Printable>,
    /// Where it says what to do.
    pub runbook: Option<Printable>,
    /// What is known of its series beyond their identity; the first is the one that is shown first.
    pub series: Vec<SeriesSpec>,
}

impl Route {
    /// A route that nobody described, called by its id.
    pub fn plain(id: RouteId) -> Self {
        Self {
            name: Printable::clean(id.as_str()),
            id,
            direction: Direction::Unsaid,
            words: Vec::new(),
            owner: None,
            runbook: None,
            series: Vec::new(),
        }
    }
}

/// Whether an absent period is unknown or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Missing {
    /// Unknown: a gap.
    #[default]
    Gap,
    /// The publisher leaves out periods without people.
    Zero,
}

/// What the configuration says of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSpec {
    /// Which series.
    pub id: SeriesId,
    /// The unit in words: persons, encounters, detections.
    pub unit: Printable,
    /// The publisher's zone, in which its days begin and end.
    pub zone: TimeZone,
    /// What an absent period means.
    pub missing: Missing,
    /// From the end of a period to its first publication; learned or usual where not given.
    pub lag: Option<SignedDuration>,
    /// Month and day on which the publisher's year starts: (1, 1), or (10, 1) for CBP.
    pub year_start: (i8, i8),
    /// Whether the publisher has ended it: shown so, and never stale.
    pub ended: bool,
    /// Whether the values are stocks (how many are there), not flows (how many came).
    pub stock: bool,
}

impl SeriesSpec {
    /// What holds for a series that nobody described: UTC, gaps, the calendar year.
    pub fn plain(id: SeriesId) -> Self {
        let unit = Printable::clean(id.measure.as_str());
        Self {
            id,
            unit,
            zone: TimeZone::UTC,
            missing: Missing::Gap,
            lag: None,
            year_start: (1, 1),
            ended: false,
            stock: false,
        }
    }
}

/// Series that a mapping makes from its data: one for each route of a shape such as `asylum/{GEO}/{CITIZEN}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The shape of the routes.
    pub shape: String,
    /// What is counted.
    pub measure: Measure,
    /// How often.
    pub cadence: Cadence,
    /// The publisher's zone.
    pub zone: TimeZone,
    /// Whether the values are stocks.
    pub stock: bool,
}

impl Family {
    /// Whether a route may be one of the family.
    pub fn may_make(&self, route: &RouteId) -> bool {
        may_make(&self.shape, route.as_str())
    }

    /// What is known of a series; `None` where it is none of the family.
    pub fn spec(&self, id: &SeriesId) -> Option<SeriesSpec> {
        let ours = id.measure == self.measure && id.cadence == self.cadence && self.may_make(&id.route);
        ours.then(|| SeriesSpec { zone: self.zone.clone(), stock: self.stock, ..SeriesSpec::plain(id.clone()) })
    }
}

/// Whether a template such as `asylum/{GEO}/{CITIZEN}` may make a route of that name.
fn may_make(template: &str, route: &str) -> bool {
    let mut literals = template.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    let first = literals.next().unwrap_or_default();
    let Some(mut rest) = route.strip_prefix(first) else { return false };
    let literals: Vec<&str> = literals.collect();
    for (number, literal) in literals.iter().enumerate() {
        // At least one character stands for the braces.
        let from = rest.chars().next().map_or(0, char::len_utf8);
        let last = number + 1 == literals.len();
        let found = if last {
            rest.len().checked_sub(literal.len()).filter(|_| rest.ends_with(literal))
        } else {
            rest[from..].find(literal).map(|at| from + at)
        };
        match found {
            Some(at) if at >= from && from > 0 => rest = &rest[at + literal.len()..],
            _ => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::may_make;

    #[test]
    fn templates_make_routes_of_their_shape() {
        for (template, route, made) in [
            ("darien/{nat}", "darien/HTI", true),
            ("darien/{nat}", "darien/", false),
            ("darien/{nat}", "panama/HTI", false),
            ("asylum/{GEO}/{CITIZEN}", "asylum/DE/SY", true),
            ("asylum/{GEO}/{CITIZEN}", "asylum/DE", false),
            ("{route}", "Émile", true),
            ("{route}", "", false),
            ("{route}-sea", "italy-sea", true),
            ("{route}-sea", "-sea", false),
            ("plain", "plain", true),
        ] {
            assert_eq!(may_make(template, route), made, "{template} {route}");
        }
    }
}
