//! Recipients as answers show them: users and objects in full.

use serde_json::{Value, json};

use super::World;

impl World {
    /// A user in full; of one who is gone, what is still known.
    pub fn user_in_full(&self, id: &str) -> Value {
        match self.users.get(id) {
            Some(user) => user.profile.clone().into(),
            None => json!({
                "__typename": "User",
                "id": id,
                "created_at": null,
                "updated_at": "1970-01-01T00:00:00.000Z",
            }),
        }
    }

    /// A recipient in full: an id stands for a user, anything else is shown as it is.
    pub fn recipient_in_full(&self, reference: &Value) -> Value {
        match reference {
            Value::String(id) => self.user_in_full(id),
            other => other.clone(),
        }
    }
}
