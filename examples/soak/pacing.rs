//! Many threads that push as fast as they can, against a server that enforces the limits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use knock::params::UserFeedListItemsParams;
use knock::types::{BulkDeleteUsersRequest, IdentifyUserRequest};
use knock::{Client, Result};
use knock_sandbox::Sandbox;

const THREADS: usize = 32;
const FEED: &str = "6f7a8c2e-4d3b-4e5f-9a1b-2c3d4e5f6a7b";
/// The least share of the permitted rate, measured once it has had time to settle.
const LEAST: f64 = 0.95;
const SETTLED: Duration = Duration::from_secs(5);

/// Limit of a tier, and a call of that tier.
struct Tier {
    number: u8,
    per_second: f64,
    call: fn(&Client) -> Result<()>,
}

const TIERS: [Tier; 4] = [
    Tier {
        number: 1,
        per_second: 1.0,
        call: |client| {
            let nobody = BulkDeleteUsersRequest::new(["nobody"]);
            client.users().bulk().delete(&nobody).map(drop)
        },
    },
    Tier {
        number: 2,
        per_second: 5.0,
        call: |client| {
            let feed = UserFeedListItemsParams::new();
            client
                .users()
                .feeds()
                .list_items("jane", FEED, feed)
                .map(drop)
        },
    },
    Tier {
        number: 3,
        per_second: 60.0,
        call: |client| {
            let body = IdentifyUserRequest::new();
            client.users().identify("jane", &body).map(drop)
        },
    },
    Tier {
        number: 4,
        per_second: 200.0,
        call: |client| client.users().list(Default::default()).map(drop),
    },
];

pub fn under_limits(time: Duration) -> Vec<String> {
    let sandbox = Sandbox::builder().rate_limits(true).journal_capacity(0);
    let sandbox = sandbox.start().expect("a sandbox");
    let client = Client::builder()
        .api_key("sk_test_soak")
        .base_url(sandbox.url())
        .deadline(time)
        .build()
        .expect("a client");
    let rates = thread::scope(|scope| {
        let pushing = TIERS.map(|tier| {
            let client = &client;
            scope.spawn(move || push(client, &tier, time))
        });
        pushing.map(|tier| tier.join().expect("callers that do not panic"))
    });
    let mut complaints = Vec::new();
    for (operation, times) in sandbox.stats().rate_limited {
        println!("pacing: {operation} was refused {times} times with 429");
        // Where a window has one place, nothing makes up for a machine that is late by more
        // than the margin.
        if operation != "bulkDeleteUsers" {
            complaints.push(format!("{operation} was refused {times} times with 429"));
        }
    }
    for (tier, made) in TIERS.iter().zip(rates) {
        let rate = made as f64 / time.as_secs_f64();
        let share = rate / tier.per_second;
        println!(
            "pacing: tier {}, {THREADS} threads: {rate:.1}/s, {:.1} % of {}/s",
            tier.number,
            share * 100.0,
            tier.per_second
        );
        if share < LEAST && time >= SETTLED && tier.number > 1 {
            complaints.push(format!("tier {} reached {rate:.1}/s only", tier.number));
        }
    }
    complaints
}

/// Calls from all threads until the time is over; returns how many succeeded within it.
fn push(client: &Client, tier: &Tier, time: Duration) -> u64 {
    let made = AtomicU64::new(0);
    let end = Instant::now() + time;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while Instant::now() < end {
                    let done = (tier.call)(client).is_ok();
                    if done && Instant::now() <= end {
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    made.into_inner()
}
