//! Channel data: what a channel needs to know to reach a user.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    AwsSnsPushChannelData, DiscordChannelData, DiscordConnection, Field, JsonObject,
    MsTeamsChannelData, MsTeamsConnection, OneSignalChannelData, PushChannelData, PushDevice,
    SlackChannelData, SlackConnection,
};
use crate::model::object::{model, request};
use crate::model::open_enum::open_enum;
use crate::model::union::{fit, union};

open_enum! {
    /// The provider behind a channel.
    pub enum ChannelProvider {
        /// Apple push notifications.
        PushApns = "push_apns",
        /// Firebase Cloud Messaging.
        PushFcm = "push_fcm",
        /// Expo push notifications.
        PushExpo = "push_expo",
        /// Amazon SNS.
        PushAwsSns = "push_aws_sns",
        /// OneSignal.
        PushOneSignal = "push_one_signal",
        /// Slack.
        ChatSlack = "chat_slack",
        /// Microsoft Teams.
        ChatMsTeams = "chat_ms_teams",
        /// Discord.
        ChatDiscord = "chat_discord",
        /// A webhook of Knock's own, which needs no data.
        HttpKnockWebhook = "http_knock_webhook",
    }
}

union! {
    /// A channel's data for reaching a recipient, by the kind of its provider.
    ///
    /// The JSON does not name the kind. It is told by the keys that only one kind has; JSON that could be of several
    /// kinds, such as an empty list of connections, is kept as it is, unless the provider is known.
    pub enum ChannelDataContent beside "provider" by by_keys => {
        /// For APNs, FCM and Expo.
        Push(PushChannelData) = "push_apns" | "push_fcm" | "push_expo",
        /// For Amazon SNS.
        AwsSns(AwsSnsPushChannelData) = "push_aws_sns",
        /// For OneSignal.
        OneSignal(OneSignalChannelData) = "push_one_signal",
        /// For Slack.
        Slack(SlackChannelData) = "chat_slack",
        /// For Microsoft Teams.
        MsTeams(MsTeamsChannelData) = "chat_ms_teams",
        /// For Discord.
        Discord(DiscordChannelData) = "chat_discord",
    }
}

impl ChannelDataContent {
    /// Push tokens, for APNs, FCM and Expo.
    pub fn push_tokens(tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Push(PushChannelData::tokens_only(tokens))
    }

    /// Push devices, each a token with a locale and time zone, for APNs, FCM and Expo.
    pub fn push_devices(devices: impl IntoIterator<Item = PushDevice>) -> Self {
        Self::Push(PushChannelData::devices_only(devices))
    }

    /// Endpoint ARNs of Amazon SNS.
    pub fn sns_target_arns(target_arns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::AwsSns(AwsSnsPushChannelData::target_arns_only(target_arns))
    }

    /// Player ids of OneSignal, which are UUIDs.
    pub fn one_signal(player_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::OneSignal(OneSignalChannelData::new(player_ids))
    }

    /// Connections to Slack.
    pub fn slack(connections: impl IntoIterator<Item = impl Into<SlackConnection>>) -> Self {
        Self::Slack(SlackChannelData::new(connections))
    }

    /// Connections to Microsoft Teams.
    pub fn ms_teams(connections: impl IntoIterator<Item = impl Into<MsTeamsConnection>>) -> Self {
        Self::MsTeams(MsTeamsChannelData::new(connections))
    }

    /// Connections to Discord.
    pub fn discord(connections: impl IntoIterator<Item = impl Into<DiscordConnection>>) -> Self {
        Self::Discord(DiscordChannelData::new(connections))
    }
}

fn by_keys(value: &Value) -> Option<ChannelDataContent> {
    let data = value.as_object()?;
    let element_has = |list: &str, keys: &[&str]| {
        let elements = data
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        elements
            .filter_map(Value::as_object)
            .any(|element| keys.iter().any(|key| element.contains_key(*key)))
    };
    if data.contains_key("player_ids") {
        fit(value).map(ChannelDataContent::OneSignal)
    } else if data.contains_key("target_arns") || element_has("devices", &["target_arn"]) {
        fit(value).map(ChannelDataContent::AwsSns)
    } else if data.contains_key("tokens") || element_has("devices", &["token"]) {
        fit(value).map(ChannelDataContent::Push)
    } else if !data.contains_key("connections") {
        None
    } else if data.contains_key("ms_teams_tenant_id")
        || element_has("connections", MsTeamsConnection::OWN_KEYS)
    {
        fit(value).map(ChannelDataContent::MsTeams)
    } else if data.contains_key("token") || element_has("connections", SlackConnection::OWN_KEYS) {
        fit(value).map(ChannelDataContent::Slack)
    } else {
        None
    }
}

model! {
    /// A channel's data for a recipient.
    pub struct ChannelData then with_known_provider => {
        /// The name of this type in the API: `ChannelData`.
        pub type_name as "__typename": Field<String>,
        /// The id of the channel, a UUID.
        pub channel_id: String,
        /// The provider behind the channel.
        pub provider: Field<ChannelProvider>,
        /// The data, in its provider's form.
        pub data: ChannelDataContent,
    }
}

/// Tells with the help of the provider what the keys of the data left open.
fn with_known_provider(mut read: ChannelData) -> ChannelData {
    if let (ChannelDataContent::Raw(value), Field::Value(provider)) = (&read.data, &read.provider)
        && let Some(data) = ChannelDataContent::with_tag(provider.as_str(), value)
    {
        read.data = data;
    }
    read
}

request! {
    /// A channel's data for a recipient. It replaces the present data.
    pub struct ChannelDataRequest => {
        /// The data, in its provider's form.
        pub data: ChannelDataContent,
    }
}

/// Channel data to set along with a user, by channel id.
pub type InlineChannelDataRequest = BTreeMap<String, ChannelDataContent>;

impl ChannelDataRequest {
    /// Sets this data.
    pub fn new(data: impl Into<ChannelDataContent>) -> Self {
        Self {
            data: data.into(),
            extra: JsonObject::new(),
        }
    }

    /// Sets push tokens, for APNs, FCM and Expo.
    ///
    /// ```
    /// use knock::types::ChannelDataRequest;
    ///
    /// let phone = ChannelDataRequest::push_tokens(["apns-device-token"]);
    /// assert_eq!(serde_json::to_string(&phone)?, r#"{"data":{"tokens":["apns-device-token"]}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn push_tokens(tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(ChannelDataContent::push_tokens(tokens))
    }

    /// Sets push devices, each a token with a locale and time zone, for APNs, FCM and Expo.
    pub fn push_devices(devices: impl IntoIterator<Item = PushDevice>) -> Self {
        Self::new(ChannelDataContent::push_devices(devices))
    }

    /// Sets endpoint ARNs of Amazon SNS.
    pub fn sns_target_arns(target_arns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(ChannelDataContent::sns_target_arns(target_arns))
    }

    /// Sets player ids of OneSignal, which are UUIDs.
    pub fn one_signal(player_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(ChannelDataContent::one_signal(player_ids))
    }

    /// Sets connections to Slack.
    ///
    /// ```
    /// use knock::types::{ChannelDataRequest, SlackTokenConnection};
    ///
    /// let slack = ChannelDataRequest::slack([SlackTokenConnection::channel("xoxb-token", "C01234567")]);
    /// ```
    pub fn slack(connections: impl IntoIterator<Item = impl Into<SlackConnection>>) -> Self {
        Self::new(ChannelDataContent::slack(connections))
    }

    /// Sets connections to Microsoft Teams.
    pub fn ms_teams(connections: impl IntoIterator<Item = impl Into<MsTeamsConnection>>) -> Self {
        Self::new(ChannelDataContent::ms_teams(connections))
    }

    /// Sets connections to Discord.
    pub fn discord(connections: impl IntoIterator<Item = impl Into<DiscordConnection>>) -> Self {
        Self::new(ChannelDataContent::discord(connections))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(provider: Option<&str>, data: Value) -> ChannelDataContent {
        let mut json = json!({"__typename": "ChannelData", "channel_id": "c1", "data": data});
        if let Some(provider) = provider {
            json["provider"] = provider.into();
        }
        let read: ChannelData = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        read.data
    }

    #[test]
    fn keys_that_one_kind_alone_has_tell_the_kind() {
        use ChannelDataContent::{AwsSns, MsTeams, OneSignal, Push, Raw, Slack};

        let of = |data| response(None, data);
        assert!(matches!(
            of(json!({"tokens": ["t"], "devices": []})),
            Push(_)
        ));
        assert!(matches!(
            of(json!({"devices": [{"token": "t", "locale": null}]})),
            Push(_)
        ));
        assert!(matches!(
            of(json!({"target_arns": [], "devices": []})),
            AwsSns(_)
        ));
        assert!(matches!(
            of(json!({"devices": [{"target_arn": "arn"}]})),
            AwsSns(_)
        ));
        assert!(matches!(of(json!({"player_ids": ["p"]})), OneSignal(_)));
        assert!(matches!(
            of(json!({"connections": [{"ms_teams_user_id": null}]})),
            MsTeams(_)
        ));
        assert!(matches!(
            of(json!({"connections": [], "ms_teams_tenant_id": null})),
            MsTeams(_)
        ));
        assert!(matches!(
            of(json!({"connections": [{"access_token": "x"}]})),
            Slack(_)
        ));
        assert!(matches!(
            of(json!({"connections": [], "token": null})),
            Slack(_)
        ));
        for ambiguous in [
            json!({"connections": []}),
            json!({"connections": [{"channel_id": "c"}]}),
            json!({"connections": [{"incoming_webhook": {"url": "https://x"}}]}),
            json!({"devices": []}),
            json!({}),
            json!(null),
        ] {
            assert!(matches!(of(ambiguous), Raw(_)));
        }
    }

    #[test]
    fn the_provider_tells_what_the_keys_leave_open() {
        use ChannelDataContent::{Discord, MsTeams, Raw, Slack};

        let webhook = || json!({"connections": [{"incoming_webhook": {"url": "https://x"}}]});
        assert!(matches!(response(Some("chat_slack"), webhook()), Slack(_)));
        assert!(matches!(
            response(Some("chat_ms_teams"), webhook()),
            MsTeams(_)
        ));
        assert!(matches!(
            response(Some("chat_discord"), webhook()),
            Discord(_)
        ));
        assert!(matches!(
            response(Some("chat_of_tomorrow"), webhook()),
            Raw(_)
        ));
        assert!(matches!(
            response(Some("http_knock_webhook"), json!({})),
            Raw(_)
        ));
    }

    #[test]
    fn what_does_not_fit_its_kind_is_kept() {
        let wrong = json!({"player_ids": "p"});
        assert_eq!(
            response(Some("push_one_signal"), wrong.clone()),
            ChannelDataContent::Raw(wrong)
        );
    }

    #[test]
    fn constructors_write_what_the_api_asks_for() {
        let written = |request: ChannelDataRequest| serde_json::to_value(request).unwrap();
        assert_eq!(
            written(ChannelDataRequest::push_tokens(["a", "b"])),
            json!({"data": {"tokens": ["a", "b"]}})
        );
        assert_eq!(
            written(ChannelDataRequest::one_signal(["p"])),
            json!({"data": {"player_ids": ["p"]}})
        );
        assert_eq!(
            written(ChannelDataRequest::sns_target_arns(["arn"])),
            json!({"data": {"target_arns": ["arn"]}})
        );
    }
}
