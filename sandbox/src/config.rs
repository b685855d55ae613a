//! Settings of a sandbox.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use jsonwebtoken::DecodingKey;
use uuid::Uuid;

use crate::journal::Journal;
use crate::rate_limits::RateLimits;
use crate::state::{World, demo};

/// A world to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seed {
    Empty,
    Demo,
}

impl Seed {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "empty" => Some(Self::Empty),
            "demo" => Some(Self::Demo),
            _ => None,
        }
    }

    pub fn world(self) -> World {
        let mut world = World::default();
        if self == Self::Demo {
            let now = Utc::now();
            let seeded = world.seed(demo(now), now);
            debug_assert!(seeded.is_ok(), "the demo is wrong: {seeded:?}");
        }
        world
    }
}

/// Everything about a sandbox that requests cannot change.
#[derive(Clone)]
pub(crate) struct Config {
    /// Names of this machine beside `localhost` and its addresses.
    pub hosts: Vec<String>,
    /// The secret key accepted; none accepts any `sk_…`.
    pub api_key: Option<String>,
    /// The public key accepted; none accepts any `pk_…`.
    pub public_api_key: Option<String>,
    /// Checks the signature of user tokens; none accepts any signature.
    pub signing_key: Option<DecodingKey>,
    /// The channels of the environment; none accepts any UUID.
    pub channels: Option<BTreeSet<Uuid>>,
    pub rate_limits: Option<RateLimits>,
    /// Contents of the world at the start and after a reset.
    pub seed: Seed,
    /// Number of requests the journal keeps.
    pub journal_capacity: usize,
    /// Most bytes of a user's properties, written as JSON.
    pub max_properties_bytes: usize,
    /// A bulk operation that nobody polls finishes after this long.
    pub bulk_settles_after: Duration,
    /// Whether guide actions always want all four ids, as the older API description has it.
    pub strict_guide_ids: bool,
}

/// Most bytes of request bodies that the journal keeps.
const JOURNAL_BODY_BYTES: usize = 256 * 1024 * 1024;

impl Config {
    pub fn journal(&self) -> Journal {
        Journal::new(self.journal_capacity, JOURNAL_BODY_BYTES)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            api_key: None,
            public_api_key: None,
            signing_key: None,
            channels: None,
            rate_limits: None,
            seed: Seed::Empty,
            journal_capacity: 10_000,
            max_properties_bytes: 256 * 1024,
            bulk_settles_after: Duration::from_secs(10),
            strict_guide_ids: false,
        }
    }
}
