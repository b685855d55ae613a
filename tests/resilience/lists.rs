//! Lists that a server makes hard to read to their end.

use std::collections::HashSet;

use knock::json::JsonPager;
use knock::params::UserListParams;
use knock::types::IdentifyUserRequest;
use knock::{Client, ErrorKind, Pacing};

use crate::raw_server::{RawServer, USER, answer};
use crate::support::KEY;

fn client(server: &RawServer) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    builder.pacing(Pacing::off()).build().unwrap()
}

fn page(user: &str, after: Option<usize>) -> Vec<u8> {
    let after = after.map_or("null".to_owned(), |after| format!("\"{after}\""));
    let info =
        format!(r#"{{"__typename":"PageInfo","after":{after},"before":null,"page_size":1}}"#);
    answer(format!(r#"{{"entries":[{user}],"page_info":{info}}}"#))
}

/// The page that a request asks for; 0 is the first.
fn asked_for(request: &str) -> usize {
    let after = request.split_once("after=").map(|(_, rest)| rest);
    let digits = after.and_then(|rest| rest.split([' ', '&']).next());
    digits.map_or(0, |digits| digits.parse().unwrap())
}

/// Pages whose cursors come back to an earlier one.
fn circling(start: usize, length: usize) -> RawServer {
    RawServer::start(move |connection| {
        while let Some(request) = connection.request() {
            let next = asked_for(&request) + 1;
            let next = if next == start + length { start } else { next };
            connection.send(page(USER, Some(next)));
        }
    })
}

#[test]
fn cursors_in_a_circle_end_the_list_with_an_error() {
    for (start, length) in [(1, 1), (1, 2), (1, 7), (5, 3), (3, 40)] {
        let server = circling(start, length);
        let client = client(&server);
        let pages = 4 * (start + length);

        let pager = client.users().list_pager(UserListParams::new()).unwrap();
        let mut users = pager.take(pages + 2).collect::<Vec<_>>();
        let error = users.pop().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response, "{error}");
        assert!(error.message().contains("circle"), "{error}");
        let first = users.iter().position(Result::is_err).unwrap();
        assert!((start + length..=pages).contains(&first), "{first}");

        for prefetch in [true, false] {
            let request = format!(r#"{{"request_options": {{"prefetch": {prefetch}}}}}"#);
            let mut pager = JsonPager::new(&client, "users.list", &request).unwrap();
            let read = (0..).map(|_| pager.next_page()).take_while(Result::is_ok);
            assert_eq!(
                read.map(|page| assert!(page.unwrap().is_some())).count(),
                first
            );
            let error = pager.next_page().unwrap_err();
            assert!(!error.is_retryable() && error.operation() == Some("users.list"));
        }
    }
}

#[test]
fn a_list_that_stands_still_from_where_it_is_resumed_is_a_circle() {
    let server = circling(7, 1);
    let resumed = UserListParams::new().after("7");
    let mut pager = client(&server).users().list_pager(resumed).unwrap();
    assert!(pager.next().unwrap().is_ok());
    assert!(pager.next().unwrap().is_err());
}

/// The text of a service that cuts an emoji in two.
const CUT: &str = r#"{"__typename":"User","id":"jane","name":"Jane \ud83d","bio\ude00":"\ud83d\ude00","updated_at":"2026-01-01T00:00:00Z"}"#;

#[test]
fn a_name_that_was_cut_in_two_does_not_end_the_list() {
    let server = RawServer::start(|connection| {
        while let Some(request) = connection.request() {
            let number = asked_for(&request);
            let user = if number == 1 { CUT } else { USER };
            connection.send(page(user, (number < 2).then_some(number + 1)));
        }
    });
    let client = client(&server);
    let pager = client.users().list_pager(UserListParams::new()).unwrap();
    let users = pager.collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(users.len(), 3);
    assert_eq!(users[1].name.as_deref(), Some("Jane \u{fffd}"));
    assert_eq!(users[1].properties["bio\u{fffd}"], "\u{1f600}");

    let mut pager = JsonPager::new(&client, "users.list", "{}").unwrap();
    let mut pages = HashSet::new();
    while let Some(page) = pager.next_page().unwrap() {
        serde_json::from_str::<serde_json::Value>(&page).unwrap();
        pages.insert(page);
    }
    assert_eq!(pages.len(), 3);
}

#[test]
fn an_error_that_quotes_half_an_emoji_keeps_its_code() {
    let body = r#"{"code":"invalid_params","message":"\ud83d is no name"}"#;
    let server = RawServer::answering(crate::raw_server::with_headers("422 Bad", "", body));
    let identify = IdentifyUserRequest::new();
    let error = client(&server).users().identify("jane", &identify);
    let error = error.unwrap_err();
    assert_eq!(error.code(), Some("invalid_params"));
    assert!(error.message().contains("\u{fffd} is no name"), "{error}");
}
