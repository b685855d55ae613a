//! A hundred thousand users through everything that can go wrong on the way: each of them ends
//! exactly as the summary says.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use knock::bulk::{BulkRun, Json};
use knock_sandbox::{BulkOutcome, Fault, Sandbox};
use serde_json::json;

const USERS: usize = 100_000;

/// Record `n` of the input; every 9,973rd is one that the service would not take.
fn record(n: usize) -> String {
    match n % 9_973 {
        17 => json!({"id": format!("u{n}"), "email": n}).to_string(),
        18 => format!(r#"{{"id":"u{n}", "#),
        _ => json!({"id": format!("u{n}"), "n": n}).to_string(),
    }
}

fn injected() -> Vec<Fault> {
    let identify = |fault: Fault, nth: u64| fault.on("POST", "/v1/users/bulk/identify").skip(nth);
    let poll = |fault: Fault, nth: u64| fault.on("GET", "/v1/bulk_operations/*").skip(nth);
    let failed_ids = (0..USERS).step_by(777).map(|n| format!("u{n}")).collect();
    let some = BulkOutcome {
        failed_ids,
        ..Default::default()
    };
    let every = BulkOutcome {
        fail_every: Some(100),
        ..Default::default()
    };
    let all = BulkOutcome {
        fail: true,
        ..Default::default()
    };
    vec![
        identify(Fault::status(429).header("retry-after", "0"), 3),
        identify(Fault::status(500), 10),
        identify(Fault::reset(), 20),
        identify(Fault::reset_mid_answer(), 30),
        identify(Fault::truncate(10), 35),
        identify(Fault::bulk(some).times(8), 40),
        identify(Fault::bulk(every), 60),
        identify(Fault::bulk(all).times(2), 70),
        identify(Fault::status(503).times(3), 80),
        poll(Fault::status(500), 5),
        poll(Fault::reset(), 50),
        poll(Fault::not_json(), 80),
    ]
}

#[test]
fn every_user_ends_as_reported() {
    let sandbox = Sandbox::builder().journal_capacity(0).start().unwrap();
    injected()
        .into_iter()
        .for_each(|fault| sandbox.fault(fault));
    let client = support::builder(&sandbox).build().unwrap();
    let mut last = None;
    let summary = BulkRun::identify(&client)
        .poll_interval(Duration::from_millis(2), Duration::from_millis(50))
        .on_progress(|progress| last = Some(progress.clone()))
        .run((0..USERS).map(|n| Json(record(n))));
    assert!(
        summary.interrupted.is_none() && summary.pending.is_empty(),
        "{summary}"
    );
    assert!(sandbox.pending_faults().is_empty(), "every fault struck");

    let failed: BTreeSet<&str> = summary
        .failures
        .iter()
        .map(|failure| failure.id.as_str())
        .collect();
    let bad: BTreeSet<u64> = summary.bad_records.iter().map(|bad| bad.position).collect();
    let lost = |n: u64| {
        summary
            .unacknowledged
            .iter()
            .any(|chunk| (chunk.first..chunk.end).contains(&n))
    };
    assert_eq!(
        failed.len() as u64,
        summary.failed,
        "each failed user is named once"
    );
    assert_eq!(bad.len(), summary.bad_records.len());
    assert!(summary.failed > 2000 && bad.len() == 22, "{summary}");

    let users = sandbox.users();
    let there: BTreeMap<&str, u64> = users
        .iter()
        .map(|user| (user["id"].as_str().unwrap(), user["n"].as_u64().unwrap()))
        .collect();
    for n in 0..USERS as u64 {
        let id = format!("u{n}");
        let done = !failed.contains(id.as_str()) && !bad.contains(&n) && !lost(n);
        assert_eq!(there.get(id.as_str()), done.then_some(&n), "{id}");
    }
    assert_eq!(there.len() as u64, summary.succeeded);
    assert_eq!(summary.processed, summary.accepted);
    let last = last.unwrap();
    assert_eq!(
        (last.processed, last.failed),
        (summary.processed, summary.failed)
    );
}
