//! One call: as many attempts as it takes and may take, within its deadline.

use std::time::{Duration, Instant, SystemTime};

use ureq::http::{HeaderMap, HeaderValue, Uri};

use crate::client::bucket::{Bucket, Place};
use crate::client::closing::Permit;
use crate::client::options::secrets;
use crate::client::outcome::{ended_early, failed, is_gone, is_stale, no_place, refused, said};
use crate::client::reply::Reply;
use crate::client::response::Meta;
use crate::client::{CallOptions, Client, Shared, retry};
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::operation::{Method, Operation};
use crate::request::Request;
use crate::transport::{Answer, Exchange, Failure, Progress, request_id};

/// Stands for "no deadline"; instants cannot say never.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
/// Connections that the server had closed are replaced at once and not counted; after this
/// many in one attempt, the server closes whatever it gets.
const MOST_STALE: u32 = 100;
/// Stands where a secret was.
const HIDDEN: &str = "[secret]";

/// The limits of one call.
pub(super) struct Limits {
    pub start: Instant,
    pub deadline: Instant,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// The longest that the server may ask to wait before the next attempt.
    patience: Duration,
    max_retries: u32,
    /// Whether a request that may have been processed may be sent again.
    pub repeatable: bool,
}

/// What a call has behind it.
#[derive(Default)]
struct Record {
    attempts: u32,
    /// Whether the server may have done the work, though no answer said so.
    maybe_processed: bool,
}

/// What an attempt means for its call.
enum Verdict {
    /// Body, status and headers of the answer.
    Done(Vec<u8>, u16, HeaderMap),
    Failed(Error),
    /// Another attempt follows, at this moment.
    Again(Error, Instant),
}

impl Client {
    /// Makes a call and returns the answer with its body unparsed.
    pub(crate) fn call(&self, request: &Request) -> Result<Reply> {
        let shared = &*self.shared;
        let none = CallOptions::default();
        let options = self.options.as_deref().unwrap_or(&none);
        let mut record = Record::default();
        let outcome = shared.attempts(request, options, &mut record);
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
            shared.redact(error, options)
        })
    }
}

impl Shared {
    fn attempts(
        &self,
        request: &Request,
        options: &CallOptions,
        record: &mut Record,
    ) -> Result<Reply> {
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
                Verdict::Done(body, status, headers) => {
                    log(Level::Debug);
                    return Ok(self.reply(body, status, headers, options, record, limits.start));
                }
                Verdict::Failed(error) => {
                    log(Level::Error);
                    return Err(error);
                }
                Verdict::Again(error, at) => {
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
        result: Result<Answer, Failure>,
        operation: &Operation,
        bucket: Option<&Bucket>,
        limits: &Limits,
        record: &mut Record,
    ) -> Verdict {
        let setback = match result {
            Ok(Answer {
                status: status @ 200..300,
                headers,
                body,
            }) => {
                bucket.into_iter().for_each(Bucket::recover);
                return Verdict::Done(body, status, headers);
            }
            Ok(answer) if record.maybe_processed && is_gone(operation, &answer) => {
                return Verdict::Done(Vec::new(), 204, answer.headers);
            }
            Ok(answer) => {
                if let (429, Some(bucket)) = (answer.status, bucket) {
                    let after = retry::retry_after(&answer.headers, SystemTime::now());
                    bucket.slow_down(Instant::now(), after);
                }
                record.maybe_processed |= answer.status >= 500;
                refused(answer, limits)
            }
            Err(_) if self.closing.is_closed() => return Verdict::Failed(Error::closed()),
            Err(failure) if failure.interrupted => return Verdict::Failed(Error::interrupted()),
            Err(failure) => failed(failure, limits),
        };
        if !setback.again || record.attempts > limits.max_retries {
            return Verdict::Failed(setback.error);
        }
        let wait = match setback.after {
            Some(after) if after > limits.patience => return Verdict::Failed(setback.error),
            Some(after) => after,
            None => retry::backoff(record.attempts - 1),
        };
        let next = Instant::now() + wait;
        // A wait past the deadline would end in a worse error than the one at hand.
        if next >= limits.deadline {
            return Verdict::Failed(setback.error);
        }
        Verdict::Again(setback.error, next)
    }

    /// One attempt. A connection that the server had closed while it was idle is replaced.
    fn exchange(
        &self,
        request: &Request,
        uri: &Uri,
        options: &CallOptions,
        limits: &Limits,
        record: &mut Record,
    ) -> Result<Answer, Failure> {
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

    /// Waits for a place in the rate limit and for a connection.
    fn admit(&self, bucket: Option<&Bucket>, limits: &Limits) -> Result<Permit<'_>> {
        let Some(bucket) = bucket else {
            return self.connection(limits);
        };
        let mut place = self.take_place(bucket, limits)?;
        loop {
            let permit = self.connection(limits)?;
            if !permit.waited() || !bucket.is_past(place) {
                return Ok(permit);
            }
            // The place went by. Those who waited together must not go together, nor keep a
            // connection from others until they may.
            drop(permit);
            place = match self.use_place(bucket, place, limits)? {
                Some(place) => place,
                None => self.take_place(bucket, limits)?,
            };
        }
    }

    fn connection(&self, limits: &Limits) -> Result<Permit<'_>> {
        let permit = self.closing.connection(limits.deadline);
        permit.map_err(|ended| ended_early(ended, limits))
    }

    fn limits(&self, request: &Request, options: &CallOptions) -> Limits {
        let start = Instant::now();
        let deadline = options.deadline.or(self.deadline);
        Limits {
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

    /// Waits for a place in the rate limit.
    fn take_place(&self, bucket: &Bucket, limits: &Limits) -> Result<Place> {
        loop {
            let now = Instant::now();
            let place = bucket.take(now, limits.deadline);
            let place = place.map_err(|at| no_place(at, limits))?;
            if place.at <= now {
                return Ok(place);
            }
            self.wait_until(place.at, limits)?;
            if let Some(place) = self.use_place(bucket, place, limits)? {
                return Ok(place);
            }
        }
    }

    /// Uses a place whose time has come, as soon as others that went late allow; none where a
    /// 429 to another thread has made it void.
    fn use_place(&self, bucket: &Bucket, place: Place, limits: &Limits) -> Result<Option<Place>> {
        let now = Instant::now();
        let Some(place) = bucket.use_up(place, now) else {
            return Ok(None);
        };
        if place.at > limits.deadline {
            return Err(no_place(place.at, limits));
        }
        self.wait_until(place.at, limits)?;
        Ok(Some(place))
    }

    fn wait_until(&self, moment: Instant, limits: &Limits) -> Result<()> {
        let waited = self.closing.wait_until(moment);
        waited.map_err(|ended| ended_early(ended, limits))
    }

    fn reply(
        &self,
        body: Vec<u8>,
        status: u16,
        mut headers: HeaderMap,
        options: &CallOptions,
        record: &Record,
        start: Instant,
    ) -> Reply {
        // The one header that errors tell; a server may echo anything in it.
        if let Some(id) = headers.get_mut("x-request-id") {
            let shows = |secret: &str| id.to_str().is_ok_and(|id| id.contains(secret));
            if self.secrets(options).any(shows) {
                *id = HeaderValue::from_static(HIDDEN);
            }
        }
        Reply {
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
        record: &Record,
        elapsed: Duration,
        result: &Result<Answer, Failure>,
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
            Err(failure) => format!("failed ({})", said(&failure.error)),
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
