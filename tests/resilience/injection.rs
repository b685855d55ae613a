//! Nothing that a caller passes on becomes a header, another path or another request.

use knock::params::UserListParams;
use knock::types::IdentifyUserRequest;
use knock::{CallOptions, Client, ErrorKind, Method};
use knock_sandbox::Sandbox;

use crate::support::{builder, start};

const NASTY: [&str; 12] = [
    "a/b",
    "a?b=c",
    "a#b",
    "a%2fb",
    "a\r\nx-evil: 1",
    "a b",
    "../admin",
    "a\0b",
    "a\\b",
    "a;b",
    "\u{202e}a",
    "a//b",
];

#[test]
fn an_id_stays_one_segment_of_the_path() {
    let (sandbox, client) = start();
    for id in NASTY {
        sandbox.clear_requests();
        let result = client.users().get(id);
        for request in sandbox.requests() {
            assert_eq!(
                request.path.split('/').count(),
                4,
                "{id:?}: {}",
                request.path
            );
            assert_eq!(request.query, "", "{id:?}");
            assert_eq!(request.header("x-evil"), None, "{id:?}");
        }
        assert!(result.is_err(), "{id:?}");
    }
    for id in ["", ".", ".."] {
        sandbox.clear_requests();
        let error = client.users().get(id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{id:?}");
        assert!(sandbox.requests().is_empty());
    }
}

#[test]
fn a_parameter_stays_one_parameter() {
    let (sandbox, client) = start();
    for value in NASTY {
        sandbox.clear_requests();
        let _ = client.users().list(UserListParams::new().after(value));
        let request = sandbox.requests().pop().unwrap();
        assert_eq!(request.path, "/v1/users");
        assert_eq!(
            request.query.matches(['&', '=']).count(),
            1,
            "{}",
            request.query
        );
        assert_eq!(request.header("x-evil"), None);
    }
}

#[test]
fn a_header_with_a_control_character_is_refused() {
    for value in ["a\r\nx-evil: 1", "a\nb", "a\0", "a\u{7f}", "é"] {
        let error = CallOptions::new().header("x-trace", value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(!error.to_string().contains("x-evil"));
        assert!(CallOptions::new().user_token(value).is_err());
        assert!(CallOptions::new().idempotency_key(value).is_err());
        let settings = [
            Client::builder().api_key(value),
            Client::builder().api_key("sk_1").branch(value),
            Client::builder().api_key("sk_1").user_token(value),
            Client::builder().api_key("sk_1").user_agent(value),
            Client::builder().api_key("sk_1").header("x-a", value),
        ];
        for builder in settings {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{value:?}");
        }
    }
    for name in ["x evil", "x:evil", "x\r\nevil", "", "é"] {
        assert!(CallOptions::new().header(name, "1").is_err(), "{name:?}");
    }
}

#[test]
fn the_headers_that_frame_a_message_cannot_be_set() {
    for name in ["Content-Length", "transfer-encoding", "HOST", "connection"] {
        assert!(CallOptions::new().header(name, "1").is_err(), "{name}");
    }
}

#[test]
fn a_path_of_an_unlisted_call_is_checked() {
    let (sandbox, client) = start();
    for path in [
        "v1/users",
        "/v1/a b",
        "/v1/a?b",
        "/v1/a#b",
        "/v1/a\r\nx: y",
        "/é",
    ] {
        let error = client.request(Method::Get, path, &[], None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{path:?}");
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    let build = |url: &str| Client::builder().api_key("sk_1").base_url(url);
    for url in [
        "http://api.knock.app",
        "http://192.0.2.1",
        "http://localhost.evil.test",
    ] {
        let error = build(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        assert!(build(url).allow_http(true).build().is_ok(), "{url}");
    }
    for url in ["http://localhost:1", "http://127.0.0.1", "http://[::1]:1"] {
        assert!(build(url).build().is_ok(), "{url}");
    }
}

#[test]
fn a_body_is_data_whatever_it_holds() {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).build().unwrap();
    let name = "a\r\n\r\nPUT /v1/users/evil HTTP/1.1\r\n\r\n{}";
    let body = IdentifyUserRequest::new().name(name);
    client.users().identify("jane", &body).unwrap();
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].json.as_ref().unwrap()["name"], name);
}
