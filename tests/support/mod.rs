//! Support of the tests: a sandbox of their own and a client for it.

#![allow(dead_code)]

use knock::{Client, ClientBuilder, Pacing};
use knock_sandbox::Sandbox;

pub const KEY: &str = "sk_test_secret";

/// Settings for a sandbox, without waiting for rate limits.
pub fn builder(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder()
        .api_key(KEY)
        .base_url(sandbox.url())
        .pacing(Pacing::off())
}

/// A sandbox of its own and a client for it.
pub fn start() -> (Sandbox, Client) {
    let sandbox = Sandbox::start();
    let client = builder(&sandbox).build().expect("a client");
    (sandbox, client)
}
