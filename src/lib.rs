//! A blocking, typed client for the Knock notifications API.
#![warn(missing_docs)]

pub mod types;
