//! Pagers: lists that are longer than a page.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use libc::c_char;

use knock::json::fork::Held;
use knock::json::{JsonPager, lock, until};
use knock::{Error, ErrorKind};

use crate::client::{KnockClient, Open, open, required, too_many};
use crate::guard::{Failure, Outcome, guard, write};
use crate::handles::Table;
use crate::status::KnockStatus;
use crate::text;

/// A pager: a number, 0 is never one. Threads that use it at once take turns.
pub type KnockPager = u64;

static PAGERS: Table<Arc<OpenPager>> = Table::new(2);

pub(super) fn hold() -> Box<dyn Held> {
    PAGERS.hold()
}

struct OpenPager {
    pager: Mutex<JsonPager>,
    operation: &'static str,
    /// Ends the call that waits.
    closed: Arc<AtomicBool>,
    /// Keeps the client from being closed with its handle.
    _client: Arc<Open>,
}

/// # Pagers
///
/// Starts to page through a list, from the start or from the cursor in the request: forward
/// from `after`, backward from `before`. Nothing is sent yet, unless `request_options` says
/// `"prefetch": true`: then one page is fetched ahead, on a thread of its own, while the caller
/// works on the last one.
///
/// `*pager` is the handle, 0 on failure. `*error_json` is NULL, or on failure the error object,
/// which the caller frees with knock_string_free; error_json itself may be NULL. The pager keeps
/// its client alive and is closed with knock_pager_close. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE; KNOCK_INVALID_ARGUMENT for a request that cannot be sent, an
/// operation that is not a paginated list, or a NULL pager.
///
/// ```c
/// status = knock_pager_new(client, "users.list", "{\"page_size\": 50}", &pager, &error);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_pager_new(
    client: KnockClient,
    operation: *const c_char,
    request_json: *const c_char,
    pager: *mut KnockPager,
    error_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        write(pager, 0);
        guard(error_json, || {
            if pager.is_null() {
                return Err(Error::invalid("pager is NULL; it must point to a KnockPager").into());
            }
            let client = open(client)?;
            let operation = required(text::read(operation, "operation")?)?;
            let request = text::read(request_json, "request_json")?.unwrap_or_default();
            let open = OpenPager {
                pager: Mutex::new(JsonPager::new(&client.0, operation, request)?),
                operation: knock::operation(operation)?.name,
                closed: Arc::default(),
                _client: client,
            };
            let handle = PAGERS.insert(Arc::new(open));
            write(pager, handle.ok_or_else(|| too_many("pagers"))?);
            Ok(Outcome::Nothing)
        })
    }
}

/// Fetches the next page.
///
/// `*page_json` is the page as the server sent it, NULL after the last one, and on failure the
/// error object. The caller frees it with knock_string_free; page_json itself may be NULL. A
/// pager that failed stays where it was: the next call asks for the same page again. Where the
/// cursors of the list go in a circle, so that it has no end, each further call is
/// KNOCK_RESPONSE. Blocks until the call is over. Any thread; threads that use one pager take
/// turns.
///
/// KNOCK_OK; KNOCK_DONE after the last page; any other status.
///
/// ```c
/// while ((status = knock_pager_next(pager, &page)) == KNOCK_OK) use_and_free(page);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_pager_next(
    pager: KnockPager,
    page_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointer is NULL or valid, as the header says.
    unsafe {
        guard(page_json, || {
            let open = PAGERS.get(pager).ok_or(void(pager))?;
            let page = open.next()?;
            Ok(page.map_or(Outcome::Done, Outcome::Text))
        })
    }
}

/// Closes a pager. The handle is invalid afterwards; a call that waits on it ends with
/// KNOCK_CLOSED, without waiting for the server. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE.
///
/// ```c
/// knock_pager_close(pager);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_pager_close(pager: KnockPager) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let open = PAGERS.remove(pager).ok_or(void(pager))?;
            open.closed.store(true, Ordering::Release);
            Ok(Outcome::Nothing)
        })
    }
}

impl OpenPager {
    /// The next page, unless the pager is closed before it is there.
    fn next(&self) -> Result<Option<String>, Error> {
        let mut pager = lock(&self.pager);
        let is_closed = || self.closed.load(Ordering::Acquire);
        let closed = || Error::new(ErrorKind::Closed, "the pager is closed").at(self.operation);
        if is_closed() {
            return Err(closed());
        }
        let page = until(&self.closed, || pager.next_page());
        page.map_err(|error| match error.kind() {
            ErrorKind::Interrupted if is_closed() => closed().with_attempts(error.attempts()),
            _ => error,
        })
    }
}

fn void(pager: KnockPager) -> Failure {
    Failure::InvalidHandle {
        kind: "pager",
        handle: pager,
    }
}
