//! Events that Knock sends to webhooks.

use serde::de::DeserializeOwned;

use super::{Field, JsonObject};
use crate::model::object::model;
use crate::model::open_enum::open_enum;

open_enum! {
    /// Type of an event sent to a webhook.
    pub enum WebhookEventType {
        /// A message was handed to its provider.
        MessageSent = "message.sent",
        /// The provider reported a message's delivery.
        MessageDelivered = "message.delivered",
        /// An attempt to deliver a message failed; others follow.
        MessageDeliveryAttempted = "message.delivery_attempted",
        /// Every attempt to deliver a message failed.
        MessageUndelivered = "message.undelivered",
        /// The provider reported that a message bounced.
        MessageBounced = "message.bounced",
        /// A message was marked as seen.
        MessageSeen = "message.seen",
        /// A message was marked as unseen.
        MessageUnseen = "message.unseen",
        /// A message was marked as read.
        MessageRead = "message.read",
        /// A message was marked as unread.
        MessageUnread = "message.unread",
        /// A message was archived.
        MessageArchived = "message.archived",
        /// A message was taken out of the archive.
        MessageUnarchived = "message.unarchived",
        /// The recipient interacted with a message.
        MessageInteracted = "message.interacted",
        /// A link in a message was followed.
        MessageLinkClicked = "message.link_clicked",
        /// A workflow run started for a recipient.
        WorkflowRecipientRunStarted = "workflow_recipient_run.started",
        /// A workflow run completed for a recipient.
        WorkflowRecipientRunCompleted = "workflow_recipient_run.completed",
        /// A workflow run met an error for a recipient.
        WorkflowRecipientRunError = "workflow_recipient_run.error",
        /// A workflow was changed.
        WorkflowUpdated = "workflow.updated",
        /// A workflow was committed.
        WorkflowCommitted = "workflow.committed",
        /// An email layout was changed.
        EmailLayoutUpdated = "email_layout.updated",
        /// An email layout was committed.
        EmailLayoutCommitted = "email_layout.committed",
        /// A translation was changed.
        TranslationUpdated = "translation.updated",
        /// A translation was committed.
        TranslationCommitted = "translation.committed",
        /// An action of a source's event was changed.
        SourceEventActionUpdated = "source_event_action.updated",
        /// An action of a source's event was committed.
        SourceEventActionCommitted = "source_event_action.committed",
        /// A partial was changed.
        PartialUpdated = "partial.updated",
        /// A partial was committed.
        PartialCommitted = "partial.committed",
    }
}

model! {
    /// An event sent to a webhook.
    pub struct WebhookEvent => {
        /// The name of this type in the API: `Event`.
        pub type_name as "__typename": Field<String>,
        /// The type of the event.
        pub kind as "type": WebhookEventType,
        /// Time of the event, RFC 3339.
        pub created_at: Field<String>,
        /// The entity that the event is about: a message, a workflow run, or a resource of the dashboard.
        pub data: Field<JsonObject>,
        /// Details of the event, such as the URL of a link or the number of an attempt.
        pub event_data: Field<JsonObject>,
    }
}

impl WebhookEvent {
    /// Deserializes the entity into `T`, such as [`Message`](super::Message).
    ///
    /// # Errors
    ///
    /// When `data` is not of that type.
    pub fn data_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let none = JsonObject::new();
        serde::Deserialize::deserialize(self.data.value().unwrap_or(&none))
    }
}
