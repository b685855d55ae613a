//! The client itself: settings, options of a call, what is known of a response, endpoints that
//! are not listed, logging, closing.

mod support;

use std::sync::{Arc, Mutex};

use knock::params::UserFeedListItemsParams;
use knock::types::{IdentifyUserRequest, Page};
use knock::{CallOptions, Client, ErrorKind, Level, Method};
use knock_sandbox::{Fault, Sandbox};
use serde_json::json;
use support::{KEY, builder, start};

#[test]
fn settings_travel_as_headers() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .branch("my-branch")
        .user_token("token-of-jane")
        .user_agent("importer/2.1")
        .header("x-team", "park")
        .build()
        .unwrap();
    let _ = client.users().get("jane");
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(request.header("authorization"), Some("Bearer sk_test_…"));
    assert_eq!(request.header("x-knock-branch"), Some("my-branch"));
    assert_eq!(request.header("x-knock-user-token"), Some("…jane"));
    assert_eq!(request.header("x-team"), Some("park"));
    let product = concat!("knock-client/", env!("CARGO_PKG_VERSION"), " importer/2.1");
    assert_eq!(request.header("user-agent"), Some(product));
}

#[test]
fn options_concern_the_calls_made_with_them_alone() {
    let (sandbox, client) = start();
    let options = CallOptions::new()
        .header("x-trace", "1")
        .unwrap()
        .query("debug", "a b")
        .user_token("for-this-call")
        .unwrap();
    let traced = client.with_options(options);
    let _ = traced.users().get("jane");
    let _ = client.users().get("jane");
    let requests = sandbox.requests();
    assert_eq!(requests[0].header("x-trace"), Some("1"));
    assert_eq!(requests[0].header("x-knock-user-token"), Some("…call"));
    assert_eq!(requests[0].query, "debug=a%20b");
    assert_eq!(requests[1].header("x-trace"), None);
    assert_eq!(requests[1].query, "");
}

#[test]
fn options_are_added_to_options() {
    let (sandbox, client) = start();
    let first = CallOptions::new()
        .header("a", "1")
        .unwrap()
        .header("b", "1")
        .unwrap();
    let second = CallOptions::new().header("b", "2").unwrap().max_retries(0);
    let _ = client
        .with_options(first)
        .with_options(second)
        .users()
        .get("jane");
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(
        (request.header("a"), request.header("b")),
        (Some("1"), Some("2"))
    );
}

#[test]
fn a_large_answer_comes_compressed_and_whole() {
    let sandbox = Sandbox::builder().seed("demo").start().unwrap();
    let client = builder(&sandbox).build().unwrap();
    let feed = "f1000000-0000-4000-8000-000000000001";
    let page = client
        .users()
        .feeds()
        .list_items("jane", feed, UserFeedListItemsParams::new())
        .unwrap();
    assert_eq!(page.items().len(), 50);
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(request.header("accept-encoding"), Some("gzip"));
}

#[test]
fn an_endpoint_that_is_not_listed_can_be_called() {
    let (sandbox, client) = start();
    let body = json!({"name": "Jane", "nested": {"a": [1, null]}});
    let user = client
        .request(Method::Put, "/v1/users/jane", &[("x", "1")], Some(&body))
        .unwrap();
    assert_eq!(user["name"], "Jane");
    assert_eq!(user.meta().status(), 200);
    let request = sandbox.requests().pop().unwrap();
    assert_eq!((request.json, request.query.as_str()), (Some(body), "x=1"));

    let gone = client
        .request(Method::Delete, "/v1/users/jane", &[], None)
        .unwrap();
    assert!(gone.is_null());
    for path in ["v1/users", "/v1/users?x=1", "/v1/a b", "/v1/a\r\nx: y"] {
        let error = client.request(Method::Get, path, &[], None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{path:?}");
    }
}

#[test]
fn a_call_by_name_takes_and_gives_json() {
    let (_sandbox, client) = start();
    let request = r#"{"user_id": "jane", "body": {"email": "jane@ingen.net", "plan": null}}"#;
    client.call_json("identifyUser", request).unwrap();
    let user = client
        .call_json("users.get", r#"{"user_id": "jane"}"#)
        .unwrap();
    assert!(user.contains(r#""plan":null"#), "{user}");
    let wrapped = r#"{"user_id": "jane", "request_options": {"metadata": true}}"#;
    let wrapped: serde_json::Value =
        serde_json::from_str(&client.call_json("users.get", wrapped).unwrap()).unwrap();
    assert_eq!(wrapped["data"]["id"], "jane");
    assert_eq!(wrapped["meta"]["status"], 200);
    assert_eq!(wrapped["meta"]["attempts"], 1);
    assert_eq!(
        client
            .call_json("users.delete", r#"{"user_id": "jane"}"#)
            .unwrap(),
        "null"
    );
}

#[test]
fn a_validation_error_names_the_field() {
    let (_sandbox, client) = start();
    let request = IdentifyUserRequest::new().set("email", 7);
    let error = client.users().identify("jane", &request).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (Some(422), Some("invalid_params"))
    );
    assert_eq!(error.errors()[0].field, "email");
    assert!(error.request_id().is_some());
    assert_eq!(error.to_json()["error"]["status"], 422);
}

#[test]
fn no_text_shows_a_secret_even_when_the_server_echoes_it() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox)
        .user_token("token-of-jane")
        .build()
        .unwrap();
    let echo = json!({"message": format!("no access for {KEY} and token-of-jane")});
    sandbox.fault(Fault::status(401).body(echo));
    let error = client.users().get("jane").unwrap_err();
    let seen = format!(
        "{error} {error:?} {} {client:?} {:?}",
        error.to_json(),
        error.body()
    );
    assert!(
        !seen.contains(KEY) && !seen.contains("token-of-jane"),
        "{seen}"
    );
    let settings = format!(
        "{:?}",
        Client::builder().api_key(KEY).user_token("token-of-jane")
    );
    assert!(
        !settings.contains(KEY) && !settings.contains("token-of-jane"),
        "{settings}"
    );
}

#[test]
fn each_attempt_is_logged_when_somebody_listens() {
    let (sandbox, client) = start();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    knock::set_logger(
        Level::Debug,
        Some(Box::new(move |level, line| {
            sink.lock().unwrap().push(format!("{level} {line}"))
        })),
    );
    sandbox.fault(Fault::status(503).header("retry-after-ms", "1"));
    client.users().get("jane-of-the-log").unwrap_err();
    client.users().list_preferences("jane-of-the-log").unwrap();
    knock::set_logger(Level::Debug, None);
    client.users().get("jane-of-the-log").unwrap_err();

    let mut lines = lines.lock().unwrap();
    // Other tests call at the same time.
    let own = [
        "users.get attempt=1 503",
        "users.get attempt=2 404",
        "users.list_preferences ",
    ];
    lines.retain(|line| own.iter().any(|own| line.contains(own)));
    let starts = [
        "warn users.get attempt=1 503 request_id=",
        "error users.get attempt=2 404 request_id=",
        "debug users.list_preferences attempt=1 200 request_id=",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(!lines.concat().contains(KEY));
}

#[test]
fn a_closed_client_makes_no_more_calls() {
    let (sandbox, client) = start();
    let clone = client.clone();
    client.close();
    let error = clone.users().get("jane").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn one_connection_serves_calls_that_follow_one_another() {
    let (sandbox, client) = start();
    for _ in 0..20 {
        let _ = client.users().get("nobody");
    }
    assert_eq!(sandbox.connections_opened(), 1);
}

#[test]
fn a_post_without_a_body_says_that_there_is_none() {
    let (sandbox, client) = start();
    let center = client.users().preference_center();
    center.generate_signed_url("jane").unwrap();
    let requests = sandbox.requests();
    let framing: Vec<_> = requests[0]
        .headers
        .iter()
        .filter(|(name, _)| ["content-length", "transfer-encoding"].contains(&name.as_str()))
        .collect();
    assert_eq!(framing, [&("content-length".to_owned(), "0".to_owned())]);
}
