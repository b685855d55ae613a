//! Every property, enum value and branch that a schema declares is known to the types.

use knock::model::schema::{Kind, Member, Type};
use serde_json::Value;

use super::bodies::bodies;
use super::samples::merged;
use super::spec::{Spec, specs};

#[test]
fn nothing_that_a_schema_declares_is_unknown() {
    for spec in specs() {
        let mut findings = Vec::new();
        for operation in spec.operations() {
            let ours = bodies(operation.id);
            let bodies = [
                (operation.request(), ours.request),
                (operation.response(), ours.response),
            ];
            for (schema, body) in bodies {
                let (Some(schema), Some(body)) = (schema, body) else {
                    continue;
                };
                compare(spec, schema, body.ty, operation.id, &mut findings);
            }
        }
        assert!(
            findings.is_empty(),
            "{}:\n{}",
            spec.name,
            findings.join("\n")
        );
    }
}

/// Notes where a type cannot hold all that the schema allows, or knows less than it.
fn compare(spec: &Spec, schema: &Value, ty: Type, place: &str, findings: &mut Vec<String>) {
    let schema = spec.resolve(schema);
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        let branches: Vec<_> = branches
            .iter()
            .filter(|branch| **branch != Value::Null)
            .collect();
        return match branches[..] {
            [branch] => compare(spec, branch, ty, place, findings),
            _ => compare_branches(spec, &branches, ty, place, findings),
        };
    }
    let merged = schema
        .get("allOf")
        .and_then(Value::as_array)
        .map(|parts| merged(spec, parts));
    let schema = merged.as_ref().unwrap_or(schema);
    let kind = ty.schema().map(|schema| schema.kind);
    match (schema["type"].as_str(), ty, kind) {
        (_, Type::Json, _) => {}
        (_, Type::Optional(ty), _) => compare(spec, schema, *ty, place, findings),
        (Some("string"), Type::Named(_), Some(Kind::Enum { values })) => {
            for value in schema["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if !values.iter().any(|known| known.wire == value) {
                    findings.push(format!("{place}: does not know {value:?}"));
                }
            }
        }
        (Some("string"), Type::String, _) if schema.get("enum").is_none() => {}
        (Some("boolean"), Type::Boolean, _) | (Some("integer"), Type::Integer, _) => {}
        (Some("array"), Type::List(ty), _) => {
            compare(spec, &schema["items"], *ty, &format!("{place}[]"), findings)
        }
        (Some("object"), Type::Map(ty), _) => {
            compare(
                spec,
                &schema["additionalProperties"],
                *ty,
                &format!("{place}{{}}"),
                findings,
            );
        }
        (Some("object"), Type::JsonObject, _) if schema.get("properties").is_none() => {}
        (Some("object"), Type::Named(_), Some(Kind::Model { fields, .. })) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                let place = format!("{place}.{key}");
                match fields.iter().find(|field| field.wire == key) {
                    None => findings.push(format!("{place}: unknown")),
                    Some(field) => {
                        let optional = may_be_missing(spec, schema, key, property);
                        if optional && !tolerates_missing(field) {
                            findings.push(format!("{place}: may be absent or null"));
                        }
                        compare(spec, property, field.ty, &place, findings);
                    }
                }
            }
        }
        // A schema that is one branch of a union here, without being one there.
        (_, Type::Union(_), _) | (_, _, Some(Kind::Union { .. })) => {
            compare_branches(spec, &[schema], ty, place, findings);
        }
        _ => findings.push(format!("{place}: {ty:?} cannot hold {}", schema["type"])),
    }
}

fn may_be_missing(spec: &Spec, schema: &Value, key: &str, property: &Value) -> bool {
    let required = schema["required"]
        .as_array()
        .is_some_and(|required| required.iter().any(|name| name == key));
    !required || is_nullable(spec, property)
}

fn is_nullable(spec: &Spec, schema: &Value) -> bool {
    let schema = spec.resolve(schema);
    let branches = schema["anyOf"].as_array();
    schema["nullable"] == true
        || branches
            .into_iter()
            .flatten()
            .any(|branch| is_nullable(spec, branch))
}

fn tolerates_missing(field: &Member) -> bool {
    matches!(field.ty, Type::Optional(_) | Type::Json)
}

/// Each branch of the schema must find one of the type that holds all of it.
fn compare_branches(
    spec: &Spec,
    branches: &[&Value],
    ty: Type,
    place: &str,
    findings: &mut Vec<String>,
) {
    let known: Vec<Type> = match ty {
        Type::Optional(ty) => return compare_branches(spec, branches, *ty, place, findings),
        Type::Union(known) => known.to_vec(),
        Type::Named(schema) => match schema().kind {
            Kind::Union { branches, .. } => branches.iter().map(|branch| branch.ty).collect(),
            _ => vec![ty],
        },
        _ => vec![ty],
    };
    for branch in branches {
        let attempts = known.iter().map(|ty| {
            let mut findings = Vec::new();
            compare(spec, branch, *ty, place, &mut findings);
            findings
        });
        // A branch of the right kind that lacks something tells more than one of another kind.
        let of_another_kind = format!("{place}: ");
        let rank = |findings: &Vec<String>| {
            (
                findings
                    .iter()
                    .any(|finding| finding.starts_with(&of_another_kind)),
                findings.len(),
            )
        };
        let best = attempts.min_by_key(rank).unwrap_or_default();
        if !best.is_empty() {
            findings.push(format!(
                "{place}: no branch of {ty:?} fits: {}",
                best.join("; ")
            ));
        }
    }
}
