//! Bulk runs: any number of users identified, deleted or given preferences, as one call.
//!
//! The service takes at most 1,000 users per bulk call and one such call a second, and does the
//! work in the background. A [`BulkRun`] makes one call of any number of records: it reads them
//! from an iterator, sends them in chunks at the pace that the service allows while it goes on
//! reading, follows every bulk operation to its end, and returns a [`BulkSummary`].
//!
//! ```no_run
//! use knock::bulk::BulkRun;
//! use knock::types::InlineIdentifyUserRequest;
//!
//! let client = knock::Client::from_env()?;
//! let users = (0..100_000).map(|n| InlineIdentifyUserRequest::new(format!("user-{n}")).set("n", n));
//! let summary = BulkRun::identify(&client)
//!     .on_progress(|progress| eprintln!("{progress}"))
//!     .run(users);
//! for failure in &summary.failures {
//!     eprintln!("{}: {}", failure.id, failure.reason);
//! }
//! assert!(summary.is_success(), "{summary}");
//! # Ok::<(), knock::Error>(())
//! ```
//!
//! - Memory does not grow with the input: one chunk is held, and the ids of those that the
//!   service still works on, 16 at most.
//! - A bad record stops nothing. It is left out and reported with its position.
//! - A call that fails is repeated where that may help; doing a bulk call twice is the same as
//!   doing it once. A chunk that is never acknowledged is reported, and the run goes on.
//! - A run that ended early goes on with [`BulkRun::resume`].
//!
//! The service works on several chunks at a time. Where an id is twice in one chunk the last
//! record wins; in two chunks either may.

mod cancel;
mod chunk;
pub(crate) mod engine;
mod follow;
mod progress;
mod readable;
mod record;
mod refusal;
mod summary;

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

pub use cancel::BulkCancel;
pub use progress::BulkProgress;
pub use record::{BulkRecord, Json, UserIds, Users};
pub use summary::{
    AcknowledgedSpan, BadRecord, BulkFailure, BulkSummary, Interruption, InterruptionReason,
    PendingOperation, UnacknowledgedChunk,
};

use chunk::{Chunk, ChunkLimits, Envelope};
use engine::{Engine, Keeper, Observer, Plan};
use follow::Schedule;

use crate::api::users::bulk::operation;
use crate::client::{Client, encode};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::types::PreferenceSetRequest;

/// Most users that the service takes in one call.
const MOST_RECORDS: usize = 1000;
/// Most bytes of a body unless the caller says otherwise.
const BODY_BYTES: usize = 4 << 20;
/// Waits between two looks at a bulk operation: the first one, and the longest.
pub(crate) const POLL_INTERVAL: (Duration, Duration) =
    (Duration::from_millis(250), Duration::from_secs(10));
const SCHEDULE: Schedule = Schedule {
    first: POLL_INTERVAL.0,
    longest: POLL_INTERVAL.1,
    patience: Duration::from_secs(15 * 60),
};

/// Finds the records that a run would leave out because they cannot be sent, without sending any.
///
/// ```
/// use knock::bulk::{Json, Users, check};
///
/// let lines = [r#"{"id": "jane"}"#, r#"{"name": "Joe"}"#].map(Json);
/// let bad = check::<Users, _>(lines);
/// assert_eq!((bad[0].position, bad[0].reason.as_str()), (1, "it has no id"));
/// ```
pub fn check<Kind, I>(records: I) -> Vec<BadRecord>
where
    I: IntoIterator,
    I::Item: BulkRecord<Kind>,
{
    // The bodies of the other operations differ by a few bytes around the records.
    let Plan {
        envelope, limits, ..
    } = Plan::identify();
    let mut chunk = Chunk::new(envelope, limits);
    let check = |(position, record)| {
        let rejected = chunk.push(position, record).err();
        chunk.restart(position + 1, None);
        rejected.map(|rejected| BadRecord {
            position,
            id: rejected.id,
            reason: rejected.reason,
        })
    };
    (0..).zip(records).filter_map(check).collect()
}

/// A bulk run: what to do, and how. [`run`](Self::run) does it.
///
/// `Kind` is what it takes: [`Users`] or [`UserIds`], see [`BulkRecord`].
///
/// ```no_run
/// # let client = knock::Client::from_env()?;
/// use knock::bulk::{BulkRun, BulkSummary};
///
/// let ids = ["jane", "joe"];
/// let summary = BulkRun::delete(&client).run(ids);
/// if !summary.is_complete() {
///     std::fs::write("state.json", serde_json::to_vec(&summary)?)?;
/// }
///
/// // Later, with the same input:
/// let state: BulkSummary = serde_json::from_slice(&std::fs::read("state.json")?)?;
/// let summary = BulkRun::delete(&client).resume(state)?.run(ids);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a run does nothing until `run` is called"]
pub struct BulkRun<'a, Kind> {
    client: Client,
    plan: Plan,
    resume: Option<BulkSummary>,
    observer: Option<Observer<'a>>,
    keeper: Option<Keeper<'a>>,
    cancel: BulkCancel,
    kind: PhantomData<fn() -> Kind>,
}

impl BulkRun<'_, Users> {
    /// Creates or updates users, with `POST /v1/users/bulk/identify`.
    pub fn identify(client: &Client) -> Self {
        Self::new(client, Plan::identify())
    }
}

impl BulkRun<'_, UserIds> {
    /// Deletes users, with `POST /v1/users/bulk/delete`.
    pub fn delete(client: &Client) -> Self {
        Self::new(client, Plan::delete())
    }

    /// Gives users a preference set in place of the one that they have, with
    /// `POST /v1/users/bulk/preferences`. The request's `id` says which set; `default` if it is
    /// absent.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for preferences that cannot be written as JSON.
    pub fn set_preferences(client: &Client, preferences: &PreferenceSetRequest) -> Result<Self> {
        let preferences = encode(&operation::set_preferences, preferences)?;
        Ok(Self::new(client, Plan::set_preferences(&preferences)))
    }
}

impl<'a, Kind> BulkRun<'a, Kind> {
    fn new(client: &Client, plan: Plan) -> Self {
        Self {
            client: client.clone(),
            plan,
            resume: None,
            observer: None,
            keeper: None,
            cancel: BulkCancel::new(),
            kind: PhantomData,
        }
    }

    /// Most records of a call: 1,000 unless set, which is also the most that the service takes.
    pub fn max_records(mut self, records: usize) -> Self {
        self.plan.limits.records = records.clamp(1, MOST_RECORDS);
        self
    }

    /// Most bytes of a call's body, 4 MiB unless set. A record that alone takes more is bad.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.plan.limits.bytes = bytes;
        self
    }

    /// Number of records that will come, to estimate the time that remains. Needless for an
    /// iterator that knows it.
    pub fn total(mut self, records: u64) -> Self {
        self.plan.total = Some(records);
        self
    }

    /// The wait before asking how far a bulk operation is, for the first time (250 ms
    /// unless set) and at most (10 s). The wait grows by half each time.
    pub fn poll_interval(mut self, first: Duration, longest: Duration) -> Self {
        self.plan.schedule.first = first;
        self.plan.schedule.longest = longest.max(first);
        self
    }

    /// The time that a bulk operation is followed which makes no progress, 15 minutes unless set.
    /// It is then left to a resumed run, as [pending](BulkSummary::pending). The users of one that
    /// the service does not know count as failed after 30 seconds, or after this if it is less.
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.plan.schedule.patience = timeout;
        self
    }

    /// Tells how far the run is: after each call, on the thread that called [`run`](Self::run).
    pub fn on_progress(mut self, observer: impl FnMut(&BulkProgress) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Hands over the state of the run after each chunk that the service acknowledged, on the
    /// thread that called [`run`](Self::run). A run that [resumes](Self::resume) from the latest
    /// state sends nothing twice that was acknowledged, even where the process was killed.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// # use knock::bulk::{BulkRun, BulkSummary};
    /// let keep = |state: &BulkSummary| {
    ///     let written = serde_json::to_vec(state).map(|json| std::fs::write("state.json", json));
    ///     if let Err(error) = written {
    ///         eprintln!("state.json: {error}");
    ///     }
    /// };
    /// let summary = BulkRun::delete(&client).on_acknowledged(keep).run(["jane", "joe"]);
    /// # Ok::<(), knock::Error>(())
    /// ```
    pub fn on_acknowledged(mut self, keeper: impl FnMut(&BulkSummary) + Send + 'a) -> Self {
        self.keeper = Some(Box::new(keeper));
        self
    }

    /// Lets the run be ended from elsewhere.
    pub fn cancel_with(mut self, cancel: &BulkCancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Goes on where an earlier run ended, given its summary and the same input: what was
    /// acknowledged is read but not sent again, operations that were not at their end are
    /// followed, and the new summary counts both runs together.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for the summary of another operation, or of other preferences. That the
    /// input differs shows only when it is read: the run then ends with
    /// [`InputChanged`](InterruptionReason::InputChanged).
    pub fn resume(mut self, summary: BulkSummary) -> Result<Self> {
        self.plan.check_resume(&summary)?;
        self.resume = Some(summary);
        Ok(self)
    }

    /// Reads all records, sends them, and follows the work to its end. Blocks until then.
    ///
    /// The calls go the usual way: paced, repeated where that helps, with the client's
    /// [options](Client::with_options). What fails is in the summary.
    #[must_use = "the summary says what failed"]
    pub fn run<I>(mut self, records: I) -> BulkSummary
    where
        I: IntoIterator,
        I::Item: BulkRecord<Kind>,
    {
        let records = records.into_iter();
        if let (least, Some(most)) = records.size_hint() {
            let known = (least == most).then_some(most as u64);
            self.plan.total = self.plan.total.or(known);
        }
        let mut engine = self.start();
        for record in records {
            if !engine.push(record) {
                break;
            }
        }
        engine.finish()
    }

    pub(crate) fn start(self) -> Engine<'a> {
        let mut engine = Engine::new(&self.client, self.plan, self.resume, self.cancel);
        engine.observe(self.observer);
        engine.keep_state_with(self.keeper);
        engine
    }
}

impl<Kind> fmt::Debug for BulkRun<'_, Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkRun")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Plan {
    fn identify() -> Self {
        Self::new(&operation::identify, br#"{"users":["#.to_vec())
    }

    fn delete() -> Self {
        Self::new(&operation::delete, br#"{"user_ids":["#.to_vec())
    }

    /// `preferences` is JSON.
    fn set_preferences(preferences: &[u8]) -> Self {
        let before = [br#"{"preferences":"#, preferences, br#","user_ids":["#].concat();
        Self::new(&operation::set_preferences, before)
    }

    fn new(operation: &'static Operation, before: Vec<u8>) -> Self {
        Self {
            operation,
            envelope: Envelope {
                before,
                after: b"]}",
            },
            limits: ChunkLimits {
                records: MOST_RECORDS,
                bytes: BODY_BYTES,
            },
            schedule: SCHEDULE,
            total: None,
        }
    }

    fn check_resume(&self, summary: &BulkSummary) -> Result<()> {
        let operation = self.operation.name;
        if summary.operation != operation {
            let message = format!(
                "the summary is of a run of {:?}, so it cannot be resumed with {operation}",
                summary.operation
            );
            return Err(Error::invalid(message).at(operation));
        }
        if summary.settings_checksum != self.envelope.checksum() {
            let message = "the run that is to be resumed set other preferences";
            return Err(Error::invalid(message).at(operation));
        }
        let ordered = |pair: &[AcknowledgedSpan]| pair[0].end <= pair[1].first;
        let spans = &summary.acknowledged;
        if !spans.windows(2).all(ordered) || spans.iter().any(|span| span.first >= span.end) {
            let message = "the spans that the summary gives as acknowledged are not in order";
            return Err(Error::invalid(message).at(operation));
        }
        Ok(())
    }
}
