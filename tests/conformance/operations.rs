//! The operations, one by one: method, path, parameters, body, answer, tier, pagination.

use std::collections::BTreeSet;

use knock::{Operation, ParameterKind, operations};
use serde_json::Value;

use super::spec::{self, Spec, specs};

/// The preference calls that are deprecated: the descriptions say nothing of their parameters and bodies.
fn undescribed(operation: &Operation) -> bool {
    operation.deprecated
}

fn each(check: impl Fn(&Spec, &Operation, &spec::Operation)) {
    for spec in specs() {
        for described in spec.operations() {
            let operation = knock::operation(described.id)
                .unwrap_or_else(|error| panic!("{}: {error}", spec.name));
            check(spec, operation, &described);
        }
    }
}

#[test]
fn every_described_operation_is_there_and_no_other() {
    if specs().is_empty() {
        return;
    }
    let ours: BTreeSet<_> = operations()
        .map(|operation| operation.operation_id)
        .collect();
    let all = specs()
        .iter()
        .flat_map(|spec| spec.operations().map(|described| described.id));
    assert_eq!(ours, all.collect());
    assert_eq!(operations().count(), 38);
}

#[test]
fn method_path_tier_and_deprecation_agree() {
    each(|spec, ours, described| {
        let theirs = (described.method.as_str(), described.path);
        assert_eq!((ours.method.as_str(), ours.path), theirs, "{}", spec.name);
        let tier = &described.definition["x-ratelimit-tier"];
        assert_eq!(
            Value::from(ours.tier),
            *tier,
            "{}: {}",
            spec.name,
            ours.name
        );
        let deprecated = described.definition.get("deprecated") == Some(&Value::Bool(true));
        assert_eq!(ours.deprecated, deprecated, "{}: {}", spec.name, ours.name);
    });
}

#[test]
fn query_parameters_agree_in_name_kind_and_values() {
    each(|spec, ours, described| {
        let names: BTreeSet<_> = ours.query.iter().map(|parameter| parameter.name).collect();
        let theirs: BTreeSet<_> = described.query().map(|(name, _)| name).collect();
        assert_eq!(names, theirs, "{}: {}", spec.name, ours.name);
        for parameter in ours.query {
            let (_, schema) = described
                .query()
                .find(|(name, _)| *name == parameter.name)
                .unwrap();
            let place = format!("{}: {} {}", spec.name, ours.name, parameter.name);
            let values = described.query_values(parameter.name).unwrap_or_default();
            let ours: BTreeSet<_> = parameter.values.iter().copied().collect();
            assert_eq!(ours, values.into_iter().collect(), "{place}");
            assert_eq!(kind(schema), simple(parameter.kind), "{place}");
        }
    });
}

/// The kind of a parameter as its schema says it.
fn kind(schema: &Value) -> &str {
    match (schema["type"].as_str(), schema.pointer("/items/type")) {
        (Some("array"), Some(_)) => "strings",
        (Some("array"), None) => "references",
        (Some(kind), _) => kind,
        (None, _) => panic!("no type in {schema}"),
    }
}

/// The kind of a parameter as a schema can say it: JSON and enums are strings there.
fn simple(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Json | ParameterKind::Enum => "string",
        other => other.as_str(),
    }
}

#[test]
fn bodies_and_answers_are_where_they_are_described() {
    each(|spec, ours, described| {
        let place = format!("{}: {}", spec.name, ours.name);
        if !undescribed(ours) {
            assert_eq!(
                ours.body.is_some(),
                described.request().is_some(),
                "{place}"
            );
        }
        assert_eq!(
            ours.response != "()",
            described.response().is_some(),
            "{place}"
        );
    });
}

#[test]
fn lists_are_the_operations_that_take_cursors() {
    each(|spec, ours, described| {
        let paged = described.query().any(|(name, _)| name == "after");
        assert_eq!(
            ours.pagination.is_some(),
            paged,
            "{}: {}",
            spec.name,
            ours.name
        );
        let Some(pagination) = ours.pagination else {
            return;
        };
        let page = spec.resolve(described.response().unwrap());
        assert!(
            page["properties"].get(pagination.key()).is_some(),
            "{}: {}",
            spec.name,
            ours.name
        );
    });
}

#[test]
fn names_and_ids_are_unique_and_either_finds_the_operation() {
    let names: BTreeSet<_> = operations().map(|operation| operation.name).collect();
    assert_eq!(names.len(), operations().count());
    for operation in operations() {
        for name in [operation.name, operation.operation_id] {
            assert_eq!(knock::operation(name).unwrap().name, operation.name);
        }
        assert!(
            !operation.summary().is_empty(),
            "{} has no documentation",
            operation.name
        );
    }
    let error = knock::operation("users.gte").unwrap_err();
    assert!(
        error.message().contains("did you mean \"users.get\"?"),
        "{error}"
    );
}
