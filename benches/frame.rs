//! One frame of a wall, 220x60: the view by itself, and with the difference and its bytes.

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::path::Path;
use std::sync::Arc;
use watchfloor::app::scenario::picture;
use watchfloor::domain::situation::{Mode, Situation};
use watchfloor::ui::glyphs::Tier;
use watchfloor::ui::message::Msg;
use watchfloor::ui::model::Model;
use watchfloor::ui::terminal::Screen;
use watchfloor::ui::theme::{Depth, Theme};
use watchfloor::ui::update::update;
use watchfloor::ui::view::view;

const SIZE: Size = Size { width: 220, height: 60 };

fn main() {
    divan::main();
}

fn model() -> Model {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-feeds/spring-2022");
    let april = runtime.block_on(picture(&folder, "2022-04-18T21:00:00Z".parse().expect("an instant")));
    let april = april.expect("the sample replays");
    let live = Arc::new(Situation { mode: Mode::Live, ..(*april).clone() });
    let theme = Theme::named("watch", Depth::Indexed).expect("an embedded theme");
    let now = live.now;
    Model::new(live, now, SIZE, TimeZone::UTC, theme, Tier::Full)
}

#[divan::bench]
fn view_alone(bencher: divan::Bencher<'_, '_>) {
    let model = model();
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.width, SIZE.height));
    bencher.bench_local(|| {
        buffer.reset();
        view(&model, &mut buffer);
    });
}

#[divan::bench]
fn a_minute_later(bencher: divan::Bencher<'_, '_>) {
    let mut model = model();
    let mut terminal = Terminal::new(Screen::new(Vec::new(), SIZE, true)).expect("a screen in memory");
    bencher.bench_local(|| {
        let later = model.now + jiff::SignedDuration::from_mins(1);
        update(&mut model, Msg::Tick(later));
        terminal.draw(|frame| view(&model, frame.buffer_mut())).expect("memory takes what is written");
    });
}
