//! The library against the descriptions of the API: nothing that they declare is lost, unknown or wrongly typed, and
//! what is sent is what they ask for.
//!
//! The descriptions, OpenAPI files whose names end in `.strict.yml`, are looked for in the folder that the environment
//! variable `KNOCK_SPEC_DIR` names. Without it the tests print `skipped`; with `CI` or `KNOCK_SPEC_REQUIRED=1` they fail.

#[path = "conformance/builders.rs"]
mod builders;
#[path = "conformance/coverage.rs"]
mod coverage;
#[path = "conformance/operations.rs"]
mod operations;
#[path = "conformance/requests.rs"]
mod requests;
#[path = "conformance/round_trip.rs"]
mod round_trip;
#[path = "conformance/samples.rs"]
mod samples;
#[path = "conformance/spec.rs"]
mod spec;
#[path = "conformance/table.rs"]
mod table;

#[path = "support/mod.rs"]
mod support;
