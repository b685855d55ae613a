//! Ending a run from elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::interrupt;
use crate::sync::lock;

/// Ends a bulk run early: from another thread, a handler of Ctrl-C, or the run's own progress.
///
/// Clones end the same run. The run reads and sends nothing more, lets the call that is under
/// way come to its end, and returns a summary that a later run resumes from.
///
/// ```
/// let cancel = knock::bulk::BulkCancel::new();
/// let button = cancel.clone();
/// std::thread::spawn(move || button.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct BulkCancel(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    raised: AtomicBool,
    lock: Mutex<()>,
    changed: Condvar,
}

impl BulkCancel {
    /// Cancels nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the run. Doing it again changes nothing.
    pub fn cancel(&self) {
        // Under the lock, so that nobody misses it between looking and waiting.
        let _guard = lock(&self.0.lock);
        self.0.raised.store(true, Ordering::Release);
        self.0.changed.notify_all();
    }

    /// Whether the run was told to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// Waits until a moment, or less long when the run is told to end.
    pub(super) fn wait_until(&self, moment: Instant) {
        while !self.is_cancelled() {
            let left = moment.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if interrupt::requested() {
                return self.cancel();
            }
            let guard = lock(&self.0.lock);
            if !self.is_cancelled() {
                let waited = self.0.changed.wait_timeout(guard, interrupt::slice(left));
                drop(waited.unwrap_or_else(PoisonError::into_inner));
            }
        }
    }
}
