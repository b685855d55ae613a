//! Subscriptions of users to objects, and schedules of workflows for users.

use super::json::Object;

/// Whether two subscriptions are to the same object.
pub(crate) fn same_object(one: &Object, other: &Object) -> bool {
    let object = |s: &Object| {
        s.get("object")
            .map(|o| (o["collection"].clone(), o["id"].clone()))
    };
    object(one) == object(other)
}

/// Whether two schedules run the same workflow for the same tenant.
pub(crate) fn same_schedule(one: &Object, other: &Object) -> bool {
    ["workflow", "tenant"]
        .iter()
        .all(|key| one.get(*key) == other.get(*key))
}
