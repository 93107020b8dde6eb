//! Sessions: the screen on a live configuration, the screen on a scenario, and collecting without a screen.

use super::cli::Cli;
use super::parts::{find_config, need_config, parts, store_path};
use super::scenario::{self, Loaded};
use super::store::{self, Held};
use super::{Failure, effects, logging, panic, signals};
use crate::clock::{Clock, Simulated, System};
use crate::config::Config;
use crate::config::places::{Environment, state_folder};
use crate::domain::situation::{Mode, Situation};
use crate::domain::text::Printable;
use crate::engine::keeper::Keeper;
use crate::engine::live::Live;
use crate::engine::replay::Replay;
use crate::fetch::Fetcher;
use crate::store::handle::StoreHandle;
use crate::store::memory::MemoryStore;
use crate::ui::glyphs::Tier;
use crate::ui::model::Model;
use crate::ui::terminal::{Guard, LeaveAtEnd, Screen, Setup, size};
use crate::ui::theme::{Depth, Theme};
use crate::ui::{self, Timer, Wires};
use jiff::Timestamp;
use std::fs::File;
use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// The screen: on the configuration, else on the sample.
pub fn watch(cli: &Cli, environment: Environment<'_>) -> Result<(), Failure> {
    let setup = look_at_terminal(environment)?;
    if cli.sample || find_config(cli, environment).is_none() {
        let log = logging::to_file(cli, state_folder(environment).as_deref());
        return show_scenario(cli, scenario::sample()?, None, setup, log.as_deref(), environment);
    }
    let config = need_config(cli, environment)?;
    let look = Look::new(cli, &config, setup, environment)?;
    let path = store_path(cli, &config, environment)?;
    let log = logging::to_file(cli, path.parent());
    let clock = System::new();
    let Held { handle: store, remarks } = store::open(&path, &clock)?;
    // What collects has a runtime of its own: the screen's timers and signals wait for nothing that it does.
    let behind = runtime_with(give_way)?;
    runtime_here()?.block_on(async {
        let parts = parts(&config, Fetcher::live(config.fetch.clone()));
        let viewer = Mode::Viewer { collector: None };
        let now = clock.now();
        let (mut keeper, pictures) = Keeper::new(
            store.clone(),
            parts.rules.clone(),
            parts.catalog.clone(),
            parts.title.clone(),
            viewer.clone(),
            now,
        );
        load(&mut keeper, viewer, now).await?;
        // After the first picture, which the screen waits for.
        store.on_its_thread(give_way);
        let holder = holder(&clock);
        let clock_of_session = Arc::new(clock.clone());
        let live = Live::new(parts, store.clone(), clock_of_session, holder, config.keep_headlines, keeper, remarks);
        let (commands, asked) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let session = behind.spawn(live.run(asked, stop.clone()));
        let shown = screen(
            cli,
            look,
            Seen { pictures, commands, stop: &stop, hears: behind.handle() },
            &clock,
            config.zone.clone(),
            log.as_deref(),
        )
        .await;
        stop.cancel();
        // The lease is given back here; a panic in the session is in the log.
        let _ = session.await;
        store::close(&store).await;
        shown
    })
}

/// Starts the picture from the store; where that does not answer for now, the picture says so.
pub(super) async fn load(keeper: &mut Keeper, mode: Mode, now: Timestamp) -> Result<(), Failure> {
    match keeper.load().await {
        Ok(()) => keeper.publish(mode, now),
        Err(error) if error.may_pass() => keeper.store_away(&error, None, mode, now),
        Err(error) => return Err(Failure::unavailable(&error)),
    }
    Ok(())
}

/// A scenario from a folder, on the screen; with `until` as a frozen picture.
pub fn replay(cli: &Cli, folder: &Path, until: Option<&str>, environment: Environment<'_>) -> Result<(), Failure> {
    let setup = look_at_terminal(environment)?;
    let until = until.map(super::commands::instant).transpose()?;
    let loaded = scenario::folder(folder)?;
    let log = logging::to_file(cli, state_folder(environment).as_deref());
    show_scenario(cli, loaded, until, setup, log.as_deref(), environment)
}

fn show_scenario(
    cli: &Cli,
    loaded: Loaded,
    until: Option<Timestamp>,
    setup: Setup,
    log: Option<&Path>,
    environment: Environment<'_>,
) -> Result<(), Failure> {
    let look = Look::new(cli, &loaded.config, setup, environment)?;
    let zone = loaded.config.zone.clone();
    runtime()?.block_on(async {
        let clock = Simulated::new(loaded.scenario.start);
        let parts = parts(&loaded.config, Fetcher::recorded(loaded.replies.clone()));
        let store = StoreHandle::spawn(Box::new(MemoryStore::new()));
        let (keeper, pictures) = Keeper::new(
            store.clone(),
            parts.rules.clone(),
            parts.catalog.clone(),
            parts.title.clone(),
            Mode::Live,
            loaded.scenario.start,
        );
        let replay = Replay::new(parts, loaded.scenario, loaded.as_mode, &loaded.replies, clock, keeper, store).await;
        let mut replay = replay.map_err(|error| Failure::unavailable(&error))?;
        if let Some(until) = until {
            replay.advance_until(until).await.map_err(|error| Failure::unavailable(&error))?;
            replay.freeze();
        }
        let (commands, asked) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let session = tokio::spawn(replay.run(asked, stop.clone()));
        let seen = Seen { pictures, commands, stop: &stop, hears: &Handle::current() };
        let shown = screen(cli, look, seen, &System::new(), zone, log).await;
        stop.cancel();
        match session.await {
            Ok(Err(error)) => shown.and(Err(Failure::unavailable(&error))),
            _ => shown,
        }
    })
}

/// Collecting without a screen.
pub fn headless(cli: &Cli, environment: Environment<'_>) -> Result<(), Failure> {
    let config = need_config(cli, environment)?;
    logging::to_stderr(cli);
    let path = store_path(cli, &config, environment)?;
    let clock = System::new();
    let Held { handle: store, remarks } = store::open(&path, &clock)?;
    runtime()?.block_on(async {
        let parts = parts(&config, Fetcher::live(config.fetch.clone()));
        let viewer = Mode::Viewer { collector: None };
        let (keeper, _pictures) = Keeper::new(
            store.clone(),
            parts.rules.clone(),
            parts.catalog.clone(),
            parts.title.clone(),
            viewer.clone(),
            clock.now(),
        );
        let mut keeper = keeper.without_headlines();
        load(&mut keeper, viewer, clock.now()).await?;
        let stop = signals::to_stop().map_err(|error| Failure::unavailable(&error))?.token;
        tracing::info!(store = %Printable::path(&path), feeds = config.feeds.len(), "started without a screen");
        let holder = holder(&clock);
        let clock_of_session = Arc::new(clock);
        let live = Live::new(parts, store.clone(), clock_of_session, holder, config.keep_headlines, keeper, remarks);
        let (_commands, asked) = mpsc::channel(1);
        live.run(asked, stop).await;
        store::close(&store).await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// How the screen looks.
struct Look {
    setup: Setup,
    theme: Theme,
    tier: Tier,
}

impl Look {
    fn new(cli: &Cli, config: &Config, setup: Setup, environment: Environment<'_>) -> Result<Self, Failure> {
        let depth = Depth::detect(cli.color.as_deref().unwrap_or(&config.color), environment);
        let theme = Theme::named(cli.theme.as_deref().unwrap_or(&config.theme), depth)
            .map_err(|error| Failure::request(&error))?;
        let tier = Tier::detect(cli.glyphs.as_deref().unwrap_or(&config.glyphs), environment);
        let mouse = setup.mouse && config.mouse && !cli.no_mouse;
        Ok(Self { setup: Setup { mouse, ..setup }, theme, tier })
    }
}

/// Whether there is a terminal that can show a screen.
fn look_at_terminal(environment: Environment<'_>) -> Result<Setup, Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(Failure::Request(
            "this is no terminal, so there can be no screen: use `watchfloor status` for a report, `watchfloor --headless` to collect".to_owned(),
        ));
    }
    let term = environment("TERM").unwrap_or_default();
    Setup::for_term(&term, true).ok_or_else(|| {
        Failure::Request(format!(
            "the terminal (TERM={term}) cannot show a screen: use `watchfloor status` for a report, or set TERM to what it really is"
        ))
    })
}

/// A session as the screen has it.
struct Seen<'a> {
    pictures: watch::Receiver<Arc<Situation>>,
    commands: mpsc::Sender<crate::engine::Command>,
    stop: &'a CancellationToken,
    /// Where signals are heard: not where a terminal that takes nothing holds everything up.
    hears: &'a Handle,
}

/// Enters the screen, runs it, and gives the terminal back, however it ends.
async fn screen(
    cli: &Cli,
    look: Look,
    session: Seen<'_>,
    clock: &System,
    zone: jiff::tz::TimeZone,
    log: Option<&Path>,
) -> Result<(), Failure> {
    let Seen { mut pictures, commands, stop, hears } = session;
    let outside = {
        let _there = hears.enter();
        signals::to_screen(stop).map_err(|error| Failure::unavailable(&error))?
    };
    let size = size();
    let model = Model::new(pictures.borrow_and_update().clone(), clock.now(), size, zone, look.theme, look.tier);
    let guard = Guard::enter(look.setup).map_err(|error| Failure::unavailable(&error))?;
    let _leave = LeaveAtEnd(guard.clone());
    panic::install(guard.clone(), log.map(Path::to_owned));
    let (effects, wanted) = mpsc::channel(16);
    tokio::spawn(effects::perform(wanted, commands));
    let timer = Real(clock.clone());
    let wires = Wires { pictures, effects, outside, timer: &timer, guard: &guard };
    let ran = ui::run(model, Screen::new(Out, size, look.setup.rich), wires, cli.test_panic).await;
    match ran {
        // A terminal that has gone is how such a session ends.
        Err(error) => {
            tracing::info!(%error, "the terminal has gone");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Standard output, written frame by frame.
struct Out;

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(io::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The machine's clock as the screen's timer.
struct Real(System);

impl Timer for Real {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.sleep_until(at)
    }
}

/// Files that a session needs to open at least: those of its store, its log, its runtime, and some to ask feeds with.
const DESCRIPTORS: usize = 24;

/// The threads that collect behind a screen give way to the one that draws it and takes keys: both are busy when a thousand feeds are
/// read at once.
fn give_way() {
    // Where the system does not let us, keys are answered a little later.
    let _ = rustix::process::setpriority_process(None, GIVING_WAY);
}

/// How far: half the weight of what draws, three times.
const GIVING_WAY: i32 = 9;

/// Threads that look up names and read files and large bodies, at most: each has memory of its own, which grows ragged.
const BLOCKING: usize = 16;

/// On the thread that asks: the screen's own; and that of a refresh, in which nothing waits for a person, and whose polls would
/// only wake one thread from another.
pub(super) fn runtime_here() -> Result<Runtime, Failure> {
    may_open_files()?;
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.max_blocking_threads(BLOCKING).enable_all().build().map_err(|error| Failure::unavailable(&error))
}

/// One thread for the session beside the one of the screen.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    runtime_with(|| {})
}

/// What a runtime is made of does not say, but panics, where files cannot be opened.
fn may_open_files() -> Result<(), Failure> {
    let tried: io::Result<Vec<File>> = (0..DESCRIPTORS).map(|_| File::open("/dev/null")).collect();
    if let Err(error) = tried {
        return Err(Failure::Unavailable(format!(
            "this process may open too few files ({error}): raise the limit, such as by `ulimit -n 256`"
        )));
    }
    Ok(())
}

fn runtime_with(at_start: impl Fn() + Send + Sync + 'static) -> Result<Runtime, Failure> {
    may_open_files()?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(1)
        .max_blocking_threads(BLOCKING)
        .on_thread_start(at_start)
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(&error))
}

/// Who this instance is to others: user@host, process and start to the second, so that two never look alike: no machine gives a
/// process's number away again within one.
pub(super) fn holder(clock: &System) -> String {
    let since = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ");
    format!("{} process {} since {since}", operator(), std::process::id())
}

/// Who does something here: user@host.
pub(super) fn operator() -> Printable {
    let uname = rustix::system::uname();
    let host = uname.nodename().to_string_lossy();
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "someone".to_owned());
    Printable::clean(&format!("{user}@{host}"))
}
