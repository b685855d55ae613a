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
    /// How far a bulk operation has got.
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
        /// What it does, such as `users.identify`, `users.delete` or `users.set_preferences`.
        pub name: String,
        /// How far it has got.
        pub status: BulkOperationStatus,
        /// How many rows there are to do, roughly.
        pub estimated_total_rows: i64,
        /// How many rows are done, those that failed included.
        pub processed_rows: i64,
        /// How many rows succeeded.
        pub success_count: i64,
        /// How many rows failed.
        pub error_count: Field<i64>,
        /// The rows that failed.
        pub error_items: Field<Vec<BulkOperationErrorItem>>,
        /// Where to ask for the progress, a URL or a path.
        pub progress_path: Field<String>,
        /// When work on it began, as RFC 3339.
        pub started_at: Field<String>,
        /// When it was done, as RFC 3339.
        pub completed_at: Field<String>,
        /// When it was given up, as RFC 3339.
        pub failed_at: Field<String>,
        /// When it was asked for, as RFC 3339.
        pub inserted_at: String,
        /// When it last changed, as RFC 3339.
        pub updated_at: String,
    }
}
