//! Ending calls that wait, when a function of the caller says so.

use std::thread;

use libc::c_void;

use knock::json::fork::Held;
use knock::{InterruptHook, set_interrupt_hook};

use crate::callback::{self, Callback, Current};
use crate::guard::{Outcome, guard};
use crate::status::KnockStatus;

/// Says whether the call that asks is to end: 0 to go on, anything else to end it. It is called
/// on the thread that set it, and neither throws nor jumps out.
pub type KnockInterruptCallback = Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>;

type InterruptFunction = unsafe extern "C" fn(*mut c_void) -> i32;

static CURRENT: Current<InterruptFunction> = Current::new();

pub(super) fn hold() -> Box<dyn Held> {
    CURRENT.hold()
}

/// # Interrupts
///
/// Sets a function that is asked while a call of this thread waits: for the server, its next
/// attempt, a place in the rate limit or a connection. Set it on the thread that handles signals;
/// calls of other threads do not ask it, and are ended by knock_client_close. It is asked ten
/// times a second and at once after a signal was handled, but not from inside a callback; where
/// it returns another value than 0 the call ends with KNOCK_INTERRUPTED. Process-wide; NULL turns
/// it off, as it is at first.
///
/// It makes a program that waits answer to Ctrl-C. Name resolution and connecting are not
/// interrupted; they end within connect_timeout_ms. May be called while calls run. When it
/// returns, the function that was set before is not running and is not called again. From inside
/// any callback of this library it does not wait: the function before may still run on another
/// thread, and its user_data must live on. Any thread.
///
/// KNOCK_OK.
///
/// ```c
/// knock_set_interrupt_callback(was_ctrl_c_pressed, NULL);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_set_interrupt_callback(
    function: KnockInterruptCallback,
    user_data: *mut c_void,
) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            set(function, user_data);
            Ok(Outcome::Nothing)
        })
    }
}

fn set(function: Option<InterruptFunction>, user_data: *mut c_void) {
    let next = function.map(|function| Callback::new(function, user_data));
    let owner = thread::current().id();
    CURRENT.set(next, |next| {
        set_interrupt_hook(next.map(|callback| {
            let ask = move || thread::current().id() == owner && asks_to_end(&callback);
            Box::new(ask) as InterruptHook
        }));
    });
}

fn asks_to_end(callback: &Callback<InterruptFunction>) -> bool {
    if callback::is_inside() {
        return false;
    }
    // SAFETY: whoever set the callback promised that it may be called like this.
    let answer = callback.run(|function, user_data| unsafe { function(user_data) });
    answer.is_some_and(|answer| answer != 0)
}
