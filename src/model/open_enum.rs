//! `open_enum!`: string enums that keep the values they do not know.

/// Declares a string enum once: its variants, the strings they are in JSON, and its [`Schema`](super::schema::Schema).
///
/// A string that matches no variant is kept in `Other`, so that a value the API adds later is read and
/// written without loss. Reading a known value allocates nothing.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $variant_doc:literal])* $variant:ident = $wire:literal, )+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[doc = $variant_doc])* $variant, )+
            /// A value that this version does not know, kept as it is.
            Other(String),
        }

        impl $name {
            /// The values that this version knows, as they are in JSON.
            pub const VALUES: &'static [&'static str] = &[$($wire),+];

            /// The type as data.
            #[doc(hidden)]
            pub fn schema() -> &'static $crate::model::schema::Schema {
                static SCHEMA: $crate::model::schema::Schema = $crate::model::schema::Schema {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    kind: $crate::model::schema::Kind::Enum {
                        values: &[$(
                            $crate::model::schema::EnumValue {
                                name: stringify!($variant),
                                wire: $wire,
                                doc: concat!($($variant_doc, "\n"),*),
                            }
                        ),+],
                    },
                };
                &SCHEMA
            }

            /// The value as it is in JSON.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )+
                    Self::Other(value) => value,
                }
            }

            fn known(value: &str) -> Option<Self> {
                match value {
                    $( $wire => Some(Self::$variant), )+
                    _ => None,
                }
            }
        }

        impl $crate::model::schema::Describe for $name {
            const TYPE: $crate::model::schema::Type = $crate::model::schema::Type::Named($name::schema);
        }

        impl $crate::model::open_enum::OpenEnum for $name {
            const VALUES: &'static [&'static str] = Self::VALUES;

            fn as_str(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::known(value).unwrap_or_else(|| Self::Other(value.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self::known(&value).unwrap_or(Self::Other(value))
            }
        }

        impl From<&str> for $crate::model::Field<$name> {
            fn from(value: &str) -> Self {
                Self::Value(value.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::model::open_enum::deserialize(deserializer)
            }
        }
    };
}

pub(crate) use open_enum;

/// A string enum that [`open_enum!`] declared.
pub(crate) trait OpenEnum {
    /// The known values, as they are in JSON.
    const VALUES: &'static [&'static str];

    /// The value as it is in JSON.
    fn as_str(&self) -> &str;
}

/// Reads any string into an enum that can be made of one.
pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: From<String> + for<'a> From<&'a str>,
    D: serde::Deserializer<'de>,
{
    struct Visitor<T>(std::marker::PhantomData<T>);

    impl<T: From<String> + for<'a> From<&'a str>> serde::de::Visitor<'_> for Visitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E>(self, value: &str) -> Result<T, E> {
            Ok(value.into())
        }

        fn visit_string<E>(self, value: String) -> Result<T, E> {
            Ok(value.into())
        }
    }

    deserializer.deserialize_str(Visitor(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use crate::types::{FeedStatus, MessageStatus};

    #[test]
    fn known_values_become_variants_and_others_are_kept() {
        assert_eq!(FeedStatus::from("unread"), FeedStatus::Unread);
        assert_eq!(
            FeedStatus::from("starred"),
            FeedStatus::Other("starred".into())
        );
        for wire in FeedStatus::VALUES.iter().chain(&["starred"]) {
            let json = serde_json::Value::from(*wire);
            let status: FeedStatus = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(status, *wire);
            assert_eq!(serde_json::to_value(status).unwrap(), json);
        }
    }

    #[test]
    fn display_is_the_wire_form() {
        assert_eq!(format!("{:>10}", MessageStatus::NotSent), "  not_sent");
    }

    #[test]
    fn what_is_not_a_string_is_refused() {
        let error = serde_json::from_str::<FeedStatus>("7").unwrap_err();
        assert!(error.to_string().contains("expected a string"), "{error}");
    }
}
