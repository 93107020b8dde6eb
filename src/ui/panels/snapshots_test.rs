//! What each page looks like, at four sizes: the characters, and one letter a cell for the role. A change shows as a changed
//! picture, to be looked at and accepted.

use crate::domain::alert::{Severity, Subject};
use crate::domain::feed::FeedKind;
use crate::domain::policy_date::PolicyStatus;
use crate::ui::glyphs::Tier;
use crate::ui::message::{Msg, Page};
use crate::ui::model::Model;
use crate::ui::testing::{Story, at, held, once_upon, show, spring, text};
use crate::ui::update::update;
use insta::assert_snapshot;

/// The wall's, the desk's, the SSH session's and the phone's.
const SIZES: [(u16, u16); 4] = [(220, 60), (120, 40), (80, 24), (44, 14)];

/// A screen that somebody last looked at when nothing of that day had happened yet.
fn looked_at_noon(story: &Story, width: u16, height: u16) -> Model {
    let mut model = story.screen(width, height);
    model.seen.retain(|id| id.0.starts_with("year-to-date"));
    model.read_until = at("2022-04-18T12:00:00Z");
    model
}

fn page(story: &Story, page: Page, name: &str) {
    for (width, height) in SIZES {
        let mut model = looked_at_noon(story, width, height);
        model.page = page;
        assert_snapshot!(format!("{name}_{width}x{height}"), show(&model));
    }
}

#[test]
fn overview() {
    page(&spring().sampled(|_| {}), Page::Overview, "overview");
}

#[test]
fn dates() {
    page(&held().sampled(|_| {}), Page::Dates, "dates");
}

#[test]
fn headlines() {
    page(&spring().sampled(|_| {}), Page::Headlines, "headlines");
}

#[test]
fn feeds() {
    let story = spring()
        .checked("snm", "2022-04-17T06:00:00Z", |health| {
            health.failures = 4;
            health.error =
                Some("HTTP 503 from snm.example.org: asked again in 40 min; look at the publisher's page".into());
            health.http_status = Some(503);
        })
        .checked("ukho", "2022-04-18T19:30:00Z", |health| {
            health.degraded = Some("row 212, column migrants: \"n/a\" is no number; the row was left out".into());
        })
        .feed("unhcr", "UNHCR", FeedKind::News);
    page(&story, Page::Feeds, "feeds");
}

#[test]
fn a_date_that_a_court_holds() {
    assert_snapshot!("held_120x40", show(&held().screen(120, 40)));
}

#[test]
fn what_somebody_has_in_hand_says_so_since_whenever_it_fires_and_at_every_width() {
    for (width, height) in SIZES {
        for first_load in [false, true] {
            let seen = |story: Story| {
                let mut model = story.screen(width, height);
                model.seen = model.picture.facts.incidents.keys().cloned().collect();
                text(&model)
            };
            let alerts = spring().without_alerts().firing(
                "darien",
                "record",
                Severity::Warning,
                "2022-04-11T15:00:00Z",
                "a record",
            );
            let taken = seen(alerts.in_hand(first_load));
            assert_eq!(taken.matches("in hand").count(), 1, "{width}x{height} {first_load}: {taken}");
        }
    }
    assert!(!text(&spring().screen(120, 40)).contains("in hand"), "nobody has these");
}

#[test]
fn calm_is_proven() {
    assert_snapshot!("calm_80x24", show(&spring().without_alerts().screen(80, 24)));
}

#[test]
fn calm_is_not_proven() {
    let story = spring()
        .without_alerts()
        .checked("cbp", "2022-04-16T20:30:00Z", |_| {})
        .checked("snm", "2022-04-16T20:30:00Z", |_| {})
        .cannot_tell("darien", "month-year-to-date", "February is missing")
        .cannot_tell("darien", "month-year-on-year", "February is missing")
        .cannot_tell("channel", "day-year-on-year", "history 300 of 392 days");
    assert_snapshot!("doubt_80x24", show(&story.screen(80, 24)));
}

#[test]
fn the_end_of_the_sample() {
    let story = spring().later("2023-05-12T06:00:00Z").sampled(|replay| {
        (replay.finished, replay.epilogue) = (true, true);
        replay.note = Some("Title 42 ended at 23:59 on 11 May 2023, New York".into());
    });
    let story = story.change("title-42", "2023-05-12T03:59:00Z", PolicyStatus::Reached, "2023-05-11T23:59", "HHS", "");
    assert_snapshot!("end_80x24", show(&story.screen(80, 24)));
}

#[test]
fn the_opened_route() {
    let mut model = spring().screen(120, 40);
    model.chart = true;
    assert_snapshot!("route_120x40", show(&model));
}

#[test]
fn help() {
    let mut model = spring().sampled(|_| {}).screen(80, 24);
    model.help = true;
    assert_snapshot!("help_80x24", show(&model));
}

#[test]
fn the_poorer_fonts() {
    assert_snapshot!("ascii_80x24", show(&held().screen_in(80, 24, Tier::Ascii)));
    assert_snapshot!("console_120x40", show(&spring().screen_in(120, 40, Tier::Console)));
    assert_snapshot!("blocks_days_120x40", {
        let mut model = spring().screen_in(120, 40, Tier::Blocks);
        model.selected[0] = 2;
        show(&model)
    });
}

#[test]
fn a_full_wall() {
    let mut story = spring().store_away("2022-04-18T20:48:00Z", "database is locked");
    for number in 0..28_u32 {
        let (id, name) = (format!("r{number:02}"), format!("Route number {number}"));
        story = story.route(&id, &name, "persons", "2022-03", &[]);
        let values: Vec<f64> = (0..24).map(|month| f64::from((month * 37 + number * 13) % 90)).collect();
        story = story.values(&id, "2020-04", "2022-04-12T08:00:00Z", &values);
    }
    for number in 0..7 {
        let (id, name) = (format!("d{number}"), format!("Deadline number {number}"));
        story = story.date(&id, &name, "Europe/Paris", &[]).change(
            &id,
            "2022-04-01T08:00:00Z",
            PolicyStatus::Scheduled,
            &format!("2022-06-0{}", number + 1),
            "Council",
            "",
        );
    }
    for number in 0..12 {
        let route = format!("r{number:02}");
        story =
            story.firing(&route, "year-on-year", Severity::Warning, "2022-04-12T08:00:00Z", "double: 400, from 200");
    }
    story = story.incident(
        Subject::Feed("frontex".into()),
        "stale",
        Severity::Info,
        "2022-04-18T02:00:00Z",
        "February should have been out by 10 April",
    );
    assert_snapshot!("full_120x40", show(&story.screen(120, 40)));
    assert_snapshot!("full_80x24", show(&story.screen(80, 24)));
}

#[test]
fn nothing_at_all() {
    assert_snapshot!("empty_80x24", show(&once_upon("2022-04-18T21:00:00Z").screen(80, 24)));
}

#[test]
fn a_viewer_that_asks_is_told_who_collects() {
    use crate::domain::situation::Mode;
    use crate::ui::terminal::{Input, Key, KeyCode};
    let viewer = spring().mode(Mode::Viewer { collector: Some("duty@floor process 41".into()) });
    let mut model = viewer.screen(80, 24);
    let asked = update(&mut model, Msg::Input(Input::Key(Key { code: KeyCode::Char('r'), ctrl: false })));
    assert!(asked.is_empty());
    let shown = text(&model);
    assert!(shown.lines().next().unwrap().contains("VIEWER"), "{shown}");
    assert!(shown.lines().last().unwrap().contains("the collector asks the feeds"), "{shown}");
}
