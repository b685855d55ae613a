//! From a request to an answer over one connection: ureq with a socket and a resolver of our
//! own below it. One exchange, no policy; retries, pacing and deadlines over attempts are the
//! client's.

mod attempt;
mod buffers;
mod connector;
mod resolver;
mod socket;

use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use ureq::http::{self, HeaderMap, HeaderValue, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector, RustlsConnector};
use ureq::{Agent, Body, Proxy, ProxyProtocol};

pub(crate) use attempt::Progress;
use attempt::{Attempt, remaining};
use connector::{SocketConnector, StandingConnector, TunnelConnector};
use resolver::CachingResolver;

use crate::client::ClientBuilder;
use crate::error::{Error, Result};
use crate::operation::Method;

/// The head of an answer may be this large.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// What is read of the body of an answer with an error status.
const MAX_ERROR_BYTES: u64 = 1 << 20;
/// How much is decoded between two looks at the clock.
const MAX_UNWATCHED_BYTES: usize = 256 << 10;

/// An answer of the server, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there was no usable answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: ureq::Error,
    pub progress: Progress,
    /// Whether the connection had served an earlier request.
    pub reused: bool,
    /// Whether the interrupt hook ended it.
    pub interrupted: bool,
    /// The status and request id, where the head of an answer had come before it failed.
    pub head: Option<(u16, Option<String>)>,
}

/// One attempt to have a request answered.
pub(crate) struct Exchange<'a> {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Option<&'a [u8]>,
    /// Until when a connection must stand.
    pub connect_deadline: Instant,
    pub deadline: Instant,
    /// Whether the request may be sent again, should the connection turn out to be closed.
    pub repeatable: bool,
}

pub(crate) struct Transport {
    agent: Agent,
    resolver: CachingResolver,
    max_response_bytes: u64,
}

impl Transport {
    pub fn new(settings: &ClientBuilder) -> Result<Self> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(MAX_HEAD_BYTES)
            .max_idle_connections(settings.max_connections)
            .max_idle_connections_per_host(settings.max_connections)
            .max_idle_age(settings.idle_timeout)
            .timeout_await_100(None)
            .tls_config(tls_config(settings.ca_file.as_deref())?)
            .proxy(proxy(settings.proxy.as_deref())?)
            .build();
        let resolver = CachingResolver::default();
        let connector =
            ().chain(TunnelConnector::default())
                .chain(SocketConnector::new(resolver.clone()))
                .chain(RustlsConnector::default())
                .chain(StandingConnector);
        Ok(Self {
            agent: Agent::with_parts(config, connector, resolver.clone()),
            resolver,
            max_response_bytes: settings.max_response_bytes,
        })
    }

    pub fn exchange(&self, exchange: Exchange) -> Result<Answer, Failure> {
        let attempt = Attempt::new(
            exchange.deadline,
            exchange.connect_deadline,
            exchange.repeatable,
            self.max_response_bytes,
        );
        let mut head = None;
        let (result, attempt) = attempt.run(|| {
            let mut response = match exchange.body {
                Some(body) => self.agent.run(http_request(exchange, body))?,
                None => self.agent.run(http_request(exchange, ()))?,
            };
            let status = response.status().as_u16();
            let headers = std::mem::take(response.headers_mut());
            let body = self.read(status, &headers, response.body_mut());
            match body {
                Ok(body) => Ok(Answer {
                    status,
                    headers,
                    body,
                }),
                Err(error) => {
                    head = Some((status, request_id(&headers)));
                    Err(error)
                }
            }
        });
        result.map_err(|error| Failure {
            error,
            progress: attempt.progress,
            reused: attempt.reused,
            interrupted: attempt.interrupted,
            head,
        })
    }

    /// Reads the body to its end, which returns the connection to the pool.
    fn read(
        &self,
        status: u16,
        headers: &HeaderMap,
        body: &mut Body,
    ) -> Result<Vec<u8>, ureq::Error> {
        let limit = if status < 400 {
            self.max_response_bytes
        } else {
            MAX_ERROR_BYTES
        };
        let length = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        // A length is only a claim until the bytes are there.
        let capacity = length.unwrap_or(0u64).min(limit).min(1 << 20) as usize;
        let mut bytes = Vec::with_capacity(capacity);
        let mut reader = Timed {
            reader: body.as_reader().take(limit.saturating_add(1)),
            unwatched: 0,
        };
        let read = reader.read_to_end(&mut bytes);
        let error = match read.map_err(ureq::Error::from) {
            Ok(_) if bytes.len() as u64 <= limit => return Ok(bytes),
            Ok(_) => ureq::Error::BodyExceedsLimit(limit),
            Err(error) => error,
        };
        // An error status says what it says, whatever has become of the text with it.
        let ended = matches!(error, ureq::Error::Timeout(_))
            || Attempt::current().is_some_and(|attempt| attempt.interrupted);
        if status >= 400 && !ended {
            Ok(bytes)
        } else {
            Err(error)
        }
    }

    /// Closes every connection, which ends the calls that wait on one or for one.
    pub fn shutdown(&self) {
        self.resolver.close();
        self.agent.clone().shutdown();
    }
}

/// Keeps to the deadline also while a body that has come is being decoded.
struct Timed<R> {
    reader: R,
    /// Bytes since the last look at the clock.
    unwatched: usize,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.unwatched += read;
        if self.unwatched > MAX_UNWATCHED_BYTES {
            self.unwatched = 0;
            remaining().map_err(ureq::Error::into_io)?;
        }
        Ok(read)
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn http_request<B>(exchange: Exchange, body: B) -> http::Request<B> {
    let mut request = http::Request::new(body);
    *request.method_mut() = match exchange.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
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

/// The bundled roots, and those of a file beside them.
fn tls_config(ca_file: Option<&Path>) -> Result<TlsConfig> {
    let Some(path) = ca_file else {
        return Ok(TlsConfig::default());
    };
    let wrong = |what: String| Error::config(format!("ca_file {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let mut roots: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(error.to_string()))? {
            roots.push(certificate);
        }
    }
    if roots.is_empty() {
        return Err(wrong("holds no certificate in PEM form".into()));
    }
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.extend(bundled.map(|root| Certificate::from_der(root.as_ref()).to_owned()));
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::from(roots))
        .build())
}

/// The proxy that is set, else the one of the environment.
fn proxy(url: Option<&str>) -> Result<Option<Proxy>> {
    let proxy = match url {
        Some("") => None,
        Some(url) => Some(Proxy::new(url).map_err(|_| {
            Error::config("proxy is not a URL; it must be like http://user:password@host:port")
        })?),
        None => Proxy::try_from_env(),
    };
    match proxy {
        Some(proxy) if is_socks(proxy.protocol()) => Err(Error::config(
            "the proxy is a SOCKS proxy; only HTTP proxies are supported",
        )),
        proxy => Ok(proxy),
    }
}

fn is_socks(protocol: ProxyProtocol) -> bool {
    !matches!(protocol, ProxyProtocol::Http | ProxyProtocol::Https)
}
