//! CSV files: their separator, their header, and their rows as users.

use std::io::{BufRead, Chain, Cursor, Read};

use csv::StringRecord;
use knock::bulk::Json;
use serde_json::{Map, Value};

use crate::Result;
use crate::arguments::{Layout, separator};
use crate::input::Unread;
use crate::quotes::Quotes;

/// Separators of cells, in the order of preference.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
const ID: &str = "id";
/// No header is longer than this.
const MOST_HEADER_BYTES: usize = 1 << 20;

/// The rows of a CSV file.
pub(crate) struct Table<R> {
    reader: csv::Reader<Quotes<Chain<Cursor<Vec<u8>>, R>>>,
    columns: Vec<String>,
    row: StringRecord,
    /// Changes made in reading the header, to be told.
    pub notes: Vec<String>,
}

impl<R: BufRead> Table<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// A header that leaves open which value is what, with its columns.
    pub fn open(mut input: R, layout: &Layout) -> Result<Self> {
        let mut head = logical_line(&mut input)?;
        let announced = announced_separator(&head);
        let skipped = u64::from(announced.is_some());
        if announced.is_some() {
            head = logical_line(&mut input)?;
        }
        let separator = layout.separator.or(announced);
        let separator = separator.unwrap_or_else(|| guessed_separator(&head, layout));
        let quotes = Quotes::new(Cursor::new(head).chain(input), separator, skipped + 1);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .from_reader(quotes);
        let header = reader.headers().map_err(|error| match error.kind() {
            csv::ErrorKind::Utf8 { .. } => {
                "the header is not UTF-8; --encoding names another encoding".to_owned()
            }
            _ => plain(error),
        })?;
        let (columns, notes) = columns(header, layout)?;
        Ok(Self {
            reader,
            columns,
            row: StringRecord::new(),
            notes,
        })
    }

    fn user(&self, line: u64) -> Result<Json<String>, Unread> {
        let (cells, columns) = (self.row.len(), self.columns.len());
        if cells != columns {
            let message = format!("line {line} has {cells} cells, but the header has {columns}");
            return Err(Unread::Record(message));
        }
        let mut user = Map::new();
        for (number, (column, cell)) in self.columns.iter().zip(&self.row).enumerate() {
            if cell.is_empty() {
                continue;
            }
            if column.is_empty() {
                let number = number + 1;
                let message =
                    format!("line {line} has a value in column {number}, which has no name");
                return Err(Unread::Record(message));
            }
            user.insert(column.clone(), Value::from(cell));
        }
        Ok(Json(Value::from(user).to_string()))
    }
}

impl<R: BufRead> Iterator for Table<R> {
    type Item = Result<Json<String>, Unread>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.reader.read_record(&mut self.row);
        let offset = self.row.position().map_or(0, csv::Position::byte);
        let line = self.reader.get_mut().line_at(offset);
        match read {
            Ok(false) => None,
            Ok(true) => Some(self.user(line)),
            Err(error) => Some(Err(match error.kind() {
                csv::ErrorKind::Utf8 { pos, err } => {
                    let offset = pos.as_ref().map_or(offset, csv::Position::byte);
                    let line = self.reader.get_mut().line_at(offset);
                    let cell = err.field() + 1;
                    Unread::Record(format!(
                        "line {line}: cell {cell} is not UTF-8; --encoding names another encoding"
                    ))
                }
                _ => Unread::Rest(plain(error)),
            })),
        }
    }
}

/// An error in the file's own words, without those of the parser around them.
fn plain(error: csv::Error) -> String {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

/// A line, with those after it that its quotes take in.
fn logical_line(input: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(line);
        }
        if line.iter().filter(|byte| **byte == b'"').count() % 2 == 0
            || line.len() > MOST_HEADER_BYTES
        {
            return Ok(line);
        }
    }
}

/// The separator that a first line such as `sep=;` announces.
fn announced_separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""))
        .unwrap_or(line);
    let (name, value) = line.split_at_checked(4)?;
    name.eq_ignore_ascii_case(b"sep=").then_some(())?;
    separator(std::str::from_utf8(value).ok()?).ok()
}

/// The separator by which the header has an id; otherwise that by which it has most columns.
fn guessed_separator(head: &[u8], layout: &Layout) -> u8 {
    let columns = |separator: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .from_reader(head);
        let header = reader.records().next().and_then(csv::Result::ok);
        let names = header.as_ref().map(|header| named(header, layout));
        names.unwrap_or_default()
    };
    let rank = |separator: &u8| {
        let columns = columns(*separator);
        (columns.iter().any(|column| column == ID), columns.len())
    };
    // Of equal ones the first.
    SEPARATORS
        .into_iter()
        .rev()
        .max_by_key(rank)
        .unwrap_or(b',')
}

/// The names of the columns, without the space around them and with those that are mapped.
fn named(header: &StringRecord, layout: &Layout) -> Vec<String> {
    let name = |column: &str| {
        let column = column.trim();
        let mapped = layout.map.iter().find(|(from, _)| from == column);
        mapped.map_or(column, |(_, to)| to).to_owned()
    };
    header.iter().map(name).collect()
}

/// The names of the columns, checked, and what is to be told of them.
fn columns(header: &StringRecord, layout: &Layout) -> Result<(Vec<String>, Vec<String>)> {
    let columns = named(header, layout);
    let listed: Vec<_> = header.iter().map(|column| format!("{column:?}")).collect();
    let listed = match header.iter().all(str::is_empty) {
        true => "the header is empty".to_owned(),
        false => format!("the columns are {}", listed.join(", ")),
    };
    for (from, _) in &layout.map {
        if !header.iter().any(|column| column.trim() == from) {
            return Err(format!("there is no column {from:?} to map; {listed}").into());
        }
    }
    if !columns.iter().any(|column| column == ID) {
        let hint = "--map COLUMN=id says which one has the ids, --separator what separates them";
        return Err(format!("there is no column id; {listed}; {hint}").into());
    }
    for (index, column) in columns.iter().enumerate() {
        if !column.is_empty() && columns[..index].contains(column) {
            return Err(format!("there are two columns {column:?}; {listed}").into());
        }
    }
    let spaced = header
        .iter()
        .filter(|column| column.trim() != *column && !column.trim().is_empty());
    let notes =
        spaced.map(|column| format!("the column {column:?} is read as {:?}", column.trim()));
    Ok((columns, notes.collect()))
}
