//! The channel data of chat providers.

use serde_json::Value;

use super::Field;
use crate::model::object::request;
use crate::model::union::{fit, union};

request! {
    /// A webhook that a chat app listens on.
    #[derive(Default)]
    pub struct IncomingWebhook => {
        /// The URL that the app gave out for it.
        pub url (uri, secret): String,
    }
}

impl IncomingWebhook {
    /// The webhook at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}

request! {
    /// A Slack channel or user, reached with a token.
    #[derive(Default)]
    pub struct SlackTokenConnection => {
        /// The token to post with. Without one, that of the channel data is used.
        pub access_token (secret): Field<String>,
        /// The Slack channel to post to, such as `C01234567`.
        pub channel_id: Field<String>,
        /// The name of the Slack channel.
        pub channel_name: Field<String>,
        /// The Slack user to post to, such as `U01234567`.
        pub user_id: Field<String>,
    }
}

impl SlackTokenConnection {
    /// A Slack channel.
    pub fn channel(access_token: impl Into<String>, channel_id: impl Into<String>) -> Self {
        Self::default()
            .access_token(access_token.into())
            .channel_id(channel_id.into())
    }

    /// A Slack user.
    pub fn user(access_token: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self::default()
            .access_token(access_token.into())
            .user_id(user_id.into())
    }
}

request! {
    /// A Slack channel, reached through a webhook.
    #[derive(Default)]
    pub struct SlackIncomingWebhookConnection => {
        /// The webhook.
        pub incoming_webhook: Field<IncomingWebhook>,
        /// The URL of the webhook in an older form that may still be met in responses.
        pub url (uri, secret): Field<String>,
    }
}

impl SlackIncomingWebhookConnection {
    /// The webhook at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self::default().incoming_webhook(IncomingWebhook::new(url))
    }

    /// The URL of the webhook, in whichever form it is given.
    pub fn webhook_url(&self) -> Option<&str> {
        self.incoming_webhook
            .value()
            .map(|webhook| webhook.url.as_str())
            .or_else(|| self.url.as_deref())
    }
}

union! {
    /// A way to post to Slack.
    pub enum SlackConnection by slack_connection => {
        /// With a token.
        Token(SlackTokenConnection),
        /// Through a webhook.
        IncomingWebhook(SlackIncomingWebhookConnection),
    }
}

impl SlackConnection {
    /// Keys that a connection to no other chat app has.
    pub(super) const OWN_KEYS: &[&str] = &["access_token", "user_id", "url"];
}

fn slack_connection(value: &Value) -> Option<SlackConnection> {
    let connection = value.as_object()?;
    if connection.contains_key("incoming_webhook") || connection.contains_key("url") {
        fit(value).map(SlackConnection::IncomingWebhook)
    } else {
        fit(value).map(SlackConnection::Token)
    }
}

request! {
    /// A token that all connections to Slack share.
    #[derive(Default)]
    pub struct SlackToken => {
        /// The token to post with.
        pub access_token (secret): Field<String>,
    }
}

impl SlackToken {
    /// This token.
    pub fn new(access_token: impl Into<String>) -> Self {
        Self::default().access_token(access_token.into())
    }
}

request! {
    /// Connections of a recipient to Slack.
    #[derive(Default)]
    pub struct SlackChannelData => {
        /// The connections; a message goes to each.
        pub connections: Vec<SlackConnection>,
        /// The token of the connections that have none.
        pub token (secret): Field<SlackToken>,
    }
}

impl SlackChannelData {
    /// These connections.
    pub fn new(connections: impl IntoIterator<Item = impl Into<SlackConnection>>) -> Self {
        Self {
            connections: connections.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

request! {
    /// A channel or user of Microsoft Teams, reached through Knock's bot. All ids are UUIDs.
    #[derive(Default)]
    pub struct MsTeamsTokenConnection => {
        /// The tenant. Without one, that of the channel data is used.
        pub ms_teams_tenant_id: Field<String>,
        /// The team that the channel belongs to.
        pub ms_teams_team_id: Field<String>,
        /// The channel to post to.
        pub ms_teams_channel_id: Field<String>,
        /// The user to post to.
        pub ms_teams_user_id: Field<String>,
    }
}

impl MsTeamsTokenConnection {
    /// A channel of a team.
    pub fn channel(team_id: impl Into<String>, channel_id: impl Into<String>) -> Self {
        Self::default()
            .ms_teams_team_id(team_id.into())
            .ms_teams_channel_id(channel_id.into())
    }

    /// A user.
    pub fn user(user_id: impl Into<String>) -> Self {
        Self::default().ms_teams_user_id(user_id.into())
    }
}

request! {
    /// A channel of Microsoft Teams, reached through a webhook.
    #[derive(Default)]
    pub struct MsTeamsIncomingWebhookConnection => {
        /// The webhook.
        pub incoming_webhook: IncomingWebhook,
    }
}

impl MsTeamsIncomingWebhookConnection {
    /// The webhook at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self::default().incoming_webhook(IncomingWebhook::new(url))
    }
}

union! {
    /// A way to post to Microsoft Teams.
    pub enum MsTeamsConnection by ms_teams_connection => {
        /// Through Knock's bot.
        Token(MsTeamsTokenConnection),
        /// Through a webhook.
        IncomingWebhook(MsTeamsIncomingWebhookConnection),
    }
}

impl MsTeamsConnection {
    /// Keys that a connection to no other chat app has.
    pub(super) const OWN_KEYS: &[&str] = &[
        "ms_teams_tenant_id",
        "ms_teams_team_id",
        "ms_teams_channel_id",
        "ms_teams_user_id",
    ];
}

fn ms_teams_connection(value: &Value) -> Option<MsTeamsConnection> {
    if value.as_object()?.contains_key("incoming_webhook") {
        fit(value).map(MsTeamsConnection::IncomingWebhook)
    } else {
        fit(value).map(MsTeamsConnection::Token)
    }
}

request! {
    /// Connections of a recipient to Microsoft Teams.
    #[derive(Default)]
    pub struct MsTeamsChannelData => {
        /// The connections; a message goes to each.
        pub connections: Vec<MsTeamsConnection>,
        /// The tenant of the connections that have none, a UUID.
        pub ms_teams_tenant_id: Field<String>,
    }
}

impl MsTeamsChannelData {
    /// These connections.
    pub fn new(connections: impl IntoIterator<Item = impl Into<MsTeamsConnection>>) -> Self {
        Self {
            connections: connections.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

request! {
    /// A Discord channel, reached through Knock's bot.
    #[derive(Default)]
    pub struct DiscordChannelConnection => {
        /// The Discord channel to post to.
        pub channel_id: String,
    }
}

impl DiscordChannelConnection {
    /// The Discord channel of this id.
    pub fn new(channel_id: impl Into<String>) -> Self {
        Self {
            channel_id: channel_id.into(),
            ..Self::default()
        }
    }
}

request! {
    /// A Discord channel, reached through a webhook.
    #[derive(Default)]
    pub struct DiscordIncomingWebhookConnection => {
        /// The webhook.
        pub incoming_webhook: IncomingWebhook,
    }
}

impl DiscordIncomingWebhookConnection {
    /// The webhook at this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self::default().incoming_webhook(IncomingWebhook::new(url))
    }
}

union! {
    /// A way to post to Discord.
    pub enum DiscordConnection by discord_connection => {
        /// Through Knock's bot.
        Channel(DiscordChannelConnection),
        /// Through a webhook.
        IncomingWebhook(DiscordIncomingWebhookConnection),
    }
}

fn discord_connection(value: &Value) -> Option<DiscordConnection> {
    if value.as_object()?.contains_key("incoming_webhook") {
        fit(value).map(DiscordConnection::IncomingWebhook)
    } else {
        fit(value).map(DiscordConnection::Channel)
    }
}

request! {
    /// Connections of a recipient to Discord.
    #[derive(Default)]
    pub struct DiscordChannelData => {
        /// The connections; a message goes to each.
        pub connections: Vec<DiscordConnection>,
    }
}

impl DiscordChannelData {
    /// These connections.
    pub fn new(connections: impl IntoIterator<Item = impl Into<DiscordConnection>>) -> Self {
        Self {
            connections: connections.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_slack_webhook_are_read_and_kept() {
        for json in [
            json!({"url": "https://x"}),
            json!({"incoming_webhook": {"url": "https://x"}}),
        ] {
            let connection: SlackConnection = serde_json::from_value(json.clone()).unwrap();
            let SlackConnection::IncomingWebhook(webhook) = &connection else {
                panic!("{connection:?}")
            };
            assert_eq!(webhook.webhook_url(), Some("https://x"));
            assert_eq!(serde_json::to_value(connection).unwrap(), json);
        }
    }

    #[test]
    fn a_connection_that_fits_no_form_is_kept() {
        let json = json!({"incoming_webhook": "https://x"});
        assert_eq!(
            MsTeamsConnection::from(json.clone()),
            MsTeamsConnection::Raw(json.clone())
        );
        assert_eq!(
            DiscordConnection::from(json.clone()),
            DiscordConnection::Raw(json)
        );
        assert_eq!(
            DiscordConnection::from(json!({})),
            DiscordConnection::Raw(json!({}))
        );
    }
}
