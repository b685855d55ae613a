//! Functions of the caller that the library calls, and may be replaced while it does.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use libc::c_void;

use knock::json::fork::{Held, abandon, hold};
use knock::json::lock;

/// The function of one kind that is set for the whole process.
pub(super) struct Current<F: 'static>(Mutex<Functions<F>>);

struct Functions<F> {
    current: Option<Arc<Callback<F>>>,
    /// Those that were set before, as long as they may run.
    former: Vec<Arc<Callback<F>>>,
}

impl<F> Default for Functions<F> {
    fn default() -> Self {
        Self {
            current: None,
            former: Vec::new(),
        }
    }
}

impl<F: Copy + 'static> Current<F> {
    pub const fn new() -> Self {
        Self(Mutex::new(Functions {
            current: None,
            former: Vec::new(),
        }))
    }

    /// Sets another function; `install` sees to it that the library calls it. Returns once none of
    /// those that were set before, by whichever thread, is running or will be called again, so
    /// that what their pointers lead to may be freed. From inside any callback it does not wait,
    /// for that would be for itself, or for a callback that waits for this one.
    pub fn set(&self, next: Option<Callback<F>>, install: impl FnOnce(Option<Arc<Callback<F>>>)) {
        let next = next.map(Arc::new);
        let mut functions = lock(&self.0);
        let before = std::mem::replace(&mut functions.current, next.clone());
        if let Some(before) = before {
            before.retire();
            functions.former.push(before);
        }
        functions.former.retain(|former| former.is_running());
        install(next);
        let former = functions.former.clone();
        drop(functions);
        if !is_inside() {
            former.iter().for_each(|former| former.wait());
        }
    }

    /// Holds the lock for a fork. In the child no function is set.
    pub fn hold(&'static self) -> Box<dyn Held>
    where
        F: Send,
    {
        hold(lock(&self.0), abandon)
    }
}

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
    /// Number of callbacks this thread is in.
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

    /// The function is not called again.
    fn retire(&self) {
        lock(&self.state).retired = true;
    }

    fn is_running(&self) -> bool {
        lock(&self.state).running > 0
    }

    /// Returns once the function is not running.
    fn wait(&self) {
        let mut state = lock(&self.state);
        while state.running > 0 {
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

    type Plain = Callback<fn()>;

    fn callback() -> Option<Plain> {
        Some(Callback::new(|| (), ptr::null_mut()))
    }

    fn set(current: &Current<fn()>, next: Option<Plain>) -> Option<Arc<Plain>> {
        let mut installed = None;
        current.set(next, |callback| installed = callback);
        installed
    }

    #[test]
    fn a_replaced_callback_is_not_called_any_more() {
        let current = Current::new();
        let callback = set(&current, callback()).unwrap();
        assert_eq!(callback.run(|_, _| 1), Some(1));
        set(&current, None);
        assert_eq!(callback.run(|_, _| 1), None);
    }

    #[test]
    fn every_setter_waits_until_nobody_is_in_an_earlier_one() {
        let current = &Current::new();
        let first = set(current, callback()).unwrap();
        let (entered, leave) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                first.run(|_, _| {
                    entered.wait();
                    leave.wait();
                })
            });
            entered.wait();
            let second = scope.spawn(|| set(current, callback()));
            while lock(&current.0).former.is_empty() {
                thread::yield_now();
            }
            let third = scope.spawn(|| set(current, None));
            while lock(&current.0).current.is_some() {
                thread::yield_now();
            }
            assert!(!second.is_finished());
            assert!(!third.is_finished());
            leave.wait();
            assert!(inside.join().unwrap().is_some());
            second.join().unwrap();
            third.join().unwrap();
        });
        set(current, None);
        assert!(lock(&current.0).former.is_empty());
    }

    #[test]
    fn a_callback_may_replace_itself() {
        let current = Current::new();
        let callback = set(&current, callback()).unwrap();
        callback.run(|_, _| set(&current, None));
        assert_eq!(callback.run(|_, _| ()), None);
    }
}
