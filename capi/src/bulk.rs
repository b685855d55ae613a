//! Bulk runs: any number of users identified, deleted or given preferences.

use std::ffi::CString;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use libc::{c_char, c_void};

use knock::Error;
use knock::bulk::{BulkCancel, BulkProgress, BulkSummary};
use knock::json::fork::Held;
use knock::json::{JsonBulk, lock};

use crate::callback::Callback;
use crate::client::{KnockClient, Open, open, required, too_many};
use crate::guard::{Failure, Outcome, guard, write};
use crate::handles::Table;
use crate::status::KnockStatus;
use crate::text;

/// A bulk run: a number, 0 is never one. Threads that use it at once take turns.
pub type KnockBulk = u64;

/// Is told how far a bulk run is, as a JSON object: `read`, `sent`, `processed`, `failed` and
/// `bad_records` count records; `total` and `remaining_ms` are null while they are not known;
/// `elapsed_ms`. The text is valid during the call. It is called on the thread that pushes or
/// finishes. It may cancel the run, but not use it otherwise, and neither throws nor jumps out.
pub type KnockBulkProgress =
    Option<unsafe extern "C" fn(progress_json: *const c_char, user_data: *mut c_void)>;

/// Is given the state of a bulk run, as a JSON object: the summary that the run would have, were it
/// to end now. As the option `resume` of another run it says where to go on. The text is valid
/// during the call. It is called on the thread that pushes or finishes. It may cancel the run, but
/// not use it otherwise, and neither throws nor jumps out.
pub type KnockBulkState =
    Option<unsafe extern "C" fn(state_json: *const c_char, user_data: *mut c_void)>;

/// Both kinds of function that a run calls.
type ProgressFunction = unsafe extern "C" fn(*const c_char, *mut c_void);

static RUNS: Table<Arc<OpenRun>> = Table::new(3);

pub(super) fn hold() -> Box<dyn Held> {
    RUNS.hold()
}

struct OpenRun {
    run: Mutex<JsonBulk>,
    cancel: BulkCancel,
    /// Whose turn it is.
    user: Mutex<Option<ThreadId>>,
    /// Keeps the client from being closed with its handle.
    _client: Arc<Open>,
}

/// # Bulk runs
///
/// Starts a bulk run of users.bulk.identify, users.bulk.delete or users.bulk.set_preferences:
/// one call for any number of users, sent in chunks at the pace that the service allows, and
/// followed to its end. Nothing is sent yet. docs/bulk.md says what a run promises.
///
/// Keys of the options, all of them optional; NULL or "" means {}:
/// - `preferences`: the set that the users get; required for users.bulk.set_preferences.
/// - `total`: how many records there will be, to estimate the time that remains.
/// - `max_records`: most records of a call, 1000.
/// - `max_body_bytes`: most bytes of a call's body, 4194304.
/// - `poll_interval_ms`, `max_poll_interval_ms`: the wait before asking how far the service is,
///   for the first time (250) and at most (10000).
/// - `stall_timeout_ms`: how long an operation that makes no progress is followed, 900000.
/// - `resume`: the summary of a run that was interrupted, to go on with the same records.
///
/// `*bulk` is the handle, 0 on failure. `*error_json` is NULL, or on failure the error object,
/// which the caller frees with knock_string_free; error_json itself may be NULL. The run keeps
/// its client alive and is closed with knock_bulk_close. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE; KNOCK_INVALID_ARGUMENT for another operation, options that
/// cannot be, a summary of other work, or a NULL bulk.
///
/// ```c
/// status = knock_bulk_new(client, "users.bulk.identify", NULL, &bulk, &error);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_bulk_new(
    client: KnockClient,
    operation: *const c_char,
    options_json: *const c_char,
    bulk: *mut KnockBulk,
    error_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        write(bulk, 0);
        guard(error_json, || {
            if bulk.is_null() {
                return Err(Error::invalid("bulk is NULL; it must point to a KnockBulk").into());
            }
            let client = open(client)?;
            let operation = required(text::read(operation, "operation")?)?;
            let options = text::read(options_json, "options_json")?.unwrap_or_default();
            let (run, cancel) = JsonBulk::new(&client.0, operation, options)?;
            let open = OpenRun {
                run: Mutex::new(run),
                cancel,
                user: Mutex::new(None),
                _client: client,
            };
            let handle = RUNS.insert(Arc::new(open));
            write(bulk, handle.ok_or_else(|| too_many("bulk runs"))?);
            Ok(Outcome::Nothing)
        })
    }
}

/// Gives a run one record, a JSON array of them, or newline-delimited JSON; any number of times.
/// A record is a user with an `id`, or where only ids are needed also a plain JSON string.
///
/// Sends whenever there is enough for a call, and blocks meanwhile. A record that cannot be sent
/// stops nothing: the summary names it with its position. So it is with a line that is not JSON
/// or not UTF-8.
///
/// `*error_json` is NULL, or on failure the error object, which the caller frees with
/// knock_string_free; error_json itself may be NULL. Any thread; threads that use one run take
/// turns.
///
/// KNOCK_OK; KNOCK_DONE when the run has ended early or was finished, and takes no more;
/// KNOCK_INVALID_HANDLE; KNOCK_INVALID_ARGUMENT for an array over several lines that is not JSON,
/// of which nothing was taken, and from inside the function that is told the progress.
///
/// ```c
/// status = knock_bulk_push(bulk, "{\"id\": \"jane\", \"plan\": \"pro\"}", &error);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_bulk_push(
    bulk: KnockBulk,
    items_json: *const c_char,
    error_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(error_json, || {
            let items = text::bytes(items_json).unwrap_or_default();
            let goes_on = find(bulk)?.with(|run| run.push(items))??;
            Ok(if goes_on {
                Outcome::Nothing
            } else {
                Outcome::Done
            })
        })
    }
}

/// Sets the function that is told how far a run is. NULL turns it off, as it is at first.
///
/// When it returns, the function that was set before is not running and is not called again.
/// Any thread; threads that use one run take turns.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE; KNOCK_INVALID_ARGUMENT from inside such a function.
///
/// ```c
/// knock_bulk_on_progress(bulk, print_progress, NULL);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_bulk_on_progress(
    bulk: KnockBulk,
    function: KnockBulkProgress,
    user_data: *mut c_void,
) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let callback = function.map(|function| Callback::new(function, user_data));
            let observer = callback.map(|callback| {
                let tell = move |progress: &BulkProgress| {
                    tell(
                        &callback,
                        serde_json::to_string(progress).unwrap_or_default(),
                    );
                };
                Box::new(tell) as Box<dyn FnMut(&BulkProgress) + Send>
            });
            find(bulk)?.with(|run| run.on_progress(observer))?;
            Ok(Outcome::Nothing)
        })
    }
}

/// Sets the function that is given the state of a run after each chunk that the service
/// acknowledged. NULL turns it off, as it is at first.
///
/// A run that resumes from the latest state sends nothing twice that was acknowledged, even where
/// the process was killed. Write it to a file whole or not at all.
///
/// When it returns, the function that was set before is not running and is not called again.
/// Any thread; threads that use one run take turns.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE; KNOCK_INVALID_ARGUMENT from inside such a function.
///
/// ```c
/// knock_bulk_on_acknowledged(bulk, write_state, NULL);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_bulk_on_acknowledged(
    bulk: KnockBulk,
    function: KnockBulkState,
    user_data: *mut c_void,
) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let callback = function.map(|function| Callback::new(function, user_data));
            let keeper = callback.map(|callback| {
                let tell = move |state: &BulkSummary| {
                    tell(&callback, serde_json::to_string(state).unwrap_or_default());
                };
                Box::new(tell) as Box<dyn FnMut(&BulkSummary) + Send>
            });
            find(bulk)?.with(|run| run.on_acknowledged(keeper))?;
            Ok(Outcome::Nothing)
        })
    }
}

/// Sends what is left, follows the work to its end, and says what became of it all. Blocks until
/// then. Again, it gives the same summary again.
///
/// `*summary_json` is an object: `operation`; `read`, `accepted`, `processed`, `succeeded` and
/// `failed` count records; `failures` name the users that failed and why, `bad_records` the
/// records that were left out with their positions, `unacknowledged` the chunks that the
/// service never acknowledged, `pending` the operations that are not at their end;
/// `interrupted` says why the run ended early, or is null. As the option `resume` of another
/// run it says where to go on. The caller frees it with knock_string_free; summary_json itself
/// may be NULL. On failure it is the error object. Any thread; threads that use one run take
/// turns.
///
/// KNOCK_OK, also when some or all of the work failed; KNOCK_INVALID_HANDLE;
/// KNOCK_INVALID_ARGUMENT from inside the function that is told the progress.
///
/// ```c
/// status = knock_bulk_finish(bulk, &summary);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_bulk_finish(
    bulk: KnockBulk,
    summary_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointer is NULL or valid, as the header says.
    unsafe {
        guard(summary_json, || {
            let summary = find(bulk)?.with(JsonBulk::finish)??;
            Ok(Outcome::Text(summary))
        })
    }
}

/// Ends a run early: it sends nothing more, and knock_bulk_finish returns the summary. A call that
/// sends records comes to its end first, so that nothing acknowledged is lost; other waits end.
/// Returns at once. Any thread, also from inside the function that is told the progress.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE.
///
/// ```c
/// knock_bulk_cancel(bulk);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_bulk_cancel(bulk: KnockBulk) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            find(bulk)?.cancel.cancel();
            Ok(Outcome::Nothing)
        })
    }
}

/// Closes a run. The handle is invalid afterwards. A run that was not finished is cancelled, and
/// what it had not sent is forgotten. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE.
///
/// ```c
/// knock_bulk_close(bulk);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_bulk_close(bulk: KnockBulk) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let open = RUNS.remove(bulk).ok_or(void(bulk))?;
            open.cancel.cancel();
            Ok(Outcome::Nothing)
        })
    }
}

impl OpenRun {
    /// Waits for its turn; refuses a thread that would wait for itself.
    fn with<T>(&self, work: impl FnOnce(&mut JsonBulk) -> T) -> Result<T, Error> {
        struct Turn<'a>(&'a OpenRun);

        impl Drop for Turn<'_> {
            fn drop(&mut self) {
                *lock(&self.0.user) = None;
            }
        }

        let me = Some(thread::current().id());
        if *lock(&self.user) == me {
            return Err(Error::invalid(
                "the function that is told the progress of a bulk run may cancel it, but not use \
                 it otherwise",
            ));
        }
        let mut run = lock(&self.run);
        *lock(&self.user) = me;
        let _turn = Turn(self);
        Ok(work(&mut run))
    }
}

fn find(bulk: KnockBulk) -> Result<Arc<OpenRun>, Failure> {
    RUNS.get(bulk).ok_or(void(bulk))
}

fn void(bulk: KnockBulk) -> Failure {
    Failure::InvalidHandle {
        kind: "bulk run",
        handle: bulk,
    }
}

fn tell(callback: &Callback<ProgressFunction>, json: String) {
    let Ok(json) = CString::new(json) else {
        return;
    };
    // SAFETY: the text lives until the function returns, and whoever set the callback promised
    // that it may be called like this.
    callback.run(|function, user_data| unsafe { function(json.as_ptr(), user_data) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    use knock_sandbox::Sandbox;
    use serde_json::{Value, json};

    use crate::client::{knock_client_close, knock_client_new};
    use crate::status::{KNOCK_DONE, KNOCK_INVALID_ARGUMENT, KNOCK_INVALID_HANDLE, KNOCK_OK};

    fn c(text: &str) -> CString {
        CString::new(text).unwrap()
    }

    fn taken(text: *mut c_char) -> Value {
        // SAFETY: the library gave the text away.
        let text = unsafe { CString::from_raw(text) };
        serde_json::from_str(text.to_str().unwrap()).unwrap()
    }

    fn client(sandbox: &Sandbox) -> KnockClient {
        let config = json!({"api_key": "sk_test", "base_url": sandbox.url(), "pacing": "off"});
        let mut client = 0;
        // SAFETY: the text ends in NUL and the place may be written to.
        let status = unsafe {
            knock_client_new(
                c(&config.to_string()).as_ptr(),
                &mut client,
                ptr::null_mut(),
            )
        };
        assert_eq!(status, KNOCK_OK);
        client
    }

    fn start(client: KnockClient, operation: &str, options: &Value) -> Result<KnockBulk, Value> {
        let (mut bulk, mut error) = (1, ptr::null_mut());
        let (operation, options) = (c(operation), c(&options.to_string()));
        // SAFETY: the texts end in NUL and the places may be written to.
        let status = unsafe {
            knock_bulk_new(
                client,
                operation.as_ptr(),
                options.as_ptr(),
                &mut bulk,
                &mut error,
            )
        };
        match status {
            KNOCK_OK => Ok(bulk),
            _ => Err(taken(error)["error"].clone()),
        }
    }

    fn push(bulk: KnockBulk, items: &str) -> KnockStatus {
        // SAFETY: the text ends in NUL.
        unsafe { knock_bulk_push(bulk, c(items).as_ptr(), ptr::null_mut()) }
    }

    fn finish(bulk: KnockBulk) -> Value {
        let mut summary = ptr::null_mut();
        // SAFETY: the place may be written to.
        assert_eq!(unsafe { knock_bulk_finish(bulk, &mut summary) }, KNOCK_OK);
        taken(summary)
    }

    fn quick() -> Value {
        json!({"poll_interval_ms": 1})
    }

    #[test]
    fn records_come_alone_in_arrays_and_by_lines() {
        let sandbox = Sandbox::start();
        let client = client(&sandbox);
        let bulk = start(client, "users.bulk.identify", &quick()).unwrap();
        assert_eq!(push(bulk, r#"{"id": "a", "n": 1}"#), KNOCK_OK);
        assert_eq!(push(bulk, r#"[{"id": "b"}, 7]"#), KNOCK_OK);
        assert_eq!(push(bulk, "{\"id\": \"c\"}\n{\"id\": \n"), KNOCK_OK);
        assert_eq!(push(bulk, "[{\"id\": \"d\"},\n7"), KNOCK_INVALID_ARGUMENT);
        let summary = finish(bulk);
        assert_eq!(
            (&summary["read"], &summary["succeeded"]),
            (&json!(5), &json!(3))
        );
        assert_eq!(summary["bad_records"][0]["position"], 2);
        assert_eq!(summary["bad_records"][1]["position"], 4);
        assert_eq!(finish(bulk), summary);
        assert_eq!(push(bulk, r#"{"id": "e"}"#), KNOCK_DONE);
        assert_eq!(knock_bulk_close(bulk), KNOCK_OK);
        assert_eq!(push(bulk, r#"{"id": "e"}"#), KNOCK_INVALID_HANDLE);
        assert_eq!(knock_bulk_close(bulk), KNOCK_INVALID_HANDLE);
        assert_eq!(sandbox.users().len(), 3);
        knock_client_close(client);
    }

    #[test]
    fn a_run_is_cancelled_from_its_progress_and_resumed() {
        extern "C" fn cancel(progress: *const c_char, bulk: *mut c_void) {
            // SAFETY: the text is valid during the call.
            let progress = unsafe { std::ffi::CStr::from_ptr(progress) };
            let progress: Value = serde_json::from_str(progress.to_str().unwrap()).unwrap();
            assert_eq!(progress["total"], 4);
            let bulk = bulk as KnockBulk;
            // SAFETY: NULL is allowed.
            let nested = unsafe { knock_bulk_finish(bulk, ptr::null_mut()) };
            assert_eq!(nested, KNOCK_INVALID_ARGUMENT);
            assert_eq!(knock_bulk_cancel(bulk), KNOCK_OK);
        }

        let sandbox = Sandbox::start();
        let client = client(&sandbox);
        let mut options = json!({"poll_interval_ms": 1, "max_records": 2, "total": 4});
        let bulk = start(client, "users.bulk.delete", &options).unwrap();
        let progress: KnockBulkProgress = Some(cancel);
        assert_eq!(
            knock_bulk_on_progress(bulk, progress, bulk as *mut c_void),
            KNOCK_OK
        );
        assert_eq!(push(bulk, r#"["a", {"id": "b"}, "c", "d"]"#), KNOCK_DONE);
        let summary = finish(bulk);
        assert_eq!(summary["interrupted"]["reason"], "cancelled");
        assert_eq!(summary["accepted"], 2);

        options["resume"] = summary;
        let bulk = start(client, "users.bulk.delete", &options).unwrap();
        assert_eq!(push(bulk, r#"["a", {"id": "b"}, "c", "d"]"#), KNOCK_OK);
        let summary = finish(bulk);
        assert_eq!(
            (&summary["interrupted"], &summary["succeeded"]),
            (&json!(null), &json!(4))
        );
        assert_eq!(
            sandbox.requests_to("POST", "/v1/users/bulk/delete").len(),
            2
        );
        knock_client_close(client);
    }

    #[test]
    fn a_run_that_cannot_be_is_refused() {
        let sandbox = Sandbox::start();
        let client = client(&sandbox);
        for (operation, options, message) in [
            ("users.get", json!({}), "not a bulk operation"),
            ("users.bulk.delete", json!({"resum": {}}), "resum"),
            (
                "users.bulk.delete",
                json!({"preferences": {}}),
                "set_preferences alone",
            ),
            (
                "users.bulk.set_preferences",
                json!({}),
                "preferences is required",
            ),
        ] {
            let error = start(client, operation, &options).unwrap_err();
            assert_eq!(error["kind"], "invalid_argument");
            assert!(
                error["message"].as_str().unwrap().contains(message),
                "{error}"
            );
        }
        assert_eq!(knock_bulk_cancel(client), KNOCK_INVALID_HANDLE);
        knock_client_close(client);
    }
}
