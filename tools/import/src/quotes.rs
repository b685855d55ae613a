//! A check of the quotes in a CSV file, whose parsers take almost anything for a file.

use std::collections::VecDeque;
use std::io::{self, Read};

/// A reader that fails where a quoted cell does not end as one, with the line that it started on.
///
/// Without it a quote that is not closed takes the rows after it into its cell, up to the next
/// quote or the end of the file.
pub(crate) struct Quotes<R> {
    input: R,
    separator: u8,
    state: State,
    line: u64,
    /// The line of the last quote that opened a cell.
    opened: u64,
    offset: u64,
    in_row: bool,
    /// Offset and line of the rows that were read ahead. A parser counts the lines of other line ends than `\n`
    /// otherwise.
    rows: VecDeque<(u64, u64)>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: the end of the cell, or the first of two that stand for one.
    Quote,
}

impl<R> Quotes<R> {
    /// Checks from the start of a row on, which stands on this line.
    pub fn new(input: R, separator: u8, line: u64) -> Self {
        Self {
            input,
            separator,
            state: State::CellStart,
            line,
            opened: line,
            offset: 0,
            in_row: false,
            rows: VecDeque::new(),
        }
    }

    /// The line of the row that starts at this offset, or after the line ends that stand there. Rows before it are
    /// forgotten.
    pub fn line_at(&mut self, offset: u64) -> u64 {
        while let Some(&(start, line)) = self.rows.front() {
            if start >= offset {
                return line;
            }
            self.rows.pop_front();
        }
        self.line
    }

    fn check(&mut self, byte: u8) -> io::Result<()> {
        let ends_row = matches!(byte, b'\r' | b'\n');
        let is_end = byte == self.separator || ends_row;
        if !self.in_row && !ends_row {
            self.in_row = true;
            self.rows.push_back((self.offset, self.line));
        }
        self.state = match (self.state, byte) {
            (State::CellStart, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) | (State::Quote, b'"') => State::Quoted,
            (_, _) if is_end => State::CellStart,
            (State::Quote, _) => {
                let opened = self.opened;
                let here = match opened == self.line {
                    true => "before its end".to_owned(),
                    false => format!("on line {}, before its end", self.line),
                };
                return Err(invalid(format!(
                    "line {opened}: a quoted cell that starts there has a quote {here}; its closing quote may be \
                     missing, and a quote within it is written twice"
                )));
            }
            (State::CellStart | State::Plain, _) => State::Plain,
        };
        if ends_row && self.state == State::CellStart {
            self.in_row = false;
        }
        self.line += u64::from(byte == b'\n');
        self.offset += 1;
        Ok(())
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        for byte in &buffer[..count] {
            self.check(*byte)?;
        }
        if count == 0 && !buffer.is_empty() && self.state == State::Quoted {
            return Err(invalid(format!(
                "line {}: a quote that opens a cell there is never closed",
                self.opened
            )));
        }
        Ok(count)
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let read = io::copy(&mut Quotes::new(text.as_bytes(), b',', 1), &mut io::sink());
        read.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn takes_every_use_of_quotes_that_has_one_meaning() {
        for text in [
            "",
            "id,n\na,\"b\"\n",
            "\"a\"\"b\",\"\"\n\"\"\"\"",
            "\"two\nlines\",c\r\n\"x\"\r\n",
            "5\" pipe,a\"b\"\n",
        ] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn knows_the_line_of_each_row() {
        let mut quotes = Quotes::new(&b"id,n\r\n\r\na,\"b\r\nc\"\r\nd,e\n"[..], b',', 1);
        io::copy(&mut quotes, &mut io::sink()).unwrap();
        assert_eq!(quotes.line_at(0), 1);
        assert_eq!(quotes.line_at(5), 3);
        assert_eq!(quotes.line_at(16), 5);
    }

    #[test]
    fn names_the_line_of_a_cell_that_is_not_closed() {
        let error = check("id,n\na,\"b\nc,d\n").unwrap_err();
        assert!(error.starts_with("line 2:") && error.ends_with("never closed"));
        let error = check("id,n\na,\"b\nc,\"d\"\n").unwrap_err();
        assert!(error.starts_with("line 2:") && error.contains("on line 3"));
        let error = check("id\n\"a\" b\n").unwrap_err();
        assert!(error.starts_with("line 2:") && !error.contains("on line"));
    }
}
