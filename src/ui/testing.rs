//! A short builder of pictures and screens, so that a test of the screen reads as a sentence about a situation; and a
//! printer of what is drawn: the characters, and under them one letter a cell for its role.

#![allow(missing_docs, reason = "the names are the sentence")]

use super::glyphs::Tier;
use super::model::Model;
use super::theme::Theme;
use super::view;
use crate::domain::alert::{
    Acknowledgement, Evaluation, Incident, IncidentId, Judgement, Onset, Phase, RuleId, Severity, Subject, Verdict,
};
use crate::domain::feed::{Feed, FeedHealth, FeedId, FeedKind};
use crate::domain::headline::{Headline, HeadlineKey, Item};
use crate::domain::observation::{BatchId, Known, KnownHow, Observation, Status, Vintage};
use crate::domain::policy_date::{Due, LedgerEntry, PolicyDate, PolicyId, PolicyStatus};
use crate::domain::route::{Direction, Route, SeriesId, SeriesSpec};
use crate::domain::situation::{Catalog, Facts, Mode, Replay, Situation, StoreState, Threshold};
use crate::domain::time::Period;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::sync::Arc;

/// An instant as RFC 3339 writes it.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A picture that is being told.
#[derive(Clone)]
pub struct Story {
    picture: Situation,
    catalog: Catalog,
}

/// Nothing is configured, nothing is known; live.
pub fn once_upon(now: &str) -> Story {
    let picture = Situation {
        title: "Watchfloor".into(),
        now: at(now),
        mode: Mode::Live,
        store: StoreState::Fine,
        catalog: Arc::default(),
        facts: Facts::default(),
        newest: Arc::default(),
    };
    Story { picture, catalog: Catalog::default() }
}

impl Story {
    pub fn titled(mut self, title: &str) -> Self {
        self.picture.title = title.into();
        self
    }

    pub fn later(mut self, now: &str) -> Self {
        self.picture.now = at(now);
        self
    }

    pub fn mode(mut self, mode: Mode) -> Self {
        self.picture.mode = mode;
        self
    }

    /// The sample, in steps of three hours.
    pub fn sampled(self, change: impl FnOnce(&mut Replay)) -> Self {
        let mut replay = Replay {
            name: "Spring 2022".into(),
            step: SignedDuration::from_hours(3),
            paused: false,
            speed_percent: 100,
            epilogue: false,
            note: None,
            finished: false,
        };
        change(&mut replay);
        self.mode(Mode::Sample(replay))
    }

    pub fn store_away(mut self, since: &str, why: &str) -> Self {
        self.picture.store = StoreState::Away { since: at(since), why: why.into(), waiting: None };
        self
    }

    /// A route whose one series is of `label`'s cadence.
    pub fn route(mut self, id: &str, name: &str, measure: &str, label: &str, words: &[&str]) -> Self {
        let series =
            SeriesId { route: id.into(), measure: measure.into(), cadence: label.parse::<Period>().unwrap().cadence() };
        self.catalog.routes.push(Route {
            id: id.into(),
            name: name.into(),
            direction: Direction::North,
            words: words.iter().map(|word| (*word).into()).collect(),
            owner: None,
            runbook: None,
            series: vec![SeriesSpec::plain(series)],
        });
        self
    }

    fn series(&self, route: &str) -> SeriesId {
        self.catalog.route(&route.into()).unwrap().series[0].id.clone()
    }

    /// Closed values of a route from a period on, known at an instant; negative for a gap.
    pub fn values(mut self, route: &str, first: &str, known: &str, values: &[f64]) -> Self {
        let first: Period = first.parse().unwrap();
        for (number, value) in (0_i64..).zip(values).filter(|(_, value)| **value >= 0.0) {
            self = self.value(route, first.offset(number), *value, Status::Closed, known);
        }
        self
    }

    pub fn value(mut self, route: &str, period: Period, value: f64, status: Status, known: &str) -> Self {
        let observation =
            Observation { series: self.series(route), period, value: Some(value), status, published: None };
        let known = Known { at: at(known), how: KnownHow::Stated };
        self.picture.facts.insert(&Vintage { observation, known, batch: BatchId(1) });
        self
    }

    pub fn threshold(mut self, route: &str, fire: f64) -> Self {
        let line = Threshold { series: self.series(route), rule: "capacity".into(), fire, above: true };
        self.catalog.thresholds.push(line);
        self
    }

    /// A feed, asked every six hours, that was never asked.
    pub fn feed(mut self, id: &str, name: &str, kind: FeedKind) -> Self {
        self.catalog.feeds.push(Feed {
            id: id.into(),
            name: name.into(),
            kind,
            place: format!("https://{id}.example.org/data").into(),
            every: SignedDuration::from_hours(6),
            deadline: SignedDuration::from_secs(30),
        });
        self
    }

    /// What the last check of a feed gave, good at `success` unless `change` says otherwise.
    pub fn checked(mut self, id: &str, success: &str, change: impl FnOnce(&mut FeedHealth)) -> Self {
        let when = at(success);
        let mut health = FeedHealth {
            checked: Some(when),
            success: Some(when),
            changed: Some(when),
            http_status: Some(200),
            latency_ms: Some(184),
            next_due: when.checked_add(SignedDuration::from_hours(6)).ok(),
            ..FeedHealth::unasked(FeedId::new(id))
        };
        change(&mut health);
        self.picture.facts.health.insert(FeedId::new(id), Arc::new(health));
        self
    }

    pub fn headline(mut self, feed: &str, published: &str, title: &str, summary: &str, link: &str) -> Self {
        let number = self.picture.facts.headlines.len();
        let key = HeadlineKey(format!("h{number:03}").into());
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let headline = Headline {
            item: Item {
                title: title.into(),
                link: some(link),
                published: Some(at(published)),
                summary: some(summary),
                ..Item::default()
            },
            ..Headline::first(key.clone(), feed.into(), at(published), Item::default())
        };
        Arc::make_mut(&mut self.picture.facts.headlines).insert(key, Arc::new(headline));
        self
    }

    pub fn date(mut self, id: &str, name: &str, zone: &str, routes: &[&str]) -> Self {
        self.catalog.policy_dates.push(PolicyDate {
            id: id.into(),
            name: name.into(),
            zone: TimeZone::get(zone).unwrap(),
            routes: routes.iter().map(|route| (*route).into()).collect(),
        });
        self
    }

    /// A ledger entry; `due` is a day, a day with a time, or nothing.
    pub fn change(
        mut self,
        id: &str,
        known: &str,
        status: PolicyStatus,
        due: &str,
        authority: &str,
        reason: &str,
    ) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let day = due.parse().ok().filter(|_| due.len() == 10).map(Due::Day);
        let entry = LedgerEntry {
            known: at(known),
            recorded: at(known),
            status,
            due: day.or_else(|| due.parse().ok().map(Due::Minute)),
            reason: some(reason),
            authority: some(authority),
            source: some("https://example.org/order"),
            first_load: false,
        };
        Arc::make_mut(self.picture.facts.ledgers.entry(PolicyId::new(id)).or_default()).insert(entry);
        self
    }

    /// An alert on a route, firing since an instant.
    pub fn firing(self, route: &str, kind: &str, severity: Severity, since: &str, reason: &str) -> Self {
        let subject = Subject::Series(self.series(route));
        self.incident(subject, kind, severity, since, reason)
    }

    pub fn incident(mut self, subject: Subject, kind: &str, severity: Severity, since: &str, reason: &str) -> Self {
        let id = IncidentId(format!("{kind} {subject}").into());
        let incident = Incident {
            id: id.clone(),
            rule: RuleId::new(kind),
            kind: kind.trim_end_matches("-down").into(),
            rule_text: "as configured".into(),
            rule_hash: 1,
            subject,
            onset_first: Onset::At(at(since)),
            onset: Onset::At(at(since)),
            phase: Phase::Firing,
            severity,
            opened: at(since),
            ended: None,
            value: None,
            reason: reason.into(),
            decided_on: Some(at(since)),
            provisional: false,
            first_load: false,
            acknowledged: None,
        };
        self.picture.facts.incidents.insert(id, Arc::new(incident));
        self
    }

    /// Somebody has every alert in hand; `first_load` says whether those were there when the store was first filled.
    pub fn in_hand(mut self, first_load: bool) -> Self {
        let ana =
            Acknowledgement { by: "ana@desk".into(), at: self.picture.now, note: "".into(), until: None, wake: None };
        for incident in self.picture.facts.incidents.values_mut() {
            let taken = Incident { acknowledged: Some(ana.clone()), first_load, ..(**incident).clone() };
            *incident = Arc::new(taken);
        }
        self
    }

    pub fn without_alerts(mut self) -> Self {
        self.picture.facts.incidents.clear();
        self
    }

    pub fn without_headlines_after(mut self, last: &str) -> Self {
        let headlines = Arc::make_mut(&mut self.picture.facts.headlines);
        headlines.retain(|_, headline| headline.at() <= at(last));
        self
    }

    /// A rule that cannot tell about a route.
    pub fn cannot_tell(mut self, route: &str, rule: &str, reason: &str) -> Self {
        let (rule, subject) = (RuleId::new(rule), Subject::Series(self.series(route)));
        let evaluation = Evaluation::without_figures(None, Verdict::Unknown, reason.into());
        let judgement = Judgement { rule: rule.clone(), subject: subject.clone(), phase: Phase::Inactive, evaluation };
        self.picture.facts.judgements.insert((rule, subject), Arc::new(judgement));
        self
    }

    /// The picture.
    pub fn picture(&self) -> Arc<Situation> {
        let newest = self.picture.facts.newest_headlines();
        Arc::new(Situation { catalog: Arc::new(self.catalog.clone()), newest, ..self.picture.clone() })
    }

    /// A screen of that size that has just been opened: nothing on it is new.
    pub fn screen(&self, width: u16, height: u16) -> Model {
        self.screen_in(width, height, Tier::Full)
    }

    pub fn screen_in(&self, width: u16, height: u16, tier: Tier) -> Model {
        let zone = TimeZone::get("America/New_York").unwrap();
        let now = self.picture.now;
        Model::new(self.picture(), now, Size { width, height }, zone, Theme::marked(), tier)
    }
}

/// 18 April 2022, 21:00 UTC: March's record at the southwest border is half an hour old, the lift of Title 42 is five
/// weeks ahead, and everything answers.
pub fn spring() -> Story {
    use FeedKind::{News, Statistics};
    let channel = (0..440_u32).map(|day| {
        let rough = (day * 7919 % 97) < 55;
        let season = if day % 365 > 120 { 40 } else { 12 };
        if rough { 0.0 } else { f64::from((day * 31 % 9) * season) }
    });
    let channel: Vec<f64> = channel.chain([88.0]).collect();
    once_upon("2022-04-18T21:00:00Z")
        .titled("Spring 2022")
        .route(
            "us-southwest",
            "US southwest border",
            "encounters",
            "2022-03",
            &["southwest border", "border", "CBP", "Title 42"],
        )
        .route("darien", "Darien", "persons", "2022-03", &["Darien", "Panama"])
        .route("channel", "English Channel", "persons", "2022-04-17", &["Channel", "small boats"])
        .route("central-med", "Central Mediterranean", "detections", "2022-02", &["Mediterranean", "Lampedusa"])
        .values("us-southwest", "2019-10", "2022-04-18T20:30:00Z", &US)
        .values("darien", "2021-01", "2022-04-11T17:40:00Z", &DARIEN)
        .values("channel", "2021-02-01", "2022-04-18T12:00:00Z", &channel)
        .values("central-med", "2021-01", "2022-04-13T10:00:00Z", &CENTRAL)
        .threshold("us-southwest", 200_000.0)
        .feed("cbp", "CBP encounters", Statistics)
        .feed("snm", "Panama transits", Statistics)
        .feed("ukho", "UK small boats", Statistics)
        .feed("frontex", "Frontex", Statistics)
        .feed("americas", "Americas", News)
        .checked("cbp", "2022-04-18T20:30:00Z", |health| health.data_until = "2022-03-31".parse().ok())
        .checked("snm", "2022-04-18T18:00:00Z", |health| health.data_until = "2022-03-31".parse().ok())
        .checked("ukho", "2022-04-18T19:30:00Z", |health| health.data_until = "2022-04-17".parse().ok())
        .checked("frontex", "2022-04-18T16:10:00Z", |health| health.data_until = "2022-02-28".parse().ok())
        .checked("americas", "2022-04-18T20:58:00Z", |_| {})
        .date("title-42", "Title 42 lift", "America/New_York", &["us-southwest", "darien"])
        .change("title-42", "2022-03-30T20:00:00Z", PolicyStatus::Proposed, "2022-05-23", "draft order", "")
        .change("title-42", "2022-04-01T16:00:00Z", PolicyStatus::Scheduled, "2022-05-23", "CDC", "")
        .headline("americas", "2022-04-11T17:45:00Z", "Panama counts 13,425 people through the Darien", "", "")
        .headline("americas", "2022-04-14T22:00:00Z", "Twenty-one states ask the court to keep Title 42", "", "")
        .headline("americas", "2022-04-15T22:30:00Z", "Texas ends its extra truck checks", "", "")
        .headline(
            "americas",
            "2022-04-18T20:40:00Z",
            "221,303 encounters at the southwest border in March, the most in a month on record",
            "More than July 2021, the record until now; more than half were expelled under Title 42.",
            "https://www.cbp.gov/newsroom/stats",
        )
        .firing(
            "us-southwest",
            "above",
            Severity::Critical,
            "2022-04-18T20:30:00Z",
            "221,303 in March 2022: at or above 200,000",
        )
        .firing(
            "darien",
            "year-to-date",
            Severity::Warning,
            "2022-03-29T16:02:00Z",
            "more than double: 13,425 in Jan–Mar 2022, from 5,622 in 2021 · as published 11 Apr",
        )
}

/// Two days after the court has held the date.
pub fn held() -> Story {
    spring().later("2022-05-22T21:00:00Z").change(
        "title-42",
        "2022-05-20T21:30:00Z",
        PolicyStatus::Held,
        "",
        "W.D. La.",
        "enjoined",
    )
}

const US: [f64; 30] = [
    45139.0, 42643.0, 40565.0, 36585.0, 36687.0, 34460.0, 17106.0, 23237.0, 33049.0, 40929.0, 50014.0, 57674.0,
    71929.0, 72113.0, 73994.0, 78414.0, 101_099.0, 173_277.0, 178_795.0, 180_597.0, 189_034.0, 213_593.0, 209_840.0,
    192_001.0, 164_837.0, 174_845.0, 179_253.0, 154_874.0, 166_010.0, 221_303.0,
];
const DARIEN: [f64; 15] = [
    1071.0, 1857.0, 2694.0, 5865.0, 4462.0, 10267.0, 18813.0, 25332.0, 25495.0, 25904.0, 7762.0, 4194.0, 4442.0,
    4014.0, 4969.0,
];
const CENTRAL: [f64; 14] =
    [1039.0, 4059.0, 2350.0, 1550.0, 5660.0, 4700.0, 8600.0, 9300.0, 6900.0, 6240.0, 9570.0, 4330.0, 3140.0, 2439.0];

/// What a screen shows: its characters, then under a rule one letter a cell for the role in which each is drawn.
pub fn show(model: &Model) -> String {
    let buffer = drawn(model);
    let rows = |cell: &dyn Fn(&ratatui::buffer::Cell) -> String| {
        let row = |y| {
            let text: String = (0..buffer.area.width).map(|x| cell(&buffer[(x, y)])).collect();
            text.trim_end().to_owned()
        };
        (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
    };
    let characters = rows(&|cell| cell.symbol().to_owned());
    let roles = rows(&|cell| match cell.symbol() {
        " " => " ".to_owned(),
        _ => Theme::letter(cell.style()).to_string(),
    });
    format!("{characters}\n{}\n{roles}", "=".repeat(usize::from(buffer.area.width)))
}

/// The characters alone.
pub fn text(model: &Model) -> String {
    show(model).split("\n===").next().unwrap_or_default().to_owned()
}

/// The buffer of a screen.
pub fn drawn(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.width, model.size.height));
    view::view(model, &mut buffer);
    buffer
}
