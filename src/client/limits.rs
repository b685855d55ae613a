//! The limits of one call.

use std::time::{Duration, Instant};

use crate::client::{CallOptions, ClientInner, retry};
use crate::request::Request;

/// Stands for "no deadline"; instants cannot say never.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

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

impl CallLimits {
    /// The limits of a call that starts now.
    pub fn new(client: &ClientInner, request: &Request, options: &CallOptions) -> Self {
        let start = Instant::now();
        let deadline = options.deadline.or(client.deadline);
        Self {
            start,
            deadline: start + deadline.unwrap_or(FOREVER).min(FOREVER),
            timeout: options.timeout.unwrap_or(client.timeout).min(FOREVER),
            connect_timeout: client.connect_timeout.min(FOREVER),
            patience: deadline.map_or(retry::PATIENCE, |_| FOREVER),
            max_retries: options.max_retries.unwrap_or(client.max_retries),
            repeatable: retry::may_repeat(
                request.operation,
                &request.path,
                options.idempotency_key,
            ),
        }
    }
}
