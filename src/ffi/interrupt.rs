//! Ending calls that wait, when a function of the caller says so.

use std::sync::{Arc, Mutex};

use libc::c_void;

use crate::ffi::callback::Callback;
use crate::ffi::guard::{Outcome, guard};
use crate::ffi::status::KnockStatus;
use crate::interrupt::set_interrupt_hook;
use crate::sync::lock;

/// Says whether the call that asks is to end: 0 to go on, anything else to end it. It is called
/// on the thread of the call, so from several at once, and neither throws nor jumps out.
pub type KnockInterruptCallback = Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>;

type InterruptFunction = unsafe extern "C" fn(*mut c_void) -> i32;

static CURRENT: Mutex<Option<Arc<Callback<InterruptFunction>>>> = Mutex::new(None);

/// # Interrupts
///
/// Sets a function that is asked while a call waits: for the server, its next attempt, a place
/// in the rate limit or a connection. It is asked ten times a second and at once after a signal
/// was handled; where it returns another value than 0 the call ends with KNOCK_INTERRUPTED.
/// Process-wide; NULL turns it off, as it is at first.
///
/// It makes a program that waits answer to Ctrl-C. Name resolution and connecting are not
/// interrupted; they end within connect_timeout_ms. May be called while calls run. When it
/// returns, the function that was set before is not running and is not called again; only a
/// callback that calls this itself is not waited for. Any thread.
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
    let mut current = lock(&CURRENT);
    let next = function.map(|function| Arc::new(Callback::new(function, user_data)));
    let before = std::mem::replace(&mut *current, next.clone());
    set_interrupt_hook(next.map(|callback| {
        let ask = move || asks_to_end(&callback);
        Box::new(ask) as crate::InterruptHook
    }));
    drop(current);
    if let Some(before) = before {
        before.retire();
    }
}

fn asks_to_end(callback: &Callback<InterruptFunction>) -> bool {
    // SAFETY: whoever set the callback promised that it may be called like this.
    let answer = callback.run(|function, user_data| unsafe { function(user_data) });
    answer.is_some_and(|answer| answer != 0)
}
