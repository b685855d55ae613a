//! A blocking, typed client for the Knock notifications API.
//!
//! Every operation of Knock's Users API with typed requests and responses, no async runtime below
//! it, and a C ABI (`include/knock.h`) for every other language.
//!
//! ```no_run
//! use knock::Client;
//! use knock::types::IdentifyUserRequest;
//!
//! let client = Client::new("sk_test_12345")?;
//! let jane = IdentifyUserRequest::new().name("Jane").email("jane@ingen.net").set("plan", "pro");
//! client.users().identify("jane", &jane)?;
//!
//! let user = client.users().get("jane")?;
//! println!("{} has the plan {}", user.id, user.properties["plan"]);
//! # Ok::<(), knock::Error>(())
//! ```
//!
//! - [`Client`] makes the calls; its methods follow Knock's resources:
//!   `client.users().feeds().list_items(…)`.
//! - [`params`] has the query parameters of the operations that take some.
//! - [`types`] has the requests and responses. Nothing that the server sends is lost.
//! - [`Error`] says what was wrong, where, and whether another try makes sense.
//! - [`bulk`] runs make one call of any number of users.
//! - Lists come as pages, or as a [`Pager`] over all items.
//! - Calls keep to the rate limits that Knock publishes ([`Pacing`]), are repeated where that is
//!   safe, and never outlive their deadline.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod api;
pub mod bulk;
mod client;
mod error;
mod exact;
mod interrupt;
#[doc(hidden)]
pub mod json;
mod log;
#[doc(hidden)]
pub mod model;
mod operation;
pub mod params;
mod parse;
mod request;
mod suggest;
mod sync;
mod transport;
pub mod types;
pub mod user_token;
mod uuid;
pub mod webhook;

#[doc(hidden)]
pub use api::schemas;
pub use api::{operation, operations};
pub use client::{CallOptions, Client, ClientBuilder, Meta, Pacing, Pager, Response};
pub use error::{Error, ErrorKind, FieldError, Result};
pub use interrupt::{InterruptHook, set_interrupt_hook};
pub use log::{Level, Logger, set_logger};
pub use operation::{
    Body, Example, Method, Operation, Pagination, Parameter, ParameterKind, PathParameter, Records,
    Spelling, TIER_LIMITS,
};

/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples of the documentation of bulk runs compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/bulk.md")]
struct BulkDocs;

/// The examples of the documentation of proxies and certificates hold.
#[cfg(doctest)]
#[doc = include_str!("../docs/proxies-and-certificates.md")]
struct ProxyDocs;

/// The examples of the documentation of user tokens compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/user-tokens.md")]
struct UserTokenDocs;

/// The examples of the documentation of webhooks hold.
#[cfg(doctest)]
#[doc = include_str!("../docs/webhooks.md")]
struct WebhookDocs;
