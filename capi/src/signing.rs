//! User tokens and webhooks.

use libc::{c_char, c_void, size_t};

use knock::{Error, json};

use crate::guard::{Outcome, guard};
use crate::status::KnockStatus;
use crate::text;

/// Signs a user token (RS256), with which a browser or app acts for one of your users.
///
/// Keys of the options:
/// - `user_id`, text: The user. Required.
/// - `signing_key`, text: The private key of the environment, as PEM or base64 of PEM; PKCS#8 and PKCS#1.
///   By default that of the environment variable KNOCK_SIGNING_KEY.
/// - `expires_in`, integer: Seconds until the token expires; 3600 by default.
/// - `issued_at`, integer: Seconds since 1970; now by default.
/// - `jti`, true or text: The token's id; a random UUID where it is true. None by default.
/// - `grants`, object: Names of grants by the address of their entity:
///   {"https://api.knock.app/v1/objects/$tenants/acme": ["slack/channels_read"]}.
/// - `explicit_grants`, boolean: Allows what the grants name and nothing else. False by default.
///
/// `*token_json` is {"token", "expires_at"}, with the latter in seconds since 1970, and on failure
/// the error object, which never shows the key. The caller frees it with knock_string_free. No
/// call is made. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_ARGUMENT; KNOCK_CONFIG for what is no signing key.
///
/// ```c
/// char *token;
/// status = knock_user_token_sign("{\"user_id\": \"jane\"}", &token);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_user_token_sign(
    options_json: *const c_char,
    token_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(token_json, || {
            Ok(Outcome::Text(json::sign_user_token(options(
                options_json,
            )?)?))
        })
    }
}

/// Verifies a webhook: that the signature holds for the body, and is not too old.
///
/// `signature` is the header x-knock-signature of the request (x-webhook-signature for an HTTP
/// channel); NULL where there is none. `body` has the bytes as they came, before anything parses
/// them.
///
/// Keys of the options:
/// - `secret`, text or a list of it: The signing secret; several while one replaces another. Required.
/// - `tolerance_ms`, integer: The difference allowed between the time of signing and now; 300000 by
///   default, 0 for any.
/// - `now_ms`, integer: The time that counts as now, in milliseconds since 1970, for tests.
///
/// `*event_json` is the event, {"type", "created_at", "data", "event_data"}, and on failure the
/// error object, whose `code` is `signature_missing`, `signature_malformed`, `signature_mismatch`,
/// `timestamp_too_old` or `timestamp_too_early`. The caller frees it with knock_string_free.
/// event_json itself may be NULL: then the body may be anything. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_SIGNATURE; KNOCK_RESPONSE for a body that is signed and yet no event;
/// KNOCK_INVALID_ARGUMENT; KNOCK_CONFIG for an empty secret.
///
/// ```c
/// const char *signature = getenv("HTTP_X_KNOCK_SIGNATURE"), *body = "{}";
/// char *event;
/// status = knock_webhook_verify("{\"secret\": \"some-secret\"}", signature, body, strlen(body), &event);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_webhook_verify(
    options_json: *const c_char,
    signature: *const c_char,
    body: *const c_void,
    body_length: size_t,
    event_json: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(event_json, || {
            let options = options(options_json)?;
            // Bytes that are not ASCII are in no signature, so it is malformed, not the argument.
            let signature = text::bytes(signature).map(String::from_utf8_lossy);
            let body = bytes(body, body_length)?;
            if event_json.is_null() {
                json::verify_webhook(options, signature.as_deref(), body)?;
                return Ok(Outcome::Nothing);
            }
            let event = json::webhook_event(options, signature.as_deref(), body)?;
            Ok(Outcome::Text(event))
        })
    }
}

/// Signs a webhook's body as Knock does, for tests of your own endpoint.
///
/// Keys of the options: `secret` as for knock_webhook_verify, of which the first signs, and
/// `now_ms`, the time of signing in milliseconds since 1970; now by default.
///
/// `*signature` is the header's value, and on failure the error object. The caller frees it with
/// knock_string_free. Any thread.
///
/// KNOCK_OK; KNOCK_INVALID_ARGUMENT; KNOCK_CONFIG for an empty secret.
///
/// ```c
/// const char *body = "{}";
/// char *signature;
/// status = knock_webhook_sign("{\"secret\": \"some-secret\"}", body, strlen(body), &signature);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn knock_webhook_sign(
    options_json: *const c_char,
    body: *const c_void,
    body_length: size_t,
    signature: *mut *mut c_char,
) -> KnockStatus {
    // SAFETY: the caller's pointers are NULL or valid, as the header says.
    unsafe {
        guard(signature, || {
            let options = options(options_json)?;
            let body = bytes(body, body_length)?;
            Ok(Outcome::Text(json::sign_webhook(options, body)?))
        })
    }
}

/// # Safety
///
/// As [`text::read`].
unsafe fn options<'a>(options_json: *const c_char) -> Result<&'a str, Error> {
    // SAFETY: as the caller promises.
    let options = unsafe { text::read(options_json, "options_json") }?;
    Ok(options
        .filter(|text| !text.trim().is_empty())
        .unwrap_or("{}"))
}

/// # Safety
///
/// `pointer` is NULL, or points to so many bytes that stay as they are during `'a`.
unsafe fn bytes<'a>(pointer: *const c_void, length: usize) -> Result<&'a [u8], Error> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(Error::invalid(
            "body is NULL; it must have body_length bytes",
        ));
    }
    // SAFETY: not NULL, and the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer.cast(), length) })
}
