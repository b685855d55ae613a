//! What one attempt tells its socket, and what it learns from it.
//!
//! ureq's traits have no room for either, and a per-request configuration would cost a copy of
//! the whole of it. A blocking call never leaves its thread, so a thread-local carries both.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was sent: the server cannot have seen it.
    Unsent,
    /// Something was sent and nothing came back: the server may have done the work.
    Sent,
    /// The answer began.
    Answering,
}

#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub deadline: Instant,
    pub connect_timeout: Duration,
    /// Whether a connection that turns out to be closed is no harm, as the request can be
    /// sent again.
    pub repeatable: bool,
    pub progress: Progress,
    pub reused: bool,
    pub interrupted: bool,
}

thread_local! {
    static CURRENT: Cell<Option<Attempt>> = const { Cell::new(None) };
}

impl Attempt {
    pub fn new(deadline: Instant, connect_timeout: Duration, repeatable: bool) -> Self {
        Self {
            deadline,
            connect_timeout,
            repeatable,
            progress: Progress::Unsent,
            reused: false,
            interrupted: false,
        }
    }

    /// Runs the attempt on this thread and returns what it learnt beside the result.
    pub fn run<T>(self, exchange: impl FnOnce() -> T) -> (T, Self) {
        // The guard clears the slot also when the exchange panics.
        struct Clear;
        impl Drop for Clear {
            fn drop(&mut self) {
                CURRENT.set(None);
            }
        }
        CURRENT.set(Some(self));
        let _clear = Clear;
        let result = exchange();
        (result, CURRENT.get().unwrap_or(self))
    }

    /// The attempt that this thread is in. Outside of one, nothing limits the socket.
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    pub fn update(change: impl FnOnce(&mut Self)) {
        if let Some(mut attempt) = CURRENT.get() {
            change(&mut attempt);
            CURRENT.set(Some(attempt));
        }
    }
}

/// The time that is left for the current attempt, or an error when none is.
pub(super) fn remaining() -> Result<Duration, ureq::Error> {
    let Some(attempt) = CURRENT.get() else {
        return Ok(Duration::MAX);
    };
    let left = attempt.deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(ureq::Error::Timeout(ureq::Timeout::Global))
    } else {
        Ok(left)
    }
}
