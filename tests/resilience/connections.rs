//! Connections: as few as there are threads, used again, replaced when the server closes them,
//! and never mixed up between calls.

use std::error::Error;
use std::io::ErrorKind as SystemError;
use std::net::TcpListener;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{Client, ErrorKind, Pacing};
use knock_sandbox::{Fault, Sandbox};

use crate::raw_server::{Connection, FullPort, RawServer, USER, VacantPort, answer};
use crate::support::{KEY, builder, start};

fn client(url: String) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(url);
    builder.pacing(Pacing::off()).build().unwrap()
}

/// A user whose id says which request it answers.
fn numbered(number: usize) -> Vec<u8> {
    answer(USER.replace("jane", &number.to_string()))
}

/// Makes a call that must succeed at the first attempt that counts.
fn get(client: &Client) -> String {
    let user = client.users().get("jane").unwrap();
    assert_eq!(user.meta().attempts(), 1);
    user.id.clone()
}

#[test]
fn one_connection_serves_call_after_call() {
    let (sandbox, client) = start();
    for _ in 0..20 {
        client.users().list(Default::default()).unwrap();
    }
    assert_eq!(sandbox.connections_opened(), 1);
}

#[test]
fn threads_open_no_more_connections_than_there_are_threads() {
    let (sandbox, client) = start();
    client
        .users()
        .identify("jane", &IdentifyUserRequest::new())
        .unwrap();
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                together.wait();
                (0..25).for_each(|_| drop(get(&client)));
            });
        }
    });
    assert!(
        sandbox.connections_opened() <= 8,
        "{}",
        sandbox.connections_opened()
    );
}

#[test]
fn calls_beyond_max_connections_wait_for_one() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).max_connections(2).build().unwrap();
    client
        .users()
        .identify("jane", &IdentifyUserRequest::new())
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| (0..10).for_each(|_| drop(get(&client))));
        }
    });
    assert!(
        sandbox.connections_opened() <= 2,
        "{}",
        sandbox.connections_opened()
    );
}

#[test]
fn an_answer_that_fails_leaves_its_connection_usable() {
    let (sandbox, client) = start();
    for status in [404, 422, 500] {
        sandbox.fault(Fault::status(status).header("x-should-retry", "false"));
        assert!(client.users().get("jane").is_err());
    }
    assert_eq!(sandbox.connections_opened(), 1);
}

/// Each connection serves one request and is closed without a word.
fn closes_after_each(connection: &mut Connection) {
    if connection.request().is_some() {
        connection.send(numbered(connection.number));
    }
}

#[test]
fn a_connection_that_the_server_closed_costs_no_attempt() {
    let server = RawServer::start(closes_after_each);
    let client = client(server.url());
    for number in 0..5 {
        assert_eq!(get(&client), number.to_string());
        server.wait_until_closed(number + 1);
    }
    assert_eq!(server.connections(), 5);
}

#[test]
fn a_connection_that_the_server_reset_costs_no_attempt() {
    let server = RawServer::start(|connection| {
        closes_after_each(connection);
        connection.reset();
    });
    let client = client(server.url());
    // The reset overtakes a response that has not been read, so that this is about later calls.
    let _ = client.users().get("jane");
    for _ in 0..5 {
        if let Err(error) = client.users().get("jane") {
            assert_eq!(error.kind(), ErrorKind::Response, "{error}");
        }
    }
}

#[test]
fn many_stale_connections_cost_no_attempt_either() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).max_retries(0).build().unwrap();
    client
        .users()
        .identify("jane", &IdentifyUserRequest::new())
        .unwrap();
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                together.wait();
                get(&client);
            });
        }
    });
    sandbox.close_connections();
    while sandbox.connections_open() > 0 {
        thread::yield_now();
    }
    assert_eq!(get(&client), "jane");
}

#[test]
fn a_server_that_restarts_on_its_port_costs_no_failed_call() {
    let first = RawServer::start(|connection| {
        while connection.request().is_some() {
            connection.send(numbered(1));
        }
    });
    let address = first.address();
    let client = client(first.url());
    assert_eq!(get(&client), "1");
    drop(first);
    let listener = TcpListener::bind(address).unwrap();
    let _second = RawServer::listen(listener, |connection| {
        while connection.request().is_some() {
            connection.send(numbered(2));
        }
    });
    assert_eq!(get(&client), "2");
}

#[test]
fn a_merge_asks_an_idle_connection_first_and_is_sent_once() {
    let server = RawServer::start(closes_after_each);
    let client = client(server.url());
    get(&client);
    server.wait_until_closed(1);
    let merged = client.users().merge("jane", &MergeUserRequest::new("ian"));
    assert_eq!(merged.unwrap().id, "1");
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_merge_whose_connection_breaks_is_not_sent_again() {
    let server = RawServer::start(|connection| {
        for number in 0.. {
            match connection.request() {
                Some(_) if number == 0 => connection.send(numbered(0)),
                _ => return,
            };
        }
    });
    let client = client(server.url());
    get(&client);
    let error = client
        .users()
        .merge("jane", &MergeUserRequest::new("ian"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.may_have_been_processed() && !error.is_retryable());
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_body_that_is_too_large_costs_its_connection_alone() {
    let server = RawServer::start(|connection| {
        while connection.request().is_some() {
            match connection.number {
                0 => connection.send(answer(" ".repeat(3 << 20))),
                number => connection.send(numbered(number)),
            };
        }
    });
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder.max_response_bytes(1 << 20).build().unwrap();
    let error = client.users().get("jane").unwrap_err();
    assert!(error.message().contains("1048576 bytes"), "{error}");
    assert_eq!(get(&client), "1");
}

#[test]
fn an_idle_connection_that_is_too_old_is_not_used() {
    let server = RawServer::answering(answer(USER));
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    let client = builder
        .idle_timeout(Duration::from_nanos(1))
        .build()
        .unwrap();
    get(&client);
    get(&client);
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_name_with_several_addresses_is_tried_through() {
    // localhost is ::1 and 127.0.0.1; the server has the second alone.
    let server = RawServer::answering(answer(USER));
    let url = server.url().replace("127.0.0.1", "localhost");
    get(&client(url));
}

#[test]
fn connecting_keeps_to_the_connect_timeout() {
    let port = FullPort::new();
    let builder = Client::builder().api_key(KEY).base_url(port.url());
    let client = builder
        .connect_timeout(Duration::from_millis(50))
        .max_retries(0)
        .build()
        .unwrap();
    let error = client
        .users()
        .merge("jane", &MergeUserRequest::new("ian"))
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0));
    assert!(
        error.message().contains("connect timeout, 50 ms"),
        "{error}"
    );
    assert!(error.is_retryable() && !error.may_have_been_processed());
}

/// For programs that tell the failures of a network apart.
#[test]
fn an_error_has_what_the_system_said_as_its_source() {
    let source = |url: String| {
        let builder = Client::builder().api_key(KEY).base_url(url).max_retries(0);
        let error = builder.build().unwrap().users().get("jane").unwrap_err();
        let source = error.source().expect("a source");
        source.downcast_ref::<std::io::Error>().unwrap().kind()
    };
    let nobody = VacantPort::new();
    assert_eq!(source(nobody.url()), SystemError::ConnectionRefused);
    let resets = RawServer::start(|connection| {
        connection.request();
        connection.reset();
    });
    assert_eq!(source(resets.url()), SystemError::ConnectionReset);
    let client = client(RawServer::answering(answer("{}")).url());
    assert!(client.users().get("").unwrap_err().source().is_none());
}
