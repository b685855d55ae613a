//! How a sandbox is set up.

use std::collections::BTreeSet;
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use uuid::Uuid;

use crate::rate_limits::RateLimits;

/// Everything about a sandbox that requests cannot change.
#[derive(Clone)]
pub(crate) struct Config {
    /// The secret key accepted; none accepts any `sk_…`.
    pub api_key: Option<String>,
    /// The public key accepted; none accepts any `pk_…`.
    pub public_api_key: Option<String>,
    /// Checks the signature of user tokens; none accepts any signature.
    pub signing_key: Option<DecodingKey>,
    /// The channels of the environment; none accepts any UUID.
    pub channels: Option<BTreeSet<Uuid>>,
    pub rate_limits: Option<RateLimits>,
    /// How many requests the journal keeps.
    pub journal_capacity: usize,
    /// Most bytes of a user's properties, written as JSON.
    pub max_properties_bytes: usize,
    /// A bulk operation that nobody polls finishes after this long.
    pub bulk_settles_after: Duration,
    /// Whether guide actions always want all four ids, as the older API description has it.
    pub strict_guide_ids: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            api_key: None,
            public_api_key: None,
            signing_key: None,
            channels: None,
            rate_limits: None,
            journal_capacity: 10_000,
            max_properties_bytes: 256 * 1024,
            bulk_settles_after: Duration::from_secs(10),
            strict_guide_ids: false,
        }
    }
}
