//! HTTP: the one user of the client library. One client for all feeds, built when the first http feed is asked (a machine without
//! certificates must still start); validators, one deadline over everything, a cap on what a body may unpack to, redirects followed by
//! hand.

use super::{Answer, FetchError, FetchOptions, Place, Reply, Request, redacted};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Response, StatusCode, redirect};
use std::sync::OnceLock;
use url::Url;

/// How many redirects are followed.
const HOPS: usize = 5;

/// The client, built at first use.
pub struct Http {
    options: FetchOptions,
    client: OnceLock<Result<Client, String>>,
}

impl Http {
    /// Builds nothing yet.
    pub const fn new(options: FetchOptions) -> Self {
        Self { options, client: OnceLock::new() }
    }

    /// Asks an address.
    pub async fn fetch(&self, url: &Url, request: &Request<'_>) -> Result<Answer, FetchError> {
        let asking = self.ask(url, request);
        match tokio::time::timeout(request.deadline.unsigned_abs(), asking).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Deadline { place: redacted(url), seconds: request.deadline.as_secs() }),
        }
    }

    async fn ask(&self, url: &Url, request: &Request<'_>) -> Result<Answer, FetchError> {
        let mut url = url.clone();
        for _ in 0..=HOPS {
            let response = self.send(&url, request).await?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Answer::NotModified { status: Some(status.as_u16()) });
            }
            if status.is_redirection() {
                url = target(&url, &response)?;
                continue;
            }
            if !status.is_success() {
                let retry_at = retry_at(response.headers(), request.now);
                return Err(FetchError::Status { place: redacted(&url), status: status.as_u16(), retry_at });
            }
            return read(&url, response, request.body_cap).await.map(Answer::Reply);
        }
        Err(FetchError::Redirect { place: redacted(&url), why: format!("more than {HOPS} times") })
    }

    async fn send(&self, url: &Url, request: &Request<'_>) -> Result<Response, FetchError> {
        let mut asked = self.client(url)?.get(url.clone());
        if let Some(etag) = request.etag {
            asked = asked.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = request.last_modified {
            asked = asked.header(header::IF_MODIFIED_SINCE, last_modified);
        }
        asked.send().await.map_err(|error| unreachable(url, &error))
    }

    fn client(&self, url: &Url) -> Result<&Client, FetchError> {
        let built = self.client.get_or_init(|| {
            Client::builder()
                .user_agent(&self.options.user_agent)
                .redirect(redirect::Policy::none())
                .connect_timeout(std::time::Duration::from_secs(15))
                .pool_max_idle_per_host(1)
                .build()
                .map_err(|error| causes(&error))
        });
        built.as_ref().map_err(|why| FetchError::Unreachable {
            place: redacted(url),
            why: format!("the HTTP client cannot start: {why} (on Linux, install ca-certificates)"),
        })
    }
}

/// Where a redirect leads, if we follow there: http or https, and never from https down to http.
fn target(from: &Url, response: &Response) -> Result<Url, FetchError> {
    let refuse = |why: &str| FetchError::Redirect { place: redacted(from), why: why.to_owned() };
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or_else(|| refuse("to nowhere (no Location)"))?;
    let to = from.join(location).map_err(|_| refuse("to something that is no address"))?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => Ok(to),
        ("https", "http") => Err(refuse("from https to plain http, which is not followed")),
        _ => Err(refuse("to an address that is neither http nor https")),
    }
}

async fn read(url: &Url, mut response: Response, cap: u64) -> Result<Reply, FetchError> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut reply = Reply {
        status: Some(response.status().as_u16()),
        bytes: Vec::new(),
        content_type: text(header::CONTENT_TYPE),
        etag: text(header::ETAG),
        last_modified: text(header::LAST_MODIFIED),
        stated: None,
    };
    let announced = response.content_length().unwrap_or(0).min(cap);
    reply.bytes.reserve_exact(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(url, &error))? {
        if reply.bytes.len() as u64 + chunk.len() as u64 > cap {
            return Err(FetchError::TooLarge { place: redacted(url), cap });
        }
        append(&mut reply.bytes, &chunk);
    }
    Ok(reply)
}

/// Appends a chunk. A body of unknown length grows by a quarter: doubling would hold twice of what a large one needs.
fn append(bytes: &mut Vec<u8>, chunk: &[u8]) {
    if bytes.capacity() - bytes.len() < chunk.len() {
        bytes.reserve_exact(chunk.len().max(bytes.len() / 4));
    }
    bytes.extend_from_slice(chunk);
}

/// What a server asks for with `Retry-After`: seconds, or an HTTP date.
fn retry_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return now.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok();
    }
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

fn unreachable(url: &Url, error: &reqwest::Error) -> FetchError {
    FetchError::Unreachable { place: Place::Http(url.clone()).to_string(), why: causes(error) }
}

/// The innermost cause of an error of the client: its own text names the address, secrets included.
fn causes(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    let mut texts: Vec<String> = Vec::new();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts.pop().unwrap_or_else(|| {
        if error.is_builder() { "it could not be built".to_owned() } else { "the transfer broke".to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::FeedId;
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
        let (feed, place) = (FeedId::new("f"), Place::Http(url.clone()));
        let request = Request {
            feed: &feed,
            place: &place,
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
        assert_eq!(again, Answer::NotModified { status: Some(304) });
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
            ("HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n0123", "cannot reach"),
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
        let (url, serving) =
            serve(vec!["HTTP/1.1 302 Go\r\nLocation: /feed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; 6])
                .await;
        let error = ask(&url, LONG, None).await.unwrap_err();
        assert!(error.to_string().contains("more than 5 times"), "{error}");
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_server_meets_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let error = ask(&url, SignedDuration::from_millis(50), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Deadline { .. }), "{error}");
    }

    #[test]
    fn a_body_of_unknown_length_takes_at_most_a_quarter_more_than_it_needs() {
        let mut bytes = Vec::new();
        for number in 0..2_000_u32 {
            append(&mut bytes, &[1; 1_000][..number as usize % 1_000]);
            assert!(bytes.capacity() <= bytes.len() + bytes.len() / 4 + 1_000);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let at = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            retry_at(&headers, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(at("120"), Timestamp::from_second(120).ok());
        assert_eq!(at("Thu, 01 Jan 1970 00:05:00 GMT"), Timestamp::from_second(300).ok());
        assert_eq!(at("soon"), None);
    }
}
