//! Faults: what can be made to go wrong with the next requests that match.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;
use crate::errors::ApiError;
use crate::matcher::Matcher;

/// Part of a response that is sent before the connection meets its [`Ending`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Portion {
    /// The whole answer.
    #[default]
    All,
    /// Not a byte.
    Nothing,
    /// The status line and the first half of the headers.
    HalfHead,
    /// The status line and all headers, no body.
    Head,
    /// The headers and this many bytes of the body; `content-length` still promises all of it.
    BodyBytes(usize),
}

/// End of the connection after the sent [`Portion`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It stays open for the next request, unless the portion left the response incomplete: then it is closed.
    #[default]
    Keep,
    /// It is closed in order (FIN), without having been announced.
    Close,
    /// It is reset (RST).
    Reset,
    /// It stays open and silent until the client gives up.
    Hang,
}

/// Forced result of a bulk operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BulkOutcome {
    /// The whole operation ends `failed`, with no row applied.
    pub fail: bool,
    /// Rows with these ids fail and are listed in `error_items`; the others are applied.
    pub failed_ids: Vec<String>,
    /// Every n-th row fails (1 fails all of them).
    pub fail_every: Option<usize>,
}

/// A fault for the next requests that match.
///
/// Three questions are answered apart from each other: is the request processed, what is the response, and how
/// much of the response arrives. The constructors cover the usual cases; every field can also be set on its own,
/// and the JSON form has the same names.
///
/// ```
/// use knock_sandbox::Fault;
///
/// Fault::status(503).header("retry-after", "1").times(2).on("GET", "/v1/users/*");
/// Fault::reset().processed(true).on("POST", "/v1/users/*/merge"); // done, but the response is lost
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    /// Method to match; none or `*` matches any.
    pub method: Option<String>,
    /// Path to match as sent (percent-encoded): `*` stands for anything within a segment, `**` for anything at
    /// all; none or `*` alone matches any path.
    pub path: Option<String>,
    /// Number of requests it takes (1 when not given).
    pub times: Option<u64>,
    /// Number of matching requests that pass untouched first.
    pub skip: u64,
    /// Whether the API processes the request. When not given: yes if its own response is what gets sent, no if the
    /// fault brings its own response or sends nothing.
    pub processed: Option<bool>,
    /// Status of the response (200 when only headers or a body are given).
    pub status: Option<u16>,
    /// Headers of the response.
    pub headers: BTreeMap<String, String>,
    /// Body of the response: a JSON string is sent as it stands, anything else as JSON.
    pub body: Option<Value>,
    /// Bytes to send instead of an HTTP answer.
    pub raw: Option<String>,
    /// Milliseconds to wait before anything is sent.
    pub delay_ms: u64,
    /// Part of the response that is sent.
    pub send: Portion,
    /// Milliseconds between any two bytes sent; none sends them at once.
    pub drip_ms: Option<u64>,
    /// End of the connection.
    pub then: Ending,
    /// Result of the bulk operation that the request starts.
    pub bulk: Option<BulkOutcome>,
}

impl Fault {
    /// A response with this status, and an error envelope as its body.
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }

    /// The usual answer, late.
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay_ms: millis(delay),
            ..Self::default()
        }
    }

    /// The connection is reset before anything is answered; the request is not processed.
    pub fn reset() -> Self {
        Self {
            send: Portion::Nothing,
            then: Ending::Reset,
            ..Self::default()
        }
    }

    /// The request is processed; the connection is reset after the headers.
    pub fn reset_mid_answer() -> Self {
        Self {
            send: Portion::Head,
            then: Ending::Reset,
            ..Self::default()
        }
    }

    /// The connection is closed in order before anything is answered; the request is not processed.
    pub fn close() -> Self {
        Self {
            send: Portion::Nothing,
            then: Ending::Close,
            ..Self::default()
        }
    }

    /// The usual answer in full, then a close that no header announced.
    pub fn close_after() -> Self {
        Self {
            then: Ending::Close,
            ..Self::default()
        }
    }

    /// The request is processed; only `bytes` of the body come, then the connection is closed.
    pub fn truncate(bytes: usize) -> Self {
        Self {
            send: Portion::BodyBytes(bytes),
            then: Ending::Close,
            ..Self::default()
        }
    }

    /// Status 200 with a body that is HTML.
    pub fn not_json() -> Self {
        Self::status(200)
            .header("content-type", "text/html")
            .body(Value::from("<html>upstream sent this</html>"))
    }

    /// These bytes, which need not be HTTP, then a close.
    pub fn raw(bytes: impl Into<String>) -> Self {
        Self {
            raw: Some(bytes.into()),
            then: Ending::Close,
            ..Self::default()
        }
    }

    /// Nothing is ever answered; the request is not processed.
    pub fn silent() -> Self {
        Self {
            send: Portion::Nothing,
            then: Ending::Hang,
            ..Self::default()
        }
    }

    /// The usual answer, one byte at a time.
    pub fn drip(pause: Duration) -> Self {
        Self {
            drip_ms: Some(millis(pause)),
            ..Self::default()
        }
    }

    /// The bulk operation that the request starts comes to this.
    pub fn bulk(outcome: BulkOutcome) -> Self {
        Self {
            bulk: Some(outcome),
            ..Self::default()
        }
    }

    /// Takes only requests with this method (`*` for any) and path (see [`Fault::path`]).
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Takes this many requests instead of one.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets this many matching requests pass first.
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }

    /// Whether the API processes the request before the fault strikes.
    pub fn processed(mut self, processed: bool) -> Self {
        self.processed = Some(processed);
        self
    }

    /// Adds a header to the fault's answer.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the body of the fault's answer: a string as it stands, anything else as JSON.
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Waits this long before anything is sent.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay_ms = millis(delay);
        self
    }

    /// Whether the API gets to see the request.
    pub(crate) fn lets_through(&self) -> bool {
        self.processed
            .unwrap_or(!self.brings_answer() && self.send != Portion::Nothing)
    }

    fn brings_answer(&self) -> bool {
        self.raw.is_some()
            || self.status.is_some()
            || self.body.is_some()
            || !self.headers.is_empty()
    }

    /// The response to send, given that of the API if it was asked.
    pub(crate) fn answer(&self, real: Option<Answer>) -> Answer {
        if !self.brings_answer() {
            return real.unwrap_or_else(|| ApiError::injected(503).into_answer());
        }
        let status = self.status.unwrap_or(200);
        let mut answer = match &self.body {
            Some(Value::String(text)) => Answer {
                body: Bytes::from(text.clone()),
                ..Answer::json(status, "")
            },
            Some(body) => Answer::json(status, body),
            None if status == 204 => Answer::no_content(),
            None if status < 400 => Answer::json(status, &serde_json::json!({})),
            None => ApiError::injected(status).into_answer(),
        };
        for (name, value) in &self.headers {
            answer = answer.header(name, value);
        }
        answer
    }

    /// Whether there is a body where HTTP has none.
    fn has_forbidden_body(&self) -> bool {
        self.body.is_some()
            && self
                .status
                .is_some_and(|status| status < 200 || status == 204 || status == 304)
    }

    /// Delivery of the response; none for the ordinary way.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        let ordinary = self.raw.is_none()
            && self.send == Portion::All
            && self.then == Ending::Keep
            && self.drip_ms.is_none()
            && !self.headers.contains_key("content-length")
            && !self.has_forbidden_body();
        (!ordinary).then(|| Delivery {
            raw: self.raw.clone(),
            send: self.send,
            drip: self.drip_ms.map(Duration::from_millis),
            then: self.then,
        })
    }

    /// The status that reaches the client, if one does.
    pub(crate) fn visible_status(&self, answer: &Answer) -> Option<u16> {
        let visible = self.raw.is_none() && self.send != Portion::Nothing;
        visible.then_some(answer.status)
    }
}

/// Delivery of a response by other than the ordinary way.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub raw: Option<String>,
    pub send: Portion,
    pub drip: Option<Duration>,
    pub then: Ending,
}

/// The faults that wait for their requests, first queued first served.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    matcher: Matcher,
    skip: u64,
    left: u64,
}

impl FaultQueue {
    pub fn push(&mut self, fault: Fault) {
        self.waiting.push(Waiting {
            matcher: Matcher::new(fault.method.as_deref(), fault.path.as_deref()),
            skip: fault.skip,
            left: fault.times.unwrap_or(1),
            fault,
        });
    }

    /// The fault this request meets, if any.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        for index in 0..self.waiting.len() {
            let waiting = &mut self.waiting[index];
            if !waiting.matcher.matches(method, path) {
                continue;
            }
            if waiting.skip > 0 {
                waiting.skip -= 1;
                continue;
            }
            if waiting.left > 1 {
                waiting.left -= 1;
                return Some(waiting.fault.clone());
            }
            return Some(self.waiting.remove(index).fault);
        }
        None
    }

    /// The faults still waiting, with the number of requests each will still take.
    pub fn pending(&self) -> Vec<Fault> {
        let now = |w: &Waiting| Fault {
            times: Some(w.left),
            skip: w.skip,
            ..w.fault.clone()
        };
        self.waiting.iter().map(now).collect()
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
