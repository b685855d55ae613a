//! Waiting for a place in the rate limits that Knock publishes.
//!
//! Each operation has a bucket of its own (each user and channel, for a feed), shared by every
//! client of the process that uses the same account. A bucket never lets more requests go in
//! any second than the tier allows, and hands out places in the order in which they are asked
//! for, so that no thread starves.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::operation::{Operation, TIER_LIMITS};
use crate::sync::lock;

/// The window that a limit counts in, with a margin for what the network does to the spacing.
const WINDOW: Duration = Duration::from_millis(1020);
/// How much slower a bucket may become after repeated 429s.
const MOST_SLOWED: f64 = 8.0;
/// Buckets of single feeds that have not been used for a window are dropped past this number.
const MANY_BUCKETS: usize = 1024;

/// Whether calls wait for a place in the rate limits, and which limits.
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

    /// Another limit for one tier (1 to 5), in requests a second, for accounts that have one.
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
        if !(per_second.is_finite() && per_second > 0.0) {
            return Err(Error::config(format!(
                "pacing: the limit of tier {tier} must be a number above 0"
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
    buckets: Mutex<HashMap<Key, Arc<Bucket>>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    operation: &'static str,
    /// The path, for operations that are limited per user and channel.
    target: Option<String>,
}

static ACCOUNTS: Lazy<Mutex<HashMap<String, Weak<Account>>>> = Lazy::new(Mutex::default);

/// A client's view of its account's buckets.
pub(crate) struct Pacer {
    pacing: Pacing,
    account: Arc<Account>,
}

impl Pacer {
    /// `account` tells budgets apart: the key, the environment's branch, the user it acts for.
    pub fn new(pacing: Pacing, account: String) -> Self {
        let mut accounts = lock(&ACCOUNTS);
        accounts.retain(|_, account| account.strong_count() > 0);
        let known = accounts.get(&account).and_then(Weak::upgrade);
        let shared = known.unwrap_or_else(|| {
            let fresh = Arc::new(Account::default());
            accounts.insert(account, Arc::downgrade(&fresh));
            fresh
        });
        Self {
            pacing,
            account: shared,
        }
    }

    /// The bucket of a request, or none where nothing limits it.
    pub fn bucket(&self, operation: &'static Operation, path: &str) -> Option<Arc<Bucket>> {
        let per_second = self.pacing.per_second(operation.tier)?;
        let target = operation.limited_per_target.then(|| path.to_owned());
        let key = Key {
            operation: operation.name,
            target,
        };
        let mut buckets = lock(&self.account.buckets);
        if let Some(bucket) = buckets.get(&key) {
            return Some(bucket.clone());
        }
        if buckets.len() >= MANY_BUCKETS {
            let now = Instant::now();
            buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.is_idle(now));
        }
        let bucket = Arc::new(Bucket::new(per_second));
        buckets.insert(key, bucket.clone());
        Some(bucket)
    }
}

/// The places that one limit has handed out of late.
pub(crate) struct Bucket {
    places: Mutex<Places>,
    /// How many places a window has.
    size: usize,
    /// The length of a window that has so many places.
    window: Duration,
}

struct Places {
    /// When the last `size` requests went or will go, oldest first.
    taken: VecDeque<Instant>,
    /// No request goes before this, since the server asked for a pause.
    closed_until: Option<Instant>,
    /// How many times longer the window is than the limit asks for, after 429s.
    slowed: f64,
}

impl Bucket {
    fn new(per_second: f64) -> Self {
        let size = per_second.floor().max(1.0);
        let window = WINDOW.mul_f64(size / per_second);
        let places = Places {
            taken: VecDeque::new(),
            closed_until: None,
            slowed: 1.0,
        };
        Self {
            places: Mutex::new(places),
            size: size as usize,
            window,
        }
    }

    /// Takes the next place and says when it is, or says when it would have been where that is
    /// past the deadline.
    pub fn take(&self, now: Instant, deadline: Option<Instant>) -> Result<Instant, Instant> {
        let mut places = lock(&self.places);
        let window = self.window.mul_f64(places.slowed);
        let mut place = now;
        if let Some(last) = places.taken.back() {
            // Half the spacing of an even flow: a burst after a pause is allowed, yet not so
            // dense that the network can press two windows into one.
            place = place.max(*last + window / (2 * self.size as u32));
        }
        if places.taken.len() >= self.size {
            place = place.max(places.taken[places.taken.len() - self.size] + window);
        }
        if let Some(until) = places.closed_until {
            place = place.max(until);
        }
        if deadline.is_some_and(|deadline| place > deadline) {
            return Err(place);
        }
        places.taken.push_back(place);
        while places.taken.len() > self.size {
            places.taken.pop_front();
        }
        Ok(place)
    }

    /// The server answered 429: every thread that shares the bucket slows down.
    pub fn slow_down(&self, now: Instant, retry_after: Option<Duration>) {
        let mut places = lock(&self.places);
        places.slowed = (places.slowed * 1.5).min(MOST_SLOWED);
        let until = now + retry_after.unwrap_or(self.window / self.size as u32);
        places.closed_until = Some(places.closed_until.map_or(until, |known| known.max(until)));
    }

    /// The server accepted a request: what a 429 slowed down recovers, bit by bit.
    pub fn recover(&self) {
        let mut places = lock(&self.places);
        if places.slowed > 1.0 {
            places.slowed = (places.slowed * 0.98).max(1.0);
        }
    }

    fn is_idle(&self, now: Instant) -> bool {
        let places = lock(&self.places);
        let open = places.closed_until.is_none_or(|until| until < now);
        open && places
            .taken
            .back()
            .is_none_or(|last| *last + self.window < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places for a caller that always asks at once.
    fn places(bucket: &Bucket, start: Instant, count: usize) -> Vec<Duration> {
        (0..count)
            .map(|_| bucket.take(start, None).unwrap() - start)
            .collect()
    }

    #[test]
    fn no_window_holds_more_than_the_limit() {
        let start = Instant::now();
        for limit in [1.0, 5.0, 60.0, 200.0, 2.5, 0.5] {
            let bucket = Bucket::new(limit);
            let times = places(&bucket, start, 700);
            let most = limit.max(1.0) as usize;
            let window = Duration::from_secs_f64(most as f64 / limit);
            for pair in times.windows(most + 1) {
                assert!(pair[most] - pair[0] >= window, "limit {limit}");
            }
        }
    }

    #[test]
    fn a_busy_bucket_reaches_the_limit_within_five_percent() {
        let start = Instant::now();
        for limit in [1.0, 5.0, 60.0, 200.0, 1000.0, 2.5] {
            let bucket = Bucket::new(limit);
            let count = (limit * 100.0) as usize;
            let took = places(&bucket, start, count)[count - 1].as_secs_f64();
            let rate = count as f64 / took;
            assert!(rate >= 0.95 * limit, "limit {limit}: {rate}");
        }
    }

    #[test]
    fn a_place_past_the_deadline_is_not_taken() {
        let start = Instant::now();
        let bucket = Bucket::new(1.0);
        let soon = Some(start + Duration::from_millis(10));
        assert_eq!(bucket.take(start, soon), Ok(start));
        let would_be = bucket.take(start, soon).unwrap_err();
        assert_eq!(bucket.take(start, None), Ok(would_be));
    }

    #[test]
    fn a_429_pauses_the_bucket_and_slows_it_until_it_recovers() {
        let start = Instant::now();
        let bucket = Bucket::new(200.0);
        bucket.slow_down(start, Some(Duration::from_secs(2)));
        assert!(bucket.take(start, None).unwrap() >= start + Duration::from_secs(2));
        let slowed = lock(&bucket.places).slowed;
        assert!(slowed > 1.0);
        (0..100).for_each(|_| bucket.recover());
        assert_eq!(lock(&bucket.places).slowed, 1.0);
    }

    #[test]
    fn clients_of_one_account_share_buckets_and_feeds_are_apart() {
        let get = crate::operation::operation("users.get").unwrap();
        let feed = crate::operation::operation("users.feeds.list_items").unwrap();
        let (a, b) = (
            Pacer::new(Pacing::on(), "k".into()),
            Pacer::new(Pacing::on(), "k".into()),
        );
        let other = Pacer::new(Pacing::on(), "other".into());
        let bucket = |pacer: &Pacer, operation, path| pacer.bucket(operation, path).unwrap();
        assert!(Arc::ptr_eq(&bucket(&a, get, "/1"), &bucket(&b, get, "/2")));
        assert!(!Arc::ptr_eq(
            &bucket(&a, get, "/1"),
            &bucket(&other, get, "/1")
        ));
        assert!(!Arc::ptr_eq(
            &bucket(&a, feed, "/1"),
            &bucket(&a, feed, "/2")
        ));
        assert!(
            Pacer::new(Pacing::off(), "k".into())
                .bucket(get, "/1")
                .is_none()
        );
    }
}
