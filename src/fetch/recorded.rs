//! Recorded replies: a scenario's `<feed>/<instant>.<ext>` files, each known from its instant on. It
//! answers as a server with validators would, so a replay takes the same road as a live fetch.

use super::{Answer, FetchError, Reply, Request};
use crate::domain::feed::FeedId;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Replies by feed and instant.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    replies: BTreeMap<FeedId, BTreeMap<Timestamp, File>>,
}

#[derive(Clone, Debug)]
struct File {
    bytes: Cow<'static, [u8]>,
    content_type: Option<&'static str>,
}

impl Recorded {
    /// Adds a file of a scenario, `name` being `<instant>.<ext>` with the instant as `20220329T160200Z`. Says what is
    /// wrong with a name that is none.
    pub fn add(&mut self, feed: &FeedId, name: &str, bytes: Cow<'static, [u8]>) -> Result<(), String> {
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        let at = instant(stem).ok_or_else(|| {
            format!("{feed}/{name}: a recorded reply is called by its instant, such as 20220329T160200Z.csv")
        })?;
        let content_type = match extension {
            "csv" => Some("text/csv"),
            "json" => Some("application/json"),
            "xml" | "rss" | "atom" => Some("application/xml"),
            _ => None,
        };
        self.replies.entry(feed.clone()).or_default().insert(at, File { bytes, content_type });
        Ok(())
    }

    /// Which feeds had a new reply at which instant, in order.
    pub fn by_instant(&self) -> BTreeMap<Timestamp, BTreeSet<FeedId>> {
        let mut feeds: BTreeMap<Timestamp, BTreeSet<FeedId>> = BTreeMap::new();
        for (feed, replies) in &self.replies {
            for at in replies.keys() {
                feeds.entry(*at).or_default().insert(feed.clone());
            }
        }
        feeds
    }

    /// The newest reply of the feed that was known at the request's instant; "not modified" where that is the one
    /// that the caller has.
    pub fn fetch(&self, request: &Request<'_>) -> Result<Answer, FetchError> {
        let newest = self.replies.get(request.feed).and_then(|replies| replies.range(..=request.now).next_back());
        let Some((at, file)) = newest else {
            return Err(FetchError::NothingRecorded { feed: request.feed.to_string(), at: request.now });
        };
        let etag = at.to_string();
        if request.etag == Some(etag.as_str()) {
            return Ok(Answer::NotModified { status: None, fresh_until: None });
        }
        Ok(Answer::Reply(Reply {
            bytes: file.bytes.to_vec(),
            content_type: file.content_type.map(str::to_owned),
            etag: Some(etag),
            stated: Some(*at),
            ..Reply::default()
        }))
    }
}

fn instant(stem: &str) -> Option<Timestamp> {
    let well_formed = stem.len() == 16 && stem.ends_with('Z');
    well_formed.then(|| jiff::fmt::strtime::parse("%Y%m%dT%H%M%SZ", stem).ok()).flatten().and_then(|parsed| {
        let civil = parsed.to_datetime().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_reply_is_known_from_its_instant_on() {
        let feed = FeedId::new("darien");
        let mut recorded = Recorded::default();
        recorded.add(&feed, "20220204T120000Z.json", Cow::Borrowed(b"old")).unwrap();
        recorded.add(&feed, "20220329T160200Z.json", Cow::Borrowed(b"new")).unwrap();
        assert!(
            recorded.add(&feed, "yesterday.json", Cow::Borrowed(b"")).unwrap_err().contains("20220329T160200Z.csv")
        );
        let ask = |now: &str, etag| {
            recorded.fetch(&Request {
                feed: &feed,
                place: &Place::Recorded,
                access: &super::super::access::Access::default(),
                moved_to: None,
                etag,
                last_modified: None,
                deadline: SignedDuration::from_secs(1),
                body_cap: 9,
                now: now.parse().unwrap(),
            })
        };
        assert!(matches!(ask("2022-01-01T00:00:00Z", None), Err(FetchError::NothingRecorded { .. })));
        let Answer::Reply(reply) = ask("2022-03-29T16:01:59Z", None).unwrap() else { panic!("a reply") };
        assert_eq!(reply.bytes, b"old");
        assert_eq!(
            ask("2022-03-29T16:01:59Z", reply.etag.as_deref()).unwrap(),
            Answer::NotModified { status: None, fresh_until: None }
        );
        let Answer::Reply(reply) = ask("2022-03-29T16:02:00Z", reply.etag.as_deref()).unwrap() else {
            panic!("a reply")
        };
        assert_eq!((reply.bytes.as_slice(), reply.stated), (&b"new"[..], "2022-03-29T16:02:00Z".parse().ok()));
        assert_eq!(recorded.by_instant().len(), 2);
    }
}
