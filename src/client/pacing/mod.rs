//! Pacing by the rate limits that Knock publishes.
//!
//! Each operation has a bucket of its own (each user, for a feed), shared by every
//! client of the process that uses the same account. A bucket never lets more requests go in
//! any second than the tier allows, and grants reservations in the order in which they are asked
//! for, so that no thread starves.

pub(super) mod bucket;

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

use crate::client::pacing::bucket::Bucket;
use crate::error::{Error, Result};
use crate::operation::{Operation, TIER_LIMITS};
use crate::sync;
use crate::sync::lock;

/// Past this number, buckets of single users that have not been used for a window are dropped.
const MANY_BUCKETS: usize = 1024;

/// The range of a limit, in requests a second.
const LIMITS: RangeInclusive<f64> = 0.001..=1e6;

/// Whether calls wait for the rate limits, and which limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pacing {
    limits: Option<[f64; 5]>,
}

impl Pacing {
    /// The limits that Knock publishes for tiers 1 to 5: 1, 5, 60, 200 and 1000 a second.
    pub const fn on() -> Self {
        let mut limits = [0.0; 5];
        let mut tier = 0;
        while tier < 5 {
            limits[tier] = TIER_LIMITS[tier] as f64;
            tier += 1;
        }
        Self {
            limits: Some(limits),
        }
    }

    /// No waiting; a 429 is retried like other failures.
    pub const fn off() -> Self {
        Self { limits: None }
    }

    /// Another limit for one tier (1 to 5), in requests a second from 0.001 to 1,000,000, for
    /// accounts that have one.
    ///
    /// # Errors
    ///
    /// `Config` for a tier or limit that cannot be.
    pub fn limit(mut self, tier: u8, per_second: f64) -> Result<Self> {
        let index = usize::from(tier).wrapping_sub(1);
        let limits = self.limits.get_or_insert(TIER_LIMITS.map(f64::from));
        let Some(limit) = limits.get_mut(index) else {
            return Err(Error::config(format!(
                "pacing: there is no tier {tier}; tiers are 1 to 5"
            )));
        };
        if !LIMITS.contains(&per_second) {
            return Err(Error::config(format!(
                "pacing: the limit of tier {tier} must be a number from {} to {}",
                LIMITS.start(),
                LIMITS.end()
            )));
        }
        *limit = per_second;
        Ok(self)
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        match value {
            Value::String(word) if word == "on" => Ok(Self::on()),
            Value::String(word) if word == "off" => Ok(Self::off()),
            Value::Object(tiers) => tiers.iter().try_fold(Self::on(), |pacing, (tier, limit)| {
                let number = tier.parse().map_err(|_| {
                    Error::config(format!(
                        "pacing: there is no tier {tier:?}; tiers are 1 to 5"
                    ))
                })?;
                pacing.limit(number, limit.as_f64().unwrap_or(f64::NAN))
            }),
            _ => Err(Error::config(
                "pacing must be \"on\", \"off\" or requests a second by tier, such as {\"4\": 500}",
            )),
        }
    }

    fn per_second(&self, tier: u8) -> Option<f64> {
        self.limits?.get(usize::from(tier).checked_sub(1)?).copied()
    }
}

/// The buckets of one account, shared by all of its clients in this process.
#[derive(Default)]
struct Account {
    buckets: Mutex<Buckets>,
}

impl Account {
    fn is_idle(&self, now: Instant) -> bool {
        let buckets = lock(&self.buckets);
        buckets.used.values().all(|bucket| bucket.is_idle(now))
    }
}

#[derive(Default)]
struct Buckets {
    used: HashMap<Key, Arc<Bucket>>,
    /// At how many to look for those that are not used any more.
    many: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    operation: &'static str,
    /// For operations that are limited per user.
    user: Option<String>,
    /// For calls with a key or token of their own.
    caller: Option<u64>,
}

/// Also those whose clients are gone, as long as the service remembers what they did.
static ACCOUNTS: Mutex<BTreeMap<Vec<u8>, Arc<Account>>> = Mutex::new(BTreeMap::new());

/// Holds the lock of the accounts for a fork. The child has budgets of its own.
pub(crate) fn hold_accounts() -> Box<dyn sync::Held> {
    sync::hold(lock(&ACCOUNTS), sync::abandon)
}

/// A client's view of its account's buckets.
pub(crate) struct Pacer {
    pacing: Pacing,
    account: Arc<Account>,
}

impl Pacer {
    /// `account` tells budgets apart: the key, the environment's branch, the user it acts for.
    pub fn new(pacing: Pacing, account: Vec<u8>) -> Self {
        let now = Instant::now();
        let mut accounts = lock(&ACCOUNTS);
        accounts.retain(|_, known| Arc::strong_count(known) > 1 || !known.is_idle(now));
        Self {
            pacing,
            account: accounts.entry(account).or_default().clone(),
        }
    }

    /// The bucket of a request, or none where nothing limits it. `caller` is what says that a
    /// call is made as somebody else than the client.
    pub fn bucket<'a>(
        &self,
        operation: &'static Operation,
        path: &str,
        caller: impl Iterator<Item = &'a str>,
    ) -> Option<Arc<Bucket>> {
        let per_second = self.pacing.per_second(operation.tier)?;
        let user = operation.limited_per_user.then(|| user_of(path).to_owned());
        let mut caller = caller.peekable();
        let mut buckets = lock(&self.account.buckets);
        let own = caller.peek().is_some();
        let key = Key {
            operation: operation.name,
            user,
            caller: own.then(|| buckets.used.hasher().hash_one(caller.collect::<Vec<_>>())),
        };
        if let Some(bucket) = buckets.used.get(&key) {
            return Some(bucket.clone());
        }
        buckets.make_room();
        let bucket = Arc::new(Bucket::new(per_second));
        buckets.used.insert(key, bucket.clone());
        Some(bucket)
    }
}

/// The user's id in a path such as `/v1/users/jane/feeds/…`.
fn user_of(path: &str) -> &str {
    path.split('/').nth(3).unwrap_or(path)
}

impl Buckets {
    /// Drops what has not been used for a while, once there is much of it: as often as the
    /// number of those in use doubles.
    fn make_room(&mut self) {
        if self.used.len() < self.many.max(MANY_BUCKETS) {
            return;
        }
        let now = Instant::now();
        self.used
            .retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.is_idle(now));
        self.many = self.used.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use std::iter::{empty, once};
    use std::time::Duration;

    use super::*;

    #[test]
    fn clients_of_one_account_share_buckets_and_users_feeds_are_apart() {
        let get = crate::api::operation("users.get").unwrap();
        let feed = crate::api::operation("users.feeds.list_items").unwrap();
        let pacer = |account: &str| Pacer::new(Pacing::on(), account.into());
        let (a, b, other) = (pacer("shared"), pacer("shared"), pacer("other"));
        let same =
            |a: Option<Arc<Bucket>>, b: Option<Arc<Bucket>>| Arc::ptr_eq(&a.unwrap(), &b.unwrap());
        let (jane, ian) = ("/v1/users/jane/feeds/1", "/v1/users/ian/feeds/1");
        let of = |pacer: &Pacer, operation, path| pacer.bucket(operation, path, empty());
        assert!(same(of(&a, get, jane), of(&b, get, ian)));
        assert!(!same(of(&a, get, jane), of(&other, get, jane)));
        assert!(!same(of(&a, feed, jane), of(&a, feed, ian)));
        let second = "/v1/users/jane/feeds/2";
        assert!(same(of(&a, feed, jane), of(&b, feed, second)));
        let signed = |token| a.bucket(get, jane, once(token));
        assert!(same(signed("jane's"), signed("jane's")));
        assert!(!same(signed("jane's"), signed("ian's")));
        assert!(!same(signed("jane's"), of(&a, get, jane)));
        let off = Pacer::new(Pacing::off(), "shared".into());
        assert!(of(&off, get, jane).is_none());
    }

    #[test]
    fn an_account_is_remembered_when_its_last_client_is_gone() {
        let get = crate::api::operation("users.get").unwrap();
        let next = || {
            let pacer = Pacer::new(Pacing::on(), "one client after the other".into());
            let bucket = pacer.bucket(get, "/v1/users/jane", empty()).unwrap();
            let now = Instant::now();
            bucket.take(now, now + Duration::from_secs(60)).unwrap().at
        };
        let spacing = Duration::from_secs(1) / 400;
        let (first, second) = (next(), next());
        assert!(second >= first + spacing);
    }

    #[test]
    fn refuses_limits_that_cannot_be() {
        for limit in [0.0, -1.0, 1e-9, 1e9, f64::INFINITY, f64::NAN] {
            let error = Pacing::on().limit(4, limit).unwrap_err();
            assert!(error.message().contains("from 0.001 to 1000000"), "{error}");
        }
        assert!(Pacing::on().limit(0, 5.0).is_err() && Pacing::on().limit(6, 5.0).is_err());
        assert!(Pacing::from_json(&serde_json::json!({"4": "fast"})).is_err());
    }

    #[test]
    fn buckets_of_users_that_are_gone_are_dropped() {
        let feed = crate::api::operation("users.feeds.list_items").unwrap();
        let pacer = Pacer::new(Pacing::on(), "many users".into());
        for user in 0..MANY_BUCKETS * 4 {
            // Never used for a request, so idle at once.
            pacer.bucket(feed, &format!("/v1/users/{user}/feeds/1"), empty());
        }
        assert!(lock(&pacer.account.buckets).used.len() <= MANY_BUCKETS);
    }
}
