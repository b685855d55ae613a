//! Unpacks gzip, within the deadline of the attempt.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use ureq::Error;
use ureq::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use ureq::http::{HeaderMap, HeaderValue};

use crate::transport::http1::no_memory;

/// Bytes unpacked between two looks at the clock. So few bytes can take milliseconds, and
/// unpack to nothing.
const MOST_UNWATCHED_BYTES: usize = 1 << 10;
/// The first bytes of a gzip member.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks a body that the server packed, up to one byte more than `limit`; what was unpacked
/// before an error is kept. `go_on` is asked again and again whether to.
///
/// Bytes after the last member are passed over, as gzip itself does.
pub(super) fn unpack(
    headers: &mut HeaderMap,
    body: &mut Vec<u8>,
    limit: u64,
    go_on: &dyn Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let is = |name: &str| encoding.is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()));
    if body.is_empty() || !(is("gzip") || is("x-gzip")) {
        return Ok(());
    }
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    let packed = std::mem::take(body);
    let mut input = Watched {
        rest: &packed,
        go_on,
    };
    loop {
        let most = limit.saturating_add(1).saturating_sub(body.len() as u64);
        let mut member = GzDecoder::new(input).take(most);
        member.read_to_end(body).map_err(unusable)?;
        if body.len() as u64 > limit {
            return Err(Error::BodyExceedsLimit(limit));
        }
        input = member.into_inner().into_inner();
        if !input.rest.starts_with(&MAGIC) {
            return Ok(());
        }
    }
}

fn unusable(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return no_memory();
    }
    match Error::from(error) {
        Error::Io(io) => io::Error::other(format!("the body is not gzip: {io}")).into(),
        timeout => timeout,
    }
}

/// A packed body, read a little at a time.
struct Watched<'a> {
    rest: &'a [u8],
    go_on: &'a dyn Fn() -> Result<(), Error>,
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        (self.go_on)().map_err(Error::into_io)?;
        Ok(&self.rest[..self.rest.len().min(MOST_UNWATCHED_BYTES)])
    }

    fn consume(&mut self, amount: usize) {
        self.rest = &self.rest[amount..];
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
