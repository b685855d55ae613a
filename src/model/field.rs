//! A field of a JSON object that may be absent, null or hold a value.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// An optional field, with "not there" and "null" told apart.
///
/// In a request the difference matters: Knock leaves an absent property as it is and sets one that is
/// null to null. In a response it lets a value be written again exactly as it was read.
///
/// ```
/// use knock::types::Field;
///
/// let email: Field<String> = "jane@ingen.net".into();
/// assert_eq!(email.as_deref(), Some("jane@ingen.net"));
/// assert_eq!(Field::<String>::Null.value(), None);
/// assert!(Field::<String>::default().is_absent());
/// ```
///
/// In a struct of your own that derives serde's traits, declare it with
/// `#[serde(default, skip_serializing_if = "Field::is_absent")]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// The field is not in the JSON object.
    #[default]
    Absent,
    /// The field is there, and null.
    Null,
    /// The field holds this value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value to change in place, if there is one.
    pub const fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value itself, if there is one.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// True if the field is not in the JSON object.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// True if the field is there and null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// True if the field holds a value.
    pub const fn is_value(&self) -> bool {
        matches!(self, Self::Value(_))
    }

    /// The same field, borrowed.
    pub const fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }

    /// The value seen through `Deref`: `Option<&str>` of a `Field<String>`, `Option<&[T]>` of a `Field<Vec<T>>`.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: Deref,
    {
        self.value().map(Deref::deref)
    }

    /// Changes the value; absent and null stay what they are.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(change(value)),
        }
    }

    /// The value, or `default` where it is absent or null.
    pub fn unwrap_or(self, default: T) -> T {
        self.into_value().unwrap_or(default)
    }

    /// The value, or what `default` makes where it is absent or null.
    pub fn unwrap_or_else(self, default: impl FnOnce() -> T) -> T {
        self.into_value().unwrap_or_else(default)
    }

    /// The value, or the default of its type where it is absent or null.
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_value().unwrap_or_default()
    }

    /// The value to change in place; where it is absent or null, it is first set to the default of its type.
    pub fn get_or_insert_default(&mut self) -> &mut T
    where
        T: Default,
    {
        if !self.is_value() {
            *self = Self::Value(T::default());
        }
        match self {
            Self::Value(value) => value,
            _ => unreachable!("set just above"),
        }
    }

    /// Moves the field out and leaves [`Field::Absent`] behind.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

impl<T> Field<Vec<T>> {
    /// The elements; none where the list is absent or null.
    pub fn as_slice(&self) -> &[T] {
        self.as_deref().unwrap_or_default()
    }

    /// Iterates over the elements; none where the list is absent or null.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// True if there is no element.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<'a, T> IntoIterator for &'a Field<Vec<T>> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for Field<Vec<T>> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.unwrap_or_default().into_iter()
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` becomes [`Field::Absent`]: what a program does not have, it does not send.
/// Say [`Field::Null`] to clear a property.
impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// Absent and null both become `None`.
impl<T> From<Field<T>> for Option<T> {
    fn from(field: Field<T>) -> Self {
        field.into_value()
    }
}

/// Absent and null both become `None`.
impl<'a, T> From<&'a Field<T>> for Option<&'a T> {
    fn from(field: &'a Field<T>) -> Self {
        field.value()
    }
}

impl From<&str> for Field<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<const N: usize> From<[&str; N]> for Field<Vec<String>> {
    fn from(values: [&str; N]) -> Self {
        Self::Value(values.map(str::to_owned).into())
    }
}

impl<T, const N: usize> From<[T; N]> for Field<Vec<T>> {
    fn from(values: [T; N]) -> Self {
        Self::Value(values.into())
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]>
    for Field<Map<String, Value>>
{
    fn from(entries: [(K, V); N]) -> Self {
        Self::Value(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl<K: Into<String>, U: Into<V>, V, const N: usize> From<[(K, U); N]>
    for Field<BTreeMap<String, V>>
{
    fn from(entries: [(K, U); N]) -> Self {
        Self::Value(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl<T: PartialEq> PartialEq<T> for Field<T> {
    fn eq(&self, other: &T) -> bool {
        self.value() == Some(other)
    }
}

impl PartialEq<str> for Field<String> {
    fn eq(&self, other: &str) -> bool {
        self.as_deref() == Some(other)
    }
}

impl PartialEq<&str> for Field<String> {
    fn eq(&self, other: &&str) -> bool {
        self.as_deref() == Some(*other)
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            // An absent field is left out by the object that holds it; alone it has no other form.
            Self::Absent | Self::Null => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A key that is there holds null or a value; a key that is not never gets here.
        let value = Option::<T>::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, Self::Value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Profile {
        #[serde(default, skip_serializing_if = "Field::is_absent")]
        email: Field<String>,
    }

    #[test]
    fn the_three_states_survive_a_round_trip() {
        for (json, email) in [
            (json!({}), Field::Absent),
            (json!({"email": null}), Field::Null),
            (json!({"email": "a@b"}), "a@b".into()),
        ] {
            let profile: Profile = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(profile, Profile { email });
            assert_eq!(serde_json::to_value(profile).unwrap(), json);
        }
    }

    #[test]
    fn none_is_absent_and_a_value_compares_with_its_own_kind() {
        assert!(Field::<bool>::from(None).is_absent());
        assert_eq!(Field::<String>::from("x"), "x");
        assert_eq!(Field::from(Some(3)), 3);
        assert_ne!(Field::Null, 3);
        assert_eq!(Option::<bool>::from(Field::Null), None);
    }

    #[test]
    fn a_list_reads_as_empty_unless_it_holds_something() {
        assert_eq!(Field::<Vec<String>>::Null.as_slice(), &[] as &[String]);
        assert_eq!(Field::<Vec<String>>::from(["a", "b"]).iter().count(), 2);
        assert_eq!(Field::<Vec<String>>::Absent.into_iter().next(), None);
    }

    #[test]
    fn an_unset_map_can_be_filled_in_place() {
        let mut map = Field::<BTreeMap<String, bool>>::Null;
        map.get_or_insert_default().insert("digest".into(), false);
        assert_eq!(map, Field::from([("digest", false)]));
    }

    #[test]
    fn changing_a_value_keeps_null_null() {
        assert_eq!(Field::from(2).map(|n| n * 2), 4);
        assert_eq!(Field::<i64>::Null.map(|n| n * 2), Field::Null);
        assert_eq!(Field::Value(1).take(), 1);
    }
}
