//! Bulk runs: each promise of theirs by an example.

mod support;

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use knock::bulk::{
    self, BulkCancel, BulkRun, BulkSummary, InterruptionReason, Json, UserIds, Users,
};
use knock::types::{InlineIdentifyUserRequest, PreferenceSetRequest};
use knock::{Client, ErrorKind};
use knock_sandbox::{BulkOutcome, Fault, Sandbox};
use serde_json::{Value, json};
use support::start;

const IDENTIFY: &str = "/v1/users/bulk/identify";

fn users(count: usize) -> impl ExactSizeIterator<Item = InlineIdentifyUserRequest> + Clone {
    (0..count).map(|n| InlineIdentifyUserRequest::new(format!("u{n}")).set("n", n))
}

/// A run that asks for the end of an operation without delay.
fn quick<Kind>(run: BulkRun<'_, Kind>) -> BulkRun<'_, Kind> {
    run.poll_interval(Duration::from_millis(1), Duration::from_millis(20))
}

fn identify<'a>(client: &Client) -> BulkRun<'a, knock::bulk::Users> {
    quick(BulkRun::identify(client)).max_records(10)
}

/// The client of a test where a call that fails is not repeated.
fn impatient(client: &Client) -> Client {
    client.with_options(knock::CallOptions::new().max_retries(0))
}

/// Numbers of records that the calls carried.
fn sizes(sandbox: &Sandbox) -> Vec<usize> {
    let calls = sandbox.requests_to("POST", IDENTIFY);
    let size = |body: Option<Value>| body.unwrap()["users"].as_array().unwrap().len();
    calls.into_iter().map(|call| size(call.json)).collect()
}

/// A summary as a later process finds it.
fn stored(summary: &BulkSummary) -> BulkSummary {
    serde_json::from_str(&serde_json::to_string(summary).unwrap()).unwrap()
}

/// A user whose property `x` makes it so many levels deep.
fn deep(id: &str, levels: usize) -> String {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    format!(r#"{{"id": "{id}", "x": {open}{close}}}"#)
}

#[test]
fn what_the_service_could_not_read_or_name_is_found_before_sending() {
    let (sandbox, client) = start();
    let bad = [
        (r#"{"id": "."}"#.to_owned(), "no other call could name"),
        (r#"{"id": ".."}"#.to_owned(), "no other call could name"),
        (r#"{"id": "a/b"}"#.to_owned(), "holds a /"),
        (
            r#"{"id": "c", "x": ["\ud83d"]}"#.to_owned(),
            "half of a surrogate pair",
        ),
        (
            r#"{"id": "d", "\udc00": 1}"#.to_owned(),
            "half of a surrogate pair",
        ),
        (r#"{"id": "e", "x": 1e400}"#.to_owned(), "out of range"),
        (deep("f", 126), "deeper than 125 levels"),
        (deep("g", 100_000), "deeper than 125 levels"),
    ];
    let good = [
        r#"{"id": "ok", "x": "\ud83d\ude00", "y": 1e300}"#.to_owned(),
        deep("deep", 125),
    ];
    let texts = bad.iter().map(|(text, _)| text).chain(&good);
    let summary = identify(&client).run(texts.map(Json));
    assert_eq!(summary.accepted, 2, "{summary:?}");
    assert_eq!(sizes(&sandbox), [2]);
    assert_eq!(summary.bad_records.len(), bad.len());
    for (record, (text, reason)) in summary.bad_records.iter().zip(&bad) {
        assert!(
            record.reason.contains(reason),
            "{text:.60}: {}",
            record.reason
        );
    }

    let tower = (0..130).fold(json!(1), |inner, _| json!([inner]));
    let typed = [InlineIdentifyUserRequest::new("h").set("x", tower)];
    let summary = identify(&client).run(&typed);
    assert!(
        summary.bad_records[0].reason.contains("125 levels"),
        "{summary:?}"
    );
    let summary = quick(BulkRun::delete(&client)).run([".", "..", "ok", "deep"]);
    assert_eq!((summary.succeeded, summary.bad_records.len()), (2, 2));
}

#[test]
fn the_state_of_a_run_that_was_killed_is_that_of_its_last_acknowledged_chunk() {
    let (sandbox, client) = start();
    let kept = Mutex::new(Vec::new());
    let keep = |state: &BulkSummary| kept.lock().unwrap().push(stored(state));
    let summary = identify(&client).on_acknowledged(keep).run(users(30));
    assert!(summary.is_success(), "{summary}");
    let kept = kept.into_inner().unwrap();
    let ends: Vec<_> = kept.iter().map(|state| state.acknowledged[0].end).collect();
    assert_eq!(ends, [10, 20, 30]);

    // As a later process finds it, whose predecessor never came to its end.
    sandbox.clear_requests();
    let killed = kept[1].clone();
    assert!(!killed.is_complete());
    let summary = identify(&client).resume(killed).unwrap().run(users(30));
    assert!(summary.is_success(), "{summary}");
    assert_eq!((summary.accepted, summary.succeeded), (30, 30));
    assert_eq!(
        sizes(&sandbox),
        [10],
        "only what was not acknowledged is sent"
    );
}

#[test]
fn records_are_checked_without_sending_any() {
    let records = [
        Ok(Json(r#"{"id": "a"}"#)),
        Ok(Json(r#"{"id": ""}"#)),
        Err("no such line"),
    ];
    let bad = bulk::check::<Users, _>(&records);
    let bad: Vec<_> = bad
        .iter()
        .map(|bad| (bad.position, bad.id.as_deref(), &*bad.reason))
        .collect();
    assert_eq!(
        bad,
        [(1, Some(""), "its id is empty"), (2, None, "no such line")]
    );
    assert!(bulk::check::<UserIds, _>(["a", "b"]).is_empty());
}

#[test]
fn users_go_out_in_chunks_of_a_thousand() {
    let (sandbox, client) = start();
    let summary = quick(BulkRun::identify(&client)).run(users(2500));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(
        (summary.read, summary.accepted, summary.succeeded),
        (2500, 2500, 2500)
    );
    assert_eq!(sizes(&sandbox), [1000, 1000, 500]);
    assert_eq!(client.users().get("u2499").unwrap().properties["n"], 2499);
}

#[test]
fn no_body_is_larger_than_allowed() {
    let (sandbox, client) = start();
    let wide = |n: usize| InlineIdentifyUserRequest::new(format!("u{n}")).set("x", "x".repeat(300));
    let summary = quick(BulkRun::identify(&client))
        .max_body_bytes(1000)
        .run((0..7).map(wide));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(sizes(&sandbox), [3, 3, 1]);
    let longest = sandbox
        .requests_to("POST", IDENTIFY)
        .iter()
        .map(|call| call.body.len())
        .max();
    assert!(longest <= Some(1000));
}

#[test]
fn preferences_are_set_and_users_deleted_by_their_ids() {
    let (_sandbox, client) = start();
    let off: PreferenceSetRequest =
        serde_json::from_value(json!({"workflows": {"w": false}})).unwrap();
    let run = BulkRun::set_preferences(&client, &off).unwrap();
    assert!(quick(run).run(["jane", "joe"]).is_success());
    let set = client
        .users()
        .get_preferences("joe", "default", Default::default())
        .unwrap();
    assert_eq!(
        serde_json::to_value(&*set).unwrap()["workflows"],
        json!({"w": false})
    );

    assert!(
        quick(BulkRun::delete(&client))
            .run(["jane", "joe"])
            .is_success()
    );
    assert_eq!(client.users().get("jane").unwrap_err().status(), Some(404));
}

#[test]
fn records_are_taken_by_reference() {
    let (_sandbox, client) = start();
    let names = vec!["jane", "joe"];
    assert!(quick(BulkRun::delete(&client)).run(&names).is_success());
    let owned = names.iter().map(|name| name.to_string());
    let owned: Vec<String> = owned.collect();
    assert!(quick(BulkRun::delete(&client)).run(&owned).is_success());
    let read: Vec<Result<_, String>> = vec![Ok(Json(r#"{"id":"jane"}"#))];
    assert!(identify(&client).run(&read).is_success());
    let users: Vec<_> = users(2).collect();
    assert!(identify(&client).run(&users).is_success());
}

#[test]
fn a_bad_record_is_reported_with_its_position_and_the_others_go_on() {
    let (_sandbox, client) = start();
    let lines: [io::Result<Json<&str>>; 5] = [
        Ok(Json(r#"{"id": "a"}"#)),
        Ok(Json(r#"{"id": "b""#)),
        Err(io::Error::other("the line is not UTF-8")),
        Ok(Json(r#"{"id": "c/d"}"#)),
        Ok(Json(r#"{"id": "e"}"#)),
    ];
    let summary = identify(&client).run(lines);
    assert!(summary.is_complete() && !summary.is_success());
    assert_eq!(
        (summary.read, summary.accepted, summary.succeeded),
        (5, 2, 2)
    );
    let bad: Vec<_> = summary
        .bad_records
        .iter()
        .map(|bad| (bad.position, bad.id.as_deref()))
        .collect();
    assert_eq!(bad, [(1, None), (2, None), (3, Some("c/d"))]);
    assert_eq!(summary.bad_records[1].reason, "the line is not UTF-8");
}

#[test]
fn a_record_that_the_service_refuses_by_name_is_left_out() {
    let (sandbox, client) = start();
    let lines = [r#"{"id":"a"}"#, r#"{"id":"b","email":1}"#, r#"{"id":"c"}"#];
    let summary = identify(&client).run(lines.map(Json));
    assert_eq!((summary.accepted, summary.bad_records.len()), (2, 1));
    let bad = &summary.bad_records[0];
    assert_eq!((bad.position, bad.id.as_deref()), (1, Some("b")));
    assert!(bad.reason.contains("email"), "{}", bad.reason);
    assert_eq!(sizes(&sandbox), [3, 2]);
    assert_eq!(client.users().get("c").unwrap().id, "c");
}

#[test]
fn a_refused_chunk_is_divided_until_the_bad_record_is_found() {
    let (sandbox, client) = start();
    // Refused without a word on which record is to blame: all four, the second half, the third.
    let refused = || Fault::status(400).on("POST", IDENTIFY);
    sandbox.fault(refused());
    sandbox.fault(refused().skip(1).times(2));
    let summary = identify(&client).run(users(4));
    assert_eq!(sizes(&sandbox), [4, 2, 2, 1, 1]);
    assert_eq!(summary.accepted, 3);
    assert_eq!(summary.bad_records[0].position, 2);
    assert_eq!(client.users().get("u2").unwrap_err().status(), Some(404));
}

#[test]
fn users_that_fail_are_named_once() {
    let (sandbox, client) = start();
    let failed_ids = vec!["u3".to_owned(), "u7".to_owned()];
    sandbox.fault(Fault::bulk(BulkOutcome {
        failed_ids,
        ..Default::default()
    }));
    let summary = identify(&client).run(users(25));
    assert_eq!(
        (summary.accepted, summary.succeeded, summary.failed),
        (25, 23, 2)
    );
    let failed: Vec<_> = summary
        .failures
        .iter()
        .map(|failure| failure.id.as_str())
        .collect();
    assert_eq!(failed, ["u3", "u7"]);
    assert!(summary.is_complete() && !summary.is_success());
}

#[test]
fn all_users_of_a_bulk_operation_that_fails_are_named() {
    let (sandbox, client) = start();
    sandbox.fault(
        Fault::bulk(BulkOutcome {
            fail: true,
            ..Default::default()
        })
        .skip(1)
        .on("POST", IDENTIFY),
    );
    let summary = identify(&client).run(users(25));
    assert_eq!(
        (summary.succeeded, summary.failed, summary.processed),
        (15, 10, 25)
    );
    let failed: Vec<_> = summary
        .failures
        .iter()
        .map(|failure| failure.id.clone())
        .collect();
    assert_eq!(
        failed,
        (10..20).map(|n| format!("u{n}")).collect::<Vec<_>>()
    );
    assert!(summary.failures[0].reason.contains("failed"));
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::reset_mid_answer().on("POST", IDENTIFY));
    let summary = identify(&impatient(&client)).run(users(5));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(sizes(&sandbox), [5, 5]);
    assert_eq!((summary.accepted, summary.succeeded), (5, 5));
}

#[test]
fn a_chunk_that_is_never_acknowledged_is_reported_and_sent_when_resumed() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).times(3).skip(1).on("POST", IDENTIFY));
    let summary = identify(&impatient(&client)).run(users(25));
    let lost = &summary.unacknowledged[0];
    assert_eq!((lost.first, lost.end, lost.records), (10, 20, 10));
    assert!(lost.reason.contains("503"), "{}", lost.reason);
    assert_eq!(
        (summary.accepted, summary.interrupted.is_none()),
        (15, true)
    );
    assert!(!summary.is_complete());

    sandbox.clear_requests();
    let summary = identify(&client)
        .resume(stored(&summary))
        .unwrap()
        .run(users(25));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(
        (sizes(&sandbox), summary.accepted, summary.succeeded),
        (vec![10], 25, 25)
    );
}

#[test]
fn a_run_ends_when_nothing_is_acknowledged_any_more() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).times(1000).on("POST", IDENTIFY));
    let summary = identify(&impatient(&client)).run(users(1000));
    let interrupted = summary.interrupted.as_ref().unwrap();
    assert_eq!(interrupted.reason, InterruptionReason::Unreachable);
    assert_eq!((summary.unacknowledged.len(), summary.read), (5, 50));
}

#[test]
fn a_run_ends_at_once_when_the_key_is_not_accepted() {
    let sandbox = Sandbox::builder().api_key("sk_other").start().unwrap();
    let client = support::builder(&sandbox).build().unwrap();
    let summary = identify(&client).run(users(25));
    assert_eq!(
        summary.interrupted.unwrap().reason,
        InterruptionReason::Denied
    );
    assert_eq!(sandbox.requests().len(), 1);
}

/// Cancels a run once the service has had so many requests.
fn cancelled_at(requests: usize, sandbox: &Sandbox, client: &Client) -> BulkSummary {
    let cancel = BulkCancel::new();
    std::thread::scope(|scope| {
        let run = identify(client).cancel_with(&cancel);
        let run = scope.spawn(|| run.run(users(10)));
        while sandbox.requests().len() < requests {
            std::thread::yield_now();
        }
        cancel.cancel();
        run.join().unwrap()
    })
}

#[test]
fn cancelling_lets_a_call_that_sends_come_to_its_end() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::delay(Duration::from_millis(250)).on("POST", IDENTIFY));
    let summary = cancelled_at(1, &sandbox, &client);
    assert_eq!((summary.accepted, summary.pending.len()), (10, 1));
    assert!(summary.unacknowledged.is_empty());
}

#[test]
fn cancelling_ends_the_question_how_far_the_service_is() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::silent().on("GET", "/v1/bulk_operations/*"));
    let summary = cancelled_at(2, &sandbox, &client);
    let interrupted = summary.interrupted.as_ref().unwrap();
    assert_eq!(interrupted.reason, InterruptionReason::Cancelled);
    assert_eq!(interrupted.message, "it was cancelled");
    assert_eq!((summary.accepted, summary.pending.len()), (10, 1));
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn a_cancelled_run_is_resumed_without_doing_anything_twice() {
    let (sandbox, client) = start();
    let cancel = BulkCancel::new();
    let summary = identify(&client)
        .cancel_with(&cancel)
        .on_progress(|progress| {
            if progress.sent >= 20 {
                cancel.cancel();
            }
        })
        .run(users(45));
    assert_eq!(
        summary.interrupted.as_ref().unwrap().reason,
        InterruptionReason::Cancelled
    );
    assert_eq!((summary.read, summary.accepted), (20, 20));
    assert!(!summary.pending.is_empty());

    let summary = identify(&client)
        .resume(stored(&summary))
        .unwrap()
        .run(users(45));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(
        (summary.read, summary.accepted, summary.succeeded),
        (45, 45, 45)
    );
    assert_eq!(sizes(&sandbox), [10, 10, 10, 10, 5]);
    assert_eq!(summary.acknowledged.len(), 1, "neighbors are joined");
}

#[test]
fn a_resumed_run_notices_another_input() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).times(3).skip(1).on("POST", IDENTIFY));
    let first = identify(&impatient(&client)).run(users(20));
    let changed = users(20).map(|user| {
        if user.id == "u4" {
            user.set("n", 0)
        } else {
            user
        }
    });
    let inputs: [Vec<_>; 2] = [changed.collect(), users(8).collect()];
    for input in inputs {
        sandbox.clear_requests();
        let summary = identify(&client).resume(first.clone()).unwrap().run(input);
        let interrupted = summary.interrupted.unwrap();
        assert_eq!(
            interrupted.reason,
            InterruptionReason::InputChanged,
            "{}",
            interrupted.message
        );
        assert!(sandbox.requests().is_empty());
    }
}

#[test]
fn a_summary_resumes_no_other_work_than_its_own() {
    let (_sandbox, client) = start();
    let set = |on: bool| -> PreferenceSetRequest {
        serde_json::from_value(json!({"workflows": {"w": on}})).unwrap()
    };
    let run = |on| quick(BulkRun::set_preferences(&client, &set(on)).unwrap());
    let summary = run(true).run(["jane"]);
    for error in [
        run(false).resume(summary.clone()).unwrap_err(),
        BulkRun::delete(&client)
            .resume(summary.clone())
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    assert!(run(true).resume(summary).is_ok());
}

#[test]
fn bad_records_are_counted_once_over_a_resumed_run() {
    let (sandbox, client) = start();
    sandbox.fault(Fault::status(503).times(3).skip(1).on("POST", IDENTIFY));
    let lines: Vec<String> = (0..30)
        .map(|n| {
            if n % 7 == 3 {
                "{}".to_owned()
            } else {
                format!(r#"{{"id":"u{n}"}}"#)
            }
        })
        .collect();
    let first = identify(&impatient(&client))
        .max_records(8)
        .run(lines.iter().map(Json));
    assert_eq!(first.unacknowledged.len(), 1);
    let summary = identify(&client)
        .max_records(8)
        .resume(stored(&first))
        .unwrap()
        .run(lines.iter().map(Json));
    assert!(summary.is_complete());
    let mut bad: Vec<_> = summary.bad_records.iter().map(|bad| bad.position).collect();
    bad.sort();
    assert_eq!((bad, summary.succeeded), (vec![3, 10, 17, 24], 26));
}

#[test]
fn progress_grows_to_the_total() {
    let (_sandbox, client) = start();
    let mut seen = Vec::new();
    let summary = identify(&client)
        .on_progress(|progress| seen.push(progress.clone()))
        .run(users(45));
    assert!(summary.is_success());
    assert!(seen.iter().all(|progress| progress.total == Some(45)));
    assert!(
        seen.windows(2)
            .all(|pair| pair[0].sent <= pair[1].sent && pair[0].processed <= pair[1].processed)
    );
    let last = seen.last().unwrap();
    assert_eq!((last.read, last.sent, last.processed), (45, 45, 45));
    assert_eq!(last.remaining, Some(Duration::ZERO));
}

#[test]
fn an_operation_that_stalls_is_left_to_a_resumed_run() {
    let (sandbox, client) = start();
    sandbox.fault(
        Fault::status(503)
            .times(1)
            .on("GET", "/v1/bulk_operations/*"),
    );
    let first = identify(&impatient(&client))
        .stall_timeout(Duration::ZERO)
        .run(users(5));
    let pending = &first.pending[0];
    assert_eq!(pending.user_ids.len(), 5);
    assert!(pending.reason.as_ref().unwrap().contains("503"));
    assert!(!first.is_complete());

    let summary = identify(&client)
        .resume(stored(&first))
        .unwrap()
        .run(users(5));
    assert!(summary.is_success(), "{summary}");
    assert_eq!(sizes(&sandbox).len(), 1);
}

#[test]
fn an_input_without_records_sends_nothing() {
    let (sandbox, client) = start();
    assert!(identify(&client).run(users(0)).is_success());
    assert!(sandbox.requests().is_empty());
}
