//! Calls by name with JSON text in and out, as the C ABI makes them. The body travels from the
//! socket to the caller checked, but neither parsed into types nor written again.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use crate::api::operation;
use crate::client::Client;
use crate::client::plain_json::is_plain_json;
use crate::client::reply::Reply;
use crate::client::response::Meta;
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::request::json::{JsonCall, parse};
#[cfg(feature = "capi")]
use crate::request::unlisted;

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

    pub(crate) fn call_operation_json(
        &self,
        operation: &'static Operation,
        request: &str,
    ) -> Result<String> {
        self.call_json_request(parse(operation, request)?)
    }

    /// Calls an endpoint that this version does not know, by its method and path.
    #[cfg(feature = "capi")]
    pub(crate) fn call_unlisted_json(
        &self,
        method: &str,
        path: &str,
        request: &str,
    ) -> Result<String> {
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
    reply: Reply,
    operation: &'static Operation,
    metadata: bool,
) -> Result<String> {
    let blank = matches!(operation.response, "()" | "Value") || reply.meta.status == 204;
    let checked = if blank { reply.json() } else { &reply.body };
    if !is_plain_json(checked)
        && let Err(error) = serde_json::from_slice::<Valid>(checked)
    {
        return Err(reply.unusable(&error, operation));
    }
    let Reply { body, meta } = reply;
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

/// Any JSON, read and dropped. Unlike serde's `IgnoredAny` it keeps serde_json's limit on
/// nesting, so that no caller is handed text that its own parser could overflow on.
struct Valid;

impl<'de> Deserialize<'de> for Valid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValidVisitor;

        impl<'de> Visitor<'de> for ValidVisitor {
            type Value = Valid;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_str<E>(self, _: &str) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_unit<E>(self) -> Result<Valid, E> {
                Ok(Valid)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Valid, A::Error> {
                while seq.next_element::<Valid>()?.is_some() {}
                Ok(Valid)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Valid, A::Error> {
                while map.next_entry::<Valid, Valid>()?.is_some() {}
                Ok(Valid)
            }
        }

        deserializer.deserialize_any(ValidVisitor)
    }
}
