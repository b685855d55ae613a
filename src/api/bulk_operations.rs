//! Bulk operations.

use crate::api::resource::resource;
use crate::types::BulkOperation;

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
    fn get(id) -> BulkOperation = GET "/v1/bulk_operations/{id}", "getBulkOperation", tier 4;
}
