//! Reading a body. A large one is read on a thread of its own, since it takes longer than a task may, and two of them at once at most,
//! since each takes memory. The body is moved there, packed there for the store and dropped there, so that it never lies in memory twice.

use super::plan::{Plan, sha256};
use crate::domain::feed::FeedKind;
use crate::feeds::{DecodeError, Decoded, Source};
use crate::fetch::Place;
use crate::store::kept::{Kept, Packed};
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::Semaphore;

/// Bodies up to this size are hashed where they are: moving them to another thread would take longer.
const SMALL: usize = 1 << 20;

/// Bodies up to this size are read where they are: a few milliseconds.
const SHORT: usize = 64 << 10;

/// Large bodies that are read at once.
static LARGE: Semaphore = Semaphore::const_new(2);

const BROKE: &str = "reading it failed unexpectedly; the log says where; please report it";

/// A body with what its reading needs.
pub struct Paper {
    /// The body.
    pub text: Text,
    /// Its SHA-256, in hexadecimal.
    pub hash: String,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// The media type that the server gave.
    pub content_type: Option<String>,
    /// The `Last-Modified` that the server gave.
    pub last_modified: Option<String>,
    /// Which address answered, where it is not the feed's own.
    pub from: Option<Place>,
}

/// A body as it came, or as it was kept.
pub enum Text {
    /// As it came.
    Fresh(Vec<u8>),
    /// As it was kept.
    Packed(Packed),
}

impl Paper {
    /// A body that was kept; where the feed is found by way of a page, of the address that was found last.
    pub fn kept(kept: Kept, found: Option<&str>) -> Self {
        let from = found.and_then(|text| text.parse().ok()).map(Place::Http);
        let Kept { reply_hash: hash, fetched, content_type, last_modified, packed, .. } = kept;
        Self { text: Text::Packed(packed), hash, fetched, content_type, last_modified, from }
    }
}

/// What reading a body gave.
pub struct Gave {
    /// What it says.
    pub decoded: Decoded,
    /// The body for the store; `None` where it is too large to be kept, or need not be.
    pub kept: Option<Kept>,
}

/// Reads a body. The error is why nothing came of it, in words.
pub async fn read(plan: &Plan, paper: Paper) -> Result<Gave, String> {
    if matches!(&paper.text, Text::Fresh(bytes) if bytes.len() <= SHORT) {
        // The one poll ends with a word, as on a thread of its own.
        return catch_unwind(AssertUnwindSafe(|| read_here(plan, paper))).unwrap_or_else(|_| Err(BROKE.to_owned()));
    }
    let plan = plan.clone();
    // Nobody closes it.
    let _one = LARGE.acquire().await;
    let reading = tokio::task::spawn_blocking(move || read_here(&plan, paper));
    reading.await.unwrap_or_else(|_| Err(BROKE.to_owned()))
}

fn read_here(plan: &Plan, paper: Paper) -> Result<Gave, String> {
    let (bytes, packed) = match paper.text {
        Text::Fresh(bytes) => (bytes, None),
        Text::Packed(packed) => {
            let damaged = |error| format!("the kept body is damaged: {error}");
            (packed.unpack(plan.body_cap).map_err(damaged)?, Some(packed))
        }
    };
    let place = paper.from.as_ref().unwrap_or(&plan.place);
    let name = file_name(place);
    let source = Source {
        feed: &plan.feed.id,
        base: match place {
            Place::Http(url) => Some(url.as_str()),
            Place::Discover(discover) => Some(discover.page.as_str()),
            Place::File(_) | Place::Command(_) | Place::Recorded => None,
        },
        content_type: paper.content_type.as_deref(),
        last_modified: paper.last_modified.as_deref(),
        name: name.as_deref(),
        now: paper.fetched,
    };
    let decoded = plan.reader.decode(&bytes, &source).map_err(|error| match error {
        // There is nothing else in it by which to know it.
        DecodeError::Empty { .. } => format!("{} answered, but {error}", plan.place),
        error => error.to_string(),
    })?;
    if let Some(nothing) = decoded.nothing_counts().filter(|_| plan.feed.kind == FeedKind::Statistics) {
        return Err(nothing.to_string());
    }
    let packed = packed.or_else(|| if plan.keeps_body() { Packed::pack(&bytes) } else { None });
    let kept = packed.map(|packed| Kept {
        address: plan.address.to_string(),
        reply_hash: paper.hash,
        fetched: paper.fetched,
        content_type: paper.content_type,
        last_modified: paper.last_modified,
        packed,
    });
    Ok(Gave { decoded, kept })
}

/// The file's name in an address or a path.
pub fn file_name(place: &Place) -> Option<String> {
    match place {
        Place::Http(url) => url.path_segments()?.rfind(|part| !part.is_empty()).map(str::to_owned),
        Place::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
        Place::Command(_) | Place::Discover(_) | Place::Recorded => None,
    }
}

/// The hash of a body, which is given back.
pub async fn hashed(bytes: Vec<u8>) -> (Vec<u8>, String) {
    if bytes.len() <= SMALL {
        let hash = sha256(&bytes);
        return (bytes, hash);
    }
    let hashing = tokio::task::spawn_blocking(move || {
        let hash = sha256(&bytes);
        (bytes, hash)
    });
    hashing.await.expect("hashing does not panic, and nobody aborts it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_the_name_of_its_file() {
        let http = |url: &str| file_name(&Place::Http(url.parse().unwrap()));
        assert_eq!(
            http("https://example.org/data/arrivals_2024_05_31.csv?key=1").as_deref(),
            Some("arrivals_2024_05_31.csv")
        );
        assert_eq!(http("https://example.org/data/").as_deref(), Some("data"));
        assert_eq!(http("https://example.org"), None);
        assert_eq!(file_name(&Place::File("a/b.csv".into())).as_deref(), Some("b.csv"));
    }
}
