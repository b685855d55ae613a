//! Responses that are JSON of another kind than what was asked for, and what their heads hold.

use knock::json::JsonPager;
use knock::{Client, Error, ErrorKind};
use serde_json::Value;

use crate::raw_server::{RawServer, USER, answer, with_headers};
use crate::support::KEY;

fn client(server: &RawServer) -> Client {
    let client = Client::builder().api_key(KEY).base_url(server.url());
    client.max_retries(0).build().unwrap()
}

#[test]
fn another_kind_of_json_is_an_error_for_every_caller() {
    for (body, kind) in [
        ("[]", "a list"),
        (" [{\"id\": \"jane\"}]", "a list"),
        ("\"ok\"", "text"),
        ("null", "null"),
        ("5", "a number"),
        ("true", "a boolean"),
    ] {
        let server = RawServer::answering(answer(body));
        let client = client(&server);
        let refused = |error: Error| {
            assert_eq!(error.kind(), ErrorKind::Response, "{body}");
            assert_eq!(error.status(), Some(200), "{body}");
            error.message().to_owned()
        };
        refused(client.users().get("jane").unwrap_err());
        for (name, request) in [
            ("users.get", r#"{"user_id": "jane"}"#),
            ("users.list", "{}"),
            (
                "users.update",
                r#"{"user_id": "jane", "body": {}, "request_options": {"metadata": true}}"#,
            ),
        ] {
            let message = refused(client.call_json(name, request).unwrap_err());
            assert!(
                message.ends_with(&format!("{kind} instead of an object")),
                "{message}"
            );
        }
        let mut pager = JsonPager::new(&client, "users.list", "{}").unwrap();
        let message = refused(pager.next_page().unwrap_err());
        assert!(
            message.ends_with(&format!("{kind} instead of an object")),
            "{message}"
        );
    }
}

/// An operation that returns nothing, or anything, takes the body as it is.
#[test]
fn any_kind_of_json_where_none_is_expected() {
    for body in ["[]", "\"ok\"", "null", "5", "{}"] {
        let server = RawServer::answering(answer(body));
        let deleted = client(&server).call_json("users.delete", r#"{"user_id": "jane"}"#);
        assert_eq!(deleted.unwrap(), body);
    }
}

#[test]
fn metadata_keeps_every_header() {
    let headers = "x-many: a\r\nx-many: b\r\nX-Many: c, d\r\nx-name: J\u{fc}rgen\r\n";
    let mut bytes = with_headers("200 OK", headers, USER);
    let latin = b"x-latin: J\xfcrgen\r\n";
    let at = bytes.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
    bytes.splice(at..at, latin.iter().copied());
    let server = RawServer::answering(bytes);
    let request = r#"{"user_id": "jane", "request_options": {"metadata": true}}"#;
    let text = client(&server).call_json("users.get", request).unwrap();
    let headers = &serde_json::from_str::<Value>(&text).unwrap()["meta"]["headers"];
    assert_eq!(headers["x-many"], "a, b, c, d");
    assert_eq!(headers["x-name"], "J\u{fc}rgen");
    assert_eq!(headers["x-latin"], "J\u{fc}rgen");

    let user = client(&server).users().get("jane").unwrap();
    let many = user.meta().headers().filter(|(name, _)| *name == "x-many");
    assert_eq!(
        many.map(|(_, value)| value).collect::<Vec<_>>(),
        ["a", "b", "c, d"]
    );
    assert_eq!(user.meta().header("x-name"), Some("J\u{fc}rgen"));
}

#[test]
fn an_empty_branch_sends_nothing() {
    let server = RawServer::start(|connection| {
        while let Some(request) = connection.request() {
            let there = request.to_ascii_lowercase().contains("x-knock-branch");
            connection.send(answer(format!("{{\"id\": \"jane\", \"branch\": {there}}}")));
        }
    });
    for (branch, there) in [("", false), ("mine", true)] {
        let config =
            serde_json::json!({"api_key": KEY, "base_url": server.url(), "branch": branch});
        let client = Client::from_json(&config.to_string()).unwrap();
        assert_eq!(
            client.users().get("jane").unwrap().properties["branch"],
            there
        );
    }
}

/// Rust's types would change such a number; JSON text keeps it.
#[test]
fn a_number_that_rust_would_change_is_refused_by_types_and_kept_in_text() {
    for number in [
        "123456789012345678901234567890",
        "3.14159265358979323846",
        "1e-400",
    ] {
        let body = format!(r#"{{"id": "jane", "balance": {number}}}"#);
        let server = RawServer::answering(answer(&body));
        let client = client(&server);
        let error = client.users().get("jane").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.message().contains("at byte 26"), "{error}");
        assert!(error.message().contains("call_json"), "{error}");
        let text = client.call_json("users.get", r#"{"user_id": "jane"}"#);
        assert_eq!(text.unwrap(), body);
    }
}
