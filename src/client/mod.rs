//! The client: settings, options of a call, and the calls themselves.

mod admission;
mod attempt_log;
mod builder;
mod call;
mod config;
mod credential;
mod failure;
mod gate;
mod limits;
mod options;
pub(crate) mod pacing;
pub(crate) mod paging;
pub(crate) mod raw_response;
mod redact;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod surrogates;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

pub use builder::ClientBuilder;
pub use options::CallOptions;
pub use pacing::Pacing;
pub use paging::Pager;
pub use response::{Meta, Response};

use credential::credential;
use gate::{Gate, WaitEnd};
use options::{USER_TOKEN, parse_header};
use pacing::Pacer;
use redact::secret;

use crate::error::{Error, Result};
use crate::operation::{Method, Operation};
use crate::request::Request;
use crate::request::query::Query;
use crate::transport::{BaseUrl, Settings, Transport};

/// A client of the Knock API.
///
/// Cheap to clone and safe to share between threads: clones use the same connections and the
/// same budget of the rate limits. It connects when the first call is made.
///
/// ```no_run
/// use knock::Client;
///
/// let client = Client::from_env()?;
/// let user = client.users().get("jane")?;
/// println!("{:?}", user.email.as_deref());
/// # Ok::<(), knock::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
    options: Option<Arc<CallOptions>>,
}

struct ClientInner {
    base_url: BaseUrl,
    headers: HeaderMap,
    timeout: Duration,
    connect_timeout: Duration,
    deadline: Option<Duration>,
    max_retries: u32,
    pacer: Pacer,
    transport: Transport,
    gate: Gate,
    /// Keys and tokens that must never be seen in an error, should a server echo them.
    secrets: Vec<String>,
}

impl Client {
    /// A client for a key, with everything else from the environment or by default.
    ///
    /// # Errors
    ///
    /// `Config` for a key that cannot be sent.
    pub fn new(api_key: impl Into<String>) -> Result<Self> {
        Self::builder().api_key(api_key).build()
    }

    /// A client with the settings of the environment: `KNOCK_API_KEY`, `KNOCK_BASE_URL`,
    /// `KNOCK_BRANCH` and the usual proxy variables.
    ///
    /// # Errors
    ///
    /// `Config` when there is no key, or a value cannot work.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// A client with the settings of a JSON object; see [`ClientBuilder`] for the keys.
    ///
    /// ```
    /// let client = knock::Client::from_json(r#"{"api_key": "sk_test_1", "timeout_ms": 2000}"#)?;
    /// # Ok::<(), knock::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `Config` for an unknown key or an impossible value.
    pub fn from_json(config: &str) -> Result<Self> {
        Self::builder().json(config)?.build()
    }

    /// Starts a client from code.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn from_builder(builder: ClientBuilder) -> Result<Self> {
        let settings = builder.with_environment()?;
        settings.check_durations()?;
        let base_url = settings.checked_base_url()?;
        let headers = standing_headers(&settings)?;
        let of = |name: &str| headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
        let account = [
            base_url.as_str().as_bytes(),
            of("authorization"),
            of("x-knock-branch"),
            of(USER_TOKEN),
        ];
        let account = account.join(&b'\n');
        let secrets = headers
            .values()
            .filter_map(secret)
            .map(str::to_owned)
            .collect();
        let transport = Transport::new(&Settings {
            base_url: &base_url,
            allow_http: settings.allow_http,
            proxy: settings.proxy.as_deref(),
            ca_file: settings.ca_file.as_deref(),
            max_connections: settings.max_connections,
            idle_timeout: settings.idle_timeout,
            max_response_bytes: settings.max_response_bytes,
        })?;
        Ok(Self {
            inner: Arc::new(ClientInner {
                pacer: Pacer::new(settings.pacing, account),
                transport,
                base_url,
                headers,
                timeout: settings.timeout,
                connect_timeout: settings.connect_timeout,
                deadline: settings.deadline,
                max_retries: settings.max_retries,
                gate: Gate::new(settings.max_connections),
                secrets,
            }),
            options: None,
        })
    }

    /// This client with options for the calls made through the result; settings, connections
    /// and budget stay shared.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// use std::time::{Duration, Instant};
    /// use knock::CallOptions;
    ///
    /// let quick = client.with_options(CallOptions::new().timeout(Duration::from_millis(500)));
    /// let user = quick.users().get("jane")?;
    /// # Ok::<(), knock::Error>(())
    /// ```
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        let options = match &self.options {
            Some(standing) => CallOptions::clone(standing).overridden_by(&options),
            None => options,
        };
        Self {
            inner: self.inner.clone(),
            options: Some(Arc::new(options)),
        }
    }

    /// This client with calls that take so long at most, and less where their deadline is shorter.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        let options = self.options.as_ref();
        let deadline = options.and_then(|options| options.deadline);
        let deadline = deadline.or(self.inner.deadline);
        let least = deadline.map_or(limit, |deadline| deadline.min(limit));
        self.with_options(CallOptions::new().deadline(least))
    }

    /// Calls an endpoint that this version does not know.
    ///
    /// `path` starts with `/v1/…` and is sent as it is, so percent-encode what goes into it.
    /// The call is not paced. `POST` and `PATCH` are repeated only when the request was
    /// certainly not processed, or for the trigger of a workflow with an
    /// [idempotency key](CallOptions::idempotency_key).
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// use knock::Method;
    /// use serde_json::json;
    ///
    /// let body = json!({"recipients": ["jane"]});
    /// let run = client.request(Method::Post, "/v1/workflows/welcome/trigger", &[], Some(&body))?;
    /// println!("{}", run["workflow_run_id"]);
    /// # Ok::<(), knock::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a path that does not start with `/` or holds characters that must
    /// be encoded; else as any call.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response<Value>> {
        let operation = Operation::unlisted(method);
        let request = Request::unlisted(method, path).map_err(|error| error.at(operation.name))?;
        let mut encoded = Query::default();
        query
            .iter()
            .for_each(|(name, value)| encoded.text(name, value));
        let body = body.map(|body| body.to_string());
        let body = body.as_deref().map(str::as_bytes);
        self.call(&request.query(encoded).body(body))?
            .parse(operation)
    }

    /// Closes the client and its clones: calls that run end with an error of kind
    /// [`Closed`](crate::ErrorKind::Closed) without waiting for the server, and so do later ones.
    pub fn close(&self) {
        self.inner.gate.close();
        self.inner.transport.shutdown();
    }

    /// Waits until a moment, or fails when the client is closed or the host interrupts meanwhile.
    pub(crate) fn pause_until(&self, moment: Instant) -> Result<()> {
        let waited = self.inner.gate.wait_until(moment);
        waited.map_err(|ended| match ended {
            WaitEnd::Interrupted => Error::interrupted(),
            WaitEnd::Closed | WaitEnd::TimedOut => Error::closed(),
        })
    }

    /// Calls an operation of the API with typed arguments and reads the typed response.
    pub(crate) fn invoke<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        arguments: &[&str],
        query: Query,
        body: Option<&[u8]>,
    ) -> Result<Response<T>> {
        let request =
            Request::new(operation, arguments).map_err(|error| error.at(operation.name))?;
        self.call(&request.query(query).body(body))?
            .parse(operation)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url.as_str())
            .field("timeout", &self.inner.timeout)
            .field("max_retries", &self.inner.max_retries)
            .finish_non_exhaustive()
    }
}

/// A typed body as the bytes that are sent.
pub(crate) fn encode<T: Serialize + ?Sized>(operation: &Operation, body: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|error| {
        Error::invalid(format!("the body cannot be written as JSON: {error}")).at(operation.name)
    })
}

/// The headers that go with every request.
fn standing_headers(settings: &ClientBuilder) -> Result<HeaderMap> {
    let key = settings.api_key.as_deref().map(str::trim_ascii);
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        Error::config("there is no API key; set api_key, or KNOCK_API_KEY in the environment")
    })?;
    let key = credential("api_key", key).map_err(Error::config)?;
    let product = settings
        .user_agent
        .as_deref()
        .map(|more| format!(" {more}"))
        .unwrap_or_default();
    let user_agent = format!("knock-client/{}{product}", env!("CARGO_PKG_VERSION"));
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(
        AUTHORIZATION,
        setting_value("api_key", &format!("Bearer {key}"), true)?,
    );
    headers.insert(USER_AGENT, setting_value("user_agent", &user_agent, false)?);
    if let Some(branch) = settings.branch.as_deref().filter(|name| !name.is_empty()) {
        let name = HeaderName::from_static("x-knock-branch");
        headers.insert(name, setting_value("branch", branch, false)?);
    }
    if let Some(token) = &settings.user_token {
        let name = HeaderName::from_static(USER_TOKEN);
        let token = credential("user_token", token).map_err(Error::config)?;
        headers.insert(name, setting_value("user_token", token, true)?);
    }
    for (name, value) in &settings.headers {
        let (name, value) = parse_header(name, value).map_err(Error::config)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn setting_value(setting: &str, text: &str, secret: bool) -> Result<HeaderValue> {
    let (_, mut value) = parse_header("x-setting", text).map_err(|_| {
        Error::config(format!(
            "{setting} holds a character that cannot be sent; printable ASCII is allowed"
        ))
    })?;
    value.set_sensitive(secret);
    Ok(value)
}
