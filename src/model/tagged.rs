//! Reading a union whose branch is named by a key of the object, without reading the object twice.

use std::fmt;
use std::marker::PhantomData;
use std::vec;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::Value;

use super::object::Key;

/// Reads one branch of the union `T`.
pub(crate) type Reader<'de, D, T> = fn(D) -> Result<T, <D as Deserializer<'de>>::Error>;

/// A union of objects with a key that names the branch.
pub(crate) trait Tagged: Sized + From<Value> {
    /// The key that names the branch.
    const TAG: &'static str;

    /// Reader of the branch of this name; `None` for an unknown one.
    fn reader<'de, D: Deserializer<'de>>(tag: &str) -> Option<Reader<'de, D, Self>>;
}

/// Reads a union. An object goes straight into its branch from where its tag stands; an object whose tag is
/// unknown or missing, and anything that is no object, becomes a [`Value`] and is left to `From<Value>`.
pub(crate) fn deserialize<'de, T: Tagged, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TaggedVisitor(PhantomData))
}

struct TaggedVisitor<T>(PhantomData<T>);

impl<'de, T: Tagged> Visitor<'de> for TaggedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T, A::Error> {
        let mut read = Vec::new();
        while let Some(key) = entries.next_key::<Key<'de>>()? {
            let value: Value = entries.next_value()?;
            let reader = value
                .as_str()
                .filter(|_| key.as_str() == T::TAG)
                .and_then(T::reader);
            read.push((key.into_string(), value));
            if let Some(reader) = reader {
                return reader(MapAccessDeserializer::new(Replay {
                    read: read.into_iter(),
                    value: None,
                    entries,
                }));
            }
        }
        Ok(T::from(Value::Object(read.into_iter().collect())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<T, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements)).map(T::from)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserialize(deserializer)
    }

    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::from(Value::Null))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::from(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<T, E> {
        Ok(T::from(Value::from(value)))
    }
}

/// The entries of an object of which some were read ahead.
struct Replay<A> {
    read: vec::IntoIter<(String, Value)>,
    value: Option<Value>,
    entries: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.read.next() {
            Some((key, value)) => {
                self.value = Some(value);
                seed.deserialize(key.into_deserializer()).map(Some)
            }
            None => self.entries.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.entries.next_value_seed(seed),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::types::Recipient;

    fn read(json: &Value) -> Recipient {
        // From text, as responses are, and from a value: both must see the same.
        let recipient: Recipient = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(
            recipient,
            serde_json::from_value::<Recipient>(json.clone()).unwrap()
        );
        assert_eq!(serde_json::to_value(&recipient).unwrap(), *json);
        recipient
    }

    #[test]
    fn the_tag_decides_wherever_it_stands() {
        let first = json!({"__typename": "User", "id": "jane", "plan": {"seats": [1, 2.5, null]}});
        let last: Recipient = serde_json::from_str(
            r#"{"plan":{"seats":[1,2.5,null]},"id":"jane","__typename":"User"}"#,
        )
        .unwrap();
        assert_eq!(read(&first), last);
        assert!(
            matches!(last, Recipient::User(user) if user.id == "jane" && user.get("plan").is_some())
        );
    }

    #[test]
    fn without_a_known_tag_the_content_decides() {
        let object = json!({"id": "t1", "collection": "$tenants"});
        assert!(matches!(read(&object), Recipient::Object(_)));
        assert!(matches!(read(&json!({"id": "jane"})), Recipient::User(_)));
        assert!(matches!(
            read(&json!({"__typename": "Robot", "id": "r2"})),
            Recipient::Raw(_)
        ));
    }

    #[test]
    fn anything_else_is_kept() {
        for json in [
            json!("jane"),
            json!(7),
            json!(-7),
            json!(0.5),
            json!(true),
            json!(null),
            json!([{"id": 1}]),
            json!({}),
        ] {
            assert_eq!(read(&json), Recipient::Raw(json));
        }
    }

    #[test]
    fn a_tagged_object_that_is_wrong_inside_is_an_error() {
        let error =
            serde_json::from_str::<Recipient>(r#"{"__typename":"User","id":7}"#).unwrap_err();
        assert!(error.to_string().contains("expected a string"), "{error}");
    }
}
