//! The settings of a client, from code and from the environment.

use std::env::VarError;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::client::Client;
use crate::client::pacing::Pacing;
use crate::error::{Error, Result};
use crate::transport::{BaseUrl, DEFAULT_BASE_URL};

/// Builds a [`Client`] from code, a JSON object, the environment, or all three.
///
/// | setting | JSON key | default |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | `api_key` | `KNOCK_API_KEY` |
/// | [`base_url`](Self::base_url) | `base_url` | `KNOCK_BASE_URL`, else `https://api.knock.app` |
/// | [`branch`](Self::branch) | `branch` | `KNOCK_BRANCH`, else none |
/// | [`user_token`](Self::user_token) | `user_token` | none |
/// | [`timeout`](Self::timeout) | `timeout_ms` | 60 s per attempt |
/// | [`connect_timeout`](Self::connect_timeout) | `connect_timeout_ms` | 5 s |
/// | [`deadline`](Self::deadline) | `deadline_ms` | none |
/// | [`max_retries`](Self::max_retries) | `max_retries` | 2 |
/// | [`pacing`](Self::pacing) | `pacing` | on |
/// | [`max_connections`](Self::max_connections) | `max_connections` | 100 |
/// | [`idle_timeout`](Self::idle_timeout) | `idle_timeout_ms` | 60 s |
/// | [`max_response_bytes`](Self::max_response_bytes) | `max_response_bytes` | 64 MiB |
/// | [`proxy`](Self::proxy) | `proxy` | `HTTPS_PROXY`, else `ALL_PROXY`, unless `NO_PROXY` |
/// | [`ca_file`](Self::ca_file) | `ca_file` | none; `SSL_CERT_FILE` and `SSL_CERT_DIR` beside it |
/// | [`header`](Self::header) | `headers` | none |
/// | [`user_agent`](Self::user_agent) | `user_agent` | none |
/// | [`allow_http`](Self::allow_http) | `allow_http` | false |
///
/// ```
/// let client = knock::Client::builder()
///     .api_key("sk_test_1")
///     .base_url("http://127.0.0.1:4000")
///     .max_retries(0)
///     .build()?;
/// # Ok::<(), knock::Error>(())
/// ```
#[derive(Clone)]
pub struct ClientBuilder {
    pub(crate) api_key: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) user_token: Option<String>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_retries: u32,
    pub(crate) pacing: Pacing,
    pub(crate) max_connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_response_bytes: u64,
    pub(crate) proxy: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) user_agent: Option<String>,
    pub(crate) allow_http: bool,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: None,
            branch: None,
            user_token: None,
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(5),
            deadline: None,
            max_retries: 2,
            pacing: Pacing::on(),
            max_connections: 100,
            idle_timeout: Duration::from_secs(60),
            max_response_bytes: 64 << 20,
            proxy: None,
            ca_file: None,
            headers: Vec::new(),
            user_agent: None,
            allow_http: false,
        }
    }
}

impl ClientBuilder {
    /// The API key, `sk_…` or `pk_…`. White space around it is left out; one in quotes is refused.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The API's base URL: scheme and host, with a path in front of `/v1` if need be. Plain
    /// `http` is for loopback hosts, unless [`allow_http`](Self::allow_http).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The branch to work in, sent as `X-Knock-Branch`. An empty one sends nothing, also where the
    /// environment names one.
    pub fn branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// The signed token of the user to act for, sent as `X-Knock-User-Token`. White
    /// space around it is left out; one that is empty or in quotes is refused.
    pub fn user_token(mut self, token: impl Into<String>) -> Self {
        self.user_token = Some(token.into());
        self
    }

    /// The time that one attempt may take, from connecting to the last byte of the response.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The time that resolving and connecting may take, within the attempt's.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The time that a whole call may take: every attempt, the waits between them, and the
    /// wait for the rate limit.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Most retries of a failed attempt, where repeating it is safe.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Whether calls wait for the published rate limits.
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// Most connections that are open at a time; further calls wait for one.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// The time that a connection may be idle and still be used again. One that is older is closed
    /// by a later call, or with the client; nothing watches it meanwhile.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The size that the body of a response may have, after decompression.
    pub fn max_response_bytes(mut self, bytes: u64) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// An HTTP proxy, `http://user:password@host:port`, used by way of `CONNECT`.
    ///
    /// Without it the environment is read: `HTTPS_PROXY` (`HTTP_PROXY` for plain http), else
    /// `ALL_PROXY`, unless `NO_PROXY` covers the host. A loopback host never gets that proxy, and an
    /// empty string turns it off.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// A PEM file with certificate authorities to trust beside the bundled ones, as are those of
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` of the environment. A server's self-signed certificate
    /// can be in it as well, if it is not one that signs others (`CA:FALSE`).
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// A header to send with every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A product to append to the library's `User-Agent`, such as `importer/2.1`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Accepts plain `http` to other hosts than this machine. Keys then cross the network in
    /// the clear.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// Makes the client. Nothing is sent or connected yet.
    ///
    /// # Errors
    ///
    /// `Config` for a missing key or an impossible value.
    pub fn build(self) -> Result<Client> {
        Client::from_builder(self)
    }

    /// Fills what is not set from the environment.
    pub(crate) fn with_environment(mut self) -> Result<Self> {
        for (setting, name) in [
            (&mut self.api_key, "KNOCK_API_KEY"),
            (&mut self.base_url, "KNOCK_BASE_URL"),
            (&mut self.branch, "KNOCK_BRANCH"),
        ] {
            if setting.is_none() {
                *setting = variable(name)?;
            }
        }
        Ok(self)
    }

    pub(crate) fn checked_base_url(&self) -> Result<BaseUrl> {
        BaseUrl::parse(
            self.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL),
            self.allow_http,
        )
    }

    pub(crate) fn check_durations(&self) -> Result<()> {
        let durations = [
            ("timeout", Some(self.timeout)),
            ("connect_timeout", Some(self.connect_timeout)),
            ("deadline", self.deadline),
        ];
        match durations
            .iter()
            .find(|(_, duration)| duration.is_some_and(|d| d.is_zero()))
        {
            Some((name, _)) => Err(Error::config(format!(
                "{name} is zero; leave it out for the default"
            ))),
            None if self.max_connections == 0 => {
                Err(Error::config("max_connections is 0; it must be 1 or more"))
            }
            None => Ok(()),
        }
    }
}

/// A variable of the environment; an empty one is none.
fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::config(format!("{name} is not UTF-8"))),
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("branch", &self.branch)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}
