//! The requests and responses of the API.
//!
//! - An optional field is a [`Field`]: absent, null or a value.
//! - What a type does not know is kept: other fields in its `extra` map (a user's custom properties in
//!   `properties`), other enum values in `Other`, other forms of a union in `Raw`. What is read and written
//!   again is equal to what came.
//! - Timestamps are RFC 3339 strings, ids are strings.

mod field;
mod filters;
mod messages;
mod open_enum;
#[doc(hidden)]
pub mod schema;

pub use field::Field;
pub use filters::{EngagementStatusFilter, FeedArchived, FeedMode, FeedStatus, Include};
pub use messages::{EngagementStatus, MessageStatus};
