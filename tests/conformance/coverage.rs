//! Every property, enum value and branch that a schema declares is known to the types.

use knock::model::schema::{Kind, Member, Type, find};
use knock::types::{
    EngagementStatusFilter, FeedArchived, FeedMode, FeedStatus, Include, MessageStatus,
};
use serde_json::Value;

use super::samples::merged;
use super::spec::{Spec, specs};
use super::table::{row, rows};

#[test]
fn nothing_that_a_schema_declares_is_unknown() {
    for spec in specs() {
        let mut findings = Vec::new();
        for operation in spec.operations() {
            let row = row(operation.id);
            let bodies = [
                (operation.request(), row.request),
                (operation.response(), row.response),
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

#[test]
fn every_operation_of_the_table_is_described() {
    let described: Vec<_> = specs()
        .iter()
        .flat_map(Spec::operations)
        .map(|operation| operation.id)
        .collect();
    if described.is_empty() {
        return;
    }
    for row in rows() {
        assert!(described.contains(&row.operation), "{}", row.operation);
    }
}

#[test]
fn filters_know_the_values_of_their_parameters() {
    for spec in specs() {
        let values = |operation: &str, parameter: &str| {
            // The newer description leaves the brackets out.
            let plain = parameter.trim_end_matches("[]");
            let operation = spec
                .operations()
                .find(|described| described.id == operation)
                .unwrap();
            sorted(
                operation
                    .query_values(parameter)
                    .or_else(|| operation.query_values(plain))
                    .unwrap(),
            )
        };
        assert_eq!(
            values("listUserInAppFeedItems", "status"),
            sorted(FeedStatus::VALUES.to_vec())
        );
        assert_eq!(
            values("listUserInAppFeedItems", "archived"),
            sorted(FeedArchived::VALUES.to_vec())
        );
        assert_eq!(
            values("listUserInAppFeedItems", "mode"),
            sorted(FeedMode::VALUES.to_vec())
        );
        assert_eq!(
            values("listMessagesForUser", "status[]"),
            sorted(MessageStatus::VALUES.to_vec())
        );
        let engagement = values("listMessagesForUser", "engagement_status[]");
        assert_eq!(engagement, sorted(EngagementStatusFilter::VALUES.to_vec()));
        assert_eq!(
            values("listUsers", "include[]"),
            sorted(Include::VALUES.to_vec())
        );
        assert_eq!(
            values("listSubscriptionsForUser", "include[]"),
            sorted(Include::VALUES.to_vec())
        );
    }
}

fn sorted(mut values: Vec<&str>) -> Vec<&str> {
    values.sort_unstable();
    values
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
    let kind = match ty {
        Type::Named(name) => Some(find(name).unwrap().kind),
        _ => None,
    };
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
                        if may_be_missing(spec, schema, key, property) && !tolerates_missing(field)
                        {
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
        Type::Named(name) => match find(name).unwrap().kind {
            Kind::Union { branches } => branches.iter().map(|branch| branch.ty).collect(),
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
