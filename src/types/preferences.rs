//! Preferences: which notifications a user wants.

use std::collections::BTreeMap;

use super::{
    Condition, Field, PreferenceSetChannelSetting, PreferenceSetChannelTypeSetting,
    PreferenceSetCommercialSubscribedSetting, PreferenceSetWorkflowCategorySettingObject,
    PreferenceSetting,
};
use crate::model::object::{model, request};
use crate::model::open_enum::open_enum;

open_enum! {
    /// A type of channel that preferences are kept for.
    pub enum ChannelType {
        /// Email.
        Email = "email",
        /// The in-app feed.
        InAppFeed = "in_app_feed",
        /// SMS.
        Sms = "sms",
        /// Push notifications.
        Push = "push",
        /// Chat apps.
        Chat = "chat",
        /// Webhooks.
        Http = "http",
    }
}

open_enum! {
    /// Treatment of the preferences that a set already holds.
    pub enum PersistenceStrategy {
        /// They stay, and what is sent is merged into them key by key.
        Merge = "merge",
        /// They go, and what is sent takes their place.
        Replace = "replace",
    }
}

request! {
    /// Preferences by channel type. An unset one means yes.
    #[derive(Default)]
    pub struct PreferenceSetChannelTypes => {
        /// Email.
        pub email: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
        /// The in-app feed.
        pub in_app_feed: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
        /// SMS.
        pub sms: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
        /// Push notifications.
        pub push: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
        /// Chat apps.
        pub chat: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
        /// Webhooks.
        pub http: Field<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
    }
}

/// Preferences by channel id. An unset one means yes, and one that is set beats its channel type.
pub type PreferenceSetChannels = BTreeMap<String, PreferenceSetting<PreferenceSetChannelSetting>>;

/// Preference for the notifications of a workflow or category.
pub type PreferenceSetWorkflowCategorySetting =
    PreferenceSetting<PreferenceSetWorkflowCategorySettingObject>;

/// Preferences by the key of a workflow or category. An unset one means yes.
pub type PreferenceSetWorkflows = BTreeMap<String, PreferenceSetWorkflowCategorySetting>;

model! {
    /// A set of preferences, with the defaults of the environment and the tenant filled in.
    ///
    /// A notification is sent when every part that applies to it allows it.
    #[derive(Default)]
    pub struct PreferenceSet => {
        /// The id of the set: `default`, or that of a tenant.
        pub id: String,
        /// By workflow key.
        pub workflows: Field<PreferenceSetWorkflows>,
        /// By workflow category.
        pub categories: Field<PreferenceSetWorkflows>,
        /// By channel type.
        pub channel_types: Field<PreferenceSetChannelTypes>,
        /// By channel id.
        pub channels: Field<PreferenceSetChannels>,
        /// Preference for commercial notifications. Kept in the `default` set only.
        pub commercial_subscribed: Field<PreferenceSetting<PreferenceSetCommercialSubscribedSetting>>,
    }
}

request! {
    /// Preferences to set.
    ///
    /// They replace the set, unless `__persistence_strategy__` says that they are merged into it. Where a user is
    /// identified it is the other way round: there they are merged, unless it says that they replace the set.
    #[derive(Default)]
    pub struct PreferenceSetRequest => {
        /// Which set to replace in a bulk call: `default`, which is the default, or the id of a tenant. Elsewhere the
        /// call itself says which set, and this is ignored.
        pub id: Field<String>,
        /// Merge, or replace. A bulk call always replaces.
        pub persistence_strategy as "__persistence_strategy__": Field<PersistenceStrategy>,
        /// By workflow key.
        pub workflows: Field<PreferenceSetWorkflows>,
        /// By workflow category.
        pub categories: Field<PreferenceSetWorkflows>,
        /// By channel type.
        pub channel_types: Field<PreferenceSetChannelTypes>,
        /// By channel id.
        pub channels: Field<PreferenceSetChannels>,
        /// Preference for commercial notifications. Accepted in the `default` set only.
        pub commercial_subscribed: Field<PreferenceSetting<PreferenceSetCommercialSubscribedSetting>>,
    }
}

/// Preference sets to set along with a user, by the id of the set.
pub type InlinePreferenceSetRequest = BTreeMap<String, PreferenceSetRequest>;

impl PreferenceSetRequest {
    /// A request without preferences yet. Sent like this, it empties the set.
    ///
    /// ```
    /// use knock::types::{ChannelType, PreferenceSetRequest};
    ///
    /// let preferences = PreferenceSetRequest::new()
    ///     .workflow("weekly-digest", false)
    ///     .channel_type(ChannelType::Email, true)
    ///     .merge();
    /// assert_eq!(preferences.channel_types.value().map(|types| types.email.is_value()), Some(true));
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the preference for one workflow.
    #[must_use]
    pub fn workflow(
        mut self,
        key: impl Into<String>,
        setting: impl Into<PreferenceSetWorkflowCategorySetting>,
    ) -> Self {
        self.workflows
            .get_or_insert_default()
            .insert(key.into(), setting.into());
        self
    }

    /// Sets the preference for one category of workflows.
    #[must_use]
    pub fn category(
        mut self,
        key: impl Into<String>,
        setting: impl Into<PreferenceSetWorkflowCategorySetting>,
    ) -> Self {
        self.categories
            .get_or_insert_default()
            .insert(key.into(), setting.into());
        self
    }

    /// Sets the preference for one channel type.
    #[must_use]
    pub fn channel_type(
        mut self,
        channel_type: impl Into<ChannelType>,
        setting: impl Into<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
    ) -> Self {
        let channel_types = self.channel_types.take().unwrap_or_default();
        self.channel_types = channel_types.with(channel_type, setting).into();
        self
    }

    /// Sets the preference for one channel.
    #[must_use]
    pub fn channel(
        mut self,
        channel_id: impl Into<String>,
        setting: impl Into<PreferenceSetting<PreferenceSetChannelSetting>>,
    ) -> Self {
        self.channels
            .get_or_insert_default()
            .insert(channel_id.into(), setting.into());
        self
    }

    /// Keeps the other preferences of the set.
    #[must_use]
    pub fn merge(self) -> Self {
        self.persistence_strategy(PersistenceStrategy::Merge)
    }

    /// Drops the other preferences of the set.
    #[must_use]
    pub fn replace(self) -> Self {
        self.persistence_strategy(PersistenceStrategy::Replace)
    }
}

impl PreferenceSetChannelTypes {
    /// Nothing set yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the preference for one channel type.
    #[must_use]
    pub fn with(
        mut self,
        channel_type: impl Into<ChannelType>,
        setting: impl Into<PreferenceSetting<PreferenceSetChannelTypeSetting>>,
    ) -> Self {
        let setting = setting.into();
        match channel_type.into() {
            ChannelType::Email => self.email(setting),
            ChannelType::InAppFeed => self.in_app_feed(setting),
            ChannelType::Sms => self.sms(setting),
            ChannelType::Push => self.push(setting),
            ChannelType::Chat => self.chat(setting),
            ChannelType::Http => self.http(setting),
            ChannelType::Other(key) => {
                // A setting is strings, booleans and maps by string, which always make JSON.
                let setting = serde_json::to_value(setting).unwrap_or_default();
                self.extra.insert(key, setting);
                self
            }
        }
    }
}

request! {
    /// The body of the deprecated calls that set one preference of a set.
    ///
    /// Either a boolean or the details; a channel type takes the boolean only.
    #[derive(Default)]
    pub struct PreferenceSettingRequest => {
        /// Wanted, or not.
        pub subscribed: Field<bool>,
        /// By channel type.
        pub channel_types: Field<PreferenceSetChannelTypes>,
        /// By channel id.
        pub channels: Field<PreferenceSetChannels>,
        /// Conditions that must all hold.
        pub conditions: Field<Vec<Condition>>,
    }
}

impl From<bool> for PreferenceSettingRequest {
    fn from(subscribed: bool) -> Self {
        Self::default().subscribed(subscribed)
    }
}

impl From<PreferenceSetWorkflowCategorySettingObject> for PreferenceSettingRequest {
    fn from(settings: PreferenceSetWorkflowCategorySettingObject) -> Self {
        Self {
            subscribed: Field::Absent,
            channel_types: settings.channel_types,
            channels: settings.channels,
            conditions: settings.conditions,
            extra: settings.extra,
        }
    }
}

request! {
    /// Which set of preferences to give to which users.
    #[derive(Default)]
    pub struct BulkSetUserPreferencesRequest => {
        /// The users. 1,000 at most.
        pub user_ids: Vec<String>,
        /// The preferences. They replace the set that their `id` names.
        pub preferences: PreferenceSetRequest,
    }
}

impl BulkSetUserPreferencesRequest {
    /// Gives these preferences to these users.
    pub fn new(
        user_ids: impl IntoIterator<Item = impl Into<String>>,
        preferences: PreferenceSetRequest,
    ) -> Self {
        Self {
            user_ids: user_ids.into_iter().map(Into::into).collect(),
            preferences,
            ..Self::default()
        }
    }
}
