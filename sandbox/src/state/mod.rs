//! Everything the service would remember.

pub(crate) mod bulk;
mod channel_data;
pub(crate) mod environment;
pub(crate) mod json;
pub(crate) mod preferences;
pub(crate) mod users;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use bulk::BulkOperations;
use environment::Environment;
use users::Users;

/// The environment that the sandbox's key opens.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub environment: Environment,
    pub users: Users,
    bulk: BulkOperations,
}

impl World {
    /// Removes a user with everything that belongs to them; false when there is no such user.
    pub fn delete_user(&mut self, id: &str) -> bool {
        self.users.remove(id).is_some()
    }

    /// Folds one user into another, which keeps what it has, and removes the first. Both must exist.
    pub fn merge_users(&mut self, primary: &str, secondary: &str, now: DateTime<Utc>) {
        let Some(folded) = self.users.remove(secondary) else {
            return;
        };
        self.users.entry(primary, now).absorb(folded, now);
    }
}

/// A time as users carry it: RFC 3339 in milliseconds.
pub(crate) fn millis(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}

/// A time as messages and the like carry it: RFC 3339 in microseconds.
pub(crate) fn micros(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Micros, true).into()
}
