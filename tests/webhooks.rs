//! Webhooks as a server verifies them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use knock::ErrorKind;
use knock::model::schema::Kind;
use knock::types::Message;
use knock::webhook::Webhook;
use serde_json::json;

const SECRET: &str = "some-secret";
const BODY: &[u8] = br#"{"type":"message.sent","data":{"id":"2w3YUpTTOxuDvZFji8OMsKrG176"}}"#;
const SIGNATURE: &str = "t=1735689600000,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y=";

fn sent_at() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_735_689_600)
}

fn webhook() -> Webhook {
    Webhook::new([SECRET]).unwrap().now(sent_at())
}

fn code(webhook: &Webhook, signature: Option<&str>, body: &[u8]) -> String {
    let error = webhook.verify(signature, body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert!(!error.to_string().contains(SECRET));
    error.code().unwrap().to_owned()
}

#[test]
fn a_signature_of_the_service_holds() {
    webhook().verify(Some(SIGNATURE), BODY).unwrap();
    assert_eq!(webhook().sign(BODY, sent_at()), SIGNATURE);
}

#[test]
fn each_reason_for_which_a_signature_does_not_hold_has_its_code() {
    let webhook = webhook();
    assert_eq!(code(&webhook, None, BODY), "signature_missing");
    assert_eq!(code(&webhook, Some("  "), BODY), "signature_missing");
    assert_eq!(
        code(&webhook, Some("sha256=abc"), BODY),
        "signature_malformed"
    );
    let changed = [BODY, b" "].concat();
    assert_eq!(
        code(&webhook, Some(SIGNATURE), &changed),
        "signature_mismatch"
    );
    let other = Webhook::new(["another"]).unwrap().now(sent_at());
    assert_eq!(code(&other, Some(SIGNATURE), BODY), "signature_mismatch");
    let later = webhook.clone().now(sent_at() + Duration::from_secs(301));
    assert_eq!(code(&later, Some(SIGNATURE), BODY), "timestamp_too_old");
    let earlier = webhook.now(sent_at() - Duration::from_secs(301));
    assert_eq!(code(&earlier, Some(SIGNATURE), BODY), "timestamp_too_early");
}

#[test]
fn the_tolerance_goes_both_ways_and_can_be_turned_off() {
    for now in [
        sent_at() + Duration::from_secs(300),
        sent_at() - Duration::from_secs(300),
    ] {
        webhook().now(now).verify(Some(SIGNATURE), BODY).unwrap();
    }
    let strict = webhook().tolerance(Some(Duration::ZERO));
    strict.verify(Some(SIGNATURE), BODY).unwrap();
    let years_later = webhook()
        .now(sent_at() + Duration::from_secs(1 << 30))
        .tolerance(None);
    years_later.verify(Some(SIGNATURE), BODY).unwrap();
}

#[test]
fn a_timestamp_in_seconds_is_told_by_its_size() {
    let webhook = webhook();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = ring::hmac::sign(&key, b"1735689600.{}");
    let signature = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag);
    let header = format!("t=1735689600,s={signature}");
    webhook.verify(Some(&header), b"{}").unwrap();
}

#[test]
fn several_secrets_and_several_signatures_are_tried() {
    let rotating = Webhook::new(["new-secret", SECRET]).unwrap().now(sent_at());
    rotating.verify(Some(SIGNATURE), BODY).unwrap();
    let both = format!("{SIGNATURE},s=AAAA");
    webhook().verify(Some(&both), BODY).unwrap();
}

#[test]
fn a_verified_event_is_typed_and_keeps_what_it_does_not_know() {
    let body = json!({
        "__typename": "Event",
        "type": "message.link_clicked",
        "created_at": "2025-01-01T00:00:00Z",
        "data": {"id": "m1"},
        "event_data": {"url": "https://example.com"},
        "region": "us",
    });
    let text = body.to_string();
    let signature = webhook().sign(text.as_bytes(), sent_at());
    let event = webhook().event(Some(&signature), text.as_bytes()).unwrap();
    assert_eq!(event.kind, "message.link_clicked");
    assert_eq!(event.extra["region"], "us");
    assert_eq!(serde_json::to_value(&event).unwrap(), body);
    assert!(
        event.data_as::<Message>().is_err(),
        "the message lacks required keys"
    );
}

#[test]
fn a_signed_body_that_is_no_event_is_told_from_a_wrong_signature() {
    for body in [&b"not json"[..], b"[]", b"{}", &[0xff]] {
        let signature = webhook().sign(body, sent_at());
        webhook().verify(Some(&signature), body).unwrap();
        let error = webhook().event(Some(&signature), body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response, "{error}");
    }
}

#[test]
fn every_known_type_is_documented() {
    let document = include_str!("../docs/webhooks.md");
    let types = knock::schemas()
        .into_iter()
        .find(|schema| schema.name == "WebhookEventType");
    let Kind::Enum { values } = types.expect("the types of events").kind else {
        panic!("the types of events are no enum");
    };
    assert_eq!(values.len(), 26);
    for value in values {
        let (of, what) = value.wire.split_once('.').expect("an entity and a verb");
        let row = document
            .lines()
            .find(|line| line.contains(&format!("`{of}.`")) && line.contains(&format!("`{what}`")));
        assert!(row.is_some(), "{}", value.wire);
    }
}

#[test]
fn a_verifier_without_a_secret_is_refused() {
    let none: [&str; 0] = [];
    for error in [
        Webhook::new(none).unwrap_err(),
        Webhook::new([""]).unwrap_err(),
        Webhook::new(["a", ""]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    assert!(!format!("{:?}", webhook()).contains(SECRET));
}

#[test]
fn a_number_that_rust_would_change_is_refused() {
    for number in ["123456789012345678901234567890", "1e-400"] {
        let body = format!(r#"{{"type": "message.sent", "data": {{"balance": {number}}}}}"#);
        let signature = webhook().sign(body.as_bytes(), sent_at());
        webhook().verify(Some(&signature), body.as_bytes()).unwrap();
        let error = webhook().event(Some(&signature), body.as_bytes());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.message().contains("more digits"), "{error}");
    }
}
