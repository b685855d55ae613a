//! The frame around the work of every function: out-parameters are always written, failures
//! become a status and an error object, and no panic crosses into C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::c_char;

use knock::Error;

use crate::status::{self, KNOCK_DONE, KNOCK_INVALID_HANDLE, KNOCK_OK, KNOCK_PANIC, KnockStatus};
use crate::text;

/// Result of a function that succeeded.
pub(super) enum Outcome {
    Nothing,
    Text(String),
    Done,
}

/// A failure: an error of the library, or one that only exists at this border.
pub(super) enum Failure {
    Error(Error),
    InvalidHandle { kind: &'static str, handle: u64 },
    Panic(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    fn status(&self) -> KnockStatus {
        match self {
            Self::Error(error) => status::of_kind(error.kind()),
            Self::InvalidHandle { .. } => KNOCK_INVALID_HANDLE,
            Self::Panic(_) => KNOCK_PANIC,
        }
    }

    fn into_json(self) -> String {
        let (kind, message) = match self {
            Self::Error(error) => return error.to_json().to_string(),
            Self::InvalidHandle { kind, handle } => (
                "invalid_handle",
                format!("{handle} is no open {kind}: it was closed, is another thing's or made up"),
            ),
            Self::Panic(message) => (
                "panic",
                format!("the library failed and contained it; please report this: {message}"),
            ),
        };
        let mut json = Error::invalid(message).to_json();
        json["error"]["kind"] = kind.into();
        json.to_string()
    }
}

/// Runs the work of a function: `text` receives what it has to say, NULL where that is nothing.
///
/// # Safety
///
/// `text` is NULL or may be written to.
pub(super) unsafe fn guard(
    text: *mut *mut c_char,
    work: impl FnOnce() -> Result<Outcome, Failure>,
) -> KnockStatus {
    // SAFETY: as the caller promises.
    unsafe { write(text, std::ptr::null_mut()) };
    // What a panic leaves behind is guarded by locks that are whole between statements.
    let result = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Panic(message(&*panic))));
    let (status, said) = match result {
        Ok(Outcome::Nothing) => return KNOCK_OK,
        Ok(Outcome::Done) => return KNOCK_DONE,
        Ok(Outcome::Text(said)) => (KNOCK_OK, said),
        Err(failure) if text.is_null() => return failure.status(),
        Err(failure) => (failure.status(), failure.into_json()),
    };
    if !text.is_null() {
        // SAFETY: as the caller promises.
        unsafe { write(text, text::give(said)) };
    }
    status
}

/// Writes to an out-parameter, which may be NULL.
///
/// # Safety
///
/// `place` is NULL or may be written to.
pub(super) unsafe fn write<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not NULL, and the rest is the caller's promise.
        unsafe { place.write(value) };
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::ptr;

    use serde_json::Value;

    /// Runs some work, and takes what it said out of a place that held something else before.
    fn run(work: impl FnOnce() -> Result<Outcome, Failure>) -> (KnockStatus, Option<String>) {
        let mut text = ptr::dangling_mut();
        // SAFETY: the place may be written to.
        let status = unsafe { guard(&mut text, work) };
        if text.is_null() {
            return (status, None);
        }
        // SAFETY: the guard wrote text that it gave away.
        let said = unsafe { CString::from_raw(text) };
        (status, Some(said.into_string().unwrap()))
    }

    fn error(text: Option<String>) -> Value {
        let value: Value = serde_json::from_str(&text.expect("an error object")).unwrap();
        value["error"].clone()
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let (status, text) = run(|| panic!("slot {} is gone", 7));
        let error = error(text);
        assert_eq!(status, KNOCK_PANIC);
        assert_eq!(error["kind"], "panic");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .ends_with("slot 7 is gone")
        );
    }

    #[test]
    fn the_text_is_null_where_there_is_nothing_to_say() {
        assert_eq!(run(|| Ok(Outcome::Nothing)), (KNOCK_OK, None));
        assert_eq!(run(|| Ok(Outcome::Done)), (KNOCK_DONE, None));
    }

    #[test]
    fn every_failure_has_the_same_keys() {
        let (_, panicked) = run(|| panic!("at once"));
        let (status, invalid) = run(|| {
            Err(Failure::InvalidHandle {
                kind: "client",
                handle: 0,
            })
        });
        let (_, argument) = run(|| Err(Error::invalid("no").into()));
        let keys =
            |text| -> Vec<String> { error(text).as_object().unwrap().keys().cloned().collect() };
        assert_eq!(status, KNOCK_INVALID_HANDLE);
        let expected = keys(argument);
        assert_eq!(keys(panicked), expected);
        assert_eq!(keys(invalid), expected);
    }

    #[test]
    fn a_caller_may_want_the_status_alone() {
        // SAFETY: NULL is allowed.
        let status = unsafe { guard(ptr::null_mut(), || Ok(Outcome::Text("{}".into()))) };
        assert_eq!(status, KNOCK_OK);
    }
}
