//! What is done with JSON maps throughout.

use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;

/// Lays `over` on `base`: objects merge key by key at every depth, everything else is replaced.
pub(crate) fn deep_merge(base: &mut Object, over: Object) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => deep_merge(below, above),
            (Some(slot), value) => *slot = value,
            (None, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// How many bytes the value takes as JSON, near enough to bound it: escapes are not counted.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        Value::Object(map) => object_size(map),
    }
}

/// [`size`] of an object.
pub(crate) fn object_size(map: &Object) -> usize {
    2 + map
        .iter()
        .map(|(key, value)| key.len() + 4 + size(value))
        .sum::<usize>()
}
