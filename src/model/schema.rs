//! The types as data: bindings are generated from it and tests hold it against the API.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::Field;

/// A named type: a model, an open enum or a union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schema {
    /// The name in Rust and in every binding.
    pub name: &'static str,
    /// The documentation, Markdown, one line per line.
    pub doc: &'static str,
    /// Kind of the type, and its parts.
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
        /// The means by which the branches are told apart.
        discriminator: Discriminator,
    },
}

/// Means by which the branches of a union are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Discriminator {
    /// The content: its kind in JSON, and the keys that it has.
    Content,
    /// The value of this key, one of the [`tags`](Branch::tags) of a branch; the content where there is none.
    Key(&'static str),
    /// The value of this key in the object that the union stands in; the content where there is none.
    Beside(&'static str),
}

/// The form of a string, or of the strings in a list. Of a map, the form of its keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    /// An RFC 3339 timestamp.
    DateTime,
    /// A UUID.
    Uuid,
    /// A URL.
    Uri,
    /// A name that is not empty.
    Id,
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
    /// The form of the value, where it has one.
    pub format: Option<Format>,
    /// True for a value that lets its reader act for somebody; `Debug` hides it.
    pub secret: bool,
}

impl Member {
    /// True if the key is required.
    pub const fn is_required(&self) -> bool {
        !matches!(self.ty, Type::Optional(_))
    }
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
    /// The values of the union's discriminator that stand for this branch.
    pub tags: &'static [&'static str],
}

/// The type of a value.
#[derive(Clone, Copy)]
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
    /// A type with a [`Schema`]. A function, for the schemas of types may hold one another.
    Named(fn() -> &'static Schema),
    /// One of these types, or any other JSON, which is kept as it is.
    Union(&'static [Type]),
}

/// A Rust type that can stand in a model: says what it is, and what becomes of it when its key is missing.
pub trait Describe: Sized {
    /// The type in JSON.
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

impl Schema {
    /// The known fields, if it is a model.
    pub const fn fields(&self) -> &'static [Member] {
        match self.kind {
            Kind::Model { fields, .. } => fields,
            Kind::Enum { .. } | Kind::Union { .. } => &[],
        }
    }

    /// The types that it is directly made of.
    pub fn parts(&self) -> Vec<Type> {
        match self.kind {
            Kind::Model { fields, .. } => fields.iter().map(|field| field.ty).collect(),
            Kind::Union { branches, .. } => branches.iter().map(|branch| branch.ty).collect(),
            Kind::Enum { .. } => Vec::new(),
        }
    }
}

impl Type {
    /// The schema, if the type has one itself.
    pub fn schema(self) -> Option<&'static Schema> {
        match self {
            Self::Named(schema) => Some(schema()),
            _ => None,
        }
    }

    /// The schemas that the type names: its own, or those of its elements, values or branches.
    pub fn schemas(self) -> Vec<&'static Schema> {
        match self {
            Self::Named(schema) => vec![schema()],
            Self::List(inner) | Self::Map(inner) | Self::Optional(inner) => inner.schemas(),
            Self::Union(branches) => branches
                .iter()
                .flat_map(|branch| branch.schemas())
                .collect(),
            Self::String | Self::Boolean | Self::Integer | Self::Json | Self::JsonObject => {
                Vec::new()
            }
        }
    }
}

/// Every schema that these types are made of, each once, the whole before its parts.
pub fn reachable(types: impl IntoIterator<Item = Type>) -> Vec<&'static Schema> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    let mut waiting: Vec<_> = types.into_iter().flat_map(Type::schemas).collect();
    waiting.reverse();
    while let Some(schema) = waiting.pop() {
        if names.insert(schema.name) {
            found.push(schema);
            let parts = schema.parts().into_iter().flat_map(Type::schemas);
            waiting.extend(parts.collect::<Vec<_>>().into_iter().rev());
        }
    }
    found
}

/// As in Rust, such as `Vec<User>`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("String"),
            Self::Boolean => f.write_str("bool"),
            Self::Integer => f.write_str("i64"),
            Self::Json => f.write_str("Value"),
            Self::JsonObject => f.write_str("JsonObject"),
            Self::List(inner) => write!(f, "Vec<{inner}>"),
            Self::Map(inner) => write!(f, "BTreeMap<String, {inner}>"),
            Self::Optional(inner) => write!(f, "Field<{inner}>"),
            Self::Named(schema) => f.write_str(schema().name),
            Self::Union(branches) => {
                for (index, branch) in branches.iter().enumerate() {
                    let between = if index == 0 { "" } else { " | " };
                    write!(f, "{between}{branch}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Types with a schema are the same if they have one name.
impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(one), Self::Named(other)) => one().name == other().name,
            (Self::List(one), Self::List(other))
            | (Self::Map(one), Self::Map(other))
            | (Self::Optional(one), Self::Optional(other)) => one == other,
            (Self::Union(one), Self::Union(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::schemas;

    #[test]
    fn no_two_types_have_one_name() {
        let schemas = schemas();
        let names: BTreeSet<_> = schemas.iter().map(|schema| schema.name).collect();
        assert_eq!(names.len(), schemas.len());
        for schema in &schemas {
            for part in schema.parts().into_iter().flat_map(Type::schemas) {
                let listed = schemas.iter().find(|known| known.name == part.name);
                assert!(
                    listed.is_some_and(|known| std::ptr::eq(*known, part)),
                    "{}",
                    part.name
                );
            }
        }
    }

    #[test]
    fn what_names_like_a_secret_is_one() {
        for schema in schemas() {
            for field in schema.fields() {
                let named = ["access_token", "token", "tokens"].contains(&field.wire);
                assert!(field.secret || !named, "{}.{}", schema.name, field.wire);
            }
        }
    }

    #[test]
    fn everything_is_documented() {
        for schema in schemas() {
            let parts: Vec<_> = match schema.kind {
                Kind::Model { fields, .. } => {
                    fields.iter().map(|field| (field.wire, field.doc)).collect()
                }
                Kind::Enum { values } => {
                    values.iter().map(|value| (value.wire, value.doc)).collect()
                }
                Kind::Union { branches, .. } => branches
                    .iter()
                    .map(|branch| (branch.name, branch.doc))
                    .collect(),
            };
            for (part, doc) in parts.into_iter().chain([("", schema.doc)]) {
                let (name, doc) = (schema.name, doc.trim_end());
                assert!(doc.ends_with('.'), "{name} {part}: {doc:?}");
                // It is read in other languages too: examples and links belong to the methods.
                assert!(
                    !doc.contains("```") && !doc.contains("]("),
                    "{name} {part}: {doc:?}"
                );
            }
        }
    }
}
