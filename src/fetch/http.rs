//! HTTP: the one user of the client library. Validators, one deadline over everything, a cap on what a body may unpack to. Redirects
//! are followed by hand: where they lead is judged at each step, and nothing secret goes along.

use super::access::{Opened, without_user};
use super::clients::Clients;
use super::discover::Discover;
use super::reach::{Class, Reach, class_by_name};
use super::unpack::{self, Fault, Packing, Unpacker};
use super::{Answer, FetchError, FetchOptions, Place, Reply, Request, freshness, redacted, trouble};
use reqwest::header::{self, HeaderMap};
use reqwest::{Response, StatusCode};
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;

/// How many redirects are followed.
const HOPS: usize = 10;
/// A longer address than any that is meant.
const LONGEST: usize = 8_000;

/// All clients, each built at first use.
pub struct Http {
    clients: Clients,
}

impl Http {
    /// Builds nothing yet.
    pub fn new(options: FetchOptions) -> Self {
        Self { clients: Clients::new(options.user_agent) }
    }

    /// Asks an address.
    pub async fn fetch(&self, url: &Url, request: &Request<'_>) -> Result<Answer, FetchError> {
        let begun = AtomicBool::new(false);
        within(url, request, &begun, self.ask(url, request, &begun)).await
    }

    /// Finds the newest issue on a page, and asks for it.
    pub async fn discover(&self, discover: &Discover, request: &Request<'_>) -> Result<Answer, FetchError> {
        let page = &discover.page;
        let begun = AtomicBool::new(false);
        let finding = async {
            let opened = open(page, request).await?;
            let plain = Request { etag: None, last_modified: None, moved_to: None, ..request.clone() };
            let walk = Walk { clients: &self.clients, request: &plain, opened: &opened, begun: &begun };
            let Landed { answer, .. } = walk.walk_from(page).await.map_err(|error| scrubbed(error, &opened))?;
            let Answer::Reply(reply) = answer else { return Err(unasked(page)) };
            let base = match &reply.from {
                Some(Place::Http(from)) => from,
                _ => page,
            };
            let found = discover.find(base, &reply.bytes)?;
            // The page is part of what is configured, so what it links to is as a redirect of it.
            // What we have is of the file that was found before: another one is asked for plainly.
            let same = request.moved_to == Some(found.as_str());
            let request = if same { request } else { &plain };
            let walk = Walk { clients: &self.clients, request, opened: &opened, begun: &begun };
            let landed = walk.walk_to(&found, page).await.map_err(|error| scrubbed(error, &opened))?;
            Ok(match landed.answer {
                Answer::Reply(reply) => {
                    Answer::Reply(Reply { from: Some(Place::Http(landed.at)), moved_to: None, ..reply })
                }
                other => other,
            })
        };
        within(page, request, &begun, finding).await
    }

    async fn ask(&self, url: &Url, request: &Request<'_>, begun: &AtomicBool) -> Result<Answer, FetchError> {
        let opened = open(url, request).await?;
        let walk = Walk { clients: &self.clients, request, opened: &opened, begun };
        let moved: Option<Url> = request.moved_to.and_then(|text| text.parse().ok());
        if let Some(moved) = moved {
            match walk.walk_to(&moved, url).await {
                Ok(landed) => {
                    // It has moved on, or is where it was.
                    let now_at = landed.moved_to.unwrap_or(moved);
                    return Ok(with_place(landed.answer, Some(now_at)));
                }
                Err(error) if error.retry_at().is_some() || error.is_away() => return Err(scrubbed(error, &opened)),
                Err(error) => {
                    let error = scrubbed(error, &opened);
                    tracing::info!(feed = %request.feed, %error, "where it had moved does not answer; its own address is asked again");
                }
            }
        }
        let landed = walk.walk_from(url).await.map_err(|error| scrubbed(error, &opened))?;
        Ok(with_place(landed.answer, landed.moved_to))
    }
}

fn with_place(answer: Answer, moved_to: Option<Url>) -> Answer {
    match answer {
        Answer::Reply(reply) => Answer::Reply(Reply { moved_to: moved_to.map(Place::Http), ..reply }),
        other => other,
    }
}

async fn within<T>(
    url: &Url,
    request: &Request<'_>,
    begun: &AtomicBool,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    match tokio::time::timeout(request.deadline.unsigned_abs(), work).await {
        Ok(done) => done,
        Err(_) => {
            let begun = begun.load(Ordering::Relaxed);
            Err(FetchError::Deadline { place: redacted(url), seconds: request.deadline.as_secs(), begun })
        }
    }
}

async fn open(url: &Url, request: &Request<'_>) -> Result<Opened, FetchError> {
    request.access.open(url).await.map_err(|why| FetchError::NotAsked { place: redacted(url), why })
}

/// An error without what a server may have repeated of our secrets.
fn scrubbed(error: FetchError, opened: &Opened) -> FetchError {
    let clean = |text: String| opened.without(&text);
    match error {
        FetchError::Status { place, status, retry_at, logged_in, proxy } => {
            FetchError::Status { place: clean(place), status, retry_at, logged_in, proxy }
        }
        FetchError::Redirect { place, why } => FetchError::Redirect { place: clean(place), why: clean(why) },
        FetchError::TooLarge { place, cap } => FetchError::TooLarge { place: clean(place), cap },
        FetchError::Garbled { place, why } => FetchError::Garbled { place: clean(place), why: clean(why) },
        FetchError::Unusable { place, why } => FetchError::Unusable { place: clean(place), why: clean(why) },
        FetchError::NotAsked { place, why } => FetchError::NotAsked { place: clean(place), why: clean(why) },
        FetchError::Unreachable { place, why, away } => {
            FetchError::Unreachable { place: clean(place), why: clean(why), away }
        }
        other => other,
    }
}

/// The way from the configured address to where the answer is.
struct Walk<'a> {
    clients: &'a Clients,
    request: &'a Request<'a>,
    opened: &'a Opened,
    /// Told when the body of an answer begins.
    begun: &'a AtomicBool,
}

/// Where a way ended.
struct Landed {
    answer: Answer,
    at: Url,
    /// Where it has moved for good, where every step up to there said so.
    moved_to: Option<Url>,
}

impl Walk<'_> {
    /// From the configured address.
    async fn walk_from(&self, configured: &Url) -> Result<Landed, FetchError> {
        let reach = Reach::of_configured(configured, self.request.access.loopback);
        self.walk(self.opened.url.clone(), reach, None).await
    }

    /// From where the configured address led before, which is judged as a redirect.
    async fn walk_to(&self, to: &Url, configured: &Url) -> Result<Landed, FetchError> {
        if to.host() == configured.host() {
            let reach = Reach::of_configured(configured, self.request.access.loopback);
            return self.walk(to.clone(), reach, None).await;
        }
        let class = class_by_name(configured);
        self.walk(to.clone(), Reach::of_redirect(class), Some(class)).await
    }

    async fn walk(&self, start: Url, reach: Reach, class: Option<Class>) -> Result<Landed, FetchError> {
        let (mut url, mut reach, mut class) = (start.clone(), reach, class);
        let mut moved_to = None;
        let mut for_good = true;
        let mut asked = Vec::new();
        for _ in 0..=HOPS {
            let response = self.send(&url, reach).await?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                let from = (url != start || class.is_some_and(|_| url.origin() != self.opened.url.origin()))
                    .then(|| url.clone());
                let answer = self.answer(&url, response, from).await?;
                return Ok(Landed { answer, at: url, moved_to });
            }
            let next = target(&url, response.headers())?;
            // What redirects may reach depends on where the configured address was found, not on what is written.
            let configured = *class.get_or_insert_with(|| match response.remote_addr() {
                Some(address) if self.is_direct(&url, reach) => Class::of(address.ip()),
                _ => class_by_name(&url),
            });
            reach = Reach::of_redirect(configured);
            for_good &= matches!(status.as_u16(), 301 | 308);
            if for_good {
                moved_to = Some(next.clone());
            }
            // Nothing that we send says that we have been there, so the same address would answer the same.
            asked.push(url);
            if asked.contains(&next) {
                let why = circle(&asked, &next);
                return Err(FetchError::Redirect { place: redacted(&start), why });
            }
            url = next;
        }
        Err(FetchError::Redirect {
            place: redacted(&start),
            why: format!("more than {HOPS} times: too many redirects"),
        })
    }

    fn is_direct(&self, url: &Url, reach: Reach) -> bool {
        self.clients.way(url, reach, self.request.access).proxy.is_none()
    }

    async fn send(&self, url: &Url, reach: Reach) -> Result<Response, FetchError> {
        let request = self.request;
        let configured = &self.opened.url;
        // Whoever reads of another address has to learn which of theirs it belongs to.
        let led = if url.origin() == configured.origin() {
            String::new()
        } else {
            format!("{} leads there, and ", redacted(configured))
        };
        let to_do = match led.as_str() {
            "" => "; write another address of that server",
            _ => "; check the address, or ask its publisher",
        };
        let refused = |why| FetchError::NotAsked { place: redacted(url), why: format!("{led}{why}{to_do}") };
        reach.check(url).map_err(refused)?;
        let way = self.clients.way(url, reach, request.access);
        let unreachable =
            |why: String, away| FetchError::Unreachable { place: redacted(url), why: format!("{led}{why}"), away };
        let ready = self.clients.get(&way).map_err(|why| unreachable(why, false))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, header::HeaderValue::from_static("*/*"));
        headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static(unpack::ACCEPTED));
        for (name, value) in [(header::IF_NONE_MATCH, request.etag), (header::IF_MODIFIED_SINCE, request.last_modified)]
        {
            // Byte for byte as it came.
            let value = value.and_then(|value| header::HeaderValue::from_bytes(value.as_bytes()).ok());
            headers.extend(value.map(|value| (name, value)));
        }
        headers.extend(self.opened.headers_for(url));
        let sent = ready.client.get(url.clone()).headers(headers).send().await;
        sent.map_err(|error| {
            if let Some(why) = trouble::not_http(&error, way.proxy.as_deref()) {
                return FetchError::Garbled { place: redacted(url), why: format!("{led}{why}") };
            }
            let why = match &way.proxy {
                _ if !ready.has_roots && trouble::is_unvouched(&error) => trouble::NO_ROOTS.to_owned(),
                Some(proxy) => trouble::words_by_proxy(&error, proxy, url.scheme() == "https", request.now),
                None => trouble::words(&error, request.now),
            };
            unreachable(why, trouble::is_away(&error))
        })
    }

    async fn answer(&self, url: &Url, response: Response, from: Option<Url>) -> Result<Answer, FetchError> {
        let (status, now) = (response.status(), self.request.now);
        let fresh_until = freshness::fresh_until(response.headers(), now);
        match status {
            StatusCode::NOT_MODIFIED if self.request.etag.or(self.request.last_modified).is_none() => Err(unasked(url)),
            StatusCode::NOT_MODIFIED => Ok(Answer::NotModified { status: Some(status.as_u16()), fresh_until }),
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
                self.begun.store(true, Ordering::Relaxed);
                let reply = self.read(url, response).await?;
                Ok(Answer::Reply(Reply { fresh_until, from: from.map(Place::Http), ..reply }))
            }
            _ => {
                let retry_at = freshness::retry_at(response.headers(), now);
                let proxy = self.clients.answers_for(url);
                let logged_in = self.opened.headers_for(url).contains_key(header::AUTHORIZATION);
                Err(FetchError::Status { place: redacted(url), status: status.as_u16(), retry_at, logged_in, proxy })
            }
        }
    }

    async fn read(&self, url: &Url, mut response: Response) -> Result<Reply, FetchError> {
        let cap = self.request.body_cap;
        let unusable = |why: String| FetchError::Unusable { place: redacted(url), why };
        let too_large = || FetchError::TooLarge { place: redacted(url), cap };
        // Headers are not always UTF-8; a validator goes back as it came or not at all.
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let exact = |name| {
            let value: Option<&header::HeaderValue> = response.headers().get(name);
            value.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::to_owned)
        };
        let mut reply = Reply {
            status: Some(response.status().as_u16()),
            content_type: text(header::CONTENT_TYPE),
            etag: exact(header::ETAG),
            last_modified: exact(header::LAST_MODIFIED),
            ..Reply::default()
        };
        let packing = Packing::said(response.headers()).map_err(unusable)?;
        let announced = response.content_length().unwrap_or(0);
        if packing == Packing::Plain && announced > cap {
            return Err(too_large());
        }
        let fault = |fault| match fault {
            Fault::TooLarge => too_large(),
            Fault::Damaged(why) => unusable(why.to_owned()),
        };
        let broken = |error: &reqwest::Error| FetchError::Garbled {
            place: redacted(url),
            why: format!("not all of it came: {}", trouble::words(error, self.request.now)),
        };
        let mut unpacker = Unpacker::new(packing, cap, announced);
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            unpacker.take(&chunk).map_err(fault)?;
        }
        reply.bytes = unpacker.finish().map_err(fault)?;
        Ok(reply)
    }
}

/// How redirects lead in a circle, from the first of the addresses that were asked back to one of them.
fn circle(asked: &[Url], next: &Url) -> String {
    match asked {
        [only] if only == next => "to itself: too many redirects".to_owned(),
        [first, .., last] if first == next => format!("in a circle, by way of {}: too many redirects", redacted(last)),
        _ => format!("in a circle, by way of {}: too many redirects", redacted(next)),
    }
}

fn unasked(url: &Url) -> FetchError {
    let why = "it says that nothing was modified, though it was not asked for that".to_owned();
    FetchError::Unusable { place: redacted(url), why }
}

/// Where a redirect leads, if we follow there: http or https, and never from https down to http. Without the user and the password
/// that it may name: nobody sends us with another's.
fn target(from: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let refuse = |why: &str| FetchError::Redirect { place: redacted(from), why: why.to_owned() };
    let location =
        headers.get(header::LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
    let location =
        location.filter(|location| !location.is_empty()).ok_or_else(|| refuse("to nowhere (no Location)"))?;
    if location.len() > LONGEST {
        return Err(refuse("to an address that is too long to be one"));
    }
    let mut to = from.join(&location).map_err(|_| refuse("to something that is no address"))?;
    without_user(&mut to);
    to.set_fragment(None);
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") if to.has_host() => Ok(to),
        ("https", "http") => Err(refuse("from https to plain http, which is refused")),
        (_, scheme) => Err(refuse(&format!(
            "to an address that is neither http nor https ({}:), which is refused",
            scheme.chars().take(20).collect::<String>()
        ))),
    }
}

#[cfg(test)]
mod tests;
