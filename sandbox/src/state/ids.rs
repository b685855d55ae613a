//! Ids as the service makes them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 27;

/// An id of a message, feed item or activity: 27 base62 digits, the time first so that they sort by it.
pub(crate) fn base62(time: DateTime<Utc>) -> String {
    let seconds = u128::from(time.timestamp().unsigned_abs());
    let (mut high, mut low) = (seconds, Uuid::new_v4().as_u128());
    let mut digits = [0; LENGTH];
    for (index, digit) in digits.iter_mut().rev().enumerate() {
        // 21 digits hold 125 random bits, the six in front of them the time.
        let part = if index < LENGTH - 6 {
            &mut low
        } else {
            &mut high
        };
        *digit = DIGITS[(*part % 62) as usize];
        *part /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn ids_have_27_digits_and_sort_by_time() {
        let now = Utc::now();
        let (early, late) = (base62(now), base62(now + Duration::from_secs(1)));
        assert_eq!(early.len(), LENGTH);
        assert!(early < late);
        assert_ne!(early, base62(now));
    }
}
