//! The library against the descriptions of the API: nothing that they declare is lost, unknown or wrongly typed, and
//! what is sent is what they ask for.
//!
//! The descriptions, OpenAPI files whose names end in `.strict.yml`, are looked for in the folder that the environment
//! variable `KNOCK_SPEC_DIR` names. Without it the tests print `skipped`; with `CI` or `KNOCK_SPEC_REQUIRED=1` they fail.

mod bodies;
mod builders;
mod coverage;
mod operations;
mod requests;
mod round_trip;
mod samples;
mod spec;
mod types;

#[path = "../support/mod.rs"]
mod support;
