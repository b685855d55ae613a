//! Channel data as answers show it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::World;

impl World {
    /// A user's data for a channel, with the forms that were not given filled in.
    pub fn channel_data(&self, user_id: &str, channel: &Uuid) -> Option<Value> {
        let stored = self.users.get(user_id)?.channel_data.get(channel)?;
        let mut shown = json!({
            "__typename": "ChannelData",
            "channel_id": channel,
            "data": in_full(stored),
        });
        if let Some(provider) = self.environment.provider(channel) {
            shown["provider"] = provider.clone();
        }
        Some(shown)
    }
}

/// Push data comes as plain tokens or as devices, and is shown as both.
fn in_full(stored: &Value) -> Value {
    let mut data = stored.clone();
    for (tokens, token) in [("tokens", "token"), ("target_arns", "target_arn")] {
        let devices = match (stored.get("devices"), stored.get(tokens)) {
            (Some(Value::Array(devices)), _) if devices.iter().all(|device| device.get(token).is_some()) => devices
                .iter()
                .map(|device| json!({token: device[token], "locale": device["locale"], "timezone": device["timezone"]}))
                .collect(),
            (_, Some(Value::Array(tokens))) => tokens
                .iter()
                .map(|value| json!({token: value, "locale": null, "timezone": null}))
                .collect::<Vec<_>>(),
            _ => continue,
        };
        // No devices at all says nothing of which kind they are: that takes the tokens' name.
        if devices.is_empty() && token == "target_arn" && stored.get(tokens).is_none() {
            continue;
        }
        data[tokens] = devices.iter().map(|device| device[token].clone()).collect();
        data["devices"] = devices.into();
    }
    data
}
