//! Checking what arrives against what the API declares.

pub(crate) mod bodies;
mod params;
mod shape;

pub(crate) use params::{Paging, Params, TimeRange};
pub(crate) use shape::{Field, Shape, check, optional, required};
