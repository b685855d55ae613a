//! The command line.

use std::path::PathBuf;

use encoding_rs::Encoding;

use crate::Result;
use crate::report::Format;

pub(crate) const HELP: &str = "\
Creates or updates the users of a file in Knock, or deletes them.

Usage: knock-import [OPTIONS] FILE

FILE ends in .csv, .tsv, .ndjson or .jsonl. A CSV file has a header line; the column id is
required, the others become properties of that name, and an empty cell changes nothing. An
NDJSON file has one user per line, a JSON object with an id.

Options:
  --dry-run          Read and check the whole file, and send nothing
  --delete           Delete the users instead; only their ids count
  --resume STATE     Go on where the run that left this file ended; where there is no such
                     file, start from the beginning
  --map COLUMN=NAME  Take a column of a CSV file as the property NAME, or as the id; repeat it
  --separator C      What separates the cells of a CSV file: one character, or tab. Otherwise
                     it is read from a first line such as sep=; or from the header
  --encoding NAME    The encoding of FILE, such as windows-1252 (default: UTF-8, or UTF-16 where
                     the file starts with its mark)
  --report FORMAT    text (default), json or csv
  -h, --help         Show this
  -V, --version      Show the version

The key comes from KNOCK_API_KEY. While a run goes on its state is kept in STATE, or in
FILE.state.json; a run that ends early leaves it there and says how to go on.

The report goes to standard output: each user that failed, record that is bad and chunk that
was not acknowledged, and a summary. Progress goes to standard error.

Exit status: 0 all users are done, 1 some are not and never will be as they are, 2 nothing was
tried, 3 the run ended early.
";

/// The request of the command line.
pub(crate) enum Asked {
    Help,
    Version,
    Import(Arguments),
}

/// An import, or what to do instead of one.
#[derive(Default)]
pub(crate) struct Arguments {
    pub file: PathBuf,
    pub delete: bool,
    pub dry_run: bool,
    pub resume: Option<PathBuf>,
    pub report: Format,
    pub layout: Layout,
}

/// Layout of a file, as far as the command line says.
#[derive(Default)]
pub(crate) struct Layout {
    pub encoding: Option<&'static Encoding>,
    pub separator: Option<u8>,
    /// Columns and the names that they get instead.
    pub map: Vec<(String, String)>,
}

pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Asked> {
    use lexopt::prelude::*;

    let mut arguments = Arguments::default();
    let mut file = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Asked::Help),
            Long("version") | Short('V') => return Ok(Asked::Version),
            Long("delete") => arguments.delete = true,
            Long("dry-run") => arguments.dry_run = true,
            Long("resume") => arguments.resume = Some(parser.value()?.into()),
            Long("report") => arguments.report = parser.value()?.parse_with(Format::named)?,
            Long("encoding") => {
                arguments.layout.encoding = Some(parser.value()?.parse_with(encoding)?);
            }
            Long("separator") => {
                arguments.layout.separator = Some(parser.value()?.parse_with(separator)?);
            }
            Long("map") => arguments
                .layout
                .map
                .push(parser.value()?.parse_with(mapping)?),
            Value(value) if file.is_none() => file = Some(value.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    arguments.file = file.ok_or("there is no FILE")?;
    if arguments.dry_run && arguments.resume.is_some() {
        return Err("--dry-run checks the whole file, so it takes no --resume".into());
    }
    Ok(Asked::Import(arguments))
}

fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label_no_replacement(name.as_bytes())
        .ok_or_else(|| format!("there is no encoding {name:?}; a name is utf-8 or windows-1252"))
}

/// A character that separates cells, by itself or by its name.
pub(crate) fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(byte),
        _ => Err(format!(
            "the separator must be one ASCII character that is no quote, or tab, not {text:?}"
        )),
    }
}

fn mapping(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((column, name)) if !column.trim().is_empty() && !name.trim().is_empty() => {
            Ok((column.trim().to_owned(), name.trim().to_owned()))
        }
        _ => Err(format!("--map wants COLUMN=NAME, not {text:?}")),
    }
}
