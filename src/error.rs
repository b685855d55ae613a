//! The one error type of the library.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// The result of everything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of failure, in one word.
///
/// The C ABI has a status of the same name for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's arguments cannot be sent: a missing, unknown or ill-typed parameter.
    /// Nothing was sent.
    InvalidArgument,
    /// The configuration cannot work: an unknown key or an impossible value. Nothing was sent.
    Config,
    /// The server responded with a status of 400 or above, other than 429.
    Api,
    /// The server responded with 429, or the client's own pacing had no slot within the deadline.
    RateLimited,
    /// An attempt ran out of its timeout, or the call out of its deadline.
    Timeout,
    /// No response could be had: name resolution, connecting, TLS, or a connection that broke.
    Transport,
    /// The response cannot be used: not JSON, cut short, too large, or a redirect.
    Response,
    /// The client was closed before or while the call ran.
    Closed,
    /// The [interrupt hook](crate::set_interrupt_hook) ended the call.
    Interrupted,
    /// The signature of a [webhook](crate::webhook) does not hold; the
    /// [code](Error::code) tells why.
    InvalidSignature,
}

impl ErrorKind {
    /// Every kind, in order: the C ABI has a status for each.
    #[doc(hidden)]
    pub const ALL: &[Self] = &[
        Self::InvalidArgument,
        Self::Config,
        Self::Api,
        Self::RateLimited,
        Self::Timeout,
        Self::Transport,
        Self::Response,
        Self::Closed,
        Self::Interrupted,
    ];

    /// The name used in error JSON, such as `rate_limited`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Config => "config",
            Self::Api => "api",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::Response => "response",
            Self::Closed => "closed",
            Self::Interrupted => "interrupted",
            Self::InvalidSignature => "invalid_signature",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One field that the server did not accept, from the `errors` of a 422 response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the field, such as `users[3].id`.
    pub field: String,
    /// The mistake, for people.
    pub message: String,
    /// The server's name for the kind of mistake, where it gives one.
    pub error_type: Option<String>,
}

/// The failure of a call: what was wrong, where, and whether a retry makes sense.
///
/// Never holds an API key or a user token.
///
/// ```
/// let error = knock::Client::builder().api_key("").build().unwrap_err();
/// assert_eq!(error.kind(), knock::ErrorKind::Config);
/// assert!(error.to_string().contains("api_key"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    status: Option<u16>,
    code: Option<String>,
    error_type: Option<String>,
    errors: Vec<FieldError>,
    request_id: Option<String>,
    retryable: bool,
    retry_after: Option<Duration>,
    attempts: u32,
    maybe_processed: bool,
    body: Option<String>,
    source: Option<io::Error>,
}

impl Error {
    #[doc(hidden)]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            code: None,
            error_type: None,
            errors: Vec::new(),
            request_id: None,
            retryable: false,
            retry_after: None,
            attempts: 0,
            maybe_processed: false,
            body: None,
            source: None,
        }))
    }

    #[doc(hidden)]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub(crate) fn closed() -> Self {
        Self::new(ErrorKind::Closed, "the client is closed")
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "the call was interrupted")
    }

    /// Reads a response with an error status: Knock's envelope where the body holds one.
    pub(crate) fn from_response(status: u16, request_id: Option<String>, body: String) -> Self {
        let kind = if status == 429 {
            ErrorKind::RateLimited
        } else {
            ErrorKind::Api
        };
        let envelope: Map<String, Value> = serde_json::from_str(&body).unwrap_or_default();
        let text = |key: &str| envelope.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = text("code");
        let mut message = format!("the server responded with {status}");
        if let Some(code) = &code {
            message.push_str(&format!(" ({code})"));
        }
        if let Some(said) = text("message").filter(|said| !said.is_empty()) {
            message.push_str(&format!(": {said}"));
        }
        let errors = field_errors(envelope.get("errors"));
        for error in &errors {
            message.push_str(&format!("; {}: {}", error.field, error.message));
        }
        let mut error = Self::new(kind, message);
        error.0.status = Some(status);
        error.0.code = code;
        error.0.error_type = text("type");
        error.0.errors = errors;
        error.0.request_id = request_id;
        error.0.body = (!body.is_empty()).then_some(body);
        error
    }

    #[doc(hidden)]
    pub fn at(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
        self
    }

    pub(crate) fn with_retry(mut self, retryable: bool, retry_after: Option<Duration>) -> Self {
        self.0.retryable = retryable;
        self.0.retry_after = retry_after;
        self
    }

    /// Names what the system said, without the text that may come with it.
    pub(crate) fn caused_by(mut self, source: &io::Error) -> Self {
        self.0.source = plain(source);
        self
    }

    #[doc(hidden)]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_response(mut self, status: u16, request_id: Option<String>) -> Self {
        self.0.status = Some(status);
        self.0.request_id = request_id;
        self
    }

    /// Whether it was not the server but the caller that ended the call.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Closed | ErrorKind::Interrupted)
    }

    /// Replaces the texts that the server may have written by what `edit` makes of them.
    pub(crate) fn map_texts(mut self, edit: impl Fn(&str) -> Option<String>) -> Self {
        let inner = &mut *self.0;
        let optional = [
            &mut inner.code,
            &mut inner.error_type,
            &mut inner.request_id,
            &mut inner.body,
        ];
        let fields = inner.errors.iter_mut().flat_map(|error| {
            let kind = error.error_type.as_mut();
            [&mut error.field, &mut error.message]
                .into_iter()
                .chain(kind)
        });
        let texts = optional.into_iter().flatten().chain(fields);
        for text in texts.chain([&mut inner.message]) {
            if let Some(edited) = edit(text) {
                *text = edited;
            }
        }
        self
    }

    /// Marks a failure after which the server may have done the work all the same.
    pub(crate) fn maybe_processed(mut self) -> Self {
        self.0.maybe_processed = true;
        self
    }

    /// The kind of failure, in one word.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The failure in words for people, without the operation's name.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The operation that failed, such as `users.get`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The HTTP status, where there was a response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Knock's code, such as `resource_missing`; for a webhook, the reason for which its
    /// signature does not hold.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Knock's type of error, such as `invalid_request_error`.
    pub fn error_type(&self) -> Option<&str> {
        self.0.error_type.as_deref()
    }

    /// The fields that the server did not accept; empty for most errors.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The server's id of the request, to quote to Knock's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Whether the same call may succeed later and may safely be made again.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The wait that the server asked for before a retry.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Number of requests that were sent for this call; 0 when it failed before the first.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the server may have done the work although the call failed: a request that writes
    /// went out, and what came back was nothing, half a response, or a 5xx. True also when that
    /// was an earlier attempt than the last.
    pub fn may_have_been_processed(&self) -> bool {
        self.0.maybe_processed
    }

    /// The server's body, as it came.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The error as the object that the C ABI hands out: `{"error": {"kind": …, …}}`.
    pub fn to_json(&self) -> Value {
        let inner = &*self.0;
        let body = inner.body.as_deref();
        let body = body.map(|b| serde_json::from_str(b).unwrap_or_else(|_| Value::from(b)));
        let errors: Vec<Value> = inner
            .errors
            .iter()
            .map(|e| json!({"field": e.field, "message": e.message, "type": e.error_type}))
            .collect();
        json!({"error": {
            "kind": inner.kind.as_str(),
            "message": inner.message,
            "operation": inner.operation,
            "status": inner.status,
            "code": inner.code,
            "type": inner.error_type,
            "errors": errors,
            "request_id": inner.request_id,
            "retryable": inner.retryable,
            "retry_after_ms": inner.retry_after.map(|d| d.as_millis() as u64),
            "attempts": inner.attempts,
            "maybe_processed": inner.maybe_processed,
            "body": body,
        }})
    }
}

/// Knock sends a list of field errors; a lone object has been seen as well.
fn field_errors(errors: Option<&Value>) -> Vec<FieldError> {
    let read = |error: &Value| {
        let text = |key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(FieldError {
            field: text("field")?,
            message: text("message").unwrap_or_default(),
            error_type: text("type"),
        })
    };
    match errors {
        Some(Value::Array(list)) => list.iter().filter_map(read).collect(),
        Some(one @ Value::Object(_)) => read(one).into_iter().collect(),
        _ => Vec::new(),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(id) = &self.0.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("request_id", &self.0.request_id)
            .field("attempts", &self.0.attempts)
            .finish_non_exhaustive()
    }
}

/// The message says all of it. What lies below could quote what a server sent.
impl StdError for Error {
    /// The error of the system, an [`io::Error`]: of a connection that failed or broke, or of a
    /// file that cannot be read.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_ref()?;
        Some(source)
    }
}

/// An error of the system without the text around it.
fn plain(error: &io::Error) -> Option<io::Error> {
    match (error.raw_os_error(), error.kind()) {
        (Some(code), _) => Some(io::Error::from_raw_os_error(code)),
        (None, io::ErrorKind::Other) => plain(error.get_ref()?.downcast_ref()?),
        (None, kind) => Some(kind.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_knocks_envelope_with_its_field_errors() {
        let body = r#"{"code":"invalid_params","message":"Bad","status":422,"type":"invalid_request_error",
            "errors":[{"field":"users[3].id","message":"is required","type":null}]}"#;
        let error = Error::from_response(422, Some("req_1".into()), body.into()).at("users.get");
        assert_eq!(error.code(), Some("invalid_params"));
        assert_eq!(error.errors()[0].field, "users[3].id");
        assert_eq!(
            error.to_string(),
            "users.get: the server responded with 422 (invalid_params): Bad; users[3].id: is required [request req_1]"
        );
    }

    #[test]
    fn keeps_a_body_that_is_not_json_as_text() {
        let error = Error::from_response(502, None, "<html>".into());
        assert_eq!(error.to_json()["error"]["body"], "<html>");
        assert_eq!(error.to_json()["error"]["code"], Value::Null);
    }

    #[test]
    fn accepts_a_lone_field_error() {
        let body = r#"{"errors":{"field":"id","message":"is taken"}}"#;
        assert_eq!(
            Error::from_response(409, None, body.into()).errors().len(),
            1
        );
    }
}
