//! The messages sent to a user.

use super::open_enum::open_enum;

open_enum! {
    /// How far the delivery of a message has got. A message has exactly one.
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
