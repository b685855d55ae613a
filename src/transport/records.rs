//! Follows the records of TLS, so that half of one is noticed.

use std::io::{self, Read, Write};

/// Type, version and length.
const HEADER_BYTES: usize = 5;

/// The encrypted side of a connection.
///
/// rustls keeps what it has of a record that is not whole yet, and does not tell.
pub(super) struct Records<S> {
    pub stream: S,
    header: [u8; HEADER_BYTES],
    /// Received bytes of the header.
    filled: usize,
    /// Missing bytes of the record.
    left: usize,
}

impl<S> Records<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            header: [0; HEADER_BYTES],
            filled: 0,
            left: 0,
        }
    }

    /// Whether the last record that began has come to its end.
    pub fn is_between(&self) -> bool {
        self.filled == 0 && self.left == 0
    }

    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let part = self.left.min(bytes.len());
                self.left -= part;
                bytes = &bytes[part..];
                continue;
            }
            let part = (HEADER_BYTES - self.filled).min(bytes.len());
            let (header, rest) = bytes.split_at(part);
            self.header[self.filled..][..part].copy_from_slice(header);
            self.filled += part;
            bytes = rest;
            if self.filled == HEADER_BYTES {
                self.left = u16::from_be_bytes([self.header[3], self.header[4]]).into();
                self.filled = 0;
            }
        }
    }
}

impl<S: Read> Read for Records<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.follow(&buffer[..read]);
        Ok(read)
    }
}

impl<S: Write> Write for Records<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_record_is_noticed_wherever_it_is_cut() {
        let two = b"\x17\x03\x03\x00\x03abc\x16\x03\x03\x00\x00";
        for step in 1..=two.len() {
            let mut records = Records::new(io::empty());
            let mut came = 0;
            for part in two.chunks(step) {
                records.follow(part);
                came += part.len();
                assert_eq!(records.is_between(), [8, 13].contains(&came), "{came}");
            }
        }
    }
}
