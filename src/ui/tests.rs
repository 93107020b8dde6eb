//! The screen as a whole: update keeps its promises for any input, no size panics, and the loop obeys, draws and ends.

use super::glyphs::Tier;
use super::message::{Command, Effect, Msg, Outside, Page};
use super::model::Model;
use super::terminal::{Guard, Input, Key, KeyCode, Screen, Setup};
use super::testing::{at, drawn, held, once_upon, spring, text};
use super::update::update;
use super::{Timer, Wires, run_on};
use crate::domain::headline::Also;
use jiff::Timestamp;
use proptest::prelude::*;
use ratatui::layout::Size;
use std::future::{Future, pending};
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

const fn key(code: KeyCode) -> Input {
    Input::Key(Key { code, ctrl: false })
}

const fn char(c: char) -> Input {
    key(KeyCode::Char(c))
}

fn press(model: &mut Model, inputs: &[Input]) -> Vec<Effect> {
    inputs.iter().flat_map(|input| update(model, Msg::Input(input.clone()))).collect()
}

#[test]
fn keys_turn_pages_and_lead_back() {
    let mut model = spring().screen(120, 40);
    press(&mut model, &[char('4')]);
    assert_eq!(model.page, Page::Feeds);
    press(&mut model, &[key(KeyCode::Tab)]);
    assert_eq!(model.page, Page::Overview);
    press(&mut model, &[char('j'), key(KeyCode::Enter)]);
    assert!(model.chart && model.route().unwrap().id.as_str() == "darien");
    press(&mut model, &[key(KeyCode::Esc)]);
    assert!(!model.chart && model.page == Page::Overview);
    press(&mut model, &[char('?'), char('3')]);
    assert!(!model.help && model.page == Page::Headlines, "a key closes the help and does what it means");
}

#[test]
fn a_replay_is_asked_and_a_live_session_is_not() {
    let keys = [char(' '), char('+'), char('-'), char('r')];
    let mut sample = spring().sampled(|_| {}).screen(80, 24);
    assert_eq!(press(&mut sample, &keys), [Effect::Pause, Effect::Faster, Effect::Slower, Effect::Again]);
    let mut live = spring().screen(80, 24);
    assert_eq!(press(&mut live, &keys), [Effect::Refresh(None)]);
    let mut ended = spring().sampled(|replay| replay.finished = true).screen(80, 24);
    assert_eq!(press(&mut ended, &keys), [Effect::Again]);
}

#[test]
fn a_headline_is_new_until_somebody_looks() {
    let before = spring().later("2022-04-18T12:00:00Z").without_headlines_after("2022-04-18T12:00:00Z");
    let mut model = before.screen(120, 40);
    update(&mut model, Msg::Situation(spring().picture()));
    update(&mut model, Msg::Tick(at("2022-04-18T21:00:00Z")));
    let new = |model: &Model| model.index.headlines.iter().filter(|headline| model.is_new(headline)).count();
    assert_eq!(new(&model), 1);
    press(&mut model, &[char('j')]);
    assert_eq!(new(&model), 1, "moving elsewhere is not looking");
    press(&mut model, &[char('3')]);
    assert_eq!(new(&model), 0, "it is in the reading pane");
}

#[test]
fn what_a_new_feed_brings_at_once_is_not_new() {
    let mut model = spring().without_headlines_after("2022-04-18T12:00:00Z").screen(120, 40);
    let mut picture = (*spring().picture()).clone();
    for headline in Arc::make_mut(&mut picture.facts.headlines).values_mut() {
        Arc::make_mut(headline).first_load = true;
    }
    picture.newest = picture.facts.newest_headlines();
    update(&mut model, Msg::Situation(Arc::new(picture)));
    update(&mut model, Msg::Tick(at("2022-04-18T21:00:00Z")));
    assert!(!model.index.headlines.iter().any(|headline| model.is_new(headline)));
}

#[test]
fn other_feeds_with_the_same_story_stand_under_it() {
    let mut picture = (*spring().picture()).clone();
    for headline in Arc::make_mut(&mut picture.facts.headlines).values_mut() {
        Arc::make_mut(headline).also.push(Also { feed: "wire".into(), link: None });
    }
    picture.newest = picture.facts.newest_headlines();
    let mut model = spring().screen(120, 40);
    update(&mut model, Msg::Situation(Arc::new(picture)));
    press(&mut model, &[char('3')]);
    assert!(text(&model).contains("also in wire"), "{}", text(&model));
}

#[test]
fn what_is_selected_stays_selected_when_news_arrives() {
    let before = spring().without_headlines_after("2022-04-18T12:00:00Z");
    let mut model = before.screen(120, 40);
    press(&mut model, &[char('3'), char('j')]);
    let chosen = model.index.headlines[model.selection()].key.clone();
    update(&mut model, Msg::Situation(spring().picture()));
    assert_eq!(model.index.headlines[model.selection()].key, chosen);
    press(&mut model, &[char('g')]);
    update(&mut model, Msg::Situation(before.picture()));
    assert_eq!(model.selection(), 0);
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut model = spring().screen(120, 40);
    let shown = text(&model);
    let row = shown.lines().position(|line| line.contains("English Channel ")).unwrap();
    let click = Input::Click(10, u16::try_from(row).unwrap());
    press(&mut model, std::slice::from_ref(&click));
    assert_eq!((model.selection(), model.chart), (2, false));
    press(&mut model, &[click]);
    assert!(model.chart);
}

fn inputs() -> impl Strategy<Value = Input> {
    use KeyCode::{BackTab, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
    let codes = [Enter, Esc, Tab, BackTab, Up, Down, Left, Right, PageUp, PageDown, Home, End];
    prop_oneof![
        prop::sample::select(codes.to_vec()).prop_map(key),
        "[a-zA-Z0-9 ?+=-]".prop_map(|text| char(text.chars().next().unwrap())),
        (0_u16..260, 0_u16..90).prop_map(|(x, y)| Input::Click(x, y)),
        (-2_i8..3).prop_map(Input::Wheel),
    ]
}

fn stories(which: usize) -> super::testing::Story {
    match which {
        0 => spring(),
        1 => held().sampled(|_| {}),
        2 => spring().without_alerts().sampled(|replay| replay.finished = true),
        3 => spring().store_away("2022-04-18T20:00:00Z", "the disk is full"),
        _ => once_upon("2022-04-18T21:00:00Z"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_and_no_input_panics(
        width in 1_u16..250, height in 1_u16..80, which in 0_usize..5, then in 0_usize..5,
        inputs in prop::collection::vec(inputs(), 0..12), tier in 0_usize..4,
    ) {
        let mut model = stories(which).screen_in(width, height, Tier::ALL[tier]);
        for (at, input) in inputs.iter().enumerate() {
            update(&mut model, Msg::Input(input.clone()));
            if at == 5 {
                update(&mut model, Msg::Situation(stories(then).picture()));
            }
            for (page, ..) in Page::ALL {
                prop_assert!(model.selection_of(page) < model.entries(page).max(1));
            }
            let buffer = drawn(&model);
            let failed = (0..height).any(|y| {
                (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().contains("could not be drawn")
            });
            prop_assert!(!failed, "a part panicked and was contained");
        }
        drawn(&model);
    }
}

#[test]
fn a_single_route_has_its_head() {
    let one = once_upon("2022-04-18T21:00:00Z").route("r", "One route", "persons", "2022-03", &[]);
    let shown = text(&one.screen(120, 40));
    let lines: Vec<&str> = shown.lines().collect();
    let head = lines.iter().position(|line| line.contains("ROUTES")).unwrap();
    assert!(lines[head + 1].contains("One route") && lines[head + 1].contains("nothing published yet"), "{shown}");
}

#[test]
fn every_size_from_one_cell_on_shows_something() {
    for (page, ..) in Page::ALL {
        for (width, height) in
            (1..=250_u16).step_by(13).flat_map(|width| (1..=80_u16).step_by(7).map(move |height| (width, height)))
        {
            let mut model = spring().sampled(|_| {}).screen(width, height);
            model.page = page;
            let shown = text(&model);
            assert!(!shown.trim().is_empty(), "{page:?} {width}x{height}");
            assert!(!shown.contains("could not be drawn"), "{page:?} {width}x{height}");
        }
    }
}

/// A timer that stands still.
struct Still(Timestamp);

impl Timer for Still {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn until(&self, _: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(pending())
    }
}

/// What is written, for whoever looks later.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen with hands on both ends.
struct Rig {
    paper: Paper,
    pictures: watch::Sender<Arc<crate::domain::situation::Situation>>,
    outside: mpsc::Sender<Outside>,
    wanted: mpsc::Receiver<Effect>,
    run: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

fn rig(model: Model, room: usize, inputs: mpsc::Receiver<Input>) -> Rig {
    let (pictures, seen) = watch::channel(model.picture.clone());
    let (effects, wanted) = mpsc::channel(room);
    let (outside, told) = mpsc::channel(4);
    let paper = Paper::default();
    let screen = Screen::new(paper.clone(), model.size, false);
    let run = async move {
        let guard = Guard::idle(Setup { mouse: false, rich: true, title: true });
        let timer = Still(model.now);
        let wires = Wires { pictures: seen, effects, outside: told, timer: &timer, guard: &guard };
        run_on(model, screen, wires, move || Ok(inputs)).await
    };
    Rig { paper, pictures, outside, wanted, run: Box::pin(run) }
}

/// What a terminal shows after those bytes.
fn shown(paper: &Paper, size: Size) -> String {
    let cells = |count| std::num::NonZero::new(count).unwrap();
    let mut terminal = vt100::Parser::new(cells(size.height), cells(size.width), 0);
    terminal.process(&paper.0.lock().unwrap());
    terminal.screen().contents()
}

/// A terminal at which those keys have been pressed, and then nothing.
fn pressed(keys: &[Input]) -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    let (press, pressed) = mpsc::channel(8);
    for key in keys {
        press.try_send(key.clone()).unwrap();
    }
    (press, pressed)
}

/// Runs the loop until the screen shows those words.
async fn run_until(rig: &mut Rig, words: &str) {
    while !shown(&rig.paper, SIZE).contains(words) {
        tokio::select! {
            biased;
            ended = &mut rig.run => panic!("it ended by itself: {ended:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

const SIZE: Size = Size { width: 80, height: 24 };

#[tokio::test]
async fn the_loop_obeys_draws_and_ends() {
    let (_press, keys) = pressed(&[char(' '), char('2'), char('q'), char('3')]);
    let mut rig = rig(spring().sampled(|_| {}).screen(80, 24), 4, keys);
    (&mut rig.run).await.unwrap();
    assert_eq!(rig.wanted.recv().await, Some(Effect::Pause));
    assert_eq!(rig.wanted.recv().await, None);
    let paper = String::from_utf8(rig.paper.0.lock().unwrap().clone()).unwrap();
    assert!(paper.contains("\x1b]2;watchfloor (sample): 2 firing\x07"));
    assert!(shown(&rig.paper, SIZE).contains("NEXT DATE"), "the first frame came before any key");
}

#[tokio::test]
async fn a_terminal_that_has_gone_ends_the_loop() {
    let (gone, keys) = pressed(&[]);
    drop(gone);
    let rig = rig(spring().screen(80, 24), 4, keys);
    rig.run.await.unwrap();
}

#[tokio::test]
async fn a_signal_ends_the_loop() {
    let (_press, keys) = pressed(&[]);
    let rig = rig(spring().screen(80, 24), 4, keys);
    rig.outside.send(Outside::End).await.unwrap();
    rig.run.await.unwrap();
}

#[tokio::test]
async fn the_newest_picture_wins() {
    let (press, keys) = pressed(&[]);
    let mut rig = rig(spring().without_alerts().screen(80, 24), 4, keys);
    rig.pictures.send_replace(spring().picture());
    rig.pictures.send_replace(held().picture());
    run_until(&mut rig, "held since 20 May").await;
    press.send(char('q')).await.unwrap();
    rig.run.await.unwrap();
}

#[tokio::test]
async fn when_nobody_takes_what_is_asked_the_screen_says_busy_and_goes_on() {
    let (press, keys) = pressed(&[char('r'), char('r')]);
    let mut rig = rig(spring().screen(80, 24), 1, keys);
    run_until(&mut rig, "busy").await;
    drop(press);
    rig.run.await.unwrap();
    assert_eq!(rig.wanted.recv().await, Some(Effect::Refresh(None)));
}

#[test]
fn commands_are_all_in_the_keymap() {
    let bound: std::collections::BTreeSet<Command> = super::keymap::KEYMAP.iter().map(|row| row.command).collect();
    assert_eq!(bound.len(), 24, "{bound:?}");
}
