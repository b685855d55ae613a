//! A single preference: a boolean, or an object with the details.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{ChannelType, Condition, Field, PreferenceSetChannelTypes, PreferenceSetChannels};
use crate::model::object::request;
use crate::model::schema::{Describe, Type};
use crate::model::union::fit;

/// Preference for one kind of notifications: a boolean, or an object with the details.
///
/// `PreferenceSetting::from(false)` opts out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PreferenceSetting<T> {
    /// Wanted, or not.
    Subscribed(bool),
    /// Wanted subject to these details.
    Settings(T),
    /// Anything else, as it came: a merge strategy that a tenant's default carries in a map, for example.
    Raw(Value),
}

impl<T> PreferenceSetting<T> {
    /// The boolean, if it is one.
    pub const fn subscribed(&self) -> Option<bool> {
        match self {
            Self::Subscribed(subscribed) => Some(*subscribed),
            _ => None,
        }
    }

    /// The details, if it has some.
    pub const fn settings(&self) -> Option<&T> {
        match self {
            Self::Settings(settings) => Some(settings),
            _ => None,
        }
    }
}

impl<T> From<bool> for PreferenceSetting<T> {
    fn from(subscribed: bool) -> Self {
        Self::Subscribed(subscribed)
    }
}

impl<T> From<bool> for Field<PreferenceSetting<T>> {
    fn from(subscribed: bool) -> Self {
        Self::Value(subscribed.into())
    }
}

impl<T: Describe> Describe for PreferenceSetting<T> {
    const TYPE: Type = Type::Union(&[Type::Boolean, T::TYPE]);
}

impl<T: Serialize> Serialize for PreferenceSetting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Subscribed(subscribed) => subscribed.serialize(serializer),
            Self::Settings(settings) => settings.serialize(serializer),
            Self::Raw(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: for<'a> Deserialize<'a>> Deserialize<'de> for PreferenceSetting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Bool(subscribed) => Self::Subscribed(subscribed),
            value => fit(&value).map_or(Self::Raw(value), Self::Settings),
        })
    }
}

request! {
    /// The details of a preference for one channel type.
    #[derive(Default)]
    pub struct PreferenceSetChannelTypeSetting => {
        /// Conditions that must all hold.
        pub conditions: Vec<Condition>,
    }
}

request! {
    /// The details of a preference for one channel.
    #[derive(Default)]
    pub struct PreferenceSetChannelSetting => {
        /// Conditions that must all hold.
        pub conditions: Vec<Condition>,
    }
}

request! {
    /// The details of the preference for commercial notifications.
    #[derive(Default)]
    pub struct PreferenceSetCommercialSubscribedSetting => {
        /// Conditions that must all hold.
        pub conditions: Vec<Condition>,
    }
}

request! {
    /// The details of a preference for one workflow or category.
    ///
    /// A notification is sent when all of this allows it.
    #[derive(Default)]
    pub struct PreferenceSetWorkflowCategorySettingObject => {
        /// By channel type.
        pub channel_types: Field<PreferenceSetChannelTypes>,
        /// By channel id.
        pub channels: Field<PreferenceSetChannels>,
        /// Conditions that must all hold.
        pub conditions: Field<Vec<Condition>>,
    }
}

impl PreferenceSetWorkflowCategorySettingObject {
    /// Allows everything.
    pub fn new() -> Self {
        Self::default()
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

    /// Adds a condition.
    #[must_use]
    pub fn condition(mut self, condition: Condition) -> Self {
        self.conditions.get_or_insert_default().push(condition);
        self
    }
}

/// Makes each of these the details of a [`PreferenceSetting`], and the first three out of conditions.
macro_rules! settings {
    ($($conditional:ident),+; $($other:ident),+) => {
        $(
            impl $conditional {
                /// Wanted when all of these conditions hold.
                pub fn new(conditions: impl IntoIterator<Item = Condition>) -> Self {
                    Self { conditions: conditions.into_iter().collect(), ..Self::default() }
                }
            }

            settings!(@setting $conditional);
        )+
        $( settings!(@setting $other); )+
    };
    (@setting $name:ident) => {
        impl From<$name> for PreferenceSetting<$name> {
            fn from(settings: $name) -> Self {
                Self::Settings(settings)
            }
        }
    };
}

settings!(
    PreferenceSetChannelTypeSetting, PreferenceSetChannelSetting, PreferenceSetCommercialSubscribedSetting;
    PreferenceSetWorkflowCategorySettingObject
);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::types::PreferenceSet;

    fn read(json: &Value) -> PreferenceSet {
        let set: PreferenceSet = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&set).unwrap(), *json);
        set
    }

    #[test]
    fn a_setting_is_a_boolean_or_an_object() {
        let set = read(&json!({
            "id": "default",
            "workflows": {"digest": {"channel_types": {"email": false, "sms": null}}, "tips": true},
            "categories": null,
        }));
        let workflows = set.workflows.value().unwrap();
        assert_eq!(workflows["tips"].subscribed(), Some(true));
        let digest = workflows["digest"]
            .settings()
            .unwrap()
            .channel_types
            .value()
            .unwrap();
        assert_eq!(digest.email, PreferenceSetting::from(false));
        assert_eq!(digest.sms, Field::Null);
        assert_eq!(set.categories, Field::Null);
    }

    #[test]
    fn a_strategy_among_the_settings_is_kept() {
        let set = read(&json!({
            "id": "acme",
            "workflows": {"__strategy__": "replace", "digest": {"__strategy__": "merge"}},
            "channel_types": {"__strategy__": "replace", "email": true},
        }));
        let workflows = set.workflows.value().unwrap();
        assert_eq!(
            workflows["__strategy__"],
            PreferenceSetting::Raw(json!("replace"))
        );
        assert_eq!(
            workflows["digest"].settings().unwrap().extra["__strategy__"],
            "merge"
        );
        assert_eq!(
            set.channel_types.value().unwrap().extra["__strategy__"],
            "replace"
        );
    }

    #[test]
    fn what_fits_no_form_is_kept() {
        let set = read(
            &json!({"id": "default", "channels": {"a": {"conditions": "none"}, "b": 1, "c": null}}),
        );
        let channels = set.channels.value().unwrap();
        assert!(
            channels
                .values()
                .all(|setting| matches!(setting, PreferenceSetting::Raw(_)))
        );
    }
}
