//! Grants: the rights that a user token gives on users, objects and tenants.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// The addresses of entities, whatever the base URL of the client.
const ENTITIES: &str = "https://api.knock.app/v1";

/// Rights on users, objects and tenants, for a user token.
///
/// Grants for one entity are merged, each name once, in the order given. The names that Knock
/// documents are constants; others are passed on.
///
/// ```
/// use knock::user_token::Grants;
///
/// let grants = Grants::new()
///     .tenant("acme", [Grants::SLACK_CHANNELS_READ])
///     .object("projects", "p1", [Grants::CHANNEL_DATA_READ, Grants::CHANNEL_DATA_WRITE]);
/// # let _ = grants;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Grants {
    entities: Vec<(String, Vec<String>)>,
}

impl Grants {
    /// Reads the channels of a Slack workspace.
    pub const SLACK_CHANNELS_READ: &'static str = "slack/channels_read";
    /// Reads the teams and channels of a Microsoft Teams tenant.
    pub const MS_TEAMS_CHANNELS_READ: &'static str = "ms_teams/channels_read";
    /// Reads channel data.
    pub const CHANNEL_DATA_READ: &'static str = "channel_data/read";
    /// Sets channel data.
    pub const CHANNEL_DATA_WRITE: &'static str = "channel_data/write";
    /// Reads a user.
    pub const USER_READ: &'static str = "user/read";
    /// Changes a user.
    pub const USER_WRITE: &'static str = "user/write";
    /// Reads a user's feeds.
    pub const USER_FEED_READ: &'static str = "user/feed_read";
    /// Changes the status of items in a user's feeds.
    pub const USER_FEED_WRITE: &'static str = "user/feed_write";
    /// Reads a user's guides.
    pub const USER_GUIDE_READ: &'static str = "user/guide_read";
    /// Changes the status of a user's guides.
    pub const USER_GUIDE_WRITE: &'static str = "user/guide_write";
    /// Reads preferences.
    pub const PREFERENCES_READ: &'static str = "preferences/read";
    /// Changes preferences.
    pub const PREFERENCES_WRITE: &'static str = "preferences/write";

    /// No grants yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Grants on a user.
    pub fn user(self, id: &str, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.entity(format!("{ENTITIES}/users/{id}"), names)
    }

    /// Grants on an object.
    pub fn object(
        self,
        collection: &str,
        id: &str,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.entity(format!("{ENTITIES}/objects/{collection}/{id}"), names)
    }

    /// Grants on a tenant, by its address as an object of the collection `$tenants`.
    pub fn tenant(self, id: &str, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.object("$tenants", id, names)
    }

    /// Grants on an entity by its address, such as `https://api.knock.app/v1/tenants/acme`.
    pub fn entity(
        mut self,
        uri: impl Into<String>,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let uri = uri.into();
        let known = self.entities.iter().position(|(known, _)| *known == uri);
        let index = known.unwrap_or_else(|| {
            self.entities.push((uri, Vec::new()));
            self.entities.len() - 1
        });
        let granted = &mut self.entities[index].1;
        for name in names.into_iter().map(Into::into) {
            if !granted.contains(&name) {
                granted.push(name);
            }
        }
        self
    }

    /// True if nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }
}

/// As in the token: `{"<address>": {"<name>": []}}`.
impl Serialize for Grants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entities = serializer.serialize_map(Some(self.entities.len()))?;
        for (uri, names) in &self.entities {
            entities.serialize_entry(uri, &Names(names))?;
        }
        entities.end()
    }
}

struct Names<'a>(&'a [String]);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut names = serializer.serialize_map(Some(self.0.len()))?;
        for name in self.0 {
            names.serialize_entry(name, &[(); 0])?;
        }
        names.end()
    }
}

/// Reads the form of the token, or one with a list of names for each address.
impl<'de> Deserialize<'de> for Grants {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GrantsVisitor;

        impl<'de> Visitor<'de> for GrantsVisitor {
            type Value = Grants;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"grants such as {"<address>": ["user/feed_read"]}"#)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entities: A) -> Result<Grants, A::Error> {
                let mut grants = Grants::new();
                while let Some((uri, names)) = entities.next_entry::<String, Value>()? {
                    let names = names_in(names).ok_or_else(|| {
                        A::Error::custom(format!(
                            "the grants of {uri} must be a list of names, or an object with them as keys"
                        ))
                    })?;
                    grants = grants.entity(uri, names);
                }
                Ok(grants)
            }
        }

        deserializer.deserialize_map(GrantsVisitor)
    }
}

fn names_in(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Object(names) => Some(names.into_iter().map(|(name, _)| name).collect()),
        Value::Array(names) => names
            .into_iter()
            .map(|name| match name {
                Value::String(name) => Some(name),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}
