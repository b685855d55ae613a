//! Conditions and delays of retries.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, SystemTime};

use ureq::http::HeaderMap;

use crate::operation::Operation;

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);
/// A server that asks for a longer wait is obeyed only where the call has a deadline; nobody
/// expects a call without one to sleep for an hour.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a request that the server may have processed can be sent again.
///
/// An idempotency key makes only the trigger of a workflow safe to repeat: the service ignores
/// it everywhere else.
pub(super) fn may_repeat(operation: &Operation, path: &str, idempotency_key: bool) -> bool {
    operation.repeatable || (idempotency_key && (operation.idempotency_key || is_trigger(path)))
}

fn is_trigger(path: &str) -> bool {
    let workflow = path
        .strip_prefix("/v1/workflows/")
        .and_then(|rest| rest.strip_suffix("/trigger"));
    workflow.is_some_and(|key| !key.is_empty() && !key.contains('/'))
}

/// Whether a response with this status may be followed by another attempt.
///
/// A response below 500 says that the request was not processed. After a 5xx it may have been,
/// so that not even `x-should-retry: true` has a request repeated that must not be.
pub(super) fn is_worth_repeating(status: u16, headers: &HeaderMap, may_repeat: bool) -> bool {
    let safe = status < 500 || may_repeat;
    match headers.get("x-should-retry").map(|value| value.as_bytes()) {
        Some(b"true") => safe,
        Some(b"false") => false,
        _ => safe && matches!(status, 408 | 409 | 429 | 500..),
    }
}

/// The wait that the server asked for, from `retry-after-ms` or `Retry-After` (seconds or a
/// date). A date is held against the server's own clock where the response tells it.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    if let Some(millis) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let after = text("retry-after")?;
    match number(after) {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => {
            let moment = |text| httpdate::parse_http_date(text).ok();
            let now = text("date").and_then(moment).unwrap_or(now);
            Some(moment(after)?.duration_since(now).unwrap_or_default())
        }
    }
}

/// The wait before the next attempt: doubling from half a second to eight, less up to a
/// quarter, so that clients which failed together do not come back together.
pub(super) fn backoff(retries: u32) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(1 << retries.min(8));
    let share = RandomState::new().hash_one(retries) as f64 / u64::MAX as f64;
    doubled.min(LONGEST_BACKOFF).mul_f64(1.0 - 0.25 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operation;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn reads_every_form_of_retry_after() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT").unwrap();
        let after = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs), now);
        assert_eq!(after(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(
            after(&[("retry-after", "0.5")]),
            Some(Duration::from_millis(500))
        );
        let date = "Wed, 21 Oct 2026 07:28:09 GMT";
        assert_eq!(
            after(&[("retry-after", date)]),
            Some(Duration::from_secs(9))
        );
        let ahead = [
            ("date", "Wed, 21 Oct 2026 08:28:00 GMT"),
            ("retry-after", "Wed, 21 Oct 2026 08:28:02 GMT"),
        ];
        assert_eq!(after(&ahead), Some(Duration::from_secs(2)));
        let past = "Wed, 21 Oct 2026 07:00:00 GMT";
        assert_eq!(after(&[("retry-after", past)]), Some(Duration::ZERO));
        let both = [("retry-after", "9"), ("retry-after-ms", "40")];
        assert_eq!(after(&both), Some(Duration::from_millis(40)));
        for nonsense in ["soon", "-1", "inf", "1e400", ""] {
            assert_eq!(after(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }

    #[test]
    fn backs_off_from_half_a_second_to_eight_with_jitter() {
        for (retries, longest) in [(0, 500), (1, 1000), (2, 2000), (4, 8000), (400, 8000)] {
            let longest = Duration::from_millis(longest);
            let wait = backoff(retries);
            assert!(
                wait <= longest && wait >= longest.mul_f64(0.75),
                "{retries}: {wait:?}"
            );
        }
    }

    #[test]
    fn repeats_after_5xx_only_what_is_safe_to_repeat() {
        let none = HeaderMap::new();
        for status in [408, 409, 429] {
            assert!(is_worth_repeating(status, &none, false), "{status}");
        }
        assert!(is_worth_repeating(503, &none, true));
        assert!(!is_worth_repeating(503, &none, false));
        assert!(!is_worth_repeating(404, &none, true));
        let told_to = headers(&[("x-should-retry", "true")]);
        assert!(is_worth_repeating(400, &told_to, false));
        assert!(!is_worth_repeating(503, &told_to, false));
        assert!(!is_worth_repeating(
            503,
            &headers(&[("x-should-retry", "false")]),
            true
        ));
    }

    #[test]
    fn an_idempotency_key_counts_for_triggers_alone() {
        let merge = operation("users.merge").unwrap();
        assert!(!may_repeat(merge, "/v1/users/jane/merge", true));
        assert!(may_repeat(merge, "/v1/workflows/welcome/trigger", true));
        assert!(!may_repeat(merge, "/v1/workflows/welcome/trigger", false));
    }
}
