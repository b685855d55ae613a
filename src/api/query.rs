//! `query!`: the query parameters of an operation, declared once.

/// Declares the parameters of a list or read: a struct with a setter per parameter, and the
/// same as data for the manifest and for requests given as JSON.
///
/// Each parameter has a kind: `string`, `integer`, `boolean`, `json`, `strings`, `references`,
/// or `one_of`/`any_of` with an open enum's type for a value or a list of values. A name on the
/// wire that is no Rust name follows in `as "…"`.
macro_rules! query {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident: $kind:ident $(($values:ty))? $(as $wire:literal)?, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[must_use]
        pub struct $name {
            $( $field: Option<$crate::api::query::query!(@type $kind $($values)?)>, )*
        }

        impl $name {
            /// No filters: everything, from the start.
            pub fn new() -> Self {
                Self::default()
            }

            $( $crate::api::query::query!(@setter $kind ($($values)?) $field $(#[doc = $field_doc])*); )*
        }

        impl $crate::request::query::ToQuery for $name {
            const PARAMETERS: &'static [$crate::operation::Parameter] = &[$(
                $crate::operation::Parameter {
                    name: $crate::api::query::query!(@wire $field $($wire)?),
                    kind: $crate::api::query::query!(@kind $kind),
                    values: $crate::api::query::query!(@values $($values)?),
                    doc: concat!($($field_doc, "\n"),*),
                },
            )*];

            fn to_query(&self) -> $crate::Result<$crate::request::query::Query> {
                let mut query = $crate::request::query::Query::default();
                $(
                    if let Some(value) = &self.$field {
                        let name = $crate::api::query::query!(@wire $field $($wire)?);
                        $crate::api::query::query!(@write $kind query name value);
                    }
                )*
                Ok(query)
            }
        }
    };

    (@wire $field:ident) => { stringify!($field) };
    (@wire $field:ident $wire:literal) => { $wire };

    (@values) => { &[] };
    (@values $values:ty) => { <$values>::VALUES };

    (@kind string) => { $crate::operation::ParameterKind::String };
    (@kind integer) => { $crate::operation::ParameterKind::Integer };
    (@kind boolean) => { $crate::operation::ParameterKind::Boolean };
    (@kind json) => { $crate::operation::ParameterKind::Json };
    (@kind one_of) => { $crate::operation::ParameterKind::Enum };
    (@kind strings) => { $crate::operation::ParameterKind::Strings };
    (@kind any_of) => { $crate::operation::ParameterKind::Strings };
    (@kind references) => { $crate::operation::ParameterKind::References };

    (@type string) => { String };
    (@type integer) => { i64 };
    (@type boolean) => { bool };
    (@type json) => { serde_json::Value };
    (@type one_of $values:ty) => { $values };
    (@type strings) => { Vec<String> };
    (@type any_of $values:ty) => { Vec<$values> };
    (@type references) => { Vec<$crate::types::RecipientReference> };

    (@setter string () $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(mut self, value: impl Into<String>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@setter strings () $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.$field = Some(values.into_iter().map(Into::into).collect());
            self
        }
    };
    (@setter json () $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(mut self, value: impl Into<serde_json::Value>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@setter any_of ($values:ty) $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(mut self, values: impl IntoIterator<Item = $values>) -> Self {
            self.$field = Some(values.into_iter().collect());
            self
        }
    };
    (@setter references () $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(
            mut self,
            values: impl IntoIterator<Item = $crate::types::RecipientReference>,
        ) -> Self {
            self.$field = Some(values.into_iter().collect());
            self
        }
    };
    (@setter $kind:ident ($($values:ty)?) $field:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $field(mut self, value: $crate::api::query::query!(@type $kind $($values)?)) -> Self {
            self.$field = Some(value);
            self
        }
    };

    (@write string $query:ident $name:ident $value:ident) => { $query.text($name, $value) };
    (@write integer $query:ident $name:ident $value:ident) => { $query.integer($name, *$value) };
    (@write boolean $query:ident $name:ident $value:ident) => { $query.boolean($name, *$value) };
    (@write json $query:ident $name:ident $value:ident) => {
        match $value.as_str() {
            Some(text) => $query.text($name, text),
            None => $query.text($name, &$value.to_string()),
        }
    };
    (@write one_of $query:ident $name:ident $value:ident) => { $query.text($name, $value.as_str()) };
    (@write strings $query:ident $name:ident $value:ident) => {
        $query.strings($name, $value.iter().map(String::as_str))
    };
    (@write any_of $query:ident $name:ident $value:ident) => {
        $query.strings($name, $value.iter().map(|value| value.as_str()))
    };
    (@write references $query:ident $name:ident $value:ident) => {
        $query.references($name, &$crate::api::query::references($value)?)?
    };
}
pub(crate) use query;

use crate::error::{Error, Result};
use crate::request::query::Reference;
use crate::types::RecipientReference;

/// References as a query can say them: an id, or an object's id and collection.
pub(crate) fn references(list: &[RecipientReference]) -> Result<Vec<Reference<'_>>> {
    list.iter()
        .map(|reference| reference_of(reference).ok_or_else(incomplete))
        .collect()
}

fn reference_of(reference: &RecipientReference) -> Option<Reference<'_>> {
    match reference {
        RecipientReference::User(id) => Some(Reference::Id(id)),
        RecipientReference::Object(object) => Some(Reference::Object {
            id: object.id.as_deref()?,
            collection: object.collection.as_deref()?,
        }),
        RecipientReference::Raw(_) => None,
    }
}

fn incomplete() -> Error {
    Error::invalid("a reference is an id, or an object with an id and a collection")
}
