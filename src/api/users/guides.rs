//! In-app guides.

use serde_json::Value;

use crate::api::query::query;
use crate::api::resource::resource;
use crate::types::{GuideActionRequest, GuideActionResponse, GuidesResponse};

resource! {
    /// A user's in-app guides.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// use knock::params::UserGuideGetChannelParams;
    ///
    /// let channel = "5a88728a-3ecb-400d-ba6f-9c0956ab252f";
    /// for guide in client.users().guides().get_channel("jane", channel, UserGuideGetChannelParams::new())?.entries.iter() {
    ///     println!("{:?}", guide.key);
    /// }
    /// # Ok::<(), knock::Error>(())
    /// ```
    pub struct Guides = "users.guides";

    /// Lists the guides of a channel that a user is eligible for, in their order, and says of the
    /// others why they are not. The list is not paged.
    fn get_channel(user_id: USER_ID, channel_id: GUIDE_CHANNEL_ID; query: UserGuideGetChannelParams) -> GuidesResponse
        = GET "/v1/users/{user_id}/guides/{channel_id}", "listUserGuides", tier 2, public_key;

    /// Marks a guide as seen. The first action on a guide creates its message.
    fn mark_seen(user_id: USER_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/seen", "markUserGuideAsSeen (2)", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1",
            "content": {"title": "Welcome"}
        };

    /// Marks a guide as interacted with, and thereby as read.
    fn mark_interacted(user_id: USER_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/interacted", "markUserGuideAsInteracted (2)", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };

    /// Archives a guide, which takes it from the list. Starts the throttle of its group, unless
    /// `unthrottled` is set.
    fn mark_archived(user_id: USER_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/archived", "markUserGuideAsArchived (2)", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };

    /// Takes a guide back from the archive. The request is a `DELETE` with a body.
    fn unarchive(user_id: USER_ID; body: GuideActionRequest) -> GuideActionResponse
        = DELETE "/v1/users/{user_id}/guides/messages/archived", "markUserGuideAsUnarchived", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };

    /// Forgets what a user did with a guide, as if it had never been shown.
    fn reset_engagement(user_id: USER_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/engagements/reset", "resetUserGuideEngagement", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };

    /// Marks the guide of a message as seen; the older form of [`mark_seen`](Self::mark_seen).
    fn mark_message_as_seen(user_id: USER_ID, message_id: GUIDE_MESSAGE_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/{message_id}/seen", "markUserGuideAsSeen", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1",
            "content": {"title": "Welcome"}
        };

    /// Marks the guide of a message as interacted with; the older form of
    /// [`mark_interacted`](Self::mark_interacted).
    fn mark_message_as_interacted(user_id: USER_ID, message_id: GUIDE_MESSAGE_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/{message_id}/interacted",
        "markUserGuideAsInteracted", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };

    /// Archives the guide of a message; the older form of [`mark_archived`](Self::mark_archived).
    fn mark_message_as_archived(user_id: USER_ID, message_id: GUIDE_MESSAGE_ID; body: GuideActionRequest) -> GuideActionResponse
        = PUT "/v1/users/{user_id}/guides/messages/{message_id}/archived",
        "markUserGuideAsArchived", tier 2, public_key
        example {
            "channel_id": "f1000000-0000-4000-8000-000000000005",
            "guide_key": "welcome-banner",
            "guide_id": "f6000000-0000-4000-8000-000000000001",
            "guide_step_ref": "step_1"
        };
}

query! {
    /// Query parameters of [`Guides::get_channel`].
    pub struct UserGuideGetChannelParams {
        /// Guides as this tenant sees them.
        tenant: String,
        /// Data for targeting conditions: a JSON object, or its text.
        data: Value,
        /// Guides of this type.
        r#type: String as "type",
    }
}
