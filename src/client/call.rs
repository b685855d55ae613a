//! One call: as many attempts as it takes and may take, within its deadline.

use std::time::{Instant, SystemTime};

use ureq::http::{HeaderMap, Uri};

use crate::client::admission::Admission;
use crate::client::attempt_log::{attempt_line, write};
use crate::client::failure::{failed, is_gone, is_stale, refused};
use crate::client::limits::CallLimits;
use crate::client::pacing::bucket::Bucket;
use crate::client::raw_response::UnparsedResponse;
use crate::client::redact::{Redactor, secret};
use crate::client::response::Meta;
use crate::client::{CallOptions, Client, ClientInner, retry};
use crate::error::{Error, Result};
use crate::log::Level;
use crate::operation::Method;
use crate::request::Request;
use crate::transport::{Exchange, Failure, Progress, RawResponse};

/// A call under way.
struct Call<'a> {
    client: &'a ClientInner,
    request: &'a Request<'a>,
    options: &'a CallOptions,
    limits: &'a CallLimits,
    admission: Admission<'a>,
    redactor: Redactor<'a>,
    progress: CallProgress,
}

/// Progress of a call across its attempts.
#[derive(Default)]
struct CallProgress {
    /// With those that got no connection.
    tries: u32,
    /// Number of requests that went out, whole or in part.
    attempts: u32,
    /// Whether the server may have done the work, though no response said so.
    maybe_processed: bool,
}

/// Decision after one attempt.
enum RetryDecision {
    /// Body, status and headers of the response.
    Done(Vec<u8>, u16, HeaderMap),
    Failed(Error),
    /// Another attempt follows, at this moment.
    Again(Error, Instant),
}

impl Client {
    /// Makes a call and returns the response with its body unparsed.
    pub(crate) fn call(&self, request: &Request) -> Result<UnparsedResponse> {
        let client = &*self.inner;
        let none = CallOptions::default();
        let options = self.options.as_deref().unwrap_or(&none);
        let limits = CallLimits::new(client, request, options);
        let caller = options
            .headers
            .iter()
            .filter_map(|(_, value)| secret(value));
        let bucket = client
            .pacer
            .bucket(request.operation, &request.path, caller);
        let mut call = Call {
            client,
            request,
            options,
            limits: &limits,
            admission: Admission {
                gate: &client.gate,
                bucket: bucket.as_deref(),
                limits: &limits,
            },
            redactor: Redactor {
                client: &client.secrets,
                headers: &options.headers,
            },
            progress: CallProgress::default(),
        };
        let outcome = call.attempts();
        outcome.map_err(|error| call.completed(error))
    }
}

impl Call<'_> {
    /// Makes attempts until one succeeds, or no other may follow.
    fn attempts(&mut self) -> Result<UnparsedResponse> {
        let uri = self.uri()?;
        let mut last: Option<Error> = None;
        loop {
            // Where there is no time for another attempt, what the last one met says more.
            let permit = self.admission.admit().map_err(|error| match last.take() {
                Some(last) if !error.is_cancelled() => last,
                _ => error,
            })?;
            self.progress.tries += 1;
            let sent = Instant::now();
            let result = self.exchange(&uri);
            drop(permit);
            let (name, number) = (self.request.operation.name, self.progress.tries);
            let line = attempt_line(name, number, sent.elapsed(), &result);
            match self.decide(result) {
                RetryDecision::Done(body, status, headers) => {
                    write(Level::Debug, line, &self.redactor);
                    return Ok(self.response(body, status, headers));
                }
                RetryDecision::Failed(error) => {
                    write(Level::Error, line, &self.redactor);
                    return Err(error);
                }
                RetryDecision::Again(error, at) => {
                    write(Level::Warn, line, &self.redactor);
                    self.admission.wait_until(at)?;
                    last = Some(error);
                }
            }
        }
    }

    /// One attempt. A pooled connection that turns out to have been closed before anything was
    /// sent is replaced once, by a fresh one.
    fn exchange(&mut self, uri: &Uri) -> Result<RawResponse, Failure> {
        let start = Instant::now();
        let over = |fresh| {
            self.client.transport.exchange(Exchange {
                method: self.request.operation.method,
                uri: uri.clone(),
                headers: self.headers(),
                body: self.request.body,
                connect_deadline: start + self.limits.connect_timeout,
                deadline: self.limits.deadline.min(start + self.limits.timeout),
                fresh,
            })
        };
        let mut result = over(false);
        if result.as_ref().is_err_and(is_stale) {
            result = over(true);
        }
        let progress = result.as_ref().err().map(|failure| failure.progress);
        if progress != Some(Progress::Unsent) {
            self.progress.attempts += 1;
            self.progress.maybe_processed |= progress.is_some();
        }
        result
    }

    /// Decides what follows an attempt, and lets the rate limit know how it went.
    fn decide(&mut self, result: Result<RawResponse, Failure>) -> RetryDecision {
        let bucket = self.admission.bucket;
        let failure = match result {
            Ok(RawResponse {
                status: status @ 200..300,
                headers,
                body,
            }) => {
                bucket.into_iter().for_each(Bucket::recover);
                return RetryDecision::Done(body, status, headers);
            }
            Ok(response)
                if self.progress.maybe_processed && is_gone(self.request.operation, &response) =>
            {
                return RetryDecision::Done(Vec::new(), 204, response.headers);
            }
            Ok(response) => {
                if let (429, Some(bucket)) = (response.status, bucket) {
                    let after = retry::retry_after(&response.headers, SystemTime::now());
                    bucket.slow_down(Instant::now(), after);
                }
                self.progress.maybe_processed |= response.status >= 500;
                refused(response, self.limits)
            }
            Err(_) if self.client.gate.is_closed() => {
                return RetryDecision::Failed(Error::closed());
            }
            Err(failure) if failure.interrupted => {
                return RetryDecision::Failed(Error::interrupted());
            }
            Err(failure) => failed(failure, self.limits),
        };
        if !failure.again || self.progress.tries > self.limits.max_retries {
            return RetryDecision::Failed(failure.error);
        }
        let wait = match failure.after {
            Some(after) if after > self.limits.patience => {
                return RetryDecision::Failed(failure.error);
            }
            Some(after) => after,
            None => retry::backoff(self.progress.tries - 1),
        };
        let next = Instant::now() + wait;
        // A wait past the deadline would end in a worse error than the one at hand.
        if next >= self.limits.deadline {
            return RetryDecision::Failed(failure.error);
        }
        RetryDecision::Again(failure.error, next)
    }

    fn uri(&self) -> Result<Uri> {
        let base = self.client.base_url.as_str();
        let mut target = String::with_capacity(base.len() + self.request.path.len() + 64);
        target.push_str(base);
        target.push_str(&self.request.path);
        let query = &self.request.query;
        query.append_to(&mut target, &self.options.query);
        Uri::try_from(target).map_err(|_| {
            Error::invalid("the address of the request is too long; shorten ids or filters")
        })
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.client.headers.clone();
        for (name, value) in &self.options.headers {
            headers.insert(name, value.clone());
        }
        headers
    }

    fn response(&self, body: Vec<u8>, status: u16, mut headers: HeaderMap) -> UnparsedResponse {
        self.redactor.request_id(&mut headers);
        UnparsedResponse {
            body,
            meta: Meta {
                status,
                headers,
                attempts: self.progress.attempts,
                elapsed: self.limits.start.elapsed(),
            },
        }
    }

    /// The error of the call: with what is known of it, and without secrets.
    fn completed(&self, error: Error) -> Error {
        let operation = self.request.operation;
        let mut error = error
            .at(operation.name)
            .with_attempts(self.progress.attempts);
        if self.progress.maybe_processed && operation.method != Method::Get {
            error = error.maybe_processed();
        }
        self.redactor.error(error)
    }
}
