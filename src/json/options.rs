//! The `request_options` of a request given as JSON.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::CallOptions;
use crate::error::{Error, Result};
use crate::json::entries::{Entries, OPTIONS, text_of, wrong};
use crate::request::Request;
use crate::suggest;

/// A request with the options of its call.
#[derive(Debug)]
pub(crate) struct JsonCall<'a> {
    pub request: Request<'a>,
    pub options: Option<CallOptions>,
    /// Whether the caller wants status and headers beside the body.
    pub metadata: bool,
    /// Whether a pager fetches one page ahead.
    pub prefetch: bool,
}

/// The content of `request_options`.
#[derive(Default)]
pub(super) struct RequestOptions {
    options: Option<CallOptions>,
    metadata: bool,
    prefetch: bool,
}

const OPTION_KEYS: [&str; 9] = [
    "timeout_ms",
    "deadline_ms",
    "max_retries",
    "idempotency_key",
    "user_token",
    "headers",
    "query",
    "metadata",
    "prefetch",
];

impl RequestOptions {
    pub fn with<'a>(self, request: Request<'a>) -> JsonCall<'a> {
        JsonCall {
            request,
            options: self.options,
            metadata: self.metadata,
            prefetch: self.prefetch,
        }
    }

    pub fn read(value: &RawValue) -> Result<Self> {
        let Entries(entries) =
            serde_json::from_str(value.get()).map_err(|_| wrong(OPTIONS, "an object", value))?;
        let mut metadata = false;
        let mut prefetch = false;
        let mut options = CallOptions::new();
        for (key, value) in &entries {
            let name = format!("{OPTIONS}.{key}");
            options = match key.as_ref() {
                "timeout_ms" => options.timeout(millis(&name, value)?),
                "deadline_ms" => options.deadline(millis(&name, value)?),
                "max_retries" => {
                    let number = serde_json::from_str(value.get());
                    options.max_retries(number.map_err(|_| wrong(&name, "a whole number", value))?)
                }
                "idempotency_key" => options.idempotency_key(&text_of(&name, value)?)?,
                "user_token" => options.user_token(&text_of(&name, value)?)?,
                "headers" => pairs(&name, value)?
                    .iter()
                    .try_fold(options, |options, (header, value)| {
                        options.header(header, value)
                    })?,
                "query" => pairs(&name, value)?
                    .into_iter()
                    .fold(options, |options, (name, value)| options.query(name, value)),
                "metadata" => {
                    metadata = truth(&name, value)?;
                    options
                }
                "prefetch" => {
                    prefetch = truth(&name, value)?;
                    options
                }
                _ => {
                    let nearest = suggest::nearest(key, OPTION_KEYS);
                    return Err(Error::invalid(format!("there is no {name}{nearest}")));
                }
            };
        }
        Ok(Self {
            options: Some(options),
            metadata,
            prefetch,
        })
    }
}

fn truth(name: &str, value: &RawValue) -> Result<bool> {
    serde_json::from_str(value.get()).map_err(|_| wrong(name, "true or false", value))
}

fn millis(name: &str, value: &RawValue) -> Result<Duration> {
    let number = serde_json::from_str::<u32>(value.get())
        .ok()
        .filter(|millis| *millis > 0);
    let number =
        number.ok_or_else(|| wrong(name, "a whole number of milliseconds, 1 or more", value))?;
    Ok(Duration::from_millis(number.into()))
}

/// An object of text; numbers and booleans are written as text, lists as one pair per element.
pub(super) fn pairs(name: &str, value: &RawValue) -> Result<Vec<(String, String)>> {
    let expected = "an object of text, numbers, booleans or lists of them";
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(value.get()).map_err(|_| wrong(name, expected, value))?;
    let mut pairs = Vec::with_capacity(object.len());
    for (key, value) in object {
        let (key, list) = match value {
            Value::Array(list) => (format!("{key}[]"), list),
            single => (key, vec![single]),
        };
        for element in list {
            let text = match element {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                _ => {
                    return Err(Error::invalid(format!(
                        "{name}.{key} must be text, a number or a boolean"
                    )));
                }
            };
            pairs.push((key.clone(), text));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_option() {
        let documentation = include_str!("../../docs/c-abi.md");
        for key in OPTION_KEYS {
            assert!(documentation.contains(&format!("| `{key}` |")), "{key}");
        }
    }
}
