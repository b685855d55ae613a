//! Users, and what belongs to a user.

pub mod bulk;
pub mod feeds;
pub mod guides;
pub mod preference_center;
pub mod preferences;

use serde_json::Value;

use crate::api::query::query;
use crate::api::resource::resource;
use crate::error::Result;
use crate::types::{
    ChannelData, ChannelDataRequest, EngagementStatusFilter, IdentifyUserRequest, Include,
    ListMessagesResponse, ListSchedulesResponse, ListSubscriptionsResponse, ListUsersResponse,
    MergeUserRequest, MessageStatus, PreferenceSet, PreferenceSetRequest, RecipientReference, User,
};
use crate::{Response, client::Client};

resource! {
    /// Users: the people that notifications go to.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// use knock::types::IdentifyUserRequest;
    ///
    /// let users = client.users();
    /// users.identify("jane", &IdentifyUserRequest::new().email("jane@ingen.net").set("plan", "pro"))?;
    /// let jane = users.get("jane")?;
    /// assert_eq!(jane.email.as_deref(), Some("jane@ingen.net"));
    /// assert_eq!(jane.properties["plan"], "pro");
    /// # Ok::<(), knock::Error>(())
    /// ```
    pub struct Users = "users";

    /// Lists the users of the environment, a page at a time, oldest first.
    ///
    /// Users that were deleted are left out.
    fn list(; query: UserListParams) -> ListUsersResponse = GET "/v1/users", "listUsers", tier 4
        [entries in list_pager];

    /// Reads one user.
    ///
    /// An unknown user is an error with status 404 and code `resource_missing`.
    fn get(user_id: USER_ID) -> User = GET "/v1/users/{user_id}", "getUser", tier 4, public_key;

    /// Creates a user or updates one: `identify` by another name.
    ///
    /// What is sent is merged into what is there, nested objects too; what is not sent stays. A
    /// property cannot be removed, but can be set to null. `channel_data` and `preferences` are
    /// written along with the user and do not show in the response.
    fn update(user_id: USER_ID; body: IdentifyUserRequest) -> User
        = PUT "/v1/users/{user_id}", "identifyUser", tier 3, public_key
        example {"email": "jane@ingen.net", "plan": "pro"};

    /// Deletes a user with everything that belongs to it: properties, preferences, channel data,
    /// subscriptions, schedules and messages.
    ///
    /// It may take up to ten minutes until all is gone. The id may be used again and inherits
    /// nothing. Where the response to an attempt was lost and the next one finds the user gone, the
    /// call has succeeded.
    fn delete(user_id: USER_ID) -> () = DELETE "/v1/users/{user_id}", "deleteUser", tier 2
        with {"user_id": "ian"};

    /// Merges another user, `from_user_id`, into this one and deletes the other. There is no way
    /// back.
    ///
    /// Properties are merged and this user's win; preference sets and channel data come over
    /// where this user has none of that id; messages of the last 30 days come along. Doing it
    /// twice is an error, so it is never repeated when the first may have been processed.
    fn merge(user_id: USER_ID; body: MergeUserRequest) -> User
        = POST "/v1/users/{user_id}/merge", "mergeUser", tier 2
        example {"from_user_id": "jane-old"};

    /// Lists the messages that were sent to a user, a page at a time, newest first.
    ///
    /// Messages are kept for 30 days, or 90 on an enterprise plan.
    fn list_messages(user_id: USER_ID; query: UserListMessagesParams) -> ListMessagesResponse
        = GET "/v1/users/{user_id}/messages", "listMessagesForUser", tier 4
        [items in list_messages_pager];

    /// Lists a user's schedules, a page at a time, newest first.
    fn list_schedules(user_id: USER_ID; query: UserListSchedulesParams) -> ListSchedulesResponse
        = GET "/v1/users/{user_id}/schedules", "listUserSchedules", tier 4
        [entries in list_schedules_pager];

    /// Lists what a user is subscribed to, a page at a time, newest first.
    fn list_subscriptions(user_id: USER_ID; query: UserListSubscriptionsParams) -> ListSubscriptionsResponse
        = GET "/v1/users/{user_id}/subscriptions", "listSubscriptionsForUser", tier 4
        [entries in list_subscriptions_pager];

    /// Reads what a user has for a channel, such as push tokens or a chat connection.
    ///
    /// Nothing stored for that channel is an error with status 404.
    fn get_channel_data(user_id: USER_ID, channel_id: CHANNEL_ID) -> ChannelData
        = GET "/v1/users/{user_id}/channel_data/{channel_id}", "getUserChannelData", tier 4, public_key;

    /// Writes what a user has for a channel, in place of what was there. Creates the user where
    /// there is none.
    fn set_channel_data(user_id: USER_ID, channel_id: CHANNEL_ID; body: ChannelDataRequest) -> ChannelData
        = PUT "/v1/users/{user_id}/channel_data/{channel_id}", "setUserChannelData", tier 3, public_key
        example {"data": {"tokens": ["device-1"]}};

    /// Removes what a user has for a channel.
    fn unset_channel_data(user_id: USER_ID, channel_id: CHANNEL_ID) -> ()
        = DELETE "/v1/users/{user_id}/channel_data/{channel_id}", "unsetUserChannelData", tier 3, public_key;

    /// Lists all preference sets of a user. The list is not paged.
    fn list_preferences(user_id: USER_ID) -> Vec<PreferenceSet>
        = GET "/v1/users/{user_id}/preferences", "listUserPreferenceSets", tier 4, public_key;

    /// Reads a preference set, `default` or a tenant's, with the defaults of the environment and
    /// of the tenant filled in. A set that was never written is empty, not an error.
    fn get_preferences(user_id: USER_ID, id: PREFERENCE_SET_ID; query: UserGetPreferencesParams) -> PreferenceSet
        = GET "/v1/users/{user_id}/preferences/{id}", "getUserPreferenceSet", tier 4, public_key;

    /// Writes a preference set in place of the one that is there, or merges into it where the
    /// request asks for that.
    fn set_preferences(user_id: USER_ID, id: PREFERENCE_SET_ID; body: PreferenceSetRequest) -> PreferenceSet
        = PUT "/v1/users/{user_id}/preferences/{id}", "updateUserPreferenceSet", tier 3, public_key
        example {"channel_types": {"email": false}};

    /// Removes a preference set.
    fn unset_preferences(user_id: USER_ID, id: PREFERENCE_SET_ID) -> ()
        = DELETE "/v1/users/{user_id}/preferences/{id}", "deleteUserPreferenceSet", tier 3;
}

impl<'a> Users<'a> {
    /// Creates a user or updates one; [`update`](Self::update) by the name that everyone uses.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn identify(&self, user_id: &str, body: &IdentifyUserRequest) -> Result<Response<User>> {
        self.update(user_id, body)
    }

    /// Single sections of a user's preferences.
    pub fn preferences(&self) -> preferences::Preferences<'a> {
        preferences::Preferences::new(self.client)
    }

    /// In-app feeds.
    pub fn feeds(&self) -> feeds::Feeds<'a> {
        feeds::Feeds::new(self.client)
    }

    /// In-app guides.
    pub fn guides(&self) -> guides::Guides<'a> {
        guides::Guides::new(self.client)
    }

    /// Calls on many users at once.
    pub fn bulk(&self) -> bulk::Bulk<'a> {
        bulk::Bulk::new(self.client)
    }

    /// The hosted preference center.
    pub fn preference_center(&self) -> preference_center::PreferenceCenter<'a> {
        preference_center::PreferenceCenter::new(self.client)
    }

    /// The client that these calls are made with.
    pub fn client(&self) -> &'a Client {
        self.client
    }
}

query! {
    /// Query parameters of [`Users::list`].
    pub struct UserListParams {
        /// Resources to include in each user, under their name.
        include: Vec<Include>,
        /// The cursor to go on after.
        after: String,
        /// The cursor to go back before.
        before: String,
        /// Number of users per page, 1 to 50; 50 by default.
        page_size: i64,
    }
}

query! {
    /// Query parameters of [`Users::list_messages`]. Filters that are given together must all hold.
    pub struct UserListMessagesParams {
        /// The cursor to go on after.
        after: String,
        /// The cursor to go back before.
        before: String,
        /// Number of messages per page, 1 to 50; 50 by default.
        page_size: i64,
        /// Messages of this tenant, and those without one.
        tenant: String,
        /// Messages sent over this channel, a UUID.
        channel_id: String,
        /// Messages with one of these delivery statuses.
        status: Vec<MessageStatus>,
        /// Messages with one of these engagement statuses.
        engagement_status: Vec<EngagementStatusFilter>,
        /// These messages, at most 50 ids.
        message_ids: Vec<String>,
        /// Messages of workflows in one of these categories.
        workflow_categories: Vec<String>,
        /// Messages of the workflow with this key.
        source: String,
        /// Messages of one run of a workflow, a UUID.
        workflow_run_id: String,
        /// Messages of one recipient's part of a run, a UUID.
        workflow_recipient_run_id: String,
        /// Messages whose trigger data has all of these top-level values: a JSON object, or its
        /// text.
        trigger_data: Value,
        /// Messages created after this moment, RFC 3339.
        inserted_at_gt: String as "inserted_at.gt",
        /// Messages created at or after this moment, RFC 3339.
        inserted_at_gte: String as "inserted_at.gte",
        /// Messages created before this moment, RFC 3339.
        inserted_at_lt: String as "inserted_at.lt",
        /// Messages created at or before this moment, RFC 3339.
        inserted_at_lte: String as "inserted_at.lte",
    }
}

query! {
    /// Query parameters of [`Users::list_schedules`].
    pub struct UserListSchedulesParams {
        /// Schedules of the workflow with this key.
        workflow: String,
        /// Schedules of this tenant.
        tenant: String,
        /// The cursor to go on after.
        after: String,
        /// The cursor to go back before.
        before: String,
        /// Number of schedules per page, 1 to 50; 50 by default.
        page_size: i64,
    }
}

query! {
    /// Query parameters of [`Users::list_subscriptions`].
    pub struct UserListSubscriptionsParams {
        /// Resources to include in each recipient, under their name.
        include: Vec<Include>,
        /// Subscriptions to these objects alone.
        objects: Vec<RecipientReference>,
        /// The cursor to go on after.
        after: String,
        /// The cursor to go back before.
        before: String,
        /// Number of subscriptions per page, 1 to 50; 50 by default.
        page_size: i64,
    }
}

query! {
    /// Query parameters of [`Users::get_preferences`].
    pub struct UserGetPreferencesParams {
        /// The tenant whose defaults fill in what the user has not set.
        tenant: String,
    }
}
