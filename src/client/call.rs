//! One call: as many attempts as it takes and may take, within its deadline.

use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::client::failure::{
    describe, ended_early, failed, is_gone, is_stale, no_reservation, refused,
};
use crate::client::gate::Permit;
use crate::client::limits::{CallLimits, FOREVER};
use crate::client::options::secrets;
use crate::client::pacing::bucket::{Bucket, Reservation};
use crate::client::raw_response::UnparsedResponse;
use crate::client::response::Meta;
use crate::client::{CallOptions, Client, ClientInner, retry};
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::operation::{Method, Operation};
use crate::request::Request;
use crate::transport::{Exchange, Failure, Progress, RawResponse, request_id};

/// Connections that the server had closed are replaced at once and not counted; after this
/// many in one attempt, the server closes whatever it gets.
const MOST_STALE: u32 = 100;
/// Stands where a secret was.
const HIDDEN: &str = "[secret]";

/// What a call has behind it.
#[derive(Default)]
struct CallProgress {
    attempts: u32,
    /// Whether the server may have done the work, though no response said so.
    maybe_processed: bool,
}

/// What an attempt means for its call.
enum RetryDecision {
    /// Body, status and headers of the answer.
    Done(Vec<u8>, u16, HeaderMap),
    Failed(Error),
    /// Another attempt follows, at this moment.
    Again(Error, Instant),
}

impl Client {
    /// Makes a call and returns the answer with its body unparsed.
    pub(crate) fn call(&self, request: &Request) -> Result<UnparsedResponse> {
        let inner = &*self.inner;
        let none = CallOptions::default();
        let options = self.options.as_deref().unwrap_or(&none);
        let mut record = CallProgress::default();
        let outcome = inner.attempts(request, options, &mut record);
        outcome.map_err(|error| {
            let error = error
                .at(request.operation.name)
                .with_attempts(record.attempts);
            let reads = request.operation.method == Method::Get;
            let error = if record.maybe_processed && !reads {
                error.maybe_processed()
            } else {
                error
            };
            inner.redact(error, options)
        })
    }
}

impl ClientInner {
    fn attempts(
        &self,
        request: &Request,
        options: &CallOptions,
        record: &mut CallProgress,
    ) -> Result<UnparsedResponse> {
        let limits = self.limits(request, options);
        let uri = self.uri(request, options)?;
        let caller = secrets(options.headers.iter().map(|(_, value)| value));
        let bucket = self.pacer.bucket(request.operation, &request.path, caller);
        let mut last: Option<Error> = None;
        loop {
            let admitted = self.admit(bucket.as_deref(), &limits);
            // Where there is no time for another attempt, what the last one met says more.
            let permit = admitted.map_err(|error| match last.take() {
                Some(last) if !error.is_called_off() => last,
                _ => error,
            })?;
            record.attempts += 1;
            let sent = Instant::now();
            let result = self.exchange(request, &uri, options, &limits, record);
            drop(permit);
            let line = self.attempt_line(request.operation, record, sent.elapsed(), &result);
            let log = |level| self.log(level, line, options);
            match self.judge(
                result,
                request.operation,
                bucket.as_deref(),
                &limits,
                record,
            ) {
                RetryDecision::Done(body, status, headers) => {
                    log(Level::Debug);
                    return Ok(self.reply(body, status, headers, options, record, limits.start));
                }
                RetryDecision::Failed(error) => {
                    log(Level::Error);
                    return Err(error);
                }
                RetryDecision::Again(error, at) => {
                    log(Level::Warn);
                    self.wait_until(at, &limits)?;
                    last = Some(error);
                }
            }
        }
    }

    /// What an attempt means for its call.
    fn judge(
        &self,
        result: Result<RawResponse, Failure>,
        operation: &Operation,
        bucket: Option<&Bucket>,
        limits: &CallLimits,
        record: &mut CallProgress,
    ) -> RetryDecision {
        let setback = match result {
            Ok(RawResponse {
                status: status @ 200..300,
                headers,
                body,
            }) => {
                bucket.into_iter().for_each(Bucket::recover);
                return RetryDecision::Done(body, status, headers);
            }
            Ok(answer) if record.maybe_processed && is_gone(operation, &answer) => {
                return RetryDecision::Done(Vec::new(), 204, answer.headers);
            }
            Ok(answer) => {
                if let (429, Some(bucket)) = (answer.status, bucket) {
                    let after = retry::retry_after(&answer.headers, SystemTime::now());
                    bucket.slow_down(Instant::now(), after);
                }
                record.maybe_processed |= answer.status >= 500;
                refused(answer, limits)
            }
            Err(_) if self.gate.is_closed() => return RetryDecision::Failed(Error::closed()),
            Err(failure) if failure.interrupted => {
                return RetryDecision::Failed(Error::interrupted());
            }
            Err(failure) => failed(failure, limits),
        };
        if !setback.again || record.attempts > limits.max_retries {
            return RetryDecision::Failed(setback.error);
        }
        let wait = match setback.after {
            Some(after) if after > limits.patience => return RetryDecision::Failed(setback.error),
            Some(after) => after,
            None => retry::backoff(record.attempts - 1),
        };
        let next = Instant::now() + wait;
        // A wait past the deadline would end in a worse error than the one at hand.
        if next >= limits.deadline {
            return RetryDecision::Failed(setback.error);
        }
        RetryDecision::Again(setback.error, next)
    }

    /// One attempt. A connection that the server had closed while it was idle is replaced.
    fn exchange(
        &self,
        request: &Request,
        uri: &Uri,
        options: &CallOptions,
        limits: &CallLimits,
        record: &mut CallProgress,
    ) -> Result<RawResponse, Failure> {
        let mut stale = 0;
        loop {
            let start = Instant::now();
            let result = self.transport.exchange(Exchange {
                method: request.operation.method,
                uri: uri.clone(),
                headers: self.headers_with(options),
                body: request.body,
                connect_deadline: start + limits.connect_timeout,
                deadline: limits.deadline.min(start + limits.timeout),
                repeatable: limits.repeatable,
            });
            if let Err(failure) = &result {
                record.maybe_processed |= failure.progress != Progress::Unsent;
                if is_stale(failure, limits) && stale < MOST_STALE {
                    stale += 1;
                    continue;
                }
            }
            return result;
        }
    }

    /// Waits for a reservation in the rate limit and for a connection.
    fn admit(&self, bucket: Option<&Bucket>, limits: &CallLimits) -> Result<Permit<'_>> {
        let Some(bucket) = bucket else {
            return self.connection(limits);
        };
        let mut reservation = self.take_reservation(bucket, limits)?;
        loop {
            let permit = self.connection(limits)?;
            if !permit.waited() || !bucket.is_past(reservation) {
                return Ok(permit);
            }
            // The reservation went by. Those who waited together must not go together, nor keep a
            // connection from others until they may.
            drop(permit);
            reservation = match self.use_reservation(bucket, reservation, limits)? {
                Some(reservation) => reservation,
                None => self.take_reservation(bucket, limits)?,
            };
        }
    }

    fn connection(&self, limits: &CallLimits) -> Result<Permit<'_>> {
        let permit = self.gate.connection(limits.deadline);
        permit.map_err(|ended| ended_early(ended, limits))
    }

    fn limits(&self, request: &Request, options: &CallOptions) -> CallLimits {
        let start = Instant::now();
        let deadline = options.deadline.or(self.deadline);
        CallLimits {
            start,
            deadline: start + deadline.unwrap_or(FOREVER).min(FOREVER),
            timeout: options.timeout.unwrap_or(self.timeout).min(FOREVER),
            connect_timeout: self.connect_timeout.min(FOREVER),
            patience: deadline.map_or(retry::PATIENCE, |_| FOREVER),
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

    /// Waits for a reservation in the rate limit.
    fn take_reservation(&self, bucket: &Bucket, limits: &CallLimits) -> Result<Reservation> {
        loop {
            let now = Instant::now();
            let reservation = bucket.take(now, limits.deadline);
            let reservation = reservation.map_err(|at| no_reservation(at, limits))?;
            if reservation.at <= now {
                return Ok(reservation);
            }
            self.wait_until(reservation.at, limits)?;
            if let Some(reservation) = self.use_reservation(bucket, reservation, limits)? {
                return Ok(reservation);
            }
        }
    }

    /// Uses a reservation whose time has come, as soon as others that went late allow; none where a
    /// 429 to another thread has made it void.
    fn use_reservation(
        &self,
        bucket: &Bucket,
        reservation: Reservation,
        limits: &CallLimits,
    ) -> Result<Option<Reservation>> {
        let now = Instant::now();
        let Some(reservation) = bucket.use_up(reservation, now) else {
            return Ok(None);
        };
        if reservation.at > limits.deadline {
            return Err(no_reservation(reservation.at, limits));
        }
        self.wait_until(reservation.at, limits)?;
        Ok(Some(reservation))
    }

    fn wait_until(&self, moment: Instant, limits: &CallLimits) -> Result<()> {
        let waited = self.gate.wait_until(moment);
        waited.map_err(|ended| ended_early(ended, limits))
    }

    fn reply(
        &self,
        body: Vec<u8>,
        status: u16,
        mut headers: HeaderMap,
        options: &CallOptions,
        record: &CallProgress,
        start: Instant,
    ) -> UnparsedResponse {
        // The one header that errors tell; a server may echo anything in it.
        if let Some(id) = headers.get_mut("x-request-id") {
            let shows = |secret: &str| id.to_str().is_ok_and(|id| id.contains(secret));
            if self.secrets(options).any(shows) {
                *id = HeaderValue::from_static(HIDDEN);
            }
        }
        UnparsedResponse {
            body,
            meta: Meta {
                status,
                headers,
                attempts: record.attempts,
                elapsed: start.elapsed(),
            },
        }
    }

    /// An error without the secrets that the server may have echoed.
    fn redact(&self, error: Error, options: &CallOptions) -> Error {
        let hide = |error: Error, secret: &str| error.replacing(secret, HIDDEN);
        self.secrets(options).fold(error, hide)
    }

    fn secrets<'a>(&'a self, options: &'a CallOptions) -> impl Iterator<Item = &'a str> {
        let own = secrets(options.headers.iter().map(|(_, value)| value));
        self.secrets.iter().map(String::as_str).chain(own)
    }

    /// What the log says of an attempt, if anybody reads it.
    fn attempt_line(
        &self,
        operation: &Operation,
        record: &CallProgress,
        elapsed: Duration,
        result: &Result<RawResponse, Failure>,
    ) -> Option<String> {
        let succeeded = matches!(result, Ok(answer) if answer.status < 300);
        if !log::enabled(if succeeded {
            Level::Debug
        } else {
            Level::Error
        }) {
            return None;
        }
        let outcome = match result {
            Ok(answer) => {
                let id = request_id(&answer.headers);
                let id = id.as_deref().unwrap_or("-");
                format!("{} request_id={id}", answer.status)
            }
            Err(failure) => format!("failed ({})", describe(&failure.error)),
        };
        Some(format!(
            "{} attempt={} {outcome} {:.1}ms",
            operation.name,
            record.attempts,
            elapsed.as_secs_f64() * 1000.0,
        ))
    }

    fn log(&self, level: Level, line: Option<String>, options: &CallOptions) {
        if let Some(line) = line.filter(|_| log::enabled(level)) {
            let hide = |line: String, secret: &str| line.replace(secret, HIDDEN);
            log::write(level, &self.secrets(options).fold(line, hide));
        }
    }
}
