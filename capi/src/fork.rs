//! Forking a process whose other threads make calls.
//!
//! The child has one thread, and every lock that another thread held stays locked in it. So the
//! process-wide locks are taken before a fork and released after it, on both sides. What they
//! guard belongs to the parent: in the child every handle is void, no callback is set, and the
//! budgets of rate limits are new. Nothing of the parent is dropped there, for its clients may
//! hold locks of their own.

#[cfg(unix)]
use std::cell::RefCell;
#[cfg(unix)]
use std::sync::Once;

#[cfg(unix)]
use knock::json::fork::{Held, hold_library};

#[cfg(unix)]
thread_local! {
    /// Locks that the forking thread holds meanwhile.
    static HELD: RefCell<Vec<Box<dyn Held>>> = const { RefCell::new(Vec::new()) };
}

/// Sees to it that forks are handled from now on.
#[cfg(unix)]
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handlers are functions of this library, which is never unloaded while
        // clients can exist, and they do not unwind: taking and releasing locks does not panic.
        let status = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
        if status != 0 {
            knock::json::log(
                knock::Level::Warn,
                "forks are not handled: no memory for it",
            );
        }
    });
}

#[cfg(not(unix))]
pub(super) fn prepare() {}

/// Takes the locks, outer ones first.
#[cfg(unix)]
extern "C" fn before() {
    let mut held = vec![
        super::client::hold(),
        super::pager::hold(),
        super::bulk::hold(),
        super::log::hold(),
        super::interrupt::hold(),
    ];
    held.extend(hold_library());
    // A thread that is ending has no such place any more; it then forks without the locks.
    let _ = HELD.try_with(|place| *place.borrow_mut() = held);
}

#[cfg(unix)]
extern "C" fn in_parent() {
    release(false);
}

#[cfg(unix)]
extern "C" fn in_child() {
    release(true);
}

#[cfg(unix)]
fn release(child: bool) {
    let held = HELD.try_with(|place| std::mem::take(&mut *place.borrow_mut()));
    for mut lock in held.unwrap_or_default() {
        if child {
            lock.renew();
        }
    }
}
