//! User tokens: proof to Knock that a browser or app acts for one of your users.
//!
//! With enhanced security, calls with a public key carry a token that your backend signs for the
//! user. A token is a JWT signed with RS256; signing one needs no call of the API.
//!
//! ```no_run
//! use std::time::Duration;
//! use knock::user_token::{Grants, SigningKey, TokenOptions};
//!
//! let key = SigningKey::from_env()?;
//! let grants = Grants::new().tenant("acme", [Grants::SLACK_CHANNELS_READ]);
//! let options = TokenOptions::new().expires_in(Duration::from_secs(600)).grants(grants);
//! let token = key.sign_with("jane", &options)?;
//! # Ok::<(), knock::Error>(())
//! ```

mod grants;
mod key;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

pub use grants::Grants;
pub use key::SigningKey;

use crate::error::{Error, Result};
use crate::uuid;

/// The header of every token, as it stands in it.
const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;
/// The life of a token unless the caller chooses another.
const EXPIRES_IN: Duration = Duration::from_secs(3600);

/// Options of a user token.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TokenOptions {
    expires_in: Option<Duration>,
    issued_at: Option<SystemTime>,
    id: Option<TokenId>,
    grants: Grants,
    explicit_grants: bool,
}

#[derive(Clone, Debug)]
enum TokenId {
    Random,
    Given(String),
}

impl TokenOptions {
    /// The defaults: issued now, for an hour, without grants.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time until the token expires, in whole seconds. An hour by default.
    pub fn expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = Some(expires_in);
        self
    }

    /// Sets the time of issue. Now by default.
    pub fn issued_at(mut self, issued_at: SystemTime) -> Self {
        self.issued_at = Some(issued_at);
        self
    }

    /// Gives the token an id of its own, a random UUID (`jti`). None by default.
    pub fn random_id(mut self) -> Self {
        self.id = Some(TokenId::Random);
        self
    }

    /// Gives the token this id (`jti`).
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(TokenId::Given(id.into()));
        self
    }

    /// Sets the grants. None by default.
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Sets whether the token allows what its grants name and nothing else. False by default.
    pub fn explicit_grants(mut self, explicit: bool) -> Self {
        self.explicit_grants = explicit;
        self
    }
}

/// A signed user token. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserToken {
    token: String,
    expires_at: u64,
}

impl UserToken {
    /// The token, for the header `X-Knock-User-Token` or for a client in a browser.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The token, moved out.
    pub fn into_token(self) -> String {
        self.token
    }

    /// Time of expiry, in seconds since 1970.
    pub const fn expires_at(&self) -> u64 {
        self.expires_at
    }
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The payload of a token, in the order of its keys.
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    #[serde(skip_serializing_if = "Grants::is_empty")]
    grants: &'a Grants,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    explicit_grants: bool,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl SigningKey {
    /// Signs a token for a user, valid for an hour from now.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an empty user id;
    /// [`Config`](crate::ErrorKind::Config) for a key that is damaged.
    pub fn sign(&self, user_id: &str) -> Result<UserToken> {
        self.sign_with(user_id, &TokenOptions::new())
    }

    /// Signs a token for a user.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for an empty user id, a life under
    /// a second, and times that no token can say; [`Config`](crate::ErrorKind::Config) for a key
    /// that is damaged.
    pub fn sign_with(&self, user_id: &str, options: &TokenOptions) -> Result<UserToken> {
        if user_id.is_empty() {
            return Err(Error::invalid("user_id must not be empty"));
        }
        let life = options.expires_in.unwrap_or(EXPIRES_IN).as_secs();
        if life == 0 {
            return Err(Error::invalid("expires_in must be 1 second or more"));
        }
        let issued_at = seconds(options.issued_at.unwrap_or_else(SystemTime::now))?;
        let expires_at = issued_at
            .checked_add(life)
            .filter(|at| *at <= LAST_SECOND)
            .ok_or_else(|| Error::invalid("expires_in is longer than a token can say"))?;
        let claims = Claims {
            sub: user_id,
            grants: &options.grants,
            explicit_grants: options.explicit_grants,
            iat: issued_at,
            exp: expires_at,
            jti: options.id.as_ref().map(token_id).transpose()?,
        };
        let payload = serde_json::to_string(&claims)
            .map_err(|error| Error::invalid(format!("the token cannot be written: {error}")))?;
        let mut token = URL_SAFE_NO_PAD.encode(HEADER);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(UserToken { token, expires_at })
    }
}

/// The end of the year 9999, the last that common date types can hold.
const LAST_SECOND: u64 = 253_402_300_799;

fn seconds(time: SystemTime) -> Result<u64> {
    time.duration_since(UNIX_EPOCH)
        .map(|since| since.as_secs())
        .map_err(|_| Error::invalid("issued_at must not be before 1970"))
}

fn token_id(id: &TokenId) -> Result<String> {
    match id {
        TokenId::Given(id) => Ok(id.clone()),
        TokenId::Random => uuid::random(),
    }
}
