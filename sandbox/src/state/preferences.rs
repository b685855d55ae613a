//! Preference sets as they read once every layer of defaults is under them.

use serde_json::Value;

use super::World;
use super::json::{Object, deep_merge};

/// The set that applies without a tenant.
pub(crate) const DEFAULT_SET: &str = "default";

/// Read as null when nothing sets them.
const SECTIONS: [&str; 5] = [
    "workflows",
    "categories",
    "channel_types",
    "channels",
    "commercial_subscribed",
];

impl World {
    /// A user's set as it applies: what the user set, over the tenant's defaults, over the environment's.
    ///
    /// `tenant` asks for the defaults of a tenant under the set; a set named after a tenant has them anyway.
    pub fn resolved_preferences(
        &self,
        user_id: &str,
        set_id: &str,
        tenant: Option<&str>,
    ) -> Object {
        let own = |id: &str| {
            self.users
                .get(user_id)
                .and_then(|user| user.preferences.get(id))
        };
        let tenant = tenant.or((set_id != DEFAULT_SET).then_some(set_id));
        let tenant_defaults = tenant.and_then(|id| self.environment.tenant_preferences.get(id));
        // A set of which neither the user nor the tenant says anything falls back to the default one.
        let chosen = own(set_id).or_else(|| match tenant_defaults {
            Some(_) => None,
            None => own(DEFAULT_SET),
        });

        let mut set = self.environment.preferences.clone();
        if let Some(defaults) = tenant_defaults {
            deep_merge(&mut set, defaults.clone());
        }
        if let Some(chosen) = chosen {
            lay_over(&mut set, chosen);
        }
        for section in SECTIONS {
            set.entry(section).or_insert(Value::Null);
        }
        set.insert("id".into(), set_id.into());
        set
    }

    /// Every set that the user has, as it applies.
    pub fn all_resolved_preferences(&self, user_id: &str) -> Vec<Object> {
        let sets = self.users.get(user_id).map(|user| user.preferences.keys());
        let resolve = |id: &String| self.resolved_preferences(user_id, id, None);
        sets.into_iter().flatten().map(resolve).collect()
    }
}

/// Merges a user's choices over defaults, except where the defaults insist on replacing them.
fn lay_over(defaults: &mut Object, chosen: &Object) {
    for (key, value) in chosen {
        match (defaults.get_mut(key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => {
                if below
                    .get("__strategy__")
                    .is_none_or(|strategy| strategy != "replace")
                {
                    lay_over(below, above);
                }
            }
            // A section the user left unset hides no default.
            (Some(_), Value::Null) => {}
            (_, value) => {
                defaults.insert(key.clone(), value.clone());
            }
        }
    }
}
