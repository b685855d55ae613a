//! What the types are made of, as data: bindings are generated from it and tests hold it against the API.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Field;

/// A named type: a model, an open enum or a union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schema {
    /// The name in Rust and in every binding.
    pub name: &'static str,
    /// The documentation, Markdown, one line per line.
    pub doc: &'static str,
    /// What kind of type it is, and its parts.
    pub kind: Kind,
}

/// The kinds of named types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A JSON object with known fields.
    Model {
        /// The known fields, in the order of declaration.
        fields: &'static [Member],
        /// The Rust field that holds every key that is not a known one.
        rest: &'static str,
    },
    /// A string with known values; others are kept as they are.
    Enum {
        /// The known values, in the order of declaration.
        values: &'static [EnumValue],
    },
    /// A value that is one of several types.
    Union {
        /// The known branches, in the order of declaration; anything else is kept as plain JSON.
        branches: &'static [Branch],
    },
}

/// A known field of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The field in Rust.
    pub name: &'static str,
    /// The key in JSON.
    pub wire: &'static str,
    /// The documentation.
    pub doc: &'static str,
    /// The type of the value; [`Type::Optional`] where the key may be absent or its value null.
    pub ty: Type,
}

/// A known value of an open enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnumValue {
    /// The variant in Rust.
    pub name: &'static str,
    /// The string in JSON.
    pub wire: &'static str,
    /// The documentation.
    pub doc: &'static str,
}

/// A known branch of a union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch {
    /// The variant in Rust.
    pub name: &'static str,
    /// The documentation.
    pub doc: &'static str,
    /// The type it holds.
    pub ty: Type,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// A string.
    String,
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer,
    /// Any JSON value.
    Json,
    /// A JSON object with any keys and values.
    JsonObject,
    /// A JSON array of this type.
    List(&'static Type),
    /// A JSON object whose keys are data and whose values are of this type.
    Map(&'static Type),
    /// This type, null, or nothing at all.
    Optional(&'static Type),
    /// A type that has a [`Schema`] of this name.
    Named(&'static str),
    /// One of these types, or any other JSON, which is kept as it is.
    Union(&'static [Type]),
}

/// A Rust type that can stand in a model: says what it is, and what becomes of it when its key is missing.
pub trait Describe: Sized {
    /// What the type is in JSON.
    const TYPE: Type;

    /// The value that stands for a missing key; `None` where the key is required.
    fn absent() -> Option<Self> {
        None
    }

    /// True if the key is to be left out.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Describe> Describe for Field<T> {
    const TYPE: Type = Type::Optional(&T::TYPE);

    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }

    fn is_absent(&self) -> bool {
        Field::is_absent(self)
    }
}

impl<T: Describe> Describe for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
}

impl<T: Describe> Describe for BTreeMap<String, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}

impl Describe for String {
    const TYPE: Type = Type::String;
}

impl Describe for bool {
    const TYPE: Type = Type::Boolean;
}

impl Describe for i64 {
    const TYPE: Type = Type::Integer;
}

impl Describe for Value {
    const TYPE: Type = Type::Json;
}

impl Describe for Map<String, Value> {
    const TYPE: Type = Type::JsonObject;
}
