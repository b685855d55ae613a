//! Bulk runs when the service refuses a call: whose fault it is, and what becomes of the records.

#[path = "support/raw_server.rs"]
#[allow(dead_code)]
mod raw_server;
mod support;

use std::time::Duration;

use knock::bulk::{BulkRun, InterruptionReason};
use knock::types::PreferenceSetRequest;
use knock::{CallOptions, Client, Pacing};
use knock_sandbox::Fault;
use raw_server::{QUEUED, RawServer, answer, with_headers};
use serde_json::json;
use support::{KEY, start};

const OPERATION: &str = "/v1/bulk_operations/*";

/// A run that asks for the end of an operation without delay.
fn quick<Kind>(run: BulkRun<'_, Kind>) -> BulkRun<'_, Kind> {
    run.poll_interval(Duration::from_millis(1), Duration::from_millis(20))
}

fn ids(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("u{n}"))
}

#[test]
fn a_key_that_is_refused_with_400_is_no_fault_of_the_records() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(400).body(json!({
        "code": "bearer_token_invalid",
        "message": "the token is not valid",
        "status": 400,
        "type": "authentication_error",
    })));
    let summary = quick(BulkRun::delete(&client)).run(ids(5));
    let interrupted = summary.interrupted.as_ref().unwrap();
    assert_eq!(interrupted.reason, InterruptionReason::Denied);
    assert_eq!(sandbox.requests().len(), 1);
    assert!(summary.bad_records.is_empty() && summary.acknowledged.is_empty());

    let resumed = BulkRun::delete(&client).resume(summary).unwrap();
    let summary = quick(resumed).run(ids(5));
    assert_eq!(summary.accepted, 5, "{summary}");
}

#[test]
fn preferences_that_are_refused_are_no_fault_of_the_records() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(422).body(json!({
        "code": "invalid_params",
        "message": "invalid",
        "status": 422,
        "type": "invalid_request_error",
        "errors": [{"field": "preferences.workflows", "message": "is unknown"}],
    })));
    let preferences = PreferenceSetRequest::default();
    let run = BulkRun::set_preferences(&client, &preferences).unwrap();
    let summary = quick(run).run(ids(5));
    let interrupted = summary.interrupted.as_ref().unwrap();
    assert_eq!(interrupted.reason, InterruptionReason::Refused);
    assert!(interrupted.message.contains("preferences.workflows"));
    assert_eq!(sandbox.requests().len(), 1);
    assert!(summary.bad_records.is_empty() && summary.acknowledged.is_empty());
}

/// A service that refuses a call for its records, without saying for which.
fn refusing(is_bad: impl Fn(&str) -> bool + Send + Sync + 'static) -> (RawServer, Client) {
    let server = RawServer::start(move |connection| {
        while let Some(request) = connection.request() {
            let mut ids = request.split('"').filter(|text| text.starts_with('u'));
            // The first is the key of the list.
            let refused = ids.any(|id| id != "user_ids" && is_bad(id));
            connection.send(match refused {
                true => with_headers("422 Unprocessable", "", r#"{"status":422}"#),
                false => answer(QUEUED.replace("queued", "completed")),
            });
        }
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.pacing(Pacing::off()).build().unwrap();
    (server, client)
}

#[test]
fn every_bad_record_of_a_chunk_is_found() {
    // Alone, in a row that is longer than a search for one takes, and at both ends.
    let is_bad = |n: usize| matches!(n, 0 | 111 | 500..560 | 777 | 999);
    let (_server, client) = refusing(move |id| is_bad(id[1..].parse().unwrap()));
    let summary = quick(BulkRun::delete(&client)).run(ids(1000));
    let bad = summary.bad_records.iter().map(|bad| bad.position as usize);
    assert!(bad.eq((0..1000).filter(|n| is_bad(*n))), "{summary}");
    assert!(summary.is_complete());
    assert_eq!(summary.accepted, 936);
}

#[test]
fn a_service_that_refuses_everything_ends_the_run_soon() {
    let (server, client) = refusing(|_| true);
    let summary = quick(BulkRun::delete(&client)).run(ids(100_000));
    let reason = summary.interrupted.unwrap().reason;
    assert_eq!(reason, InterruptionReason::Unreachable);
    assert!(summary.acknowledged.is_empty(), "all is sent when resumed");
    assert!(server.requests() < 300, "{}", server.requests());
}

#[test]
fn a_service_that_asks_for_a_long_wait_is_left_to_a_resumed_run() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).header("retry-after", "61"));
    let client = client.with_options(CallOptions::new().max_retries(0));
    let summary = quick(BulkRun::delete(&client)).run(ids(5));
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(summary.unacknowledged[0].records, 5);
    assert!(summary.interrupted.is_none());
}

#[test]
fn an_operation_that_the_service_does_not_know_yet_is_asked_for_again() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(404).times(2).on("GET", OPERATION));
    let summary = quick(BulkRun::delete(&client)).run(ids(5));
    assert!(summary.is_success(), "{summary}");
}

#[test]
fn the_users_of_an_operation_that_stays_unknown_are_named() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(404).times(1000).on("GET", OPERATION));
    let run = quick(BulkRun::delete(&client)).stall_timeout(Duration::from_millis(20));
    let summary = run.run(ids(5));
    assert!(sandbox.requests_to("GET", OPERATION).len() > 1);
    assert_eq!((summary.failed, summary.pending.len()), (5, 0));
    let failed = summary.failures.iter().map(|failure| failure.id.clone());
    assert!(failed.eq(ids(5)), "{summary}");
    assert!(summary.failures[0].reason.contains("does not know"));
}
