//! From arguments to what goes on the wire: path, query and body.

pub(crate) mod query;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::operation::{Method, Operation, placeholder};
use crate::request::query::Query;

/// Everything but the characters that RFC 3986 leaves unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(crate) fn push_encoded(into: &mut String, text: &str) {
    into.extend(utf8_percent_encode(text, ENCODED));
}

/// A request that is ready to be sent, as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub operation: &'static Operation,
    /// The path, percent-encoded.
    pub path: String,
    pub query: Query,
    pub body: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    pub fn new(operation: &'static Operation, arguments: &[&str]) -> Result<Self> {
        let path = encode_path(operation, arguments)?;
        Ok(Self {
            operation,
            path,
            query: Query::default(),
            body: None,
        })
    }

    /// A request whose path is sent as it is.
    pub fn unlisted(method: Method, path: &str) -> Result<Self> {
        let operation = Operation::unlisted(method);
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"?#\\".contains(&byte);
        if !path.starts_with('/') || !path.bytes().all(allowed) {
            return Err(Error::invalid(format!(
                "the path {path:?} must start with / and have everything but letters, digits and \
                 punctuation percent-encoded; the query goes apart"
            )));
        }
        Ok(Self {
            operation,
            path: path.to_owned(),
            query: Query::default(),
            body: None,
        })
    }

    pub fn query(mut self, query: Query) -> Self {
        self.query = query;
        self
    }

    pub fn body(mut self, body: Option<&'a [u8]>) -> Self {
        self.body = body;
        self
    }
}

/// Fills the template's placeholders, each as one segment.
fn encode_path(operation: &Operation, arguments: &[&str]) -> Result<String> {
    let mut arguments = arguments.iter();
    let mut path = String::with_capacity(operation.path.len() + 32);
    for segment in operation.path.split('/').skip(1) {
        path.push('/');
        match placeholder(segment) {
            None => path.push_str(segment),
            Some(name) => {
                let value = *arguments.next().ok_or_else(|| missing(name))?;
                check_segment(name, value)?;
                push_encoded(&mut path, value);
            }
        }
    }
    Ok(path)
}

pub(crate) fn missing(name: &str) -> Error {
    Error::invalid(format!("{name} is required"))
}

/// Whether servers and proxies resolve this segment of a path before routing, encoded or not.
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// A segment that is empty or dots would name another resource than the caller meant.
fn check_segment(name: &str, value: &str) -> Result<()> {
    match value {
        "" => Err(Error::invalid(format!(
            "{name} is empty; it must name one resource"
        ))),
        dots if is_dot_segment(dots) => Err(Error::invalid(format!(
            "{name} is {value:?}, which cannot be part of a path"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operation;

    fn path(user: &str) -> Result<String> {
        encode_path(operation("users.get")?, &[user])
    }

    #[test]
    fn encodes_an_id_as_one_segment() {
        assert_eq!(path("jane").unwrap(), "/v1/users/jane");
        assert_eq!(
            path("a b/c%?#ü").unwrap(),
            "/v1/users/a%20b%2Fc%25%3F%23%C3%BC"
        );
        assert_eq!(
            path("jane@ingen.net").unwrap(),
            "/v1/users/jane%40ingen.net"
        );
    }

    #[test]
    fn refuses_ids_that_would_name_another_resource() {
        for id in ["", ".", ".."] {
            let error = path(id).unwrap_err();
            assert!(error.message().contains("user_id"), "{error}");
        }
        assert!(path("...").is_ok());
    }
}
