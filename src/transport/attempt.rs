//! State that an attempt shares with its socket.
//!
//! ureq's traits have no room for either, and a per-request configuration would cost a copy of
//! the whole of it. A blocking call never leaves its thread, so a thread-local carries both.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use ureq::Error;

use crate::interrupt;

/// Most bytes of a response beside its body: the head, and the framing of small chunks.
const OVERHEAD_BYTES: u64 = 128 << 10;

/// Progress of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was sent: the server cannot have seen it.
    Unsent,
    /// Something was sent and nothing came back: the server may have done the work.
    Sent,
    /// The response began.
    Receiving,
}

#[derive(Clone, Copy)]
pub(super) struct Attempt {
    deadline: Instant,
    /// Until when a connection must stand.
    connect_deadline: Instant,
    /// Whether a connection stands. What is exchanged before belongs to a proxy or to TLS.
    connected: bool,
    /// Whether a tunnel through a proxy is being made.
    pub tunnelling: bool,
    pub progress: Progress,
    pub reused: bool,
    pub interrupted: bool,
    /// Most bytes of a body, and the number received in all.
    limit: u64,
    received: u64,
}

thread_local! {
    static CURRENT: Cell<Option<Attempt>> = const { Cell::new(None) };
}

impl Attempt {
    pub fn new(deadline: Instant, connect_deadline: Instant, max_response_bytes: u64) -> Self {
        Self {
            deadline,
            connect_deadline,
            connected: false,
            tunnelling: false,
            progress: Progress::Unsent,
            reused: false,
            interrupted: false,
            limit: max_response_bytes,
            received: 0,
        }
    }

    /// Runs the attempt on this thread and returns what it learnt beside the result.
    ///
    /// Within one, the interrupt hook may make calls of its own, each in an attempt of its own.
    pub fn run<T>(self, exchange: impl FnOnce() -> T) -> (T, Self) {
        // A guard, so that the outer attempt goes on also when the exchange panics.
        struct Restore(Option<Attempt>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self)));
        let result = exchange();
        (result, CURRENT.get().unwrap_or(self))
    }

    /// The attempt that this thread is in. Outside of one, nothing limits the socket.
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Whether a tunnel is being made, so that what is connected is the proxy.
    pub fn is_tunnelling() -> bool {
        CURRENT.get().is_some_and(|attempt| attempt.tunnelling)
    }

    /// Whether a connection stands.
    pub fn is_connected() -> bool {
        CURRENT.get().is_some_and(|attempt| attempt.connected)
    }

    pub fn update(change: impl FnOnce(&mut Self)) {
        if let Some(mut attempt) = CURRENT.get() {
            change(&mut attempt);
            CURRENT.set(Some(attempt));
        }
    }

    /// A connection stands: what is sent from here on is the request.
    pub fn connected(reused: bool) {
        Self::update(|attempt| {
            attempt.reused = reused;
            attempt.connected = true;
        });
    }

    /// Bytes were sent.
    pub fn sent() {
        Self::update(|attempt| {
            if attempt.connected {
                attempt.progress = Progress::Sent;
            }
        });
    }

    /// The response began.
    pub fn receiving() {
        Self::update(|attempt| {
            if attempt.connected {
                attempt.progress = Progress::Receiving;
            }
        });
    }

    /// Bytes came. The caller's limit holds for the decoded body, and a few bytes can decode to
    /// nothing for ever, so that there is a limit on what comes as well.
    pub fn received(bytes: usize) -> Result<(), Error> {
        let Some(mut attempt) = CURRENT.get() else {
            return Ok(());
        };
        attempt.received = attempt.received.saturating_add(bytes as u64);
        CURRENT.set(Some(attempt));
        let most = attempt
            .limit
            .saturating_mul(2)
            .saturating_add(OVERHEAD_BYTES);
        if attempt.received > most {
            return Err(Error::BodyExceedsLimit(attempt.limit));
        }
        Ok(())
    }
}

/// The time that is left for the current attempt, or an error when none is.
pub(super) fn remaining() -> Result<Duration, Error> {
    let Some(attempt) = CURRENT.get() else {
        return Ok(Duration::MAX);
    };
    let deadline = if attempt.connected {
        attempt.deadline
    } else {
        attempt.deadline.min(attempt.connect_deadline)
    };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(Error::Timeout(ureq::Timeout::Global))
    } else {
        Ok(left)
    }
}

/// Between two slices of a wait: asks whether to go on.
pub(super) fn pause() -> Result<(), Error> {
    if interrupt::requested() {
        Attempt::update(|attempt| attempt.interrupted = true);
        return Err(io::Error::other("the call was interrupted").into());
    }
    Ok(())
}
