//! Locks that are held while the process forks.

pub use crate::sync::{Held, abandon, hold};

/// Holds every process-wide lock of the library. In the child no hook and no logger is set,
/// the budgets of the rate limits are new, and neither hosts nor TLS sessions are known.
pub fn hold_library() -> [Box<dyn Held>; 5] {
    [
        crate::log::hold(),
        crate::interrupt::hold(),
        crate::client::pacing::hold_accounts(),
        crate::transport::hold_hosts(),
        crate::transport::hold_sessions(),
    ]
}
