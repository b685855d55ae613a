//! Faults of the service, as the stand-in plays them.

use std::time::Duration;

use knock::ErrorKind::{Api, RateLimited, Response, Timeout, Transport};
use knock_sandbox::{Ending, Fault, Portion};

use crate::matrix::{Call, Row, Server};
use Call::{Delete, Get, Merge, Put};

fn row(fault: &'static str, call: Call, faults: impl IntoIterator<Item = Fault>) -> Row {
    Row::new(fault, call, Server::Sandbox(faults.into_iter().collect()))
}

/// A response that is not to be waited after.
fn status(status: u16) -> Fault {
    Fault::status(status).header("retry-after-ms", "1")
}

/// The request is processed; its response is lost.
fn lost() -> Fault {
    Fault::reset().processed(true)
}

pub fn rows() -> Vec<Row> {
    [fine(), refused(), broken(), slow()]
        .into_iter()
        .flatten()
        .collect()
}

fn fine() -> Vec<Row> {
    [Get, Put, Delete, Merge]
        .map(|call| row("none", call, []))
        .into()
}

fn refused() -> Vec<Row> {
    let longer = || Fault::status(429).header("retry-after", "3600");
    let told_to = || status(400).header("x-should-retry", "true");
    let told_not_to = || status(503).header("x-should-retry", "false");
    vec![
        row("503 once", Get, [status(503)]).attempts(2),
        row("503 once", Put, [status(503)]).attempts(2),
        row("503 once", Delete, [status(503)]).attempts(2),
        row("503 once", Merge, [status(503)])
            .fails(Api)
            .status(503)
            .unsure()
            .processed(0),
        row("503 for ever", Get, [status(503).times(3)])
            .attempts(3)
            .fails(Api)
            .status(503)
            .retryable()
            .processed(0),
        row("503 for ever", Put, [status(503).times(3)])
            .attempts(3)
            .fails(Api)
            .status(503)
            .retryable()
            .unsure()
            .processed(0),
        row("503, yet processed", Put, [status(503).processed(true)])
            .attempts(2)
            .processed(2),
        row("503, yet processed", Delete, [status(503).processed(true)])
            .attempts(2)
            .processed(2),
        row("503, yet processed", Merge, [status(503).processed(true)])
            .fails(Api)
            .status(503)
            .unsure(),
        row("408 once", Merge, [status(408)]).attempts(2),
        row("409 once", Merge, [status(409)]).attempts(2),
        row("429 once", Get, [status(429)]).attempts(2),
        row("429 once", Merge, [status(429)]).attempts(2),
        row("429 with a wait past the deadline", Get, [longer()])
            .fails(RateLimited)
            .status(429)
            .retryable()
            .processed(0),
        row("404", Delete, [status(404)])
            .fails(Api)
            .status(404)
            .processed(0),
        row("429, then 404", Delete, [status(429), status(404)])
            .attempts(2)
            .fails(Api)
            .status(404)
            .processed(0),
        row("422", Put, [status(422)])
            .fails(Api)
            .status(422)
            .processed(0),
        row("400 with `x-should-retry: true`", Merge, [told_to()]).attempts(2),
        row("503 with `x-should-retry: false`", Get, [told_not_to()])
            .fails(Api)
            .status(503)
            .processed(0),
    ]
}

fn broken() -> Vec<Row> {
    let cut = || Fault::truncate(10);
    let half_head = || Fault {
        send: Portion::HalfHead,
        then: Ending::Reset,
        processed: Some(true),
        ..Fault::default()
    };
    vec![
        row("reset before a response", Get, [Fault::reset()])
            .attempts(2)
            .connections(2),
        row("reset before a response", Put, [Fault::reset()])
            .attempts(2)
            .connections(2),
        row("reset before a response", Merge, [Fault::reset()])
            .fails(Transport)
            .unsure()
            .processed(0),
        row("reset, yet processed", Put, [lost()])
            .attempts(2)
            .processed(2)
            .connections(2),
        row("reset, yet processed", Delete, [lost()])
            .attempts(2)
            .processed(2)
            .connections(2),
        row("reset, yet processed", Merge, [lost()])
            .fails(Transport)
            .unsure(),
        row("reset, yet processed, then 422", Put, [lost(), status(422)])
            .attempts(2)
            .fails(Api)
            .status(422)
            .unsure()
            .connections(2),
        row("close before a response", Get, [Fault::close()])
            .attempts(2)
            .connections(2),
        row("close before a response", Merge, [Fault::close()])
            .fails(Transport)
            .unsure()
            .processed(0),
        row("reset within the head", Merge, [half_head()])
            .fails(Response)
            .unsure(),
        row("reset after the head", Get, [Fault::reset_mid_answer()])
            .fails(Response)
            .status(200)
            .retryable(),
        row("body cut short", Get, [cut()])
            .fails(Response)
            .status(200)
            .retryable(),
        row("body cut short", Put, [cut()])
            .fails(Response)
            .status(200)
            .retryable()
            .unsure(),
        row("body cut short", Merge, [cut()])
            .fails(Response)
            .status(200)
            .unsure(),
        row("HTML instead of JSON", Get, [Fault::not_json()])
            .fails(Response)
            .status(200)
            .processed(0),
        row("HTML instead of JSON", Merge, [Fault::not_json()])
            .fails(Response)
            .status(200)
            .unsure()
            .processed(0),
        row("204 where there must be a body", Get, [Fault::status(204)])
            .fails(Response)
            .status(204)
            .processed(0),
    ]
}

fn slow() -> Vec<Row> {
    let drip = || Fault::drip(Duration::from_millis(20));
    vec![
        row(
            "late answer",
            Get,
            [Fault::delay(Duration::from_millis(50))],
        ),
        row("silence", Get, [Fault::silent()])
            .deadline(400)
            .fails(Timeout)
            .retryable()
            .processed(0),
        row("silence", Put, [Fault::silent()])
            .deadline(400)
            .fails(Timeout)
            .retryable()
            .unsure()
            .processed(0),
        row("silence", Merge, [Fault::silent()])
            .deadline(400)
            .fails(Timeout)
            .unsure()
            .processed(0),
        row("head, a byte at a time", Get, [drip()])
            .deadline(400)
            .fails(Timeout)
            .retryable(),
        row("head, a byte at a time", Merge, [drip()])
            .deadline(400)
            .fails(Timeout)
            .unsure(),
    ]
}
