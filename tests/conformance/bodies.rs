//! The types that each operation takes and returns, as the tests use them.

use knock::model::schema::{Describe, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::types::types;

/// A type, by what the tests do with it.
pub struct Body {
    pub ty: Type,
    /// Reads JSON text and gives the JSON written again, with the value as `Debug` shows it.
    pub round_trip: fn(&str) -> serde_json::Result<(Value, String)>,
}

/// The types of an operation.
pub struct Bodies {
    /// The `operationId`.
    pub operation: &'static str,
    pub request: Option<Body>,
    pub response: Option<Body>,
}

/// The body of a type.
pub fn body<T: Describe + DeserializeOwned + Serialize + std::fmt::Debug>() -> Option<Body> {
    Some(Body {
        ty: T::TYPE,
        round_trip: |json| {
            let value: T = serde_json::from_str(json)?;
            Ok((serde_json::to_value(&value)?, format!("{value:?}")))
        },
    })
}

/// The types of the operation that is declared with this `operationId`, or has it as a further spelling.
pub fn bodies(id: &str) -> Bodies {
    let declared = knock::operation(id).unwrap().operation_id;
    let mut all = types().into_iter();
    all.find(|bodies| bodies.operation == declared)
        .unwrap_or_else(|| panic!("no types for {declared}"))
}
