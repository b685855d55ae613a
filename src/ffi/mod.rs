//! The C ABI of `include/knock.h`: handles and JSON text over [`Client`](crate::Client).
//!
//! The one place with `unsafe` code. Every function contains panics and writes its
//! out-parameters on every path; see [`guard`]. The comments here become the header's.
#![allow(unsafe_code)]

mod callback;
mod guard;
mod handles;
mod text;

mod library;
mod status;

mod client;
mod interrupt;
mod log;
mod operations;
mod pager;
