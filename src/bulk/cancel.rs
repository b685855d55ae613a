//! Ending a run from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::interrupt;

/// Ends a bulk run early: from another thread, a handler of Ctrl-C, or the run's own progress.
///
/// Clones end the same run. The run reads and sends nothing more, lets a call that sends records
/// come to its end, and returns a summary that a later run resumes from.
///
/// ```
/// let cancel = knock::bulk::BulkCancel::new();
/// let button = cancel.clone();
/// std::thread::spawn(move || button.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct BulkCancel(Arc<AtomicBool>);

impl BulkCancel {
    /// Cancels nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the run. Doing it again changes nothing.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Does some work whose waits end, as interrupted, when the run is told to end.
    pub(super) fn ends_waits_of<T>(&self, work: impl FnOnce() -> T) -> T {
        interrupt::until(&self.0, work)
    }

    /// Whether the run was told to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
