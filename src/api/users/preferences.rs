//! Single sections of a user's preferences. Knock advises to write whole sets instead.

use crate::api::resource::resource;
use crate::types::{
    PreferenceSet, PreferenceSetChannelTypes, PreferenceSetWorkflows, PreferenceSettingRequest,
};

resource! {
    /// Single sections of a user's preference set.
    ///
    /// Knock has deprecated these calls in favor of
    /// [`Users::set_preferences`](super::Users::set_preferences), which writes a whole set or
    /// merges into one.
    pub struct Preferences = "users.preferences";

    /// Writes the workflows of a preference set, in place of those that are there.
    fn update_workflows(user_id: USER_ID, id: PREFERENCE_SET_ID; body: PreferenceSetWorkflows as workflows) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/workflows", "updateUserPreferenceWorkflows",
        tier 3, deprecated
        example {"weekly-digest": false};

    /// Writes the setting of one workflow in a preference set.
    fn update_workflow(user_id: USER_ID, id: PREFERENCE_SET_ID, key: WORKFLOW_KEY; body: PreferenceSettingRequest) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/workflows/{key}", "updateUserPreferenceWorkflow",
        tier 3, deprecated
        example {"channel_types": {"email": false}};

    /// Writes the categories of a preference set, in place of those that are there.
    fn update_categories(user_id: USER_ID, id: PREFERENCE_SET_ID; body: PreferenceSetWorkflows as categories) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/categories", "updateUserPreferenceCategories",
        tier 3, deprecated
        example {"marketing": false};

    /// Writes the setting of one category in a preference set.
    fn update_category(user_id: USER_ID, id: PREFERENCE_SET_ID, key: CATEGORY_KEY; body: PreferenceSettingRequest) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/categories/{key}", "updateUserPreferenceCategory",
        tier 3, deprecated
        example {"channel_types": {"email": false}};

    /// Writes the channel types of a preference set, in place of those that are there.
    fn update_channel_types(user_id: USER_ID, id: PREFERENCE_SET_ID; body: PreferenceSetChannelTypes) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/channel_types", "updateUserPreferenceChannelTypes",
        tier 3, deprecated
        example {"email": true, "sms": false};

    /// Writes the setting of one channel type in a preference set.
    fn update_channel_type(user_id: USER_ID, id: PREFERENCE_SET_ID, channel_type: CHANNEL_TYPE; body: PreferenceSettingRequest) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}/channel_types/{type}",
        "updateUserPreferenceChannelType", tier 3, deprecated
        example {"subscribed": false};
}
