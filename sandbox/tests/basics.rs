//! Keys, error envelopes, the journal, compression, start and stop.

mod support;

use std::net::TcpStream;

use knock_sandbox::Sandbox;
use serde_json::json;
use support::Client;

#[test]
fn keys_are_checked() {
    let sandbox = Sandbox::start();
    let code = |client: &Client| {
        let answer = client.get("/v1/users");
        (
            answer.status,
            answer.json()["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let key = |value: &str| Client::bare(&sandbox).with("authorization", value);
    assert_eq!(
        code(&Client::bare(&sandbox)),
        (401, "authentication_required".into())
    );
    assert_eq!(
        code(&key("Basic sk_1")),
        (401, "authentication_required".into())
    );
    assert_eq!(
        code(&key("Bearer nonsense")),
        (401, "api_key_missing".into())
    );
    assert_eq!(key("Bearer sk_anything").get("/v1/users").status, 200);

    let picky = Sandbox::builder().api_key("sk_right").start().unwrap();
    assert_eq!(Client::new(&picky).get("/v1/users").status, 401);
    let right = Client::bare(&picky).with("authorization", "Bearer sk_right");
    assert_eq!(right.get("/v1/users").status, 200);
}

#[test]
fn refusals_carry_the_envelope_and_a_request_id() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let missing = client.get("/v1/users/nobody");
    let body = missing.expect(404);
    assert_eq!(body["code"], "resource_missing");
    assert_eq!(body["type"], "api_error");
    assert_eq!(body["status"], 404);
    assert!(body["message"].as_str().unwrap().contains("user"));
    let first = missing.header("x-request-id").unwrap().to_owned();
    let second = client.get("/v1/nowhere");
    assert_eq!(second.expect(404)["code"], "not_found");
    assert_ne!(second.header("x-request-id"), Some(first.as_str()));
    let form = client.with("content-type", "text/plain");
    let answer = form.try_call("PUT", "/v1/users/jane", Some("{}")).unwrap();
    assert_eq!(answer.status, 415);
}

#[test]
fn the_journal_holds_what_arrived() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox).with("x-trace", "1");
    client
        .put("/v1/users/j%20d", json!({"name": "J"}))
        .expect(200);
    client
        .get("/v1/users?page_size=2&include[]=preferences")
        .expect(200);
    let journal = sandbox.requests();
    assert_eq!(journal.len(), 2);
    let put = &journal[0];
    assert_eq!(
        (put.method.as_str(), put.path.as_str()),
        ("PUT", "/v1/users/j%20d")
    );
    assert_eq!(put.json, Some(json!({"name": "J"})));
    assert_eq!(put.body, r#"{"name":"J"}"#);
    assert_eq!(put.header("X-Trace"), Some("1"));
    assert_eq!(
        (put.status, put.sequence, put.connection),
        (Some(200), 1, 1)
    );
    assert_eq!(journal[1].query, "page_size=2&include[]=preferences");
    assert!(
        !format!("{put:?}").contains("sk_test"),
        "Debug shows no key"
    );

    let listed = client
        .get("/_sandbox/requests?method=PUT&path=/v1/users/*")
        .expect(200);
    assert_eq!(
        listed["entries"].as_array().unwrap().len(),
        1,
        "and not the sandbox's own endpoints"
    );
    assert_eq!(listed["entries"][0]["json"]["name"], "J");
    client.delete("/_sandbox/requests").expect(204);
    assert!(sandbox.requests().is_empty());
    client.get("/v1/users/jane").expect(404);
    assert_eq!(sandbox.requests()[0].sequence, 3, "counting goes on");
}

#[test]
fn the_journal_is_a_ring() {
    let sandbox = Sandbox::builder().journal_capacity(2).start().unwrap();
    let client = Client::new(&sandbox);
    for user in ["a", "b", "c"] {
        client.get(&format!("/v1/users/{user}"));
    }
    let kept: Vec<_> = sandbox
        .requests()
        .into_iter()
        .map(|r| (r.sequence, r.path))
        .collect();
    assert_eq!(kept, [(2, "/v1/users/b".into()), (3, "/v1/users/c".into())]);
    assert_eq!(sandbox.stats().requests, 3);
}

#[test]
fn large_answers_are_compressed_for_those_who_ask() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox).with("accept-encoding", "gzip");
    client
        .put("/v1/users/big", json!({"bio": "x".repeat(5000)}))
        .expect(200);
    client.put("/v1/users/small", json!({})).expect(200);
    let big = client.get("/v1/users/big");
    assert_eq!(big.expect(200)["bio"].as_str().unwrap().len(), 5000);
    assert_eq!(big.header("vary"), Some("accept-encoding"));
    assert_eq!(client.get("/v1/users/small").header("vary"), None);
    let plain = Client::new(&sandbox)
        .with("accept-encoding", "identity")
        .get("/v1/users/big");
    assert_eq!(plain.header("vary"), None);
}

#[test]
fn reset_starts_over() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    client.put("/v1/users/jane", json!({})).expect(200);
    client
        .post("/_sandbox/faults", json!({"status": 500}))
        .expect(200);
    client.post("/_sandbox/reset", json!({})).expect(204);
    assert!(sandbox.requests().is_empty() && sandbox.pending_faults().is_empty());
    assert_eq!(client.get("/v1/users/jane").status, 404);
}

#[test]
fn threads_can_share_it() {
    fn shared<T: Send + Sync>() {}
    shared::<Sandbox>();
}

#[test]
fn dropping_it_frees_the_address_and_ends_its_connections() {
    let sandbox = Sandbox::start();
    let addr = sandbox.addr();
    let mut open = TcpStream::connect(addr).unwrap();
    drop(sandbox);
    let read = std::io::Read::read(&mut open, &mut [0; 1]);
    assert!(matches!(read, Ok(0) | Err(_)));
    assert!(TcpStream::connect(addr).is_err());
    Sandbox::builder()
        .addr(addr)
        .start()
        .expect("the address is free again");
}
