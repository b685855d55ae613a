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
}

impl Environment {
    /// The provider of a channel, if the environment knows it.
    pub fn provider(&self, channel: &Uuid) -> Option<&Value> {
        self.channels.get(channel)?.get("provider")
    }
}
