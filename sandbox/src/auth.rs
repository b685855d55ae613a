//! Authentication, and the rights of callers.

use hyper::header::{AUTHORIZATION, HeaderMap};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::config::Config;
use crate::errors::ApiError;

pub(crate) const USER_TOKEN: &str = "x-knock-user-token";

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Holds the environment's secret key.
    Secret,
    /// Holds a public key and a token signed for this user.
    User(String),
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// Finds out who calls, from the key and the user token.
pub(crate) fn authenticate(headers: &HeaderMap, config: &Config) -> Result<Caller, ApiError> {
    let key = bearer(headers).ok_or_else(|| {
        ApiError::unauthenticated(
            "authentication_required",
            "an API key is required: Authorization: Bearer sk_…",
        )
    })?;
    let expected = |configured: &Option<String>| configured.as_deref().is_none_or(|k| k == key);
    if key.starts_with("sk_") && expected(&config.api_key) {
        return Ok(Caller::Secret);
    }
    if key.starts_with("pk_") && expected(&config.public_api_key) {
        return user_of_token(headers, config).map(Caller::User);
    }
    Err(ApiError::unauthenticated(
        "api_key_missing",
        "the API key does not exist in this environment",
    ))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

fn user_of_token(headers: &HeaderMap, config: &Config) -> Result<String, ApiError> {
    let invalid = |why: &str| {
        ApiError::unauthenticated(
            "invalid_user_token",
            format!("the user token is not valid: {why}"),
        )
    };
    let Some(token) = headers.get(USER_TOKEN) else {
        return Err(ApiError::unauthenticated(
            "missing_user_token",
            "a public key needs a user token: X-Knock-User-Token: <JWT>",
        ));
    };
    let token = token.to_str().map_err(|_| invalid("it is not a JWT"))?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["sub"]);
    validation.leeway = 0;
    let unchecked = DecodingKey::from_secret(&[]);
    let key = config.signing_key.as_ref().unwrap_or_else(|| {
        validation.insecure_disable_signature_validation();
        &unchecked
    });
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|error| invalid(&error.to_string()))?
        .claims;
    match claims.sub.is_empty() {
        true => Err(invalid("its sub is empty")),
        false => Ok(claims.sub),
    }
}

impl Caller {
    /// Refuses a public key where only a secret one will do, and a token signed for someone else.
    pub fn may_call(&self, public: bool, user_in_path: Option<&str>) -> Result<(), ApiError> {
        let Self::User(user) = self else {
            return Ok(());
        };
        let refuse = |message| Err(ApiError::forbidden("incorrect_token_type", message));
        if !public {
            return refuse("this operation needs a secret key (sk_…)");
        }
        match user_in_path {
            Some(asked) if asked != user => refuse("the user token is signed for another user"),
            _ => Ok(()),
        }
    }
}
