//! The journal: what arrived, and what it was answered with.

use std::collections::VecDeque;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use hyper::Method;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use crate::matcher::Matcher;
use crate::redact::Redactor;

/// A request as it arrived, with what it was answered.
///
/// Of an API key or a user token it shows the kind and the last four characters, such as `sk_test_…9f3c`, wherever in
/// the request it stood; of one with fewer than twelve characters after its kind, the kind alone.
#[derive(Clone, Serialize)]
pub struct Request {
    /// Position in the order of arrival since the start or the last reset, from 1.
    pub sequence: u64,
    /// Method, in upper case.
    pub method: String,
    /// Path as sent, percent-encoded, without the query.
    pub path: String,
    /// Query as sent, without the `?`; empty when there was none.
    pub query: String,
    /// Headers in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body as text (what is not UTF-8 is replaced).
    pub body: String,
    /// Body as JSON, if it is JSON.
    pub json: Option<Value>,
    /// Whether the API processed the request: false when a fault took it away first.
    pub processed: bool,
    /// The status the API came to, if it processed the request.
    pub api_status: Option<u16>,
    /// The status sent to the client; none when a fault sent no status line.
    pub status: Option<u16>,
    /// Whether a fault struck.
    pub fault: bool,
    /// The `x-request-id` of the response.
    pub request_id: String,
    /// Which connection it came over, counted from 1.
    pub connection: u64,
    /// Time it had arrived in full, RFC 3339 in microseconds.
    pub at: String,
}

impl Request {
    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): &(String, String)| format!("{name}: {value}");
        f.debug_struct("Request")
            .field("sequence", &self.sequence)
            .field(
                "request",
                &format_args!("{} {}?{}", self.method, self.path, self.query),
            )
            .field(
                "headers",
                &self.headers.iter().map(shown).collect::<Vec<_>>(),
            )
            .field("body", &self.body)
            .field("processed", &self.processed)
            .field("status", &self.status)
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// A request as kept: nothing is copied or parsed before someone asks.
#[derive(Debug)]
pub(crate) struct Entry {
    pub method: Method,
    pub target: hyper::Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub api_status: Option<u16>,
    pub status: Option<u16>,
    pub fault: bool,
    pub request_id: String,
    pub connection: u64,
    pub at: SystemTime,
}

/// A ring of the latest requests, bounded in their number and in the bytes of their bodies.
#[derive(Debug)]
pub(crate) struct Journal {
    capacity: usize,
    max_body_bytes: usize,
    arrived: u64,
    body_bytes: usize,
    entries: VecDeque<Entry>,
}

impl Journal {
    pub fn new(capacity: usize, max_body_bytes: usize) -> Self {
        Self {
            capacity,
            max_body_bytes,
            arrived: 0,
            body_bytes: 0,
            entries: VecDeque::new(),
        }
    }

    /// Keeps the entry, which is only made if it is to be kept.
    pub fn record(&mut self, entry: impl FnOnce() -> Entry) {
        self.arrived += 1;
        if self.capacity == 0 {
            return;
        }
        let entry = entry();
        self.body_bytes += entry.body.len();
        self.entries.push_back(entry);
        while self.entries.len() > self.capacity || self.body_bytes > self.max_body_bytes {
            let Some(oldest) = self.entries.pop_front() else {
                return;
            };
            self.body_bytes -= oldest.body.len();
        }
    }

    /// Number of requests that arrived, kept or not.
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// The requests kept that match, oldest first.
    pub fn requests(&self, matcher: &Matcher) -> Vec<Request> {
        let first = self.arrived - self.entries.len() as u64 + 1;
        self.entries
            .iter()
            .zip(first..)
            .filter(|(entry, _)| matcher.matches(entry.method.as_str(), entry.target.path()))
            .map(|(entry, sequence)| entry.show(sequence))
            .collect()
    }

    /// Lets go of the requests kept; counting goes on.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.body_bytes = 0;
    }
}

impl Entry {
    fn show(&self, sequence: u64) -> Request {
        let redactor = Redactor::new(&self.headers);
        let (body, json) = redactor.body(&self.body);
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), redactor.header(name.as_str(), &value))
        };
        Request {
            sequence,
            method: self.method.to_string(),
            path: redactor.encoded(self.target.path()),
            query: redactor.encoded(self.target.query().unwrap_or_default()),
            headers: self.headers.iter().map(header).collect(),
            body,
            json,
            processed: self.api_status.is_some(),
            api_status: self.api_status,
            status: self.status,
            fault: self.fault,
            request_id: self.request_id.clone(),
            connection: self.connection,
            at: DateTime::<Utc>::from(self.at).to_rfc3339_opts(SecondsFormat::Micros, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: &'static str) -> Entry {
        Entry {
            method: Method::PUT,
            target: hyper::Uri::from_static("/v1/users/jane"),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            api_status: Some(200),
            status: Some(200),
            fault: false,
            request_id: String::new(),
            connection: 1,
            at: SystemTime::now(),
        }
    }

    #[test]
    fn large_bodies_push_older_requests_out() {
        let mut journal = Journal::new(10, 8);
        for body in ["1234", "5678", "9"] {
            journal.record(|| entry(body));
        }
        let bodies = |journal: &Journal| -> Vec<String> {
            let kept = journal.requests(&Matcher::default());
            kept.into_iter().map(|request| request.body).collect()
        };
        assert_eq!(bodies(&journal), ["5678", "9"]);
        journal.record(|| entry("too large to keep"));
        assert!(bodies(&journal).is_empty());
        journal.record(|| entry("1234"));
        assert_eq!(bodies(&journal), ["1234"]);
    }
}
