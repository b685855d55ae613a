//! Bulk operations: work on many users that the service does in the background.

use super::{Field, InlineIdentifyUserRequest};
use crate::model::object::{model, request};
use crate::model::open_enum::open_enum;

request! {
    /// Users to identify.
    #[derive(Default)]
    pub struct BulkIdentifyUsersRequest => {
        /// The users. 1,000 at most.
        pub users: Vec<InlineIdentifyUserRequest>,
    }
}

impl BulkIdentifyUsersRequest {
    /// Identifies these users.
    pub fn new(users: impl IntoIterator<Item = InlineIdentifyUserRequest>) -> Self {
        Self {
            users: users.into_iter().collect(),
            ..Self::default()
        }
    }
}

request! {
    /// Users to delete.
    #[derive(Default)]
    pub struct BulkDeleteUsersRequest => {
        /// The users. 1,000 at most.
        pub user_ids: Vec<String>,
    }
}

impl BulkDeleteUsersRequest {
    /// Deletes these users.
    pub fn new(user_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            user_ids: user_ids.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

open_enum! {
    /// Progress of a bulk operation.
    pub enum BulkOperationStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// Is being worked on.
        Processing = "processing",
        /// Is done; single rows may still have failed.
        Completed = "completed",
        /// Was given up.
        Failed = "failed",
    }
}

impl BulkOperationStatus {
    /// True once nothing will change any more.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

model! {
    /// A row that a bulk operation failed on.
    #[derive(Default)]
    pub struct BulkOperationErrorItem => {
        /// The id of the user or object.
        pub id: String,
        /// The collection, for an object.
        pub collection: Field<String>,
    }
}

model! {
    /// A bulk operation and its progress.
    pub struct BulkOperation => {
        /// The name of this type in the API: `BulkOperation`.
        pub type_name as "__typename": Field<String>,
        /// The id to ask for the progress with.
        pub id: String,
        /// The kind of work, such as `users.identify`, `users.delete` or `users.set_preferences`.
        pub name: String,
        /// Progress of the work.
        pub status: BulkOperationStatus,
        /// Estimated number of rows.
        pub estimated_total_rows: i64,
        /// Number of rows processed, those that failed included.
        pub processed_rows: i64,
        /// Number of rows that succeeded.
        pub success_count: i64,
        /// Number of rows that failed.
        pub error_count: Field<i64>,
        /// The rows that failed.
        pub error_items: Field<Vec<BulkOperationErrorItem>>,
        /// URL or path to read the progress from.
        pub progress_path: Field<String>,
        /// Start of processing, RFC 3339.
        pub started_at: Field<String>,
        /// Time of completion, RFC 3339.
        pub completed_at: Field<String>,
        /// Time of failure, RFC 3339.
        pub failed_at: Field<String>,
        /// Creation time, RFC 3339.
        pub inserted_at: String,
        /// Time of the last change, RFC 3339.
        pub updated_at: String,
    }
}
