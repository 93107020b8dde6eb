//! Signals and the watch over the terminal, as messages to the screen.

use crate::ui::message::Outside;
use crate::ui::terminal::{abandon, hang_up};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Linux's number of SIGTSTP, and that of the BSDs and macOS.
const TSTP: i32 = if cfg!(target_os = "linux") { 20 } else { 18 };

/// Leaving takes no longer, whatever the terminal or the store does.
const PATIENCE: Duration = Duration::from_millis(1_800);

/// Turns signals into messages: end, stop, another size. At an end `stop` is told too, so that the session need not wait for a
/// screen whose terminal takes nothing.
pub fn to_screen(stop: &CancellationToken) -> io::Result<mpsc::Receiver<Outside>> {
    let (send, receive) = mpsc::channel(8);
    let kinds = [
        (SignalKind::terminate(), Outside::End),
        (SignalKind::interrupt(), Outside::End),
        (SignalKind::hangup(), Outside::End),
        (SignalKind::quit(), Outside::End),
        (SignalKind::from_raw(TSTP), Outside::Stop),
        (SignalKind::window_change(), Outside::Resized),
    ];
    for (kind, message) in kinds {
        let mut stream = signal(kind)?;
        let (send, stop) = (send.clone(), stop.clone());
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                if message == Outside::End {
                    stop.cancel();
                    tokio::spawn(end_anyway());
                }
                // A full queue means that the screen has enough to do; a size is asked for anew anyway.
                let _ = if message == Outside::Resized {
                    send.try_send(message).is_ok()
                } else {
                    send.send(message).await.is_ok()
                };
            }
        });
    }
    watch_terminal(send)?;
    Ok(receive)
}

/// Ends the process where it has not ended in time: it hangs in a write that nobody reads.
#[expect(clippy::disallowed_methods, reason = "the thread that would return the status hangs")]
async fn end_anyway() {
    tokio::time::sleep(PATIENCE).await;
    tracing::warn!("the terminal takes nothing: ending without it");
    abandon();
    std::process::exit(0);
}

/// A thread that sleeps until the terminal has gone.
fn watch_terminal(send: mpsc::Sender<Outside>) -> io::Result<()> {
    let watch = move || match hang_up() {
        Ok(()) => {
            // Where the screen has ended already nobody listens.
            let _ = send.blocking_send(Outside::End);
        }
        Err(error) => tracing::warn!(%error, "the terminal cannot be watched"),
    };
    std::thread::Builder::new().name("hang-up".to_owned()).spawn(watch).map(drop)
}

/// An end that a signal asks for: for sessions without a screen.
pub struct Stop {
    /// Is cancelled by the first signal.
    pub token: CancellationToken,
    by: Arc<OnceLock<Ender>>,
}

impl Stop {
    /// Which signal asked for it; SIGINT as long as none did.
    pub fn by(&self) -> Ender {
        self.by.get().copied().unwrap_or(Ender::Interrupt)
    }
}

/// A signal that asks for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ender {
    /// Somebody pressed Ctrl-C.
    Interrupt,
    /// Somebody, or the system, ends it.
    Terminate,
    /// The terminal has gone.
    HangUp,
}

impl Ender {
    const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::HangUp];

    const fn kind(self) -> SignalKind {
        match self {
            Self::Interrupt => SignalKind::interrupt(),
            Self::Terminate => SignalKind::terminate(),
            Self::HangUp => SignalKind::hangup(),
        }
    }

    /// As `kill -l` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        }
    }

    /// The exit status of what it ended before it was done: 128 and its number.
    pub const fn status(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

/// Listens for SIGINT, SIGTERM and SIGHUP.
pub fn to_stop() -> io::Result<Stop> {
    let stop = Stop { token: CancellationToken::new(), by: Arc::default() };
    for ender in Ender::ALL {
        let mut stream = signal(ender.kind())?;
        let (token, by) = (stop.token.clone(), stop.by.clone());
        tokio::spawn(async move {
            stream.recv().await;
            // The first counts.
            let _ = by.set(ender);
            token.cancel();
        });
    }
    Ok(stop)
}
