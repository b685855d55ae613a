//! `union!`: values that are one of several types, told apart by their content.

use serde::Deserialize;
use serde_json::Value;

/// Declares a union once: its branches and its [`Schema`](super::schema::Schema).
///
/// The branch is chosen by `by function`, which gets the JSON and gives a branch that can hold all of it, or `None`:
/// then the JSON is kept as it is, in `Raw`. With `tagged "key"`, that key of an object is looked at first and names
/// the branch. With `beside "key"`, a key of the object that the union stands in names the branch; that object's type
/// asks `with_tag` for it.
macro_rules! union {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident tagged $key:literal by $choose:path => {
            $( $(#[doc = $branch_doc:literal])* $branch:ident($ty:ty) = $($tag:literal)|+, )+
        }
    ) => {
        $crate::model::union::union! {
            @declare ($crate::model::schema::Discriminator::Key($key))
            $(#[doc = $doc])*
            pub enum $name by $choose => {
                $( $(#[doc = $branch_doc])* $branch($ty) = [$($tag),+], )+
            }
        }

        impl $crate::model::tagged::Tagged for $name {
            const TAG: &'static str = $key;

            fn reader<'de, D: serde::Deserializer<'de>>(
                tag: &str,
            ) -> Option<$crate::model::tagged::Reader<'de, D, Self>> {
                match tag {
                    $(
                        $($tag)|+ => Some(|object| serde::Deserialize::deserialize(object).map(Self::$branch)),
                    )+
                    _ => None,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::tagged::deserialize(deserializer)
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident beside $key:literal by $choose:path => {
            $( $(#[doc = $branch_doc:literal])* $branch:ident($ty:ty) = $($tag:literal)|+, )+
        }
    ) => {
        $crate::model::union::union! {
            @untagged ($crate::model::schema::Discriminator::Beside($key))
            $(#[doc = $doc])*
            pub enum $name by $choose => {
                $( $(#[doc = $branch_doc])* $branch($ty) = [$($tag),+], )+
            }
        }

        impl $name {
            /// The branch of this name, if it can hold the JSON.
            fn with_tag(tag: &str, value: &serde_json::Value) -> Option<Self> {
                match tag {
                    $( $($tag)|+ => $crate::model::union::fit(value).map(Self::$branch), )+
                    _ => None,
                }
            }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident by $choose:path => {
            $( $(#[doc = $branch_doc:literal])* $branch:ident($ty:ty), )+
        }
    ) => {
        $crate::model::union::union! {
            @untagged ($crate::model::schema::Discriminator::Content)
            $(#[doc = $doc])*
            pub enum $name by $choose => {
                $( $(#[doc = $branch_doc])* $branch($ty) = [], )+
            }
        }
    };
    (
        @untagged ($discriminator:expr)
        $(#[doc = $doc:literal])*
        pub enum $name:ident by $choose:path => {
            $( $(#[doc = $branch_doc:literal])* $branch:ident($ty:ty) = [$($tag:literal),*], )+
        }
    ) => {
        $crate::model::union::union! {
            @declare ($discriminator)
            $(#[doc = $doc])*
            pub enum $name by $choose => {
                $( $(#[doc = $branch_doc])* $branch($ty) = [$($tag),*], )+
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_json::Value::deserialize(deserializer).map(Self::from)
            }
        }
    };
    (
        @declare ($discriminator:expr)
        $(#[doc = $doc:literal])*
        pub enum $name:ident by $choose:path => {
            $( $(#[doc = $branch_doc:literal])* $branch:ident($ty:ty) = [$($tag:literal),*], )+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[doc = $branch_doc])* $branch($ty), )+
            /// Anything that is none of the others, as it came.
            Raw(serde_json::Value),
        }

        impl $name {
            /// The type as data.
            #[doc(hidden)]
            pub fn schema() -> &'static $crate::model::schema::Schema {
                static SCHEMA: $crate::model::schema::Schema = $crate::model::schema::Schema {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    kind: $crate::model::schema::Kind::Union {
                        branches: &[$(
                            $crate::model::schema::Branch {
                                name: stringify!($branch),
                                doc: concat!($($branch_doc, "\n"),*),
                                ty: <$ty as $crate::model::schema::Describe>::TYPE,
                                tags: &[$($tag),*],
                            }
                        ),+],
                        discriminator: $discriminator,
                    },
                };
                &SCHEMA
            }
        }

        impl From<serde_json::Value> for $name {
            fn from(value: serde_json::Value) -> Self {
                $choose(&value).unwrap_or(Self::Raw(value))
            }
        }

        $(
            impl From<$ty> for $name {
                fn from(value: $ty) -> Self {
                    Self::$branch(value)
                }
            }
        )+

        impl $crate::model::schema::Describe for $name {
            const TYPE: $crate::model::schema::Type = $crate::model::schema::Type::Named($name::schema);
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$branch(value) => value.serialize(serializer), )+
                    Self::Raw(value) => value.serialize(serializer),
                }
            }
        }
    };
}

pub(crate) use union;

/// The JSON read as `T`, if it can be.
pub(crate) fn fit<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// The choice of a union that only its tag tells apart.
pub(crate) fn unknown<T>(_: &Value) -> Option<T> {
    None
}
