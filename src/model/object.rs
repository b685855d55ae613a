//! `model!` and `request!`: JSON objects declared once, with what reads, writes and describes them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::schema::Describe;

/// Declares a JSON object: the struct, how it is read and written, and its [`Schema`](super::schema::Schema).
///
/// A field is required unless its type is a [`Field`](super::Field). `as "…"` names its key in JSON where that
/// is not the Rust name. Notes in parentheses behind the name say the form of the value (`id`, `uuid`, `uri`,
/// `date_time`) and that `Debug` hides it (`secret`). Keys that are no known field go into a last field, a map, and come back from there: it is
/// called `extra`, or what `..name = "docs"` at the end says.
/// `then function` passes what was read through a function.
macro_rules! model {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident $(then $then:expr)? => {
            $( $(#[doc = $field_doc:literal])* pub $field:ident $(as $wire:literal)? $(($($note:ident),+))? : $ty:ty, )*
            ..$rest:ident = $rest_doc:literal
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq $(, $($derive),+)?)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $ty, )*
            #[doc = $rest_doc] pub $rest: $crate::model::JsonObject,
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                use $crate::model::object::{secret, shown};
                f.debug_struct(stringify!($name))
                    $( .field(
                        stringify!($field),
                        shown(secret!($($($note),+)?), &self.$field),
                    ) )*
                    .field(stringify!($rest), &self.$rest)
                    .finish()
            }
        }

        impl $name {
            /// The type as data.
            #[doc(hidden)]
            pub fn schema() -> &'static $crate::model::schema::Schema {
                static SCHEMA: $crate::model::schema::Schema = $crate::model::schema::Schema {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    kind: $crate::model::schema::Kind::Model {
                        fields: &[$(
                            $crate::model::schema::Member {
                                name: stringify!($field),
                                wire: $crate::model::object::wire!($field $($wire)?),
                                doc: concat!($($field_doc, "\n"),*),
                                ty: <$ty as $crate::model::schema::Describe>::TYPE,
                                format: $crate::model::object::form!($($($note),+)?),
                                secret: $crate::model::object::secret!($($($note),+)?),
                            }
                        ),*],
                        rest: stringify!($rest),
                    },
                };
                &SCHEMA
            }
        }

        impl $crate::model::schema::Describe for $name {
            const TYPE: $crate::model::schema::Type = $crate::model::schema::Type::Named($name::schema);
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut object = serializer.serialize_map(None)?;
                $({
                    let key = $crate::model::object::wire!($field $($wire)?);
                    let absent = $crate::model::schema::Describe::is_absent(&self.$field);
                    // A key given both ways is written once, as the map has it.
                    if !absent && !self.$rest.contains_key(key) {
                        object.serialize_entry(key, &self.$field)?;
                    }
                })*
                for (key, value) in &self.$rest {
                    object.serialize_entry(key, value)?;
                }
                object.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;

                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an object (", stringify!($name), ")"))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<$name, A::Error> {
                        $( let mut $field: Option<$ty> = None; )*
                        let mut rest = $crate::model::JsonObject::new();
                        while let Some(key) = entries.next_key::<$crate::model::object::Key<'de>>()? {
                            match key.as_str() {
                                $(
                                    key if key == $crate::model::object::wire!($field $($wire)?) => {
                                        $field = Some(entries.next_value()?);
                                    }
                                )*
                                _ => {
                                    rest.insert(key.into_string(), entries.next_value()?);
                                }
                            }
                        }
                        let model = $name {
                            $( $field: $crate::model::object::or_absent(
                                $field,
                                $crate::model::object::wire!($field $($wire)?),
                            )?, )*
                            $rest: rest,
                        };
                        $( let model = $then(model); )?
                        Ok(model)
                    }
                }

                deserializer.deserialize_map(Visitor)
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident $(then $then:expr)? => {
            $( $(#[doc = $field_doc:literal])* pub $field:ident $(as $wire:literal)? $(($($note:ident),+))? : $ty:ty, )*
        }
    ) => {
        $crate::model::object::model! {
            $(#[doc = $doc])*
            $(#[derive($($derive),+)])?
            pub struct $name $(then $then)? => {
                $( $(#[doc = $field_doc])* pub $field $(as $wire)? $(($($note),+))? : $ty, )*
                ..extra = "Every other key, as it came."
            }
        }
    };
}

/// Declares a [`model!`] that programs build: each field gets a setter that can be chained.
macro_rules! request {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident => {
            $( $(#[doc = $field_doc:literal])* pub $field:ident $(as $wire:literal)? $(($($note:ident),+))? : $ty:ty, )*
            ..$rest:ident = $rest_doc:literal
        }
    ) => {
        $crate::model::object::model! {
            $(#[doc = $doc])*
            $(#[derive($($derive),+)])?
            pub struct $name => {
                $( $(#[doc = $field_doc])* pub $field $(as $wire)? $(($($note),+))? : $ty, )*
                ..$rest = $rest_doc
            }
        }

        impl $name {
            $(
                $(#[doc = $field_doc])*
                #[must_use]
                pub fn $field(mut self, value: impl Into<$ty>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*

            /// Sets a key by its name in JSON, be it one that this version knows or not.
            ///
            /// A known field takes the value if it is of its type; anything else is sent as it is.
            #[must_use]
            pub fn set(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                let (key, value) = (key.into(), value.into());
                self.$rest.remove(&key);
                match key.as_str() {
                    $(
                        key if key == $crate::model::object::wire!($field $($wire)?)
                            && $crate::model::object::assign(&mut self.$field, &value) => {}
                    )*
                    _ => {
                        self.$rest.insert(key, value);
                    }
                }
                self
            }

            /// Sets a key to null, by its name in JSON: the service clears the property.
            #[must_use]
            pub fn null(self, key: impl Into<String>) -> Self {
                self.set(key, serde_json::Value::Null)
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident => {
            $( $(#[doc = $field_doc:literal])* pub $field:ident $(as $wire:literal)? $(($($note:ident),+))? : $ty:ty, )*
        }
    ) => {
        $crate::model::object::request! {
            $(#[doc = $doc])*
            $(#[derive($($derive),+)])?
            pub struct $name => {
                $( $(#[doc = $field_doc])* pub $field $(as $wire)? $(($($note),+))? : $ty, )*
                ..extra = "Every other key, sent as it is."
            }
        }
    };
}

/// The key of a field in JSON.
macro_rules! wire {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// True if the notes of a field include `secret`.
macro_rules! secret {
    () => { false };
    (secret $(, $note:ident)*) => { true };
    ($other:ident $(, $note:ident)*) => { $crate::model::object::secret!($($note),*) };
}

/// The form of a value that the notes of a field say.
macro_rules! form {
    () => { None };
    (id $(, $note:ident)*) => { Some($crate::model::schema::Format::Id) };
    (uuid $(, $note:ident)*) => { Some($crate::model::schema::Format::Uuid) };
    (uri $(, $note:ident)*) => { Some($crate::model::schema::Format::Uri) };
    (date_time $(, $note:ident)*) => { Some($crate::model::schema::Format::DateTime) };
    (secret $(, $note:ident)*) => { $crate::model::object::form!($($note),*) };
}

pub(crate) use {form, model, request, secret, wire};

/// A key of a JSON object; borrowed from the text where that is possible.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl Key<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }

            fn visit_string<E>(self, key: String) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key)))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A field as `Debug` shows it, which ends up in logs: not what lets its reader act for somebody.
pub(crate) fn shown(secret: bool, value: &dyn fmt::Debug) -> &dyn fmt::Debug {
    if secret { &Hidden } else { value }
}

struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The value read for a key, or the one that stands for a missing key.
pub(crate) fn or_absent<T: Describe, E: Error>(read: Option<T>, key: &'static str) -> Result<T, E> {
    read.or_else(T::absent).ok_or_else(|| E::missing_field(key))
}

/// Sets a field to a JSON value; false, and no change, if it is of another type.
pub(crate) fn assign<'a, T: Deserialize<'a>>(field: &mut T, value: &'a serde_json::Value) -> bool {
    match T::deserialize(value) {
        Ok(value) => {
            *field = value;
            true
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::types::{Field, IdentifyUserRequest, MergeUserRequest, Object, User};

    fn written(model: impl serde::Serialize) -> Value {
        serde_json::to_value(model).unwrap()
    }

    #[test]
    fn known_keys_become_fields_and_others_are_kept() {
        let json = json!({
            "__typename": "User",
            "id": "jane",
            "email": null,
            "plan": "pro",
            "properties": {"seats": 3},
        });
        let user: User = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(user.type_name, "User");
        assert_eq!(user.email, Field::Null);
        assert!(user.name.is_absent());
        assert_eq!(user.get("plan"), Some(&json!("pro")));
        assert_eq!(user.get("properties"), Some(&json!({"seats": 3})));
        assert_eq!(written(user), json);
    }

    #[test]
    fn a_wire_field_called_properties_is_no_place_for_other_keys() {
        let json = json!({"id": "t1", "collection": "tenants", "properties": {"a": 1}, "b": 2});
        let object: Object = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(
            object
                .properties
                .value()
                .and_then(|properties| properties.get("a")),
            Some(&json!(1))
        );
        assert_eq!(object.extra.get("b"), Some(&json!(2)));
        assert_eq!(written(object), json);
    }

    #[test]
    fn a_missing_required_key_is_named() {
        let error = serde_json::from_str::<MergeUserRequest>("{}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "missing field `from_user_id` at line 1 column 2"
        );
        let error = serde_json::from_str::<MergeUserRequest>("[]").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("expected an object (MergeUserRequest)"),
            "{error}"
        );
    }

    #[test]
    fn setters_take_values_and_null() {
        let request = IdentifyUserRequest::new()
            .name("Jane")
            .email(Field::Null)
            .avatar(None);
        assert_eq!(written(request), json!({"name": "Jane", "email": null}));
    }

    #[test]
    fn set_finds_known_fields_by_their_key() {
        let request = IdentifyUserRequest::new()
            .set("name", "Jane")
            .null("email")
            .null("plan")
            .set("locale", 7);
        assert_eq!(request.name, "Jane");
        assert_eq!(request.email, Field::Null);
        assert_eq!(
            request.properties,
            *json!({"plan": null, "locale": 7}).as_object().unwrap()
        );
        assert_eq!(
            written(request),
            json!({"name": "Jane", "email": null, "plan": null, "locale": 7})
        );
    }

    #[test]
    fn a_key_given_both_ways_is_written_once() {
        let mut request = IdentifyUserRequest::new().name("Jane");
        request
            .properties
            .insert("name".into(), json!(["Jane", "Doe"]));
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"name":["Jane","Doe"]}"#
        );
        assert_eq!(written(request.set("name", "Joe")), json!({"name": "Joe"}));
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let user: User = serde_json::from_str(r#"{"id": "a", "id": "b"}"#).unwrap();
        assert_eq!(user.id, "b");
    }
}
