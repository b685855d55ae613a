//! Failures of attempts, and the errors that calls end with.

use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, Uri};

use crate::client::gate::WaitEnd;
use crate::client::limits::CallLimits;
use crate::client::retry;
use crate::client::surrogates::replace_half_pairs;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::transport::{Failure, Progress, RawResponse, request_id};

/// The failure of an attempt, as its call sees it.
pub(super) struct AttemptFailure {
    pub error: Error,
    /// Whether another attempt may follow.
    pub again: bool,
    /// The wait that the server asked for.
    pub after: Option<Duration>,
}

/// Reads a response that does not have what was asked for.
pub(super) fn refused(response: RawResponse, limits: &CallLimits) -> AttemptFailure {
    let RawResponse {
        status,
        headers,
        mut body,
    } = response;
    let request_id = request_id(&headers);
    if status < 400 {
        return AttemptFailure {
            error: unexpected_status(status, &headers).with_response(status, request_id),
            again: false,
            after: None,
        };
    }
    let after = retry::retry_after(&headers, SystemTime::now());
    let again = retry::is_worth_repeating(status, &headers, limits.repeatable);
    replace_half_pairs(&mut body);
    let body = String::from_utf8_lossy(&body).into_owned();
    AttemptFailure {
        error: Error::from_response(status, request_id, body).with_retry(again, after),
        again,
        after,
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// Whether a 404 says that what was to be deleted is gone, when an earlier attempt of the same
/// call may have deleted it.
pub(super) fn is_gone(operation: &Operation, response: &RawResponse) -> bool {
    response.status == 404 && operation.method == Method::Delete && operation.response.is_none()
}

/// Whether a pooled connection turned out to be closed before anything of the request was sent.
pub(super) fn is_stale(failure: &Failure) -> bool {
    let timed_out = matches!(failure.error, ureq::Error::Timeout(_));
    failure.reused && failure.progress == Progress::Unsent && !timed_out && !failure.interrupted
}

pub(super) fn ended_early(ended: WaitEnd, limits: &CallLimits) -> Error {
    match ended {
        WaitEnd::Closed => Error::closed(),
        WaitEnd::Interrupted => Error::interrupted(),
        WaitEnd::TimedOut => {
            ran_out(limits, "waiting for a free connection").with_retry(true, None)
        }
    }
}

/// The error for a call whose slot in the rate limit comes after its deadline.
pub(super) fn no_reservation(next: Instant, limits: &CallLimits) -> Error {
    let now = Instant::now();
    if now >= limits.deadline {
        return ran_out(limits, "waiting for the rate limit").with_retry(true, None);
    }
    let wait = next.saturating_duration_since(now);
    let message = format!(
        "the rate limit has no slot within the deadline; the next is in {} ms",
        wait.as_millis()
    );
    Error::new(ErrorKind::RateLimited, message).with_retry(true, Some(wait))
}

fn timed_out(limits: &CallLimits, progress: Progress) -> Error {
    match progress {
        Progress::Unsent => ran_out(limits, "connecting"),
        Progress::Sent => ran_out(limits, "waiting for the response"),
        Progress::Receiving => ran_out(limits, "reading the response"),
    }
}

fn ran_out(limits: &CallLimits, doing: &str) -> Error {
    let (what, limit) = if Instant::now() >= limits.deadline {
        ("the deadline of the call", limits.deadline - limits.start)
    } else if doing == "connecting" && limits.connect_timeout < limits.timeout {
        ("the connect timeout", limits.connect_timeout)
    } else {
        ("the timeout of an attempt", limits.timeout)
    };
    Error::new(
        ErrorKind::Timeout,
        format!("{what}, {} ms, ran out while {doing}", limit.as_millis()),
    )
}

/// The error for a status that this client never asks for: a redirect, or another protocol.
fn unexpected_status(status: u16, headers: &HeaderMap) -> Error {
    let to = header_text(headers, "location").and_then(|location| location.parse::<Uri>().ok());
    let host = to.and_then(|uri| uri.host().map(str::to_owned));
    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
    let what = if status < 200 {
        "a change of protocol that was not asked for".to_owned()
    } else {
        format!("a redirect{to}, which is not followed; check base_url")
    };
    Error::new(
        ErrorKind::Response,
        format!("the server responded with {status}, {what}"),
    )
}

/// Reads a failure to get a response.
pub(super) fn failed(failure: Failure, limits: &CallLimits) -> AttemptFailure {
    let Failure {
        error: cause,
        progress,
        head,
        ..
    } = failure;
    let timed = matches!(cause, ureq::Error::Timeout(_));
    let mut error = match progress {
        _ if timed => timed_out(limits, progress),
        Progress::Unsent => Error::new(
            ErrorKind::Transport,
            format!("no connection: {}", describe(&cause)),
        ),
        Progress::Sent => Error::new(
            ErrorKind::Transport,
            format!(
                "the connection broke before a response came: {}",
                describe(&cause)
            ),
        ),
        Progress::Receiving => Error::new(ErrorKind::Response, unreadable(&cause)),
    };
    if let Some((status, request_id)) = head {
        error = error.with_response(status, request_id);
    }
    if let ureq::Error::Io(io) = &cause {
        error = error.caused_by(io);
    }
    let safe = progress == Progress::Unsent || limits.repeatable;
    let retryable = safe && !is_distrust(&cause, progress);
    // A request that timed out has had its time, and half a response says that the work was done.
    let again = match progress {
        Progress::Unsent => retryable,
        Progress::Sent => retryable && !timed,
        Progress::Receiving => false,
    };
    AttemptFailure {
        error: error.with_retry(retryable, None),
        again,
        after: None,
    }
}

/// Whether TLS did not come about for a reason that another attempt meets again, such as a
/// certificate that is not trusted.
fn is_distrust(cause: &ureq::Error, progress: Progress) -> bool {
    progress == Progress::Unsent
        && matches!(cause, ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData)
}

/// ureq's message without its own prefixes.
pub(super) fn describe(cause: &ureq::Error) -> String {
    match cause {
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the server closed it".into()
        }
        ureq::Error::Io(io) => io.to_string(),
        ureq::Error::HostNotFound => "the host is not known".into(),
        other => other.to_string(),
    }
}

fn unreadable(cause: &ureq::Error) -> String {
    match cause {
        ureq::Error::BodyExceedsLimit(limit) => {
            format!("the response body is larger than the {limit} bytes that are allowed")
        }
        ureq::Error::LargeResponseHeader(_, limit) => {
            format!("the response head is larger than the {limit} bytes that are allowed")
        }
        other => format!(
            "the response was cut short or cannot be read: {}",
            describe(other)
        ),
    }
}
