//! Imports users from a file, or deletes them: a tool for a terminal and for cron.
//!
//! ```text
//! KNOCK_API_KEY=sk_… cargo run --release --example import_users -- users.csv
//! ```

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use knock::Client;
use knock::bulk::{BulkCancel, BulkProgress, BulkRecord, BulkRun, BulkSummary, Json};
use knock::types::InlineIdentifyUserRequest;

const HELP: &str = "\
usage: import_users FILE.csv|FILE.ndjson [--delete] [--resume STATE]

Creates or updates the users of a file. A CSV file has a header line; the column id is
required, the others become properties, and an empty cell changes nothing. An NDJSON file
has one user per line, a JSON object with an id.

  --delete        delete the users instead; only their ids count
  --resume STATE  go on where the run that left this file ended; where there is no such
                  file, start from the beginning
  --help          show this

The key comes from KNOCK_API_KEY. A run that ends early leaves its state in STATE, or in
FILE.state.json, and says how to go on.

The report goes to standard output: a line for each user that failed, record that is bad
and chunk that was not acknowledged, then a summary. Progress goes to standard error.

exit status: 0 all users are done, 1 some are not and never will be as they are, 2 nothing
was tried, 3 the run ended early and can be resumed";

/// How often progress is told where there is no terminal.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// A failure, in words.
pub type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// What the command line asks for.
pub struct Arguments {
    pub file: PathBuf,
    pub delete: bool,
    pub resume: Option<PathBuf>,
}

#[allow(
    dead_code,
    reason = "the tests include this file for its other functions"
)]
fn main() -> ExitCode {
    let start = || -> Result<Option<u8>> {
        let Some(arguments) = parse(lexopt::Parser::from_env())? else {
            println!("{HELP}");
            return Ok(None);
        };
        let client = Client::from_env()?;
        let cancel = BulkCancel::new();
        let button = cancel.clone();
        ctrlc::set_handler(move || button.cancel())?;
        import(&client, &arguments, &cancel, &mut io::stdout()).map(Some)
    };
    match start() {
        Ok(status) => status.unwrap_or_default().into(),
        Err(error) => {
            tell(format_args!("import_users: {error}"));
            2.into()
        }
    }
}

/// Reads the command line; nothing where it asks for help.
pub fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>> {
    use lexopt::prelude::*;

    let (mut file, mut delete, mut resume) = (None, false, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("delete") => delete = true,
            Long("resume") => resume = Some(parser.value()?.into()),
            Value(value) if file.is_none() => file = Some(value.into()),
            other => return Err(format!("{}\n\n{HELP}", other.unexpected()).into()),
        }
    }
    let file = file.ok_or_else(|| format!("there is no FILE\n\n{HELP}"))?;
    Ok(Some(Arguments {
        file,
        delete,
        resume,
    }))
}

/// Does the work, and returns the exit status.
pub fn import(
    client: &Client,
    arguments: &Arguments,
    cancel: &BulkCancel,
    report: &mut dyn Write,
) -> Result<u8> {
    let Arguments { file, delete, .. } = arguments;
    let beside = || with_suffix(file, ".state.json");
    let state = arguments.resume.clone().unwrap_or_else(beside);
    let extension = file.extension().and_then(|extension| extension.to_str());
    let job = Job {
        file,
        resume: arguments
            .resume
            .as_deref()
            .map(stored)
            .transpose()?
            .flatten(),
        cancel,
    };
    let identify = BulkRun::identify(client);
    let remove = BulkRun::delete(client);
    let summary = match (extension, delete) {
        (Some("csv"), false) => {
            let total = csv_count(opened(file)?)?;
            job.run(identify, csv_users(opened(file)?, cancel)?, total)
        }
        (Some("csv"), true) => {
            let total = csv_count(opened(file)?)?;
            job.run(remove, csv_ids(opened(file)?, cancel)?, total)
        }
        (Some("ndjson" | "jsonl"), delete) => {
            let total = line_count(opened(file)?)?;
            let lines = lines(opened(file)?, cancel);
            match delete {
                false => job.run(identify, lines, total),
                true => job.run(remove, lines, total),
            }
        }
        _ => Err("FILE must end in .csv, .ndjson or .jsonl".into()),
    }?;
    // First of all, for the report may go to somebody who does not read it to its end.
    match keep(&summary, &state) {
        Ok(()) if summary.is_complete() => {}
        Ok(()) => {
            let delete = if *delete { " --delete" } else { "" };
            let (file, state) = (file.display(), state.display());
            tell(format_args!(
                "go on with: import_users {file}{delete} --resume {state}"
            ));
        }
        Err(error) => tell(format_args!("{}: {error}", state.display())),
    }
    if let Err(error) = write_report(&summary, report) {
        tell(format_args!("the report could not be written: {error}"));
    }
    Ok(match (summary.is_complete(), summary.is_success()) {
        (false, _) => 3,
        (true, false) => 1,
        (true, true) => 0,
    })
}

/// Keeps what a later run needs, and nothing where there is nothing left to do.
fn keep(summary: &BulkSummary, state: &Path) -> io::Result<()> {
    if !summary.is_complete() {
        // Whole or not at all, so that a full disk does not cost the state of an earlier run.
        let fresh = with_suffix(state, ".new");
        fs::write(&fresh, serde_json::to_vec(summary)?)?;
        return fs::rename(&fresh, state);
    }
    match fs::remove_file(state) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Says something on standard error, whether or not anybody listens.
fn tell(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

struct Job<'a> {
    file: &'a Path,
    resume: Option<BulkSummary>,
    cancel: &'a BulkCancel,
}

impl Job<'_> {
    fn run<'a, Kind, R: BulkRecord<Kind>>(
        self,
        run: BulkRun<'a, Kind>,
        records: impl Iterator<Item = R>,
        total: u64,
    ) -> Result<BulkSummary> {
        let mut meter = Meter::new(self.file);
        let run = match self.resume {
            Some(state) => run.resume(state)?,
            None => run,
        };
        let observe = move |progress: &BulkProgress| meter.show(progress);
        Ok(run
            .total(total)
            .cancel_with(self.cancel)
            .on_progress(observe)
            .run(records))
    }
}

/// Shows the progress: a bar on a terminal, a line now and then elsewhere.
enum Meter {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Meter {
    fn new(file: &Path) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines {
                last: Instant::now(),
            };
        }
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}");
        let bar = ProgressBar::new(0).with_prefix(file.display().to_string());
        Self::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    fn show(&mut self, progress: &BulkProgress) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(progress.total.unwrap_or(progress.read));
                bar.set_position(progress.processed + progress.bad_records);
                bar.set_message(progress.to_string());
            }
            Self::Lines { last } if last.elapsed() >= PLAIN_INTERVAL => {
                *last = Instant::now();
                tell(progress);
            }
            Self::Lines { .. } => {}
        }
    }
}

fn write_report(summary: &BulkSummary, report: &mut dyn Write) -> io::Result<()> {
    for bad in &summary.bad_records {
        let id = bad
            .id
            .as_deref()
            .map(|id| format!(" ({id})"))
            .unwrap_or_default();
        writeln!(report, "record {}{id}: {}", bad.position + 1, bad.reason)?;
    }
    for failure in &summary.failures {
        writeln!(report, "user {}: {}", failure.id, failure.reason)?;
    }
    for chunk in &summary.unacknowledged {
        writeln!(
            report,
            "records {} to {}: {}",
            chunk.first + 1,
            chunk.end,
            chunk.reason
        )?;
    }
    writeln!(report, "{summary}")?;
    report.flush()
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn stored(state: &Path) -> Result<Option<BulkSummary>> {
    match fs::read(state) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            format!("{} is not the state of a run: {error}", state.display()).into()
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", state.display()).into()),
    }
}

fn opened(file: &Path) -> Result<BufReader<File>> {
    let open = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(BufReader::with_capacity(1 << 16, open))
}

/// Ends a run whose input cannot be read on, so that a later run reads the rest.
fn while_readable<T, E: Display>(
    records: impl Iterator<Item = Result<T, E>>,
    cancel: &BulkCancel,
    is_broken: fn(&E) -> bool,
) -> impl Iterator<Item = Result<T, E>> {
    records.map_while(move |record| match record {
        Err(error) if is_broken(&error) => {
            tell(format_args!("the file cannot be read on: {error}"));
            cancel.cancel();
            None
        }
        record => Some(record),
    })
}

/// The lines of a file that are not blank.
pub fn lines(
    input: impl BufRead,
    cancel: &BulkCancel,
) -> impl Iterator<Item = io::Result<Json<String>>> {
    let lines = input.lines();
    let lines = lines.filter(|line| !matches!(line, Ok(text) if text.trim().is_empty()));
    // A line that is not UTF-8 is one bad record; after any other error there are no more lines.
    let is_broken = |error: &io::Error| error.kind() != io::ErrorKind::InvalidData;
    while_readable(lines.map(|line| line.map(Json)), cancel, is_broken)
}

fn line_count(mut input: impl BufRead) -> Result<u64> {
    let mut count = 0;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        count += u64::from(!line.trim_ascii().is_empty());
        line.clear();
    }
    Ok(count)
}

/// The rows of a file, and where its ids stand.
fn csv_rows<R: Read>(input: R) -> Result<(csv::Reader<R>, usize)> {
    let mut reader = csv::Reader::from_reader(input);
    let id = reader.headers()?.iter().position(|column| column == "id");
    Ok((reader, id.ok_or("the file has no column id")?))
}

fn csv_ids(
    input: impl Read,
    cancel: &BulkCancel,
) -> Result<impl Iterator<Item = csv::Result<String>>> {
    let (reader, id) = csv_rows(input)?;
    let id_of = move |row: csv::StringRecord| row.get(id).unwrap_or_default().to_owned();
    let rows = while_readable(reader.into_records(), cancel, csv::Error::is_io_error);
    Ok(rows.map(move |row| row.map(id_of)))
}

/// The users of a CSV file, without their empty cells.
pub fn csv_users(
    input: impl Read,
    cancel: &BulkCancel,
) -> Result<impl Iterator<Item = csv::Result<InlineIdentifyUserRequest>>> {
    let (mut reader, _) = csv_rows(input)?;
    let columns = reader.headers()?.clone();
    let user_of = move |row: csv::StringRecord| {
        let cells = columns
            .iter()
            .zip(row.iter())
            .filter(|(_, cell)| !cell.is_empty());
        cells.fold(
            InlineIdentifyUserRequest::default(),
            |user, (column, cell)| user.set(column, cell),
        )
    };
    let rows = while_readable(reader.into_records(), cancel, csv::Error::is_io_error);
    Ok(rows.map(move |row| row.map(&user_of)))
}

fn csv_count(input: impl Read) -> Result<u64> {
    let (reader, _) = csv_rows(input)?;
    Ok(reader.into_byte_records().count() as u64)
}
