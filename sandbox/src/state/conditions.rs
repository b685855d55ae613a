//! Conditions on a recipient and on data, as guides are targeted by.

use serde_json::Value;

/// The operators that the sandbox evaluates.
pub(crate) const OPERATORS: &[&str] = &[
    "equal_to",
    "not_equal_to",
    "greater_than",
    "less_than",
    "greater_than_or_equal_to",
    "less_than_or_equal_to",
    "contains",
    "not_contains",
    "empty",
    "not_empty",
    "exists",
    "not_exists",
];

/// Whether a condition holds in a scope such as `{"recipient": …, "data": …}`.
pub(crate) fn holds(condition: &Value, scope: &Value) -> bool {
    let variable = condition["variable"].as_str().unwrap_or_default();
    let value = variable
        .split('.')
        .try_fold(scope, |within, key| within.get(key));
    let argument = &condition["argument"];
    let compare = |accept: fn(f64, f64) -> bool| match (value.and_then(number), number(argument)) {
        (Some(value), Some(argument)) => accept(value, argument),
        _ => false,
    };
    match condition["operator"].as_str().unwrap_or_default() {
        "equal_to" => same(value, argument),
        "not_equal_to" => !same(value, argument),
        "greater_than" => compare(|a, b| a > b),
        "less_than" => compare(|a, b| a < b),
        "greater_than_or_equal_to" => compare(|a, b| a >= b),
        "less_than_or_equal_to" => compare(|a, b| a <= b),
        "contains" => contains(value, argument),
        "not_contains" => !contains(value, argument),
        "empty" => empty(value),
        "not_empty" => !empty(value),
        "exists" => value.is_some(),
        "not_exists" => value.is_none(),
        _ => false,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

/// Arguments come as text, whatever the type of what they are compared with.
fn same(value: Option<&Value>, argument: &Value) -> bool {
    match (value.unwrap_or(&Value::Null), argument) {
        (value, argument) if value == argument => true,
        (Value::String(_), _) => false,
        (value, Value::String(text)) => {
            serde_json::from_str(text).is_ok_and(|read: Value| read == *value)
        }
        _ => false,
    }
}

fn contains(value: Option<&Value>, argument: &Value) -> bool {
    match value {
        Some(Value::Array(items)) => items.iter().any(|item| same(Some(item), argument)),
        Some(Value::String(text)) => argument.as_str().is_some_and(|part| text.contains(part)),
        _ => false,
    }
}

fn empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_operator_decides() {
        let scope = json!({"recipient": {"plan": "pro", "seats": 5, "tags": ["a"], "bio": ""}});
        let cases = [
            ("recipient.plan", "equal_to", json!("pro"), true),
            ("recipient.seats", "equal_to", json!("5"), true),
            ("recipient.plan", "not_equal_to", json!("pro"), false),
            ("recipient.seats", "greater_than", json!("4"), true),
            ("recipient.seats", "less_than", json!(5), false),
            (
                "recipient.seats",
                "greater_than_or_equal_to",
                json!(5),
                true,
            ),
            ("recipient.seats", "less_than_or_equal_to", json!(4), false),
            ("recipient.tags", "contains", json!("a"), true),
            ("recipient.plan", "contains", json!("ro"), true),
            ("recipient.tags", "not_contains", json!("b"), true),
            ("recipient.bio", "empty", json!(null), true),
            ("recipient.tags", "not_empty", json!(null), true),
            ("recipient.plan.name", "exists", json!(null), false),
            ("data.x", "not_exists", json!(null), true),
        ];
        for (variable, operator, argument, expected) in cases {
            assert!(OPERATORS.contains(&operator));
            let condition =
                json!({"variable": variable, "operator": operator, "argument": argument});
            assert_eq!(holds(&condition, &scope), expected, "{condition}");
        }
    }
}
