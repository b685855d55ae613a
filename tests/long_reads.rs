//! Long reads: whole lists, with the next page fetched ahead, and resumed by cursor.

mod support;

use std::time::Duration;

use knock::params::UserListParams;
use knock::types::IdentifyUserRequest;
use knock::{CallOptions, Client, ErrorKind, Pager};
use knock_sandbox::{Fault, Sandbox};
use serde_json::json;
use support::{builder, start};

/// A sandbox with seven users, on three pages.
fn seven() -> (Sandbox, Client) {
    let (sandbox, client) = start();
    for n in 0..7 {
        client
            .users()
            .identify(&format!("u{n}"), &IdentifyUserRequest::new())
            .unwrap();
    }
    sandbox.clear_requests();
    (sandbox, client)
}

fn pager(client: &Client) -> Pager<knock::types::ListUsersResponse> {
    client
        .users()
        .list_pager(UserListParams::new().page_size(3))
        .unwrap()
}

fn ids(pager: Pager<knock::types::ListUsersResponse>) -> Vec<String> {
    pager.map(|user| user.unwrap().id).collect()
}

#[test]
fn fetching_ahead_reads_the_same() {
    let (sandbox, client) = seven();
    let all = ids(pager(&client));
    assert_eq!(all.len(), 7);
    assert_eq!(ids(pager(&client).prefetch()), all);
    assert_eq!(sandbox.requests().len(), 6);
}

#[test]
fn one_page_is_fetched_ahead_and_no_more() {
    let (sandbox, client) = seven();
    let mut pager = pager(&client).prefetch();
    for taken in 1..=3 {
        assert!(sandbox.requests().len() <= taken);
        pager.next_page().unwrap().unwrap();
    }
    assert!(pager.next_page().unwrap().is_none());
    assert!(
        pager.next_page().unwrap().is_none(),
        "and it stays at its end"
    );
}

#[test]
fn the_next_page_comes_while_the_last_one_is_read() {
    let (sandbox, client) = seven();
    let mut pager = pager(&client).prefetch();
    pager.next_page().unwrap().unwrap();
    while sandbox.requests().len() < 2 {
        std::thread::yield_now();
    }
}

#[test]
fn a_page_that_failed_is_asked_for_again() {
    let (sandbox, client) = seven();
    let client = client.with_options(CallOptions::new().max_retries(0));
    sandbox.fault(Fault::status(503).skip(1));
    let results: Vec<_> = pager(&client)
        .prefetch()
        .map(|user| user.map(|user| user.id))
        .collect();
    assert_eq!(results[3].as_ref().unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(results.iter().flatten().count(), 7);
}

#[test]
fn a_read_that_was_left_is_resumed_by_its_cursor() {
    let (_sandbox, client) = seven();
    let all = ids(pager(&client));
    let mut left = pager(&client).prefetch();
    let read: Vec<_> = left.by_ref().take(3).map(|user| user.unwrap().id).collect();
    let rest = UserListParams::new()
        .page_size(3)
        .after(left.cursor().unwrap());
    drop(left);
    let rest = ids(client.users().list_pager(rest).unwrap());
    assert_eq!([read, rest].concat(), all);
}

#[test]
fn a_read_knows_its_end_from_its_start() {
    let (_sandbox, client) = seven();
    for mut pager in [pager(&client), pager(&client).prefetch()] {
        assert!(pager.cursor().is_none() && !pager.is_done());
        assert_eq!(pager.by_ref().take(6).filter(Result::is_ok).count(), 6);
        assert!(pager.cursor().is_some() && !pager.is_done());
        pager.next().unwrap().unwrap();
        assert!(pager.cursor().is_none() && pager.is_done());
    }
}

#[test]
fn a_closed_client_ends_a_read_ahead() {
    let (sandbox, client) = seven();
    sandbox.fault(Fault::silent());
    let pager = pager(&client).prefetch();
    while sandbox.requests().is_empty() {
        std::thread::yield_now();
    }
    client.close();
    let error = pager.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[test]
fn dropping_a_pager_ends_the_call_that_it_made_ahead() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).max_connections(1).max_retries(0);
    let client = client.build().unwrap();
    sandbox.fault(Fault::silent());
    let pager = pager(&client).prefetch();
    while sandbox.requests().is_empty() {
        std::thread::yield_now();
    }
    drop(pager);
    // The one connection that it may have is free again.
    let soon = client.with_options(CallOptions::new().deadline(Duration::from_secs(20)));
    let error = soon.users().get("nobody").unwrap_err();
    assert_eq!(error.status(), Some(404), "{error}");
}

/// A page without its items' ids is of no use, however good its cursor.
#[test]
fn a_page_that_cannot_be_read_is_asked_for_again() {
    let (sandbox, client) = seven();
    let broken = json!({"entries": [{"name": "Jane"}], "page_info": {"after": "elsewhere"}});
    let users = |prefetch: bool| {
        let pager = pager(&client);
        if prefetch { pager.prefetch() } else { pager }
    };
    for prefetch in [false, true] {
        sandbox.fault(Fault::status(200).body(broken.clone()).skip(1));
        let results: Vec<_> = users(prefetch)
            .map(|user| user.map(|user| user.id))
            .collect();
        assert_eq!(results[3].as_ref().unwrap_err().kind(), ErrorKind::Response);
        assert_eq!(results.iter().flatten().count(), 7);
    }
}

#[test]
fn a_read_is_resumed_at_the_page_that_could_not_be_read() {
    let (sandbox, client) = seven();
    sandbox.fault(Fault::not_json().skip(1));
    let mut left = pager(&client);
    let read: Vec<_> = left
        .by_ref()
        .map_while(Result::ok)
        .map(|user| user.id)
        .collect();
    let rest = UserListParams::new()
        .page_size(3)
        .after(left.cursor().unwrap());
    let rest = ids(client.users().list_pager(rest).unwrap());
    assert_eq!(read.len() + rest.len(), 7);
}
