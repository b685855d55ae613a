//! Progress of a run.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Progress of a bulk run, with what earlier runs did that it resumes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BulkProgress {
    /// Number of records that were read.
    pub read: u64,
    /// Number of records in calls that the service acknowledged.
    pub sent: u64,
    /// Number of those that the service is through with, failed ones included.
    pub processed: u64,
    /// Number of those that failed.
    pub failed: u64,
    /// Number of records that were left out as bad.
    pub bad_records: u64,
    /// Number of all records, where that is known.
    pub total: Option<u64>,
    /// The time that this run has taken.
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
    /// The time that it will take from here, going on as it did. Unknown while nothing is
    /// processed, or the total is not known.
    #[serde(rename = "remaining_ms", serialize_with = "maybe_millis")]
    pub remaining: Option<Duration>,
}

impl BulkProgress {
    /// Estimates the time that remains, from what this run processed so far.
    pub(super) fn estimate(mut self, processed_before: u64, never: u64) -> Self {
        let now = self.processed.saturating_sub(processed_before);
        self.remaining = self.total.filter(|_| now > 0).map(|total| {
            let left = total.saturating_sub(self.processed + never);
            self.elapsed.mul_f64(left as f64 / now as f64)
        });
        self
    }
}

impl fmt::Display for BulkProgress {
    /// One line, such as `12000 of 100000 processed, 14000 sent, 3 failed, 80 s left`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total} processed", self.processed)?,
            None => write!(f, "{} processed", self.processed)?,
        }
        write!(f, ", {} sent, {} failed", self.sent, self.failed)?;
        if self.bad_records > 0 {
            write!(f, ", {} bad records", self.bad_records)?;
        }
        match self.remaining {
            Some(left) => write!(f, ", {} s left", left.as_secs_f64().ceil()),
            None => Ok(()),
        }
    }
}

fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_millis() as u64)
}

fn maybe_millis<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration
        .map(|duration| duration.as_millis() as u64)
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_remains_follows_from_the_pace_of_this_run() {
        let progress = BulkProgress {
            processed: 3000,
            total: Some(10_000),
            elapsed: Duration::from_secs(2),
            ..BulkProgress::default()
        };
        let resumed = progress.clone().estimate(2000, 500);
        assert_eq!(resumed.remaining, Some(Duration::from_secs(13)));
        assert_eq!(progress.clone().estimate(3000, 0).remaining, None);
        let unknown = BulkProgress {
            total: None,
            ..progress
        };
        assert_eq!(unknown.estimate(0, 0).remaining, None);
        assert_eq!(
            resumed.to_string(),
            "3000 of 10000 processed, 0 sent, 0 failed, 13 s left"
        );
    }
}
