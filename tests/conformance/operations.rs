//! The operations, one by one: method, path, parameters, body, answer, tier, pagination.

use std::collections::BTreeSet;

use knock::{Operation, ParameterKind, operations};
use serde_json::Value;

use super::spec::{self, Spec, specs};

/// Query parameters that the service takes and the descriptions do not list.
const UNDESCRIBED: [(&str, &[&str]); 2] = [
    ("audiences.list_members", &["after", "before", "page_size"]),
    ("objects.get_preferences", &["tenant"]),
];

fn is_undescribed(operation: &Operation, parameter: &str) -> bool {
    let mut known = UNDESCRIBED.iter();
    known.any(|(name, parameters)| *name == operation.name && parameters.contains(&parameter))
}

/// The preference calls that are deprecated: the descriptions say nothing of their bodies.
pub(super) fn has_undescribed_body(operation: &Operation) -> bool {
    operation.deprecated && operation.name.contains(".preferences.")
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
    let declared: BTreeSet<_> = operations()
        .flat_map(|operation| {
            let spellings = operation.spellings.iter();
            let others = spellings.map(|spelling| spelling.operation_id);
            [operation.operation_id].into_iter().chain(others)
        })
        .collect();
    let described = specs()
        .iter()
        .flat_map(|spec| spec.operations().map(|described| described.id));
    assert_eq!(declared, described.collect());
}

#[test]
fn method_path_tier_and_deprecation_agree() {
    each(|spec, ours, described| {
        let mut spellings = ours.spellings.iter();
        let spelling = spellings.find(|spelling| spelling.operation_id == described.id);
        let path = spelling.map_or(ours.path, |spelling| spelling.path);
        let theirs = (described.method.as_str(), described.path);
        assert_eq!((ours.method.as_str(), path), theirs, "{}", spec.name);
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
fn query_parameters_agree_in_name_kind_values_and_whether_they_are_required() {
    each(|spec, ours, described| {
        let names = ours.query.iter().map(|parameter| parameter.name);
        let names: BTreeSet<_> = names.filter(|name| !is_undescribed(ours, name)).collect();
        let theirs: BTreeSet<_> = described.query().map(|theirs| theirs.name).collect();
        assert_eq!(names, theirs, "{}: {}", spec.name, ours.name);
        for theirs in described.query() {
            let place = format!("{}: {} {}", spec.name, ours.name, theirs.name);
            let mut query = ours.query.iter();
            let parameter = query
                .find(|parameter| parameter.name == theirs.name)
                .unwrap();
            let ours: BTreeSet<_> = parameter.values.iter().copied().collect();
            assert_eq!(ours, theirs.values().into_iter().collect(), "{place}");
            assert_eq!(simple(parameter.kind), kind(theirs.schema), "{place}");
            assert_eq!(parameter.required, theirs.required, "{place}");
        }
    });
}

#[test]
fn path_parameters_are_those_of_the_template() {
    for operation in operations() {
        let declared: Vec<_> = operation.arguments.iter().map(|p| p.name).collect();
        let template: Vec<_> = operation.path_parameters().collect();
        assert_eq!(declared, template, "{}", operation.name);
        for spelling in operation.spellings {
            let placeholders = spelling.path.matches('{').count();
            assert_eq!(placeholders, declared.len(), "{}", spelling.path);
        }
    }
}

/// The kind of a parameter as its schema says it.
fn kind(schema: &Value) -> &str {
    match (schema["type"].as_str(), schema.pointer("/items/type")) {
        (Some("array"), Some(_)) => "strings",
        (Some("array"), None) => "references",
        (Some(kind), _) => kind,
        (None, _) => "reference",
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
        if !has_undescribed_body(ours) {
            let ours = ours.body.map(|body| body.required);
            assert_eq!(ours, described.requires_body(), "{place}");
        }
        let returns = described.response().is_some();
        assert_eq!(ours.response.is_some(), returns, "{place}");
    });
}

#[test]
fn lists_are_the_operations_that_take_cursors() {
    each(|spec, ours, described| {
        let Some(pagination) = ours.pagination else {
            let paged = described.query().any(|theirs| theirs.name == "after");
            assert!(!paged, "{}: {}", spec.name, ours.name);
            return;
        };
        let cursor = pagination.forward_parameter();
        let mut parameters = ours.query.iter();
        let declared = parameters.any(|parameter| parameter.name == cursor);
        assert!(declared, "{}: {} takes no {cursor}", spec.name, ours.name);
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
