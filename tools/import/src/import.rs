//! The import itself: a check of the file, the run, its state, its report.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use knock::Client;
use knock::bulk::{
    self, BulkCancel, BulkProgress, BulkRecord, BulkRun, BulkSummary, Json, UserIds, Users,
};

use crate::arguments::Arguments;
use crate::input::{Input, Records, Unread};
use crate::meter::Meter;
use crate::report::write_report;
use crate::shell::resume_command;
use crate::state::{Outlook, StateFile};
use crate::{Result, tell};

/// Does the work, and returns the exit status. `words` is the command line, for the hint how to
/// go on.
pub(crate) fn import(
    arguments: &Arguments,
    words: &[OsString],
    report: &mut dyn Write,
) -> Result<u8> {
    let input = Input::new(&arguments.file, &arguments.layout)?;
    let (total, notes) = input.survey()?;
    for note in notes {
        tell(format_args!("{}: {note}", arguments.file.display()));
    }
    let summary = match (arguments.dry_run, arguments.delete) {
        (true, false) => check::<Users>(input.records()?, total),
        (true, true) => check::<UserIds>(input.records()?, total),
        (false, delete) => {
            let client = Client::from_env()?;
            let job = Job::new(arguments, words, total)?;
            match delete {
                false => job.run(BulkRun::identify(&client), input.records()?),
                true => job.run(BulkRun::delete(&client), input.records()?),
            }?
        }
    };
    if let Err(error) = write_report(&summary, arguments.report, arguments.dry_run, report) {
        tell(format_args!("the report could not be written: {error}"));
    }
    Ok(match (summary.is_complete(), summary.is_success()) {
        (false, _) => 3,
        (true, false) => 1,
        (true, true) => 0,
    })
}

/// Findings of a run before it sent any record.
fn check<Kind>(records: Records<'_>, total: u64) -> BulkSummary
where
    Result<Json<String>, Unread>: BulkRecord<Kind>,
{
    let mut summary = BulkSummary::default();
    summary.operation = "dry run".into();
    summary.read = total;
    summary.bad_records = bulk::check::<Kind, _>(records);
    summary
}

/// A run and its state.
struct Job<'a> {
    words: &'a [OsString],
    total: u64,
    resume: Option<BulkSummary>,
    state: StateFile,
}

impl<'a> Job<'a> {
    fn new(arguments: &'a Arguments, words: &'a [OsString], total: u64) -> Result<Self> {
        let beside = || with_suffix(&arguments.file, ".state.json");
        let state = StateFile::new(arguments.resume.clone().unwrap_or_else(beside))?;
        if arguments.resume.is_none() && state.exists() {
            return Err(format!(
                "{} has the state of a run that did not end; go on with: {}, or remove it to start over",
                state.path().display(),
                resume_command(words, state.path())
            )
            .into());
        }
        Ok(Self {
            words,
            total,
            resume: state.load()?,
            state,
        })
    }

    fn run<Kind>(mut self, run: BulkRun<'_, Kind>, records: Records<'_>) -> Result<BulkSummary>
    where
        Result<Json<String>, Unread>: BulkRecord<Kind>,
    {
        let run = match self.resume.take() {
            Some(state) => run.resume(state)?,
            None => run,
        };
        let cancel = BulkCancel::new();
        let button = cancel.clone();
        ctrlc::set_handler(move || button.cancel())?;
        let meter = Meter::new();
        let (mut shown, told) = (meter.clone(), meter.clone());
        let state = &mut self.state;
        let summary = run
            .total(self.total)
            .cancel_with(&cancel)
            .on_progress(move |progress: &BulkProgress| shown.show(progress))
            .on_acknowledged(move |summary: &BulkSummary| {
                if let Some(failure) = state.save(summary) {
                    told.tell(failure);
                }
            })
            .run(while_readable(records, &cancel, &meter));
        meter.clear();
        // First of all, for the report may go to somebody who does not read it to its end.
        self.conclude(&summary);
        Ok(summary)
    }

    /// Keeps what a later run needs, or nothing where nothing is left to do, and says which.
    fn conclude(mut self, summary: &BulkSummary) {
        let path = self.state.path().to_owned();
        let path = path.display();
        if summary.is_complete() {
            if let Err(error) = self.state.remove() {
                tell(format_args!("{path} cannot be removed: {error}"));
            }
            return;
        }
        self.state.save(summary);
        let command = resume_command(self.words, self.state.path());
        match self.state.outlook() {
            Outlook::GoesOn => tell(format_args!("go on with: {command}")),
            Outlook::GoesBack(error) => tell(format_args!(
                "the state at the end cannot be written to {path}: {error}; the one in it is from earlier, so that \
                 some records are sent again on going on with: {command}"
            )),
            Outlook::StartsOver(error) => tell(format_args!(
                "the state cannot be written to {path}: {error}; this run cannot be resumed, only started over"
            )),
        }
    }
}

/// Ends a run whose input cannot be read on, so that a later run reads the rest.
fn while_readable<'a>(
    records: Records<'a>,
    cancel: &'a BulkCancel,
    meter: &'a Meter,
) -> impl Iterator<Item = Result<Json<String>, Unread>> {
    records.map_while(move |record| match record {
        Err(Unread::Rest(reason)) => {
            meter.tell(format_args!("the file cannot be read on: {reason}"));
            cancel.cancel();
            None
        }
        record => Some(record),
    })
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
