//! Imports users from a file, or deletes them: a tool for a terminal and for cron.
//!
//! ```text
//! KNOCK_API_KEY=sk_… cargo run --release --example import_users -- users.csv
//! ```

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
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
            eprintln!("import_users: {error}");
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
    let state = arguments.resume.clone().unwrap_or_else(|| beside(file));
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
        (Some("csv"), false) => job.run(identify, csv_users(file)?, csv_count(file)?),
        (Some("csv"), true) => job.run(remove, csv_ids(file)?, csv_count(file)?),
        (Some("ndjson" | "jsonl"), false) => job.run(identify, lines(file)?, line_count(file)?),
        (Some("ndjson" | "jsonl"), true) => job.run(remove, lines(file)?, line_count(file)?),
        _ => Err("FILE must end in .csv, .ndjson or .jsonl".into()),
    }?;
    write_report(&summary, report)?;
    if !summary.is_complete() {
        fs::write(&state, serde_json::to_vec(&summary)?)?;
        let delete = if *delete { " --delete" } else { "" };
        let (file, state) = (file.display(), state.display());
        eprintln!("go on with: import_users {file}{delete} --resume {state}");
        return Ok(3);
    }
    if state.exists() {
        fs::remove_file(&state)?;
    }
    Ok(if summary.is_success() { 0 } else { 1 })
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
                eprintln!("{progress}");
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
    writeln!(report, "{summary}")
}

/// Where the state of a run goes unless the command line says so.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".state.json");
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

fn lines(file: &Path) -> Result<impl Iterator<Item = io::Result<Json<String>>>> {
    Ok(opened(file)?.lines().map(|line| line.map(Json)))
}

fn line_count(file: &Path) -> Result<u64> {
    let mut count = 0;
    let mut line = Vec::new();
    let mut reader = opened(file)?;
    while reader.read_until(b'\n', &mut line)? > 0 {
        count += 1;
        line.clear();
    }
    Ok(count)
}

/// The rows of a file, and where its ids stand.
fn csv_rows(file: &Path) -> Result<(csv::Reader<BufReader<File>>, usize)> {
    let mut reader = csv::Reader::from_reader(opened(file)?);
    let id = reader.headers()?.iter().position(|column| column == "id");
    let id = id.ok_or_else(|| format!("{} has no column id", file.display()))?;
    Ok((reader, id))
}

fn csv_ids(file: &Path) -> Result<impl Iterator<Item = csv::Result<String>>> {
    let (reader, id) = csv_rows(file)?;
    let id_of = move |row: csv::StringRecord| row.get(id).unwrap_or_default().to_owned();
    Ok(reader.into_records().map(move |row| row.map(id_of)))
}

fn csv_users(file: &Path) -> Result<impl Iterator<Item = csv::Result<InlineIdentifyUserRequest>>> {
    let (mut reader, _) = csv_rows(file)?;
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
    Ok(reader.into_records().map(move |row| row.map(&user_of)))
}

fn csv_count(file: &Path) -> Result<u64> {
    let (reader, _) = csv_rows(file)?;
    Ok(reader.into_byte_records().count() as u64)
}
