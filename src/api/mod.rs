//! The operations of the API, a file per resource.

mod query;
mod resource;

pub mod bulk_operations;
pub mod users;

use crate::Client;
use crate::operation::Operation;

/// The operations of every resource. A new resource's file is listed here.
pub(crate) static OPERATIONS: &[&[&Operation]] = &[
    users::operation::ALL,
    users::preferences::operation::ALL,
    users::feeds::operation::ALL,
    users::guides::operation::ALL,
    users::bulk::operation::ALL,
    users::preference_center::operation::ALL,
    bulk_operations::operation::ALL,
];

impl Client {
    /// Users: identify, read, list, merge and delete them, and what belongs to them.
    pub fn users(&self) -> users::Users<'_> {
        users::Users::new(self)
    }

    /// Bulk operations, to follow what a bulk call started.
    pub fn bulk_operations(&self) -> bulk_operations::BulkOperations<'_> {
        bulk_operations::BulkOperations::new(self)
    }
}
