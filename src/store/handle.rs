//! The thread that owns a store, and the cloneable handle that the async side awaits. A store's calls block; nothing else may.

use super::{Result, Store, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&mut dyn Store) + Send>;

/// A store on a thread of its own. The thread ends with the last handle.
#[derive(Clone)]
pub struct StoreHandle {
    jobs: mpsc::Sender<Job>,
}

impl StoreHandle {
    /// Gives the store a thread.
    pub fn spawn(mut store: Box<dyn Store>) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || {
            for job in queue {
                job(store.as_mut());
            }
        };
        std::thread::Builder::new().name("store".to_owned()).spawn(work).expect("the system can start one more thread");
        Self { jobs }
    }

    /// Does something with the store and waits for the answer. A panic in it is an error like any other.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            let done = catch_unwind(AssertUnwindSafe(|| work(store)))
                .unwrap_or_else(|_| Err(broken("the call panicked; the log says where")));
            // Whoever asked may have stopped waiting; the work is done all the same.
            let _ = answer.send(done);
        });
        self.jobs.send(job).map_err(|_| broken("its thread has ended"))?;
        answered.await.unwrap_or_else(|_| Err(broken("its thread has ended")))
    }
}

fn broken(why: &str) -> StoreError {
    StoreError::Failed { doing: "use", place: "the store".to_owned(), why: why.to_owned() }
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
}
