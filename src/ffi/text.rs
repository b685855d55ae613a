//! Text over the border: C strings in, owned C strings out.

use std::ffi::{CStr, CString};

use libc::c_char;

use crate::error::Error;

/// Reads an argument. NULL is nothing; text that is not UTF-8 is an error that names it.
///
/// # Safety
///
/// `pointer` is NULL or points to text that ends in NUL and stays as it is during `'a`.
pub(super) unsafe fn read<'a>(
    pointer: *const c_char,
    argument: &str,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    let text = text.to_str().map_err(|error| {
        Error::invalid(format!(
            "{argument} is not UTF-8: the byte at {} cannot be there",
            error.valid_up_to()
        ))
    })?;
    Ok(Some(text))
}

/// Text as a string that the other side owns until it gives it to `knock_string_free`.
pub(super) fn give(text: String) -> *mut c_char {
    // JSON has no NUL, so the text is cut nowhere.
    let text = CString::new(text).unwrap_or_else(|error| {
        let end = error.nul_position();
        let mut bytes = error.into_vec();
        bytes.truncate(end);
        CString::new(bytes).unwrap_or_default()
    });
    text.into_raw()
}
