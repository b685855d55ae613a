//! Functions of the caller that the library calls, and may be replaced while it does.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};

use libc::c_void;

use knock::json::lock;

/// A function of the caller with the pointer that it wants back.
pub(super) struct Callback<F> {
    function: F,
    user_data: UserData,
    state: Mutex<State>,
    idle: Condvar,
}

struct UserData(*mut c_void);

// SAFETY: the pointer is only passed back. Whoever sets a callback promises that it may be
// called, with its pointer, from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

struct State {
    running: usize,
    retired: bool,
}

thread_local! {
    /// How many callbacks this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Whether this thread is in a callback.
pub(super) fn is_inside() -> bool {
    DEPTH.get() > 0
}

impl<F: Copy> Callback<F> {
    pub fn new(function: F, user_data: *mut c_void) -> Self {
        let state = State {
            running: 0,
            retired: false,
        };
        Self {
            function,
            user_data: UserData(user_data),
            state: Mutex::new(state),
            idle: Condvar::new(),
        }
    }

    /// Calls the function by way of `call`, unless it is retired.
    pub fn run<T>(&self, call: impl FnOnce(F, *mut c_void) -> T) -> Option<T> {
        struct Running<'a, F>(&'a Callback<F>);

        impl<F> Drop for Running<'_, F> {
            fn drop(&mut self) {
                DEPTH.set(DEPTH.get() - 1);
                lock(&self.0.state).running -= 1;
                self.0.idle.notify_all();
            }
        }

        let mut state = lock(&self.state);
        if state.retired {
            return None;
        }
        state.running += 1;
        drop(state);
        DEPTH.set(DEPTH.get() + 1);
        let _running = Running(self);
        Some(call(self.function, self.user_data.0))
    }

    /// Returns once the function is not running and will not be called again, so that what its
    /// pointer leads to may be freed. Called from inside any callback it does not wait, for that
    /// would be for itself, or for a callback that waits for this one.
    pub fn retire(&self) {
        let mut state = lock(&self.state);
        state.retired = true;
        while state.running > 0 && DEPTH.get() == 0 {
            state = self
                .idle
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;
    use std::sync::Barrier;
    use std::thread;

    fn callback() -> Callback<fn()> {
        Callback::new(|| (), ptr::null_mut())
    }

    #[test]
    fn a_retired_callback_is_not_called_any_more() {
        let callback = callback();
        assert_eq!(callback.run(|_, _| 1), Some(1));
        callback.retire();
        assert_eq!(callback.run(|_, _| 1), None);
    }

    #[test]
    fn retiring_waits_until_nobody_is_in_it() {
        let callback = callback();
        let (entered, leave) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                callback.run(|_, _| {
                    entered.wait();
                    leave.wait();
                })
            });
            entered.wait();
            let retiring = scope.spawn(|| callback.retire());
            while !lock(&callback.state).retired {
                thread::yield_now();
            }
            assert!(!retiring.is_finished());
            leave.wait();
            retiring.join().unwrap();
            assert!(inside.join().unwrap().is_some());
        });
    }

    #[test]
    fn a_callback_may_retire_itself() {
        let callback = callback();
        callback.run(|_, _| callback.retire());
        assert_eq!(callback.run(|_, _| ()), None);
    }
}
