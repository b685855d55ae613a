//! One call: as many attempts as it takes and may take, within its deadline.

use std::time::{Duration, Instant, SystemTime};

use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, Uri};

use crate::client::closing::Ended;
use crate::client::pacing::Bucket;
use crate::client::response::{Meta, Response};
use crate::client::{CallOptions, Client, Shared, retry};
use crate::error::{Error, ErrorKind, Result};
use crate::log::{self, Level};
use crate::operation::{Method, Operation};
use crate::request::Request;
use crate::transport::{Answer, Exchange, Failure, Progress, request_id};

/// Stands for "no deadline"; instants cannot say never.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
/// Connections that the server had closed are replaced at once and not counted; after this
/// many in one call, the server closes whatever it gets.
const MOST_STALE: u32 = 100;

/// An answer with a status below 300, not parsed yet.
#[derive(Debug)]
pub(crate) struct Reply {
    pub body: Vec<u8>,
    pub meta: Meta,
}

impl Reply {
    /// The body as JSON text: an answer without one stands for null.
    pub fn json(&self) -> &[u8] {
        if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        }
    }

    pub fn parse<T: DeserializeOwned>(self, operation: &'static Operation) -> Result<Response<T>> {
        match serde_json::from_slice(self.json()) {
            Ok(value) => Ok(Response::new(value, self.meta)),
            Err(error) => Err(self.unusable(&error, operation)),
        }
    }

    /// The error for a body that is not what the operation returns.
    pub fn unusable(&self, error: &serde_json::Error, operation: &'static Operation) -> Error {
        let what = if error.is_data() {
            "is not what was expected"
        } else {
            "is not valid JSON"
        };
        let request_id = self.meta.request_id().map(str::to_owned);
        Error::new(
            ErrorKind::Response,
            format!("the body of the answer {what}: {error}"),
        )
        .with_answer(self.meta.status, request_id)
        .with_attempts(self.meta.attempts)
        .at(operation.name)
    }
}

/// The limits of one call.
struct Limits {
    start: Instant,
    deadline: Instant,
    timeout: Duration,
    max_retries: u32,
    repeatable: bool,
}

/// What an attempt that did not succeed means for the call.
struct Setback {
    error: Error,
    /// Whether another attempt may follow.
    again: bool,
    /// The wait that the server asked for.
    after: Option<Duration>,
}

impl Client {
    /// Makes a call and returns the answer with its body unparsed.
    pub(crate) fn call(&self, request: &Request) -> Result<Reply> {
        let shared = &*self.shared;
        let none = CallOptions::default();
        let options = self.options.as_deref().unwrap_or(&none);
        let outcome = shared.attempts(request, options);
        outcome.map_err(|error| error.at(request.operation.name))
    }
}

impl Shared {
    fn attempts(&self, request: &Request, options: &CallOptions) -> Result<Reply> {
        let limits = self.limits(request, options);
        let uri = self.uri(request, options)?;
        let headers = self.headers_with(options);
        let bucket = self.pacer.bucket(request.operation, &request.path);
        let mut attempts = 0;
        let mut stale = 0;
        let mut lost_answer = false;
        loop {
            if let Some(bucket) = &bucket {
                self.take_place(bucket, &limits)
                    .map_err(|error| error.with_attempts(attempts))?;
            }
            let permit = self.closing.connection(limits.deadline);
            let permit =
                permit.map_err(|ended| ended_early(ended, &limits).with_attempts(attempts))?;
            attempts += 1;
            let sent = Instant::now();
            let result = self.transport.exchange(Exchange {
                method: request.operation.method,
                uri: uri.clone(),
                headers: headers.clone(),
                body: request.body,
                deadline: limits.deadline.min(sent + limits.timeout),
                repeatable: limits.repeatable,
            });
            drop(permit);
            log_attempt(request.operation, attempts, sent.elapsed(), &result);
            let setback = match result {
                Ok(answer) if lost_answer && is_done_already(request.operation, &answer) => {
                    return Ok(reply(
                        Vec::new(),
                        204,
                        answer.headers,
                        attempts,
                        limits.start,
                    ));
                }
                Ok(answer) if answer.status < 300 => {
                    if let Some(bucket) = &bucket {
                        bucket.recover();
                    }
                    let Answer {
                        status,
                        headers,
                        body,
                    } = answer;
                    return Ok(reply(body, status, headers, attempts, limits.start));
                }
                Ok(answer) => {
                    if let (429, Some(bucket)) = (answer.status, &bucket) {
                        let after = retry::retry_after(&answer.headers, SystemTime::now());
                        bucket.slow_down(Instant::now(), after);
                    }
                    lost_answer |= answer.status >= 500;
                    self.refused(answer, &limits)
                }
                Err(_) if self.closing.is_closed() => {
                    return Err(Error::closed().with_attempts(attempts));
                }
                Err(failure) if failure.interrupted => {
                    let error = Error::interrupted().with_attempts(attempts);
                    let unsure = failure.progress != Progress::Unsent
                        && request.operation.method != Method::Get;
                    return Err(if unsure {
                        error.maybe_processed()
                    } else {
                        error
                    });
                }
                Err(failure) if is_stale(&failure, &limits) && stale < MOST_STALE => {
                    stale += 1;
                    attempts -= 1;
                    lost_answer |= failure.progress != Progress::Unsent;
                    continue;
                }
                Err(failure) => {
                    lost_answer |= failure.progress != Progress::Unsent;
                    failed(failure, request.operation, &limits, sent)
                }
            };
            let error = setback.error.with_attempts(attempts);
            if !setback.again || attempts > limits.max_retries {
                return Err(error);
            }
            let wait = setback
                .after
                .unwrap_or_else(|| retry::backoff(attempts - 1));
            let next = Instant::now() + wait.min(FOREVER);
            // A wait past the deadline would end in a worse error than the one at hand.
            if next >= limits.deadline {
                return Err(error);
            }
            self.closing
                .wait_until(next)
                .map_err(|ended| ended_early(ended, &limits).with_attempts(attempts))?;
        }
    }

    fn limits(&self, request: &Request, options: &CallOptions) -> Limits {
        let start = Instant::now();
        let deadline = options.deadline.or(self.deadline).unwrap_or(FOREVER);
        Limits {
            start,
            deadline: start + deadline.min(FOREVER),
            timeout: options.timeout.unwrap_or(self.timeout).min(FOREVER),
            max_retries: options.max_retries.unwrap_or(self.max_retries),
            repeatable: retry::may_repeat(
                request.operation,
                &request.path,
                options.idempotency_key,
            ),
        }
    }

    fn uri(&self, request: &Request, options: &CallOptions) -> Result<Uri> {
        let base = self.base_url.as_str();
        let mut target = String::with_capacity(base.len() + request.path.len() + 64);
        target.push_str(base);
        target.push_str(&request.path);
        request.query.append_to(&mut target, &options.query);
        Uri::try_from(target).map_err(|_| {
            Error::invalid("the address of the request is too long; shorten ids or filters")
        })
    }

    fn headers_with(&self, options: &CallOptions) -> HeaderMap {
        let mut headers = self.headers.clone();
        for (name, value) in &options.headers {
            headers.insert(name, value.clone());
        }
        headers
    }

    /// Waits for a place in the rate limit.
    fn take_place(&self, bucket: &Bucket, limits: &Limits) -> Result<()> {
        let now = Instant::now();
        match bucket.take(now, Some(limits.deadline)) {
            Ok(place) if place <= now => Ok(()),
            Ok(place) => self
                .closing
                .wait_until(place)
                .map_err(|ended| ended_early(ended, limits)),
            Err(place) => {
                let wait = place - now;
                let message = format!(
                    "the rate limit has no place within the deadline; the next is in {} ms",
                    wait.as_millis()
                );
                Err(Error::new(ErrorKind::RateLimited, message).with_retry(true, Some(wait)))
            }
        }
    }

    /// Reads an answer with a status of 300 or above.
    fn refused(&self, answer: Answer, limits: &Limits) -> Setback {
        let Answer {
            status,
            headers,
            body,
        } = answer;
        let request_id = request_id(&headers);
        if status < 400 {
            return Setback {
                error: redirected(status, &headers, request_id),
                again: false,
                after: None,
            };
        }
        let after = retry::retry_after(&headers, SystemTime::now());
        let again = retry::is_worth_repeating(status, &headers, limits.repeatable);
        let body = self.redacted(String::from_utf8_lossy(&body).into_owned());
        let mut error = Error::from_answer(status, request_id, body).with_retry(again, after);
        if status >= 500 && !limits.repeatable {
            error = error.maybe_processed();
        }
        Setback {
            error,
            again,
            after,
        }
    }

    /// A text of the server without the secrets that it may have echoed.
    fn redacted(&self, text: String) -> String {
        let hide = |text: String, secret: &String| text.replace(secret.as_str(), "[secret]");
        self.secrets.iter().fold(text, hide)
    }
}

fn reply(body: Vec<u8>, status: u16, headers: HeaderMap, attempts: u32, start: Instant) -> Reply {
    Reply {
        body,
        meta: Meta {
            status,
            headers,
            attempts,
            elapsed: start.elapsed(),
        },
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// Whether a 404 says that an earlier attempt, whose answer was lost, deleted what this one
/// looked for.
fn is_done_already(operation: &Operation, answer: &Answer) -> bool {
    answer.status == 404 && operation.method == Method::Delete && operation.response == "()"
}

/// Whether the server had closed the connection before the request came. It then never answers,
/// and the request may be sent again if it is safe to repeat or was not sent at all.
fn is_stale(failure: &Failure, limits: &Limits) -> bool {
    let timed_out = matches!(failure.error, ureq::Error::Timeout(_));
    failure.reused
        && !timed_out
        && match failure.progress {
            Progress::Unsent => true,
            Progress::Sent => limits.repeatable,
            Progress::Answering => false,
        }
}

fn ended_early(ended: Ended, limits: &Limits) -> Error {
    match ended {
        Ended::Closed => Error::closed(),
        Ended::Interrupted => Error::interrupted(),
        Ended::TimedOut => timed_out(limits, "waiting for a free connection"),
    }
}

fn timed_out(limits: &Limits, doing: &str) -> Error {
    let (what, limit) = if Instant::now() >= limits.deadline {
        ("the deadline of the call", limits.deadline - limits.start)
    } else {
        ("the timeout of an attempt", limits.timeout)
    };
    Error::new(
        ErrorKind::Timeout,
        format!("{what}, {} ms, ran out while {doing}", limit.as_millis()),
    )
}

fn redirected(status: u16, headers: &HeaderMap, request_id: Option<String>) -> Error {
    let to = header_text(headers, "location").and_then(|location| location.parse::<Uri>().ok());
    let host = to.and_then(|uri| uri.host().map(str::to_owned));
    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
    Error::new(
        ErrorKind::Response,
        format!(
            "the server answered {status}, a redirect{to}, which is not followed; check base_url"
        ),
    )
    .with_answer(status, request_id)
}

/// Reads a failure to get an answer.
fn failed(failure: Failure, operation: &Operation, limits: &Limits, sent: Instant) -> Setback {
    let Failure {
        error: cause,
        progress,
        head,
        ..
    } = failure;
    let timed = matches!(cause, ureq::Error::Timeout(_)) || {
        let out = |io: &std::io::Error| {
            io.get_ref()
                .is_some_and(|e| e.to_string().contains("timeout"))
        };
        matches!(&cause, ureq::Error::Io(io) if sent.elapsed() >= limits.timeout || out(io))
    };
    let mut error = match progress {
        _ if timed => timed_out(
            limits,
            match progress {
                Progress::Unsent => "connecting",
                Progress::Sent => "waiting for the answer",
                Progress::Answering => "reading the answer",
            },
        ),
        Progress::Unsent => Error::new(
            ErrorKind::Transport,
            format!("no connection: {}", said(&cause)),
        ),
        Progress::Sent => Error::new(
            ErrorKind::Transport,
            format!(
                "the connection broke before an answer came: {}",
                said(&cause)
            ),
        ),
        Progress::Answering => Error::new(ErrorKind::Response, unreadable(&cause)),
    };
    // What timed out has had its time, and half an answer says that the work was done.
    let again = !timed
        && match progress {
            Progress::Unsent => true,
            Progress::Sent => limits.repeatable,
            Progress::Answering => false,
        };
    if let Some((status, request_id)) = head {
        error = error.with_answer(status, request_id);
    }
    if progress != Progress::Unsent && operation.method != Method::Get {
        error = error.maybe_processed();
    }
    let retryable = progress == Progress::Unsent || limits.repeatable;
    Setback {
        error: error.with_retry(retryable, None).with_source(cause),
        again,
        after: None,
    }
}

/// ureq's message without its own prefixes.
fn said(cause: &ureq::Error) -> String {
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
            format!("the body of the answer is larger than the {limit} bytes that are allowed")
        }
        ureq::Error::LargeResponseHeader(_, limit) => {
            format!("the head of the answer is larger than the {limit} bytes that are allowed")
        }
        other => format!(
            "the answer was cut short or cannot be read: {}",
            said(other)
        ),
    }
}

fn log_attempt(
    operation: &'static Operation,
    attempt: u32,
    elapsed: Duration,
    result: &Result<Answer, Failure>,
) {
    let level = match result {
        Ok(answer) if answer.status < 400 => Level::Debug,
        _ => Level::Warn,
    };
    if !log::enabled(level) {
        return;
    }
    let millis = elapsed.as_secs_f64() * 1000.0;
    let outcome = match result {
        Ok(answer) => {
            let id = request_id(&answer.headers);
            format!(
                "{} request_id={}",
                answer.status,
                id.as_deref().unwrap_or("-")
            )
        }
        Err(failure) => format!("failed ({})", said(&failure.error)),
    };
    log::write(
        level,
        &format!(
            "{} attempt={attempt} {outcome} {millis:.1}ms",
            operation.name
        ),
    );
}
