//! One request and its response over one connection, as ureq's protocol engine has it: the engine
//! says what to write and what was read, this does so.
//!
//! `ureq::Agent` would do the same for any host, with timeouts, redirects and cookies of its own.
//! What all that costs for a request that needs none of it was a third of a whole call.

use std::io;

use ureq::Error;
use ureq::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response};
use ureq::unversioned::transport::{NextTimeout, Transport};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse, SendBody};
use ureq_proto::client::{
    Await100Result, Call, RecvBodyResult, RecvResponseResult, SendRequestResult,
};

/// The head of a response may be this large.
const MOST_HEAD_BYTES: usize = 64 << 10;
/// The most room that is made for a body before its bytes are there.
const MOST_RESERVED: usize = 1 << 20;

/// The sockets know the deadlines.
fn unlimited() -> NextTimeout {
    NextTimeout::default()
}

/// Sends a request; the response is read from what is returned.
pub(super) fn send(
    request: Request<()>,
    body: Option<&[u8]>,
    connection: &mut dyn Transport,
) -> Result<Call<RecvResponse>, Error> {
    let expects_body = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH
    );
    let mut call = Call::new(request)?;
    // Left to the engine, a body that is not there would go out as an empty chunk.
    if body.is_some() || expects_body {
        let length = body.map_or(0, <[u8]>::len);
        call.header(CONTENT_LENGTH, HeaderValue::from(length))?;
    }
    let mut call = call.proceed();
    while !call.can_proceed() {
        let written = call.write(connection.buffers().output())?;
        connection.transmit_output(written, unlimited())?;
    }
    let body = body.unwrap_or_default();
    match call.proceed()?.ok_or_else(incomplete)? {
        SendRequestResult::RecvResponse(call) => Ok(call),
        SendRequestResult::SendBody(call) => send_body(call, body, connection),
        // Nothing that is sent here is worth a wait for leave to send it.
        SendRequestResult::Await100(call) => match call.proceed()? {
            Await100Result::RecvResponse(call) => Ok(call),
            Await100Result::SendBody(call) => send_body(call, body, connection),
        },
    }
}

fn send_body(
    mut call: Call<SendBody>,
    mut body: &[u8],
    connection: &mut dyn Transport,
) -> Result<Call<RecvResponse>, Error> {
    while !call.can_proceed() {
        let output = connection.buffers().output();
        let fits = call.calculate_max_input(output.len()).min(body.len());
        let (used, written) = call.write(&body[..fits], output)?;
        body = &body[used..];
        connection.transmit_output(written, unlimited())?;
    }
    call.proceed().ok_or_else(incomplete)
}

/// Reads the head of the response.
pub(super) fn receive_head(
    mut call: Call<RecvResponse>,
    connection: &mut dyn Transport,
) -> Result<(Response<()>, RecvResponseResult), Error> {
    // With those of informational responses, which may come before.
    let mut heads = 0;
    loop {
        let received = connection.maybe_await_input(unlimited())?;
        let input = connection.buffers().input();
        let (used, response) = call.try_response(input, false)?;
        heads += used;
        let size = if used == 0 {
            heads + input.len()
        } else {
            heads
        };
        if size > MOST_HEAD_BYTES {
            return Err(Error::LargeResponseHeader(size, MOST_HEAD_BYTES));
        }
        connection.buffers().input_consume(used);
        match response {
            Some(response) => {
                let next = call.proceed().ok_or_else(incomplete)?;
                return Ok((response, next));
            }
            None if !received => return Err(closed_early()),
            None => {}
        }
    }
}

/// Whether the framing of a response is beyond doubt, so that its connection can serve another
/// request. A transfer coding that was not asked for is an error.
pub(super) fn is_framed_clearly(headers: &HeaderMap, has_body: bool) -> Result<bool, Error> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let coding = codings.next();
    let is =
        |name: &str| coding.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(name.as_bytes()));
    if codings.next().is_some() || (coding.is_some() && !is("chunked") && !is("identity")) {
        return Err(invalid("its transfer-encoding is not supported"));
    }
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
    Ok(match (coding, length) {
        // Whoever else reads this connection may have believed the other one.
        (Some(_), Some(_)) => false,
        // A body that must not be there may follow all the same.
        (Some(_), None) => has_body,
        (None, Some(length)) => has_body || length == b"0",
        (None, None) => true,
    })
}

/// Reads the body as it comes into `body`, up to one buffer more than `limit`, and says whether
/// the connection can serve another request.
pub(super) fn receive_body(
    mut call: Call<RecvBody>,
    connection: &mut dyn Transport,
    limit: u64,
    body: &mut Vec<u8>,
) -> Result<bool, Error> {
    let until_closed = match call.body_mode() {
        BodyMode::CloseDelimited => true,
        BodyMode::LengthDelimited(length) => {
            // A length is only a claim until the bytes are there.
            reserve(body, length.min(MOST_RESERVED as u64) as usize)?;
            false
        }
        _ => false,
    };
    // The engine takes `+b` for a size, so that each chunk is looked at before it is read.
    call.stop_on_chunk_boundary(true);
    while until_closed || !call.can_proceed() {
        let used = read_input(&mut call, connection.buffers().input(), body)?;
        connection.buffers().input_consume(used);
        if body.len() as u64 > limit {
            return Err(Error::BodyExceedsLimit(limit));
        }
        let through = !until_closed && call.can_proceed();
        if through || used > 0 || connection.await_input(unlimited())? {
            continue;
        }
        // The server closed. That ends a body without a length, and one whose last chunk came.
        return if until_closed || call.is_ended_chunked() {
            Ok(false)
        } else {
            Err(closed_early())
        };
    }
    match call.proceed().ok_or_else(incomplete)? {
        RecvBodyResult::Cleanup(call) => Ok(!call.must_close_connection()),
        RecvBodyResult::Redirect(call) => Ok(!call.must_close_connection()),
    }
}

/// Adds to the body what there is of it in the input, and says how much of that was used.
fn read_input(call: &mut Call<RecvBody>, input: &[u8], body: &mut Vec<u8>) -> Result<usize, Error> {
    let mut end = body.len();
    reserve(body, input.len())?;
    body.resize(end + input.len(), 0);
    let mut used = 0;
    loop {
        let rest = &input[used..];
        if call.is_on_chunk_boundary() && rest.first().is_some_and(|it| !it.is_ascii_hexdigit()) {
            return Err(invalid("the size of a chunk is not a number"));
        }
        let (taken, read) = call.read(rest, &mut body[end..])?;
        used += taken;
        end += read;
        if taken == 0 || used == input.len() {
            break;
        }
    }
    body.truncate(end);
    Ok(used)
}

/// Makes room in a body. What a server sends may be more than there is memory for.
fn reserve(body: &mut Vec<u8>, more: usize) -> Result<(), Error> {
    body.try_reserve(more).map_err(|_| no_memory())
}

pub(super) fn no_memory() -> Error {
    io::Error::new(
        io::ErrorKind::OutOfMemory,
        "there is no memory for its body",
    )
    .into()
}

fn invalid(what: &str) -> Error {
    io::Error::new(io::ErrorKind::InvalidData, what).into()
}

fn closed_early() -> Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed it").into()
}

/// The engine is asked to go on only when it said that it can.
fn incomplete() -> Error {
    io::Error::other("the exchange did not end").into()
}
