//! HTTP against small servers of the tests' own.

use super::*;
use crate::domain::feed::FeedId;
use crate::fetch::access::{Access, LogIn};
use crate::fetch::discover::{Glob, Pick};
use crate::fetch::secret::Secret;
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

async fn ask_with(url: &Url, access: &Access) -> Result<Answer, FetchError> {
    let (feed, place) = (FeedId::new("f"), Place::Http(url.clone()));
    let request = Request {
        feed: &feed,
        place: &place,
        access,
        moved_to: None,
        etag: None,
        last_modified: None,
        deadline: LONG,
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
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123",
            "answered, but not all of it came: ",
        ),
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
async fn a_log_in_that_was_given_and_refused_is_called_so() {
    let plain = Access::default();
    let basic =
        Access { login: Some(LogIn::Basic("me".to_owned(), Secret::Plain("hunter2".to_owned()))), ..plain.clone() };
    let bearer = Access { login: Some(LogIn::Bearer(Secret::Plain("hunter2".to_owned()))), ..plain.clone() };
    let header =
        Access { headers: vec![("authorization".to_owned(), Secret::Plain("hunter2".to_owned()))], ..plain.clone() };
    for (access, user, was_given) in [
        (plain.clone(), "", false),
        (basic, "", true),
        (bearer, "", true),
        (header, "", true),
        (plain, "me:hunter2", true),
    ] {
        for (answer, otherwise) in [
            ("HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "log-in needed"),
            ("HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "does not let us in"),
        ] {
            let (url, serving) = serve(vec![answer]).await;
            let mut url = url;
            url.set_query(None);
            if let Some((user, password)) = user.split_once(':') {
                url.set_username(user).unwrap();
                url.set_password(Some(password)).unwrap();
            }
            let error = ask_with(&url, &access).await.unwrap_err().to_string();
            assert_eq!(error.contains("the log-in that was given was refused"), was_given, "{error}");
            assert_eq!(error.contains(otherwise), !was_given, "{error}");
            assert!(!error.contains("hunter2"), "{error}");
            serving.await.unwrap();
        }
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
async fn a_circle_is_told_once_and_where_it_goes() {
    let (url, serving) = serve(vec![leaked(bare("302 Go", "Location: ?\r\n"))]).await;
    let mut itself = url.clone();
    itself.set_query(Some(""));
    let error = ask(&itself, LONG, None).await.unwrap_err().to_string();
    assert_eq!(error, format!("{itself} redirects to itself: too many redirects; check the address"));
    serving.await.unwrap();
    let (mut url, serving) =
        serve(vec![leaked(bare("302 Go", "Location: /there\r\n")), leaked(bare("302 Go", "Location: /back\r\n"))])
            .await;
    url.set_path("/back");
    url.set_query(None);
    let error = ask(&url, LONG, None).await.unwrap_err().to_string();
    let there = url.join("/there").unwrap();
    assert_eq!(error, format!("{url} redirects in a circle, by way of {there}: too many redirects; check the address"));
    serving.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_not_http_was_an_answer() {
    for garbage in ["gopher\r\n\r\n", "HTTP/1.1 \x1b[31m OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"] {
        let (url, serving) = serve(vec![garbage]).await;
        let error = ask(&url, LONG, None).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(" answered, but not in proper HTTP (invalid HTTP "), "{text}");
        assert!(!text.contains("cannot reach") && !text.contains('\x1b') && !error.is_away(), "{text}");
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn a_silent_server_meets_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let error = ask(&url, SignedDuration::from_millis(50), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Deadline { begun: false, .. }), "{error}");
    assert!(error.to_string().contains("did not answer within"), "{error}");
}

#[tokio::test]
async fn an_answer_that_does_not_end_did_not_finish() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01").await.unwrap();
        // It is held open until the other side goes.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    let error = ask(&url, SignedDuration::from_secs(2), None).await.unwrap_err();
    assert!(error.to_string().contains("did not finish within 2 s"), "{error}");
    serving.await.unwrap();
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
        // It says which feed's address leads there: the other one is nobody's.
        let configured = url.authority();
        assert!(error.contains(configured) && !error.contains("hunter2"), "{location}: {error}");
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
    let access =
        Access { headers: vec![("X-Api-Key".to_owned(), Secret::Plain("opensesame".to_owned()))], ..Access::default() };
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
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".to_owned(),
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
