//! What a feed is asked with, as it is written: `headers`, `auth`, `query`, `ca_file`, `loopback`. Secrets are named by where they are;
//! one that stands here in full works too, and is told where others can read this file.

use super::finding::Complaint;
use super::section::Section;
use super::value::{self, Parsed};
use crate::domain::text::Printable;
use crate::fetch::access::{Access, LogIn};
use crate::fetch::secret::Secret;
use std::path::Path;
use toml::de::DeValue;

/// Reads what a feed is asked with.
pub(super) fn read(section: &Section<'_>, folder: &Path) -> Access {
    let secret = |value: &DeValue<'_>| secret(value, folder);
    let pairs = |value: &DeValue<'_>| -> Parsed<Vec<(String, Secret)>> {
        let table =
            value.as_table().ok_or_else(|| Complaint::new("is no table", "write it as { Name = \"env:NAME\" }"))?;
        table.iter().map(|(name, value)| Ok((name.get_ref().to_string(), secret(value.get_ref())?))).collect()
    };
    let headers = section.read("headers", |value| {
        let headers = pairs(value)?;
        match headers.iter().find(|(name, _)| !is_header(name)) {
            Some(_) => Err(Complaint::new(
                "names a header that we set ourselves, or one that cannot be",
                "use letters, digits and \"-\"; leave out Host, Content-Length, Accept-Encoding, If-None-Match and the like",
            )),
            None => Ok(headers),
        }
    });
    let query = section.read("query", pairs);
    let ca_file = section.read("ca_file", value::text).map(|path| folder.join(path.value.as_str()));
    let loopback = section.read("loopback", value::flag);
    let login = section.table("auth").and_then(|auth| {
        let user = auth.read("user", value::raw_text);
        let password = auth.read("password", secret);
        let bearer = auth.read("bearer", secret);
        let at = auth.at().clone();
        let log = auth.log();
        auth.finish();
        match (user, password, bearer) {
            (Some(user), Some(password), None) => Some(LogIn::Basic(user.value, password.value)),
            (None, None, Some(token)) => Some(LogIn::Bearer(token.value)),
            _ => {
                let remedy = "write { user = \"…\", password = \"env:NAME\" } or { bearer = \"env:NAME\" }";
                log.error(&at, Complaint::new("this is no log-in", remedy));
                None
            }
        }
    });
    for (key, pairs) in [("headers", &headers), ("query", &query)] {
        for (_, secret) in pairs.iter().flat_map(|pairs| &pairs.value) {
            look_at(section, key, secret);
        }
    }
    if let Some(LogIn::Basic(_, secret) | LogIn::Bearer(secret)) = &login {
        look_at(section, "auth", secret);
    }
    if let Some(path) = ca_file.as_ref().filter(|path| !path.is_file()) {
        let what = format!("there is no file {}, so this feed cannot be asked", Printable::path(path));
        let remedy = "put the certificates of its authority there (PEM), or mend the path; it starts from the configuration's folder";
        section.log().warn(&section.place_of("ca_file"), Complaint::new(what, remedy));
    }
    Access {
        headers: headers.map(|headers| headers.value).unwrap_or_default(),
        login,
        query: query.map(|query| query.value).unwrap_or_default(),
        ca_file,
        loopback: loopback.is_some_and(|loopback| loopback.value),
        // Told when all feeds are known.
        shares_host: false,
    }
}

/// Warns of a secret that is not there now, or that others can read.
fn look_at(section: &Section<'_>, key: &str, secret: &Secret) {
    if let Some(missing) = secret.missing() {
        let remedy = match secret {
            Secret::Env(_) => "set it where watchfloor is started; without it this feed is not asked",
            _ => "put it there, for this user's eyes only, or mend the path; without it this feed is not asked",
        };
        section.log().warn(&section.place_of(key), Complaint::new(missing, remedy));
    } else if let Some(path) = file(secret) {
        warn_if_readable(section, path);
    }
}

/// A secret as it is written: `env:NAME`, `file:path`, `cmd:program word …`, or itself.
fn secret(value: &DeValue<'_>, folder: &Path) -> Parsed<Secret> {
    let text = value::raw_text(value)?;
    let empty = || Complaint::new("names no secret", "write \"env:NAME\", \"file:path\" or \"cmd:program word\"");
    let found = match text.split_once(':') {
        Some(("env", name)) => Secret::Env(name.trim().to_owned()),
        Some(("file", path)) if !path.trim().is_empty() => Secret::File(folder.join(path.trim())),
        Some(("cmd", words)) => Secret::Command(words.split_whitespace().map(str::to_owned).collect()),
        Some(("plain", text)) => Secret::Plain(text.to_owned()),
        _ => Secret::Plain(text),
    };
    match &found {
        Secret::Env(name) if name.is_empty() || name.contains(['=', '\0']) => Err(empty()),
        Secret::Command(words) if words.is_empty() => Err(empty()),
        Secret::Plain(text) if text.is_empty() || text == "file:" => Err(empty()),
        _ => Ok(found),
    }
}

/// Whether a header may be set: those of the connection and of conditional requests are ours.
fn is_header(name: &str) -> bool {
    const OURS: [&str; 9] = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
        "range",
        "upgrade",
    ];
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    plain && !name.is_empty() && !OURS.contains(&name.to_lowercase().as_str())
}

fn file(secret: &Secret) -> Option<&Path> {
    match secret {
        Secret::File(path) => Some(path),
        _ => None,
    }
}

#[cfg(unix)]
fn warn_if_readable(section: &Section<'_>, path: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let others = std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0);
    if others {
        let what = format!("others on this machine can read the secret in {}", Printable::path(path));
        section.log().warn(section.at(), Complaint::new(what, format!("chmod 600 {}", Printable::path(path))));
    }
}

#[cfg(not(unix))]
fn warn_if_readable(_section: &Section<'_>, _path: &Path) {}
