//! Requests to endpoints that this version does not know.

use crate::error::{Error, Result};
use crate::json::entries::{BODY, Entries, OPTIONS, object_in};
use crate::json::options::{JsonCall, RequestOptions, pairs};
use crate::operation::{Method, Operation};
use crate::request::Request;
use crate::request::query::Query;
use crate::suggest;

const QUERY: &str = "query";

/// Reads such a request: `query`, `body` and `request_options`. Empty text stands for `{}`.
pub(crate) fn parse<'a>(method: &str, path: &str, text: &'a str) -> Result<JsonCall<'a>> {
    read(method, path, text).map_err(|error| error.at(Operation::unlisted(Method::Get).name))
}

fn read<'a>(method: &str, path: &str, text: &'a str) -> Result<JsonCall<'a>> {
    let Entries(entries) = object_in(text)?;
    let mut query = Query::default();
    let mut body = None;
    let mut call = RequestOptions::default();
    for (key, value) in &entries {
        match key.as_ref() {
            QUERY => pairs(QUERY, value)?
                .iter()
                .for_each(|(name, value)| query.text(name, value)),
            BODY => body = Some(value.get()).filter(|body| *body != "null"),
            OPTIONS => call = RequestOptions::read(value)?,
            _ => return Err(unknown(key)),
        }
    }
    let request = Request::unlisted(named(method)?, path)?;
    Ok(call.with(request.query(query).body(body.map(str::as_bytes))))
}

/// The method of a name, in capitals or not.
fn named(name: &str) -> Result<Method> {
    let all = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ];
    let found = all
        .into_iter()
        .find(|method| method.as_str().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        Error::invalid(format!(
            "there is no method {name:?}; those are {}",
            all.map(Method::as_str).join(", ")
        ))
    })
}

fn unknown(key: &str) -> Error {
    let known = [QUERY, BODY, OPTIONS];
    let nearest = suggest::nearest(key, known);
    Error::invalid(format!(
        "there is no key {key:?}{nearest} Known: {}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(method: &str, path: &str, text: &str) -> String {
        parse(method, path, text).unwrap_err().to_string()
    }

    #[test]
    fn has_a_query_and_any_body() {
        let text = r#"{"query": {"a": [1, "x y"], "b": true, "after": "c"}, "body": [1]}"#;
        let call = parse("post", "/v1/things", text).unwrap();
        let mut target = call.request.path.clone();
        call.request.query.append_to(&mut target, &[]);
        assert_eq!(target, "/v1/things?a[]=1&a[]=x%20y&b=true&after=c");
        assert_eq!(call.request.body, Some(&b"[1]"[..]));
        assert_eq!(call.request.operation.method, Method::Post);
        assert_eq!(parse("GET", "/v1/x", "").unwrap().request.body, None);
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(refused("FETCH", "/v1/x", "").contains("there is no method \"FETCH\""));
        assert!(refused("GET", "v1/x", "").contains("must start with /"));
        assert!(refused("GET", "/v1/x", r#"{"qurey": {}}"#).contains("did you mean \"query\""));
        assert!(refused("GET", "/v1/x", r#"{"query": [1]}"#).contains("query must be an object"));
        assert!(refused("GET", "/v1/x", "[]").contains("not a JSON object"));
    }
}
