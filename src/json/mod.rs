//! Calls by name with JSON text in and out: what the C ABI, and through it every binding, stands
//! on. The body travels from the socket to the caller checked, but neither parsed into types nor
//! written again.
//!
//! [`Client::call_json`] is for everybody. The rest is for the package `knock-capi` alone and may
//! change with any version.

mod bulk;
mod check;
mod entries;
pub mod fork;
mod options;
mod pager;
mod request;
mod signing;
mod unlisted;

use std::borrow::Cow;

use serde_json::{Value, json};

pub use crate::interrupt::until;
pub use crate::log::write as log;
pub use crate::sync::lock;
pub use bulk::JsonBulk;
pub use pager::JsonPager;
pub use signing::{sign_user_token, sign_webhook, verify_webhook, webhook_event};

use check::{check_json, check_kind};
use options::JsonCall;
use request::parse;

use crate::api::operation;
use crate::client::Client;
use crate::client::raw_response::UnparsedResponse;
use crate::client::response::Meta;
use crate::error::{Error, Result};
use crate::model::schema::Type;
use crate::operation::Operation;

impl Client {
    /// Calls an operation by its name (or `operationId`) with a request as one JSON object, and
    /// returns the response body as JSON text, `null` where it has none.
    ///
    /// The request has path and query parameters by their names, the body under `body`, and
    /// under `request_options` what concerns this call alone: `timeout_ms`, `deadline_ms`,
    /// `max_retries`, `idempotency_key`, `user_token`, `headers`, `query`, and `metadata`, which
    /// wraps the response as `{"data": …, "meta": {…}}`. (`prefetch` is for pagers.)
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// let user = client.call_json("users.get", r#"{"user_id": "jane"}"#)?;
    /// # Ok::<(), knock::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for an unknown operation and a missing, unknown or ill-typed parameter,
    /// before anything is sent; else as any call.
    pub fn call_json(&self, name: &str, request: &str) -> Result<String> {
        self.call_operation_json(operation(name)?, request)
    }

    #[doc(hidden)]
    pub fn call_operation_json(
        &self,
        operation: &'static Operation,
        request: &str,
    ) -> Result<String> {
        self.call_json_request(parse(operation, request)?)
    }

    /// Calls an endpoint that this version does not know, by its method and path.
    #[doc(hidden)]
    pub fn call_unlisted_json(&self, method: &str, path: &str, request: &str) -> Result<String> {
        self.call_json_request(unlisted::parse(method, path, request)?)
    }

    fn call_json_request(&self, call: JsonCall) -> Result<String> {
        let JsonCall {
            request,
            options,
            metadata,
            prefetch,
        } = call;
        let operation = request.operation;
        if prefetch {
            let message = "request_options.prefetch is for pagers; a call fetches one page";
            return Err(Error::invalid(message).at(operation.name));
        }
        let mut response = match options {
            Some(options) => self.with_options(options).call(&request)?,
            None => self.call(&request)?,
        };
        check_body(&mut response, operation)?;
        into_text(response, operation, metadata)
    }
}

/// Checks that a body is JSON, and of the kind that the operation returns.
fn check_body(response: &mut UnparsedResponse, operation: &'static Operation) -> Result<()> {
    let blank =
        matches!(operation.response, None | Some(Type::Json)) || response.meta.status == 204;
    let checked = response.read_with(|response| {
        let text = if blank {
            response.json()
        } else {
            &response.body
        };
        check_json(text)?;
        match operation.response {
            Some(expected) if !blank => check_kind(text, expected),
            _ => Ok(()),
        }
    });
    checked.map_err(|error| response.unusable(&error, operation))
}

/// Stands for an empty body.
const NULL: &[u8] = b"null";

/// The text of a body that was checked.
fn into_text(
    mut response: UnparsedResponse,
    operation: &'static Operation,
    metadata: bool,
) -> Result<String> {
    let (start, end) = match metadata {
        true => {
            let meta = meta_json(&response.meta);
            (r#"{"data":"#, format!(r#","meta":{meta}}}"#))
        }
        false => ("", String::new()),
    };
    // Room for the NUL of a C string as well: there may be no memory for a second body.
    let room = start.len() + NULL.len() + end.len() + 1;
    if response.body.try_reserve(room).is_err() {
        let message = "there is no memory for the body of the response";
        return Err(response.error(message, operation));
    }
    let mut body = response.body;
    if body.is_empty() {
        body.extend_from_slice(NULL);
    }
    body.splice(..0, start.bytes());
    body.extend_from_slice(end.as_bytes());
    // The check has read every byte as JSON, which is UTF-8.
    String::from_utf8(body)
        .map_err(|_| Error::new(crate::ErrorKind::Response, "the response is not UTF-8"))
}

fn meta_json(meta: &Meta) -> Value {
    let mut headers = serde_json::Map::new();
    for (name, value) in &meta.headers {
        let value = header_text(value.as_bytes());
        match headers.get_mut(name.as_str()) {
            // As HTTP joins the lines of one header.
            Some(Value::String(known)) => *known = format!("{known}, {value}"),
            _ => drop(headers.insert(name.to_string(), value.into())),
        }
    }
    json!({
        "status": meta.status(),
        "request_id": meta.request_id(),
        "headers": headers,
        "attempts": meta.attempts(),
        "elapsed_ms": meta.elapsed().as_secs_f64() * 1000.0,
    })
}

/// A header's value: UTF-8, or else Latin-1, which HTTP had first.
fn header_text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => text.into(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}
