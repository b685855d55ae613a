//! No call outlives its deadline, whatever it waits for. Servers that stall are rows of the
//! matrix; these are the other waits.

use std::io::Write;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use knock::types::IdentifyUserRequest;
use knock::{CallOptions, Client, ErrorKind, Pacing};
use knock_sandbox::{Fault, Sandbox};

use crate::clock::within;
use crate::raw_server::{QUEUED, RawServer, USER, answer, with_headers};
use crate::support::{KEY, builder};

const DEADLINE: Duration = Duration::from_millis(100);

#[test]
fn a_deadline_that_is_over_sends_nothing() {
    for pacing in [Pacing::on(), Pacing::off()] {
        let server = RawServer::answering(answer(USER));
        let builder = Client::builder().api_key(KEY).base_url(server.url());
        let client = builder.pacing(pacing).build().unwrap();
        let at_once = client.with_options(CallOptions::new().deadline(Duration::ZERO));
        let error = at_once.users().get("jane").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(!error.may_have_been_processed());
        assert_eq!(server.requests(), 0);
    }
}

#[test]
fn waiting_for_a_place_in_the_rate_limit() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .api_key("sk_test_of_deadlines")
        .pacing(Pacing::on().limit(3, 1.0).unwrap())
        .deadline(DEADLINE)
        .build()
        .unwrap();
    let identify = || client.users().identify("jane", &IdentifyUserRequest::new());
    identify().unwrap();
    let error = within(DEADLINE, || identify().unwrap_err());
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::RateLimited, 0)
    );
    assert!(error.retry_after().unwrap() > Duration::from_millis(800));
    assert!(error.is_retryable() && !error.may_have_been_processed());
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn waiting_for_the_next_attempt() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).deadline(DEADLINE).build().unwrap();
    sandbox.fault(Fault::status(503));
    // The first backoff alone is longer, so that there is nothing to wait for.
    let error = within(DEADLINE, || client.users().get("jane").unwrap_err());
    assert_eq!((error.status(), error.attempts()), (Some(503), 1));
}

#[test]
fn waiting_for_a_free_connection() {
    let server = RawServer::start(|connection| {
        connection.request();
        connection.wait_for_close();
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.max_connections(1).build().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| client.users().get("holder"));
        while server.requests() == 0 {
            thread::yield_now();
        }
        let hurried = client.with_options(CallOptions::new().deadline(DEADLINE));
        let error = within(DEADLINE, || hurried.users().get("jane").unwrap_err());
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0));
        assert!(error.message().contains("free connection"), "{error}");
        assert!(error.is_retryable());
        client.close();
    });
}

#[test]
fn the_timeout_of_an_attempt_ends_it_before_the_deadline() {
    let server = RawServer::start(|connection| {
        connection.request();
        connection.wait_for_close();
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder
        .timeout(DEADLINE)
        .deadline(Duration::from_secs(60))
        .build()
        .unwrap();
    let error = within(DEADLINE, || client.users().get("jane").unwrap_err());
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(
        error.message().contains("timeout of an attempt, 100 ms"),
        "{error}"
    );
}

#[test]
fn a_tls_handshake_that_stalls() {
    let server = RawServer::start(|connection| {
        connection.wait_for_close();
    });
    let url = server.url().replace("http:", "https:");
    let stalled = |builder: knock::ClientBuilder| {
        let client = builder.api_key(KEY).base_url(&url).max_retries(0).build();
        let client = client.unwrap();
        within(DEADLINE, || client.users().get("jane").unwrap_err())
    };
    for (builder, limit) in [
        (
            Client::builder().deadline(DEADLINE),
            "the deadline of the call",
        ),
        (
            Client::builder().connect_timeout(DEADLINE),
            "the connect timeout",
        ),
    ] {
        let error = stalled(builder);
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.message().contains(limit), "{error}");
        assert!(error.is_retryable() && !error.may_have_been_processed());
    }
}

#[test]
fn a_call_after_one_that_nearly_ran_out_has_its_whole_time() {
    let server = RawServer::answering(answer(USER));
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.build().unwrap();
    // The socket's own timeout was fitted to the first call's deadline.
    let hurried = client.with_options(CallOptions::new().deadline(DEADLINE));
    hurried.users().get("jane").unwrap();
    client.users().get("jane").unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn durations_without_end_are_as_good_as_none() {
    let server = RawServer::answering(answer(USER));
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder
        .timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .deadline(Duration::MAX)
        .idle_timeout(Duration::MAX)
        .build()
        .unwrap();
    client.users().get("jane").unwrap();
    client.users().get("jane").unwrap();
}

#[test]
fn unpacking_an_answer_that_has_come() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; 16 << 20]).unwrap();
    let bomb = encoder.finish().unwrap().repeat(4);
    let server = RawServer::answering(with_headers("200 OK", "content-encoding: gzip\r\n", bomb));
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let soon = Duration::from_millis(25);
    let client = builder.deadline(soon).build().unwrap();
    let error = within(soon, || client.users().get("jane").unwrap_err());
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Timeout, Some(200))
    );
}

#[test]
fn waiting_for_the_end_of_a_bulk_operation() {
    let server = RawServer::start(|connection| {
        connection.request();
        connection.send(answer(QUEUED));
        connection.request();
        connection.wait_for_close();
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.pacing(Pacing::off()).build().unwrap();
    let limit = Duration::from_millis(200);
    let wait = || client.bulk_operations().wait("b1", limit);
    let error = within(limit, || wait().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.operation(), Some("bulk_operations.get"));
}
