//! A response that says the call succeeded, before its body is read.

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::client::response::{Meta, Response};
use crate::client::surrogates::replace_half_pairs;
use crate::error::{Error, ErrorKind, Result};
use crate::exact::find_inexact;
use crate::operation::{Method, Operation};
use crate::parse::read;

/// A response with a status below 300, not parsed yet.
#[derive(Debug)]
pub(crate) struct UnparsedResponse {
    pub body: Vec<u8>,
    pub meta: Meta,
}

impl UnparsedResponse {
    /// The body as JSON text: a response without one stands for null.
    pub fn json(&self) -> &[u8] {
        if self.body.is_empty() {
            b"null"
        } else {
            &self.body
        }
    }

    pub fn parse<T: DeserializeOwned>(
        mut self,
        operation: &'static Operation,
    ) -> Result<Response<T>> {
        let value = self.read_with(|response| read(response.body_or_null(operation)));
        let value = value.map_err(|error| self.unusable(&error, operation))?;
        if operation.response.is_some()
            && let Some(offset) = find_inexact(&self.body)
        {
            let message = format!(
                "the response body has a number at byte {offset} with more digits than Rust's \
                 types can hold; Client::call_json returns it as it is"
            );
            return Err(self.error(&message, operation));
        }
        Ok(Response::new(value, self.meta))
    }

    /// Reads the body. What has half a surrogate pair in it is read with U+FFFD in its place: no
    /// text can hold it, and a list must not end where somebody's name was cut in two.
    pub fn read_with<T>(
        &mut self,
        read: impl Fn(&Self) -> serde_json::Result<T>,
    ) -> serde_json::Result<T> {
        match read(self) {
            Err(_) if replace_half_pairs(&mut self.body) => read(self),
            result => result,
        }
    }

    /// The body, without the JSON that some servers send where nothing is to be said.
    fn body_or_null(&self, operation: &Operation) -> &[u8] {
        let unasked = operation.response.is_none() && read::<IgnoredAny>(&self.body).is_ok();
        if unasked { b"null" } else { self.json() }
    }

    /// The error for a body that is not what the operation returns.
    pub fn unusable(&self, error: &serde_json::Error, operation: &'static Operation) -> Error {
        let what = if self.body.is_empty() {
            "is empty".to_owned()
        } else if error.is_data() {
            format!("is not what was expected: {}", without_values(error))
        } else {
            format!("is not valid JSON: {}", without_values(error))
        };
        self.error(&format!("the response body {what}"), operation)
    }

    /// An error about this response.
    pub fn error(&self, message: &str, operation: &'static Operation) -> Error {
        let request_id = self.meta.request_id().map(str::to_owned);
        let error = Error::new(ErrorKind::Response, message)
            .with_response(self.meta.status, request_id)
            .with_attempts(self.meta.attempts)
            .at(operation.name);
        if operation.method == Method::Get {
            error
        } else {
            error.maybe_processed()
        }
    }
}

/// serde's message without the text that it quotes: that may be anybody's secret.
pub(super) fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}…{}", &text[..=first], &text[last..])
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_repeat_the_body() {
        let error = serde_json::from_str::<Vec<u8>>(r#""sk_test_secret \" x""#).unwrap_err();
        assert_eq!(
            without_values(&error),
            "invalid type: string \"…\", expected a sequence at line 1 column 21"
        );
        let error = serde_json::from_str::<Vec<u8>>("[1,").unwrap_err();
        assert_eq!(without_values(&error), error.to_string());
    }
}
