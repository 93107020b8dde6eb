//! Every page at four sizes, as characters and as a map of roles, from the sample at a fixed instant; and how many bytes a change
//! costs.

use ratatui::Terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use watchfloor::app::scenario::picture;
use watchfloor::domain::situation::{Mode, Situation};
use watchfloor::ui::glyphs::Tier;
use watchfloor::ui::message::{Msg, Page};
use watchfloor::ui::model::Model;
use watchfloor::ui::terminal::{Input, Key, KeyCode, Screen};
use watchfloor::ui::theme::{Depth, Theme};
use watchfloor::ui::update::update;
use watchfloor::ui::view::view;

fn at(until: &str) -> Arc<Situation> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-feeds/spring-2022");
    runtime.block_on(picture(&folder, until.parse().unwrap())).unwrap()
}

/// 18 April 2022, half an hour after the border's figures.
fn april() -> Arc<Situation> {
    static APRIL: OnceLock<Arc<Situation>> = OnceLock::new();
    APRIL.get_or_init(|| at("2022-04-18T21:00:00Z")).clone()
}

fn model(picture: Arc<Situation>, width: u16, height: u16, tier: Tier, theme: Theme) -> Model {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let now = picture.now;
    Model::new(picture, now, Size { width, height }, zone, theme, tier)
}

/// The characters, and under them a letter a cell for its role.
fn grids(model: &Model) -> String {
    let area = Rect::new(0, 0, model.size.width, model.size.height);
    let mut buffer = Buffer::empty(area);
    view(model, &mut buffer);
    let row = |y: u16, of: &dyn Fn(&ratatui::buffer::Cell) -> String| {
        let text: String = (0..area.width).map(|x| of(&buffer[(x, y)])).collect();
        text.trim_end().to_owned()
    };
    let letters = |cell: &ratatui::buffer::Cell| {
        if cell.symbol() == " " { " ".to_owned() } else { Theme::letter(cell.style()).to_string() }
    };
    let characters: Vec<String> = (0..area.height).map(|y| row(y, &|cell| cell.symbol().to_owned())).collect();
    let roles: Vec<String> = (0..area.height).map(|y| row(y, &letters)).collect();
    format!("{}\n{}\n{}", characters.join("\n"), "=".repeat(usize::from(area.width)), roles.join("\n"))
}

#[test]
fn every_page_at_four_sizes() {
    for (page, name, _) in Page::ALL {
        for (width, height) in [(80, 24), (120, 40), (220, 60), (44, 14)] {
            let mut model = model(april(), width, height, Tier::Full, Theme::marked());
            model.page = page;
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), grids(&model));
        }
    }
}

#[test]
fn help_chart_and_the_other_tiers() {
    let mut help = model(april(), 80, 24, Tier::Full, Theme::marked());
    help.help = true;
    insta::assert_snapshot!("help_80x24", grids(&help));
    let mut chart = model(april(), 120, 40, Tier::Full, Theme::marked());
    chart.chart = true;
    chart.selected[Page::Overview.place()] = 2;
    insta::assert_snapshot!("chart_daily_120x40", grids(&chart));
    for tier in [Tier::Console, Tier::Ascii] {
        let model = model(april(), 120, 40, tier, Theme::marked());
        insta::assert_snapshot!(format!("overview_{tier:?}_120x40"), grids(&model));
    }
    let held = model(at("2022-05-21T00:00:00Z"), 120, 40, Tier::Full, Theme::marked());
    insta::assert_snapshot!("held_120x40", grids(&held));
    let end = model(at("2023-05-13T00:00:00Z"), 80, 24, Tier::Full, Theme::marked());
    insta::assert_snapshot!("end_80x24", grids(&end));
}

#[test]
fn no_size_panics_on_any_page_in_any_tier() {
    for tier in Tier::ALL {
        let mut model = model(april(), 1, 1, tier, Theme::named("watch", Depth::None).unwrap());
        for (page, _, _) in Page::ALL {
            model.page = page;
            for (help, chart) in [(false, false), (true, false), (false, true)] {
                (model.help, model.chart) = (help, chart);
                for width in (1..48).chain([59, 60, 79, 80, 99, 100, 140, 250]) {
                    for height in (1..26).chain([40, 80]) {
                        model.size = Size { width, height };
                        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
                        view(&model, &mut buffer);
                    }
                }
            }
        }
    }
}

/// A live picture: what an idle wall shows.
fn live() -> Arc<Situation> {
    Arc::new(Situation { mode: Mode::Live, ..(*april()).clone() })
}

fn draw(terminal: &mut Terminal<Screen<Vec<u8>>>, model: &Model) -> usize {
    terminal.draw(|frame| view(model, frame.buffer_mut())).unwrap();
    terminal.backend().bytes().0
}

#[test]
fn a_minute_a_page_and_a_key_cost_few_bytes() {
    let mut model = model(live(), 120, 40, Tier::Full, Theme::named("watch", Depth::Indexed).unwrap());
    let mut terminal = Terminal::new(Screen::new(Vec::new(), model.size, true)).unwrap();
    terminal.clear().unwrap();
    let whole = draw(&mut terminal, &model);
    assert!((2_000..9_000).contains(&whole), "a whole screen: {whole}");
    assert_eq!(draw(&mut terminal, &model), 0, "nothing changed");
    let mut ticks = Vec::new();
    for minute in 1..=10 {
        let now = model.picture.now + jiff::SignedDuration::from_mins(minute);
        update(&mut model, Msg::Tick(now));
        ticks.push(draw(&mut terminal, &model));
    }
    // An idle wall says the time in two zones and an age or two, once a minute.
    assert!(ticks.iter().all(|bytes| *bytes < 120), "ticks: {ticks:?}");
    let mut press = |model: &mut Model, code: KeyCode| {
        update(model, Msg::Input(Input::Key(Key { code, ctrl: false })));
        draw(&mut terminal, model)
    };
    let down = press(&mut model, KeyCode::Char('j'));
    assert!(down < 2_500, "another route and its chart: {down}");
    for key in ['2', '3', '4', '1'] {
        let page = press(&mut model, KeyCode::Char(key));
        assert!(page < 8_000, "page {key}: {page}");
    }
}
