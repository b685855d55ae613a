//! Measuring that a call keeps to its time, on a machine that may be busy.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Time that a call may take over its deadline.
const GRACE: Duration = Duration::from_millis(50);

/// Runs something that must be over by `limit`, give or take the grace; returns its result.
///
/// A second thread waits for the same moment. What the machine lets that one oversleep is not
/// held against the call.
pub fn within<T>(limit: Duration, run: impl FnOnce() -> T) -> T {
    let (done, ended) = mpsc::channel::<()>();
    let start = Instant::now();
    let witness = thread::spawn(move || {
        let _ = ended.recv_timeout(limit + GRACE);
        start.elapsed().saturating_sub(limit + GRACE)
    });
    let result = run();
    let took = start.elapsed();
    drop(done);
    let machine = witness.join().unwrap();
    assert!(
        took <= limit + GRACE + machine * 2,
        "took {took:?} of {limit:?}, with a machine that is late by {machine:?}"
    );
    result
}
