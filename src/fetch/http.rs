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
        within(url, request, self.ask(url, request)).await
    }

    /// Finds the newest issue on a page, and asks for it.
    pub async fn discover(&self, discover: &Discover, request: &Request<'_>) -> Result<Answer, FetchError> {
        let page = &discover.page;
        let finding = async {
            let opened = open(page, request).await?;
            let plain = Request { etag: None, last_modified: None, moved_to: None, ..request.clone() };
            let walk = Walk { clients: &self.clients, request: &plain, opened: &opened };
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
            let walk = Walk { clients: &self.clients, request, opened: &opened };
            let landed = walk.walk_to(&found, page).await.map_err(|error| scrubbed(error, &opened))?;
            Ok(match landed.answer {
                Answer::Reply(reply) => {
                    Answer::Reply(Reply { from: Some(Place::Http(landed.at)), moved_to: None, ..reply })
                }
                other => other,
            })
        };
        within(page, request, finding).await
    }

    async fn ask(&self, url: &Url, request: &Request<'_>) -> Result<Answer, FetchError> {
        let opened = open(url, request).await?;
        let walk = Walk { clients: &self.clients, request, opened: &opened };
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
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    match tokio::time::timeout(request.deadline.unsigned_abs(), work).await {
        Ok(done) => done,
        Err(_) => Err(FetchError::Deadline { place: redacted(url), seconds: request.deadline.as_secs() }),
    }
}

async fn open(url: &Url, request: &Request<'_>) -> Result<Opened, FetchError> {
    request.access.open(url).await.map_err(|why| FetchError::NotAsked { place: redacted(url), why })
}

/// An error without what a server may have repeated of our secrets.
fn scrubbed(error: FetchError, opened: &Opened) -> FetchError {
    let clean = |text: String| opened.without(&text);
    match error {
        FetchError::Status { place, status, retry_at, proxy } => {
            FetchError::Status { place: clean(place), status, retry_at, proxy }
        }
        FetchError::Redirect { place, why } => FetchError::Redirect { place: clean(place), why: clean(why) },
        FetchError::TooLarge { place, cap } => FetchError::TooLarge { place: clean(place), cap },
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
                return Err(FetchError::Redirect {
                    place: redacted(&start),
                    why: format!("in a circle, by way of {}: too many redirects", redacted(&next)),
                });
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
        reach.check(url).map_err(|why| {
            let led = if url.origin() == self.opened.url.origin() { "" } else { "a redirect leads there, and " };
            FetchError::NotAsked { place: redacted(url), why: format!("{led}{why}") }
        })?;
        let way = self.clients.way(url, reach, request.access);
        let unreachable = |why: String, away| FetchError::Unreachable { place: redacted(url), why, away };
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
                let reply = self.read(url, response).await?;
                Ok(Answer::Reply(Reply { fresh_until, from: from.map(Place::Http), ..reply }))
            }
            _ => {
                let retry_at = freshness::retry_at(response.headers(), now);
                let proxy = self.clients.answers_for(url);
                Err(FetchError::Status { place: redacted(url), status: status.as_u16(), retry_at, proxy })
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
        let broken = |error: &reqwest::Error| FetchError::Unreachable {
            place: redacted(url),
            why: trouble::words(error, self.request.now),
            away: false,
        };
        let mut unpacker = Unpacker::new(packing, cap, announced);
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            unpacker.take(&chunk).map_err(fault)?;
        }
        reply.bytes = unpacker.finish().map_err(fault)?;
        Ok(reply)
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
mod tests {
    use super::super::access::Access;
    use super::super::discover::{Glob, Pick};
    use super::super::secret::Secret;
    use super::*;
    use crate::domain::feed::FeedId;
    use jiff::{SignedDuration, Timestamp};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers one connection after another with what is given; returns the requests.
    async fn serve(answers: Vec<&'static str>) -> (Url, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/feed?token=hunter2", listener.local_addr().unwrap()).parse().unwrap();
        let serving = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 1024];
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = stream.read(&mut buffer).await.unwrap();
                    request.extend_from_slice(&buffer[..read]);
                }
                requests.push(String::from_utf8(request).unwrap().to_lowercase());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            requests
        });
        (url, serving)
    }

    async fn ask(url: &Url, deadline: SignedDuration, etag: Option<&str>) -> Result<Answer, FetchError> {
        ask_moved(url, deadline, etag, None).await
    }

    async fn ask_moved(
        url: &Url,
        deadline: SignedDuration,
        etag: Option<&str>,
        moved_to: Option<&str>,
    ) -> Result<Answer, FetchError> {
        let (feed, place) = (FeedId::new("f"), Place::Http(url.clone()));
        let request = Request {
            feed: &feed,
            place: &place,
            access: &Access::default(),
            moved_to,
            etag,
            last_modified: None,
            deadline,
            body_cap: 16,
            now: Timestamp::UNIX_EPOCH,
        };
        Http::new(FetchOptions::default()).fetch(url, &request).await
    }

    const LONG: SignedDuration = SignedDuration::from_secs(30);

    #[tokio::test]
    async fn validators_go_out_and_come_back() {
        let (url, serving) = serve(vec![
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Type: text/csv\r\nContent-Length: 3\r\nConnection: close\r\n\r\na,b",
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
        ])
        .await;
        let Answer::Reply(reply) = ask(&url, LONG, None).await.unwrap() else { panic!("a reply") };
        assert_eq!((reply.bytes.as_slice(), reply.content_type.as_deref()), (&b"a,b"[..], Some("text/csv")));
        let again = ask(&url, LONG, reply.etag.as_deref()).await.unwrap();
        assert_eq!(again, Answer::NotModified { status: Some(304), fresh_until: None });
        let requests = serving.await.unwrap();
        assert!(!requests[0].contains("if-none-match") && requests[1].contains("if-none-match: \"a\""));
        assert!(requests[0].contains("user-agent: watchfloor/"));
    }

    #[tokio::test]
    async fn errors_say_where_and_what_without_the_secret() {
        let cases: [(&str, &str); 5] = [
            ("HTTP/1.1 429 Slow\r\nRetry-After: 90\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "raise `every`"),
            ("HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "not there"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n01234567890123456789",
                "more than 16 bytes",
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123", "cannot reach"),
            (
                "HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "neither http nor https",
            ),
        ];
        for (answer, phrase) in cases {
            let (url, serving) = serve(vec![answer]).await;
            let error = ask(&url, LONG, None).await.unwrap_err();
            assert!(error.to_string().contains(phrase), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
            if error.status() == Some(429) {
                assert_eq!(error.retry_at(), Timestamp::from_second(90).ok());
            }
            serving.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_redirect_is_followed_and_a_loop_is_not() {
        let (url, serving) = serve(vec![
            "HTTP/1.1 301 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        ])
        .await;
        assert!(matches!(ask(&url, LONG, None).await, Ok(Answer::Reply(reply)) if reply.bytes == b"ok"));
        assert!(serving.await.unwrap()[1].starts_with("get /elsewhere "));
        for (answer, requests, words) in [
            // Each time somewhere else, for ever; and back to where it was asked before.
            (
                "HTTP/1.1 302 Go\r\nLocation: on/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                HOPS + 1,
                "more than 10",
            ),
            ("HTTP/1.1 302 Go\r\nLocation: /feed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 2, "in a circle"),
        ] {
            let (url, serving) = serve(vec![answer; requests]).await;
            let error = ask(&url, LONG, None).await.unwrap_err().to_string();
            assert!(error.contains("too many redirects") && error.contains(words), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
            serving.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_silent_server_meets_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let error = ask(&url, SignedDuration::from_millis(50), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Deadline { .. }), "{error}");
    }

    /// A small answer without a body.
    fn bare(status: &str, more: &str) -> String {
        format!("HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n")
    }

    fn leaked(text: String) -> &'static str {
        Box::leak(text.into_boxed_str())
    }

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    #[tokio::test]
    async fn redirects_to_where_we_do_not_go_are_refused_and_say_so() {
        for (location, phrase) in [
            ("http://169.254.169.254/latest", "link-local"),
            ("http://[fd00:ec2::254]/", "link-local"),
            ("http://10.0.0.1/", "private network"),
            ("gopher://127.0.0.1/", "neither http nor https"),
            ("data:text/plain,x", "neither http nor https"),
            ("javascript:alert(1)", "neither http nor https"),
            ("", "no Location"),
            ("http://", "no address"),
        ] {
            let (url, serving) = serve(vec![leaked(bare("302 Go", &format!("Location: {location}\r\n")))]).await;
            let error = ask(&url, LONG, None).await.unwrap_err().to_string();
            assert!(error.contains(phrase), "{location}: {error}");
            serving.await.unwrap();
        }
        let long = leaked(bare("302 Go", &format!("Location: /{}\r\n", "x".repeat(10_000))));
        let (url, serving) = serve(vec![long]).await;
        let error = ask(&url, LONG, None).await.unwrap_err().to_string();
        assert!(error.len() < 300 && error.contains("too long"), "{error}");
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_move_for_good_is_remembered_as_far_as_every_step_is_for_good() {
        let (there, landing) = serve(vec![OK, OK]).await;
        let to = |status: &str| leaked(bare(status, &format!("Location: {there}\r\n")));
        let (url, serving) = serve(vec![to("308 Go"), to("307 Go")]).await;
        let Answer::Reply(reply) = ask(&url, LONG, None).await.unwrap() else { panic!("a reply") };
        assert_eq!(reply.moved_to, Some(Place::Http(there.clone())));
        let Answer::Reply(reply) = ask(&url, LONG, None).await.unwrap() else { panic!("a reply") };
        assert_eq!((reply.moved_to, reply.from), (None, Some(Place::Http(there.clone()))));
        serving.await.unwrap();
        landing.await.unwrap();
        // Where it moved is asked, and where that is gone its own address once more.
        let (there, landing) = serve(vec![OK, leaked(bare("404 No", ""))]).await;
        let (url, serving) = serve(vec![OK]).await;
        let moved = Some(there.as_str());
        let Answer::Reply(reply) = ask_moved(&url, LONG, None, moved).await.unwrap() else { panic!("a reply") };
        assert_eq!(reply.moved_to, Some(Place::Http(there.clone())));
        let Answer::Reply(reply) = ask_moved(&url, LONG, None, moved).await.unwrap() else { panic!("a reply") };
        assert_eq!(reply.moved_to, None);
        serving.await.unwrap();
        landing.await.unwrap();
        // A store that somebody edited does not lead anywhere either.
        let (url, serving) = serve(vec![OK]).await;
        assert!(ask_moved(&url, LONG, None, Some("http://169.254.169.254/")).await.is_ok());
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn secrets_do_not_follow_a_redirect_to_another_origin() {
        let (there, landing) = serve(vec![OK]).await;
        let mut elsewhere = there.clone();
        elsewhere.set_username("them").unwrap();
        elsewhere.set_password(Some("theirs")).unwrap();
        let hop = leaked(bare("302 Go", &format!("Set-Cookie: a=b\r\nLocation: {elsewhere}\r\n")));
        let (mut url, serving) = serve(vec![hop]).await;
        url.set_username("me").unwrap();
        url.set_password(Some("swordfish")).unwrap();
        let access = Access {
            headers: vec![("X-Api-Key".to_owned(), Secret::Plain("opensesame".to_owned()))],
            ..Access::default()
        };
        let (feed, place) = (FeedId::new("f"), Place::Http(url.clone()));
        let request = Request {
            feed: &feed,
            place: &place,
            access: &access,
            moved_to: None,
            etag: None,
            last_modified: None,
            deadline: LONG,
            body_cap: 16,
            now: Timestamp::UNIX_EPOCH,
        };
        assert!(Http::new(FetchOptions::default()).fetch(&url, &request).await.is_ok());
        let (first, second) = (serving.await.unwrap().remove(0), landing.await.unwrap().remove(0));
        assert!(first.contains("authorization: basic ") && first.contains("x-api-key: opensesame"), "{first}");
        for none in ["authorization", "x-api-key", "cookie", "referer", "opensesame", "swordfish"] {
            assert!(!second.contains(none), "{second}");
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_to_our_question_is_an_error() {
        for (answer, phrase) in [
            (bare("304 Not Modified", ""), "not asked for that"),
            (bare("204 Nothing", ""), "nothing that we asked for"),
            (bare("206 Part", ""), "nothing that we asked for"),
            (bare("300 Choose", ""), "leads nowhere"),
            (bare("410 Gone", ""), "asked no more"),
            (bare("999 What", ""), "answered 999"),
            (
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                    .to_owned(),
                "packed body",
            ),
        ] {
            let (url, serving) = serve(vec![leaked(answer)]).await;
            let error = ask(&url, LONG, None).await.unwrap_err().to_string();
            assert!(error.contains(phrase), "{error}");
            serving.await.unwrap();
        }
    }

    #[tokio::test]
    async fn nobody_there_and_no_tls_there_are_said_in_words() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = ask(&format!("http://127.0.0.1:{port}/").parse().unwrap(), LONG, None).await.unwrap_err();
        assert!(error.is_away() && error.to_string().contains("nobody listens there"), "{error}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        });
        let error = ask(&format!("https://127.0.0.1:{port}/").parse().unwrap(), LONG, None).await.unwrap_err();
        assert!(error.to_string().contains("does not speak TLS"), "{error}");
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn the_newest_link_of_a_page_is_fetched_under_its_own_name() {
        let page =
            "HTTP/1.1 200 OK\r\nContent-Length: 38\r\nConnection: close\r\n\r\n<a href=t_9.csv>9 <a href=t_10.csv>10 ";
        let (url, serving) = serve(vec![page, OK]).await;
        let found = url.join("t_10.csv").unwrap();
        let discover = Discover { page: url.clone(), link: Glob::new("t_*.csv"), pick: Pick::Newest };
        let (feed, place) = (FeedId::new("f"), Place::Discover(discover.clone()));
        let request = Request {
            feed: &feed,
            place: &place,
            access: &Access::default(),
            moved_to: Some(found.as_str()),
            etag: Some("\"old\""),
            last_modified: None,
            deadline: LONG,
            body_cap: 64,
            now: Timestamp::UNIX_EPOCH,
        };
        let answer = Http::new(FetchOptions::default()).discover(&discover, &request).await.unwrap();
        let Answer::Reply(reply) = answer else { panic!("a reply") };
        assert_eq!(reply.from, Some(Place::Http(url.join("t_10.csv").unwrap())));
        let requests = serving.await.unwrap();
        assert!(requests[1].starts_with("get /t_10.csv "), "{}", requests[1]);
        assert!(!requests[0].contains("if-none-match") && requests[1].contains("if-none-match: \"old\""));
    }
}
