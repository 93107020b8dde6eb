//! From tables to a configuration: each table becomes what it stands for, then the whole is checked for what holds
//! between them.

use super::check::{Check, part, place_of, tables};
use super::file::{
    ChangeTable, FEED, FeedTable, LISTS, POLICY_DATE, PolicyTable, ROUTE, RouteTable, SETTINGS, ScenarioTable,
    SeriesTable, Settings,
};
use super::finding::Findings;
use super::{Config, DEFAULT, FeedPlan, ScenarioPlan, durations};
use crate::alerts::{self, Rule, RuleOptions};
use crate::domain::feed::{Feed, FeedId, FeedKind};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyDate, PolicyId, PolicyStatus};
use crate::domain::route::{Direction, Measure, Missing, Route, RouteId, SeriesId, SeriesSpec};
use crate::domain::situation::Catalog;
use crate::domain::text::Printable;
use crate::domain::time::{Cadence, start_of_day};
use crate::feeds::{FeedOptions, Reader};
use crate::fetch::{FetchOptions, Place};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

/// Checks a file as a whole.
pub fn resolve(text: &str, name: &str, folder: &Path) -> Result<Config, Findings> {
    let mut check = Check::default();
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            check.error(
                span,
                format!("this is no TOML: {}", error.message()),
                "mend the line; the rest is read once it is",
            );
            return Err(Findings::errors(name, text, check.errors));
        }
    };
    let config = Resolver { check: &mut check, root: root.get_ref(), folder }.config();
    match config {
        Some(mut config) if check.errors.is_empty() => {
            config.warnings = check.warnings;
            Ok(config)
        }
        _ => Err(Findings::errors(name, text, check.errors)),
    }
}

struct Resolver<'a, 'de> {
    check: &'a mut Check,
    root: &'a DeTable<'de>,
    folder: &'a Path,
}

impl<'de> Resolver<'_, 'de> {
    fn config(&mut self) -> Option<Config> {
        let known: Vec<&str> = SETTINGS.iter().chain(LISTS).copied().chain(["scenario"]).collect();
        self.check.unknown_keys(self.root, &known, "the configuration");
        let settings = self.settings();
        let scenario = self.scenario();
        let mut routes = self.routes();
        let deadline = settings
            .as_ref()
            .and_then(|settings| self.duration(&settings.deadline))
            .unwrap_or(SignedDuration::from_secs(30));
        let feeds = self.feeds(deadline, scenario.is_some(), &mut routes);
        let policies = self.policy_dates(&routes);
        let mut catalog = Catalog {
            routes,
            feeds: feeds.iter().map(|plan| plan.feed.clone()).collect(),
            policy_dates: policies.iter().map(|(date, _)| date.clone()).collect(),
            thresholds: Vec::new(),
        };
        let rules = self.rules(&catalog);
        catalog.thresholds = alerts::thresholds(&rules, &catalog);
        if catalog.feeds.is_empty() {
            self.check.error(0..0, "no feed is configured", "add a [[feed]]; `watchfloor init --print` shows some");
        }
        let settings = settings?;
        Some(Config {
            title: Printable::clean(settings.title.get_ref()),
            zone: self.display_zone(&settings.zone)?,
            theme: settings.theme.into_inner(),
            glyphs: self.one_of(&settings.glyphs, &["auto", "full", "blocks", "console", "ascii"])?,
            color: self.one_of(&settings.color, &["auto", "never", "16", "256", "truecolor"])?,
            mouse: settings.mouse,
            store: settings.store.map(|store| self.folder.join(store.into_inner())),
            fetch: FetchOptions { body_cap: self.body_cap(&settings.body_cap)?, ..FetchOptions::default() },
            keep_headlines: self.duration(&settings.keep_headlines)?,
            catalog,
            feeds,
            rules,
            policies: policies.into_iter().map(|(date, entries)| (date.id, entries)).collect(),
            scenario,
            warnings: Vec::new(),
        })
    }

    /// The user's settings over the defaults: a value is the user's where there is one.
    fn settings(&mut self) -> Option<Settings> {
        let defaults = DeTable::parse(DEFAULT).expect("default.toml is TOML");
        let mut merged = DeTable::new();
        let chosen = defaults.get_ref().iter().chain(self.root.iter());
        for (key, value) in chosen.filter(|(key, _)| SETTINGS.contains(&key.get_ref().as_ref())) {
            merged.insert(key.clone(), value.clone());
        }
        let merged = Spanned::new(0..usize::MAX, DeValue::Table(merged));
        // Read owned: the defaults' text does not outlive this function.
        self.check.read::<Settings>(merged, "the configuration")
    }

    fn display_zone(&mut self, zone: &Spanned<String>) -> Option<TimeZone> {
        if zone.get_ref() == "system" {
            return Some(TimeZone::system());
        }
        self.zone(Some(zone))
    }

    fn body_cap(&mut self, cap: &Spanned<i64>) -> Option<u64> {
        let bytes = u64::try_from(*cap.get_ref()).ok().filter(|bytes| (1_000..=1 << 30).contains(bytes));
        if bytes.is_none() {
            self.check.error(
                cap.span(),
                "`body_cap` is out of range",
                "write a number of bytes from 1_000 to 1_073_741_824",
            );
        }
        bytes
    }

    fn one_of(&mut self, value: &Spanned<String>, allowed: &[&str]) -> Option<String> {
        let found = allowed.iter().find(|word| **word == value.get_ref()).map(|word| (*word).to_owned());
        if found.is_none() {
            let what = format!("\"{}\" is not possible here", Printable::clean(value.get_ref()));
            self.check.error(value.span(), what, format!("write one of {}", allowed.join(", ")));
        }
        found
    }

    fn duration(&mut self, text: &Spanned<String>) -> Option<SignedDuration> {
        match durations::read(text.get_ref()) {
            Ok(length) => Some(length),
            Err(remedy) => {
                self.check.error(
                    text.span(),
                    format!("\"{}\" is no length of time", Printable::clean(text.get_ref())),
                    remedy,
                );
                None
            }
        }
    }

    /// UTC where absent.
    fn zone(&mut self, zone: Option<&Spanned<String>>) -> Option<TimeZone> {
        let Some(zone) = zone else { return Some(TimeZone::UTC) };
        let found = TimeZone::get(zone.get_ref()).ok();
        if found.is_none() {
            let what = format!("\"{}\" is no time zone", Printable::clean(zone.get_ref()));
            self.check.error(zone.span(), what, "write an IANA name such as \"America/New_York\" or \"UTC\"");
        }
        found
    }

    fn instant(&mut self, text: &Spanned<String>, zone: &TimeZone) -> Option<Timestamp> {
        let instant = text.get_ref().parse::<Timestamp>().ok();
        let instant = instant.or_else(|| text.get_ref().parse::<Date>().ok().map(|date| start_of_day(date, zone)));
        if instant.is_none() {
            let what = format!("\"{}\" is neither a day nor an instant", Printable::clean(text.get_ref()));
            self.check.error(text.span(), what, "write 2022-05-20, or 2022-05-20T21:30:00Z");
        }
        instant
    }

    fn unique(&mut self, id: &Spanned<String>, seen: &mut BTreeMap<String, Range<usize>>, of: &str) {
        if id.get_ref().trim().is_empty() {
            self.check.error(id.span(), format!("a {of} has an empty id"), "give it a short name of its own");
        }
        if seen.insert(id.get_ref().clone(), id.span()).is_some() {
            let what = format!("two {of}s are called \"{}\"", Printable::clean(id.get_ref()));
            self.check.error(id.span(), what, "give one of them another id");
        }
    }

    fn scenario(&mut self) -> Option<ScenarioPlan> {
        let value = self.root.get("scenario")?;
        let table: ScenarioTable = self.check.read(value.clone(), "[scenario]")?;
        let (start, until) = (self.instant(&table.start, &TimeZone::UTC), self.instant(&table.until, &TimeZone::UTC));
        let (step, pace) = (self.duration(&table.step), self.duration(&table.pace));
        let epilogue_pace = match &table.epilogue_pace {
            Some(pace) => self.duration(pace),
            None => Some(SignedDuration::from_secs(3)),
        };
        let mut epilogue = Vec::new();
        for moment in &table.epilogue {
            let at = self.instant(&moment.at, &TimeZone::UTC)?;
            epilogue.push((at, moment.note.as_deref().map(Printable::clean)));
        }
        epilogue.sort();
        let (start, until) = (start?, until?);
        if until < start || epilogue.first().is_some_and(|(first, _)| *first <= until) {
            self.check.error(
                table.until.span(),
                "the scenario's times are out of order",
                "start, then until, then the epilogue",
            );
        }
        let name = Printable::clean(&table.name);
        Some(ScenarioPlan { name, start, until, step: step?, pace: pace?, epilogue, epilogue_pace: epilogue_pace? })
    }

    fn routes(&mut self) -> Vec<Route> {
        let mut routes = Vec::new();
        let mut seen = BTreeMap::new();
        for value in tables(self.check, self.root, "route") {
            if let Some(table) = value.get_ref().as_table() {
                self.check.unknown_keys(table, ROUTE, "[[route]]");
            }
            let Some(table) = self.check.read::<RouteTable>(part(value, ROUTE), "[[route]]") else { continue };
            self.unique(&table.id, &mut seen, "route");
            let id = RouteId::new(table.id.get_ref());
            let series = table.series.iter().filter_map(|series| self.series(&id, series.get_ref())).collect();
            let direction = match table.direction.as_ref().map(|direction| (direction.get_ref().as_str(), direction)) {
                None => Direction::Unsaid,
                Some(("north", _)) => Direction::North,
                Some(("south", _)) => Direction::South,
                Some(("east", _)) => Direction::East,
                Some(("west", _)) => Direction::West,
                Some((_, direction)) => {
                    self.check.error(direction.span(), "this is no direction", "write north, south, east or west");
                    Direction::Unsaid
                }
            };
            routes.push(Route {
                name: Printable::clean(table.name.as_deref().unwrap_or(id.as_str())),
                id,
                direction,
                words: table.words.iter().map(|word| Printable::clean(word)).collect(),
                owner: table.owner.as_deref().map(Printable::clean),
                runbook: table.runbook.as_deref().map(Printable::clean),
                series,
            });
        }
        routes
    }

    fn series(&mut self, route: &RouteId, table: &SeriesTable) -> Option<SeriesSpec> {
        let words: Vec<&str> = Cadence::ALL.iter().map(|cadence| cadence.word()).collect();
        let cadence = self.one_of(&table.cadence, &words).and_then(|word| Cadence::from_word(&word));
        let zone = self.zone(table.zone.as_ref());
        let lag = match &table.lag {
            Some(lag) => Some(self.duration(lag)?),
            None => None,
        };
        let missing = match &table.missing {
            Some(missing) => self.one_of(missing, &["gap", "zero"])?,
            None => "gap".to_owned(),
        };
        let year_start = match &table.year_start {
            Some(start) => self.year_start(start)?,
            None => (1, 1),
        };
        let id = SeriesId { route: route.clone(), measure: Measure::new(&table.measure), cadence: cadence? };
        Some(SeriesSpec {
            unit: Printable::clean(table.unit.as_deref().unwrap_or(&table.measure)),
            id,
            zone: zone?,
            missing: if missing == "zero" { Missing::Zero } else { Missing::Gap },
            lag,
            year_start,
            ended: table.ended,
            stock: table.stock,
        })
    }

    fn year_start(&mut self, start: &Spanned<String>) -> Option<(i8, i8)> {
        let read = start.get_ref().split_once('-').and_then(|(month, day)| {
            // 2021 is no leap year: a year cannot start on a day that most years do not have.
            let date = Date::new(2021, month.parse().ok()?, day.parse().ok()?).ok()?;
            Some((date.month(), date.day()))
        });
        if read.is_none() {
            self.check.error(start.span(), "this is no month and day", "write \"10-01\" for the first of October");
        }
        read
    }

    fn feeds(&mut self, deadline: SignedDuration, in_scenario: bool, routes: &mut Vec<Route>) -> Vec<FeedPlan> {
        let mut plans = Vec::new();
        let mut seen = BTreeMap::new();
        let mut claims: BTreeMap<SeriesId, String> = BTreeMap::new();
        let known: Vec<&str> = FEED.iter().chain(FeedOptions::KEYS).copied().collect();
        for value in tables(self.check, self.root, "feed") {
            if let Some(table) = value.get_ref().as_table() {
                self.check.unknown_keys(table, &known, "[[feed]]");
            }
            let table = self.check.read::<FeedTable>(part(value, FEED), "[[feed]]");
            let options = self.check.read::<FeedOptions>(part(value, FeedOptions::KEYS), "[[feed]]");
            let (Some(table), Some(options)) = (table, options) else { continue };
            self.unique(&table.id, &mut seen, "feed");
            let reader = match Reader::from_options(&options) {
                Ok(reader) => reader,
                Err(error) => {
                    self.check.error(
                        place_of(value, &error.key),
                        format!("{}: {}", error.key, error.what),
                        error.remedy,
                    );
                    continue;
                }
            };
            for claim in reader.claims() {
                let id = SeriesId { route: claim.route, measure: claim.measure, cadence: claim.cadence };
                let first = claims.insert(id.clone(), table.id.get_ref().clone());
                if let Some(first) = first.filter(|first| first != table.id.get_ref()) {
                    let what =
                        format!("the series {id} is claimed by the feed \"{}\" already", Printable::clean(&first));
                    self.check.error(
                        place_of(value, "series"),
                        what,
                        "give one of them another measure: two sources are two series",
                    );
                }
                describe(routes, id);
            }
            if let Some(plan) = self.plan(&table, reader, deadline, in_scenario, value) {
                plans.push(plan);
            }
        }
        plans
    }

    fn plan(
        &mut self,
        table: &FeedTable,
        reader: Reader,
        deadline: SignedDuration,
        in_scenario: bool,
        value: &Spanned<DeValue<'de>>,
    ) -> Option<FeedPlan> {
        let place = self.place(table, in_scenario, value)?;
        let usual = match reader.kind() {
            FeedKind::News => SignedDuration::from_mins(5),
            FeedKind::Statistics => SignedDuration::from_hours(1),
        };
        let every = match &table.every {
            Some(every) => self.duration(every)?,
            None => usual,
        };
        if every < SignedDuration::from_secs(1) {
            let span = table.every.as_ref().map_or(table.id.span(), Spanned::span);
            self.check.error(
                span,
                "no publisher wants to be asked this often",
                "write at least \"1s\"; news is well served by \"5m\"",
            );
        }
        let deadline = match &table.deadline {
            Some(deadline) => self.duration(deadline)?,
            None => deadline,
        };
        let id = FeedId::new(table.id.get_ref());
        let feed = Feed {
            name: Printable::clean(table.name.as_deref().unwrap_or(id.as_str())),
            id,
            kind: reader.kind(),
            place: Printable::clean(&place.to_string()),
            every,
            deadline,
        };
        Some(FeedPlan { feed, place, reader })
    }

    fn place(&mut self, table: &FeedTable, in_scenario: bool, value: &Spanned<DeValue<'de>>) -> Option<Place> {
        let Some(url) = &table.url else {
            if in_scenario {
                return Some(Place::Recorded);
            }
            let what = format!("the feed \"{}\" has no address", Printable::clean(table.id.get_ref()));
            self.check.error(place_of(value, "id"), what, "write url = \"https://…\" or url = \"file:path\"");
            return None;
        };
        if let Some(path) = url.get_ref().strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Some(Place::File(self.folder.join(PathBuf::from(path))));
        }
        let parsed =
            Url::parse(url.get_ref()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if parsed.is_none() {
            self.check.error(
                url.span(),
                "this is no address that can be fetched",
                "write https://…, http://… or file:path",
            );
        }
        parsed.map(Place::Http)
    }

    fn rules(&mut self, catalog: &Catalog) -> Vec<Rule> {
        let mut rules = alerts::presets();
        let mut seen = BTreeMap::new();
        for value in tables(self.check, self.root, "rule") {
            if let Some(table) = value.get_ref().as_table() {
                self.check.unknown_keys(table, RuleOptions::KEYS, "[[rule]]");
            }
            let Some(options) = self.check.read::<RuleOptions>(part(value, RuleOptions::KEYS), "[[rule]]") else {
                continue;
            };
            self.unique(&Spanned::new(place_of(value, "id"), options.id.clone()), &mut seen, "rule");
            match Rule::from_options(&options) {
                Ok(rule) => {
                    let no_route =
                        options.route.as_deref().is_some_and(|route| catalog.route(&RouteId::new(route)).is_none());
                    if no_route {
                        let what = format!(
                            "the rule \"{}\" is on a route that is not configured",
                            Printable::clean(&options.id)
                        );
                        self.check.error(place_of(value, "route"), what, known_routes(catalog));
                    } else if rule.looks_at_nothing(catalog) {
                        let what = format!(
                            "the rule \"{}\" looks at no series that is known by name",
                            Printable::clean(&options.id)
                        );
                        self.check.warn(
                            place_of(value, "id"),
                            what,
                            "check route, measure and cadence; series of templates are found when they come",
                        );
                    }
                    rules.retain(|preset| preset.id != rule.id);
                    rules.push(rule);
                }
                Err(error) => {
                    self.check.error(place_of(value, error.key), format!("{}: {}", error.key, error.what), error.remedy)
                }
            }
        }
        rules
    }

    fn policy_dates(&mut self, routes: &[Route]) -> Vec<(PolicyDate, Vec<LedgerEntry>)> {
        let mut dates = Vec::new();
        let mut seen = BTreeMap::new();
        for value in tables(self.check, self.root, "policy_date") {
            if let Some(table) = value.get_ref().as_table() {
                self.check.unknown_keys(table, POLICY_DATE, "[[policy_date]]");
            }
            let Some(table) = self.check.read::<PolicyTable>(part(value, POLICY_DATE), "[[policy_date]]") else {
                continue;
            };
            self.unique(&table.id, &mut seen, "policy_date");
            let Some(zone) = self.zone(table.zone.as_ref()) else { continue };
            for route in &table.routes {
                if !routes.iter().any(|known| known.id.as_str() == route.get_ref()) {
                    let what = format!("the route \"{}\" is not configured", Printable::clean(route.get_ref()));
                    self.check.error(route.span(), what, "name a [[route]], or leave it out");
                }
            }
            let entries = table.changes.iter().filter_map(|change| self.ledger_entry(change, &zone)).collect();
            let id = PolicyId::new(table.id.get_ref());
            let date = PolicyDate {
                name: Printable::clean(table.name.as_deref().unwrap_or(id.as_str())),
                id,
                zone,
                routes: table.routes.iter().map(|route| RouteId::new(route.get_ref())).collect(),
            };
            dates.push((date, entries));
        }
        dates
    }

    fn ledger_entry(&mut self, change: &Spanned<ChangeTable>, zone: &TimeZone) -> Option<LedgerEntry> {
        let table = change.get_ref();
        let known = self.instant(&table.known, zone)?;
        let words: Vec<&str> = PolicyStatus::ALL.iter().map(|status| status.word()).collect();
        let status = self.one_of(&table.status, &words).and_then(|word| PolicyStatus::from_word(&word))?;
        let due = match &table.date {
            Some(date) => Some(self.due(date)?),
            None => None,
        };
        if status == PolicyStatus::Scheduled && due.is_none() {
            self.check.error(
                table.status.span(),
                "what is scheduled has a date",
                "add date = \"2022-05-23\", or write status = \"proposed\"",
            );
        }
        Some(LedgerEntry {
            known,
            recorded: known,
            status,
            due,
            reason: table.reason.as_deref().map(Printable::clean),
            authority: table.authority.as_deref().map(Printable::clean),
            source: table.source.as_deref().map(Printable::clean),
            first_load: false,
        })
    }

    fn due(&mut self, date: &Spanned<String>) -> Option<Due> {
        let text = date.get_ref();
        let due = if text.contains('T') {
            text.parse::<DateTime>().ok().map(Due::Minute)
        } else {
            text.parse::<Date>().ok().map(Due::Day)
        };
        if due.is_none() {
            let what = format!("\"{}\" is no date", Printable::clean(text));
            self.check.error(
                date.span(),
                what,
                "write \"2022-05-23\", or \"2023-05-11T23:59\" in the policy date's zone",
            );
        }
        due
    }
}

/// A series that a feed claims is part of its route, which is made where nobody described it.
fn describe(routes: &mut Vec<Route>, id: SeriesId) {
    let at = routes.iter().position(|route| route.id == id.route).unwrap_or_else(|| {
        routes.push(Route {
            name: Printable::clean(id.route.as_str()),
            id: id.route.clone(),
            direction: Direction::Unsaid,
            words: Vec::new(),
            owner: None,
            runbook: None,
            series: Vec::new(),
        });
        routes.len() - 1
    });
    if !routes[at].series.iter().any(|spec| spec.id == id) {
        routes[at].series.push(SeriesSpec::plain(id));
    }
}

fn known_routes(catalog: &Catalog) -> String {
    let names: Vec<&str> = catalog.routes.iter().map(|route| route.id.as_str()).collect();
    if names.is_empty() { "add a [[route]] first".to_owned() } else { format!("routes are {}", names.join(", ")) }
}
