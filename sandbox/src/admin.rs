//! `/_sandbox/…`: what tests do to the sandbox over HTTP.

use hyper::http::request::Parts;
use serde::Deserialize;
use serde_json::json;

use crate::answer::Answer;
use crate::errors::ApiError;
use crate::exchange::Service;
use crate::faults::Fault;
use crate::matcher::Matcher;
use crate::query::{Node, Query};

/// Path of the sandbox's own endpoints.
pub(crate) const PREFIX: &str = "/_sandbox/";

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Fault>),
    One(Box<Fault>),
}

pub(crate) fn answer(service: &Service, parts: &Parts, body: &[u8]) -> Answer {
    let endpoint = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let answered = match (parts.method.as_str(), endpoint) {
        ("GET", "requests") => requests(service, parts.uri.query().unwrap_or_default()),
        ("DELETE", "requests") => {
            service.state().journal.clear();
            Ok(Answer::no_content())
        }
        ("POST", "faults") => queue_faults(service, body),
        ("GET", "faults") => Ok(Answer::ok(
            &json!({"entries": service.state().faults.pending()}),
        )),
        ("DELETE", "faults") => {
            service.state().faults.clear();
            Ok(Answer::no_content())
        }
        ("POST", "seed") => serde_json::from_slice(body)
            .map_err(|error| ApiError::bad_request(format!("the seed is not valid JSON: {error}")))
            .and_then(|seed| service.seed(seed))
            .map(|seeded| Answer::ok(&seeded)),
        ("POST", "reset") => {
            service.reset();
            Ok(Answer::no_content())
        }
        ("GET", "stats") => Ok(Answer::ok(&service.stats())),
        (method, _) => Err(ApiError::no_such_route(method, parts.uri.path())),
    };
    answered.unwrap_or_else(ApiError::into_answer)
}

fn requests(service: &Service, query: &str) -> Result<Answer, ApiError> {
    let query = Query::parse(query)?;
    let text = |name| match query.get(name) {
        Some(Node::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let found = service
        .state()
        .journal
        .requests(&Matcher::new(text("method"), text("path")));
    Ok(Answer::ok(&json!({"entries": found})))
}

fn queue_faults(service: &Service, body: &[u8]) -> Result<Answer, ApiError> {
    // An untagged enum cannot say which field it stumbled over; the plain type can.
    let faults = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => serde_json::from_slice(body).map(OneOrMany::Many),
        _ => serde_json::from_slice(body).map(OneOrMany::One),
    };
    let faults = match faults
        .map_err(|error| ApiError::invalid_field("body", format!("is no fault: {error}")))?
    {
        OneOrMany::Many(faults) => faults,
        OneOrMany::One(fault) => vec![*fault],
    };
    let mut state = service.state();
    for fault in faults {
        state.faults.push(fault);
    }
    Ok(Answer::ok(&json!({"entries": state.faults.pending()})))
}
