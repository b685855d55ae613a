//! The entries of a JSON object, borrowed from its text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::json::check::kind;

pub(super) const BODY: &str = "body";
pub(super) const OPTIONS: &str = "request_options";

/// The entries of a request; empty text stands for `{}`.
pub(super) fn object_in(text: &str) -> Result<Entries<'_>> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    serde_json::from_str(text)
        .map_err(|error| Error::invalid(format!("the request is not a JSON object: {error}")))
}

/// The entries of a JSON object in their order, with the values unparsed.
pub(super) struct Entries<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    if entries.iter().any(|(known, _)| *known == key) {
                        let twice = format!("the key {key:?} is there twice");
                        return Err(serde::de::Error::custom(twice));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// A key that is borrowed where it holds no escape.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

pub(super) fn wrong(name: &str, expected: &str, value: &RawValue) -> Error {
    let is = kind(value.get().as_bytes());
    Error::invalid(format!("{name} must be {expected}, not {is}"))
}

pub(super) fn text_of<'a>(name: &str, value: &'a RawValue) -> Result<Cow<'a, str>> {
    serde_json::from_str::<Key>(value.get())
        .map(|Key(text)| text)
        .map_err(|_| wrong(name, "text", value))
}

/// The keys of a JSON object.
pub(super) struct Keys<'a>(pub HashSet<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;

        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut keys = HashSet::new();
                while let Some((Key(key), IgnoredAny)) = map.next_entry()? {
                    keys.insert(key);
                }
                Ok(Keys(keys))
            }
        }

        deserializer.deserialize_map(KeysVisitor)
    }
}
