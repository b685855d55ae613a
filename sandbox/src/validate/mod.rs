//! Checking what arrives against what the API declares.

pub(crate) mod bodies;
mod params;
pub(crate) mod seeds;
mod shape;

pub(crate) use params::{Paging, Params, TimeRange};
pub(crate) use shape::{Shape, check};
