//! A run under way: what is pushed into it goes out in chunks, and what went out is followed.

use std::ops::Range;
use std::time::Instant;

use crate::bulk::cancel::BulkCancel;
use crate::bulk::chunk::{Carried, Checksum, Chunk, ChunkLimits, Envelope, Part};
use crate::bulk::follow::{Following, Schedule};
use crate::bulk::progress::BulkProgress;
use crate::bulk::record::sealed::Append;
use crate::bulk::refusal::{Recovery, recovery};
use crate::bulk::summary::{
    AcknowledgedSpan, BadRecord, BulkSummary, Interruption, InterruptionReason, UnacknowledgedChunk,
};
use crate::client::Client;
use crate::client::retry::PATIENCE;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::Operation;
use crate::request::query::Query;
use crate::types::BulkOperation;

/// Most calls for a chunk, each with the retries of the client.
const MOST_CALLS: u32 = 3;
/// Most divisions of a refused chunk in a row without a record that the service takes, and so
/// without a sign that some records alone are to blame. Twice what it takes to find one among a
/// thousand.
const MOST_DIVISIONS: u32 = 20;
/// After so many chunks in a row that are not acknowledged, the run ends.
const MOST_IN_A_ROW: u32 = 5;
/// Most bulk operations that are followed at a time. Sending waits when there are more.
const MOST_FOLLOWED: usize = 16;

/// The work of a run, and its limits.
#[derive(Debug)]
pub(super) struct Plan {
    pub operation: &'static Operation,
    pub envelope: Envelope,
    pub limits: ChunkLimits,
    pub schedule: Schedule,
    /// Number of records that will come, where that is known.
    pub total: Option<u64>,
}

/// Is told how far the run is.
pub(crate) type Observer<'a> = Box<dyn FnMut(&BulkProgress) + Send + 'a>;

/// Is given what a later run can resume from.
pub(crate) type Keeper<'a> = Box<dyn FnMut(&BulkSummary) + Send + 'a>;

pub(crate) struct Engine<'a> {
    client: Client,
    operation: &'static Operation,
    total: Option<u64>,
    cancel: BulkCancel,
    observer: Option<Observer<'a>>,
    keeper: Option<Keeper<'a>>,
    chunk: Chunk,
    following: Following,
    summary: BulkSummary,
    /// The work of an earlier run: spans that lie ahead, and the sum of the one that is read now.
    done: std::vec::IntoIter<AcknowledgedSpan>,
    passing: Option<(AcknowledgedSpan, Checksum)>,
    processed_before: u64,
    in_a_row: u32,
    start: Instant,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        client: &Client,
        plan: Plan,
        resume: Option<BulkSummary>,
        cancel: BulkCancel,
    ) -> Self {
        let mut following = Following::new(plan.schedule);
        let mut summary = resume.unwrap_or_default();
        let mut done = summary.acknowledged.clone().into_iter();
        summary.operation = plan.operation.name.to_owned();
        summary.settings_checksum = plan.envelope.checksum();
        summary.read = 0;
        summary.interrupted = None;
        summary.unacknowledged.clear();
        summary
            .pending
            .drain(..)
            .for_each(|pending| following.resume(pending));
        // The others are read again, and found again.
        let BulkSummary {
            bad_records,
            acknowledged,
            ..
        } = &mut summary;
        let lies = |span: &AcknowledgedSpan, at: u64| (span.first..span.end).contains(&at);
        bad_records.retain(|bad| acknowledged.iter().any(|span| lies(span, bad.position)));
        Self {
            client: client.clone(),
            operation: plan.operation,
            total: plan.total,
            cancel,
            observer: None,
            keeper: None,
            chunk: Chunk::new(plan.envelope, plan.limits),
            following,
            processed_before: summary.processed,
            passing: done.next().map(|span| (span, Checksum::default())),
            done,
            summary,
            in_a_row: 0,
            start: Instant::now(),
        }
    }

    pub fn observe(&mut self, observer: Option<Observer<'a>>) {
        self.observer = observer;
    }

    pub fn keep_state_with(&mut self, keeper: Option<Keeper<'a>>) {
        self.keeper = keeper;
    }

    /// Takes the next record, and sends when there is enough for a call. False when the run has
    /// ended and takes no more.
    pub fn push<Kind>(&mut self, record: impl Append<Kind>) -> bool {
        if self.has_ended() {
            return false;
        }
        let position = self.summary.read;
        if self
            .passing
            .as_ref()
            .is_some_and(|(span, _)| span.first == position)
        {
            self.send_chunk(None);
            if self.has_ended() {
                return false;
            }
        }
        self.summary.read += 1;
        let written = self.chunk.push(position, record);
        if self.pass_over(position, written.is_ok()) {
            return !self.has_ended();
        }
        if let Err(unfit) = written {
            self.summary.bad_records.push(BadRecord {
                position,
                id: unfit.id,
                reason: unfit.reason,
            });
        } else if let Some(carried) = self.chunk.overflow() {
            self.send_chunk(Some(carried));
        }
        if self.chunk.is_full() {
            self.send_chunk(None);
        }
        !self.has_ended()
    }

    /// Sends what is left, follows every operation to its end, and says what became of it all.
    pub fn finish(mut self) -> BulkSummary {
        if !self.has_ended() {
            if let Some((span, _)) = &self.passing {
                let message = format!(
                    "the input ends after {} records, but the run that is resumed had sent {}",
                    self.summary.read, span.end
                );
                self.end(Interruption::new(InterruptionReason::InputChanged, message));
            }
            self.total = Some(self.summary.read);
            self.send_chunk(None);
            while self.follow_next() {}
        }
        self.following.give_up(&mut self.summary);
        self.report();
        self.summary
    }

    /// Whether a record lies where an earlier run was acknowledged, and so is not sent again.
    fn pass_over(&mut self, position: u64, good: bool) -> bool {
        let Some((span, sum)) = &mut self.passing else {
            return false;
        };
        if position < span.first {
            return false;
        }
        match good {
            true => sum.join(&self.chunk.forget_last()),
            false => sum.add_bad(),
        }
        if position + 1 == span.end {
            let same = sum.bytes() == span.bytes && sum.value() == span.checksum;
            let message = format!(
                "the records {} to {} are not those that the resumed run had sent",
                span.first, span.end
            );
            self.passing = self.done.next().map(|span| (span, Checksum::default()));
            self.chunk.restart(position + 1, None);
            if !same {
                self.end(Interruption::new(InterruptionReason::InputChanged, message));
            }
        }
        true
    }

    /// Sends the chunk, in parts where the service refuses some of its records.
    fn send_chunk(&mut self, carried: Option<Carried>) {
        let mut parts = Vec::new();
        if !self.chunk.is_empty() {
            parts.push(self.chunk.whole());
        }
        // Where every record was refused.
        let mut emptied = Vec::new();
        let mut divisions = 0;
        let mut acknowledged = false;
        let mut lost = false;
        while let Some(part) = parts.pop() {
            if part.items.is_empty() {
                emptied.push(part.span);
                continue;
            }
            self.make_room();
            if self.has_ended() {
                break;
            }
            match self.post(&part) {
                Ok(operation) => {
                    acknowledged = true;
                    divisions = 0;
                    self.acknowledge(&part.span);
                    self.summary.accepted += part.items.len() as u64;
                    let ids = self.chunk.ids_of(&part);
                    self.following.start(operation, ids, &mut self.summary);
                    self.keep_state();
                }
                Err(error) => match recovery(&error, &part, divisions < MOST_DIVISIONS) {
                    Recovery::Without(places) => {
                        if acknowledged {
                            divisions = 0;
                        }
                        let rest = self.without(part, &places);
                        parts.push(rest);
                    }
                    Recovery::Divide => {
                        divisions += 1;
                        let [first, second] = self.chunk.halves(&part);
                        parts.extend([second, first]);
                    }
                    Recovery::None => {
                        lost = true;
                        self.not_acknowledged(&part, &error);
                    }
                    Recovery::End(interruption) => {
                        lost = true;
                        self.not_acknowledged(&part, &error);
                        self.end(interruption);
                    }
                },
            }
            self.report();
        }
        // Of a service that takes nothing, nobody knows whether the records are to blame.
        if !emptied.is_empty() && (acknowledged || !lost) {
            emptied.iter().for_each(|span| self.acknowledge(span));
            self.keep_state();
        }
        self.in_a_row = match (acknowledged, lost) {
            (true, _) => 0,
            (false, true) => self.in_a_row + 1,
            (false, false) => self.in_a_row,
        };
        if self.in_a_row >= MOST_IN_A_ROW {
            let message = format!("{MOST_IN_A_ROW} chunks in a row were not acknowledged");
            self.end(Interruption::new(InterruptionReason::Unreachable, message));
        }
        self.chunk.restart(self.summary.read, carried);
    }

    /// Calls until the chunk is acknowledged or another call would not help.
    fn post(&mut self, part: &Part) -> Result<BulkOperation> {
        let mut calls = 1;
        loop {
            let (client, operation) = (&self.client, self.operation);
            let response = self.chunk.with_body(part, |body| {
                client.invoke::<BulkOperation>(operation, &[], Query::default(), Some(body))
            });
            let error = match response {
                Ok(response) => return Ok(response.into_inner()),
                Err(error) => error,
            };
            let wait = error.retry_after().unwrap_or_default();
            let again = calls < MOST_CALLS && is_worth_another(&error) && wait <= PATIENCE;
            if !again || !self.wait_until(Instant::now() + wait) {
                return Err(error);
            }
            calls += 1;
        }
    }

    fn acknowledge(&mut self, span: &Range<u64>) {
        let sum = self.chunk.checksum(span);
        self.summary
            .add_acknowledged(AcknowledgedSpan::new(span.clone(), &sum));
    }

    /// Hands over what a later run could resume from, were this one to end now.
    fn keep_state(&mut self) {
        let Some(keeper) = &mut self.keeper else {
            return;
        };
        let stalled = self.summary.pending.len();
        self.summary.pending.extend(self.following.pending());
        keeper(&self.summary);
        self.summary.pending.truncate(stalled);
    }

    fn not_acknowledged(&mut self, part: &Part, error: &Error) {
        let Range { start, end } = part.span;
        let chunk = UnacknowledgedChunk::new(start, end, part.items.len(), error);
        self.summary.unacknowledged.push(chunk);
    }

    /// Books the records that the service refused, and gives back the others.
    fn without(&mut self, part: Part, refused: &[(usize, String)]) -> Part {
        for (place, reason) in refused {
            if let Some((position, id)) = self.chunk.record(&part, *place) {
                self.summary.bad_records.push(BadRecord {
                    position,
                    id: Some(id.to_owned()),
                    reason: reason.clone(),
                });
            }
        }
        let is_refused = |place: usize| refused.iter().any(|(other, _)| *other == place);
        let items = part.items.into_iter().enumerate();
        let kept = items
            .filter(|(place, _)| !is_refused(*place))
            .map(|(_, item)| item);
        Part {
            items: kept.collect(),
            span: part.span,
        }
    }

    /// Asks for the operations that are due, and waits while too many are under way.
    fn make_room(&mut self) {
        let now = Instant::now();
        while !self.has_ended() && self.poll(now) {}
        while self.following.len() >= MOST_FOLLOWED && self.follow_next() {}
    }

    /// Waits for the next operation that is due and asks for it; false when none is left, or
    /// the run has ended.
    fn follow_next(&mut self) -> bool {
        let Some(next) = self.following.next() else {
            return false;
        };
        self.wait_until(next) && self.poll(Instant::now())
    }

    /// Waits until a moment; false when the run has ended before.
    fn wait_until(&mut self, moment: Instant) -> bool {
        if self.has_ended() {
            return false;
        }
        let (client, cancel) = (&self.client, &self.cancel);
        let paused = cancel.ends_waits_of(|| client.pause_until(moment));
        if let Some(interruption) = paused.err().as_ref().and_then(Interruption::of) {
            self.end(interruption);
        }
        !self.has_ended()
    }

    /// Asks for one operation that is due by then; false when none is.
    fn poll(&mut self, due: Instant) -> bool {
        let polled = self
            .following
            .poll(&self.client, &self.cancel, due, &mut self.summary);
        match polled {
            Ok(polled) => {
                if polled {
                    self.report();
                }
                polled
            }
            Err(interruption) => {
                self.end(interruption);
                false
            }
        }
    }

    /// Whether the run ended early.
    fn has_ended(&mut self) -> bool {
        if self.cancel.is_cancelled() {
            let cancelled = || Interruption::new(InterruptionReason::Cancelled, "it was cancelled");
            self.summary.interrupted.get_or_insert_with(cancelled);
        }
        self.summary.interrupted.is_some()
    }

    /// Ends the run early. A wait that was cancelled ends as if the host had interrupted it.
    fn end(&mut self, interruption: Interruption) {
        if !self.has_ended() {
            self.summary.interrupted = Some(interruption);
        }
    }

    fn report(&mut self) {
        let Some(observer) = &mut self.observer else {
            return;
        };
        let summary = &self.summary;
        let (processed, failed) = self.following.rows();
        let bad_records = summary.bad_records.len() as u64;
        let lost: u64 = summary
            .unacknowledged
            .iter()
            .map(|chunk| chunk.records)
            .sum();
        let progress = BulkProgress {
            read: summary.read,
            sent: summary.accepted,
            processed: summary.processed + processed,
            failed: summary.failed + failed,
            bad_records,
            total: self.total,
            elapsed: self.start.elapsed(),
            remaining: None,
        };
        observer(&progress.estimate(self.processed_before, bad_records + lost));
    }
}

/// Whether the same call may go better. Also after a response that was cut short: doing it twice
/// is the same as doing it once, and without the response there is nothing to follow.
fn is_worth_another(error: &Error) -> bool {
    let unreadable = error.kind() == ErrorKind::Response;
    error.is_retryable() || unreadable && error.status().is_none_or(|status| status < 300)
}
