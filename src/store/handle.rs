//! The thread that owns a store, and the cloneable handle that the async side awaits. A store's calls block; nothing else may.

use super::trouble::{Trouble, Why};
use super::{Result, Store, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use tokio::sync::oneshot;

/// Something to do with the store, or with the reason why there is none. Says whether the store has to be opened anew.
type Job = Box<dyn FnOnce(Result<&mut dyn Store>) -> bool + Send>;

/// How a store is opened anew.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn Store>> + Send>;

/// What the thread is asked.
enum Ask {
    Do(Job),
    /// Close the store in order.
    Close(oneshot::Sender<()>),
}

/// A store on a thread of its own. The thread ends with the last handle, or when it is closed.
#[derive(Clone)]
pub struct StoreHandle {
    jobs: mpsc::Sender<Ask>,
}

impl StoreHandle {
    /// Gives the store a thread.
    pub fn spawn(store: Box<dyn Store>) -> Self {
        Self::start(Some(store), None)
    }

    /// Gives a store a thread that opens it: at once where it is not open, and anew when what is open is of no use any more. A store that
    /// cannot be opened is an error of each call, and is tried again with the next.
    pub fn spawn_opening(store: Option<Box<dyn Store>>, open: Open) -> Self {
        Self::start(store, Some(open))
    }

    fn start(mut held: Option<Box<dyn Store>>, mut open: Option<Open>) -> Self {
        let (jobs, queue) = mpsc::channel::<Ask>();
        let work = move || {
            for asked in queue {
                let job = match asked {
                    Ask::Do(job) => job,
                    Ask::Close(closed) => {
                        drop(held);
                        // Whoever waits may have lost patience.
                        let _ = closed.send(());
                        return;
                    }
                };
                let there = match (&mut held, &mut open) {
                    (Some(store), _) => Ok(store),
                    (none, Some(open)) => open().map(|store| none.insert(store)),
                    (None, None) => Err(broken("it is not open")),
                };
                let anew = match there {
                    Ok(store) => job(Ok(store.as_mut())),
                    Err(error) => job(Err(error)),
                };
                if anew && open.is_some() {
                    held = None;
                }
            }
        };
        std::thread::Builder::new().name("store".to_owned()).spawn(work).expect("the system can start one more thread");
        Self { jobs }
    }

    /// Does something on the store's thread that has nothing to do with the store.
    pub fn on_its_thread(&self, work: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(move |_| {
            work();
            false
        });
        // A thread that has ended has nothing to do any more.
        let _ = self.jobs.send(Ask::Do(job));
    }

    /// Closes the store in order: the file is then whole by itself. What is asked afterwards fails.
    pub async fn close(&self) {
        let (closed, ended) = oneshot::channel();
        if self.jobs.send(Ask::Close(closed)).is_ok() {
            // A thread that has ended has closed it.
            let _ = ended.await;
        }
    }

    /// Does something with the store and waits for the answer. A panic in it is an error like any other.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            let work = |store| catch_unwind(AssertUnwindSafe(|| work(store)));
            let done = store
                .and_then(|store| work(store).unwrap_or_else(|_| Err(broken("the call panicked; the log says where"))));
            let trouble = done.as_ref().err().and_then(StoreError::trouble);
            // Whoever asked may have stopped waiting; the work is done all the same.
            let _ = answer.send(done);
            trouble.is_some_and(Trouble::needs_opening)
        });
        self.jobs.send(Ask::Do(job)).map_err(|_| broken("its thread has ended"))?;
        answered.await.unwrap_or_else(|_| Err(broken("its thread has ended")))
    }
}

fn broken(why: &str) -> StoreError {
    StoreError::Failed { doing: "use", place: "the store".to_owned(), why: Why::new(Trouble::Other, why) }
}

#[cfg(test)]
mod tests {
    use super::super::memory::MemoryStore;
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_call_is_an_error_and_the_store_lives_on() {
        let handle = StoreHandle::spawn(Box::new(MemoryStore::new()));
        let failed = handle.call(|_| -> Result<()> { panic!("on purpose") }).await;
        assert!(failed.unwrap_err().to_string().contains("panicked"));
        assert_eq!(handle.call(|store| store.newest()).await.unwrap().0, 0);
    }

    #[tokio::test]
    async fn what_cannot_be_opened_is_tried_again_and_what_is_of_no_use_is_opened_anew() {
        let mut times = 0;
        let open = move || {
            times += 1;
            match times {
                1 => Err(broken("not yet")),
                _ => Ok(Box::new(MemoryStore::new()) as Box<dyn Store>),
            }
        };
        let handle = StoreHandle::spawn_opening(None, Box::new(open));
        assert!(handle.call(|store| store.newest()).await.unwrap_err().to_string().contains("not yet"));
        let until = jiff::Timestamp::MAX;
        handle.call(move |store| store.take_lease("me", jiff::Timestamp::UNIX_EPOCH, until)).await.unwrap();
        let damaged = |_: &mut dyn Store| -> Result<()> {
            let why = Why::new(Trouble::Damaged, "");
            Err(StoreError::Failed { doing: "read", place: "it".to_owned(), why })
        };
        handle.call(damaged).await.unwrap_err();
        assert_eq!(handle.call(|store| store.lease()).await.unwrap(), None, "it is another one");
        handle.close().await;
        assert!(handle.call(|store| store.newest()).await.unwrap_err().to_string().contains("ended"));
    }
}
