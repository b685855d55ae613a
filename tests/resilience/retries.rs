//! Retries: when, after how long, and what is counted. What each status and break
//! comes to is the matrix's.

use std::time::{Duration, Instant, SystemTime};

use knock::{CallOptions, Client, ErrorKind, Method};
use knock_sandbox::Fault;
use serde_json::json;

use crate::raw_server::{RawServer, USER, with_headers};
use crate::support::{KEY, builder, start};

const A_MOMENT: Duration = Duration::from_millis(500);

#[test]
fn retry_after_is_obeyed_in_every_form() {
    let (sandbox, client) = start();
    let date = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(60));
    for (header, value) in [
        ("retry-after", "0"),
        ("retry-after", "0.001"),
        ("retry-after", date.as_str()),
        ("retry-after-ms", "1"),
        ("retry-after-ms", "0.5"),
    ] {
        sandbox.fault(Fault::status(429).header(header, value));
        let start = Instant::now();
        assert!(client.users().list(Default::default()).is_ok());
        assert!(start.elapsed() < A_MOMENT, "{header}: {value}");
    }
    sandbox.fault(Fault::status(503).header("retry-after-ms", "300"));
    let start = Instant::now();
    client.users().list(Default::default()).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
}

/// A server whose clock is an hour ahead means the same moment as one whose clock is right.
#[test]
fn a_date_to_wait_for_is_held_against_the_clock_of_the_server() {
    let ahead = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    let headers = format!("date: {ahead}\r\nretry-after: {ahead}\r\n");
    let server = RawServer::start(move |connection| {
        for status in ["429 Too Many Requests", "503 Unavailable", "200 OK"] {
            connection.request();
            connection.send(with_headers(status, &headers, USER));
        }
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.deadline(Duration::from_secs(60)).build().unwrap();
    assert_eq!(client.users().get("jane").unwrap().meta().attempts(), 3);
}

#[test]
fn a_wait_that_ends_after_the_deadline_is_handed_to_the_caller_at_once() {
    let (sandbox, client) = start();
    let client = client.with_options(CallOptions::new().deadline(Duration::from_secs(5)));
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(1800));
    for (header, value, seconds) in [
        ("retry-after", "3600", 3600),
        ("retry-after-ms", "7200000", 7200),
        ("retry-after", date.as_str(), 1800),
    ] {
        sandbox.fault(Fault::status(429).header(header, value));
        let start = Instant::now();
        let error = client.users().get("jane").unwrap_err();
        assert!(start.elapsed() < A_MOMENT);
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::RateLimited, 1)
        );
        let after = error.retry_after().unwrap().as_secs();
        assert!((seconds - 2..=seconds).contains(&after), "{value}: {after}");
    }
}

#[test]
fn nobody_waits_an_hour_without_having_asked_to() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).header("retry-after", "3600"));
    let error = client.users().get("jane").unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(error.is_retryable());
}

#[test]
fn a_wait_that_makes_no_sense_is_not_obeyed() {
    let (sandbox, client) = start();
    let client = client.with_options(CallOptions::new().deadline(Duration::from_millis(300)));
    for nonsense in ["soon", "-1", "inf", "1e999", ""] {
        sandbox.fault(Fault::status(429).header("retry-after", nonsense));
        let error = client.users().get("jane").unwrap_err();
        assert_eq!(error.retry_after(), None, "{nonsense:?}");
    }
}

#[test]
fn max_retries_counts_the_attempts_after_the_first() {
    let (sandbox, client) = start();
    for retries in 0..4 {
        sandbox.clear_requests();
        let client = client.with_options(CallOptions::new().max_retries(retries));
        sandbox.fault(
            Fault::status(500)
                .header("retry-after-ms", "1")
                .times(u64::from(retries) + 1),
        );
        let error = client.users().get("jane").unwrap_err();
        assert_eq!(error.attempts(), retries + 1);
        assert_eq!(sandbox.requests().len(), retries as usize + 1);
    }
}

#[test]
fn an_idempotency_key_makes_a_trigger_safe_to_repeat_and_nothing_else() {
    let (sandbox, client) = start();
    let options = CallOptions::new().idempotency_key("order-17").unwrap();
    let client = client.with_options(options);
    let body = json!({"recipients": ["jane"]});
    let fault = |path: &str| {
        sandbox.clear_requests();
        let fault = Fault::status(503).header("retry-after-ms", "1");
        sandbox.fault(fault.on("POST", path));
    };

    fault("/v1/workflows/*/trigger");
    let _ = client.request(
        Method::Post,
        "/v1/workflows/welcome/trigger",
        &[],
        Some(&body),
    );
    let sent = sandbox.requests();
    assert_eq!(sent.len(), 2);
    let keys = sent.iter().map(|request| request.header("idempotency-key"));
    assert!(keys.eq([Some("order-17"); 2]));

    fault("/v1/users/*/merge");
    let merge = json!({"from_user_id": "ian"});
    let _ = client.request(Method::Post, "/v1/users/jane/merge", &[], Some(&merge));
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn the_last_error_is_told_when_there_is_no_time_for_another_attempt() {
    let (sandbox, _) = start();
    let client = builder(&sandbox)
        .api_key("sk_test_of_retries")
        .pacing(knock::Pacing::on().limit(4, 0.5).unwrap())
        .deadline(Duration::from_secs(1))
        .build()
        .unwrap();
    sandbox.fault(Fault::status(503).header("retry-after-ms", "1"));
    // The next place in the rate limit is two seconds away.
    let error = client.users().get("jane").unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 1));
}
