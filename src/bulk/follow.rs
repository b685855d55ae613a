//! Following bulk operations to their end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::bulk::cancel::BulkCancel;
use crate::bulk::summary::{BulkFailure, BulkSummary, Interruption, PendingOperation};
use crate::client::Client;
use crate::types::{BulkOperation, BulkOperationStatus};

const ROW_FAILED: &str = "the service could not process this user";
const FAILED_UNTOUCHED: &str = "the bulk operation failed before any of its users was processed";
const FAILED_MIDWAY: &str =
    "the bulk operation failed midway; the service does not say whether this user was done";
const FORGOTTEN: &str =
    "the service does not know the bulk operation, nor whether this user was done";

/// The time that an operation may be unknown, for a service that has just acknowledged it may not
/// know it everywhere yet.
const MOST_UNKNOWN: Duration = Duration::from_secs(30);

/// Times an operation is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// The wait before it is asked for the first time. Each later one is half as long again.
    pub first: Duration,
    pub longest: Duration,
    /// The time that one is followed which makes no progress.
    pub patience: Duration,
}

/// A bulk operation that is not at its end, as far as is known.
struct Followed {
    id: String,
    user_ids: Vec<String>,
    processed: u64,
    failed: u64,
    interval: Duration,
    next: Instant,
    /// Time of the last progress.
    moved: Instant,
    /// Since when the service says that it does not know it.
    unknown_since: Option<Instant>,
}

/// The operations that are followed.
pub(super) struct Following {
    schedule: Schedule,
    operations: Vec<Followed>,
}

impl Following {
    pub fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            operations: Vec::new(),
        }
    }

    /// Goes on with an operation of an earlier run.
    pub fn resume(&mut self, pending: PendingOperation) {
        self.add(pending.id, pending.user_ids, Duration::ZERO);
    }

    /// Follows an operation that the service has just acknowledged.
    pub fn start(
        &mut self,
        operation: BulkOperation,
        user_ids: Vec<String>,
        summary: &mut BulkSummary,
    ) {
        if operation.status.is_final() {
            end(&operation, user_ids, summary);
        } else {
            self.add(operation.id, user_ids, self.schedule.first);
        }
    }

    fn add(&mut self, id: String, user_ids: Vec<String>, wait: Duration) {
        let now = Instant::now();
        self.operations.push(Followed {
            id,
            user_ids,
            processed: 0,
            failed: 0,
            interval: self.schedule.first,
            next: now + wait,
            moved: now,
            unknown_since: None,
        });
    }

    /// Time the next one is to be asked for; none when none is left.
    pub fn next(&self) -> Option<Instant> {
        self.operations.iter().map(|operation| operation.next).min()
    }

    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Rows processed and rows failed of the operations that are under way.
    pub fn rows(&self) -> (u64, u64) {
        let rows = |sum: (u64, u64), o: &Followed| (sum.0 + o.processed, sum.1 + o.failed);
        self.operations.iter().fold((0, 0), rows)
    }

    /// Asks for the operation that has been due longest by a moment. True if one was due.
    ///
    /// # Errors
    ///
    /// The reason to end the whole run.
    pub fn poll(
        &mut self,
        client: &Client,
        cancel: &BulkCancel,
        by: Instant,
        summary: &mut BulkSummary,
    ) -> Result<bool, Interruption> {
        let due = (0..self.operations.len())
            .filter(|index| self.operations[*index].next <= by)
            .min_by_key(|index| self.operations[*index].next);
        let Some(index) = due else {
            return Ok(false);
        };
        let id = &self.operations[index].id;
        let response = cancel.ends_waits_of(|| client.bulk_operations().get(id));
        if let Some(interruption) = response.as_ref().err().and_then(Interruption::of) {
            return Err(interruption);
        }
        let now = Instant::now();
        let followed = &mut self.operations[index];
        let reason = match response {
            Ok(operation) if operation.status.is_final() => {
                let followed = self.operations.swap_remove(index);
                end(&operation, followed.user_ids, summary);
                return Ok(true);
            }
            Ok(operation) => {
                let processed = rows(operation.processed_rows);
                if processed > followed.processed {
                    followed.moved = now;
                }
                followed.processed = processed.min(followed.user_ids.len() as u64);
                followed.failed = rows(operation.error_count.unwrap_or_default());
                followed.unknown_since = None;
                Some(format!(
                    "it made no progress for too long and is still {}",
                    operation.status
                ))
            }
            Err(error) if error.status() == Some(404) => {
                let since = *followed.unknown_since.get_or_insert(now);
                if now.duration_since(since) >= MOST_UNKNOWN.min(self.schedule.patience) {
                    let followed = self.operations.swap_remove(index);
                    fail(&followed.id, followed.user_ids, FORGOTTEN, summary);
                    return Ok(true);
                }
                None
            }
            Err(error) => Some(error.to_string()),
        };
        let stalled = now.duration_since(followed.moved) >= self.schedule.patience;
        if stalled && reason.is_some() {
            let followed = self.operations.swap_remove(index);
            summary.pending.push(followed.into_pending(reason));
            return Ok(true);
        }
        followed.next = now + followed.interval;
        followed.interval = (followed.interval + followed.interval / 2).min(self.schedule.longest);
        Ok(true)
    }

    /// Those that are not at their end, for a later run.
    pub fn pending(&self) -> impl Iterator<Item = PendingOperation> {
        self.operations.iter().map(|followed| PendingOperation {
            id: followed.id.clone(),
            user_ids: followed.user_ids.clone(),
            reason: None,
        })
    }

    /// Leaves those that are not at their end to a later run.
    pub fn give_up(&mut self, summary: &mut BulkSummary) {
        let left = self
            .operations
            .drain(..)
            .map(|followed| followed.into_pending(None));
        summary.pending.extend(left);
    }
}

impl Followed {
    fn into_pending(self, reason: Option<String>) -> PendingOperation {
        PendingOperation {
            id: self.id,
            user_ids: self.user_ids,
            reason,
        }
    }
}

fn rows(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// Books an operation that is at its end. Each of its users is counted once.
fn end(operation: &BulkOperation, user_ids: Vec<String>, summary: &mut BulkSummary) {
    if operation.status == BulkOperationStatus::Failed {
        let reason = match operation.processed_rows {
            0 => FAILED_UNTOUCHED,
            _ => FAILED_MIDWAY,
        };
        return fail(&operation.id, user_ids, reason, summary);
    }
    let items = operation.error_items.as_deref().unwrap_or_default();
    let named: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let sent = user_ids.len() as u64;
    let failed = rows(operation.error_count.unwrap_or_default());
    let failed = failed.max(named.len() as u64).min(sent);
    summary.succeeded += sent - failed;
    summary.failed += failed;
    summary.processed += sent;
    summary
        .failures
        .extend(named.into_iter().map(|id| BulkFailure {
            id: id.to_owned(),
            reason: ROW_FAILED.into(),
            bulk_operation: operation.id.clone(),
        }));
}

/// Books users that failed together.
fn fail(operation: &str, user_ids: Vec<String>, reason: &'static str, summary: &mut BulkSummary) {
    let count = user_ids.len() as u64;
    summary.failed += count;
    summary.processed += count;
    summary
        .failures
        .extend(user_ids.into_iter().map(|id| BulkFailure {
            id,
            reason: reason.into(),
            bulk_operation: operation.to_owned(),
        }));
}
