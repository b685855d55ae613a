//! The summary of a run.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::bulk::chunk::Checksum;
use crate::error::{Error, ErrorKind};

/// The summary of a bulk run: what was done, what was not and why, and where to go on.
///
/// It can be written as JSON (with serde) and read again, to resume a run that was interrupted.
/// It grows with what went wrong, not with what went well.
///
/// Positions count the records of the input from 0; spans go from `first` to before `end`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkSummary {
    /// The operation that was called for each chunk, such as `users.bulk.identify`.
    pub operation: String,
    /// The reason that the run ended before its input did.
    pub interrupted: Option<Interruption>,
    /// Number of records that were read.
    pub read: u64,
    /// Number of records in calls that the service acknowledged.
    pub accepted: u64,
    /// Number of those that the service has come to the end with: `succeeded` and `failed`.
    pub processed: u64,
    /// Number of users that were done.
    pub succeeded: u64,
    /// Number of users that were accepted and then failed.
    pub failed: u64,
    /// The users that failed, each once.
    pub failures: Vec<BulkFailure>,
    /// The records that could not be sent or that the service refused. They were left out, and
    /// the others went on without them.
    pub bad_records: Vec<BadRecord>,
    /// The chunks that the service never acknowledged. A resumed run sends them again.
    pub unacknowledged: Vec<UnacknowledgedChunk>,
    /// The bulk operations whose end is not known. A resumed run follows them.
    pub pending: Vec<PendingOperation>,
    /// Spans that were acknowledged. A resumed run passes over it, and notices an input that
    /// differs.
    pub acknowledged: Vec<AcknowledgedSpan>,
    /// Tells whether a resumed run sets the same preferences.
    pub settings_checksum: u32,
}

/// The reason that a run ended early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interruption {
    /// In one word.
    pub reason: InterruptionReason,
    /// For people.
    pub message: String,
}

/// The reason that a run ended early, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InterruptionReason {
    /// It was told to end: by a [`BulkCancel`](super::BulkCancel) or the interrupt hook.
    Cancelled,
    /// The client was closed.
    Closed,
    /// The key is not accepted, or may not do this.
    Denied,
    /// The service refused what every call has, such as the preferences.
    Refused,
    /// One chunk after the other was not acknowledged.
    Unreachable,
    /// The input is not the one of the run that is resumed.
    InputChanged,
}

/// A user that was accepted and then failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkFailure {
    /// The user's id.
    pub id: String,
    /// The reason, as far as the service says.
    pub reason: Cow<'static, str>,
    /// The id of the bulk operation.
    pub bulk_operation: String,
}

/// A record that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BadRecord {
    /// Its position in the input.
    pub position: u64,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The mistake, for people.
    pub reason: String,
}

/// A chunk that the service never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnacknowledgedChunk {
    /// The position of its first record.
    pub first: u64,
    /// The position after its last record.
    pub end: u64,
    /// Number of its records.
    pub records: u64,
    /// The kind of the error, such as `transport`; see [`ErrorKind`](crate::ErrorKind).
    pub kind: String,
    /// The error, for people.
    pub reason: String,
    /// Whether the service may have done it all the same.
    pub maybe_processed: bool,
}

/// A bulk operation whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PendingOperation {
    /// The id of the bulk operation.
    pub id: String,
    /// The ids of its users, in their order.
    pub user_ids: Vec<String>,
    /// The reason that it was not followed to its end, unless the run was interrupted.
    pub reason: Option<String>,
}

/// A stretch of the input that the service acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AcknowledgedSpan {
    /// The position of its first record.
    pub first: u64,
    /// The position after its last record.
    pub end: u64,
    /// Bytes of JSON that the records took.
    pub bytes: u64,
    /// The CRC-32 of those bytes.
    pub checksum: u32,
}

impl BulkSummary {
    /// Whether the service has come to the end with every record of the input; some may have
    /// failed. Otherwise a resumed run can go on.
    pub fn is_complete(&self) -> bool {
        self.interrupted.is_none() && self.unacknowledged.is_empty() && self.pending.is_empty()
    }

    /// Whether every record of the input is done, and none was bad or failed.
    pub fn is_success(&self) -> bool {
        self.is_complete() && self.failed == 0 && self.bad_records.is_empty()
    }

    pub(super) fn add_acknowledged(&mut self, span: AcknowledgedSpan) {
        let place = self
            .acknowledged
            .partition_point(|known| known.first < span.first);
        self.acknowledged.insert(place, span);
        // What touches is joined, so that the list does not grow with the input.
        if place + 1 < self.acknowledged.len() {
            self.join_acknowledged(place);
        }
        if place > 0 {
            self.join_acknowledged(place - 1);
        }
    }

    fn join_acknowledged(&mut self, place: usize) {
        let [first, second] = &mut self.acknowledged[place..place + 2] else {
            return;
        };
        if first.end == second.first {
            let mut sum = first.sum();
            sum.join(&second.sum());
            *first = AcknowledgedSpan::new(first.first..second.end, &sum);
            self.acknowledged.remove(place + 1);
        }
    }
}

impl AcknowledgedSpan {
    pub(super) fn new(span: Range<u64>, sum: &Checksum) -> Self {
        Self {
            first: span.start,
            end: span.end,
            bytes: sum.bytes(),
            checksum: sum.value(),
        }
    }

    pub(super) fn sum(&self) -> Checksum {
        Checksum::of(self.checksum, self.bytes)
    }
}

impl Interruption {
    /// The interruption that an error means for the whole run: that no further call will fare
    /// better.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let reason = match (error.kind(), error.status()) {
            (ErrorKind::Closed, _) => InterruptionReason::Closed,
            (ErrorKind::Interrupted, _) => InterruptionReason::Cancelled,
            (_, Some(401 | 403)) => InterruptionReason::Denied,
            // A request with an invalid key gets a 400, too.
            _ if error.error_type() == Some("authentication_error") => InterruptionReason::Denied,
            _ => return None,
        };
        Some(Self::new(reason, error.to_string()))
    }

    pub(super) fn new(reason: InterruptionReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }
}

impl UnacknowledgedChunk {
    pub(super) fn new(first: u64, end: u64, records: usize, error: &Error) -> Self {
        Self {
            first,
            end,
            records: records as u64,
            kind: error.kind().as_str().to_owned(),
            reason: error.to_string(),
            maybe_processed: error.may_have_been_processed(),
        }
    }
}

impl fmt::Display for BulkSummary {
    /// One line, for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} read, {} accepted, {} done, {} failed, {} bad records",
            self.operation,
            self.read,
            self.accepted,
            self.succeeded,
            self.failed,
            self.bad_records.len()
        )?;
        if !self.unacknowledged.is_empty() {
            write!(f, ", {} chunks not acknowledged", self.unacknowledged.len())?;
        }
        if !self.pending.is_empty() {
            write!(
                f,
                ", {} bulk operations not at their end",
                self.pending.len()
            )?;
        }
        match &self.interrupted {
            Some(interruption) => write!(f, "; interrupted: {}", interruption.message),
            None => Ok(()),
        }
    }
}
