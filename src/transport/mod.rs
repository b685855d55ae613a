//! From a request to its response over one connection: ureq's connectors and protocol engine, with a
//! socket, a resolver and a pool of our own. One exchange, no policy; retries, pacing and
//! deadlines over attempts are the client's.

mod attempt;
mod authorities;
mod base_url;
mod buffers;
mod connector;
mod dial;
mod hosts;
mod http1;
mod no_proxy;
mod pool;
mod proxy;
mod records;
mod resolver;
mod settings;
mod socket;
mod tls;
mod tunnel;
mod unpack;

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use ureq::http::header::CONTENT_TYPE;
use ureq::http::{HeaderMap, HeaderValue, Request, Uri};
use ureq_proto::client::RecvResponseResult;

pub(crate) use attempt::Progress;
use attempt::{Attempt, pause, remaining};
pub(crate) use base_url::{BaseUrl, DEFAULT_BASE_URL};
use connector::Opener;
pub(crate) use hosts::hold as hold_hosts;
use pool::Pool;
use resolver::CachingResolver;
pub(crate) use settings::Settings;
use tls::TlsConnector;
pub(crate) use tls::hold as hold_sessions;
use unpack::unpack;

use crate::error::Result;
use crate::interrupt;
use crate::operation::Method;

/// Most bytes read of the body of a response with an error status.
const MAX_ERROR_BYTES: u64 = 1 << 20;
/// Some servers begin their text with it; it is no part of the JSON.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Interval between looks for an interrupt hook where there is none.
const NEVER_ASKED: Duration = Duration::from_secs(3600);

/// A response of the server, whatever its status.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Reason for which there was no usable response.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: ureq::Error,
    pub progress: Progress,
    /// Whether the connection had served an earlier request.
    pub reused: bool,
    /// Whether the interrupt hook ended it.
    pub interrupted: bool,
    /// The status and request id, where the head of a response had come before it failed.
    pub head: Option<(u16, Option<String>)>,
}

/// One attempt to get a response to a request.
pub(crate) struct Exchange<'a> {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Option<&'a [u8]>,
    /// Until when a connection must stand.
    pub connect_deadline: Instant,
    pub deadline: Instant,
    /// Whether to open a connection rather than take one that an earlier request left.
    pub fresh: bool,
}

pub(crate) struct Transport {
    opener: Opener,
    pool: Pool,
    resolver: CachingResolver,
    max_response_bytes: u64,
}

impl Transport {
    pub fn new(settings: &Settings) -> Result<Self> {
        let variable = |name: &str| std::env::var_os(name);
        let proxy = proxy::choose(settings, variable)?;
        let encrypts = settings.base_url.is_encrypted()
            || proxy.as_ref().is_some_and(|proxy| proxy.is_encrypted());
        let tls = TlsConnector::new(authorities::trusted(settings, encrypts, variable)?)?;
        let resolver = CachingResolver::default();
        Ok(Self {
            opener: Opener::new(proxy, tls, resolver.clone()),
            pool: Pool::new(settings.max_connections, settings.idle_timeout),
            resolver,
            max_response_bytes: settings.max_response_bytes,
        })
    }

    pub fn exchange(&self, exchange: Exchange) -> Result<RawResponse, Failure> {
        let attempt = Attempt::new(
            exchange.deadline,
            exchange.connect_deadline,
            self.max_response_bytes,
        );
        let mut head = None;
        let (result, attempt) = attempt.run(|| self.converse(exchange, &mut head));
        result.map_err(|error| Failure {
            error,
            progress: attempt.progress,
            reused: attempt.reused,
            interrupted: attempt.interrupted,
            head,
        })
    }

    /// Sends the request and reads the response. `head` is what came of one that failed later.
    fn converse(
        &self,
        exchange: Exchange,
        head: &mut Option<(u16, Option<String>)>,
    ) -> Result<RawResponse, ureq::Error> {
        let pooled = if exchange.fresh {
            None
        } else {
            self.pool.take()
        };
        let mut connection = match pooled {
            Some(connection) => connection,
            None => self.opener.open(&exchange.uri, &self.pool)?,
        };
        let body = exchange.body;
        let call = http1::send(http_request(exchange), body, &mut *connection)?;
        let (response, next) = http1::receive_head(call, &mut *connection)?;
        let status = response.status().as_u16();
        let mut headers = response.into_parts().0.headers;
        let limit = if status < 400 {
            self.max_response_bytes
        } else {
            MAX_ERROR_BYTES
        };
        let mut body = Vec::new();
        let has_body = matches!(next, RecvResponseResult::RecvBody(_));
        let received = http1::is_framed_clearly(&headers, has_body).and_then(|clear| {
            let reusable = match next {
                RecvResponseResult::RecvBody(call) => {
                    http1::receive_body(call, &mut *connection, limit, &mut body)?
                }
                RecvResponseResult::Redirect(call) => !call.must_close_connection(),
                RecvResponseResult::Cleanup(call) => !call.must_close_connection(),
            };
            Ok(clear && reusable)
        });
        if let Ok(true) = received {
            self.pool.put(connection);
        }
        let asked = Cell::new(Instant::now());
        let go_on = || self.may_go_on(&asked);
        let unpacked = unpack(&mut headers, &mut body, limit, &go_on);
        if let Err(error) = received.and(unpacked) {
            // An error status says what it says, whatever has become of the text with it.
            let ended = matches!(error, ureq::Error::Timeout(_))
                || self.pool.is_closed()
                || Attempt::current().is_some_and(|attempt| attempt.interrupted);
            if status < 400 || ended {
                *head = Some((status, request_id(&headers)));
                return Err(error);
            }
        }
        if body.starts_with(BYTE_ORDER_MARK) {
            body.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(RawResponse {
            status,
            headers,
            body,
        })
    }

    /// Whether to go on with work that waits for no socket; asks the interrupt hook from time to
    /// time.
    fn may_go_on(&self, asked: &Cell<Instant>) -> Result<(), ureq::Error> {
        remaining()?;
        if self.pool.is_closed() {
            return Err(io::Error::other("the client is closed").into());
        }
        let now = Instant::now();
        if now - asked.get() > interrupt::slice(NEVER_ASKED) {
            asked.set(now);
            pause()?;
        }
        Ok(())
    }

    /// Closes every connection, which ends the calls that wait on one or for one.
    pub fn shutdown(&self) {
        self.resolver.close();
        self.pool.close();
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn http_request(exchange: Exchange) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = match exchange.method {
        Method::Get => ureq::http::Method::GET,
        Method::Post => ureq::http::Method::POST,
        Method::Put => ureq::http::Method::PUT,
        Method::Patch => ureq::http::Method::PATCH,
        Method::Delete => ureq::http::Method::DELETE,
    };
    *request.uri_mut() = exchange.uri;
    *request.headers_mut() = exchange.headers;
    if exchange.body.is_some() {
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    request
}
