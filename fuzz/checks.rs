//! Properties of any text that a caller hands over as a request or as settings.

#![allow(dead_code)]

use std::sync::LazyLock;

use knock::{Client, ErrorKind};
use serde_json::{Map, Value};

/// A key that no error may repeat.
pub const SECRET: &str = "sk_fuzz_6b1f";

/// Closed, so that a request is read whole and then not sent.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::new(SECRET).expect("settings that work");
    client.close();
    client
});

/// The name of an operation on the first line, the request below it.
pub fn request(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (name, request) = text.split_once('\n').unwrap_or((text, ""));
    let error = CLIENT
        .call_json(name, request)
        .expect_err("a closed client makes no call");
    let kind = error.kind();
    assert!(
        matches!(kind, ErrorKind::InvalidArgument | ErrorKind::Closed),
        "{kind} for {text:?}"
    );
    assert_eq!(error.attempts(), 0);
    assert!(!error.message().is_empty());
    assert_eq!(error.to_json()["error"]["kind"], kind.as_str());
}

/// Settings as JSON.
pub fn config(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match Client::from_json(text) {
        Ok(client) => assert!(!format!("{client:?}").contains(SECRET)),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Config, "for {text:?}");
            let shown = format!("{error} {error:?} {}", error.to_json());
            assert!(!holds_a_secret(text) || !shown.contains(SECRET), "{shown}");
        }
    }
}

/// Whether the key stands where secrets belong, and nowhere else.
fn holds_a_secret(config: &str) -> bool {
    const SECRETS: [&str; 4] = ["api_key", "user_token", "base_url", "proxy"];
    let settings: Map<String, Value> = serde_json::from_str(config).unwrap_or_default();
    let shows = |text: String| text.contains(SECRET);
    settings.iter().all(|(key, value)| {
        !shows(key.clone()) && (SECRETS.contains(&key.as_str()) || !shows(value.to_string()))
    })
}
