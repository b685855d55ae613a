//! The library itself: versions, the manifest, freeing.

use std::ffi::{CStr, CString};

use libc::c_char;
use once_cell::sync::Lazy;
use serde_json::Value;

use knock::{Operation, operations};

use crate::abi_version::KNOCK_ABI_VERSION;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

static MANIFEST: Lazy<CString> = Lazy::new(|| {
    let manifest: Vec<Value> = operations().map(Operation::manifest).collect();
    let manifest =
        serde_json::json!({"version": env!("CARGO_PKG_VERSION"), "operations": manifest});
    CString::new(manifest.to_string()).unwrap_or_default()
});

/// The version of the library, such as "1.2.3".
///
/// The text is static: it is never freed. Any thread.
///
/// ```c
/// printf("libknock %s\n", knock_version());
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version of the ABI that the library has. A program refuses a library with another one
/// than the KNOCK_ABI_VERSION it was compiled with.
///
/// Any thread.
///
/// ```c
/// if (knock_abi_version() != KNOCK_ABI_VERSION) abort();
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_abi_version() -> u32 {
    KNOCK_ABI_VERSION
}

/// Every operation as JSON, to build a binding from or to look one up: `{"version",
/// "operations": [{"name", "operation_id", "function", "method", "path", "parameters", "body",
/// "response", "tier", "pagination", "repeatable", "deprecated", "doc"}]}`.
///
/// The text is static: it is never freed. Any thread.
///
/// ```c
/// puts(knock_operations());
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_operations() -> *const c_char {
    MANIFEST.as_ptr()
}

/// Frees a string that a function of this library wrote to an out-parameter. NULL is fine.
///
/// Each string is freed once; what the library calls static is not freed. Any thread.
///
/// ```c
/// knock_string_free(response);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: the caller hands back what `text::give` made, and does so once.
        drop(unsafe { CString::from_raw(string) });
    }
}
