//! Access to the sandbox, and keys in what it tells.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use knock_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Client;

/// The status of a request with these headers; `{port}` is the sandbox's.
fn status(sandbox: &Sandbox, target: &str, headers: &[&str]) -> u16 {
    let mut request = format!("{target} HTTP/1.1\r\nconnection: close\r\ncontent-length: 0\r\n");
    for header in headers {
        request += &format!("{header}\r\n");
    }
    let request = request.replace("{port}", &sandbox.addr().port().to_string()) + "\r\n";
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (status, _) = response["HTTP/1.1 ".len()..].split_once(' ').unwrap();
    status.parse().unwrap()
}

const RESET: &str = "POST /_sandbox/reset";

#[test]
fn web_pages_cannot_steer_the_sandbox() {
    let sandbox = Sandbox::start();
    sandbox.seed(json!({"users": [{"id": "jane"}]}));
    for foreign in [
        "origin: https://evil.example",
        "origin: null",
        "origin: http://localhost:1",
        "origin: https://localhost:{port}",
        "sec-fetch-site: cross-site",
        "sec-fetch-site: same-site",
    ] {
        let headers = ["host: localhost:{port}", foreign];
        assert_eq!(status(&sandbox, RESET, &headers), 403, "{foreign}");
    }
    assert_eq!(sandbox.users().len(), 1, "nothing was reset");
    for own in [
        &[
            "origin: http://localhost:{port}",
            "sec-fetch-site: same-origin",
        ][..],
        &["sec-fetch-site: none"],
        &[],
    ] {
        let headers = [&["host: localhost:{port}"], own].concat();
        assert_eq!(status(&sandbox, RESET, &headers), 204, "{own:?}");
    }
}

#[test]
fn only_names_of_this_machine_are_served() {
    let sandbox = Sandbox::start();
    let user = "GET /v1/users";
    for rebound in [
        &["host: evil.example:{port}"][..],
        &["host: localhost.evil.example"],
        &["host: localhost@evil.example"],
        &["host: 192.0.2.1:{port}"],
        &["host: a b"],
        &["host: localhost", "host: evil.example"],
        &[],
    ] {
        for target in [RESET, "GET /_sandbox/requests", user, "GET /"] {
            let headers = [&["authorization: Bearer sk_test"], rebound].concat();
            assert_eq!(
                status(&sandbox, target, &headers),
                421,
                "{target} {rebound:?}"
            );
        }
    }
    let absolute = "POST http://evil.example/_sandbox/reset";
    assert_eq!(status(&sandbox, absolute, &["host: localhost"]), 421);
    assert!(sandbox.requests().is_empty());
    for own in [
        "host: localhost",
        "host: LOCALHOST.:{port}",
        "host: knock.localhost:{port}",
        "host: 127.0.0.1:{port}",
        "host: 127.9.9.9",
        "host: [::1]:{port}",
        "host: [::ffff:127.0.0.1]",
    ] {
        assert_eq!(status(&sandbox, RESET, &[own]), 204, "{own}");
        let headers = [own, "authorization: Bearer sk_test"];
        assert_eq!(status(&sandbox, user, &headers), 200, "{own}");
    }
}

#[test]
fn further_names_are_allowed_by_name() {
    let start = |name| Sandbox::builder().allow_host(name).start();
    let sandbox = start("Knock-Sandbox").unwrap();
    assert_eq!(status(&sandbox, RESET, &["host: knock-sandbox:4010"]), 204);
    let page = ["host: knock-sandbox", "origin: http://evil.example"];
    assert_eq!(status(&sandbox, RESET, &page), 403);
    for wrong in ["", "http://knock", "knock:4010", "a@knock", "a b"] {
        let error = start(wrong).unwrap_err().to_string();
        assert!(error.contains("is not a host name"), "{wrong}: {error}");
    }
}

const KEY: &str = "sk_test_0123456789abcdefWXYZ";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLWFiY2Q";

#[test]
fn the_journal_hides_keys_and_tokens_wherever_they_stand() {
    let sandbox = Sandbox::start();
    let client = Client::bare(&sandbox)
        .with("authorization", &format!("Bearer {KEY}"))
        .with("x-knock-user-token", TOKEN)
        .with("x-copy", &format!("key={KEY}"));
    let disguised = KEY.replace('s', "%73");
    let target = format!("/v1/users/{disguised}?a={KEY}&b={disguised}&c=1");
    let escaped = format!(
        r#"{{"\u0073{}": ["{TOKEN}", "pk_anotherKeyOfSomeone"]}}"#,
        &KEY[1..]
    );
    client.try_call("PUT", &target, Some(&escaped)).unwrap();

    let over_http = Client::bare(&sandbox).get("/_sandbox/requests").text;
    let in_process = format!("{:?}", sandbox.requests());
    for shown in [over_http.as_str(), &in_process] {
        for secret in [KEY, &KEY[1..], TOKEN, "anotherKey", "c2lnbmF0"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    let entry: Value = serde_json::from_str(&over_http).unwrap();
    let entry = &entry["entries"][0];
    let headers = entry["headers"].as_array().unwrap();
    for header in [
        json!(["authorization", "Bearer sk_test_…WXYZ"]),
        json!(["x-knock-user-token", "eyJ…iY2Q"]),
        json!(["x-copy", "key=sk_test_…WXYZ"]),
    ] {
        assert!(headers.contains(&header), "{header} in {headers:?}");
    }
    assert_eq!(
        entry["json"],
        json!({"sk_test_…WXYZ": ["eyJ…iY2Q", "pk_…eone"]})
    );
    assert_eq!(
        serde_json::from_str::<Value>(entry["body"].as_str().unwrap()).unwrap(),
        entry["json"]
    );
    let query = entry["query"].as_str().unwrap();
    assert!(query.ends_with("&c=1"), "{query}");
}

#[test]
fn what_holds_no_secret_is_kept_as_it_came() {
    let sandbox = Sandbox::start();
    let body = r#"{ "name" : "Jane \u00e9", "note": "ask_for_something_more" }"#;
    let client = Client::new(&sandbox);
    client
        .try_call("PUT", "/v1/users/a%20b?x[]=%41", Some(body))
        .unwrap();
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(request.path, "/v1/users/a%20b");
    assert_eq!(request.query, "x[]=%41");
    assert_eq!(request.body, body);
}
