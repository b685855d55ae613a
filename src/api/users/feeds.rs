//! In-app feeds.

use serde_json::Value;

use crate::api::query::query;
use crate::api::resource::resource;
use crate::types::{
    FeedArchived, FeedMode, FeedStatus, UserInAppFeedResponse, UserInAppFeedSettingsResponse,
};

resource! {
    /// A user's in-app feeds.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// use knock::params::UserFeedListItemsParams;
    /// use knock::types::FeedStatus;
    ///
    /// let feed = "8209f26c-62a5-461d-95e2-a5716a26e652";
    /// let unread = UserFeedListItemsParams::new().status(FeedStatus::Unread).page_size(20);
    /// let page = client.users().feeds().list_items("jane", feed, unread)?;
    /// for item in &page.entries {
    ///     println!("{}", item.id);
    /// }
    /// println!("{:?} unread", page.unread_count());
    /// # Ok::<(), knock::Error>(())
    /// ```
    pub struct Feeds = "users.feeds";

    /// Lists the items of a feed, a page at a time, newest first, with counts of all that match.
    ///
    /// A user that is not known has an empty feed. The rate limit counts each user apart.
    fn list_items(user_id: USER_ID, id: FEED_ID; query: UserFeedListItemsParams) -> UserInAppFeedResponse
        = GET "/v1/users/{user_id}/feeds/{id}", "listUserInAppFeedItems", tier 2, per_user, public_key
        [entries in list_items_pager];

    /// Reads the settings of a feed.
    fn get_settings(user_id: USER_ID, id: FEED_ID) -> UserInAppFeedSettingsResponse
        = GET "/v1/users/{user_id}/feeds/{id}/settings", "getUserInAppFeedSettings", tier 4, public_key;
}

query! {
    /// Query parameters of [`Feeds::list_items`]. Filters that are given together must all hold, and
    /// hold for the counts too.
    pub struct UserFeedListItemsParams {
        /// Items with this status.
        status: FeedStatus,
        /// Items of the workflow with this key.
        source: String,
        /// Items of this tenant, and those without one unless `has_tenant` is true.
        tenant: String,
        /// Items that have a tenant, or that have none.
        has_tenant: bool,
        /// Items of workflows in one of these categories.
        workflow_categories: Vec<String>,
        /// Treatment of archived items; `exclude` by default.
        archived: FeedArchived,
        /// Items whose trigger data has all of these top-level values: a JSON object, or its text.
        /// Text is compared up to 256 characters.
        trigger_data: Value,
        /// The language to render the items in, such as `en-US`; on enterprise plans.
        locale: String,
        /// Fields to leave out of the response: paths with dots, at most three deep, separated by
        /// commas, such as `entries.archived_at`.
        exclude: String,
        /// Detail of each item: `compact` leaves out activities, nested data and all but
        /// one actor. `rich` by default.
        mode: FeedMode,
        /// The cursor to go on after.
        after: String,
        /// The cursor to go back before.
        before: String,
        /// Number of items per page; 50 by default.
        page_size: i64,
        /// Items created after this moment, RFC 3339.
        inserted_at_gt: String as "inserted_at.gt",
        /// Items created at or after this moment, RFC 3339.
        inserted_at_gte: String as "inserted_at.gte",
        /// Items created before this moment, RFC 3339.
        inserted_at_lt: String as "inserted_at.lt",
        /// Items created at or before this moment, RFC 3339.
        inserted_at_lte: String as "inserted_at.lte",
    }
}
