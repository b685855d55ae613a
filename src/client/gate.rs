//! Waiting that ends when the client is closed: for a moment, or for a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::sync::lock;

/// The gate of a client: a flag that closes it, and a semaphore of connections.
pub(super) struct Gate {
    closed: AtomicBool,
    connections: Mutex<Connections>,
    /// Wakes one that waits for a connection.
    freed: Condvar,
    /// Wakes all that wait for a moment.
    over: Condvar,
}

struct Connections {
    /// Number of calls that may still take one.
    free: usize,
    /// Number of calls that wait for one. Waking nobody is a system call all the same.
    wanted: usize,
}

/// Reason for a wait to end without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitEnd {
    Closed,
    Interrupted,
    TimedOut,
}

impl Gate {
    pub fn new(connections: usize) -> Self {
        Self {
            closed: AtomicBool::new(false),
            connections: Mutex::new(Connections {
                free: connections,
                wanted: 0,
            }),
            freed: Condvar::new(),
            over: Condvar::new(),
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        // Under the lock, so that nobody misses it between looking and waiting.
        let _connections = lock(&self.connections);
        self.closed.store(true, Ordering::Release);
        self.freed.notify_all();
        self.over.notify_all();
    }

    /// Waits until a moment, or until the client is closed.
    pub fn wait_until(&self, moment: Instant) -> Result<(), WaitEnd> {
        let mut connections = lock(&self.connections);
        loop {
            if self.is_closed() {
                return Err(WaitEnd::Closed);
            }
            let left = moment.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            connections = self.wait(&self.over, connections, left)?;
        }
    }

    /// Takes the right to use a connection, waiting for it until the deadline.
    pub fn connection(&self, deadline: Instant) -> Result<Permit<'_>, WaitEnd> {
        let mut connections = lock(&self.connections);
        let mut waited = false;
        loop {
            if self.is_closed() {
                return Err(WaitEnd::Closed);
            }
            if connections.free > 0 {
                connections.free -= 1;
                return Ok(Permit { gate: self, waited });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitEnd::TimedOut);
            }
            waited = true;
            connections.wanted += 1;
            let woken = self.wait(&self.freed, connections, left);
            connections = woken.inspect_err(|_| lock(&self.connections).wanted -= 1)?;
            connections.wanted -= 1;
        }
    }

    /// Waits for a change, for some time at most.
    fn wait<'a>(
        &'a self,
        change: &Condvar,
        connections: MutexGuard<'a, Connections>,
        most: Duration,
    ) -> Result<MutexGuard<'a, Connections>, WaitEnd> {
        let waited = change.wait_timeout(connections, interrupt::slice(most));
        let (connections, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if !timeout.timed_out() {
            return Ok(connections);
        }
        drop(connections);
        if interrupt::requested() {
            return Err(WaitEnd::Interrupted);
        }
        Ok(lock(&self.connections))
    }
}

/// The right to use a connection.
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    waited: bool,
}

impl Permit<'_> {
    /// Whether there was none at once.
    pub fn waited(&self) -> bool {
        self.waited
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut connections = lock(&self.gate.connections);
        connections.free += 1;
        if connections.wanted > 0 {
            self.gate.freed.notify_one();
        }
    }
}
