//! The C ABI of `include/knock.h`: handles and JSON text over [`Client`](knock::Client).
//!
//! The one place with `unsafe` code. Every function contains panics and writes its
//! out-parameters on every path; see [`guard`]. The comments here become the header's.
#![allow(unsafe_code)]

mod abi_version;
mod callback;
mod fork;
mod guard;
mod handles;
mod text;

// In the order of the header.
mod status;

mod library;

mod client;

mod operations;

mod pager;

mod bulk;

mod signing;

mod log;

mod interrupt;
