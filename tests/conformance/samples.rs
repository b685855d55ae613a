//! JSON made from a schema: every property, every enum value, every branch of every union.

use serde_json::{Map, Value, json};

use super::spec::Spec;

/// Samples of a schema. Together they have each property absent, null and of each of its own samples; the first
/// one has every property.
///
/// The number of samples of an object is about the sum over its properties, so nesting does not multiply them.
pub fn samples(spec: &Spec, schema: &Value) -> Vec<Value> {
    let schema = spec.resolve(schema);
    let mut samples = Vec::new();
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        samples.extend(
            branches
                .iter()
                .flat_map(|branch| self::samples(spec, branch)),
        );
    } else if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        samples.extend(objects(spec, &merged(spec, parts)));
    } else if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        samples.extend(values.iter().cloned());
    } else {
        match schema["type"].as_str() {
            Some("string") => samples.extend(strings(schema)),
            Some("integer") => samples.extend([json!(7), json!(0), json!(10_000_000_000_i64)]),
            Some("boolean") => samples.extend([json!(true), json!(false)]),
            Some("array") => samples.extend(arrays(spec, &schema["items"])),
            Some("object") => samples.extend(objects(spec, schema)),
            other => panic!("no samples for type {other:?}: {schema}"),
        }
    }
    if schema.get("nullable") == Some(&Value::Bool(true)) && !samples.contains(&Value::Null) {
        samples.push(Value::Null);
    }
    samples
}

/// One schema out of the parts of an `allOf`.
pub fn merged(spec: &Spec, parts: &[Value]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let part = spec.resolve(part);
        properties.extend(
            part.get("properties")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        );
        required.extend(
            part.get("required")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
        );
    }
    json!({"type": "object", "properties": properties, "required": required})
}

fn strings(schema: &Value) -> Vec<Value> {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => vec![json!("1b2c3d4e-5f60-4a1b-8c2d-3e4f5a6b7c8d")],
        Some("date-time") => vec![
            json!("2025-06-01T12:30:00.123456Z"),
            json!("2025-06-01T12:30:00+02:00"),
        ],
        Some("uri") => vec![json!("https://example.com/a?b=c#d")],
        _ => vec![
            json!("text"),
            json!(""),
            json!("\u{0}\"\\\n\u{2028} née 東京 🦖"),
        ],
    }
}

fn arrays(spec: &Spec, items: &Value) -> Vec<Value> {
    let items = samples(spec, items);
    let mut arrays: Vec<_> = items.iter().map(|item| json!([item])).collect();
    arrays.extend([json!([]), json!(items)]);
    arrays
}

fn objects(spec: &Spec, schema: &Value) -> Vec<Value> {
    let anything =
        json!({"text": "x", "number": -1.5e300, "list": [0.1, null, {"deep": true}], "": {}});
    let none = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    if properties.is_empty() {
        return match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => {
                let values = samples(spec, values)
                    .into_iter()
                    .map(|value| json!({"a key": value}));
                values.chain([json!({})]).collect()
            }
            _ => vec![anything, json!({})],
        };
    }
    let choices: Vec<_> = properties
        .iter()
        .map(|(key, property)| (key, choices(spec, schema, key, property)))
        .collect();
    let full: Map<_, _> = choices
        .iter()
        .map(|(key, values)| ((*key).clone(), values[0].clone()))
        .collect();
    let mut objects = vec![Value::Object(full.clone())];
    for (key, values) in &choices {
        objects.extend(
            values
                .iter()
                .skip(1)
                .map(|value| with(&full, key, value.clone())),
        );
    }
    let is_required = |key: &String| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|required| required.contains(&json!(key)))
    };
    let minimal: Map<_, _> = full
        .clone()
        .into_iter()
        .filter(|(key, _)| is_required(key))
        .collect();
    objects.push(Value::Object(minimal));
    objects.push(with(&full, "a_key_of_tomorrow", anything));
    objects.push(with(&full, "extra", json!({"properties": null})));
    objects
}

/// The samples of a property.
fn choices(spec: &Spec, schema: &Value, key: &str, property: &Value) -> Vec<Value> {
    match key {
        // The name of a type is a plain string to the schema, yet no type has another type's.
        "__typename" => {
            let examples = [
                property.get("example"),
                schema.pointer("/example/__typename"),
                schema.get("title"),
            ];
            vec![
                examples
                    .into_iter()
                    .flatten()
                    .next()
                    .cloned()
                    .unwrap_or_else(|| json!("Thing")),
            ]
        }
        _ => samples(spec, property),
    }
}

fn with(object: &Map<String, Value>, key: &str, value: Value) -> Value {
    let mut object = object.clone();
    object.insert(key.to_owned(), value);
    Value::Object(object)
}
