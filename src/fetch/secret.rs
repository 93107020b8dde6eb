//! Secrets: what a configuration names and nothing shows. They are got when they are needed (a rotated one is the new one), stand in
//! memory only, and go only to the origin that was configured.

use super::command;
use crate::domain::text::Printable;
use jiff::SignedDuration;
use std::fmt;
use std::path::PathBuf;

/// How long a program may take to print one.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// The most bytes of one.
const MOST: u64 = 64 << 10;

/// Where a secret is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// It stands in the configuration itself.
    Plain(String),
    /// A variable of the environment.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a program prints; no shell reads the words.
    Command(Vec<String>),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Gets it. The error says where it is missing, never what was found.
    pub async fn get(&self) -> Result<String, String> {
        let found = match self {
            Self::Plain(text) => text.clone(),
            Self::Env(name) => std::env::var(name)
                .map_err(|_| format!("the environment has no readable {name}; set it where watchfloor is started"))?,
            Self::File(path) => {
                let read = tokio::fs::read_to_string(path).await;
                read.map_err(|error| format!("cannot read the secret in {}: {error}", Printable::path(path)))?
            }
            Self::Command(words) => {
                let name = words.first().map_or("", String::as_str);
                let printed = command::run(words, PATIENCE, MOST).await;
                let printed = printed.map_err(|fault| format!("`{name}`, which prints a secret, {}", fault.quiet()))?;
                String::from_utf8(printed).map_err(|_| format!("`{name}` printed a secret that is no text"))?
            }
        };
        let line = found.lines().next().unwrap_or_default().trim();
        if line.is_empty() || line.contains(char::is_control) {
            return Err("a secret is empty or holds control characters; look where it comes from".to_owned());
        }
        Ok(line.to_owned())
    }

    /// Where it is missing, as far as that can be seen without running a program.
    pub fn missing(&self) -> Option<String> {
        match self {
            Self::Env(name) if std::env::var_os(name).is_none() => Some(format!("the environment has no {name} here")),
            Self::File(path) => {
                // What is no plain file, such as a pipe, waits for whoever writes into it.
                let found = std::fs::metadata(path)
                    .and_then(|about| if about.is_file() { std::fs::File::open(path).map(drop) } else { Ok(()) });
                found.err().map(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => format!("there is no file {} with a secret", Printable::path(path)),
                    _ => format!("the secret in {} cannot be read: {error}", Printable::path(path)),
                })
            }
            _ => None,
        }
    }

    /// What tells one from another: for the hash of what a reply was asked with.
    pub fn meaning(&self) -> String {
        match self {
            Self::Plain(text) => format!("plain {text}"),
            Self::Env(name) => format!("env {name}"),
            Self::File(path) => format!("file {}", path.display()),
            Self::Command(words) => format!("cmd {words:?}"),
        }
    }
}
