//! Asking, while a call waits, whether it should go on.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::sync;

/// The function that is asked; true ends the call.
pub type InterruptHook = Box<dyn Fn() -> bool + Send + Sync>;

type Hook = Arc<dyn Fn() -> bool + Send + Sync>;

/// The wait of a call between two questions, while somebody is there to be asked.
const PATIENCE: Duration = Duration::from_millis(100);

static INSTALLED: AtomicBool = AtomicBool::new(false);
static HOOK: RwLock<Option<Hook>> = RwLock::new(None);

/// Sets what is asked, on the thread of the call, while a call waits: to connect, for the server,
/// for its next attempt, for the rate limit or for a connection. Where it returns true,
/// the call ends with [`Interrupted`](crate::ErrorKind::Interrupted). `None` turns it off.
///
/// It is for a host that must stay responsive while it waits, such as an interpreter that
/// handles Ctrl-C: the hook is asked ten times a second, and after a signal at once.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// static STOP: AtomicBool = AtomicBool::new(false);
/// knock::set_interrupt_hook(Some(Box::new(|| STOP.load(Ordering::Relaxed))));
/// knock::set_interrupt_hook(None);
/// ```
pub fn set_interrupt_hook(hook: Option<InterruptHook>) {
    let mut current = HOOK.write().unwrap_or_else(PoisonError::into_inner);
    INSTALLED.store(hook.is_some(), Ordering::Release);
    *current = hook.map(Arc::from);
}

thread_local! {
    /// Ends the waits of this thread when it is raised.
    static STOP: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Does some work on this thread whose calls and waits end as interrupted once a flag is raised,
/// within the time that a wait lasts without asking.
pub fn until<T>(stop: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<AtomicBool>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            STOP.set(self.0.take());
        }
    }

    let _restore = Restore(STOP.replace(Some(stop.clone())));
    work()
}

/// The state of this thread's flag; none where there is no flag.
fn stop() -> Option<bool> {
    let read = |stop: &RefCell<Option<Arc<AtomicBool>>>| {
        let stop = stop.borrow();
        stop.as_ref().map(|stop| stop.load(Ordering::Acquire))
    };
    // A thread that is ending has no flag any more.
    STOP.try_with(read).ok().flatten()
}

/// Holds the hook's lock for a fork. In the child nothing is asked until a hook is set.
pub(crate) fn hold() -> Box<dyn sync::Held> {
    let hook = HOOK.write().unwrap_or_else(PoisonError::into_inner);
    sync::hold(hook, |hook| {
        INSTALLED.store(false, Ordering::Release);
        sync::abandon(hook);
    })
}

/// The longest that a wait may last before it asks.
pub(crate) fn slice(wait: Duration) -> Duration {
    if INSTALLED.load(Ordering::Acquire) || stop().is_some() {
        wait.min(PATIENCE)
    } else {
        wait
    }
}

/// Asks. To be called without a lock held, for the hook may take its time.
pub(crate) fn requested() -> bool {
    if stop() == Some(true) {
        return true;
    }
    if !INSTALLED.load(Ordering::Acquire) {
        return false;
    }
    let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
    hook.is_some_and(|hook| hook())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_ends_the_waits_of_its_work_alone() {
        let (outer, inner) = (Arc::default(), Arc::<AtomicBool>::default());
        until(&outer, || {
            assert_eq!(slice(Duration::MAX), PATIENCE);
            until(&inner, || {
                assert!(!requested());
                inner.store(true, Ordering::Release);
                assert!(requested());
            });
            assert!(!requested());
        });
        assert_eq!(stop(), None);
    }
}
