//! The operations, a row each, and their handlers.

mod bulk;
mod call;
mod channel_data;
mod feeds;
mod guides;
mod handlers;
mod messages;
mod preference_center;
mod preferences;
mod router;
mod schedules;
mod subscriptions;
mod table;
mod users;

pub(crate) use call::{Call, Outcome, PathParams};
pub(crate) use router::find;
pub use table::OPERATIONS;

use crate::rate_limits::Tier;

/// An operation of the API.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with parameters in braces.
    pub path: &'static str,
    /// Its name in Knock's API description.
    pub id: &'static str,
    /// Its rate limit.
    pub tier: Tier,
    /// Whether a public key with a user token may call it.
    pub public: bool,
    /// Whether its rate limit counts each user apart, whoever asks.
    pub limited_per_user: bool,
    handler: fn(&mut Call<'_>) -> Outcome,
}

const SECRET: bool = false;
const PUBLIC: bool = true;

const fn row(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tier: Tier,
    public: bool,
    handler: fn(&mut Call<'_>) -> Outcome,
) -> Operation {
    Operation {
        method,
        path,
        id,
        tier,
        public,
        limited_per_user: false,
        handler,
    }
}

impl Operation {
    const fn per_user(mut self) -> Self {
        self.limited_per_user = true;
        self
    }

    pub(crate) fn handle(&self, call: &mut Call<'_>) -> Outcome {
        (self.handler)(call)
    }
}
