//! The messages sent to a user.

use super::page::page;
use super::{Field, JsonObject, PageInfo, RecipientReference};
use crate::model::object::model;
use crate::model::open_enum::open_enum;

open_enum! {
    /// Delivery status of a message. A message has exactly one.
    pub enum MessageStatus {
        /// Waits to be sent.
        Queued = "queued",
        /// Handed to the provider.
        Sent = "sent",
        /// The provider reports that it arrived.
        Delivered = "delivered",
        /// A try failed, and more will follow.
        DeliveryAttempted = "delivery_attempted",
        /// Every try failed.
        Undelivered = "undelivered",
        /// Knock decided not to send it, for example because of a preference.
        NotSent = "not_sent",
        /// The provider reports that it bounced.
        Bounced = "bounced",
    }
}

open_enum! {
    /// Something the recipient did with a message. A message can have several.
    pub enum EngagementStatus {
        /// It was seen.
        Seen = "seen",
        /// It was read.
        Read = "read",
        /// It was interacted with.
        Interacted = "interacted",
        /// A link in it was followed.
        LinkClicked = "link_clicked",
        /// It was archived.
        Archived = "archived",
    }
}

open_enum! {
    /// Origin of a message.
    pub enum MessageSourceType {
        /// A broadcast.
        Broadcast = "broadcast",
        /// A workflow.
        Workflow = "workflow",
        /// A guide.
        Guide = "guide",
    }
}

open_enum! {
    /// A type of channel that messages are sent on.
    pub enum MessageChannelType {
        /// Email.
        Email = "email",
        /// An in-app channel of another provider than Knock.
        InApp = "in_app",
        /// The in-app feed.
        InAppFeed = "in_app_feed",
        /// In-app guides.
        InAppGuide = "in_app_guide",
        /// SMS.
        Sms = "sms",
        /// Push notifications.
        Push = "push",
        /// Chat apps.
        Chat = "chat",
        /// Webhooks.
        Http = "http",
    }
}

model! {
    /// The workflow, broadcast or guide that made a message.
    #[derive(Default)]
    pub struct MessageSource => {
        /// The name of this type in the API.
        pub type_name as "__typename": Field<String>,
        /// The key of the workflow, broadcast or guide.
        pub key: String,
        /// The id of its version, a UUID.
        pub version_id: String,
        /// Its categories.
        pub categories: Vec<String>,
        /// Which of the three it is.
        pub kind as "type": Field<MessageSourceType>,
        /// The step that made the message.
        pub step_ref: Field<String>,
        /// The run of the workflow for all its recipients, a UUID.
        pub workflow_run_id: Field<String>,
        /// The run of the workflow for this recipient, a UUID.
        pub workflow_recipient_run_id: Field<String>,
    }
}

model! {
    /// The channel that a message was sent on.
    pub struct MessageChannel => {
        /// The id of the channel, a UUID.
        pub id: String,
        /// The key of the channel. It never changes.
        pub key: Field<String>,
        /// The name of the channel.
        pub name: Field<String>,
        /// The type of the channel.
        pub kind as "type": MessageChannelType,
        /// The provider behind the channel.
        pub provider: String,
        /// Creation time, RFC 3339.
        pub created_at: String,
        /// Time of the last change, RFC 3339.
        pub updated_at: String,
    }
}

model! {
    /// The recipient as known when the message was sent.
    #[derive(Default)]
    pub struct MessageRecipientSnapshot => {
        /// The email address it went to.
        pub email: Field<String>,
        /// The name of the recipient.
        pub name: Field<String>,
        /// The channel of a chat app that it went to.
        pub channel_id: Field<String>,
        /// The user of a chat app that it went to.
        pub user_id: Field<String>,
        /// True if it went through an incoming webhook.
        pub via_incoming_webhook: Field<bool>,
    }
}

model! {
    /// A message to one recipient on one channel.
    pub struct Message => {
        /// The name of this type in the API: `Message`.
        pub type_name as "__typename": Field<String>,
        /// The id of the message.
        pub id: String,
        /// The id of the channel, a UUID. Deprecated by the API in favor of `channel`.
        pub channel_id: String,
        /// The channel that it was sent on.
        pub channel: Field<MessageChannel>,
        /// Delivery status.
        pub status: MessageStatus,
        /// The recipient's engagement with it.
        pub engagement_statuses: Vec<EngagementStatus>,
        /// The recipient.
        pub recipient: RecipientReference,
        /// The recipient as known when it was sent.
        pub recipient_snapshot: Field<MessageRecipientSnapshot>,
        /// The actors who caused it; at most 10, where triggers were batched.
        pub actors: Field<Vec<RecipientReference>>,
        /// The workflow, broadcast or guide that made it.
        pub source: MessageSource,
        /// The key of the workflow that made it. Deprecated by the API in favor of `source`.
        pub workflow: Field<String>,
        /// The tenant that it belongs to.
        pub tenant: Field<String>,
        /// The data that the workflow was triggered with, the last trigger's where they were batched.
        pub data: Field<JsonObject>,
        /// Notes of the provider and of Knock.
        pub metadata: Field<JsonObject>,
        /// Time it was last seen, RFC 3339.
        pub seen_at: Field<String>,
        /// Time it was last read, RFC 3339.
        pub read_at: Field<String>,
        /// Time it was last interacted with, RFC 3339.
        pub interacted_at: Field<String>,
        /// Time a link in it was last followed, RFC 3339.
        pub link_clicked_at: Field<String>,
        /// Time it was last clicked, RFC 3339.
        pub clicked_at: Field<String>,
        /// Time it was last archived, RFC 3339.
        pub archived_at: Field<String>,
        /// Time it was to be sent at, RFC 3339.
        pub scheduled_at: Field<String>,
        /// Creation time, RFC 3339.
        pub inserted_at: String,
        /// Time of the last change, RFC 3339.
        pub updated_at: String,
    }
}

model! {
    /// A page of messages.
    #[derive(Default)]
    pub struct ListMessagesResponse => {
        /// The messages of this page, the newest first.
        pub items: Vec<Message>,
        /// Position of this page in the list.
        pub page_info: PageInfo,
    }
}

page!(ListMessagesResponse of Message: items, page_info);
