//! Reading JSON.

use serde::Deserialize;

/// Reads JSON, checked as UTF-8 in one go. Left to the parser, which does so string by string, that
/// is a quarter of what a user costs.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(json),
    }
}
