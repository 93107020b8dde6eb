//! Files that are feeds are watched by looking: that works on every disk, a network's too. A change is taken when two looks in a row see
//! the same: whoever writes the file has finished, or has put a whole one in its place.

use crate::domain::feed::FeedId;
use jiff::SignedDuration;
use std::path::PathBuf;
use std::time::SystemTime;

/// Between two looks.
const LOOK: SignedDuration = SignedDuration::from_millis(700);

/// What a look sees of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    length: u64,
    written: Option<SystemTime>,
}

#[derive(Debug)]
struct Watched {
    feed: FeedId,
    path: PathBuf,
    /// What was there when its feed was asked last.
    settled: Option<Seen>,
    /// What the last look saw.
    last: Option<Seen>,
}

impl Watched {
    /// Whether the file has changed since it was read, and no more since the last look.
    fn look(&mut self, seen: Option<Seen>) -> bool {
        let quiet = seen == self.last;
        self.last = seen;
        // A file that is not there now is no news: the next poll says so.
        if !quiet || seen.is_none() || seen == self.settled {
            return false;
        }
        self.settled = seen;
        true
    }
}

/// The files of all feeds.
#[derive(Debug)]
pub struct FileWatch {
    files: Vec<Watched>,
    ready: Vec<FeedId>,
    begun: bool,
}

impl FileWatch {
    /// Watches nothing until it is waited for.
    pub fn new(files: Vec<(FeedId, PathBuf)>) -> Self {
        let watched = |(feed, path)| Watched { feed, path, settled: None, last: None };
        Self { files: files.into_iter().map(watched).collect(), ready: Vec::new(), begun: false }
    }

    /// Waits for a file to change. Pends for ever where there is none. Nothing is lost where the wait is given up.
    pub async fn changed(&mut self) -> FeedId {
        loop {
            if let Some(feed) = self.ready.pop() {
                return feed;
            }
            if self.files.is_empty() {
                std::future::pending::<()>().await;
            }
            if self.begun {
                crate::clock::pause(LOOK).await;
            }
            let mut seen = Vec::new();
            for file in &self.files {
                let about = tokio::fs::metadata(&file.path).await.ok();
                seen.push(about.map(|about| Seen { length: about.len(), written: about.modified().ok() }));
            }
            for (file, seen) in self.files.iter_mut().zip(seen) {
                if !self.begun {
                    // What is there at the start is for the first poll.
                    (file.settled, file.last) = (seen, seen);
                } else if file.look(seen) {
                    self.ready.push(file.feed.clone());
                }
            }
            self.begun = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_when_it_has_changed_and_is_quiet() {
        let seen = |length| Some(Seen { length, written: None });
        let mut file = Watched { feed: FeedId::new("f"), path: PathBuf::new(), settled: seen(5), last: seen(5) };
        let looks = [seen(5), seen(9), seen(12), seen(12), seen(12), None, None, seen(12), seen(12), seen(3), seen(3)];
        let taken = looks.map(|seen| file.look(seen));
        let expected = [false, false, false, true, false, false, false, false, false, false, true];
        assert_eq!(taken, expected, "half-written it is left, gone it is no news, and back as it was neither");
    }
}
