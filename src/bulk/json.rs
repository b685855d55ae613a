//! Bulk runs with JSON text in and out, as the C ABI makes them.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::api::users::bulk::operation as bulk;
use crate::bulk::cancel::BulkCancel;
use crate::bulk::engine::{Engine, Observer};
use crate::bulk::record::{Json, UserIds, Users};
use crate::bulk::summary::BulkSummary;
use crate::bulk::{BulkRun, SCHEDULE};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::operation::{Operation, operation};
use crate::types::PreferenceSetRequest;

/// A run that records are pushed into.
pub(crate) struct JsonBulk {
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

    pub fn on_progress(&mut self, observer: Option<Observer<'static>>) {
        if let State::Users(engine) | State::UserIds(engine) = &mut self.run {
            engine.observe(observer);
        }
    }

    /// Takes one record, an array of them, or one per line. False when the run has ended and
    /// takes no more.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for an array that is not valid JSON; nothing of it was taken.
    pub fn push(&mut self, text: &str) -> Result<bool> {
        let mut goes_on = !matches!(self.run, State::Finished(_));
        let taken = each_record(text, |record| {
            goes_on = goes_on
                && match &mut self.run {
                    State::Users(engine) => engine.push::<Users>(Json(record)),
                    State::UserIds(engine) => engine.push::<UserIds>(Json(record)),
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
            .map_or(SCHEDULE.first, Duration::from_millis);
        let longest = self
            .max_poll_interval_ms
            .map_or(SCHEDULE.longest, Duration::from_millis);
        run = run.poll_interval(first, longest);
        match self.resume {
            Some(summary) => run.resume(summary),
            None => Ok(run),
        }
    }
}

/// Calls with each record of a text: an array's elements, a single value, or a value per line.
fn each_record(text: &str, mut take: impl FnMut(&str)) -> Result<()> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(());
    }
    if text.starts_with('[') {
        let broken = |error| Error::invalid(format!("the items are not valid JSON: {error}"));
        // All of it is checked first, so that nothing is taken of a text that breaks off.
        serde_json::from_str::<IgnoredAny>(text).map_err(broken)?;
        let mut reader = serde_json::Deserializer::from_str(text);
        return reader.deserialize_seq(Elements(take)).map_err(broken);
    }
    // One value may well be spread over many lines.
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        take(text);
        return Ok(());
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.for_each(take);
    Ok(())
}

struct Elements<F>(F);

impl<'de, F: FnMut(&str)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element::<&RawValue>()? {
            self.0(element.get());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<String> {
        let mut records = Vec::new();
        each_record(text, |record| records.push(record.to_owned())).unwrap();
        records
    }

    #[test]
    fn takes_one_an_array_or_one_per_line() {
        assert_eq!(records("{\n \"id\": \"a\"\n}"), ["{\n \"id\": \"a\"\n}"]);
        assert_eq!(
            records(r#"[{"id":"a"}, "b", 3]"#),
            [r#"{"id":"a"}"#, r#""b""#, "3"]
        );
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
    fn takes_nothing_of_an_array_that_breaks_off() {
        let error = each_record(r#"["a", "b"#, |_| panic!("took a record")).unwrap_err();
        assert!(error.message().contains("not valid JSON"), "{error}");
    }
}
