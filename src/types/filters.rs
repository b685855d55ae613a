//! The values that list calls filter by.

use crate::model::open_enum::open_enum;

open_enum! {
    /// Resources to include in the entries of a list.
    pub enum Include {
        /// The preference sets: of each user, or of each subscription's recipient.
        Preferences = "preferences",
    }
}

open_enum! {
    /// Which feed items to list, by how far the user has got with them.
    pub enum FeedStatus {
        /// Items not read yet.
        Unread = "unread",
        /// Items that were read.
        Read = "read",
        /// Items not seen yet.
        Unseen = "unseen",
        /// Items that were seen.
        Seen = "seen",
        /// Every item; the same as no filter.
        All = "all",
    }
}

open_enum! {
    /// Treatment of archived feed items.
    pub enum FeedArchived {
        /// Leave them out, which is the default.
        Exclude = "exclude",
        /// List them among the others.
        Include = "include",
        /// List nothing else.
        Only = "only",
    }
}

open_enum! {
    /// Detail of each feed item.
    pub enum FeedMode {
        /// Everything, which is the default.
        Rich = "rich",
        /// Without activities and their count, with one actor at most and nothing nested in `data`.
        Compact = "compact",
    }
}

open_enum! {
    /// Which messages to list, by what their recipient did with them.
    ///
    /// These are the statuses of `EngagementStatus` and the absence of some of them.
    pub enum EngagementStatusFilter {
        /// Messages that were seen.
        Seen = "seen",
        /// Messages not seen yet.
        Unseen = "unseen",
        /// Messages that were read.
        Read = "read",
        /// Messages not read yet.
        Unread = "unread",
        /// Messages that were archived.
        Archived = "archived",
        /// Messages that are not archived.
        Unarchived = "unarchived",
        /// Messages with a link that was followed.
        LinkClicked = "link_clicked",
        /// Messages that were interacted with.
        Interacted = "interacted",
    }
}
