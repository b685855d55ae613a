//! Costs of the library: writing requests, reading responses, pacing, and whole calls on loopback.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use knock::types::{IdentifyUserRequest, User, UserInAppFeedResponse};
use knock::{Client, Pacing};
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

criterion_group!(benches, requests, answers, calls);
criterion_main!(benches);
