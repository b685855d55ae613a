//! Things as answers show them: with the users they refer to in full, straight from the world without a copy.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::World;
use super::json::Object;
use super::users::User;
use crate::paging::Cursor;

/// Left out of a compact item.
const RICH_ONLY: [&str; 2] = ["activities", "total_activities"];

/// A user as listings and other things show it.
pub(crate) struct ShownUser<'a> {
    pub user: &'a User,
    pub cursor: Option<Cursor>,
    /// Whether the user's preference sets are shown along.
    pub preferences: bool,
}

/// A thing whose `recipient`, `actor` and `actors` are shown in full, in its `activities` too.
pub(crate) struct InFull<'a> {
    pub world: &'a World,
    pub thing: &'a Object,
    pub cursor: Option<Cursor>,
    /// Whether recipients are shown with their preference sets.
    pub preferences: bool,
    /// Whether to leave out what the compact mode of feeds does without.
    pub compact: bool,
}

/// A reference: an id stands for a user, anything else is shown as it is.
struct Reference<'a> {
    world: &'a World,
    to: &'a Value,
    preferences: bool,
}

impl World {
    /// A user in full; of one who is gone, what is still known.
    pub fn user_in_full(&self, id: &str) -> Value {
        match self.users.get(id) {
            Some(user) => user.profile.clone().into(),
            None => json!({
                "__typename": "User",
                "id": id,
                "created_at": null,
                "updated_at": "1970-01-01T00:00:00.000Z",
            }),
        }
    }
}

impl Serialize for ShownUser<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.user.profile {
            map.serialize_entry(key, value)?;
        }
        if self.preferences {
            map.serialize_entry("preferences", &self.user.preferences)?;
        }
        end_with_cursor(map, self.cursor)
    }
}

impl Serialize for Reference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value::String(id) = self.to else {
            return self.to.serialize(serializer);
        };
        match self.world.users.get(id) {
            Some(user) => ShownUser {
                user,
                cursor: None,
                preferences: self.preferences,
            }
            .serialize(serializer),
            None => self.world.user_in_full(id).serialize(serializer),
        }
    }
}

impl InFull<'_> {
    fn reference<'v>(&'v self, to: &'v Value) -> Reference<'v> {
        Reference {
            world: self.world,
            to,
            preferences: self.preferences,
        }
    }
}

impl Serialize for InFull<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.thing {
            match (key.as_str(), value) {
                (key, _) if self.compact && RICH_ONLY.contains(&key) => {}
                ("data", Value::Object(data)) if self.compact => {
                    let flat = data.iter().filter(|(_, v)| !v.is_array() && !v.is_object());
                    map.serialize_entry(key, &flat.collect::<std::collections::BTreeMap<_, _>>())?;
                }
                ("recipient" | "actor", value) => {
                    map.serialize_entry(key, &self.reference(value))?
                }
                ("actors", Value::Array(actors)) => {
                    let most = if self.compact { 1 } else { usize::MAX };
                    let actors = actors.iter().take(most).map(|actor| self.reference(actor));
                    map.serialize_entry(key, &actors.collect::<Vec<_>>())?;
                }
                ("activities", Value::Array(activities)) => {
                    let activities =
                        activities
                            .iter()
                            .filter_map(Value::as_object)
                            .map(|thing| InFull {
                                thing,
                                cursor: None,
                                ..*self
                            });
                    map.serialize_entry(key, &activities.collect::<Vec<_>>())?;
                }
                (key, value) => map.serialize_entry(key, value)?,
            }
        }
        end_with_cursor(map, self.cursor)
    }
}

fn end_with_cursor<M: SerializeMap>(mut map: M, cursor: Option<Cursor>) -> Result<M::Ok, M::Error> {
    if let Some(cursor) = cursor {
        map.serialize_entry("__cursor", &cursor.encode())?;
    }
    map.end()
}
