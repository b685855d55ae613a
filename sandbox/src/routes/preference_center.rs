//! The hosted preference center: its configuration, and links to it.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use crate::answer::Answer;
use crate::errors::ApiError;

/// Where the hosted preference center lives.
const PAGE: &str = "https://p.knock.app/p/";

pub(super) fn get_config(call: &mut Call<'_>) -> Outcome {
    let center = &call.world.environment.preference_center;
    let or = |key, default: Value| center.get(key).cloned().unwrap_or(default);
    let rows = or("rows", json!([]));
    let email = call
        .world
        .users
        .get(call.user_id())
        .and_then(|user| user.profile.get("email"));
    let email = email.filter(|email| !email.is_null()).cloned();
    Ok(Answer::ok(&json!({
        "enabled": or("enabled", json!(true)),
        "config": {
            "title": or("title", json!("Notification preferences")),
            "body": or("body", json!("")),
            "show_account_name": or("show_account_name", json!(false)),
            "rows": rows,
        },
        "branding": or("branding", json!({})),
        "account_name": or("account_name", Value::Null),
        "user_email": email.unwrap_or_else(|| call.user_id().into()),
        "knock_branding_required": or("knock_branding_required", json!(false)),
    })))
}

pub(super) fn generate_signed_url(call: &mut Call<'_>) -> Outcome {
    let claims = json!({"sub": call.user_id(), "iat": call.now.timestamp()});
    // Nobody checks the signature, but a token has one.
    let key = EncodingKey::from_secret(b"sandbox");
    let token = jsonwebtoken::encode(&Header::default(), &claims, &key)
        .map_err(|error| ApiError::internal(format!("the token could not be signed: {error}")))?;
    Ok(Answer::ok(
        &json!({"url": format!("{PAGE}{token}"), "token": token}),
    ))
}
