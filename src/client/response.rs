//! The result of a successful call.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

/// The value that a call returned, with how it came.
///
/// Reads like the value itself; [`into_inner`](Self::into_inner) gives it away.
///
/// ```no_run
/// # let client = knock::Client::from_env()?;
/// let user = client.users().get("jane")?;
/// println!("{:?} (request {:?})", user.email, user.meta().request_id());
/// let user: knock::types::User = user.into_inner();
/// # Ok::<(), knock::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Response<T> {
    value: T,
    meta: Meta,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: Meta) -> Self {
        Self { value, meta }
    }

    /// The value without how it came.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Status, headers and request id.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The value and how it came, apart.
    pub fn into_parts(self) -> (T, Meta) {
        (self.value, self.meta)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Metadata of a response: status, headers, attempts and time.
#[derive(Clone, PartialEq)]
pub struct Meta {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl Meta {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The server's id of the request, to quote to Knock's support.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// A header of the response, by its name in any case; the first where it is repeated. Values
    /// that are not UTF-8 are left out.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(text)
    }

    /// All headers of the response, one that is repeated as often as it came. Values that are not
    /// UTF-8 are left out.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |(name, value)| -> Option<(&str, &str)> {
            let name: &HeaderName = name;
            Some((name.as_str(), text(value)?))
        };
        self.headers.iter().filter_map(text)
    }

    /// Number of requests that the call took.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The time that the call took, waits included.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether the service replayed the response to an earlier request with the same
    /// idempotency key.
    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// The id of the request whose response was replayed.
    pub fn original_request_id(&self) -> Option<&str> {
        self.header("original-x-request-id")
    }

    /// The values of a parameter that the service left out of a batch although the call
    /// succeeded, because each was updated too often; such as `message_ids`.
    pub fn rate_limited(&self, parameter: &str) -> Vec<&str> {
        let values = self
            .header(&format!("x-ratelimited-{parameter}"))
            .unwrap_or_default();
        values
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// Without the values of the headers: a server may echo anything in them.
impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
