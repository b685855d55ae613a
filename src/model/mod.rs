//! Declaration of the API's types: each once, with its reader, its writer and its description.

pub(crate) mod field;
pub(crate) mod object;
pub(crate) mod open_enum;
pub mod schema;
pub(crate) mod tagged;
pub(crate) mod union;

pub use field::Field;

/// A JSON object with any keys and values.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
