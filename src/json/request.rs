//! Requests given as one JSON object: path and query parameters by name, the body under
//! `body`, and what concerns the call alone under `request_options`.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::json::entries::{BODY, Entries, Keys, OPTIONS, object_in, text_of, wrong};
use crate::json::options::{JsonCall, RequestOptions};
use crate::operation::{Operation, Parameter, ParameterKind};
use crate::request::query::{Query, Reference};
use crate::request::{Request, missing};
use crate::suggest;

/// Reads a request; empty text stands for `{}`.
pub(crate) fn parse<'a>(operation: &'static Operation, text: &'a str) -> Result<JsonCall<'a>> {
    read(operation, text).map_err(|error| error.at(operation.name))
}

fn read<'a>(operation: &'static Operation, text: &'a str) -> Result<JsonCall<'a>> {
    let Entries(entries) = object_in(text)?;
    let mut query = Query::of(operation.pagination);
    let mut path: Vec<(&str, Cow<str>)> = Vec::new();
    let mut body = None;
    let mut call = RequestOptions::default();
    for (key, value) in &entries {
        if let Some(name) = operation.path_parameters().find(|name| name == key) {
            path.push((name, text_of(name, value)?));
        } else if let Some(parameter) = operation.query.iter().find(|p| p.name == key) {
            write_parameter(&mut query, parameter, value)?;
        } else if key == BODY {
            body = Some(value.get()).filter(|body| *body != "null");
        } else if key == OPTIONS {
            call = RequestOptions::read(value)?;
        } else {
            return Err(unknown_key(operation, key));
        }
    }
    let given = |parameter: &Parameter| {
        let mut entries = entries.iter();
        entries.any(|(key, value)| key == parameter.name && value.get() != "null")
    };
    let mut needed = operation.query.iter().filter(|p| p.required);
    if let Some(parameter) = needed.find(|parameter| !given(parameter)) {
        return Err(missing(parameter.name));
    }
    let body = check_body(operation, body)?;
    let argument = |name| {
        let given = path.iter().find(|(known, _)| *known == name);
        given
            .map(|(_, value)| value.as_ref())
            .ok_or_else(|| missing(name))
    };
    let arguments = operation
        .path_parameters()
        .map(argument)
        .collect::<Result<Vec<_>>>()?;
    let request = Request::new(operation, &arguments)?.query(query).body(body);
    Ok(call.with(request))
}

fn unknown_key(operation: &Operation, key: &str) -> Error {
    let body = operation.body.map(|_| BODY);
    let known = operation
        .path_parameters()
        .chain(operation.query.iter().map(|p| p.name));
    let known: Vec<_> = known.chain(body).chain([OPTIONS]).collect();
    let bare = key.trim_end_matches("[]");
    let nearest = match known.contains(&bare) {
        true => format!("; did you mean {bare:?}?"),
        false => suggest::nearest(key, known.iter().copied()),
    };
    Error::invalid(format!(
        "there is no parameter {key:?}{nearest} Known: {}",
        known.join(", ")
    ))
}

fn write_parameter(query: &mut Query, parameter: &Parameter, value: &RawValue) -> Result<()> {
    let Parameter { name, kind, .. } = *parameter;
    if value.get() == "null" {
        return Ok(());
    }
    match kind {
        ParameterKind::String | ParameterKind::Enum => query.text(name, &text_of(name, value)?),
        ParameterKind::Integer => {
            let number = serde_json::from_str(value.get());
            query.integer(
                name,
                number.map_err(|_| wrong(name, "a whole number", value))?,
            );
        }
        ParameterKind::Boolean => {
            let truth = serde_json::from_str(value.get());
            query.boolean(
                name,
                truth.map_err(|_| wrong(name, "true or false", value))?,
            );
        }
        ParameterKind::Json => match value.get().as_bytes().first() {
            Some(b'"') => query.text(name, &text_of(name, value)?),
            Some(b'{') => query.text(name, value.get()),
            _ => return Err(wrong(name, "an object or its text", value)),
        },
        ParameterKind::Strings => {
            let list: Vec<Cow<str>> = serde_json::from_str(value.get())
                .map_err(|_| wrong(name, "a list of text", value))?;
            query.strings(name, list.iter().map(AsRef::as_ref));
        }
        ParameterKind::Reference => {
            let one: Value = serde_json::from_str(value.get())
                .map_err(|_| wrong(name, "an id or an object", value))?;
            let one = reference(&one).ok_or_else(|| {
                Error::invalid(format!(
                    "{name} must be an id, or an object with the texts id and collection"
                ))
            })?;
            query.reference(name, one);
        }
        ParameterKind::References => {
            let list: Vec<Value> = serde_json::from_str(value.get())
                .map_err(|_| wrong(name, "a list of ids or objects", value))?;
            let list = list.iter().map(reference).collect::<Option<Vec<_>>>();
            let list = list.ok_or_else(|| {
                Error::invalid(format!(
                    "{name} must be a list of ids, or of objects with the texts id and collection"
                ))
            })?;
            query.references(name, &list)?;
        }
    }
    Ok(())
}

fn reference(value: &Value) -> Option<Reference<'_>> {
    match value {
        Value::String(id) => Some(Reference::Id(id)),
        Value::Object(object) => Some(Reference::Object {
            id: object.get("id")?.as_str()?,
            collection: object.get("collection")?.as_str()?,
        }),
        _ => None,
    }
}

/// Checks that a body is there where it must be, and has the keys that it must have. What the
/// values are is left to the server, which knows more kinds than this version.
fn check_body<'a>(operation: &Operation, body: Option<&'a str>) -> Result<Option<&'a [u8]>> {
    let Some(expected) = operation.body else {
        return match body {
            Some(_) => Err(Error::invalid("this operation takes no body")),
            None => Ok(None),
        };
    };
    let name = expected.name;
    let Some(body) = body else {
        return match expected.required {
            true => Err(Error::invalid(format!("body is required: a {name}"))),
            false => Ok(None),
        };
    };
    if !body.starts_with('{') {
        return Err(Error::invalid(format!("body must be an object, a {name}")));
    }
    let required: Vec<_> = expected.required_keys().collect();
    if !required.is_empty() {
        let keys: HashSet<Cow<str>> = serde_json::from_str::<Keys>(body)
            .map(|Keys(keys)| keys)
            .map_err(|error| Error::invalid(format!("body: {error}")))?;
        if let Some(key) = required.into_iter().find(|key| !keys.contains(*key)) {
            return Err(missing(&format!("body.{key}")));
        }
    }
    Ok(Some(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operation;

    fn target(name: &str, text: &str) -> String {
        let call = parse(operation(name).unwrap(), text).unwrap();
        let mut target = call.request.path.clone();
        call.request.query.append_to(&mut target, &[]);
        target
    }

    fn refused(name: &str, text: &str) -> String {
        parse(operation(name).unwrap(), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn writes_parameters_by_their_names() {
        let feed = r#"{"user_id":"j/1","id":"f","status":"unread","page_size":20,"has_tenant":false,
                       "workflow_categories":["a","b"],"trigger_data":{"a":1},"inserted_at.gte":"2025"}"#;
        assert_eq!(
            target("users.feeds.list_items", feed),
            "/v1/users/j%2F1/feeds/f?status=unread&page_size=20&has_tenant=false\
             &workflow_categories[]=a&workflow_categories[]=b&trigger_data=%7B%22a%22%3A1%7D\
             &inserted_at.gte=2025"
        );
        assert_eq!(target("users.list", ""), "/v1/users");
    }

    #[test]
    fn passes_the_body_on_as_it_is() {
        let text = r#"{"user_id":"jane","body":{"email": null,  "n": 1.0}}"#;
        let call = parse(operation("users.update").unwrap(), text).unwrap();
        assert_eq!(
            call.request.body,
            Some(r#"{"email": null,  "n": 1.0}"#.as_bytes())
        );
    }

    #[test]
    fn says_what_was_wrong_and_what_would_be_right() {
        let list = "users.feeds.list_items";
        assert!(
            refused(list, r#"{"user_id":"j","id":"f","statsu":"x"}"#)
                .contains("did you mean \"status\"")
        );
        assert!(
            refused(
                list,
                r#"{"user_id":"j","id":"f","workflow_categories[]":[]}"#
            )
            .contains("\"workflow_categories\"")
        );
        assert!(refused(list, r#"{"id":"f"}"#).contains("user_id is required"));
        assert!(
            refused(list, r#"{"user_id":7,"id":"f"}"#)
                .contains("user_id must be text, not a number")
        );
        assert!(
            refused(list, r#"{"user_id":"j","id":"f","page_size":"9"}"#)
                .contains("a whole number, not text")
        );
        assert!(refused(list, r#"{"user_id":"j","user_id":"k","id":"f"}"#).contains("twice"));
        assert!(refused(list, r#"[]"#).contains("not a JSON object"));
        assert!(refused(list, r#"{"user_id":"j","id":"f","body":{}}"#).contains("takes no body"));
        assert!(refused("users.merge", r#"{"user_id":"j"}"#).contains("body is required"));
        assert!(
            refused("users.merge", r#"{"user_id":"j","body":[]}"#).contains("must be an object")
        );
        assert!(
            refused("users.merge", r#"{"user_id":"j","body":{}}"#)
                .contains("body.from_user_id is required")
        );
        let options = r#"{"user_id":"j","request_options":{"timeout":1}}"#;
        assert!(refused("users.get", options).contains("timeout_ms"));
    }

    #[test]
    fn refuses_headers_that_would_break_the_message() {
        let options = r#"{"user_id":"j","request_options":{"headers":{"x":"a\r\nb: c"}}}"#;
        assert!(refused("users.get", options).contains("0x0d"));
        let options = r#"{"user_id":"j","request_options":{"user_token":"secret\u0000"}}"#;
        let message = refused("users.get", options);
        assert!(message.contains("x-knock-user-token") && !message.contains("secret"));
    }
}
