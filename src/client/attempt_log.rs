//! The log lines of a call: one for each attempt.

use std::time::Duration;

use crate::client::failure::describe;
use crate::client::redact::Redactor;
use crate::log::{self, Level};
use crate::transport::{Failure, RawResponse, request_id};

/// The line about an attempt, where anybody reads it.
pub(super) fn attempt_line(
    operation: &str,
    number: u32,
    elapsed: Duration,
    result: &Result<RawResponse, Failure>,
) -> Option<String> {
    let succeeded = matches!(result, Ok(response) if response.status < 300);
    if !log::enabled(if succeeded {
        Level::Debug
    } else {
        Level::Error
    }) {
        return None;
    }
    let outcome = match result {
        Ok(response) => {
            let id = request_id(&response.headers);
            let id = id.as_deref().unwrap_or("-");
            format!("{} request_id={id}", response.status)
        }
        Err(failure) => format!("failed ({})", describe(&failure.error)),
    };
    Some(format!(
        "{operation} attempt={number} {outcome} {:.1}ms",
        elapsed.as_secs_f64() * 1000.0,
    ))
}

/// Writes a line without the secrets that the server may have put into it.
pub(super) fn write(level: Level, line: Option<String>, redactor: &Redactor) {
    if let Some(line) = line.filter(|_| log::enabled(level)) {
        log::write(level, &redactor.line(line));
    }
}
