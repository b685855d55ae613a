//! A request that went out is not sent again but by an attempt that counts, however many warm
//! connections there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use knock::{CallOptions, Client, ErrorKind, Pacing};

use crate::raw_server::{Connection, RawServer, USER, answer};
use crate::support::KEY;
use crate::tls_server::Authority;

/// Numbers of connections that wait in the pool when the call is made.
const WARM: usize = 8;

/// Reads requests until one that is to do something, which it does and then resets.
fn works_and_resets(connection: &mut Connection, together: &Barrier, done: &AtomicUsize) {
    while let Some(request) = connection.request() {
        if request.contains("work") {
            done.fetch_add(1, Ordering::SeqCst);
            return connection.reset();
        }
        together.wait();
        connection.send(answer(USER));
    }
}

/// Makes a call with warm connections, and returns how often it was done, what `attempts` said and
/// whether it may have been processed.
fn resent(operation: &str, request: &str, retries: u32) -> (usize, u32, bool) {
    let done = Arc::new(AtomicUsize::new(0));
    let (counted, together) = (done.clone(), Barrier::new(WARM));
    let server = RawServer::start(move |connection| {
        works_and_resets(connection, &together, &counted);
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.pacing(Pacing::off()).build().unwrap();
    thread::scope(|scope| {
        for _ in 0..WARM {
            scope.spawn(|| client.users().get("warm").unwrap());
        }
    });
    assert_eq!(server.connections(), WARM);
    let client = client.with_options(CallOptions::new().max_retries(retries));
    let error = client.call_json(operation, request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    let unsure = error.may_have_been_processed();
    (done.load(Ordering::SeqCst), error.attempts(), unsure)
}

#[test]
fn work_that_was_done_is_done_once_where_nothing_is_to_be_repeated() {
    for (operation, request) in [
        ("users.update", r#"{"user_id": "work", "body": {"a": 1}}"#),
        ("users.delete", r#"{"user_id": "work"}"#),
        (
            "users.bulk.identify",
            r#"{"body": {"users": [{"id": "work"}]}}"#,
        ),
        (
            "users.merge",
            r#"{"user_id": "work", "body": {"from_user_id": "b"}}"#,
        ),
    ] {
        assert_eq!(resent(operation, request, 0), (1, 1, true), "{operation}");
    }
    assert_eq!(
        resent("users.get", r#"{"user_id": "work"}"#, 0),
        (1, 1, false)
    );
}

#[test]
fn each_time_that_it_is_sent_counts_as_an_attempt() {
    let update = r#"{"user_id": "work", "body": {}}"#;
    assert_eq!(resent("users.update", update, 1), (2, 2, true));
}

/// The second attempt needs a place in the rate limit, and there is none before the deadline.
#[test]
fn sending_it_again_takes_its_place_in_the_pace() {
    let done = Arc::new(AtomicUsize::new(0));
    let (counted, alone) = (done.clone(), Barrier::new(1));
    let server = RawServer::start(move |connection| {
        works_and_resets(connection, &alone, &counted);
    });
    let builder = Client::builder().base_url(server.url()).max_retries(1);
    let client = builder
        .api_key("sk_test_of_resends")
        .pacing(Pacing::on().limit(3, 0.5).unwrap())
        .deadline(Duration::from_secs(1))
        .build()
        .unwrap();
    client.users().get("warm").unwrap();
    let update = r#"{"user_id": "work", "body": {}}"#;
    let error = client.call_json("users.update", update).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert_eq!(done.load(Ordering::SeqCst), 1);
}

/// A handshake that breaks is tried again, and no request went out.
#[test]
fn what_was_not_sent_is_no_attempt() {
    let authority = Authority::new();
    let server = RawServer::start(Connection::reset);
    let builder = crate::tls_server::builder(&server, &authority).max_retries(1);
    let error = builder.build().unwrap().users().get("jane").unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 0));
    assert_eq!(server.connections(), 2);
}
