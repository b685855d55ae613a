//! Costs of the library: writing requests, reading responses, pacing, whole calls on loopback, user
//! tokens and webhooks.

use std::hint::black_box;
use std::time::SystemTime;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use knock::types::{IdentifyUserRequest, User, UserInAppFeedResponse};
use knock::user_token::SigningKey;
use knock::webhook::Webhook;
use knock::{Client, Pacing, json};
use knock_benches::{client, feed, serve, user};

fn requests(c: &mut Criterion) {
    let jane = || {
        IdentifyUserRequest::new()
            .name("Jane Doe")
            .email("jane@ingen.net")
            .set("plan", "pro")
    };
    let size = serde_json::to_vec(&jane()).unwrap().len() as u64;
    let mut group = c.benchmark_group("requests");
    group.throughput(Throughput::Bytes(size));
    group.bench_function("build and write a user", |b| {
        b.iter(|| serde_json::to_vec(&jane()).unwrap());
    });
    group.finish();
}

fn answers(c: &mut Criterion) {
    let user = user("jane").to_string();
    let feed = feed().to_string();
    let mut group = c.benchmark_group("answers");
    group.throughput(Throughput::Bytes(user.len() as u64));
    group.bench_function("read a user", |b| {
        b.iter(|| serde_json::from_str::<User>(black_box(&user)).unwrap());
    });
    group.throughput(Throughput::Bytes(feed.len() as u64));
    group.bench_function("read 50 feed items", |b| {
        b.iter(|| serde_json::from_str::<UserInAppFeedResponse>(black_box(&feed)).unwrap());
    });
    group.finish();
}

/// The same call with and without a place in the rate limit, and with JSON on both sides.
fn calls(c: &mut Criterion) {
    let url = format!("http://{}", serve().unwrap());
    let paced = client(&url).unwrap();
    let unpaced = Client::builder()
        .api_key("sk_test_12345")
        .base_url(&url)
        .pacing(Pacing::off())
        .build()
        .unwrap();
    let mut group = c.benchmark_group("calls");
    group.bench_function("get a user", |b| {
        b.iter(|| paced.users().get("jane").unwrap());
    });
    group.bench_function("get a user, not paced", |b| {
        b.iter(|| unpaced.users().get("jane").unwrap());
    });
    group.bench_function("get a user as JSON", |b| {
        b.iter(|| {
            paced
                .call_json("users.get", r#"{"user_id":"jane"}"#)
                .unwrap()
        });
    });
    group.finish();
}

/// With an RSA key of 2,048 bits.
fn user_tokens(c: &mut Criterion) {
    let pem = include_str!("../../sandbox/tests/fixtures/user_token_private.pem");
    let key = SigningKey::new(pem).unwrap();
    let options = serde_json::json!({"user_id": "jane", "signing_key": pem}).to_string();
    let mut group = c.benchmark_group("user tokens");
    group.bench_function("sign", |b| b.iter(|| key.sign(black_box("jane")).unwrap()));
    group.bench_function("read the key and sign, with JSON", |b| {
        b.iter(|| json::sign_user_token(black_box(&options)).unwrap());
    });
    group.finish();
}

/// Bodies of 10,000 bytes.
fn webhooks(c: &mut Criterion) {
    let webhook = Webhook::new(["some-secret"]).unwrap().tolerance(None);
    let head = r#"{"type":"message.sent","data":{"id":"m1","text":""#;
    let tail = r#""}}"#;
    let text = "a".repeat(10_000 - head.len() - tail.len());
    let body = [head, &text, tail].concat();
    let signature = webhook.sign(body.as_bytes(), SystemTime::now());
    let signature = Some(signature.as_str());
    let options = r#"{"secret": "some-secret", "tolerance_ms": 0}"#;
    let mut group = c.benchmark_group("webhooks");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("verify", |b| {
        b.iter(|| {
            webhook
                .verify(black_box(signature), body.as_bytes())
                .unwrap()
        });
    });
    group.bench_function("verify and read the event", |b| {
        b.iter(|| {
            webhook
                .event(black_box(signature), body.as_bytes())
                .unwrap()
        });
    });
    group.bench_function("verify and read the event, with JSON", |b| {
        b.iter(|| json::webhook_event(black_box(options), signature, body.as_bytes()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, requests, answers, calls, user_tokens, webhooks);
criterion_main!(benches);
