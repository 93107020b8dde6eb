//! Getting bytes: what is asked of a source, what comes back, and how it fails. One file a way of
//! getting them; nobody else opens a connection or reads a feed's file.

pub mod access;
mod clients;
pub mod command;
pub mod discover;
pub mod file;
mod freshness;
pub mod http;
pub mod reach;
pub mod recorded;
pub mod secret;
mod trouble;
mod unpack;
mod zstd;

use crate::domain::feed::FeedId;
use crate::domain::words::bytes;
use access::Access;
use discover::Discover;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// The libraries through which addresses and headers pass, secrets with them: whoever logs keeps them quiet.
pub const LIBRARIES: [&str; 7] = ["reqwest", "hyper", "hyper_util", "h2", "rustls", "tower_http", "mio"];

/// Where a feed is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// An http or https address. May hold secrets: shown only through [`redacted`].
    Http(Url),
    /// A file on this machine.
    File(PathBuf),
    /// A program that prints it, and its words.
    Command(Vec<String>),
    /// A page that links to the newest of it.
    Discover(Discover),
    /// A scenario's recorded replies.
    Recorded,
}

impl Place {
    /// The host that is asked; of this machine each port is one of its own. `None` where nobody in the network is asked.
    pub fn host(&self) -> Option<String> {
        let url = match self {
            Self::Http(url) => url,
            Self::Discover(discover) => &discover.page,
            Self::File(_) | Self::Command(_) | Self::Recorded => return None,
        };
        let name = url.host_str().unwrap_or_default();
        Some(match url.host() {
            Some(url::Host::Ipv4(address)) if address.is_loopback() => {
                format!("{name}:{}", url.port_or_known_default().unwrap_or_default())
            }
            _ => name.to_owned(),
        })
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Place {
    /// The place without anything secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => f.write_str(&redacted(url)),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Command(words) => write!(f, "the program {}", words.first().map_or("", String::as_str)),
            Self::Discover(discover) => write!(f, "{}, link {}", redacted(&discover.page), discover.link.text()),
            Self::Recorded => f.write_str("recorded replies"),
        }
    }
}

/// An address without user, password and the values of query parameters that name a secret.
pub fn redacted(url: &Url) -> String {
    let mut shown = url.clone();
    if !shown.username().is_empty() || shown.password().is_some() {
        // Neither can fail on an address that has a host, and only such have a user.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
    }
    if url.query_pairs().any(|(name, _)| names_a_secret(&name)) {
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                (name.to_string(), if names_a_secret(&name) { "…".to_owned() } else { value.to_string() })
            })
            .collect();
        let query: Vec<String> = kept.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        shown.set_query(None);
        shown.set_fragment(None);
        return format!("{shown}?{}", query.join("&"));
    }
    shown.to_string()
}

/// Whether a query parameter's name says that its value is secret.
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["key", "token", "secret", "password", "passwd", "signature", "auth", "appname", "app_identifier", "sig"]
        .iter()
        .any(|word| name.contains(word))
}

/// What is asked of a source.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Which feed.
    pub feed: &'a FeedId,
    /// Where it is.
    pub place: &'a Place,
    /// What it is asked with.
    pub access: &'a Access,
    /// Where it has moved for good, as far as we know; of a page that links to it, the address that was found last.
    pub moved_to: Option<&'a str>,
    /// `ETag` of the reply we have, where the validators still belong to this request.
    pub etag: Option<&'a str>,
    /// `Last-Modified` of the reply we have.
    pub last_modified: Option<&'a str>,
    /// How long all of it may take.
    pub deadline: SignedDuration,
    /// The most bytes of a body, decompressed.
    pub body_cap: u64,
    /// The instant, for sources that answer by it.
    pub now: Timestamp,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one for each poll in flight, and a reply is the usual case")]
pub enum Answer {
    /// Nothing new since the reply we have.
    NotModified {
        /// The HTTP status, where there is one.
        status: Option<u16>,
        /// Until when that holds, where the server says.
        fresh_until: Option<Timestamp>,
    },
    /// A reply.
    Reply(Reply),
}

/// A reply with a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, where there is one.
    pub status: Option<u16>,
    /// The body, decompressed.
    pub bytes: Vec<u8>,
    /// The media type that the server gave.
    pub content_type: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// The instant at which it became known, where the source states one (a scenario does).
    pub stated: Option<Timestamp>,
    /// Until when it holds, where the server says.
    pub fresh_until: Option<Timestamp>,
    /// The address that answered, where it is not the one that was asked.
    pub from: Option<Place>,
    /// Where the source has moved for good.
    pub moved_to: Option<Place>,
}

/// Why nothing came back. `retry_at` is part of the error: what the server asked for is not a guess of the caller.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FetchError {
    /// The server answered with an error.
    #[error("{place} answered {status}{}", hint(*.status, *.logged_in, .proxy.as_deref()))]
    Status {
        /// Where.
        place: String,
        /// Which.
        status: u16,
        /// Before when it does not want to be asked again.
        retry_at: Option<Timestamp>,
        /// Whether it was given a log-in.
        logged_in: bool,
        /// The proxy that may have answered instead.
        proxy: Option<String>,
    },
    /// Nothing, or not all, came within the deadline.
    #[error(
        "{place} did not {} within {seconds} s; it is asked again later (raise `deadline` if it is always slow)",
        if *.begun { "finish" } else { "answer" }
    )]
    Deadline {
        /// Where.
        place: String,
        /// The deadline.
        seconds: i64,
        /// Whether an answer had begun.
        begun: bool,
    },
    /// The body is larger than allowed.
    #[error("{place} sent more than {}; raise `body_cap` if that is right", bytes(*.cap))]
    TooLarge {
        /// Where.
        place: String,
        /// The cap.
        cap: u64,
    },
    /// It redirects without end, or to where we do not follow.
    #[error("{place} redirects {why}; check the address")]
    Redirect {
        /// Where.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection, no name, no certificate, no answer …
    #[error("cannot reach {place}: {why}")]
    Unreachable {
        /// Where.
        place: String,
        /// The cause.
        why: String,
        /// Whether nobody answered at all: this machine's network may be away.
        away: bool,
    },
    /// Somebody answered, but not in proper HTTP, or not all of the answer came.
    #[error("{place} answered, but {why}; the old data stay")]
    Garbled {
        /// Where.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// An answer that is none: nothing in it, or packed so that it cannot be unpacked.
    #[error("{place} sent nothing that can be read: {why}; the old data stay")]
    Unusable {
        /// Where.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody was asked: what the feed is asked with cannot be got, or it leads to where we do not go.
    #[error("{place} was not asked: {why}")]
    NotAsked {
        /// Where.
        place: String,
        /// Why.
        why: String,
    },
    /// A page that does not link to what is sought.
    #[error("{page} {why}")]
    NotDiscovered {
        /// Which page.
        page: String,
        /// What is wrong with it.
        why: String,
    },
    /// A program that gave nothing.
    #[error("the program {program} {why}")]
    Program {
        /// Which.
        program: String,
        /// What happened.
        why: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {place}: {why}")]
    Unreadable {
        /// Which.
        place: String,
        /// The cause.
        why: String,
    },
    /// A scenario that has no reply for this instant.
    #[error("the scenario has no reply of {feed} before {at}")]
    NothingRecorded {
        /// Which feed.
        feed: String,
        /// The instant.
        at: Timestamp,
    },
}

fn hint(status: u16, logged_in: bool, proxy: Option<&str>) -> String {
    if logged_in && matches!(status, 401 | 403) {
        let by = proxy.map_or_else(String::new, |proxy| format!(", by the server or by the proxy {proxy}"));
        return format!(
            ": the log-in that was given was refused{by}; check the name, the password or the token in `auth`, `headers` or the address, \
             and whether it still holds"
        );
    }
    let of_proxy = proxy.and_then(|proxy| match status {
        401 => Some(format!(
            ": log-in needed, by the server (give it with `auth` or `headers`, or check what stands there) or by the proxy {proxy} (it \
             goes into the proxy's address in the environment)"
        )),
        403 => Some(format!(": it does not let us in, or the proxy {proxy} does not let us through; check the address")),
        407 => Some(format!(": the proxy {proxy} {}", trouble::PROXY_LOG_IN)),
        500..=599 => Some(format!(": the server, or the proxy {proxy} before it, has trouble; it is asked again later")),
        _ => None,
    });
    of_proxy.unwrap_or_else(|| hint_of_server(status).to_owned())
}

fn hint_of_server(status: u16) -> &'static str {
    match status {
        401 => ": log-in needed; give it with `auth` or `headers`, or check what stands there",
        403 => ": it does not let us in; check the address and what it needs",
        404 => ": it is not there; check the address",
        407 => ": the proxy wants a log-in; write it into the proxy's address in the environment",
        410 => ": it is gone for good, so it is asked no more; take the feed out, or write its new address",
        429 => ": we asked too often; raise `every`",
        451 => ": it may not be shown for legal reasons",
        500..=599 => ": the server has trouble; it is asked again later",
        200..=299 => ": nothing that we asked for; the old data stay",
        300..=399 => ": a redirect that leads nowhere; check the address",
        _ => "",
    }
}

impl FetchError {
    /// Before when the source does not want to be asked again.
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Status { retry_at, .. } => *retry_at,
            _ => None,
        }
    }

    /// The HTTP status, where there was one.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether nobody answered at all, so that this machine's network may be away.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Unreachable { away: true, .. })
    }

    /// Whether somebody answered and wants something else of us, which asking again soon does not bring: a person has to act.
    pub const fn is_told_off(&self) -> bool {
        matches!(self, Self::Status { status: 400..500, .. } | Self::Redirect { .. })
    }

    /// Whether it is gone for good.
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::Status { status: 410, .. })
    }
}

/// Options of getting bytes, from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOptions {
    /// How we name ourselves to servers.
    pub user_agent: String,
    /// The most bytes of a table, decompressed.
    pub body_cap: u64,
    /// The most bytes of a news feed, decompressed.
    pub news_cap: u64,
    /// Between two requests to one host.
    pub host_pause: SignedDuration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("watchfloor/", env!("CARGO_PKG_VERSION")).to_owned(),
            body_cap: 32 << 20,
            news_cap: 8 << 20,
            host_pause: SignedDuration::from_secs(1),
        }
    }
}

/// Every way of getting bytes, as one closed choice.
#[derive(Clone)]
pub struct Fetcher {
    http: Arc<http::Http>,
    recorded: Option<Arc<recorded::Recorded>>,
    host_pause: SignedDuration,
}

impl Fetcher {
    /// For a live configuration. Costs nothing until the first http feed is asked.
    pub fn live(options: FetchOptions) -> Self {
        let host_pause = options.host_pause;
        Self { http: Arc::new(http::Http::new(options)), recorded: None, host_pause }
    }

    /// For a scenario: everything comes from recorded replies.
    pub fn recorded(replies: recorded::Recorded) -> Self {
        let http = Arc::new(http::Http::new(FetchOptions::default()));
        Self { http, recorded: Some(Arc::new(replies)), host_pause: SignedDuration::ZERO }
    }

    /// How long a host is left alone between two requests.
    pub const fn host_pause(&self) -> SignedDuration {
        self.host_pause
    }

    /// Asks a source.
    pub async fn fetch(&self, request: &Request<'_>) -> Result<Answer, FetchError> {
        match (request.place, &self.recorded) {
            (_, Some(recorded)) => recorded.fetch(request),
            (Place::Http(url), None) => self.http.fetch(url, request).await,
            (Place::File(path), None) => file::fetch(path, request).await,
            (Place::Command(words), None) => command::fetch(words, request).await,
            (Place::Discover(discover), None) => self.http.discover(discover, request).await,
            (Place::Recorded, None) => {
                Err(FetchError::NothingRecorded { feed: request.feed.to_string(), at: request.now })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        for (raw, shown) in [
            ("https://user:hunter2@example.org/a?b=c#d", "https://example.org/a?b=c#d"),
            ("https://example.org/a?api_key=hunter2&geo=DE", "https://example.org/a?api_key=…&geo=DE"),
            ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ] {
            let place = Place::Http(raw.parse().unwrap());
            assert_eq!(place.to_string(), shown);
            assert!(!format!("{place:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_a_proxy_may_have_answered_names_it() {
        let said = |status, proxy: Option<&str>| {
            let place = "http://example.org/".to_owned();
            let proxy = proxy.map(str::to_owned);
            FetchError::Status { place, status, retry_at: None, logged_in: false, proxy }.to_string()
        };
        for status in [401, 403, 407, 502] {
            let by_proxy = said(status, Some("http://proxy.example:3128"));
            assert!(by_proxy.contains("the proxy http://proxy.example:3128"), "{by_proxy}");
            assert!(!said(status, None).contains("3128"));
        }
        assert_eq!(said(404, Some("http://proxy.example:3128")), said(404, None));
    }
}
