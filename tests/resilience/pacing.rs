//! Pacing: never over the published limits, fair between threads, shared by clients of a key.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use knock::params::UserFeedListItemsParams;
use knock::types::{BulkDeleteUsersRequest, IdentifyUserRequest};
use knock::{CallOptions, Client, ErrorKind, Pacing, Result};
use knock_sandbox::{Fault, Sandbox};

use crate::raw_server::{RawServer, USER, answer};
use crate::support::builder;

/// A feed's channel.
const FEED: &str = "6f7a8c2e-4d3b-4e5f-9a1b-2c3d4e5f6a7b";

const BULK_OPERATION: &str = r#"{"__typename":"BulkOperation","id":"1","name":"users.delete",
    "status":"queued","estimated_total_rows":1,"processed_rows":0,"success_count":0,
    "inserted_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;

fn enforcing() -> Sandbox {
    Sandbox::builder().rate_limits(true).start().unwrap()
}

/// A client with a key of its own: keys share budgets, and tests run side by side.
fn paced(sandbox: &Sandbox, key: &str) -> Client {
    let builder = builder(sandbox).api_key(format!("sk_test_{key}"));
    builder.pacing(Pacing::on()).max_retries(0).build().unwrap()
}

/// Makes calls from many threads as fast as they can, until so many have been made.
fn push(threads: usize, calls: usize, call: impl Fn(usize) -> Result<()> + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        break;
                    }
                    call(number).unwrap();
                }
            });
        }
    });
}

#[test]
fn threads_that_push_as_fast_as_they_can_see_no_429() {
    let sandbox = enforcing();
    let client = paced(&sandbox, "pushing");
    let users = client.users();
    thread::scope(|scope| {
        // More than a second's worth of each tier; all at once, for limits are per operation.
        let tier_4 = |_| users.list(Default::default()).map(drop);
        scope.spawn(move || push(32, 260, tier_4));
        let tier_3 = |_| {
            let body = IdentifyUserRequest::new();
            users.identify("jane", &body).map(drop)
        };
        scope.spawn(move || push(32, 75, tier_3));
        let tier_2 = |_| {
            let feed = UserFeedListItemsParams::new();
            users.feeds().list_items("jane", FEED, feed).map(drop)
        };
        scope.spawn(move || push(32, 8, tier_2));
    });
    assert!(
        sandbox.stats().rate_limited.is_empty(),
        "{:?}",
        sandbox.stats()
    );
}

#[test]
fn without_pacing_the_same_push_is_refused() {
    let sandbox = enforcing();
    let client = builder(&sandbox).max_retries(0).build().unwrap();
    let refused = AtomicUsize::new(0);
    push(8, 100, |_| {
        let body = IdentifyUserRequest::new();
        match client.users().identify("jane", &body) {
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                assert_eq!((error.status(), error.attempts()), (Some(429), 1));
                refused.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            other => other.map(drop),
        }
    });
    assert!(refused.into_inner() > 0);
}

#[test]
fn clients_with_one_key_share_a_budget() {
    let sandbox = enforcing();
    let clients = [paced(&sandbox, "shared"), paced(&sandbox, "shared")];
    push(16, 75, |number| {
        let body = IdentifyUserRequest::new();
        clients[number % 2]
            .users()
            .identify("jane", &body)
            .map(drop)
    });
    assert!(
        sandbox.stats().rate_limited.is_empty(),
        "{:?}",
        sandbox.stats()
    );
}

#[test]
fn feeds_are_paced_by_user() {
    let sandbox = enforcing();
    let client = paced(&sandbox, "feeds");
    // Five a second for each user: a hundred users at once need not wait.
    let start = Instant::now();
    push(8, 100, |number| {
        let feed = UserFeedListItemsParams::new();
        let user = format!("user-{number}");
        client
            .users()
            .feeds()
            .list_items(&user, FEED, feed)
            .map(drop)
    });
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(sandbox.stats().rate_limited.is_empty());
}

#[test]
fn places_go_around_between_threads() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .api_key("sk_test_fair")
        .pacing(Pacing::on().limit(4, 100.0).unwrap())
        .build()
        .unwrap();
    let left = AtomicUsize::new(120);
    let share = || {
        let mut made = 0;
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            client.users().list(Default::default()).unwrap();
            made += 1;
        }
        made
    };
    let shares: Vec<i32> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(share)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(shares.iter().all(|made| *made >= 8), "{shares:?}");
}

#[test]
fn a_429_holds_up_every_thread_and_that_operation_alone() {
    let sandbox = Sandbox::start();
    let client = paced(&sandbox, "adaptive");
    sandbox.fault(Fault::status(429).header("retry-after-ms", "300"));
    assert!(client.users().get("jane").is_err());
    let start = Instant::now();
    client.users().list(Default::default()).unwrap();
    assert!(start.elapsed() < Duration::from_millis(250));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let _ = client.users().get("jane");
                assert!(start.elapsed() >= Duration::from_millis(290));
            });
        }
    });
}

#[test]
fn a_429_holds_up_those_who_were_told_when_to_go() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .api_key("sk_test_told")
        .pacing(Pacing::on().limit(4, 2.0).unwrap())
        .max_retries(0)
        .build()
        .unwrap();
    sandbox.fault(
        Fault::status(429)
            .header("retry-after-ms", "600")
            .after(Duration::from_millis(20)),
    );
    // The first is refused while the second waits for its place, a quarter of a second later.
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| client.users().get("jane"));
        scope.spawn(|| client.users().get("jane"));
    });
    assert!(start.elapsed() >= Duration::from_millis(600));
    assert_eq!(sandbox.requests().len(), 2);
}

#[test]
fn a_place_that_went_by_is_not_used_late() {
    let sandbox = enforcing();
    let client = builder(&sandbox)
        .api_key("sk_test_late")
        .pacing(Pacing::on())
        .max_connections(1)
        .max_retries(0)
        .build()
        .unwrap();
    // Holds the one connection, while the others' places go by.
    sandbox.fault(Fault::delay(Duration::from_millis(1500)).on("GET", "/v1/users"));
    let holder = client.with_options(CallOptions::new());
    thread::scope(|scope| {
        scope.spawn(|| holder.users().list(Default::default()).map(drop));
        while sandbox.requests().is_empty() {
            thread::yield_now();
        }
        push(10, 10, |_| {
            let feed = UserFeedListItemsParams::new();
            client
                .users()
                .feeds()
                .list_items("jane", FEED, feed)
                .map(drop)
        });
    });
    assert!(
        sandbox.stats().rate_limited.is_empty(),
        "{:?}",
        sandbox.stats()
    );
}

/// A call waits for the only connection; when that is free, its place has gone by.
#[test]
fn who_waits_for_another_place_keeps_no_connection_meanwhile() {
    let server = RawServer::start(|connection| {
        while let Some(request) = connection.request() {
            if request.starts_with("GET /v1/users/slow") {
                connection.wait_for_close();
                return;
            }
            connection.send(answer(if request.starts_with("POST") {
                BULK_OPERATION
            } else {
                USER
            }));
        }
    });
    let builder = Client::builder().base_url(server.url());
    let builder = builder.api_key("sk_test_no_connection").max_retries(0);
    let builder = builder.pacing(Pacing::on().limit(4, 1e6).unwrap());
    let client = builder.max_connections(1).build().unwrap();
    let within = |limit| client.with_options(CallOptions::new().deadline(limit));
    let busy = Duration::from_millis(400);
    thread::scope(|scope| {
        let slow = scope.spawn(|| within(busy).users().get("slow").unwrap_err());
        while server.requests() == 0 {
            thread::yield_now();
        }
        let delete = || {
            client
                .users()
                .bulk()
                .delete(&BulkDeleteUsersRequest::new(["ian"]))
        };
        let delete = scope.spawn(delete);
        assert_eq!(slow.join().unwrap().kind(), ErrorKind::Timeout);
        while !delete.is_finished() {
            within(busy).users().get("jane").unwrap();
        }
        delete.join().unwrap().unwrap();
    });
}
