//! Bulk runs with JSON text in and out, as the C ABI makes them.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::api::operation;
use crate::api::users::bulk::operation as bulk;
use crate::bulk::engine::{Engine, Keeper, Observer};
use crate::bulk::{BulkCancel, BulkRun, BulkSummary, Json, POLL_INTERVAL, UserIds, Users};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::types::PreferenceSetRequest;

/// Some editors put it at the start of a file.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const NOT_UTF8: &str = "it is not UTF-8";

/// A run that records are pushed into.
pub struct JsonBulk {
    run: State,
    operation: &'static Operation,
}

enum State {
    Users(Engine<'static>),
    UserIds(Engine<'static>),
    /// With its summary.
    Finished(String),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    preferences: Option<PreferenceSetRequest>,
    max_records: Option<usize>,
    max_body_bytes: Option<usize>,
    total: Option<u64>,
    poll_interval_ms: Option<u64>,
    max_poll_interval_ms: Option<u64>,
    stall_timeout_ms: Option<u64>,
    resume: Option<BulkSummary>,
}

impl JsonBulk {
    /// A run of a bulk operation, by its name, and what cancels it.
    pub fn new(client: &Client, name: &str, options: &str) -> Result<(Self, BulkCancel)> {
        let operation = operation(name)?;
        let cancel = BulkCancel::new();
        let run = start(client, operation, options, &cancel);
        let run = run.map_err(|error| error.at(operation.name))?;
        Ok((Self { run, operation }, cancel))
    }

    /// Sets what is told the progress.
    pub fn on_progress(&mut self, observer: Option<Observer<'static>>) {
        if let State::Users(engine) | State::UserIds(engine) = &mut self.run {
            engine.observe(observer);
        }
    }

    /// Sets what is given the state, which a later run resumes from, after each chunk that the
    /// service acknowledged.
    pub fn on_acknowledged(&mut self, keeper: Option<Keeper<'static>>) {
        if let State::Users(engine) | State::UserIds(engine) = &mut self.run {
            engine.keep_state_with(keeper);
        }
    }

    /// Takes one record, an array of them, or one per line. False when the run has ended and
    /// takes no more.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for an array over several lines that is not valid JSON; nothing of it
    /// was taken.
    pub fn push(&mut self, text: &[u8]) -> Result<bool> {
        let mut goes_on = !matches!(self.run, State::Finished(_));
        let taken = each_record(text, |record| {
            let record = record.map(Json);
            goes_on = goes_on
                && match &mut self.run {
                    State::Users(engine) => engine.push::<Users>(record),
                    State::UserIds(engine) => engine.push::<UserIds>(record),
                    State::Finished(_) => false,
                };
        });
        taken.map_err(|error| error.at(self.operation.name))?;
        Ok(goes_on)
    }

    /// Sends what is left, follows the work to its end, and says what became of it all, as JSON.
    pub fn finish(&mut self) -> Result<String> {
        let finished = match std::mem::replace(&mut self.run, State::Finished(String::new())) {
            State::Finished(summary) => summary,
            State::Users(engine) | State::UserIds(engine) => {
                serde_json::to_string(&engine.finish()).map_err(|error| {
                    Error::invalid(format!("the summary cannot be written as JSON: {error}"))
                })?
            }
        };
        self.run = State::Finished(finished.clone());
        Ok(finished)
    }
}

fn start(
    client: &Client,
    operation: &'static Operation,
    options: &str,
    cancel: &BulkCancel,
) -> Result<State> {
    let options: Options = match options.trim() {
        "" => Options::default(),
        text => serde_json::from_str(text)
            .map_err(|error| Error::invalid(format!("the options of a bulk run: {error}")))?,
    };
    if options.preferences.is_some() && operation.name != bulk::set_preferences.name {
        let message = format!(
            "preferences are an option of {} alone",
            bulk::set_preferences.name
        );
        return Err(Error::invalid(message));
    }
    if operation.name == bulk::identify.name {
        let run = options.apply(BulkRun::identify(client))?;
        Ok(State::Users(run.cancel_with(cancel).start()))
    } else if operation.name == bulk::delete.name {
        let run = options.apply(BulkRun::delete(client))?;
        Ok(State::UserIds(run.cancel_with(cancel).start()))
    } else if operation.name == bulk::set_preferences.name {
        let preferences = options.preferences.as_ref().ok_or_else(|| {
            Error::invalid("the option preferences is required: the set to give to the users")
        })?;
        let run = BulkRun::set_preferences(client, preferences)?;
        Ok(State::UserIds(
            options.apply(run)?.cancel_with(cancel).start(),
        ))
    } else {
        Err(Error::invalid(format!(
            "{} is not a bulk operation; those are {}, {} and {}",
            operation.name,
            bulk::identify.name,
            bulk::set_preferences.name,
            bulk::delete.name
        )))
    }
}

impl Options {
    fn apply<Kind>(self, mut run: BulkRun<'static, Kind>) -> Result<BulkRun<'static, Kind>> {
        if let Some(records) = self.max_records {
            run = run.max_records(records);
        }
        if let Some(bytes) = self.max_body_bytes {
            run = run.max_body_bytes(bytes);
        }
        if let Some(total) = self.total {
            run = run.total(total);
        }
        if let Some(timeout) = self.stall_timeout_ms {
            run = run.stall_timeout(Duration::from_millis(timeout));
        }
        let first = self
            .poll_interval_ms
            .map_or(POLL_INTERVAL.0, Duration::from_millis);
        let longest = self
            .max_poll_interval_ms
            .map_or(POLL_INTERVAL.1, Duration::from_millis);
        run = run.poll_interval(first, longest);
        match self.resume {
            Some(summary) => run.resume(summary),
            None => Ok(run),
        }
    }
}

/// Calls with each record of a text: an array's elements, a single value, or a value per line;
/// for a line that cannot be one, with why.
fn each_record(text: &[u8], mut take: impl FnMut(Result<&str, String>)) -> Result<()> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let text = text.trim_ascii();
    let checked = match std::str::from_utf8(text) {
        Ok(text) => serde_json::from_str::<&RawValue>(text).map_err(|error| error.to_string()),
        Err(_) => Err(NOT_UTF8.into()),
    };
    match checked {
        Ok(value) if value.get().starts_with('[') => {
            let mut reader = serde_json::Deserializer::from_str(value.get());
            let taken = reader.deserialize_seq(Elements(take));
            taken.map_err(|error| Error::invalid(format!("the items cannot be read: {error}")))
        }
        // One value may well be spread over many lines.
        Ok(value) => {
            take(Ok(value.get()));
            Ok(())
        }
        Err(error) if text.starts_with(b"[") && text.contains(&b'\n') => Err(Error::invalid(
            format!("the items are not valid JSON: {error}"),
        )),
        Err(_) => {
            let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            lines
                .filter(|line| !line.is_empty())
                .for_each(|line| take(std::str::from_utf8(line).map_err(|_| NOT_UTF8.into())));
            Ok(())
        }
    }
}

struct Elements<F>(F);

impl<'de, F: FnMut(Result<&str, String>)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element::<&RawValue>()? {
            self.0(Ok(element.get()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: impl AsRef<[u8]>) -> Vec<String> {
        let mut records = Vec::new();
        let take = |record: Result<&str, String>| {
            records.push(record.map_or_else(|reason| reason, str::to_owned));
        };
        each_record(text.as_ref(), take).unwrap();
        records
    }

    #[test]
    fn takes_one_an_array_or_one_per_line() {
        assert_eq!(records("{\n \"id\": \"a\"\n}"), ["{\n \"id\": \"a\"\n}"]);
        assert_eq!(
            records(r#"[{"id":"a"}, "b", 3]"#),
            [r#"{"id":"a"}"#, r#""b""#, "3"]
        );
        // What no service could read is a bad record of its own, not an array that cannot be read.
        assert_eq!(records(r#"["\ud83d", 1e400]"#), [r#""\ud83d""#, "1e400"]);
        assert_eq!(
            records("{\"id\":1}\r\n\n{\"id\":2}\n"),
            [r#"{"id":1}"#, r#"{"id":2}"#]
        );
        assert_eq!(
            records("{\"id\":\n{\"id\":2}"),
            [r#"{"id":"#, r#"{"id":2}"#]
        );
        assert!(records(" \n").is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_a_line_among_others() {
        assert_eq!(records("[broken\n"), ["[broken"]);
        assert_eq!(records(r#"["a", "b"#), [r#"["a", "b"#]);
        assert_eq!(
            records(b"\"a\"\n\"b\xe9\"\r\n\"c\""),
            [r#""a""#, NOT_UTF8, r#""c""#]
        );
    }

    #[test]
    fn takes_nothing_of_an_array_over_lines_that_breaks_off() {
        for text in [&b"[\"a\",\n\"b"[..], b"[\"a\",\n\"b\xe9\"]"] {
            let error = each_record(text, |_| panic!("took a record")).unwrap_err();
            assert!(error.message().contains("not valid JSON"), "{error}");
        }
    }
}
