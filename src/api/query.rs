//! `query!`: the query parameters of an operation, declared once.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::open_enum::OpenEnum;
use crate::model::schema::Describe;
use crate::operation::ParameterKind;
use crate::request::query::{Query, Reference};
use crate::types::{ObjectReference, RecipientReference};

/// Declares the parameters of a list or read: a struct with a setter per parameter, and the
/// same as data for the manifest and for requests given as JSON.
///
/// Each parameter has a Rust type: `String`, `i64`, `bool`, `Value` (an object that goes out as
/// text), an open enum, `RecipientReference`, or a `Vec` of text, enums or references. Those that
/// the operation needs stand in parentheses and are the arguments of `new`. A name on the wire
/// that is no Rust name follows in `as "…"`.
///
/// ```text
/// pub struct UserListSchedulesParams(
///     /// The workflow of the schedules.
///     workflow: String,
/// ) {
///     /// How many schedules a page has.
///     page_size: i64,
/// }
/// ```
macro_rules! query {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $((
            $(
                $(#[doc = $needed_doc:literal])*
                $needed:ident: $needed_outer:ident $(<$needed_inner:ty>)? $(as $needed_wire:literal)?,
            )+
        ))? {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident: $outer:ident $(<$inner:ty>)? $(as $wire:literal)?,
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[must_use]
        pub struct $name {
            $($( $needed: $needed_outer $(<$needed_inner>)?, )+)?
            $( $field: Option<$outer $(<$inner>)?>, )*
        }

        $crate::api::query::query!(@default $name $(($($needed)+))?);

        impl $name {
            /// Only what the operation needs: no filters, from the start.
            pub fn new(
                $($( $needed: $crate::api::query::query!(@argument $needed_outer $(<$needed_inner>)?) ),+)?
            ) -> Self {
                Self {
                    $($( $needed: $crate::api::query::query!(@value $needed_outer $needed), )+)?
                    $( $field: None, )*
                }
            }

            $(
                $(#[doc = $field_doc])*
                pub fn $field(
                    mut self,
                    value: $crate::api::query::query!(@argument $outer $(<$inner>)?),
                ) -> Self {
                    self.$field = Some($crate::api::query::query!(@value $outer value));
                    self
                }
            )*
        }

        impl $crate::request::query::ToQuery for $name {
            const PARAMETERS: &'static [$crate::operation::Parameter] = &[
                $($( $crate::api::query::query!(
                    @parameter true $needed ($needed_outer $(<$needed_inner>)?)
                    ($($needed_wire)?) $(#[doc = $needed_doc])*
                ), )+)?
                $( $crate::api::query::query!(
                    @parameter false $field ($outer $(<$inner>)?) ($($wire)?) $(#[doc = $field_doc])*
                ), )*
            ];

            fn write_to(&self, query: &mut $crate::request::query::Query) -> $crate::Result<()> {
                use $crate::api::query::QueryValue;
                $($(
                    let name = $crate::api::query::query!(@wire $needed ($($needed_wire)?));
                    self.$needed.write_to(query, name)?;
                )+)?
                $(
                    if let Some(value) = &self.$field {
                        value.write_to(query, $crate::api::query::query!(@wire $field ($($wire)?)))?;
                    }
                )*
                Ok(())
            }
        }
    };

    (@default $name:ident) => {
        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    (@default $name:ident ($($needed:ident)+)) => {};

    (@wire $field:ident ()) => { stringify!($field) };
    (@wire $field:ident ($wire:literal)) => { $wire };

    (@parameter $required:literal $field:ident ($ty:ty) ($($wire:literal)?) $(#[doc = $doc:literal])*) => {
        $crate::operation::Parameter {
            name: $crate::api::query::query!(@wire $field ($($wire)?)),
            kind: <$ty as $crate::api::query::QueryValue>::KIND,
            ty: <$ty as $crate::model::schema::Describe>::TYPE,
            required: $required,
            values: <$ty as $crate::api::query::QueryValue>::VALUES,
            doc: concat!($($doc, "\n"),*),
        }
    };

    (@argument Vec <$item:ty>) => { impl IntoIterator<Item = impl Into<$item>> };
    (@argument $ty:ty) => { impl Into<$ty> };

    (@value Vec $value:ident) => { $value.into_iter().map(Into::into).collect() };
    (@value $outer:ident $value:ident) => { $value.into() };
}
pub(crate) use query;

/// A type that a query parameter can have.
pub(crate) trait QueryValue: Describe {
    /// The shape of the parameter.
    const KIND: ParameterKind;
    /// The known values, of the parameter or of the elements of a list.
    const VALUES: &'static [&'static str] = &[];

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()>;
}

impl QueryValue for String {
    const KIND: ParameterKind = ParameterKind::String;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        query.text(name, self);
        Ok(())
    }
}

impl QueryValue for i64 {
    const KIND: ParameterKind = ParameterKind::Integer;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        query.integer(name, *self);
        Ok(())
    }
}

impl QueryValue for bool {
    const KIND: ParameterKind = ParameterKind::Boolean;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        query.boolean(name, *self);
        Ok(())
    }
}

/// JSON that goes out as text.
impl QueryValue for Value {
    const KIND: ParameterKind = ParameterKind::Json;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        match self.as_str() {
            Some(text) => query.text(name, text),
            None => query.text(name, &self.to_string()),
        }
        Ok(())
    }
}

impl<E: OpenEnum + Describe> QueryValue for E {
    const KIND: ParameterKind = ParameterKind::Enum;
    const VALUES: &'static [&'static str] = E::VALUES;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        query.text(name, self.as_str());
        Ok(())
    }
}

impl QueryValue for RecipientReference {
    const KIND: ParameterKind = ParameterKind::Reference;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        query.reference(name, of_recipient(self)?);
        Ok(())
    }
}

impl<T: Element> QueryValue for Vec<T> {
    const KIND: ParameterKind = T::LIST;
    const VALUES: &'static [&'static str] = T::VALUES;

    fn write_to(&self, query: &mut Query, name: &str) -> Result<()> {
        T::write_list(self, query, name)
    }
}

/// A type that a list in a query can have.
pub(crate) trait Element: Describe {
    /// The shape of the list.
    const LIST: ParameterKind = ParameterKind::Strings;
    const VALUES: &'static [&'static str] = &[];

    fn write_list(list: &[Self], query: &mut Query, name: &str) -> Result<()>;
}

impl Element for String {
    fn write_list(list: &[Self], query: &mut Query, name: &str) -> Result<()> {
        query.strings(name, list.iter().map(String::as_str));
        Ok(())
    }
}

impl<E: OpenEnum + Describe> Element for E {
    const VALUES: &'static [&'static str] = E::VALUES;

    fn write_list(list: &[Self], query: &mut Query, name: &str) -> Result<()> {
        query.strings(name, list.iter().map(|value| value.as_str()));
        Ok(())
    }
}

impl Element for RecipientReference {
    const LIST: ParameterKind = ParameterKind::References;

    fn write_list(list: &[Self], query: &mut Query, name: &str) -> Result<()> {
        let list = list.iter().map(of_recipient).collect::<Result<Vec<_>>>()?;
        query.references(name, &list)
    }
}

impl Element for ObjectReference {
    const LIST: ParameterKind = ParameterKind::References;

    fn write_list(list: &[Self], query: &mut Query, name: &str) -> Result<()> {
        let list = list.iter().map(of_object).collect::<Option<Vec<_>>>();
        query.references(name, &list.ok_or_else(incomplete)?)
    }
}

/// A reference as a query can say it: an id, or an object's id and collection.
fn of_recipient(reference: &RecipientReference) -> Result<Reference<'_>> {
    let reference = match reference {
        RecipientReference::User(id) => Some(Reference::Id(id)),
        RecipientReference::Object(object) => of_object(object),
        RecipientReference::Raw(_) => None,
    };
    reference.ok_or_else(incomplete)
}

fn of_object(object: &ObjectReference) -> Option<Reference<'_>> {
    Some(Reference::Object {
        id: object.id.as_deref()?,
        collection: object.collection.as_deref()?,
    })
}

fn incomplete() -> Error {
    Error::invalid("a reference is an id, or an object with an id and a collection")
}
