//! Bulk operations.

use std::time::{Duration, Instant};

use crate::Response;
use crate::api::resource::resource;
use crate::error::{Error, ErrorKind, Result};
use crate::types::BulkOperation;

/// The wait before the second look at an operation; it grows with each look.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

resource! {
    /// Bulk operations: what became of a bulk call.
    ///
    /// ```no_run
    /// # let client = knock::Client::from_env()?;
    /// let started = client.users().bulk().delete(&knock::types::BulkDeleteUsersRequest::new(["jane"]))?;
    /// let operation = client.bulk_operations().get(&started.id)?;
    /// println!("{} of {}", operation.processed_rows, operation.estimated_total_rows);
    /// # Ok::<(), knock::Error>(())
    /// ```
    pub struct BulkOperations = "bulk_operations";

    /// Reads how far a bulk operation is.
    ///
    /// The status goes from `queued` over `processing` to `completed` or `failed`; the counts of
    /// rows grow meanwhile, and the total is an estimate.
    fn get(id: BULK_OPERATION_ID) -> BulkOperation = GET "/v1/bulk_operations/{id}", "getBulkOperation", tier 4;
}

impl BulkOperations<'_> {
    /// Follows a bulk operation until nothing changes any more, and returns its last state; look
    /// at its `status` for whether it completed or failed.
    ///
    /// Asks at once, again after a tenth of a second, then in growing intervals of up to five
    /// seconds.
    ///
    /// # Errors
    ///
    /// `Timeout` when it is not through within `limit`; the operation goes on. Else as
    /// [`get`](Self::get).
    pub fn wait(&self, id: &str, limit: Duration) -> Result<Response<BulkOperation>> {
        let start = Instant::now();
        let mut interval = FIRST_LOOK;
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let operation = self.client.within(left).bulk_operations().get(id)?;
            if operation.status.is_final() {
                return Ok(operation);
            }
            if start.elapsed() + interval > limit {
                let message = format!(
                    "the bulk operation {id} is still {} after {} ms",
                    operation.status,
                    limit.as_millis()
                );
                return Err(Error::new(ErrorKind::Timeout, message).at(operation::get.name));
            }
            let paused = self.client.pause_until(Instant::now() + interval);
            paused.map_err(|error| error.at(operation::get.name))?;
            interval = interval.mul_f64(1.5).min(LONGEST_LOOK);
        }
    }
}
