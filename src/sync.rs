//! Locks that a panic elsewhere does not break.

use std::ops::DerefMut;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a thread panicked with the lock held: what these locks guard is whole
/// between any two statements.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lock that is held while the process forks.
pub trait Held {
    /// Makes what the lock guards fit for the child, where only the thread that forked goes on.
    fn renew(&mut self);
}

/// Holds a lock with what is to become of its content in the child.
pub fn hold<G>(guard: G, renew: fn(&mut G::Target)) -> Box<dyn Held>
where
    G: DerefMut + 'static,
    G::Target: Sized,
{
    struct Guarded<G: DerefMut>(G, fn(&mut G::Target))
    where
        G::Target: Sized;

    impl<G: DerefMut> Held for Guarded<G>
    where
        G::Target: Sized,
    {
        fn renew(&mut self) {
            (self.1)(&mut self.0);
        }
    }

    Box::new(Guarded(guard, renew))
}

/// Empties a place without dropping what was there, which may wait for locks of dead threads.
pub fn abandon<T: Default>(place: &mut T) {
    std::mem::forget(std::mem::take(place));
}
