//! Clients and their calls.

use std::sync::Arc;

use libc::c_char;

use knock::json::fork::Held;
use knock::{Client, Error, Operation};

use crate::fork;
use crate::guard::{Failure, Outcome, guard, write};
use crate::handles::Table;
use crate::status::KnockStatus;
use crate::text;

/// A client: a number, 0 is never one. Any number of threads may use it at once.
pub type KnockClient = u64;

static CLIENTS: Table<Arc<Open>> = Table::new(1);

pub(super) fn hold() -> Box<dyn Held> {
    CLIENTS.hold()
}

/// A client that is open for as long as its handle or one of its pagers is.
pub(super) struct Open(pub Client);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

pub(super) fn open(client: KnockClient) -> Result<Arc<Open>, Failure> {
    CLIENTS.get(client).ok_or(Failure::InvalidHandle {
        kind: "client",
        handle: client,
    })
}

/// # Clients, and calls by name
///
/// Makes a client from a JSON object of settings; NULL or "" takes all of them from the
/// environment. Nothing is sent or connected yet.
///
/// Keys of the settings, all of them optional:
/// - `api_key`: the key, sk_* or pk_*; else KNOCK_API_KEY of the environment.
/// - `base_url`: where the API is; else KNOCK_BASE_URL, else https://api.knock.app.
/// - `branch`: the branch to work in; else KNOCK_BRANCH, else none.
/// - `user_token`: the signed token of the user to act for, none.
/// - `timeout_ms`: the time that one attempt may take, 60000.
/// - `connect_timeout_ms`: the time that resolving and connecting may take of it, 5000.
/// - `deadline_ms`: the time that a call may take, with all attempts and waits; no limit.
/// - `max_retries`: how many times a failed attempt is repeated where that is safe, 2.
/// - `pacing`: "on" to wait for a place in the published rate limits; "off"; or an object of
///   requests a second by tier, such as {"4": 500}, for an account with other limits. "on".
/// - `max_connections`: how many connections may be open at a time, 1 to 65535; 100.
/// - `idle_timeout_ms`: how long a connection may be idle and still be used again, 60000. One
///   that is older is closed by a later call, or with the client.
/// - `max_response_bytes`: the size that the body of a response may have, 67108864.
/// - `proxy`: an HTTP proxy, http://user:password@host:port, or "" for none; else HTTPS_PROXY or
///   ALL_PROXY of the environment, unless NO_PROXY covers the host.
/// - `ca_file`: a PEM file of certificate authorities to trust beside the bundled ones and those of
///   SSL_CERT_FILE and SSL_CERT_DIR of the environment, none.
/// - `headers`: more headers for every request, an object of text, none.
/// - `user_agent`: what to append to the library's User-Agent, none.
/// - `allow_http`: whether plain http to other hosts than this machine is accepted, false.
///
/// `*client` is the handle, 0 on failure. `*error_json` is NULL, or on failure the error object,
/// which the caller frees with knock_string_free; error_json itself may be NULL. The client is
/// closed with knock_client_close. Any thread.
///
/// KNOCK_OK; KNOCK_CONFIG for an unknown key or an impossible value; KNOCK_INVALID_ARGUMENT for
/// text that is not UTF-8 or a NULL client.
///
/// ```c
/// status = knock_client_new("{\"api_key\": \"sk_test_1\"}", &client, &error);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_client_new(
    config_json: *const c_char,
    client: *mut KnockClient,
    error_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        write(client, 0);
        guard(error_json, || {
            if client.is_null() {
                return Err(
                    Error::invalid("client is NULL; it must point to a KnockClient").into(),
                );
            }
            let config = text::read(config_json, "config_json")?.unwrap_or_default();
            let config = if config.trim().is_empty() {
                "{}"
            } else {
                config
            };
            fork::prepare();
            // Without a lock, as it may read files.
            let open = Arc::new(Open(Client::from_json(config)?));
            let handle = CLIENTS.insert(open);
            write(client, handle.ok_or_else(|| too_many("clients"))?);
            Ok(Outcome::Nothing)
        })
    }
}

/// Closes a client. The handle is invalid afterwards.
///
/// Calls that run on it finish or end with KNOCK_CLOSED, without waiting for the server. A pager
/// keeps its client alive: while one is open, calls that run finish, and the pager works on.
/// Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_HANDLE.
///
/// ```c
/// knock_client_close(client);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn knock_client_close(client: KnockClient) -> KnockStatus {
    // SAFETY: NULL is allowed.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let closed = CLIENTS.remove(client);
            closed
                .map(|_| Outcome::Nothing)
                .ok_or(Failure::InvalidHandle {
                    kind: "client",
                    handle: client,
                })
        })
    }
}

/// Calls an operation by its name, such as "users.get", or its OpenAPI operationId.
///
/// `*response_json` is the body of the response, "null" where it has none, and on failure the
/// error object. The caller frees it with knock_string_free; response_json itself may be NULL
/// where the status is enough. Blocks until the call is over. Any thread.
///
/// Any status but KNOCK_DONE.
///
/// ```c
/// status = knock_call(client, "users.get", "{\"user_id\": \"jane\"}", &response);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_call(
    client: KnockClient,
    operation: *const c_char,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(response_json, || {
            let name = required(text::read(operation, "operation")?)?;
            make(client, knock::operation(name)?, request_json)
        })
    }
}

/// Calls an endpoint that this version does not know, by its method and path.
///
/// `method` is GET, POST, PUT, PATCH or DELETE. `path` starts with /v1/ and is sent as it is, so
/// percent-encode what goes into it. The call is not paced. POST and PATCH are repeated only when
/// the request was certainly not processed, or for the trigger of a workflow with an
/// `idempotency_key` among the `request_options`.
///
/// Keys of the request, all of them optional:
/// - `query`, object: The query parameters: text, numbers, booleans or lists of them.
/// - `body`: Any JSON.
/// - `request_options`: as for every call.
///
/// `*response_json` is the body of the response, "null" where it has none, and on failure the
/// error object. The caller frees it with knock_string_free; response_json itself may be NULL
/// where the status is enough. Blocks until the call is over. Any thread.
///
/// Any status but KNOCK_DONE.
///
/// ```c
/// status = knock_request(client, "POST", "/v1/workflows/welcome/trigger", "{\"body\": {\"recipients\": [\"jane\"]}}", &response);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_request(
    client: KnockClient,
    method: *const c_char,
    path: *const c_char,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(response_json, || {
            let client = open(client)?.0.clone();
            let method = text::read(method, "method")?
                .ok_or_else(|| Error::invalid("method is NULL; it must be one like GET"))?;
            let path = text::read(path, "path")?
                .ok_or_else(|| Error::invalid("path is NULL; it must be one like /v1/users"))?;
            let request = text::read(request_json, "request_json")?.unwrap_or_default();
            let answer = client.call_unlisted_json(method, path, request)?;
            Ok(Outcome::Text(answer))
        })
    }
}

/// The work of the function that is named after an operation.
///
/// # Safety
///
/// `request_json` is NULL or text that ends in NUL; `response_json` is NULL or may be written to.
pub(super) unsafe fn call(
    operation: &'static Operation,
    client: KnockClient,
    request_json: *const c_char,
    response_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: as the caller promises.
    unsafe { guard(response_json, || make(client, operation, request_json)) }
}

/// # Safety
///
/// `request_json` is NULL or text that ends in NUL.
unsafe fn make(
    client: KnockClient,
    operation: &'static Operation,
    request_json: *const c_char,
) -> Result<Outcome, Failure> {
    // A client of its own, so that closing the handle ends this call instead of waiting for it.
    let client = open(client)?.0.clone();
    // SAFETY: as the caller promises.
    let request = unsafe { text::read(request_json, "request_json") };
    let request = request.map_err(|error| error.at(operation.name))?;
    let answer = client.call_operation_json(operation, request.unwrap_or_default())?;
    Ok(Outcome::Text(answer))
}

pub(super) fn required(operation: Option<&str>) -> Result<&str, Error> {
    operation.ok_or_else(|| Error::invalid("operation is NULL; it must be a name like users.get"))
}

pub(super) fn too_many(what: &str) -> Error {
    Error::invalid(format!(
        "16777216 {what} are open; close those that are not needed any more"
    ))
}
