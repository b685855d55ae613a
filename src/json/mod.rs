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
mod unlisted;

use serde_json::json;

pub use crate::interrupt::until;
pub use crate::log::write as log;
pub use crate::sync::lock;
pub use bulk::JsonBulk;
pub use pager::JsonPager;

use check::{Valid, is_plain_json};
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
    /// returns the body of the answer as JSON text, `null` where it has none.
    ///
    /// The request has path and query parameters by their names, the body under `body`, and
    /// under `request_options` what concerns this call alone: `timeout_ms`, `deadline_ms`,
    /// `max_retries`, `idempotency_key`, `user_token`, `headers`, `query`, and `metadata`, which
    /// wraps the answer as `{"data": …, "meta": {…}}`. (`prefetch` is for pagers.)
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
        let reply = match options {
            Some(options) => self.with_options(options).call(&request)?,
            None => self.call(&request)?,
        };
        into_text(reply, operation, metadata)
    }
}

pub(super) fn into_text(
    mut reply: UnparsedResponse,
    operation: &'static Operation,
    metadata: bool,
) -> Result<String> {
    let blank = matches!(operation.response, None | Some(Type::Json)) || reply.meta.status == 204;
    let checked = reply.read_with(|reply| {
        let text = if blank { reply.json() } else { &reply.body };
        if is_plain_json(text) {
            return Ok(Valid);
        }
        serde_json::from_slice(text)
    });
    if let Err(error) = checked {
        return Err(reply.unusable(&error, operation));
    }
    let UnparsedResponse { body, meta } = reply;
    let body = if body.is_empty() {
        b"null".to_vec()
    } else {
        body
    };
    // The check above has read every byte as JSON, which is UTF-8.
    let text = String::from_utf8(body)
        .map_err(|_| Error::new(crate::ErrorKind::Response, "the answer is not UTF-8"))?;
    Ok(if metadata {
        format!(r#"{{"data":{text},"meta":{}}}"#, meta_json(&meta))
    } else {
        text
    })
}

fn meta_json(meta: &Meta) -> serde_json::Value {
    let headers: serde_json::Map<_, _> = meta
        .headers()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({
        "status": meta.status(),
        "request_id": meta.request_id(),
        "headers": headers,
        "attempts": meta.attempts(),
        "elapsed_ms": meta.elapsed().as_secs_f64() * 1000.0,
    })
}
