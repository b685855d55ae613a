//! Text over the border: C strings in, owned C strings out.

use std::ffi::{CStr, CString};

use libc::c_char;

use knock::Error;

/// Reads an argument. NULL is nothing; text that is not UTF-8 is an error that names it.
///
/// # Safety
///
/// `pointer` is NULL or points to text that ends in NUL and stays as it is during `'a`.
pub(super) unsafe fn read<'a>(
    pointer: *const c_char,
    argument: &str,
) -> Result<Option<&'a str>, Error> {
    // SAFETY: as the caller promises.
    let Some(text) = (unsafe { bytes(pointer) }) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(text).map_err(|error| {
        Error::invalid(format!(
            "{argument} is not UTF-8: the byte at {} cannot be there",
            error.valid_up_to()
        ))
    })?;
    Ok(Some(text))
}

/// Reads an argument that may not be UTF-8. NULL is nothing.
///
/// # Safety
///
/// As [`read`].
pub(super) unsafe fn bytes<'a>(pointer: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and the rest is the caller's promise.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_bytes())
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
