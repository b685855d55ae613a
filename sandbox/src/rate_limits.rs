//! The published rate limits: a token bucket per operation and environment, or per operation and user.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// A tier of Knock's rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// 1 request a second.
    One,
    /// 5 requests a second.
    Two,
    /// 60 requests a second.
    Three,
    /// 200 requests a second.
    Four,
    /// 1,000 requests a second.
    Five,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 5] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five];

    /// The tier with this number, 1 to 5.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Its number, 1 to 5.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Requests a second that Knock publishes for it.
    pub fn published(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 5.0,
            Self::Three => 60.0,
            Self::Four => 200.0,
            Self::Five => 1000.0,
        }
    }
}

/// Requests a second by tier.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits([f64; 5]);

impl Default for RateLimits {
    /// The published limits.
    fn default() -> Self {
        Self(Tier::ALL.map(Tier::published))
    }
}

impl RateLimits {
    /// The published limits.
    pub fn published() -> Self {
        Self::default()
    }

    /// The published limits, all times `factor`.
    pub fn scaled(factor: f64) -> Self {
        Self(Tier::ALL.map(|tier| tier.published() * factor))
    }

    /// Sets one tier's requests a second.
    pub fn tier(mut self, tier: Tier, per_second: f64) -> Self {
        self.0[tier as usize] = per_second;
        self
    }

    /// Reads `x10` (the published limits times ten) or `1=5,4=500` (requests a second by tier).
    pub fn parse(text: &str) -> Result<Self, String> {
        let positive = |number: &str| match number.trim().parse::<f64>() {
            Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
            _ => Err(format!("{number:?} is not a positive number")),
        };
        if let Some(factor) = text.strip_prefix('x') {
            return Ok(Self::scaled(positive(factor)?));
        }
        text.split(',').try_fold(Self::default(), |limits, pair| {
            let (tier, rate) = pair.split_once('=').ok_or_else(|| {
                format!("{pair:?} is neither TIER=REQUESTS_A_SECOND nor a factor such as x10")
            })?;
            let tier = tier.trim().parse().ok().and_then(Tier::from_number);
            Ok(limits.tier(
                tier.ok_or_else(|| format!("{pair:?} names no tier from 1 to 5"))?,
                positive(rate)?,
            ))
        })
    }

    fn per_second(&self, tier: Tier) -> f64 {
        self.0[tier as usize]
    }
}

/// A full bucket holds the requests of one second.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// The buckets in use, and how often they were found empty.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Option<RateLimits>,
    buckets: HashMap<(&'static str, Option<String>), Bucket>,
    refused: BTreeMap<&'static str, u64>,
}

impl Limiter {
    pub fn new(limits: Option<RateLimits>) -> Self {
        Self {
            limits,
            buckets: HashMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Takes a token; none left says after how many whole seconds there will be one.
    pub fn admit(
        &mut self,
        operation: &'static str,
        tier: Tier,
        user: impl FnOnce() -> Option<String>,
        now: Instant,
    ) -> Result<(), u64> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let per_second = limits.per_second(tier);
        let capacity = per_second.max(1.0);
        let bucket = self.buckets.entry((operation, user())).or_insert(Bucket {
            tokens: capacity,
            filled_at: now,
        });
        let gained = now
            .saturating_duration_since(bucket.filled_at)
            .as_secs_f64()
            * per_second;
        bucket.tokens = (bucket.tokens + gained).min(capacity);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        *self.refused.entry(operation).or_default() += 1;
        Err(((1.0 - bucket.tokens) / per_second).ceil().max(1.0) as u64)
    }

    /// Refusals by operation.
    pub fn refused(&self) -> &BTreeMap<&'static str, u64> {
        &self.refused
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.limits.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_gives_a_second_of_requests_and_refills() {
        let mut limiter = Limiter::new(Some(RateLimits::published()));
        let start = Instant::now();
        let mut ask = |at: Duration| limiter.admit("getUser", Tier::Two, || None, start + at);
        for _ in 0..5 {
            assert_eq!(ask(Duration::ZERO), Ok(()));
        }
        assert_eq!(ask(Duration::ZERO), Err(1));
        assert_eq!(ask(Duration::from_millis(200)), Ok(()));
        assert_eq!(ask(Duration::from_millis(210)), Err(1));
        assert_eq!(limiter.refused()["getUser"], 2);
    }

    #[test]
    fn users_have_buckets_of_their_own() {
        let mut limiter = Limiter::new(Some(RateLimits::published().tier(Tier::Two, 1.0)));
        let now = Instant::now();
        for user in ["jane", "ian"] {
            assert_eq!(
                limiter.admit("feed", Tier::Two, || Some(user.into()), now),
                Ok(())
            );
        }
        assert!(
            limiter
                .admit("feed", Tier::Two, || Some("ian".into()), now)
                .is_err()
        );
    }

    #[test]
    fn limits_are_read_from_text() {
        assert_eq!(RateLimits::parse("x2").unwrap().per_second(Tier::Two), 10.0);
        let limits = RateLimits::parse("1=5,4=500").unwrap();
        assert_eq!(limits.per_second(Tier::One), 5.0);
        assert_eq!(limits.per_second(Tier::Four), 500.0);
        assert_eq!(limits.per_second(Tier::Three), 60.0);
        for wrong in ["", "6=1", "1=0", "xfast", "1"] {
            assert!(RateLimits::parse(wrong).is_err(), "{wrong:?} was read");
        }
    }
}
