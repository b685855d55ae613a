//! Knock's error envelope, and every refusal the sandbox can answer with.

use serde::Serialize;

use crate::answer::Answer;

/// One thing that is wrong with the input.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FieldError {
    /// Path of the offending value, such as `users[3].id`.
    pub field: String,
    pub message: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl FieldError {
    pub fn new(field: impl Into<String>, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind,
            message: message.into(),
        }
    }

    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, "invalid", message)
    }
}

/// A request that the API refuses.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: u16,
    code: &'static str,
    kind: &'static str,
    message: String,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        for error in self.errors.iter().skip(1) {
            write!(f, "; {} {}", error.field, error.message)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    code: &'a str,
    message: &'a str,
    status: u16,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl ApiError {
    fn new(
        status: u16,
        code: &'static str,
        kind: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            kind,
            message: message.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "bad_request", "invalid_request_error", message)
    }

    pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(401, code, "authentication_error", message)
    }

    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(403, code, "authentication_error", message)
    }

    /// A web page of another origin sent the request.
    pub fn foreign_origin(message: impl Into<String>) -> Self {
        Self::new(403, "foreign_origin", "api_error", message)
    }

    /// The request is for another host.
    pub fn misdirected(message: impl Into<String>) -> Self {
        Self::new(421, "misdirected_request", "api_error", message)
    }

    /// The thing that the path or the body names does not exist.
    pub fn missing(what: &str) -> Self {
        Self::new(
            404,
            "resource_missing",
            "api_error",
            format!("{what} you requested could not be found"),
        )
    }

    pub fn no_such_route(method: &str, path: &str) -> Self {
        Self::new(
            404,
            "not_found",
            "api_error",
            format!("there is no {method} {path} in this API"),
        )
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "internal_server_error", "api_error", message)
    }

    pub fn too_large(limit: usize) -> Self {
        let message = format!("the request body is larger than {limit} bytes");
        Self::new(413, "request_too_large", "invalid_request_error", message)
    }

    pub fn unsupported_media_type(given: &str) -> Self {
        let message = format!("the body must be application/json, not {given}");
        Self::new(
            415,
            "unsupported_media_type",
            "invalid_request_error",
            message,
        )
    }

    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let first = errors
            .first()
            .map(|e| format!(": {} {}", e.field, e.message))
            .unwrap_or_default();
        Self {
            errors,
            ..Self::new(
                422,
                "invalid_params",
                "invalid_request_error",
                format!("Invalid parameters{first}"),
            )
        }
    }

    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::invalid(field, message)])
    }

    pub fn rate_limited(retry_after: u64, message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, "rate_limited", "api_error", message)
        }
    }

    /// Response of a fault that names a status and no body.
    pub fn injected(status: u16) -> Self {
        let (code, kind) = match status {
            400 => ("bad_request", "invalid_request_error"),
            401 => ("authentication_required", "authentication_error"),
            403 => ("access_denied", "api_error"),
            404 => ("resource_missing", "api_error"),
            409 => ("conflict", "api_error"),
            422 => ("invalid_params", "invalid_request_error"),
            429 => ("rate_limited", "api_error"),
            503 => ("service_unavailable", "api_error"),
            _ => ("internal_server_error", "api_error"),
        };
        Self::new(
            status,
            code,
            kind,
            "a fault queued in the sandbox took this request",
        )
    }

    pub fn into_answer(self) -> Answer {
        let envelope = Envelope {
            code: self.code,
            message: &self.message,
            status: self.status,
            kind: self.kind,
            errors: &self.errors,
        };
        let answer = Answer::json(self.status, &envelope);
        match self.retry_after {
            Some(seconds) => answer.header("retry-after", &seconds.to_string()),
            None => answer,
        }
    }
}
