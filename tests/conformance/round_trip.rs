//! Values are written again as they were read.

use std::collections::HashSet;

use serde_json::Value;

use super::bodies::{Body, bodies};
use super::operations::has_undescribed_body;
use super::samples::samples;
use super::spec::{Operation, Spec, specs};

#[test]
fn responses_survive_their_types() {
    for spec in specs() {
        let mut checked = HashSet::new();
        for operation in spec.operations() {
            let body = bodies(operation.id).response;
            check(
                spec,
                &operation,
                operation.response(),
                body.as_ref(),
                &mut checked,
            );
        }
        assert!(
            checked.len() >= 13,
            "{}: {} responses",
            spec.name,
            checked.len()
        );
    }
}

#[test]
fn requests_survive_their_types() {
    for spec in specs() {
        let mut checked = HashSet::new();
        for operation in spec.operations() {
            if has_undescribed_body(knock::operation(operation.id).unwrap()) {
                continue;
            }
            let body = bodies(operation.id).request;
            check(
                spec,
                &operation,
                operation.request(),
                body.as_ref(),
                &mut checked,
            );
        }
        assert!(
            checked.len() >= 8,
            "{}: {} requests",
            spec.name,
            checked.len()
        );
    }
}

/// Checks a body of an operation, unless another operation with the same body was there before.
fn check(
    spec: &Spec,
    operation: &Operation,
    schema: Option<&Value>,
    body: Option<&Body>,
    checked: &mut HashSet<String>,
) {
    let place = format!("{}, {}", spec.name, operation.id);
    let (schema, body) = match (schema, body) {
        (Some(schema), Some(body)) => (schema, body),
        (None, None) => return,
        (schema, _) => panic!(
            "{place}: {}",
            if schema.is_some() {
                "has a body"
            } else {
                "has no body"
            }
        ),
    };
    if !checked.insert(format!("{:?} {schema}", body.ty)) {
        return;
    }
    let validator = spec.validator(schema);
    for sample in samples(spec, schema) {
        assert!(
            validator.is_valid(&sample),
            "{place}: made a wrong sample {sample}"
        );
        let (written, debug) = (body.round_trip)(&sample.to_string())
            .unwrap_or_else(|error| panic!("{place}: {error} in {sample}"));
        assert_eq!(written, sample, "{place}");
        assert!(
            !debug.contains("Raw(") || is_ambiguous(&sample),
            "{place}: unknown to a union: {debug}"
        );
    }
}

/// True if somewhere in the JSON is channel data that fits several providers alike.
fn is_ambiguous(json: &Value) -> bool {
    match json {
        Value::Object(object) => {
            let fits_several = match (object.get("connections"), object.get("devices")) {
                (Some(connections), _) => {
                    let tells = |key: &String| key.starts_with("ms_teams_") || key == "token";
                    !object.keys().any(tells) && !elements(connections).any(is_of_one_app)
                }
                (None, Some(devices)) => object.len() == 1 && elements(devices).next().is_none(),
                (None, None) => false,
            };
            fits_several || object.values().any(is_ambiguous)
        }
        Value::Array(items) => items.iter().any(is_ambiguous),
        _ => false,
    }
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// True for a connection that only one chat app knows.
fn is_of_one_app(connection: &Value) -> bool {
    let tells = |key: &String| {
        key.starts_with("ms_teams_") || ["access_token", "user_id", "url"].contains(&key.as_str())
    };
    connection
        .as_object()
        .is_some_and(|connection| connection.keys().any(tells))
}
