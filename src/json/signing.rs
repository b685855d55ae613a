//! User tokens and webhooks by options in JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::json::entries::{Entries, text_of, wrong};
use crate::suggest;
use crate::user_token::{Grants, SigningKey, TokenOptions};
use crate::webhook::Webhook;

/// Signs a user token: `{"user_id", "signing_key", "expires_in", "issued_at", "jti", "grants",
/// "explicit_grants"}` gives `{"token", "expires_at"}`.
///
/// # Errors
///
/// `InvalidArgument` for a missing, unknown or ill-typed key; `Config` for what is no signing key.
pub fn sign_user_token(options: &str) -> Result<String> {
    const KEYS: [&str; 7] = [
        "user_id",
        "signing_key",
        "expires_in",
        "issued_at",
        "jti",
        "grants",
        "explicit_grants",
    ];
    let mut user_id = None;
    let mut key = None;
    let mut token = TokenOptions::new();
    for (name, value) in &entries(options)? {
        token = match name.as_ref() {
            "user_id" => {
                user_id = Some(text_of(name, value)?);
                token
            }
            "signing_key" => {
                key = Some(SigningKey::new(&text_of(name, value)?)?);
                token
            }
            "expires_in" => token.expires_in(Duration::from_secs(whole(name, value, "seconds")?)),
            "issued_at" => {
                let since = Duration::from_secs(whole(name, value, "seconds since 1970")?);
                let issued_at = UNIX_EPOCH.checked_add(since);
                token.issued_at(
                    issued_at.ok_or_else(|| Error::invalid("issued_at is out of range"))?,
                )
            }
            "jti" => match serde_json::from_str(value.get()) {
                Ok(Value::Bool(true)) => token.random_id(),
                Ok(Value::Bool(false)) => token,
                Ok(Value::String(id)) => token.id(id),
                _ => return Err(wrong(name, "true or text", value)),
            },
            "grants" => token.grants(
                serde_json::from_str::<Grants>(value.get())
                    .map_err(|_| wrong(name, "an object of lists of names, by address", value))?,
            ),
            "explicit_grants" => token.explicit_grants(
                serde_json::from_str(value.get())
                    .map_err(|_| wrong(name, "true or false", value))?,
            ),
            _ => return Err(unknown(name, KEYS)),
        };
    }
    let user_id = user_id.ok_or_else(|| Error::invalid("user_id is required"))?;
    let key = key.map_or_else(SigningKey::from_env, Ok)?;
    let token = key.sign_with(&user_id, &token)?;
    Ok(json!({"token": token.token(), "expires_at": token.expires_at()}).to_string())
}

/// Verifies a webhook by `{"secret", "tolerance_ms", "now_ms"}`.
///
/// # Errors
///
/// As [`Webhook::verify`]; `InvalidArgument` for a missing, unknown or ill-typed key.
pub fn verify_webhook(options: &str, signature: Option<&str>, body: &[u8]) -> Result<()> {
    webhook(options)?.0.verify(signature, body)
}

/// Verifies a webhook as [`verify_webhook`] does, and returns its event as the JSON text that it
/// came as.
///
/// # Errors
///
/// As [`Webhook::event`], but for numbers: text keeps them all.
pub fn webhook_event(options: &str, signature: Option<&str>, body: &[u8]) -> Result<String> {
    webhook(options)?.0.read(signature, body)?;
    let text = std::str::from_utf8(body).map(str::to_owned);
    text.map_err(|_| Error::new(ErrorKind::Response, "the webhook's body is not UTF-8"))
}

/// The signature header of a webhook with this body, by `{"secret", "now_ms"}`.
///
/// # Errors
///
/// `InvalidArgument` for a missing, unknown or ill-typed key.
pub fn sign_webhook(options: &str, body: &[u8]) -> Result<String> {
    let (webhook, now) = webhook(options)?;
    Ok(webhook.sign(body, now.unwrap_or_else(SystemTime::now)))
}

fn webhook(options: &str) -> Result<(Webhook, Option<SystemTime>)> {
    let mut secrets: Option<Vec<String>> = None;
    let mut tolerance = None;
    let mut now = None;
    for (name, value) in &entries(options)? {
        match name.as_ref() {
            "secret" => {
                let one = serde_json::from_str(value.get()).map(|secret| vec![secret]);
                let several = one.or_else(|_| serde_json::from_str(value.get()));
                secrets = Some(several.map_err(|_| wrong(name, "text, or a list of it", value))?);
            }
            "tolerance_ms" => tolerance = Some(whole(name, value, "milliseconds, 0 for none")?),
            "now_ms" => {
                let since = Duration::from_millis(whole(name, value, "milliseconds since 1970")?);
                let moment = UNIX_EPOCH.checked_add(since);
                now = Some(moment.ok_or_else(|| Error::invalid("now_ms is out of range"))?);
            }
            _ => return Err(unknown(name, ["secret", "tolerance_ms", "now_ms"])),
        }
    }
    let mut webhook = Webhook::new(secrets.ok_or_else(|| Error::invalid("secret is required"))?)?;
    if let Some(tolerance) = tolerance {
        webhook = webhook.tolerance((tolerance > 0).then(|| Duration::from_millis(tolerance)));
    }
    Ok((
        match now {
            Some(now) => webhook.now(now),
            None => webhook,
        },
        now,
    ))
}

type Options<'a> = Vec<(std::borrow::Cow<'a, str>, &'a RawValue)>;

/// The entries of the options. The parser's own message may quote a secret.
fn entries(options: &str) -> Result<Options<'_>> {
    serde_json::from_str(options)
        .map(|Entries(entries)| entries)
        .map_err(|_| Error::invalid("the options are not a JSON object with each key once"))
}

fn whole(name: &str, value: &RawValue, unit: &str) -> Result<u64> {
    serde_json::from_str(value.get())
        .map_err(|_| wrong(name, &format!("a whole number of {unit}"), value))
}

fn unknown<const N: usize>(name: &str, known: [&'static str; N]) -> Error {
    let nearest = suggest::nearest(name, known);
    Error::invalid(format!(
        "there is no option {name:?}{nearest} Known: {}",
        known.join(", ")
    ))
}
