//! Options of single calls.

use std::fmt;
use std::time::Duration;

use ureq::http::{HeaderName, HeaderValue};

use crate::client::credential::credential;
use crate::error::{Error, Result};

/// The header that says for whom a call acts.
pub(super) const USER_TOKEN: &str = "x-knock-user-token";

/// Options for the calls of one [`Client::with_options`](crate::Client::with_options).
///
/// Options that are not set stay as the client has them.
///
/// ```
/// use std::time::Duration;
///
/// let options = knock::CallOptions::new()
///     .timeout(Duration::from_secs(2))
///     .max_retries(0)
///     .header("x-trace", "1")?;
/// # Ok::<(), knock::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) idempotency_key: bool,
}

impl CallOptions {
    /// No options: everything as the client has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time that one attempt may take, from connecting to the last byte of the response.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The time that the whole call may take: every attempt, the waits between them, and the
    /// wait for the rate limit.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Most retries of a failed attempt.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sends `Idempotency-Key`, at most 255 characters. The service honours it for 24 hours on
    /// the trigger of a workflow, and nowhere else.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a key that is empty, longer, or not printable ASCII.
    pub fn idempotency_key(mut self, key: &str) -> Result<Self> {
        if key.is_empty() || key.len() > 255 {
            return Err(Error::invalid(format!(
                "an idempotency key has 1 to 255 characters, this one has {}",
                key.len()
            )));
        }
        self.idempotency_key = true;
        self.header("idempotency-key", key)
    }

    /// Acts for one user with a signed token (`X-Knock-User-Token`), as a publishable key needs.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a token that is empty, or that holds quotes, white space or what is
    /// not printable ASCII. White space around it is left out.
    pub fn user_token(self, token: &str) -> Result<Self> {
        let token = credential(USER_TOKEN, token).map_err(Error::invalid)?;
        self.header(USER_TOKEN, token)
    }

    /// Sends one more header, in place of the client's own of that name.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a name or value that a header cannot have, and for the names that
    /// frame the message (`host`, `content-length`, `transfer-encoding`, `connection`).
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, value) = parse_header(name, value).map_err(Error::invalid)?;
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        Ok(self)
    }

    /// Sends one more query parameter, for those that this version does not know.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// These options with what `other` sets put over them.
    pub(crate) fn overridden_by(mut self, other: &Self) -> Self {
        self.timeout = other.timeout.or(self.timeout);
        self.deadline = other.deadline.or(self.deadline);
        self.max_retries = other.max_retries.or(self.max_retries);
        self.idempotency_key |= other.idempotency_key;
        for (name, value) in &other.headers {
            self.headers.retain(|(known, _)| known != name);
            self.headers.push((name.clone(), value.clone()));
        }
        let replaced = |name: &String| other.query.iter().any(|(new, _)| new == name);
        self.query.retain(|(name, _)| !replaced(name));
        self.query.extend(other.query.iter().cloned());
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("max_retries", &self.max_retries)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// Reads a header that a caller gives; the message never repeats the value.
pub(crate) fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let header = HeaderName::try_from(name)
        .map_err(|_| format!("{name:?} cannot be the name of a header"))?;
    if matches!(
        header.as_str(),
        "host" | "content-length" | "transfer-encoding" | "connection"
    ) {
        return Err(format!(
            "the header {header} frames the message and is set by the client"
        ));
    }
    if let Some(byte) = value.bytes().find(|byte| !(b' '..=b'~').contains(byte)) {
        return Err(format!(
            "the value of the header {header} holds the byte 0x{byte:02x}; printable ASCII is allowed"
        ));
    }
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| format!("the value of the header {header} is not printable ASCII"))?;
    let secret = matches!(
        header.as_str(),
        "authorization" | USER_TOKEN | "proxy-authorization"
    );
    value.set_sensitive(secret);
    Ok((header, value))
}
