//! The requests and responses of the API.
//!
//! - An optional field is a [`Field`]: absent, null or a value.
//! - What a type does not know is kept: other fields in its `extra` map (a user's custom properties in
//!   `properties`), other enum values in `Other`, other forms of a union in `Raw`. What is read and written
//!   again is equal to what came. A number that Rust would change, an integer beyond 64 bits or a decimal that an `f64`
//!   does not hold, is a `Response` error of a call or a webhook; [`Client::call_json`](crate::Client::call_json) returns it
//!   as it is. A program that reads a type from JSON itself gets the nearest `f64`, as serde_json has it.
//! - Timestamps are RFC 3339 strings, ids are strings.
//!
//! ```
//! use knock::types::User;
//!
//! let json = r#"{"id": "jane", "email": null, "plan": "pro"}"#;
//! let jane: User = serde_json::from_str(json)?;
//! assert!(jane.email.is_null() && jane.name.is_absent());
//! assert_eq!(jane.get("plan").and_then(|plan| plan.as_str()), Some("pro"));
//! assert_eq!(serde_json::to_value(&jane)?, serde_json::from_str::<serde_json::Value>(json)?);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod bulk_operations;
mod channel_data;
mod chat_channel_data;
mod conditions;
mod feeds;
mod filters;
mod guides;
mod messages;
mod page;
mod preference_center;
mod preference_setting;
mod preferences;
mod push_channel_data;
mod recipients;
mod schedules;
mod subscriptions;
mod users;
mod webhooks;

pub use bulk_operations::*;
pub use channel_data::*;
pub use chat_channel_data::*;
pub use conditions::*;
pub use feeds::*;
pub use filters::*;
pub use guides::*;
pub use messages::*;
pub use page::{Page, PageInfo};
pub use preference_center::*;
pub use preference_setting::*;
pub use preferences::*;
pub use push_channel_data::*;
pub use recipients::*;
pub use schedules::*;
pub use subscriptions::*;
pub use users::*;
pub use webhooks::*;

pub use crate::model::{Field, JsonObject};
