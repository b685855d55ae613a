//! Properties of any text that a caller hands over: as a request, as settings, as the signature of a
//! webhook, as a signing key.

#![allow(dead_code)]

use std::sync::LazyLock;

use knock::user_token::SigningKey;
use knock::webhook::Webhook;
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

/// The signature header of a webhook on the first line, the body below it.
pub fn signature(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    let (header, body) = input.split_at(end.unwrap_or(input.len()));
    let Ok(header) = std::str::from_utf8(header) else {
        return;
    };
    let body = body.get(1..).unwrap_or_default();
    let webhook = Webhook::new([SECRET]).expect("a secret").tolerance(None);
    match webhook.verify(Some(header), body) {
        Ok(()) => {
            let changed = [body, b" "].concat();
            let error = webhook.verify(Some(header), &changed);
            let error = error.expect_err("a body that was not signed");
            assert_eq!(error.code(), Some("signature_mismatch"));
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidSignature, "for {header:?}");
            let expected = match header.trim() {
                "" => "signature_missing",
                _ if error.code() == Some("signature_mismatch") => "signature_mismatch",
                _ => "signature_malformed",
            };
            assert_eq!(error.code(), Some(expected), "for {header:?}");
            assert!(!format!("{error} {error:?} {webhook:?}").contains(SECRET));
        }
    }
    let punctual = Webhook::new([SECRET]).expect("a secret");
    if let Err(error) = punctual.verify(Some(header), body) {
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "for {header:?}");
    }
    let signed = webhook.sign(body, std::time::UNIX_EPOCH);
    assert!(webhook.verify(Some(&signed), body).is_ok());
}

/// A signing key: PEM, or base64 of PEM.
pub fn signing_key(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    // Some damage shows only in what a key signs.
    match SigningKey::new(text).and_then(|key| key.sign("jane")) {
        Ok(token) => assert_eq!(token.token().split('.').count(), 3),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Config, "for {text:?}");
            let shown = format!("{error} {error:?} {}", error.to_json());
            // What is longer than any words of ours is of the key.
            let lines = text.split(['\n', '\\']).filter(|line| line.len() > 48);
            for line in lines {
                assert!(!shown.contains(line), "{shown}");
            }
        }
    }
}
