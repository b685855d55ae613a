//! A check that the service can read a record: what many parsers refuse or change is found before it is sent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of a record. Parsers stop at 128 levels, of which the body around the
/// records takes two.
const MOST_LEVELS: usize = 125;

/// Text in JSON.
#[derive(serde::Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The id of a user in JSON. Everything else is read, too, so that an unpaired surrogate, a number
/// beyond the range of a double or too many levels are errors; and then dropped.
pub(super) struct Identified<'a> {
    pub id: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Identified<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IdOf)
    }
}

struct IdOf;

impl<'de> Visitor<'de> for IdOf {
    type Value = Identified<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut id = None;
        while let Some(Text(key)) = map.next_key()? {
            if key != "id" {
                map.next_value_seed(Level(1))?;
            } else if id.replace(map.next_value::<&RawValue>()?).is_some() {
                return Err(Error::custom("it has two ids"));
            }
        }
        Ok(Identified {
            id: id.filter(|id| id.get() != "null"),
        })
    }
}

/// Refuses JSON that is nested too deep.
pub(super) fn check_depth(json: &[u8]) -> serde_json::Result<()> {
    let openings = json.iter().filter(|byte| matches!(byte, b'{' | b'['));
    if openings.count() <= MOST_LEVELS {
        return Ok(());
    }
    Level(0).deserialize(&mut serde_json::Deserializer::from_slice(json))
}

/// A value with so many levels around it.
struct Level(usize);

impl Level {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        if self.0 == MOST_LEVELS {
            let message = format!("it is nested deeper than {MOST_LEVELS} levels");
            return Err(E::custom(message));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(()) = seq.next_element_seed(self.deeper()?)? {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<Text>()?.is_some() {
            map.next_value_seed(self.deeper()?)?;
        }
        Ok(())
    }
}
