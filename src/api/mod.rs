//! The operations of the API, a file per resource.

pub(crate) mod path;
mod query;
mod resource;

pub mod bulk_operations;
pub mod users;

use crate::Client;
use crate::error::{Error, Result};
use crate::model::schema::{self, Describe, Schema};
use crate::operation::Operation;
use crate::types::WebhookEvent;

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

/// Every operation, in the order of its resources.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .flat_map(|resource| resource.iter().copied())
}

/// Every schema that requests, responses and webhooks are made of.
#[doc(hidden)]
pub fn schemas() -> Vec<&'static Schema> {
    let types = operations().flat_map(|operation| {
        let query = operation.query.iter().map(|parameter| parameter.ty);
        let body = operation.body.map(|body| body.ty);
        let path = operation.arguments.iter().map(|parameter| parameter.ty);
        path.chain(query).chain(body).chain(operation.response)
    });
    schema::reachable(types.chain([WebhookEvent::TYPE]))
}

/// Finds an operation by its name or its OpenAPI `operationId`.
///
/// # Errors
///
/// `InvalidArgument` for an unknown name; the message names the nearest known one.
///
/// ```
/// assert_eq!(knock::operation("getUser")?.name, "users.get");
/// # Ok::<(), knock::Error>(())
/// ```
pub fn operation(name: &str) -> Result<&'static Operation> {
    operations()
        .find(|operation| operation.is_called(name))
        .ok_or_else(|| {
            let nearest = crate::suggest::nearest(name, operations().map(|o| o.name));
            Error::invalid(format!("there is no operation {name:?}{nearest}"))
        })
}

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
