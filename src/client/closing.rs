//! Waiting that ends when the client is closed: for a moment, or for a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::sync::lock;

/// Whether a client is closed, and who waits to hear of it.
pub(super) struct Closing {
    closed: AtomicBool,
    /// How many more calls may use a connection.
    free: Mutex<usize>,
    changed: Condvar,
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Closed,
    Interrupted,
    TimedOut,
}

impl Closing {
    pub fn new(connections: usize) -> Self {
        Self {
            closed: AtomicBool::new(false),
            free: Mutex::new(connections),
            changed: Condvar::new(),
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        // Under the lock, so that nobody misses it between looking and waiting.
        let _free = lock(&self.free);
        self.closed.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Waits until a moment, or until the client is closed.
    pub fn wait_until(&self, moment: Instant) -> Result<(), Ended> {
        let mut free = lock(&self.free);
        loop {
            if self.is_closed() {
                return Err(Ended::Closed);
            }
            let left = moment.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            free = self.wait(free, left)?;
        }
    }

    /// Takes the right to use a connection, waiting for it until the deadline.
    pub fn connection(&self, deadline: Instant) -> Result<Permit<'_>, Ended> {
        let mut free = lock(&self.free);
        loop {
            if self.is_closed() {
                return Err(Ended::Closed);
            }
            if *free > 0 {
                *free -= 1;
                return Ok(Permit(self));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Ended::TimedOut);
            }
            free = self.wait(free, left)?;
        }
    }

    /// Waits for a change, for some time at most.
    fn wait<'a>(
        &'a self,
        free: MutexGuard<'a, usize>,
        most: Duration,
    ) -> Result<MutexGuard<'a, usize>, Ended> {
        let waited = self.changed.wait_timeout(free, interrupt::slice(most));
        let (free, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if !timeout.timed_out() {
            return Ok(free);
        }
        drop(free);
        if interrupt::requested() {
            return Err(Ended::Interrupted);
        }
        Ok(lock(&self.free))
    }
}

/// The right to use a connection.
pub(super) struct Permit<'a>(&'a Closing);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut free = lock(&self.0.free);
        *free += 1;
        if *free == 1 {
            // Those who wait for a moment share the condition, so one notice might miss.
            self.0.changed.notify_all();
        }
    }
}
