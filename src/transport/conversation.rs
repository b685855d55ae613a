//! A request and its answer over one connection, as ureq's protocol engine has it: the engine
//! says what to write and what was read, this does so.
//!
//! `ureq::Agent` would do the same for any host, with timeouts, redirects and cookies of its own.
//! What all that costs for a request that needs none of it was a third of a whole call.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ureq::Error;
use ureq::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response};
use ureq::unversioned::transport::{NextTimeout, Transport};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse, SendBody};
use ureq_proto::client::{
    Await100Result, Call, RecvBodyResult, RecvResponseResult, SendRequestResult,
};

use crate::transport::attempt::remaining;

/// The head of an answer may be this large.
const MOST_HEAD_BYTES: usize = 64 << 10;
/// The most room that is made for a body before its bytes are there.
const MOST_RESERVED: usize = 1 << 20;
/// How much is unpacked between two looks at the clock.
const MOST_UNWATCHED_BYTES: usize = 256 << 10;

/// The sockets know the deadlines.
fn unlimited() -> NextTimeout {
    NextTimeout::default()
}

/// Sends a request; the answer is read from what is returned.
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

/// Reads the head of the answer.
pub(super) fn receive_head(
    mut call: Call<RecvResponse>,
    connection: &mut dyn Transport,
) -> Result<(Response<()>, RecvResponseResult), Error> {
    // With those of informational answers, which may come before.
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

/// Reads the body as it comes into `body`, up to one byte more than `limit`, and says whether
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
            body.reserve(length.min(MOST_RESERVED as u64) as usize);
            false
        }
        _ => false,
    };
    while until_closed || !call.can_proceed() {
        let input = connection.buffers().input();
        let start = body.len();
        body.resize(start + input.len(), 0);
        let (used, read) = call.read(input, &mut body[start..])?;
        body.truncate(start + read);
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

/// Unpacks a body that the server packed, up to one byte more than `limit`; what was unpacked
/// before an error is kept.
pub(super) fn unpack(headers: &mut HeaderMap, body: &mut Vec<u8>, limit: u64) -> Result<(), Error> {
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let is = |name: &str| encoding.is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()));
    if body.is_empty() || !(is("gzip") || is("x-gzip")) {
        return Ok(());
    }
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    let packed = std::mem::take(body);
    let mut reader = Timed {
        reader: MultiGzDecoder::new(packed.as_slice()).take(limit.saturating_add(1)),
        unwatched: 0,
    };
    let unpacked = reader.read_to_end(body);
    unpacked.map_err(|error| match Error::from(error) {
        Error::Io(io) => io::Error::other(format!("the body is not gzip: {io}")).into(),
        timeout => timeout,
    })?;
    if body.len() as u64 > limit {
        return Err(Error::BodyExceedsLimit(limit));
    }
    Ok(())
}

/// Keeps to the deadline also while a body that has come is being unpacked.
struct Timed<R> {
    reader: R,
    /// Bytes since the last look at the clock.
    unwatched: usize,
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.unwatched += read;
        if self.unwatched > MOST_UNWATCHED_BYTES {
            self.unwatched = 0;
            remaining().map_err(Error::into_io)?;
        }
        Ok(read)
    }
}

fn closed_early() -> Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed it").into()
}

/// The engine is asked to go on only when it said that it can.
fn incomplete() -> Error {
    io::Error::other("the exchange did not end").into()
}
