//! `file:` feeds: a table or a feed that another program writes on this machine. Size and time of
//! change serve as validators.

use super::{Answer, FetchError, Reply, Request};
use crate::domain::text::Printable;
use std::path::Path;
use tokio::io::AsyncReadExt;

/// Beyond its length: reading asks for some room even at the end, and a place that is too small is doubled.
const SPARE: u64 = 64;

/// Reads the file, unless it is the one that the caller has.
pub async fn fetch(path: &Path, request: &Request<'_>) -> Result<Answer, FetchError> {
    let reading = read(path, request);
    match tokio::time::timeout(request.deadline.unsigned_abs(), reading).await {
        Ok(answer) => answer,
        Err(_) => Err(FetchError::Deadline {
            place: Printable::path(path).to_string(),
            seconds: request.deadline.as_secs(),
            begun: false,
        }),
    }
}

async fn read(path: &Path, request: &Request<'_>) -> Result<Answer, FetchError> {
    let place = Printable::path(path).to_string();
    let unreadable = |why: String| FetchError::Unreadable { place: place.clone(), why };
    let about = tokio::fs::metadata(path).await.map_err(|error| unreadable(plain(&error)))?;
    if !about.is_file() {
        return Err(unreadable("it is not a plain file".to_owned()));
    }
    let written = about.modified().ok().and_then(|at| jiff::Timestamp::try_from(at).ok());
    let etag = written.map(|at| format!("{} {at}", about.len()));
    // As a server would say it, so that a mapping may rest on it.
    let last_modified =
        written.and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
    if etag.is_some() && etag.as_deref() == request.etag {
        return Ok(Answer::NotModified { status: None, fresh_until: None });
    }
    let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(plain(&error)))?;
    let expected = about.len().min(request.body_cap).saturating_add(SPARE);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    file.take(request.body_cap + 1).read_to_end(&mut bytes).await.map_err(|error| unreadable(plain(&error)))?;
    if bytes.len() as u64 > request.body_cap {
        return Err(FetchError::TooLarge { place, cap: request.body_cap });
    }
    let after = tokio::fs::metadata(path).await.map_err(|error| unreadable(plain(&error)))?;
    if after.len() != about.len() || after.modified().ok() != about.modified().ok() {
        return Err(unreadable("it was being written just then; it is read again when it is quiet".to_owned()));
    }
    Ok(Answer::Reply(Reply { bytes, etag, last_modified, ..Reply::default() }))
}

/// The cause in words, with what to do where that is plain.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; check the path in `url`".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read it; change its permissions".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::super::access::Access;
    use super::*;
    use crate::domain::feed::FeedId;
    use jiff::{SignedDuration, Timestamp};

    #[tokio::test]
    async fn a_file_is_read_once_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let feed = FeedId::new("a");
        let place = Place::File(path.clone());
        let access = Access::default();
        let request = |etag| Request {
            feed: &feed,
            place: &place,
            access: &access,
            moved_to: None,
            etag,
            last_modified: None,
            deadline: SignedDuration::from_secs(10),
            body_cap: 8,
            now: Timestamp::UNIX_EPOCH,
        };
        let missing = fetch(&path, &request(None)).await.unwrap_err();
        assert!(missing.to_string().contains("there is no such file"), "{missing}");
        std::fs::write(&path, "a,b").unwrap();
        let Answer::Reply(reply) = fetch(&path, &request(None)).await.unwrap() else { panic!("a reply") };
        assert_eq!(reply.bytes, b"a,b");
        assert_eq!(reply.bytes.capacity(), 3 + SPARE as usize, "it is read into a place of its size");
        let last_modified = reply.last_modified.as_deref().unwrap();
        assert!(last_modified.ends_with(" GMT"), "{last_modified}");
        let again = fetch(&path, &request(reply.etag.as_deref())).await.unwrap();
        assert_eq!(again, Answer::NotModified { status: None, fresh_until: None });
        std::fs::write(&path, "too many bytes").unwrap();
        assert!(matches!(fetch(&path, &request(None)).await, Err(FetchError::TooLarge { cap: 8, .. })));
        assert!(matches!(fetch(folder.path(), &request(None)).await, Err(FetchError::Unreadable { .. })));
    }
}
