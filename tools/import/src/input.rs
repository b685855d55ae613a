//! The file with the users: opened anew for each pass over it.

use std::fmt;
use std::fs::File;
use std::io::BufRead;
use std::path::Path;

use knock::bulk::Json;

use crate::Result;
use crate::arguments::Layout;
use crate::decode::decoded;
use crate::table::Table;

const ENDINGS: &str = ".csv, .tsv, .ndjson or .jsonl";

/// A file with users.
pub(crate) struct Input<'a> {
    path: &'a Path,
    layout: &'a Layout,
    format: Format,
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Csv,
    Lines,
}

/// Something in a file that is no user.
#[derive(Debug)]
pub(crate) enum Unread {
    /// One record is wrong; the next one may be read.
    Record(String),
    /// Nothing after it can be read.
    Rest(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Record(reason) | Self::Rest(reason)) = self;
        f.write_str(reason)
    }
}

/// The records of a file.
pub(crate) type Records<'a> = Box<dyn Iterator<Item = Result<Json<String>, Unread>> + 'a>;

impl<'a> Input<'a> {
    pub fn new(path: &'a Path, layout: &'a Layout) -> Result<Self> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let format = match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("csv" | "tsv") => Format::Csv,
            Some("ndjson" | "jsonl") => Format::Lines,
            _ => return Err(format!("{}: FILE must end in {ENDINGS}", path.display()).into()),
        };
        if format == Format::Lines && (layout.separator.is_some() || !layout.map.is_empty()) {
            return Err("--separator and --map are for CSV files".into());
        }
        Ok(Self {
            path,
            layout,
            format,
        })
    }

    /// Reads the whole file once: how many records it has, and what is to be told of it.
    ///
    /// # Errors
    ///
    /// The first thing that makes it unreadable, so that nothing is sent before it is found.
    pub fn survey(&self) -> Result<(u64, Vec<String>)> {
        let mut notes = Vec::new();
        let mut count = 0;
        for record in self.open(&mut notes)? {
            match record {
                Err(Unread::Rest(reason)) => return Err(self.wrong(reason)),
                _ => count += 1,
            }
        }
        Ok((count, notes))
    }

    /// The records, in their order.
    pub fn records(&self) -> Result<Records<'static>> {
        self.open(&mut Vec::new())
    }

    fn open(&self, notes: &mut Vec<String>) -> Result<Records<'static>> {
        let file = File::open(self.path).map_err(|error| self.wrong(error))?;
        let text = decoded(file, self.layout.encoding).map_err(|error| self.wrong(error))?;
        Ok(match self.format {
            Format::Lines => Box::new(lines(text)),
            Format::Csv => {
                let table = Table::open(text, self.layout).map_err(|error| self.wrong(error))?;
                notes.clone_from(&table.notes);
                Box::new(table)
            }
        })
    }

    fn wrong(&self, reason: impl fmt::Display) -> Box<dyn std::error::Error> {
        format!("{}: {reason}", self.path.display()).into()
    }
}

/// The lines of a file that are not blank.
fn lines(input: impl BufRead) -> impl Iterator<Item = Result<Json<String>, Unread>> {
    let lines = input.split(b'\n').enumerate();
    lines.filter_map(|(index, line)| match line {
        Ok(line) if line.trim_ascii().is_empty() => None,
        Ok(line) => Some(String::from_utf8(line).map(Json).map_err(|_| {
            Unread::Record(format!(
                "line {} is not UTF-8; --encoding names another encoding",
                index + 1
            ))
        })),
        Err(error) => Some(Err(Unread::Rest(error.to_string()))),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Read};

    use super::*;

    /// A disk that fails.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk fails"))
        }
    }

    #[test]
    fn an_input_that_cannot_be_read_on_is_no_bad_record() {
        let mut lines = lines(BufReader::new("{}\n".as_bytes().chain(Broken)));
        assert!(lines.next().is_some_and(|line| line.is_ok()));
        assert!(matches!(lines.next(), Some(Err(Unread::Rest(_)))));
        let rows = BufReader::new("id\na\n".as_bytes().chain(Broken));
        let mut rows = Table::open(rows, &Layout::default()).unwrap();
        let last = rows.find(Result::is_err);
        assert!(matches!(last, Some(Err(Unread::Rest(_)))));
    }
}
