//! The limits of one call.

use std::time::{Duration, Instant};

/// Stands for "no deadline"; instants cannot say never.
pub(super) const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
/// The limits of one call.
pub(super) struct CallLimits {
    pub start: Instant,
    pub deadline: Instant,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// The longest that the server may ask to wait before the next attempt.
    pub patience: Duration,
    pub max_retries: u32,
    /// Whether a request that may have been processed may be sent again.
    pub repeatable: bool,
}
