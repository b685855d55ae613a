//! Calls on many users at once.

use crate::api::resource::resource;
use crate::types::{
    BulkDeleteUsersRequest, BulkIdentifyUsersRequest, BulkOperation, BulkSetUserPreferencesRequest,
};

resource! {
    /// Calls on up to 1,000 users at once. The service does the work in the background; follow it
    /// with [`BulkOperations::get`](crate::api::bulk_operations::BulkOperations::get).
    pub struct Bulk = "users.bulk";

    /// Creates or updates up to 1,000 users, each as [`Users::update`](super::Users::update) does.
    fn identify(; body: BulkIdentifyUsersRequest) -> BulkOperation
        = POST "/v1/users/bulk/identify", "bulkIdentifyUsers", tier 1, safe_to_repeat, records("users", 1000)
        example {"users": [{"id": "jane", "plan": "pro"}]};

    /// Gives up to 1,000 users a preference set, in place of the one that they have.
    fn set_preferences(; body: BulkSetUserPreferencesRequest) -> BulkOperation
        = POST "/v1/users/bulk/preferences", "bulkSetUserPreferences", tier 1, safe_to_repeat, records("user_ids", 1000)
        example {"user_ids": ["jane"], "preferences": {"channel_types": {"email": false}}};

    /// Deletes up to 1,000 users, each as [`Users::delete`](super::Users::delete) does.
    fn delete(; body: BulkDeleteUsersRequest) -> BulkOperation
        = POST "/v1/users/bulk/delete", "bulkDeleteUsers", tier 1, safe_to_repeat, records("user_ids", 1000)
        example {"user_ids": ["alan"]};
}
