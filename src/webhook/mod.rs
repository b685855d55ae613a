//! Webhooks: proof that a request to your server came from Knock.
//!
//! Knock signs the body of every webhook, fetch step and HTTP channel with a secret, by
//! HMAC-SHA256, and puts time and signature into the header `x-knock-signature` (for an HTTP
//! channel `x-webhook-signature`). Verify the bytes of the body as they came, before anything
//! parses them.
//!
//! ```
//! use knock::webhook::Webhook;
//!
//! let webhook = Webhook::new(["some-secret"])?;
//! # let webhook = webhook.tolerance(None);
//! let signature = "t=1735689600000,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y=";
//! let body = br#"{"type":"message.sent","data":{"id":"2w3YUpTTOxuDvZFji8OMsKrG176"}}"#;
//!
//! let event = webhook.event(Some(signature), body)?;
//! assert_eq!(event.kind, "message.sent");
//! # Ok::<(), knock::Error>(())
//! ```

mod header;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, Key};

use crate::error::{Error, ErrorKind, Result};
use crate::exact::find_inexact;
use crate::parse::read;
use crate::types::WebhookEvent;
use header::Header;

/// The age that a webhook may have unless the caller chooses another.
const TOLERANCE: Duration = Duration::from_secs(300);

/// The reason for which a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Missing,
    Malformed(&'static str),
    Mismatch,
    TooOld(u64),
    TooEarly(u64),
}

impl Refusal {
    /// The code in the error, for programs.
    const fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Malformed(_) => "signature_malformed",
            Self::Mismatch => "signature_mismatch",
            Self::TooOld(_) => "timestamp_too_old",
            Self::TooEarly(_) => "timestamp_too_early",
        }
    }

    fn message(self) -> String {
        match self {
            Self::Missing => "the request has no signature header (x-knock-signature, or \
                              x-webhook-signature for an HTTP channel)"
                .to_owned(),
            Self::Malformed(problem) => {
                format!("the signature header is not of the form t=<time>,s=<signature>: {problem}")
            }
            Self::Mismatch => "the signature does not match: another secret signed the body, or \
                               the body is not as it came"
                .to_owned(),
            Self::TooOld(ms) => format!(
                "the webhook was signed {} s ago, longer than the tolerance",
                ms / 1000
            ),
            Self::TooEarly(ms) => format!(
                "the webhook was signed {} s in the future, further than the tolerance; check \
                 this machine's clock",
                ms / 1000
            ),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(ErrorKind::InvalidSignature, refusal.message()).with_code(refusal.code())
    }
}

/// Verifies webhooks with one secret or several. `Debug` does not show them.
///
/// Comparing takes the same time wherever a signature differs.
#[derive(Clone)]
pub struct Webhook {
    keys: Vec<Key>,
    tolerance: Option<Duration>,
    now: Option<SystemTime>,
}

impl Webhook {
    /// A verifier with these secrets: one, or several while one replaces another.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) without a secret, or with an empty one.
    pub fn new(secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut keys = Vec::new();
        for secret in secrets {
            match secret.as_ref() {
                "" => return Err(Error::config("a webhook's secret must not be empty")),
                secret => keys.push(Key::new(hmac::HMAC_SHA256, secret.as_bytes())),
            }
        }
        if keys.is_empty() {
            return Err(Error::config(
                "a webhook needs a secret to be verified with",
            ));
        }
        Ok(Self {
            keys,
            tolerance: Some(TOLERANCE),
            now: None,
        })
    }

    /// Sets the difference allowed between the time of signing and now, either way. 5 minutes by
    /// default; `None` accepts any time.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Option<Duration>) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets the time that counts as now, for tests. The system's by default.
    #[must_use]
    pub fn now(mut self, now: SystemTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Verifies the signature header of a request over its body, as the bytes came.
    ///
    /// ```
    /// # use knock::webhook::Webhook;
    /// let webhook = Webhook::new(["some-secret"])?;
    /// let error = webhook.verify(None, b"{}").unwrap_err();
    /// assert_eq!(error.kind(), knock::ErrorKind::InvalidSignature);
    /// assert_eq!(error.code(), Some("signature_missing"));
    /// # Ok::<(), knock::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`](crate::ErrorKind::InvalidSignature) with one of these codes:
    /// `signature_missing`, `signature_malformed`, `signature_mismatch`, `timestamp_too_old`,
    /// `timestamp_too_early`.
    pub fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<()> {
        let text = signature.map(str::trim).filter(|text| !text.is_empty());
        let header = Header::parse(text.ok_or(Refusal::Missing)?)?;
        let signed = signed_bytes(header.timestamp, body);
        // Every pair is compared, whichever matches.
        let mut matches = false;
        for key in &self.keys {
            for signature in &header.signatures {
                matches |= hmac::verify(key, &signed, signature).is_ok();
            }
        }
        if !matches {
            return Err(Refusal::Mismatch.into());
        }
        self.check_time(header.sent_at_ms)
    }

    /// Verifies a webhook and reads its event.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), and [`Response`](crate::ErrorKind::Response) for a body that
    /// is signed and yet no event, or has a number that Rust's types would change.
    pub fn event(&self, signature: Option<&str>, body: &[u8]) -> Result<WebhookEvent> {
        let event = self.read(signature, body)?;
        if let Some(offset) = find_inexact(body) {
            let message = format!(
                "the webhook's body has a number at byte {offset} with more digits than Rust's \
                 types can hold; verify it and read it yourself"
            );
            return Err(Error::new(ErrorKind::Response, message));
        }
        Ok(event)
    }

    /// Verifies a webhook and checks that it is an event, whatever becomes of its numbers.
    pub(crate) fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<WebhookEvent> {
        self.verify(signature, body)?;
        read(body).map_err(|error| {
            let problem = if error.is_data() { "an event" } else { "JSON" };
            let (line, column) = (error.line(), error.column());
            Error::new(
                ErrorKind::Response,
                format!("the webhook's body is not {problem} (line {line}, column {column})"),
            )
        })
    }

    /// The signature header that Knock would send with this body, by the first secret: for tests
    /// of your own endpoint.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use knock::webhook::Webhook;
    ///
    /// let webhook = Webhook::new(["some-secret"])?;
    /// let signature = webhook.sign(b"{}", SystemTime::now());
    /// webhook.verify(Some(&signature), b"{}")?;
    /// # Ok::<(), knock::Error>(())
    /// ```
    #[must_use]
    pub fn sign(&self, body: &[u8], at: SystemTime) -> String {
        let timestamp = milliseconds(at).to_string();
        let tag = hmac::sign(&self.keys[0], &signed_bytes(&timestamp, body));
        format!("t={timestamp},s={}", STANDARD.encode(tag.as_ref()))
    }

    fn check_time(&self, sent_at_ms: u64) -> Result<()> {
        let Some(tolerance) = self.tolerance else {
            return Ok(());
        };
        let tolerance = u64::try_from(tolerance.as_millis()).unwrap_or(u64::MAX);
        let now = milliseconds(self.now.unwrap_or_else(SystemTime::now));
        if now.saturating_sub(sent_at_ms) > tolerance {
            return Err(Refusal::TooOld(now - sent_at_ms).into());
        }
        if sent_at_ms.saturating_sub(now) > tolerance {
            return Err(Refusal::TooEarly(sent_at_ms - now).into());
        }
        Ok(())
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

/// The bytes that are signed: the timestamp, a dot, and the body.
fn signed_bytes(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b".", body].concat()
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
