//! Logging through a function of the caller.

use std::ffi::CString;

use libc::{c_char, c_void};

use knock::json::fork::Held;
use knock::{Error, Level, Logger, set_logger};

use crate::callback::{Callback, Current};
use crate::guard::{Outcome, guard};
use crate::status::KnockStatus;

/// Severity of a log line.
pub type KnockLogLevel = i32;

/// No lines.
pub const KNOCK_LOG_OFF: KnockLogLevel = 0;
/// An attempt failed, and its call with it.
pub const KNOCK_LOG_ERROR: KnockLogLevel = 1;
/// An attempt failed and is repeated.
pub const KNOCK_LOG_WARN: KnockLogLevel = 2;
/// Reserved; no message uses this level yet.
pub const KNOCK_LOG_INFO: KnockLogLevel = 3;
/// An attempt succeeded.
pub const KNOCK_LOG_DEBUG: KnockLogLevel = 4;

/// Receives a log line without a line break. The text is valid during the call. It is called
/// from any thread, also from several at once, and neither throws nor jumps out.
pub type KnockLogCallback =
    Option<unsafe extern "C" fn(level: KnockLogLevel, line: *const c_char, user_data: *mut c_void)>;

type LogFunction = unsafe extern "C" fn(KnockLogLevel, *const c_char, *mut c_void);

static CURRENT: Current<LogFunction> = Current::new();

pub(super) fn hold() -> Box<dyn Held> {
    CURRENT.hold()
}

/// # Logging
///
/// Sends log lines up to a level to a function, for all clients of the process: one line per
/// attempt with operation, status, time and request id, never a secret. NULL or KNOCK_LOG_OFF
/// turns it off, as it is at first.
///
/// May be called while calls run. When it returns, the function that was set before is not
/// running and is not called again, so that its user_data may be freed. From inside any callback
/// of this library it does not wait: the function before may still run on other threads, and its
/// user_data must live on. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_ARGUMENT for a level that is none.
///
/// ```c
/// knock_set_log_callback(KNOCK_LOG_DEBUG, print_line, stderr);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_set_log_callback(
    level: KnockLogLevel,
    function: KnockLogCallback,
    user_data: *mut c_void,
) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let level = match level {
                KNOCK_LOG_OFF => None,
                KNOCK_LOG_ERROR => Some(Level::Error),
                KNOCK_LOG_WARN => Some(Level::Warn),
                KNOCK_LOG_INFO => Some(Level::Info),
                KNOCK_LOG_DEBUG => Some(Level::Debug),
                _ => return Err(Error::invalid("there is no such log level").into()),
            };
            set(level.zip(function), user_data);
            Ok(Outcome::Nothing)
        })
    }
}

fn set(wanted: Option<(Level, LogFunction)>, user_data: *mut c_void) {
    let level = wanted.map_or(Level::Error, |(level, _)| level);
    let next = wanted.map(|(_, function)| Callback::new(function, user_data));
    CURRENT.set(next, |next| {
        let logger = next.map(|callback| {
            let write = move |level: Level, line: &str| write(&callback, level, line);
            Box::new(write) as Logger
        });
        set_logger(level, logger);
    });
}

fn write(callback: &Callback<LogFunction>, level: Level, line: &str) {
    let Ok(line) = CString::new(line) else {
        return;
    };
    // SAFETY: the text lives until the function returns, and whoever set the callback promised
    // that it may be called like this.
    callback.run(|function, user_data| unsafe {
        function(level as KnockLogLevel, line.as_ptr(), user_data);
    });
}
