//! Routes as they are written: `[[route]]`, with what is known of its series.

use super::finding::At;
use super::section::Section;
use super::value;
use crate::domain::route::{Direction, Measure, Missing, Route, RouteId, SeriesId, SeriesSpec};
use crate::domain::text::Printable;
use crate::domain::time::Cadence;
use jiff::tz::TimeZone;

/// Points of a route on a map: longitude and latitude in degrees.
pub type Path = Vec<(f64, f64)>;

/// A route with the places of what the checks speak about.
pub(super) struct RouteDraft {
    pub(super) route: Route,
    pub(super) path: Path,
    /// The zone of its series that say nothing else.
    pub(super) zone: Option<TimeZone>,
    pub(super) at: At,
    /// The series that it describes, in order.
    pub(super) series: Vec<Described>,
}

/// A series as a route describes it.
pub(super) struct Described {
    pub(super) spec: SeriesSpec,
    pub(super) at: At,
    /// Whether it, or its route, says in which zone its days are days.
    pub(super) has_zone: bool,
}

const DIRECTIONS: [(&str, Direction); 4] =
    [("north", Direction::North), ("south", Direction::South), ("east", Direction::East), ("west", Direction::West)];

const MISSING: [(&str, Missing); 2] = [("gap", Missing::Gap), ("zero", Missing::Zero)];

/// Reads one `[[route]]`; `None` where it has no id.
pub(super) fn read(section: Section<'_>) -> Option<RouteDraft> {
    let id = section.need("id", "add the key `id`, such as id = \"darien\"", value::name);
    let id = id.map(|id| (RouteId::new(&id.value), id.at));
    let zone = section.read("zone", value::zone).map(|zone| zone.value);
    let optional = |key| section.read(key, value::text).map(|text| text.value);
    let name = optional("name");
    let direction = section.read("direction", value::word(&DIRECTIONS));
    let words = section.list("words", value::text);
    let (owner, runbook) = (optional("owner"), optional("runbook"));
    let path = section.list("path", value::position).into_iter().map(|point| point.value).collect();
    let tables = section.tables("series");
    let draft = id.map(|(id, at)| {
        let described: Vec<Described> =
            tables.into_iter().filter_map(|table| read_series(table, &id, zone.as_ref())).collect();
        RouteDraft {
            route: Route {
                name: name.unwrap_or_else(|| titled(&id)),
                direction: direction.map_or(Direction::Unsaid, |direction| direction.value),
                words: words.into_iter().map(|word| word.value).collect(),
                owner,
                runbook,
                series: described.iter().map(|series| series.spec.clone()).collect(),
                id,
            },
            path,
            zone,
            at,
            series: described,
        }
    });
    section.finish();
    draft
}

/// A route that only a feed names.
pub(super) fn plain(id: &RouteId) -> Route {
    Route {
        id: id.clone(),
        name: titled(id),
        direction: Direction::Unsaid,
        words: Vec::new(),
        owner: None,
        runbook: None,
        series: Vec::new(),
    }
}

fn read_series(section: Section<'_>, route: &RouteId, zone: Option<&TimeZone>) -> Option<Described> {
    let cadences = Cadence::ALL.map(|cadence| (cadence.word(), cadence));
    let measure = section.need("measure", "say what is counted, such as measure = \"persons\"", value::name);
    let cadence = section.need("cadence", "say how often: day, week, month, quarter or year", value::word(&cadences));
    let unit = section.read("unit", value::text);
    let own_zone = section.read("zone", value::zone);
    let missing = section.read("missing", value::word(&MISSING));
    let lag = section.read("lag", value::duration);
    let year_start = section.read("year_start", value::month_day);
    let ended = section.read("ended", value::flag);
    let stock = section.read("stock", value::flag);
    let at = section.at().clone();
    section.finish();
    let id = SeriesId { route: route.clone(), measure: Measure::new(&measure?.value), cadence: cadence?.value };
    let mut spec = SeriesSpec::plain(id);
    if let Some(unit) = unit {
        spec.unit = unit.value;
    }
    let zone = own_zone.map(|zone| zone.value).or_else(|| zone.cloned());
    let has_zone = zone.is_some();
    spec.zone = zone.unwrap_or(spec.zone);
    spec.missing = missing.map_or(spec.missing, |missing| missing.value);
    spec.lag = lag.map(|lag| lag.value);
    spec.year_start = year_start.map_or(spec.year_start, |start| start.value);
    spec.ended = ended.is_some_and(|ended| ended.value);
    spec.stock = stock.is_some_and(|stock| stock.value);
    Some(Described { spec, at, has_zone })
}

/// A name for people from an id: `us-southwest` becomes `Us southwest`, `darien/HTI` becomes `Darien HTI`.
fn titled(id: &RouteId) -> Printable {
    let spaced = id.as_str().replace(['-', '_', '/'], " ");
    let mut characters = spaced.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    Printable::clean(&first.chain(characters).collect::<String>())
}
