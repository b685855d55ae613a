//! Users: properties, preference sets and channel data.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::json::{Object, deep_merge, object_size};
use super::millis;
use crate::errors::ApiError;
use crate::paging::Cursor;

/// Keys that the service sets itself and ignores in what it is given.
const SERVER_KEYS: [&str; 3] = ["__typename", "id", "updated_at"];

/// A user.
#[derive(Debug)]
pub(crate) struct User {
    /// The user as every answer shows it.
    pub profile: Object,
    /// Preference sets by id, as they were set.
    pub preferences: BTreeMap<String, Object>,
    /// Channel data by channel, as it was set.
    pub channel_data: BTreeMap<Uuid, Value>,
}

/// The users of the environment, in the order they were created.
#[derive(Debug, Default)]
pub(crate) struct Users {
    created: u64,
    by_sequence: BTreeMap<u64, User>,
    sequences: HashMap<String, u64>,
}

impl Users {
    pub fn get(&self, id: &str) -> Option<&User> {
        self.by_sequence.get(self.sequences.get(id)?)
    }

    pub fn contains(&self, id: &str) -> bool {
        self.sequences.contains_key(id)
    }

    /// The user with this id, created if there is none.
    pub fn entry(&mut self, id: &str, now: DateTime<Utc>) -> &mut User {
        let sequence = match self.sequences.get(id) {
            Some(sequence) => *sequence,
            None => {
                self.created += 1;
                self.sequences.insert(id.to_owned(), self.created);
                self.created
            }
        };
        self.by_sequence
            .entry(sequence)
            .or_insert_with(|| User::new(id, now))
    }

    /// Creates or updates a user, who must stay within `limit` bytes of properties.
    ///
    /// `given` has the shape of an identify request.
    pub fn identify(
        &mut self,
        id: &str,
        mut given: Object,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<&User, ApiError> {
        let preferences = given.remove("preferences");
        let channel_data = given.remove("channel_data");
        for key in SERVER_KEYS {
            given.remove(key);
        }
        let kept = self.get(id).map_or(0, |user| object_size(&user.profile));
        if kept + object_size(&given) > limit {
            let mut merged = self
                .get(id)
                .map(|user| user.profile.clone())
                .unwrap_or_default();
            deep_merge(&mut merged, given.clone());
            if object_size(&merged) > limit {
                let message = format!("the properties of a user must not exceed {limit} bytes");
                return Err(ApiError::invalid_field("properties", message));
            }
        }
        let user = self.entry(id, now);
        deep_merge(&mut user.profile, given);
        user.touch(now);
        if let Some(Value::Object(sets)) = preferences {
            user.set_inline_preferences(sets);
        }
        if let Some(Value::Object(channels)) = channel_data {
            user.set_inline_channel_data(channels);
        }
        Ok(user)
    }

    pub fn remove(&mut self, id: &str) -> Option<User> {
        self.by_sequence.remove(&self.sequences.remove(id)?)
    }

    /// Every user in the order of creation.
    pub fn listing(&self) -> Vec<(Cursor, &User)> {
        let cursor = |sequence: &u64| Cursor {
            time: 0,
            sequence: *sequence,
        };
        self.by_sequence
            .iter()
            .map(|(s, user)| (cursor(s), user))
            .collect()
    }
}

impl User {
    fn new(id: &str, now: DateTime<Utc>) -> Self {
        let mut profile = Object::new();
        profile.insert("__typename".into(), "User".into());
        profile.insert("id".into(), id.into());
        profile.insert("created_at".into(), Value::Null);
        profile.insert("updated_at".into(), millis(now));
        Self {
            profile,
            preferences: BTreeMap::new(),
            channel_data: BTreeMap::new(),
        }
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.profile.insert("updated_at".into(), millis(now));
    }

    /// Sets given with the user merge, unless one of them asks to replace.
    fn set_inline_preferences(&mut self, sets: Object) {
        for (id, set) in sets {
            if let Value::Object(set) = set {
                let replace = set
                    .get("__persistence_strategy__")
                    .is_some_and(|s| s == "replace");
                self.set_preferences(&id, set, replace);
            }
        }
    }

    /// Stores a preference set, in place of the one there was or merged into it.
    pub fn set_preferences(&mut self, id: &str, mut set: Object, replace: bool) {
        set.remove("__persistence_strategy__");
        set.remove("id");
        match self.preferences.get_mut(id) {
            Some(existing) if !replace => deep_merge(existing, set),
            _ => {
                self.preferences.insert(id.to_owned(), set);
            }
        }
    }

    /// Channel data given with the user overwrites that of its channel.
    fn set_inline_channel_data(&mut self, channels: Object) {
        for (channel, data) in channels {
            if let Ok(channel) = Uuid::try_parse(&channel) {
                self.channel_data.insert(channel, data);
            }
        }
    }

    /// Takes over what this user lacks of another.
    pub fn absorb(&mut self, other: Self, now: DateTime<Utc>) {
        let mut own = std::mem::replace(&mut self.profile, other.profile);
        // A user always shows created_at, so a null there says that none was ever given.
        if own.get("created_at") == Some(&Value::Null) {
            own.remove("created_at");
        }
        deep_merge(&mut self.profile, own);
        for (id, set) in other.preferences {
            self.preferences.entry(id).or_insert(set);
        }
        for (channel, data) in other.channel_data {
            self.channel_data.entry(channel).or_insert(data);
        }
        self.touch(now);
    }
}
