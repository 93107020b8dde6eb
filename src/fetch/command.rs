//! `command` feeds: a program that prints a table or a feed. Its words are given to it as they stand, no shell reads them; it gets a
//! process group of its own, which is ended as a whole when it takes too long or prints too much.

use super::{Answer, FetchError, Reply, Request};
use crate::domain::text::Printable;
use crate::domain::words::bytes;
use jiff::SignedDuration;
use rustix::process::{Pid, Signal, kill_process_group};
use std::process::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// The most of what a program says on standard error that is repeated.
const LAST_WORDS: usize = 200;

/// Why a program gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It could not be started.
    NotStarted(String),
    /// It ended with an error: how, and what it said.
    Failed(String, String),
    /// It took too long.
    Slow(i64),
    /// It printed more than that many bytes.
    TooLarge(u64),
}

impl Fault {
    /// In words, with what the program said.
    pub fn words(&self) -> String {
        match self {
            Self::Failed(how, said) if !said.is_empty() => format!("{how}: {said}"),
            other => other.quiet(),
        }
    }

    /// In words, without anything that the program said: it may be a secret.
    pub fn quiet(&self) -> String {
        match self {
            Self::NotStarted(why) => format!("cannot be started: {why}"),
            Self::Failed(how, _) => how.clone(),
            Self::Slow(seconds) => {
                format!("did not end within {seconds} s and was ended; raise `deadline` if it needs longer")
            }
            Self::TooLarge(cap) => {
                format!("printed more than {} and was ended; raise `body_cap` if that is right", bytes(*cap))
            }
        }
    }
}

/// Runs the feed's program.
pub async fn fetch(words: &[String], request: &Request<'_>) -> Result<Answer, FetchError> {
    match run(words, request.deadline, request.body_cap).await {
        Ok(bytes) => Ok(Answer::Reply(Reply { bytes, ..Reply::default() })),
        Err(fault) => {
            let program = words.first().cloned().unwrap_or_default();
            Err(FetchError::Program { program, why: fault.words() })
        }
    }
}

/// What a program prints.
pub async fn run(words: &[String], patience: SignedDuration, cap: u64) -> Result<Vec<u8>, Fault> {
    let Some((program, rest)) = words.split_first() else {
        return Err(Fault::NotStarted("there is no program".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.process_group(0).kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| Fault::NotStarted(error.to_string()))?;
    // However this ends, even by nobody waiting any more, nothing of it stays behind.
    let _group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let listening = listen(&mut child, cap);
    let heard = tokio::time::timeout(patience.unsigned_abs(), listening).await;
    heard.unwrap_or_else(|_| Err(Fault::Slow(patience.as_secs())))
}

async fn listen(child: &mut Child, cap: u64) -> Result<Vec<u8>, Fault> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = tokio::join!(drain(out, cap), drain(err, u64::MAX));
    let bytes = out?;
    let said = Printable::clean_to(&String::from_utf8_lossy(&err.unwrap_or_default()), LAST_WORDS).to_string();
    let ended =
        child.wait().await.map_err(|error| Fault::Failed("cannot be waited for".to_owned(), error.to_string()))?;
    if ended.success() {
        return Ok(bytes);
    }
    let how = ended.code().map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with {code}"));
    Err(Fault::Failed(how, said))
}

/// Reads to the end: up to `cap` bytes, or, where there is no cap, the first few.
async fn drain(from: Option<impl AsyncRead + Unpin>, cap: u64) -> Result<Vec<u8>, Fault> {
    let Some(mut from) = from else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    let mut room = vec![0; 16 << 10];
    loop {
        // A pipe that breaks has ended.
        let read = from.read(&mut room).await.unwrap_or(0);
        if read == 0 {
            return Ok(bytes);
        }
        if cap == u64::MAX {
            let wanted = (4 * LAST_WORDS).saturating_sub(bytes.len()).min(read);
            bytes.extend_from_slice(&room[..wanted]);
        } else if bytes.len() as u64 + read as u64 > cap {
            return Err(Fault::TooLarge(cap));
        } else {
            bytes.extend_from_slice(&room[..read]);
        }
    }
}

/// A process group, ended when it is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Most often it has ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str, patience: SignedDuration, cap: u64) -> Result<Vec<u8>, Fault> {
        run(&["sh".to_owned(), "-c".to_owned(), script.to_owned()], patience, cap).await
    }

    const LONG: SignedDuration = SignedDuration::from_secs(30);

    #[tokio::test]
    async fn a_program_prints_or_says_why_not() {
        let words = ["printf".to_owned(), "%s".to_owned(), "$(id) `id`;".to_owned()];
        assert_eq!(run(&words, LONG, 100).await.unwrap(), b"$(id) `id`;");
        let failed = sh("echo half; printf 'no \\033[31mway\\n' >&2; exit 7", LONG, 100).await.unwrap_err();
        assert!(failed.words().starts_with("ended with 7: no"), "{}", failed.words());
        assert!(!failed.words().contains('\u{1b}'));
        assert_eq!(sh("yes", LONG, 1_000).await, Err(Fault::TooLarge(1_000)));
        let missing = run(&["/no/such/program".to_owned()], LONG, 9).await.unwrap_err();
        assert!(missing.words().starts_with("cannot be started"), "{}", missing.words());
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        // A grandchild holds the pipe open for writing: its end is seen when it is gone.
        let script = format!("(exec 3>'{0}'; echo begun >&3; sleep 1000) & wait", fifo.display());
        let reading = tokio::task::spawn_blocking(move || std::fs::read_to_string(fifo).unwrap());
        let slow = sh(&script, SignedDuration::from_millis(300), 100).await;
        assert!(matches!(slow, Err(Fault::Slow(_))), "{slow:?}");
        assert_eq!(reading.await.unwrap(), "begun\n");
    }
}
