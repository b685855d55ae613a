//! Closing a client ends its calls at once, wherever they wait.

use std::thread;
use std::time::Duration;

use knock::bulk::{BulkRun, InterruptionReason, UserIds};
use knock::types::IdentifyUserRequest;
use knock::{CallOptions, Client, ErrorKind, Pacing, Result};
use knock_sandbox::{Fault, Sandbox};

use crate::clock::within;
use crate::raw_server::{FullPort, QUEUED, RawServer, answer, with_headers};
use crate::support::{KEY, builder};

const PROMPTLY: Duration = Duration::from_millis(50);

/// Closes the client while the call runs, once `underway` says that it does.
pub fn close_during<T: Send>(
    client: &Client,
    underway: impl Fn() -> bool,
    call: impl FnOnce() -> Result<T> + Send,
) -> knock::Error {
    thread::scope(|scope| {
        let calling = scope.spawn(call);
        while !underway() {
            thread::yield_now();
        }
        client.close();
        let result = within(PROMPTLY, || calling.join().unwrap());
        let error = result.err().expect("a closed client has no answers");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        assert!(client.users().get("jane").is_err());
        error
    })
}

fn silent() -> RawServer {
    RawServer::start(|connection| {
        connection.request();
        connection.wait_for_close();
    })
}

fn client_of(url: String) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(url);
    builder
        .pacing(Pacing::off())
        .max_connections(1)
        .build()
        .unwrap()
}

#[test]
fn while_it_waits_for_an_answer() {
    let server = silent();
    let client = client_of(server.url());
    let identify = || client.users().identify("jane", &IdentifyUserRequest::new());
    let error = close_during(&client, || server.requests() == 1, identify);
    assert_eq!(error.attempts(), 1);
    assert!(error.may_have_been_processed());
}

#[test]
fn while_it_waits_for_the_next_attempt() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).build().unwrap();
    sandbox.fault(Fault::status(503).header("retry-after", "30"));
    let underway = || sandbox.pending_faults().is_empty();
    let error = close_during(&client, underway, || client.users().get("jane"));
    assert_eq!(error.attempts(), 1);
}

#[test]
fn while_it_waits_for_a_place_in_the_rate_limit() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .api_key("sk_test_of_closing")
        .pacing(Pacing::on().limit(4, 0.01).unwrap())
        .build()
        .unwrap();
    let _ = client.users().get("jane");
    let error = close_during(&client, || true, || client.users().get("jane"));
    assert_eq!(error.attempts(), 0);
}

#[test]
fn while_it_waits_for_a_free_connection() {
    let server = silent();
    let client = client_of(server.url());
    thread::scope(|scope| {
        scope.spawn(|| client.users().get("holder"));
        let underway = || server.requests() == 1;
        while !underway() {
            thread::yield_now();
        }
        close_during(&client, underway, || client.users().get("jane"));
    });
}

#[test]
fn while_it_connects() {
    let port = FullPort::new();
    let client = client_of(port.url());
    let error = close_during(&client, || true, || client.users().get("jane"));
    assert!(!error.may_have_been_processed());
}

#[test]
fn while_it_shakes_hands() {
    let server = RawServer::start(|connection| {
        connection.wait_for_close();
    });
    let client = client_of(server.url().replace("http:", "https:"));
    close_during(
        &client,
        || server.connections() == 1,
        || client.users().get("jane"),
    );
}

#[test]
fn while_many_threads_wait() {
    let server = silent();
    let client = client_of(server.url());
    thread::scope(|scope| {
        let calls: Vec<_> = (0..32)
            .map(|_| scope.spawn(|| client.users().get("jane")))
            .collect();
        while server.requests() == 0 {
            thread::yield_now();
        }
        client.close();
        for call in calls {
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Closed);
        }
    });
}

#[test]
fn while_a_bulk_run_waits() {
    for (waits, answer) in [
        ("for the end of an operation", answer(QUEUED)),
        (
            "for its next call",
            with_headers("503 Unavailable", "retry-after: 30\r\n", "{}"),
        ),
    ] {
        let server = RawServer::answering(answer);
        let client = client_of(server.url()).with_options(CallOptions::new().max_retries(0));
        thread::scope(|scope| {
            let run = unhurried(&client);
            let running = scope.spawn(|| run.run(["jane"]));
            while server.requests() == 0 {
                thread::yield_now();
            }
            client.close();
            let summary = within(Duration::from_secs(1), || running.join().unwrap());
            let reason = summary.interrupted.unwrap().reason;
            assert_eq!(reason, InterruptionReason::Closed, "{waits}");
        });
        assert_eq!(server.requests(), 1, "{waits}");
    }
}

/// A run that waits long for the end of an operation.
pub fn unhurried<'a>(client: &Client) -> BulkRun<'a, UserIds> {
    let wait = Duration::from_secs(30);
    BulkRun::delete(client).poll_interval(wait, wait)
}
