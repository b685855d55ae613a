//! Files in any encoding, read as UTF-8.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

/// A file as UTF-8, without the mark that some editors put at its start.
///
/// Input that is UTF-8 already passes unchecked, so that its readers can tell which record is not.
pub(crate) fn decoded<'a>(
    input: impl Read + 'a,
    encoding: Option<&'static Encoding>,
) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let marked = Encoding::for_bom(input.fill_buf()?);
    let encoding = encoding.or(marked.map(|(encoding, _)| encoding));
    match encoding.filter(|encoding| *encoding != UTF_8) {
        Some(encoding) => Ok(Box::new(BufReader::new(Decoded {
            input,
            decoder: encoding.new_decoder(),
            read: 0,
            ready: Vec::new(),
            at: 0,
            ended: false,
        }))),
        None => {
            if let Some((_, length)) = marked.filter(|(encoding, _)| *encoding == UTF_8) {
                input.consume(length);
            }
            Ok(Box::new(input))
        }
    }
}

struct Decoded<R> {
    input: R,
    decoder: Decoder,
    /// Number of bytes of the input that were decoded.
    read: u64,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: BufRead> Decoded<R> {
    fn decode_more(&mut self) -> io::Result<()> {
        let bytes = self.input.fill_buf()?;
        let is_last = bytes.is_empty();
        self.ready.resize(1 << 14, 0);
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(bytes, &mut self.ready, is_last);
        self.input.consume(read);
        self.read += read as u64;
        self.ready.truncate(written);
        self.at = 0;
        self.ended = is_last && matches!(result, DecoderResult::InputEmpty);
        match result {
            DecoderResult::Malformed(..) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "the bytes before byte {} are not {}",
                    self.read + 1,
                    self.decoder.encoding().name()
                ),
            )),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            self.decode_more()?;
        }
        let count = (&self.ready[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], name: &str) -> io::Result<String> {
        let encoding = Encoding::for_label(name.as_bytes());
        let mut text = String::new();
        decoded(bytes, encoding)?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn marks_and_names_say_which_encoding_it_is() {
        assert_eq!(read(b"\xef\xbb\xbfid", "").unwrap(), "id");
        assert_eq!(read(b"\xff\xfei\0d\0", "").unwrap(), "id");
        assert_eq!(read(b"\xfe\xff\0i\0d", "").unwrap(), "id");
        assert_eq!(read(b"Zo\xeb", "latin1").unwrap(), "Zoë");
        assert_eq!(read(b"i\0d\0", "utf-16le").unwrap(), "id");
    }

    #[test]
    fn long_inputs_are_decoded_whole() {
        let text = "é€𝄞,".repeat(20_000);
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&bytes, "utf-16le").unwrap() == text);
    }

    #[test]
    fn what_cannot_be_decoded_is_an_error_and_not_replaced() {
        let error = read(b"\xff\xfei\0\x00\xd8i\0", "").unwrap_err();
        assert!(error.to_string().ends_with("are not UTF-16LE"), "{error}");
    }
}
