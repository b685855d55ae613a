//! Bulk operations: queued, processing, completed, a step further with every poll.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::World;
use super::json::Object;
use super::micros;
use crate::faults::BulkOutcome;

/// One user's part of a bulk operation.
#[derive(Debug)]
pub(crate) struct Row {
    pub user_id: String,
    pub work: Work,
}

/// What is to be done to the user.
#[derive(Debug)]
pub(crate) enum Work {
    Identify(Object),
    Delete,
    SetPreferences { set_id: String, set: Object },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Queued,
    Processing,
    Completed,
    Failed,
}

#[derive(Debug, Serialize)]
struct ErrorItem {
    id: String,
    collection: Option<String>,
}

/// A bulk operation, which serializes as answers show it.
#[derive(Debug, Serialize)]
pub(crate) struct BulkOperation {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: Uuid,
    name: &'static str,
    status: Status,
    estimated_total_rows: usize,
    processed_rows: usize,
    success_count: usize,
    error_count: usize,
    error_items: Vec<ErrorItem>,
    progress_path: String,
    #[serde(serialize_with = "time")]
    inserted_at: DateTime<Utc>,
    #[serde(serialize_with = "time")]
    updated_at: DateTime<Utc>,
    #[serde(serialize_with = "time_or_null")]
    started_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time_or_null")]
    completed_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time_or_null")]
    failed_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    waiting: VecDeque<Row>,
    #[serde(skip)]
    outcome: BulkOutcome,
}

fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    micros(*time).serialize(serializer)
}

fn time_or_null<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(micros).serialize(serializer)
}

/// The bulk operations of the environment.
#[derive(Debug, Default)]
pub(crate) struct BulkOperations {
    all: HashMap<Uuid, BulkOperation>,
    /// Those not yet at their end, in the order they were queued.
    unfinished: Vec<Uuid>,
}

impl World {
    /// Queues an operation. Nothing of it is done yet.
    pub fn queue_bulk(
        &mut self,
        name: &'static str,
        rows: Vec<Row>,
        outcome: BulkOutcome,
        now: DateTime<Utc>,
    ) -> &BulkOperation {
        let id = Uuid::new_v4();
        self.bulk.unfinished.push(id);
        self.bulk.all.entry(id).or_insert(BulkOperation {
            typename: "BulkOperation",
            id,
            name,
            status: Status::Queued,
            estimated_total_rows: rows.len(),
            processed_rows: 0,
            success_count: 0,
            error_count: 0,
            error_items: Vec::new(),
            progress_path: format!("/v1/bulk_operations/{id}"),
            inserted_at: now,
            updated_at: now,
            started_at: None,
            completed_at: None,
            failed_at: None,
            waiting: rows.into(),
            outcome,
        })
    }

    /// Takes an operation a step further and shows it.
    pub fn poll_bulk(
        &mut self,
        id: &Uuid,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Option<&BulkOperation> {
        self.advance_bulk(id, now, limit);
        self.bulk.all.get(id)
    }

    /// Finishes the operations that nobody has polled for so long.
    pub fn settle_bulk(&mut self, after: Duration, now: DateTime<Utc>, limit: usize) {
        let overdue = |operation: &BulkOperation| {
            let idle = now.signed_duration_since(operation.updated_at).to_std();
            idle.is_ok_and(|idle| idle >= after)
        };
        let ids: Vec<Uuid> = self
            .bulk
            .unfinished
            .iter()
            .filter(|id| self.bulk.all.get(id).is_some_and(overdue))
            .copied()
            .collect();
        for id in ids {
            // Queued takes two steps to its end, processing one.
            self.advance_bulk(&id, now, limit);
            self.advance_bulk(&id, now, limit);
        }
    }

    /// From queued to processing with half of the rows done, from there to the end with the rest.
    fn advance_bulk(&mut self, id: &Uuid, now: DateTime<Utc>, limit: usize) {
        // Out of the map while its rows are applied to the world that the map is part of.
        let Some(mut operation) = self.bulk.all.remove(id) else {
            return;
        };
        match operation.status {
            Status::Queued => {
                operation.status = Status::Processing;
                operation.started_at = Some(now);
                operation.updated_at = now;
                if !operation.outcome.fail {
                    let half = operation.waiting.len() / 2;
                    self.apply_rows(&mut operation, half, now, limit);
                }
            }
            Status::Processing => {
                operation.updated_at = now;
                if operation.outcome.fail {
                    operation.status = Status::Failed;
                    operation.failed_at = Some(now);
                } else {
                    self.apply_rows(&mut operation, usize::MAX, now, limit);
                    operation.status = Status::Completed;
                    operation.completed_at = Some(now);
                }
                operation.waiting = VecDeque::new();
                self.bulk.unfinished.retain(|unfinished| unfinished != id);
            }
            Status::Completed | Status::Failed => {}
        }
        self.bulk.all.insert(*id, operation);
    }

    fn apply_rows(
        &mut self,
        operation: &mut BulkOperation,
        most: usize,
        now: DateTime<Utc>,
        limit: usize,
    ) {
        for _ in 0..most {
            let Some(row) = operation.waiting.pop_front() else {
                return;
            };
            operation.processed_rows += 1;
            let position = operation.processed_rows;
            let doomed = operation.outcome.failed_ids.contains(&row.user_id)
                || operation
                    .outcome
                    .fail_every
                    .is_some_and(|n| n > 0 && position.is_multiple_of(n));
            let user_id = row.user_id;
            if !doomed && self.apply_row(&user_id, row.work, now, limit) {
                operation.success_count += 1;
            } else {
                operation.error_count += 1;
                operation.error_items.push(ErrorItem {
                    id: user_id,
                    collection: None,
                });
            }
        }
    }

    /// Whether it could be done. Deleting a user who does not exist can.
    fn apply_row(&mut self, user_id: &str, work: Work, now: DateTime<Utc>, limit: usize) -> bool {
        match work {
            Work::Identify(given) => {
                return self.users.identify(user_id, given, now, limit).is_ok();
            }
            Work::Delete => {
                self.delete_user(user_id);
            }
            Work::SetPreferences { set_id, set } => {
                self.users
                    .entry(user_id, now)
                    .set_preferences(&set_id, set, true);
            }
        }
        true
    }
}

impl Row {
    /// A row out of a user with its id, as bulk identification has them.
    pub fn identify(user: Value) -> Option<Self> {
        let Value::Object(user) = user else {
            return None;
        };
        let user_id = user.get("id")?.as_str()?.to_owned();
        Some(Self {
            user_id,
            work: Work::Identify(user),
        })
    }
}
