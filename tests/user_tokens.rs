//! User tokens as a backend signs them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use knock::ErrorKind;
use knock::user_token::{Grants, SigningKey, TokenOptions, UserToken};
use ring::digest;
use rustls::pki_types::PrivatePkcs1KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// An RSA key of 2,048 bits, made for tests.
const KEY: &str = include_str!("../sandbox/tests/fixtures/user_token_private.pem");
const PUBLIC_KEY: &str = include_str!("../sandbox/tests/fixtures/user_token_public.pem");

fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_735_689_600)
}

fn key() -> SigningKey {
    SigningKey::new(KEY).unwrap()
}

fn sign(options: TokenOptions) -> UserToken {
    key()
        .sign_with("jhammond", &options.issued_at(clock()))
        .unwrap()
}

/// The payload of a token, as text.
fn payload(token: &UserToken) -> String {
    let part = token.token().split('.').nth(1).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn refusal(key: &str) -> String {
    let error = SigningKey::new(key).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    error.to_string()
}

#[test]
fn a_token_is_the_one_that_knocks_node_package_signs() {
    let token = sign(TokenOptions::new());
    let (input, _) = token.token().rsplit_once('.').unwrap();
    assert_eq!(
        input,
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.\
         eyJzdWIiOiJqaGFtbW9uZCIsImlhdCI6MTczNTY4OTYwMCwiZXhwIjoxNzM1NjkzMjAwfQ"
    );
    assert_eq!(token.token().len(), 450);
    let digest = digest::digest(&digest::SHA256, token.token().as_bytes());
    let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(
        hex,
        "a39edba81673727503fb01370d329af9c17c4f50f05eb09a18131b183aafeebb"
    );
    assert_eq!(token.expires_at(), 1_735_693_200);
}

#[test]
fn claims_stand_in_their_order() {
    let grants = Grants::new()
        .tenant(
            "jurassic-park",
            [Grants::SLACK_CHANNELS_READ, Grants::MS_TEAMS_CHANNELS_READ],
        )
        .object("projects", "p1", [Grants::CHANNEL_DATA_READ]);
    let options = TokenOptions::new()
        .id("token-1")
        .expires_in(Duration::from_secs(60))
        .explicit_grants(true)
        .grants(grants);
    assert_eq!(
        payload(&sign(options)),
        r#"{"sub":"jhammond","grants":{"https://api.knock.app/v1/objects/$tenants/jurassic-park":{"slack/channels_read":[],"ms_teams/channels_read":[]},"https://api.knock.app/v1/objects/projects/p1":{"channel_data/read":[]}},"explicit_grants":true,"iat":1735689600,"exp":1735689660,"jti":"token-1"}"#
    );
}

#[test]
fn grants_for_one_entity_are_merged() {
    let grants = Grants::new()
        .user("jane", [Grants::USER_FEED_READ])
        .entity("https://api.knock.app/v1/tenants/acme", ["a/b"])
        .user("jane", [Grants::PREFERENCES_READ, Grants::USER_FEED_READ]);
    assert_eq!(
        serde_json::to_value(&grants).unwrap(),
        json!({
            "https://api.knock.app/v1/users/jane": {"user/feed_read": [], "preferences/read": []},
            "https://api.knock.app/v1/tenants/acme": {"a/b": []},
        })
    );
}

#[test]
fn a_random_id_is_a_uuid_and_never_the_same() {
    let id = || {
        let claims: Value =
            serde_json::from_str(&payload(&sign(TokenOptions::new().random_id()))).unwrap();
        claims["jti"].as_str().unwrap().to_owned()
    };
    let (first, second) = (id(), id());
    assert_ne!(first, second);
    assert_eq!(first.len(), 36);
    assert_eq!(&first[14..15], "4");
}

#[test]
fn every_form_of_a_key_signs_the_same() {
    let pkcs1 = PrivatePkcs1KeyDer::from_pem_slice(KEY.as_bytes());
    assert!(pkcs1.is_ok(), "the fixture is PKCS#1");
    let expected = sign(TokenOptions::new());
    let base64 = STANDARD.encode(KEY);
    let wrapped = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap());
    for form in [
        base64.clone(),
        wrapped.collect::<Vec<_>>().join("\n"),
        format!("\n  {KEY}\n"),
        KEY.replace('\n', "\\n"),
        pkcs8(pkcs1.unwrap().secret_pkcs1_der()),
    ] {
        let key = SigningKey::new(&form).unwrap();
        let options = TokenOptions::new().issued_at(clock());
        assert_eq!(key.sign_with("jhammond", &options).unwrap(), expected);
    }
}

/// A PKCS#1 key as PEM of PKCS#8.
fn pkcs8(pkcs1: &[u8]) -> String {
    let sequence = |tag: u8, parts: &[&[u8]]| {
        let body = parts.concat();
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], &body[..]].concat()
    };
    let algorithm = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let key = sequence(0x04, &[pkcs1]);
    let der = sequence(0x30, &[&[0x02, 0x01, 0x00], &algorithm, &key]);
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}

#[test]
fn what_is_no_private_key_is_refused_without_being_shown() {
    let cut = &KEY[..KEY.len() / 2];
    let garbled = KEY.replace("MII", "AAA");
    for (text, expected) in [
        ("", "is neither PEM"),
        ("sk_test_12345", "is neither PEM"),
        (PUBLIC_KEY, "is a public key"),
        (cut, "is not complete PEM"),
        (&garbled, "is not a valid RSA private key"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
            "is encrypted",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "is a certificate",
        ),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "OpenSSH",
        ),
    ] {
        let message = refusal(text);
        assert!(message.contains(expected), "{message}");
        for secret in [KEY, &garbled] {
            let line = secret.lines().nth(1).unwrap();
            assert!(!message.contains(line), "{message}");
        }
    }
}

#[test]
fn a_damaged_key_signs_nothing_wrong() {
    let expected = sign(TokenOptions::new());
    let mut damaged_only_inside = 0;
    for at in (32..1640).step_by(25) {
        let mut text = KEY.as_bytes().to_vec();
        match text[at] {
            b'\n' => continue,
            b'A' => text[at] = b'B',
            _ => text[at] = b'A',
        }
        let text = String::from_utf8(text).unwrap();
        let signed = SigningKey::new(&text).and_then(|key| {
            damaged_only_inside += 1;
            key.sign_with("jhammond", &TokenOptions::new().issued_at(clock()))
        });
        match signed {
            Ok(token) => assert_eq!(token, expected, "damaged at {at}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Config, "{error}"),
        }
    }
    assert!(damaged_only_inside > 0);
}

#[test]
fn a_short_key_is_refused() {
    let message = refusal(include_str!("fixtures/rsa_1024.pem"));
    assert!(message.contains("2,048 bits"), "{message}");
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let ec = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let message = refusal(&ec);
    assert!(message.contains("is not an RSA key"), "{message}");
}

#[test]
fn arguments_that_no_token_can_say_are_refused() {
    let invalid = |user_id: &str, options: TokenOptions| {
        let error = key().sign_with(user_id, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        error.to_string()
    };
    assert!(invalid("", TokenOptions::new()).contains("user_id"));
    let at_once = TokenOptions::new().expires_in(Duration::ZERO);
    assert!(invalid("jane", at_once).contains("1 second or more"));
    let never = TokenOptions::new().expires_in(Duration::MAX);
    assert!(invalid("jane", never).contains("longer"));
    let long_ago = TokenOptions::new().issued_at(UNIX_EPOCH - Duration::from_secs(1));
    assert!(invalid("jane", long_ago).contains("1970"));
}

#[test]
fn debug_shows_neither_key_nor_token() {
    let token = sign(TokenOptions::new());
    assert_eq!(format!("{:?}", key()), "SigningKey { .. }");
    let shown = format!("{token:?}");
    assert!(!shown.contains(&token.token()[..20]), "{shown}");
}
