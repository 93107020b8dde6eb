//! Signals and the watch over the terminal, as messages to the screen.

use crate::ui::message::Outside;
use crate::ui::terminal::{abandon, hang_up};
use std::io;
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

/// A token that ends with SIGTERM, SIGINT or SIGHUP: for sessions without a screen.
pub fn to_token() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let mut stream = signal(kind)?;
        let token = token.clone();
        tokio::spawn(async move {
            stream.recv().await;
            token.cancel();
        });
    }
    Ok(token)
}
