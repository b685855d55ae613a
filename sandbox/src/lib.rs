#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
mod admin;
mod answer;
mod auth;
mod builder;
mod config;
mod delivery;
mod errors;
mod exchange;
mod faults;
mod journal;
mod matcher;
mod paging;
mod query;
mod rate_limits;
mod redact;
mod routes;
mod sandbox;
mod server;
mod state;
mod validate;

pub use builder::Builder;
pub use exchange::Stats;
pub use faults::{BulkOutcome, Ending, Fault, Portion};
pub use journal::Request;
pub use rate_limits::{RateLimits, Tier};
pub use routes::{OPERATIONS, Operation};
pub use sandbox::Sandbox;
