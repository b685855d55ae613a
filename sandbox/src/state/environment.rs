//! What the environment itself holds: defaults, tenants, channels, variables, branding.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::json::Object;

/// The settings that every user of the environment shares.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// Preferences of those who have set none.
    pub preferences: Object,
    /// Default preferences by tenant.
    pub tenant_preferences: BTreeMap<String, Object>,
    /// What is known of channels, by id.
    pub channels: BTreeMap<Uuid, Object>,
    /// The public variables, which feeds carry.
    pub vars: Object,
    /// Feed settings by channel.
    pub feed_features: BTreeMap<Uuid, Object>,
    /// The preference center, where it differs from an empty one.
    pub preference_center: Object,
}

impl Environment {
    /// The provider of a channel, if the environment knows it.
    pub fn provider(&self, channel: &Uuid) -> Option<&Value> {
        self.channels.get(channel)?.get("provider")
    }

    /// A channel as messages show it, if the environment knows it.
    pub fn channel_in_full(&self, channel: &Uuid) -> Option<Object> {
        self.channels.get(channel).cloned()
    }
}
