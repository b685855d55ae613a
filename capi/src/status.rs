//! Statuses that functions return.

use std::ffi::CStr;

use libc::c_char;

use knock::ErrorKind;

/// Result of a call. Values above 1 are failures, and come with an error object where the
/// function has an out-parameter for text.
pub type KnockStatus = i32;

/// It worked.
pub const KNOCK_OK: KnockStatus = 0;
/// The pager has no further page, or the bulk run takes no more records.
pub const KNOCK_DONE: KnockStatus = 1;
/// The arguments cannot be sent: NULL, not UTF-8, not JSON, an unknown operation, a missing,
/// unknown or ill-typed parameter. Nothing was sent.
pub const KNOCK_INVALID_ARGUMENT: KnockStatus = 2;
/// The handle was closed, is of another kind, or never was one. Nothing was sent.
pub const KNOCK_INVALID_HANDLE: KnockStatus = 3;
/// The configuration cannot work: an unknown key or an impossible value.
pub const KNOCK_CONFIG: KnockStatus = 4;
/// The server responded with a status of 400 or above, other than 429.
pub const KNOCK_API: KnockStatus = 5;
/// The server responded with 429, or the rate limit had no slot within the deadline.
pub const KNOCK_RATE_LIMITED: KnockStatus = 6;
/// An attempt ran out of its timeout, or the call out of its deadline.
pub const KNOCK_TIMEOUT: KnockStatus = 7;
/// No response could be had: name resolution, connecting, TLS, or a connection that broke.
pub const KNOCK_TRANSPORT: KnockStatus = 8;
/// The response cannot be used: not JSON, cut short, too large, or a redirect.
pub const KNOCK_RESPONSE: KnockStatus = 9;
/// The client or the pager was closed while the call ran.
pub const KNOCK_CLOSED: KnockStatus = 10;
/// The interrupt callback ended the call.
pub const KNOCK_INTERRUPTED: KnockStatus = 11;
/// The signature of a webhook does not hold; the error's `code` tells why.
pub const KNOCK_INVALID_SIGNATURE: KnockStatus = 12;
/// A defect of the library, contained. The message says what happened; please report it.
pub const KNOCK_PANIC: KnockStatus = 99;

/// The status that stands for a kind of error.
pub(super) const fn of_kind(kind: ErrorKind) -> KnockStatus {
    match kind {
        ErrorKind::InvalidArgument => KNOCK_INVALID_ARGUMENT,
        ErrorKind::Config => KNOCK_CONFIG,
        ErrorKind::Api => KNOCK_API,
        ErrorKind::RateLimited => KNOCK_RATE_LIMITED,
        ErrorKind::Timeout => KNOCK_TIMEOUT,
        ErrorKind::Transport => KNOCK_TRANSPORT,
        ErrorKind::Response => KNOCK_RESPONSE,
        ErrorKind::Closed => KNOCK_CLOSED,
        ErrorKind::Interrupted => KNOCK_INTERRUPTED,
        ErrorKind::InvalidSignature => KNOCK_INVALID_SIGNATURE,
        // A test shows that there is no other kind.
        _ => KNOCK_PANIC,
    }
}

const fn name(status: KnockStatus) -> &'static CStr {
    match status {
        KNOCK_OK => c"KNOCK_OK",
        KNOCK_DONE => c"KNOCK_DONE",
        KNOCK_INVALID_ARGUMENT => c"KNOCK_INVALID_ARGUMENT",
        KNOCK_INVALID_HANDLE => c"KNOCK_INVALID_HANDLE",
        KNOCK_CONFIG => c"KNOCK_CONFIG",
        KNOCK_API => c"KNOCK_API",
        KNOCK_RATE_LIMITED => c"KNOCK_RATE_LIMITED",
        KNOCK_TIMEOUT => c"KNOCK_TIMEOUT",
        KNOCK_TRANSPORT => c"KNOCK_TRANSPORT",
        KNOCK_RESPONSE => c"KNOCK_RESPONSE",
        KNOCK_CLOSED => c"KNOCK_CLOSED",
        KNOCK_INTERRUPTED => c"KNOCK_INTERRUPTED",
        KNOCK_INVALID_SIGNATURE => c"KNOCK_INVALID_SIGNATURE",
        KNOCK_PANIC => c"KNOCK_PANIC",
        _ => c"unknown",
    }
}

/// # The library
///
/// The name of a status, such as "KNOCK_OK"; "unknown" for a number that is none.
///
/// The text is static: it is never freed. Any thread.
///
/// ```c
/// printf("%s\n", knock_status_name(status));
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_status_name(status: KnockStatus) -> *const c_char {
    name(status).as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_the_names_of_their_statuses() {
        for kind in ErrorKind::ALL {
            let status = name(of_kind(*kind)).to_str().unwrap();
            let expected = format!("KNOCK_{}", kind.as_str().to_uppercase());
            assert_eq!(status, expected);
        }
        assert_eq!(name(98), c"unknown");
    }
}
