//! Rate limits, and what a public key may do.

mod support;

use std::time::Instant;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use knock_sandbox::{OPERATIONS, RateLimits, Sandbox, Tier};
use serde_json::{Value, json};
use support::Client;
use support::demo::FEED;

const PRIVATE: &[u8] = include_bytes!("fixtures/user_token_private.pem");
const PUBLIC: &[u8] = include_bytes!("fixtures/user_token_public.pem");

fn token(claims: Value) -> String {
    let key = EncodingKey::from_rsa_pem(PRIVATE).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

fn public(sandbox: &Sandbox, token: &str) -> Client {
    Client::bare(sandbox)
        .with("authorization", "Bearer pk_test")
        .with("x-knock-user-token", token)
}

#[test]
fn a_bucket_is_an_operation_of_the_environment() {
    let slow = RateLimits::published().tier(Tier::Four, 0.1);
    let sandbox = Sandbox::builder().rate_limits_of(slow).start().unwrap();
    let client = Client::new(&sandbox);
    client.get("/v1/users").expect(200);
    let refused = client.get("/v1/users");
    assert_eq!(refused.expect(429)["code"], "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(
        (5..=10).contains(&wait),
        "a token comes every ten seconds, not in {wait}"
    );
    client.get("/v1/users/jane").expect(404);
    client.get("/v1/users/ian").expect(429);
    let stats = client.get("/_sandbox/stats").expect(200);
    assert_eq!(stats["rate_limited"], json!({"listUsers": 1, "getUser": 1}));
    sandbox.reset();
    client.get("/v1/users").expect(200);
}

#[test]
fn feeds_have_a_bucket_for_each_user() {
    let slow = RateLimits::scaled(0.01);
    let sandbox = Sandbox::builder().rate_limits_of(slow).start().unwrap();
    let client = Client::new(&sandbox);
    for user in ["jane", "ian"] {
        client
            .get(&format!("/v1/users/{user}/feeds/{FEED}"))
            .expect(200);
        client
            .get(&format!("/v1/users/{user}/feeds/{FEED}"))
            .expect(429);
    }
}

#[test]
fn signed_users_have_buckets_of_their_own() {
    let sandbox = Sandbox::builder()
        .rate_limits_of(RateLimits::scaled(0.001))
        .start()
        .unwrap();
    for user in ["jane", "ian"] {
        let client = public(&sandbox, &token(json!({"sub": user})));
        client
            .get(&format!("/v1/users/{user}/preferences"))
            .expect(200);
        client
            .get(&format!("/v1/users/{user}/preferences"))
            .expect(429);
    }
}

#[test]
fn the_published_limits_hold() {
    let sandbox = Sandbox::builder().rate_limits(true).start().unwrap();
    let client = Client::new(&sandbox);
    let started = Instant::now();
    let statuses: Vec<u16> = (0..20)
        .map(|_| client.delete("/v1/users/x").status)
        .collect();
    let permitted = 5.0 + 5.0 * started.elapsed().as_secs_f64();
    let admitted = statuses.iter().filter(|status| **status == 404).count();
    assert!(
        admitted >= 5 && admitted as f64 <= permitted,
        "tier 2 is 5 a second: {statuses:?}"
    );
}

#[test]
fn public_keys_speak_for_the_user_of_their_token() {
    let (sandbox, _) = Client::demo();
    let jane = public(
        &sandbox,
        &token(json!({"sub": "jane", "exp": 4_000_000_000_u64})),
    );
    jane.get("/v1/users/jane").expect(200);
    jane.get(&format!("/v1/users/jane/feeds/{FEED}"))
        .expect(200);
    let refused = |answer: support::Answer| {
        let body = answer.json();
        (
            answer.status,
            body["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let wrong_type = (403, "incorrect_token_type".to_owned());
    assert_eq!(refused(jane.get("/v1/users/ian")), wrong_type);
    assert_eq!(refused(jane.get("/v1/users")), wrong_type);
    assert_eq!(refused(jane.delete("/v1/users/jane")), wrong_type);

    let invalid = (401, "invalid_user_token".to_owned());
    let expired = token(json!({"sub": "jane", "exp": 1_000_000_000}));
    for token in [
        expired,
        token(json!({"exp": 4_000_000_000_u64})),
        token(json!({"sub": ""})),
        "x".to_owned(),
    ] {
        assert_eq!(
            refused(public(&sandbox, &token).get("/v1/users/jane")),
            invalid
        );
    }
    let bare = Client::bare(&sandbox).with("authorization", "Bearer pk_test");
    assert_eq!(
        refused(bare.get("/v1/users/jane")),
        (401, "missing_user_token".to_owned())
    );
}

#[test]
fn signatures_are_checked_where_the_key_is_known() {
    let sandbox = Sandbox::builder()
        .signing_key(PUBLIC)
        .public_api_key("pk_test")
        .start()
        .unwrap();
    let good = token(json!({"sub": "jane"}));
    public(&sandbox, &good)
        .get("/v1/users/jane/preferences")
        .expect(200);
    let (head, _) = good.rsplit_once('.').unwrap();
    public(&sandbox, &format!("{head}.AAAA"))
        .get("/v1/users/jane/preferences")
        .expect(401);
    assert!(Sandbox::builder().signing_key(b"nonsense").start().is_err());

    let trusting = Sandbox::start();
    public(&trusting, &format!("{head}.AAAA"))
        .get("/v1/users/jane/preferences")
        .expect(200);
}

#[test]
fn the_operations_are_38_and_tell_who_may_call() {
    assert_eq!(OPERATIONS.len(), 38);
    let public = OPERATIONS.iter().filter(|operation| operation.public);
    assert!(
        public
            .clone()
            .all(|operation| operation.path.contains("{user_id}"))
    );
    assert_eq!(public.count(), 20);
}
